/* The result of ADD, in the form of the version that was asked for; and CHECK against it. */
#ifndef ENGINES_CNI_RESULT_H
#define ENGINES_CNI_RESULT_H 1

#include "engines/cni/cni_request.h"

struct json_object;

struct cni_attached {
	const struct model_slave *slave; /* its addresses and routes */
	const char *mac;
	uint32_t mtu; /* 0: unknown */
	/* Routers beside those of the routes. */
	const struct ip_addr *gateways;
	size_t n_gateways;
	const struct json_object *dns; /* NULL: none */
};

/* prevResult, with what was attached. The caller owns it. */
struct json_object *cni_result_new(const struct cni_request *request,
				   const struct cni_attached *attached)
	__attribute__((warn_unused_result));
/* "cniVersion" and "supportedVersions". */
struct json_object *cni_result_versions(void) __attribute__((warn_unused_result));

/* What of prevResult is no longer so: an address, a route of the container's device. NULL:
 * nothing. */
const struct cni_error *cni_result_check(struct arena *a,
					 const struct cni_request *request,
					 const struct model_slave *slave);

#endif
