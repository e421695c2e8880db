/* A survey: one dump of the links of every namespace, their ipvlans by master, and what lies
 * inside each. It shares the questions of an observation, and neither its cache nor its
 * rules of what matters to a plan. */
#include "datapath/kernel/observe/survey.h"

#include "datapath/kernel/files/resolv.h"
#include "datapath/kernel/netlink/nl_addr.h"
#include "datapath/kernel/netlink/nl_route.h"
#include "datapath/kernel/netlink/nl_rule.h"
#include "datapath/kernel/observe/observe_addr.h"
#include "datapath/kernel/observe/observe_detail.h"
#include "datapath/kernel/observe/observe_link.h"
#include "datapath/kernel/observe/survey_found.h"
#include "datapath/kernel/observe/survey_settings.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TRIES 5

/* One device whose addresses and routes are read. */
struct inside {
	struct netns_ref *ns;
	uint32_t ifindex;
	struct model_master *master; /* NULL: 'slave' */
	struct model_slave *slave;
	size_t addresses_cap, noted_cap, routes_cap, odd_cap, rules_cap;
	bool has_kernels; /* a link-local address that the kernel added */
};

struct survey {
	struct observation o;
	enum datapath_survey_use use;
	struct model *have;
	struct survey_found *found;
	struct inside *inside;
	size_t n, n_inside, inside_cap;
};

/* The device below a VLAN that a row could declare so. */
static const struct observed_link *link_of(const struct survey *s,
					   const struct observed_link *f)
{
	const struct observed_link *below = observe_link_find(&s->o, f->lower);

	return !strcmp(f->link.kind, "vlan") && !f->link.is_8021ad && below &&
			       below->ns == f->ns
		       ? below
		       : NULL;
}

static void add_inside(struct survey *s, const struct observed_link *f,
		       struct model_master *m, struct model_slave *slave)
{
	s->inside = arena_grow(s->o.a, s->inside, s->n_inside, &s->inside_cap,
			       sizeof(*s->inside));
	s->inside[s->n_inside++] = (struct inside){
		.ns = f->ns, .ifindex = f->link.ifindex, .master = m, .slave = slave};
}

static void fill_master(struct survey *s, struct model_master *m,
			const struct observed_link *f)
{
	const struct observed_link *below = link_of(s, f);

	m->netns = arena_strdup(s->o.a, f->ns->text);
	m->name = f->link.name;
	m->vlan_link = below ? below->link.name : "";
	m->vlan_id = below ? f->link.vlan_id : 0;
	m->mtu = below && f->link.mtu != below->link.mtu ? f->link.mtu : 0;
	if (observe_link_is_our_master(&s->o, f))
		(void)model_kind_from_name(f->link.kind, &m->kind);
	m->seen.presence =
		observe_link_is_our_master(&s->o, f) ? MODEL_OURS : MODEL_FOREIGN;
	m->seen.kind = f->link.kind;
	m->seen.ifindex = f->link.ifindex;
	m->seen.is_up = f->link.flags & IFF_UP;
	m->seen.has_carrier = nl_link_has_carrier(&f->link);
	m->seen.mtu = f->link.mtu;
	memcpy(m->seen.mac, f->link.mac, sizeof(m->seen.mac));
	add_inside(s, f, m, NULL);
}

/* A file belongs to its namespace. */
static void read_resolv_conf(const struct survey *s, const struct observed_link *f,
			     struct model_slave *slave)
{
	if (nsfs_is_name(f->ns->text))
		slave->seen.resolv_conf =
			resolv_read(&s->o.k->resolv, s->o.a, f->ns->text,
				    &slave->seen.resolv_conf_foreign);
}

static void fill_slave(struct survey *s, struct model_slave *out,
		       const struct observed_link *f, const struct observed_link *master)
{
	*out = model_slave_named(
		master && master->ns == f->ns ? "" : arena_strdup(s->o.a, f->ns->text),
		f->link.name);
	out->seen.presence = observe_link_is_ours(&s->o, f) ? MODEL_OURS : MODEL_FOREIGN;
	out->seen.kind = f->link.kind;
	out->seen.ifindex = f->link.ifindex;
	out->seen.is_on_master = master != NULL;
	out->seen.mode = f->link.mode;
	out->seen.flag = f->link.flag;
	out->seen.is_up = f->link.flags & IFF_UP;
	out->seen.is_noarp = f->link.flags & IFF_NOARP;
	out->seen.has_carrier = nl_link_has_carrier(&f->link);
	out->seen.mtu = f->link.mtu;
	memcpy(out->seen.mac, f->link.mac, sizeof(out->seen.mac));
	observe_link_show_texts(&s->o, f, out);
	out->seen.vrf_table = observe_link_vrf_table(&s->o, f);
	if (!out->seen.is_on_master)
		return;
	read_resolv_conf(s, f, out);
	add_inside(s, f, NULL, out);
}

/* The 'n' devices of one master. */
static void fill_group(struct survey *s, const struct survey_found *group, size_t n)
{
	const struct observed_link *master = group->master;
	struct model_master *m = &s->have->masters[s->have->n_masters++];

	*m = model_master_named("", "");
	if (master)
		fill_master(s, m, master);
	m->slaves = arena_array(s->o.a, n, sizeof(*m->slaves));
	for (size_t i = 0; i < n; i++) {
		const struct observed_link *f = group[i].link;

		if (!f)
			continue;
		fill_slave(s, &m->slaves[m->n_slaves++], f, master);
		m->seen.has_port = true;
		m->seen.has_ours |= observe_link_is_ours(&s->o, f);
		if (m->n_slaves > 1)
			continue;
		m->type = f->link.type != &link_type_ipvlan ? f->link.type : NULL;
		m->seen.mode = f->link.mode;
		m->seen.flag = f->link.flag;
	}
	m->mode = (enum model_mode)m->seen.mode;
	m->flag = (enum model_flag)m->seen.flag;
}

static void fill_model(struct survey *s)
{
	s->have->masters = arena_array(s->o.a, s->n, sizeof(*s->have->masters));
	for (size_t i = 0, end; i < s->n; i = end) {
		end = survey_found_end(s->found, s->n, i);
		fill_group(s, &s->found[i], end - i);
	}
}

/* --- what lies inside --- */

static int inside_cmp(const void *x, const void *y)
{
	const struct inside *a = x, *b = y;
	int c = (a->ns->nsid > b->ns->nsid) - (a->ns->nsid < b->ns->nsid);

	return c ? c : (a->ifindex > b->ifindex) - (a->ifindex < b->ifindex);
}

struct reader {
	struct survey *s;
	struct inside *inside;
	size_t n;
};

static struct inside *find_inside(const struct reader *r, uint32_t ifindex)
{
	const struct inside key = {.ns = r->inside->ns, .ifindex = ifindex};

	return bsearch(&key, r->inside, r->n, sizeof(key), inside_cmp);
}

static void take_addr(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct reader *r = aux;
	struct arena *arena = r->s->o.a;
	struct inside *d;
	struct model_address_seen seen;
	struct nl_addr a;
	unsigned int notes;

	(void)number;
	d = nl_addr_parse(h, &a) ? find_inside(r, a.ifindex) : NULL;
	if (!d || !d->slave)
		return;
	if (nl_addr_is_kernels(&a, d->slave->seen.mac)) {
		d->has_kernels = true;
		return;
	}
	d->slave->addresses =
		arena_grow(arena, d->slave->addresses, d->slave->n_addresses,
			   &d->addresses_cap, sizeof(*d->slave->addresses));
	d->slave->addresses[d->slave->n_addresses++] = a.prefix;
	notes = observe_addr_notes(&a);
	if (!nl_addr_is_static(&a))
		notes |= MODEL_ADDRESS_LIFETIME;
	seen = nl_addr_seen(&a, d->slave->name, notes);
	if (!seen.notes)
		return;
	d->slave->seen.noted =
		arena_grow(arena, d->slave->seen.noted, d->slave->seen.n_noted,
			   &d->noted_cap, sizeof(*d->slave->seen.noted));
	d->slave->seen.noted[d->slave->seen.n_noted++] = seen;
}

/* NULL: a row can have it. */
static const char *why_odd(const struct reader *r, const struct nl_route *route)
{
	struct arena *a = r->s->o.a;
	bool is_reject = model_route_is_reject(&route->route);
	char buf[8];

	if (route->type != RTN_UNICAST && !is_reject)
		return "its type has no key";
	if (!nl_route_is_configured(route, r->s->o.k->config.route_protocol))
		return arena_printf(a, "its protocol is %s, whose program keeps it",
				    nl_route_protocol_name(route->protocol, buf));
	if (!route->ifindex && !is_reject)
		return "its gateways are on several devices";
	return route->extra ? arena_printf(a, "it has %s", route->extra) : NULL;
}

static void add_odd_route(const struct reader *r, struct inside *d,
			  const struct nl_route *route, const char *why)
{
	struct model_slave *s = d->slave;
	const char *text = nl_route_text(r->s->o.a, route);

	/* The dump of each of its devices has a route of several. */
	for (size_t i = 0; !route->ifindex && i < s->seen.n_odd_routes; i++) {
		if (!strcmp(s->seen.odd_routes[i].text, text))
			return;
	}
	s->seen.odd_routes =
		arena_grow(r->s->o.a, s->seen.odd_routes, s->seen.n_odd_routes,
			   &d->odd_cap, sizeof(*s->seen.odd_routes));
	s->seen.odd_routes[s->seen.n_odd_routes++] = (struct model_odd_route){text, why};
}

static void add_route(const struct reader *r, struct inside *d,
		      const struct nl_route *route)
{
	struct model_route **routes = d->slave ? &d->slave->routes : &d->master->routes;
	size_t *n = d->slave ? &d->slave->n_routes : &d->master->n_routes;

	*routes = arena_grow(r->s->o.a, *routes, *n, &d->routes_cap, sizeof(**routes));
	(*routes)[*n] = route->route;
	(*routes)[(*n)++].seen_foreign =
		route->protocol != r->s->o.k->config.route_protocol;
}

/* The device itself, or one of several. */
static struct inside *device_of(const struct reader *r, const struct nl_route *route)
{
	struct inside *d = route->ifindex ? find_inside(r, route->ifindex) : NULL;

	for (size_t i = 0; !route->ifindex && !d && i < route->n_hops; i++)
		d = find_inside(r, route->hop_ifindexes[i]);
	return d;
}

static void take_slave_route(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct reader *r = aux;
	struct inside *d = NULL;
	struct nl_route route;
	const char *why;

	(void)number;
	if (nl_route_parse_any(h, &route) && !route.is_local &&
	    !nl_route_is_automatic(&route))
		d = device_of(r, &route);
	if (!d || !d->slave)
		return;
	why = why_odd(r, &route);
	if (why)
		add_odd_route(r, d, &route, why);
	else
		add_route(r, d, &route);
}

/* Of a route without a device: a slave of whoever made it, if there is one. */
static struct inside *slave_for(const struct reader *r, bool is_ours)
{
	struct inside *any = NULL;

	for (size_t i = 0; i < r->n; i++) {
		struct inside *d = &r->inside[i];

		if (d->slave && (d->slave->seen.presence == MODEL_OURS) == is_ours)
			return d;
		any = any || !d->slave ? any : d;
	}
	return any;
}

/* Routes of masters that are ours, and those without a device. */
static void take_shared_route(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct reader *r = aux;
	uint8_t ours = r->s->o.k->config.route_protocol;
	struct inside *d;
	struct nl_route route;

	(void)number;
	if (!nl_route_parse(h, &route) || why_odd(r, &route))
		return;
	d = model_route_is_reject(&route.route) ? slave_for(r, route.protocol == ours)
						: find_inside(r, route.ifindex);
	if (d &&
	    (d->master ? route.protocol == ours : model_route_is_reject(&route.route)))
		add_route(r, d, &route);
}

/* With a slave of whoever made the rule. Those of the host are its own, but for ours. */
static void take_rule(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct reader *r = aux;
	uint8_t ours = r->s->o.k->config.route_protocol;
	struct inside *d = NULL;
	struct nl_rule rule;

	(void)number;
	if (nl_rule_parse(h, &rule) && !rule.extra && nl_rule_is_configured(&rule, ours))
		d = slave_for(r, rule.protocol == ours);
	if (!d || (d->slave->seen.presence == MODEL_OURS) != (rule.protocol == ours) ||
	    (rule.protocol != ours && r->inside->ns->nsid == NSID_HERE))
		return;
	d->slave->rules = arena_grow(r->s->o.a, d->slave->rules, d->slave->n_rules,
				     &d->rules_cap, sizeof(*d->slave->rules));
	d->slave->rules[d->slave->n_rules++] = rule.rule;
}

/* 'ifindex' 0: of all. */
static struct err *dump_slaves(struct reader *r, struct nl_socket *sock, uint32_t ifindex)
{
	struct nl_msg m;
	struct err *e;

	nl_addr_msg_dump(&m, NSID_HERE, ifindex);
	e = nl_dump(sock, &m, take_addr, r);
	if (e)
		return e;
	nl_route_msg_dump(&m, 0, ifindex);
	return nl_dump(sock, &m, take_slave_route, r);
}

/* Those of the host are its own, but for ours. */
static struct err *dump_shared(struct reader *r, struct nl_socket *sock)
{
	bool is_host = r->inside->ns->nsid == NSID_HERE;
	struct nl_msg m;

	struct err *e;

	nl_route_msg_dump(&m, is_host ? r->s->o.k->config.route_protocol : 0, 0);
	e = nl_dump(sock, &m, take_shared_route, r);
	return e ? e : nl_rule_dump(sock, take_rule, r);
}

static struct err *dump_inside(struct reader *r, struct nl_socket *sock)
{
	size_t n_slaves = 0;
	struct err *e = dump_shared(r, sock);

	for (size_t i = 0; i < r->n; i++)
		n_slaves += r->inside[i].slave != NULL;
	if (!e && n_slaves > OBSERVE_FEW_DEVICES)
		return dump_slaves(r, sock, 0);
	for (size_t i = 0; !e && i < r->n; i++) {
		if (r->inside[i].slave)
			e = dump_slaves(r, sock, r->inside[i].ifindex);
	}
	return e;
}

static struct err *read_settings(struct reader *r)
{
	struct model_slave **slaves =
		arena_array(r->s->o.a, r->n, sizeof(struct model_slave *));
	struct err *e;
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (r->inside[i].slave)
			slaves[n++] = r->inside[i].slave;
	}
	e = survey_settings_read(r->s->o.k, r->inside->ns, slaves, n, r->s->o.a);
	for (size_t i = 0; !e && i < r->n; i++) {
		struct model_slave *s = r->inside[i].slave;

		if (s && r->inside[i].has_kernels)
			s->n_sysctls =
				model_sysctl_keep_link_local(s->sysctls, s->n_sysctls);
	}
	return e;
}

static struct err *read_netns(struct reader *r)
{
	const struct netns_ref *ns = r->inside->ns;
	struct nl_socket *sock;
	struct err *e = netns_ref_open_socket(r->s->o.k, ns, &sock);

	if (e)
		return e;
	e = dump_inside(r, sock);
	netns_ref_close_socket(r->s->o.k, sock);
	if (!e && r->s->use == DATAPATH_FOR_FILE)
		e = read_settings(r);
	/* The device or the namespace vanished between two questions. */
	if (e && (e->sys_errno == ENODEV || e->sys_errno == EINVAL))
		e->code = ERR_INTERRUPTED;
	return e ? err_wrap(e, "cannot read addresses and routes in %s",
			    *ns->text ? ns->text : "this namespace")
		 : NULL;
}

static struct err *read_inside(struct survey *s)
{
	struct err *e = NULL;

	if (s->n_inside > 1)
		qsort(s->inside, s->n_inside, sizeof(*s->inside), inside_cmp);
	for (size_t i = 0; !e && i < s->n_inside;) {
		struct reader r = {.s = s, .inside = &s->inside[i]};

		for (; i < s->n_inside && s->inside[i].ns == r.inside->ns; i++)
			r.n++;
		e = read_netns(&r);
	}
	return e;
}

/* The daemon's own has no other text, and a name is better than a path. */
static void add_namespaces(struct survey *s, bool paths)
{
	const struct model *scope = s->o.scope;

	for (size_t i = 0; i < scope->n_namespaces; i++) {
		const struct model_netns *n = &scope->namespaces[i];
		struct netns_ref *ref;

		if (nsfs_is_name(n->name) == paths)
			continue;
		ref = netns_table_add(&s->o.netns, n->name);
		if (n->bound.pid)
			ref->bound = n;
	}
}

static struct err *survey_once(struct kernel *k, const struct model *scope,
			       enum datapath_survey_use use, struct arena *a,
			       struct model **ret_have)
{
	struct survey s = {
		.o = {.k = k, .scope = scope, .depth = DATAPATH_EVERYTHING, .a = a},
		.use = use,
		.have = arena_alloc(a, sizeof(*s.have))};
	struct err *e;

	netns_table_init(&s.o.netns, k, a);
	netns_table_add(&s.o.netns, "");
	add_namespaces(&s, false);
	add_namespaces(&s, true);
	e = observe_link_dump_all(&s.o);
	if (!e) {
		s.found = survey_found_all(&s.o, use, &s.n);
		fill_model(&s);
		e = read_inside(&s);
		model_sort(s.have);
	}
	observe_link_clear(&s.o);
	if (!e)
		*ret_have = s.have;
	return e;
}

struct err *survey_kernel(struct datapath *dp, const struct model *scope,
			  enum datapath_survey_use use, struct arena *a,
			  struct model **ret_have)
{
	struct err *e = survey_once((struct kernel *)dp, scope, use, a, ret_have);

	for (int try = 1; e && e->code == ERR_INTERRUPTED && try < MAX_TRIES; try++) {
		err_free(e);
		e = survey_once((struct kernel *)dp, scope, use, a, ret_have);
	}
	return e;
}
