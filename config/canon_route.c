/* The canonical text of a route, in the words of `ip route` (ip-route(8)).
 *
 * A route has one text. Defaults of the kernel are left out: table 254, metric 0, and
 * in IPv6 also metric 1024. "onlink" without a gateway has no meaning. A default of
 * IPv4, or with a gateway, is "default". Several gateways are sorted. */
#include "config/canon.h"
#include "config/route_table.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const char *family_name(uint8_t family)
{
	return family == AF_INET6 ? "IPv6" : "IPv4";
}

struct err *canon_route_to(const char *text, struct ip_prefix *ret_to)
{
	char buf[IP_TEXT_BYTES];
	struct ip_prefix p = {0}, network;
	struct err *e;

	if (!strcmp(text, "default")) {
		*ret_to = p;
		return NULL;
	}
	if (strchr(text, '/')) {
		e = ip_prefix_parse(text, &p);
	} else {
		e = ip_addr_parse(text, &p.addr);
		p.len = e ? 0 : (uint8_t)ip_addr_bits(&p.addr);
	}
	if (e && err_find_hint(e))
		return e;
	if (e)
		return err_hint(
			e, "write `default`, a network as in 192.168.9.0/24, or a host's "
			   "address");
	network = ip_prefix_network(&p);
	if (ip_prefix_cmp(&network, &p)) {
		ip_prefix_format(&network, buf);
		return err_hint(
			err_new(ERR_INVALID,
				"%s is a host in %s, and the kernel routes networks",
				text, buf),
			"write %s for the network, or the address without a length for "
			"the host alone",
			buf);
	}
	*ret_to = p;
	return NULL;
}

struct err *canon_route_host(const char *text, const char *what, struct ip_addr *ret_addr)
{
	const char *slash = strchr(text, '/');
	struct ip_addr addr;
	struct err *e = ip_addr_parse(text, &addr);

	if (e && slash)
		return err_hint(e, "write a %s without a prefix length: %.*s", what,
				(int)(slash - text), text);
	if (e)
		return e;
	if (ip_addr_is_multicast(&addr) || ip_addr_is_unspecified(&addr))
		return err_new(ERR_INVALID,
			       "%s cannot be a %s: it is not one host's address", text,
			       what);
	*ret_addr = addr;
	return NULL;
}

struct err *canon_route_table(const char *text, uint32_t *ret_table)
{
	uint64_t n;

	if (!strcmp(text, "main")) {
		*ret_table = MODEL_ROUTE_TABLE_MAIN;
		return NULL;
	}
	if (text_to_uint(text, 1, UINT32_MAX, &n)) {
		*ret_table = (uint32_t)n;
		return NULL;
	}
	if (route_table_find(text, ret_table))
		return NULL;
	if (!*text || strspn(text, "0123456789-") == strlen(text))
		return err_hint(
			err_new(ERR_INVALID, "\"%s\" is not a routing table", text),
			"write a number from 1 to %u, or a name", UINT32_MAX);
	return err_hint(
		err_new(ERR_INVALID, "there is no routing table called \"%s\"", text),
		"write its number, 1 to %u, or name it in "
		"/etc/iproute2/rt_tables",
		UINT32_MAX);
}

struct err *canon_route_hops(struct model_route *r, struct model_hop *hops, size_t n)
{
	char buf[IP_TEXT_BYTES];

	if (n > MODEL_ROUTE_HOPS_MAX)
		return err_new(ERR_INVALID, "a route has at most %d gateways",
			       MODEL_ROUTE_HOPS_MAX);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < i; k++) {
			if (!ip_addr_cmp(&hops[i].via, &hops[k].via))
				return err_hint(
					err_new(ERR_INVALID,
						"gateway %s is listed twice in one route",
						ip_addr_format(&hops[i].via, buf)),
					"give it a `weight` instead");
		}
	}
	model_route_set_hops(r, hops, n);
	return NULL;
}

struct err *canon_route_scope(const char *text, enum model_route_scope *ret_scope)
{
	if (model_route_scope_from_name(text, ret_scope))
		return NULL;
	return err_hint(err_new(ERR_INVALID, "\"%s\" is not the scope of a route", text),
			"write global, link or host");
}

struct err *canon_route_type(const char *text, enum model_route_type *ret_type)
{
	if (model_route_type_from_name(text, ret_type))
		return NULL;
	return err_hint(
		err_new(ERR_INVALID, "\"%s\" is not a type of route that ipvl makes",
			text),
		"write blackhole, unreachable, prohibit or throw, or leave it out");
}

static struct err *check_family(const struct model_route *r, const struct ip_addr *addr,
				const char *what)
{
	char host[IP_TEXT_BYTES], to[IP_TEXT_BYTES];
	struct err *e;

	if (!addr->family || addr->family == r->to.addr.family)
		return NULL;
	e = err_new(ERR_INVALID, "%s %s is %s, and %s is %s", what,
		    ip_addr_format(addr, host), family_name(addr->family),
		    ip_prefix_format(&r->to, to), family_name(r->to.addr.family));
	if (ip_prefix_is_default(&r->to) && !r->via.family)
		e = err_hint(e, "an on-link default of IPv6 is written ::/0");
	else
		e = err_hint(e, "both must be of one family");
	return e;
}

static struct err *check_gateways(const struct model_route *r)
{
	for (size_t i = 0; i < model_route_n_hops(r); i++) {
		struct model_hop hop = model_route_hop(r, i);
		struct err *e = check_family(r, &hop.via, "gateway");

		if (e)
			return e;
	}
	return NULL;
}

/* Linux fib_create_info(), fib_check_nh(): a gateway is itself on a link. */
static struct err *check_scope(const struct model_route *r)
{
	const char *scope = model_route_scope_name(r->scope);

	if (!r->scope)
		return NULL;
	if (r->to.addr.family == AF_INET6)
		return err_hint(err_new(ERR_INVALID,
					"a route of IPv6 has no scope \"%s\"", scope),
				"leave it out");
	if (r->via.family)
		return err_hint(err_new(ERR_INVALID,
					"a route through a gateway cannot have the scope "
					"\"%s\"",
					scope),
				"leave out the scope, or the gateway");
	return NULL;
}

static struct err *check_mtu(const struct model_route *r)
{
	if (!r->mtu || r->mtu >= MODEL_IPV6_MTU_MIN || r->to.addr.family != AF_INET6)
		return NULL;
	return err_new(ERR_INVALID,
		       "mtu %u is too small for a route of IPv6, which needs %u", r->mtu,
		       MODEL_IPV6_MTU_MIN);
}

/* Linux fib_create_info(): such a route has no device; what belongs to one has no
 * meaning. */
static struct err *check_type(const struct model_route *r)
{
	const char *what = r->via.family    ? "gateway"
			   : r->from.family ? "source address"
			   : r->mtu         ? "mtu"
			   : r->advmss      ? "TCP segment size"
			   : r->scope       ? "scope"
					    : NULL;

	if (!model_route_is_reject(r) || !what)
		return NULL;
	return err_hint(err_new(ERR_INVALID, "a route of type %s has no %s",
				model_route_type_name(r->type), what),
			"leave out the type, or the %s", what);
}

static struct err *check_parts(const struct model_route *r,
			       enum canon_route_part *ret_part)
{
	struct err *e;

	*ret_part = CANON_ROUTE_TYPE;
	e = check_type(r);
	if (e)
		return e;
	*ret_part = CANON_ROUTE_TO;
	if (ip_addr_is_multicast(&r->to.addr))
		return err_new(ERR_INVALID, "a route cannot lead to a multicast network");
	*ret_part = CANON_ROUTE_VIA;
	e = check_gateways(r);
	if (e)
		return e;
	*ret_part = CANON_ROUTE_FROM;
	e = check_family(r, &r->from, "source");
	if (e)
		return e;
	*ret_part = CANON_ROUTE_SCOPE;
	e = check_scope(r);
	if (e)
		return e;
	*ret_part = CANON_ROUTE_MTU;
	return check_mtu(r);
}

struct err *canon_route_finish(struct model_route *r, enum canon_route_part *ret_part)
{
	struct model_route route = *r;
	enum canon_route_part part;
	struct err *e;

	if (!route.to.addr.family)
		route.to.addr.family = route.via.family    ? route.via.family
				       : route.from.family ? route.from.family
							   : AF_INET;
	route.scope = model_route_scope_of(&route, route.scope);
	e = check_parts(&route, &part);
	if (e) {
		if (ret_part)
			*ret_part = part;
		return e;
	}
	if (!route.table)
		route.table = MODEL_ROUTE_TABLE_MAIN;
	if (route.to.addr.family == AF_INET6 && route.metric == MODEL_IPV6_METRIC)
		route.metric = 0;
	if (!route.via.family)
		route.on_link = false;
	*r = route;
	return NULL;
}

/* The words of `ip route` behind a destination. */

static struct err *set_via(struct model_route *r, const char *value)
{
	return canon_route_host(value, "gateway", &r->via);
}

static struct err *set_from(struct model_route *r, const char *value)
{
	return canon_route_host(value, "source", &r->from);
}

static struct err *set_number(const char *what, const char *value, uint32_t min,
			      uint32_t max, uint32_t *ret_number)
{
	uint64_t n;

	if (!text_to_uint(value, min, max, &n))
		return err_new(ERR_INVALID, "%s \"%s\" is not a number from %u to %u",
			       what, value, min, max);
	*ret_number = (uint32_t)n;
	return NULL;
}

static struct err *set_metric(struct model_route *r, const char *value)
{
	return set_number("metric", value, 0, UINT32_MAX, &r->metric);
}

static struct err *set_table(struct model_route *r, const char *value)
{
	return canon_route_table(value, &r->table);
}

static struct err *set_mtu(struct model_route *r, const char *value)
{
	return set_number("mtu", value, MODEL_MTU_MIN, MODEL_ROUTE_MTU_MAX, &r->mtu);
}

static struct err *set_advmss(struct model_route *r, const char *value)
{
	return set_number("advmss", value, 1, MODEL_ROUTE_ADVMSS_MAX, &r->advmss);
}

static struct err *set_scope(struct model_route *r, const char *value)
{
	return canon_route_scope(value, &r->scope);
}

static const struct word {
	const char *name;
	const char *value; /* as a hint names it; NULL: the word stands alone */
	struct err *(*set)(struct model_route *r, const char *value);
} words[] = {
	{"via", "GATEWAY", set_via},      {"src", "ADDRESS", set_from},
	{"metric", "NUMBER", set_metric}, {"table", "TABLE", set_table},
	{"mtu", "BYTES", set_mtu},        {"advmss", "BYTES", set_advmss},
	{"scope", "SCOPE", set_scope},    {"onlink", NULL, NULL},
};
#define MAX_HINT_BYTES 256

static const char blanks[] = " \t\n\r\v\f";

static const struct word *find_word(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(words[i].name, name))
			return &words[i];
	}
	return NULL;
}

/* Words that a row cannot have. */
static struct err *refuse_word(const char *word)
{
	const char *names[ARRAY_SIZE(words) + 1] = {0}, *nearest;
	char form[MAX_HINT_BYTES] = "";
	struct err *e;

	if (!strcmp(word, "dev"))
		return err_new(
			ERR_INVALID,
			"a route's device is the row's own: leave out `dev DEVICE`");
	if (!strcmp(word, "proto") || !strcmp(word, "protocol"))
		return err_new(ERR_INVALID,
			       "a route's protocol is ipvl's own: leave out `%s`", word);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t n = strlen(form);

		names[i] = words[i].name;
		snprintf(form + n, sizeof(form) - n, " [%s%s%s]", words[i].name,
			 words[i].value ? " " : "", words[i].value ? words[i].value : "");
	}
	nearest = !strcmp(word, "from") ? "src" : text_nearest(word, names);
	e = err_new(ERR_INVALID, "unknown word \"%s\" in a route", word);
	if (nearest)
		return err_hint(e, "did you mean `%s`?", nearest);
	return err_hint(e,
			"a route is written: [TYPE] DESTINATION%s [nexthop via GATEWAY "
			"[weight NUMBER]]...",
			form);
}

static struct err *lacks_value(const char *name)
{
	return err_new(ERR_INVALID, "`%s` at the end of a route has no value", name);
}

/* One word of a hop, with its value. */
static struct err *set_hop(struct model_route *r, struct model_hop *hop, const char *name,
			   char **save)
{
	const char *value;
	uint32_t weight;
	struct err *e;

	if (!strcmp(name, "onlink")) {
		r->on_link = true;
		return NULL;
	}
	if (strcmp(name, "via") != 0 && strcmp(name, "weight") != 0)
		return refuse_word(name);
	value = strtok_r(NULL, blanks, save);
	if (!value)
		return lacks_value(name);
	if (!strcmp(name, "via"))
		return canon_route_host(value, "gateway", &hop->via);
	e = set_number("weight", value, 1, MODEL_ROUTE_WEIGHT_MAX, &weight);
	if (!e)
		hop->weight = (uint16_t)weight;
	return e;
}

/* From the first `nexthop` to the end. */
static struct err *parse_hops(char **save, struct model_route *r)
{
	struct model_hop hops[MODEL_ROUTE_HOPS_MAX + 1] = {{.weight = 1}};
	size_t n = 1;
	const char *name;

	if (r->via.family)
		return err_hint(err_new(ERR_INVALID, "`via` and `nexthop` in one route"),
				"write `nexthop via` for each of several gateways");
	while ((name = strtok_r(NULL, blanks, save))) {
		struct err *e = NULL;

		if (strcmp(name, "nexthop") != 0)
			e = set_hop(r, &hops[n - 1], name, save);
		else if (n <= MODEL_ROUTE_HOPS_MAX)
			hops[n++].weight = 1;
		if (e)
			return e;
	}
	for (size_t i = 0; i < n; i++) {
		if (!hops[i].via.family)
			return err_hint(
				err_new(ERR_INVALID, "a `nexthop` without a gateway"),
				"write `nexthop via GATEWAY`");
	}
	return canon_route_hops(r, hops, n);
}

static struct err *parse_word(const struct word *word, char **save, struct model_route *r)
{
	const char *value;

	if (!word->value) {
		r->on_link = true;
		return NULL;
	}
	value = strtok_r(NULL, blanks, save);
	return value ? word->set(r, value) : lacks_value(word->name);
}

static struct err *parse_words(char *text, struct model_route *r)
{
	bool seen[ARRAY_SIZE(words)] = {0};
	char *save, *name = strtok_r(text, blanks, &save);
	struct err *e;

	if (name && model_route_type_from_name(name, &r->type))
		name = strtok_r(NULL, blanks, &save);
	if (name && !strcmp(name, "to"))
		name = strtok_r(NULL, blanks, &save);
	if (!name)
		return err_new(ERR_INVALID, "a route without a destination");
	e = canon_route_to(name, &r->to);
	while (!e && (name = strtok_r(NULL, blanks, &save))) {
		const struct word *word = find_word(name);

		if (!strcmp(name, "nexthop"))
			return parse_hops(&save, r);
		if (!word)
			return refuse_word(name);
		if (seen[word - words])
			return err_new(ERR_INVALID, "`%s` appears twice in a route",
				       name);
		seen[word - words] = true;
		e = parse_word(word, &save, r);
	}
	return e;
}

struct err *canon_route_parse(const char *text, struct model_route *ret_route)
{
	CLEANUP(freep) char *copy = xstrdup(text);
	struct model_route r = {0};
	struct err *e = parse_words(copy, &r);

	if (!e)
		e = canon_route_finish(&r, NULL);
	if (!e)
		*ret_route = r;
	return e;
}

bool canon_route_is_reject(const char *text)
{
	struct model_route r = {0};
	struct err *e = canon_route_parse(text, &r);

	err_free(e);
	return model_route_is_reject(&r);
}
