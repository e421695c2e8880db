/* What settle.c needs, collected from the database, the queue and the drift log. */
#include "reconciler/report_cases.h"

#include "config/object.h"
#include "lib/clock.h"

#include <string.h>

/* As reach.c. Rows may form a circle. */
#define MAX_VLAN_DEPTH 8

struct row *report_row(const struct ipvl_columns *c, const struct plan_verdict *v)
{
	return v->slave ? rows_find_slave(c, NULL, v->slave->netns, v->slave->name)
			: rows_find_master(c, NULL, v->master->netns, v->master->name);
}

struct key report_key(const struct plan_verdict *v)
{
	if (!v->slave)
		return (struct key){.kind = KEY_MASTER,
				    .netns = v->master->netns,
				    .name = v->master->name};
	return (struct key){
		.kind = KEY_SLAVE,
		.netns = v->slave->netns,
		.name = v->slave->name,
		.master_netns = v->master->netns,
		.master_name = v->master->name,
	};
}

/* An edit that puts another device below a VLAN makes the VLAN again: that is no drift. */
static unsigned int causes_below(const struct pass *p, const struct model_master *m)
{
	unsigned int causes = 0;

	for (int depth = 0; m && *m->vlan_link && depth < MAX_VLAN_DEPTH; depth++) {
		unsigned int below = pass_causes(p, KEY_MASTER, m->netns, m->vlan_link);

		if (below & KEY_UPPER)
			causes |= below & KEY_CONFIG;
		m = model_find_master(p->desired->want, m->netns, m->vlan_link);
	}
	return causes;
}

static unsigned int causes_of(const struct pass *p, const struct plan_verdict *v,
			      const struct step_summary *steps)
{
	struct key key = report_key(v);
	unsigned int causes = pass_causes(p, key.kind, key.netns, key.name);

	/* A slave is changed by its master's edit too: that is no drift. */
	if (v->slave)
		causes |= pass_causes(p, KEY_MASTER, key.master_netns, key.master_name) &
			  KEY_CONFIG;
	causes |= causes_below(p, v->master);
	if (steps && steps->has_changed_shared)
		causes |= pass_causes(p, KEY_NETNS, key.netns, "") & KEY_CONFIG;
	return causes;
}

static const char *const *texts_of(const struct datum *set, struct arena *a)
{
	const char **texts = arena_array(a, set->n, sizeof(*texts));

	for (uint32_t i = 0; i < set->n; i++)
		texts[i] = datum_keys(set)[i].string;
	return texts;
}

static void collect_row(const struct ipvl_columns *c, const struct row *r, bool is_slave,
			struct arena *a, struct settle_case *in)
{
	const struct datum *warnings =
		row_get(r, is_slave ? c->slave.warnings : c->master.warnings);

	in->state = state_of_row(c, r);
	in->message =
		datum_text(row_get(r, is_slave ? c->slave.message : c->master.message));
	in->warnings = texts_of(warnings, a);
	in->n_warnings = warnings->n;
	in->ifindex = (uint32_t)datum_integer(
		row_get(r, is_slave ? c->slave.ifindex : c->master.ifindex), 0);
	in->was_down = !strcmp(datum_text(row_get(r, is_slave ? c->slave.link_state
							      : c->master.link_state)),
			       "down");
}

bool report_is_row_of_plan(const struct pass *p, size_t verdict, const struct row *r)
{
	return !p->rows_before || uuid_equals(&p->rows_before[verdict].uuid, row_uuid(r));
}

/* The namespaces that the pass has made. */
static struct object_set *made_by(const struct pass *p)
{
	const struct plan_result *results = apply_results(p->apply);
	struct object_set *made = object_set_new();

	for (size_t i = 0; i < p->plan->n_steps; i++) {
		const struct plan_step *s = &p->plan->steps[i];

		if (s->op == PLAN_OP_NETNS_ADD && results[i].kind == PLAN_DONE)
			object_set_put(made, s->netns->name, "", true);
	}
	return made;
}

struct settle_case *report_cases(const struct report *report, size_t *ret_n)
{
	const struct pass *p = report->pass;
	const struct plan *plan = p->plan;
	struct settle_case *cases = arena_array(p->a, plan->n_verdicts, sizeof(*cases));
	struct step_summaries *summaries =
		step_summaries_build(plan, apply_results(p->apply), p->a);
	struct step_summaries *held = step_summaries_build_held(plan, p->a);
	struct object_set *made = made_by(p);
	const struct plan_verdict *master = NULL;
	size_t n = 0;

	for (size_t i = 0; i < plan->n_verdicts; i++) {
		const struct plan_verdict *v = &plan->verdicts[i];
		const struct row *r = report_row(report->columns, v);
		const void *object = v->slave ? (const void *)v->slave : v->master;
		const struct key key = report_key(v);
		const struct step_summary *steps = step_summaries_find(summaries, object);
		struct settle_case *in = &cases[n];

		/* A master comes before its slaves. */
		if (!v->slave)
			master = v;
		if (!r || !report_is_row_of_plan(p, i, r))
			continue;
		*in = (struct settle_case){
			.verdict = v,
			.master = v->slave ? master : NULL,
			.steps = steps,
			.held = step_summaries_find(held, object),
			.master_mtu =
				v->slave ? step_summaries_mtu(summaries, v->master) : 0,
			.has_new_netns = v->slave && v->kind == PLAN_WAITING &&
					 object_set_has(made, key.netns, ""),
			.have = p->have,
			.causes = causes_of(p, v, steps),
			.failures = queue_failures(report->queue, &key),
			.n_repairs =
				drift_count_with(report->drift, &key, report->now_ms),
			.contest =
				drift_contest(report->drift, &key, report->now_ms, p->a),
			.wall_ms = clock_wall_ms(),
			.actor = drift_actor(report->drift, &key, report->now_ms, p->a),
		};
		collect_row(report->columns, r, v->slave, p->a, in);
		if (p->rows_before)
			in->state = p->rows_before[i].state;
		n++;
	}
	step_summaries_free(summaries); /* the summaries themselves are in the arena */
	step_summaries_free(held);
	object_set_free(made);
	*ret_n = n;
	return cases;
}
