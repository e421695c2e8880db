/* The kernel in memory: namespaces, devices, addresses, routes, and the rules that matter
 * to ipvlan.
 *
 * Private to sim*.c. Every rule names its place in kernel.md ("kernel.md 7"), where it
 * was measured. Errors are the kernel's: ERR_SYSTEM with the errno and the extended ack's
 * words, or strerror's if it sends none. */
#ifndef DATAPATH_SIM_WORLD_H
#define DATAPATH_SIM_WORLD_H 1

#include "datapath/datapath.h"
#include "lib/hash_table.h"

#include <string.h>

struct sim_space;

struct sim_link {
	struct sim_space *space;
	char *name, *kind;
	uint32_t ifindex, group, mtu;
	bool is_up, has_carrier;
	uint8_t mac[6];
	struct sim_link *lower;      /* of an ipvlan, a macvlan, a VLAN; NULL otherwise */
	struct sim_link *controller; /* the bridge or bond whose port it is */
	struct sim_link *uppers, *next_upper;
	uint16_t vlan_id;
	uint8_t mode, flag; /* of the ipvlan port on this device, if it has one */
	bool showed_ours;   /* some ipvlan of ours was on it when it was observed last */
	char *place; /* where it was observed last: netns, newline, name; NULL: nowhere */
	char *held_by; /* loaded: who else holds the device, nothing of whom is known */
	struct ip_prefix *addresses; /* in the order added: of an IPv4 subnet the first is
					primary */
	size_t n_addresses, addresses_cap;
	struct sim_sysctl *sysctls;
	/* Of 'addresses', those with a peculiarity; and what another host has. */
	struct model_address_seen *noted;
	size_t n_noted, noted_cap;
	struct ip_addr duplicate;
	UT_hash_handle hh;
};

struct sim_sysctl {
	char *key, *value;
	struct sim_sysctl *next;
};

struct sim_route {
	struct model_route route;
	struct sim_link *link;
	bool is_ours; /* has our protocol number */
};

struct sim_space {
	char *name;
	uint64_t inode, start;  /* 'start': of the process that the text leads through */
	struct sim_space *same; /* another text for that one; has nothing of its own */
	bool is_dead_file;      /* a file and nothing behind it */
	bool is_young;          /* … made a moment ago */
	enum model_netns_trouble trouble; /* not a namespace, or not to be opened */
	char *what;
	bool is_hidden; /* loaded: devices of which only hints were seen; no observer sees
			   them */
	struct sim_link *links;
	struct sim_route *routes;
	size_t n_routes, routes_cap;
	struct sim_space *next_zombie;
	UT_hash_handle hh;
};

struct sim_file {
	char *netns, *text;
	bool is_foreign;
	struct sim_file *next;
};

struct sim_event {
	enum datapath_event_kind kind;
	char *netns, *name, *what, *by;
	struct sim_event *next;
};

struct sim_world {
	struct datapath_config config;
	struct sim_space *spaces;
	struct sim_space *zombies; /* deleted; their devices die when somebody looks
				      (kernel.md 7) */
	struct sim_file *files;    /* /etc/netns/NAME/resolv.conf */
	struct sim_event *events, **events_end;
	bool is_silent; /* the provider itself is at work: nobody is told */
	uint32_t last_ifindex;
	uint64_t last_inode;
};

void sim_world_init(struct sim_world *w, const struct datapath_config *config);
void sim_world_clear(struct sim_world *w);

/* 'ext_ack' is NULL where the kernel sends none. */
static inline struct err *sim_kernel_says(int sys_errno, const char *ext_ack)
{
	struct err *e =
		err_new(ERR_SYSTEM, "%s", ext_ack ? ext_ack : strerror(sys_errno));

	e->sys_errno = sys_errno;
	return e;
}

/* Namespaces. "" is the daemon's own and always there. Those found are never another text
 * for one: that one is given. */
struct sim_space *sim_space_find(const struct sim_world *w,
				 const char *name); /* NULL; dead files too */
struct sim_space *sim_space_find_alive(const struct sim_world *w, const char *name);
/* Another text for the same namespace; goes with it. */
void sim_space_alias(struct sim_world *w, const char *name, struct sim_space *same);
/* Takes the text alone away; false if it is none of that kind. */
bool sim_space_unalias(struct sim_world *w, const char *name);
/* The process that the text leads through, model.h. */
struct model_process sim_space_process(const struct sim_world *w, const char *name);
/* Makes the text stand for something else than a namespace: model.h. FINE: for nothing.
 */
void sim_space_trouble(struct sim_world *w, const char *name,
		       enum model_netns_trouble trouble, const char *what);
/* EEXIST. Takes over a dead file. */
struct err *sim_space_add(struct sim_world *w, const char *name,
			  struct sim_space **ret_space) MUST_CHECK;
void sim_space_del(struct sim_world *w, struct sim_space *s);
/* What the kernel does in the background after a namespace was deleted. */
void sim_world_reap(struct sim_world *w);

/* Devices: sim_link.c. These two are without a rule: put in and thrown away, nobody asked
 * or told. */
struct sim_link *sim_link_new(struct sim_world *w, struct sim_space *s, const char *name,
			      const char *kind);
void sim_link_free(struct sim_link *l);
/* As the kernel provider remembers it: the device is what was there when it was looked at
 * last. */
void sim_link_note_place(struct sim_link *l, const char *netns, const char *name);
struct sim_link *sim_link_find(const struct sim_space *s, const char *name);
bool sim_link_is_ours(const struct sim_world *w, const struct sim_link *l);
bool sim_link_is_ipvlan(const struct sim_link *l);
/* Who else holds the device, so that it can carry no ipvlan: "bridge br0", "macvlan"; ""
 * if nobody. */
const char *sim_link_busy(const struct sim_link *l, char *buf, size_t size);
bool sim_link_has_port(const struct sim_link *l);
/* 'lower' may be NULL. For an ipvlan: 'mode' -1 is none given (l3), 'flag' -1 leaves the
 * port's. */
struct err *sim_link_add(struct sim_world *w, struct sim_space *s, const char *name,
			 const char *kind, struct sim_link *lower, int mode, int flag,
			 struct sim_link **ret_link) MUST_CHECK;
void sim_link_del(struct sim_world *w, struct sim_link *l);
struct err *sim_link_rename(struct sim_world *w, struct sim_link *l,
			    const char *name) MUST_CHECK;
/* Drops addresses, routes and UP (kernel.md 7). */
struct err *sim_link_move(struct sim_world *w, struct sim_link *l,
			  struct sim_space *to) MUST_CHECK;
struct err *sim_link_up(struct sim_world *w, struct sim_link *l) MUST_CHECK;
void sim_link_down(struct sim_world *w, struct sim_link *l);
void sim_link_carrier(struct sim_world *w, struct sim_link *l, bool has_carrier);
struct err *sim_link_mtu(struct sim_world *w, struct sim_link *l,
			 uint32_t mtu) MUST_CHECK;
/* Through any ipvlan of the port. */
struct err *sim_link_port(struct sim_world *w, struct sim_link *l, unsigned int mode,
			  unsigned int flag) MUST_CHECK;
void sim_link_sysctl(struct sim_link *l, const char *key, const char *value);
const char *sim_link_find_sysctl(const struct sim_link *l,
				 const char *key); /* "0" if never set */

/* Addresses and routes: sim_inet.c. */
struct err *sim_addr_add(struct sim_world *w, struct sim_link *l,
			 const struct ip_prefix *p) MUST_CHECK;
struct err *sim_addr_del(struct sim_world *w, struct sim_link *l,
			 const struct ip_prefix *p) MUST_CHECK;
/* 'peer' may be none. EADDRNOTAVAIL where there is no such address. */
struct err *sim_addr_note(struct sim_world *w, struct sim_link *l,
			  const struct ip_prefix *p, unsigned int notes,
			  const struct ip_addr *peer) MUST_CHECK;
/* Duplicate address detection: an address that another host has is noted as such. It
 * stays so when the other host goes: the kernel does not look again. */
void sim_addr_probe(struct sim_link *l);
/* Adds what is there already: what that puts right, and EEXIST for what it does not. */
struct err *sim_addr_mend(struct sim_world *w, struct sim_link *l,
			  const struct ip_prefix *p) MUST_CHECK;
bool sim_addr_has(const struct sim_link *l, const struct ip_prefix *p);
/* True where the address, which is there, has this peer, or none. A deletion has to name
 * it.
 */
bool sim_addr_has_peer(const struct sim_link *l, const struct ip_prefix *p,
		       const struct ip_addr *peer);
struct err *sim_route_add(struct sim_world *w, struct sim_link *l,
			  const struct model_route *r, bool is_ours) MUST_CHECK;
/* Routes through the device that 'is_dropped' (NULL: all) go, without an event of their
 * own (kernel.md 8). */
void sim_routes_drop(struct sim_world *w, struct sim_link *l,
		     bool (*is_dropped)(const struct sim_link *l,
					const struct model_route *r));
/* The same without a question. */
void sim_route_put(struct sim_link *l, const struct model_route *r, bool is_ours);
/* ESRCH if the device has no such route of that owner. */
struct err *sim_route_del(struct sim_world *w, struct sim_link *l,
			  const struct model_route *r, bool is_ours) MUST_CHECK;
struct sim_route *sim_route_find(const struct sim_space *s,
				 const struct model_route *key);

/* resolv.conf of a namespace; NULL if there is none. */
struct sim_file *sim_file_find(const struct sim_world *w, const char *netns);
void sim_file_set(struct sim_world *w, const char *netns, const char *text,
		  bool is_foreign);

/* Told to whoever drains, unless the world is silent. The format makes 'what'. */
void sim_tell(struct sim_world *w, enum datapath_event_kind kind, const char *netns,
	      const char *name, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* A change of a device: its slave event, and its master's if it is an ipvlan. */
void sim_tell_link(struct sim_world *w, const struct sim_link *l, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* A stranger's device that is new; an ipvlan may have changed its master's port. */
void sim_tell_new(struct sim_world *w, const struct sim_link *l);

/* sim.c */
struct sim_world *sim_world(struct datapath *dp);
void sim_wake(struct datapath *dp); /* makes the event descriptor readable if there is
				       something to tell */
/* sim_observe.c */
struct err *sim_observe(struct datapath *dp, const struct model *scope,
			enum datapath_depth depth, struct arena *a,
			struct model **ret_have) MUST_CHECK;
/* sim_apply.c: 'ret_violation' gets the first sentence about something foreign that a
 * step touched. */
struct err *sim_do_step(struct sim_world *w, const struct plan_step *s,
			struct plan_result *result, char **violation) MUST_CHECK;

#endif
