/* insert, select, update, mutate, delete (RFC 7047 5.2.1 to 5.2.5). Each reads its
 * members, finds its rows and writes into the transaction. What RFC 7047 has checked at
 * the commit is checked in db/ and rows/. */
#include "ovsdb-lite/exec/exec_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/values/mutation.h"

#include <stdlib.h>
#include <string.h>

static struct json_object *uuid_to_json(const struct uuid *uuid)
{
	char text[UUID_TEXT_BYTES];

	return json_pair(json_string("uuid"), json_string(uuid_format(uuid, text)));
}

static bool is_internal(const char *column)
{
	return !strcmp(column, "_uuid") || !strcmp(column, "_version");
}

/* ERR_UNKNOWN_COLUMN with the member as path. */
static struct err *find_column(const struct table_schema *ts, const char *name,
			       const struct json_object *row,
			       const struct column_schema **ret_column)
{
	const struct column_schema *c = table_schema_find(ts, name);

	if (!c) {
		CLEANUP(freep) char *text = json_text(row);

		return err_at(err_new(ERR_UNKNOWN_COLUMN, "No column %s in table %s.",
				      name, ts->name),
			      "%s", text);
	}
	*ret_column = c;
	return NULL;
}

static struct err *insert_columns(struct exec *x, struct row *r,
				  const struct json_object *json)
{
	const struct table_schema *ts = table_schema(row_table(r));

	for (struct json_iter i = json_iter_begin(json); json_iter_next(&i);) {
		const struct column_schema *c;
		struct datum d;
		struct err *e;

		if (is_internal(
			    i.name)) /* as ovsdb-server: a copied row may be inserted */
			continue;
		e = find_column(ts, i.name, json, &c);
		if (!e)
			e = datum_from_json(&d, &c->type, i.value, x->names);
		if (e)
			return e;
		txn_set(x->txn, r, c, &d);
	}
	return NULL;
}

/* The row's UUID: the one asked for, the one its name has already, or a new one. */
static struct err *choose_uuid(struct exec *x, const struct json_object *name,
			       const struct json_object *wanted_json,
			       struct uuid *ret_uuid)
{
	struct uuid wanted;

	if (wanted_json && !uuid_parse(json_get_string(wanted_json), &wanted))
		return json_syntax_error(wanted_json, "\"uuid\" must be a UUID");
	if (name)
		return named_uuids_define(x->names, json_get_string(name),
					  wanted_json ? &wanted : NULL, ret_uuid);
	*ret_uuid = wanted_json ? wanted : uuid_random();
	return NULL;
}

/* RFC 7047 5.2.1: a column that is left out has its type's default, and it is an error if
 * that breaks the column's constraints. */
static struct err *check_defaults(const struct exec *x, const struct row *r,
				  const struct json_object *json)
{
	const struct table_schema *ts = table_schema(row_table(r));

	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];
		struct err *e = json_member(json, c->name)
					? NULL
					: datum_check(txn_get(x->txn, r, c), &c->type);

		if (e)
			return err_wrap(e, "column %s of table %s must be given", c->name,
					ts->name);
	}
	return NULL;
}

/* To look up a role, in units of exec_work.c. */
#define UNITS_JUDGE 100

/* The requester's role allows it. */
static struct err *judge(struct exec *x, enum rbac_action action, const struct row *r,
			 const bool *columns)
{
	const char *role = x->request->subject.role;

	if (role && *role && !exec_spend_in_pass(x, UNITS_JUDGE, UNITS_JUDGE))
		return exec_work_exhausted(x);
	return rbac_check_row(&x->request->subject, action, x->txn, r, columns);
}

struct err *exec_insert(struct exec *x, struct json_fields *f, struct json_object *result)
{
	struct table *table = exec_take_table(x, f);
	const struct json_object *json =
		json_fields_take(f, "row", JSON_MASK(JSON_OBJECT));
	const struct json_object *name =
		json_fields_take_optional(f, "uuid-name", JSON_MASK(JSON_STRING));
	const struct json_object *wanted =
		json_fields_take_optional(f, "uuid", JSON_MASK(JSON_STRING));
	struct uuid uuid;
	struct row *r;
	struct err *e = json_fields_end(f);

	if (!e)
		e = choose_uuid(x, name, wanted, &uuid);
	if (!e)
		e = txn_insert(x->txn, table, &uuid, &r);
	if (!e)
		e = insert_columns(x, r, json);
	if (!e)
		e = check_defaults(x, r, json);
	if (!e)
		e = judge(x, RBAC_INSERT, r, NULL);
	if (!e)
		json_put(result, "uuid", uuid_to_json(&uuid));
	return e;
}

struct err *exec_select(struct exec *x, struct json_fields *f, struct json_object *result)
{
	struct table *table = exec_take_table(x, f);
	const struct json_object *where =
		json_fields_take(f, "where", JSON_MASK(JSON_ARRAY));
	const struct json_object *columns =
		json_fields_take_optional(f, "columns", JSON_MASK(JSON_ARRAY));
	const struct json_object *sort =
		json_fields_take_optional(f, "sort", JSON_MASK(JSON_ARRAY));
	struct exec_set *seen = exec_set_new();
	struct json_object *rows = json_array();
	struct projection p = {0};
	struct exec_rows found = {0};
	struct err *e = json_fields_end(f);

	if (!e)
		e = projection_from_json(table_schema(table), columns, true, &p);
	if (!e)
		e = exec_find_rows(x, table, where, &found);
	if (!e && sort)
		e = exec_rows_sort(&found, x, table, sort);
	for (size_t i = 0; !e && i < found.n; i++) {
		struct json_object *row;

		e = projection_read(&p, x, found.rows[i], &row);
		if (e)
			break;
		/* Rows that include their _uuid are all different. */
		if (p.has_uuid || exec_set_add(seen, row))
			json_add(rows, row);
		else
			json_free(row);
	}
	exec_rows_clear(&found);
	projection_clear(&p);
	exec_set_free(seen);
	if (e)
		json_free(rows);
	else
		json_put(result, "rows", rows);
	return e;
}

/* The new values of an `update`: values[i] for the table's column number i where
 * is_given[i]. */
struct new_values {
	const struct table_schema *ts;
	struct datum *values;
	bool *is_given;
};

static struct err *read_new_value(struct exec *x, struct new_values *new,
				  const struct json_iter *i,
				  const struct json_object *json)
{
	const struct column_schema *c = NULL;
	struct err *e =
		is_internal(i->name) ? NULL : find_column(new->ts, i->name, json, &c);

	if (e)
		return e;
	if (!c || !c->is_mutable)
		return err_new(ERR_CONSTRAINT,
			       "Cannot update immutable column %s in table %s.", i->name,
			       new->ts->name);
	e = datum_from_json(&new->values[c->index], &c->type, i->value, x->names);
	if (!e)
		new->is_given[c->index] = true;
	return e;
}

static struct err *read_new_values(struct exec *x, const struct table_schema *ts,
				   const struct json_object *json, struct new_values *new)
{
	struct err *e = NULL;

	new->ts = ts;
	new->values = xcalloc(ts->n_columns + 1, sizeof(*new->values));
	new->is_given = xcalloc(ts->n_columns + 1, sizeof(*new->is_given));
	for (struct json_iter i = json_iter_begin(json); !e && json_iter_next(&i);)
		e = read_new_value(x, new, &i, json);
	return e;
}

static void clear_new_values(struct new_values *new)
{
	for (size_t i = 0; new->ts &&i < new->ts->n_columns; i++) {
		if (new->is_given[i])
			datum_clear(&new->values[i], &new->ts->columns[i].type);
	}
	free(new->values);
	free(new->is_given);
}

/* In units of exec_work.c: writing a row, each of its values, and each row of a table at
 * most in the first pass over it. */
#define UNITS_WRITE_ROW   10
#define UNITS_WRITE_VALUE 6
#define UNITS_COPY_ATOM   2
#define PASS_WRITE_MOST   100

static bool spend_on_updating(struct exec *x, const struct new_values *new)
{
	uint64_t units = UNITS_WRITE_ROW;

	for (size_t i = 0; i < new->ts->n_columns; i++) {
		if (new->is_given[i])
			units +=
				UNITS_WRITE_VALUE +
				UNITS_COPY_ATOM * datum_weight(&new->values[i],
							       &new->ts->columns[i].type);
	}
	return exec_spend_in_pass(x, units, PASS_WRITE_MOST);
}

static struct err *update_row(struct exec *x, struct row *r, const struct new_values *new)
{
	struct err *e = spend_on_updating(x, new)
				? judge(x, RBAC_UPDATE, r, new->is_given)
				: exec_work_exhausted(x);

	for (size_t i = 0; !e && i < new->ts->n_columns; i++) {
		const struct column_schema *c = &new->ts->columns[i];
		struct datum d;

		if (!new->is_given[i])
			continue;
		datum_copy(&d, &new->values[i], &c->type);
		txn_set(x->txn, r, c, &d);
	}
	return e;
}

struct err *exec_update(struct exec *x, struct json_fields *f, struct json_object *result)
{
	struct table *table = exec_take_table(x, f);
	const struct json_object *where =
		json_fields_take(f, "where", JSON_MASK(JSON_ARRAY));
	const struct json_object *json =
		json_fields_take(f, "row", JSON_MASK(JSON_OBJECT));
	struct new_values new = {0};
	struct exec_rows found = {0};
	struct err *e = json_fields_end(f);

	if (!e)
		e = read_new_values(x, table_schema(table), json, &new);
	if (!e)
		e = exec_find_rows(x, table, where, &found);
	for (size_t i = 0; !e && i < found.n; i++)
		e = update_row(x, found.rows[i], &new);
	if (!e)
		json_put(result, "count", json_integer((int64_t)found.n));
	exec_rows_clear(&found);
	clear_new_values(&new);
	return e;
}

/* By column number: is it mutated? Owned by the caller. */
static bool *mutated_columns(const struct table_schema *ts, const struct mutations *m)
{
	bool *columns = xcalloc(ts->n_columns + 1, sizeof(*columns));

	for (size_t i = 0; i < mutations_count(m); i++)
		columns[mutation_column(m, i)->index] = true;
	return columns;
}

/* A column that is mutated several times is copied each time. */
static bool spend_on_mutating(struct exec *x, const struct row *r,
			      const struct mutations *m, size_t i)
{
	const struct column_schema *c = mutation_column(m, i);
	uint64_t has = datum_weight(txn_get(x->txn, r, c), &c->type);
	uint64_t units =
		UNITS_WRITE_VALUE + UNITS_COPY_ATOM * (has + mutation_weight(m, i));
	bool is_again = i >= table_schema(row_table(r))->n_columns;

	return exec_spend_in_pass(x, units,
				  is_again ? 0 : PASS_WRITE_MOST + UNITS_COPY_ATOM * has);
}

static struct err *mutate_row(struct exec *x, struct row *r, const struct mutations *m,
			      const bool *columns)
{
	struct err *e = judge(x, RBAC_MUTATE, r, columns);

	for (size_t i = 0; !e && i < mutations_count(m); i++) {
		const struct column_schema *c = mutation_column(m, i);
		struct datum d;

		if (!spend_on_mutating(x, r, m, i))
			return exec_work_exhausted(x);
		datum_copy(&d, txn_get(x->txn, r, c), &c->type);
		e = mutation_apply(m, i, &d);
		if (e)
			datum_clear(&d, &c->type);
		else
			txn_set(x->txn, r, c, &d);
	}
	return e;
}

struct err *exec_mutate(struct exec *x, struct json_fields *f, struct json_object *result)
{
	struct table *table = exec_take_table(x, f);
	const struct json_object *where =
		json_fields_take(f, "where", JSON_MASK(JSON_ARRAY));
	const struct json_object *json =
		json_fields_take(f, "mutations", JSON_MASK(JSON_ARRAY));
	CLEANUP(freep) bool *columns = NULL;
	struct mutations *m = NULL;
	struct exec_rows found = {0};
	struct err *e = json_fields_end(f);

	if (!e)
		e = mutations_from_json(table_schema(table), json, x->names, &m);
	if (!e)
		e = exec_find_rows(x, table, where, &found);
	if (!e)
		columns = mutated_columns(table_schema(table), m);
	for (size_t i = 0; !e && i < found.n; i++)
		e = mutate_row(x, found.rows[i], m, columns);
	if (!e)
		json_put(result, "count", json_integer((int64_t)found.n));
	exec_rows_clear(&found);
	mutations_free(m);
	return e;
}

struct err *exec_delete(struct exec *x, struct json_fields *f, struct json_object *result)
{
	struct table *table = exec_take_table(x, f);
	const struct json_object *where =
		json_fields_take(f, "where", JSON_MASK(JSON_ARRAY));
	struct exec_rows found = {0};
	struct err *e = json_fields_end(f);

	if (!e)
		e = exec_find_rows(x, table, where, &found);
	for (size_t i = 0; !e && i < found.n; i++) {
		if (exec_spend_in_pass(x, UNITS_WRITE_ROW, UNITS_WRITE_ROW))
			e = judge(x, RBAC_DELETE, found.rows[i], NULL);
		else
			e = exec_work_exhausted(x);
		if (!e)
			txn_delete(x->txn, found.rows[i]);
	}
	if (!e)
		json_put(result, "count", json_integer((int64_t)found.n));
	exec_rows_clear(&found);
	return e;
}
