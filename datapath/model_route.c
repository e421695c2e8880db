/* Routes as values: order, equality, gateways, text. */
#include "datapath/model_route.h"

#include "lib/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const struct {
	enum model_route_type type;
	const char *name;
} types[] = {
	{MODEL_ROUTE_UNICAST, "unicast"},
	{MODEL_ROUTE_BLACKHOLE, "blackhole"},
	{MODEL_ROUTE_UNREACHABLE, "unreachable"},
	{MODEL_ROUTE_PROHIBIT, "prohibit"},
	{MODEL_ROUTE_THROW, "throw"},
};

static const char *const scope_names[] = {"", "global", "link", "host"};

_Static_assert(sizeof(scope_names) / sizeof(scope_names[0]) == MODEL_SCOPE_OTHER,
	       "a name for each scope that a route of ours may have");

static int uint32_cmp(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static uint32_t effective_metric(const struct model_route *r)
{
	return !r->metric && r->to.addr.family == AF_INET6 ? MODEL_IPV6_METRIC
							   : r->metric;
}

int model_route_key_cmp(const struct model_route *a, const struct model_route *b)
{
	int c = uint32_cmp(a->to.addr.family, b->to.addr.family);

	if (!c)
		c = uint32_cmp(a->table, b->table);
	if (!c)
		c = ip_prefix_cmp(&a->to, &b->to);
	return c ? c : uint32_cmp(effective_metric(a), effective_metric(b));
}

static int key_cmp(const void *a, const void *b)
{
	return model_route_key_cmp(a, b);
}

const struct model_route *model_routes_in_table(struct arena *a,
						const struct model_route *routes,
						size_t n, uint32_t table)
{
	struct model_route *moved;

	if (!table || !n)
		return routes;
	moved = arena_memdup(a, routes, n * sizeof(*routes));
	for (size_t i = 0; i < n; i++) {
		if (moved[i].table == MODEL_ROUTE_TABLE_MAIN)
			moved[i].table = table;
	}
	qsort(moved, n, sizeof(*moved), key_cmp);
	return moved;
}

bool model_route_is_reject(const struct model_route *r)
{
	return r->type != MODEL_ROUTE_UNICAST;
}

const char *model_route_type_name(enum model_route_type type)
{
	for (size_t i = 1; i < ARRAY_SIZE(types); i++) {
		if (types[i].type == type)
			return types[i].name;
	}
	return "";
}

bool model_route_type_from_name(const char *name, enum model_route_type *ret_type)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (!strcmp(types[i].name, name)) {
			*ret_type = types[i].type;
			return true;
		}
	}
	return false;
}

size_t model_route_n_hops(const struct model_route *r)
{
	return r->via.family ? 1U + r->n_more : 0;
}

struct model_hop model_route_hop(const struct model_route *r, size_t i)
{
	assert(i < model_route_n_hops(r));
	return i ? r->more[i - 1]
		 : (struct model_hop){.via = r->via, .weight = r->weight ? r->weight : 1};
}

static int hop_cmp(const void *a, const void *b)
{
	const struct model_hop *x = a, *y = b;

	return ip_addr_cmp(&x->via, &y->via);
}

void model_route_set_hops(struct model_route *r, struct model_hop *hops, size_t n)
{
	assert(n <= MODEL_ROUTE_HOPS_MAX);
	if (n > 1)
		qsort(hops, n, sizeof(*hops), hop_cmp);
	memset(r->more, 0, sizeof(r->more));
	r->via = n ? hops[0].via : (struct ip_addr){0};
	r->weight = n > 1 ? hops[0].weight : 0;
	r->n_more = (uint8_t)(n > 1 ? n - 1 : 0);
	for (size_t i = 1; i < n; i++)
		r->more[i - 1] = hops[i];
}

static bool has_same_hops(const struct model_route *a, const struct model_route *b)
{
	if (ip_addr_cmp(&a->via, &b->via) || a->n_more != b->n_more ||
	    a->weight != b->weight)
		return false;
	for (size_t i = 0; i < a->n_more; i++) {
		if (hop_cmp(&a->more[i], &b->more[i]) ||
		    a->more[i].weight != b->more[i].weight)
			return false;
	}
	return true;
}

bool model_route_equals(const struct model_route *a, const struct model_route *b)
{
	/* Without a gateway `onlink` has no meaning, and the kernel does not keep it. */
	return !model_route_key_cmp(a, b) && a->type == b->type && has_same_hops(a, b) &&
	       !ip_addr_cmp(&a->from, &b->from) && a->mtu == b->mtu &&
	       a->advmss == b->advmss && a->scope == b->scope &&
	       (!a->via.family || a->on_link == b->on_link);
}

enum model_route_scope model_route_scope_of(const struct model_route *r,
					    enum model_route_scope scope)
{
	bool is_link = r->to.addr.family == AF_INET && !r->via.family &&
		       !model_route_is_reject(r);

	return scope == (is_link ? MODEL_SCOPE_LINK : MODEL_SCOPE_GLOBAL)
		       ? MODEL_SCOPE_DERIVED
		       : scope;
}

const char *model_route_scope_name(enum model_route_scope scope)
{
	return scope < MODEL_SCOPE_OTHER ? scope_names[scope] : "";
}

bool model_route_scope_from_name(const char *name, enum model_route_scope *ret_scope)
{
	for (int i = MODEL_SCOPE_GLOBAL; i < MODEL_SCOPE_OTHER; i++) {
		if (!strcmp(scope_names[i], name)) {
			*ret_scope = (enum model_route_scope)i;
			return true;
		}
	}
	return false;
}

/* ip-route(8): what belongs to a hop is repeated for each. */
static const char *hops_text(struct arena *a, const char *text,
			     const struct model_route *r)
{
	for (size_t i = 0; i < model_route_n_hops(r); i++) {
		struct model_hop hop = model_route_hop(r, i);
		char buf[IP_TEXT_BYTES];

		text = arena_printf(a, "%s nexthop via %s", text,
				    ip_addr_format(&hop.via, buf));
		if (hop.weight != 1)
			text = arena_printf(a, "%s weight %u", text, hop.weight);
		if (r->on_link)
			text = arena_printf(a, "%s onlink", text);
	}
	return text;
}

const char *model_route_text(struct arena *a, const struct model_route *r)
{
	bool is_plain_default = ip_prefix_is_default(&r->to) &&
				(r->to.addr.family == AF_INET || r->via.family);
	char buf[IP_TEXT_BYTES];
	const char *text = is_plain_default ? "default" : ip_prefix_format(&r->to, buf);

	text = arena_printf(a, "%s%s%s", model_route_type_name(r->type),
			    model_route_is_reject(r) ? " " : "", text);
	if (r->via.family && !r->n_more)
		text = arena_printf(a, "%s via %s", text, ip_addr_format(&r->via, buf));
	if (r->from.family)
		text = arena_printf(a, "%s src %s", text, ip_addr_format(&r->from, buf));
	if (r->metric)
		text = arena_printf(a, "%s metric %u", text, r->metric);
	if (r->table != MODEL_ROUTE_TABLE_MAIN)
		text = arena_printf(a, "%s table %u", text, r->table);
	if (r->mtu)
		text = arena_printf(a, "%s mtu %u", text, r->mtu);
	if (r->advmss)
		text = arena_printf(a, "%s advmss %u", text, r->advmss);
	if (r->scope)
		text = arena_printf(a, "%s scope %s", text,
				    model_route_scope_name(r->scope));
	if (r->n_more)
		return hops_text(a, text, r);
	return r->on_link && r->via.family ? arena_printf(a, "%s onlink", text) : text;
}
