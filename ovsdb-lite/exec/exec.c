/* `transact`: runs a list of operations in one transaction and makes the reply (RFC
 * 7047 4.1.3). */
#include "ovsdb-lite/exec/exec_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/wire/error_object.h"

#include <stdlib.h>
#include <string.h>

static exec_op_fn exec_commit, exec_abort, exec_comment, exec_assert;

static const struct operation {
	const char *name;
	exec_op_fn *run;
	bool is_write;
} operations[] = {
	{"insert", exec_insert, true},    {"select", exec_select, false},
	{"update", exec_update, true},    {"mutate", exec_mutate, true},
	{"delete", exec_delete, true},    {"wait", exec_wait, false},
	{"commit", exec_commit, false},   {"abort", exec_abort, false},
	{"comment", exec_comment, false}, {"assert", exec_assert, false},
};

static const struct operation *find_operation(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		if (!strcmp(operations[i].name, name))
			return &operations[i];
	}
	return NULL;
}

/* ovsdb-wire.md 3: databases whose name begins with '_' belong to the server itself. */
static bool may_write(const struct exec *x)
{
	return !x->request->read_only && db_name(x->request->db)[0] != '_';
}

/* True if 'json' is the operation of the embedding program. Its members are the
 * program's to check. */
static bool is_guard(const struct exec *x, const struct json_object *json)
{
	const struct exec_guard *guard = x->request->guard;
	const struct json_object *name =
		json_kind(json) == JSON_OBJECT ? json_member(json, "op") : NULL;

	return guard && guard->op && json_kind(name) == JSON_STRING &&
	       !strcmp(json_get_string(name), guard->op);
}

static struct err *take_guard(struct exec *x, const struct json_object *json)
{
	if (x->guard)
		return json_syntax_error(json, "%s may be given once",
					 x->request->guard->op);
	x->guard = json;
	return NULL;
}

static struct err *run_operation(struct exec *x, const struct json_object *json,
				 struct json_object *result)
{
	struct json_fields f =
		json_fields_begin(json, "ovsdb operation %zu of %zu", x->i, x->n);
	const struct json_object *name =
		json_fields_take(&f, "op", JSON_MASK(JSON_STRING));
	const struct operation *operation;
	enum rbac_right right;

	if (!f.error)
		f.error = exec_work_begin_operation(x);
	if (f.error || !name)
		return json_fields_end(&f);
	operation = find_operation(json_get_string(name));
	if (!operation) {
		f.error =
			exec_unknown_name(x, json, "No operation", json_get_string(name));
		return json_fields_end(&f);
	}
	if (operation->is_write && !may_write(x)) {
		f.error = err_new(ERR_NOT_ALLOWED, "%s: database %s can only be read",
				  operation->name, db_name(x->request->db));
		return json_fields_end(&f);
	}
	right = operation->is_write ? RBAC_WRITE : RBAC_READ;
	f.error = rbac_check_right(&x->request->subject, right, operation->name);
	if (f.error)
		return json_fields_end(&f);
	return operation->run(x, &f, result);
}

static struct err *exec_commit(struct exec *x, struct json_fields *f,
			       struct json_object *result)
{
	const struct json_object *durable =
		json_fields_take(f, "durable", JSON_MASK(JSON_BOOLEAN));
	struct err *e = json_fields_end(f);

	(void)result;
	if (!e)
		x->is_durable |= json_get_boolean(durable);
	return e;
}

static struct err *exec_abort(struct exec *x, struct json_fields *f,
			      struct json_object *result)
{
	struct err *e = json_fields_end(f);

	(void)x;
	(void)result;
	return e ? e : err_new(ERR_ABORTED, "aborted by request");
}

static struct err *exec_comment(struct exec *x, struct json_fields *f,
				struct json_object *result)
{
	const struct json_object *comment =
		json_fields_take(f, "comment", JSON_MASK(JSON_STRING));
	struct err *e = json_fields_end(f);

	(void)result;
	if (!e)
		txn_add_comment(x->txn, json_get_string(comment));
	return e;
}

static struct err *exec_assert(struct exec *x, struct json_fields *f,
			       struct json_object *result)
{
	const struct json_object *lock =
		json_fields_take(f, "lock", JSON_MASK(JSON_STRING));
	const struct exec_request *request = x->request;
	struct err *e = json_fields_end(f);

	(void)result;
	if (e)
		return e;
	if (!json_is_id(json_get_string(lock)))
		return json_syntax_error(lock, "a lock's name must be an <id>");
	if (!request->owns_lock ||
	    !request->owns_lock(request->aux, json_get_string(lock)))
		return err_new(ERR_NOT_OWNER, "Asserted lock %s not held.",
			       json_get_string(lock));
	return NULL;
}

/* One result for each operation that ran; the error that stopped them, if one did. */
static struct err *run_operations(struct exec *x, struct json_object *results)
{
	struct err *e = NULL;

	for (x->i = 1; !e && !x->is_waiting && x->i <= x->n; x->i++) {
		const struct json_object *json = json_at(x->request->params, x->i);
		struct json_object *result = json_object();

		e = is_guard(x, json) ? take_guard(x, json)
				      : run_operation(x, json, result);
		if (e)
			json_free(result);
		else
			json_add(results, result);
	}
	return e;
}

static struct err *check_guard(struct exec *x)
{
	const struct exec_guard *guard = x->request->guard;
	struct err *e = x->guard ? db_commit_check(x->txn) : NULL;

	return e || !x->guard ? e : guard->check(guard->aux, x->guard, x->txn);
}

static struct err *commit(struct exec *x)
{
	const char *name = named_uuids_undefined(x->names);
	struct err *e;

	if (name)
		return err_new(ERR_REFERENTIAL,
			       "\"%s\" is used as a named-uuid, but no insert has that "
			       "uuid-name",
			       name);
	e = check_guard(x);
	if (e)
		return e;
	if (!x->request->inspect)
		return db_commit(x->txn);
	e = db_commit_check(x->txn);
	if (!e)
		x->request->inspect(x->request->aux, x->txn);
	return e;
}

/* Takes 'e'. RFC 7047 4.1.3: what did not run is null; an error of the commit is one
 * element more. */
static void add_error(struct exec *x, struct json_object *results, struct err *e)
{
	json_add(results, error_object_new(e));
	err_free(e);
	while (json_get_length(results) < x->n)
		json_add(results, json_null());
}

void exec_transact(const struct exec_request *request, struct exec_result *ret_result)
{
	struct exec x = {.request = request, .n = json_get_length(request->params) - 1};
	struct json_object *results = json_array();
	struct exec_result result = {.wait_ms = -1};
	struct err *e;

	x.txn = txn_new(request->db, &request->origin);
	x.names = named_uuids_new();
	exec_work_begin(&x);
	e = run_operations(&x, results);
	if (!e && x.is_waiting) {
		json_free(results);
		results = NULL;
		result.wait_ms = x.wait_ms;
	} else if (!e) {
		e = commit(&x);
		result.durable = x.is_durable && !e;
		result.changed = !e && !request->inspect && !txn_is_empty(x.txn);
	}
	if (e)
		add_error(&x, results, e);
	result.reply = results;
	result.work = x.work.total;
	exec_work_end(&x);
	named_uuids_free(x.names);
	txn_free(x.txn);
	*ret_result = result;
}
