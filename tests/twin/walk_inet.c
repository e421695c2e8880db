/* Requests on addresses, routes and rules: few of each, so that they meet. */
#include "tests/twin/walk_private.h"

#include "lib/alloc.h"

#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>

static const char *const addresses[] = {
	"10.0.0.1/24",    "10.0.0.2/24",     "10.0.0.3/24",    "10.0.0.2/16",
	"10.0.1.1/24",    "10.0.0.4/32",     "2001:db8::1/64", "2001:db8::2/64",
	"2001:db8::2/56", "2001:db8::3/128", "fd00::1/64",
};
static const char *const targets[] = {
	"0.0.0.0/0",   "0.0.0.0/0", "10.9.0.0/16",     "10.0.0.0/24",
	"10.9.9.9/32", "::/0",      "2001:db8:9::/48", "2001:db8::/64",
};
static const char *const gateways4[] = {"10.0.0.254", "10.0.0.254", "10.0.0.1",
					"10.9.9.9", "192.0.2.1"};
static const char *const gateways6[] = {"2001:db8::ff", "2001:db8::ff", "2001:db8::1",
					"2001:db8:9::1", "fe80::1"};

#define PICK(w, array) ((array)[walk_pick(w, ARRAY_SIZE(array))])

static void must(struct err *e)
{
	if (e)
		abort();
}

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	must(ip_addr_parse(text, &a));
	return a;
}

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix p;

	must(ip_prefix_parse(text, &p));
	return p;
}

static void special(struct walk *w, struct twin_addr_request *q)
{
	if (walk_chance(w, 30)) {
		q->sent |= TWIN_ADDR_LIFETIME;
		q->valid_s = walk_chance(w, 60) ? 7200 : UINT32_MAX;
		q->preferred_s = walk_chance(w, 60) ? q->valid_s : 0;
	}
	if (walk_chance(w, 20)) {
		q->sent |= TWIN_ADDR_SCOPE;
		q->scope = walk_chance(w, 50) ? 253 : 254;
	}
	if (walk_chance(w, 20)) {
		q->sent |= TWIN_ADDR_METRIC;
		q->metric = 50;
	}
	if (walk_chance(w, 20)) {
		q->sent |= TWIN_ADDR_PROTOCOL;
		q->protocol = 18;
	}
	if (walk_chance(w, 20))
		q->label = walk_chance(w, 50) ? "a:1" : "other";
	if (walk_chance(w, 20))
		q->peer = addr(q->address.addr.family == AF_INET ? "10.0.0.200"
								 : "2001:db8::c8");
}

void walk_addr_new(struct walk *w, struct twin_request *r)
{
	r->kind = TWIN_ADDR_NEW;
	walk_name(w, r, "ipvlan");
	r->u.addr.address = prefix(PICK(w, addresses));
	r->flags = TWIN_CREATE | TWIN_EXCL;
	if (walk_chance(w, 15))
		r->flags = TWIN_CREATE | TWIN_REPLACE;
	if (walk_chance(w, 5))
		r->flags = TWIN_REPLACE;
	if (walk_chance(w, 20))
		special(w, &r->u.addr);
}

void walk_addr_del(struct walk *w, struct twin_request *r)
{
	r->kind = TWIN_ADDR_DEL;
	walk_name(w, r, "ipvlan");
	r->u.addr.address = prefix(PICK(w, addresses));
	if (walk_chance(w, 5))
		r->u.addr.peer =
			addr(r->u.addr.address.addr.family == AF_INET ? "10.0.0.200"
								      : "2001:db8::c8");
}

static void add_hop(struct walk *w, struct model_route *r, bool is_ipv4)
{
	struct model_hop hops[2] = {
		{.via = r->via, .weight = walk_chance(w, 80) ? 1 : 3},
		{.via = addr(is_ipv4 ? PICK(w, gateways4) : PICK(w, gateways6)),
		 .weight = 1}};

	if (ip_addr_cmp(&hops[0].via, &hops[1].via))
		model_route_set_hops(r, hops, 2);
}

static void some_route(struct walk *w, struct twin_request *r)
{
	static const uint8_t protocols[] = {76, 76, 3, 4};
	static const uint8_t scopes[] = {0, 200, RT_SCOPE_LINK, RT_SCOPE_HOST,
					 RT_SCOPE_NOWHERE};
	static const uint32_t mtus[] = {68, 1280, 1400, 1500, 65535};
	struct twin_route_request *q = &r->u.route;
	bool is_ipv4;

	walk_name(w, r, "ipvlan");
	q->route.to = prefix(PICK(w, targets));
	q->route.table = walk_chance(w, 90) ? MODEL_ROUTE_TABLE_MAIN : 100;
	q->protocol = PICK(w, protocols);
	is_ipv4 = q->route.to.addr.family == AF_INET;
	if (walk_chance(w, 60))
		q->route.via = addr(is_ipv4 ? PICK(w, gateways4) : PICK(w, gateways6));
	if (q->route.via.family && walk_chance(w, 15))
		add_hop(w, &q->route, is_ipv4);
	if (walk_chance(w, 15))
		q->route.metric = 100;
	if (walk_chance(w, 10))
		q->route.from = addr(is_ipv4 ? "10.0.0.2" : "2001:db8::2");
	q->route.on_link = q->route.via.family && walk_chance(w, 10);
	/* As `ip route`, mostly. */
	if (is_ipv4 && !q->route.via.family && walk_chance(w, 95))
		q->scope = RT_SCOPE_LINK;
	if (is_ipv4 && walk_chance(w, 5))
		q->scope = PICK(w, scopes);
	if (walk_chance(w, 10))
		q->route.mtu = PICK(w, mtus);
	if (walk_chance(w, 5))
		q->route.advmss = PICK(w, mtus);
}

void walk_route_new(struct walk *w, struct twin_request *r)
{
	r->kind = TWIN_ROUTE_NEW;
	some_route(w, r);
	r->flags = TWIN_CREATE | TWIN_EXCL;
	if (walk_chance(w, 10))
		r->flags = TWIN_CREATE | TWIN_REPLACE;
	if (walk_chance(w, 5))
		r->flags = TWIN_CREATE | TWIN_APPEND;
}

void walk_route_del(struct walk *w, struct twin_request *r)
{
	r->kind = TWIN_ROUTE_DEL;
	some_route(w, r);
	if (walk_chance(w, 60))
		r->u.route.protocol = 0;
	r->u.route.scope = RT_SCOPE_NOWHERE;
	if (walk_chance(w, 60))
		model_route_set_hops(&r->u.route.route, NULL, 0);
}

static const char *const sources[] = {"0.0.0.0/0", "10.0.0.2/32", "10.0.0.0/24", "::/0",
				      "2001:db8::2/128"};
static const char *const destinations[] = {"0.0.0.0/0", "10.9.0.0/16", "::/0",
					   "2001:db8:9::/48"};

/* The kernel's own rules are those without a table of ours. */
static void some_rule(struct walk *w, struct twin_request *r)
{
	static const uint8_t protocols[] = {76, 76, 3, 0};
	static const uint8_t toses[] = {0x10, 0x20, 0x02};
	struct twin_rule_request *q = &r->u.rule;
	struct ip_prefix to = prefix(PICK(w, destinations));

	walk_name(w, r, "ipvlan");
	r->name = NULL;
	q->rule.from = prefix(PICK(w, sources));
	q->rule.to =
		to.addr.family == q->rule.from.addr.family
			? to
			: (struct ip_prefix){.addr.family = q->rule.from.addr.family};
	q->rule.table = walk_chance(w, 70) ? 100 : 101;
	q->rule.priority = walk_chance(w, 70) ? 30000 : 500;
	q->has_priority = true;
	q->protocol = PICK(w, protocols);
	if (walk_chance(w, 20))
		q->rule.mark = 5;
	if (walk_chance(w, 10))
		q->rule.tos = PICK(w, toses);
}

void walk_rule_new(struct walk *w, struct twin_request *r)
{
	r->kind = TWIN_RULE_NEW;
	some_rule(w, r);
	r->flags = TWIN_CREATE | TWIN_EXCL;
}

void walk_rule_del(struct walk *w, struct twin_request *r)
{
	r->kind = TWIN_RULE_DEL;
	some_rule(w, r);
}
