/* Another schema for a database: what its rows become, in memory and in the file, what
 * does not fit, and the conversion that opening makes by itself. */
#include "store_folder.h"

#include "lib/alloc.h"
#include "ovsdb-lite/history/history.h"
#include "ovsdb-lite/rows/txn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* 'tables' with other words; each must be there. */
static char *edited(const char *text, const char *what, const char *with)
{
	const char *at = strstr(text, what);

	assert_non_null(at);
	return xasprintf("%.*s%s%s", (int)(at - text), text, with, at + strlen(what));
}

static struct schema *make_version(const char *version, const char *tables)
{
	CLEANUP(freep) char *text = schema_text("T", version, tables);

	return make_schema(text);
}

/* --- one column --- */

#define COLUMN_TABLES "'C': {'isRoot': true, 'columns': {'c': {'type': %s}}}"

static struct db *column_db(const char *type, const char *value)
{
	CLEANUP(freep) char *tables = xasprintf(COLUMN_TABLES, type);
	CLEANUP(freep)
	char *insert =
		xasprintf("[{'op': 'insert', 'table': 'C', 'row': {'c': %s}}]", value);
	struct db *db = db_new_in_memory(make_version("1.0.0", tables));

	must_transact(db, insert);
	return db;
}

/* As ovsdb-server does it, by way of JSON; 'wanted' NULL: an error with 'words'. */
static void test_values(void **state)
{
	static const struct {
		const char *from, *value, *to, *wanted, *words;
	} cases[] = {
		{"'integer'", "5", "'integer'", "5", NULL},
		{"'integer'", "5", "'real'", "5", NULL},
		{"'real'", "5.0", "'integer'", "5", NULL},
		{"'real'", "5.5", "'integer'", NULL, "value of c does not fit"},
		{"'integer'", "5", "'string'", NULL, "expected string"},
		{"'string'", "'5'", "'integer'", NULL, "expected integer"},
		{"'integer'", "5", "{'key': 'integer', 'min': 0}", "5", NULL},
		{"{'key': 'integer', 'min': 0}", "7", "'integer'", "7", NULL},
		{"{'key': 'integer', 'min': 0}", "['set', []]", "'integer'", NULL,
		 "exactly one"},
		{"{'key': 'integer', 'min': 0, 'max': 3}", "['set', [1, 2, 3]]",
		 "{'key': 'integer', 'min': 0, 'max': 2}", NULL, "3"},
		{"'integer'", "5", "{'key': {'type': 'integer', 'maxInteger': 4}}", NULL,
		 "5 is above the maximum 4"},
		{"'string'", "'x'",
		 "{'key': {'type': 'string', 'enum': ['set', ['x', 'y']]}}", "x", NULL},
		{"'string'", "'z'",
		 "{'key': {'type': 'string', 'enum': ['set', ['x', 'y']]}}", NULL,
		 "not one of the allowed values"},
		{"{'key': 'string', 'value': 'integer', 'min': 0}", "['map', [['a', 1]]]",
		 "{'key': 'string', 'value': 'real', 'min': 0}", "[\"map\",[[\"a\",1]]]",
		 NULL},
		{"{'key': 'string', 'value': 'string', 'min': 0}", "['map', []]",
		 "{'key': 'string', 'min': 0, 'max': 5}", "[\"set\",[]]", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(freep) char *tables = xasprintf(COLUMN_TABLES, cases[i].to);
		struct schema *to = make_version("2.0.0", tables);
		struct db *db = column_db(cases[i].from, cases[i].value);
		CLEANUP(freep) char *reply = NULL;

		if (!cases[i].wanted) {
			expect_err(db_convert(db, to), ERR_CONSTRAINT, cases[i].words);
			assert_string_equal(db_schema(db)->version, "1.0.0");
		} else {
			expect_ok(db_convert(db, to));
			assert_string_equal(db_schema(db)->version, "2.0.0");
			reply = transact(db, "[{'op': 'select', 'table': 'C', 'where': "
					     "[], 'columns': ['c']}]");
			if (!strstr(reply, cases[i].wanted))
				fail_msg("%zu: %s in %s", i, cases[i].wanted, reply);
		}
		assert_int_equal(table_count(db_table(db, "C")), 1);
		schema_free(to);
		db_close(db);
	}
}

/* --- the whole --- */

/* Column os goes, i becomes a real, a set of reals is new; table sqlite_x goes, another
 * comes. */
static char *next_tables(void)
{
	CLEANUP(freep)
	char *a = edited(tables_text, "'i': {'type': 'integer'},",
			 "'i': {'type': 'real'}, 'new': {'type': {'key': 'real', 'min': "
			 "0, 'max': 9}},");
	CLEANUP(freep)
	char *b = edited(a, "'os': {'type': {'key': 'string', 'min': 0}},", "");

	return edited(b, "'sqlite_x'", "'Newcomer'");
}

static void insert_five(struct db *db)
{
	must_transact(db, "[{'op': 'insert', 'table': 'A', 'row': {'i': 5, 's': 'x', "
			  "'os': 'y', 'state': 'up', 'kids': ['named-uuid', 'k']}},"
			  " {'op': 'insert', 'table': 'Kid', 'row': {'n': 7}, "
			  "'uuid-name': 'k'},"
			  " {'op': 'insert', 'table': 'Brief', 'row': {'n': 3}},"
			  " {'op': 'insert', 'table': 'sqlite_x', 'row': {'n': 3}}]");
}

static void expect_next(struct db *db, const char *state)
{
	CLEANUP(freep)
	char *reply = transact(
		db, "[{'op': 'select', 'table': 'A', 'where': [], 'columns': "
		    "['i', 's', 'new', 'state']}, {'op': 'select', 'table': 'Kid', "
		    "'where': [], 'columns': ['n']}]");
	CLEANUP(freep)
	char *wanted = xasprintf("[{\"rows\":[{\"i\":5,\"s\":\"x\",\"new\":[\"set\",[]],"
				 "\"state\":\"%s\"}]},{\"rows\":[{\"n\":7}]}]",
				 state);

	assert_string_equal(reply, wanted);
	assert_null(db_table(db, "sqlite_x"));
	assert_int_equal(table_count(db_table(db, "Newcomer")), 0);
}

static void test_file(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *tables = next_tables();
	struct schema *next = make_version("1.3.0", tables);
	struct uuid before, after;

	insert_five(f->db);
	before = *row_uuid(table_first(db_table(f->db, "A")));
	expect_ok(db_convert(f->db, next));
	after = *row_uuid(table_first(db_table(f->db, "A")));
	assert_true(uuid_equals(&before, &after));
	assert_string_equal(db_schema(f->db)->version, "1.3.0");
	/* Ephemeral columns as well. */
	expect_next(f->db, "up");
	assert_int_equal(table_count(db_table(f->db, "Brief")), 1);
	/* And it is an ordinary database again. */
	must_transact(f->db, "[{'op': 'mutate', 'table': 'A', 'where': [], 'mutations': "
			     "[['new', 'insert', 1.5], ['new', 'delete', 1.5]]},"
			     "{'op': 'insert', 'table': 'Newcomer', 'row': {}},"
			     "{'op': 'delete', 'table': 'Newcomer', 'where': []}]");
	expect_sql(f, "select count(*) from sqlite_schema where name like '%sqlite_x'",
		   "0");
	expect_sql(f, "select typeof(i) from A", "real");
	schema_free(f->schema);
	f->schema = next;
	reopen(f);
	expect_next(f->db, "");
}

static void test_history_ends(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *tables = next_tables();
	struct schema *next = make_version("1.3.0", tables);
	struct uuid id;
	struct history_view *view;
	enum history_reach reach;

	insert_five(f->db);
	insert_five(f->db);
	id = *history_last_id(f->db);
	expect_ok(db_convert(f->db, next));
	expect_sql(f, "select count(*) from _history", "1");
	expect_sql(f, "select comment from _history",
		   "converted from schema version 1.2.3 to 1.3.0");
	expect_ok(history_view_since(f->db, &id, &reach, &view));
	assert_int_equal(reach, HISTORY_UNKNOWN);
	schema_free(next);
}

/* What only adds, or allows more, changes no row. */
static void test_history_goes_on(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep)
	char *wider = edited(tables_text, "'i': {'type': 'integer'},",
			     "'i': {'type': {'key': 'integer', 'min': 0, 'max': 2}}, "
			     "'new': {'type': 'string'},");
	CLEANUP(freep)
	char *tables =
		edited(wider, "'Kid': {",
		       "'Added': {'columns': {'n': {'type': 'integer'}}}, 'Kid': {");
	struct schema *next = make_version("1.3.0", tables);
	struct history_entry *entries;
	struct history_view *view;
	enum history_reach reach;
	struct uuid id;
	struct txn *t;
	size_t n;

	insert_five(f->db);
	id = *history_last_id(f->db);
	must_transact(f->db, "[{'op': 'update', 'table': 'A', 'where': [], "
			     "'row': {'s': 'z', 'i': 6}}]");
	expect_ok(db_convert(f->db, next));
	expect_sql(f, "select group_concat(serial) from _history", "1,2,3");
	expect_ok(history_view_since(f->db, &id, &reach, &view));
	assert_int_equal(reach, HISTORY_PERSISTENT);
	history_view_free(view);
	schema_free(f->schema);
	f->schema = next;
	reopen(f);
	must_transact(f->db, "[{'op': 'update', 'table': 'A', 'where': [], "
			     "'row': {'new': 'later'}}]");
	expect_ok(history_read(f->db, 0, 9, true, &entries, &n));
	assert_int_equal(n, 4);
	for (size_t i = 0; i < n; i++)
		assert_true(entries[i].is_undoable && entries[i].changes);
	assert_string_equal(entries[1].comment,
			    "converted from schema version 1.2.3 to 1.3.0");
	history_entries_free(entries, n);
	t = txn_new(f->db, &(struct txn_origin){.uid = -1, .pid = -1});
	expect_ok(history_undo(t, 2, NULL, 0));
	expect_ok(db_commit(t));
	txn_free(t);
	expect_sql(f, "select s || i || new from A", "x[5]later");
}

/* Which schemas extend which. */
static void test_extends(void **state)
{
	static const struct {
		const char *old, *new;
		bool extends;
	} cases[] = {
		{"'integer'", "'integer'", true},
		{"'integer'", "'real'", false},
		{"'integer'", "{'key': 'integer', 'min': 0}", true},
		{"{'key': 'integer', 'min': 0}", "'integer'", false},
		{"{'key': 'integer', 'min': 0, 'max': 3}",
		 "{'key': 'integer', 'min': 0, 'max': 2}", false},
		{"{'key': {'type': 'integer', 'maxInteger': 4}}", "'integer'", true},
		{"'integer'", "{'key': {'type': 'integer', 'minInteger': 4}}", false},
		{"{'key': {'type': 'string', 'enum': ['set', ['x']]}}",
		 "{'key': {'type': 'string', 'enum': ['set', ['x', 'y']]}}", true},
		{"{'key': {'type': 'string', 'enum': ['set', ['x', 'y']]}}",
		 "{'key': {'type': 'string', 'enum': ['set', ['x', 'z']]}}", false},
		{"'string'", "{'key': {'type': 'string', 'enum': ['set', ['x']]}}",
		 false},
		{"{'key': {'type': 'string', 'enum': 'x'}}", "'string'", true},
		{"'string'", "{'key': {'type': 'string', 'maxLength': 9}}", false},
		{"{'key': 'string', 'min': 0}",
		 "{'key': 'string', 'value': 'string', 'min': 0}", false},
		{"{'key': 'string', 'value': {'type': 'integer', 'maxInteger': 4}, "
		 "'min': 0}",
		 "{'key': 'string', 'value': {'type': 'integer', 'maxInteger': 3}, "
		 "'min': 0}",
		 false},
		{"{'key': {'type': 'uuid', 'refTable': 'C'}, 'min': 0}",
		 "{'key': {'type': 'uuid', 'refTable': 'C', 'refType': 'weak'}, 'min': "
		 "0}",
		 false},
		{"'real'", "{'key': {'type': 'real', 'minReal': 0.5}}", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(freep) char *old = xasprintf(COLUMN_TABLES, cases[i].old);
		CLEANUP(freep) char *new = xasprintf(COLUMN_TABLES, cases[i].new);
		struct schema *from = make_version("1.0.0", old);
		struct schema *to = make_version("1.1.0", new);

		if (schema_extends(to, from) != cases[i].extends)
			fail_msg("%s, then %s", cases[i].old, cases[i].new);
		schema_free(from);
		schema_free(to);
	}
}

static void test_limits_of_the_history_stay(void **state)
{
	static const struct history_limits one = {.max_entries = 1, .max_bytes = 1 << 20};
	struct fixture *f = *state;
	struct schema *next = make_version("1.3.0", tables_text);

	history_set_limits(f->db, &one);
	expect_ok(db_convert(f->db, next));
	insert_five(f->db);
	insert_five(f->db);
	expect_sql(f, "select count(*) from _history", "1");
	schema_free(next);
}

/* What does not fit leaves memory and file as they were. */
static void test_refusals(void **state)
{
	static const struct {
		const char *what, *with;
		enum err_code code;
		const char *words;
	} cases[] = {
		{"'s': {'type': 'string'}", "'s': {'type': 'integer'}", ERR_CONSTRAINT,
		 "the value of s does not fit the new schema"},
		{"'A': {'isRoot': true,", "'A': {'isRoot': true, 'maxRows': 1,",
		 ERR_CONSTRAINT, "greater than the schema-defined limit of 1 row(s)"},
		{"'Brief': {'isRoot': true, 'columns': {'n': {'type': 'integer', "
		 "'ephemeral': true}}}",
		 "'Brief': {'isRoot': true, 'columns': {'n': {'type': {'key': {'type': "
		 "'uuid', 'refTable': 'A'}}, 'ephemeral': true}}}",
		 ERR_INVALID, "column n of table Brief is ephemeral and refers to rows"},
		{"'refTable': 'Kid'", "'refTable': 'brief'", ERR_REFERENTIAL,
		 "column kids"},
		{"'state': {'type': 'string', 'ephemeral': true}}}",
		 "'state': {'type': 'string', 'ephemeral': true}}, 'indexes': [['i']]}",
		 ERR_CONSTRAINT, "identical values (5) for index on column \"i\""},
	};
	struct fixture *f = *state;
	CLEANUP(freep) char *before = NULL;
	struct schema *other;

	insert_five(f->db);
	insert_five(f->db);
	must_transact(f->db, "[{'op': 'delete', 'table': 'Brief', 'where': []}]");
	before = dump(f->db, true);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(freep)
		char *tables = edited(tables_text, cases[i].what, cases[i].with);
		CLEANUP(freep) char *after = NULL;
		struct schema *next = make_version("1.3.0", tables);

		expect_err(db_convert(f->db, next), cases[i].code, cases[i].words);
		after = dump(f->db, true);
		assert_string_equal(before, after);
		schema_free(next);
	}
	other = make_schema("{'name': 'U', 'version': '1.3.0', 'tables': {}}");
	expect_err(db_convert(f->db, other), ERR_CONSTRAINT,
		   "cannot convert database T to schema U");
	schema_free(other);
	/* Still in use, with its statements. */
	insert_five(f->db);
	reopen(f);
	assert_int_equal(table_count(db_table(f->db, "A")), 3);
}

/* A program that knows a newer schema converts what it finds, and keeps a copy. */
static void test_upgrade(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *tables = next_tables();
	CLEANUP(freep) char *backup = xasprintf("%s.backup-1.2.3", f->path);
	struct schema *next = make_version("1.10.0", tables), *wrong;
	struct db *db;

	insert_five(f->db);
	db_close(STEAL(f->db));
	wrong = make_version(
		"1.10.0", "'A': {'isRoot': true, 'columns': {'s': {'type': 'integer'}}}");
	expect_err(db_open(f->path, wrong, &db), ERR_CONSTRAINT,
		   "cannot be converted from version 1.2.3 of schema T to 1.10.0");
	assert_int_equal(size_of(f, ".backup-1.2.3"), -1);
	schema_free(wrong);

	expect_ok(db_open(f->path, next, &f->db));
	assert_false(db_is_new(f->db));
	expect_next(f->db, "");
	db_close(STEAL(f->db));
	/* The copy is a database of the old schema, and not overwritten by the next. */
	assert_int_equal(rename(backup, f->path), 0);
	write_file(f, ".backup-1.2.3", "precious");
	expect_ok(db_open(f->path, f->schema, &f->db));
	assert_int_equal(table_count(db_table(f->db, "sqlite_x")), 1);
	db_close(STEAL(f->db));
	expect_ok(db_open(f->path, next, &f->db));
	expect_next(f->db, "");
	assert_int_equal(size_of(f, ".backup-1.2.3"), strlen("precious"));
	assert_true(size_of(f, ".backup-1.2.3.2") > 0);
	schema_free(next);
}

/* No version is older than any. */
static void test_upgrade_from_none(void **state)
{
	struct fixture *f = *state;
	struct schema *none =
		make_schema("{'name': 'T', 'tables': {'A': {'isRoot': "
			    "true, 'columns': {'i': {'type': 'integer'}}}}}");
	CLEANUP(freep) char *path = xasprintf("%s2", f->path);
	struct db *db;

	expect_ok(db_open(path, none, &db));
	db_close(db);
	expect_ok(db_open(path, f->schema, &db));
	assert_string_equal(db_schema(db)->version, "1.2.3");
	db_close(db);
	assert_true(size_of(f, "2.backup-none") > 0);
	expect_err(db_open(path, none, &db), ERR_UNSUPPORTED,
		   "has version 1.2.3 of schema T, newer than this program's (none)");
	schema_free(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		STORE_TEST(test_file),
		STORE_TEST(test_history_ends),
		STORE_TEST(test_history_goes_on),
		cmocka_unit_test(test_extends),
		STORE_TEST(test_limits_of_the_history_stay),
		STORE_TEST(test_refusals),
		STORE_TEST(test_upgrade),
		STORE_TEST(test_upgrade_from_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
