/* A survey of the simulated kernel: every ipvlan that an observation could see, with all of
 * its addresses and routes. */
#include "datapath/sim/sim_survey.h"

#include "datapath/sim/sim_addr_notes.h"
#include "datapath/sim/sim_show.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_route.h"
#include "datapath/sim/twin/twin_sysctl.h"
#include "datapath/sim/twin/twin_world.h"

#include <string.h>

struct survey {
	struct twin_world *w;
	const struct model *scope;
	enum datapath_survey_use use;
	struct arena *a;
	struct model *have;
	const struct twin_link **masters; /* of each in 'have'; NULL: of none */
	size_t *slaves_caps;
	size_t masters_cap, links_cap, caps_cap;
};

/* The first text by which a row can name it; NULL if there is none. */
static const char *text_of(const struct survey *s, const struct twin_netns *ns)
{
	if (*ns->name != '/')
		return twin_netns_is_nameless(ns) ? NULL : ns->name;
	return model_find_netns(s->scope, ns->name) ? ns->name : NULL;
}

static struct model_master *add_master(struct survey *s, const struct twin_link *l)
{
	size_t n = s->have->n_masters;
	struct model_master *m;

	s->have->masters = arena_grow(s->a, s->have->masters, n, &s->masters_cap,
				      sizeof(*s->have->masters));
	s->masters = arena_grow(s->a, s->masters, n, &s->links_cap,
				sizeof(const struct twin_link *));
	s->slaves_caps = arena_grow(s->a, s->slaves_caps, n, &s->caps_cap,
				    sizeof(*s->slaves_caps));
	s->masters[n] = l;
	s->slaves_caps[n] = 0;
	m = &s->have->masters[s->have->n_masters++];
	*m = model_master_named("", "");
	return m;
}

static void show_master_routes(const struct survey *s, struct model_master *m,
			       const struct twin_link *l)
{
	size_t cap = 0;

	for (size_t i = 0; i < l->ns->n_routes; i++) {
		const struct twin_route *r = &l->ns->routes[i];

		if (r->link != l || !twin_route_is_ours(s->w, r) ||
		    !twin_route_is_visible(r))
			continue;
		m->routes = arena_grow(s->a, m->routes, m->n_routes, &cap,
				       sizeof(*m->routes));
		m->routes[m->n_routes++] = r->route;
	}
}

static void show_master(const struct survey *s, struct model_master *m,
			const struct twin_link *l)
{
	bool is_vlan = !strcmp(l->kind, "vlan") && l->lower && l->lower->ns == l->ns;

	m->netns = arena_strdup(s->a, text_of(s, l->ns));
	m->name = arena_strdup(s->a, l->name);
	m->vlan_link = is_vlan ? arena_strdup(s->a, l->lower->name) : "";
	m->vlan_id = is_vlan ? l->vlan_id : 0;
	m->mtu = is_vlan && l->mtu != l->lower->mtu ? l->mtu : 0;
	if (twin_link_is_ours(s->w, l))
		(void)model_kind_from_name(l->kind, &m->kind);
	m->seen.presence = twin_link_is_ours(s->w, l) ? MODEL_OURS : MODEL_FOREIGN;
	m->seen.kind = arena_strdup(s->a, l->kind);
	m->seen.ifindex = l->ifindex;
	m->seen.is_up = l->is_up;
	m->seen.has_carrier = l->is_up && l->has_carrier;
	m->seen.mtu = l->mtu;
	memcpy(m->seen.mac, l->mac, sizeof(m->seen.mac));
	show_master_routes(s, m, l);
}

/* 'l' NULL: the one for devices that no row can declare. */
static size_t need_master(struct survey *s, const struct twin_link *l)
{
	struct model_master *m;

	for (size_t i = 0; i < s->have->n_masters; i++) {
		if (s->masters[i] == l)
			return i;
	}
	m = add_master(s, l);
	if (l)
		show_master(s, m, l);
	return s->have->n_masters - 1;
}

static bool is_kernels(const struct twin_addr *a)
{
	return ip_addr_is_link_local(&a->prefix.addr) &&
	       a->protocol == TWIN_ADDR_PROTO_KERNEL;
}

static bool has_kernels_address(const struct twin_link *l)
{
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (is_kernels(&l->addresses[i]))
			return true;
	}
	return false;
}

static void show_addresses(const struct survey *s, struct model_slave *out,
			   const struct twin_link *l)
{
	out->addresses = arena_array(s->a, l->n_addresses, sizeof(*out->addresses));
	out->seen.noted = arena_array(s->a, l->n_addresses, sizeof(*out->seen.noted));
	for (size_t i = 0; i < l->n_addresses; i++) {
		const struct twin_addr *a = &l->addresses[i];
		struct model_address_seen seen = sim_addr_seen(l, a);

		if (is_kernels(a))
			continue;
		if (a->valid_s != UINT32_MAX)
			seen.notes |= MODEL_ADDRESS_LIFETIME;
		out->addresses[out->n_addresses++] = a->prefix;
		if (seen.notes)
			out->seen.noted[out->seen.n_noted++] = seen;
	}
}

static bool is_reject(const struct twin_route *r)
{
	const struct model_route route = twin_route_model(&r->route, r->type);

	return model_route_is_reject(&route);
}

/* A route without a device is shown with one slave of its namespace: of whoever made it, if
 * there is one. Those of the host are its own, but for ours. */
static bool takes_reject(const struct survey *s, const struct twin_link *l,
			 const struct twin_route *r)
{
	bool is_ours = r->protocol == s->w->config.route_protocol;
	const struct twin_link *any = NULL, *own = NULL;

	for (const struct twin_link *at = l->ns->links; at; at = at->hh.next) {
		if (!twin_link_is_slave(at))
			continue;
		any = any ? any : at;
		if (!own && twin_link_is_ours(s->w, at) == is_ours)
			own = at;
	}
	return (*l->ns->name || is_ours) && l == (own ? own : any);
}

/* NULL: a row can have it. */
static const char *why_odd(const struct survey *s, const struct twin_route *r)
{
	if (r->type != TWIN_ROUTE_UNICAST && !is_reject(r))
		return "its type has no key";
	if (r->protocol && r->protocol != TWIN_PROTO_BOOT &&
	    r->protocol != TWIN_PROTO_STATIC &&
	    r->protocol != s->w->config.route_protocol)
		return arena_printf(s->a, "its protocol is %u, whose program keeps it",
				    r->protocol);
	if (twin_route_model_scope(r) == MODEL_SCOPE_OTHER)
		return "it has a scope of its own";
	return r->route.via.family && r->route.via.family != r->route.to.addr.family
		       ? "it has a gateway of the other family"
		       : NULL;
}

static void show_routes(const struct survey *s, struct model_slave *out,
			const struct twin_link *l)
{
	size_t cap = 0, odd_cap = 0;

	for (size_t i = 0; i < l->ns->n_routes; i++) {
		const struct twin_route *r = &l->ns->routes[i];
		const char *why;

		if (!(is_reject(r) ? takes_reject(s, l, r) : r->link == l) ||
		    twin_route_is_in_local(r) || twin_route_is_automatic(r))
			continue;
		why = why_odd(s, r);
		if (why) {
			out->seen.odd_routes = arena_grow(
				s->a, out->seen.odd_routes, out->seen.n_odd_routes,
				&odd_cap, sizeof(*out->seen.odd_routes));
			out->seen.odd_routes[out->seen.n_odd_routes++] =
				(struct model_odd_route){
					model_route_text(s->a, &r->route), why};
			continue;
		}
		out->routes = arena_grow(s->a, out->routes, out->n_routes, &cap,
					 sizeof(*out->routes));
		out->routes[out->n_routes] = twin_route_model(&r->route, r->type);
		out->routes[out->n_routes++].seen_foreign =
			r->protocol != s->w->config.route_protocol;
	}
}

/* With one slave of the namespace, by whoever made it and the rule. Those of the host are its
 * own, but for ours. */
static bool takes_rule(const struct survey *s, const struct twin_link *l,
		       const struct twin_rule *r)
{
	bool is_ours = r->protocol == s->w->config.route_protocol;
	const struct twin_link *at = l->ns->links;

	while (at && !(twin_link_is_slave(at) && twin_link_is_ours(s->w, at) == is_ours))
		at = at->hh.next;
	return at == l && (*l->ns->name || is_ours) &&
	       (is_ours || !r->protocol || r->protocol == TWIN_PROTO_BOOT ||
		r->protocol == TWIN_PROTO_STATIC);
}

static void show_rules(const struct survey *s, struct model_slave *out,
		       const struct twin_link *l)
{
	size_t cap = 0;

	for (size_t i = 0; i < l->ns->n_rules; i++) {
		const struct twin_rule *r = &l->ns->rules[i];

		if (!takes_rule(s, l, r))
			continue;
		out->rules = arena_grow(s->a, out->rules, out->n_rules, &cap,
					sizeof(*out->rules));
		out->rules[out->n_rules++] = r->rule;
	}
}

static void show_settings(const struct survey *s, struct model_slave *out,
			  const struct twin_link *l)
{
	size_t n;
	const char *const *keys = model_sysctl_surveyed(&n);

	out->sysctls = arena_array(s->a, n, sizeof(*out->sysctls));
	for (size_t i = 0; i < n; i++) {
		const char *value = twin_sysctl_get(l->ns, l, keys[i]);

		if (*value && strcmp(value, twin_sysctl_default(l->ns, keys[i])) != 0)
			out->sysctls[out->n_sysctls++] =
				(struct model_sysctl){keys[i], arena_strdup(s->a, value)};
	}
	if (has_kernels_address(l))
		out->n_sysctls =
			model_sysctl_keep_link_local(out->sysctls, out->n_sysctls);
}

static void show_slave(const struct survey *s, struct model_slave *out,
		       const struct twin_link *l, const struct twin_link *master)
{
	const char *text = text_of(s, l->ns);
	const struct twin_file *f = text ? twin_file_find(s->w, text) : NULL;

	*out = model_slave_named(
		!text ? arena_printf(s->a, "/nsid/%llu", (unsigned long long)l->ns->id)
		: master && master->ns == l->ns ? ""
						: arena_strdup(s->a, text),
		arena_strdup(s->a, l->name));
	out->seen.presence = twin_link_is_ours(s->w, l) ? MODEL_OURS : MODEL_FOREIGN;
	out->seen.kind = arena_strdup(s->a, l->kind);
	out->seen.ifindex = l->ifindex;
	out->seen.is_on_master = master != NULL;
	sim_show_names(s->a, out, l);
	if (twin_link_is_vrf(l->controller))
		out->seen.vrf_table = l->controller->vrf_table;
	out->seen.mode = twin_link_mode(l).mode;
	out->seen.flag = twin_link_mode(l).flag;
	out->seen.is_up = l->is_up;
	out->seen.is_noarp = l->is_noarp;
	out->seen.has_carrier = l->is_up && l->has_carrier;
	out->seen.mtu = l->mtu;
	memcpy(out->seen.mac, l->mac, sizeof(out->seen.mac));
	if (!out->seen.is_on_master)
		return;
	if (f) {
		out->seen.resolv_conf = f->is_foreign ? "" : arena_strdup(s->a, f->text);
		out->seen.resolv_conf_foreign = f->is_foreign;
	}
	show_addresses(s, out, l);
	show_routes(s, out, l);
	show_rules(s, out, l);
	if (s->use == DATAPATH_FOR_FILE)
		show_settings(s, out, l);
}

/* A row could have it and its master. */
static bool is_declarable(const struct survey *s, const struct twin_link *l)
{
	const struct twin_link *master = l->lower;

	return twin_link_is_slave(l) && text_of(s, l->ns) && text_of(s, master->ns) &&
	       (*l->ns->name || !*master->ns->name);
}

/* Which of two on one master says what the slaves of its row are: an ipvlan if there is one. */
static int kind_cmp(const struct survey *s, const struct twin_link *a,
		    const struct twin_link *b)
{
	bool is_a = twin_link_is_ipvlan(a), is_b = twin_link_is_ipvlan(b);
	int c = is_a != is_b ? is_b - is_a : strcmp(a->kind, b->kind);

	if (!c)
		c = twin_link_is_ours(s->w, b) - twin_link_is_ours(s->w, a);
	if (!c)
		c = strcmp(a->ns->name, b->ns->name);
	return c ? c : strcmp(a->name, b->name);
}

/* The one on the same master whose kind and mode are those of the row. */
static const struct twin_link *first_beside(const struct survey *s,
					    const struct twin_link *l)
{
	const struct twin_link *first = l;

	for (const struct twin_link *u = l->lower->uppers; u; u = u->next_upper) {
		if (is_declarable(s, u) && kind_cmp(s, u, first) < 0)
			first = u;
	}
	return first;
}

static bool is_alike(const struct twin_link *a, const struct twin_link *b)
{
	struct link_mode x = twin_link_mode(a), y = twin_link_mode(b);

	return !strcmp(a->kind, b->kind) && x.mode == y.mode && x.flag == y.flag;
}

static void take_slave(struct survey *s, const struct twin_link *l)
{
	const struct twin_link *first = is_declarable(s, l) ? first_beside(s, l) : NULL;
	bool is_astray = !first || (s->use == DATAPATH_FOR_FILE && !is_alike(l, first));
	const struct link_type *t = first ? link_type_find_kind(first->kind) : NULL;
	size_t i = need_master(s, is_astray ? NULL : l->lower);
	struct model_master *m = &s->have->masters[i];

	m->slaves = arena_grow(s->a, m->slaves, m->n_slaves, &s->slaves_caps[i],
			       sizeof(*m->slaves));
	show_slave(s, &m->slaves[m->n_slaves++], l, is_astray ? NULL : l->lower);
	if (is_astray)
		return;
	if (t != &link_type_ipvlan)
		m->type = t;
	m->seen.has_port = true;
	m->seen.has_ours |= twin_link_is_ours(s->w, l);
	m->seen.mode = twin_link_mode(first).mode;
	m->seen.flag = twin_link_mode(first).flag;
	m->mode = (enum model_mode)m->seen.mode;
	m->flag = (enum model_flag)m->seen.flag;
}

void sim_survey(struct twin_world *w, const struct model *scope,
		enum datapath_survey_use use, struct arena *a, struct model **ret_have)
{
	struct survey s = {.w = w, .scope = scope, .use = use, .a = a};
	struct twin_netns *ns, *next_ns;
	struct twin_link *l, *next_link;

	s.have = arena_alloc(a, sizeof(*s.have));
	twin_world_reap(w);
	HASH_ITER (hh, w->netns, ns, next_ns) {
		HASH_ITER (hh, ns->links, l, next_link) {
			if (!twin_netns_is_seen(ns) && !text_of(&s, ns))
				continue;
			if (twin_link_is_in_port(l) || twin_link_is_slave(l))
				take_slave(&s, l);
			else if (model_kind_is_made(l->kind) && text_of(&s, ns) &&
				 twin_link_is_ours(w, l))
				(void)need_master(&s, l);
		}
	}
	model_sort(s.have);
	*ret_have = s.have;
}
