/* Monitors with conditions over a real socket (ovsdb-wire.md 4, ovsdb-server(7) 4.1.12 to
 * 4.1.15). */
#include "tests/unit/ovsdb-lite/wire.h"

#include "lib/buffer.h"
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/monitor/monitor_request.h"

#include <malloc.h>
#include <stdio.h>

#define A     "00000000-0000-4000-8000-00000000000a"
#define B     "00000000-0000-4000-8000-00000000000b"
#define C     "00000000-0000-4000-8000-00000000000c"
#define ZEROS "00000000-0000-0000-0000-000000000000"
#define INSERT(uuid, row)                                                                \
	"{\"op\":\"insert\",\"table\":\"R\",\"uuid\":\"" uuid "\",\"row\":{" row "}}"
#define UPDATE(uuid, row)                                                                \
	"{\"op\":\"update\",\"table\":\"R\",\"where\":[[\"_uuid\",\"==\",[\"uuid\","     \
	"\"" uuid "\"]]],\"row\":{" row "}}"
#define DELETE(uuid)                                                                     \
	"{\"op\":\"delete\",\"table\":\"R\",\"where\":[[\"_uuid\",\"==\",[\"uuid\","     \
	"\"" uuid "\"]]]}"
#define MONITOR(id, requests)                                                            \
	"{\"id\":\"m\",\"method\":\"monitor_cond\",\"params\":[\"T\"," id "," requests   \
	"]}"
#define REPLY(result) "{\"id\":\"m\",\"result\":" result ",\"error\":null}"
#define TOLD(id, rows)                                                                   \
	"{\"id\":null,\"method\":\"update2\",\"params\":[" id ",{\"R\":{" rows "}}]}"
#define CHANGE(from, to, changes)                                                        \
	"{\"id\":\"c\",\"method\":\"monitor_cond_change\",\"params\":[" from "," to      \
	"," changes "]}"
#define CHANGED "{\"id\":\"c\",\"result\":{},\"error\":null}"

static void run(struct peer *p, const char *operations)
{
	json_free(peer_transact(p, operations));
}

static void defaults_are_left_out_and_changes_are_differences(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	run(other, INSERT(A, "\"name\":\"a\",\"n\":1") "," INSERT(B, ""));
	peer_ask(p, MONITOR("null", "{\"R\":[{\"columns\":[\"name\",\"n\",\"tags\"]}]}"),
		 REPLY("{\"R\":{\"" A "\":{\"initial\":{\"name\":\"a\",\"n\":1}},\"" B
		       "\":{\"initial\":{}}}}"));
	run(other, INSERT(C, "\"tags\":[\"set\",[\"x\",\"y\"]]"));
	peer_expect(p, TOLD("null",
			    "\"" C "\":{\"insert\":{\"tags\":[\"set\",[\"x\",\"y\"]]}}"));
	run(other, UPDATE(C, "\"tags\":[\"set\",[\"y\",\"z\"]],\"n\":5"));
	peer_expect(p, TOLD("null", "\"" C "\":{\"modify\":{\"n\":5,\"tags\":[\"set\","
				    "[\"x\",\"z\"]]}}"));
	run(other, UPDATE(C, "\"tags\":[\"set\",[]],\"n\":0"));
	peer_expect(p, TOLD("null", "\"" C "\":{\"modify\":{\"n\":0,\"tags\":[\"set\","
				    "[\"y\",\"z\"]]}}"));
	run(other, DELETE(C));
	peer_expect(p, TOLD("null", "\"" C "\":{\"delete\":null}"));
	peer_close(p);
	peer_close(other);
}

static void a_row_comes_and_goes_with_its_condition(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	run(other, INSERT(A, "\"name\":\"a\",\"n\":1") "," INSERT(B, "\"name\":\"b\""));
	/* The condition's column is not among the columns. */
	peer_ask(p,
		 MONITOR("7", "{\"R\":{\"columns\":[\"name\"],"
			      "\"where\":[[\"n\",\">\",0]]}}"),
		 REPLY("{\"R\":{\"" A "\":{\"initial\":{\"name\":\"a\"}}}}"));
	run(other, UPDATE(B, "\"n\":2"));
	peer_expect(p, TOLD("7", "\"" B "\":{\"insert\":{\"name\":\"b\"}}"));
	run(other, UPDATE(B, "\"n\":3"));
	run(other, UPDATE(B, "\"name\":\"c\""));
	peer_expect(p, TOLD("7", "\"" B "\":{\"modify\":{\"name\":\"c\"}}"));
	run(other, UPDATE(A, "\"n\":0,\"name\":\"z\""));
	peer_expect(p, TOLD("7", "\"" A "\":{\"delete\":null}"));
	run(other, UPDATE(A, "\"name\":\"y\""));
	run(other, DELETE(A));
	run(other, INSERT(C, "") "," DELETE(B));
	peer_expect(p, TOLD("7", "\"" B "\":{\"delete\":null}"));
	peer_expect_quiet(p);
	peer_close(p);
	peer_close(other);
}

static void any_clause_will_do(void **state)
{
	static const struct {
		const char *where;
		bool a, b;
	} cases[] = {
		{"[]", true, true},
		{"[true]", true, true},
		{"[false]", false, false},
		{"[false,[\"n\",\"==\",1]]", true, false},
		{"[[\"n\",\"==\",1],[\"n\",\"==\",2]]", true, true},
		{"[[\"n\",\"==\",1],[\"n\",\"==\",3]]", true, false},
		{"[[\"n\",\"==\",4],true]", true, true},
		{"[[\"tags\",\"includes\",\"x\"]]", false, true},
		{"[[\"_uuid\",\"==\",[\"uuid\",\"" A "\"]]]", true, false},
	};
	struct peer *p = peer_open(*state);

	run(p, INSERT(A, "\"n\":1") "," INSERT(B, "\"n\":2,\"tags\":\"x\""));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(freep)
		char *request = xasprintf(
			MONITOR("%zu", "{\"R\":{\"columns\":[\"n\"],\"where\":%s}}"), i,
			cases[i].where);
		CLEANUP(freep)
		char *rows = xasprintf(
			"%s%s%s", cases[i].a ? "\"" A "\":{\"initial\":{\"n\":1}}" : "",
			cases[i].a && cases[i].b ? "," : "",
			cases[i].b ? "\"" B "\":{\"initial\":{\"n\":2}}" : "");
		CLEANUP(freep)
		char *reply = xasprintf(REPLY("{%s%s%s}"), *rows ? "\"R\":{" : "", rows,
					*rows ? "}" : "");

		peer_ask(p, request, reply);
	}
	peer_close(p);
}

/* A row that one of them wants is wanted, with the columns of all. */
static void several_requests_for_a_table(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	run(other,
	    INSERT(A, "\"name\":\"a\",\"n\":1") "," INSERT(B, "\"name\":\"b\",\"n\":2"));
	peer_ask(p,
		 MONITOR("1", "{\"R\":[{\"columns\":[\"n\"],\"where\":[[\"n\",\"==\","
			      "1]]},{\"columns\":[\"name\"],\"where\":[[\"n\",\"==\","
			      "3]],\"select\":{\"initial\":false}}]}"),
		 REPLY("{\"R\":{\"" A "\":{\"initial\":{\"n\":1}}}}"));
	run(other, UPDATE(B, "\"n\":3"));
	peer_expect(p, TOLD("1", "\"" B "\":{\"insert\":{\"n\":3,\"name\":\"b\"}}"));
	peer_close(p);
	peer_close(other);
}

static void select_says_which_changes_are_told(void **state)
{
	static const struct {
		const char *select;
		bool initial, insert, modify, delete;
	} cases[] = {
		{"\"initial\":false", false, true, true, true},
		{"\"insert\":false", true, false, true, true},
		{"\"modify\":false", true, true, false, true},
		{"\"delete\":false", true, true, true, false},
	};
	struct peer *other = peer_open(*state);

	run(other, INSERT(A, "\"n\":1"));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct peer *p = peer_open(*state);
		CLEANUP(freep)
		char *request = xasprintf(
			MONITOR("1", "{\"R\":[{\"columns\":[\"n\"],\"select\":{%s}}]}"),
			cases[i].select);

		peer_ask(p, request,
			 cases[i].initial
				 ? REPLY("{\"R\":{\"" A "\":{\"initial\":{\"n\":1}}}}")
				 : REPLY("{}"));
		run(other, INSERT(B, ""));
		if (cases[i].insert)
			peer_expect(p, TOLD("1", "\"" B "\":{\"insert\":{}}"));
		run(other, UPDATE(B, "\"n\":1"));
		if (cases[i].modify)
			peer_expect(p, TOLD("1", "\"" B "\":{\"modify\":{\"n\":1}}"));
		run(other, DELETE(B));
		if (cases[i].delete)
			peer_expect(p, TOLD("1", "\"" B "\":{\"delete\":null}"));
		peer_expect_quiet(p);
		peer_close(p);
	}
	peer_close(other);
}

static void conditions_change_under_a_new_id(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	run(other,
	    INSERT(A, "\"n\":1") "," INSERT(B, "\"n\":2") "," INSERT(C, "\"n\":3"));
	peer_ask(p,
		 MONITOR("1", "{\"R\":[{\"columns\":[\"n\"],\"where\":[[\"n\",\"<\","
			      "3]]}]}"),
		 REPLY("{\"R\":{\"" A "\":{\"initial\":{\"n\":1}},\"" B
		       "\":{\"initial\":{\"n\":2}}}}"));
	peer_send(p, CHANGE("1", "[\"x\"]", "{\"R\":[{\"where\":[[\"n\",\">\",1]]}]}"));
	peer_expect(p, TOLD("[\"x\"]", "\"" A "\":{\"delete\":null},\"" C
				       "\":{\"insert\":{\"n\":3}}"));
	peer_expect(p, CHANGED);
	run(other, UPDATE(A, "\"n\":4"));
	peer_expect(p, TOLD("[\"x\"]", "\"" A "\":{\"insert\":{\"n\":4}}"));
	/* Nothing to tell, nothing said. */
	peer_ask(p, CHANGE("[\"x\"]", "2", "{\"R\":[{\"where\":[[\"n\",\">=\",2]]}]}"),
		 CHANGED);
	peer_ask(p, CHANGE("2", "2", "{}"), CHANGED);
	peer_ask(p, CHANGE("2", "3", "{\"R\":[]}"), CHANGED);
	peer_send(p, CHANGE("3", "3", "{\"R\":{\"where\":[false]}}"));
	peer_expect(p, TOLD("3", "\"" A "\":{\"delete\":null},\"" B
				 "\":{\"delete\":null},\"" C "\":{\"delete\":null}"));
	peer_expect(p, CHANGED);
	run(other, DELETE(A));
	peer_send(p, CHANGE("3", "4", "{\"R\":{}}"));
	peer_expect(p, TOLD("4", "\"" B "\":{\"insert\":{\"n\":2}},\"" C
				 "\":{\"insert\":{\"n\":3}}"));
	peer_expect(p, CHANGED);
	peer_expect_quiet(p);
	peer_close(p);
	peer_close(other);
}

static void what_was_due_is_told_under_the_old_id(void **state)
{
	struct peer *p = peer_open(*state);

	peer_ask(p, MONITOR("1", "{\"R\":[{\"columns\":[\"n\"]}]}"), REPLY("{}"));
	peer_send(p,
		  "{\"id\":5,\"method\":\"transact\",\"params\":[\"T\"," INSERT(
			  A, "") "]}" CHANGE("1", "2", "{\"R\":[{\"where\":[false]}]}"));
	peer_expect(p, TOLD("1", "\"" A "\":{\"insert\":{}}"));
	json_free(peer_next(p));
	peer_expect(p, TOLD("2", "\"" A "\":{\"delete\":null}"));
	peer_expect(p, CHANGED);
	peer_close(p);
}

static void bad_requests_are_errors_and_change_nothing(void **state)
{
	static const struct {
		const char *method, *params, *error;
	} cases[] = {
		{"monitor", "[\"T\",1,{\"R\":{\"where\":[]}}]", "syntax error"},
		{"monitor_cond", "[\"T\",1]", "syntax error"},
		{"monitor_cond", "[\"T\",1,{\"Zap\":{}}]", "syntax error"},
		{"monitor_cond", "[\"T\",1,{\"R\":{\"where\":7}}]", "syntax error"},
		{"monitor_cond", "[\"T\",1,{\"R\":{\"where\":[7]}}]", "syntax error"},
		{"monitor_cond", "[\"T\",1,{\"R\":{\"where\":[true,[\"n\",\"==\"]]}}]",
		 "syntax error"},
		{"monitor_cond", "[\"T\",1,{\"R\":{\"where\":[[\"zap\",\"==\",1]]}}]",
		 "unknown column"},
		{"monitor_cond", "[\"T\",1,{\"R\":{\"where\":[[\"n\",\"~\",1]]}}]",
		 "unknown function"},
		{"monitor_cond", "[\"T\",\"m\",{}]", "syntax error"}, /* duplicate */
		{"monitor_cond_since", "[\"T\",1,{}]", "syntax error"},
		{"monitor_cond_since", "[\"T\",1,{},\"zap\"]", "syntax error"},
		{"monitor_cond_since", "[\"T\",1,{},7]", "syntax error"},
		{"monitor_cond_change", "[\"m\",1]", "syntax error"},
		{"monitor_cond_change", "[\"zap\",1,{}]", "syntax error"},
		{"monitor_cond_change", "[\"m\",1,7]", "syntax error"},
		{"monitor_cond_change", "[\"m\",1,{\"Zap\":{}}]", "syntax error"},
		{"monitor_cond_change", "[\"m\",1,{\"R\":{\"columns\":[]}}]",
		 "syntax error"},
		{"monitor_cond_change", "[\"m\",1,{\"R\":{\"zap\":[]}}]", "syntax error"},
		{"monitor_cond_change", "[\"m\",1,{\"R\":7}]", "syntax error"},
		{"monitor_cond_change", "[\"empty\",1,{\"R\":{}}]", "syntax error"},
		{"monitor_cond_change", "[\"plain\",1,{}]", "syntax error"},
	};
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	peer_ask(p, MONITOR("\"m\"", "{\"R\":{\"columns\":[\"n\"]}}"), REPLY("{}"));
	peer_ask(p, MONITOR("\"empty\"", "{}"), REPLY("{}"));
	peer_ask(p,
		 "{\"id\":\"m\",\"method\":\"monitor\",\"params\":[\"T\",\"plain\",{}]}",
		 REPLY("{}"));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(freep)
		char *text = xasprintf("{\"id\":1,\"method\":\"%s\",\"params\":%s}",
				       cases[i].method, cases[i].params);

		peer_expect_error(p, text, cases[i].error);
	}
	run(other, INSERT(A, ""));
	peer_expect(p, TOLD("\"m\"", "\"" A "\":{\"insert\":{}}"));
	peer_expect_quiet(p);
	peer_close(p);
	peer_close(other);
}

/* Without a file there is no history, and no transaction has an id. */
static void since_without_a_history(void **state)
{
	struct peer *p = peer_open(*state);

	run(p, INSERT(A, "\"n\":1"));
	peer_ask(p,
		 "{\"id\":\"m\",\"method\":\"monitor_cond_since\",\"params\":[\"T\",1,"
		 "{\"R\":[{\"columns\":[\"n\"]}]},\"" A "\"]}",
		 REPLY("[false,\"" ZEROS "\",{\"R\":{\"" A
		       "\":{\"initial\":{\"n\":1}}}}]"));
	peer_send(p, "{\"id\":5,\"method\":\"transact\",\"params\":[\"T\"," UPDATE(
			     A, "\"n\":2") "]}");
	peer_expect(p, "{\"id\":null,\"method\":\"update3\",\"params\":[1,\"" ZEROS
		       "\",{\"R\":{\"" A "\":{\"modify\":{\"n\":2}}}}]}");
	json_free(peer_next(p));
	peer_close(p);
}

#define SINCE(id)                                                                        \
	"{\"id\":\"m\",\"method\":\"monitor_cond_since\",\"params\":[\"T\",1,"           \
	"{\"R\":[{\"columns\":[\"n\"]}]},\"" id "\"]}"

/* Element number 'i' of the reply, or of the notification's params. Owned by the caller.
 */
static char *element(const struct json_object *message, size_t i)
{
	const struct json_object *result = json_member(message, "result");

	return json_text(json_at(result ? result : json_member(message, "params"), i));
}

static void expect_since(struct peer *p, const char *last, const char *found,
			 const char *updates)
{
	CLEANUP(json_freep) struct json_object *reply = NULL;
	CLEANUP(freep) char *request = xasprintf(SINCE("%s"), last);
	CLEANUP(freep) char *has_found = NULL, *has_updates = NULL;

	peer_send(p, request);
	reply = peer_next(p);
	has_found = element(reply, 0);
	has_updates = element(reply, 2);
	assert_string_equal(has_found, found);
	assert_string_equal(has_updates, updates);
}

static void since_tells_what_was_missed(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);
	CLEANUP(freep) char *last = NULL, *told = NULL;
	struct json_object *message;

	run(other, INSERT(A, "\"n\":1") "," INSERT(B, "\"n\":2"));
	expect_since(p, ZEROS, "false",
		     "{\"R\":{\"" A "\":{\"initial\":{\"n\":1}},\"" B
		     "\":{\"initial\":{\"n\":2}}}}");
	run(other, UPDATE(A, "\"n\":3"));
	message = peer_next(p);
	last = strndup(json_get_string(json_at(json_member(message, "params"), 1)), 36);
	told = element(message, 2);
	assert_string_equal(told, "{\"R\":{\"" A "\":{\"modify\":{\"n\":3}}}}");
	json_free(message);
	peer_close(p);

	p = peer_open(*state);
	expect_since(p, last, "true", "{}");
	peer_close(p);
	run(other, UPDATE(A, "\"n\":4") "," DELETE(B) "," INSERT(C, ""));
	run(other, UPDATE(A, "\"n\":5"));
	p = peer_open(*state);
	expect_since(p, last, "true",
		     "{\"R\":{\"" A "\":{\"modify\":{\"n\":5}},\"" B
		     "\":{\"delete\":null},\"" C "\":{\"insert\":{}}}}");
	peer_close(p);
	/* An id that is none of ours. */
	p = peer_open(*state);
	expect_since(p, A, "false",
		     "{\"R\":{\"" A "\":{\"initial\":{\"n\":5}},\"" C
		     "\":{\"initial\":{}}}}");
	peer_close(p);
	peer_close(other);
}

static void monitors_of_one_kind_share_but_have_their_own_ids(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	for (int i = 0; i < 20; i++) {
		CLEANUP(freep)
		char *text =
			xasprintf(MONITOR("[%d]", "{\"R\":{\"columns\":[\"n\"]}}"), i);

		peer_ask(p, text, REPLY("{}"));
	}
	for (int n = 1; n <= 2; n++) {
		CLEANUP(freep) char *row = xasprintf("\"n\":%d", n);
		CLEANUP(freep)
		char *operation = n == 1 ? xasprintf(INSERT(A, "%s"), row)
					 : xasprintf(UPDATE(A, "%s"), row);

		run(other, operation);
		for (int i = 0; i < 20; i++) {
			CLEANUP(freep)
			char *told = xasprintf(TOLD("[%d]", "\"" A "\":{\"%s\":{%s}}"), i,
					       n == 1 ? "insert" : "modify", row);

			peer_expect(p, told);
		}
	}
	peer_close(p);
	peer_close(other);
}

/* The memory of all else in a message goes with it. Sanitizers have a malloc of their own,
 * which counts nothing here. */
static void what_is_kept_of_a_message_keeps_no_more(void **state)
{
	const struct wire *w = *state;
	struct buffer text = {0};
	struct monitor_request *request;
	struct json_object *json;
	size_t before, after;

	buffer_puts(&text, "[{\"R\":{\"where\":[[\"n\",\"==\",1]]}}");
	for (int i = 0; i < 100000; i++)
		buffer_puts(&text, ",1");
	buffer_puts(&text, "]");
	before = mallinfo2().uordblks + mallinfo2().hblkhd;
	assert_null(json_parse(text.data, text.n, &json));
	assert_null(monitor_request_parse(w->db, false, json_at(json, 0), &request));
	json_free(json);
	after = mallinfo2().uordblks + mallinfo2().hblkhd;
	assert_true(after < before + (64 << 10));
	monitor_request_free(request);
	buffer_clear(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TEST(defaults_are_left_out_and_changes_are_differences),
		WIRE_TEST(a_row_comes_and_goes_with_its_condition),
		WIRE_TEST(any_clause_will_do),
		WIRE_TEST(several_requests_for_a_table),
		WIRE_TEST(select_says_which_changes_are_told),
		WIRE_TEST(conditions_change_under_a_new_id),
		WIRE_TEST(what_was_due_is_told_under_the_old_id),
		WIRE_TEST(bad_requests_are_errors_and_change_nothing),
		WIRE_TEST(since_without_a_history),
		cmocka_unit_test_setup_teardown(since_tells_what_was_missed,
						wire_setup_file, wire_teardown),
		WIRE_TEST(monitors_of_one_kind_share_but_have_their_own_ids),
		WIRE_TEST(what_is_kept_of_a_message_keeps_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
