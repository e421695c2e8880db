/* Mutations: mutations_from_json(), mutation_apply(), and the `mutate` operation.
 *
 * Input: a row of fuzz_every_type, then lists of mutations, which build on each other.
 * Laws: what a mutation leaves fits its column, or it is an error; to insert or to delete
 * a second time changes nothing; `mutate` does the same to the row, or nothing at all. */
#include "fuzz.h"

#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/values/mutation.h"

#include <stdlib.h>
#include <string.h>

static void copy_row(struct datum *copies, const struct row *r)
{
	const struct table_schema *ts = table_schema(row_table(r));

	for (size_t i = 0; i < ts->n_columns; i++)
		datum_copy(&copies[i], row_get(r, &ts->columns[i]), &ts->columns[i].type);
}

static void clear_copies(struct datum *copies, const struct table_schema *ts)
{
	for (size_t i = 0; i < ts->n_columns; i++)
		datum_clear(&copies[i], &ts->columns[i].type);
}

static bool row_is(const struct row *r, const struct datum *copies)
{
	const struct table_schema *ts = table_schema(row_table(r));

	for (size_t i = 0; i < ts->n_columns; i++) {
		if (!datum_equals(row_get(r, &ts->columns[i]), &copies[i],
				  &ts->columns[i].type))
			return false;
	}
	return true;
}

/* 'd' is what mutation number 'i' has left. */
static void check_result(const struct mutations *m, size_t i, const char *mutator,
			 const struct datum *d)
{
	const struct column_type *t = &mutation_column(m, i)->type;
	struct datum again;

	fuzz_must(datum_check(d, t));
	for (uint32_t k = 1; k < d->n; k++)
		LAW(atom_cmp(&datum_keys(d)[k - 1], &datum_keys(d)[k], t->key.type) < 0);
	if (strcmp(mutator, "insert") && strcmp(mutator, "delete"))
		return;
	datum_copy(&again, d, t);
	fuzz_must(mutation_apply(m, i, &again));
	LAW(datum_equals(d, &again, t));
	datum_clear(&again, t);
}

/* False if one of them is an error. */
static bool apply(struct datum *copies, const struct table_schema *ts,
		  const struct json_object *json)
{
	struct mutations *m;
	bool is_good = true;

	if (!fuzz_ok(mutations_from_json(ts, json, NULL, &m)))
		return false;
	for (size_t i = 0; is_good && i < mutations_count(m); i++) {
		struct datum *d = &copies[mutation_column(m, i)->index];

		is_good = fuzz_ok(mutation_apply(m, i, d));
		if (is_good)
			check_result(m, i, json_get_string(json_at(json_at(json, i), 1)),
				     d);
	}
	mutations_free(m);
	return is_good;
}

/* True if it went well. */
static bool mutate(struct db *db, const struct json_object *mutations)
{
	struct json_object *operations =
		fuzz_json("[{'op': 'mutate', 'table': 'R', 'where': []}]");
	struct json_object *reply;
	bool is_good;

	json_put(json_at(operations, 0), "mutations", json_clone(mutations));
	reply = fuzz_transact(db, operations);
	is_good = fuzz_succeeded(reply);
	json_free(reply);
	return is_good;
}

static void check_mutations(struct db *db, const struct row *r,
			    const struct json_object *json)
{
	const struct table_schema *ts = table_schema(row_table(r));
	CLEANUP(freep) struct datum *copies = xcalloc(ts->n_columns, sizeof(*copies));
	CLEANUP(freep) char *before = fuzz_dump(db, true), *after = NULL;
	bool is_good;

	copy_row(copies, r);
	is_good = apply(copies, ts, json);
	LAW(mutate(db, json) == is_good);
	after = fuzz_dump(db, true);
	LAW(is_good ? row_is(r, copies) : !strcmp(before, after));
	clear_copies(copies, ts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct fuzz_input in = {(const char *)data, n};
	struct json_object *json = fuzz_next(&in);
	struct db *db = fuzz_db_every_type();
	const struct row *r = json ? fuzz_insert(db, json) : NULL;

	while (r && json) {
		json_free(json);
		json = fuzz_next(&in);
		if (json)
			check_mutations(db, r, json);
	}
	json_free(json);
	db_close(db);
	return 0;
}
