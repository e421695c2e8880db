/* The last pass of integrity: no two rows have equal values in an index's columns (RFC
 * 7047 3.2 "indexes"). Only the state after the transaction counts: two rows may swap
 * their names. */
#include "ovsdb-lite/rows/txn_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_fields.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* By all of their values, so that the message is the same in every run. */
static int row_cmp(const struct txn *t, const struct row *a, const struct row *b)
{
	const struct table_schema *ts = a->table->schema;

	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];
		int cmp = datum_cmp(txn_get(t, a, c), txn_get(t, b, c), &c->type);

		if (cmp)
			return cmp;
	}
	return uuid_cmp(&a->uuid, &b->uuid);
}

/* An <id> without quotes, every other value as JSON, the empty one as []. Owned by the
 * caller. */
static char *value_text(const struct datum *d, const struct column_type *t)
{
	struct json_object *json = datum_to_json(d, t);
	char *text;

	if (json_kind(json) == JSON_STRING && json_is_id(json_get_string(json)))
		text = xstrdup(json_get_string(json));
	else
		text = d->n ? json_text(json) : xstrdup("[]");
	json_free(json);
	return text;
}

/* The text before item 'i' of 'n': "a", "a and b", "a, b, and c". */
static const char *list_separator(size_t i, size_t n)
{
	if (!i)
		return "";
	if (i + 1 < n)
		return ", ";
	return n == 2 ? " and " : ", and ";
}

static void print_values(FILE *out, const struct index_schema *x,
			 const struct datum *const *key)
{
	for (size_t i = 0; i < x->n_columns; i++) {
		CLEANUP(freep) char *value = value_text(key[i], &x->columns[i]->type);

		fprintf(out, "%s%s", list_separator(i, x->n_columns), value);
	}
}

static void print_columns(FILE *out, const struct index_schema *x)
{
	fputs(x->n_columns == 1 ? "column " : "columns ", out);
	for (size_t i = 0; i < x->n_columns; i++)
		fprintf(out, "%s\"%s\"", list_separator(i, x->n_columns),
			x->columns[i]->name);
}

static void print_old_values(FILE *out, const struct index_schema *x,
			     const struct txn_row *tr)
{
	CLEANUP(freep) const struct datum **key = xcalloc(x->n_columns, sizeof(*key));

	for (size_t i = 0; i < x->n_columns; i++)
		key[i] = txn_row_old(tr, x->columns[i]);
	print_values(out, x, key);
}

static bool is_key_changed(const struct txn_row *tr, const struct index_schema *x)
{
	for (size_t i = 0; i < x->n_columns; i++) {
		if (txn_row_old(tr, x->columns[i]) != txn_row_new(tr, x->columns[i]))
			return true;
	}
	return false;
}

static void print_row(FILE *out, const struct txn *t, const char *which,
		      const struct row *r, const struct index_schema *x)
{
	const struct txn_row *tr = txn_row_find(t, r);
	char uuid[UUID_TEXT_BYTES];

	fprintf(out, "  %s row, with UUID %s, ", which, uuid_format(&r->uuid, uuid));
	if (tr && tr->is_new) {
		fputs("was inserted by this transaction.", out);
	} else if (!tr || !tr->n_set) {
		fputs("existed in the database before this transaction and was not "
		      "modified by the transaction.",
		      out);
	} else if (!is_key_changed(tr, x)) {
		fputs("existed in the database before this transaction, which modified "
		      "some of the row's columns but not any columns in this index.",
		      out);
	} else {
		fputs("had the following index values before the transaction: ", out);
		print_old_values(out, x, tr);
		fputc('.', out);
	}
}

/* In the words of ovsdb-server, which scripts match. */
static struct err *duplicate(const struct txn *t, const struct row *a,
			     const struct row *b, const struct index_schema *x,
			     const struct datum *const *key)
{
	bool is_a_first = row_cmp(t, a, b) <= 0;
	CLEANUP(freep) char *text = NULL;
	size_t n_bytes;
	FILE *out = open_memstream(&text, &n_bytes);

	assert(a != b && a->table == b->table);
	if (!out)
		abort(); /* out of memory, as in lib/alloc.h */
	fprintf(out,
		"Transaction causes multiple rows in \"%s\" table to have identical "
		"values (",
		a->table->schema->name);
	print_values(out, x, key);
	fputs(") for index on ", out);
	print_columns(out, x);
	fputc('.', out);
	print_row(out, t, "First", is_a_first ? a : b, x);
	print_row(out, t, "Second", is_a_first ? b : a, x);
	fclose(out);
	return err_new(ERR_CONSTRAINT, "%s", text);
}

/* A row, and the first other row found with the same key. */
struct twins {
	const struct row *row, *other;
};

static void note_other(void *aux, struct row *r)
{
	struct twins *twins = aux;

	if (r != twins->row && !twins->other)
		twins->other = r;
}

static struct err *check_row(struct txn *t, const struct txn_row *tr)
{
	const struct table_schema *ts = tr->table->schema;

	assert(!tr->is_deleted && !tr->is_swapped);
	for (size_t i = 0; i < ts->n_indexes; i++) {
		const struct index_schema *x = &ts->indexes[i];
		CLEANUP(freep)
		const struct datum **key = xcalloc(x->n_columns, sizeof(*key));
		struct twins twins = {.row = tr->row};

		for (size_t j = 0; j < x->n_columns; j++)
			key[j] = txn_row_new(tr, x->columns[j]);
		txn_for_each_by_index(t, tr->table, i, key, note_other, &twins);
		if (txn_is_exhausted(t))
			return err_new(
				ERR_RESOURCES,
				"too many rows of table %s would have equal values "
				"in an index",
				ts->name);
		if (twins.other)
			return duplicate(t, tr->row, twins.other, x, key);
	}
	return NULL;
}

struct err *integrity_check_indexes(struct txn *t)
{
	struct err *e = NULL;

	assert(!t->is_recount_due); /* nothing changes rows after this pass */
	for (const struct txn_row *tr = t->rows; !e && tr; tr = tr->next) {
		if (!tr->is_deleted && (tr->is_new || txn_row_is_reindexed(tr)))
			e = check_row(t, tr);
	}
	return e;
}
