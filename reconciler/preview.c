/* What a transaction would do: the plan, and its results on a simulator that is loaded
 * with the state of the kernel. Nothing is changed. */
#include "reconciler/preview.h"

#include "datapath/apply.h"
#include "datapath/plan/plan_text.h"
#include "datapath/sim/sim.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/rows/txn.h"
#include "reconciler/settle.h"

#include <stdlib.h>
#include <string.h>

/* Any mark will do on a simulator of our own */
#define PREVIEW_MARK 1

struct keys {
	struct key *keys;
	size_t n, cap;
	struct arena *a;
};

static void add_key(void *keys, const struct key *key)
{
	struct keys *k = keys;

	k->keys = arena_grow(k->a, k->keys, k->n, &k->cap, sizeof(*k->keys));
	k->keys[k->n++] = key_copy(key, k->a);
}

static void add_master_names(struct keys *k, const struct ipvl_columns *c,
			     const struct change *change)
{
	const struct key old = {.kind = KEY_MASTER,
				.netns = datum_text(change_old(change, c->master.netns)),
				.name = datum_text(change_old(change, c->master.name)),
				.master_netns = "",
				.master_name = ""};
	const struct key new = {.kind = KEY_MASTER,
				.netns = datum_text(change_new(change, c->master.netns)),
				.name = datum_text(change_new(change, c->master.name)),
				.master_netns = "",
				.master_name = ""};

	if (*old.name)
		add_key(k, &old);
	if (*new.name)
		add_key(k, &new);
}

static void add_slave_names(struct keys *k, const struct desired_source *source,
			    const struct change *change)
{
	const struct ipvl_columns *c = source->columns;
	const struct datum *name = change_new(change, c->slave.name);
	struct key key;

	if (slave_index_key_of(source->slaves, change->row, &key))
		add_key(k, &key);
	if (name) {
		key = (struct key){.kind = KEY_SLAVE,
				   .netns =
					   datum_text(change_new(change, c->slave.netns)),
				   .name = datum_text(name),
				   .master_netns = "",
				   .master_name = ""};
		add_key(k, &key);
	}
}

static struct keys keys_of(const struct desired_source *source, struct arena *a)
{
	struct keys k = {.a = a};

	TXN_FOR_EACH_CHANGE (change, source->txn) {
		if (change.table == source->columns->master.table)
			add_master_names(&k, source->columns, &change);
		else if (change.table == source->columns->slave.table)
			add_slave_names(&k, source, &change);
	}
	return k;
}

static struct json_object *steps_to_json(const struct plan *plan, struct arena *a)
{
	struct json_object *steps = json_array();

	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct plan_step *s = &plan->steps[i];
		struct json_object *o = json_object();

		json_put(o, "op", json_string(plan_op_name(s->op)));
		json_put(o, "object", json_string(plan_text_object(a, s)));
		json_put(o, "why", json_string(s->why));
		json_put(o, "text", json_string(plan_text_step(a, s)));
		json_put(o, "disruptive", json_boolean(s->is_disruptive));
		json_add(steps, o);
	}
	return steps;
}

static void add_outcome(struct json_object *outcomes, const char *object,
			enum row_state state, const char *message)
{
	struct json_object *o = json_object();

	json_put(o, "object", json_string(object));
	json_put(o, "state", json_string(state_name(state)));
	json_put(o, "message", json_string(message));
	json_add(outcomes, o);
}

static const char *label_of_verdict(struct arena *a, const struct plan_verdict *v)
{
	return v->slave ? model_slave_label(a, v->slave)
			: model_master_label(a, v->master);
}

static void add_outcome_of(struct json_object *out, const struct plan_verdict *v,
			   const struct step_summary *o, struct arena *a)
{
	const char *object = label_of_verdict(a, v);
	enum row_state state = settle_state(v->kind);

	if (!state_is_well(state)) {
		add_outcome(out, object, state, v->message);
	} else if (o && o->error) {
		CLEANUP(freep) char *message = err_text(o->error);

		add_outcome(out, object, STATE_ERROR, message);
	}
}

static struct json_object *warnings_to_json(const struct plan *plan, struct arena *a)
{
	struct json_object *all = json_array();

	for (size_t i = 0; i < plan->n_verdicts; i++) {
		const struct plan_verdict *v = &plan->verdicts[i];

		for (size_t k = 0; k < v->n_warnings; k++) {
			struct json_object *o = json_object();

			json_put(o, "object", json_string(label_of_verdict(a, v)));
			json_put(o, "warning", json_string(v->warnings[k]));
			json_add(all, o);
		}
	}
	return all;
}

/* Runs the plan on a simulator loaded with 'have'. */
static struct err *try_on_sim(const struct plan *plan, const struct model *have,
			      struct arena *a, struct json_object *ret_outcomes)
{
	static const struct datapath_config config = {
		.mark = PREVIEW_MARK, .route_protocol = DATAPATH_ROUTE_PROTOCOL};
	struct step_summaries *outcomes;
	struct datapath *sim;
	struct apply *apply;
	struct err *e = datapath_open(&sim_provider, &config, &sim);

	if (e)
		return e;
	sim_load(sim, have);
	apply = apply_new(sim, plan);
	apply_run(apply, -1);
	outcomes = step_summaries_build(plan, apply_results(apply), a);
	for (size_t i = 0; i < plan->n_verdicts; i++) {
		const struct plan_verdict *v = &plan->verdicts[i];
		const void *object = v->slave ? (const void *)v->slave : v->master;

		add_outcome_of(ret_outcomes, v, step_summaries_find(outcomes, object), a);
	}
	step_summaries_free(outcomes);
	apply_free(apply);
	datapath_close(sim);
	return NULL;
}

struct err *preview_build(const struct desired_source *source, struct datapath *dp,
			  struct json_object **ret_result)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct keys keys = keys_of(source, a);
	struct desired *d = desired_build(source, keys.keys, keys.n, false, a);
	struct json_object *outcomes, *result;
	struct model *have;
	struct plan *plan;
	struct err *e = datapath_observe(dp, d->want, DATAPATH_SCOPE, a, &have);
	size_t n = keys.n;

	if (!e)
		aliases_each(source->aliases, source->columns, source->txn, d->want, have,
			     add_key, &keys);
	if (keys.n > n) {
		d = desired_build(source, keys.keys, keys.n, false, a);
		e = datapath_observe(dp, d->want, DATAPATH_SCOPE, a, &have);
	}
	if (e)
		return e;
	plan_build(d->want, have, a, &plan);
	outcomes = json_array();
	e = try_on_sim(plan, have, a, outcomes);
	if (e) {
		json_free(outcomes);
		return e;
	}
	result = json_object();
	json_put(result, "steps", steps_to_json(plan, a));
	json_put(result, "outcomes", outcomes);
	json_put(result, "warnings", warnings_to_json(plan, a));
	*ret_result = result;
	return NULL;
}
