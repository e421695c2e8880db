/* `slaves:` of a master: names, addresses, nameservers, host access. */
#include "config/yaml/declare.h"

#include "config/canon.h"
#include "config/routing_source.h"

#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A slave while it is read. */
struct slave {
	struct model_slave m;
	struct object_places places;
	/* An address or a route was left out: other rules may need it. */
	bool is_doubtful;
	const struct node *routes, *sysctl, *ipv6, *generation; /* not read yet */
};

static void read_enabled(struct declare *r, const struct node *value, void *object)
{
	struct slave *s = object;
	bool enabled = true;

	if (declare_boolean(r, value, "enabled", &enabled) && !enabled)
		s->m.intent = MODEL_DISABLED;
}

static void read_slave_access(struct declare *r, const struct node *value, void *object)
{
	struct slave *s = object;

	s->places.fields[VALID_HOST_ACCESS] = value->place;
	(void)declare_boolean(r, value, "host-access", &s->m.host_access);
}

static void read_handed_over(struct declare *r, const struct node *value, void *object)
{
	struct slave *s = object;

	s->places.fields[VALID_HANDED_OVER] = value->place;
	(void)declare_boolean(r, value, "handed-over", &s->m.is_handed_over);
}

static void read_transient(struct declare *r, const struct node *value, void *object)
{
	struct slave *s = object;

	s->places.fields[VALID_TRANSIENT] = value->place;
	(void)declare_boolean(r, value, "transient", &s->m.is_transient);
}

static void read_addresses(struct declare *r, const struct node *value, void *object)
{
	struct slave *s = object;

	s->places.fields[VALID_ADDRESSES] = value->place;
	s->is_doubtful |= !declare_addresses(r, value, &s->m, &s->places);
}

/* Kept until all keys are read: the meaning of `default` depends on the addresses. */
static void read_slave_routes(struct declare *r, const struct node *value, void *object)
{
	struct slave *s = object;

	(void)r;
	s->places.fields[VALID_ROUTES] = value->place;
	s->routes = value;
}

static void read_policy(struct declare *r, const struct node *value, void *object)
{
	struct slave *s = object;
	struct declare_rules rules;

	s->places.fields[VALID_POLICY] = value->place;
	declare_rules(r, value, &rules);
	s->m.rules = rules.rules;
	s->m.n_rules = rules.n;
	s->places.rules = rules.places;
}

static void read_source_routing(struct declare *r, const struct node *value, void *object)
{
	struct slave *s = object;
	const char *text = declare_text(r, value, "source-routing");
	struct err *e = text ? routing_source_parse(text, &s->m) : NULL;

	s->places.fields[VALID_SOURCE_ROUTING] = value->place;
	if (e)
		declare_fail(r, value, e);
}

static enum declare_default family_of_default(const struct slave *s)
{
	bool has_ipv4 = false, has_ipv6 = false;

	for (size_t i = 0; i < s->m.n_addresses; i++) {
		has_ipv4 = has_ipv4 || s->m.addresses[i].addr.family == AF_INET;
		has_ipv6 = has_ipv6 || s->m.addresses[i].addr.family == AF_INET6;
	}
	/* An address that could not be read may be of either family. */
	if (s->is_doubtful || !has_ipv6)
		return DECLARE_DEFAULT_IPV4;
	return has_ipv4 ? DECLARE_DEFAULT_AMBIGUOUS : DECLARE_DEFAULT_IPV6;
}

static void declare_slave_routes(struct declare *r, struct slave *s)
{
	struct declare_routes routes;

	if (!s->routes)
		return;
	declare_routes(r, s->routes, family_of_default(s), &routes);
	s->places.routes = routes.places;
	s->m.routes = routes.routes;
	s->m.n_routes = routes.n;
	s->is_doubtful |= routes.is_broken;
}

typedef struct err *word_fn(const char *word, struct arena *a, const char **ret_text);

/* A list of words as one text, as resolv.conf(5) has it. */
static const char *read_words(struct declare *r, const struct node *value,
			      const char *key, word_fn *fn)
{
	const char *all = "";

	if (!declare_list(r, value, key))
		return all;
	for (size_t i = 0; i < value->n_items; i++) {
		const struct node *item = value->items[i];
		const char *text = declare_item(r, item, key);
		struct err *e = text ? fn(text, r->d->arena, &text) : NULL;

		if (e)
			declare_fail(r, item, e);
		if (e || !text)
			continue;
		all = arena_printf(r->d->arena, "%s%s%s", all, *all ? " " : "", text);
		if (strlen(all) <= CANON_LIST_MAX_BYTES)
			continue;
		declare_fail(r, item,
			     err_new(ERR_LIMIT, "`%s` is longer than %zu bytes together",
				     key, CANON_LIST_MAX_BYTES));
		break;
	}
	return all;
}

static void read_dns_addresses(struct declare *r, const struct node *value, void *object)
{
	struct slave *s = object;

	s->places.fields[VALID_NAMESERVERS] = value->place;
	s->m.nameservers = read_words(r, value, "addresses", canon_nameserver);
}

static void read_dns_search(struct declare *r, const struct node *value, void *object)
{
	struct slave *s = object;

	s->places.fields[VALID_SEARCH] = value->place;
	s->m.search = read_words(r, value, "search", canon_search_domain);
}

static void read_nameservers(struct declare *r, const struct node *value, void *object)
{
	static const struct declare_key keys[] = {
		{.name = "addresses", .read = read_dns_addresses},
		{.name = "search", .read = read_dns_search},
	};
	static const struct declare_kind kind = {
		.what = "`nameservers`",
		.example = "{addresses: [10.3.3.3], search: [example.net]}",
		.keys = keys,
		.n_keys = ARRAY_SIZE(keys),
	};

	declare_map(r, value, &kind, object);
}

/* Kept until all keys are read: they are settings of one kind. */
static void read_sysctl(struct declare *r, const struct node *value, void *object)
{
	struct slave *s = object;

	(void)r;
	s->places.fields[VALID_SYSCTL] = value->place;
	s->sysctl = value;
}

static void read_ipv6(struct declare *r, const struct node *value, void *object)
{
	struct slave *s = object;

	(void)r;
	s->ipv6 = value;
}

static void read_generation(struct declare *r, const struct node *value, void *object)
{
	struct slave *s = object;

	(void)r;
	s->generation = value;
}

static void declare_slave_sysctls(struct declare *r, struct slave *s)
{
	struct declare_sysctls sysctls;

	declare_sysctls(r, s->sysctl, s->ipv6, s->generation, &sysctls);
	s->m.sysctls = sysctls.sysctls;
	s->places.sysctls = sysctls.places;
	s->m.n_sysctls = sysctls.n;
}

static void read_alias(struct declare *r, const struct node *value, void *object)
{
	struct slave *s = object;
	const char *text = declare_text(r, value, "alias");

	s->places.fields[VALID_ALIAS] = value->place;
	if (text)
		s->m.alias = text;
}

static void read_vrf(struct declare *r, const struct node *value, void *object)
{
	struct slave *s = object;
	const char *text = declare_text(r, value, "vrf");

	s->places.fields[VALID_VRF] = value->place;
	if (text && !*text)
		declare_fail(r, value,
			     err_hint(err_new(ERR_INVALID, "`vrf` is empty"),
				      "write the VRF's name, or leave the key out"));
	else if (text)
		s->m.vrf = text;
}

static void read_pool(struct declare *r, const struct node *value, void *object)
{
	struct slave *s = object;
	const char *text = declare_text(r, value, "pool");
	struct err *e = text ? pool_check_name(text) : NULL;

	s->places.fields[VALID_POOL] = value->place;
	if (e)
		declare_fail(r, value, e);
	else if (text)
		s->m.pool = text;
}

static void read_altnames(struct declare *r, const struct node *value, void *object)
{
	struct slave *s = object;

	s->places.fields[VALID_ALTNAMES] = value->place;
	s->m.n_altnames =
		declare_names(r, value, "altnames", &s->m.altnames, &s->places.altnames);
}

static const struct declare_key slave_keys[] = {
	{.name = "name", .plain = DECLARE_NAME, .offset = offsetof(struct slave, m.name)},
	{.name = "netns",
	 .plain = DECLARE_NETNS,
	 .offset = offsetof(struct slave, m.netns)},
	{.name = "enabled", .read = read_enabled},
	{.name = "addresses", .read = read_addresses},
	{.name = "pool", .read = read_pool},
	{.name = "routes", .read = read_slave_routes},
	{.name = "routing-policy", .read = read_policy},
	{.name = "source-routing", .read = read_source_routing},
	{.name = "host-access", .read = read_slave_access},
	{.name = "handed-over", .read = read_handed_over},
	{.name = "transient", .read = read_transient},
	{.name = "nameservers", .read = read_nameservers},
	{.name = "mtu",
	 .plain = DECLARE_MTU_OR_AUTO,
	 .offset = offsetof(struct slave, m.mtu)},
	{.name = "ipv6", .read = read_ipv6},
	{.name = "ipv6-address-generation", .read = read_generation},
	{.name = "sysctl", .read = read_sysctl},
	{.name = "altnames", .read = read_altnames},
	{.name = "alias", .read = read_alias},
	{.name = "vrf", .read = read_vrf},
	{.name = "optional",
	 .plain = DECLARE_OPTIONAL,
	 .offset = offsetof(struct slave, m.is_optional)},
	{.name = "drift",
	 .plain = DECLARE_DRIFT,
	 .offset = offsetof(struct slave, m.drift)},
};

#define OWN_MAC         "an ipvlan slave has its master's MAC; the kernel refuses another"
#define OF_MASTER       "the kernel keeps it for a master with all of its slaves"
#define USE_ROUTES      "write `routes: [{to: default, via: ADDRESS}]`"
#define USE_LIST        "write `addresses: [ADDRESS/LENGTH]`"
#define USE_NAMESERVERS "write `nameservers: {addresses: [ADDRESS]}`"
#define USE_DHCP        "leave out `addresses`, and run a DHCP client in the namespace"

static const struct declare_stranger slave_strangers[] = {
	{"mac", OWN_MAC, "leave it out"},
	{"macaddress", OWN_MAC, "leave it out"},
	{"mode", OF_MASTER, "write it under the master"},
	{"flag", OF_MASTER, "write it under the master"},
	{"vlan", "a slave takes no VLAN",
	 "write it under the master, which may be a VLAN"},
	{"namespace", "a namespace is called `netns`", "write `netns: NAME`"},
	{"ns", "a namespace is called `netns`", "write `netns: NAME`"},
	{"ip", "addresses are a list", USE_LIST},
	{"ipaddress", "addresses are a list", USE_LIST},
	{"dns", "nameservers are a map", USE_NAMESERVERS},
	{"link-up", "a slave is up unless it is disabled",
	 "leave it out, or write `enabled: false`"},
	{"state", "a slave is up unless it is disabled",
	 "leave it out, or write `enabled: false`"},
	{"gateway", "a gateway is part of a route", USE_ROUTES},
	{"gateway4", "a gateway is part of a route", USE_ROUTES},
	{"gateway6", "a gateway is part of a route", USE_ROUTES},
	{"link-local", "the kernel chooses the link-local address",
	 "write `ipv6-address-generation: none` for no address"},
	{"ipv6-address-token", "ipvl sets no token",
	 "declare the address, or use `ip token set` in the namespace"},
	{"dhcp", "ipvl runs no DHCP client", USE_DHCP},
	{"dhcp4", "ipvl runs no DHCP client", USE_DHCP},
	{"dhcp6", "ipvl runs no DHCP client", USE_DHCP},
};

static const struct declare_kind slave_kind = {
	.what = "a slave",
	.example = "{name: ipvl1, netns: ns1}",
	.keys = slave_keys,
	.n_keys = ARRAY_SIZE(slave_keys),
	.places = offsetof(struct slave, places),
	.strangers = slave_strangers,
	.n_strangers = ARRAY_SIZE(slave_strangers),
};

/* False after a complaint, if nothing is left to check. */
static bool read_slave(struct declare *r, const struct node *node, struct slave *s)
{
	*s = (struct slave){.m = model_slave_named("", "")};
	s->places.object = node->place;
	if (!declare_map(r, node, &slave_kind, s))
		return false;
	declare_slave_routes(r, s);
	declare_slave_sysctls(r, s);
	if (!s->places.fields[VALID_NAME].line)
		declare_fail(
			r, node,
			err_hint(err_new(ERR_INVALID, "this slave has no name"),
				 "add `name: NAME`, what the device is called in its "
				 "namespace"));
	/* They are not complete before the rows are known (declare_rows.c). */
	if (*s->m.pool)
		s->m.addresses_managed = false;
	if (s->is_doubtful) {
		s->m.addresses_managed = false;
		s->m.source_routing = false;
	}
	return *s->m.name;
}

static int slave_cmp(const void *a, const void *b)
{
	const struct slave *x = a, *y = b;
	int c = model_slave_cmp(&x->m, &y->m);

	return c ? c : place_cmp(&x->places.object, &y->places.object);
}

void declare_slaves(struct declare *r, const struct node *value, struct model_master *m,
		    struct object_places *places)
{
	CLEANUP(freep) struct slave *all = NULL;
	size_t n = 0;

	if (!declare_list(r, value, "slaves"))
		return;
	all = xcalloc(value->n_items, sizeof(*all));
	for (size_t i = 0; i < value->n_items; i++)
		n += read_slave(r, value->items[i], &all[n]);
	qsort(all, n, sizeof(*all), slave_cmp);
	m->slaves = arena_array(r->d->arena, n, sizeof(*m->slaves));
	places->slaves = arena_array(r->d->arena, n, sizeof(*places->slaves));
	m->n_slaves = n;
	for (size_t i = 0; i < n; i++) {
		m->slaves[i] = all[i].m;
		places->slaves[i] = all[i].places;
	}
}
