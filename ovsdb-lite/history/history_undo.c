/* Undoing a transaction: writes the inverse of its changes, as history_read() returns
 * them, into a new transaction. The commit checks the result, as for any transaction.
 *
 * Later changes are not overwritten: each value must still be the one that the
 * transaction wrote. */
#include "ovsdb-lite/history/history_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/rows/txn_private.h"

#include <stdlib.h>
#include <string.h>

struct revert {
	struct txn *txn;
	const struct history_except *except;
	size_t n_except;
	struct history_obstacle *ret_obstacle; /* NULL if not asked for */
};

/* A row of the entry. */
struct reverted_row {
	struct table *table;
	struct uuid uuid;
	const struct json_object *change;
};

/* 'c' NULL: the whole table. */
static bool is_excepted(const struct revert *r, const struct table *t,
			const struct column_schema *c)
{
	for (size_t i = 0; i < r->n_except; i++) {
		const char *column = r->except[i].column;

		if (!strcmp(r->except[i].table, t->schema->name) &&
		    (c && column ? !strcmp(column, c->name) : !c && !column))
			return true;
	}
	return false;
}

static struct err *changed_since(const struct revert *r, const struct reverted_row *row,
				 const struct column_schema *column)
{
	char uuid[UUID_TEXT_BYTES];

	uuid_format(&row->uuid, uuid);
	if (r->ret_obstacle)
		*r->ret_obstacle = (struct history_obstacle){
			.table = row->table->schema, .uuid = row->uuid, .column = column};
	return err_hint(
		column ? err_new(ERR_BUSY, "column %s of %s row %s has changed since",
				 column->name, row->table->schema->name, uuid)
		       : err_new(ERR_BUSY, "%s row %s was inserted or deleted since",
				 row->table->schema->name, uuid),
		"undo the later transaction first, or write the old value yourself");
}

static struct err *no_change(const char *what)
{
	return err_new(ERR_SYNTAX, "the changes of a transaction have no %s", what);
}

static struct err *read_datum(const struct json_object *json,
			      const struct column_schema *c, struct datum *ret_datum)
{
	if (json)
		return datum_from_json(ret_datum, &c->type, json, NULL);
	datum_init_default(ret_datum, &c->type);
	return NULL;
}

/* ERR_BUSY if column 'c' has no longer the value 'left'; NULL: its type's default. */
static struct err *expect_value(const struct revert *r, const struct reverted_row *row,
				const struct row *now, const struct column_schema *c,
				const struct json_object *left)
{
	struct datum d;
	struct err *e = read_datum(left, c, &d);

	if (!e && !datum_equals(&d, txn_get(r->txn, now, c), &c->type))
		e = changed_since(r, row, c);
	else if (e)
		return e;
	datum_clear(&d, &c->type);
	return e;
}

static struct err *set_value(const struct revert *r, struct row *now,
			     const struct column_schema *c,
			     const struct json_object *value)
{
	struct datum d;
	struct err *e = read_datum(value, c, &d);

	if (!e)
		txn_set(r->txn, now, c, &d);
	return e;
}

static struct err *unknown_column(const struct table *t, const char *name)
{
	return err_new(ERR_UNKNOWN_COLUMN, "table %s has no column %s", t->schema->name,
		       name);
}

/* All persistent columns must be unchanged: deleting the row would also delete what later
 * transactions wrote into it. */
static struct err *undo_insert(const struct revert *r, const struct reverted_row *row,
			       const struct json_object *columns)
{
	const struct table_schema *ts = row->table->schema;
	struct row *now = txn_find(r->txn, row->table, &row->uuid);
	struct err *e = NULL;

	if (json_kind(columns) != JSON_OBJECT)
		return no_change("row");
	if (!now)
		return changed_since(r, row, NULL);
	for (size_t i = 0; !e && i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];

		if (!c->ephemeral && !is_excepted(r, row->table, c))
			e = expect_value(r, row, now, c, json_member(columns, c->name));
	}
	if (!e)
		txn_delete(r->txn, now);
	return e;
}

static struct err *undo_delete(const struct revert *r, const struct reverted_row *row,
			       const struct json_object *columns)
{
	struct row *new;
	struct err *e;

	if (json_kind(columns) != JSON_OBJECT)
		return no_change("row");
	if (txn_find(r->txn, row->table, &row->uuid))
		return changed_since(r, row, NULL);
	e = txn_insert(r->txn, row->table, &row->uuid, &new);
	for (struct json_iter i = json_iter_begin(columns); !e && json_iter_next(&i);) {
		const struct column_schema *c =
			table_schema_find(row->table->schema, i.name);

		e = c ? set_value(r, new, c, i.value)
		      : unknown_column(row->table, i.name);
	}
	return e;
}

static struct err *undo_modify(const struct revert *r, const struct reverted_row *row,
			       const struct json_object *columns)
{
	struct row *now = txn_find(r->txn, row->table, &row->uuid);
	struct err *e = NULL;

	if (json_kind(columns) != JSON_OBJECT)
		return no_change("columns");
	if (!now)
		return changed_since(r, row, NULL);
	for (struct json_iter i = json_iter_begin(columns); !e && json_iter_next(&i);) {
		const struct column_schema *c =
			table_schema_find(row->table->schema, i.name);

		if (!c)
			return unknown_column(row->table, i.name);
		if (is_excepted(r, row->table, c))
			continue;
		if (json_kind(i.value) != JSON_ARRAY || json_get_length(i.value) != 2)
			return no_change("two values of a column");
		e = expect_value(r, row, now, c, json_at(i.value, 1));
		if (!e)
			e = set_value(r, now, c, json_at(i.value, 0));
	}
	return e;
}

static struct err *undo_row(const struct revert *r, const struct reverted_row *row)
{
	const struct json_object *columns;

	if (json_kind(row->change) != JSON_OBJECT)
		return no_change("kind");
	columns = json_member(row->change, "insert");
	if (columns)
		return undo_insert(r, row, columns);
	columns = json_member(row->change, "modify");
	if (columns)
		return undo_modify(r, row, columns);
	return undo_delete(r, row, json_member(row->change, "delete"));
}

static struct err *undo_table(const struct revert *r, struct table *t,
			      const struct json_object *rows)
{
	struct err *e = NULL;

	if (json_kind(rows) != JSON_OBJECT)
		return no_change("rows");
	for (struct json_iter i = json_iter_begin(rows); !e && json_iter_next(&i);) {
		struct reverted_row row = {.table = t, .change = i.value};

		if (!uuid_parse(i.name, &row.uuid))
			return no_change("UUID of a row");
		e = undo_row(r, &row);
	}
	return e;
}

struct err *history_revert(struct txn *t, const struct json_object *changes,
			   const struct history_except *except, size_t n_except,
			   struct history_obstacle *ret_obstacle)
{
	const struct revert r = {.txn = t,
				 .except = except,
				 .n_except = n_except,
				 .ret_obstacle = ret_obstacle};
	struct err *e = NULL;

	if (json_kind(changes) != JSON_OBJECT)
		return no_change("tables");
	for (struct json_iter i = json_iter_begin(changes); !e && json_iter_next(&i);) {
		struct table *table = db_table(txn_db(t), i.name);

		if (table && is_excepted(&r, table, NULL))
			continue;
		e = table ? undo_table(&r, table, i.value)
			  : err_new(ERR_SYNTAX, "no table named %s", i.name);
	}
	return e;
}

static struct err *not_undoable(const struct db *db, int64_t serial)
{
	return err_new(ERR_UNSUPPORTED,
		       "transaction %lld of %s cannot be undone: it, or a later one, was "
		       "too large to be kept, or the history was deleted after it",
		       (long long)serial, db_name(db));
}

struct err *history_undo(struct txn *t, int64_t serial,
			 const struct history_except *except, size_t n_except)
{
	const struct db *db = txn_db(t);
	struct history_entry *entries = NULL;
	size_t n = 0;
	struct err *e = NULL;

	if (serial > 0 && serial < INT64_MAX)
		e = history_read(db, serial + 1, 1, true, &entries, &n);
	if (e)
		return e;
	if (!n || entries->serial != serial)
		e = err_new(ERR_NOT_FOUND, "the history of %s has no transaction %lld",
			    db_name(db), (long long)serial);
	else if (!entries->changes)
		e = not_undoable(db, serial);
	else
		e = history_revert(t, entries->changes, except, n_except, NULL);
	history_entries_free(entries, n);
	return e;
}
