/* The commit of a transaction: integrity, validator, file, memory, observers. An error
 * before the memory is changed leaves nothing changed. */
#include "ovsdb-lite/db/db_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/history/history_private.h"
#include "ovsdb-lite/rows/txn_private.h"
#include "ovsdb-lite/store/store.h"

#include <assert.h>
#include <errno.h>

static struct err *validate(struct txn *t)
{
	if (!t->db->validator || txn_is_empty(t))
		return NULL;
	return t->db->validator(t->db->validator_aux, t);
}

struct err *db_commit_check(struct txn *t)
{
	struct err *e;

	assert(!t->db->is_replica);
	e = integrity_check(t);
	return e ? e : validate(t);
}

static struct err *write_change(struct store *s, const struct change *c)
{
	const struct table_schema *ts = table_schema(c->table);
	CLEANUP(freep) const struct datum **fields = NULL;

	if (c->kind == CHANGE_DELETE)
		return store_delete(s, ts, row_uuid(c->row));
	fields = xcalloc(ts->n_columns ? ts->n_columns : 1, sizeof(*fields));
	for (size_t i = 0; i < ts->n_columns; i++) {
		if (change_is_changed(c, &ts->columns[i]))
			fields[i] = change_new(c, &ts->columns[i]);
	}
	return c->kind == CHANGE_INSERT ? store_insert(s, ts, row_uuid(c->row), fields)
					: store_update(s, ts, row_uuid(c->row), fields);
}

static bool is_persistent(const struct txn *t)
{
	TXN_FOR_EACH_CHANGE (c, t) {
		if (change_is_persistent(&c))
			return true;
	}
	return false;
}

/* The rows and the history. */
static struct err *write_changes(const struct txn *t)
{
	struct err *e = NULL;

	TXN_FOR_EACH_CHANGE (c, t) {
		if (!e && change_is_persistent(&c))
			e = write_change(t->db->store, &c);
	}
	return e ? e : history_write(t->db, t);
}

static struct err *write_to_store(const struct txn *t)
{
	struct store *s = t->db->store;
	struct err *e = store_begin(s);

	if (e)
		return e;
	e = write_changes(t);
	if (!e)
		return store_commit(s);
	store_rollback(s);
	return e;
}

/* db_turn_end() commits it. */
static struct err *write_in_turn(const struct txn *t)
{
	struct err *e = db_turn_write_begin(t->db);

	if (e)
		return e;
	e = write_changes(t);
	if (e)
		db_turn_fail(t->db, e);
	return e;
}

static bool only_deletes(const struct txn *t)
{
	TXN_FOR_EACH_CHANGE (c, t) {
		if (c.kind == CHANGE_INSERT)
			return false;
	}
	TXN_FOR_EACH_CHANGE (c, t) {
		if (c.kind == CHANGE_DELETE)
			return true;
	}
	return false;
}

/* On a full disk a transaction that only deletes gets the space of the log, if all of that
 * can be moved into the file; if not, the reserved space. */
static struct err *write_even_if_full(const struct txn *t)
{
	struct err *e = write_to_store(t);

	if (!e || e->sys_errno != ENOSPC || !only_deletes(t))
		return e;
	err_free(e);
	store_checkpoint(t->db->store);
	e = write_to_store(t);
	if (e && e->sys_errno == ENOSPC && store_reserve_use(t->db->store)) {
		err_free(e);
		e = write_to_store(t);
	}
	store_checkpoint(t->db->store);
	return e;
}

/* Writes nothing if only ephemeral columns changed. */
static struct err *write(const struct txn *t, bool *ret_is_written)
{
	*ret_is_written = t->db->store && is_persistent(t);
	if (!*ret_is_written)
		return NULL;
	return t->db->turn ? write_in_turn(t) : write_even_if_full(t);
}

struct err *db_commit(struct txn *t)
{
	bool is_written = false;
	struct err *e;

	assert(!t->db->is_replica);
	/* References, garbage collection, maxRows, weak references, indexes:
	 * integrity.c. */
	e = integrity_check(t);
	if (e || txn_is_empty(t))
		return e;
	assert(!t->db->is_notifying); /* an observer must not commit */
	/* A new _version for each changed row. */
	txn_renew_versions(t);
	/* The rules of the program that owns the schema. */
	e = validate(t);
	/* The file: rows and history in one SQLite transaction. */
	if (!e)
		e = write(t, &is_written);
	if (e)
		return e;
	/* The memory: nothing can fail from here on. */
	integrity_update_weak_refs(t);
	txn_swap(t);
	history_advance(t->db, t, is_written);
	if (t->db->turn)
		db_turn_keep(t);
	/* The observers: monitors, the reconciler. */
	db_notify_observers(t->db, t);
	return NULL;
}

struct err *db_commit_replicated(struct txn *t)
{
	assert(!t->db->store);
	t->db->is_replica = true;
	if (txn_is_empty(t))
		return NULL;
	txn_renew_versions(t);
	txn_swap(t);
	db_notify_observers(t->db, t);
	return NULL;
}
