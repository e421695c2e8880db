/* A whole model against the rules: which of its parts must be compared, in n log n.
 *
 * The rules are valid_rules.c's and valid_route.c's. A transaction, which changes a few
 * rows among many, goes another way to the same rules: valid_txn.c. */
#include "config/valid_rules.h"

#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* One address, route or device, with what must be unique about it in front. */
struct entry {
	const char *netns; /* "" where the key is unique on the port */
	const void *key;   /* an ip_addr, a model_route or a name */
	struct valid_place at;
};

struct entries {
	struct entry *entries;
	size_t n, capacity;
};

static void add(struct entries *all, const char *netns, const void *key,
		const struct valid_place *at)
{
	all->entries = xgrow(all->entries, all->n, &all->capacity, sizeof(*all->entries));
	all->entries[all->n++] = (struct entry){.netns = netns, .key = key, .at = *at};
}

/* Equal keys in the order of the model, a master before the slaves: the later one is
 * complained of. */
static int place_cmp(const struct valid_place *a, const struct valid_place *b)
{
	if (!a->slave != !b->slave)
		return a->slave ? 1 : -1;
	if (a->slave != b->slave)
		return a->slave < b->slave ? -1 : 1;
	if (a->master != b->master)
		return a->master < b->master ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

static int address_key_cmp(const struct entry *a, const struct entry *b)
{
	return ip_addr_cmp(a->key, b->key);
}

static int route_key_cmp(const struct entry *a, const struct entry *b)
{
	int c = strcmp(a->netns, b->netns);

	return c ? c : model_route_key_cmp(a->key, b->key);
}

static int name_key_cmp(const struct entry *a, const struct entry *b)
{
	int c = strcmp(a->netns, b->netns);

	return c ? c : strcmp(a->key, b->key);
}

static int vlan_key_cmp(const struct entry *a, const struct entry *b)
{
	const struct model_master *x = a->key, *y = b->key;
	int c = strcmp(a->netns, b->netns);

	if (!c)
		c = strcmp(x->vlan_link, y->vlan_link);
	return c ? c : (x->vlan_id > y->vlan_id) - (x->vlan_id < y->vlan_id);
}

static int sort_addresses(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = address_key_cmp(x, y);

	return c ? c : place_cmp(&x->at, &y->at);
}

static int sort_routes(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = route_key_cmp(x, y);

	return c ? c : place_cmp(&x->at, &y->at);
}

static int sort_names(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = name_key_cmp(x, y);

	return c ? c : place_cmp(&x->at, &y->at);
}

static int sort_vlans(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = vlan_key_cmp(x, y);

	return c ? c : place_cmp(&x->at, &y->at);
}

typedef void rule_shared_fn(struct valid_check *v, const struct valid_place *at,
			    const struct valid_place *other);

/* Complains of each entry whose key an earlier one has, naming the first of them. */
static void check_unique(struct valid_check *v, struct entries *all,
			 int (*sort)(const void *, const void *),
			 int (*cmp)(const struct entry *, const struct entry *),
			 rule_shared_fn *complain)
{
	const struct entry *first = all->entries;

	if (all->n > 1)
		qsort(all->entries, all->n, sizeof(*all->entries), sort);
	for (size_t i = 1; i < all->n; i++) {
		const struct entry *e = &all->entries[i];

		if (cmp(first, e))
			first = e;
		else
			complain(v, &e->at, &first->at);
	}
	free(all->entries);
}

/* Linux ipvlan_addr_busy(): an address is looked for on all of the port's slaves,
 * whatever its length and their namespaces. A disabled slave does not exist, so that a
 * stand-by may hold the same one. */
static void check_addresses(struct valid_check *v, const struct model_master *m)
{
	struct entries all = {0};

	for (size_t i = 0; i < m->n_slaves; i++) {
		const struct model_slave *s = &m->slaves[i];
		struct valid_place at = {
			.master = m, .slave = s, .field = VALID_ADDRESSES};

		if (s->intent != MODEL_PRESENT)
			continue;
		for (at.index = 0; at.index < s->n_addresses; at.index++)
			add(&all, "", &s->addresses[at.index].addr, &at);
	}
	check_unique(v, &all, sort_addresses, address_key_cmp, rule_shared_address);
}

static void check_port(struct valid_check *v, const struct model_master *m)
{
	rule_master(v, m);
	rule_slave_count(v, m, m->n_slaves);
	for (size_t i = 0; i < m->n_slaves; i++)
		rule_slave(v, m, &m->slaves[i]);
	check_addresses(v, m);
}

static void check_names(struct valid_check *v, const struct model_master *masters,
			size_t n)
{
	struct entries all = {0};

	for (size_t i = 0; i < n; i++) {
		const struct model_master *m = &masters[i];
		struct valid_place at = {.master = m, .field = VALID_NAME};

		add(&all, m->netns, m->name, &at);
		for (size_t k = 0; k < m->n_slaves; k++) {
			at.slave = &m->slaves[k];
			add(&all, rule_netns(m, at.slave), at.slave->name, &at);
		}
	}
	check_unique(v, &all, sort_names, name_key_cmp, rule_shared_name);
}

static void check_routes(struct valid_check *v, const struct model_master *masters,
			 size_t n)
{
	struct entries all = {0};

	for (size_t i = 0; i < n; i++) {
		const struct model_master *m = &masters[i];
		struct valid_place at = {.master = m, .field = VALID_ROUTES};

		for (at.index = 0; at.index < m->n_routes; at.index++)
			add(&all, m->netns, &m->routes[at.index], &at);
		for (size_t k = 0; k < m->n_slaves; k++) {
			const struct model_slave *s = at.slave = &m->slaves[k];

			if (s->intent != MODEL_PRESENT)
				continue;
			for (at.index = 0; at.index < s->n_routes; at.index++)
				add(&all, rule_netns(m, s), &s->routes[at.index], &at);
		}
	}
	check_unique(v, &all, sort_routes, route_key_cmp, rule_shared_route);
}

static void check_vlans(struct valid_check *v, const struct model_master *masters,
			size_t n)
{
	struct entries all = {0};

	for (size_t i = 0; i < n; i++) {
		struct valid_place at = {.master = &masters[i], .field = VALID_VLAN};

		if (*masters[i].vlan_link && masters[i].vlan_id)
			add(&all, masters[i].netns, &masters[i], &at);
	}
	check_unique(v, &all, sort_vlans, vlan_key_cmp, rule_shared_vlan);
}

static void check_masters(const struct model_master *masters, size_t n,
			  valid_complain_fn *fn, void *aux)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new();
	struct valid_check v = {.fn = fn, .aux = aux, .arena = arena};

	for (size_t i = 0; i < n; i++)
		check_port(&v, &masters[i]);
	check_names(&v, masters, n);
	check_routes(&v, masters, n);
	check_vlans(&v, masters, n);
}

void valid_check_master(const struct model_master *m, valid_complain_fn *fn, void *aux)
{
	check_masters(m, 1, fn, aux);
}

void valid_check_model(const struct model *m, valid_complain_fn *fn, void *aux)
{
	check_masters(m->masters, m->n_masters, fn, aux);
}
