/* Decides, before any step is drafted, what happens to each master and slave.
 *
 * This file keeps the rule of ownership: only an object with our mark gets a fate that
 * touches it. */
#include "datapath/plan/plan_decide.h"

#include "datapath/plan/plan_hold.h"
#include "datapath/plan/plan_holder.h"
#include "datapath/plan/plan_match.h"
#include "datapath/plan/plan_message.h"
#include "datapath/plan/plan_place.h"
#include "datapath/plan/plan_transfer.h"
#include "datapath/plan/plan_vrf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool is_absent(const struct model_master *have)
{
	return !have || have->seen.presence == MODEL_ABSENT;
}

static void settle_master(struct master_plan *m, enum plan_verdict_kind kind,
			  const char *message)
{
	assert(m->kind == PLAN_READY && *message);
	m->kind = kind;
	m->message = message;
}

static void decide_master(struct plan_context *ctx, struct master_plan *m);

/* The work on the device below a VLAN, decided; NULL if no row names that device. */
static const struct master_plan *work_below(struct plan_context *ctx,
					    const struct master_plan *m)
{
	if (!*m->want->vlan_link)
		return NULL;
	for (size_t i = 0; i < ctx->n_wanted_masters; i++) {
		struct master_plan *other = &ctx->masters[i];

		if (strcmp(other->want->netns, m->want->netns) != 0 ||
		    strcmp(other->want->name, m->want->vlan_link) != 0)
			continue;
		decide_master(ctx, other);
		return other;
	}
	return NULL;
}

/* True if the device below a VLAN, if it is one, is present or about to be made. If
 * unknown, it counts as present, and the kernel decides. */
static bool has_device_below(struct plan_context *ctx, const struct master_plan *m)
{
	const struct master_plan *below = work_below(ctx, m);
	const struct model_master *link;

	if (!*m->want->vlan_link || (below && below->makes_device))
		return true;
	link = model_find_master(ctx->have, m->want->netns, m->want->vlan_link);
	return !link || (!is_absent(link) && !(below && below->removes_device));
}

static void decide_absent_master(struct plan_context *ctx, struct master_plan *m)
{
	assert(is_absent(m->have));
	/* A device of ours under another name is a leftover: it is removed and made
	 * again. */
	if (!model_master_is_made(m->want) && m->have && *m->have->seen.now_name) {
		settle_master(m, PLAN_WAITING, plan_message_renamed_master(ctx, m));
	} else if (m->have && m->have->seen.namespace_missing) {
		/* "eth/1" may be meant as the name of a device. */
		settle_master(m, PLAN_WAITING,
			      plan_message_waiting_for(
				      ctx, arena_printf(ctx->arena, "the namespace %s",
							m->want->netns)));
	} else if (plan_match_is_open(m)) {
		settle_master(m, PLAN_CONFLICT, plan_match_ambiguous(ctx, m));
	} else if (model_match_is_set(&m->want->match)) {
		settle_master(m, PLAN_WAITING, plan_match_waiting(ctx, m));
	} else if (!model_master_is_made(m->want)) {
		settle_master(m, PLAN_WAITING,
			      plan_message_waiting_for(
				      ctx, model_master_label(ctx->arena, m->want)));
	} else if (!has_device_below(ctx, m)) {
		settle_master(m, PLAN_WAITING,
			      plan_message_waiting_for(ctx, m->want->vlan_link));
	} else if (m->is_held) {
		m->kind = PLAN_DRIFTED;
		plan_hold_step(ctx, PLAN_OP_MASTER_ADD, m, NULL, "is missing");
	} else {
		m->makes_device = true;
	}
}

static bool is_other_device(const struct master_plan *m)
{
	return strcmp(m->have->seen.kind, model_master_made_kind(m->want)) != 0 ||
	       strcmp(m->have->vlan_link, m->want->vlan_link) != 0 ||
	       m->have->vlan_id != m->want->vlan_id;
}

/* Another program's dummy or bridge serves as well as one of ours. A VLAN of another
 * program may be changed into that of another device or number. */
static bool serves(const struct master_plan *m)
{
	return m->have->seen.presence == MODEL_OURS ||
	       (!*m->want->vlan_link && !is_other_device(m));
}

/* A VLAN of ours goes with the device below, which is removed. That is no drift. */
static void decide_going_with(struct plan_context *ctx, struct master_plan *m,
			      const struct master_plan *below)
{
	assert(below->removes_device);
	m->is_held = false;
	if (below->makes_device)
		m->removes_device = m->makes_device = true;
	else
		settle_master(m, PLAN_WAITING,
			      plan_message_waiting_for(ctx, m->want->vlan_link));
}

static bool is_foreign(const struct master_plan *m)
{
	return model_master_is_made(m->want) && m->have->seen.presence == MODEL_FOREIGN;
}

static bool is_other_port(const struct master_plan *m)
{
	return m->have->seen.has_port && (m->have->seen.mode != m->want->mode ||
					  m->have->seen.flag != m->want->flag);
}

/* Another program's device that no slave of this mode can be beside. */
static bool is_crowded(const struct master_plan *m)
{
	const struct link_type *t = link_type_of(m->want);
	struct link_mode want = {(uint8_t)m->want->mode, (uint8_t)m->want->flag};
	struct link_mode its = {m->have->seen.stranger_mode, m->have->seen.stranger_flag};

	return *m->have->seen.stranger && !link_type_has(t, LINK_HAS_PORT) &&
	       !t->can_share(want, its) && !plan_transfer_of_slave(m);
}

/* Slaves of ours are there, and are to be of another family than they are: what is beside them
 * cannot be beside the new ones. */
static bool changes_family(const struct master_plan *m)
{
	for (size_t i = 0; i < m->have->n_slaves; i++) {
		const struct model_slave *s = &m->have->slaves[i];

		if (s->seen.presence == MODEL_OURS && s->seen.is_on_master &&
		    !link_type_is_sibling(link_type_of(m->want), s->seen.kind))
			return true;
	}
	return false;
}

static void decide_present_master(struct plan_context *ctx, struct master_plan *m)
{
	const struct model_master *have = m->have;
	const struct master_plan *below = work_below(ctx, m);

	assert(!is_absent(have));
	m->adopts = is_foreign(m) && plan_transfer_may_adopt_master(ctx, m);
	if (is_foreign(m) && !m->adopts && (m->want->adopts || !serves(m))) {
		settle_master(m, PLAN_CONFLICT, plan_transfer_master_conflict(ctx, m));
	} else if (below && below->removes_device) {
		decide_going_with(ctx, m, below);
	} else if (model_master_is_made(m->want) && is_other_device(m)) {
		if (m->is_held)
			plan_hold_step(ctx, PLAN_OP_MASTER_DEL, m, NULL,
				       plan_message_device_change(ctx, m));
		else if (!*plan_device_user(ctx, have))
			m->removes_device = m->makes_device = true;
		else
			settle_master(m, PLAN_CONFLICT, plan_message_held_device(ctx, m));
	} else if (link_type_is_sibling(link_type_of(m->want), have->seen.kind)) {
		settle_master(m, PLAN_CONFLICT, plan_message_sibling(ctx, m));
	} else if (*have->seen.busy && (!have->seen.has_ours || changes_family(m))) {
		settle_master(m, PLAN_CONFLICT, plan_message_busy(ctx, m));
	} else if (is_other_port(m) && !have->seen.has_ours) {
		/* Our slaves would change the mode of the others, and one that is taken
		 * over has their mode. If ours are there already, it is drift. */
		settle_master(m, PLAN_CONFLICT, plan_message_stranger(ctx, m));
	} else if (is_crowded(m) && !have->seen.has_ours) {
		settle_master(m, PLAN_CONFLICT, plan_message_crowded(ctx, m));
	}
	if (m->kind != PLAN_READY)
		m->adopts = false;
}

/* True if another row has this master, by another text of its namespace or by a `match`; sets
 * the verdict. */
static bool is_taken(struct plan_context *ctx, struct master_plan *m)
{
	const struct master_plan *winner =
		plan_find_master_place(ctx, m->want->netns, m->want->name);
	const struct master_plan *rival = winner == m ? plan_match_rival(ctx, m) : NULL;

	if (winner == m && !rival)
		return false;
	settle_master(m, PLAN_CONFLICT,
		      rival ? plan_match_taken(ctx, m, rival)
			    : plan_message_same_master(ctx, m, winner));
	m->have = NULL;
	return true;
}

static void decide_master(struct plan_context *ctx, struct master_plan *m)
{
	if (m->is_decided)
		return;
	m->is_decided = true;
	if (m->is_wanted) {
		if (m->trouble)
			settle_master(m, PLAN_ERROR, m->trouble);
		if (m->trouble || is_taken(ctx, m))
			return;
		m->is_held = plan_must_hold_master(ctx, m);
		if (is_absent(m->have))
			decide_absent_master(ctx, m);
		else
			decide_present_master(ctx, m);
		return;
	}
	if (m->want && m->want->intent == MODEL_RELEASED) {
		if (m->trouble)
			settle_master(m, PLAN_ERROR, m->trouble);
		m->releases_device =
			!m->trouble && m->have && m->have->seen.presence == MODEL_OURS;
		return;
	}
	if (m->want && m->want->intent == MODEL_DISABLED)
		m->kind = PLAN_DISABLED;
	m->removes_device = m->have && m->have->seen.presence == MODEL_OURS &&
			    !*plan_device_user(ctx, m->have);
}

void plan_decide_masters(struct plan_context *ctx)
{
	for (size_t i = 0; i < ctx->n_masters; i++) {
		struct master_plan *m = &ctx->masters[i];

		decide_master(ctx, m);
		assert(!m->removes_device || m->have->seen.presence == MODEL_OURS);
		assert(m->is_decided && (!m->makes_device || m->is_wanted));
	}
}

static void settle_slave(struct slave_plan *s, enum plan_verdict_kind kind,
			 const char *message)
{
	assert(s->kind == PLAN_READY && *message);
	s->kind = kind;
	s->message = message;
	s->fate = FATE_NONE;
}

/* Of a device of ours on its master: what of it cannot be changed in place; "" if nothing. */
static const char *unchangeable(struct plan_context *ctx, const struct slave_plan *s)
{
	const struct model_master *want = s->master->want;
	const struct link_type *t = link_type_of(want);
	struct link_mode have = {s->have->seen.mode, s->have->seen.flag};
	struct link_mode mode = {(uint8_t)want->mode, (uint8_t)want->flag};

	if (strcmp(s->have->seen.kind, t->kind) != 0)
		return arena_printf(ctx->arena, "%s -> %s", s->have->seen.kind, t->kind);
	return t->can_change(have, mode)
		       ? ""
		       : model_port_change(ctx->arena, have.mode, have.flag, mode.mode,
					   mode.flag);
}

/* The fate of a wanted slave on a master that can have it, and why. */
static void decide_fate(struct plan_context *ctx, struct slave_plan *s)
{
	const struct model_slave *have = s->have;

	assert(s->master->is_wanted && s->master->kind == PLAN_READY);
	s->fate = FATE_REMAKE;
	if (!have) {
		s->fate = FATE_MAKE;
	} else if (!have->seen.is_on_master) {
		s->why = "is on another master";
	} else if (s->master->removes_device) {
		s->why = "its master is made again";
	} else {
		s->why = unchangeable(ctx, s);
		if (!*s->why)
			s->fate = FATE_KEEP;
	}
}

/* The rule of ownership: a fate that touches a device is one of a device of ours. */
static bool is_owned(const struct slave_plan *s)
{
	if (s->fate == FATE_NONE || s->fate == FATE_MAKE)
		return true;
	if (s->adopts)
		return s->fate == FATE_KEEP && s->have->seen.presence == MODEL_FOREIGN;
	return s->have && s->have->seen.presence == MODEL_OURS;
}

static void remove_misplaced(struct slave_plan *s)
{
	s->fate = FATE_REMOVE;
	s->why = "is on another master";
	assert(is_owned(s));
}

static void decide_wanted_slave(struct plan_context *ctx, struct slave_plan *s)
{
	const struct slave_plan *winner = plan_find_place(ctx, s->netns, s->want->name);
	const struct model_netns *netns = model_find_netns(ctx->want, s->netns);

	if (s->trouble) {
		settle_slave(s, PLAN_ERROR, s->trouble);
	} else if (s->master->kind == PLAN_ERROR) {
		settle_slave(s, PLAN_ERROR, s->master->message);
	} else if (winner != s) {
		settle_slave(s, PLAN_CONFLICT, plan_message_same_place(ctx, s, winner));
		s->have = NULL; /* it belongs to the winner */
	} else if (s->master->kind == PLAN_WAITING) {
		settle_slave(s, PLAN_WAITING, s->master->message);
	} else if (s->master->kind == PLAN_DRIFTED) {
		settle_slave(s, PLAN_WAITING, plan_message_left_master(ctx, s->master));
	} else if (s->have && s->have->seen.presence == MODEL_FOREIGN &&
		   !plan_transfer_may_adopt(ctx, s)) {
		settle_slave(s, PLAN_CONFLICT, plan_transfer_conflict(ctx, s));
	} else if (s->master->kind == PLAN_CONFLICT) {
		settle_slave(s, PLAN_CONFLICT, s->master->message);
		/* No row wants it where it is, whatever happens to its place. With several
		 * devices that fit, that is not known. */
		if (s->have && !s->have->seen.is_on_master &&
		    !plan_match_is_open(s->master))
			remove_misplaced(s);
	} else if (!s->have && *s->netns == '/' && s->found &&
		   s->found->seen.namespace_missing) {
		settle_slave(s, PLAN_WAITING,
			     plan_message_waiting_for(
				     ctx, arena_printf(ctx->arena, "the namespace %s",
						       s->netns)));
	} else if (!s->have && plan_is_awaited_netns(ctx, netns)) {
		settle_slave(s, PLAN_WAITING, plan_message_awaited(ctx, netns));
	} else if (plan_vrf_is_missing(s)) {
		settle_slave(s, PLAN_WAITING,
			     plan_message_waiting_for(ctx, plan_vrf_label(ctx, s)));
	} else if (s->have && s->have->seen.presence == MODEL_FOREIGN) {
		s->fate = FATE_KEEP;
		s->adopts = true;
	} else {
		decide_fate(ctx, s);
		plan_hold_slave(ctx, s);
	}
}

static void decide_unwanted_slave(struct plan_context *ctx, struct slave_plan *s)
{
	bool is_disabled =
		s->want->intent == MODEL_DISABLED ||
		(s->want->intent == MODEL_PRESENT && s->master->kind == PLAN_DISABLED);
	bool is_winner = plan_find_place(ctx, s->netns, s->want->name) == s;

	if (is_disabled)
		s->kind = PLAN_DISABLED;
	else
		s->want = NULL;
	if (is_winner && s->have && s->have->seen.presence == MODEL_OURS) {
		s->fate = FATE_REMOVE;
		s->why = is_disabled ? "is disabled" : "no longer wanted";
	}
}

/* What is no device of ours is not given up either. */
static void decide_released_slave(struct plan_context *ctx, struct slave_plan *s)
{
	if (s->trouble)
		settle_slave(s, PLAN_ERROR, s->trouble);
	else if (plan_find_place(ctx, s->netns, s->want->name) == s && s->have &&
		 s->have->seen.presence == MODEL_OURS)
		s->fate = FATE_RELEASE;
}

static void decide_slave(struct plan_context *ctx, struct slave_plan *s)
{
	bool is_there = s->found && s->found->seen.presence != MODEL_ABSENT;

	s->have = is_there ? s->found : NULL;
	if (s->want->intent == MODEL_RELEASED)
		decide_released_slave(ctx, s);
	else if (s->master->is_wanted && s->want->intent == MODEL_PRESENT)
		decide_wanted_slave(ctx, s);
	else
		decide_unwanted_slave(ctx, s);
}

/* The only slave that is to be made in the namespace of the leftover; NULL if there is
 * none, or more than one. */
static struct slave_plan *find_missing_sibling(const struct slave_plan *leftover)
{
	struct master_plan *m = leftover->master;
	struct slave_plan *found = NULL;

	for (size_t i = 0; i < m->n_slaves; i++) {
		if (m->slaves[i].fate != FATE_MAKE ||
		    plan_slave_is_handed_over(&m->slaves[i]) ||
		    strcmp(m->slaves[i].place, leftover->place) != 0)
			continue;
		if (found)
			return NULL;
		found = &m->slaves[i];
	}
	return found;
}

static bool is_only_leftover(const struct plan_context *ctx,
			     const struct slave_plan *leftover)
{
	for (size_t i = 0; i < ctx->n_leftovers; i++) {
		const struct slave_plan *other = &ctx->leftovers[i];

		if (other != leftover && other->master == leftover->master &&
		    !strcmp(other->place, leftover->place))
			return false;
	}
	return true;
}

/* A device of ours at a place that no row names, while exactly one of its siblings is
 * missing: it is that sibling, renamed by another program. A device is not taken down to
 * rename it (kernel.md 24): that would lose as much traffic as making it again. */
static void recognise_renamed(struct plan_context *ctx, struct slave_plan *leftover)
{
	struct slave_plan *s;

	assert(leftover->fate == FATE_REMOVE && is_owned(leftover));
	if (plan_hold_leftover(ctx, leftover) || !leftover->master->is_wanted ||
	    !leftover->have->seen.is_on_master || leftover->master->removes_device ||
	    !is_only_leftover(ctx, leftover))
		return;
	s = find_missing_sibling(leftover);
	if (!s)
		return;
	leftover->why = arena_printf(ctx->arena, "%s is called %s", s->want->name,
				     leftover->have->name);
	if (!leftover->have->seen.can_rename)
		return;
	s->fate = FATE_RENAME;
	s->have = leftover->have;
	s->why = arena_printf(ctx->arena, "is called %s", leftover->have->name);
	leftover->fate = FATE_NONE;
}

/* A slave whose master is missing, or whose place is in error, stays as it is, even on
 * another device: that may be its master under a new name. The exception: it is in the way of
 * another slave, which can be made now. */
static void make_way(struct plan_context *ctx, struct slave_plan *s)
{
	if ((s->kind == PLAN_WAITING || s->kind == PLAN_ERROR) && s->have &&
	    s->have->seen.presence == MODEL_OURS && !s->have->seen.is_on_master &&
	    plan_slave_is_in_the_way(ctx, s))
		remove_misplaced(s);
}

static void decide_spent(struct plan_context *ctx, struct slave_plan *s)
{
	s->is_spent = s->fate == FATE_MAKE && s->want->was_made;
	if (s->is_spent)
		settle_slave(s, PLAN_WAITING, plan_message_spent(ctx, s));
}

void plan_decide_slaves(struct plan_context *ctx)
{
	for (size_t i = 0; i < ctx->n_slaves; i++)
		decide_slave(ctx, &ctx->slaves[i]);
	plan_transfer_find_handed_over(ctx);
	for (size_t i = 0; i < ctx->n_leftovers; i++) {
		if (ctx->leftovers[i].fate == FATE_REMOVE)
			recognise_renamed(ctx, &ctx->leftovers[i]);
	}
	for (size_t i = 0; i < ctx->n_slaves; i++) {
		struct slave_plan *s = &ctx->slaves[i];

		decide_spent(ctx, s);
		plan_claim_addresses(ctx, s);
		if (plan_slave_is_made(s))
			s->master->makes_links = true;
	}
	plan_sort_claims(ctx);
	for (size_t i = 0; i < ctx->n_slaves; i++) {
		make_way(ctx, &ctx->slaves[i]);
		assert(is_owned(&ctx->slaves[i]));
	}
}
