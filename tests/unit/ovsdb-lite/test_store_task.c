/* Work on the file that runs in another thread: what a sync covers, what its failure
 * means, and that the log stays short whoever moves it into the file. */
#include "store_folder.h"

#include "lib/alloc.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define INSERT "[{'op': 'insert', 'table': 'A', 'row': {'i': 1}}]"

static struct db_task *must_sync_task(struct fixture *f)
{
	struct db_task *t;

	expect_ok(db_sync_task(f->db, &t));
	assert_non_null(t);
	return t;
}

static void expect_nothing_to_sync(struct fixture *f)
{
	struct db_task *t;

	expect_ok(db_sync_task(f->db, &t));
	assert_null(t);
}

static void test_what_a_sync_covers(void **state)
{
	struct fixture *f = *state;
	struct db_task *t;

	expect_ok(db_sync(f->db));
	expect_nothing_to_sync(f);
	must_transact(f->db, INSERT);
	t = must_sync_task(f);
	/* What comes now may be synced or not: the task does not stand for it. */
	must_transact(f->db, INSERT);
	db_task_run(t);
	must_transact(f->db, INSERT);
	expect_ok(db_task_finish(t));
	t = must_sync_task(f);
	db_task_run(t);
	expect_ok(db_task_finish(t));
	expect_nothing_to_sync(f);
	must_transact(
		f->db,
		"[{'op': 'update', 'table': 'A', 'where': [], 'row': {'state': 'x'}}]");
	expect_nothing_to_sync(f);
	/* The last owner may have died before its sync. */
	reopen(f);
	t = must_sync_task(f);
	db_task_run(t);
	expect_ok(db_task_finish(t));
}

static void test_in_memory(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *text = schema_text("T", "1.2.3", tables_text);
	struct db *db = db_new_in_memory(make_schema(text));
	struct db_task *t;

	(void)f;
	must_transact(db, INSERT);
	expect_ok(db_sync(db));
	expect_ok(db_sync_task(db, &t));
	assert_null(t);
	assert_null(db_checkpoint_task(db));
	db_close(db);
}

/* SQLite's own descriptor of the log is opened first, that for syncs last. */
static int sync_fd(const struct fixture *f)
{
	CLEANUP(freep) char *wanted = xasprintf("%s-wal", f->path);

	for (int fd = 100; fd >= 3; fd--) {
		CLEANUP(freep) char *link = xasprintf("/proc/self/fd/%d", fd);
		char target[256] = "";

		if (readlink(link, target, sizeof(target) - 1) > 0 &&
		    !strcmp(target, wanted))
			return fd;
	}
	fail_msg("%s is not open", wanted);
	return -1;
}

/* The log's descriptor becomes that of a pipe, which cannot be synced. */
static void test_sync_fails(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *reply = NULL;
	int fds[2], log, saved;
	struct db_task *t;

	must_transact(f->db, INSERT);
	expect_ok(db_sync(f->db));
	must_transact(f->db, INSERT);
	log = sync_fd(f);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	saved = fcntl(log, F_DUPFD_CLOEXEC, 0);
	assert_int_equal(dup3(fds[1], log, O_CLOEXEC), log);
	t = must_sync_task(f);
	db_task_run(t);
	expect_err(db_task_finish(t), ERR_IO,
		   "conf.db: Invalid argument; check the disk");
	assert_int_equal(dup3(saved, log, O_CLOEXEC), log);
	expect_err(db_sync(f->db), ERR_IO, "an earlier sync to the disk failed");
	expect_err(db_sync_task(f->db, &t), ERR_IO, "restart the process that owns");
	assert_null(db_checkpoint_task(f->db));
	reply = transact(f->db, INSERT);
	assert_non_null(strstr(reply, "\"I/O error\""));
	assert_int_equal(table_count(db_table(f->db, "A")), 2);
	close(saved);
	close(fds[0]);
	close(fds[1]);
	reopen(f);
	must_transact(f->db, INSERT);
	expect_ok(db_sync(f->db));
	assert_int_equal(table_count(db_table(f->db, "A")), 3);
}

/* A row of about a page. */
static void insert_large(struct fixture *f)
{
	CLEANUP(freep) char *filler = xcalloc(1, 3001);
	CLEANUP(freep) char *operations = NULL;

	memset(filler, 'x', 3000);
	operations =
		xasprintf("[{'op': 'insert', 'table': 'A', 'row': {'s': '%s'}}]", filler);
	must_transact(f->db, operations);
}

/* Where nobody runs tasks, the owner moves the log itself. */
static void test_log_without_tasks(void **state)
{
	struct fixture *f = *state;
	off_t longest = 0;

	for (int i = 0; i < 2000; i++) {
		insert_large(f);
		if (size_of(f, "-wal") > longest)
			longest = size_of(f, "-wal");
	}
	assert_in_range(longest, 1 << 20, 8 << 20);
	assert_true(size_of(f, "") > 4 << 20);
}

struct worker_thread {
	struct db_task *task;
	atomic_bool is_done;
};

static void *run_task(void *aux)
{
	struct worker_thread *w = aux;

	db_task_run(w->task);
	w->is_done = true;
	return NULL;
}

static void beside_the_owner(struct fixture *f)
{
	size_t n_rows = 0;
	off_t longest = 0;

	assert_null(db_checkpoint_task(f->db));
	for (int round = 0; round < 8; round++) {
		struct worker_thread sync = {0}, checkpoint = {0};
		pthread_t threads[2];

		do {
			insert_large(f);
			n_rows++;
			checkpoint.task = db_checkpoint_task(f->db);
		} while (!checkpoint.task);
		assert_null(db_checkpoint_task(f->db)); /* one at a time */
		sync.task = must_sync_task(f);
		pthread_create(&threads[0], NULL, run_task, &sync);
		pthread_create(&threads[1], NULL, run_task, &checkpoint);
		do {
			insert_large(f);
			n_rows++;
		} while (!sync.is_done || !checkpoint.is_done);
		pthread_join(threads[0], NULL);
		pthread_join(threads[1], NULL);
		expect_ok(db_task_finish(sync.task));
		expect_ok(db_task_finish(checkpoint.task));
		if (size_of(f, "-wal") > longest)
			longest = size_of(f, "-wal");
	}
	assert_in_range(longest, 1 << 20, 24 << 20);
	assert_int_equal(table_count(db_table(f->db, "A")), n_rows);
	expect_sql(f, "pragma integrity_check", "ok");
	reopen(f);
	assert_int_equal(table_count(db_table(f->db, "A")), n_rows);
}

/* Commits while checkpoints and syncs run in threads: nothing waits, nothing is lost, and
 * the log begins anew again and again. */
static void test_beside_the_owner(void **state)
{
	beside_the_owner(*state);
}

/* The same with the locks kept. */
static void test_beside_the_busy_owner(void **state)
{
	struct fixture *f = *state;

	db_set_busy(f->db, true);
	beside_the_owner(f);
}

static int try_to_write(const struct fixture *f)
{
	sqlite3 *other;
	int rc;

	assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
	rc = sqlite3_exec(other, "BEGIN IMMEDIATE; ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(other);
	return rc;
}

/* What the file has without its log. */
static void expect_in_file(const struct fixture *f, size_t n_rows)
{
	CLEANUP(freep) char *uri = xasprintf("file:%s?immutable=1", f->path);
	sqlite3_stmt *stmt;
	sqlite3 *s;

	assert_int_equal(
		sqlite3_open_v2(uri, &s, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(s, "select count(*) from A", -1, &stmt, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int64(stmt, 0), n_rows);
	sqlite3_finalize(stmt);
	sqlite3_close(s);
}

static size_t insert_until_due(struct fixture *f, struct db_task **ret_checkpoint)
{
	size_t n_rows = 0;

	assert_null(db_checkpoint_task(f->db));
	do {
		insert_large(f);
		n_rows++;
		*ret_checkpoint = db_checkpoint_task(f->db);
	} while (!*ret_checkpoint);
	return n_rows;
}

/* A checkpoint gets no further than a mark that is kept. */
static void test_kept_locks_are_dropped_before_a_checkpoint(void **state)
{
	struct fixture *f = *state;
	struct db_task *t;
	size_t n_rows;

	db_set_busy(f->db, true);
	n_rows = insert_until_due(f, &t);
	db_task_run(t);
	expect_ok(db_task_finish(t));
	expect_in_file(f, n_rows);
	/* Of the next transaction. */
	insert_large(f);
	assert_int_equal(try_to_write(f), SQLITE_BUSY);
}

static void test_a_long_log_is_made_short(void **state)
{
	struct fixture *f = *state;
	struct db_task *t;
	size_t n_rows;

	assert_null(db_shorten_task(f->db)); /* it is short */
	db_set_busy(f->db, true);
	n_rows = insert_until_due(f, &t);
	assert_null(db_shorten_task(f->db)); /* one at a time */
	db_task_run(t);
	expect_ok(db_task_finish(t));
	assert_true(size_of(f, "-wal") > 4000000);
	insert_large(f);
	db_set_busy(f->db, false);
	t = db_shorten_task(f->db);
	assert_non_null(t);
	db_task_run(t);
	expect_ok(db_task_finish(t));
	assert_int_equal(size_of(f, "-wal"), 0);
	expect_in_file(f, n_rows + 1);
	assert_null(db_shorten_task(f->db));
	insert_large(f);
	expect_ok(db_sync(f->db));
	assert_null(db_checkpoint_task(f->db)); /* the log begins anew */
	reopen(f);
	assert_int_equal(table_count(db_table(f->db, "A")), n_rows + 2);
}

/* Where somebody reads the log it stays, and the owner's commits go on. */
static void test_a_log_that_is_read_stays(void **state)
{
	struct fixture *f = *state;
	struct db_task *t;
	size_t n_rows = insert_until_due(f, &t);
	sqlite3 *reader;

	db_task_run(t);
	expect_ok(db_task_finish(t));
	insert_large(f);
	assert_int_equal(sqlite3_open(f->path, &reader), SQLITE_OK);
	assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT * FROM A", NULL, NULL, NULL),
			 SQLITE_OK);
	insert_large(f);
	t = db_shorten_task(f->db);
	assert_non_null(t);
	db_task_run(t);
	expect_ok(db_task_finish(t));
	assert_true(size_of(f, "-wal") > 4000000);
	insert_large(f);
	sqlite3_close(reader);
	reopen(f);
	assert_int_equal(table_count(db_table(f->db, "A")), n_rows + 3);
}

/* So that most syncs need not write its length. */
static void test_the_log_grows_by_large_steps(void **state)
{
	struct fixture *f = *state;
	off_t size, last = -1;
	int n_steps = 0;

	for (int i = 0; i < 200; i++) {
		insert_large(f);
		size = size_of(f, "-wal");
		n_steps += size != last;
		last = size;
	}
	assert_true(last > 800 << 10);
	assert_in_range(n_steps, 2, 20);
	expect_sql(f, "pragma integrity_check", "ok");
}

/* Others read each commit at once; who writes has to wait until the owner is not busy. */
static void test_busy(void **state)
{
	struct fixture *f = *state;

	db_set_busy(f->db, true);
	for (int i = 1; i <= 20; i++) {
		CLEANUP(freep) char *n = xasprintf("%d", i);

		must_transact(f->db, INSERT);
		expect_sql(f, "select count(*) from A", n);
		if (i % 5)
			continue;
		assert_int_equal(try_to_write(f), SQLITE_BUSY);
		db_set_busy(f->db, false);
		assert_int_equal(try_to_write(f), SQLITE_OK);
		db_set_busy(f->db, true);
	}
	must_transact(f->db, INSERT);
	expect_ok(db_compact(f->db));
	must_transact(f->db, INSERT);
	expect_sql(f, "select count(*) from A", "22");
	reopen(f); /* closes it while it is busy */
	assert_int_equal(table_count(db_table(f->db, "A")), 22);
	assert_int_equal(try_to_write(f), SQLITE_OK);
}

/* One lock of those that are kept must not hold up the log: the owner moves it alone. */
static void test_busy_without_tasks(void **state)
{
	struct fixture *f = *state;

	db_set_busy(f->db, true);
	test_log_without_tasks(state);
	expect_sql(f, "pragma integrity_check", "ok");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_what_a_sync_covers),
		STORE_TEST(test_in_memory),
		STORE_TEST(test_sync_fails),
		STORE_TEST(test_log_without_tasks),
		STORE_TEST(test_beside_the_owner),
		STORE_TEST(test_beside_the_busy_owner),
		STORE_TEST(test_kept_locks_are_dropped_before_a_checkpoint),
		STORE_TEST(test_a_long_log_is_made_short),
		STORE_TEST(test_a_log_that_is_read_stays),
		STORE_TEST(test_the_log_grows_by_large_steps),
		STORE_TEST(test_busy),
		STORE_TEST(test_busy_without_tasks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
