/* Several commits in one transaction of the file: all of them are in it, or none, and then
 * the memory is as before. The file's commit fails when the test says so (--wrap). */
#include "history_database.h"

#include "lib/alloc.h"
#include "ovsdb-lite/rows/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct store;
struct err *__real_store_commit(struct store *s);
struct err *__wrap_store_commit(struct store *s);
void store_rollback(struct store *s);

static bool fails;
static unsigned int n_commits;

struct err *__wrap_store_commit(struct store *s)
{
	n_commits++;
	if (!fails)
		return __real_store_commit(s);
	store_rollback(s);
	return err_new(ERR_IO, "the disk is full");
}

static int setup(void **state)
{
	fails = false;
	n_commits = 0;
	return store_setup(state);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, store_teardown)

/* Rows that refer to each other strongly and weakly, and one that nobody refers to. */
static const char first_rows[] =
	"[{'op': 'insert', 'table': 'Kid', 'row': {'n': 1}, 'uuid-name': 'k'},"
	" {'op': 'insert', 'table': 'Brief', 'row': {'n': 7}, 'uuid-name': 'b'},"
	" {'op': 'insert', 'table': 'A', 'row': {'i': 1, 's': 'one', 'state': 'up',"
	"  'set': ['set', ['x', 'y']], 'kids': ['named-uuid', 'k'],"
	"  'brief': ['named-uuid', 'b']}},"
	" {'op': 'insert', 'table': 'A', 'row': {'i': 2, 's': 'two'}}]";

/* What later transactions do to the rows of earlier ones: change, delete, collect, drop
 * weak references, and insert again. */
static const char *const changes[] = {
	"[{'op': 'update', 'table': 'A', 'where': [['i', '==', 1]], 'row': {'s': 'uno',"
	" 'state': 'down', 'set': ['set', ['z']]}}]",
	"[{'op': 'insert', 'table': 'A', 'row': {'i': 3, 's': 'three'}}]",
	"[{'op': 'delete', 'table': 'Brief', 'where': []}]",
	"[{'op': 'update', 'table': 'A', 'where': [['i', '==', 3]], 'row': {'s': "
	"'drei'}}]",
	"[{'op': 'update', 'table': 'A', 'where': [['i', '==', 1]], 'row':"
	" {'kids': ['set', []], 's': 'eins'}}]",
	"[{'op': 'delete', 'table': 'A', 'where': [['i', '==', 3]]}]",
	"[{'op': 'update', 'table': 'A', 'where': [['i', '==', 2]], 'row': {'state': "
	"'only in memory'}}]",
	"[{'op': 'insert', 'table': 'Kid', 'row': {'n': 2}, 'uuid-name': 'k'},"
	" {'op': 'update', 'table': 'A', 'where': [], 'row': {'kids': ['named-uuid', "
	"'k']}}]",
	"[{'op': 'delete', 'table': 'A', 'where': [['i', '==', 1]]}]",
};

static void make_changes(struct db *db)
{
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
		must_transact(db, changes[i]);
}

static void a_turn_is_one_transaction_of_the_file(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *in_memory = NULL;
	CLEANUP(freep) char *in_file = NULL;

	must_transact(f->db, first_rows);
	n_commits = 0;
	db_turn_begin(f->db);
	assert_true(db_turn_is_open(f->db));
	make_changes(f->db);
	expect_sql(f, "select count(*) from _history", "1");
	expect_sql(f, "select s from A where i = 1", "one");
	expect_ok(db_turn_end(f->db));
	assert_false(db_turn_is_open(f->db));
	assert_int_equal(n_commits, 1);
	/* Each has its own entry, but the one that changed the memory alone. */
	expect_sql(f, "select count(*) from _history", "9");
	must_transact(f->db,
		      "[{'op': 'update', 'table': 'A', 'where': [], 'row': {'state': "
		      "''}}]");
	in_memory = dump(f->db, false);
	reopen(f);
	in_file = dump(f->db, false);
	assert_string_equal(in_file, in_memory);
}

static void note(void *aux, const struct txn *t)
{
	(void)t;
	++*(unsigned int *)aux;
}

static void a_turn_that_fails_leaves_the_memory_as_it_was(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *before = NULL;
	CLEANUP(freep) char *after = NULL;
	struct db_observer *o;
	unsigned int n_noted = 0;
	struct uuid id;

	must_transact(f->db, first_rows);
	before = dump(f->db, true);
	id = *history_last_id(f->db);
	o = db_observe(f->db, note, &n_noted);
	fails = true;
	db_turn_begin(f->db);
	make_changes(f->db);
	expect_err(db_turn_end(f->db), ERR_IO, "the disk is full");
	fails = false;
	db_unobserve(o);
	after = dump(f->db, true);
	assert_string_equal(after, before);
	assert_true(uuid_equals(history_last_id(f->db), &id));
	/* Whoever followed the changes has followed them back. */
	assert_int_equal(n_noted, 2 * ARRAY_SIZE(changes));
	expect_sql(f, "select count(*) from _history", "1");
	/* Counts of references and the history are whole: the same works now. */
	db_turn_begin(f->db);
	make_changes(f->db);
	expect_ok(db_turn_end(f->db));
	expect_sql(f, "select max(serial) from _history", "9");
	assert_int_equal(table_count(db_table(f->db, "Kid")), 1);
	free(STEAL(before));
	must_transact(f->db,
		      "[{'op': 'update', 'table': 'A', 'where': [], 'row': {'state': "
		      "''}}]");
	before = dump(f->db, false);
	reopen(f);
	free(STEAL(after));
	after = dump(f->db, false);
	assert_string_equal(after, before);
}

/* The fault of one is the fault of all; those after it are refused at once. */
static void a_commit_that_the_file_refuses_fails_the_turn(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *before = NULL;
	CLEANUP(freep) char *after = NULL;
	CLEANUP(freep) char *refused = NULL;
	CLEANUP(freep) char *later = NULL;

	must_transact(f->db, first_rows);
	free(sql(f->path, "delete from A where i = 2"));
	before = dump(f->db, true);
	db_turn_begin(f->db);
	must_transact(f->db, changes[0]);
	refused = transact(f->db, "[{'op': 'update', 'table': 'A', 'where': [['i', '==', "
				  "2]], 'row': {'s': 'x'}}]");
	assert_non_null(strstr(refused, "another program changed the file"));
	later = transact(f->db, changes[1]);
	assert_non_null(strstr(later, "I/O error"));
	expect_err(db_turn_end(f->db), ERR_IO, "another program changed the file");
	after = dump(f->db, true);
	assert_string_equal(after, before);
	must_transact(f->db, changes[0]);
	expect_sql(f, "select s from A", "uno");
}

static void a_turn_without_a_change_of_the_file_cannot_fail(void **state)
{
	struct fixture *f = *state;

	must_transact(f->db, first_rows);
	fails = true;
	db_turn_begin(f->db);
	must_transact(f->db,
		      "[{'op': 'update', 'table': 'A', 'where': [], 'row': {'state': "
		      "'new'}}]");
	expect_ok(db_turn_end(f->db));
	db_turn_begin(f->db);
	expect_ok(db_turn_end(f->db));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_turn_is_one_transaction_of_the_file),
		TEST(a_turn_that_fails_leaves_the_memory_as_it_was),
		TEST(a_commit_that_the_file_refuses_fails_the_turn),
		TEST(a_turn_without_a_change_of_the_file_cannot_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
