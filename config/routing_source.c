/* The table, the rules and the routes of source routing. */
#include "config/routing_source.h"

#include "config/canon.h"

#include <stdlib.h>
#include <string.h>

/* Linux include/uapi/linux/rtnetlink.h: default, main, local. */
#define TABLE_DEFAULT 253U
#define TABLE_LOCAL   255U

/* FNV-1a. */
static uint32_t hash(const char *text)
{
	uint32_t h = 2166136261U;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 16777619U;
	return h;
}

uint32_t routing_source_table(const struct model_slave *s)
{
	if (!s->source_routing)
		return 0;
	return s->source_table ? s->source_table
			       : ROUTING_SOURCE_TABLE_FIRST +
					 hash(s->name) % ROUTING_SOURCE_TABLES;
}

const char *routing_source_text(struct arena *a, const struct model_slave *s)
{
	if (!s->source_routing)
		return "";
	return s->source_table ? arena_printf(a, "%u", s->source_table) : "true";
}

struct err *routing_source_parse(const char *text, struct model_slave *s)
{
	uint32_t table = 0;
	struct err *e = NULL;

	if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		e = canon_route_table(text, &table);
	if (e)
		return err_hint(e,
				"write true, and ipvl chooses a table, or the number of "
				"a table that nothing else uses");
	if (table >= TABLE_DEFAULT && table <= TABLE_LOCAL)
		return err_hint(err_new(ERR_INVALID,
					"table %u is for all traffic, not for one slave",
					table),
				"write true, and ipvl chooses a table");
	s->source_routing = strcmp(text, "false") != 0;
	s->source_table = table;
	return NULL;
}

static int route_cmp(const void *a, const void *b)
{
	return model_route_key_cmp(a, b);
}

static int rule_cmp(const void *a, const void *b)
{
	return model_rule_cmp(a, b);
}

/* What a slave has, while more is added. */
struct lists {
	struct model_route *routes;
	struct model_rule *rules;
	size_t n_routes, n_rules;
};

static void add_route(struct lists *l, const struct model_route *r)
{
	for (size_t i = 0; i < l->n_routes; i++) {
		if (!model_route_key_cmp(&l->routes[i], r))
			return;
	}
	l->routes[l->n_routes++] = *r;
}

static void add_rule(struct lists *l, const struct model_rule *r)
{
	for (size_t i = 0; i < l->n_rules; i++) {
		if (model_rule_has_same_key(&l->rules[i], r))
			return;
	}
	l->rules[l->n_rules++] = *r;
}

/* The kernel's own route to the subnet is in the main table alone. */
static void add_address(struct lists *l, const struct ip_prefix *p, uint32_t table)
{
	uint8_t bits = (uint8_t)ip_addr_bits(&p->addr);
	const struct model_route subnet = {.to = ip_prefix_network(p), .table = table};
	const struct model_rule rule = {
		.priority = MODEL_RULE_PRIORITY_SOURCE,
		.from = {.addr = p->addr, .len = bits},
		.to.addr.family = p->addr.family,
		.table = table,
	};

	/* It has a meaning on its link alone, which it never leaves. */
	if (ip_addr_is_link_local(&p->addr))
		return;
	add_rule(l, &rule);
	if (p->len < bits)
		add_route(l, &subnet);
}

void routing_source_add(struct arena *a, struct model_slave *s)
{
	uint32_t table = routing_source_table(s);
	struct lists l = {.n_routes = s->n_routes, .n_rules = s->n_rules};

	if (!table)
		return;
	l.routes = arena_array(a, 2 * s->n_routes + s->n_addresses, sizeof(*l.routes));
	l.rules = arena_array(a, s->n_rules + s->n_addresses, sizeof(*l.rules));
	if (s->n_routes)
		memcpy(l.routes, s->routes, s->n_routes * sizeof(*l.routes));
	if (s->n_rules)
		memcpy(l.rules, s->rules, s->n_rules * sizeof(*l.rules));
	for (size_t i = 0; i < s->n_routes; i++) {
		struct model_route copy = s->routes[i];

		if (copy.table != MODEL_ROUTE_TABLE_MAIN)
			continue;
		copy.table = table;
		add_route(&l, &copy);
	}
	for (size_t i = 0; i < s->n_addresses; i++)
		add_address(&l, &s->addresses[i], table);
	qsort(l.routes, l.n_routes, sizeof(*l.routes), route_cmp);
	qsort(l.rules, l.n_rules, sizeof(*l.rules), rule_cmp);
	s->routes = l.routes;
	s->n_routes = l.n_routes;
	s->rules = l.rules;
	s->n_rules = l.n_rules;
}
