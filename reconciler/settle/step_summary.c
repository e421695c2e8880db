/* Steps and results of a plan, summed up by object. */
#include "reconciler/settle/step_summary.h"

#include "lib/hash_table.h"
#include "reconciler/drift/drift_text.h"

#include <string.h>

struct entry {
	/* First: step_summaries_next() goes back from it. */
	struct step_summary summary;
	size_t n_reasons, n_changes;
	/* There was a step that makes the object. */
	bool is_creation;
	UT_hash_handle hh;
};

struct step_summaries {
	struct entry *entries;
	struct arena *a;
};

const void *step_summary_object(const struct plan_step *s)
{
	if (s->netns)
		return NULL;
	/* The port belongs to the master, though it is set through one of its slaves. */
	if (s->op == PLAN_OP_PORT_SET && !s->want)
		return s->master;
	if (s->want)
		return s->want;
	return s->have ? (const void *)s->have : (const void *)s->master;
}

static struct entry *entry_of(struct step_summaries *o, const void *object)
{
	struct entry *e;

	HASH_FIND_PTR(o->entries, &object, e);
	if (!e) {
		e = arena_alloc(o->a, sizeof(*e));
		e->summary.object = object;
		e->summary.found = e->summary.changed = "";
		HASH_ADD_KEYPTR(hh, o->entries, &e->summary.object,
				sizeof(e->summary.object), e);
	}
	return e;
}

static void join(const struct step_summaries *o, const char **text, size_t *n,
		 const char *why)
{
	if (!*why || strstr(*text, why))
		return;
	if (*n == STEP_SUMMARY_MAX_REASONS)
		*text = arena_printf(o->a, "%s, …", *text);
	else if (*n < STEP_SUMMARY_MAX_REASONS)
		*text = **text ? arena_printf(o->a, "%s, %s", *text, why) : why;
	++*n;
}

/* Adds what was missing, or sets a master up because something is made on it. */
static bool adds(enum plan_op op)
{
	return op == PLAN_OP_LINK_ADD || op == PLAN_OP_MASTER_ADD ||
	       op == PLAN_OP_ADDR_ADD || op == PLAN_OP_ROUTE_ADD ||
	       op == PLAN_OP_RULE_ADD || op == PLAN_OP_RESOLV_SET ||
	       op == PLAN_OP_ALTNAME_ADD || op == PLAN_OP_ALIAS_SET ||
	       op == PLAN_OP_MASTER_SET;
}

/* What was observed of the master that a step changes; NULL for other steps. */
static const struct model_master *found_master(const struct plan *plan,
					       const struct plan_step *s)
{
	for (size_t i = 0; s->op == PLAN_OP_MASTER_SET && i < plan->n_verdicts; i++) {
		const struct plan_verdict *v = &plan->verdicts[i];

		if (!v->slave && v->master == s->master)
			return v->have_master;
	}
	return NULL;
}

/* Everything on a new device is missing: only the making of it is a reason. */
static void add_reason(struct step_summaries *o, struct entry *e, const struct plan *plan,
		       const struct plan_step *s)
{
	const char *why =
		e->is_creation ? "" : drift_text_found(s, found_master(plan, s), o->a);

	e->is_creation |= s->op == PLAN_OP_LINK_ADD || s->op == PLAN_OP_MASTER_ADD;
	join(o, &e->summary.found, &e->n_reasons, why);
	if (!adds(s->op))
		join(o, &e->summary.changed, &e->n_changes, why);
}

/* Why a step did not succeed: its own error, or that of the step it depends on. */
static const struct err *error_of(const struct plan *plan,
				  const struct plan_result *results, uint32_t id)
{
	while (id != PLAN_NO_STEP && results[id].kind == PLAN_SKIPPED)
		id = plan->steps[id].after;
	return id != PLAN_NO_STEP ? results[id].error : NULL;
}

static bool changes_shared(const struct plan_step *s)
{
	return s->op == PLAN_OP_RESOLV_SET || s->op == PLAN_OP_RULE_DEL ||
	       (s->op == PLAN_OP_ROUTE_DEL && model_route_is_reject(&s->u.route));
}

static void add_result(struct entry *e, const struct plan *plan,
		       const struct plan_result *results, const struct plan_step *s)
{
	struct step_summary *out = &e->summary;
	const struct plan_result *r = &results[s->id];

	if (r->kind != PLAN_DONE) {
		out->is_transfer_left |= plan_op_is_transfer(s->op);
		if (!out->error)
			out->error = error_of(plan, results, s->id);
		return;
	}
	out->ops |= 1U << s->op;
	out->has_changed_shared |= changes_shared(s);
	out->was_disruptive |= s->loss != NULL;
	if (s->op == PLAN_OP_LINK_ADD || s->op == PLAN_OP_MASTER_ADD)
		out->was_made = true;
	if (s->op == PLAN_OP_LINK_ADD) {
		out->ifindex = r->ifindex;
		memcpy(out->mac, r->mac, sizeof(r->mac));
		out->mtu = r->mtu;
	}
	if ((s->op == PLAN_OP_LINK_SET || s->op == PLAN_OP_MASTER_SET) && s->u.link.mtu)
		out->mtu = s->u.link.mtu;
}

struct step_summaries *step_summaries_build(const struct plan *plan,
					    const struct plan_result *results,
					    struct arena *a)
{
	struct step_summaries *o = arena_alloc(a, sizeof(*o));

	o->a = a;
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct plan_step *s = &plan->steps[i];
		const void *object = step_summary_object(s);
		struct entry *e = object ? entry_of(o, object) : NULL;

		if (!e)
			continue;
		e->summary.n_steps++;
		add_reason(o, e, plan, s);
		if (results)
			add_result(e, plan, results, s);
	}
	return o;
}

struct step_summaries *step_summaries_build_held(const struct plan *plan, struct arena *a)
{
	const struct plan held = {.verdicts = plan->verdicts,
				  .n_verdicts = plan->n_verdicts,
				  .steps = plan->held,
				  .n_steps = plan->n_held};

	return step_summaries_build(&held, NULL, a);
}

void step_summaries_free(struct step_summaries *o)
{
	if (o)
		HASH_CLEAR(hh, o->entries);
}

const struct step_summary *step_summaries_find(const struct step_summaries *o,
					       const void *object)
{
	const struct entry *e;

	HASH_FIND_PTR(o->entries, &object, e);
	return e ? &e->summary : NULL;
}

uint32_t step_summaries_mtu(const struct step_summaries *o,
			    const struct model_master *master)
{
	const struct step_summary *s = step_summaries_find(o, master);

	return s ? s->mtu : 0;
}

const struct step_summary *step_summaries_next(const struct step_summaries *o,
					       const struct step_summary *after)
{
	const struct entry *e =
		after ? ((const struct entry *)(const void *)after)->hh.next : o->entries;

	return e ? &e->summary : NULL;
}
