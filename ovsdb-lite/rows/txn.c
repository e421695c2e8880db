/* A transaction's reads and writes. Readers of committed rows do not see its writes. */
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

void txn_free(struct txn *t)
{
	if (!t || t->is_kept)
		return;
	txn_index_clear(t);
	for (size_t i = 0; i < t->db->schema->n_tables; i++)
		row_hash_clear(&t->tables[i].inserted_by_uuid);
	row_hash_clear(&t->by_row);
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

struct table *txn_table_of(const struct txn *t, const struct table_schema *ts)
{
	struct table *table = &t->db->tables[ts->index];

	assert(ts->index < t->db->schema->n_tables && table->schema == ts);
	return table;
}

/* A row that was inserted and deleted again frees its UUID for another row. */
static void forget_inserted(struct txn_table *tt, struct row *r)
{
	DL_DELETE(tt->inserted, r);
	row_hash_remove(&tt->inserted_by_uuid, r, uuid_hash(&r->uuid));
}

/* In the words of ovsdb-server, which scripts match; its "syntax" is the UUID. */
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

	assert(table->db == t->db);
	/* A committed row that this transaction deletes counts too: observers identify
	 * rows by UUID. */
	r = row_find(&tt->inserted_by_uuid, &fresh);
	if (table_find(table, &fresh) || (r && !txn_row_is_deleted(t, r)))
		return duplicate_uuid(&fresh);
	if (r)
		forget_inserted(tt, r);
	r = row_new(table, &fresh);
	DL_APPEND(tt->inserted, r);
	row_hash_add(&tt->inserted_by_uuid, r, uuid_hash(&fresh));
	tr = txn_row_get(t, r);
	assert(!tr->is_deleted && !tr->n_set);
	tr->is_new = true;
	txn_index_mark_stale(t, tr);
	*ret_row = r;
	return NULL;
}

static void drop_cell(struct txn_row *tr, const struct column_schema *c)
{
	struct txn_cell *cell = &tr->cells[c->index];

	assert(tr->n_set && cell->is_set);
	datum_clear(&cell->datum, &c->type);
	cell->is_set = false;
	tr->n_set--;
}

void txn_delete(struct txn *t, struct row *r)
{
	struct txn_row *tr = txn_row_get(t, r);

	assert(!tr->is_swapped);
	for (size_t i = 0; tr->n_set && i < tr->table->schema->n_columns; i++) {
		if (tr->cells[i].is_set)
			drop_cell(tr, &tr->table->schema->columns[i]);
	}
	assert(!tr->n_set);
	tr->is_deleted = true;
	txn_index_mark_stale(t, tr);
}

void txn_set(struct txn *t, struct row *r, const struct column_schema *c, struct datum *d)
{
	struct txn_row *tr = txn_row_get(t, r);

	assert(!tr->is_deleted && !tr->is_swapped);
	assert(c == &r->table->schema->columns[c->index]);
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
			cell->is_set = true;
			tr->n_set++;
		}
		datum_swap(&cell->datum, d);
	}
	datum_clear(d, &c->type);
}

struct row *txn_find(const struct txn *t, const struct table *table,
		     const struct uuid *uuid)
{
	struct row *r = table_find(table, uuid);

	assert(table->db == t->db);
	if (!r)
		r = row_find(&t->tables[table->schema->index].inserted_by_uuid, uuid);
	return r && !txn_row_is_deleted(t, r) ? r : NULL;
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
