/* Addresses from another program: the IPAM plug-ins of CNI, as `host-local`, `static`, `dhcp`. */
#ifndef ENGINES_CNI_IPAM_H
#define ENGINES_CNI_IPAM_H 1

#include "engines/cni/cni_request.h"

#include <stdint.h>

/* What the plug-in gave beside addresses and routes. */
struct cni_ipam {
	/* By which router each address goes, in no order. */
	struct ip_addr *gateways;
	size_t n_gateways;
	const struct json_object *dns; /* borrowed from the answer; NULL: none */
	struct json_object *answer;    /* owned; NULL: none */
};

/* Executes request->ipam with 'command'; does nothing without one. NULL, or its error. */
const struct cni_error *cni_ipam_call(struct arena *a, const struct cni_request *request,
				      const char *command, int64_t deadline_ms);
/* ADD: addresses and routes are those of request->want then. After an error the plug-in was also
 * asked to take back what it may have given. ret_ipam->answer is to be freed. */
const struct cni_error *cni_ipam_add(struct arena *a, struct cni_request *request,
				     int64_t deadline_ms, struct cni_ipam *ret_ipam);

#endif
