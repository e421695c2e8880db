/* What the simulated provider remembers, as datapath/kernel/state/cache.c does: it decides which
 * messages are events. */
#ifndef DATAPATH_SIM_CACHE_H
#define DATAPATH_SIM_CACHE_H 1

#include "datapath/sim/twin/twin_state.h"

struct sim_key {
	uint64_t ns;
	uint32_t ifindex;
	uint32_t zero; /* no padding: it is hashed */
};

/* What the provider remembers of a device that it has observed or made. */
struct sim_known {
	struct sim_key key;
	/* Where it was observed last; name "": nowhere. */
	uint64_t place_ns;
	char place[MODEL_NAME_MAX_BYTES + 1];
	struct twin_view view;
	bool is_master;
	bool is_matched; /* its place has the name of a master with `match` */
	bool is_new;     /* the provider made it, and has not observed it since */
	/* In this drain: IFF_NOARP of it changed, and it has no event of that yet. */
	bool has_flipped;
	uint32_t n_up, n_flipped; /* of a master: sim_cache_count_flips() */
	uint32_t moved_to;
	bool lacks_ipv6, has_routes, declares_link_local, meets_foreign_route;
	struct ip_addr *declared;
	size_t n_declared;
	UT_hash_handle hh;
};

/* A text that an observation has used, and the namespace that it stood for. */
struct sim_text {
	char *text;
	uint64_t ns;
	struct sim_text *next;
};

/* As struct watch (datapath/kernel/state/watches.h). */
struct sim_watch {
	uint64_t ns;
	const char *name;
	struct model_match match;
	bool is_open;
	uint32_t route_ifindex;
	struct sim_watch *next;
};

/* Loaded with a model: what a master with `match` was found to be. */
struct sim_pin {
	uint64_t ns;
	const char *name;
	uint32_t ifindex; /* 0: none */
	const char *candidates, *other_device;
	struct sim_pin *next;
};

struct sim_cache {
	struct sim_known *devices;
	struct sim_text *texts;
	struct sim_watch *watches;
	struct sim_pin *pins;
};

void sim_cache_clear(struct sim_cache *k);
/* What a new process remembers: its own namespace. Those that have an id keep it. */
void sim_cache_reset(struct twin_world *w);
struct sim_known *sim_cache_find(const struct sim_cache *k, uint64_t ns,
				 uint32_t ifindex);
void sim_cache_forget(struct sim_cache *k, uint64_t ns, uint32_t ifindex);
/* In the model, a slave in its master's namespace has "" as its namespace. */
bool sim_cache_is_beside_master(const struct sim_known *d, uint64_t ns);
/* True if some device has flipped: counts them at their masters, for the next function. */
bool sim_cache_count_flips(const struct twin_world *w);
/* One of several, all slaves of ours on its port that are up, which have flipped: its mode
 * changes. */
bool sim_cache_port_flips(const struct twin_world *w, const struct sim_known *of);
void sim_cache_forget_netns(struct sim_cache *k, uint64_t ns);

/* A text stands for the namespace, which has an id from now on. */
void sim_cache_note_netns(struct sim_cache *k, const char *text, struct twin_netns *s);
/* A path is kept: it may stand for a namespace later. */
void sim_cache_drop_text(struct sim_cache *k, const char *text);
void sim_cache_note_path(struct sim_cache *k, const char *text);
/* The namespace that the text stood for; 0: none. False if it is not remembered. */
bool sim_cache_find_text(const struct sim_cache *k, const char *text, uint64_t *ret_ns);
/* Some text of the namespace, the first of a list; NULL if there is none. Go on with
 * sim_cache_next_text(). */
const struct sim_text *sim_cache_texts(const struct sim_cache *k, uint64_t ns);
const struct sim_text *sim_cache_next_text(const struct sim_text *t);

/* The device was observed. */
struct sim_known *sim_cache_remember(struct sim_cache *k, const struct twin_link *l);
/* The mode of the port on 'lower' was set, and with it IFF_NOARP of each device: the messages
 * about that carry nothing new. */
void sim_cache_note_arp(struct sim_cache *k, const struct twin_link *lower);
/* It is there; the device that was there before loses its place. */
void sim_cache_set_place(struct sim_cache *k, struct sim_known *d, uint64_t ns,
			 const char *name);
struct sim_known *sim_cache_find_place(const struct sim_cache *k, uint64_t ns,
				       const char *name);
/* These copy all. */
void sim_cache_add_watch(struct sim_cache *k, const struct sim_watch *watch);
void sim_cache_drop_watch(struct sim_cache *k, uint64_t ns, const char *name);
void sim_cache_add_pin(struct sim_cache *k, const struct sim_pin *pin);
const struct sim_pin *sim_cache_find_pin(const struct sim_cache *k, uint64_t ns,
					 const char *name);
/* What a row declares for it. */
void sim_cache_declare(struct sim_known *d, const struct ip_prefix *addresses, size_t n,
		       bool has_routes);

#endif
