/* Reads a call: CNI_* of the environment, and the configuration on standard input. Pure: nothing is
 * opened, nothing is connected to. */
#ifndef ENGINES_CNI_READ_H
#define ENGINES_CNI_READ_H 1

#include "engines/cni/cni_error.h"
#include "engines/cni/cni_request.h"

typedef const char *cni_variable_fn(const char *name); /* as getenv(3) */

/* NULL, or the error. All is from 'a' but what it borrows of '*ret_config', which the caller
 * frees in any case; 'text' is borrowed. '*ret_version' is the version that the answer has, in
 * any case. */
const struct cni_error *cni_read(struct arena *a, cni_variable_fn *variable,
				 const char *text, struct json_object **ret_config,
				 const char **ret_version,
				 struct cni_request *ret_request);

#endif
