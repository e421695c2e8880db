/* The options of a network: those of Docker's own driver `ipvlan`, and ours. */
#ifndef ENGINES_DOCKER_OPTIONS_H
#define ENGINES_DOCKER_OPTIONS_H 1

#include "datapath/model.h"
#include "lib/arena.h"
#include "lib/err.h"
#include "lib/ip.h"

struct json_object;

struct docker_options {
	const char *parent; /* never "" */
	uint16_t vlan;      /* 0: none; else of the device 'parent' */
	enum model_mode mode;
	enum model_flag flag;
	bool has_host_access;
	struct ip_addr host_access; /* AF_UNSPEC: none is declared */
};

/* 'options' is what `-o KEY=VALUE` said, or NULL. ERR_INVALID names the option. */
struct err *docker_options_read(struct arena *a, const struct json_object *options,
				struct docker_options *ret_options) MUST_CHECK;

/* What of an endpoint an ipvlan cannot have: published ports, a MAC address, unknown options.
 * 'options' as CreateEndpoint has them, or NULL. ERR_UNSUPPORTED, ERR_INVALID. */
struct err *docker_options_check_endpoint(const struct json_object *options,
					  const char *mac) MUST_CHECK;

#endif
