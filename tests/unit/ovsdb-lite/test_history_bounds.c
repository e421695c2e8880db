/* How much of a history is kept, and what is no history: nothing that is not known may be
 * taken for something else. */
#include "history_database.h"

#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include "lib/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void set_limits(struct db *db, size_t max_entries, int64_t max_age_s,
		       size_t max_bytes)
{
	const struct history_limits limits = {max_entries, max_age_s, max_bytes};

	history_set_limits(db, &limits);
}

static void write_name(struct db *db, unsigned int n)
{
	CLEANUP(freep)
	char *operations = xasprintf("[{'op': 'update', 'table': 'Root', 'where': [], "
				     "'row': {'name': 'n%u'}}]",
				     n);

	must_transact(db, operations);
}

static enum history_reach reach_of(struct db *db, const struct uuid *id)
{
	enum history_reach reach;
	struct history_view *v;

	expect_ok(history_view_since(db, id, &reach, &v));
	assert_true((reach == HISTORY_UNKNOWN) == !v);
	history_view_free(v);
	return reach;
}

static void expect_count(const struct fixture *f, const char *wanted)
{
	expect_sql(f, "select count(*) from _history", wanted);
}

static void test_number_is_bounded(void **state)
{
	struct fixture *f = *state;
	struct uuid first, last;

	must_transact(f->db, "[{'op': 'insert', 'table': 'Root', 'row': {}}]");
	first = *history_last_id(f->db);
	set_limits(f->db, 16, 0, 1 << 20);
	for (unsigned int i = 0; i < 100; i++) {
		write_name(f->db, i);
		if (i == 90)
			last = *history_last_id(f->db);
	}
	expect_sql(f, "select count(*) between 16 and 18 from _history", "1");
	expect_sql(f, "select max(serial) from _history", "101");
	assert_int_equal(reach_of(f->db, &first), HISTORY_UNKNOWN);
	assert_int_equal(reach_of(f->db, &last), HISTORY_WHOLE);
	expect_err(try_undo(f->db, 1), ERR_NOT_FOUND, "no transaction 1");
	reopen(f);
	assert_int_equal(reach_of(f->db, &first), HISTORY_UNKNOWN);
	assert_int_equal(reach_of(f->db, &last), HISTORY_PERSISTENT);
	set_limits(f->db, 1, 0, 1 << 20);
	write_name(f->db, 200);
	expect_count(f, "1");
	expect_sql(f, "select serial from _history", "102");
	assert_int_equal(reach_of(f->db, &last), HISTORY_UNKNOWN);
	assert_int_equal(reach_of(f->db, history_last_id(f->db)), HISTORY_WHOLE);
}

static void test_age_is_bounded(void **state)
{
	struct fixture *f = *state;

	must_transact(f->db, "[{'op': 'insert', 'table': 'Root', 'row': {}}]");
	for (unsigned int i = 0; i < 9; i++)
		write_name(f->db, i);
	db_close(STEAL(f->db));
	free(sql(f->path,
		 "update _history set time = time - 3600 * 1000 where serial < 8"));
	expect_ok(db_open(f->path, f->schema, &f->db));
	set_limits(f->db, 1000, 1800, 1 << 20);
	expect_count(f, "10");
	write_name(f->db, 10);
	expect_sql(f, "select group_concat(serial) from _history", "8,9,10,11");
}

/* Of a small database too, unless the entries are few. */
static void test_bytes_are_bounded(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *filler = xcalloc(1, 4001);
	CLEANUP(freep) char *large = NULL;
	CLEANUP(freep) char *small = NULL;

	memset(filler, 'x', 4000);
	large = xasprintf(
		"[{'op': 'update', 'table': 'Root', 'where': [], 'row': {'name': "
		"'%s'}}]",
		filler);
	must_transact(f->db, "[{'op': 'insert', 'table': 'Root', 'row': {}}]");
	for (unsigned int i = 0; i < 500; i++) {
		must_transact(f->db, large);
		write_name(f->db, i);
	}
	/* 32 entries or 128 KiB, and an eighth. */
	expect_sql(f, "select sum(bytes) < 150000 from _history", "1");
	expect_sql(f, "select count(*) >= 32 from _history", "1");
	expect_sql(f, "select sum(length(inverse)) < sum(bytes) from _history", "1");
	set_limits(f->db, 1000, 0, 20000);
	must_transact(f->db, large);
	expect_sql(f, "select sum(bytes) < 20000 from _history", "1");
}

/* As long as a transaction is needed. */
static void test_kept_from(void **state)
{
	struct fixture *f = *state;

	must_transact(f->db, "[{'op': 'insert', 'table': 'Root', 'row': {}}]");
	set_limits(f->db, 16, 0, 1 << 20);
	for (unsigned int i = 0; i < 10; i++)
		write_name(f->db, i);
	history_keep_from(f->db, 5);
	for (unsigned int i = 0; i < 100; i++)
		write_name(f->db, i);
	expect_sql(f, "select min(serial) from _history", "5");
	history_keep_from(f->db, 0);
	write_name(f->db, 100);
	expect_sql(f, "select min(serial) > 90 from _history", "1");
}

static bool can_keep(struct db *db, const char *name)
{
	struct txn *t = txn_new(db, &nobody);
	const struct table *root = db_table(db, "Root");
	bool can;

	TABLE_FOR_EACH (r, root)
		txn_set_string(t, r, table_schema_find(table_schema(root), "name"), name);
	can = history_can_keep(t);
	txn_free(t);
	return can;
}

static void test_can_keep(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *filler = xcalloc(1, 301);

	memset(filler, 'x', 300);
	must_transact(f->db, "[{'op': 'insert', 'table': 'Root', 'row': {}}]");
	set_limits(f->db, 1000, 0, 1000); /* 250 of one */
	assert_true(can_keep(f->db, filler));
	must_transact(f->db,
		      "[{'op': 'update', 'table': 'Root', 'where': [], 'row': {'name': "
		      "'a'}}]");
	assert_true(can_keep(f->db, filler));
	set_limits(f->db, 1000, 0, 1 << 20);
	{
		CLEANUP(freep)
		char *large = xasprintf(
			"[{'op': 'update', 'table': 'Root', 'where': [], 'row': {'name': "
			"'%s'}}]",
			filler);

		must_transact(f->db, large);
	}
	assert_true(can_keep(f->db, "b"));
	set_limits(f->db, 1000, 0, 1000);
	assert_false(can_keep(f->db, "b")); /* the old name is what is kept */
	set_limits(f->db, 0, 0, 1 << 20);
	assert_false(can_keep(f->db, "b"));
}

/* What an undo leaves as it is: a column, or a table. */
static void test_except(void **state)
{
	struct fixture *f = *state;
	const struct history_except column = {"Root", "name"}, table = {"Root", NULL};
	const struct history_except *const all[] = {&column, &table};

	must_transact(f->db, "[{'op': 'insert', 'table': 'Root', 'row': {'name': 'a'}}]");
	write_name(f->db, 1);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct txn *t = txn_new(f->db, &nobody);

		expect_ok(history_undo(t, last_serial(f->db), all[i], 1));
		assert_true(txn_is_empty(t));
		txn_free(t);
	}
}

static void test_too_large_to_keep(void **state)
{
	struct fixture *f = *state;
	struct history_entry *entries;
	struct uuid before, after;
	size_t n;

	set_limits(f->db, 1000, 0, 1000); /* 250 of one */
	must_transact(f->db, "[{'op': 'insert', 'table': 'Root', 'row': {'name': 'a'}}]");
	before = *history_last_id(f->db);
	must_transact(f->db, "[{'op': 'insert', 'table': 'Root', 'row': {'name': 'b'}},"
			     " {'op': 'insert', 'table': 'Root', 'row': {'name': 'c'}},"
			     " {'op': 'insert', 'table': 'Root', 'row': {'name': 'd'}},"
			     " {'op': 'insert', 'table': 'Root', 'row': {'name': 'e'}},"
			     " {'op': 'insert', 'table': 'Root', 'row': {'name': 'f'}}]");
	after = *history_last_id(f->db);
	must_transact(f->db, "[{'op': 'delete', 'table': 'Root', 'where': [['name', "
			     "'==', 'b']]}]");
	assert_int_equal(reach_of(f->db, &before), HISTORY_UNKNOWN);
	assert_int_equal(reach_of(f->db, &after), HISTORY_WHOLE);
	expect_ok(history_read(f->db, 0, 9, true, &entries, &n));
	assert_int_equal(n, 3);
	assert_true(entries[0].is_undoable && entries[0].changes);
	assert_true(!entries[1].is_undoable && !entries[1].changes);
	assert_true(!entries[2].is_undoable && !entries[2].changes);
	history_entries_free(entries, n);
	expect_err(try_undo(f->db, 2), ERR_UNSUPPORTED, "too large");
	expect_err(try_undo(f->db, 1), ERR_UNSUPPORTED, "too large");
	expect_ok(try_undo(f->db, 3));
	assert_int_equal(table_count(db_table(f->db, "Root")), 6);
}

/* What is not noted must not be mistaken for what is. */
static void test_none_is_kept(void **state)
{
	struct fixture *f = *state;
	struct uuid before, between;

	must_transact(f->db, "[{'op': 'insert', 'table': 'Root', 'row': {}}]");
	before = *history_last_id(f->db);
	set_limits(f->db, 0, 0, 0);
	assert_true(uuid_is_zero(history_last_id(f->db)));
	assert_int_equal(reach_of(f->db, &before), HISTORY_UNKNOWN);
	for (unsigned int i = 0; i < 5; i++)
		write_name(f->db, i);
	expect_sql(f, "select comment from _history", "the history was turned off");
	reopen(f);
	assert_int_equal(reach_of(f->db, &before), HISTORY_UNKNOWN);
	between = *history_last_id(f->db);
	write_name(f->db, 7);
	assert_int_equal(reach_of(f->db, &before), HISTORY_UNKNOWN);
	assert_int_equal(reach_of(f->db, &between), HISTORY_WHOLE);
	expect_err(try_undo(f->db, 1), ERR_NOT_FOUND, NULL);
	expect_ok(try_undo(f->db, last_serial(f->db)));
}

/* Ephemeral changes beyond what is remembered leave the persistent part known. */
static void test_ephemeral_is_bounded(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *filler = xcalloc(1, 300001);
	struct uuid first, second, last;

	memset(filler, 'x', 300000);
	must_transact(f->db, "[{'op': 'insert', 'table': 'Root', 'row': {}}]");
	first = *history_last_id(f->db);
	for (int i = 0; i < 8; i++) {
		CLEANUP(freep)
		char *operations =
			xasprintf("[{'op': 'update', 'table': 'Root', 'where': "
				  "[], 'row': {'state': '%d%s'}}]",
				  i, filler);

		must_transact(f->db, operations);
		if (i == 4)
			second = *history_last_id(f->db);
	}
	assert_memory_equal(first.bytes, second.bytes, 8);
	assert_int_equal(reach_of(f->db, &first), HISTORY_PERSISTENT);
	assert_int_equal(reach_of(f->db, &second), HISTORY_WHOLE);
	for (unsigned int i = 0; i < 1100; i++) {
		last = *history_last_id(f->db);
		must_transact(
			f->db,
			i % 2 ? "[{'op': 'insert', 'table': 'Brief', 'row': {}}]"
			      : "[{'op': 'delete', 'table': 'Brief', 'where': []}]");
	}
	assert_int_equal(reach_of(f->db, &second), HISTORY_PERSISTENT);
	assert_int_equal(reach_of(f->db, &last), HISTORY_WHOLE);
	expect_count(f, "1");
	reopen(f);
	assert_int_equal(reach_of(f->db, &last), HISTORY_PERSISTENT);
	assert_int_equal(reach_of(f->db, &second), HISTORY_PERSISTENT);
}

static void test_foreign_ids(void **state)
{
	struct fixture *f = *state;
	struct uuid zeros = {0}, foreign = uuid_random();
	struct db *memory;
	CLEANUP(freep) char *text = schema_text("T", "1.0.0", history_tables);

	must_transact(f->db, "[{'op': 'insert', 'table': 'Root', 'row': {}}]");
	assert_int_equal(reach_of(f->db, &zeros), HISTORY_UNKNOWN);
	assert_int_equal(reach_of(f->db, &foreign), HISTORY_UNKNOWN);
	memory = db_new_in_memory(make_schema(text));
	must_transact(memory, "[{'op': 'insert', 'table': 'Root', 'row': {}}]");
	assert_true(uuid_is_zero(history_last_id(memory)));
	assert_int_equal(reach_of(memory, &foreign), HISTORY_UNKNOWN);
	db_close(memory);
}

/* A transaction that is refused, or changes nothing, is none. */
static void test_no_entry(void **state)
{
	struct fixture *f = *state;
	struct uuid id;

	must_transact(f->db, "[{'op': 'insert', 'table': 'Root', 'row': {'name': 'a'}}]");
	id = *history_last_id(f->db);
	free(transact(f->db,
		      "[{'op': 'insert', 'table': 'Root', 'row': {'name': 'a'}}]"));
	must_transact(f->db, "[{'op': 'update', 'table': 'Root', 'where': [], 'row': "
			     "{'name': 'b'}}, {'op': 'update', 'table': 'Root', 'where': "
			     "[], 'row': {'name': 'a'}}]");
	must_transact(f->db, "[{'op': 'insert', 'table': 'Kid', 'row': {}}]");
	assert_true(uuid_equals(&id, history_last_id(f->db)));
	expect_count(f, "1");
}

/* An inverse that somebody wrote is an error, not a wrong answer. */
static void test_damaged(void **state)
{
	static const char *const inverses[] = {
		"x",
		"[]",
		"{\"Nobody\":{}}",
		"{\"Root\":{\"x\":\"inserted\"}}",
		"{\"Root\":{\"11111111-1111-4111-8111-111111111111\":\"inserted\"}}",
		"{\"Root\":{\"11111111-1111-4111-8111-111111111111\":{\"changed\":{}}}}",
		"{\"Root\":{\"11111111-1111-4111-8111-111111111111\":{\"deleted\":{"
		"\"zz\":1}}}}",
		"{\"Root\":{\"11111111-1111-4111-8111-111111111111\":{\"deleted\":{"
		"\"name\":1}}}}",
		"{\"Root\":{\"11111111-1111-4111-8111-111111111111\":{\"deleted\":{"
		"\"state\":\"\"}}}}",
		"{\"Root\":{\"11111111-1111-4111-8111-111111111111\":{\"deleted\":5}}}",
		"{\"Root\":{\"11111111-1111-4111-8111-111111111111\":5}}",
		"{\"Root\":5}",
	};
	struct fixture *f = *state;
	enum history_reach reach;
	struct history_view *v;
	struct history_entry *entries;
	struct uuid id;
	size_t n;

	must_transact(f->db, "[{'op': 'insert', 'table': 'Root', 'row': {}}]");
	id = *history_last_id(f->db);
	write_name(f->db, 1);
	for (size_t i = 0; i < ARRAY_SIZE(inverses); i++) {
		CLEANUP(freep)
		char *update =
			xasprintf("update _history set inverse = '%s' where serial = 2",
				  inverses[i]);

		db_close(STEAL(f->db));
		free(sql(f->path, update));
		expect_ok(db_open(f->path, f->schema, &f->db));
		expect_err(history_view_since(f->db, &id, &reach, &v), ERR_DAMAGED,
			   "history is damaged");
		assert_int_equal(reach, HISTORY_UNKNOWN);
		expect_err(history_read(f->db, 0, 9, true, &entries, &n), ERR_DAMAGED,
			   NULL);
		expect_err(try_undo(f->db, 2), ERR_DAMAGED, NULL);
	}
}

/* What a server sends as the changes of a transaction, to be reverted here. */
static void test_strange_changes(void **state)
{
#define ROW(change) "{\"Root\":{\"" ROOT_ID "\":" change "}}"
#define ROOT_ID     "11111111-1111-4111-8111-111111111111"
	static const char *const changes[] = {
		"5",
		"{\"Nobody\":{}}",
		"{\"Root\":5}",
		"{\"Root\":{\"x\":{}}}",
		ROW("5"),
		ROW("{\"insert\":5}"),
		ROW("{\"modify\":5}"),
		ROW("{\"modify\":{\"zz\":[1,2]}}"),
		ROW("{\"modify\":{\"name\":5}}"),
	};
	struct fixture *f = *state;

	must_transact(f->db, "[{'op': 'insert', 'table': 'Root', 'uuid': '" ROOT_ID
			     "', 'row': {}}]");
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		struct txn *t = txn_new(f->db, &(struct txn_origin){.internal = true});
		struct json_object *json;
		struct err *e;

		expect_ok(json_parse(changes[i], strlen(changes[i]), &json));
		e = history_revert(t, json, NULL, 0, NULL);
		if (!e)
			fail_msg("taken: %s", changes[i]);
		err_free(e);
		json_free(json);
		txn_free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HISTORY_TEST(test_number_is_bounded),
		HISTORY_TEST(test_age_is_bounded),
		HISTORY_TEST(test_bytes_are_bounded),
		HISTORY_TEST(test_kept_from),
		HISTORY_TEST(test_can_keep),
		HISTORY_TEST(test_except),
		HISTORY_TEST(test_too_large_to_keep),
		HISTORY_TEST(test_none_is_kept),
		HISTORY_TEST(test_ephemeral_is_bounded),
		HISTORY_TEST(test_foreign_ids),
		HISTORY_TEST(test_no_entry),
		HISTORY_TEST(test_damaged),
		HISTORY_TEST(test_strange_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
