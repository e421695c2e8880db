/* The methods of NetworkDriver. */
#ifndef ENGINES_DOCKER_DRIVER_H
#define ENGINES_DOCKER_DRIVER_H 1

#include "engines/docker/docker_call.h"

/* At each start of dockerd, when no other call is under way: removes what a dockerd that died has
 * left. */
struct err *docker_driver_clean(struct docker_call *call) MUST_CHECK;

docker_method_fn docker_driver_capabilities, docker_driver_create_network,
	docker_driver_delete_network, docker_driver_create_endpoint,
	docker_driver_delete_endpoint, docker_driver_join, docker_driver_leave,
	docker_driver_info, docker_driver_check_gateway;

#endif
