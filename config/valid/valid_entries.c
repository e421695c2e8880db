/* Finds equal keys by sorting. rule.c has the rules. */
#include "config/valid/valid_entries.h"

#include "config/routing_source.h"
#include "config/valid/rule.h"
#include "config/valid/rule_policy.h"
#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

static int address_cmp(const struct valid_entry *a, const struct valid_entry *b)
{
	return ip_addr_cmp(a->key, b->key);
}

static int route_cmp(const struct valid_entry *a, const struct valid_entry *b)
{
	int c = strcmp(a->netns, b->netns);

	return c ? c : model_route_key_cmp(a->key, b->key);
}

static int policy_cmp(const struct valid_entry *a, const struct valid_entry *b)
{
	int c = strcmp(a->netns, b->netns);
	const struct model_rule *y = b->key;
	struct model_rule x = *(const struct model_rule *)a->key;

	/* Not by the table. */
	x.table = y->table;
	return c ? c : model_rule_cmp(&x, y);
}

static int table_cmp(const struct valid_entry *a, const struct valid_entry *b)
{
	const uint32_t *x = a->key, *y = b->key;
	int c = strcmp(a->netns, b->netns);

	return c ? c : (*x > *y) - (*x < *y);
}

static int name_cmp(const struct valid_entry *a, const struct valid_entry *b)
{
	int c = strcmp(a->netns, b->netns);

	return c ? c : strcmp(a->key, b->key);
}

static int vlan_cmp(const struct valid_entry *a, const struct valid_entry *b)
{
	const struct model_master *x = a->key, *y = b->key;
	int c = strcmp(a->netns, b->netns);

	if (!c)
		c = strcmp(x->vlan_link, y->vlan_link);
	return c ? c : (x->vlan_id > y->vlan_id) - (x->vlan_id < y->vlan_id);
}

static const struct kind {
	int (*cmp)(const struct valid_entry *, const struct valid_entry *);
	void (*complain)(struct valid_check *v, const struct valid_place *at,
			 const struct valid_place *other);
} kinds[] = {
	[VALID_KEY_ADDRESS] = {address_cmp, rule_shared_address},
	[VALID_KEY_ROUTE] = {route_cmp, rule_shared_route},
	[VALID_KEY_POLICY] = {policy_cmp, rule_shared_policy},
	[VALID_KEY_TABLE] = {table_cmp, rule_shared_table},
	[VALID_KEY_NAME] = {name_cmp, rule_shared_name},
	[VALID_KEY_AMBIGUOUS] = {name_cmp, rule_ambiguous_name},
	[VALID_KEY_VLAN] = {vlan_cmp, rule_shared_vlan},
};
_Static_assert(ARRAY_SIZE(kinds) == VALID_N_KEYS, "each kind of key has its rule");

static int entry_cmp(const void *a, const void *b, void *kind)
{
	const struct kind *k = kind;
	const struct valid_entry *x = a, *y = b;
	int c = k->cmp(x, y);

	if (c)
		return c;
	if (!x->at.slave != !y->at.slave)
		return x->at.slave ? 1 : -1;
	return x->order - y->order;
}

void valid_entries_add(struct valid_entries *all, const char *netns, const void *key,
		       const struct valid_place *at)
{
	all->entries = xgrow(all->entries, all->n, &all->capacity, sizeof(*all->entries));
	all->entries[all->n] = (struct valid_entry){
		.netns = netns, .key = key, .at = *at, .order = (int)all->n};
	all->n++;
}

/* Linux ipvlan_addr_busy(): an address is searched for on all slaves of the port,
 * whatever its prefix length and their namespaces. A disabled slave does not exist, so
 * that a stand-by may have the same one. */
void valid_entries_add_addresses(struct valid_entries *all, const struct model_master *m,
				 const struct model_slave *s)
{
	struct valid_place at = {.master = m, .slave = s, .field = VALID_ADDRESSES};

	for (; s->intent == MODEL_PRESENT && at.index < s->n_addresses; at.index++)
		valid_entries_add(all, "", &s->addresses[at.index].addr, &at);
}

/* Linux fib_table_insert(), fib6_add_rt2node() with NLM_F_EXCL: the device is not part
 * of a route's key, so that routes of two slaves in one namespace can collide too. */
void valid_entries_add_routes(struct valid_entries *all, const struct model_master *m,
			      const struct model_slave *s)
{
	const struct model_route *routes = s ? s->routes : m->routes;
	size_t n = s ? s->n_routes : m->n_routes;
	const char *netns = s ? rule_netns(m, s) : m->netns;
	struct valid_place at = {.master = m, .slave = s, .field = VALID_ROUTES};

	if (s && s->intent != MODEL_PRESENT)
		return;
	for (; at.index < n; at.index++)
		valid_entries_add(all, netns, &routes[at.index], &at);
}

void valid_entries_add_rules(struct valid_entries *all, const struct model_master *m,
			     const struct model_slave *s)
{
	struct valid_place at = {.master = m, .slave = s, .field = VALID_POLICY};

	for (; s->intent == MODEL_PRESENT && at.index < s->n_rules; at.index++)
		valid_entries_add(all, rule_netns(m, s), &s->rules[at.index], &at);
}

void valid_entries_add_tables(struct valid_entries *all, struct arena *a,
			      const struct model_master *m, const struct model_slave *s)
{
	const struct model_route *routes = s ? s->routes : m->routes;
	size_t n = s ? s->n_routes : m->n_routes;
	const char *netns = s ? rule_netns(m, s) : m->netns;
	struct valid_place at = {.master = m, .slave = s, .field = VALID_ROUTES};
	uint32_t table = s ? routing_source_table(s) : 0;

	if (s && s->intent != MODEL_PRESENT)
		return;
	for (; at.index < n; at.index++) {
		if (routes[at.index].table != MODEL_ROUTE_TABLE_MAIN)
			valid_entries_add(all, netns, &routes[at.index].table, &at);
	}
	if (!table)
		return;
	at = (struct valid_place){.master = m, .slave = s, .field = VALID_SOURCE_ROUTING};
	valid_entries_add(all, netns, arena_memdup(a, &table, sizeof(table)), &at);
}

void valid_entries_check(struct valid_entries *all, enum valid_key key,
			 struct valid_check *v)
{
	const struct kind *kind = &kinds[key];
	const struct valid_entry *first = all->entries;

	if (all->n)
		qsort_r(all->entries, all->n, sizeof(*all->entries), entry_cmp,
			(void *)(uintptr_t)kind);
	for (size_t i = 1; i < all->n; i++) {
		const struct valid_entry *e = &all->entries[i];

		if (kind->cmp(first, e))
			first = e;
		else
			kind->complain(v, &e->at, &first->at);
	}
	free(all->entries);
}
