/* How a transaction ends: the passes in their order, the file, then the memory, then
 * those who want to know. Whatever fails before the memory is touched leaves no trace.
 * Beside it: integrity.c has the passes, store.c the file. */
#include "ovsdb-lite/rows/txn_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/history/history_private.h"
#include "ovsdb-lite/store/store.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

struct err *integrity_check(struct txn *t)
{
	struct err *e;

	do {
		t->is_recount_due = false;
		e = integrity_count_references(t);
		if (e)
			return e;
		integrity_collect_garbage(t);
		e = integrity_check_max_rows(t);
		if (!e)
			e = integrity_clean_weak_references(t);
	} while (!e && t->is_recount_due);
	return e ? e : integrity_check_indexes(t);
}

static void renew_versions(struct txn *t)
{
	enum change_kind kind;

	for (struct txn_row *tr = t->rows; tr; tr = tr->next) {
		if (txn_row_change(tr, &kind) && kind == CHANGE_UPDATE)
			tr->version = uuid_random();
	}
}

static struct err *validate(struct txn *t)
{
	if (!t->db->validator || txn_is_empty(t))
		return NULL;
	return t->db->validator(t->db->validator_aux, t);
}

struct err *txn_check(struct txn *t)
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

/* A transaction of ephemeral columns only does not reach the file. */
static struct err *write_to_store(const struct txn *t, bool *ret_is_persistent)
{
	struct store *s = t->db->store;
	bool is_begun = false;
	struct err *e = NULL;

	*ret_is_persistent = false;
	if (!s)
		return NULL;
	TXN_FOR_EACH_CHANGE (c, t) {
		if (e || !change_is_persistent(&c))
			continue;
		if (!is_begun) {
			e = store_begin(s);
			if (e)
				return e;
			is_begun = true;
		}
		e = write_change(s, &c);
	}
	if (!is_begun)
		return NULL;
	if (!e)
		e = history_write(t->db, t);
	if (e) {
		store_rollback(s);
		return e;
	}
	*ret_is_persistent = true;
	return store_commit(s);
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

/* Who deletes on a full disk makes room, and gets some for that. */
static struct err *write_even_if_full(const struct txn *t, bool *ret_is_persistent)
{
	struct err *e = write_to_store(t, ret_is_persistent);

	if (!e || e->sys_errno != ENOSPC || !only_deletes(t) ||
	    !store_reserve_use(t->db->store))
		return e;
	err_free(e);
	e = write_to_store(t, ret_is_persistent);
	store_checkpoint(t->db->store);
	return e;
}

static void swap_cells(struct txn_row *tr)
{
	struct uuid version = tr->row->version;
	bool is_reindexed = txn_row_is_reindexed(tr);

	if (is_reindexed)
		table_unindex(tr->table, tr->row);
	for (size_t i = 0; i < tr->table->schema->n_columns; i++) {
		if (tr->cells[i].is_set)
			datum_swap(&tr->cells[i].datum, &tr->row->fields[i]);
	}
	if (is_reindexed)
		table_reindex(tr->table, tr->row);
	tr->row->version = tr->version;
	tr->version = version;
}

void txn_swap(struct txn *t)
{
	enum change_kind kind;

	for (struct txn_row *tr = t->rows; tr; tr = tr->next) {
		struct txn_table *tt = &t->tables[tr->table->schema->index];

		tr->row->n_refs += (uint64_t)tr->ref_delta;
		if (!txn_row_change(tr, &kind))
			continue;
		switch (kind) {
		case CHANGE_INSERT:
			DL_DELETE(tt->inserted, tr->row);
			table_add(tr->table, tr->row);
			break;
		case CHANGE_UPDATE:
			swap_cells(tr);
			break;
		case CHANGE_DELETE:
			table_remove(tr->table, tr->row);
			break;
		}
		tr->is_swapped = true;
	}
}

struct err *txn_commit(struct txn *t)
{
	bool is_persistent = false;
	struct err *e;

	assert(!t->db->is_replica);
	e = integrity_check(t);
	if (e || txn_is_empty(t))
		return e;
	renew_versions(t);
	e = validate(t);
	if (!e)
		e = write_even_if_full(t, &is_persistent);
	if (e)
		return e;
	integrity_update_weak_refs(t);
	txn_swap(t);
	history_advance(t->db, t, is_persistent);
	db_tell_observers(t->db, t);
	return NULL;
}

struct err *txn_commit_replicated(struct txn *t)
{
	assert(!t->db->store);
	t->db->is_replica = true;
	if (txn_is_empty(t))
		return NULL;
	renew_versions(t);
	txn_swap(t);
	db_tell_observers(t->db, t);
	return NULL;
}
