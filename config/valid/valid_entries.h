/* Places with keys of which no two may be equal: addresses of a port, routes and names
 * of a namespace, VLANs of a link. */
#ifndef CONFIG_VALID_ENTRIES_H
#define CONFIG_VALID_ENTRIES_H 1

#include "config/valid/valid_complaint.h"

#include <stddef.h>

/* What the keys of the entries are, and so which rule applies. */
enum valid_key {
	VALID_KEY_ADDRESS,   /* an ip_addr */
	VALID_KEY_ROUTE,     /* a model_route */
	VALID_KEY_POLICY,    /* a model_rule */
	VALID_KEY_TABLE,     /* a table: uint32_t */
	VALID_KEY_NAME,      /* text: a device's name */
	VALID_KEY_AMBIGUOUS, /* text: the name of a slave without a `netns` */
	VALID_KEY_VLAN,      /* a model_master */
	VALID_N_KEYS
};

struct valid_entry {
	/* "" where it is not part of the key. */
	const char *netns;
	const void *key;
	struct valid_place at;
	/* The order in which they were added. */
	int order;
};

struct valid_entries {
	struct valid_entry *entries;
	size_t n, capacity;
};

/* Borrows 'netns' and 'key'. */
void valid_entries_add(struct valid_entries *all, const char *netns, const void *key,
		       const struct valid_place *at);
/* Those of a slave. */
void valid_entries_add_addresses(struct valid_entries *all, const struct model_master *m,
				 const struct model_slave *s);
/* Those of a slave, or of the master if 's' is NULL. */
void valid_entries_add_routes(struct valid_entries *all, const struct model_master *m,
			      const struct model_slave *s);

/* The rules of a slave. */
void valid_entries_add_rules(struct valid_entries *all, const struct model_master *m,
			     const struct model_slave *s);
/* The tables of a slave, or of the master if 's' is NULL: those of its routes, but for the main
 * one, and that of its source routing. From 'a'. */
void valid_entries_add_tables(struct valid_entries *all, struct arena *a,
			      const struct model_master *m, const struct model_slave *s);

/* A complaint for each entry whose key an earlier one has. A master comes before
 * slaves; else the one that was added first is kept. Frees the entries. */
void valid_entries_check(struct valid_entries *all, enum valid_key key,
			 struct valid_check *v);

#endif
