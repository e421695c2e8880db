/* A program that is linked statically (meson's option `plugins`) has the link types of
 * datapath/plugins in it, and loads nothing. In place of plugin.c. */
#include "datapath/plugin.h"

#include "lib/alloc.h"

#include <stdlib.h>

extern const struct link_type plugin_static_ipvtap, plugin_static_macvlan;

static struct plugin list[] = {
	{.name = "ipvtap", .file = "built in", .type = &plugin_static_ipvtap},
	{.name = "macvlan", .file = "built in", .type = &plugin_static_macvlan},
};

static void load(void)
{
	static bool is_loaded;

	if (is_loaded)
		return;
	is_loaded = true;
	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		struct err *e = link_type_add(list[i].type);

		list[i].error = e ? err_text(e) : "";
		err_free(e);
	}
}

const char *plugin_folder(const char *installed)
{
	return installed;
}

void plugin_use(const char *folder)
{
	(void)folder;
	link_type_set_loader(load);
}

const struct plugin *plugin_list(size_t *ret_n)
{
	load();
	*ret_n = ARRAY_SIZE(list);
	return list;
}

struct err *plugin_open(const char *file, const struct datapath_provider **ret_provider,
			const struct link_type **ret_type)
{
	(void)ret_provider;
	(void)ret_type;
	return err_new(ERR_UNSUPPORTED, "%s: this build loads no plug-ins", file);
}
