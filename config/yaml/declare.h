/* Readers of the tree: declare.c (masters), declare_slave.c, declare_route.c, declare_policy.c,
 * declare_pool.c, declare_address.c, declare_sysctl.c, declare_value.c (texts, numbers, maps
 * with known keys). Private to config/yaml/. */
#ifndef CONFIG_DECLARE_H
#define CONFIG_DECLARE_H 1

#include "config/yaml/document_data.h"
#include "config/yaml/document_errors.h"
#include "config/yaml/document_tree.h"
#include "lib/arena.h"

/* Reads 'root' into d->model and d->masters. Complaints go to 'errors'; if there were
 * any, the model is not to be used. */
void declare_model(struct document *d, const struct node *root,
		   struct document_errors *errors);

struct declare {
	struct document *d;
	struct document_errors *errors;
};

/* Values that masters and slaves both have. */
enum declare_plain {
	/* `const char *`: a device's name, "" after a complaint. */
	DECLARE_NAME,
	/* `const char *`: a namespace in its canonical text, "" after a complaint. A text that
	 * cannot be a namespace is kept, for the rules to refuse. */
	DECLARE_NETNS,
	/* `uint32_t`: in the kernel's range. */
	DECLARE_MTU,
	/* The same, or `auto`: 0. */
	DECLARE_MTU_OR_AUTO,
	/* `bool`. */
	DECLARE_OPTIONAL,
	/* `enum model_drift`. */
	DECLARE_DRIFT,
};

/* One key of a map. */
struct declare_key {
	const char *name;
	/* Reads the value into the object of the map. NULL: the value is plain. */
	void (*read)(struct declare *r, const struct node *value, void *object);
	/* A plain value: what it is, and where in the object it goes. */
	enum declare_plain plain;
	size_t offset;
};

/* A map with known keys. */
struct declare_kind {
	const char *what;    /* "a slave" */
	const char *example; /* "{name: ipvl1, netns: ns1}" */
	const struct declare_key *keys;
	size_t n_keys;
	/* Where in the object its `struct object_places` is, if a key is plain: the place of
	 * each plain value goes there. */
	size_t places;
	/* Keys of other tools, or in the wrong place, with a better message than
	 * "unknown key". */
	const struct declare_stranger {
		const char *key, *message, *hint;
	} * strangers;
	size_t n_strangers;
	/* Keys that begin with "x-" are the user's own, and not read: a place for anchors. */
	bool has_own_keys;
};

/* Takes 'e'. */
void declare_fail(struct declare *r, const struct node *at, struct err *e);
/* False, with a complaint, if 'map' is not a map. Reads known keys, complains about
 * unknown ones. */
bool declare_map(struct declare *r, const struct node *map,
		 const struct declare_kind *kind, void *object);
/* False, with a complaint that names 'what', if 'value' has another type. */
bool declare_list(struct declare *r, const struct node *value, const char *what);
/* NULL after a complaint. Borrowed from the document. */
const char *declare_text(struct declare *r, const struct node *value, const char *what);
/* The same for an element of the list 'what'. */
const char *declare_item(struct declare *r, const struct node *item, const char *what);
/* A list of texts, sorted by bytes, with their places; returns how many. One that is listed
 * twice is complained of. */
size_t declare_names(struct declare *r, const struct node *value, const char *what,
		     const char ***ret_names, struct place **ret_places);
bool declare_number(struct declare *r, const struct node *value, const char *what,
		    uint64_t min, uint64_t max, uint64_t *ret_number);
bool declare_boolean(struct declare *r, const struct node *value, const char *what,
		     bool *ret_boolean);

struct declare_routes {
	struct model_route *routes; /* sorted by key */
	struct route_places *places;
	size_t n;
	/* Some were left out, after a complaint. */
	bool is_broken;
};
/* The family of `to: default` without a gateway and a source. */
enum declare_default {
	/* Also if the addresses are not known. */
	DECLARE_DEFAULT_IPV4,
	DECLARE_DEFAULT_IPV6,
	/* There are addresses of both families. */
	DECLARE_DEFAULT_AMBIGUOUS,
};
void declare_routes(struct declare *r, const struct node *value,
		    enum declare_default by_default, struct declare_routes *ret);

struct declare_rules {
	struct model_rule *rules; /* sorted */
	struct place *places;
	size_t n;
};
/* Reads `routing-policy:` of a slave. */
void declare_rules(struct declare *r, const struct node *value,
		   struct declare_rules *ret);

struct declare_sysctls {
	struct model_sysctl *sysctls; /* sorted by key */
	struct place *places;
	size_t n;
};
/* The values of `sysctl:`, of `ipv6:` and of `ipv6-address-generation:`; NULL where it is left
 * out. */
void declare_sysctls(struct declare *r, const struct node *sysctl,
		     const struct node *ipv6, const struct node *generation,
		     struct declare_sysctls *ret);
struct declare_word {
	const char *key, *word; /* "ipv6", "off" */
};
#define DECLARE_SYSCTL_WORDS 2
/* The inverse: keys with a word for all that it stands for, at most one of each key. Returns how
 * many. 'rest', with room for 'n', gets the others in their order. */
size_t declare_sysctl_words(const struct model_sysctl *sysctls, size_t n,
			    struct declare_word words[static DECLARE_SYSCTL_WORDS],
			    struct model_sysctl *rest, size_t *ret_n_rest);

/* Reads `match:` of a master; 'match' has nothing yet. */
void declare_match(struct declare *r, const struct node *value,
		   struct model_match *match);

struct declare_address {
	struct ip_prefix prefix;
	/* What is declared beside it; nothing is set in most. */
	struct model_address_options options;
	struct place place, options_place;
};
/* Sorts 'all', and puts them into the slave and its places. */
void declare_put_addresses(struct declare *r, struct model_slave *s,
			   struct object_places *places, struct declare_address *all,
			   size_t n);

/* Reads `addresses:` of a slave. False after a complaint. */
bool declare_addresses(struct declare *r, const struct node *value, struct model_slave *s,
		       struct object_places *places);

/* Reads `pools:` into the document. */
void declare_pools(struct declare *r, const struct node *value);

/* Reads `slaves:` into m->slaves and places->slaves. */
void declare_slaves(struct declare *r, const struct node *value, struct model_master *m,
		    struct object_places *places);
/* Reads `host-access:` of a master, after all its other keys: adds a slave to the same two. */
void declare_host_access(struct declare *r, const struct node *value,
			 struct model_master *m, struct object_places *places);
/* The same for a master without that key: adds `host-access: true` where the host would not
 * answer ARP for the slaves otherwise, although the settings of the master ask for it. */
void declare_default_access(struct declare *r, struct model_master *m,
			    struct object_places *places);

#endif
