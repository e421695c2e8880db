/* What a database's file holds: that everything comes back, also after kill -9, what a
 * person with sqlite3(1) sees, and what a write that fails leaves behind. */
#include "store_folder.h"

#include "lib/alloc.h"
#include "ovsdb-lite/rows/txn.h"

#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static void test_everything_comes_back(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *before = NULL;
	CLEANUP(freep) char *after = NULL;
	CLEANUP(freep) char *changed = NULL;
	CLEANUP(freep) char *changed_after = NULL;

	assert_true(db_is_new(f->db));
	must_transact(f->db, full_row);
	before = dump(f->db, false);
	reopen(f);
	assert_false(db_is_new(f->db));
	after = dump(f->db, false);
	assert_string_equal(before, after);

	must_transact(f->db,
		      "[{'op': 'update', 'table': 'A', 'where': [['b', '==', true]], "
		      "'row': {'os': ['set', []], 's': 'x'}},"
		      " {'op': 'mutate', 'table': 'A', 'where': [['s', '==', 'x']], "
		      "'mutations': [['map', 'insert', ['map', [['n', 'w']]]]]},"
		      " {'op': 'delete', 'table': 'A', 'where': [['s', '==', '']]}]");
	changed = dump(f->db, false);
	reopen(f);
	changed_after = dump(f->db, false);
	assert_string_equal(changed, changed_after);
}

static void test_what_sqlite3_sees(void **state)
{
	struct fixture *f = *state;

	must_transact(f->db, full_row);
	expect_sql(f, "select i from A where b", "-9223372036854775808");
	expect_sql(f, "select os is '' from A where b", "1");
	expect_sql(f, "select os from A where not b", "NULL");
	expect_sql(f, "select \"set\" from A where b", "[\"\",\"a\",\"b\"]");
	expect_sql(f, "select map from A where b", "{\"\":\"\",\"k\":\"v\"}");
	expect_sql(f, "select uset from A where b",
		   "[\"33333333-3333-4333-8333-333333333333\"]");
	expect_sql(f, "select json_extract(imap, '$.-5') from A where b", "0.1");
	expect_sql(f,
		   "select Kid.n from A, json_each(A.kids), Kid where value = Kid._uuid",
		   "1");
	expect_sql(f, "select \"~sqlite_x\".n from \"~sqlite_x\"", "3");
	expect_sql(f, "select N + 10 * \"~n\" from \"~brief\"", "21");
	expect_sql(f, "select count(*) from pragma_table_info('A') where name = 'state'",
		   "0");
	/* Brief has ephemeral columns alone and is not kept at all. */
	expect_sql(f, "select count(*) from sqlite_schema where name like '%brief'", "1");
}

/* A sum of what the log has; its length says little, for it grows by large steps. */
static unsigned long sum_of_log(const struct fixture *f)
{
	CLEANUP(freep) char *path = xasprintf("%s-wal", f->path);
	FILE *file = fopen(path, "re");
	unsigned long sum = 0;
	int c;

	assert_non_null(file);
	while ((c = getc(file)) != EOF)
		sum = sum * 31 + (unsigned long)c;
	fclose(file);
	return sum;
}

/* A commit of ephemeral columns alone does not touch the file. */
static void test_ephemeral(void **state)
{
	struct fixture *f = *state;
	unsigned long before, after;

	must_transact(f->db, full_row);
	before = sum_of_log(f);
	must_transact(
		f->db,
		"[{'op': 'update', 'table': 'A', 'where': [], 'row': {'state': 'ready'}},"
		" {'op': 'insert', 'table': 'Brief', 'row': {'n': 1}}]");
	after = sum_of_log(f);
	assert_true(before > 0);
	assert_int_equal(before, after);
	must_transact(
		f->db,
		"[{'op': 'update', 'table': 'A', 'where': [['state', '==', 'ready']],"
		" 'row': {'i': 1}}]");
	after = sum_of_log(f);
	assert_int_not_equal(after, before);
	reopen(f);
	assert_int_equal(table_count(db_table(f->db, "Brief")), 0);
	must_transact(f->db,
		      "[{'op': 'wait', 'table': 'A', 'where': [], 'columns': ['state'],"
		      " 'until': '==', 'rows': [{'state': ''}], 'timeout': 0}]");
}

/* What only ephemeral columns referred to, or rows that are not kept, goes with the
 * process. */
static void test_cleaned_at_open(void **state)
{
	struct fixture *f = *state;

	must_transact(f->db,
		      "[{'op': 'insert', 'table': 'Brief', 'row': {}, 'uuid-name': 'b'},"
		      " {'op': 'insert', 'table': 'A', 'row': {'brief': ['named-uuid', "
		      "'b']}}]");
	free(sql(f->path,
		 "insert into Kid values ('11111111-1111-4111-8111-111111111111', 1)"));
	expect_sql(f, "select count(*) from Kid", "1");
	expect_sql(f, "select count(brief) from A", "1");
	reopen(f);
	assert_int_equal(table_count(db_table(f->db, "Kid")), 0);
	expect_sql(f, "select count(*) from Kid", "0");
	expect_sql(f, "select count(brief) from A", "0");
	/* No inverse of the history fits what is left. */
	expect_sql(f, "select count(*) from _history", "1");
	expect_sql(f, "select comment from _history",
		   "the restart deleted rows that only ephemeral columns referred to");
	/* And that was all: the next start finds nothing to do. */
	must_transact(f->db, "[{'op': 'insert', 'table': 'A', 'row': {}}]");
	reopen(f);
	expect_sql(f, "select count(*) from _history", "2");
}

/* A table that a kept column refers to strongly is kept as UUIDs; a column that could not
 * be filled after a restart is refused. */
static void test_ephemeral_and_references(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *path = xasprintf("%s2", f->path);
	CLEANUP(freep)
	char *text = schema_text(
		"T", "1.0.0",
		"'A': {'isRoot': true, 'columns': {'kid': {'type': {'key': {'type': "
		"'uuid', 'refTable': 'K'}}}}},"
		"'K': {'columns': {'n': {'type': 'integer', 'ephemeral': true}}}");
	CLEANUP(freep)
	char *bad =
		schema_text("T", "1.0.0",
			    "'A': {'isRoot': true, 'columns': {'kid': {'type': {'key': "
			    "{'type': 'uuid', 'refTable': 'A'}}, 'ephemeral': true}}}");
	struct schema *s = make_schema(text);
	struct db *db;

	expect_ok(db_open(path, s, &db));
	must_transact(
		db,
		"[{'op': 'insert', 'table': 'K', 'row': {'n': 1}, 'uuid-name': 'k'},"
		" {'op': 'insert', 'table': 'A', 'row': {'kid': ['named-uuid', 'k']}}]");
	db_close(db);
	expect_ok(db_open(path, s, &db));
	assert_int_equal(table_count(db_table(db, "K")), 1);
	db_close(db);
	schema_free(s);
	s = make_schema(bad);
	free(path);
	path = xasprintf("%s3", f->path);
	expect_err(db_open(path, s, &db), ERR_INVALID,
		   "column kid of table A is ephemeral and refers to rows");
	schema_free(s);
}

/* Two rows in each transaction; its number goes out when the commit has returned. */
static void commit_for_ever(const struct fixture *f, int fd)
{
	struct db *db;

	expect_ok(db_open(f->path, f->schema, &db));
	for (int32_t i = (int32_t)table_count(db_table(db, "A")) / 2;; i++) {
		CLEANUP(freep)
		char *operations = xasprintf(
			"[{'op': 'insert', 'table': 'A', 'row': {'i': %d, 's': 'first'}},"
			" {'op': 'insert', 'table': 'A', 'row': {'i': %d, 's': "
			"'second'}}]",
			i, i);

		must_transact(db, operations);
		if (write(fd, &i, sizeof(i)) != sizeof(i))
			_exit(1);
	}
}

static void test_killed(void **state)
{
	struct fixture *f = *state;
	int32_t acknowledged = -1;

	db_close(STEAL(f->db));
	for (int round = 0; round < 8; round++) {
		int fd;
		pid_t pid = in_child(f, commit_for_ever, &fd);
		int32_t i;

		/* Killed somewhere after its first commits, while it commits more. */
		assert_int_equal(read(fd, &i, sizeof(i)), sizeof(i));
		nanosleep(&(struct timespec){.tv_nsec = 3000000 * (round + 1)}, NULL);
		kill(pid, SIGKILL);
		do
			acknowledged = i > acknowledged ? i : acknowledged;
		while (read(fd, &i, sizeof(i)) == sizeof(i));
		close(fd);
		waitpid(pid, NULL, 0);

		expect_ok(db_open(f->path, f->schema, &f->db));
		assert_true(table_count(db_table(f->db, "A")) >=
			    2 * (size_t)(acknowledged + 1));
		assert_true(table_count(db_table(f->db, "A")) <=
			    2 * (size_t)(acknowledged + 2));
		assert_int_equal(table_count(db_table(f->db, "A")) % 2, 0);
		db_close(STEAL(f->db));
	}
	assert_true(acknowledged > 20);
	expect_ok(db_open(f->path, f->schema, &f->db));
}

static void limit_file_size(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* As on a full disk: the transaction has not been, reads go on, and writes once there is
 * room. */
static void test_no_room(void **state)
{
	static const char insert[] =
		"[{'op': 'insert', 'table': 'A', 'row': {'s': 'more'}},"
		" {'op': 'update', 'table': 'A', 'where': [['s', '==', 'counter']], "
		"'row': {'state': 'x'}},"
		" {'op': 'mutate', 'table': 'A', 'where': [['s', '==', 'counter']], "
		"'mutations': [['i', '+=', 1]]}]";
	struct fixture *f = *state;
	CLEANUP(freep) char *reply = NULL;
	CLEANUP(freep) char *before = NULL;
	CLEANUP(freep) char *after = NULL;
	CLEANUP(freep) char *reopened = NULL;
	struct txn *t;

	signal(SIGXFSZ, SIG_IGN);
	must_transact(f->db, "[{'op': 'insert', 'table': 'A', 'row': {'s': 'counter'}}]");
	limit_file_size(200 * 1024);
	do {
		free(before);
		free(reply);
		before = dump(f->db, true);
		reply = transact(f->db, insert);
	} while (!strstr(reply, "error"));
	assert_non_null(strstr(reply, "\"I/O error\""));
	assert_non_null(strstr(reply, "conf.db: File too large"));
	after = dump(f->db, true);
	assert_string_equal(before, after);

	/* What does not need the file still works, and so does the rest when there is
	 * room again. */
	must_transact(f->db, "[{'op': 'update', 'table': 'A', 'where': [], 'row': "
			     "{'state': 'ready'}}]");
	t = txn_new(f->db, &nobody);
	txn_delete(t, table_first(db_table(f->db, "A")));
	limit_file_size(4096); /* below the log: nothing fits */
	expect_err(db_commit(t), ERR_IO, "cannot write");
	txn_free(t);
	limit_file_size(RLIM_INFINITY);
	must_transact(f->db, insert);
	must_transact(
		f->db,
		"[{'op': 'update', 'table': 'A', 'where': [], 'row': {'state': ''}}]");
	free(after);
	after = dump(f->db, false);
	reopen(f);
	reopened = dump(f->db, false);
	assert_string_equal(after, reopened);
}

/* On a file system of its own that is full to the last byte; says what went wrong. */
static void delete_on_full_disk(const struct fixture *f, int fd)
{
	static const char insert[] = "[{'op': 'insert', 'table': 'A', 'row': {'s': "
				     "'a text that takes some room in the file'}}]";
	CLEANUP(freep) char *path = xasprintf("%s/disk/db", f->folder);
	CLEANUP(freep) char *filler = xasprintf("%s/disk/filler", f->folder);
	CLEANUP(freep)
	char *fill = xasprintf("cat /dev/zero > '%s' 2> /dev/null", filler);
	CLEANUP(freep) char *reply = NULL;
	char *verdict = NULL;
	struct db *db;

	*strrchr(path, '/') = '\0';
	if (unshare(CLONE_NEWNS) || mkdir(path, 0700) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", path, "tmpfs", 0, "size=12m")) {
		assert_int_equal(write(fd, "skip", 4), 4);
		return;
	}
	path[strlen(path)] = '/';
	expect_ok(db_open(path, f->schema, &db));
	for (int i = 0; i < 500; i++)
		must_transact(db, insert);
	assert_int_not_equal(system(fill), 0);
	do {
		free(reply);
		reply = transact(db, insert);
	} while (!strstr(reply, "error"));
	for (int i = 0; !verdict && i < 400; i++) {
		struct txn *t = txn_new(db, &nobody);
		struct err *e;

		txn_delete(t, table_first(db_table(db, "A")));
		e = db_commit(t);
		verdict = e ? err_text(e) : NULL;
		err_free(e);
		txn_free(t);
	}
	if (!verdict && unlink(filler))
		verdict = xstrdup("no filler");
	must_transact(db, insert);
	db_close(db);
	if (!verdict)
		verdict = xstrdup("good");
	assert_true(write(fd, verdict, strlen(verdict)) > 0);
	free(verdict);
}

/* What makes room must have some. */
static void test_delete_on_full_disk(void **state)
{
	struct fixture *f = *state;
	char verdict[1024] = "";
	int fd;
	pid_t pid = in_child(f, delete_on_full_disk, &fd);

	assert_true(read(fd, verdict, sizeof(verdict) - 1) > 0);
	close(fd);
	waitpid(pid, NULL, 0);
	if (!strcmp(verdict, "skip"))
		skip();
	assert_string_equal(verdict, "good");
}

/* Somebody else's sqlite3 has been at the file: memory and file are not allowed to part
 * further. */
static void test_changed_behind_us(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *reply = NULL;

	must_transact(f->db, "[{'op': 'insert', 'table': 'A', 'row': {'i': 1}},"
			     " {'op': 'insert', 'table': 'A', 'row': {'i': 2}}]");
	free(sql(f->path, "delete from A where i = 2"));
	reply = transact(
		f->db,
		"[{'op': 'update', 'table': 'A', 'where': [], 'row': {'s': 'x'}}]");
	assert_non_null(strstr(reply, "another program changed the file"));
	expect_sql(f, "select s from A", "");
	/* What that row has no part in works. */
	must_transact(f->db, "[{'op': 'update', 'table': 'A', 'where': [['i', '==', 1]],"
			     " 'row': {'s': 'y'}}]");
	expect_sql(f, "select s from A", "y");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_everything_comes_back),
		STORE_TEST(test_what_sqlite3_sees),
		STORE_TEST(test_ephemeral),
		STORE_TEST(test_cleaned_at_open),
		STORE_TEST(test_ephemeral_and_references),
		STORE_TEST(test_killed),
		STORE_TEST(test_no_room),
		STORE_TEST(test_delete_on_full_disk),
		STORE_TEST(test_changed_behind_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
