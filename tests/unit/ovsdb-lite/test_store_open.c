/* Opening a database's file: the files around it, and every way in which it can fail,
 * each with its sentence. */
#include "store_folder.h"

#include "lib/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void test_files(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *path = xasprintf("%s/a/b/c.db", f->folder);
	struct db *db;
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	expect_err(db_open(path, NULL, &db), ERR_NOT_FOUND, "no such database");
	expect_ok(db_open(path, f->schema, &db));
	assert_string_equal(db_path(db), path);
	assert_string_equal(db_name(db), "T");
	db_close(db);
	*strrchr(path, '/') = '\0';
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);

	/* A file without a table is one that somebody began to make. */
	write_file(f, "2", "");
	free(path);
	path = xasprintf("%s2", f->path);
	expect_err(db_open(path, NULL, &db), ERR_DAMAGED, "not a database of ovsdb-lite");
	expect_ok(db_open(path, f->schema, &db));
	assert_true(db_is_new(db));
	db_close(db);
	expect_ok(db_open(path, NULL, &db));
	db_close(db);
}

static void test_lock(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep)
	char *words = xasprintf("is in use by process %ld (%.15s)", (long)getpid(),
				program_invocation_short_name);
	struct db *db;

	expect_err(db_open(f->path, f->schema, &db), ERR_BUSY, words);
	expect_err(db_open(f->path, NULL, &db), ERR_BUSY, "connect to its socket");
	db_advertise(f->db, "unix:/run/x.sock");
	expect_err(db_open(f->path, NULL, &db), ERR_BUSY,
		   "through its socket (--db=unix:/run/x.sock), or stop it first");
	/* The next owner has not said anything yet. */
	reopen(f);
	expect_err(db_open(f->path, NULL, &db), ERR_BUSY, "connect to its socket");
}

/* What stands beside the file is written by its own name: a symlink that somebody has put
 * there does not lead into a file of theirs. */
static void test_symlinks(void **state)
{
	static const char *const suffixes[] = {".lock", ".id.new", ".reserve",
					       "2.unfinished"};
	struct fixture *f = *state;
	CLEANUP(freep) char *target = xasprintf("%s.theirs", f->path);
	CLEANUP(freep) char *copy = xasprintf("%s2", f->path);
	CLEANUP(freep) char *id = xasprintf("%s.id", f->path);
	char *names[ARRAY_SIZE(suffixes)];
	struct db *db;

	write_file(f, ".theirs", "precious");
	db_close(STEAL(f->db));
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		names[i] = xasprintf("%s%s", f->path, suffixes[i]);
		unlink(names[i]);
		assert_int_equal(symlink(target, names[i]), 0);
	}
	unlink(id);
	expect_err(db_open(f->path, f->schema, &db), ERR_IO, "cannot make the lock");
	unlink(names[0]);
	expect_ok(db_open(f->path, f->schema, &f->db));
	expect_ok(db_backup(f->db, copy));
	assert_int_equal(size_of(f, ".theirs"), strlen("precious"));
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		free(names[i]);
}

static void test_identity(void **state)
{
	struct fixture *f = *state;
	struct uuid identity = *db_identity(f->db);
	CLEANUP(freep) char *lost = xasprintf("rm '%s'", f->path);
	CLEANUP(freep) char *id_lost = xasprintf("rm '%s.id'", f->path);

	reopen(f);
	assert_true(uuid_equals(&identity, db_identity(f->db)));
	/* A new database takes the identity of the one that was there. */
	db_close(STEAL(f->db));
	assert_int_equal(system(lost), 0);
	expect_ok(db_open(f->path, f->schema, &f->db));
	assert_true(db_is_new(f->db));
	assert_true(uuid_equals(&identity, db_identity(f->db)));
	/* The copy is made again where it is missing or another one. */
	assert_int_equal(system(id_lost), 0);
	reopen(f);
	assert_int_equal(size_of(f, ".id"), 37);
	write_file(f, ".id", "11111111-1111-4111-8111-111111111111\n");
	reopen(f);
	assert_true(uuid_equals(&identity, db_identity(f->db)));
	db_close(STEAL(f->db));
	assert_int_equal(system(lost), 0);
	expect_ok(db_open(f->path, f->schema, &f->db));
	assert_true(uuid_equals(&identity, db_identity(f->db)));
	/* A copy that cannot be read is not overwritten. */
	db_close(STEAL(f->db));
	assert_int_equal(system(lost), 0);
	write_file(f, ".id", "what is this?\n");
	expect_err(db_open(f->path, f->schema, &f->db), ERR_DAMAGED,
		   "does not contain a UUID");
}

static void test_other_schemas(void **state)
{
	static const struct other {
		const char *name, *version, *tables, *words;
	} others[] = {
		{"U", "1.2.3", tables_text, "contains database T, not U"},
		{"T", "1.2.2", tables_text, "newer than this program's (1.2.2)"},
		{"T", "1.2.3", "'A': {'columns': {'i': {'type': 'integer'}}}",
		 "differs from this program's"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		CLEANUP(freep)
		char *text =
			schema_text(others[i].name, others[i].version, others[i].tables);

		schema_free(f->schema);
		f->schema = make_schema(text);
		expect_open_fails(f, ERR_UNSUPPORTED, others[i].words);
	}
}

static void test_no_database_at_all(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *sqlite = xasprintf("%s3", f->path);
	CLEANUP(freep) char *lock = xasprintf("%s2.lock", f->path);
	CLEANUP(freep) char *sqlite_lock = xasprintf("%s3.lock", f->path);
	struct db *db;

	write_file(
		f, "2",
		"this is the text of something else, and long enough to be looked at\n");
	db_close(STEAL(f->db));
	free(f->path);
	f->path = xasprintf("%s/conf.db2", f->folder);
	expect_err(db_open(f->path, f->schema, &db), ERR_DAMAGED,
		   "is not a database file");
	/* Nothing is made beside the file of somebody else. */
	assert_int_equal(access(lock, F_OK), -1);

	/* Nor is that of another program changed: neither its journal mode nor what is
	 * beside it. */
	free(sql(sqlite, "create table t (c)"));
	for (int i = 0; i < 2; i++) {
		CLEANUP(freep) char *before = sql(sqlite, "pragma journal_mode");
		CLEANUP(freep) char *after = NULL;

		expect_err(db_open(sqlite, f->schema, &db), ERR_DAMAGED,
			   "not a database of ovsdb-lite");
		after = sql(sqlite, "pragma journal_mode");
		assert_string_equal(before, "delete");
		assert_string_equal(after, "delete");
		assert_int_equal(access(sqlite_lock, F_OK), -!i);
		/* Once more with a lock that was left there. */
		if (!i)
			close(open(sqlite_lock, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	}
	expect_err(db_open(f->folder, f->schema, &db), ERR_IO, "is not a regular file");
	free(f->path);
	f->path = xasprintf("%s/conf.db2/x.db", f->folder);
	expect_err(db_open(f->path, f->schema, &db), ERR_IO, "Not a directory");
}

static void test_damaged(void **state)
{
	struct fixture *f = *state;
	char garbage[4096];
	int fd;

	for (int i = 0; i < 200; i++)
		must_transact(f->db, full_row);
	db_close(STEAL(f->db));
	memset(garbage, 0x5a, sizeof(garbage));
	fd = open(f->path, O_WRONLY | O_CLOEXEC);
	for (int i = 5; i < 15; i++)
		assert_int_equal(pwrite(fd, garbage, 2000, i * 4096), 2000);
	close(fd);
	expect_open_fails(f, ERR_DAMAGED, f->path);
}

/* Where no row is read at the start: in the history. */
static void test_damaged_elsewhere(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *words = xasprintf("%s is damaged: ", f->path);
	CLEANUP(freep) char *page = NULL;
	char garbage[2048];
	int fd;

	for (int i = 0; i < 200; i++)
		must_transact(f->db, full_row);
	db_close(STEAL(f->db));
	page = sql(f->path, "select max(rootpage) from sqlite_schema "
			    "where name like '%_history%'");
	memset(garbage, 0x5a, sizeof(garbage));
	fd = open(f->path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, garbage, sizeof(garbage), (atoi(page) - 1) * 4096),
			 sizeof(garbage));
	close(fd);
	expect_open_fails(f, ERR_DAMAGED, words);
}

static void test_edited_by_hand(void **state)
{
	static const struct edit {
		const char *sql, *words;
	} edits[] = {
		{"update A set i = 'x'",
		 "A row %s has a bad value of i: a text where the schema has integer"},
		{"update A set b = 0.5", "has a bad value of b"},
		{"update A set few = '[1,99]'", "has a bad value of few: 99"},
		{"update A set few = '[1,2,3]'", "has a bad value of few"},
		{"update A set map = '[]'",
		 "has a bad value of map: array instead of an object"},
		{"update A set \"set\" = '[\"a\",\"a\"]'", "has a bad value of set"},
		{"update A set \"set\" = 'a'", "has a bad value of set"},
		{"update A set u = 'x'",
		 "has a bad value of u: a text that is not a UUID"},
		{"update A set _uuid = 'x'", "A row x has a bad value of _uuid"},
		{"delete from Kid",
		 "Table A column kids row %s references nonexistent row"},
		{"update _meta set value = '3' where key = 'format'",
		 "has file format 3"},
		{"update _meta set value = '{}' where key = 'schema'",
		 "not a database of ovsdb-lite"},
	};
	struct fixture *f = *state;
	CLEANUP(freep) char *keep = xasprintf("cp '%s' '%s.good'", f->path, f->path);
	CLEANUP(freep) char *back = xasprintf("cp '%s.good' '%s'", f->path, f->path);
	CLEANUP(freep) char *uuid = NULL;

	must_transact(f->db, full_row);
	must_transact(f->db,
		      "[{'op': 'delete', 'table': 'A', 'where': [['b', '==', false]]}]");
	uuid = sql(f->path, "select _uuid from A");
	db_close(STEAL(f->db));
	assert_int_equal(system(keep), 0);
	for (size_t i = 0; i < ARRAY_SIZE(edits); i++) {
		const char *percent = strstr(edits[i].words, "%s");
		CLEANUP(freep)
		char *words =
			percent ? xasprintf("%.*s%s%s", (int)(percent - edits[i].words),
					    edits[i].words, uuid, percent + 2)
				: xstrdup(edits[i].words);
		bool is_format = strstr(words, "format") != NULL;

		free(sql(f->path, edits[i].sql));
		expect_open_fails(f, is_format ? ERR_UNSUPPORTED : ERR_DAMAGED, words);
		assert_int_equal(system(back), 0);
	}
	expect_ok(db_open(f->path, f->schema, &f->db));
}

/* A file as the first version of this program made it. */
static void test_first_format(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *before = NULL;
	CLEANUP(freep) char *after = NULL;
	struct db *reader;

	must_transact(f->db, full_row);
	before = dump(f->db, false);
	db_close(STEAL(f->db));
	run_sql(f->path,
		"drop table _history;"
		"update _meta set value = '1' where key = 'format';"
		"pragma journal_mode = delete; pragma auto_vacuum = none; vacuum");
	expect_sql(f, "pragma auto_vacuum", "0");
	expect_err(db_open_read_only(f->path, &reader), ERR_UNSUPPORTED,
		   "was written by an older version");
	expect_ok(db_open(f->path, f->schema, &f->db));
	after = dump(f->db, false);
	assert_string_equal(before, after);
	expect_sql(f, "select value from _meta where key = 'format'", "2");
	expect_sql(f, "pragma auto_vacuum", "1");
	must_transact(f->db, "[{'op': 'insert', 'table': 'A', 'row': {'i': 1}}]");
	expect_sql(f, "select count(*) from _history", "1");
}

static void open_as_nobody(const struct fixture *f, int fd)
{
	struct db *db = NULL;
	struct err *e;
	CLEANUP(freep) char *text = NULL;

	if (setgid(65534) || setuid(65534))
		_exit(1);
	e = db_open(f->path, f->schema, &db);
	text = e ? err_text(e) : xstrdup("it opened");
	if (write(fd, text, strlen(text)) < 0)
		_exit(1);
	_exit(0);
}

static void expect_nobody_fails(const struct fixture *f, const char *words)
{
	char text[1024] = "";
	int fd;
	pid_t pid = in_child(f, open_as_nobody, &fd);

	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	waitpid(pid, NULL, 0);
	if (!strstr(text, words))
		fail_msg("no \"%s\" in: %s", words, text);
}

static void test_no_permission(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *lock = xasprintf("%s.lock", f->path);

	if (getuid())
		skip();
	db_close(STEAL(f->db));
	expect_nobody_fails(f, "Permission denied; run as its owner or as root");
	assert_int_equal(chmod(f->folder, 0755), 0);
	expect_nobody_fails(f, "conf.db.lock: Permission denied");
	assert_int_equal(chmod(lock, 0666), 0);
	expect_nobody_fails(f, "cannot open");
	assert_int_equal(chmod(f->path, 0666), 0);
	expect_nobody_fails(f, "conf.db");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_files),          STORE_TEST(test_lock),
		STORE_TEST(test_symlinks),       STORE_TEST(test_identity),
		STORE_TEST(test_other_schemas),  STORE_TEST(test_no_database_at_all),
		STORE_TEST(test_damaged),        STORE_TEST(test_damaged_elsewhere),
		STORE_TEST(test_edited_by_hand), STORE_TEST(test_first_format),
		STORE_TEST(test_no_permission),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
