/* What is wanted and what is there, as one type: masters, their slaves, namespaces.
 *
 * A model is a value: arrays owned by one arena, sorted as the _cmp functions say,
 * strings never NULL
 * ("" for none). What only the kernel knows is in the parts called 'seen', which a
 * comparison of want and have ignores; in a wanted model they are zero. */
#ifndef DATAPATH_MODEL_H
#define DATAPATH_MODEL_H 1

#include "lib/arena.h"
#include "lib/ip.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Values of the kernel's IPVLAN_MODE_* and IPVLAN_F_* (include/uapi/linux/if_link.h). A
 * newer kernel may report others: they are kept as numbers. */
enum model_mode { MODEL_MODE_L2 = 0, MODEL_MODE_L3 = 1, MODEL_MODE_L3S = 2 };
enum model_flag { MODEL_FLAG_BRIDGE = 0, MODEL_FLAG_PRIVATE = 1, MODEL_FLAG_VEPA = 2 };

#define MODEL_ROUTE_TABLE_MAIN 254U  /* RT_TABLE_MAIN */
#define MODEL_IPV6_METRIC      1024U /* what the kernel makes of metric 0 in IPv6 */
#define MODEL_NAME_MAX_BYTES   15U   /* IFNAMSIZ - 1 */
#define MODEL_MTU_MIN          68U
#define MODEL_IPV6_MTU_MIN     1280U /* IPV6_MIN_MTU */
#define MODEL_MTU_MAX          65535U

struct model_route {
	struct ip_prefix to; /* host bits clear */
	struct ip_addr via;  /* none: on-link */
	struct ip_addr from; /* preferred source; none: the kernel chooses */
	uint32_t metric;     /* 0: the kernel's default */
	uint32_t table;      /* never 0 */
	bool on_link;      /* the gateway need not be in a subnet (ip route … onlink) */
	bool seen_foreign; /* observed: its protocol is not ours */
};
/* By key: what can exist once in a namespace (family, table, destination, metric). */
int model_route_key_cmp(const struct model_route *a, const struct model_route *b);
bool model_route_equals(const struct model_route *a, const struct model_route *b);
/* In `ip route`'s words, the one canonical text: "default via 10.0.0.1 metric 100";
 * "::/0" for IPv6's default without a gateway, since "default" alone is IPv4's. From the
 * arena. */
const char *model_route_text(struct arena *a, const struct model_route *r);

/* What an address that was found has or lacks, beside the plain form in which it is
 * added.
 */
enum model_address_note {
	MODEL_ADDRESS_OTHERS = 1 << 0,   /* marked by another program as its own */
	MODEL_ADDRESS_PEER = 1 << 1,     /* the subnet is that of 'peer', the other end */
	MODEL_ADDRESS_SCOPE = 1 << 2,    /* IPv4: not of global scope */
	MODEL_ADDRESS_LIFETIME = 1 << 3, /* runs out, or is or will be deprecated */
	MODEL_ADDRESS_METRIC = 1 << 4,
	MODEL_ADDRESS_NO_SUBNET = 1 << 5, /* the kernel's route to its subnet is gone */
	MODEL_ADDRESS_NO_LOCAL = 1 << 6,  /* so is its entry in the local table, without
					     which its packets are not taken */
	MODEL_ADDRESS_DUPLICATE = 1 << 7, /* another host has it: IFA_F_DADFAILED */
	MODEL_ADDRESS_TENTATIVE = 1 << 8, /* duplicate address detection still runs */
	MODEL_ADDRESS_DETOUR = 1 << 9,    /* IPv4: a stranger's route through a gateway is
					     in place of that to its subnet */
};

struct model_address_seen {
	struct ip_prefix address;
	struct ip_addr peer; /* none without MODEL_ADDRESS_PEER */
	unsigned int notes;  /* of enum model_address_note, never 0 */
};
/* True where adding the address once more does not put it right: it has to be removed
 * first. */
bool model_address_is_spoilt(const struct model_address_seen *seen);

/* A file below /proc/sys/net/{ipv4,ipv6}/conf/IFACE/: key "ipv6.accept_ra". */
struct model_sysctl {
	const char *key, *value;
};

enum model_intent {
	MODEL_PRESENT,
	MODEL_DISABLED, /* wanted, but not now: the device must not exist */
	MODEL_GONE, /* no row wants it any more: it is looked for once more and removed if
		       ours */
};

enum model_presence {
	MODEL_ABSENT, /* nothing of that name there */
	MODEL_OURS,   /* an ipvlan with our mark */
	MODEL_FOREIGN,
};

struct model_slave {
	/* A name below /run/netns, an absolute path, "" for the master's own. Observed
	 * also
	 * "/nsid/N": a namespace without a name, known here by its number alone. */
	const char *netns;
	const char *name;
	enum model_intent intent;
	bool addresses_managed;      /* false: `addressing: external` */
	struct ip_prefix *addresses; /* sorted by ip_prefix_cmp */
	size_t n_addresses;
	struct model_route *routes; /* sorted by model_route_key_cmp */
	size_t n_routes;
	uint32_t mtu;                 /* 0: follows the master's */
	struct model_sysctl *sysctls; /* sorted by key */
	size_t n_sysctls;
	const char *nameservers,
		*search; /* words with one space between, as in resolv.conf(5) */
	/* Its row stood for the device there last: where another row comes to name the
	 * same device, it stays this one's. */
	bool is_incumbent;

	struct {
		enum model_presence presence;
		const char *kind; /* "ipvlan", "veth", …; "" if the kernel gives none */
		uint32_t ifindex; /* in its namespace */
		bool is_on_master;  /* an ipvlan whose lower device is the master it is
				       listed under */
		uint8_t mode, flag; /* of its port, if an ipvlan */
		bool is_up;         /* IFF_UP */
		bool has_carrier;   /* IFF_LOWER_UP and not LOWERLAYERDOWN */
		uint32_t mtu;
		uint8_t mac[6];
		bool namespace_missing; /* its netns does not exist */
		/* Of an absent one: the device that was seen there last is alive
		 * elsewhere, in another namespace ('has_moved') or under another name.
		 * Its names as in this model, 'now_name' "" if it was not found. */
		bool has_moved;
		const char *now_netns, *now_name;
		const char *resolv_conf;  /* our /etc/netns/NAME/resolv.conf as it is, ""
					     if none */
		bool resolv_conf_foreign; /* there is one that ipvl did not write */
		/* Of 'addresses', those with a peculiarity. */
		struct model_address_seen *noted;
		size_t n_noted;
	} seen;
};

struct model_master {
	const char *netns; /* "" : the daemon's own */
	const char *name;
	enum model_intent intent;
	enum model_mode mode;
	enum model_flag flag;
	const char *vlan_link; /* "" if it is not a VLAN that ipvl makes */
	uint16_t vlan_id;
	uint32_t mtu;               /* 0: not managed */
	struct model_route *routes; /* in the master's own namespace */
	size_t n_routes;
	struct model_slave *slaves; /* sorted by (netns, name) */
	size_t n_slaves;
	bool is_incumbent; /* as a slave's */

	struct {
		enum model_presence presence; /* OURS only for a VLAN that ipvl made */
		const char *kind;
		uint32_t ifindex;
		bool is_up, has_carrier;
		uint32_t mtu;
		uint8_t mac[6];
		bool has_port; /* some ipvlan of it was seen: mode and flag are the port's
				*/
		uint8_t mode, flag;
		bool has_ours;        /* one of those is ours */
		const char *stranger; /* "NETNS/NAME" of an ipvlan on it that is not ours,
					 "" if none was seen */
		uint8_t stranger_mode, stranger_flag;
		bool namespace_missing; /* its netns does not exist */
		/* Of an absent one, as a slave's; in the same namespace. 'now_since':
		 * when it was renamed, as text, "" if unknown. */
		bool has_moved;
		const char *now_name, *now_since;
		uint32_t now_ifindex;
		/* The device's own, in no order; also those that run out. */
		struct ip_prefix *addresses;
		size_t n_addresses;
		const char *busy; /* who else holds the device ("bridge br0", "macvlan"),
				     "" if nobody known */
	} seen;
};

/* A process by more than its PID, which others get after it. */
struct model_process {
	uint32_t pid;   /* 0: none */
	uint64_t start; /* since boot, in clock ticks; 0: not there, or not known */
};

enum model_netns_trouble {
	MODEL_NETNS_FINE,     /* or missing */
	MODEL_NETNS_OTHER,    /* what is there is no network namespace */
	MODEL_NETNS_DENIED,   /* it may not be opened */
	MODEL_NETNS_REPLACED, /* of a process: not what it is bound to */
};

struct model_netns {
	const char
		*name;   /* below /run/netns, or an absolute path; paths are never ours */
	bool is_wanted;  /* some row's slave lives there */
	bool is_ours;    /* written down as made by ipvl */
	bool is_awaited; /* somebody else is about to make it: it is left to them */
	uint64_t inode;  /* as written down; 0: made, but not yet noted */
	uint64_t cookie; /* the same, of what ipvl made; 0: not known */
	/* A text that leads through a process ("/proc/PID/ns/net") stands for nothing but
	 * what it led to when it was first used: that process, and 'inode'; 0: it led
	 * nowhere, or that was before this boot. pid 0: not used yet. */
	struct model_process bound;
	/* What it was when it was looked at last; 0: nothing, or unknown. Inode numbers
	 * are used again: 'has_changed' where an event told of a change since. */
	uint64_t last_inode;
	bool has_changed;

	struct {
		bool exists;                      /* it stands for a live namespace */
		bool is_own;                      /* … for the daemon's own */
		enum model_netns_trouble trouble; /* then it does not 'exist' */
		struct model_process process;     /* through which it leads */
		const char *what;  /* OTHER: "a directory"; DENIED: the system's words */
		bool is_dead_file; /* a file of that name with no namespace on it */
		bool is_young;     /* … made a moment ago: one may be about to come */
		uint64_t inode;
		/* Given once in a boot, unlike an inode; read of what may go, 0
		 * otherwise. */
		uint64_t cookie;
		bool is_occupied; /* a device that is neither lo nor ours (nor a fallback
				     tunnel like tunl0) */
	} seen;
};

struct model {
	struct model_master *masters; /* sorted by (netns, name) */
	size_t n_masters;
	struct model_netns *namespaces; /* sorted by name */
	size_t n_namespaces;
};

int model_master_cmp(const struct model_master *a, const struct model_master *b);
int model_slave_cmp(const struct model_slave *a, const struct model_slave *b);
int model_netns_cmp(const struct model_netns *a, const struct model_netns *b);
/* Sorts everything in 'm' as said above. Slaves with an empty netns are compared as they
 * are. */
void model_sort(struct model *m);

/* NULL if there is none. */
struct model_master *model_find_master(const struct model *m, const char *netns,
				       const char *name);
struct model_slave *model_find_slave(const struct model_master *m, const char *netns,
				     const char *name);
/* The process through which a path leads ("/proc/PID/…"), 0 if through none. */
uint32_t model_netns_pid(const char *path);
/* True where the name of 'want' stands for another namespace than ipvl made. */
bool model_netns_is_another(const struct model_netns *want,
			    const struct model_netns *have);
/* True where 'n' is bound to another namespace than this one, of this process. */
bool model_netns_is_replaced(const struct model_netns *n,
			     const struct model_process *process, uint64_t inode);
/* Of a slave that was found: what is peculiar about one of its addresses, NULL if
 * nothing. */
const struct model_address_seen *model_find_noted(const struct model_slave *have,
						  const struct ip_prefix *address);
struct model_netns *model_find_netns(const struct model *m, const char *name);

/* "l2" …; a number as text for what we do not know, in a static buffer's place: 'buf'. */
const char *model_mode_name(uint8_t mode, char buf[8]);
const char *model_flag_name(uint8_t flag, char buf[8]);
bool model_mode_from_name(const char *name, enum model_mode *ret_mode);
bool model_flag_from_name(const char *name, enum model_flag *ret_flag);

/* "NETNS/NAME", or "NAME" in the master's own ('netns' ""): in the arena, or 'name'
 * itself. */
const char *model_label(struct arena *a, const char *netns, const char *name);
const char *model_slave_label(struct arena *a, const struct model_slave *s);
const char *model_master_label(struct arena *a, const struct model_master *m);

/* The resolv.conf that nameservers and search ask for, "" if neither is set. First line:
 * our mark. */
const char *model_resolv_conf(struct arena *a, const struct model_slave *s);
#define MODEL_RESOLV_CONF_MARK "# written by ipvl"

#endif
