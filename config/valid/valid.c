/* A whole model against the rules: which of its parts must be compared, in n log n.
 *
 * The rules are valid_rules.c's and valid_route.c's. A transaction, which changes a few
 * rows among many, goes another way to the same rules: valid_txn.c. */
#include "config/valid/rule.h"

#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void add(struct valid_entries *all, const char *netns, const void *key,
		const struct valid_place *at)
{
	all->entries = xgrow(all->entries, all->n, &all->capacity, sizeof(*all->entries));
	all->entries[all->n] = (struct valid_entry){
		.netns = netns, .key = key, .at = *at, .order = all->n};
	all->n++;
}

/* Of equal keys a master stands before slaves, and else what was added first. */
static int order_cmp(const struct valid_entry *a, const struct valid_entry *b)
{
	if (!a->at.slave != !b->at.slave)
		return a->at.slave ? 1 : -1;
	return (a->order > b->order) - (a->order < b->order);
}

static int address_key_cmp(const struct valid_entry *a, const struct valid_entry *b)
{
	return ip_addr_cmp(a->key, b->key);
}

static int route_key_cmp(const struct valid_entry *a, const struct valid_entry *b)
{
	int c = strcmp(a->netns, b->netns);

	return c ? c : model_route_key_cmp(a->key, b->key);
}

static int name_key_cmp(const struct valid_entry *a, const struct valid_entry *b)
{
	int c = strcmp(a->netns, b->netns);

	return c ? c : strcmp(a->key, b->key);
}

static int vlan_key_cmp(const struct valid_entry *a, const struct valid_entry *b)
{
	const struct model_master *x = a->key, *y = b->key;
	int c = strcmp(a->netns, b->netns);

	if (!c)
		c = strcmp(x->vlan_link, y->vlan_link);
	return c ? c : (x->vlan_id > y->vlan_id) - (x->vlan_id < y->vlan_id);
}

static int sort_addresses(const void *a, const void *b)
{
	const struct valid_entry *x = a, *y = b;
	int c = address_key_cmp(x, y);

	return c ? c : order_cmp(x, y);
}

static int sort_routes(const void *a, const void *b)
{
	const struct valid_entry *x = a, *y = b;
	int c = route_key_cmp(x, y);

	return c ? c : order_cmp(x, y);
}

static int sort_names(const void *a, const void *b)
{
	const struct valid_entry *x = a, *y = b;
	int c = name_key_cmp(x, y);

	return c ? c : order_cmp(x, y);
}

static int sort_vlans(const void *a, const void *b)
{
	const struct valid_entry *x = a, *y = b;
	int c = vlan_key_cmp(x, y);

	return c ? c : order_cmp(x, y);
}

typedef void rule_shared_fn(struct valid_check *v, const struct valid_place *at,
			    const struct valid_place *other);

/* Complains of each entry whose key an earlier one has, naming the first of them. */
static void check_unique(struct valid_check *v, struct valid_entries *all,
			 int (*sort)(const void *, const void *),
			 int (*cmp)(const struct valid_entry *,
				    const struct valid_entry *),
			 rule_shared_fn *complain)
{
	const struct valid_entry *first = all->entries;

	if (all->n > 1)
		qsort(all->entries, all->n, sizeof(*all->entries), sort);
	for (size_t i = 1; i < all->n; i++) {
		const struct valid_entry *e = &all->entries[i];

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
void valid_add_addresses(struct valid_entries *all, const struct model_master *m,
			 const struct model_slave *s)
{
	struct valid_place at = {.master = m, .slave = s, .field = VALID_ADDRESSES};

	for (; s->intent == MODEL_PRESENT && at.index < s->n_addresses; at.index++)
		add(all, "", &s->addresses[at.index].addr, &at);
}

void valid_check_addresses(struct valid_check *v, struct valid_entries *all)
{
	check_unique(v, all, sort_addresses, address_key_cmp, rule_shared_address);
}

/* Linux fib_table_insert(), fib6_add_rt2node() with NLM_F_EXCL: the device is not part of
 * a route's key, so that two slaves in one namespace can collide as well. */
void valid_add_routes(struct valid_entries *all, const struct model_master *m,
		      const struct model_slave *s)
{
	const struct model_route *routes = s ? s->routes : m->routes;
	size_t n = s ? s->n_routes : m->n_routes;
	const char *netns = s ? rule_netns(m, s) : m->netns;
	struct valid_place at = {.master = m, .slave = s, .field = VALID_ROUTES};

	if (s && s->intent != MODEL_PRESENT)
		return;
	for (; at.index < n; at.index++)
		add(all, netns, &routes[at.index], &at);
}

void valid_check_routes(struct valid_check *v, struct valid_entries *all)
{
	check_unique(v, all, sort_routes, route_key_cmp, rule_shared_route);
}

static void check_port(struct valid_check *v, const struct model_master *m)
{
	struct valid_entries addresses = {0};

	rule_master(v, m);
	rule_slave_count(v, m, m->n_slaves);
	for (size_t i = 0; i < m->n_slaves; i++) {
		rule_slave(v, m, &m->slaves[i]);
		valid_add_addresses(&addresses, m, &m->slaves[i]);
	}
	valid_check_addresses(v, &addresses);
}

static void check_names(struct valid_check *v, const struct model_master *masters,
			size_t n)
{
	struct valid_entries all = {0}, without_netns = {0};

	for (size_t i = 0; i < n; i++) {
		const struct model_master *m = &masters[i];
		struct valid_place at = {.master = m, .field = VALID_NAME};

		add(&all, m->netns, m->name, &at);
		for (size_t k = 0; k < m->n_slaves; k++) {
			at.slave = &m->slaves[k];
			add(&all, rule_netns(m, at.slave), at.slave->name, &at);
			if (!*at.slave->netns)
				add(&without_netns, "", at.slave->name, &at);
		}
	}
	check_unique(v, &all, sort_names, name_key_cmp, rule_shared_name);
	check_unique(v, &without_netns, sort_names, name_key_cmp, rule_ambiguous_name);
}

static void check_routes(struct valid_check *v, const struct model_master *masters,
			 size_t n)
{
	struct valid_entries all = {0};

	for (size_t i = 0; i < n; i++) {
		valid_add_routes(&all, &masters[i], NULL);
		for (size_t k = 0; k < masters[i].n_slaves; k++)
			valid_add_routes(&all, &masters[i], &masters[i].slaves[k]);
	}
	valid_check_routes(v, &all);
}

static void check_vlans(struct valid_check *v, const struct model_master *masters,
			size_t n)
{
	struct valid_entries all = {0};

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
