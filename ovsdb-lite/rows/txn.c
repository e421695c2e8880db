/* A transaction's reads and writes, and the list of what changed.
 *
 * A touched row has a txn_row, found by the row's address. Changed columns of a committed
 * row live in its cells, those of a new row in the row itself, which is in no table yet.
 * Nothing here touches what readers of the committed see. Beside it: txn_commit.c makes
 * it theirs. */
#include "ovsdb-lite/rows/txn_private.h"

#include "lib/alloc.h"
#include "lib/arena.h"
#include "lib/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct txn *txn_new(struct db *db, const struct txn_origin *origin)
{
	struct txn *t = xcalloc(1, sizeof(*t));

	t->db = db;
	t->origin = *origin;
	t->arena = arena_new();
	t->tables = xcalloc(db->schema->n_tables ? db->schema->n_tables : 1,
			    sizeof(*t->tables));
	return t;
}

/* The row itself may be gone (a replica's, deleted by a later transaction): it is only
 * looked at where this transaction owns it. */
static void txn_row_clear(struct txn_row *tr)
{
	bool owns_row = tr->is_new ? tr->is_deleted || !tr->is_swapped
				   : tr->is_deleted && tr->is_swapped;

	for (size_t i = 0; tr->cells && i < tr->table->schema->n_columns; i++) {
		if (tr->cells[i].is_set)
			datum_clear(&tr->cells[i].datum,
				    &tr->table->schema->columns[i].type);
	}
	if (owns_row)
		row_free(tr->row);
}

void txn_free(struct txn *t)
{
	if (!t)
		return;
	txn_index_clear(t);
	for (size_t i = 0; i < t->db->schema->n_tables; i++)
		hash_index_clear(&t->tables[i].inserted_by_uuid);
	hash_index_clear(&t->by_row);
	for (struct txn_row *tr = t->rows; tr; tr = tr->next)
		txn_row_clear(tr);
	arena_free(t->arena);
	free(t->tables);
	buffer_clear(&t->comment);
	free(t);
}

struct db *txn_db(const struct txn *t)
{
	return t->db;
}

const struct txn_origin *txn_origin(const struct txn *t)
{
	return &t->origin;
}

void txn_add_comment(struct txn *t, const char *comment)
{
	size_t n = strlen(comment);

	if (t->comment.data)
		buffer_putc(&t->comment, '\n');
	buffer_put(&t->comment, comment, n);
	text_make_plain(t->comment.data + t->comment.n - n, n);
}

const char *txn_comment(const struct txn *t)
{
	return t->comment.n ? t->comment.data : "";
}

struct txn_row *txn_row_find(const struct txn *t, const struct row *r)
{
	struct hash_walk w = hash_walk_begin(&t->by_row, hash_pointer(r));
	struct txn_row *tr;

	while ((tr = hash_walk_next(&w)) && tr->row != r)
		;
	return tr;
}

struct txn_row *txn_row_get(struct txn *t, struct row *r)
{
	struct txn_row *tr = txn_row_find(t, r);

	if (!tr) {
		tr = arena_alloc(t->arena, sizeof(*tr));
		tr->row = r;
		tr->table = r->table;
		if (t->last_row)
			t->last_row->next = tr;
		else
			t->rows = tr;
		t->last_row = tr;
		hash_index_add(&t->by_row, tr, hash_pointer(r));
	}
	return tr;
}

struct txn_cell *txn_row_cells(struct txn *t, struct txn_row *tr)
{
	if (!tr->cells)
		tr->cells = arena_array(t->arena, tr->table->schema->n_columns,
					sizeof(*tr->cells));
	return tr->cells;
}

struct table *txn_table_of(const struct txn *t, const struct table_schema *ts)
{
	return &t->db->tables[ts->index];
}

/* A row that was inserted and deleted again gives its UUID to another one. */
static void forget_inserted(struct txn_table *tt, struct row *r)
{
	DL_DELETE(tt->inserted, r);
	hash_index_remove(&tt->inserted_by_uuid, r, uuid_hash(&r->uuid));
}

/* As ovsdb-server words it, which scripts look for; its "syntax" is the UUID. */
static struct err *duplicate_uuid(const struct uuid *uuid)
{
	char text[UUID_TEXT_BYTES];

	return err_at(err_new(ERR_DUPLICATE_UUID,
			      "This UUID would duplicate a UUID already present within "
			      "the table or deleted within the same transaction."),
		      "\"%s\"", uuid_format(uuid, text));
}

struct err *txn_insert(struct txn *t, struct table *table, const struct uuid *uuid,
		       struct row **ret_row)
{
	struct txn_table *tt = &t->tables[table->schema->index];
	struct uuid fresh = uuid ? *uuid : uuid_random();
	struct row *r;
	struct txn_row *tr;

	/* Also where this transaction deleted it: observers tell rows apart by UUID. */
	r = row_find(&tt->inserted_by_uuid, &fresh);
	if (table_find(table, &fresh) || (r && !txn_row_is_deleted(t, r)))
		return duplicate_uuid(&fresh);
	if (r)
		forget_inserted(tt, r);
	r = row_new(table, &fresh);
	DL_APPEND(tt->inserted, r);
	hash_index_add(&tt->inserted_by_uuid, r, uuid_hash(&fresh));
	tr = txn_row_get(t, r);
	tr->is_new = true;
	txn_index_mark_stale(t, tr);
	*ret_row = r;
	return NULL;
}

static void drop_cell(struct txn_row *tr, const struct column_schema *c)
{
	struct txn_cell *cell = &tr->cells[c->index];

	datum_clear(&cell->datum, &c->type);
	cell->is_set = false;
	tr->n_set--;
}

void txn_delete(struct txn *t, struct row *r)
{
	struct txn_row *tr = txn_row_get(t, r);

	for (size_t i = 0; tr->n_set && i < tr->table->schema->n_columns; i++) {
		if (tr->cells[i].is_set)
			drop_cell(tr, &tr->table->schema->columns[i]);
	}
	tr->is_deleted = true;
	txn_index_mark_stale(t, tr);
}

const struct datum *txn_get(const struct txn *t, const struct row *r,
			    const struct column_schema *c)
{
	const struct txn_row *tr = txn_row_find(t, r);

	if (tr && tr->n_set && !tr->is_swapped && tr->cells[c->index].is_set)
		return &tr->cells[c->index].datum;
	return row_get(r, c);
}

void txn_set(struct txn *t, struct row *r, const struct column_schema *c, struct datum *d)
{
	struct txn_row *tr = txn_row_get(t, r);

	assert(!tr->is_deleted && !tr->is_swapped);
	if (r->table->is_indexed[c->index])
		txn_index_mark_stale(t, tr);
	if (tr->is_new) {
		datum_swap(&r->fields[c->index], d);
	} else if (datum_equals(&r->fields[c->index], d, &c->type)) {
		if (tr->n_set && tr->cells[c->index].is_set)
			drop_cell(tr, c);
	} else {
		struct txn_cell *cell = &txn_row_cells(t, tr)[c->index];

		if (!cell->is_set) {
			datum_init_empty(&cell->datum);
			cell->is_set = true;
			tr->n_set++;
		}
		datum_swap(&cell->datum, d);
	}
	datum_clear(d, &c->type);
	datum_init_empty(d);
}

struct row *txn_find(const struct txn *t, const struct table *table,
		     const struct uuid *uuid)
{
	struct row *r = table_find(table, uuid);

	if (!r)
		r = row_find(&t->tables[table->schema->index].inserted_by_uuid, uuid);
	return r && !txn_row_is_deleted(t, r) ? r : NULL;
}

bool txn_row_is_deleted(const struct txn *t, const struct row *r)
{
	const struct txn_row *tr = txn_row_find(t, r);

	return tr && tr->is_deleted;
}

/* The first that is not deleted, from 'r' on: committed rows, then inserted ones. */
static struct row *first_living(const struct txn *t, const struct table *table,
				struct row *r, bool is_inserted)
{
	while (true) {
		for (; r; r = r->next) {
			if (!txn_row_is_deleted(t, r))
				return r;
		}
		if (is_inserted)
			return NULL;
		r = t->tables[table->schema->index].inserted;
		is_inserted = true;
	}
}

struct row *txn_first(const struct txn *t, const struct table *table)
{
	return first_living(t, table, table_first(table), false);
}

struct row *txn_next(const struct txn *t, const struct table *table, const struct row *r)
{
	const struct txn_row *tr = txn_row_find(t, r);

	return first_living(t, table, r->next, tr && tr->is_new && !tr->is_swapped);
}

size_t txn_scan_length(const struct txn *t, const struct table *table)
{
	return table_count(table) + t->tables[table->schema->index].inserted_by_uuid.n;
}

bool txn_row_change(const struct txn_row *tr, enum change_kind *ret_kind)
{
	if (tr->is_deleted && tr->is_new)
		return false;
	if (!tr->is_deleted && !tr->is_new && !tr->n_set)
		return false;
	*ret_kind = tr->is_deleted ? CHANGE_DELETE
		    : tr->is_new   ? CHANGE_INSERT
				   : CHANGE_UPDATE;
	return true;
}

const struct datum *txn_row_old(const struct txn_row *tr, const struct column_schema *c)
{
	if (tr->is_new)
		return NULL;
	if (tr->is_swapped && tr->n_set && tr->cells[c->index].is_set)
		return &tr->cells[c->index].datum;
	return &tr->row->fields[c->index];
}

const struct datum *txn_row_new(const struct txn_row *tr, const struct column_schema *c)
{
	if (tr->is_deleted)
		return NULL;
	if (!tr->is_swapped && tr->n_set && tr->cells[c->index].is_set)
		return &tr->cells[c->index].datum;
	return &tr->row->fields[c->index];
}

static const struct txn_row *change_row(const struct change *c)
{
	return c->private_;
}

bool txn_next_change(const struct txn *t, struct change *c)
{
	struct txn_row *tr = c->private_;

	for (tr = tr ? tr->next : t->rows; tr; tr = tr->next) {
		if (!txn_row_change(tr, &c->kind))
			continue;
		c->private_ = tr;
		c->row = tr->row;
		c->table = tr->table;
		return true;
	}
	return false;
}

bool txn_is_empty(const struct txn *t)
{
	struct change c = {0};

	return !txn_next_change(t, &c);
}

const struct datum *change_old(const struct change *c, const struct column_schema *column)
{
	return txn_row_old(change_row(c), column);
}

const struct datum *change_new(const struct change *c, const struct column_schema *column)
{
	return txn_row_new(change_row(c), column);
}

bool change_is_changed(const struct change *c, const struct column_schema *column)
{
	const struct txn_row *tr = change_row(c);

	return c->kind != CHANGE_UPDATE || tr->cells[column->index].is_set;
}

const struct uuid *change_old_version(const struct change *c)
{
	const struct txn_row *tr = change_row(c);

	if (c->kind == CHANGE_INSERT)
		return NULL;
	return c->kind == CHANGE_UPDATE && tr->is_swapped ? &tr->version
							  : &tr->row->version;
}

bool change_is_persistent(const struct change *c)
{
	const struct txn_row *tr = change_row(c);
	const struct table_schema *ts = tr->table->schema;

	if (!tr->table->is_stored)
		return false;
	for (size_t i = 0; c->kind == CHANGE_UPDATE && i < ts->n_columns; i++) {
		if (tr->cells[i].is_set && !ts->columns[i].ephemeral)
			return true;
	}
	return c->kind != CHANGE_UPDATE;
}
