/* The providers by name. */
#ifndef DATAPATH_REGISTRY_H
#define DATAPATH_REGISTRY_H 1

#include "datapath/datapath.h"

/* The provider 'name': one that is built in, or the plug-in NAME.so in 'plugin_dir'.
 * ERR_NOT_FOUND: there is none; ERR_UNSUPPORTED: it cannot be loaded, or is built for
 * another ABI. */
struct err *
registry_find_provider(const char *name, const char *plugin_dir,
		       const struct datapath_provider **ret_provider) MUST_CHECK;

/* Those that are built in, by number; NULL after the last. */
const struct datapath_provider *registry_built_in(size_t i);

#endif
