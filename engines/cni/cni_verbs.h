/* What the commands of CNI do. */
#ifndef ENGINES_CNI_VERBS_H
#define ENGINES_CNI_VERBS_H 1

#include "engines/cni/cni_request.h"

struct json_object;

/* Carries the request out. NULL, or the error. '*ret_result' is what is printed then: the caller
 * owns it; NULL: nothing. */
const struct cni_error *cni_verbs_run(struct arena *a, struct cni_request *request,
				      struct json_object **ret_result);

#endif
