/* The canonical text of a route, in the words of `ip route` (ip-route(8)).
 *
 * A route has one text. Defaults of the kernel are left out: table 254, metric 0, and
 * in IPv6 also metric 1024. "onlink" without a gateway has no meaning. A default of
 * IPv4, or with a gateway, is "default". */
#include "config/canon.h"
#include "config/route_table.h"

#include "lib/alloc.h"
#include "lib/text.h"

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

struct err *canon_route_finish(struct model_route *r, enum canon_route_part *ret_part)
{
	struct model_route route = *r;
	enum canon_route_part part = CANON_ROUTE_TO;
	struct err *e = NULL;

	if (!route.to.addr.family)
		route.to.addr.family = route.via.family    ? route.via.family
				       : route.from.family ? route.from.family
							   : AF_INET;
	if (ip_addr_is_multicast(&route.to.addr)) {
		e = err_new(ERR_INVALID,
			    "a route to a multicast network is not a unicast route");
	} else {
		e = check_family(&route, &route.via, "gateway");
		part = CANON_ROUTE_VIA;
		if (!e) {
			e = check_family(&route, &route.from, "source");
			part = CANON_ROUTE_FROM;
		}
	}
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

/* Words of `ip route` that a row cannot have. */
static struct err *refuse_word(const char *word)
{
	static const char *const words[] = {"via",   "src",    "metric",
					    "table", "onlink", NULL};
	const char *nearest = text_nearest(word, words);
	struct err *e;

	if (!strcmp(word, "dev"))
		return err_new(
			ERR_INVALID,
			"a route's device is the row's own: leave out `dev DEVICE`");
	if (!strcmp(word, "proto") || !strcmp(word, "protocol"))
		return err_new(ERR_INVALID,
			       "a route's protocol is ipvl's own: leave out `%s`", word);
	if (!strcmp(word, "from"))
		nearest = "src";
	e = err_new(ERR_INVALID, "unknown word \"%s\" in a route", word);
	if (nearest)
		return err_hint(e, "did you mean `%s`?", nearest);
	return err_hint(e, "a route is written: DESTINATION [via GATEWAY] [src ADDRESS] "
			   "[metric NUMBER] [table NUMBER] [onlink]");
}

enum { SEEN_VIA = 1, SEEN_SRC = 2, SEEN_METRIC = 4, SEEN_TABLE = 8, SEEN_ONLINK = 16 };

static unsigned int word_bit(const char *word)
{
	return !strcmp(word, "via")      ? SEEN_VIA
	       : !strcmp(word, "src")    ? SEEN_SRC
	       : !strcmp(word, "metric") ? SEEN_METRIC
	       : !strcmp(word, "table")  ? SEEN_TABLE
	       : !strcmp(word, "onlink") ? SEEN_ONLINK
					 : 0;
}

static struct err *set_word(struct model_route *r, unsigned int bit, const char *value)
{
	uint64_t n;

	switch (bit) {
	case SEEN_VIA:
		return canon_route_host(value, "gateway", &r->via);
	case SEEN_SRC:
		return canon_route_host(value, "source", &r->from);
	case SEEN_METRIC:
		if (!text_to_uint(value, 0, UINT32_MAX, &n))
			return err_new(ERR_INVALID,
				       "metric \"%s\" is not a number from 0 to %u",
				       value, UINT32_MAX);
		r->metric = (uint32_t)n;
		return NULL;
	case SEEN_TABLE:
		return canon_route_table(value, &r->table);
	default:
		r->on_link = true;
		return NULL;
	}
}

static struct err *parse_words(char *text, struct model_route *r)
{
	static const char blanks[] = " \t\n\r\v\f";
	unsigned int seen = 0;
	char *save, *word = strtok_r(text, blanks, &save);
	struct err *e;

	if (word && !strcmp(word, "to"))
		word = strtok_r(NULL, blanks, &save);
	if (!word)
		return err_new(ERR_INVALID, "a route without a destination");
	e = canon_route_to(word, &r->to);
	while (!e && (word = strtok_r(NULL, blanks, &save))) {
		unsigned int bit = word_bit(word);
		const char *value = "";

		if (!bit)
			return refuse_word(word);
		if (seen & bit)
			return err_new(ERR_INVALID, "`%s` appears twice in a route",
				       word);
		seen |= bit;
		if (bit != SEEN_ONLINK)
			value = strtok_r(NULL, blanks, &save);
		if (!value)
			return err_new(ERR_INVALID,
				       "`%s` at the end of a route has no value", word);
		e = set_word(r, bit, value);
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

const char *canon_route_format(const struct model_route *r, struct arena *a)
{
	bool is_default = ip_prefix_is_default(&r->to) &&
			  (r->to.addr.family == AF_INET || r->via.family);
	char buf[IP_TEXT_BYTES];
	const char *text = is_default ? "default" : ip_prefix_format(&r->to, buf);

	text = arena_strdup(a, text);
	if (r->via.family)
		text = arena_printf(a, "%s via %s", text, ip_addr_format(&r->via, buf));
	if (r->from.family)
		text = arena_printf(a, "%s src %s", text, ip_addr_format(&r->from, buf));
	if (r->metric && (r->to.addr.family == AF_INET || r->metric != MODEL_IPV6_METRIC))
		text = arena_printf(a, "%s metric %u", text, r->metric);
	if (r->table && r->table != MODEL_ROUTE_TABLE_MAIN)
		text = arena_printf(a, "%s table %u", text, r->table);
	if (r->via.family && r->on_link)
		text = arena_printf(a, "%s onlink", text);
	return text;
}
