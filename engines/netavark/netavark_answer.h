/* What a plug-in of netavark prints. The caller owns each. */
#ifndef ENGINES_NETAVARK_ANSWER_H
#define ENGINES_NETAVARK_ANSWER_H 1

#include "engines/netavark/netavark_request.h"

struct json_object;

/* Of `info`: the version of ipvl, and that of the plug-in interface. */
struct json_object *netavark_answer_info(const char *version)
	__attribute__((warn_unused_result));
/* Of `create`: the network with its master, with a gateway in each subnet whose containers are on
 * the LAN, and without Podman's name server, which has no way to a container of a plug-in. */
struct json_object *netavark_answer_network(const struct netavark_request *request)
	__attribute__((warn_unused_result));
/* Of `setup`. */
struct json_object *netavark_answer_status(const struct netavark_request *request,
					   const struct model_slave *slave,
					   const char *mac)
	__attribute__((warn_unused_result));
/* Takes 'e'. */
struct json_object *netavark_answer_error(struct err *e)
	__attribute__((warn_unused_result));

#endif
