/* The providers by name: those that are built in, and plug-ins.
 *
 * A plug-in is a shared object with one symbol, `datapath_plugin`, a struct
 * datapath_provider. It is checked before any of its functions is called, and never
 * unloaded: its code may be on a stack, its strings in a log. */
#include "datapath/registry.h"

#include "datapath/kernel/kernel.h"
#include "datapath/sim/sim.h"
#include "lib/alloc.h"

#include <dlfcn.h>
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

static struct err *check_plugin(const char *path, const struct datapath_provider *p)
{
	const char *hint = "build the plug-in against this version's datapath/datapath.h";

	if (p->id.abi != DATAPATH_ABI)
		return err_hint(
			err_new(ERR_UNSUPPORTED,
				"%s is built for datapath ABI %u, this program has %u",
				path, p->id.abi, DATAPATH_ABI),
			"%s", hint);
	if (p->id.size != sizeof(*p))
		return err_hint(
			err_new(ERR_UNSUPPORTED,
				"%s has a provider of %u bytes, this program of %zu",
				path, p->id.size, sizeof(*p)),
			"%s", hint);
	if (!p->id.name || !p->open || !p->close || !p->observe || !p->apply || !p->drain)
		return err_new(ERR_UNSUPPORTED, "the provider in %s lacks functions",
			       path);
	return NULL;
}

static struct err *load_plugin(const char *path,
			       const struct datapath_provider **ret_provider)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct datapath_provider *p;
	struct err *e;

	if (!handle)
		return err_new(ERR_UNSUPPORTED, "cannot load the datapath plug-in: %s",
			       dlerror());
	p = dlsym(handle, "datapath_plugin");
	if (!p)
		return err_new(ERR_UNSUPPORTED,
			       "%s is not a datapath plug-in: it has no symbol "
			       "`datapath_plugin`",
			       path);
	e = check_plugin(path, p);
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
		e = load_plugin(path, ret_provider);
	free(path);
	return e;
}
