/* What netavark asks for (plugin-API.md 1.0), as a value. */
#ifndef ENGINES_NETAVARK_REQUEST_H
#define ENGINES_NETAVARK_REQUEST_H 1

#include "engines/attachment/attachment.h"
#include "lib/arena.h"
#include "lib/err.h"

struct json_object;

enum netavark_call {
	NETAVARK_CREATE,   /* a network is defined */
	NETAVARK_SETUP,    /* a container starts */
	NETAVARK_TEARDOWN, /* it has ended */
	NETAVARK_N_CALLS
};

struct netavark_subnet {
	struct ip_prefix subnet;
	struct ip_addr gateway; /* AF_UNSPEC: none */
};

struct netavark_request {
	enum netavark_call call;
	struct attachment want; /* of CREATE without container */
	const char *db;         /* the remote of ipvld */
	struct netavark_subnet *subnets;
	size_t n_subnets;
	const struct json_object *network; /* borrowed from the input */
};

#endif
