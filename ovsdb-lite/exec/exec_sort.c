/* The member "sort" of select, an extension of ovsdb-server to RFC 7047 5.2.2: a list of
 * columns by whose values the rows are ordered. */
#include "ovsdb-lite/exec/exec_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <stdlib.h>
#include <string.h>

struct sort_key {
	const struct column_schema *column; /* NULL: _version or else _uuid */
	bool is_version;
};

struct sort {
	const struct txn *txn;
	struct sort_key *keys;
	size_t n;
};

static int compare_by(const struct sort *s, const struct sort_key *key,
		      const struct row *a, const struct row *b)
{
	if (key->column)
		return datum_cmp(txn_get(s->txn, a, key->column),
				 txn_get(s->txn, b, key->column), &key->column->type);
	return key->is_version ? uuid_cmp(row_version(a), row_version(b))
			       : uuid_cmp(row_uuid(a), row_uuid(b));
}

static int compare_rows(const void *a, const void *b, void *sort)
{
	const struct row *const *left = a, *const *right = b;
	const struct sort *s = sort;
	int cmp = 0;

	for (size_t i = 0; !cmp && i < s->n; i++)
		cmp = compare_by(s, &s->keys[i], *left, *right);
	return cmp;
}

/* A comparison of two values, in units of exec_work.c. */
#define UNITS_COMPARE 3

/* The comparisons of a sort, at the mean weight of a row. */
static bool spend(struct exec *x, const struct sort *s, const struct exec_rows *rows)
{
	uint64_t weight = 0, log = 1;

	for (size_t n = rows->n; n > 1; n /= 2)
		log++;
	for (size_t i = 0; i < rows->n; i++) {
		for (size_t k = 0; k < s->n; k++) {
			const struct column_schema *c = s->keys[k].column;

			weight += c ? datum_weight(txn_get(x->txn, rows->rows[i], c),
						   &c->type)
				    : 1;
		}
	}
	return exec_spend_in_pass(x, weight * log * UNITS_COMPARE,
				  rows->n * log * UNITS_COMPARE);
}

struct err *exec_rows_sort(struct exec_rows *rows, struct exec *x,
			   const struct table *table, const struct json_object *columns)
{
	const struct table_schema *ts = table_schema(table);
	struct sort s = {.txn = x->txn, .n = json_get_length(columns)};
	struct projection p;
	struct err *e = projection_from_json(ts, columns, true, &p);

	if (e)
		return e;
	projection_clear(&p); /* the names are columns, once each */
	s.keys = xcalloc(s.n, sizeof(*s.keys));
	for (size_t i = 0; i < s.n; i++) {
		const char *name = json_get_string(json_at(columns, i));

		s.keys[i].column = table_schema_find(ts, name);
		s.keys[i].is_version = !strcmp(name, "_version");
	}
	if (!spend(x, &s, rows))
		e = exec_work_exhausted(x);
	else if (rows->n)
		qsort_r(rows->rows, rows->n, sizeof(rows->rows[0]), compare_rows, &s);
	free(s.keys);
	return e;
}
