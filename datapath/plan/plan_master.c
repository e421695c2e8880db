/* Steps for a master: a device that ipvl makes, setting the device up once, mode and flag
 * of the port, and the routes of the master's own namespace. Nothing is written to a
 * master but what is declared. */
#include "datapath/plan/plan_master.h"

#include "datapath/plan/plan_draft.h"
#include "datapath/plan/plan_loss.h"
#include "datapath/plan/plan_message.h"
#include "datapath/plan/plan_place.h"
#include "datapath/plan/plan_route.h"
#include "datapath/plan/plan_transfer.h"

#include <assert.h>
#include <string.h>

static struct plan_routes own_routes(const struct plan_context *ctx,
				     const struct master_plan *m)
{
	struct plan_routes r = {.want = m->want->routes, .n_want = m->want->n_routes};

	assert(m->want);
	/* A device that is made again loses its routes. */
	if (m->have && !m->removes_device) {
		r.have = m->have->routes;
		r.n_have = m->have->n_routes;
	}
	if (!m->is_wanted)
		r.n_want = 0;
	plan_routes_forget_going(ctx, m->want->netns, &r);
	return r;
}

void plan_draft_master_removals(struct plan_context *ctx, struct master_plan *m)
{
	plan_draft_master_adoption(ctx, m);
	if (m->want && m->want->intent == MODEL_RELEASED) {
		if (m->have && m->kind != PLAN_ERROR)
			plan_draft_route_releases(ctx, m, NULL, m->have->routes,
						  m->have->n_routes);
		return;
	}
	/* The routes of a master that no row names may belong to another daemon. */
	if (m->want && m->have && m->kind != PLAN_CONFLICT && m->kind != PLAN_ERROR) {
		struct plan_routes routes = own_routes(ctx, m);

		plan_draft_route_removals(ctx, m, NULL, &routes);
	}
	if (m->removes_device) {
		m->del = plan_draft_new(ctx, PLAN_OP_MASTER_DEL, m, NULL,
					m->makes_device
						? plan_message_device_change(ctx, m)
						: "no longer wanted");
		m->del->step.loss = plan_loss_device(m);
		m->del->step.u.kind = m->have->seen.kind;
	}
}

static struct master_plan *find_work(struct plan_context *ctx, const char *netns,
				     const char *name)
{
	const struct model_master *m = model_find_master(ctx->want, netns, name);

	assert(!m || (size_t)(m - ctx->want->masters) < ctx->n_wanted_masters);
	return m ? &ctx->masters[m - ctx->want->masters] : NULL;
}

/* A VLAN gets the MTU that the device below has at that moment. */
static struct plan_draft *last_of_link(const struct master_plan *link)
{
	if (!link)
		return NULL;
	return link->set && link->set->step.u.link.mtu && !link->is_held ? link->set
									 : link->add;
}

static void draft_device(struct plan_context *ctx, struct master_plan *m,
			 struct master_plan *link)
{
	struct plan_draft *below = last_of_link(link);

	if (!m->makes_device)
		return;
	m->add = plan_draft_later(ctx, below ? below->phase : PLAN_OP_MASTER_ADD,
				  PLAN_OP_MASTER_ADD, m, NULL, "is missing");
	/* If both go, that of the device below takes this one along. */
	plan_draft_after(m->add, below, m->del, NULL, NULL);
}

/* Something that needs the device up is made on it, or on a VLAN above it. */
static bool is_needed(struct plan_context *ctx, const struct master_plan *m,
		      unsigned int depth)
{
	struct plan_routes routes = own_routes(ctx, m);

	assert(depth <= PLAN_MAX_VLAN_DEPTH);
	if (m->makes_device || m->makes_links || plan_routes_miss_any(&routes))
		return true;
	for (size_t i = 0; depth < PLAN_MAX_VLAN_DEPTH && i < ctx->n_wanted_masters;
	     i++) {
		const struct master_plan *upper = &ctx->masters[i];

		if (upper->is_wanted && upper->kind == PLAN_READY &&
		    *upper->want->vlan_link &&
		    find_work(ctx, upper->want->netns, upper->want->vlan_link) == m &&
		    is_needed(ctx, upper, depth + 1))
			return true;
	}
	return false;
}

static bool is_going(const struct slave_plan *s)
{
	return s->fate == FATE_REMOVE || s->fate == FATE_REMAKE;
}

/* The device of ours at that place stays where it is. */
static bool stays(const struct plan_context *ctx, const struct master_plan *m,
		  const char *netns, const char *name)
{
	const char *at = *netns ? netns : m->have->netns;
	const struct slave_plan *owner = plan_find_place(ctx, at, name);

	if (owner)
		return !is_going(owner);
	for (size_t i = 0; i < ctx->n_leftovers; i++) {
		const struct slave_plan *s = &ctx->leftovers[i];

		if (!strcmp(s->have->name, name) &&
		    !strcmp(s->place, plan_place_netns(ctx, at)))
			return !is_going(s);
	}
	return true;
}

static const struct model_slave *find_staying_slave(struct plan_context *ctx,
						    const struct master_plan *m,
						    bool is_nameless)
{
	for (size_t i = 0; i < m->have->n_slaves; i++) {
		const struct model_slave *s = &m->have->slaves[i];

		if (s->seen.presence == MODEL_OURS && s->seen.is_on_master &&
		    model_netns_is_nameless(s->netns) == is_nameless &&
		    stays(ctx, m, s->netns, s->name))
			return s;
	}
	return NULL;
}

static const struct model_slave *find_staying_member(struct plan_context *ctx,
						     const struct master_plan *m)
{
	for (size_t i = 0; i < m->have->seen.n_members; i++) {
		const struct model_member *at = &m->have->seen.members[i];
		struct model_slave *s;

		if (!stays(ctx, m, at->netns, at->name))
			continue;
		s = arena_alloc(ctx->arena, sizeof(*s));
		s->netns = at->netns;
		s->name = at->name;
		s->seen.kind = "";
		s->seen.presence = MODEL_OURS;
		return s;
	}
	return NULL;
}

/* A device of ours that stays on the master, also one of another row or of none; NULL if there
 * is none. Rather one in a namespace that can be entered. */
static const struct model_slave *find_stay(struct plan_context *ctx,
					   const struct master_plan *m)
{
	const struct model_slave *s = find_staying_slave(ctx, m, false);

	if (!s)
		s = find_staying_member(ctx, m);
	return s ? s : find_staying_slave(ctx, m, true);
}

/* Something is made on it, and nothing of ours is on it yet. If somebody takes it down
 * later, that is intended. */
static bool is_first_needed(struct plan_context *ctx, const struct master_plan *m)
{
	return (m->makes_device || !find_stay(ctx, m)) && is_needed(ctx, m, 0);
}

/* A VLAN cannot be up while the device below is down; it comes up together with that
 * device. */
static bool is_held_down(struct plan_context *ctx, const struct master_plan *m)
{
	const struct model_master *link;
	const struct master_plan *work;

	if (!*m->want->vlan_link || m->link_set)
		return false;
	work = find_work(ctx, m->want->netns, m->want->vlan_link);
	if (work && (work->makes_device || (work->set && work->set->step.u.link.set_up)))
		return false;
	link = model_find_master(ctx->have, m->want->netns, m->want->vlan_link);
	return link && !link->seen.is_up;
}

/* A device of ours is kept up. Any other master is set up when it is needed for the first
 * time. */
static bool is_kept_up(const struct master_plan *m)
{
	return m->makes_device || m->adopts ||
	       (m->have && m->have->seen.presence == MODEL_OURS);
}

static bool needs_up(struct plan_context *ctx, const struct master_plan *m)
{
	assert(m->makes_device || m->have);
	if (is_held_down(ctx, m))
		return false;
	if (m->makes_device)
		return true;
	return !m->have->seen.is_up && (is_kept_up(m) || is_first_needed(ctx, m));
}

/* The step that sets up a device that no row names; NULL if there is none yet. */
static struct plan_draft *find_link_set(const struct plan_context *ctx,
					const struct model_master *link)
{
	const struct plan_drafts *list = &ctx->ops[PLAN_OP_MASTER_SET];

	for (size_t i = 0; i < list->n; i++) {
		if (list->drafts[i]->step.master == link)
			return list->drafts[i];
	}
	return NULL;
}

/* The device below a VLAN, if it is no master itself: no packet passes through the VLAN
 * while it is down. Like a master, it is set up when the VLAN is needed for the first
 * time. */
static void draft_link_of_vlan(struct plan_context *ctx, struct master_plan *m)
{
	const struct model_master *link =
		model_find_master(ctx->have, m->want->netns, m->want->vlan_link);

	assert(*m->want->vlan_link && !m->link_set);
	if (!link || link->seen.presence == MODEL_ABSENT || link->seen.is_up ||
	    !is_first_needed(ctx, m))
		return;
	m->link_set = find_link_set(ctx, link);
	if (m->link_set)
		return;
	m->link_set = plan_draft_new(ctx, PLAN_OP_MASTER_SET, NULL, NULL, "is down");
	m->link_set->step.master = link;
	m->link_set->step.u.link.set_up = true;
}

/* Linux ether_setup(): of a new dummy or bridge. */
#define NEW_MTU 1500

/* A new VLAN gets the MTU of the device below. Later the kernel lowers it with that one's,
 * and does not raise it again. */
static uint32_t seen_mtu(const struct plan_context *ctx, const struct master_plan *m,
			 const struct master_plan *link)
{
	const struct model_master *below;

	if (!m->makes_device)
		return link && link->mtu && m->have->seen.mtu > link->mtu
			       ? link->mtu
			       : m->have->seen.mtu;
	if (!*m->want->vlan_link)
		return NEW_MTU;
	if (link && link->mtu)
		return link->mtu;
	below = model_find_master(ctx->have, m->want->netns, m->want->vlan_link);
	return below ? below->seen.mtu : 0;
}

static const char *text_set(struct plan_context *ctx, const struct master_plan *m,
			    bool set_up, uint32_t mtu)
{
	if (m->makes_device)
		return "is made";
	if (!mtu)
		return "is down";
	return arena_printf(ctx->arena, "%smtu %u -> %u", set_up ? "is down, " : "",
			    m->have->seen.mtu, mtu);
}

static void draft_set(struct plan_context *ctx, struct master_plan *m,
		      struct master_plan *link)
{
	bool set_up = needs_up(ctx, m);
	uint32_t mtu = m->want->mtu;

	assert(!m->set);
	m->mtu = seen_mtu(ctx, m, link);
	if (mtu == m->mtu)
		mtu = 0;
	if (mtu && !m->is_held)
		m->mtu = mtu;
	if (!set_up && !mtu)
		return;
	m->set = plan_draft_new(ctx, PLAN_OP_MASTER_SET, m, NULL,
				text_set(ctx, m, set_up, mtu));
	m->set->step.u.link.set_up = set_up;
	m->set->step.u.link.mtu = mtu;
	/* It is set up for what is made on it: no drift is repaired. */
	m->set->is_exempt = set_up && !mtu && !is_kept_up(m);
	if (mtu && !m->makes_device)
		m->set->step.loss = plan_loss_master_mtu(m, mtu);
	m->set->step.u.link.mtu_was = mtu && !m->makes_device ? m->have->seen.mtu : 0;
	plan_draft_after(m->set, m->link_set, m->add, link ? link->set : NULL, m->adopt);
}

/* Mode and flag of a port on which a slave of ours stays. On an empty port the first
 * LINK_ADD sets them. */
static void draft_port(struct plan_context *ctx, struct master_plan *m)
{
	const struct model_slave *through;
	struct plan_draft *d;
	const char *change;

	if (m->makes_device || !m->have->seen.has_port)
		return;
	change = model_port_change(ctx->arena, m->have->seen.mode, m->have->seen.flag,
				   (uint8_t)m->want->mode, (uint8_t)m->want->flag);
	through = *change ? find_stay(ctx, m) : NULL;
	/* Of another kind, the port's or none: it goes, unless it is held. */
	if (!through || (*through->seen.kind &&
			 strcmp(through->seen.kind, link_type_of(m->want)->kind) != 0))
		return;
	d = plan_draft_new(ctx, PLAN_OP_PORT_SET, m, NULL, change);
	d->step.have = through;
	d->step.u.port.mode = m->have->seen.mode;
	d->step.u.port.flag = m->have->seen.flag;
	d->step.loss = plan_loss_port(ctx, m);
}

/* The device below a VLAN comes first, whatever the order of names. */
void plan_draft_master_creations(struct plan_context *ctx, struct master_plan *m)
{
	struct master_plan *link;

	if (!m->is_wanted || m->kind != PLAN_READY || m->is_drafted)
		return;
	m->is_drafted = true;
	link = *m->want->vlan_link ? find_work(ctx, m->want->netns, m->want->vlan_link)
				   : NULL;
	/* One whose row was removed is a device that no row names, and so is one that is in
	 * conflict: a pass for the VLAN alone does not see that row. */
	if (link && (link->want->intent == MODEL_GONE || link->kind != PLAN_READY))
		link = NULL;
	if (link)
		plan_draft_master_creations(ctx, link);
	else if (*m->want->vlan_link)
		draft_link_of_vlan(ctx, m);
	draft_device(ctx, m, link);
	draft_set(ctx, m, link);
	draft_port(ctx, m);
}

void plan_draft_master_routes(struct plan_context *ctx, struct master_plan *m)
{
	struct plan_routes routes = own_routes(ctx, m);
	bool is_up;

	if (!m->is_wanted || m->kind != PLAN_READY)
		return;
	is_up = (m->set && m->set->step.u.link.set_up) ||
		(!m->makes_device && m->have->seen.is_up);
	if (is_up) {
		plan_draft_route_creations(ctx, m, NULL, &routes, false);
	} else if (plan_routes_miss_any(&routes)) {
		m->kind = PLAN_WAITING;
		m->message = arena_printf(
			ctx->arena, "waiting for %s to be set up: its routes need it",
			*m->want->vlan_link ? m->want->vlan_link
			: m->have           ? model_master_label(ctx->arena, m->have)
					    : m->want->name);
	}
}
