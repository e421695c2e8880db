/* Runs the passes that a commit would cause, one after another, on a simulator: each
 * observes, plans, applies and settles as reconcile.c does, until nothing is left to do
 * or nothing more succeeds. */
#include "reconciler/preview.h"

#include "datapath/apply.h"
#include "datapath/plan/plan_text.h"
#include "datapath/sim/sim.h"
#include "lib/alloc.h"
#include "lib/hash_table.h"
#include "ovsdb-lite/rows/txn.h"
#include "reconciler/leftovers.h"
#include "reconciler/notices.h"
#include "reconciler/reach.h"
#include "reconciler/settle/removals.h"
#include "reconciler/settle/settle.h"
#include "reconciler/wanted/concerned.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Any mark will do on a simulator of our own */
#define PREVIEW_MARK 1
/* A plan that is run leaves nothing to do, so the second pass is usually the last. What
 * fails is tried once more, since a failure may end with what another step removed. */
#define MAX_PASSES 8

/* The text of a step in the result. */
struct listed {
	const char *text;
	UT_hash_handle hh;
};

/* The passes of one preview. */
struct trial {
	const struct desired_source *source;
	struct arena *a;
	struct desired *desired;
	struct datapath *sim;
	struct preview *out;
	size_t steps_cap, rows_cap;
	struct listed *listed;
	/* Of the last pass. */
	struct model *have;
	struct plan *plan;
	struct apply *apply;
	struct settlement *settlements; /* NULL before the first */
	size_t n_settlements;
};

static void add_concerned(void *reach, const struct key *key)
{
	reach_add(reach, key);
}

/* What is wanted of everything that the pass after the commit looks at, and what is
 * there. */
static struct err *observe_kernel(struct trial *t, struct datapath *dp)
{
	const struct ipvl_columns *c = t->source->columns;
	struct reach r = {.a = t->a,
			  .everything = concerned_is_all(c, t->source->txn) &&
					!leftovers_are_kept(c)};
	struct err *e;

	concerned_by_txn(t->source, t->source->txn, add_concerned, &r);
	e = reach_observe(&r, t->source, dp);
	t->desired = r.desired;
	t->have = r.have;
	return e;
}

/* One pass. */

/* The row as it is now. */
static void set_row(const struct trial *t, struct settle_case *in)
{
	const struct ipvl_columns *c = t->source->columns;
	const struct txn *txn = t->source->txn;
	const struct plan_verdict *v = in->verdict;
	const struct row *r = v->slave ? desired_slave_row(t->source, v->slave)
				       : desired_master_row(t->source, v->master);

	if (!r)
		return;
	in->state = state_from_name(
		datum_text(txn_get(txn, r, v->slave ? c->slave.state : c->master.state)));
	in->message = datum_text(
		txn_get(txn, r, v->slave ? c->slave.message : c->master.message));
}

/* The row as the pass before left it. The verdicts of all passes are about the same
 * objects, in the same order. */
static void set_row_again(struct settle_case *in, const struct settlement *before)
{
	assert(before->of->verdict->master == in->verdict->master &&
	       before->of->verdict->slave == in->verdict->slave);
	in->state = before->status.state;
	in->message = before->status.message;
	in->ifindex = before->status.ifindex;
}

static void settle_pass(struct trial *t)
{
	const struct plan *plan = t->plan;
	struct settle_case *cases = arena_array(t->a, plan->n_verdicts, sizeof(*cases));
	struct step_summaries *summaries =
		step_summaries_build(plan, apply_results(t->apply), t->a);
	struct step_summaries *held = step_summaries_build_held(plan, t->a);
	const struct plan_verdict *master = NULL;

	for (size_t i = 0; i < plan->n_verdicts; i++) {
		const struct plan_verdict *v = &plan->verdicts[i];
		const void *object = v->slave ? (const void *)v->slave : v->master;

		/* A master comes before its slaves. */
		if (!v->slave)
			master = v;
		cases[i] = (struct settle_case){
			.verdict = v,
			.master = v->slave ? master : NULL,
			.steps = step_summaries_find(summaries, object),
			.held = step_summaries_find(held, object),
			.master_mtu =
				v->slave ? step_summaries_mtu(summaries, v->master) : 0,
			.have = t->have,
			.causes = KEY_CONFIG,
			.actor = "",
			.message = "",
		};
		if (t->settlements)
			set_row_again(&cases[i], &t->settlements[i]);
		else
			set_row(t, &cases[i]);
	}
	step_summaries_free(summaries);
	step_summaries_free(held);
	t->settlements = settle(cases, plan->n_verdicts, t->a);
	t->n_settlements = plan->n_verdicts;
}

/* A later pass may repeat a step that failed. */
static bool list_text(struct trial *t, const char *text)
{
	struct listed *l;

	HASH_FIND_STR(t->listed, text, l);
	if (l)
		return false;
	l = arena_alloc(t->a, sizeof(*l));
	l->text = text;
	HASH_ADD_KEYPTR(hh, t->listed, l->text, strlen(l->text), l);
	return true;
}

static void list_steps(struct trial *t)
{
	struct preview *out = t->out;

	for (size_t i = 0; i < t->plan->n_steps; i++) {
		const struct plan_step *s = &t->plan->steps[i];
		const char *text = plan_text_step(t->a, s);

		if (!list_text(t, text))
			continue;
		out->steps = arena_grow(t->a, out->steps, out->n_steps, &t->steps_cap,
					sizeof(*out->steps));
		out->steps[out->n_steps++] =
			(struct preview_step){.step = s, .text = text};
	}
}

static bool any_done(const struct trial *t)
{
	const struct plan_result *results = apply_results(t->apply);

	for (size_t i = 0; i < t->plan->n_steps; i++) {
		if (results[i].kind == PLAN_DONE)
			return true;
	}
	return false;
}

/* Plans from t->have, and runs the plan. */
static void run_pass(struct trial *t)
{
	apply_free(t->apply);
	plan_build(t->desired->want, t->have, t->a, &t->plan);
	t->apply = apply_new(t->sim, t->plan);
	apply_run(t->apply, -1);
	settle_pass(t);
	list_steps(t);
}

/* All passes. */
static struct err *run_passes(struct trial *t)
{
	struct err *e = NULL;

	for (int i = 0; !e && i < MAX_PASSES; i++) {
		if (i)
			e = datapath_observe(t->sim, t->desired->want, DATAPATH_SCOPE,
					     t->a, &t->have);
		if (e)
			return e;
		run_pass(t);
		if (!any_done(t))
			break;
	}
	return NULL;
}

/* The result. */

static struct preview_row *append(struct trial *t)
{
	struct preview *out = t->out;

	out->rows = arena_grow(t->a, out->rows, out->n_rows, &t->rows_cap,
			       sizeof(*out->rows));
	out->rows[out->n_rows] = (struct preview_row){.message = ""};
	return &out->rows[out->n_rows++];
}

static const char *without_next_try(struct arena *a, const char *message)
{
	char *text = arena_strdup(a, message), *end = strstr(text, NOTICES_NEXT_TRY);

	if (end)
		*end = '\0';
	return text;
}

static bool is_witness(const struct trial *t, const struct plan_verdict *v)
{
	for (size_t i = 0; v->slave && i < t->desired->n_witnesses; i++) {
		const struct key *k = &t->desired->witnesses[i];

		if (!strcmp(k->name, v->slave->name) &&
		    !strcmp(k->netns, v->slave->netns))
			return true;
	}
	return false;
}

static bool is_released(const struct plan_verdict *v)
{
	return (v->slave ? v->slave->intent : v->master->intent) == MODEL_RELEASED;
}

/* What is given up has no row afterwards. */
static void note_transfer(const struct plan_verdict *v, struct preview_row *row)
{
	row->is_transfer =
		(v->slave ? v->slave->adopts : v->master->adopts) || is_released(v);
	if (!is_released(v))
		return;
	row->is_removed = true;
	row->n_warnings = 0;
	if (row->state != STATE_ERROR)
		row->state = STATE_UNKNOWN;
}

/* The old values are those of the row in the table. A master that gets or loses slaves is
 * not edited. */
static bool is_edited(const struct trial *t, const struct row *r)
{
	const struct ipvl_columns *c = t->source->columns;
	const struct table_schema *ts = table_schema(row_table(r));

	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *column = &ts->columns[i];

		if (!column->ephemeral && column != c->master.slaves &&
		    column != c->master.sources && column != c->slave.sources &&
		    txn_get(t->source->txn, r, column) != row_get(r, column))
			return true;
	}
	return false;
}

static const bool *find_new_warnings(const struct trial *t, const struct status *s,
				     const struct datum *before, bool is_edit)
{
	bool *is_new = arena_array(t->a, s->n_warnings, sizeof(*is_new));

	for (size_t i = 0; i < s->n_warnings; i++) {
		is_new[i] = true;
		for (uint32_t k = 0; k < before->n && !is_edit && is_new[i]; k++)
			is_new[i] =
				strcmp(datum_keys(before)[k].string, s->warnings[i]) != 0;
	}
	return is_new;
}

/* What of a row's trouble the transaction brings. */
static void note_before(const struct trial *t, const struct plan_verdict *v,
			const struct status *s, struct preview_row *row)
{
	static const struct datum none;
	const struct ipvl_columns *c = t->source->columns;
	const struct row *r = v->slave ? desired_slave_row(t->source, v->slave)
				       : desired_master_row(t->source, v->master);
	struct settle_case before = {.verdict = v, .message = ""};
	bool is_edit;

	set_row(t, &before);
	/* A row that is inserted has no state. */
	is_edit = before.state == STATE_UNKNOWN || is_edited(t, r);
	row->was_so = !is_edit && before.state == s->state &&
		      !strcmp(without_next_try(t->a, before.message), row->message);
	row->warning_is_new = find_new_warnings(
		t, s,
		r ? txn_get(t->source->txn, r,
			    v->slave ? c->slave.warnings : c->master.warnings)
		  : &none,
		is_edit);
}

static void add_settled_rows(struct trial *t)
{
	for (size_t i = 0; i < t->n_settlements; i++) {
		const struct plan_verdict *v = t->settlements[i].of->verdict;
		const struct status *s = &t->settlements[i].status;

		struct preview_row *row;

		if (is_witness(t, v))
			continue;
		row = append(t);
		*row = (struct preview_row){
			.object = v->slave ? model_slave_label(t->a, v->slave)
					   : model_master_label(t->a, v->master),
			.is_slave = v->slave,
			.state = s->state,
			.drift = v->slave ? v->slave->drift : v->master->drift,
			.message = without_next_try(t->a, s->message),
			.warnings = s->warnings,
			.n_warnings = s->n_warnings,
		};
		note_before(t, v, s, row);
		note_transfer(v, row);
	}
}

static void add_invalid_rows(struct trial *t)
{
	const struct ipvl_columns *c = t->source->columns;

	for (size_t i = 0; i < t->desired->n_invalid; i++) {
		const struct row *r = t->desired->invalid[i].row;
		bool is_slave = row_table(r) == c->slave.table;
		const struct datum *netns = txn_get(
			t->source->txn, r, is_slave ? c->slave.netns : c->master.netns);
		const struct datum *name = txn_get(
			t->source->txn, r, is_slave ? c->slave.name : c->master.name);

		*append(t) = (struct preview_row){
			.object = model_label(t->a, datum_text(netns), datum_text(name)),
			.is_slave = is_slave,
			.state = STATE_ERROR,
			.message = t->desired->invalid[i].message,
		};
	}
}

struct removals_of {
	const struct removal *all;
	size_t n;
};

/* Why the device at a place that no row names any more stays; NULL if it does not. */
static const struct err *error_of_removal(const struct removals_of *r, const char *netns,
					  const char *name)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct key *key = &r->all[i].key;

		if (!strcmp(key->netns, netns) && !strcmp(key->name, name))
			return r->all[i].error;
	}
	return NULL;
}

static void add_removed_row(struct trial *t, const struct removals_of *removals,
			    const struct change *change, bool is_slave)
{
	const struct ipvl_columns *c = t->source->columns;
	const char *netns = datum_text(
		change_old(change, is_slave ? c->slave.netns : c->master.netns));
	const char *name =
		datum_text(change_old(change, is_slave ? c->slave.name : c->master.name));
	const struct err *error = error_of_removal(removals, netns, name);
	struct preview_row *row = append(t);

	row->object =
		model_label(t->a, arena_strdup(t->a, netns), arena_strdup(t->a, name));
	row->is_slave = is_slave;
	row->is_removed = true;
	if (error) {
		CLEANUP(freep) char *text = err_text(error);

		row->state = STATE_ERROR;
		row->message = arena_strdup(t->a, text);
	}
}

/* Masters, then slaves, each by name: a transaction has no order. */
static int removed_cmp(const void *x, const void *y)
{
	const struct preview_row *a = x, *b = y;

	return a->is_slave != b->is_slave ? a->is_slave - b->is_slave
					  : strcmp(a->object, b->object);
}

static void add_removed_rows(struct trial *t)
{
	const struct ipvl_columns *c = t->source->columns;
	size_t first = t->out->n_rows;
	struct removals_of removals;

	removals.all = removals_collect(t->plan, apply_results(t->apply), t->have, t->a,
					&removals.n);
	TXN_FOR_EACH_CHANGE (change, t->source->txn) {
		if (change.kind == CHANGE_DELETE &&
		    (change.table == c->slave.table || change.table == c->master.table))
			add_removed_row(t, &removals, &change,
					change.table == c->slave.table);
	}
	if (t->out->n_rows > first + 1)
		qsort(t->out->rows + first, t->out->n_rows - first, sizeof(*t->out->rows),
		      removed_cmp);
}

struct err *preview_build(const struct desired_source *source, struct datapath *dp,
			  struct arena *a, struct preview **ret_preview)
{
	static const struct datapath_config config = {
		.mark = PREVIEW_MARK, .route_protocol = DATAPATH_ROUTE_PROTOCOL};
	struct trial t = {.source = source, .a = a};
	struct err *e = observe_kernel(&t, dp);

	if (!e)
		e = datapath_open(&sim_provider, &config, &t.sim);
	if (e)
		return e;
	t.out = arena_alloc(a, sizeof(*t.out));
	sim_load(t.sim, t.have);
	e = run_passes(&t);
	if (!e) {
		add_settled_rows(&t);
		add_invalid_rows(&t);
		add_removed_rows(&t);
	}
	HASH_CLEAR(hh, t.listed);
	apply_free(t.apply);
	datapath_close(t.sim);
	if (!e)
		*ret_preview = t.out;
	return e;
}
