/* The method's params are those of `transact`: ["ipvl", operation, …] or ["ipvl",
 * [operation, …]]. The operations are executed and checked, never committed. */
#include "reconciler/preview_method.h"

#include "datapath/plan/plan_text.h"
#include "lib/alloc.h"
#include "ovsdb-lite/exec/exec.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/wire/error_object.h"
#include "reconciler/preview.h"
#include "reconciler/requirement.h"

#include <stdlib.h>
#include <string.h>

static struct json_object *steps_to_json(const struct preview *p, struct arena *a)
{
	struct json_object *steps = json_array();

	for (size_t i = 0; i < p->n_steps; i++) {
		const struct plan_step *s = p->steps[i].step;
		struct json_object *o = json_object();

		json_put(o, "op", json_string(plan_op_name(s->op)));
		json_put(o, "object", json_string(plan_text_object(a, s)));
		json_put(o, "why", json_string(s->why));
		json_put(o, "text", json_string(p->steps[i].text));
		json_put(o, "disruptive", json_boolean(s->loss));
		json_put(o, "loss", json_string(s->loss ? s->loss : ""));
		json_add(steps, o);
	}
	return steps;
}

static struct json_object *rows_to_json(const struct preview *p)
{
	struct json_object *rows = json_array();

	for (size_t i = 0; i < p->n_rows; i++) {
		const struct preview_row *r = &p->rows[i];
		struct json_object *o = json_object(), *warnings = json_array();

		for (size_t k = 0; k < r->n_warnings; k++)
			json_add(warnings, json_string(r->warnings[k]));
		json_put(o, "table", json_string(r->is_slave ? "Slave" : "Master"));
		json_put(o, "object", json_string(r->object));
		json_put(o, "state",
			 json_string(r->is_removed && r->state == STATE_UNKNOWN
					     ? "removed"
					     : state_name(r->state)));
		json_put(o, "drift", json_string(model_drift_name(r->drift)));
		json_put(o, "message", json_string(r->message));
		json_put(o, "warnings", warnings);
		json_add(rows, o);
	}
	return rows;
}

struct preview_method {
	struct db *db;
	const struct reconciler *reconciler;
	struct datapath *datapath;
	struct exec_guard guard;
	/* Of the call in progress. */
	struct json_object *result;
	struct err *error;
};

static struct err *build(struct preview_method *m, const struct txn *txn, struct arena *a,
			 struct preview **ret_preview)
{
	struct desired_source source = reconciler_source(m->reconciler);

	source.txn = txn;
	return preview_build(&source, m->datapath, a, ret_preview);
}

/* The operation `ipvl_require`. */
static struct err *check(void *aux, const struct json_object *operation,
			 const struct txn *txn)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct preview *preview;
	struct err *e = build(aux, txn, a, &preview);

	return e ? e : requirement_check(operation, preview);
}

static void inspect(void *aux, const struct txn *txn)
{
	struct preview_method *m = aux;
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct preview *preview;

	m->error = build(m, txn, a, &preview);
	if (m->error)
		return;
	m->result = json_object();
	json_put(m->result, "steps", steps_to_json(preview, a));
	json_put(m->result, "rows", rows_to_json(preview));
}

/* The error of the first operation that failed, NULL if none did. */
static struct err *error_in(const struct json_object *reply)
{
	for (size_t i = 0; reply && i < json_get_length(reply); i++) {
		const struct json_object *result = json_at(reply, i);

		if (json_kind(result) == JSON_OBJECT && json_member(result, "error"))
			return error_object_to_err(result);
	}
	return NULL;
}

/* ["ipvl", [op, …]] as ["ipvl", op, …]. */
static struct json_object *flatten(const struct json_object *params)
{
	struct json_object *flat = json_array();

	for (size_t i = 0; i < json_get_length(params); i++) {
		const struct json_object *p = json_at(params, i);

		if (i == 0 || json_kind(p) != JSON_ARRAY) {
			json_add(flat, json_clone(p));
			continue;
		}
		for (size_t j = 0; j < json_get_length(p); j++)
			json_add(flat, json_clone(json_at(p, j)));
	}
	return flat;
}

static struct err *call(void *aux, const struct json_object *params,
			const struct txn_origin *caller, struct json_object **ret_result)
{
	struct preview_method *m = aux;
	CLEANUP(json_freep) struct json_object *flat = flatten(params);
	struct exec_request request = {.db = m->db,
				       .params = flat,
				       .origin = *caller,
				       .inspect = inspect,
				       .aux = m,
				       .guard = &m->guard};
	struct exec_result result = {0};
	struct err *e;

	exec_transact(&request, &result);
	e = error_in(result.reply);
	json_free(result.reply);
	if (!e)
		e = STEAL(m->error);
	if (!e && !m->result)
		e = err_new(ERR_TIMED_OUT, "the rows have changed meanwhile: try again");
	if (e) {
		err_free(STEAL(m->error));
		json_free(STEAL(m->result));
		return e;
	}
	*ret_result = STEAL(m->result);
	return NULL;
}

struct preview_method *preview_method_new(struct server *s, struct db *db,
					  const struct reconciler *r, struct datapath *dp)
{
	struct preview_method *m = xcalloc(1, sizeof(*m));

	m->db = db;
	m->reconciler = r;
	m->datapath = dp;
	m->guard = (struct exec_guard){.op = REQUIREMENT_OP, .check = check, .aux = m};
	server_add_method(s, db, "ipvl_plan", RBAC_READ, call, m);
	server_add_guard(s, db, &m->guard);
	return m;
}

void preview_method_free(struct preview_method *m)
{
	free(m);
}
