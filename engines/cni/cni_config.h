/* The configuration of a network, as `ipvl-cni` gets it: the keys of the plug-in `ipvlan`, and
 * more. */
#ifndef ENGINES_CNI_CONFIG_H
#define ENGINES_CNI_CONFIG_H 1

#include "engines/cni/cni_request.h"

/* Reads 'config', an object, into '*request', whose verb, version and names are known. 'ip': the
 * address that CNI_ARGS wishes for, or NULL. NULL, or the error. */
const struct cni_error *cni_config_read(struct arena *a, const struct json_object *config,
					const char *ip, struct cni_request *request);

#endif
