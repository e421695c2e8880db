/* CNI_ARGS. */
#ifndef ENGINES_CNI_ARGS_H
#define ENGINES_CNI_ARGS_H 1

#include "engines/cni/cni_request.h"

/* "K=V;K=V": labels of request->want. '*ret_ip' is the value of IP; NULL: there is none. */
const struct cni_error *cni_args_read(struct arena *a, const char *text,
				      struct cni_request *request, const char **ret_ip);

#endif
