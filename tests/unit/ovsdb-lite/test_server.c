/* The server's requests over a real socket: framing, databases, transactions that wait,
 * locks, methods of the embedding program. Monitors are in test_monitor.c, limits of a
 * client in test_server_seats.c and the files beside it. */
#include "tests/unit/ovsdb-lite/wire.h"

#include "lib/clock.h"

#include <stdio.h>
#include <unistd.h>

#define INSERT(name, n)                                                                  \
	"{\"op\":\"insert\",\"table\":\"R\",\"row\":{\"name\":\"" name "\",\"n\":" #n "}}"
/* Waits until the row called 'name' is there. */
#define WAIT(name, more)                                                                 \
	"{\"op\":\"wait\",\"table\":\"R\",\"where\":[[\"name\",\"==\",\"" name           \
	"\"]],\"columns\":[\"name\"],\"until\":\"==\",\"rows\":[{\"name\":\"" name       \
	"\"}]" more "}"
#define TRANSACT(id, operations)                                                         \
	"{\"id\":" id ",\"method\":\"transact\",\"params\":[\"T\"," operations "]}"
#define CALL(id, method, params)                                                         \
	"{\"id\":" id ",\"method\":\"" method "\",\"params\":" params "}"
#define RESULT(id, result) "{\"id\":" id ",\"result\":" result ",\"error\":null}"

static void ids_and_params_come_back_as_they_were(void **state)
{
	struct peer *p = peer_open(*state);

	peer_ask(p, CALL("1", "echo", "[]"), RESULT("1", "[]"));
	peer_ask(p, CALL("\"x\"", "echo", "[1,{\"a\":null}]"),
		 RESULT("\"x\"", "[1,{\"a\":null}]"));
	peer_ask(p, CALL("[1,{\"a\":2}]", "echo", "[null]"),
		 RESULT("[1,{\"a\":2}]", "[null]"));
	peer_ask(p, CALL("false", "echo", "[\"\xc3\xa4\"]"),
		 RESULT("false", "[\"\xc3\xa4\"]"));
	peer_close(p);
}

static void messages_may_be_split_and_joined_anywhere(void **state)
{
	static const char text[] =
		" " CALL("1", "echo", "[\"{\\\"\"]") "\n\t" CALL("2", "list_dbs", "[]")
			CALL("3", "echo", "[3]");
	struct wire *w = *state;
	struct peer *p = peer_open(w);

	for (size_t i = 0; text[i]; i++) {
		peer_send_n(p, text + i, 1);
		wire_must(loop_run_once(w->loop, 0));
	}
	peer_expect(p, RESULT("1", "[\"{\\\"\"]"));
	peer_expect(p, RESULT("2", "[\"T\",\"_Server\"]"));
	peer_expect(p, RESULT("3", "[3]"));
	peer_send(p, text);
	peer_expect(p, RESULT("1", "[\"{\\\"\"]"));
	peer_expect(p, RESULT("2", "[\"T\",\"_Server\"]"));
	peer_expect(p, RESULT("3", "[3]"));
	peer_close(p);
}

static void nonsense_closes_silently_and_hurts_nobody_else(void **state)
{
	static const char *const texts[] = {
		"hello",
		"[]",
		"{\"id\":1,\"method\":\"echo\"}",
		"{\"id\":1,\"result\":[],\"error\":null}",
		"{\"id\":1,\"method\":\"echo\",\"params\":[01]}",
		"}",
	};
	struct peer *other = peer_open(*state);

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct peer *p = peer_open(*state);

		peer_send(p, texts[i]);
		peer_expect_closed(p);
		peer_close(p);
	}
	peer_ask(other, CALL("1", "echo", "[]"), RESULT("1", "[]"));
	peer_close(other);
}

static void what_was_asked_before_the_nonsense_is_answered(void **state)
{
	struct peer *p = peer_open(*state);

	peer_ask(p, CALL("1", "echo", "[]") "]", RESULT("1", "[]"));
	peer_expect_closed(p);
	peer_close(p);
}

static void unknown_requests_are_told_so_and_notifications_ignored(void **state)
{
	struct peer *p = peer_open(*state);

	peer_ask(p, CALL("1", "zap", "[true]"),
		 "{\"id\":1,\"result\":null,\"error\":\"unknown method\"}");
	peer_ask(p, CALL("2", "cancel", "[1]"),
		 "{\"id\":2,\"result\":null,\"error\":\"unknown method\"}");
	peer_send(p, CALL("null", "whatever", "[]"));
	peer_send(p, CALL("null", "transact", "[\"T\"," INSERT("a", 1) "]"));
	peer_send(p, CALL("null", "cancel", "[77]"));
	peer_expect_quiet(p);
	peer_close(p);
}

static void databases_and_their_schemas(void **state)
{
	struct peer *p = peer_open(*state);
	struct json_object *reply;

	peer_ask(p, CALL("1", "list_dbs", "[]"), RESULT("1", "[\"T\",\"_Server\"]"));
	peer_send(p, CALL("2", "get_schema", "[\"T\",\"ignored\",7]"));
	reply = peer_next(p);
	assert_string_equal(
		json_get_string(json_member(json_member(reply, "result"), "name")), "T");
	json_free(reply);
	peer_expect_error(p, CALL("3", "get_schema", "[\"_server\"]"),
			  "unknown database");
	peer_expect_error(p, CALL("4", "get_schema", "[]"), "syntax error");
	peer_expect_error(p, CALL("5", "get_schema", "[7]"), "syntax error");
	peer_expect_error(p, CALL("6", "transact", "[\"zap\"]"), "unknown database");
	peer_expect_error(p, CALL("7", "transact", "[]"), "syntax error");
	peer_expect_error(p, CALL("8", "monitor", "[\"zap\",1,{}]"), "unknown database");
	peer_close(p);
}

static void unknown_database_is_named(void **state)
{
	struct peer *p = peer_open(*state);

	peer_ask(p, CALL("1", "get_schema", "[\"X\"]"),
		 "{\"id\":1,\"result\":null,\"error\":{\"error\":\"unknown database\","
		 "\"details\":\"get_schema request specifies unknown database X\","
		 "\"syntax\":\"[\\\"X\\\"]\"}}");
	peer_close(p);
}

static void transactions_run_in_order(void **state)
{
	struct peer *p = peer_open(*state);
	struct json_object *result;

	peer_ask(p, CALL("1", "transact", "[\"T\"]"), RESULT("1", "[]"));
	peer_send(p, TRANSACT("2", INSERT("a", 1)) CALL("3", "echo", "[]") TRANSACT(
			     "4", "{\"op\":\"select\",\"table\":\"R\",\"where\":[],"
				  "\"columns\":[\"name\",\"n\"]}"));
	result = peer_next(p);
	assert_int_equal(json_get_integer(json_member(result, "id")), 2);
	json_free(result);
	peer_expect(p, RESULT("3", "[]"));
	peer_expect(p, RESULT("4", "[{\"rows\":[{\"name\":\"a\",\"n\":1}]}]"));
	peer_close(p);
}

static void errors_are_results_and_undo_everything(void **state)
{
	struct peer *p = peer_open(*state);
	struct json_object *result =
		peer_transact(p, INSERT("a", 1) ",{\"op\":\"abort\"}," INSERT("b", 2));

	assert_int_equal(json_get_length(result), 3);
	assert_string_equal(json_get_string(json_member(json_at(result, 1), "error")),
			    "aborted");
	assert_int_equal(json_kind(json_at(result, 2)), JSON_NULL);
	json_free(result);
	assert_int_equal(table_count(db_table(((struct wire *)*state)->db, "R")), 0);
	peer_close(p);
}

static void wait_ends_with_the_commit_that_it_waits_for(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	peer_send(p, TRANSACT("1", WAIT("a", "")) CALL("2", "echo", "[]"));
	peer_expect(p, RESULT("2", "[]"));
	json_free(peer_transact(other, INSERT("b", 1)));
	peer_expect_quiet(p);
	json_free(peer_transact(other, INSERT("a", 1)));
	peer_expect(p, RESULT("1", "[{}]"));
	peer_close(p);
	peer_close(other);
}

static void wait_wakes_wait(void **state)
{
	struct peer *p = peer_open(*state), *q = peer_open(*state),
		    *other = peer_open(*state);

	peer_send(p, TRANSACT("1", WAIT("b", "")));
	peer_send(
		q,
		TRANSACT("2",
			 WAIT("a", "") ",{\"op\":\"comment\",\"comment\":\"x\"}," INSERT(
				 "b", 2)));
	peer_expect_quiet(p);
	json_free(peer_transact(other, INSERT("a", 1)));
	peer_expect(p, RESULT("1", "[{}]"));
	json_free(peer_next(q));
	peer_close(p);
	peer_close(q);
	peer_close(other);
}

static void wait_times_out_counted_from_its_arrival(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);
	int64_t start = clock_now_ms(), end = start + WIRE_PATIENCE_MS;
	struct json_object *reply;

	peer_send(p, TRANSACT("1", WAIT("a", ",\"timeout\":400")));
	/* Attempts do not prolong it: it would never end. */
	while (!p->n_messages && clock_now_ms() < end) {
		wire_must(loop_run_once(p->wire->loop, 30));
		json_free(peer_transact(other, INSERT("b", 1)));
	}
	reply = peer_next(p);
	assert_true(clock_now_ms() - start >= 395);
	assert_string_equal(json_get_string(json_member(
				    json_at(json_member(reply, "result"), 0), "error")),
			    "timed out");
	json_free(reply);
	peer_close(p);
	peer_close(other);
}

static void wait_of_no_time_answers_in_the_same_call(void **state)
{
	struct peer *p = peer_open(*state);
	struct json_object *result = peer_transact(p, WAIT("a", ",\"timeout\":0"));

	assert_string_equal(json_get_string(json_member(json_at(result, 0), "error")),
			    "timed out");
	json_free(result);
	peer_close(p);
}

static void waiting_transactions_can_be_canceled(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	peer_send(p, TRANSACT("[1]", WAIT("a", "") "," INSERT("z", 1)));
	peer_expect_quiet(p);
	peer_expect_error(p, TRANSACT("[1.0]", INSERT("b", 1)), "syntax error");
	peer_ask(p, CALL("null", "cancel", "[[1]]"),
		 "{\"id\":[1],\"result\":null,\"error\":\"canceled\"}");
	json_free(peer_transact(other, INSERT("a", 1)));
	peer_expect_quiet(p);
	assert_int_equal(table_count(db_table(((struct wire *)*state)->db, "R")), 1);
	peer_close(p);
	peer_close(other);
}

static void waiting_transactions_go_with_their_client(void **state)
{
	struct wire *w = *state;
	struct peer *p = peer_open(w), *other = peer_open(w);

	peer_send(p, TRANSACT("1", WAIT("a", "") "," INSERT("z", 1)));
	peer_expect_quiet(p);
	peer_close(p);
	json_free(peer_transact(other, INSERT("a", 1)));
	peer_expect_quiet(other);
	assert_int_equal(table_count(db_table(w->db, "R")), 1);
	peer_close(other);
}

static void locks_are_queued_stolen_and_freed_with_their_client(void **state)
{
	struct peer *p = peer_open(*state), *q = peer_open(*state);

	peer_ask(p, CALL("1", "lock", "[\"l\"]"), RESULT("1", "{\"locked\":true}"));
	peer_ask(q, CALL("1", "lock", "[\"l\"]"), RESULT("1", "{\"locked\":false}"));
	peer_expect_error(q, CALL("2", "lock", "[\"l\"]"), "syntax error");
	peer_expect_error(q, CALL("2", "unlock", "[\"zap\"]"), "syntax error");
	peer_expect_error(q, CALL("2", "lock", "[\"no id\"]"), "syntax error");
	peer_expect_error(q, CALL("2", "lock", "[]"), "syntax error");
	peer_ask(q, CALL("3", "unlock", "[\"l\"]"), RESULT("3", "{}"));
	peer_ask(q, CALL("4", "steal", "[\"l\"]"), RESULT("4", "{\"locked\":true}"));
	peer_expect(p, CALL("null", "stolen", "[\"l\"]"));
	peer_close(q);
	peer_expect(p, CALL("null", "locked", "[\"l\"]"));
	peer_close(p);
}

static void assert_operation_knows_the_locks(void **state)
{
	static const char operation[] = "{\"op\":\"assert\",\"lock\":\"l\"}";
	struct peer *p = peer_open(*state), *q = peer_open(*state);
	struct json_object *result;

	peer_ask(p, CALL("1", "lock", "[\"l\"]"), RESULT("1", "{\"locked\":true}"));
	result = peer_transact(p, operation);
	assert_null(json_member(json_at(result, 0), "error"));
	json_free(result);
	result = peer_transact(q, operation);
	assert_string_equal(json_get_string(json_member(json_at(result, 0), "error")),
			    "not owner");
	json_free(result);
	peer_close(p);
	peer_close(q);
}

static struct err *who(void *aux, const struct json_object *params,
		       const struct txn_origin *caller, struct json_object **ret_result)
{
	assert_string_equal(aux, "aux");
	if (json_get_length(params))
		return err_new(ERR_SYNTAX, "who takes nothing");
	*ret_result = json_pair(json_integer(caller->uid), json_integer(caller->pid));
	return NULL;
}

static void embedding_program_adds_methods(void **state)
{
	static char aux[] = "aux";
	struct wire *w = *state;
	struct peer *p = peer_open(w);
	char *want;

	want = xasprintf(RESULT("1", "[%d,%d]"), (int)getuid(), (int)getpid());
	server_add_method(w->server, NULL, "who", RBAC_READ, who, aux);
	peer_ask(p, CALL("1", "who", "[]"), want);
	peer_expect_error(p, CALL("1", "who", "[1]"), "syntax error");
	free(want);
	peer_close(p);
}

/* A method in slices: it ends when 'n_left' of them are over. */
struct sliced {
	int n_left, n_begun, n_freed;
	bool fails;
};

static struct err *begin_slices(void *aux, const struct json_object *params,
				const struct txn_origin *caller, void **ret_work)
{
	struct sliced *sliced = aux;

	(void)caller;
	if (json_get_length(params))
		return err_new(ERR_SYNTAX, "it takes nothing");
	sliced->n_begun++;
	*ret_work = sliced;
	return NULL;
}

static struct err *go_on_slices(void *work, int64_t end_ms, struct buffer *result,
				bool *ret_is_over)
{
	struct sliced *sliced = work;

	assert_true(end_ms > 0);
	if (!result->n)
		buffer_puts(result, "\"a");
	if (sliced->n_left < 0 || sliced->n_left-- > 0)
		return NULL;
	if (sliced->fails)
		return err_new(ERR_INVALID, "it cannot be done");
	buffer_puts(result, "ll\"");
	*ret_is_over = true;
	return NULL;
}

static void free_slices(void *work)
{
	struct sliced *sliced = work;

	sliced->n_freed++;
}

static const struct method_slices slices = {
	.begin = begin_slices, .go_on = go_on_slices, .free = free_slices};

/* Others are served meanwhile; the client's own requests wait. */
static void a_method_works_in_slices(void **state)
{
	struct sliced sliced = {.n_left = -1};
	struct wire *w = *state;
	struct peer *p = peer_open(w), *q = peer_open(w);

	server_add_slices(w->server, NULL, "all", RBAC_READ, &slices, &sliced);
	peer_expect_error(p, CALL("1", "all", "[1]"), "syntax error");
	peer_send(p, CALL("2", "all", "[]") CALL("3", "echo", "[3]"));
	peer_ask(q, CALL("1", "echo", "[]"), RESULT("1", "[]"));
	assert_int_equal(sliced.n_begun, 1);
	assert_int_equal(sliced.n_freed, 0);
	sliced.n_left = 3;
	peer_expect(p, RESULT("2", "\"all\""));
	peer_expect(p, RESULT("3", "[3]"));
	assert_int_equal(sliced.n_freed, 1);
	sliced = (struct sliced){.n_left = 2, .fails = true};
	peer_expect_error(p, CALL("4", "all", "[]"), "invalid");
	assert_int_equal(sliced.n_freed, 1);
	peer_close(p);
	peer_close(q);
}

/* The server ends in the middle of it, or the client has gone. */
static void slices_end_with_the_session(void **state)
{
	struct sliced sliced = {.n_left = -1};
	struct wire *w = *state;
	struct peer *p = peer_open(w), *q = peer_open(w);

	server_add_slices(w->server, NULL, "all", RBAC_READ, &slices, &sliced);
	peer_send(p, CALL("1", "all", "[]"));
	peer_ask(q, CALL("1", "echo", "[]"), RESULT("1", "[]"));
	assert_int_equal(sliced.n_begun, 1);
	wire_limit(w, &server_limits_default);
	assert_int_equal(sliced.n_freed, 1);
	peer_close(p);
	peer_close(q);

	server_add_slices(w->server, NULL, "all", RBAC_READ, &slices, &sliced);
	p = peer_open(w);
	peer_send(p, CALL("1", "all", "[]"));
	WIRE_WAIT_FOR(w, sliced.n_begun == 2);
	peer_close(p);
	sliced.n_left = 0;
	WIRE_WAIT_FOR(w, sliced.n_freed == 2);
}

static void durable_and_plain_transactions_of_a_file(void **state)
{
	static const char commit[] = "{\"op\":\"commit\",\"durable\":true}";
	struct wire *w = *state;
	struct peer *p = peer_open(w);
	char *text = xasprintf(TRANSACT("1", INSERT("a", 1) ",%s")
				       TRANSACT("2", INSERT("b", 1))
					       TRANSACT("3", INSERT("c", 1) ",%s"),
			       commit, commit);

	peer_send(p, text);
	for (int i = 1; i <= 3; i++) {
		struct json_object *reply = peer_next(p);

		assert_int_equal(json_get_integer(json_member(reply, "id")), i);
		json_free(reply);
	}
	assert_int_equal(table_count(db_table(w->db, "R")), 3);
	free(text);
	peer_close(p);
}

static void two_databases_of_one_name_are_refused(void **state)
{
	struct wire *w = *state;

	wire_must_fail(server_add_db(w->server, w->db), ERR_EXISTS);
	wire_must_fail(server_add_remote(w->server, w->passive), ERR_BUSY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TEST(ids_and_params_come_back_as_they_were),
		WIRE_TEST(messages_may_be_split_and_joined_anywhere),
		WIRE_TEST(nonsense_closes_silently_and_hurts_nobody_else),
		WIRE_TEST(what_was_asked_before_the_nonsense_is_answered),
		WIRE_TEST(unknown_requests_are_told_so_and_notifications_ignored),
		WIRE_TEST(databases_and_their_schemas),
		WIRE_TEST(unknown_database_is_named),
		WIRE_TEST(transactions_run_in_order),
		WIRE_TEST(errors_are_results_and_undo_everything),
		WIRE_TEST(wait_ends_with_the_commit_that_it_waits_for),
		WIRE_TEST(wait_wakes_wait),
		WIRE_TEST(wait_times_out_counted_from_its_arrival),
		WIRE_TEST(wait_of_no_time_answers_in_the_same_call),
		WIRE_TEST(waiting_transactions_can_be_canceled),
		WIRE_TEST(waiting_transactions_go_with_their_client),
		WIRE_TEST(locks_are_queued_stolen_and_freed_with_their_client),
		WIRE_TEST(assert_operation_knows_the_locks),
		WIRE_TEST(embedding_program_adds_methods),
		WIRE_TEST(a_method_works_in_slices),
		WIRE_TEST(slices_end_with_the_session),
		cmocka_unit_test_setup_teardown(durable_and_plain_transactions_of_a_file,
						wire_setup_file, wire_teardown),
		WIRE_TEST(two_databases_of_one_name_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
