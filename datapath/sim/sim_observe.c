/* What the simulated kernel shows of a scope, where the kernel provider reads dumps. */
#include "datapath/sim/sim_observe.h"

#include "datapath/sim/sim_cache.h"
#include "datapath/sim/sim_left.h"
#include "datapath/sim/sim_match.h"
#include "datapath/sim/sim_remember.h"
#include "datapath/sim/sim_show.h"
#include "datapath/sim/sim_show_sysctl.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_world.h"

#include <stdlib.h>
#include <string.h>

static struct model_slave empty_slave(struct sim_observation *k, const char *netns,
				      const char *name)
{
	return model_slave_named(arena_strdup(k->a, netns), arena_strdup(k->a, name));
}

/* NULL if there is none, or another than the text is bound to. */
static struct twin_netns *find_netns(const struct sim_observation *k, const char *netns)
{
	const struct model_netns *n = *netns ? model_find_netns(k->scope, netns) : NULL;
	struct model_process process = twin_netns_process(k->w, netns);
	struct twin_netns *s = twin_netns_find_alive(k->w, netns);

	if (s && n && model_netns_is_replaced(n, &process, s->inode))
		s = NULL;
	if (s && !twin_netns_is_nameless(s))
		sim_cache_note_netns(k->w->cache, netns, s);
	else if (!s && *netns == '/')
		sim_cache_note_path(k->w->cache, netns);
	return s;
}

static void show_lost_slave(struct sim_observation *k, struct model_slave *out,
			    const struct sim_lost *lost, const struct twin_netns *s,
			    const struct twin_link *master)
{
	const struct twin_link *l = lost->link;

	out->seen.has_moved = lost->moved_to;
	if (!l || !master || l->lower != master || !twin_link_is_ours(k->w, l))
		return;
	out->seen.has_moved = l->ns != s;
	out->seen.now_netns = l->ns == master->ns ? "" : arena_strdup(k->a, l->ns->name);
	out->seen.now_name = arena_strdup(k->a, l->name);
}

static void show_lost_master(struct sim_observation *k, struct model_master *out,
			     const struct sim_lost *lost, const struct twin_netns *s)
{
	const struct sim_known *was =
		sim_cache_find(k->w->cache, lost->was.ns, lost->was.ifindex);

	out->seen.namespace_missing = !s;
	out->seen.has_moved = lost->moved_to;
	if (!lost->link || !was || strcmp(was->view.kind, lost->link->kind) != 0)
		return;
	out->seen.now_name = arena_strdup(k->a, lost->link->name);
	out->seen.now_ifindex = lost->link->ifindex;
}

static void show_slave(struct sim_observation *k, struct model_slave *out,
		       const struct model_slave *asked, const char *netns,
		       const struct twin_link *master, bool shows_shared,
		       struct sim_lost *ret_lost)
{
	struct twin_netns *s = find_netns(k, netns);
	struct twin_file *f = twin_file_find(k->w, netns);
	struct twin_link *l = s ? twin_link_find(s, asked->name) : NULL;

	*out = empty_slave(k, asked->netns, asked->name);
	if (f) {
		out->seen.resolv_conf = f->is_foreign ? "" : arena_strdup(k->a, f->text);
		out->seen.resolv_conf_foreign = twin_file_is_in_the_way(f);
		f->showed_foreign = twin_file_is_in_the_way(f);
		if (twin_file_is_in_the_way(f) && (*asked->nameservers || *asked->search))
			twin_file_await(f, asked->name);
	}
	if (!s) {
		out->seen.namespace_missing = true;
		return;
	}
	if (l) {
		sim_show_slave(k, out, l, asked, master);
		sim_show_sysctl_slave(k, out, l, asked);
	}
	if (sim_remember_has_left(k->w, l, asked))
		*ret_lost = sim_remember_lost_slave(k->w, s, asked, master);
	if (l && ret_lost->link == l)
		*ret_lost = (struct sim_lost){0};
	if (!l)
		show_lost_slave(k, out, ret_lost, s, master);
	sim_show_vrf(k->a, out, s, asked->vrf);
	out->routes = sim_show_routes(
		k, s, l,
		model_routes_in_table(k->a, asked->routes, asked->n_routes,
				      out->seen.vrf_table),
		asked->n_routes, shows_shared, false, &out->n_routes);
	if (shows_shared) {
		out->rules = sim_show_rules(k, s, &out->n_rules);
		s->shared_shown_in = k->w->n_observations;
	}
	if (asked->adopts)
		sim_show_foreign_rules(k, s, out);
}

static struct model_master *add_master(struct sim_observation *k, const char *netns,
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
	*m = model_master_named(arena_strdup(k->a, netns), arena_strdup(k->a, name));
	return m;
}

static struct twin_link *find_device(const struct sim_observation *k, const char *netns,
				     const char *name)
{
	const struct twin_netns *s = find_netns(k, netns);

	return s ? twin_link_find(s, name) : NULL;
}

/* Of a master of the scope. */
static struct twin_link *device_of(const struct sim_observation *k,
				   const struct model_master *asked)
{
	return k->matches[asked - k->scope->masters].link;
}

/* What was lost: that of the master first, then those of its slaves. */
static struct sim_lost *show_master(struct sim_observation *k,
				    const struct model_master *asked)
{
	struct sim_lost *lost = arena_array(k->a, asked->n_slaves + 1, sizeof(*lost));
	struct twin_netns *ns = find_netns(k, asked->netns);
	struct sim_match *match = &k->matches[asked - k->scope->masters];
	struct model_master *m = add_master(k, asked->netns, asked->name);
	struct twin_link *l;

	m->type = asked->type;
	*match = sim_match_find(k, asked, ns);
	l = match->link;
	m->seen.candidates = match->candidates;
	m->seen.other_device = match->other_device;
	if (!l && k->depth != DATAPATH_PORTS && !sim_match_is_label(asked))
		lost[0] = sim_remember_lost_master(k->w, ns, asked->name);
	if (l)
		sim_show_master(k, m, l);
	else
		show_lost_master(k, m, &lost[0], ns);
	if (k->depth == DATAPATH_PORTS)
		return lost;
	if (ns) {
		sim_show_sysctl_own(k, m, asked, ns, l);
		sim_show_sysctl_left(k, m, asked, ns);
	}
	if (l)
		m->routes =
			sim_show_routes(k, l->ns, l, asked->routes, asked->n_routes,
					false, sim_match_is_label(asked), &m->n_routes);
	m->n_slaves = asked->n_slaves;
	m->slaves = arena_array(k->a, asked->n_slaves, sizeof(*m->slaves));
	k->slaves_caps[m - k->have->masters] = asked->n_slaves;
	for (size_t i = 0; i < asked->n_slaves; i++) {
		const struct model_slave *s = &asked->slaves[i];

		show_slave(k, &m->slaves[i], s, *s->netns ? s->netns : asked->netns, l,
			   true, &lost[i + 1]);
	}
	if (l)
		sim_show_held(k, m, asked, l);
	return lost;
}

/* In the order of the kernel's provider: one device may be at several places. */
static void remember_master(struct sim_observation *k, const struct model_master *asked,
			    const struct sim_lost *lost)
{
	bool is_whole = k->depth != DATAPATH_PORTS;
	struct twin_netns *s = find_netns(k, asked->netns);
	struct twin_link *l = device_of(k, asked);

	sim_remember_master(k->w, asked, l, is_whole);
	for (size_t i = 0; is_whole && i < asked->n_slaves; i++) {
		const struct model_slave *slave = &asked->slaves[i];
		const char *netns = *slave->netns ? slave->netns : asked->netns;

		sim_remember_slave(k->w, find_netns(k, netns), slave, &lost[i + 1]);
	}
	if (!sim_match_is_label(asked))
		sim_remember_master_place(k->w, s, asked, l, &lost[0]);
}

/* The device below a VLAN: whether it exists decides whether the VLAN can be made. */
static void show_vlan_link(struct sim_observation *k, const struct model_master *asked)
{
	struct model_master *m;
	struct twin_link *l;

	for (size_t i = 0; i < k->have->n_masters; i++) {
		if (!strcmp(k->have->masters[i].netns, asked->netns) &&
		    !strcmp(k->have->masters[i].name, asked->vlan_link))
			return;
	}
	m = add_master(k, asked->netns, asked->vlan_link);
	l = find_device(k, asked->netns, asked->vlan_link);
	if (!l)
		return;
	sim_show_master(k, m, l);
	/* It is only looked at: as ours, the plan would take it for a leftover. */
	if (k->depth != DATAPATH_EVERYTHING)
		m->seen.presence = MODEL_FOREIGN;
	sim_remember_other(k->w, l, true);
}

/* The master of 'have' for the device 'l'; added if it is missing. */
static struct model_master *need_master(struct sim_observation *k, struct twin_link *l)
{
	struct model_master *m;

	for (size_t i = 0; i < k->have->n_masters; i++) {
		m = &k->have->masters[i];
		if (m->seen.ifindex == l->ifindex &&
		    twin_netns_find(k->w, m->netns) == l->ns)
			return m;
	}
	m = add_master(k, l->ns->name, l->name);
	sim_show_master(k, m, l);
	m->seen.is_namesake = model_has_namesake(k->scope, m->netns, m->name);
	sim_remember_other(k->w, l, true);
	return m;
}

static void show_leftover(struct sim_observation *k, const struct twin_link *l)
{
	const struct twin_netns *at = l->ns;
	struct model_master *m = need_master(k, l->lower);
	size_t *cap = &k->slaves_caps[m - k->have->masters];
	const char *netns = at == l->lower->ns ? "" : at->name;
	const struct model_slave asked = {.netns = netns,
					  .name = l->name,
					  .nameservers = "",
					  .search = "",
					  .alias = "",
					  .vrf = "",
					  .pool = ""};
	struct sim_lost none;

	k->others = arena_grow(k->a, k->others, k->n_others, &k->others_cap,
			       sizeof(*k->others));
	k->others[k->n_others++] = l;
	m->slaves = arena_grow(k->a, m->slaves, m->n_slaves, cap, sizeof(*m->slaves));
	show_slave(k, &m->slaves[m->n_slaves++], &asked, at->name, l->lower,
		   k->depth == DATAPATH_EVERYTHING, &none);
	sim_remember_other(k->w, l, false);
}

/* A device that ipvl made for the row before it had `match`. */
static void show_namesakes(struct sim_observation *k)
{
	for (size_t i = 0; i < k->scope->n_masters; i++) {
		const struct model_master *asked = &k->scope->masters[i];
		struct twin_link *l = sim_match_is_label(asked)
					      ? find_device(k, asked->netns, asked->name)
					      : NULL;

		if (l && !twin_link_is_slave(l) && twin_link_is_ours(k->w, l))
			need_master(k, l);
	}
}

static void show_leftovers(struct sim_observation *k)
{
	struct twin_netns *s, *next_ns;
	struct twin_link *l, *next_link;

	/* Everything below /run/netns gets an id. */
	HASH_ITER (hh, k->w->netns, s, next_ns) {
		if (*s->name != '/')
			(void)find_netns(k, s->name);
	}
	HASH_ITER (hh, k->w->netns, s, next_ns) {
		HASH_ITER (hh, s->links, l, next_link) {
			if (!twin_netns_is_seen(s) || !twin_link_is_ours(k->w, l))
				continue;
			if (!twin_link_is_slave(l))
				need_master(k, l);
			else if (!sim_show_is_asked_for(k, l))
				show_leftover(k, l);
		}
	}
}

static bool is_any_missing(const struct sim_observation *k)
{
	for (size_t i = 0; i < k->scope->n_masters; i++) {
		const struct model_master *m = &k->scope->masters[i];

		for (size_t j = 0; j < m->n_slaves; j++) {
			const struct model_slave *s = &m->slaves[j];

			if (sim_remember_has_left(
				    k->w,
				    find_device(k, *s->netns ? s->netns : m->netns,
						s->name),
				    s))
				return true;
		}
	}
	return false;
}

/* Ours, on a master of the scope, and not shown yet. */
static bool is_other(const struct sim_observation *k, const struct twin_link *l)
{
	bool is_on_master = false;

	if (!l || !twin_link_is_slave(l) || !twin_link_is_ours(k->w, l) ||
	    sim_show_is_asked_for(k, l))
		return false;
	for (size_t i = 0; i < k->n_others; i++) {
		if (k->others[i] == l)
			return false;
	}
	for (size_t i = 0; i < k->scope->n_masters; i++)
		is_on_master |= k->matches[i].link == l->lower;
	return is_on_master;
}

/* Slaves of ours that only an id leads to. */
static void show_nameless(struct sim_observation *k)
{
	const struct sim_known *d, *next;

	if (!is_any_missing(k))
		return;
	HASH_ITER (hh, k->w->cache->devices, d, next) {
		const struct twin_netns *s =
			sim_cache_texts(k->w->cache, d->key.ns)
				? NULL
				: twin_netns_find_id(k->w, d->key.ns);
		const struct twin_link *l =
			s ? twin_link_find_index(s, d->key.ifindex) : NULL;

		if (is_other(k, l))
			show_leftover(k, l);
	}
}

/* Those that have left their place. */
static void show_elsewhere(struct sim_observation *k, const struct model_master *asked,
			   const struct sim_lost *lost)
{
	const struct twin_link *master = device_of(k, asked);

	for (size_t i = 1; i <= asked->n_slaves; i++) {
		if (is_other(k, lost[i].link) && lost[i].link->lower == master)
			show_leftover(k, lost[i].link);
	}
}

static void show_netns(struct sim_observation *k, const struct model_netns *asked,
		       struct model_netns *out)
{
	struct twin_netns *s = twin_netns_find(k->w, asked->name);
	const struct twin_file *f =
		asked->is_wanted ? NULL : twin_file_find(k->w, asked->name);
	struct twin_link *l, *next;

	out->name = arena_strdup(k->a, asked->name);
	out->seen.resolv_conf = f && !f->is_foreign ? arena_strdup(k->a, f->text) : "";
	out->seen.what = s && s->trouble ? arena_strdup(k->a, s->what) : "";
	out->seen.trouble = s ? s->trouble : MODEL_NETNS_FINE;
	out->seen.process = twin_netns_process(k->w, asked->name);
	if (s && !s->trouble && !s->is_dead_file &&
	    model_netns_is_replaced(asked, &out->seen.process, s->inode))
		out->seen.trouble = MODEL_NETNS_REPLACED;
	if (!s || out->seen.trouble)
		return;
	out->seen.is_dead_file = s->is_dead_file;
	out->seen.exists = !s->is_dead_file;
	out->seen.is_own = !*s->name;
	out->seen.cookie = s->start;
	out->seen.inode = s->is_dead_file ? 0 : s->inode;
	HASH_ITER (hh, s->links, l, next) {
		if (!twin_link_is_lo(l) && !twin_link_is_ours(k->w, l))
			out->seen.is_occupied = true;
	}
	s->showed_occupied = out->seen.is_occupied;
}

static void show_namespaces(struct sim_observation *k)
{
	struct model *have = k->have;

	have->n_namespaces = k->scope->n_namespaces;
	have->namespaces =
		arena_array(k->a, have->n_namespaces, sizeof(*have->namespaces));
	for (size_t i = 0; i < have->n_namespaces; i++)
		show_netns(k, &k->scope->namespaces[i], &have->namespaces[i]);
}

static void show_members(struct sim_observation *k)
{
	for (size_t i = 0; i < k->have->n_masters; i++) {
		struct model_master *m = &k->have->masters[i];
		const struct twin_netns *s = find_netns(k, m->netns);
		const struct twin_link *l =
			s && m->seen.ifindex ? twin_link_find_index(s, m->seen.ifindex)
					     : NULL;

		if (l)
			sim_show_members(k, m, l);
	}
}

/* The port watch asks for one slave of a master after another, until one is on it; so their
 * namespaces get ids. */
static void find_some_slave(struct sim_observation *k, const struct model_master *asked)
{
	const struct twin_link *master = device_of(k, asked);

	for (size_t i = 0; master && i < asked->n_slaves; i++) {
		const struct model_slave *s = &asked->slaves[i];
		const struct twin_link *l =
			find_device(k, *s->netns ? s->netns : asked->netns, s->name);

		if (l && l->lower == master && link_type_family(l->kind))
			return;
	}
}

struct err *sim_observe(struct twin_world *w, const struct model *scope,
			enum datapath_depth depth, struct arena *a,
			struct model **ret_have)
{
	struct sim_observation k = {.w = w, .a = a, .scope = scope, .depth = depth};
	struct sim_lost **lost = arena_array(a, scope->n_masters, sizeof(*lost));

	k.have = arena_alloc(a, sizeof(*k.have));
	k.matches = arena_array(a, scope->n_masters, sizeof(*k.matches));
	twin_world_reap(k.w);
	w->n_observations++;
	for (size_t i = 0; i < scope->n_masters; i++)
		lost[i] = show_master(&k, &scope->masters[i]);
	if (depth != DATAPATH_PORTS) {
		for (size_t i = 0; i < scope->n_masters; i++) {
			if (*scope->masters[i].vlan_link)
				show_vlan_link(&k, &scope->masters[i]);
		}
		show_namespaces(&k);
	}
	if (depth == DATAPATH_EVERYTHING)
		show_leftovers(&k);
	if (depth == DATAPATH_SCOPE) {
		show_namesakes(&k);
		show_nameless(&k);
	}
	for (size_t i = 0; depth == DATAPATH_SCOPE && i < scope->n_masters; i++)
		show_elsewhere(&k, &scope->masters[i], lost[i]);
	if (depth != DATAPATH_PORTS)
		sim_left_show(&k);
	show_members(&k);
	for (size_t i = 0; depth == DATAPATH_PORTS && i < scope->n_masters; i++)
		find_some_slave(&k, &scope->masters[i]);
	for (size_t i = 0; i < scope->n_masters; i++)
		remember_master(&k, &scope->masters[i], lost[i]);
	for (size_t i = 0; i < scope->n_masters; i++)
		sim_match_remember(&k, &scope->masters[i],
				   find_netns(&k, scope->masters[i].netns),
				   &k.matches[i]);
	model_sort(k.have);
	*ret_have = k.have;
	return NULL;
}
