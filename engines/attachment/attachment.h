/* What a container engine wants: a slave in the namespace of a container. A value, the same for
 * each engine. */
#ifndef ENGINES_ATTACHMENT_H
#define ENGINES_ATTACHMENT_H 1

#include "datapath/model.h"
#include "lib/ip.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where ipvld listens, unless a network declares it. */
#define ATTACHMENT_DB "unix:/run/ipvl/db.sock"

/* The length of an address that was given without one: that of its pool's subnet. */
#define ATTACHMENT_NO_LENGTH 255U

struct attachment_label {
	const char *key, *value;
};

/* Strings are never NULL. */
struct attachment {
	const char *engine;  /* "cni": the prefix of its external_ids and of its source */
	const char *network; /* as its user calls it */
	const char *container, *ifname;
	const char *netns; /* a path; "": unknown */
	/* Its engine removes an attachment before it makes it again, and a namespace after its
	 * attachments only: what there is in spite of that is left of a removal that failed. */
	bool replaces;
	const char *master; /* a device, of 'netns' where 'is_inside' */
	bool is_inside;
	/* The engine takes the device from the host's namespace, as 'ifname', and sets it up:
	 * 'netns' is "", and the row goes with the device. */
	bool is_handed_over;
	/* Those that the network declares; the master's otherwise. */
	bool has_mode, has_flag;
	enum model_mode mode;
	enum model_flag flag;
	uint16_t vlan; /* 0: none; else of the device 'master' */
	uint32_t mtu;  /* 0: that of the master */
	/* By which the host reaches the attachments of the master; AF_UNSPEC: not declared. */
	struct ip_addr host_access;
	bool has_host_access;
	const char *pool; /* "": none */
	/* Ipvl manages its addresses, even if there are none. */
	bool is_addressed;
	struct ip_prefix *addresses;
	size_t n_addresses;
	/* In place of the default routes of its pool, if 'has_routes'; one without a gateway is
	 * by that of the pool then. */
	bool has_routes;
	struct model_route *routes;
	size_t n_routes;
	/* More of its external_ids: their keys are distinct, and do not begin with 'engine'. */
	struct attachment_label *labels;
	size_t n_labels;
};

/* "cni:lan": the source of its rows. */
static inline const char *attachment_source(struct arena *a, const struct attachment *of)
{
	return arena_printf(a, "%s:%s", of->engine, of->network);
}

#endif
