/* Loading the rows of the file into memory, and deleting rows from the file that only
 * ephemeral columns referred to. */
#include "ovsdb-lite/db/db_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/store/store.h"
#include "ovsdb-lite/store/store_history.h"
#include "ovsdb-lite/rows/txn_private.h"

static struct err *load_row(void *txn, const struct table_schema *ts,
			    const struct uuid *uuid, struct datum *fields)
{
	struct txn *t = txn;
	struct row *r;
	struct err *e = txn_insert(t, txn_table_of(t, ts), uuid, &r);

	for (size_t i = 0; i < ts->n_columns; i++) {
		if (!e)
			datum_swap(&r->fields[i], &fields[i]);
		datum_clear(&fields[i], &ts->columns[i].type);
	}
	if (!e)
		row_pack(r);
	return e;
}

static struct err *store_cleaned_row(struct store *s, const struct txn_row *tr)
{
	const struct table_schema *ts = tr->table->schema;
	CLEANUP(freep)
	const struct datum **fields = xcalloc(ts->n_columns, sizeof(*fields));

	if (tr->is_deleted)
		return store_delete(s, ts, &tr->row->uuid);
	for (size_t i = 0; i < ts->n_columns; i++) {
		if (tr->cells[i].is_weak_clean)
			fields[i] = &tr->row->fields[i];
	}
	return store_update(s, ts, &tr->row->uuid, fields);
}

/* References in ephemeral columns ended with the last process: rows that only they
 * referred to are deleted from the file too. Most files have none and are not written. */
static struct err *store_cleaned_rows(struct store *s, const struct txn *t)
{
	bool is_begun = false;
	struct err *e = NULL;

	for (const struct txn_row *tr = t->rows; !e && tr; tr = tr->next) {
		if (!tr->is_deleted && !tr->cells)
			continue;
		if (!is_begun)
			e = store_begin(s);
		if (e)
			return e;
		is_begun = true;
		e = store_cleaned_row(s, tr);
	}
	if (!is_begun)
		return NULL;
	if (!e)
		e = store_history_clear(s, "the restart deleted rows that only ephemeral "
					   "columns referred to");
	if (e) {
		store_rollback(s);
		return e;
	}
	return store_commit(s);
}

static struct err *contradiction(const struct db *db, struct err *cause)
{
	struct err *e = err_wrap(cause, "the rows of %s contradict its schema", db->path);

	e->code = ERR_DAMAGED;
	return err_hint(e,
			"correct them with sqlite3, or restore the file from a backup");
}

/* As one transaction that inserts them all, so that the passes of a commit check them. */
struct err *db_load(struct db *db)
{
	const struct txn_origin origin = {.internal = true, .uid = -1, .pid = -1};
	struct txn *t = txn_new(db, &origin);
	struct err *e = NULL;

	for (size_t i = 0; !e && i < db->schema->n_tables; i++)
		e = store_load(db->store, &db->schema->tables[i], load_row, t);
	if (!e) {
		e = integrity_check(t);
		if (e)
			e = contradiction(db, e);
	}
	if (!e && !store_is_read_only(db->store))
		e = store_cleaned_rows(db->store, t);
	if (!e) {
		integrity_update_weak_refs(t);
		txn_swap(t);
	}
	txn_free(t);
	return e;
}
