/* Plug-ins: the shared objects of one folder. Each has one symbol: `datapath_plugin`, a provider
 * (datapath.h), or `datapath_link_type` (link_type.h). */
#ifndef DATAPATH_PLUGIN_H
#define DATAPATH_PLUGIN_H 1

#include "datapath/datapath.h"
#include "datapath/link_type.h"

struct plugin {
	const char *name; /* of the file, without ".so" */
	const char *file;
	const struct datapath_provider *provider;
	const struct link_type *type; /* of both at most one is not NULL */
	const char *error;            /* why it is of no use; "" if it is */
};

/* Where plug-ins are: the environment's IPVL_PLUGIN_DIR; of a program that runs from its build
 * folder, that of the build; else 'installed'. Valid as long as the process. */
const char *plugin_folder(const char *installed);
/* From now on plug-ins come from 'folder', which is kept: they are loaded once, when the first is
 * looked for. */
void plugin_use(const char *folder);
/* Those of that folder, sorted by name. Loads them. */
const struct plugin *plugin_list(size_t *ret_n);

/* Loads one file, which is never unloaded: its code may be on a stack, its strings in a log. It is
 * checked before any of its functions is called. ERR_UNSUPPORTED. */
struct err *plugin_open(const char *file, const struct datapath_provider **ret_provider,
			const struct link_type **ret_type) MUST_CHECK;

#endif
