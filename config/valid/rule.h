/* The rules one by one, shared by valid.c (a model at a time) and valid_txn.c (a
 * transaction at a time). Private to config/. */
#ifndef CONFIG_RULE_H
#define CONFIG_RULE_H 1

#include "config/valid/valid.h"
#include "lib/arena.h"

struct valid_check {
	valid_complain_fn *fn;
	void *aux;
	struct arena *arena; /* for the words of messages */
};

/* The master's own columns. */
void rule_master(struct valid_check *v, const struct model_master *m);
/* One slave under 'm', of which only the columns are read, not the slaves. */
void rule_slave(struct valid_check *v, const struct model_master *m,
		const struct model_slave *s);
/* A slave's routes, against its own addresses. */
void rule_slave_routes(struct valid_check *v, const struct model_master *m,
		       const struct model_slave *s);
void rule_slave_count(struct valid_check *v, const struct model_master *m,
		      size_t n_slaves);

/* Two places that cannot be together; the caller found them. */
void rule_shared_address(struct valid_check *v, const struct valid_place *at,
			 const struct valid_place *other);
void rule_shared_route(struct valid_check *v, const struct valid_place *at,
		       const struct valid_place *other);
/* Two devices of one name in one namespace; the other may be a master (its slave NULL).
 */
void rule_shared_name(struct valid_check *v, const struct valid_place *at,
		      const struct valid_place *other);
/* Two slaves without a `netns`, called alike, in two namespaces: two things for the
 * kernel, one for the database's index. */
void rule_ambiguous_name(struct valid_check *v, const struct valid_place *at,
			 const struct valid_place *other);
/* Two masters that are the same VLAN of the same link. */
void rule_shared_vlan(struct valid_check *v, const struct valid_place *at,
		      const struct valid_place *other);

/* Places of which no two may have equal keys: addresses of a port, routes of namespaces.
 */
struct valid_entry {
	const char *netns; /* "" where the key is unique on the port */
	const void *key;   /* an ip_addr, a model_route, a name, a model_master */
	struct valid_place at;
	size_t order; /* of those with equal keys, the first added is kept, the others
			 complained of */
};
struct valid_entries {
	struct valid_entry *entries;
	size_t n, capacity;
};
void valid_add_addresses(struct valid_entries *all, const struct model_master *m,
			 const struct model_slave *s);
void valid_add_routes(struct valid_entries *all, const struct model_master *m,
		      const struct model_slave *s);
/* The rule for each entry whose key an earlier one has. Frees the entries. */
void valid_check_addresses(struct valid_check *v, struct valid_entries *all);
void valid_check_routes(struct valid_check *v, struct valid_entries *all);

/* Takes 'e'. */
void rule_complain(struct valid_check *v, const struct valid_place *at,
		   const struct valid_place *other, struct err *e);

/* The namespace a slave lives in: its own, or its master's. Borrowed. */
const char *rule_netns(const struct model_master *m, const struct model_slave *s);

#endif
