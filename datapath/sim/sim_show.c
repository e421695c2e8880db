/* How the simulated kernel shows a device and its routes in a model. */
#include "datapath/sim/sim_show.h"

#include "datapath/sim/sim_addr_notes.h"
#include "datapath/sim/sim_cache.h"
#include "datapath/sim/twin/twin_addr.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_link_place.h"
#include "datapath/sim/twin/twin_route.h"
#include "datapath/sim/twin/twin_world.h"

#include <string.h>

static void add_route(struct arena *a, struct model_route **routes, size_t *n,
		      size_t *cap, const struct twin_route *r, bool is_foreign,
		      const struct twin_link *l)
{
	*routes = arena_grow(a, *routes, *n, cap, sizeof(**routes));
	(*routes)[*n] = twin_route_model(&r->route, r->type);
	(*routes)[*n].seen_foreign = is_foreign;
	(*routes)[*n].seen_apart =
		is_foreign && r->link != l && r->type == TWIN_ROUTE_UNICAST;
	if (is_foreign && r->type == TWIN_ROUTE_UNICAST)
		(*routes)[*n].seen_ifindex = r->link->ifindex;
	++*n;
}

static void add_left(struct arena *a, struct model_route **routes, size_t *n, size_t *cap,
		     const struct twin_route *r, const struct twin_link *l)
{
	add_route(a, routes, n, cap, r, false, l);
	(*routes)[*n - 1].seen_ifindex = r->link->ifindex;
}

/* No device of ours, and no master of the scope that is found by its name. */
static bool is_left_by_master(const struct sim_observation *k, const struct twin_link *l)
{
	for (size_t i = 0; i < k->scope->n_masters; i++) {
		const struct model_master *m = &k->scope->masters[i];

		if (!model_match_is_set(&m->match) && !strcmp(m->name, l->name) &&
		    twin_netns_find(k->w, m->netns) == l->ns)
			return false;
	}
	return !twin_link_is_ours(k->w, l);
}

struct model_route *sim_show_routes(struct sim_observation *k, const struct twin_netns *s,
				    const struct twin_link *l,
				    const struct model_route *asked, size_t n_asked,
				    bool shows_shared, bool moves, size_t *ret_n)
{
	struct model_route *routes = NULL;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < s->n_routes; i++) {
		const struct twin_route *r = &s->routes[i];

		bool is_reject = twin_route_is_our_reject(k->w, r);
		bool is_ours = is_reject || twin_route_is_ours(k->w, r);
		bool is_asked_for = twin_route_is_asked_for(r, asked, n_asked);

		if (!twin_route_is_visible(r))
			continue;
		if ((is_reject ? shows_shared : r->link == l && is_ours) ||
		    (r->protocol != k->w->config.route_protocol && is_asked_for))
			add_route(k->a, &routes, &n, &cap, r, !is_ours, l);
		else if (moves && is_ours && !is_reject && is_asked_for &&
			 is_left_by_master(k, r->link))
			add_left(k->a, &routes, &n, &cap, r, l);
	}
	*ret_n = n;
	return routes;
}

struct model_rule *sim_show_rules(struct sim_observation *k, const struct twin_netns *s,
				  size_t *ret_n)
{
	struct model_rule *rules = arena_array(k->a, s->n_rules, sizeof(*rules));
	size_t n = 0;

	for (size_t i = 0; i < s->n_rules; i++) {
		if (s->rules[i].protocol == k->w->config.route_protocol)
			rules[n++] = s->rules[i].rule;
	}
	*ret_n = n;
	return rules;
}

/* What `ip rule` made, as nl_rule_is_configured(). */
static bool is_configured(const struct twin_rule *r)
{
	return !r->protocol || r->protocol == TWIN_PROTO_BOOT ||
	       r->protocol == TWIN_PROTO_STATIC;
}

void sim_show_foreign_rules(struct sim_observation *k, const struct twin_netns *s,
			    struct model_slave *out)
{
	out->seen.foreign_rules =
		arena_array(k->a, s->n_rules, sizeof(*out->seen.foreign_rules));
	for (size_t i = 0; i < s->n_rules; i++) {
		if (is_configured(&s->rules[i]))
			out->seen.foreign_rules[out->seen.n_foreign_rules++] =
				(struct model_foreign_rule){s->rules[i].rule,
							    s->rules[i].protocol};
	}
}

/* One that expires is shown only if a row declares it. */
static bool is_shown(const struct twin_addr *a, const struct model_slave *asked)
{
	bool is_declared = a->valid_s == UINT32_MAX;

	for (size_t i = 0; i < asked->n_addresses; i++)
		is_declared |= !ip_prefix_cmp(&asked->addresses[i], &a->prefix);
	return is_declared;
}

static void show_addresses(struct sim_observation *k, struct model_slave *out,
			   const struct twin_link *l, const struct model_slave *asked)
{
	out->addresses = arena_array(k->a, l->n_addresses, sizeof(*out->addresses));
	out->seen.noted = arena_array(k->a, l->n_addresses, sizeof(*out->seen.noted));
	for (size_t i = 0; i < l->n_addresses; i++) {
		const struct twin_addr *a = &l->addresses[i];
		struct model_address_seen seen = sim_addr_seen(l, a);

		if (!is_shown(a, asked))
			continue;
		out->addresses[out->n_addresses++] = a->prefix;
		if (seen.notes)
			out->seen.noted[out->seen.n_noted++] = seen;
	}
}

void sim_show_names(struct arena *a, struct model_slave *out, const struct twin_link *l)
{
	out->alias = arena_strdup(a, l->alias);
	out->altnames = arena_array(a, l->n_alt_names, sizeof(*out->altnames));
	out->n_altnames = l->n_alt_names;
	for (size_t i = 0; i < l->n_alt_names; i++)
		out->altnames[i] = arena_strdup(a, l->alt_names[i]);
	out->vrf = twin_link_is_vrf(l->controller) ? arena_strdup(a, l->controller->name)
						   : "";
}

void sim_show_vrf(struct arena *a, struct model_slave *out, const struct twin_netns *s,
		  const char *asked)
{
	const struct twin_link *l = *asked ? twin_link_find(s, asked) : NULL;

	if (!twin_link_is_vrf(l))
		return;
	out->seen.vrf_name = arena_strdup(a, l->name);
	out->seen.vrf_ifindex = l->ifindex;
	out->seen.vrf_table = l->vrf_table;
	out->seen.vrf_is_up = l->is_up;
}

void sim_show_slave(struct sim_observation *k, struct model_slave *out,
		    struct twin_link *l, const struct model_slave *asked,
		    const struct twin_link *master)
{
	/* One that was found by an alternative name is another one. */
	bool is_ours = twin_link_is_ours(k->w, l) && !strcmp(l->name, asked->name);
	bool is_slave = twin_link_is_slave(l);

	out->seen.presence = is_slave && is_ours ? MODEL_OURS : MODEL_FOREIGN;
	out->seen.kind = arena_strdup(k->a, l->kind);
	out->seen.group = is_ours ? 0 : l->group;
	out->seen.has_other_name = strcmp(l->name, asked->name) != 0;
	out->seen.ifindex = l->ifindex;
	out->seen.is_on_master = is_slave && l->lower == master;
	out->seen.mode = twin_link_mode(l).mode;
	out->seen.flag = twin_link_mode(l).flag;
	out->seen.is_up = l->is_up;
	out->seen.is_noarp = l->is_noarp;
	out->seen.can_rename = twin_link_can_rename(k->w, l);
	out->seen.has_carrier = l->is_up && l->has_carrier;
	out->seen.mtu = l->mtu;
	memcpy(out->seen.mac, l->mac, sizeof(out->seen.mac));
	sim_show_names(k->a, out, l);
	show_addresses(k, out, l, asked);
	l->showed_foreign = !is_ours;
	l->listed_in = k->w->n_observations;
	if (out->seen.presence == MODEL_OURS && out->seen.is_on_master)
		l->shown_in = k->w->n_observations;
}

bool sim_show_is_asked_for(const struct sim_observation *k, const struct twin_link *l)
{
	for (size_t i = 0; i < k->scope->n_masters; i++) {
		const struct model_master *m = &k->scope->masters[i];

		for (size_t j = 0; j < m->n_slaves; j++) {
			const struct model_slave *s = &m->slaves[j];
			const char *netns = *s->netns ? s->netns : m->netns;

			if (!strcmp(s->name, l->name) &&
			    twin_netns_find(k->w, netns) == l->ns)
				return true;
		}
	}
	return false;
}

/* The port watch asks for one ipvlan: one of ours that it has seen, or one that a row
 * names. */
static bool is_asked_for(const struct sim_observation *k, const struct twin_link *u)
{
	bool is_ours = twin_link_is_slave(u) && twin_link_is_ours(k->w, u);

	return k->depth != DATAPATH_PORTS || sim_show_is_asked_for(k, u) ||
	       (is_ours && sim_cache_texts(k->w->cache, u->ns->id));
}

/* Of several strangers the first by name is shown. */
static bool precedes(const struct twin_link *a, const struct twin_link *b)
{
	int order = strcmp(a->ns->name, b->ns->name);

	return order ? order < 0 : strcmp(a->name, b->name) < 0;
}

static const char *label(const struct sim_observation *k, const struct twin_link *u)
{
	return *u->ns->name ? arena_printf(k->a, "%s/%s", u->ns->name, u->name)
			    : arena_strdup(k->a, u->name);
}

/* An ipvlan or ipvtap is on 'l'. */
static void show_in_port(struct model_master *m, const struct twin_link *l)
{
	if (!link_type_has(link_type_of(m), LINK_HAS_PORT))
		return;
	m->seen.has_port = true;
	m->seen.mode = l->mode;
	m->seen.flag = l->flag;
}

static void show_stranger(struct sim_observation *k, struct model_master *m,
			  const struct twin_link *u)
{
	m->seen.stranger = label(k, u);
	m->seen.stranger_mode = twin_link_mode(u).mode;
	m->seen.stranger_flag = twin_link_mode(u).flag;
}

/* What is on a device, as far as its slaves could be there too. Others make it busy. */
static void show_port(struct sim_observation *k, struct model_master *m,
		      struct twin_link *l)
{
	const struct twin_link *stranger = NULL, *rival = NULL;

	l->showed_foreign_upper = false;
	for (const struct twin_link *u = l->uppers; u; u = u->next_upper) {
		bool is_sibling = link_type_is_sibling(link_type_of(m), u->kind);
		const struct twin_link **first = is_sibling ? &stranger : &rival;

		l->showed_foreign_upper |= !twin_link_is_ours(k->w, u);
		if (!link_type_family(u->kind) || !is_asked_for(k, u))
			continue;
		if (twin_link_is_in_port(u))
			show_in_port(m, l);
		if (twin_link_is_ours(k->w, u))
			m->seen.has_ours = true;
		else if (!*first || precedes(u, *first))
			*first = u;
	}
	if (stranger)
		show_stranger(k, m, stranger);
	if (rival && !*m->seen.busy)
		m->seen.busy = arena_printf(k->a, "%s %s", rival->kind, label(k, rival));
}

/* Another program's device that is no ipvlan and stands on 'l', or is a port of it. */
static const struct twin_link *find_keeper(const struct sim_observation *k,
					   const struct twin_link *l)
{
	const struct twin_link *found = NULL, *port, *next;

	for (const struct twin_link *u = l->uppers; u; u = u->next_upper) {
		if (!link_type_family(u->kind) && !twin_link_is_ours(k->w, u) &&
		    (!found || precedes(u, found)))
			found = u;
	}
	HASH_ITER (hh, l->ns->links, port, next) {
		if (port->controller == l && !twin_link_is_ours(k->w, port) &&
		    (!found || precedes(port, found)))
			found = port;
	}
	return found;
}

static const char *kept_by(const struct sim_observation *k, const struct twin_link *l)
{
	const struct twin_link *keeper = find_keeper(k, l);
	const char *kind;

	if (l->kept_by)
		return arena_strdup(k->a, l->kept_by);
	if (!keeper || !twin_link_is_ours(k->w, l))
		return "";
	kind = keeper->controller == l ? "port" : keeper->kind;
	return *keeper->ns->name ? arena_printf(k->a, "%s %s/%s", kind, keeper->ns->name,
						keeper->name)
				 : arena_printf(k->a, "%s %s", kind, keeper->name);
}

static void add_member(struct sim_observation *k, struct model_master *m, size_t *cap,
		       const struct twin_link *u)
{
	m->seen.members = arena_grow(k->a, m->seen.members, m->seen.n_members, cap,
				     sizeof(*m->seen.members));
	m->seen.members[m->seen.n_members++] = (struct model_member){
		.netns = u->ns == u->lower->ns ? "" : arena_strdup(k->a, u->ns->name),
		.name = arena_strdup(k->a, u->name),
		.kind = arena_strdup(k->a, u->kind),
		.is_up = u->is_up,
	};
}

void sim_show_members(struct sim_observation *k, struct model_master *m,
		      const struct twin_link *l)
{
	const struct twin_link *unlisted = NULL;
	size_t cap = 0;

	for (const struct twin_link *u = l->uppers; u; u = u->next_upper) {
		if (!twin_link_is_slave(u) || !twin_link_is_ours(k->w, u) ||
		    u->ns->is_hidden || !is_asked_for(k, u) ||
		    u->shown_in == k->w->n_observations)
			continue;
		if (u->listed_in == k->w->n_observations)
			add_member(k, m, &cap, u);
		else if (!unlisted)
			unlisted = u;
	}
	if (unlisted)
		add_member(k, m, &cap, unlisted);
}

/* A VRF does not take the packets of its ports. */
static const char *held_by(struct sim_observation *k, const struct twin_link *l)
{
	if (l->held_by)
		return arena_strdup(k->a, l->held_by);
	return l->controller && strcmp(l->controller->kind, "vrf") != 0
		       ? arena_printf(k->a, "%s %s", l->controller->kind,
				      l->controller->name)
		       : "";
}

void sim_show_master(struct sim_observation *k, struct model_master *m,
		     struct twin_link *l)
{
	m->seen.presence = twin_link_is_ours(k->w, l) ? MODEL_OURS : MODEL_FOREIGN;
	m->seen.device = arena_strdup(k->a, l->name);
	m->seen.kind = arena_strdup(k->a, l->kind);
	m->seen.group = twin_link_is_ours(k->w, l) ? 0 : l->group;
	m->seen.ifindex = l->ifindex;
	m->seen.is_up = l->is_up;
	m->seen.has_carrier = l->is_up && l->has_carrier;
	m->seen.mtu = l->mtu;
	memcpy(m->seen.mac, l->mac, sizeof(m->seen.mac));
	m->seen.addresses = arena_array(k->a, l->n_addresses, sizeof(*m->seen.addresses));
	for (size_t i = 0; k->depth != DATAPATH_PORTS && i < l->n_addresses; i++)
		m->seen.addresses[m->seen.n_addresses++] = l->addresses[i].prefix;
	m->seen.busy = held_by(k, l);
	m->seen.kept_by = kept_by(k, l);
	if (!strcmp(l->kind, "vlan")) {
		m->vlan_link = l->lower ? arena_strdup(k->a, l->lower->name) : "";
		m->vlan_id = l->vlan_id;
	}
	show_port(k, m, l);
	l->showed_foreign_upper |= *m->seen.kept_by;
	l->showed_ours = m->seen.has_ours;
	l->showed_stranger = *m->seen.stranger;
	l->showed_mode = l->mode;
	l->showed_flag = l->flag;
}

static bool has_address(const struct model_slave *have, const struct ip_prefix *p)
{
	for (size_t i = 0; i < have->n_addresses; i++) {
		if (!ip_prefix_cmp(&have->addresses[i], p))
			return true;
	}
	return false;
}

/* True if 'asked' declares the address and 'have' lacks it. A device on another master will
 * be made anew on this one. */
static bool lacks(const struct model_slave *asked, const struct model_slave *have,
		  const struct ip_addr *addr)
{
	if (asked->intent != MODEL_PRESENT || !asked->addresses_managed)
		return false;
	for (size_t i = 0; i < asked->n_addresses; i++) {
		const struct ip_prefix *p = &asked->addresses[i];

		if (!ip_addr_cmp(&p->addr, addr) &&
		    !(have->seen.is_on_master && has_address(have, p)))
			return true;
	}
	return false;
}

static bool is_lacking(const struct model_master *asked, const struct model_master *m,
		       const struct ip_addr *addr)
{
	for (size_t i = 0; i < asked->n_slaves; i++) {
		if (lacks(&asked->slaves[i], &m->slaves[i], addr))
			return true;
	}
	return false;
}

/* From now on its events are heard. */
static void show_holder(struct sim_observation *k, struct model_master *m,
			struct twin_link *u, const struct twin_addr *a, size_t *cap)
{
	struct model_held held = {
		.address = a->prefix,
		.netns = arena_strdup(k->a, u->ns->name),
		.name = arena_strdup(k->a, u->name),
	};

	held.address.addr = *twin_addr_in_port(a);
	m->seen.held = arena_grow(k->a, m->seen.held, m->seen.n_held, cap,
				  sizeof(*m->seen.held));
	m->seen.held[m->seen.n_held++] = held;
	u->is_holder = true;
	if (*u->ns->name && *u->ns->name != '/')
		sim_cache_note_netns(k->w->cache, u->ns->name, u->ns);
}

void sim_show_held(struct sim_observation *k, struct model_master *m,
		   const struct model_master *asked, struct twin_link *l)
{
	size_t cap = 0;

	if (asked->intent != MODEL_PRESENT ||
	    !link_type_has(link_type_of(asked), LINK_HAS_UNIQUE_ADDRESSES))
		return;
	for (struct twin_link *u = l->uppers; u; u = u->next_upper) {
		if (!twin_link_is_in_port(u) || twin_link_is_ours(k->w, u) ||
		    !twin_netns_is_seen(u->ns))
			continue;
		for (size_t i = 0; i < u->n_addresses; i++) {
			const struct twin_addr *a = &u->addresses[i];

			if (is_lacking(asked, m, twin_addr_in_port(a)))
				show_holder(k, m, u, a, &cap);
		}
	}
}
