/* A database and its file: what comes back, what a person with sqlite3(1) sees in it, and
 * every way in which opening or writing it can fail. */
#include "database.h"

#include "lib/alloc.h"
#include "ovsdb-lite/txn.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const char tables_text[] =
	"'A': {'isRoot': true, 'columns': {"
	"  'i': {'type': 'integer'}, 'r': {'type': 'real'}, 'b': {'type': 'boolean'},"
	"  's': {'type': 'string'}, 'u': {'type': 'uuid'},"
	"  'oi': {'type': {'key': 'integer', 'min': 0}}, 'os': {'type': {'key': "
	"'string', 'min': 0}},"
	"  'ou': {'type': {'key': 'uuid', 'min': 0}}, 'ob': {'type': {'key': 'boolean', "
	"'min': 0}},"
	"  'set': {'type': {'key': 'string', 'min': 0, 'max': 'unlimited'}},"
	"  'uset': {'type': {'key': 'uuid', 'min': 0, 'max': 'unlimited'}},"
	"  'map': {'type': {'key': 'string', 'value': 'string', 'min': 0, 'max': "
	"'unlimited'}},"
	"  'imap': {'type': {'key': 'integer', 'value': 'real', 'min': 0, 'max': "
	"'unlimited'}},"
	"  'bmap': {'type': {'key': 'boolean', 'value': 'uuid', 'min': 0, 'max': "
	"'unlimited'}},"
	"  'few': {'type': {'key': {'type': 'integer', 'minInteger': 1, 'maxInteger': "
	"9}, 'min': 0, 'max': 2}},"
	"  'kids': {'type': {'key': {'type': 'uuid', 'refTable': 'Kid'}, 'min': 0, "
	"'max': 'unlimited'}},"
	"  'brief': {'type': {'key': {'type': 'uuid', 'refTable': 'Brief', 'refType': "
	"'weak'}, 'min': 0}},"
	"  'state': {'type': 'string', 'ephemeral': true}}},"
	"'Kid': {'columns': {'n': {'type': 'integer'}}},"
	"'Brief': {'isRoot': true, 'columns': {'n': {'type': 'integer', 'ephemeral': "
	"true}}},"
	"'brief': {'isRoot': true, 'columns': {'N': {'type': 'integer'}, 'n': {'type': "
	"'integer'}}},"
	"'sqlite_x': {'isRoot': true, 'columns': {'n': {'type': 'integer'}}}";

struct fixture {
	char folder[64];
	char *path;
	struct schema *schema;
	struct db *db;
};

static char *schema_text(const char *name, const char *version, const char *tables)
{
	return xasprintf("{'name': '%s', 'version': '%s', 'tables': {%s}}", name, version,
			 tables);
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	CLEANUP(freep) char *text = schema_text("T", "1.2.3", tables_text);

	strcpy(f->folder, "/tmp/ipvl-store-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	f->path = xasprintf("%s/conf.db", f->folder);
	f->schema = make_schema(text);
	expect_ok(db_open(f->path, f->schema, &f->db));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *command = xasprintf("rm -rf '%s'", f->folder);

	db_close(f->db);
	schema_free(f->schema);
	assert_int_equal(system(command), 0);
	free(f->path);
	free(f);
	return 0;
}

static void reopen(struct fixture *f)
{
	db_close(STEAL(f->db));
	expect_ok(db_open(f->path, f->schema, &f->db));
}

/* The first column of the first row, as sqlite3(1) shows it. Owned by the caller. */
static char *sql(const struct fixture *f, const char *text)
{
	sqlite3 *s;
	sqlite3_stmt *stmt;
	char *result = NULL;

	assert_int_equal(sqlite3_open(f->path, &s), SQLITE_OK);
	if (sqlite3_prepare_v2(s, text, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(s));
	if (sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_text(stmt, 0))
		result = xstrdup((const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	sqlite3_close(s);
	return result ? result : xstrdup("NULL");
}

static void expect_sql(const struct fixture *f, const char *text, const char *wanted)
{
	CLEANUP(freep) char *result = sql(f, text);

	if (strcmp(result, wanted) != 0)
		fail_msg("%s: %s, not %s", text, result, wanted);
}

static off_t size_of(const struct fixture *f, const char *suffix)
{
	CLEANUP(freep) char *path = xasprintf("%s%s", f->path, suffix);
	struct stat st;

	return stat(path, &st) ? -1 : st.st_size;
}

static void write_file(const struct fixture *f, const char *suffix, const char *text)
{
	CLEANUP(freep) char *path = xasprintf("%s%s", f->path, suffix);
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
}

/* Opens the file anew and expects that to fail. */
static void expect_open_fails(struct fixture *f, enum err_code code, const char *words)
{
	db_close(STEAL(f->db));
	expect_err(db_open(f->path, f->schema, &f->db), code, words);
	assert_null(f->db);
}

static const char full_row[] =
	"[{'op': 'insert', 'table': 'A', 'row': {"
	" 'i': -9223372036854775808, 'r': 1.7976931348623157e308, 'b': true, 's': "
	"'h\\u00e9 \\\\',"
	" 'u': ['uuid', '11111111-1111-4111-8111-111111111111'],"
	" 'oi': 9223372036854775807, 'os': '', 'ob': false, 'ou': ['uuid', "
	"'22222222-2222-4222-8222-222222222222'],"
	" 'set': ['set', ['b', 'a', '']], 'map': ['map', [['k', 'v'], ['', '']]],"
	" 'uset': ['uuid', '33333333-3333-4333-8333-333333333333'],"
	" 'imap': ['map', [[-5, 0.1], [7, 1e-300]]],"
	" 'bmap': ['map', [[true, ['uuid', '44444444-4444-4444-8444-444444444444']]]],"
	" 'few': ['set', [1, 9]], 'kids': ['named-uuid', 'k']}},"
	" {'op': 'insert', 'table': 'Kid', 'row': {'n': 1}, 'uuid-name': 'k'},"
	" {'op': 'insert', 'table': 'A', 'row': {}},"
	" {'op': 'insert', 'table': 'brief', 'row': {'N': 1, 'n': 2}},"
	" {'op': 'insert', 'table': 'sqlite_x', 'row': {'n': 3}}]";

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

/* A commit of ephemeral columns alone does not touch the file. */
static void test_ephemeral(void **state)
{
	struct fixture *f = *state;
	off_t before, after;

	must_transact(f->db, full_row);
	before = size_of(f, "-wal");
	must_transact(
		f->db,
		"[{'op': 'update', 'table': 'A', 'where': [], 'row': {'state': 'ready'}},"
		" {'op': 'insert', 'table': 'Brief', 'row': {'n': 1}}]");
	after = size_of(f, "-wal");
	assert_true(before > 0);
	assert_int_equal(before, after);
	must_transact(
		f->db,
		"[{'op': 'update', 'table': 'A', 'where': [['state', '==', 'ready']],"
		" 'row': {'i': 1}}]");
	after = size_of(f, "-wal");
	assert_true(after > before);
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
	free(sql(f,
		 "insert into Kid values ('11111111-1111-4111-8111-111111111111', 1)"));
	expect_sql(f, "select count(*) from Kid", "1");
	expect_sql(f, "select count(brief) from A", "1");
	reopen(f);
	assert_int_equal(table_count(db_table(f->db, "Kid")), 0);
	expect_sql(f, "select count(*) from Kid", "0");
	expect_sql(f, "select count(brief) from A", "0");
}

static void test_files(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *path = xasprintf("%s/a/b/c.db", f->folder);
	struct db *db;
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	expect_err(db_open(path, NULL, &db), ERR_NOT_FOUND, "there is no database");
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
	expect_err(db_open(path, NULL, &db), ERR_DAMAGED, "no database of ovsdb-lite");
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
	char *words = xasprintf("is in use by process %ld (test_store)", (long)getpid());
	struct db *db;

	expect_err(db_open(f->path, f->schema, &db), ERR_BUSY, words);
	expect_err(db_open(f->path, NULL, &db), ERR_BUSY,
		   "talk to that process through its socket");
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
		   "does not hold a UUID");
}

static void test_other_schemas(void **state)
{
	static const struct other {
		const char *name, *version, *tables, *words;
	} others[] = {
		{"U", "1.2.3", tables_text, "holds a database T, not U"},
		{"T", "1.2.2", tables_text,
		 "newer than the 1.2.2 that this program knows"},
		{"T", "1.10.0", tables_text,
		 "has version 1.2.3 of schema T, and this program needs 1.10.0"},
		{"T", "1.2.3", "'A': {'columns': {'i': {'type': 'integer'}}}",
		 "is not this program's"},
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
	struct db *db;
	sqlite3 *s;

	write_file(
		f, "2",
		"this is the text of something else, and long enough to be looked at\n");
	db_close(STEAL(f->db));
	free(f->path);
	f->path = xasprintf("%s/conf.db2", f->folder);
	expect_err(db_open(f->path, f->schema, &db), ERR_DAMAGED,
		   "file is not a database");

	assert_int_equal(sqlite3_open(sqlite, &s), SQLITE_OK);
	assert_int_equal(sqlite3_exec(s, "create table t (c)", NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(s);
	expect_err(db_open(sqlite, f->schema, &db), ERR_DAMAGED,
		   "no database of ovsdb-lite");
	expect_err(db_open(f->folder, f->schema, &db), ERR_IO, "is no ordinary file");
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

static void test_edited_by_hand(void **state)
{
	static const struct edit {
		const char *sql, *words;
	} edits[] = {
		{"update A set i = 'x'",
		 "A row %s has a wrong i: a text where the schema has integer"},
		{"update A set b = 0.5", "has a wrong b"},
		{"update A set few = '[1,99]'", "has a wrong few: 99"},
		{"update A set few = '[1,2,3]'", "has a wrong few"},
		{"update A set map = '[]'",
		 "has a wrong map: array where an object belongs"},
		{"update A set \"set\" = '[\"a\",\"a\"]'", "has a wrong set"},
		{"update A set \"set\" = 'a'", "has a wrong set"},
		{"update A set u = 'x'", "has a wrong u: a text that is no UUID"},
		{"update A set _uuid = 'x'", "A row x has a wrong _uuid"},
		{"delete from Kid", "column kids of A row %s refers to Kid row"},
		{"update _meta set value = '2' where key = 'format'",
		 "has file format 2"},
		{"update _meta set value = '{}' where key = 'schema'",
		 "no database of ovsdb-lite"},
	};
	struct fixture *f = *state;
	CLEANUP(freep) char *keep = xasprintf("cp '%s' '%s.good'", f->path, f->path);
	CLEANUP(freep) char *back = xasprintf("cp '%s.good' '%s'", f->path, f->path);
	CLEANUP(freep) char *uuid = NULL;

	must_transact(f->db, full_row);
	must_transact(f->db,
		      "[{'op': 'delete', 'table': 'A', 'where': [['b', '==', false]]}]");
	uuid = sql(f, "select _uuid from A");
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

		free(sql(f, edits[i].sql));
		expect_open_fails(f, is_format ? ERR_UNSUPPORTED : ERR_DAMAGED, words);
		assert_int_equal(system(back), 0);
	}
	expect_ok(db_open(f->path, f->schema, &f->db));
}

/* Runs 'fn' in a process of its own, which may be limited and killed. */
static pid_t in_child(const struct fixture *f,
		      void (*fn)(const struct fixture *f, int fd), int *ret_fd)
{
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		close(fds[0]);
		fn(f, fds[1]);
		_exit(0);
	}
	close(fds[1]);
	*ret_fd = fds[0];
	return pid;
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
	expect_err(txn_commit(t), ERR_IO, "cannot write");
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

/* Somebody else's sqlite3 has been at the file: memory and file are not allowed to part
 * further. */
static void test_changed_behind_us(void **state)
{
	struct fixture *f = *state;
	CLEANUP(freep) char *reply = NULL;

	must_transact(f->db, "[{'op': 'insert', 'table': 'A', 'row': {'i': 1}},"
			     " {'op': 'insert', 'table': 'A', 'row': {'i': 2}}]");
	free(sql(f, "delete from A where i = 2"));
	reply = transact(
		f->db,
		"[{'op': 'update', 'table': 'A', 'where': [], 'row': {'s': 'x'}}]");
	assert_non_null(strstr(reply, "somebody else changed the file"));
	expect_sql(f, "select s from A", "");
	/* What that row has no part in works. */
	must_transact(f->db, "[{'op': 'update', 'table': 'A', 'where': [['i', '==', 1]],"
			     " 'row': {'s': 'y'}}]");
	expect_sql(f, "select s from A", "y");
}

static int fd_of(const struct fixture *f, const char *suffix)
{
	CLEANUP(freep) char *wanted = xasprintf("%s%s", f->path, suffix);

	for (int fd = 3; fd < 100; fd++) {
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

	must_transact(f->db, "[{'op': 'insert', 'table': 'A', 'row': {'i': 1}}]");
	expect_ok(db_sync(f->db));
	expect_ok(db_sync(f->db));
	must_transact(f->db, "[{'op': 'insert', 'table': 'A', 'row': {'i': 2}}]");
	log = fd_of(f, "-wal");
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	saved = fcntl(log, F_DUPFD_CLOEXEC, 0);
	assert_int_equal(dup3(fds[1], log, O_CLOEXEC), log);
	expect_err(db_sync(f->db), ERR_IO, "cannot sync");
	assert_int_equal(dup3(saved, log, O_CLOEXEC), log);
	expect_err(db_sync(f->db), ERR_IO, "an earlier sync to the disk failed");
	reply = transact(f->db, "[{'op': 'insert', 'table': 'A', 'row': {'i': 3}}]");
	assert_non_null(strstr(reply, "\"I/O error\""));
	assert_int_equal(table_count(db_table(f->db, "A")), 2);
	close(saved);
	close(fds[0]);
	close(fds[1]);
	reopen(f);
	must_transact(f->db, "[{'op': 'insert', 'table': 'A', 'row': {'i': 3}}]");
	expect_ok(db_sync(f->db));
	assert_int_equal(table_count(db_table(f->db, "A")), 3);
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

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_everything_comes_back),
		TEST(test_what_sqlite3_sees),
		TEST(test_ephemeral),
		TEST(test_cleaned_at_open),
		TEST(test_files),
		TEST(test_lock),
		TEST(test_identity),
		TEST(test_other_schemas),
		TEST(test_no_database_at_all),
		TEST(test_damaged),
		TEST(test_edited_by_hand),
		TEST(test_killed),
		TEST(test_no_room),
		TEST(test_changed_behind_us),
		TEST(test_sync_fails),
		TEST(test_no_permission),
		TEST(test_ephemeral_and_references),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
