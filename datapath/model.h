/* What is wanted and what was observed, as one type: masters, their slaves, namespaces.
 *
 * A model is a value: arrays that one arena owns, sorted as the _cmp functions say, and
 * strings that are never NULL ("" for none). Facts that only the kernel has are in the
 * parts called 'seen'. A comparison of two models ignores them; in a wanted model they
 * are zero. */
#ifndef DATAPATH_MODEL_H
#define DATAPATH_MODEL_H 1

#include "datapath/model_address.h"
#include "datapath/model_match.h"
#include "datapath/model_route.h"
#include "datapath/model_rule.h"
#include "datapath/model_sysctl.h"
#include "datapath/model_words.h"
#include "lib/arena.h"
#include "lib/ip.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_NAME_MAX_BYTES    15U  /* IFNAMSIZ - 1 */
#define MODEL_ALTNAME_MAX_BYTES 127U /* ALTIFNAMSIZ - 1 */
#define MODEL_ALIAS_MAX_BYTES   255U /* IFALIASZ - 1 */
#define MODEL_MTU_MIN           68U
#define MODEL_IPV6_MTU_MIN      1280U /* IPV6_MIN_MTU */
#define MODEL_MTU_MAX           65535U

_Static_assert(MODEL_MTU_MIN < MODEL_IPV6_MTU_MIN && MODEL_IPV6_MTU_MIN < MODEL_MTU_MAX,
	       "an MTU may be valid and too small for IPv6");

/* An address that a foreign ipvlan has. No other ipvlan of the port can get it (Linux
 * ipvlan_addr_busy(), kernel.md 9). */
struct model_held {
	struct ip_prefix
		address; /* IFA_ADDRESS in IPv4, which is the peer if there is one */
	/* Of that ipvlan. Not as of a slave: "" is the daemon's own namespace. */
	const char *netns, *name;
};

/* A route that no struct model_route can be, and why, both for people: "multicast
 * 224.1.0.0/16", "its type is multicast". */
struct model_odd_route {
	const char *text, *why;
};

enum model_intent {
	MODEL_PRESENT,
	/* Wanted, but not now: the device must not exist. */
	MODEL_DISABLED,
	/* No row wants it any more: it is observed once more, and removed if ours. */
	MODEL_GONE,
	/* Its row gives it up: what is ours stays as it is, and is ours no longer. */
	MODEL_RELEASED,
};
_Static_assert(MODEL_PRESENT == 0, "a row is wanted unless it is disabled");

/* An object that was once as its row has it, in this boot: what differs since is drift,
 * unless the devices below it are others by now. */
struct model_settled {
	bool is_settled;
	/* Its master's device; of a master, model_master_below(); 0: there is none. */
	uint32_t below_ifindex;
	/* Its namespace; 0: its master's own, or it is gone since. */
	uint64_t netns_inode;
};

enum model_presence {
	/* No device has that name there. */
	MODEL_ABSENT,
	/* An ipvlan with our mark. */
	MODEL_OURS,
	MODEL_FOREIGN,
};
_Static_assert(MODEL_ABSENT == 0, "what was not observed is absent");

struct model_slave {
	/* A name below /run/netns, an absolute path, or "" for the master's own. If
	 * observed, also "/nsid/N": a namespace without a name, found by its number
	 * alone. */
	const char *netns;
	const char *name;
	enum model_intent intent;
	/* A foreign ipvlan in its place may be taken over, with its routes and rules. */
	bool adopts;
	bool addresses_managed;      /* false: `addressing: external` */
	struct ip_prefix *addresses; /* sorted by ip_prefix_cmp */
	size_t n_addresses;
	/* Of those of 'addresses' of which more is declared; sorted likewise. None if
	 * observed: 'seen.noted'. */
	struct model_address_options *address_options;
	size_t n_address_options;
	struct model_route *routes; /* sorted by model_route_key_cmp */
	size_t n_routes;
	/* Of its namespace, sorted by model_rule_cmp. Several rows may want one; observed, each
	 * slave has all that are ours. */
	struct model_rule *rules;
	size_t n_rules;
	/* Traffic from its addresses leaves by it: besides its own it gets the rules and the
	 * routes for that (config/routing_source.h). */
	bool source_routing;
	uint32_t source_table; /* 0: chosen by its name */
	/* Its namespace reaches the other slaves of the master by it: besides its own it gets
	 * a route to each of their addresses (config/rows.h). */
	bool host_access;
	uint32_t mtu;                 /* 0: that of the master */
	struct model_sysctl *sysctls; /* sorted by key */
	size_t n_sysctls;
	/* Alternative names, sorted by bytes. */
	const char **altnames;
	size_t n_altnames;
	const char *alias; /* "": none */
	/* The VRF of its namespace that it is a member of; "": none. Its routes of the main
	 * table are in the table of that. */
	const char *vrf;
	/* The pool that its addresses and its default routes are completed from before they
	 * become rows (config/pool/); "": none. A datapath ignores it. */
	const char *pool;
	/* Words separated by one blank, as in resolv.conf(5). */
	const char *nameservers, *search;
	/* The device that is there was last this row's. If another row names the same
	 * device later, it stays with this one. */
	bool is_incumbent;
	bool is_optional; /* not waited for at boot */
	/* Another program takes the device, once it is made: wherever it is, and under whatever
	 * name, it is this row's. Its 'alias' tells it from others; of the rest only the master,
	 * and what the kernel keeps for that, is ours. */
	bool is_handed_over;
	/* Of such a slave: its row goes with its device. 'was_made': its device was there once,
	 * in whatever boot, so that there will be no other one. */
	bool is_transient, was_made;
	enum model_drift drift;
	/* Zero with MODEL_DRIFT_REPAIR. */
	struct model_settled settled;

	struct {
		enum model_presence presence;
		/* "ipvlan", "veth"; "" if the kernel reports none. */
		const char *kind;
		/* The link group of a foreign device; 0: it has no mark. */
		uint32_t group;
		/* Its name is another one: it was found by an alternative name. */
		bool has_other_name;
		uint32_t ifindex; /* in its namespace */
		/* A device that could be a slave, and its lower device is the master that it
		 * is listed under. It may be of another kind than the master's slaves. */
		bool is_on_master;
		/* Of such a device: its port's, or its own (LINK_HAS_PORT). */
		uint8_t mode, flag;
		bool is_up;    /* IFF_UP */
		bool is_noarp; /* IFF_NOARP: link_type_lacks_arp() */
		/* As it is: it is down, or this kernel also renames what is up
		 * (kernel.md 24). */
		bool can_rename;
		bool has_carrier; /* IFF_LOWER_UP and not LOWERLAYERDOWN */
		uint32_t mtu;
		uint8_t mac[6];
		bool namespace_missing;
		/* Of an absent slave: the device that was there last still exists, in
		 * another namespace ('has_moved') or under another name. Its names as in
		 * this model; 'now_name' is "" if the device was not found. */
		bool has_moved;
		const char *now_netns, *now_name;
		/* The VRF that the row declares; "" if there is none of that name. In a survey
		 * 'vrf_table' is that of 'vrf'. */
		const char *vrf_name;
		uint32_t vrf_ifindex, vrf_table;
		bool vrf_is_up;
		/* Our /etc/netns/NAME/resolv.conf as it is; "" if none. */
		const char *resolv_conf;
		/* One that ipvl did not write is in the way; of a survey: is there. */
		bool resolv_conf_foreign;
		/* Those of 'addresses' that differ from what ipvl adds where nothing is
		 * declared. */
		struct model_address_seen *noted;
		size_t n_noted;
		/* Of a scope's slave that 'adopts': rules of its namespace that `ip` made. */
		struct model_foreign_rule *foreign_rules;
		size_t n_foreign_rules;
		/* Of a survey: those by the device that 'routes' cannot have. */
		struct model_odd_route *odd_routes;
		size_t n_odd_routes;
	} seen;
};

/* An ipvlan of ours on a master, with the names of a slave. */
struct model_member {
	const char *netns, *name;
	const char *kind;
	bool is_up;
};

/* What slaves of a master are: datapath/link_type.h. */
struct link_type;

struct model_master {
	const char *netns; /* "": the daemon's own */
	/* Of its device; with 'match' a label, and the device is what fits. */
	const char *name;
	struct model_match match; /* if observed, nothing */
	enum model_intent intent;
	/* A foreign device of the kind that ipvl makes may be taken over. */
	bool adopts;
	/* `datapath:`; NULL: ipvlan. If observed, as the scope has it. */
	const struct link_type *type;
	enum model_mode mode;
	enum model_flag flag;
	/* The device below a VLAN that ipvl makes; "" if the master is no such VLAN. */
	const char *vlan_link;
	uint16_t vlan_id;
	/* A device that ipvl makes; NONE beside 'vlan_link', and if observed: then
	 * 'seen.kind' has it. */
	enum model_kind kind;
	uint32_t mtu;               /* 0: not managed */
	struct model_route *routes; /* in the master's own namespace */
	size_t n_routes;
	struct model_sysctl *sysctls; /* of the device itself; sorted by key */
	size_t n_sysctls;
	/* A row of a slave in its namespace gives the host access: known where ipv4.proxy_arp
	 * is declared. If observed, false. */
	bool has_access;
	/* What is recorded of keys that ipvl wrote, also of those that no row has any more, and of
	 * devices that the row has left; sorted by key. None if observed. */
	struct model_saved *saved;
	size_t n_saved;
	struct model_slave *slaves; /* sorted by (netns, name) */
	size_t n_slaves;
	/* As of a slave. */
	bool is_incumbent;
	bool is_optional;
	enum model_drift drift;
	struct model_settled settled;

	struct {
		/* OURS only for a device that ipvl made: model_kind_is_made(). */
		enum model_presence presence;
		/* Its name, which 'name' need not be; "" if absent. */
		const char *device;
		/* A master with 'match' has this name, and another device. It follows that one
		 * in the order; model_find_master() finds that one. */
		bool is_namesake;
		/* Of an absent master with 'match': the devices that fit equally, as text; "" if
		 * there are none. */
		const char *candidates;
		/* Of 'match.default_route': the device of the default route, where the slaves stay
		 * on another; else "". */
		const char *other_device;
		/* The devices that 'saved' of the scope is about and that this one is not, in no
		 * order: with 'sysctls', and 'seen' as far as ifindex and name. */
		struct model_master *left;
		size_t n_left;
		const char *kind;
		uint32_t group; /* as of a slave */
		uint32_t ifindex;
		bool is_up, has_carrier;
		uint32_t mtu;
		uint8_t mac[6];
		/* At least one device of the family of its slaves was observed on it, and
		 * these share mode and flag (LINK_HAS_PORT). */
		bool has_port;
		uint8_t mode, flag;
		/* A device on it is a slave of ours, of whatever kind. */
		bool has_ours;
		/* Those of ours that 'slaves' does not have on it: each that is listed
		 * under another master, and one of the rest. In no order. */
		struct model_member *members;
		size_t n_members;
		/* "NETNS/NAME" of a device of that family on it that is not ours; "" if none was
		 * observed. Beside one of ours, and unless ipvl made the device, it is
		 * looked for at DATAPATH_EVERYTHING only. */
		const char *stranger;
		uint8_t stranger_mode, stranger_flag;
		/* Addresses that slaves of the scope declare and lack, on foreign
		 * ipvlans, in no order. */
		struct model_held *held;
		size_t n_held;
		bool namespace_missing;
		/* Of an absent master, as of a slave, in the same namespace. 'now_since':
		 * when it was renamed, as text; "" if unknown. */
		bool has_moved;
		const char *now_name, *now_since;
		uint32_t now_ifindex;
		/* The addresses of the device itself, in no order, also those that
		 * expire. */
		struct ip_prefix *addresses;
		size_t n_addresses;
		/* What else uses the device, so that it cannot have such slaves ("bridge br0",
		 * "macvlan mac1"); "" if nothing that is known. */
		const char *busy;
		/* Of a device that ipvl made, what does not prevent ipvlans on it and
		 * would go or be cut off with it: another program's VLAN on it ("vlan
		 * v0"), a port of the bridge ("port eth1"). "" if nothing that is
		 * known. Looked for where the device may have to go. */
		const char *kept_by;
	} seen;
};

/* A process. A PID alone is not enough: it is used again. */
struct model_process {
	uint32_t pid;   /* 0: none */
	uint64_t start; /* since boot, in clock ticks; 0: no such process, or unknown */
};

enum model_netns_trouble {
	/* Or missing. */
	MODEL_NETNS_FINE,
	/* Something that is no network namespace. */
	MODEL_NETNS_OTHER,
	/* It may not be opened. */
	MODEL_NETNS_DENIED,
	/* Of a process: not the namespace that the text is bound to. */
	MODEL_NETNS_REPLACED,
};

struct model_netns {
	/* A name below /run/netns, or an absolute path. A path is never ours. */
	const char *name;
	bool is_wanted; /* a slave of some row is in it */
	bool is_ours;   /* recorded as made by ipvl */
	/* It is ours, and each row that names it gives its device up. */
	bool is_given_up;
	/* Another program is about to make it, and ipvl leaves that to it. */
	bool is_awaited;
	/* As recorded; 0: made, but not yet recorded. */
	uint64_t inode;
	/* As recorded of what ipvl made; 0: unknown. */
	uint64_t cookie;
	/* A text that leads through a process ("/proc/PID/ns/net") only stands for what
	 * it led to when it was first used: this process, and 'inode' (0: it led nowhere,
	 * or that was before this boot). pid 0: not used yet. */
	struct model_process bound;
	/* Of the last observation; 0: nothing, or unknown. Inode numbers are used again,
	 * so 'has_changed' is set if an event reported a change since. */
	uint64_t last_inode;
	bool has_changed;

	struct {
		bool exists;                      /* it stands for a live namespace */
		bool is_own;                      /* it stands for the daemon's own */
		enum model_netns_trouble trouble; /* not 'exists' then */
		struct model_process process;     /* that the text leads through */
		/* OTHER: "a directory"; DENIED: the system's message. */
		const char *what;
		bool is_dead_file; /* a file of that name with no namespace on it */
		uint64_t inode;
		/* Unlike an inode, unique in a boot. Read for what may be removed, else
		 * 0. */
		uint64_t cookie;
		/* It has a device that is neither lo, ours, nor a fallback tunnel like
		 * tunl0. */
		bool is_occupied;
		/* What is left of ours where no slave of the scope is: our
		 * /etc/netns/NAME/resolv.conf (NULL or "": none), rules, and routes
		 * without a device. */
		const char *resolv_conf;
		struct model_rule *rules;
		size_t n_rules;
		struct model_route *rejects;
		size_t n_rejects;
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
/* A device of this name, which no master of 'scope' has, is a namesake (seen.is_namesake). */
bool model_has_namesake(const struct model *scope, const char *netns, const char *name);
/* Whatever the length of its subnet. */
bool model_slave_has_address(const struct model_slave *s, const struct ip_addr *addr);
/* Sorts everything in 'm' as described above. An empty netns of a slave is compared as it
 * is. */
void model_sort(struct model *m);
/* True if everything in 'm' is in that order; equal elements may follow each other. */
bool model_is_sorted(const struct model *m);

/* These return NULL if there is none. */
struct model_master *model_find_master(const struct model *m, const char *netns,
				       const char *name);
struct model_slave *model_find_slave(const struct model_master *m, const char *netns,
				     const char *name);
struct model_netns *model_find_netns(const struct model *m, const char *name);
/* Of a slave that is handed over: nothing is declared but its place, and the alias that has it. */
void model_hand_over(struct arena *a, struct model_slave *s);
/* The place in an alias; false if it has none. */
bool model_parse_handed_over(struct arena *a, const char *alias, const char **ret_netns,
			     const char **ret_name);
/* The slave of 'm' that is handed over and has this alias; NULL if there is none. */
struct model_slave *model_find_handed_over(struct arena *a, const struct model_master *m,
					   const char *alias);
/* How an address of an observed slave differs; NULL if it does not. */
const struct model_address_seen *model_find_noted(const struct model_slave *have,
						  const struct ip_prefix *address);

bool model_has_address(const struct model_slave *s, const struct ip_prefix *address);
/* What is declared of an address of a wanted slave beside it; NULL: nothing. */
const struct model_address_options *model_find_options(const struct model_slave *s,
						       const struct ip_prefix *address);
/* How an address of 'have', which has it, differs from what 'want' (NULL: nothing) declares
 * of it: notes. */
unsigned int model_address_notes(const struct model_slave *want,
				 const struct model_slave *have,
				 const struct ip_prefix *address);

/* The PID in a path that leads through a process ("/proc/PID/..."); 0 if there is
 * none. */
uint32_t model_netns_pid(const char *path);
/* True of "/nsid/N". */
bool model_netns_is_nameless(const char *netns);
/* The namespace of 'have', which begins with those of 'scope' in their order, for what is left
 * there (seen.resolv_conf, rules, rejects). NULL: a row wants it, or the scope has no such
 * namespace and 'may_add' is false. The name is copied to 'a'. */
struct model_netns *model_need_left_netns(struct arena *a, const struct model *scope,
					  struct model *have, const char *name,
					  bool may_add);
/* True if the name of 'want' stands for another namespace than the one that ipvl made. */
bool model_netns_is_another(const struct model_netns *want,
			    const struct model_netns *have);
/* True if 'n' is bound to another namespace than this one of this process. */
bool model_netns_is_replaced(const struct model_netns *n,
			     const struct model_process *process, uint64_t inode);

/* Nothing is wanted of it and nothing was seen: every text is "". The names are borrowed. */
struct model_master model_master_named(const char *netns, const char *name);
struct model_slave model_slave_named(const char *netns, const char *name);

/* The kernel's name of the kind that ipvl makes for this wanted master; "" if the device
 * is another program's. */
const char *model_master_made_kind(const struct model_master *m);
bool model_master_is_made(const struct model_master *m);
/* The device that decides whether 'want' stands where it did: of a VLAN that ipvl makes,
 * the one below, in 'have'; of another device that ipvl makes, NULL: there is none; else
 * 'its', the device itself, which may be NULL. */
const struct model_master *model_master_below(const struct model *have,
					      const struct model_master *want,
					      const struct model_master *its);
/* The message that makes it also sets it up. */
static inline bool model_slave_begins_up(const struct model_slave *s)
{
	return !s->n_sysctls && !s->is_handed_over;
}
/* "NETNS/NAME", or "NAME" in the master's own namespace ("" as 'netns'). From the arena,
 * or 'name' itself. */
const char *model_label(struct arena *a, const char *netns, const char *name);
const char *model_slave_label(struct arena *a, const struct model_slave *s);
/* Of one that was observed with the name of its device where that is another: "uplink
 * (eth0)". */
const char *model_master_label(struct arena *a, const struct model_master *m);
/* The name of the device that was observed; that of the master if it is absent. */
static inline const char *model_master_device(const struct model_master *m)
{
	return m->seen.device && *m->seen.device ? m->seen.device : m->name;
}

/* The resolv.conf for these nameservers and search domains; "" if neither is set. Its
 * first line is our mark. */
const char *model_resolv_conf(struct arena *a, const struct model_slave *s);
/* The inverse, of a file that has our mark; both "" for one that has not. */
void model_parse_resolv_conf(struct arena *a, const char *text,
			     const char **ret_nameservers, const char **ret_search);
#define MODEL_RESOLV_CONF_MARK "# written by ipvl"

#endif
