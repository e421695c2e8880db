/* The last pass of integrity: no two rows with equal values in an index's columns (RFC
 * 7047 3.2 "indexes"), judged on the state that the transaction leaves: swapping two
 * rows' names is legal. */
#include "ovsdb-lite/txn_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json.h"

#include <stdlib.h>

/* By all of their values, so that the sentence is the same in every run. */
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

/* "name=eth0 netns=lab7", in the order of the index. Owned by the caller. */
static char *key_text(const struct index_schema *x, const struct datum *const *key)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < x->n_columns; i++) {
		const struct column_schema *c = x->columns[i];
		struct json_object *json = datum_to_json(key[i], &c->type);
		CLEANUP(freep) char *value = json_text(json);
		CLEANUP(freep) char *before = text;

		text = xasprintf("%s%s%s=%s", before, i ? " " : "", c->name, value);
		json_free(json);
	}
	return text;
}

static const char *row_origin(const struct txn *t, const struct row *r)
{
	const struct txn_row *tr = txn_row_find(t, r);

	if (tr && tr->is_new)
		return "inserted by this transaction";
	return tr && tr->n_set ? "changed by this transaction" : "there before";
}

static struct err *duplicate(const struct txn *t, const struct row *a,
			     const struct row *b, const struct index_schema *x,
			     const struct datum *const *key)
{
	bool is_a_first = row_cmp(t, a, b) <= 0;
	const struct row *first = is_a_first ? a : b, *second = is_a_first ? b : a;
	char first_text[UUID_TEXT_BYTES], second_text[UUID_TEXT_BYTES];
	CLEANUP(freep) char *values = key_text(x, key);

	return err_new(ERR_CONSTRAINT,
		       "table %s would have two rows with %s: %s (%s) and %s (%s)",
		       a->table->schema->name, values,
		       uuid_format(&first->uuid, first_text), row_origin(t, first),
		       uuid_format(&second->uuid, second_text), row_origin(t, second));
}

/* A row with the same key, and the first other one that was found. */
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

	for (size_t i = 0; i < ts->n_indexes; i++) {
		const struct index_schema *x = &ts->indexes[i];
		CLEANUP(freep)
		const struct datum **key = xcalloc(x->n_columns, sizeof(*key));
		struct twins twins = {.row = tr->row};

		for (size_t j = 0; j < x->n_columns; j++)
			key[j] = txn_row_new(tr, x->columns[j]);
		txn_for_each_by_index(t, tr->table, i, key, note_other, &twins);
		if (twins.other)
			return duplicate(t, tr->row, twins.other, x, key);
	}
	return NULL;
}

struct err *integrity_check_indexes(struct txn *t)
{
	struct err *e = NULL;

	for (const struct txn_row *tr = t->rows; !e && tr; tr = tr->next) {
		if (!tr->is_deleted && (tr->is_new || txn_row_is_reindexed(tr)))
			e = check_row(t, tr);
	}
	return e;
}
