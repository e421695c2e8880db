/* A turn: several commits in one SQL transaction. Each changes the memory at once; if the
 * file then refuses them all, they are undone in the memory, the last one first. An undo
 * is a transaction like any other, but for the file: the passes count its references, and
 * the observers see it. */
#include "ovsdb-lite/db/db_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/history/history_private.h"
#include "ovsdb-lite/rows/txn_private.h"
#include "ovsdb-lite/store/store.h"

#include <assert.h>
#include <stdlib.h>

struct db_turn {
	struct txn **txns; /* committed in it, since its SQL transaction began */
	size_t n_txns, cap_txns;
	bool is_begun; /* the SQL transaction */
	struct err *error;
	struct history_mark mark; /* when it began */
};

void db_turn_begin(struct db *db)
{
	assert(!db->turn && db->store && !db->is_notifying);
	db->turn = xcalloc(1, sizeof(*db->turn));
}

bool db_turn_is_open(const struct db *db)
{
	return db->turn;
}

struct err *db_turn_write_begin(struct db *db)
{
	struct db_turn *turn = db->turn;
	struct err *e;

	if (turn->error)
		return err_copy(turn->error);
	if (turn->is_begun)
		return NULL;
	e = store_begin(db->store);
	if (e)
		return e;
	turn->is_begun = true;
	turn->mark = history_mark(db);
	return NULL;
}

void db_turn_fail(struct db *db, const struct err *e)
{
	if (!db->turn->error)
		db->turn->error = err_copy(e);
}

void db_turn_keep(struct txn *t)
{
	struct db_turn *turn = t->db->turn;

	/* What the file has no part in cannot be refused by it. */
	if (!turn->is_begun)
		return;
	assert(!t->is_kept);
	t->is_kept = true;
	turn->txns =
		xgrow(turn->txns, turn->n_txns, &turn->cap_txns, sizeof(*turn->txns));
	turn->txns[turn->n_txns++] = t;
}

static void set_old_values(struct txn *undo, struct row *r, const struct change *c)
{
	const struct table_schema *ts = table_schema(c->table);

	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *column = &ts->columns[i];
		struct datum old;

		if (!change_is_changed(c, column))
			continue;
		datum_copy(&old, change_old(c, column), &column->type);
		txn_set(undo, r, column, &old);
	}
}

static struct row *find_row(const struct change *c)
{
	/* Not c->row: a row that was deleted later in the turn is back as another one. */
	return table_find(c->table, row_uuid(c->row));
}

/* The inverse of 't', which was the last commit. */
static struct txn *inverse_of(const struct txn *t)
{
	static const struct txn_origin nobody = {.internal = true, .uid = -1, .pid = -1};
	struct txn *undo = txn_new(t->db, &nobody);
	struct err *e = NULL;

	TXN_FOR_EACH_CHANGE (c, t) {
		struct row *r = c.kind == CHANGE_DELETE ? NULL : find_row(&c);

		if (c.kind == CHANGE_INSERT) {
			txn_delete(undo, r);
			continue;
		}
		if (c.kind == CHANGE_DELETE)
			e = txn_insert(undo, &t->db->tables[table_schema(c.table)->index],
				       row_uuid(c.row), &r);
		assert(!e && r);
		set_old_values(undo, r, &c);
	}
	return undo;
}

/* The rows have the versions again that they had. */
static void set_old_versions(struct txn *undo, const struct txn *t)
{
	TXN_FOR_EACH_CHANGE (c, t) {
		struct row *r;

		if (c.kind == CHANGE_INSERT)
			continue;
		r = txn_find(undo, c.table, row_uuid(c.row));
		if (c.kind == CHANGE_DELETE)
			r->version = *change_old_version(&c);
		else
			txn_row_get(undo, r)->version = *change_old_version(&c);
	}
}

static void undo(const struct txn *t)
{
	struct txn *inverse = inverse_of(t);
	/* The rows before 't' had passed the same check. */
	struct err *e = integrity_check(inverse);

	assert(!e);
	err_free(e);
	if (!txn_is_empty(inverse)) {
		txn_renew_versions(inverse);
		set_old_versions(inverse, t);
		integrity_update_weak_refs(inverse);
		txn_swap(inverse);
		db_notify_observers(t->db, inverse);
	}
	txn_free(inverse);
}

static struct err *end(struct db *db, struct db_turn *turn)
{
	struct err *e = STEAL(turn->error);

	if (e)
		store_rollback(db->store);
	else
		e = store_commit(db->store);
	if (!e)
		return NULL;
	for (size_t i = turn->n_txns; i > 0; i--)
		undo(turn->txns[i - 1]);
	history_return(db, &turn->mark);
	return e;
}

struct err *db_turn_end(struct db *db)
{
	struct db_turn *turn = db->turn;
	struct err *e = turn->is_begun ? end(db, turn) : NULL;

	db->turn = NULL; /* for observers the undoing is part of the turn */
	for (size_t i = 0; i < turn->n_txns; i++) {
		turn->txns[i]->is_kept = false;
		txn_free(turn->txns[i]);
	}
	free(turn->txns);
	free(turn);
	return e;
}
