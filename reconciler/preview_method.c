/* The method's params are those of `transact`: ["ipvl", operation, …] or ["ipvl",
 * [operation, …]]. The operations are executed and checked, never committed. */
#include "reconciler/preview_method.h"

#include "lib/alloc.h"
#include "ovsdb-lite/exec/exec.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/wire/error_object.h"
#include "reconciler/preview.h"

#include <stdlib.h>
#include <string.h>

struct preview_method {
	struct db *db;
	const struct reconciler *reconciler;
	struct datapath *datapath;
	/* Of the call in progress. */
	struct json_object *result;
	struct err *error;
};

static void inspect(void *aux, const struct txn *txn)
{
	struct preview_method *m = aux;
	struct desired_source source = reconciler_source(m->reconciler);

	source.txn = txn;
	m->error = preview_build(&source, m->datapath, &m->result);
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
				       .aux = m};
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
	server_add_method(s, db, "ipvl_plan", RBAC_READ, call, m);
	return m;
}

void preview_method_free(struct preview_method *m)
{
	free(m);
}
