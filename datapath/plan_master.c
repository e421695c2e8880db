/* Steps for a master: a VLAN that ipvl makes, the device set up once, the port's mode and
 * flag, and the routes of the master's own namespace. On a master only what is declared
 * is written. */
#include "datapath/plan_work.h"

static struct route_set own_routes(const struct master_work *m)
{
	struct route_set r = {.want = m->want->routes, .n_want = m->want->n_routes};

	/* Those of a device that is made anew go with it. */
	if (m->have && !m->removes_vlan) {
		r.have = m->have->routes;
		r.n_have = m->have->n_routes;
	}
	if (!m->is_wanted)
		r.n_want = 0;
	return r;
}

void draft_master_removals(struct plan_work *w, struct master_work *m)
{
	/* Routes of a master that no row names may be another daemon's. */
	if (m->want && m->have && m->kind != PLAN_CONFLICT) {
		struct route_set routes = own_routes(m);

		draft_route_removals(w, m, NULL, &routes);
	}
	if (m->removes_vlan) {
		m->vlan_del = draft_new(w, PLAN_OP_VLAN_DEL, m, NULL,
					m->makes_vlan ? text_vlan_change(w, m)
						      : "no longer wanted");
		m->vlan_del->step.is_disruptive = true;
	}
}

static struct master_work *find_work(struct plan_work *w, const char *netns,
				     const char *name)
{
	const struct model_master *m = model_find_master(w->want, netns, name);

	return m ? &w->masters[m - w->want->masters] : NULL;
}

/* The device below a VLAN comes first, whatever its place in the order of names. */
static void draft_vlan(struct plan_work *w, struct master_work *m)
{
	struct master_work *link = find_work(w, m->want->netns, m->want->vlan_link);

	if (!m->makes_vlan || m->vlan_add)
		return;
	if (link)
		draft_master_creations(w, link);
	m->vlan_add = draft_new(w, PLAN_OP_VLAN_ADD, m, NULL, "is missing");
	draft_after(m->vlan_add, m->vlan_del, link ? link->vlan_add : NULL, NULL, NULL);
}

/* A VLAN of ours is kept up. Any other master is set up when it is first needed: before
 * the first slave or route on it is made; whoever takes it down later has a reason. */
static bool needs_up(struct plan_work *w, const struct master_work *m)
{
	struct route_set routes = own_routes(m);

	if (m->makes_vlan)
		return true;
	if (m->have->seen.is_up)
		return false;
	if (m->have->seen.presence == MODEL_OURS || m->makes_links ||
	    routes_miss_any(&routes))
		return true;
	for (size_t i = 0; i < w->n_wanted_masters; i++) {
		const struct master_work *upper = &w->masters[i];

		if (upper->makes_vlan &&
		    find_work(w, upper->want->netns, upper->want->vlan_link) == m)
			return true;
	}
	return false;
}

static void draft_set(struct plan_work *w, struct master_work *m)
{
	bool set_up = needs_up(w, m);
	uint32_t mtu = m->want->mtu;
	uint32_t seen_mtu = m->makes_vlan ? 0 : m->have->seen.mtu;
	const char *why = set_up ? m->makes_vlan ? "is made" : "is down" : "";
	struct master_work *link = NULL;

	if (mtu == seen_mtu)
		mtu = 0;
	if (!set_up && !mtu)
		return;
	if (mtu && seen_mtu)
		why = arena_printf(w->arena, "%s%smtu %u -> %u", why, *why ? ", " : "",
				   seen_mtu, mtu);
	if (*m->want->vlan_link)
		link = find_work(w, m->want->netns, m->want->vlan_link);
	m->set = draft_new(w, PLAN_OP_MASTER_SET, m, NULL, why);
	m->set->step.u.link.set_up = set_up;
	m->set->step.u.link.mtu = mtu;
	/* A VLAN cannot be up above a device that is down. */
	draft_after(m->set, m->vlan_add, link ? link->set : NULL, NULL, NULL);
}

/* Mode and flag of a port that has slaves of ours which stay; a first one brings them
 * along. */
static void draft_port(struct plan_work *w, struct master_work *m)
{
	const char *change;

	if (m->makes_vlan || !m->have->seen.has_port)
		return;
	change = text_port_change(w, m->want, m->have->seen.mode, m->have->seen.flag);
	if (!*change)
		return;
	for (size_t i = 0; i < m->n_slaves; i++) {
		struct slave_work *s = &m->slaves[i];
		struct draft *d;

		if (s->fate != FATE_KEEP && s->fate != FATE_RENAME)
			continue;
		d = draft_new(w, PLAN_OP_PORT_SET, m, NULL, change);
		d->step.want = s->want;
		d->step.have = s->have;
		d->step.u.port.mode = m->have->seen.mode;
		d->step.u.port.flag = m->have->seen.flag;
		return;
	}
}

void draft_master_creations(struct plan_work *w, struct master_work *m)
{
	if (!m->is_wanted || m->kind != PLAN_READY || m->set || m->vlan_add)
		return;
	draft_vlan(w, m);
	draft_set(w, m);
	draft_port(w, m);
}

void draft_master_routes(struct plan_work *w, struct master_work *m)
{
	struct route_set routes = own_routes(m);

	if (m->is_wanted && m->kind == PLAN_READY)
		draft_route_creations(w, m, NULL, &routes, false);
}
