/* Devices of the simulated kernel: finding them, names, kinds, what is on what. */
#ifndef DATAPATH_SIM_TWIN_LINK_H
#define DATAPATH_SIM_TWIN_LINK_H 1

#include "datapath/sim/twin/twin_state.h"

enum twin_trait {
	TWIN_KIND_MADE = 1 << 0,       /* by RTM_NEWLINK */
	TWIN_KIND_ETHERNET = 1 << 1,   /* it can carry an ipvlan */
	TWIN_KIND_MOVES = 1 << 2,      /* without NETIF_F_NETNS_LOCAL */
	TWIN_KIND_MAC = 1 << 3,        /* its address may be changed */
	TWIN_KIND_CARRIER = 1 << 4,    /* IFLA_CARRIER may be written */
	TWIN_KIND_NO_CARRIER = 1 << 5, /* at first */
	TWIN_KIND_CONTROLLER = 1 << 6, /* it takes ports */
};

/* What differs from kind to kind. */
struct twin_kind {
	const char *name;
	unsigned int traits;            /* enum twin_trait */
	uint32_t mtu, min_mtu, max_mtu; /* max 0: any */
};
/* Never NULL. */
const struct twin_kind *twin_kind_find(const char *name);

/* In no namespace yet. */
struct twin_link *twin_link_alloc(const char *kind)
	__attribute__((warn_unused_result, returns_nonnull));
/* Puts it into 's' under 'name', which may have a "%d" (Linux dev_get_valid_name()).
 * EBUSY: its ifindex is taken there; 0 becomes a free one. */
struct err *twin_link_register(struct twin_world *w, struct twin_link *l,
			       struct twin_netns *s, const char *name) MUST_CHECK;
/* Both at once, without checks. */
struct twin_link *twin_link_new(struct twin_world *w, struct twin_netns *s,
				const char *name, const char *kind);
void twin_link_free(struct twin_link *l); /* accepts NULL */
/* Enters the device in, or takes it out of, the table of names of its namespace. */
void twin_link_list(struct twin_link *l);
void twin_link_unlist(struct twin_link *l);

/* By name or alternative name. NULL if there is none. */
struct twin_link *twin_link_find(const struct twin_netns *s, const char *name);
/* The next one of the namespace. */
uint32_t twin_link_free_index(struct twin_netns *s);
struct twin_link *twin_link_find_index(const struct twin_netns *s, uint32_t ifindex);
/* The name of a new device, or the new one of an old device; '*ret_name' is owned by the
 * caller. */
struct err *twin_link_pick_name(const struct twin_netns *s, const char *name,
				char **ret_name) MUST_CHECK;

/* With our mark, and of a kind that ipvl makes: a slave's, or a master's. */
bool twin_link_is_ours(const struct twin_world *w, const struct twin_link *l);
bool twin_link_is_vlan(const struct twin_link *l);
/* "all" or "default", whose sysctls are not those of a device. */
bool twin_link_is_sysctl_folder(const char *name);
/* A bridge, a bond, a VRF. */
bool twin_link_is_controller(const struct twin_link *l);
/* What else uses the device, so that it can carry no ipvlan: "bridge br0", "macvlan m0";
 * "" if nothing. A macvlan can be beside macvlans. */
const char *twin_link_busy(const struct twin_link *l, char *buf, size_t size);
bool twin_link_has_port(const struct twin_link *l);
bool twin_link_has_macvlan(const struct twin_link *l);
/* Puts an ipvlan, macvlan or VLAN on 'lower', and takes it off. */
void twin_link_stack(struct twin_link *l, struct twin_link *lower);
void twin_link_unstack(struct twin_link *l);
/* Of the port, or its own; {0, 0} if it has none. */
struct link_mode twin_link_mode(const struct twin_link *l);
/* As a message of rtnetlink shows the device. */
struct twin_view twin_link_view(const struct twin_link *l);

#endif
