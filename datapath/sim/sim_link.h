/* Devices of the simulated kernel: finding them, names, kinds, what is on what. */
#ifndef DATAPATH_SIM_LINK_H
#define DATAPATH_SIM_LINK_H 1

#include "datapath/sim/sim_state.h"

enum sim_trait {
	SIM_KIND_MADE = 1 << 0,       /* by RTM_NEWLINK */
	SIM_KIND_ETHERNET = 1 << 1,   /* it can carry an ipvlan */
	SIM_KIND_MOVES = 1 << 2,      /* without NETIF_F_NETNS_LOCAL */
	SIM_KIND_MAC = 1 << 3,        /* its address may be changed */
	SIM_KIND_CARRIER = 1 << 4,    /* IFLA_CARRIER may be written */
	SIM_KIND_NO_CARRIER = 1 << 5, /* at first */
	SIM_KIND_CONTROLLER = 1 << 6, /* it takes ports */
};

/* What differs from kind to kind. */
struct sim_kind {
	const char *name;
	unsigned int traits;            /* enum sim_trait */
	uint32_t mtu, min_mtu, max_mtu; /* max 0: any */
};
/* Never NULL. */
const struct sim_kind *sim_kind_find(const char *name);

/* In no namespace yet. */
struct sim_link *sim_link_alloc(const char *kind)
	__attribute__((warn_unused_result, returns_nonnull));
/* Puts it into 's' under 'name', which may have a "%d" (Linux dev_get_valid_name()).
 * EBUSY: its ifindex is taken there; 0 becomes a free one. */
struct err *sim_link_register(struct sim_world *w, struct sim_link *l,
			      struct sim_netns *s, const char *name) MUST_CHECK;
/* Both at once, without checks. */
struct sim_link *sim_link_new(struct sim_world *w, struct sim_netns *s, const char *name,
			      const char *kind);
void sim_link_free(struct sim_link *l); /* accepts NULL */
/* Enters the device in, or takes it out of, the table of names of its namespace. */
void sim_link_list(struct sim_link *l);
void sim_link_unlist(struct sim_link *l);

/* By name or alternative name. NULL if there is none. */
struct sim_link *sim_link_find(const struct sim_netns *s, const char *name);
/* The next one of the namespace. */
uint32_t sim_link_free_index(struct sim_netns *s);
struct sim_link *sim_link_find_index(const struct sim_netns *s, uint32_t ifindex);
/* The name of a new device, or the new one of an old device; '*ret_name' is owned by the
 * caller. */
struct err *sim_link_pick_name(const struct sim_netns *s, const char *name,
			       char **ret_name) MUST_CHECK;

bool sim_link_is_ours(const struct sim_world *w, const struct sim_link *l);
bool sim_link_is_vlan(const struct sim_link *l);
/* "all" or "default", whose sysctls are not those of a device. */
bool sim_link_is_sysctl_folder(const char *name);
/* A bridge, a bond, a VRF. */
bool sim_link_is_controller(const struct sim_link *l);
/* What else uses the device, so that it can carry no ipvlan: "bridge br0", "macvlan m0";
 * "" if nothing. */
const char *sim_link_busy(const struct sim_link *l, char *buf, size_t size);
bool sim_link_has_port(const struct sim_link *l);
bool sim_link_has_macvlan(const struct sim_link *l);
/* Puts an ipvlan, macvlan or VLAN on 'lower', and takes it off. */
void sim_link_stack(struct sim_link *l, struct sim_link *lower);
void sim_link_unstack(struct sim_link *l);
/* As a message of rtnetlink shows the device. */
struct sim_view sim_link_view(const struct sim_link *l);

#endif
