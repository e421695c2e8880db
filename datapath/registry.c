/* The providers by name: those that are built in, and plug-ins. */
#include "datapath/registry.h"

#include "datapath/kernel/kernel.h"
#include "datapath/plugin.h"
#include "datapath/sim/sim.h"
#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct datapath_provider *const built_in[] = {
	&kernel_provider,
	&sim_provider,
};

/* A file name without a folder: what is loaded comes from 'plugin_dir' and nowhere else.
 */
static bool is_bare_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/');
}

const struct datapath_provider *registry_built_in(size_t i)
{
	return i < ARRAY_SIZE(built_in) ? built_in[i] : NULL;
}

static struct err *load_plugin(const char *name, const char *path,
			       const struct datapath_provider **ret_provider)
{
	const struct datapath_provider *p = NULL;
	const struct link_type *t = NULL;
	struct err *e = plugin_open(path, &p, &t);

	if (!e && !p)
		return err_hint(err_new(ERR_UNSUPPORTED,
					"%s is not a provider: it is what slaves can be",
					path),
				"declare `datapath: %s` on a master", name);
	if (!e)
		*ret_provider = p;
	return e;
}

struct err *registry_find_provider(const char *name, const char *plugin_dir,
				   const struct datapath_provider **ret_provider)
{
	struct err *e;
	char *path;

	for (size_t i = 0; i < ARRAY_SIZE(built_in); i++) {
		if (!strcmp(built_in[i]->id.name, name)) {
			*ret_provider = built_in[i];
			return NULL;
		}
	}
	if (!is_bare_name(name))
		return err_new(ERR_NOT_FOUND,
			       "unknown datapath \"%s\" (built in: kernel, sim)", name);
	path = xasprintf("%s/%s.so", plugin_dir, name);
	if (access(path, F_OK))
		e = err_new(ERR_NOT_FOUND,
			    "unknown datapath \"%s\" (built in: kernel, sim), and there "
			    "is no plug-in %s",
			    name, path);
	else
		e = load_plugin(name, path, ret_provider);
	free(path);
	return e;
}
