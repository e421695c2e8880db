/* `convert` over the wire: what becomes of rows, monitors, waiting transactions and
 * clients, and who may not. */
#include "tests/unit/ovsdb-lite/wire.h"

#define CALL(id, method, params)                                                         \
	"{\"id\":" id ",\"method\":\"" method "\",\"params\":" params "}"
#define RESULT(id, result) "{\"id\":" id ",\"result\":" result ",\"error\":null}"
/* As wire_schema, but for the columns. */
#define SCHEMA(columns)                                                                  \
	"{\"name\":\"T\",\"version\":\"2.0.0\",\"tables\":{\"R\":{\"columns\":{"         \
	"\"name\":{\"type\":\"string\"}," columns "}}}}"
#define WIDER   SCHEMA("\"n\":{\"type\":\"integer\"},\"added\":{\"type\":\"boolean\"}")
#define INSERT  "{\"op\":\"insert\",\"table\":\"R\",\"row\":{\"name\":\"a\",\"n\":5}}"
#define MONITOR CALL("\"m\"", "monitor", "[\"T\",[\"x\"],{\"R\":{\"columns\":[\"n\"]}}]")
#define WAIT                                                                             \
	CALL("\"w\"", "transact",                                                        \
	     "[\"T\",{\"op\":\"wait\",\"table\":\"R\",\"where\":[[\"n\",\"==\",99]],"    \
	     "\"columns\":[\"n\"],\"until\":\"!=\",\"rows\":[]}]")

static struct peer *aware_peer(struct wire *w)
{
	struct peer *p = peer_open(w);

	peer_ask(p, CALL("0", "set_db_change_aware", "[true]"), RESULT("0", "{}"));
	return p;
}

static void the_rows_stay_and_the_columns_are_others(void **state)
{
	struct peer *p = aware_peer(*state);
	struct json_object *reply;

	json_free(peer_transact(p, INSERT));
	peer_ask(p, CALL("1", "convert", "[\"T\"," WIDER "]"), RESULT("1", "{}"));
	peer_ask(p,
		 CALL("2", "transact",
		      "[\"T\",{\"op\":\"select\",\"table\":\"R\",\"where\":[],"
		      "\"columns\":[\"name\",\"n\",\"added\"]}]"),
		 RESULT("2", "[{\"rows\":[{\"name\":\"a\",\"n\":5,\"added\":false}]}]"));
	peer_send(p, CALL("3", "get_schema", "[\"T\"]"));
	reply = peer_next(p);
	assert_string_equal(
		json_get_string(json_member(json_member(reply, "result"), "version")),
		"2.0.0");
	json_free(reply);
	/* It can be written to, and done again. */
	json_free(peer_transact(p, INSERT));
	peer_ask(p, CALL("4", "convert", "[\"T\"," WIDER "]"), RESULT("4", "{}"));
	peer_close(p);
}

static void aware_clients_are_told_what_is_canceled(void **state)
{
	struct peer *p = aware_peer(*state), *asker = aware_peer(*state);

	peer_ask(p, MONITOR, RESULT("\"m\"", "{}"));
	peer_send(p, WAIT);
	peer_ask(asker, CALL("1", "convert", "[\"T\"," WIDER "]"), RESULT("1", "{}"));
	peer_expect(p, CALL("null", "monitor_canceled", "[[\"x\"]]"));
	peer_expect(p, "{\"id\":\"w\",\"result\":null,\"error\":\"canceled\"}");
	json_free(peer_transact(asker, INSERT));
	peer_expect_quiet(p);
	/* Its names are free again. */
	peer_send(p, MONITOR);
	json_free(peer_next(p));
	peer_send(p, WAIT);
	peer_expect_quiet(p);
	peer_close(p);
	peer_close(asker);
}

static void the_asker_s_own_monitor_is_canceled_before_the_reply(void **state)
{
	struct peer *p = aware_peer(*state);

	peer_ask(p, MONITOR, RESULT("\"m\"", "{}"));
	peer_send(p, CALL("1", "convert", "[\"T\"," WIDER "]"));
	peer_expect(p, CALL("null", "monitor_canceled", "[[\"x\"]]"));
	peer_expect(p, RESULT("1", "{}"));
	peer_close(p);
}

static void the_server_s_database_tells_of_it(void **state)
{
	struct peer *p = aware_peer(*state), *asker = aware_peer(*state);
	struct json_object *message;

	peer_ask(p,
		 CALL("1", "monitor",
		      "[\"_Server\",\"s\",{\"Database\":{\"columns\":[\"schema\"],"
		      "\"select\":{\"initial\":false}}}]"),
		 RESULT("1", "{}"));
	peer_ask(asker, CALL("1", "convert", "[\"T\"," WIDER "]"), RESULT("1", "{}"));
	message = peer_next(p);
	assert_string_equal(json_get_string(json_member(message, "method")), "update");
	json_free(message);
	peer_expect_quiet(p);
	peer_close(p);
	peer_close(asker);
}

static void unaware_clients_are_cut_off(void **state)
{
	struct peer *idle = peer_open(*state), *watcher = peer_open(*state),
		    *asker = peer_open(*state), *aware = aware_peer(*state);

	peer_ask(idle, CALL("1", "echo", "[]"), RESULT("1", "[]"));
	peer_ask(watcher, MONITOR, RESULT("\"m\"", "{}"));
	peer_send(watcher, WAIT);
	peer_ask(asker, CALL("1", "convert", "[\"T\"," WIDER "]") CALL("2", "echo", "[]"),
		 RESULT("1", "{}"));
	peer_expect_closed(asker);
	peer_expect_closed(idle);
	peer_expect_closed(watcher);
	peer_ask(aware, CALL("1", "echo", "[]"), RESULT("1", "[]"));
	peer_close(idle);
	peer_close(watcher);
	peer_close(asker);
	peer_close(aware);
}

static void what_does_not_fit_changes_nothing(void **state)
{
	struct peer *p = peer_open(*state), *asker = peer_open(*state);

	json_free(peer_transact(asker, INSERT));
	peer_send(p, MONITOR);
	json_free(peer_next(p));
	peer_expect_error(
		asker,
		CALL("1", "convert",
		     "[\"T\"," SCHEMA("\"n\":{\"type\":{\"key\":{\"type\":\"integer\","
				      "\"maxInteger\":4}}}") "]"),
		"constraint violation");
	peer_expect_error(asker,
			  CALL("2", "convert",
			       "[\"T\",{\"name\":\"U\",\"version\":\"1.0.0\","
			       "\"tables\":{}}]"),
			  "constraint violation");
	peer_expect_error(asker, CALL("3", "convert", "[\"T\",{}]"), "syntax error");
	peer_expect_error(asker, CALL("4", "convert", "[\"T\"]"), "syntax error");
	peer_expect_error(asker, CALL("5", "convert", "[]"), "syntax error");
	peer_expect_error(asker, CALL("6", "convert", "[\"U\"," WIDER "]"),
			  "unknown database");
	/* The monitor goes on. */
	json_free(peer_transact(asker, INSERT));
	json_free(peer_next(p));
	peer_close(p);
	peer_close(asker);
}

static void some_are_not_to_be_converted(void **state)
{
	struct wire *w = *state;
	struct peer *p = peer_open(w);

	peer_expect_error(p,
			  CALL("1", "convert",
			       "[\"_Server\",{\"name\":\"_Server\",\"version\":"
			       "\"1.0.0\",\"tables\":{}}]"),
			  "not allowed");
	server_fix_schema(w->server, w->db);
	peer_expect_error(p, CALL("2", "convert", "[\"T\"," WIDER "]"), "not allowed");
	peer_ask(p, CALL("3", "echo", "[]"), RESULT("3", "[]"));
	peer_close(p);
}

#define FILE_TEST(name)                                                                  \
	cmocka_unit_test_setup_teardown(name, wire_setup_file, wire_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TEST(the_rows_stay_and_the_columns_are_others),
		FILE_TEST(the_rows_stay_and_the_columns_are_others),
		FILE_TEST(aware_clients_are_told_what_is_canceled),
		FILE_TEST(the_asker_s_own_monitor_is_canceled_before_the_reply),
		WIRE_TEST(the_server_s_database_tells_of_it),
		FILE_TEST(unaware_clients_are_cut_off),
		FILE_TEST(what_does_not_fit_changes_nothing),
		WIRE_TEST(some_are_not_to_be_converted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
