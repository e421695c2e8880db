/* Routes as CNI has them. */
#ifndef ENGINES_CNI_ROUTE_H
#define ENGINES_CNI_ROUTE_H 1

#include "datapath/model.h"
#include "lib/arena.h"
#include "lib/err.h"

struct json_object;

/* {"dst", "gw", "mtu", "advmss", "priority", "table"}; anything else is ERR_INVALID. */
struct err *cni_route_read(struct arena *a, const struct json_object *route,
			   struct model_route *ret_route) MUST_CHECK;
/* For a result; 'has_numbers': also what CNI 1.1 has. */
struct json_object *cni_route_json(const struct model_route *r, bool has_numbers)
	__attribute__((warn_unused_result));

#endif
