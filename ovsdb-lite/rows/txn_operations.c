/* A transaction as operations that do the same on another server's database (RFC 7047
 * 5.2).
 *
 * Sets and maps are sent as insertions and deletions of elements, so two clients that add
 * to one set do not conflict. A `wait` with timeout 0 compares the old values of scalars,
 * so two clients that write one scalar do. Rows of non-root tables are never deleted
 * here: the server collects those without a reference. */
#include "ovsdb-lite/rows/txn_private.h"

#include "ovsdb-lite/json/json.h"

#include <assert.h>

static struct json_object *uuid_json(const struct uuid *uuid)
{
	const union atom atom = {.uuid = *uuid};

	return datum_atom_to_json(&atom, ATOM_UUID);
}

static struct json_object *operation(const char *op, const char *table)
{
	struct json_object *json = json_object();

	json_put(json, "op", json_string(op));
	json_put(json, "table", json_string(table));
	return json;
}

struct json_object *txn_operation_on(const char *op, const char *table,
				     const struct uuid *row)
{
	struct json_object *json = operation(op, table);
	struct json_object *clause = json_pair(json_string("_uuid"), json_string("=="));
	struct json_object *where = json_array();

	json_add(clause, uuid_json(row));
	json_add(where, clause);
	json_put(json, "where", where);
	return json;
}

static struct json_object *operation_on(const char *op, const struct txn_row *tr)
{
	return txn_operation_on(op, tr->table->schema->name, &tr->row->uuid);
}

static bool is_set(const struct txn_row *tr, const struct column_schema *c)
{
	return tr->n_set && tr->cells[c->index].is_set;
}

static bool is_collection(const struct column_type *t)
{
	return t->is_map || t->n_max > 1;
}

/* Not a column that may not be empty: it could be empty between the two mutations. */
static bool is_sent_as_difference(const struct column_schema *c)
{
	return is_collection(&c->type) && !c->type.n_min;
}

/* The row still exists, and its scalars have their old values. */
static struct json_object *wait_operation(const struct txn_row *tr)
{
	const struct table_schema *ts = tr->table->schema;
	struct json_object *json = operation_on("wait", tr);
	struct json_object *columns = json_array(), *row = json_object(),
			   *rows = json_array();

	json_add(columns, json_string("_uuid"));
	json_put(row, "_uuid", uuid_json(&tr->row->uuid));
	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];

		if (!is_set(tr, c) || is_collection(&c->type))
			continue;
		json_add(columns, json_string(c->name));
		json_put(row, c->name, datum_to_json(txn_row_old(tr, c), &c->type));
	}
	json_add(rows, row);
	json_put(json, "columns", columns);
	json_put(json, "until", json_string("=="));
	json_put(json, "rows", rows);
	json_put(json, "timeout", json_integer(0));
	return json;
}

static struct json_object *insert_operation(const struct txn_row *tr)
{
	const struct table_schema *ts = tr->table->schema;
	struct json_object *json = operation("insert", ts->name);
	struct json_object *row = json_object();
	char text[UUID_TEXT_BYTES];

	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];
		const struct datum *d = txn_row_new(tr, c);

		if (!datum_is_default(d, &c->type))
			json_put(row, c->name, datum_to_json(d, &c->type));
	}
	json_put(json, "row", row);
	json_put(json, "uuid", json_string(uuid_format(&tr->row->uuid, text)));
	return json;
}

/* NULL if no column is written as a whole. */
static struct json_object *update_operation(const struct txn_row *tr)
{
	const struct table_schema *ts = tr->table->schema;
	struct json_object *row = json_object();
	struct json_object *json;

	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];

		if (is_set(tr, c) && !is_sent_as_difference(c))
			json_put(row, c->name,
				 datum_to_json(txn_row_new(tr, c), &c->type));
	}
	if (!json_get_length(row)) {
		json_free(row);
		return NULL;
	}
	json = operation_on("update", tr);
	json_put(json, "row", row);
	return json;
}

static void add_mutation(struct json_object *mutations, const struct column_schema *c,
			 const char *mutator, struct json_object *value)
{
	struct json_object *mutation =
		json_pair(json_string(c->name), json_string(mutator));

	json_add(mutation, value);
	json_add(mutations, mutation);
}

/* The elements of 'a' that 'b' lacks, as one datum for `insert`. 'as_keys': of a map only
 * their keys, for `delete`, which then works whatever their values are by then. */
static struct json_object *difference(const struct column_schema *c,
				      const struct datum *a, const struct datum *b,
				      bool as_keys)
{
	struct json_object *json, *elements = json_array();
	struct datum d;

	assert(is_collection(&c->type));
	datum_copy(&d, a, &c->type);
	datum_subtract(&d, b, &c->type, c->type.is_map);
	if (!d.n) {
		json_free(elements);
		datum_clear(&d, &c->type);
		return NULL;
	}
	if (c->type.is_map && as_keys) {
		for (uint32_t i = 0; i < d.n; i++)
			json_add(elements, datum_atom_to_json(&datum_keys(&d)[i],
							      c->type.key.type));
		json = json_pair(json_string("set"), elements);
	} else {
		json = datum_to_json(&d, &c->type);
		json_free(elements);
	}
	datum_clear(&d, &c->type);
	return json;
}

/* NULL if there is nothing to mutate. */
static struct json_object *mutate_operation(const struct txn_row *tr)
{
	const struct table_schema *ts = tr->table->schema;
	struct json_object *mutations = json_array();
	struct json_object *json;

	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];
		const struct datum *old = txn_row_old(tr, c), *new = txn_row_new(tr, c);
		struct json_object *gone, *come;

		if (!is_set(tr, c) || !is_sent_as_difference(c))
			continue;
		gone = difference(c, old, new, true);
		come = difference(c, new, old, false);
		if (gone)
			add_mutation(mutations, c, "delete", gone);
		if (come)
			add_mutation(mutations, c, "insert", come);
	}
	if (!json_get_length(mutations)) {
		json_free(mutations);
		return NULL;
	}
	json = operation_on("mutate", tr);
	json_put(json, "mutations", mutations);
	return json;
}

static void add_if_any(struct json_object *operations, struct json_object *operation)
{
	if (operation)
		json_add(operations, operation);
}

static void add_operations(struct json_object *operations, const struct txn_row *tr,
			   enum change_kind kind)
{
	if (kind == CHANGE_INSERT) {
		json_add(operations, insert_operation(tr));
	} else if (kind == CHANGE_UPDATE) {
		add_if_any(operations, update_operation(tr));
		add_if_any(operations, mutate_operation(tr));
	} else if (tr->table->schema->is_root) {
		json_add(operations, operation_on("delete", tr));
	}
}

struct json_object *txn_to_operations(const struct txn *t)
{
	struct json_object *operations = json_array();
	enum change_kind kind;

	for (const struct txn_row *tr = t->rows; tr; tr = tr->next) {
		assert(!tr->is_swapped); /* the old values are still in the rows */
		if (txn_row_change(tr, &kind) && kind == CHANGE_UPDATE)
			json_add(operations, wait_operation(tr));
	}
	for (const struct txn_row *tr = t->rows; tr; tr = tr->next) {
		if (txn_row_change(tr, &kind))
			add_operations(operations, tr, kind);
	}
	if (*txn_comment(t)) {
		struct json_object *comment = json_object();

		json_put(comment, "op", json_string("comment"));
		json_put(comment, "comment", json_string(txn_comment(t)));
		json_add(operations, comment);
	}
	return operations;
}
