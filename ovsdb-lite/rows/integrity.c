/* The integrity of a database by RFC 7047 3.2, as passes over a transaction before it is
 * committed: no strong reference to a missing row, no unreferenced row of a non-root
 * table, no table above maxRows, no weak reference to a missing row, no two rows with
 * equal columns of an index.
 *
 * Their errors have the words of ovsdb-server, which scripts match.
 *
 * The cost of each pass is proportional to what changed, not to the database. The passes
 * write only into the transaction (rows deleted, weak references dropped). */
#include "ovsdb-lite/rows/txn_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/rows/references.h"

#include <assert.h>
#include <stdlib.h>

#define FOR_EACH_COLUMN(c, ts)                                                           \
	for (const struct column_schema *c = (ts)->columns;                              \
	     c < (ts)->columns + (ts)->n_columns; c++)

/* The row and column that hold a reference; the 'aux' of the reference_fn below. */
struct referrer {
	struct txn *txn;
	struct txn_row *tr;
	const struct column_schema *column;
	bool is_dangling; /* result of note_if_dangling() */
};

static struct err *nonexistent(const struct referrer *from, const struct table_schema *to,
			       const struct uuid *uuid)
{
	char from_text[UUID_TEXT_BYTES], to_text[UUID_TEXT_BYTES];

	return err_new(
		ERR_REFERENTIAL,
		"Table %s column %s row %s references nonexistent row %s in table %s.",
		from->tr->table->schema->name, from->column->name,
		uuid_format(&from->tr->row->uuid, from_text), uuid_format(uuid, to_text),
		to->name);
}

/* Counts references to a row that this transaction deletes too, for
 * still_referenced(). */
static struct err *count_reference(void *aux, const struct table_schema *to,
				   const struct uuid *uuid, int delta)
{
	const struct referrer *from = aux;
	const struct table *table = txn_table_of(from->txn, to);
	struct row *target = txn_find(from->txn, table, uuid);

	assert(delta == 1 || delta == -1);
	if (!target)
		target = table_find(table, uuid);
	if (!target)
		return nonexistent(from, to, uuid);
	if (target != from->tr->row) /* a row cannot keep itself alive */
		txn_row_get(from->txn, target)->ref_delta += delta;
	return NULL;
}

/* Calls 'fn' for each reference of 'kind' that the row's change adds or removes. */
static struct err *diff_row(struct txn *t, struct txn_row *tr, enum ref_kind kind,
			    reference_fn *fn)
{
	struct err *e = NULL;

	FOR_EACH_COLUMN (c, tr->table->schema) {
		struct referrer from = {.txn = t, .tr = tr, .column = c};

		if (!e && references_in_column(c, kind))
			e = references_diff(c, kind, txn_row_old(tr, c),
					    txn_row_new(tr, c), fn, &from);
	}
	return e;
}

static uint64_t references_left(const struct txn_row *tr)
{
	assert(tr->ref_delta >= 0 || tr->row->n_refs >= (uint64_t)-tr->ref_delta);
	return tr->row->n_refs + (uint64_t)tr->ref_delta;
}

static struct err *still_referenced(const struct txn_row *tr)
{
	char text[UUID_TEXT_BYTES];

	return err_new(ERR_REFERENTIAL,
		       "cannot delete %s row %s because of %llu remaining reference(s)",
		       tr->table->schema->name, uuid_format(&tr->row->uuid, text),
		       (unsigned long long)references_left(tr));
}

static struct err *count_references(struct txn *t)
{
	enum change_kind kind;
	struct err *e = NULL;

	for (struct txn_row *tr = t->rows; tr; tr = tr->next)
		tr->ref_delta = 0;
	/* Targets of references are appended to the list; they have nothing to count. */
	for (struct txn_row *tr = t->rows; !e && tr; tr = tr->next) {
		if (txn_row_change(tr, &kind))
			e = diff_row(t, tr, REF_STRONG, count_reference);
	}
	for (struct txn_row *tr = t->rows; !e && tr; tr = tr->next) {
		if (tr->is_deleted && !tr->is_new && references_left(tr))
			e = still_referenced(tr);
	}
	return e;
}

/* Rows to delete; a row may be in 'rows' more than once. */
struct garbage {
	struct txn *txn;
	struct txn_row *collected; /* the row whose references are released */
	struct txn_row **rows;
	size_t n, cap;
};

static void note_if_garbage(struct garbage *g, struct txn_row *tr)
{
	if (tr->table->schema->is_root || tr->is_deleted || references_left(tr))
		return;
	g->rows = xgrow(g->rows, g->n, &g->cap, sizeof(g->rows[0]));
	g->rows[g->n++] = tr;
}

static struct err *release_reference(void *aux, const struct table_schema *to,
				     const struct uuid *uuid, int delta)
{
	struct garbage *g = aux;
	struct row *target = txn_find(g->txn, txn_table_of(g->txn, to), uuid);
	struct txn_row *tr;

	assert(delta == -1);
	if (!target || target == g->collected->row)
		return NULL;
	tr = txn_row_get(g->txn, target);
	tr->ref_delta += delta;
	note_if_garbage(g, tr);
	return NULL;
}

static void collect_row(struct garbage *g, struct txn_row *tr)
{
	assert(!tr->table->schema->is_root && !tr->is_deleted && !references_left(tr));
	g->collected = tr;
	FOR_EACH_COLUMN (c, tr->table->schema) {
		struct err *e;

		if (!references_in_column(c, REF_STRONG))
			continue;
		e = references_diff(c, REF_STRONG, txn_row_new(tr, c), NULL,
				    release_reference, g);
		assert(!e);
		err_free(e);
	}
	txn_delete(g->txn, tr->row);
}

static void collect_garbage(struct txn *t)
{
	struct garbage g = {.txn = t};

	for (struct txn_row *tr = t->rows; tr; tr = tr->next)
		note_if_garbage(&g, tr);
	while (g.n) {
		struct txn_row *tr = g.rows[--g.n];

		if (!tr->is_deleted)
			collect_row(&g, tr);
	}
	free(g.rows);
}

static struct err *check_max_rows(struct txn *t)
{
	const struct schema *s = t->db->schema;

	for (size_t i = 0; i < s->n_tables; i++)
		t->tables[i].n_rows_delta = 0;
	for (const struct txn_row *tr = t->rows; tr; tr = tr->next)
		t->tables[tr->table->schema->index].n_rows_delta +=
			(tr->is_new ? 1 : 0) - (tr->is_deleted ? 1 : 0);
	for (size_t i = 0; i < s->n_tables; i++) {
		uint64_t n = table_count(&t->db->tables[i]) +
			     (uint64_t)t->tables[i].n_rows_delta;

		assert((int64_t)n >= 0);
		if (n > s->tables[i].max_rows)
			return err_new(ERR_CONSTRAINT,
				       "transaction causes \"%s\" table to contain %llu "
				       "rows, greater than the schema-defined limit of "
				       "%llu row(s)",
				       s->tables[i].name, (unsigned long long)n,
				       (unsigned long long)s->tables[i].max_rows);
	}
	return NULL;
}

static bool row_is_missing(const struct txn *t, const struct base_type *type,
			   const union atom *a)
{
	return type->ref == REF_WEAK &&
	       !txn_find(t, txn_table_of(t, type->ref_table), &a->uuid);
}

static struct err *emptied(const struct txn_row *tr, const struct column_schema *c,
			   uint32_t n_missing)
{
	char text[UUID_TEXT_BYTES];

	return err_new(
		ERR_CONSTRAINT,
		"Deletion of %u weak reference(s) to deleted (or never-existing) rows "
		"from column \"%s\" in \"%s\" row %s%s caused this column to become "
		"empty, but constraints on this column disallow an empty column.",
		n_missing, c->name, tr->table->schema->name,
		uuid_format(&tr->row->uuid, text),
		tr->is_new ? " (inserted within this transaction)" : "");
}

/* Drops the elements of a column that refer weakly to rows which do not exist after the
 * transaction. */
static struct err *clean_column(struct txn *t, struct txn_row *tr,
				const struct column_schema *c)
{
	const struct datum *now = txn_row_new(tr, c);
	uint32_t n_missing;
	struct datum clean;
	struct err *e;

	assert(!tr->is_deleted && references_in_column(c, REF_WEAK));
	if (txn_row_cells(t, tr)[c->index].is_weak_clean)
		return NULL;
	tr->cells[c->index].is_weak_clean = true;

	datum_init_empty(&clean);
	for (uint32_t i = 0; i < now->n; i++) {
		const union atom *key = &datum_keys(now)[i];
		const union atom *value = c->type.is_map ? &datum_values(now)[i] : NULL;
		union atom value_copy;

		if (row_is_missing(t, &c->type.key, key) ||
		    (value && row_is_missing(t, &c->type.value, value)))
			continue;
		if (value)
			value_copy = atom_copy(value, c->type.value.type);
		datum_append(&clean, atom_copy(key, c->type.key.type),
			     value ? &value_copy : NULL);
	}
	assert(clean.n <= now->n);
	n_missing = now->n - clean.n;
	e = datum_sort(&clean, &c->type);
	if (!e && n_missing && clean.n < c->type.n_min)
		e = emptied(tr, c, n_missing);
	if (!e && n_missing) {
		txn_set(t, tr->row, c, &clean);
		t->is_recount_due |= references_in_column(c, REF_STRONG);
	}
	datum_clear(&clean, &c->type);
	return e;
}

static struct err *note_if_dangling(void *aux, const struct table_schema *to,
				    const struct uuid *uuid, int delta)
{
	struct referrer *from = aux;

	if (delta > 0 && !txn_find(from->txn, txn_table_of(from->txn, to), uuid))
		from->is_dangling = true;
	return NULL;
}

/* Cleans new references of a row that is not deleted. */
static struct err *clean_new_references(struct txn *t, struct txn_row *tr)
{
	struct err *e = NULL;

	FOR_EACH_COLUMN (c, tr->table->schema) {
		struct referrer from = {.txn = t, .tr = tr, .column = c};

		if (e || !references_in_column(c, REF_WEAK))
			continue;
		e = references_diff(c, REF_WEAK, txn_row_old(tr, c), txn_row_new(tr, c),
				    note_if_dangling, &from);
		if (!e && from.is_dangling)
			e = clean_column(t, tr, c);
	}
	return e;
}

/* Cleans references to a row that is deleted. */
static struct err *clean_references_to(struct txn *t, const struct row *target)
{
	struct err *e = NULL;

	for (const struct weak_ref *ref = target->weak_refs; !e && ref;
	     ref = ref->hh.next) {
		assert(ref->n);
		if (!txn_row_is_deleted(t, ref->key.source))
			e = clean_column(t, txn_row_get(t, ref->key.source),
					 ref->key.column);
	}
	return e;
}

static struct err *clean_weak_references(struct txn *t)
{
	enum change_kind kind;
	struct err *e = NULL;

	for (struct txn_row *tr = t->rows; tr; tr = tr->next) {
		for (size_t i = 0; tr->cells && i < tr->table->schema->n_columns; i++)
			tr->cells[i].is_weak_clean = false;
	}
	for (struct txn_row *tr = t->rows; !e && tr; tr = tr->next) {
		if (txn_row_change(tr, &kind))
			e = kind == CHANGE_DELETE ? clean_references_to(t, tr->row)
						  : clean_new_references(t, tr);
	}
	return e;
}

static struct err *count_weak_reference(void *aux, const struct table_schema *to,
					const struct uuid *uuid, int delta)
{
	const struct referrer *from = aux;
	const struct table *table = txn_table_of(from->txn, to);
	struct row *target = txn_find(from->txn, table, uuid);

	if (!target) /* deleted by this transaction */
		target = table_find(table, uuid);
	assert(target);
	if (delta > 0)
		weak_ref_add(target, from->tr->row, from->column);
	else
		weak_ref_remove(target, from->tr->row, from->column);
	return NULL;
}

void integrity_update_weak_refs(struct txn *t)
{
	enum change_kind kind;
	struct err *e = NULL;

	for (struct txn_row *tr = t->rows; tr; tr = tr->next) {
		if (txn_row_change(tr, &kind))
			e = diff_row(t, tr, REF_WEAK, count_weak_reference);
		assert(!e);
	}
	err_free(e);
}

struct err *integrity_check(struct txn *t)
{
	struct err *e;

	assert(!t->db->is_replica); /* its rows have no counts of references */
	/* Repeated if the pass for weak references dropped elements of a map that also
	 * hold strong references: further rows may be unreferenced then. */
	do {
		t->is_recount_due = false;
		/* 1. Strong references gained and lost are counted; each must have its
		 * row. */
		e = count_references(t);
		if (e)
			return e;
		/* 2. Rows of non-root tables without a reference are deleted. */
		collect_garbage(t);
		/* 3. No table has more rows than its maxRows. */
		e = check_max_rows(t);
		/* 4. Weak references to deleted rows are dropped. */
		if (!e)
			e = clean_weak_references(t);
	} while (!e && t->is_recount_due);
	/* 5. No two rows have equal columns of an index. */
	return e ? e : integrity_check_indexes(t);
}
