/* The registry of datapaths, and the calls through a provider's table.
 *
 * A plug-in is a shared object with one symbol, `datapath_plugin`, a struct
 * datapath_provider. It is looked at before any of its functions is called, and never
 * unloaded: its code may be on a stack, its strings in a log. */
#include "datapath/datapath.h"

#include "lib/alloc.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct datapath_provider *const built_in[] = {
	&datapath_kernel_provider,
	&datapath_sim_provider,
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
		return err_hint(err_new(ERR_UNSUPPORTED,
					"%s is made for datapath ABI %u, this is %u",
					path, p->id.abi, DATAPATH_ABI),
				"%s", hint);
	if (p->id.size != sizeof(*p))
		return err_hint(
			err_new(ERR_UNSUPPORTED,
				"%s has a provider of %u bytes, this program of %zu",
				path, p->id.size, sizeof(*p)),
			"%s", hint);
	if (!p->id.name || !p->open || !p->close || !p->observe || !p->apply || !p->drain)
		return err_new(ERR_UNSUPPORTED, "%s leaves out functions of its provider",
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
			       "%s is no datapath plug-in: it has no `datapath_plugin`",
			       path);
	e = check_plugin(path, p);
	if (!e)
		*ret_provider = p;
	return e;
}

struct err *datapath_find_provider(const char *name, const char *plugin_dir,
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
			    "there is no datapath \"%s\": it is neither kernel nor sim, "
			    "and there is no %s",
			    name, path);
	else
		e = load_plugin(path, ret_provider);
	free(path);
	return e;
}

/* Every provider's state begins so (struct datapath_base). */
static struct datapath_base *base(struct datapath *dp)
{
	return (struct datapath_base *)dp;
}

struct err *datapath_open(const struct datapath_provider *p,
			  const struct datapath_config *config, struct datapath **ret_dp)
{
	struct datapath *dp = NULL;
	struct err *e = p->open(config, &dp);

	if (e)
		return e;
	base(dp)->provider = p;
	*ret_dp = dp;
	return NULL;
}

void datapath_close(struct datapath *dp)
{
	if (dp)
		base(dp)->provider->close(dp);
}

int datapath_event_fd(const struct datapath *dp)
{
	return ((const struct datapath_base *)dp)->event_fd;
}

struct err *datapath_observe(struct datapath *dp, const struct model *scope,
			     enum datapath_depth depth, struct arena *a,
			     struct model **ret_have)
{
	return base(dp)->provider->observe(dp, scope, depth, a, ret_have);
}

void datapath_apply(struct datapath *dp, const struct plan_step *const *steps, size_t n,
		    struct plan_result *results)
{
	base(dp)->provider->apply(dp, steps, n, results);
}

void datapath_drain(struct datapath *dp, datapath_event_fn *fn, void *aux)
{
	base(dp)->provider->drain(dp, fn, aux);
}
