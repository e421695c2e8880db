/* Between declare.c (masters), declare_slave.c, declare_route.c and declare_value.c
 * (texts, numbers, maps with known keys). Private to config/. */
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

/* One key of a map: what reads its value into the object that the map describes. */
struct declare_key {
	const char *name;
	void (*read)(struct declare *r, const struct node *value, void *object);
};

/* A map with known keys. */
struct declare_kind {
	const char *what;    /* "a slave" */
	const char *example; /* "{name: ipvl1, netns: ns1}" */
	const struct declare_key *keys;
	size_t n_keys;
	/* Keys of other tools, and of other places, that deserve a better answer than
	 * "unknown". */
	const struct declare_stranger {
		const char *key, *message, *hint;
	} * strangers;
	size_t n_strangers;
};

/* Takes 'e'. */
void declare_fail(struct declare *r, const struct node *at, struct err *e);
/* False, with a complaint, if 'map' is not a map. Unknown keys are complained of, known
 * ones read. */
bool declare_map(struct declare *r, const struct node *map,
		 const struct declare_kind *kind, void *object);
/* False, with a complaint that names 'what', if 'value' is not of that kind. */
bool declare_list(struct declare *r, const struct node *value, const char *what);
/* NULL after a complaint. Borrowed from the document. */
const char *declare_text(struct declare *r, const struct node *value, const char *what);
bool declare_number(struct declare *r, const struct node *value, const char *what,
		    uint64_t min, uint64_t max, uint64_t *ret_number);
bool declare_boolean(struct declare *r, const struct node *value, const char *what,
		     bool *ret_boolean);

/* A namespace in its canonical text, "" after a complaint; its place goes into 'places'.
 * One that cannot be is left as it is, for valid_rules.c. */
const char *declare_netns(struct declare *r, const struct node *value,
			  struct object_places *places);
/* In the kernel's range; its place goes into 'places'. */
bool declare_mtu(struct declare *r, const struct node *value,
		 struct object_places *places, uint32_t *ret_mtu);

struct declare_routes {
	struct model_route *routes; /* sorted by key */
	struct route_places *places;
	size_t n;
	bool is_broken; /* some were left out, after a complaint */
};
/* Which family `to: default` is of where neither a gateway nor a source has one. */
enum declare_default {
	DECLARE_DEFAULT_IPV4, /* also where nothing is known of the addresses */
	DECLARE_DEFAULT_IPV6,
	DECLARE_DEFAULT_AMBIGUOUS, /* there are addresses of both */
};
void declare_routes(struct declare *r, const struct node *value,
		    enum declare_default by_default, struct declare_routes *ret);

/* Reads `slaves:` into m->slaves and places->slaves. */
void declare_slaves(struct declare *r, const struct node *value, struct model_master *m,
		    struct object_places *places);

#endif
