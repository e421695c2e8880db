/* What surrounds the operations of `transact`: waiting, locks, refusals, dry runs, and
 * errors on the wire and back. The operations themselves are in test_exec.c. */
#include "database.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/rows/txn.h"
#include "ovsdb-lite/wire/error_object.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct db *db;
	struct exec_request request; /* without its params */
	struct exec_result result;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->db = db_new_in_memory(make_schema(
		"{'name': 'T', 'version': '1.0.0', 'tables': {'A': {'isRoot': true,"
		" 'columns': {'n': {'type': 'integer'}}}}}"));
	f->request.db = f->db;
	f->request.origin = nobody;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	db_close(f->db);
	free(f);
	return 0;
}

/* The reply's text, NULL while it waits; owned by the caller. */
static char *run(struct fixture *f, const char *params)
{
	struct json_object *json = parse(params);
	char *text = NULL;

	f->request.params = json;
	exec_transact(&f->request, &f->result);
	if (f->result.reply)
		text = json_text(f->result.reply);
	json_free(f->result.reply);
	json_free(json);
	return text;
}

static void expect_reply(struct fixture *f, const char *params, const char *words)
{
	CLEANUP(freep) char *reply = run(f, params);

	assert_non_null(reply);
	if (!strstr(reply, words))
		fail_msg("no %s in %s", words, reply);
}

#define WAIT_FOR_ONE                                                                     \
	"'op': 'wait', 'table': 'A', 'where': [], 'columns': ['n'], 'until': '==', "     \
	"'rows': [{'n': 1}]"

static void test_wait_for_ever(void **state)
{
	struct fixture *f = *state;
	static const char params[] =
		"['T', {'op': 'insert', 'table': 'A', 'row': {'n': 7}},"
		" {'op': 'delete', 'table': 'A', 'where': [['n', '==', 7]]}, "
		"{" WAIT_FOR_ONE "},"
		" {'op': 'update', 'table': 'A', 'where': [], 'row': {'n': 2}}]";

	assert_null(run(f, params));
	assert_int_equal(f->result.wait_ms, -1);
	assert_false(f->result.changed);
	assert_int_equal(table_count(db_table(f->db, "A")), 0);
	expect_reply(f, "['T', {'op': 'insert', 'table': 'A', 'row': {'n': 1}}]", "uuid");
	assert_true(f->result.changed);
	expect_reply(f, params, "{},{\"count\":1}]");
	assert_true(f->result.changed);
}

static void test_wait_with_timeout(void **state)
{
	struct fixture *f = *state;

	f->request.elapsed_ms = 30;
	assert_null(run(f, "['T', {" WAIT_FOR_ONE ", 'timeout': 100}]"));
	assert_int_equal(f->result.wait_ms, 70);
	f->request.elapsed_ms = 101;
	expect_reply(f, "['T', {" WAIT_FOR_ONE ", 'timeout': 100}]",
		     "{\"error\":\"timed out\",\"details\":\"\\\"wait\\\" timed out "
		     "after 101 ms\"}");
	expect_reply(f, "['T', {" WAIT_FOR_ONE ", 'timeout': 0}, {'op': 'abort'}]",
		     "timed out");
}

static void test_results(void **state)
{
	struct fixture *f = *state;

	expect_reply(f, "['T', {'op': 'commit', 'durable': true}]", "[{}]");
	assert_true(f->result.durable);
	assert_false(f->result.changed);
	expect_reply(f, "['T', {'op': 'commit', 'durable': false}]", "[{}]");
	assert_false(f->result.durable);
	expect_reply(f, "['T', {'op': 'commit', 'durable': true}, {'op': 'abort'}]",
		     "aborted");
	assert_false(f->result.durable);
	expect_reply(f, "['T', {'op': 'insert', 'table': 'A', 'row': {}}]", "uuid");
	assert_true(f->result.changed);
	expect_reply(
		f, "['T', {'op': 'update', 'table': 'A', 'where': [], 'row': {'n': 0}}]",
		"[{\"count\":1}]");
	assert_false(f->result.changed);
	expect_reply(f, "['T']", "[]");
	assert_false(f->result.changed);
}

static void test_read_only(void **state)
{
	static const char *const writes[] = {
		"{'op': 'insert', 'table': 'A', 'row': {}}",
		"{'op': 'update', 'table': 'A', 'where': [], 'row': {}}",
		"{'op': 'mutate', 'table': 'A', 'where': [], 'mutations': []}",
		"{'op': 'delete', 'table': 'A', 'where': []}",
	};
	struct fixture *f = *state;

	f->request.read_only = true;
	for (size_t i = 0; i < ARRAY_SIZE(writes); i++) {
		CLEANUP(freep) char *params = xasprintf("['T', %s]", writes[i]);

		expect_reply(f, params, "\"not allowed\"");
	}
	expect_reply(f, "['T', {'op': 'select', 'table': 'A', 'where': []}]",
		     "[{\"rows\":[]}]");
}

static void test_database_of_the_server(void **state)
{
	struct fixture *f = *state;
	struct db *db = db_new_in_memory(make_schema(
		"{'name': '_S', 'version': '1.0.0', 'tables': {'A': {'isRoot': true,"
		" 'columns': {'n': {'type': 'integer'}}}}}"));

	f->request.db = db;
	expect_reply(f, "['_S', {'op': 'insert', 'table': 'A', 'row': {}}]",
		     "\"not allowed\"");
	db_close(db);
}

static bool owns_mine(void *aux, const char *lock)
{
	assert_string_equal(aux, "aux");
	return !strcmp(lock, "mine");
}

static void test_assert(void **state)
{
	struct fixture *f = *state;
	char aux[] = "aux";

	f->request.owns_lock = owns_mine;
	f->request.aux = aux;
	expect_reply(f, "['T', {'op': 'assert', 'lock': 'mine'}]", "[{}]");
	expect_reply(f, "['T', {'op': 'assert', 'lock': 'theirs'}]", "\"not owner\"");
}

static void inspect(void *aux, const struct txn *txn)
{
	size_t *n = aux;

	TXN_FOR_EACH_CHANGE (c, txn) {
		assert_int_equal(c.kind, CHANGE_INSERT);
		++*n;
	}
}

static struct err *refuse_three(void *aux, const struct txn *txn)
{
	const struct column_schema *n =
		table_schema_find(table_schema(db_table(txn_db(txn), "A")), "n");

	(void)aux;
	TXN_FOR_EACH_CHANGE (c, txn) {
		if (datum_integer(change_new(&c, n), 0) == 3)
			return err_hint(err_new(ERR_CONSTRAINT, "three is no number"),
					"take two");
	}
	return NULL;
}

static void test_dry_run(void **state)
{
	struct fixture *f = *state;
	size_t n = 0;

	db_set_validator(f->db, refuse_three, NULL);
	f->request.inspect = inspect;
	f->request.aux = &n;
	expect_reply(f, "['T', {'op': 'insert', 'table': 'A', 'row': {'n': 2}}]",
		     "[{\"uuid\"");
	assert_int_equal(n, 1);
	assert_false(f->result.changed);
	expect_reply(f, "['T', {'op': 'insert', 'table': 'A', 'row': {'n': 3}}]",
		     "{\"error\":\"constraint violation\",\"details\":\"three is no "
		     "number; take two\"}");
	assert_int_equal(n, 1);
	assert_int_equal(table_count(db_table(f->db, "A")), 0);
}

static void test_errors_there_and_back(void **state)
{
	struct err *e =
		err_wrap(err_hint(err_sys(ENOSPC, "cannot write x"), "make room"), "sad");
	struct err *back;
	struct json_object *json;

	(void)state;
	e->code = ERR_IO;
	e = err_at(e, "[1]");
	json = error_object_new(e);
	assert_string_equal(json_get_string(json_member(json, "error")), "I/O error");
	assert_string_equal(json_get_string(json_member(json, "details")),
			    "sad: cannot write x: No space left on device; make room");
	assert_string_equal(json_get_string(json_member(json, "syntax")), "[1]");
	back = error_object_to_err(json);
	assert_int_equal(back->code, ERR_IO);
	assert_string_equal(back->path, "[1]");
	assert_string_equal(back->message,
			    "sad: cannot write x: No space left on device; make room");
	err_free(back);
	err_free(e);
	json_free(json);

	json = json_string("unknown method");
	expect_err(error_object_to_err(json), ERR_UNKNOWN_METHOD, "unknown method");
	json_free(json);
	json = parse("{'error': 'strange', 'details': 'because'}");
	expect_err(error_object_to_err(json), ERR_PROTOCOL, "strange: because");
	json_free(json);
	json = parse("[1, 2]");
	expect_err(error_object_to_err(json), ERR_PROTOCOL, "[1,2]");
	json_free(json);
}

/* Refuses a transaction that changes more rows than its operation allows. */
static struct err *allow(void *aux, const struct json_object *operation,
			 const struct txn *txn)
{
	int64_t n = 0;

	++*(int *)aux;
	TXN_FOR_EACH_CHANGE (c, txn)
		n++;
	return n > json_get_integer(json_member(operation, "rows"))
		       ? err_new(ERR_CONSTRAINT, "too many rows")
		       : NULL;
}

#define INSERT "{'op': 'insert', 'table': 'A', 'row': {'n': 1}}"

static void test_guard(void **state)
{
	struct fixture *f = *state;
	int n_calls = 0;
	const struct exec_guard guard = {.op = "allow", .check = allow, .aux = &n_calls};
	const struct table *a = db_table(f->db, "A");

	/* An operation like any other that does not exist. */
	expect_reply(f, "['T', " INSERT ", {'op': 'allow', 'rows': 9}]",
		     "No operation allow");
	assert_int_equal(table_count(a), 0);
	f->request.guard = &guard;
	/* Wherever it stands, it is about the whole. */
	expect_reply(f, "['T', {'op': 'allow', 'rows': 1}, " INSERT ", " INSERT "]",
		     "{},{\"uuid\":");
	assert_int_equal(table_count(a), 0);
	expect_reply(f, "['T', {'op': 'allow', 'rows': 1}, " INSERT ", " INSERT "]",
		     "\"constraint violation\",\"details\":\"too many rows\"");
	assert_int_equal(table_count(a), 0);
	expect_reply(f, "['T', {'op': 'allow', 'rows': 2}, " INSERT ", " INSERT "]",
		     "uuid");
	assert_int_equal(table_count(a), 2);
	expect_reply(f, "['T', {'op': 'allow', 'rows': 2}, {'op': 'allow', 'rows': 2}]",
		     "allow may be given once");
	/* Not called for a transaction without it, or one that fails before. */
	assert_int_equal(n_calls, 3);
	expect_reply(f, "['T', " INSERT "]", "uuid");
	expect_reply(f, "['T', {'op': 'allow', 'rows': 2}, {'op': 'abort'}]", "aborted");
	assert_int_equal(n_calls, 3);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_wait_for_ever),
		TEST(test_wait_with_timeout),
		TEST(test_results),
		TEST(test_read_only),
		TEST(test_database_of_the_server),
		TEST(test_assert),
		TEST(test_dry_run),
		TEST(test_guard),
		TEST(test_errors_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
