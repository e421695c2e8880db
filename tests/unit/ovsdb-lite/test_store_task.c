/* Work on the file that runs in another thread: what a sync covers, what its failure
 * means, and that the log stays short whoever moves it into the file. */
#include "store_folder.h"

#include "lib/alloc.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
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

/* Commits while checkpoints and syncs run in threads: nothing waits, nothing is lost, and
 * the log begins anew again and again. */
static void test_beside_the_owner(void **state)
{
	struct fixture *f = *state;
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
	assert_in_range(longest, 1 << 20, 12 << 20);
	assert_int_equal(table_count(db_table(f->db, "A")), n_rows);
	expect_sql(f, "pragma integrity_check", "ok");
	reopen(f);
	assert_int_equal(table_count(db_table(f->db, "A")), n_rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_what_a_sync_covers), STORE_TEST(test_in_memory),
		STORE_TEST(test_sync_fails),         STORE_TEST(test_log_without_tasks),
		STORE_TEST(test_beside_the_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
