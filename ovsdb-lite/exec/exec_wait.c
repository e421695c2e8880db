/* wait (RFC 7047 5.2.6): the transaction waits until a table's rows are, or are no longer,
 * the given ones. Rows are compared as sets. Nothing sleeps here: exec.c drops what ran so
 * far, and the server runs the transaction again after the next commit. */
#include "ovsdb-lite/exec/exec_private.h"

#include "ovsdb-lite/json/json.h"

#include <string.h>

/* Reading a given row, in units of exec_work.c. */
#define UNITS_GIVEN_ROW 100

static struct err *read_rows(struct exec *x, const struct table_schema *ts,
			     const struct projection *p, const struct json_object *rows,
			     struct exec_set *wanted)
{
	for (size_t i = 0; i < json_get_length(rows); i++) {
		struct json_object *row;
		struct err *e;

		if (!exec_spend(x, UNITS_GIVEN_ROW))
			return exec_work_exhausted(x);
		e = projection_normalise(p, ts, json_at(rows, i), x->names, &row);
		if (e)
			return e;
		exec_set_add(wanted, row);
		json_free(row);
	}
	return NULL;
}

static struct err *compare_rows(struct exec *x, const struct projection *p,
				const struct exec_rows *found,
				const struct exec_set *wanted, bool *ret_equal)
{
	struct exec_set *seen = exec_set_new();
	bool is_equal = true;
	struct err *e = NULL;

	for (size_t i = 0; !e && is_equal && i < found->n; i++) {
		struct json_object *row;

		e = projection_read(p, x, found->rows[i], &row);
		if (e)
			break;
		is_equal = exec_set_has(wanted, row);
		exec_set_add(seen, row);
		json_free(row);
	}
	*ret_equal = is_equal && exec_set_count(seen) == exec_set_count(wanted);
	exec_set_free(seen);
	return e;
}

static struct err *compare(struct exec *x, struct table *table,
			   const struct projection *p, const struct json_object *where,
			   const struct json_object *rows, bool *ret_equal)
{
	struct exec_set *wanted = exec_set_new();
	struct exec_rows found = {0};
	struct err *e = read_rows(x, table_schema(table), p, rows, wanted);

	if (!e)
		e = exec_find_rows(x, table, where, &found);
	if (!e)
		e = compare_rows(x, p, &found, wanted, ret_equal);
	exec_rows_clear(&found);
	exec_set_free(wanted);
	return e;
}

/* 'timeout' NULL: for ever. */
static struct err *wait_or_fail(struct exec *x, const struct json_object *timeout)
{
	int64_t elapsed_ms = x->request->elapsed_ms;
	int64_t timeout_ms = timeout ? json_get_integer(timeout) : -1;

	if (timeout && elapsed_ms >= timeout_ms)
		return timeout_ms
			       ? err_new(ERR_TIMED_OUT,
					 "\"wait\" timed out after %lld ms",
					 (long long)elapsed_ms)
			       : err_new(ERR_TIMED_OUT, "\"where\" clause test failed");
	x->is_waiting = true;
	x->wait_ms = timeout ? timeout_ms - elapsed_ms : -1;
	return NULL;
}

static struct err *check_members(const struct json_object *until,
				 const struct json_object *timeout)
{
	const char *text = json_get_string(until);

	if (strcmp(text, "==") != 0 && strcmp(text, "!=") != 0)
		return json_syntax_error(until, "\"until\" must be \"==\" or \"!=\"");
	if (timeout && json_get_integer(timeout) < 0)
		return json_syntax_error(timeout, "\"timeout\" must not be negative");
	return NULL;
}

struct err *exec_wait(struct exec *x, struct json_fields *f, struct json_object *result)
{
	struct table *table = exec_take_table(x, f);
	const struct json_object *where =
		json_fields_take(f, "where", JSON_MASK(JSON_ARRAY));
	const struct json_object *columns =
		json_fields_take_optional(f, "columns", JSON_MASK(JSON_ARRAY));
	const struct json_object *until =
		json_fields_take(f, "until", JSON_MASK(JSON_STRING));
	const struct json_object *rows =
		json_fields_take(f, "rows", JSON_MASK(JSON_ARRAY));
	const struct json_object *timeout =
		json_fields_take_optional(f, "timeout", JSON_MASK(JSON_INTEGER));
	struct projection p = {0};
	bool is_equal = false;
	struct err *e = json_fields_end(f);

	(void)result;
	if (!e)
		e = check_members(until, timeout);
	if (!e)
		e = projection_from_json(table_schema(table), columns, false, &p);
	if (!e)
		e = compare(x, table, &p, where, rows, &is_equal);
	if (!e && is_equal != !strcmp(json_get_string(until), "=="))
		e = wait_or_fail(x, timeout);
	projection_clear(&p);
	return e;
}
