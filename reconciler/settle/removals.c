/* Removals that failed: which keys they are tried again for. A wanted object shows a failed
 * step itself; what is no longer wanted has no row to show it. */
#include "reconciler/settle/removals.h"

#include "reconciler/settle/retry.h"

#include <string.h>

static struct key key_of_removal(const struct plan_step *s)
{
	if (s->netns)
		return (struct key){
			.kind = KEY_NETNS, .netns = s->netns->name, .name = ""};
	if (!s->have)
		return key_of_master(s->master->netns, s->master->name, 0);
	return (struct key){
		.kind = KEY_SLAVE,
		.netns = s->have->netns,
		.name = s->have->name,
		.master_netns = s->master ? s->master->netns : "",
		.master_name = s->master ? s->master->name : "",
	};
}

static bool is_at(const char *a_netns, const char *a_name, const char *b_netns,
		  const char *b_name)
{
	return !strcmp(a_netns, b_netns) && !strcmp(a_name, b_name);
}

/* True if a row shows what becomes of this object: of a slave, or of a master itself. */
static bool has_verdict(const struct plan *plan, bool is_slave, const char *netns,
			const char *name)
{
	for (size_t i = 0; i < plan->n_verdicts; i++) {
		const struct plan_verdict *v = &plan->verdicts[i];
		const char *its_netns = v->slave ? v->slave->netns : v->master->netns;
		const char *its_name = v->slave ? v->slave->name : v->master->name;

		if (is_slave == !!v->slave && is_at(its_netns, its_name, netns, name))
			return true;
	}
	return false;
}

/* The slaves that wait for a namespace show that it could not be made, and a master that its
 * port could not be set. A device that could not be renamed is in the way under its old name,
 * which no row has. */
static bool is_removal(const struct plan *plan, const struct plan_step *s)
{
	if (s->op == PLAN_OP_LINK_RENAME)
		return true;
	if (s->want || s->op == PLAN_OP_NETNS_ADD || s->op == PLAN_OP_PORT_SET)
		return false;
	return s->have || s->netns || s->master->seen.is_namesake ||
	       !has_verdict(plan, false, s->master->netns, s->master->name);
}

static bool is_same_object(const struct key *a, const struct key *b)
{
	return a->kind == b->kind && is_at(a->netns, a->name, b->netns, b->name);
}

struct removals {
	struct arena *a;
	struct removal *all;
	size_t n, cap;
};

static void add_removal(struct removals *r, struct key key, const struct err *error)
{
	/* Several routes of one master. */
	if (r->n && is_same_object(&r->all[r->n - 1].key, &key))
		return;
	r->all = arena_grow(r->a, r->all, r->n, &r->cap, sizeof(*r->all));
	r->all[r->n++] = (struct removal){
		.key = key,
		.next = error && !retry_can_help(error) ? SETTLE_GAVE_UP : SETTLE_FAILED,
		.error = error,
	};
}

/* A namespace takes its devices along, a VLAN those on it. */
static bool is_taken_along(const struct plan_step *s, const struct model_master *on,
			   const struct model_slave *slave)
{
	if (slave->seen.presence != MODEL_OURS)
		return false;
	if (s->op == PLAN_OP_NETNS_DEL)
		return !strcmp(slave->netns, s->netns->name);
	return s->op == PLAN_OP_MASTER_DEL &&
	       is_at(on->netns, on->name, s->master->netns, s->master->name);
}

/* If a row names it again before the next try, they have to be removed one by one. */
static void add_taken_along(struct removals *r, const struct plan *plan,
			    const struct plan_step *step, const struct model *have,
			    const struct err *error)
{
	for (size_t i = 0; i < have->n_masters; i++) {
		const struct model_master *m = &have->masters[i];

		for (size_t k = 0; k < m->n_slaves; k++) {
			const struct model_slave *s = &m->slaves[k];

			if (is_taken_along(step, m, s) &&
			    !has_verdict(plan, true, s->netns, s->name))
				add_removal(r,
					    (struct key){.kind = KEY_SLAVE,
							 .netns = s->netns,
							 .name = s->name,
							 .master_netns = m->netns,
							 .master_name = m->name},
					    error);
		}
	}
}

struct removal *removals_collect(const struct plan *plan,
				 const struct plan_result *results,
				 const struct model *have, struct arena *a, size_t *ret_n)
{
	struct removals r = {.a = a};

	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct plan_step *s = &plan->steps[i];

		if (results[i].kind == PLAN_DONE)
			continue;
		if (is_removal(plan, s))
			add_removal(&r, key_of_removal(s), results[i].error);
		if (s->op == PLAN_OP_NETNS_DEL || s->op == PLAN_OP_MASTER_DEL)
			add_taken_along(&r, plan, s, have, results[i].error);
	}
	*ret_n = r.n;
	return r.all;
}
