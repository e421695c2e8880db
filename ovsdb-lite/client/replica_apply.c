/* Updates of a monitor become rows (RFC 7047 4.1.6; ovsdb-server(7) 4.1.14 for those with
 * conditions). The server has checked them: here they are only read, and committed by
 * db_commit_replicated(). */
#include "ovsdb-lite/client/replica_apply.h"

#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/rows/txn.h"

struct applier {
	struct txn *txn;
	bool is_plain;
};

static struct err *find_column(const struct table_schema *ts, const char *name,
			       const struct column_schema **ret_column)
{
	*ret_column = table_schema_find(ts, name);
	return *ret_column ? NULL
			   : err_new(ERR_PROTOCOL, "%s has no column %s", ts->name, name);
}

static struct err *set_columns(struct applier *a, struct row *row,
			       const struct json_object *columns)
{
	const struct table_schema *ts = table_schema(row_table(row));

	for (struct json_iter i = json_iter_begin(columns); json_iter_next(&i);) {
		const struct column_schema *c;
		struct datum d;
		struct err *e = find_column(ts, i.name, &c);

		if (!e)
			e = datum_from_json(&d, &c->type, i.value, NULL);
		if (e)
			return err_wrap(e, "column %s of %s", i.name, ts->name);
		txn_set(a->txn, row, c, &d);
	}
	return NULL;
}

static struct err *change_columns(struct applier *a, struct row *row,
				  const struct json_object *differences)
{
	const struct table_schema *ts = table_schema(row_table(row));

	for (struct json_iter i = json_iter_begin(differences); json_iter_next(&i);) {
		const struct column_schema *c;
		struct datum d, diff;
		struct err *e = find_column(ts, i.name, &c);

		if (!e)
			e = datum_from_json_any_count(&diff, &c->type, i.value, NULL);
		if (e)
			return err_wrap(e, "column %s of %s", i.name, ts->name);
		datum_copy(&d, txn_get(a->txn, row, c), &c->type);
		e = datum_apply_diff(&d, &diff, &c->type);
		datum_clear(&diff, &c->type);
		if (e) {
			datum_clear(&d, &c->type);
			return err_wrap(e, "column %s of %s", i.name, ts->name);
		}
		txn_set(a->txn, row, c, &d);
	}
	return NULL;
}

/* A column that is not in the row's update has its default. */
static void reset_columns(struct applier *a, struct row *row,
			  const struct json_object *given)
{
	const struct table_schema *ts = table_schema(row_table(row));

	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];
		struct datum d;

		if (json_member(given, c->name))
			continue;
		datum_init_default(&d, &c->type);
		txn_set(a->txn, row, c, &d);
	}
}

/* The whole row, new or not. */
static struct err *put_row(struct applier *a, struct table *table,
			   const struct uuid *uuid, struct row *row,
			   const struct json_object *columns)
{
	if (row) {
		reset_columns(a, row, columns);
	} else {
		struct err *e = txn_insert(a->txn, table, uuid, &row);

		if (e)
			return e;
	}
	return set_columns(a, row, columns);
}

static struct err *not_an_update(const char *name)
{
	return err_new(ERR_PROTOCOL, "%s is not a row's update", name);
}

/* The one member of a <row-update2> names the change. A <row-update> without "new" is a
 * deletion. */
static struct err *apply_row(struct applier *a, struct table *table, const char *name,
			     const struct json_object *update)
{
	const struct json_object *columns;
	struct uuid uuid;
	struct row *row;

	if (!uuid_parse(name, &uuid) || json_kind(update) != JSON_OBJECT)
		return not_an_update(name);
	row = txn_find(a->txn, table, &uuid);
	columns = json_member(update, "new");
	if (!a->is_plain && !columns)
		columns = json_member(update, "insert");
	if (!a->is_plain && !columns)
		columns = json_member(update, "initial");
	if (json_kind(columns) == JSON_OBJECT)
		return put_row(a, table, &uuid, row, columns);
	columns = a->is_plain ? NULL : json_member(update, "modify");
	if (json_kind(columns) == JSON_OBJECT && row)
		return change_columns(a, row, columns);
	if (!json_member(update, a->is_plain ? "old" : "delete"))
		return not_an_update(name);
	if (row)
		txn_delete(a->txn, row);
	return NULL;
}

static void delete_others(struct applier *a, const struct table *table,
			  const struct json_object *rows)
{
	TABLE_FOR_EACH (r, table) {
		char name[UUID_TEXT_BYTES];

		if (!rows || !json_member(rows, uuid_format(row_uuid(r), name)))
			txn_delete(a->txn, r);
	}
}

static struct err *apply_table(struct applier *a, const char *name,
			       const struct json_object *rows)
{
	struct table *table = db_table(txn_db(a->txn), name);
	struct err *e = NULL;

	if (!table || json_kind(rows) != JSON_OBJECT)
		return err_new(ERR_PROTOCOL, "%s is not a table's updates", name);
	for (struct json_iter i = json_iter_begin(rows); json_iter_next(&i) && !e;)
		e = apply_row(a, table, i.name, i.value);
	return e;
}

struct err *replica_apply(struct db *db, const struct json_object *tables, bool is_plain,
			  bool is_whole)
{
	const struct txn_origin origin = {.internal = true, .uid = -1, .pid = -1};
	struct applier a = {.is_plain = is_plain};
	struct err *e = NULL;

	if (json_kind(tables) != JSON_OBJECT)
		return err_new(ERR_PROTOCOL, "an update is not an object");
	a.txn = txn_new(db, &origin);
	for (struct json_iter i = json_iter_begin(tables); json_iter_next(&i) && !e;)
		e = apply_table(&a, i.name, i.value);
	for (unsigned int i = 0; is_whole && !e && i < db_schema(db)->n_tables; i++) {
		const struct table *t = db_table_at(db, i);

		delete_others(&a, t, json_member(tables, table_schema(t)->name));
	}
	if (!e)
		e = db_commit_replicated(a.txn);
	txn_free(a.txn);
	return e;
}
