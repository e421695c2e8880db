/* Plug-ins that must be refused before a function of theirs is called: built four times,
 * with another ABI, another size, without the symbol, and without functions. */
#include "datapath/datapath.h"

#if defined(MISFIT_ABI)
#define ID_ABI  4711
#define ID_SIZE sizeof(struct datapath_provider)
#else
#define ID_ABI DATAPATH_ABI
#if defined(MISFIT_FUNCTION)
#define ID_SIZE sizeof(struct datapath_provider)
#else
#define ID_SIZE 8
#endif
#endif

#if defined(MISFIT_SYMBOL)
#define datapath_plugin something_else
#endif

__attribute__((
	visibility("default"))) extern const struct datapath_provider datapath_plugin;

const struct datapath_provider datapath_plugin = {
	.id = {.name = "misfit", .abi = ID_ABI, .size = ID_SIZE},
};
