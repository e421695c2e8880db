/* A network of Docker, as a value, and as an entry of the host's external_ids. */
#ifndef ENGINES_DOCKER_NETWORK_H
#define ENGINES_DOCKER_NETWORK_H 1

#include "engines/attachment/attachment.h"
#include "engines/attachment/attachment_edit.h"
#include "engines/docker/docker_options.h"

struct json_object;

/* Strings are never NULL. */
struct docker_network {
	const char *id;
	struct docker_options options;
	bool is_internal;
	/* The routers, IPv4 and IPv6; AF_UNSPEC: none. */
	struct ip_addr gateways[2];
	/* Families that it has subnets of: IPv4, IPv6. */
	bool has_family[2];
};

/* From a request of CreateNetwork, or from what docker_network_put() kept. All is from 'a'.
 * ERR_INVALID: an option that there is not, or that cannot be. */
struct err *docker_network_read(struct arena *a, const char *id,
				const struct json_object *request,
				struct docker_network *ret) MUST_CHECK;

/* Of the host's row. NULL: there is none of this id; '*ret' is untouched then. */
struct err *docker_network_find(const struct attachment_edit *edit, struct arena *a,
				const char *id, struct docker_network *ret) MUST_CHECK;
/* 'request' is kept: what docker_network_read() reads of it. */
void docker_network_put(const struct attachment_edit *edit, struct arena *a,
			const char *id, const struct json_object *request);
void docker_network_remove(const struct attachment_edit *edit, struct arena *a,
			   const char *id);

/* What an endpoint of the network is but for the endpoint; its strings are those of 'n'. */
struct attachment docker_network_attachment(struct arena *a,
					    const struct docker_network *n);

#endif
