/* See command.h. */
#include "tests/twin/command.h"

#include "config/canon.h"
#include "lib/text.h"
#include "tests/twin/command_packet.h"
#include "tests/twin/command_rule.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#ifndef __GLIBC__ /* it comes with scripts/musl-build */
const char *strerrorname_np(int sys_errno);
#endif

/* Values of rtnetlink(7) that `ip` chooses where the line has none. */
#define PROTOCOL_BOOT 3
#define TYPE_UNICAST  1
#define TYPE_LOCAL    2
#define SCOPE_GLOBAL  0
#define SCOPE_LINK    253
#define SCOPE_HOST    254
#define SCOPE_NOWHERE 255
#define TABLE_LOCAL   255U

struct route_defaults {
	uint8_t protocol, scope;
	uint32_t table;
};

/* iproute2 ip/iproute.c iproute_modify(). */
static struct route_defaults route_defaults(const struct twin_request *r)
{
	const struct twin_route_request *route = &r->u.route;
	bool is_local = route->type == TYPE_LOCAL;
	bool is_on_link = !route->route.via.family && route->type <= TYPE_UNICAST &&
			  route->route.to.addr.family == AF_INET;
	struct route_defaults d = {.table = is_local ? TABLE_LOCAL
						     : MODEL_ROUTE_TABLE_MAIN};

	d.protocol = r->kind == TWIN_ROUTE_NEW ? PROTOCOL_BOOT : 0;
	if (r->kind == TWIN_ROUTE_DEL)
		d.scope = SCOPE_NOWHERE;
	else
		d.scope = is_local ? SCOPE_HOST : is_on_link ? SCOPE_LINK : SCOPE_GLOBAL;
	return d;
}

/* Reading. */

static const struct verb *take_verb(struct words *w, const struct verb *verbs)
{
	while (verbs->word && !words_take(w, verbs->word))
		verbs++;
	return verbs->word ? verbs : NULL;
}

static struct err *read_verb(struct words *w, const struct verb *verbs,
			     struct twin_request *r)
{
	const struct verb *v = take_verb(w, verbs);
	const char *all = "";

	if (v) {
		r->kind = v->kind;
		r->flags = v->flags;
		return NULL;
	}
	for (; verbs->word; verbs++)
		all = arena_printf(w->a, "%s%s%s", all, *all ? ", " : "", verbs->word);
	return words_expected(w, all);
}

/* A name, or `index N`. */
static struct err *read_device(struct words *w, struct twin_request *r)
{
	uint64_t index;
	struct err *e;

	if (!words_take(w, "index"))
		return words_next(w, "a device", &r->name);
	e = words_number(w, "an ifindex", INT32_MAX, &index);
	if (!e)
		r->ifindex = (uint32_t)index;
	return e;
}

static struct err *read_new_index(struct words *w, struct twin_request *r)
{
	const char *name = r->name;
	struct err *e = words_peek(w) && !strcmp(words_peek(w), "index")
				? read_device(w, r)
				: NULL;

	r->name = name;
	return e;
}

static struct err *read_link(struct words *w, struct twin_request *r)
{
	struct twin_link_request *l = &r->u.link;
	struct err *e = read_verb(w, command_link_verbs, r);

	if (e)
		return e;
	words_take(w, "dev");
	if (r->kind == TWIN_LINK_DEL && words_peek(w) && !strcmp(words_peek(w), "group"))
		return command_read(w, command_link_attributes, l);
	e = read_device(w, r);
	if (!e && r->flags & TWIN_CREATE)
		e = read_new_index(w, r);
	if (!e)
		e = command_read(w, command_link_attributes, l);
	if (!e && words_take(w, "type")) {
		e = words_next(w, "a kind", &l->kind);
		if (!e)
			e = command_read(w, command_kind_attributes, l);
	}
	return e;
}

static struct err *read_peer(struct words *w, struct ip_addr *ret_peer)
{
	const char *text;
	struct err *e;

	if (!words_take(w, "peer"))
		return NULL;
	e = words_next(w, "the peer's address", &text);
	return e ? e : ip_addr_parse(text, ret_peer);
}

static struct err *read_addr(struct words *w, struct twin_request *r)
{
	struct twin_addr_request *addr = &r->u.addr;
	const char *text;
	struct err *e = read_verb(w, command_addr_verbs, r);

	addr->valid_s = addr->preferred_s = UINT32_MAX;
	if (!e)
		e = words_next(w, "ADDRESS/LENGTH", &text);
	if (!e)
		e = ip_prefix_parse(text, &addr->address);
	if (!e)
		e = read_peer(w, &addr->peer);
	if (!e && !words_take(w, "dev"))
		e = words_expected(w, "dev");
	if (!e)
		e = read_device(w, r);
	if (!e)
		e = command_read(w, command_addr_attributes, addr);
	if (!(addr->sent & TWIN_ADDR_LIFETIME))
		addr->valid_s = addr->preferred_s = 0;
	return e;
}

static struct err *read_host(struct words *w, const char *what, struct ip_addr *ret_addr)
{
	const char *text;
	struct err *e = words_next(w, what, &text);

	return e ? e : canon_route_host(text, what, ret_addr);
}

static struct err *read_u32(struct words *w, const char *what, uint32_t *ret_number)
{
	uint64_t number;
	struct err *e = words_number(w, what, UINT32_MAX, &number);

	if (!e)
		*ret_number = (uint32_t)number;
	return e;
}

/* nexthop via GATEWAY [weight NUMBER] [onlink] */
static struct err *read_hop(struct words *w, struct model_route *r)
{
	struct model_hop hops[MODEL_ROUTE_HOPS_MAX];
	size_t n = model_route_n_hops(r);
	uint32_t weight = 1;
	struct err *e;

	if (n == MODEL_ROUTE_HOPS_MAX || !words_take(w, "via"))
		return words_expected(w, "via, of few gateways");
	for (size_t i = 0; i < n; i++)
		hops[i] = model_route_hop(r, i);
	e = read_host(w, "via", &hops[n].via);
	if (!e && words_take(w, "weight"))
		e = read_u32(w, "weight", &weight);
	r->on_link |= words_take(w, "onlink");
	hops[n].weight = (uint16_t)weight;
	return e ? e : canon_route_hops(r, hops, n + 1);
}

/* What the line has; the others get the defaults of `ip`. */
struct route_given {
	bool protocol, scope, table;
};

/* Takes one attribute; '*ret_more' is false if the next word is none. */
static struct err *read_route_word(struct words *w, struct twin_request *r,
				   struct route_given *given, bool *ret_more)
{
	struct twin_route_request *route = &r->u.route;

	*ret_more = true;
	if (words_take(w, "via"))
		return read_host(w, "via", &route->route.via);
	if (words_take(w, "src"))
		return read_host(w, "src", &route->route.from);
	if (words_take(w, "dev"))
		return read_device(w, r);
	if (words_take(w, "metric"))
		return read_u32(w, "metric", &route->route.metric);
	if (words_take(w, "nexthop"))
		return read_hop(w, &route->route);
	if (words_take(w, "mtu"))
		return read_u32(w, "mtu", &route->route.mtu);
	if (words_take(w, "advmss"))
		return read_u32(w, "advmss", &route->route.advmss);
	if (words_take(w, "onlink")) {
		route->route.on_link = true;
		return NULL;
	}
	if (words_take(w, "table")) {
		given->table = true;
		return read_u32(w, "table", &route->route.table);
	}
	if (words_take(w, "proto")) {
		given->protocol = true;
		return command_read_number(w, command_protocols, "a protocol",
					   &route->protocol);
	}
	if (words_take(w, "scope")) {
		given->scope = true;
		return command_read_number(w, command_scopes, "a scope", &route->scope);
	}
	*ret_more = false;
	return NULL;
}

static void read_route_type(struct words *w, uint8_t *type)
{
	for (const struct number_name *n = command_route_types; n->name; n++) {
		if (words_take(w, n->name))
			*type = n->number;
	}
}

static struct err *read_route(struct words *w, struct twin_request *r)
{
	struct twin_route_request *route = &r->u.route;
	struct route_given given = {0};
	struct route_defaults defaults;
	const char *to;
	bool more = true;
	struct err *e = read_verb(w, command_route_verbs, r);

	if (e)
		return e;
	read_route_type(w, &route->type);
	e = words_next(w, "a destination", &to);
	if (!e)
		e = canon_route_to(to, &route->route.to);
	while (!e && more)
		e = read_route_word(w, r, &given, &more);
	if (!e)
		e = canon_route_finish(&route->route, NULL);
	if (e)
		return e;
	defaults = route_defaults(r);
	if (!given.protocol)
		route->protocol = defaults.protocol;
	if (!given.scope)
		route->scope = defaults.scope;
	if (!given.table)
		route->route.table = defaults.table;
	return NULL;
}

static struct err *read_netns(struct words *w, struct twin_request *r)
{
	struct err *e = read_verb(w, command_netns_verbs, r);

	if (!e)
		e = words_next(w, "a namespace", &r->netns);
	if (!e && r->kind == TWIN_NETNS_ATTACH)
		e = words_next(w, "the namespace that it stands for", &r->other);
	return e;
}

static struct err *read_option_n(struct words *w, struct twin_request *r)
{
	return words_take(w, "-n") ? words_next(w, "a namespace", &r->netns) : NULL;
}

static struct err *read_ip(struct words *w, struct twin_request *r)
{
	struct err *e = read_option_n(w, r);

	if (e)
		return e;
	if (words_take(w, "link"))
		return read_link(w, r);
	if (words_take(w, "addr"))
		return read_addr(w, r);
	if (words_take(w, "route"))
		return read_route(w, r);
	if (words_take(w, "rule"))
		return command_read_rule(w, r);
	if (words_take(w, "netns"))
		return read_netns(w, r);
	return words_expected(w, "link, addr, route, rule or netns");
}

/* net.ipv6.conf.DEV.KEY=VALUE; the name of a VLAN has a dot. */
static struct err *read_sysctl(struct words *w, struct twin_request *r)
{
	const char *form = "net.ipv4.conf.DEVICE.KEY=VALUE, or net.ipv6";
	struct err *e = read_option_n(w, r);
	char *family, *conf, *value, *key;
	const char *word = words_peek(w);

	r->kind = TWIN_SYSCTL;
	if (e)
		return e;
	word = words_peek(w);
	if (!word || strncmp(word, "net.ipv", 7) != 0)
		return words_expected(w, form);
	family = arena_strdup(w->a, word + 4);
	conf = strstr(family, ".conf.");
	value = strchr(family, '=');
	if (!conf || !value || value < conf)
		return words_expected(w, form);
	*conf = *value = '\0';
	key = strrchr(conf + 6, '.');
	if (!key)
		return words_expected(w, form);
	*key = '\0';
	w->at++;
	r->name = conf + 6;
	r->u.sysctl.key = arena_printf(w->a, "%s.%s", family, key + 1);
	r->u.sysctl.value = value + 1;
	return NULL;
}

static struct err *read_resolv_conf(struct words *w, struct twin_request *r)
{
	struct err *e = words_next(w, "a namespace", &r->netns);

	r->kind = TWIN_RESOLV_CONF;
	return e ? e : words_next(w, "the text of the file", &r->u.resolv_conf);
}

static int errno_of(const char *name)
{
	for (int i = 1; i < 256; i++) {
		const char *known = strerrorname_np(i);

		if (known && !strcmp(known, name))
			return i;
	}
	return 0;
}

static struct err *read_refusal(struct words *w, struct command *c)
{
	const char *name;
	uint64_t number;
	struct err *e = words_next(w, "the name of an errno", &name);

	if (e)
		return e;
	c->refusal = errno_of(name);
	if (!c->refusal && text_to_uint(name, 1, 4095, &number))
		c->refusal = (int)number;
	if (!c->refusal)
		return err_new(ERR_INVALID, "\"%s\" is not the name of an errno", name);
	c->refusal_text = words_peek(w);
	w->at += c->refusal_text != NULL;
	return NULL;
}

struct err *command_parse(struct arena *a, const char *line, struct command *ret_command)
{
	struct command c = {.request.netns = ""};
	struct words w;
	struct err *e = words_split(a, line, &w);

	if (e)
		return e;
	if (words_take(&w, "ip"))
		e = read_ip(&w, &c.request);
	else if (words_take(&w, "sysctl"))
		e = read_sysctl(&w, &c.request);
	else if (words_take(&w, "resolv.conf"))
		e = read_resolv_conf(&w, &c.request);
	else if (words_take(&w, "ra"))
		e = command_read_advert(&w, &c.request);
	else if (words_take(&w, "filter"))
		e = command_read_filter(&w, &c.request);
	else
		e = words_expected(&w, "ip, sysctl, resolv.conf, ra or filter");
	if (!e && words_take(&w, "nlflags"))
		e = command_read_flags(&w, &c.request.flags);
	if (!e && words_take(&w, "!"))
		e = read_refusal(&w, &c);
	if (!e && words_peek(&w))
		e = words_expected(&w, "an attribute of this command, or its end");
	if (!e)
		*ret_command = c;
	return e;
}

/* Writing. */

static const char *device_text(struct arena *a, const struct twin_request *r)
{
	return r->ifindex ? arena_printf(a, "index %u", r->ifindex)
			  : words_quote(a, r->name ? r->name : "");
}

static const char *link_text(struct arena *a, const struct twin_request *r)
{
	const struct twin_link_request *l = &r->u.link;
	const char *line = command_verb_of(command_link_verbs, r)->word;

	if (r->kind == TWIN_LINK_DEL && !r->name && !r->ifindex)
		return arena_printf(a, "%s%s", line,
				    command_write(a, command_link_attributes, l));
	if (r->flags & TWIN_CREATE && r->ifindex)
		line = arena_printf(a, "%s %s index %u", line,
				    words_quote(a, r->name ? r->name : ""), r->ifindex);
	else
		line = arena_printf(a, "%s %s", line, device_text(a, r));
	if (r->kind == TWIN_LINK_DEL)
		return l->target ? arena_printf(a, "%s target %s", line,
						words_quote(a, l->target))
				 : line;
	line = arena_printf(a, "%s%s", line,
			    command_write(a, command_link_attributes, l));
	if (!l->kind)
		return line;
	return arena_printf(a, "%s type %s%s", line, words_quote(a, l->kind),
			    command_write(a, command_kind_attributes, l));
}

static const char *addr_text(struct arena *a, const struct twin_request *r)
{
	const struct twin_addr_request *addr = &r->u.addr;
	char text[IP_TEXT_BYTES];
	const char *line =
		arena_printf(a, "%s %s", command_verb_of(command_addr_verbs, r)->word,
			     ip_prefix_format(&addr->address, text));

	if (addr->peer.family)
		line = arena_printf(a, "%s peer %s", line,
				    ip_addr_format(&addr->peer, text));
	return arena_printf(a, "%s dev %s%s", line, device_text(a, r),
			    command_write(a, command_addr_attributes, addr));
}

static const char *route_text(struct arena *a, const struct twin_request *r)
{
	const struct twin_route_request *route = &r->u.route;
	struct route_defaults d = route_defaults(r);
	struct model_route plain = route->route;
	const char *line = command_verb_of(command_route_verbs, r)->word;

	plain.table = MODEL_ROUTE_TABLE_MAIN;
	if (route->type)
		line = arena_printf(
			a, "%s %s", line,
			command_number_name(a, command_route_types, route->type));
	line = arena_printf(a, "%s %s", line, model_route_text(a, &plain));
	if (r->name || r->ifindex)
		line = arena_printf(a, "%s dev %s", line, device_text(a, r));
	if (route->route.table != d.table)
		line = arena_printf(a, "%s table %u", line, route->route.table);
	if (route->protocol != d.protocol)
		line = arena_printf(
			a, "%s proto %s", line,
			command_number_name(a, command_protocols, route->protocol));
	if (route->scope != d.scope)
		line = arena_printf(a, "%s scope %s", line,
				    command_number_name(a, command_scopes, route->scope));
	return line;
}

static const char *netns_text(struct arena *a, const struct twin_request *r)
{
	const char *line = arena_printf(a, "ip netns %s %s",
					command_verb_of(command_netns_verbs, r)->word,
					words_quote(a, r->netns));

	return r->other ? arena_printf(a, "%s %s", line, words_quote(a, r->other)) : line;
}

static const char *sysctl_text(struct arena *a, const struct twin_request *r)
{
	const char *option =
		*r->netns ? arena_printf(a, "-n %s ", words_quote(a, r->netns)) : "";
	const char *key = strchr(r->u.sysctl.key, '.');
	size_t family = key ? (size_t)(key - r->u.sysctl.key) : 0;

	return arena_printf(a, "sysctl %snet.%.*s.conf.%s.%s=%s", option, (int)family,
			    r->u.sysctl.key, r->name, key ? key + 1 : r->u.sysctl.key,
			    words_quote(a, r->u.sysctl.value));
}

static const char *ip_text(struct arena *a, const struct twin_request *r)
{
	const char *option =
		*r->netns ? arena_printf(a, " -n %s", words_quote(a, r->netns)) : "";

	if (r->kind == TWIN_ADDR_NEW || r->kind == TWIN_ADDR_DEL)
		return arena_printf(a, "ip%s addr %s", option, addr_text(a, r));
	if (r->kind == TWIN_ROUTE_NEW || r->kind == TWIN_ROUTE_DEL)
		return arena_printf(a, "ip%s route %s", option, route_text(a, r));
	if (r->kind == TWIN_RULE_NEW || r->kind == TWIN_RULE_DEL)
		return arena_printf(a, "ip%s rule %s", option, command_rule_text(a, r));
	return arena_printf(a, "ip%s link %s", option, link_text(a, r));
}

static const struct verb *verbs_of(const struct twin_request *r)
{
	static const struct verb *const all[] = {command_link_verbs, command_addr_verbs,
						 command_route_verbs,
						 command_netns_verbs};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const struct verb *v = command_verb_of(all[i], r);

		if (v)
			return v;
	}
	return NULL;
}

const char *command_text(struct arena *a, const struct twin_request *r)
{
	const struct verb *v = verbs_of(r);
	const char *line;

	if (r->kind == TWIN_SYSCTL)
		return sysctl_text(a, r);
	if (r->kind == TWIN_RESOLV_CONF)
		return arena_printf(a, "resolv.conf %s %s", words_quote(a, r->netns),
				    words_quote(a, r->u.resolv_conf));
	if (r->kind == TWIN_ADVERTISE)
		return command_advert_text(a, r);
	if (r->kind == TWIN_FILTER)
		return command_filter_text(a, r);
	if (r->kind <= TWIN_NETNS_RELEASE)
		return netns_text(a, r);
	line = ip_text(a, r);
	if (v && v->flags != r->flags)
		line = arena_printf(a, "%s nlflags %s", line,
				    command_flags_text(a, r->flags));
	return line;
}

const char *command_errno_name(struct arena *a, int sys_errno)
{
	const char *name = strerrorname_np(sys_errno);

	return name ? name : arena_printf(a, "%d", sys_errno);
}
