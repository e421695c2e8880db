/* What the simulated kernel shows of a scope, where the kernel provider reads dumps. */
#include "datapath/sim/sim_observe.h"

#include "datapath/sim/sim_addr.h"
#include "datapath/sim/sim_cache.h"
#include "datapath/sim/sim_link.h"
#include "datapath/sim/sim_link_state.h"
#include "datapath/sim/sim_remember.h"
#include "datapath/sim/sim_route.h"
#include "datapath/sim/sim_sysctl.h"
#include "datapath/sim/sim_world.h"

#include <stdlib.h>
#include <string.h>

struct observation {
	struct sim_world *w;
	struct arena *a;
	const struct model *scope;
	struct model *have;
	size_t masters_cap;
	size_t *slaves_caps, caps_cap; /* capacity of have->masters[i].slaves */
};

static void add_route(struct arena *a, struct model_route **routes, size_t *n,
		      size_t *cap, const struct sim_route *r, bool is_foreign)
{
	*routes = arena_grow(a, *routes, *n, cap, sizeof(**routes));
	(*routes)[*n] = r->route;
	(*routes)[*n].seen_foreign = is_foreign;
	++*n;
}

/* Our routes of the device (NULL: none yet), and all foreign routes of the namespace that
 * have a key of 'asked'. */
static struct model_route *show_routes(struct observation *k, const struct sim_netns *s,
				       const struct sim_link *l,
				       const struct model_route *asked, size_t n_asked,
				       size_t *ret_n)
{
	struct model_route *routes = NULL;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < s->n_routes; i++) {
		const struct sim_route *r = &s->routes[i];

		bool is_ours = sim_route_is_ours(k->w, r);

		if (!sim_route_is_visible(r))
			continue;
		if ((r->link == l && is_ours) ||
		    (r->protocol != k->w->config.route_protocol &&
		     sim_route_is_asked_for(r, asked, n_asked)))
			add_route(k->a, &routes, &n, &cap, r, !is_ours);
	}
	*ret_n = n;
	return routes;
}

static void show_sysctls(struct observation *k, struct model_slave *out,
			 const struct sim_link *l, const struct model_slave *asked)
{
	if (!asked || !asked->n_sysctls)
		return;
	out->n_sysctls = asked->n_sysctls;
	out->sysctls = arena_array(k->a, asked->n_sysctls, sizeof(*out->sysctls));
	for (size_t i = 0; i < asked->n_sysctls; i++) {
		out->sysctls[i].key = arena_strdup(k->a, asked->sysctls[i].key);
		out->sysctls[i].value = arena_strdup(
			k->a, sim_sysctl_get(l->ns, l, asked->sysctls[i].key));
	}
}

/* One that expires is shown only if a row declares it. */
static bool is_shown(const struct sim_addr *a, const struct model_slave *asked)
{
	bool is_declared = a->valid_s == UINT32_MAX;

	for (size_t i = 0; i < asked->n_addresses; i++)
		is_declared |= !ip_prefix_cmp(&asked->addresses[i], &a->prefix);
	return is_declared;
}

static void show_addresses(struct observation *k, struct model_slave *out,
			   const struct sim_link *l, const struct model_slave *asked)
{
	out->addresses = arena_array(k->a, l->n_addresses, sizeof(*out->addresses));
	out->seen.noted = arena_array(k->a, l->n_addresses, sizeof(*out->seen.noted));
	for (size_t i = 0; i < l->n_addresses; i++) {
		const struct sim_addr *a = &l->addresses[i];
		unsigned int notes = sim_addr_notes(l, a);

		if (!is_shown(a, asked))
			continue;
		out->addresses[out->n_addresses++] = a->prefix;
		if (notes)
			out->seen.noted[out->seen.n_noted++] =
				(struct model_address_seen){.address = a->prefix,
							    .peer = a->peer,
							    .notes = notes};
	}
}

/* 'master': the device that the slave is listed under; NULL if it does not exist. */
static void show_link(struct observation *k, struct model_slave *out, struct sim_link *l,
		      const struct model_slave *asked, const struct sim_link *master)
{
	/* One that was found by an alternative name is another one. */
	bool is_ours = sim_link_is_ours(k->w, l) && !strcmp(l->name, asked->name);
	bool is_ipvlan = sim_link_is_ipvlan(l);

	out->seen.presence = is_ipvlan && is_ours ? MODEL_OURS : MODEL_FOREIGN;
	out->seen.kind = arena_strdup(k->a, l->kind);
	out->seen.ifindex = l->ifindex;
	out->seen.is_on_master = is_ipvlan && l->lower == master;
	out->seen.mode = sim_link_is_in_port(l) ? l->lower->mode : 0;
	out->seen.flag = sim_link_is_in_port(l) ? l->lower->flag : 0;
	out->seen.is_up = l->is_up;
	out->seen.can_rename = sim_link_can_rename(k->w, l);
	out->seen.has_carrier = l->is_up && l->has_carrier;
	out->seen.mtu = l->mtu;
	memcpy(out->seen.mac, l->mac, sizeof(out->seen.mac));
	show_addresses(k, out, l, asked);
	l->showed_foreign = !is_ours;
}

static struct model_slave empty_slave(struct observation *k, const char *netns,
				      const char *name)
{
	return (struct model_slave){
		.netns = arena_strdup(k->a, netns),
		.name = arena_strdup(k->a, name),
		.nameservers = "",
		.search = "",
		.seen = {.kind = "", .resolv_conf = "", .now_netns = "", .now_name = ""},
	};
}

/* NULL if there is none, or another than the text is bound to. */
static struct sim_netns *find_netns(const struct observation *k, const char *netns)
{
	const struct model_netns *n = *netns ? model_find_netns(k->scope, netns) : NULL;
	struct model_process process = sim_netns_process(k->w, netns);
	struct sim_netns *s = sim_netns_find_alive(k->w, netns);

	if (s && n && model_netns_is_replaced(n, &process, s->inode))
		s = NULL;
	if (s)
		sim_cache_note_netns(&k->w->cache, netns, s);
	else if (*netns == '/')
		sim_cache_note_path(&k->w->cache, netns);
	return s;
}

static const struct sim_link *find_by_place(const struct observation *k,
					    const char *netns, const char *name)
{
	const char *place = arena_printf(k->a, "%s\n%s", netns, name);
	struct sim_netns *s, *next_ns;
	struct sim_link *l, *next_link;

	HASH_ITER (hh, k->w->netns, s, next_ns) {
		HASH_ITER (hh, s->links, l, next_link) {
			if (!s->is_hidden && l->place && !strcmp(l->place, place))
				return l;
		}
	}
	return NULL;
}

static void show_lost_slave(struct observation *k, struct model_slave *out,
			    const struct model_slave *asked, const char *netns,
			    const struct sim_link *master)
{
	const struct sim_link *l = find_by_place(k, netns, asked->name);
	const struct sim_netns *s = find_netns(k, netns);
	const struct sim_known *was =
		s ? sim_cache_find_place(&k->w->cache, s->id, asked->name) : NULL;

	out->seen.has_moved = was && was->moved_to;
	if (!l || !master || l->lower != master || !sim_link_is_ours(k->w, l))
		return;
	out->seen.has_moved = strcmp(l->ns->name, netns) != 0;
	out->seen.now_netns = l->ns == master->ns ? "" : arena_strdup(k->a, l->ns->name);
	out->seen.now_name = arena_strdup(k->a, l->name);
}

static void show_lost_master(struct observation *k, struct model_master *out)
{
	const struct sim_link *l = find_by_place(k, out->netns, out->name);
	const struct sim_netns *s = find_netns(k, out->netns);
	const struct sim_known *was =
		s ? sim_cache_find_place(&k->w->cache, s->id, out->name) : NULL;

	out->seen.namespace_missing = !s;
	out->seen.has_moved = was && was->is_master && was->moved_to;
	if (!l)
		return;
	out->seen.has_moved = strcmp(l->ns->name, out->netns) != 0;
	if (out->seen.has_moved)
		return;
	out->seen.now_name = arena_strdup(k->a, l->name);
	out->seen.now_ifindex = l->ifindex;
}

static void show_slave(struct observation *k, struct model_slave *out,
		       const struct model_slave *asked, const char *netns,
		       const struct sim_link *master)
{
	const struct sim_netns *s = find_netns(k, netns);
	struct sim_file *f = sim_file_find(k->w, netns);
	struct sim_link *l = s ? sim_link_find(s, asked->name) : NULL;

	*out = empty_slave(k, asked->netns, asked->name);
	if (f) {
		out->seen.resolv_conf = f->is_foreign ? "" : arena_strdup(k->a, f->text);
		out->seen.resolv_conf_foreign = f->is_foreign;
		f->showed_foreign = f->is_foreign;
	}
	if (!s) {
		out->seen.namespace_missing = true;
		return;
	}
	if (l) {
		show_link(k, out, l, asked, master);
		show_sysctls(k, out, l, asked);
	} else {
		show_lost_slave(k, out, asked, netns, master);
	}
	out->routes =
		show_routes(k, s, l, asked->routes, asked->n_routes, &out->n_routes);
}

static struct model_master *add_master(struct observation *k, const char *netns,
				       const char *name)
{
	struct model *have = k->have;
	struct model_master *m;

	have->masters = arena_grow(k->a, have->masters, have->n_masters, &k->masters_cap,
				   sizeof(*have->masters));
	k->slaves_caps = arena_grow(k->a, k->slaves_caps, have->n_masters, &k->caps_cap,
				    sizeof(*k->slaves_caps));
	k->slaves_caps[have->n_masters] = 0;
	m = &have->masters[have->n_masters++];
	*m = (struct model_master){
		.netns = arena_strdup(k->a, netns),
		.name = arena_strdup(k->a, name),
		.vlan_link = "",
		.seen = {.kind = "",
			 .stranger = "",
			 .busy = "",
			 .now_name = "",
			 .now_since = ""},
	};
	return m;
}

static void show_port(struct observation *k, struct model_master *m, struct sim_link *l)
{
	l->showed_foreign_upper = false;
	for (const struct sim_link *u = l->uppers; u; u = u->next_upper) {
		l->showed_foreign_upper |= !sim_link_is_ours(k->w, u);
		if (!sim_link_is_in_port(u))
			continue;
		m->seen.has_port = true;
		m->seen.mode = l->mode;
		m->seen.flag = l->flag;
		if (sim_link_is_ours(k->w, u)) {
			m->seen.has_ours = true;
			continue;
		}
		m->seen.stranger =
			*u->ns->name ? arena_printf(k->a, "%s/%s", u->ns->name, u->name)
				     : arena_strdup(k->a, u->name);
		m->seen.stranger_mode = l->mode;
		m->seen.stranger_flag = l->flag;
	}
}

static void show_device(struct observation *k, struct model_master *m, struct sim_link *l)
{
	char buf[64];

	m->seen.presence = sim_link_is_ours(k->w, l) ? MODEL_OURS : MODEL_FOREIGN;
	m->seen.kind = arena_strdup(k->a, l->kind);
	m->seen.ifindex = l->ifindex;
	m->seen.is_up = l->is_up;
	m->seen.has_carrier = l->is_up && l->has_carrier;
	m->seen.mtu = l->mtu;
	memcpy(m->seen.mac, l->mac, sizeof(m->seen.mac));
	m->seen.addresses = arena_array(k->a, l->n_addresses, sizeof(*m->seen.addresses));
	for (size_t i = 0; i < l->n_addresses; i++)
		m->seen.addresses[m->seen.n_addresses++] = l->addresses[i].prefix;
	m->seen.busy = arena_strdup(k->a, sim_link_busy(l, buf, sizeof(buf)));
	if (!strcmp(l->kind, "vlan")) {
		m->vlan_link = l->lower ? arena_strdup(k->a, l->lower->name) : "";
		m->vlan_id = l->vlan_id;
	}
	show_port(k, m, l);
	l->showed_ours = m->seen.has_ours;
	l->showed_stranger = *m->seen.stranger;
	l->showed_mode = l->mode;
	l->showed_flag = l->flag;
}

static struct sim_link *find_device(const struct observation *k, const char *netns,
				    const char *name)
{
	const struct sim_netns *s = find_netns(k, netns);

	return s ? sim_link_find(s, name) : NULL;
}

static void show_master(struct observation *k, const struct model_master *asked,
			enum datapath_depth depth)
{
	struct sim_link *l = find_device(k, asked->netns, asked->name);
	struct model_master *m = add_master(k, asked->netns, asked->name);

	if (l) {
		show_device(k, m, l);
		sim_remember_master(k->w, asked, l, depth != DATAPATH_PORTS);
	} else {
		show_lost_master(k, m);
	}
	if (depth == DATAPATH_PORTS)
		return;
	if (l)
		m->routes = show_routes(k, l->ns, l, asked->routes, asked->n_routes,
					&m->n_routes);
	m->n_slaves = asked->n_slaves;
	m->slaves = arena_array(k->a, asked->n_slaves, sizeof(*m->slaves));
	k->slaves_caps[m - k->have->masters] = asked->n_slaves;
	for (size_t i = 0; i < asked->n_slaves; i++) {
		const struct model_slave *s = &asked->slaves[i];
		const char *netns = *s->netns ? s->netns : asked->netns;

		show_slave(k, &m->slaves[i], s, netns, l);
		sim_remember_slave(k->w, find_netns(k, netns), netns, s);
	}
}

/* The device below a VLAN: whether it exists decides whether the VLAN can be made. */
static void show_vlan_link(struct observation *k, const struct model_master *asked)
{
	struct model_master *m;
	struct sim_link *l;

	for (size_t i = 0; i < k->have->n_masters; i++) {
		if (!strcmp(k->have->masters[i].netns, asked->netns) &&
		    !strcmp(k->have->masters[i].name, asked->vlan_link))
			return;
	}
	m = add_master(k, asked->netns, asked->vlan_link);
	l = find_device(k, asked->netns, asked->vlan_link);
	if (!l)
		return;
	show_device(k, m, l);
	sim_cache_remember(&k->w->cache, l)->is_master = true;
}

static bool is_in_scope(const struct observation *k, const struct sim_link *l)
{
	for (size_t i = 0; i < k->scope->n_masters; i++) {
		const struct model_master *m = &k->scope->masters[i];

		for (size_t j = 0; j < m->n_slaves; j++) {
			const struct model_slave *s = &m->slaves[j];
			const char *netns = *s->netns ? s->netns : m->netns;

			if (!strcmp(s->name, l->name) &&
			    sim_netns_find(k->w, netns) == l->ns)
				return true;
		}
	}
	return false;
}

/* The master of 'have' for the device 'l'; added if it is missing. */
static struct model_master *need_master(struct observation *k, struct sim_link *l)
{
	struct model_master *m;

	for (size_t i = 0; i < k->have->n_masters; i++) {
		m = &k->have->masters[i];
		if (!strcmp(m->name, l->name) && sim_netns_find(k->w, m->netns) == l->ns)
			return m;
	}
	m = add_master(k, l->ns->name, l->name);
	show_device(k, m, l);
	sim_cache_remember(&k->w->cache, l)->is_master = true;
	return m;
}

static void show_leftover(struct observation *k, const struct sim_link *l)
{
	const struct sim_netns *at = l->ns;
	struct model_master *m = need_master(k, l->lower);
	size_t *cap = &k->slaves_caps[m - k->have->masters];
	const char *netns = at == l->lower->ns ? "" : at->name;
	const struct model_slave asked = {.netns = netns, .name = l->name};

	m->slaves = arena_grow(k->a, m->slaves, m->n_slaves, cap, sizeof(*m->slaves));
	show_slave(k, &m->slaves[m->n_slaves++], &asked, at->name, l->lower);
	(void)sim_cache_remember(&k->w->cache, l);
}

/* A namespace without a name is found by the id that it got while it had one. */
static bool is_unseen(const struct sim_netns *s)
{
	return s->is_hidden || (*s->name == '/' && !s->is_known);
}

static void show_leftovers(struct observation *k)
{
	struct sim_netns *s, *next_ns;
	struct sim_link *l, *next_link;

	/* Everything below /run/netns gets an id. */
	HASH_ITER (hh, k->w->netns, s, next_ns) {
		if (*s->name != '/')
			(void)find_netns(k, s->name);
	}
	HASH_ITER (hh, k->w->netns, s, next_ns) {
		HASH_ITER (hh, s->links, l, next_link) {
			if (is_unseen(s) || !sim_link_is_ours(k->w, l))
				continue;
			if (!sim_link_is_ipvlan(l))
				need_master(k, l);
			else if (!is_in_scope(k, l))
				show_leftover(k, l);
		}
	}
}

static void show_namespaces(struct observation *k)
{
	struct model *have = k->have;

	have->n_namespaces = k->scope->n_namespaces;
	have->namespaces =
		arena_array(k->a, have->n_namespaces, sizeof(*have->namespaces));
	for (size_t i = 0; i < have->n_namespaces; i++) {
		const struct model_netns *asked = &k->scope->namespaces[i];
		struct model_netns *out = &have->namespaces[i];
		struct sim_netns *s = sim_netns_find(k->w, k->scope->namespaces[i].name);
		struct sim_link *l, *next;

		out->name = arena_strdup(k->a, k->scope->namespaces[i].name);
		out->seen.what = s && s->trouble ? arena_strdup(k->a, s->what) : "";
		out->seen.trouble = s ? s->trouble : MODEL_NETNS_FINE;
		out->seen.process = sim_netns_process(k->w, asked->name);
		if (s && !s->trouble && !s->is_dead_file &&
		    model_netns_is_replaced(asked, &out->seen.process, s->inode))
			out->seen.trouble = MODEL_NETNS_REPLACED;
		if (!s || out->seen.trouble)
			continue;
		out->seen.is_dead_file = s->is_dead_file;
		out->seen.exists = !s->is_dead_file;
		out->seen.is_own = !*s->name;
		out->seen.cookie = s->start;
		out->seen.inode = s->is_dead_file ? 0 : s->inode;
		HASH_ITER (hh, s->links, l, next) {
			if (!sim_link_is_lo(l) && !sim_link_is_ours(k->w, l))
				out->seen.is_occupied = true;
		}
		s->showed_occupied = out->seen.is_occupied;
	}
}

struct err *sim_observe(struct sim_world *w, const struct model *scope,
			enum datapath_depth depth, struct arena *a,
			struct model **ret_have)
{
	struct observation k = {.w = w, .a = a, .scope = scope};

	k.have = arena_alloc(a, sizeof(*k.have));
	sim_world_reap(k.w);
	for (size_t i = 0; i < scope->n_masters; i++)
		show_master(&k, &scope->masters[i], depth);
	if (depth != DATAPATH_PORTS) {
		for (size_t i = 0; i < scope->n_masters; i++) {
			if (*scope->masters[i].vlan_link)
				show_vlan_link(&k, &scope->masters[i]);
		}
		show_namespaces(&k);
	}
	if (depth == DATAPATH_EVERYTHING)
		show_leftovers(&k);
	model_sort(k.have);
	*ret_have = k.have;
	return NULL;
}
