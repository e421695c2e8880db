/* A network as Podman keeps it. */
#ifndef ENGINES_NETAVARK_NETWORK_H
#define ENGINES_NETAVARK_NETWORK_H 1

#include "engines/attachment/attachment_json.h"
#include "engines/netavark/netavark_request.h"

/* The names that `teardown` needs, from request->network. */
void netavark_network_read_names(struct attachment_json *r,
				 struct netavark_request *request);
/* The rest of it: options, subnets, routes. */
void netavark_network_read(struct attachment_json *r, struct netavark_request *request);

#endif
