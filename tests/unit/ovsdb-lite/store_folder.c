/* A database in a folder of its own, looked at from outside: what test_store.c and
 * test_store_open.c have in common. The one file here that asks SQLite itself. */
#include "store_folder.h"

#include "lib/alloc.h"

#include <fcntl.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

const char tables_text[] =
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

char *schema_text(const char *name, const char *version, const char *tables)
{
	return xasprintf("{'name': '%s', 'version': '%s', 'tables': {%s}}", name, version,
			 tables);
}

int store_setup(void **state)
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

int store_teardown(void **state)
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

void reopen(struct fixture *f)
{
	db_close(STEAL(f->db));
	expect_ok(db_open(f->path, f->schema, &f->db));
}

char *sql(const char *path, const char *text)
{
	sqlite3 *s;
	sqlite3_stmt *stmt;
	char *result = NULL;

	assert_int_equal(sqlite3_open(path, &s), SQLITE_OK);
	if (sqlite3_prepare_v2(s, text, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(s));
	if (sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_text(stmt, 0))
		result = xstrdup((const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	sqlite3_close(s);
	return result ? result : xstrdup("NULL");
}

void run_sql(const char *path, const char *text)
{
	sqlite3 *s;

	assert_int_equal(sqlite3_open(path, &s), SQLITE_OK);
	if (sqlite3_exec(s, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(s));
	sqlite3_close(s);
}

void expect_sql(const struct fixture *f, const char *text, const char *wanted)
{
	CLEANUP(freep) char *result = sql(f->path, text);

	if (strcmp(result, wanted) != 0)
		fail_msg("%s: %s, not %s", text, result, wanted);
}

off_t size_of(const struct fixture *f, const char *suffix)
{
	CLEANUP(freep) char *path = xasprintf("%s%s", f->path, suffix);
	struct stat st;

	return stat(path, &st) ? -1 : st.st_size;
}

void write_file(const struct fixture *f, const char *suffix, const char *text)
{
	CLEANUP(freep) char *path = xasprintf("%s%s", f->path, suffix);
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
}

void expect_open_fails(struct fixture *f, enum err_code code, const char *words)
{
	db_close(STEAL(f->db));
	expect_err(db_open(f->path, f->schema, &f->db), code, words);
	assert_null(f->db);
}

const char full_row[] =
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

pid_t in_child(const struct fixture *f, void (*fn)(const struct fixture *f, int fd),
	       int *ret_fd)
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
