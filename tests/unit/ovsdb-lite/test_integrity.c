/* Random transactions, each followed by a look at the whole database with no cleverness:
 * the counts of references, the index of weak references and those of columns must be
 * what a scan finds, and a transaction that fails must have changed nothing. Particular
 * cases are in tests/data/transact.json. */
#include "database.h"

#include "lib/alloc.h"
#include "ovsdb-lite/db/db_private.h"
#include "ovsdb-lite/rows/txn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char schema_text[] =
	"{'name': 'T', 'version': '1.0.0', 'tables': {"
	" 'R': {'isRoot': true, 'maxRows': 25, 'indexes': [['a', 'b']], 'columns': {"
	"  'a': {'type': 'integer'}, 'b': {'type': 'integer'},"
	"  'strong': {'type': {'key': {'type': 'uuid', 'refTable': 'N'}, 'min': 0, "
	"'max': 'unlimited'}},"
	"  'weak': {'type': {'key': {'type': 'uuid', 'refTable': 'R', 'refType': "
	"'weak'}, 'min': 0, 'max': 'unlimited'}}}},"
	" 'N': {'indexes': [['a']], 'columns': {"
	"  'a': {'type': 'integer'}, 'b': {'type': 'integer'},"
	"  'strong': {'type': {'key': {'type': 'uuid', 'refTable': 'N'}, 'min': 0, "
	"'max': 'unlimited'}},"
	"  'weak': {'type': {'key': {'type': 'uuid', 'refTable': 'N', 'refType': "
	"'weak'}, 'min': 0, 'max': 'unlimited'}},"
	"  'map': {'type': {'key': {'type': 'uuid', 'refTable': 'N'},"
	"          'value': {'type': 'uuid', 'refTable': 'R', 'refType': 'weak'}, 'min': "
	"0, 'max': 'unlimited'}}}}}}";

static uint32_t random_state = 1;

static uint32_t random_below(uint32_t n)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % n;
}

static struct row *random_row(const struct txn *t, const struct table *table)
{
	size_t n = 0;
	uint32_t wanted;

	TXN_FOR_EACH_ROW (r, t, table)
		n++;
	if (!n)
		return NULL;
	wanted = random_below((uint32_t)n);
	TXN_FOR_EACH_ROW (r, t, table) {
		if (!wanted--)
			return r;
	}
	return NULL;
}

/* Mostly that of a row of the table, sometimes of none. */
static struct uuid random_target(const struct txn *t, const struct table_schema *ts)
{
	const struct row *r = random_below(40)
				      ? random_row(t, db_table_at(txn_db(t), ts->index))
				      : NULL;

	return r ? *row_uuid(r) : uuid_random();
}

static void add_pair(struct datum *d, const struct column_type *type, struct txn *t)
{
	union atom key = {.uuid = random_target(t, type->key.ref_table)};
	union atom value;

	if (datum_find(d, &key, ATOM_UUID) >= 0)
		return;
	if (type->is_map)
		value.uuid = random_target(t, type->value.ref_table);
	datum_append(d, key, type->is_map ? &value : NULL);
	expect_ok(datum_sort(d, type));
}

static void set_random_column(struct txn *t, struct row *r)
{
	const struct table_schema *ts = table_schema(row_table(r));
	const struct column_schema *c =
		&ts->columns[random_below((uint32_t)ts->n_columns)];
	struct datum d;

	datum_init_empty(&d);
	if (c->type.key.type == ATOM_INTEGER)
		datum_set_integer(&d, &c->type, random_below(60));
	for (uint32_t i = random_below(4); c->type.key.type == ATOM_UUID && i; i--)
		add_pair(&d, &c->type, t);
	txn_set(t, r, c, &d);
}

static void do_something(struct txn *t)
{
	struct table *table = db_table(txn_db(t), random_below(3) ? "N" : "R");
	struct row *r = random_row(t, table);
	uint32_t what = random_below(10);

	if (what < 3 || !r) {
		expect_ok(txn_insert(t, table, NULL, &r));
		set_random_column(t, r);
		set_random_column(t, r);
	} else if (what == 3) {
		txn_delete(t, r);
	} else {
		set_random_column(t, r);
	}
}

/* How often 'target' is referred to, by a scan. */
static uint64_t count_references(const struct row *target, enum ref_kind kind,
				 const struct row *from,
				 const struct column_schema *column)
{
	const struct table_schema *to = table_schema(row_table(target));
	uint64_t n = 0;

	for (uint32_t i = 0; i < row_get(from, column)->n; i++) {
		const struct datum *d = row_get(from, column);
		const struct column_type *type = &column->type;

		if (type->key.ref == kind && type->key.ref_table == to &&
		    uuid_equals(&datum_keys(d)[i].uuid, row_uuid(target)))
			n++;
		if (type->is_map && type->value.ref == kind &&
		    type->value.ref_table == to &&
		    uuid_equals(&datum_values(d)[i].uuid, row_uuid(target)))
			n++;
	}
	return n;
}

static void check_references_to(struct db *db, struct row *target)
{
	uint64_t n_strong = 0, n_weak_keys = 0;

	for (unsigned int i = 0; i < db_schema(db)->n_tables; i++) {
		const struct table_schema *ts = &db_schema(db)->tables[i];

		TABLE_FOR_EACH (from, db_table_at(db, i)) {
			for (size_t j = 0; j < ts->n_columns; j++) {
				const struct column_schema *c = &ts->columns[j];
				struct weak_ref_key key = {.source = from, .column = c};
				uint64_t n_weak =
					count_references(target, REF_WEAK, from, c);
				struct weak_ref *ref;

				HASH_FIND(hh, target->weak_refs, &key, sizeof(key), ref);
				assert_int_equal(n_weak, ref ? ref->n : 0);
				n_weak_keys += n_weak ? 1 : 0;
				if (from != target)
					n_strong += count_references(target, REF_STRONG,
								     from, c);
			}
		}
	}
	assert_int_equal(HASH_COUNT(target->weak_refs), n_weak_keys);
	assert_int_equal(target->n_refs, n_strong);
	if (!table_schema(row_table(target))->is_root)
		assert_true(n_strong > 0);
}

static void check_references_from(struct db *db, const struct row *r,
				  const struct column_schema *c)
{
	const struct datum *d = row_get(r, c);

	for (uint32_t i = 0; c->type.key.type == ATOM_UUID && i < d->n; i++) {
		assert_non_null(table_find(db_table_at(db, c->type.key.ref_table->index),
					   &datum_keys(d)[i].uuid));
		if (c->type.is_map)
			assert_non_null(table_find(
				db_table_at(db, c->type.value.ref_table->index),
				&datum_values(d)[i].uuid));
	}
}

static void check_index(const struct row *r)
{
	const struct table_schema *ts = table_schema(row_table(r));
	const struct index_schema *x = &ts->indexes[0];
	struct datum key[2];

	for (size_t i = 0; i < x->n_columns; i++)
		key[i] = *row_get(r, x->columns[i]);
	assert_ptr_equal(table_find_by_index(row_table(r), 0, key), r);
}

static void check(struct db *db)
{
	assert_true(table_count(db_table(db, "R")) <= 25);
	for (unsigned int i = 0; i < db_schema(db)->n_tables; i++) {
		const struct table_schema *ts = &db_schema(db)->tables[i];

		TABLE_FOR_EACH (r, db_table_at(db, i)) {
			check_references_to(db, r);
			check_index(r);
			for (size_t j = 0; j < ts->n_columns; j++)
				check_references_from(db, r, &ts->columns[j]);
		}
	}
}

static void test_random(void **state)
{
	struct db *db = db_new_in_memory(make_schema(schema_text));
	size_t n_good = 0, n_bad[ERR_N_CODES] = {0};

	(void)state;
	for (int i = 0; i < 4000; i++) {
		CLEANUP(freep) char *before = dump(db, true);
		struct txn *t = txn_new(db, &nobody);
		struct err *e = NULL;

		for (uint32_t n = 1 + random_below(5); n; n--)
			do_something(t);
		if (!random_below(5))
			err_free(db_commit_check(t));
		e = db_commit(t);
		txn_free(t);
		if (e) {
			CLEANUP(freep) char *after = dump(db, true);

			n_bad[e->code]++;
			err_free(e);
			assert_string_equal(before, after);
		} else {
			n_good++;
		}
		check(db);
	}
	/* It was not always the same thing that happened. */
	assert_true(n_good > 500);
	assert_true(n_bad[ERR_REFERENTIAL] > 50);
	assert_true(n_bad[ERR_CONSTRAINT] > 50);
	db_close(db);
}

/* Ten thousand rows that one row refers to weakly, removed one by one and together. */
static void test_many_weak_references(void **state)
{
	struct db *db = db_new_in_memory(make_schema(
		"{'name': 'T', 'version': '1.0.0', 'tables': {"
		" 'P': {'isRoot': true, 'columns': {'n': {'type': 'integer'}}},"
		" 'W': {'isRoot': true, 'columns': {'all': {'type': {'key': {'type': "
		"'uuid',"
		"   'refTable': 'P', 'refType': 'weak'}, 'min': 0, 'max': "
		"'unlimited'}}}}}}"));
	struct table *p = db_table(db, "P");
	const struct column_schema *all =
		table_schema_find(table_schema(db_table(db, "W")), "all");
	struct txn *t = txn_new(db, &nobody);
	struct row *w, *r;
	struct datum d;

	(void)state;
	datum_init_empty(&d);
	for (int i = 0; i < 10000; i++) {
		expect_ok(txn_insert(t, p, NULL, &r));
		datum_append(&d, (union atom){.uuid = *row_uuid(r)}, NULL);
	}
	expect_ok(datum_sort(&d, &all->type));
	expect_ok(txn_insert(t, db_table(db, "W"), NULL, &w));
	txn_set(t, w, all, &d);
	expect_ok(db_commit(t));
	txn_free(t);

	t = txn_new(db, &nobody);
	txn_delete(t, table_first(p));
	expect_ok(db_commit(t));
	txn_free(t);
	assert_int_equal(row_get(w, all)->n, 9999);

	t = txn_new(db, &nobody);
	TABLE_FOR_EACH (row, p)
		txn_delete(t, row);
	expect_ok(db_commit(t));
	txn_free(t);
	assert_int_equal(row_get(w, all)->n, 0);
	db_close(db);
}

struct hashed {
	uint32_t hash;
	int64_t n;
};

static int hashed_cmp(const void *a, const void *b)
{
	uint32_t x = ((const struct hashed *)a)->hash,
		 y = ((const struct hashed *)b)->hash;

	return (x > y) - (x < y);
}

static struct datum datum_of(const struct column_type *type, int64_t n)
{
	struct datum d;

	datum_init_empty(&d);
	datum_set_integer(&d, type, n);
	return d;
}

/* Of half a million integers, about thirty pairs have the same 32 bits. */
static void find_two_of_one_hash(const struct column_type *type, int64_t ret_n[2])
{
	enum { N = 500000 };
	struct hashed *all = xcalloc(N, sizeof(*all));
	size_t i = 1;

	for (int64_t n = 0; n < N; n++) {
		struct datum d = datum_of(type, n);

		all[n] = (struct hashed){datum_hash(&d, type, 0), n};
		datum_clear(&d, type);
	}
	qsort(all, N, sizeof(*all), hashed_cmp);
	while (i < N && all[i - 1].hash != all[i].hash)
		i++;
	assert_true(i < N);
	ret_n[0] = all[i - 1].n;
	ret_n[1] = all[i].n;
	free(all);
}

/* An index tells keys apart that have the same hash. */
static void test_keys_of_one_hash(void **state)
{
	struct db *db = db_new_in_memory(make_schema(
		"{'name': 'T', 'version': '1.0.0', 'tables': {'P': {'isRoot': true, "
		"'indexes': [['n']], 'columns': {'n': {'type': 'integer'}}}}}"));
	struct table *p = db_table(db, "P");
	const struct column_schema *c = table_schema_find(table_schema(p), "n");
	struct row *rows[2];
	struct datum keys[2];
	int64_t n[2];

	(void)state;
	find_two_of_one_hash(&c->type, n);
	for (size_t i = 0; i < 2; i++) {
		const struct datum *key = &keys[i];
		struct txn *t = txn_new(db, &nobody);

		keys[i] = datum_of(&c->type, n[i]);
		assert_null(txn_find_by_index(t, p, 0, &key));
		assert_null(table_find_by_index(p, 0, key));
		expect_ok(txn_insert(t, p, NULL, &rows[i]));
		txn_set_integer(t, rows[i], c, n[i]);
		assert_ptr_equal(txn_find_by_index(t, p, 0, &key), rows[i]);
		expect_ok(db_commit(t));
		txn_free(t);
	}
	for (size_t i = 0; i < 2; i++) {
		assert_ptr_equal(table_find_by_index(p, 0, &keys[i]), rows[i]);
		datum_clear(&keys[i], &c->type);
	}
	db_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_many_weak_references),
		cmocka_unit_test(test_keys_of_one_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
