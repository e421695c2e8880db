/* The file as others see it while its owner is at work: looked at, copied; and how small
 * it gets. */
#include "store_folder.h"

#include "lib/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define INSERT "[{'op': 'insert', 'table': 'A', 'row': {'i': 1}}]"

static void test_reader_beside_the_owner(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *reply = NULL;
	CLEANUP(freep) char *seen = NULL;
	CLEANUP(freep) char *was = NULL;
	struct db *reader;

	must_transact(f->db, full_row);
	was = dump(f->db, false);
	expect_ok(db_open_read_only(f->path, &reader));
	must_transact(f->db, INSERT);
	seen = dump(reader, false);
	assert_string_equal(seen, was);
	reply = transact(reader, INSERT);
	assert_non_null(strstr(reply, "\"I/O error\""));
	assert_non_null(strstr(reply, "is open read-only"));
	expect_err(db_convert(reader, f->schema), ERR_IO, "is open read-only");
	expect_err(db_compact(reader), ERR_IO, "is open read-only");
	expect_ok(db_sync(reader));
	db_close(reader);
	must_transact(f->db, INSERT);
	reopen(f);
	assert_int_equal(table_count(db_table(f->db, "A")), 4);
}

static void test_reader_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct db *reader;

	db_close(STEAL(f->db));
	expect_ok(db_open_read_only(f->path, &reader));
	db_close(reader);
	assert_int_equal(size_of(f, "-wal"), -1);
	assert_int_equal(size_of(f, "-shm"), -1);
	expect_err(db_open_read_only(f->folder, &reader), ERR_IO, "not a regular file");
	free(f->path);
	f->path = xasprintf("%s/none", f->folder);
	expect_err(db_open_read_only(f->path, &reader), ERR_NOT_FOUND,
		   "no such database");
	assert_int_equal(size_of(f, ""), -1);
}

/* Writes what became of it. */
static void read_as_nobody(const struct fixture *f, int fd)
{
	CLEANUP(freep) char *text = NULL;
	struct db *reader;
	struct err *e;

	if (setgid(65534) || setuid(65534))
		_exit(1);
	e = db_open_read_only(f->path, &reader);
	text = e ? err_text(e)
		 : xasprintf("%zu rows", table_count(db_table(reader, "A")));
	if (!e)
		db_close(reader);
	if (write(fd, text, strlen(text)) < 0)
		_exit(1);
}

static void expect_nobody_reads(const struct fixture *f, const char *words)
{
	char text[1024] = "";
	int fd;
	pid_t pid = in_child(f, read_as_nobody, &fd);

	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	waitpid(pid, NULL, 0);
	if (!strstr(text, words))
		fail_msg("no \"%s\" in: %s", words, text);
}

/* Where it may not write, as on a file system that is mounted for reading. */
static void test_reader_without_rights(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *open_up = xasprintf("chmod -R a+rX '%s'", f->folder);
	CLEANUP(freep) char *keep = xasprintf("cp '%s-wal' '%s.kept'", f->path, f->path);
	CLEANUP(freep) char *back = xasprintf("mv '%s.kept' '%s-wal'", f->path, f->path);

	if (getuid())
		skip();
	must_transact(f->db, INSERT);
	assert_int_equal(system(open_up), 0);
	expect_nobody_reads(f, "1 rows");
	assert_int_equal(system(keep), 0);
	db_close(STEAL(f->db));
	expect_nobody_reads(f, "1 rows");
	free(f->path);
	f->path = xasprintf("%s/a?b#c%%41", f->folder);
	expect_ok(db_open(f->path, f->schema, &f->db));
	db_close(STEAL(f->db));
	assert_int_equal(system(open_up), 0);
	expect_nobody_reads(f, "0 rows");
	/* A log that no process has open must be applied first. */
	free(f->path);
	f->path = xasprintf("%s/conf.db", f->folder);
	assert_int_equal(system(back), 0);
	assert_int_equal(system(open_up), 0);
	expect_nobody_reads(f, "conf.db-wal must be applied first");
}

static void test_backup(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *path = xasprintf("%s/copy", f->folder);
	CLEANUP(freep) char *nowhere = xasprintf("%s/none/copy", f->folder);
	CLEANUP(freep) char *was = NULL;
	CLEANUP(freep) char *copied = NULL;
	struct db *reader, *copy;

	must_transact(f->db, full_row);
	was = dump(f->db, false);
	expect_ok(db_backup(f->db, path));
	expect_err(db_backup(f->db, path), ERR_EXISTS, "already exists");
	expect_err(db_backup(f->db, nowhere), ERR_IO, "No such file or directory");
	must_transact(f->db, INSERT);
	/* Complete in itself, and a database like any other. */
	expect_ok(db_open(path, f->schema, &copy));
	copied = dump(copy, false);
	assert_string_equal(was, copied);
	assert_true(uuid_equals(db_identity(copy), db_identity(f->db)));
	must_transact(copy, INSERT);
	db_close(copy);
	free(path);
	path = xasprintf("%s/copy2", f->folder);
	expect_ok(db_open_read_only(f->path, &reader));
	expect_ok(db_backup(reader, path));
	db_close(reader);
	free(path);
	path = xasprintf("%s/copy2.unfinished", f->folder);
	assert_int_equal(access(path, F_OK), -1);
	free(path);
	path = xasprintf("%s/copy2", f->folder);
	free(copied);
	copied = sql(path, "select count(*) from A");
	assert_string_equal(copied, "3");
}

/* Rows of about a page come and go: so do the file's pages. */
static void test_file_shrinks(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *filler = xcalloc(1, 3001);
	CLEANUP(freep) char *insert = NULL;
	off_t large, before;

	memset(filler, 'x', 3000);
	insert =
		xasprintf("[{'op': 'insert', 'table': 'A', 'row': {'s': '%s'}}]", filler);
	for (int i = 0; i < 1500; i++)
		must_transact(f->db, insert);
	large = size_of(f, "");
	must_transact(f->db, "[{'op': 'delete', 'table': 'A', 'where': []}]");
	for (int i = 0; i < 500; i++) {
		must_transact(f->db, insert);
		must_transact(f->db, "[{'op': 'delete', 'table': 'A', 'where': []}]");
	}
	assert_true(large > 3 << 20);
	before = size_of(f, "") + size_of(f, "-wal");
	assert_true(size_of(f, "") < large / 2);
	expect_ok(db_compact(f->db));
	assert_true(size_of(f, "") <= before && size_of(f, "") < large / 2);
	assert_int_equal(size_of(f, "-wal"), 0);
	must_transact(f->db, INSERT);
	expect_sql(f, "pragma integrity_check", "ok");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_reader_beside_the_owner),
		STORE_TEST(test_reader_leaves_nothing),
		STORE_TEST(test_reader_without_rights),
		STORE_TEST(test_backup),
		STORE_TEST(test_file_shrinks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
