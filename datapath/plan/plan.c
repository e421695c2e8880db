/* Makes a plan: pairs what is wanted with what was found, has the fates decided and the
 * steps drafted, and puts the drafts in order.
 *
 * Pure: no I/O, clock, log, global or heap beyond the arena. The rules themselves are in
 * plan_decide.c (fates), plan_place.c (who has a place), plan_netns.c, plan_master.c,
 * plan_slave.c and plan_route.c (steps), plan_warn.c (what limits an object beside them);
 * apply.c runs the result. Nothing here knows what was done before. */
#include "datapath/plan/plan.h"

#include "datapath/plan/plan_context.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char *const op_names[PLAN_OP_N] = {
	[PLAN_OP_ROUTE_DEL] = "route_del",     [PLAN_OP_ADDR_DEL] = "addr_del",
	[PLAN_OP_LINK_DEL] = "link_del",       [PLAN_OP_NETNS_DEL] = "netns_del",
	[PLAN_OP_VLAN_DEL] = "vlan_del",       [PLAN_OP_NETNS_ADD] = "netns_add",
	[PLAN_OP_VLAN_ADD] = "vlan_add",       [PLAN_OP_MASTER_SET] = "master_set",
	[PLAN_OP_PORT_SET] = "port_set",       [PLAN_OP_LINK_ADD] = "link_add",
	[PLAN_OP_LINK_RENAME] = "link_rename", [PLAN_OP_SYSCTL_SET] = "sysctl_set",
	[PLAN_OP_LINK_SET] = "link_set",       [PLAN_OP_ADDR_ADD] = "addr_add",
	[PLAN_OP_ROUTE_ADD] = "route_add",     [PLAN_OP_RESOLV_SET] = "resolv_set",
};

const char *plan_op_name(enum plan_op op)
{
	assert(op < PLAN_OP_N);
	return op_names[op];
}

void plan_results_clear(struct plan_result *results, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		err_free(results[i].error);
		results[i] = (struct plan_result){0};
	}
}

static void collect(struct plan_work *w);
static void draft_all(struct plan_work *w);
static void put_in_order(struct plan_work *w, struct plan *p);
static void give_verdicts(struct plan_work *w, struct plan *p);

void plan_build(const struct model *want, const struct model *have, struct arena *a,
		struct plan **ret_plan)
{
	struct plan_work w = {.arena = a, .want = want, .have = have};
	struct plan *p = arena_alloc(a, sizeof(*p));

	collect(&w);
	decide_masters(&w);
	decide_slaves(&w);
	decide_spaces(&w);
	draft_all(&w);
	warn_all(&w);
	put_in_order(&w, p);
	give_verdicts(&w, p);
	*ret_plan = p;
}

/* Wanted masters first, so that w->masters[i] is want->masters[i]; then those that were
 * only found. */
static void collect_masters(struct plan_work *w)
{
	const struct model *want = w->want, *have = w->have;

	w->masters = arena_array(w->arena, want->n_masters + have->n_masters,
				 sizeof(*w->masters));
	for (size_t i = 0; i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];
		const struct model_master *found =
			model_find_master(have, m->netns, m->name);

		w->masters[i] = (struct master_work){
			.want = m,
			.have = found,
			.trouble = netns_trouble(w, m->netns, ""),
			.is_wanted = m->intent == MODEL_PRESENT,
			.message = "",
		};
		w->n_slaves += m->n_slaves;
	}
	w->n_wanted_masters = w->n_masters = want->n_masters;
	for (size_t i = 0; i < have->n_masters; i++) {
		const struct model_master *m = &have->masters[i];

		if (!model_find_master(want, m->netns, m->name))
			w->masters[w->n_masters++] =
				(struct master_work){.have = m, .message = ""};
	}
}

static const struct model_slave *find_found(const struct master_work *m,
					    const struct model_slave *want)
{
	return m->have ? model_find_slave(m->have, want->netns, want->name) : NULL;
}

static void collect_slaves(struct plan_work *w)
{
	struct slave_work *next;

	next = w->slaves = arena_array(w->arena, w->n_slaves, sizeof(*w->slaves));
	for (size_t i = 0; i < w->n_wanted_masters; i++) {
		struct master_work *m = &w->masters[i];

		m->slaves = next;
		m->n_slaves = m->want->n_slaves;
		for (size_t k = 0; k < m->n_slaves; k++) {
			const struct model_slave *s = &m->want->slaves[k];

			*next++ = (struct slave_work){
				.master = m,
				.want = s,
				.found = find_found(m, s),
				.netns = *s->netns ? s->netns : m->want->netns,
				.message = "",
			};
			next[-1].place = place_netns(w, next[-1].netns);
			next[-1].trouble = netns_trouble(w, s->netns, m->want->netns);
		}
	}
}

/* It may be the device of a row whose namespace may not be looked at: by whose text,
 * nobody can say. */
static bool may_be_wanted(const struct plan_work *w, const struct master_work *m,
			  const struct model_slave *s)
{
	for (size_t i = 0; i < m->n_slaves; i++) {
		const struct model_netns *n =
			m->slaves[i].trouble
				? model_find_netns(w->have, m->slaves[i].netns)
				: NULL;

		if (n && n->seen.trouble == MODEL_NETNS_DENIED &&
		    !strcmp(m->slaves[i].want->name, s->name))
			return true;
	}
	return false;
}

/* Devices with our mark at places that no row names. */
static void collect_leftovers(struct plan_work *w)
{
	size_t cap = 0;

	for (size_t i = 0; i < w->n_masters; i++) {
		struct master_work *m = &w->masters[i];

		for (size_t k = 0; m->have && k < m->have->n_slaves; k++) {
			const struct model_slave *s = &m->have->slaves[k];
			const char *netns = *s->netns ? s->netns : m->have->netns;

			if (s->seen.presence != MODEL_OURS ||
			    find_place(w, netns, s->name) || may_be_wanted(w, m, s))
				continue;
			w->leftovers = arena_grow(w->arena, w->leftovers, w->n_leftovers,
						  &cap, sizeof(*w->leftovers));
			w->leftovers[w->n_leftovers++] = (struct slave_work){
				.master = m,
				.have = s,
				.found = s,
				.netns = netns,
				.place = place_netns(w, netns),
				.fate = FATE_REMOVE,
				.message = "",
				.why = "no longer wanted",
			};
		}
	}
}

static void collect(struct plan_work *w)
{
	collect_aliases(w);
	collect_masters(w);
	collect_slaves(w);
	collect_places(w);
	collect_leftovers(w);
}

static int freed_cmp(const void *x, const void *y)
{
	const struct freed *a = x, *b = y;

	return ip_addr_cmp(&a->addr, &b->addr);
}

/* Removals of all masters come before any creation, so that a creation finds what frees
 * its address. */
static void draft_all(struct plan_work *w)
{
	draft_space_removals(w);
	for (size_t i = 0; i < w->n_masters; i++)
		draft_master_removals(w, &w->masters[i]);
	for (size_t i = 0; i < w->n_slaves; i++)
		draft_slave_removals(w, &w->slaves[i]);
	for (size_t i = 0; i < w->n_leftovers; i++)
		draft_slave_removals(w, &w->leftovers[i]);
	if (w->n_freed > 1)
		qsort(w->freed, w->n_freed, sizeof(*w->freed), freed_cmp);

	draft_space_creations(w);
	for (size_t i = 0; i < w->n_wanted_masters; i++)
		draft_master_creations(w, &w->masters[i]);
	for (size_t i = 0; i < w->n_slaves; i++)
		draft_slave_creations(w, &w->slaves[i]);
	for (size_t i = 0; i < w->n_wanted_masters; i++)
		draft_master_routes(w, &w->masters[i]);
	draft_resolv(w);
}

struct draft *draft_new(struct plan_work *w, enum plan_op op, struct master_work *m,
			struct slave_work *s, const char *why)
{
	struct draft_list *list = &w->ops[op];
	struct draft *d = arena_alloc(w->arena, sizeof(*d));

	d->step.op = op;
	d->step.why = why;
	d->step.after = PLAN_NO_STEP;
	if (m) {
		d->step.master = m->want ? m->want : m->have;
		m->n_steps += !s;
	}
	if (s) {
		d->step.want = s->want;
		d->step.have = s->have;
		s->n_steps++;
	}
	list->drafts = arena_grow(w->arena, list->drafts, list->n, &list->cap,
				  sizeof(struct draft *));
	list->drafts[list->n++] = d;
	return d;
}

void draft_after(struct draft *d, struct draft *first, struct draft *second,
		 struct draft *third, struct draft *fourth)
{
	d->after = first ? first : second ? second : third ? third : fourth;
	if (!d->after)
		return;
	assert(d->after->step.op <= d->step.op);
	d->wave = d->after->step.op == d->step.op ? d->after->wave + 1 : 0;
}

/* Steps of one op and wave do not depend on each other, so that a provider may take them
 * as a batch. */
static void number_op(struct draft_list *list, struct plan *p)
{
	uint32_t last = 0;

	for (size_t i = 0; i < list->n; i++) {
		if (list->drafts[i]->wave > last)
			last = list->drafts[i]->wave;
	}
	for (uint32_t wave = 0; wave <= last; wave++) {
		for (size_t i = 0; i < list->n; i++) {
			struct draft *d = list->drafts[i];

			if (d->wave != wave)
				continue;
			d->step.id = (uint32_t)p->n_steps;
			if (d->after)
				d->step.after = d->after->step.id;
			p->steps[p->n_steps++] = d->step;
		}
	}
}

static void put_in_order(struct plan_work *w, struct plan *p)
{
	size_t n = 0;

	for (size_t op = 0; op < PLAN_OP_N; op++)
		n += w->ops[op].n;
	p->steps = arena_array(w->arena, n, sizeof(*p->steps));
	for (size_t op = 0; op < PLAN_OP_N; op++) {
		if (w->ops[op].n)
			number_op(&w->ops[op], p);
	}
	assert(p->n_steps == n);
}

static enum plan_verdict_kind verdict_kind(enum plan_verdict_kind kind, size_t n_steps)
{
	return kind == PLAN_READY && n_steps ? PLAN_WORK : kind;
}

static void give_verdicts(struct plan_work *w, struct plan *p)
{
	p->verdicts = arena_array(w->arena, w->n_wanted_masters + w->n_slaves,
				  sizeof(*p->verdicts));
	for (size_t i = 0; i < w->n_wanted_masters; i++) {
		const struct master_work *m = &w->masters[i];

		if (m->want->intent == MODEL_GONE)
			continue;
		p->verdicts[p->n_verdicts++] = (struct plan_verdict){
			.kind = verdict_kind(m->kind, m->n_steps),
			.master = m->want,
			.have_master = m->have,
			.message = m->message,
			.warnings = m->warnings.texts,
			.n_warnings = m->warnings.n,
		};
		for (size_t k = 0; k < m->n_slaves; k++) {
			const struct slave_work *s = &m->slaves[k];

			if (!s->want)
				continue;
			p->verdicts[p->n_verdicts++] = (struct plan_verdict){
				.kind = verdict_kind(s->kind, s->n_steps),
				.master = m->want,
				.slave = s->want,
				.have = s->have,
				.have_master = m->have,
				.message = s->message,
				.warnings = s->warnings.texts,
				.n_warnings = s->warnings.n,
			};
		}
	}
}
