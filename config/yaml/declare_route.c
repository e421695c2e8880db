/* `routes:` of a master or a slave, from the tree of values to the model. */
#include "config/yaml/declare.h"

#include "config/canon.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct route {
	struct model_route m;
	struct place to, type, scope;
	struct route_places places;
	bool has_to, is_broken;
};

static void read_to(struct declare *r, const struct node *value, void *object)
{
	struct route *route = object;
	const char *text = declare_text(r, value, "to");
	struct err *e = text ? canon_route_to(text, &route->m.to) : NULL;

	route->has_to = true;
	route->to = value->place;
	route->is_broken |= !text || e;
	if (e)
		declare_fail(r, value, e);
}

static void read_host(struct declare *r, const struct node *value, struct route *route,
		      const char *key, const char *what, struct ip_addr *addr)
{
	const char *text = declare_text(r, value, key);
	struct err *e = text ? canon_route_host(text, what, addr) : NULL;

	route->is_broken |= !text || e;
	if (e)
		declare_fail(r, value, e);
}

struct hop {
	struct model_hop m;
	bool is_broken;
};

static void read_hop_address(struct declare *r, const struct node *value, void *object)
{
	struct hop *hop = object;
	const char *text = declare_text(r, value, "address");
	struct err *e = text ? canon_route_host(text, "gateway", &hop->m.via) : NULL;

	hop->is_broken |= !text || e;
	if (e)
		declare_fail(r, value, e);
}

static void read_hop_weight(struct declare *r, const struct node *value, void *object)
{
	struct hop *hop = object;
	uint64_t weight = 1;

	hop->is_broken |=
		!declare_number(r, value, "weight", 1, MODEL_ROUTE_WEIGHT_MAX, &weight);
	hop->m.weight = (uint16_t)weight;
}

static const struct declare_key hop_keys[] = {
	{.name = "address", .read = read_hop_address},
	{.name = "weight", .read = read_hop_weight},
};

static const struct declare_kind hop_kind = {
	.what = "a gateway",
	.keys = hop_keys,
	.n_keys = ARRAY_SIZE(hop_keys),
};

/* False after a complaint. */
static bool read_hop(struct declare *r, const struct node *value,
		     struct model_hop *ret_hop)
{
	struct hop hop = {.m.weight = 1};

	if (value->kind != NODE_MAP)
		read_hop_address(r, value, &hop);
	else if (!declare_map(r, value, &hop_kind, &hop))
		return false;
	if (!hop.is_broken && !hop.m.via.family) {
		declare_fail(r, value,
			     err_hint(err_new(ERR_INVALID, "this gateway has no address"),
				      "add `address: GATEWAY`"));
		return false;
	}
	*ret_hop = hop.m;
	return !hop.is_broken;
}

/* Several gateways. */
static void read_hops(struct declare *r, const struct node *list, struct route *route)
{
	CLEANUP(freep)
	struct model_hop *hops = xcalloc(list->n_items, sizeof(*hops));
	struct err *e;

	for (size_t i = 0; i < list->n_items; i++)
		route->is_broken |= !read_hop(r, list->items[i], &hops[i]);
	if (route->is_broken)
		return;
	e = list->n_items ? canon_route_hops(&route->m, hops, list->n_items)
			  : err_hint(err_new(ERR_INVALID, "`via` has no gateway"),
				     "leave out `via` for an on-link route");
	if (e) {
		route->is_broken = true;
		declare_fail(r, list, e);
	}
}

static void read_via(struct declare *r, const struct node *value, void *object)
{
	struct route *route = object;

	route->places.via = value->place;
	if (value->kind == NODE_LIST)
		read_hops(r, value, route);
	else
		read_host(r, value, route, "via", "gateway", &route->m.via);
}

static void read_from(struct declare *r, const struct node *value, void *object)
{
	struct route *route = object;

	route->places.from = value->place;
	read_host(r, value, route, "from", "source", &route->m.from);
}

static void read_metric(struct declare *r, const struct node *value, void *object)
{
	struct route *route = object;
	uint64_t metric = 0;

	route->is_broken |= !declare_number(r, value, "metric", 0, UINT32_MAX, &metric);
	route->m.metric = (uint32_t)metric;
}

static void read_mtu(struct declare *r, const struct node *value, void *object)
{
	struct route *route = object;
	uint64_t mtu = 0;

	route->places.mtu = value->place;
	route->is_broken |= !declare_number(r, value, "mtu", MODEL_MTU_MIN,
					    MODEL_ROUTE_MTU_MAX, &mtu);
	route->m.mtu = (uint32_t)mtu;
}

static void read_advmss(struct declare *r, const struct node *value, void *object)
{
	struct route *route = object;
	uint64_t advmss = 0;

	route->is_broken |= !declare_number(r, value, "advertised-mss", 1,
					    MODEL_ROUTE_ADVMSS_MAX, &advmss);
	route->m.advmss = (uint32_t)advmss;
}

static void read_scope(struct declare *r, const struct node *value, void *object)
{
	struct route *route = object;
	const char *text = declare_text(r, value, "scope");
	struct err *e = text ? canon_route_scope(text, &route->m.scope) : NULL;

	route->scope = value->place;
	route->is_broken |= !text || e;
	if (e)
		declare_fail(r, value, e);
}

static void read_type(struct declare *r, const struct node *value, void *object)
{
	struct route *route = object;
	const char *text = declare_text(r, value, "type");
	struct err *e = text ? canon_route_type(text, &route->m.type) : NULL;

	route->type = value->place;
	route->is_broken |= !text || e;
	if (e)
		declare_fail(r, value, e);
}

static void read_table(struct declare *r, const struct node *value, void *object)
{
	struct route *route = object;
	const char *text = declare_text(r, value, "table");
	struct err *e = text ? canon_route_table(text, &route->m.table) : NULL;
	uint64_t n;

	if (text && !value->is_plain && text_to_uint(text, 1, UINT32_MAX, &n))
		e = err_hint(err_new(ERR_INVALID,
				     "`table` must be a number or a name, "
				     "not the text \"%s\"",
				     text),
			     "leave out the quotes");
	route->is_broken |= !text || e;
	if (e)
		declare_fail(r, value, e);
}

static void read_on_link(struct declare *r, const struct node *value, void *object)
{
	struct route *route = object;

	route->is_broken |= !declare_boolean(r, value, "on-link", &route->m.on_link);
}

static const struct declare_key keys[] = {
	{.name = "to", .read = read_to},
	{.name = "type", .read = read_type},
	{.name = "via", .read = read_via},
	{.name = "from", .read = read_from},
	{.name = "metric", .read = read_metric},
	{.name = "table", .read = read_table},
	{.name = "on-link", .read = read_on_link},
	{.name = "mtu", .read = read_mtu},
	{.name = "advertised-mss", .read = read_advmss},
	{.name = "scope", .read = read_scope},
};

static const struct declare_stranger strangers[] = {
	{"gateway", "a route's gateway is called `via`", "write `via: ADDRESS`"},
	{"gw", "a route's gateway is called `via`", "write `via: ADDRESS`"},
	{"next-hop", "a route's gateway is called `via`", "write `via: ADDRESS`"},
	{"next-hop-address", "a route's gateway is called `via`", "write `via: ADDRESS`"},
	{"destination", "a route's destination is called `to`", "write `to: NETWORK`"},
	{"dst", "a route's destination is called `to`", "write `to: NETWORK`"},
	{"table-id", "this key is called `table`", "write `table: NUMBER`"},
	{"src", "a route's source is called `from`", "write `from: ADDRESS`"},
	{"dev", "a route's device is the one that it stands under", "leave it out"},
	{"next-hop-interface", "a route's device is the one that it stands under",
	 "leave it out"},
	{"onlink", "this key is called `on-link`", "write `on-link: true`"},
	{"advmss", "this key is called `advertised-mss`",
	 "write `advertised-mss: BYTES`"},
};

static const struct declare_kind kind = {
	.what = "a route",
	.example = "{to: default, via: 192.168.9.1}",
	.keys = keys,
	.n_keys = ARRAY_SIZE(keys),
	.strangers = strangers,
	.n_strangers = ARRAY_SIZE(strangers),
};

/* `to: default` without a gateway and a source has the family of the slave's
 * addresses. */
static struct err *choose_family(struct model_route *m, enum declare_default by_default)
{
	if (m->to.addr.family || m->via.family || m->from.family)
		return NULL;
	switch (by_default) {
	case DECLARE_DEFAULT_IPV4:
		break; /* canon_route_finish() */
	case DECLARE_DEFAULT_IPV6:
		m->to.addr.family = AF_INET6;
		break;
	case DECLARE_DEFAULT_AMBIGUOUS:
		return err_hint(err_new(ERR_INVALID,
					"`default` may be IPv4 or IPv6 here, since there "
					"are addresses of both"),
				"write `to: 0.0.0.0/0` or `to: \"::/0\"`, or a route "
				"for each");
	}
	return NULL;
}

/* False after a complaint. */
static bool read_route(struct declare *r, const struct node *node,
		       enum declare_default by_default, struct route *route)
{
	enum canon_route_part part;
	struct place at;
	struct err *e;

	route->places.object = node->place;
	if (!declare_map(r, node, &kind, route))
		return false;
	if (!route->has_to) {
		declare_fail(
			r, node,
			err_hint(err_new(ERR_INVALID, "this route has no destination"),
				 "add `to: NETWORK`, or `to: default`"));
		return false;
	}
	if (route->is_broken)
		return false;
	e = choose_family(&route->m, by_default);
	part = CANON_ROUTE_TO;
	if (!e)
		e = canon_route_finish(&route->m, &part);
	if (!e)
		return true;
	at = part == CANON_ROUTE_TYPE    ? route->type
	     : part == CANON_ROUTE_VIA   ? route->places.via
	     : part == CANON_ROUTE_FROM  ? route->places.from
	     : part == CANON_ROUTE_MTU   ? route->places.mtu
	     : part == CANON_ROUTE_SCOPE ? route->scope
					 : route->to;
	document_errors_add(r->errors, r->d, at, e);
	return false;
}

/* Equal keys stay in the order of the file, so that the complaint is about the later
 * one. */
static int route_cmp(const void *a, const void *b)
{
	const struct route *x = a, *y = b;
	int c = model_route_key_cmp(&x->m, &y->m);

	return c ? c : place_cmp(&x->places.object, &y->places.object);
}

void declare_routes(struct declare *r, const struct node *value,
		    enum declare_default by_default, struct declare_routes *ret)
{
	struct arena *a = r->d->arena;
	CLEANUP(freep) struct route *all = NULL;
	size_t n = 0;

	*ret = (struct declare_routes){0};
	if (!declare_list(r, value, "routes")) {
		ret->is_broken = true;
		return;
	}
	all = xcalloc(value->n_items, sizeof(*all));
	for (size_t i = 0; i < value->n_items; i++) {
		all[n] = (struct route){0};
		if (read_route(r, value->items[i], by_default, &all[n]))
			n++;
		else
			ret->is_broken = true;
	}
	qsort(all, n, sizeof(*all), route_cmp);
	ret->routes = arena_array(a, n, sizeof(*ret->routes));
	ret->places = arena_array(a, n, sizeof(*ret->places));
	ret->n = n;
	for (size_t i = 0; i < n; i++) {
		ret->routes[i] = all[i].m;
		ret->places[i] = all[i].places;
	}
}
