/* Links as rtnetlink(7) reports them, and the messages that read, make, change and delete
 * them. */
#ifndef DATAPATH_KERNEL_NETLINK_NL_LINK_H
#define DATAPATH_KERNEL_NETLINK_NL_LINK_H 1

#include "datapath/kernel/netlink/nl_socket.h"
#include "datapath/link_type.h"
#include "datapath/model_match.h"

#include "lib/arena.h"

#include <net/if.h>

struct nl_link {
	uint32_t ifindex;
	char name[IFNAMSIZ];
	char kind[16]; /* "ipvlan", truncated; "" for a physical device or lo. */
	uint32_t group, mtu;
	uint32_t flags; /* IFF_* */
	uint8_t operstate;
	uint8_t mac[6];
	bool is_ethernet; /* ARPHRD_ETHER, and not lo */
	bool has_permanent_mac;
	uint8_t permanent_mac[6];
	/* IFLA_PARENT_DEV_*, since Linux 5.14, truncated: "pci", "0000:02:00.0"; "" if none. */
	char bus[16], parent[40];
	uint32_t lower; /* IFLA_LINK: ifindex of the device below, 0 if none */
	/* It is in another namespace: 'lower_nsid', an id of the namespace that was
	 * asked. */
	bool lower_is_away;
	int32_t lower_nsid;
	/* IFLA_MASTER: the bridge or bond that it is a port of, 0 if none. */
	uint32_t upper;
	char upper_kind[16];
	uint32_t vrf_table; /* of kind "vrf" */
	/* What slaves of ours could be of that kind; NULL: none. */
	const struct link_type *type;
	uint8_t mode, flag; /* of such a one, and of an ipvtap: struct link_mode */
	uint32_t texts;     /* A digest of its alias and alternative names. */
	uint16_t vlan_id;   /* of kind "vlan" */
	bool is_8021ad;     /* … whose tags are not those of 802.1Q */
	bool has_come;      /* Of an event: it is new in its namespace. */
	/* Of an event: IFLA_EVENT_NOTIFY_PEERS, as a bond or a team sends it after a failover, and
	 * the devices on it with it. */
	bool has_failed_over;
	/* Of RTM_DELLINK: its ifindex in another namespace; 0: it was deleted. */
	uint32_t moved_to;
};

bool nl_link_parse(const struct nlmsghdr *h, struct nl_link *ret_link);
/* What may be long, of the same message. All from the arena; "" without an alias. */
struct nl_link_texts {
	const char *alias;
	const char **altnames;
	size_t n_altnames;
};
void nl_link_texts_parse(const struct nlmsghdr *h, struct arena *a,
			 struct nl_link_texts *ret_texts);
bool nl_link_is_ipvlan(const struct nl_link *l);
/* True for an ipvlan and an ipvtap: these share mode and flag with all on their lower
 * device. */
bool nl_link_is_in_port(const struct nl_link *l);
/* True for a device of any family of link types. */
bool nl_link_is_upper(const struct nl_link *l);
bool nl_link_has_carrier(const struct nl_link *l);
/* Its texts are those of 'l'; without routes and slaves. */
struct model_match_device nl_link_match_device(const struct nl_link *l);

/* By name, which also finds alternative names; by ifindex if 'name' is NULL. */
void nl_link_msg_get(struct nl_msg *m, int32_t nsid, const char *name, uint32_t ifindex);
/* For nl_dump(). */
void nl_link_msg_dump(struct nl_msg *m, int32_t nsid);

struct nl_link_new {
	uint32_t ifindex; /* chosen by us; 0: by the kernel */
	const char *name, *kind;
	uint32_t lower; /* 0: a device that stands on none */
	uint32_t group;
	uint32_t mtu; /* 0: that of the device below, or the kind's own */
	int netns_fd; /* -1: the namespace of the socket */
	bool up;
	const struct link_type *type; /* of a slave: what 'kind' is */
	struct link_mode mode;
	const uint8_t *mac; /* NULL: the kernel's choice */
	uint16_t vlan_id;   /* "vlan" */
};
void nl_link_msg_new(struct nl_msg *m, const struct nl_link_new *l);
/* RTM_NEWLINK with kind and without CREATE: the kernel answers RTM_SETLINK with 0 and
 * ignores it (kernel.md 2). */
void nl_link_msg_mode(struct nl_msg *m, uint32_t ifindex, const struct link_type *t,
		      struct link_mode mode);
/* Sets a device up, and its MTU if that is not 0, in the socket's own namespace: with a
 * target id the message would move the caller's own device (kernel.md 13). */
void nl_link_msg_set(struct nl_msg *m, uint32_t ifindex, bool up, uint32_t mtu);
/* Into a message of nl_link_msg_set(): sets or clears IFF_NOARP. */
void nl_link_put_noarp(struct nl_msg *m, bool is_noarp);
/* The link group, likewise. Nothing else of the device changes. */
void nl_link_msg_group(struct nl_msg *m, uint32_t ifindex, uint32_t group);
/* Makes it a member of the device 'upper', 0: of none. */
void nl_link_msg_upper(struct nl_msg *m, uint32_t ifindex, uint32_t upper);
void nl_link_msg_rename(struct nl_msg *m, uint32_t ifindex, const char *name);
void nl_link_msg_alias(struct nl_msg *m, uint32_t ifindex, const char *alias);
/* Adds an alternative name, or removes it. */
void nl_link_msg_altname(struct nl_msg *m, uint32_t ifindex, const char *name,
			 bool is_added);
void nl_link_msg_del(struct nl_msg *m, int32_t nsid, uint32_t ifindex);
void nl_link_msg_del_group(struct nl_msg *m, int32_t nsid, uint32_t group);

#endif
