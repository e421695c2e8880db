/* Loads the shared objects of a folder, and keeps what they are. */
#include "datapath/plugin.h"

#include "lib/alloc.h"

#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As long as the process. */
static struct {
	const char *folder;
	bool is_loaded;
	struct plugin *list;
	size_t n, cap;
} loaded;

static struct err *check_provider(const char *file, const struct datapath_provider *p)
{
	const char *hint = "build the plug-in against this version's datapath/datapath.h";

	if (p->id.abi != DATAPATH_ABI)
		return err_hint(
			err_new(ERR_UNSUPPORTED,
				"%s is built for datapath ABI %u, this program has %u",
				file, p->id.abi, DATAPATH_ABI),
			"%s", hint);
	if (p->id.size != sizeof(*p))
		return err_hint(
			err_new(ERR_UNSUPPORTED,
				"%s has a provider of %u bytes, this program of %zu",
				file, p->id.size, sizeof(*p)),
			"%s", hint);
	if (!p->id.name || !p->open || !p->close || !p->observe || !p->apply || !p->drain)
		return err_new(ERR_UNSUPPORTED, "the provider in %s lacks functions",
			       file);
	return NULL;
}

struct err *plugin_open(const char *file, const struct datapath_provider **ret_provider,
			const struct link_type **ret_type)
{
	void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	const struct datapath_provider *p;
	const struct link_type *t;
	struct err *e;

	if (!handle)
		return err_new(ERR_UNSUPPORTED, "cannot load the datapath plug-in: %s",
			       dlerror());
	p = dlsym(handle, "datapath_plugin");
	t = dlsym(handle, "datapath_link_type");
	if (!p && !t)
		return err_new(ERR_UNSUPPORTED,
			       "%s is not a datapath plug-in: it has no symbol "
			       "`datapath_plugin` or `datapath_link_type`",
			       file);
	e = p ? check_provider(file, p) : link_type_check(t);
	if (e)
		return p ? e : err_wrap(e, "%s", file);
	*ret_provider = p;
	*ret_type = p ? NULL : t;
	return NULL;
}

static bool is_plugin(const char *file)
{
	size_t n = strlen(file);

	return *file != '.' && n > 3 && !strcmp(file + n - 3, ".so");
}

static void add(const char *file)
{
	struct plugin p = {
		.name = xstrndup(file, strlen(file) - 3),
		.file = xasprintf("%s/%s", loaded.folder, file),
		.error = "",
	};
	struct err *e = plugin_open(p.file, &p.provider, &p.type);

	if (!e && p.type)
		e = link_type_add(p.type);
	if (e) {
		p.type = NULL;
		p.error = err_text(e);
	}
	err_free(e);
	loaded.list = xgrow(loaded.list, loaded.n, &loaded.cap, sizeof(*loaded.list));
	loaded.list[loaded.n++] = p;
}

/* A folder that is missing has no plug-ins. */
static void load(void)
{
	struct dirent **entries;
	int n;

	if (loaded.is_loaded || !loaded.folder)
		return;
	loaded.is_loaded = true;
	n = scandir(loaded.folder, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (is_plugin(entries[i]->d_name))
			add(entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

void plugin_use(const char *folder)
{
	loaded.folder = folder;
	link_type_set_loader(load);
}

const struct plugin *plugin_list(size_t *ret_n)
{
	load();
	*ret_n = loaded.n;
	return loaded.list;
}

/* Beside the program's own folder, as meson builds it: whoever can write there can replace the
 * program. */
static const char *build_folder(void)
{
	static char real[PATH_MAX];
	char folder[PATH_MAX], self[PATH_MAX - 64], *slash;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		return NULL;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	snprintf(folder, sizeof(folder), "%s/../datapath/plugins", self);
	return realpath(folder, real) ? real : NULL;
}

const char *plugin_folder(const char *installed)
{
	const char *given = secure_getenv("IPVL_PLUGIN_DIR"), *built;

	if (given && *given)
		return given;
	built = build_folder();
	return built ? built : installed;
}
