/* Monitors over a real socket (RFC 7047 4.1.5 to 4.1.7): what is told, when, and what is
 * not. */
#include "ovsdb-lite/json/json_parse.h"
#include "tests/unit/ovsdb-lite/wire.h"

#include <stdio.h>

#define A "00000000-0000-4000-8000-00000000000a"
#define B "00000000-0000-4000-8000-00000000000b"
#define INSERT(uuid, row)                                                                \
	"{\"op\":\"insert\",\"table\":\"R\",\"uuid\":\"" uuid "\",\"row\":{" row "}}"
#define UPDATE(uuid, row)                                                                \
	"{\"op\":\"update\",\"table\":\"R\",\"where\":[[\"_uuid\",\"==\",[\"uuid\","     \
	"\"" uuid "\"]]],\"row\":{" row "}}"
#define DELETE(uuid)                                                                     \
	"{\"op\":\"delete\",\"table\":\"R\",\"where\":[[\"_uuid\",\"==\",[\"uuid\","     \
	"\"" uuid "\"]]]}"
#define MONITOR(id, requests)                                                            \
	"{\"id\":\"m\",\"method\":\"monitor\",\"params\":[\"T\"," id "," requests "]}"
#define REPLY(result) "{\"id\":\"m\",\"result\":" result ",\"error\":null}"
#define TOLD(id, rows)                                                                   \
	"{\"id\":null,\"method\":\"update\",\"params\":[" id ",{\"R\":{" rows "}}]}"

static void run(struct peer *p, const char *operations)
{
	json_free(peer_transact(p, operations));
}

static void first_what_is_there_then_what_changes(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	run(other, INSERT(A, "\"name\":\"a\",\"n\":1"));
	peer_ask(p, MONITOR("null", "{\"R\":{\"columns\":[\"name\",\"n\"]}}"),
		 REPLY("{\"R\":{\"" A "\":{\"new\":{\"name\":\"a\",\"n\":1}}}}"));
	run(other, INSERT(B, "\"name\":\"b\""));
	peer_expect(p, TOLD("null", "\"" B "\":{\"new\":{\"name\":\"b\",\"n\":0}}"));
	run(other, UPDATE(A, "\"n\":2"));
	peer_expect(p, TOLD("null",
			    "\"" A
			    "\":{\"old\":{\"n\":1},\"new\":{\"name\":\"a\",\"n\":2}}"));
	run(other, DELETE(A) "," UPDATE(B, "\"n\":7"));
	peer_expect(p, TOLD("null",
			    "\"" A "\":{\"old\":{\"name\":\"a\",\"n\":2}},"
			    "\"" B
			    "\":{\"old\":{\"n\":0},\"new\":{\"name\":\"b\",\"n\":7}}"));
	peer_close(p);
	peer_close(other);
}

static void one_message_for_each_transaction(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	peer_ask(p, MONITOR("1", "{\"R\":{\"columns\":[\"n\"]}}"), REPLY("{}"));
	peer_send(other,
		  "{\"id\":1,\"method\":\"transact\",\"params\":[\"T\"," INSERT(
			  A, "") "]}{\"id\":2,\"method\":\"transact\",\"params\":"
				 "[\"T\"," UPDATE(A, "\"n\":5") "]}{\"id\":3,\"method\":"
								"\"transact\",\"params\":"
								"[\"T\"," DELETE(A) "]}");
	peer_expect(p, TOLD("1", "\"" A "\":{\"new\":{\"n\":0}}"));
	peer_expect(p, TOLD("1", "\"" A "\":{\"old\":{\"n\":0},\"new\":{\"n\":5}}"));
	peer_expect(p, TOLD("1", "\"" A "\":{\"old\":{\"n\":5}}"));
	peer_close(p);
	peer_close(other);
}

static void updates_come_before_the_reply_to_a_transaction(void **state)
{
	struct peer *p = peer_open(*state);
	struct json_object *reply;

	peer_ask(p, MONITOR("[\"x\",1]", "{\"R\":{\"columns\":[\"n\"]}}"), REPLY("{}"));
	peer_send(p, "{\"id\":5,\"method\":\"transact\",\"params\":[\"T\"," INSERT(
			     A, "") "]}");
	peer_expect(p, TOLD("[\"x\",1]", "\"" A "\":{\"new\":{\"n\":0}}"));
	reply = peer_next(p);
	assert_int_equal(json_get_integer(json_member(reply, "id")), 5);
	json_free(reply);
	peer_close(p);
}

static void nothing_is_said_where_no_monitored_column_changed(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	run(other, INSERT(A, "\"n\":1"));
	peer_ask(p, MONITOR("1", "{\"R\":{\"columns\":[\"name\"]}}"),
		 REPLY("{\"R\":{\"" A "\":{\"new\":{\"name\":\"\"}}}}"));
	run(other, UPDATE(A, "\"n\":2"));
	run(other, UPDATE(A, "\"name\":\"\""));
	run(other, INSERT(B, "") "," DELETE(B));
	run(other, INSERT(B, "") ",{\"op\":\"abort\"}");
	peer_expect_quiet(p);
	peer_close(p);
	peer_close(other);
}

static void ephemeral_columns_are_told_too(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	run(other, INSERT(A, ""));
	peer_ask(p,
		 MONITOR("1",
			 "{\"R\":{\"columns\":[\"e\"],\"select\":{\"initial\":false}}}"),
		 REPLY("{}"));
	run(other, UPDATE(A, "\"e\":3"));
	peer_expect(p, TOLD("1", "\"" A "\":{\"old\":{\"e\":0},\"new\":{\"e\":3}}"));
	peer_close(p);
	peer_close(other);
}

static void select_says_which_changes_are_told(void **state)
{
	static const struct {
		const char *select, *initial;
		bool insert, modify, delete;
	} cases[] = {
		{"\"initial\":false", "{}", true, true, true},
		{"\"insert\":false", NULL, false, true, true},
		{"\"modify\":false", NULL, true, false, true},
		{"\"delete\":false", NULL, true, true, false},
		{"\"initial\":true,\"insert\":false,\"modify\":false,\"delete\":false",
		 NULL, false, false, false},
	};
	struct peer *other = peer_open(*state);

	run(other, INSERT(A, ""));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct peer *p = peer_open(*state);
		char *request = xasprintf(
			MONITOR("1", "{\"R\":[{\"columns\":[\"n\"],\"select\":{%s}}]}"),
			cases[i].select);

		peer_ask(p, request,
			 cases[i].initial
				 ? REPLY("{}")
				 : REPLY("{\"R\":{\"" A "\":{\"new\":{\"n\":0}}}}"));
		run(other, INSERT(B, ""));
		if (cases[i].insert)
			peer_expect(p, TOLD("1", "\"" B "\":{\"new\":{\"n\":0}}"));
		run(other, UPDATE(B, "\"n\":1"));
		if (cases[i].modify)
			peer_expect(p, TOLD("1",
					    "\"" B
					    "\":{\"old\":{\"n\":0},\"new\":{\"n\":1}}"));
		run(other, DELETE(B));
		if (cases[i].delete)
			peer_expect(p, TOLD("1", "\"" B "\":{\"old\":{\"n\":1}}"));
		peer_expect_quiet(p);
		free(request);
		peer_close(p);
	}
	peer_close(other);
}

static void columns_may_differ_in_what_is_selected(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	peer_ask(p,
		 MONITOR("1",
			 "{\"R\":[{\"columns\":[\"n\"],\"select\":{\"modify\":false}},"
			 "{\"columns\":[\"name\"],\"select\":{\"insert\":false}}]}"),
		 REPLY("{}"));
	run(other, INSERT(A, "\"name\":\"a\",\"n\":1"));
	peer_expect(p, TOLD("1", "\"" A "\":{\"new\":{\"n\":1}}"));
	run(other, UPDATE(A, "\"n\":2"));
	run(other, UPDATE(A, "\"name\":\"b\""));
	peer_expect(p,
		    TOLD("1", "\"" A
			      "\":{\"old\":{\"name\":\"a\"},\"new\":{\"name\":\"b\"}}"));
	peer_close(p);
	peer_close(other);
}

static void without_columns_all_come_and_the_version(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);
	struct json_object *message, *row;

	peer_ask(p, MONITOR("1", "{\"R\":{}}"), REPLY("{}"));
	run(other, INSERT(A, ""));
	message = peer_next(p);
	row = json_member(json_member(json_at(json_member(message, "params"), 1), "R"),
			  A);
	row = json_member(row, "new");
	assert_int_equal(json_get_length(row), 5);
	assert_string_equal(json_get_string(json_at(json_member(row, "_version"), 0)),
			    "uuid");
	assert_null(json_member(row, "_uuid"));
	json_free(message);
	run(other, UPDATE(A, "\"n\":1"));
	message = peer_next(p);
	row = json_member(json_member(json_at(json_member(message, "params"), 1), "R"),
			  A);
	assert_int_equal(json_get_length(json_member(row, "old")), 2);
	assert_false(json_equals(json_member(json_member(row, "old"), "_version"),
				 json_member(json_member(row, "new"), "_version")));
	json_free(message);
	peer_close(p);
	peer_close(other);
}

static void uuid_is_a_column_where_it_is_asked_for(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	peer_ask(p, MONITOR("1", "{\"R\":{\"columns\":[\"_uuid\"]}}"), REPLY("{}"));
	run(other, INSERT(A, ""));
	peer_expect(p, TOLD("1", "\"" A "\":{\"new\":{\"_uuid\":[\"uuid\",\"" A "\"]}}"));
	run(other, UPDATE(A, "\"n\":1"));
	run(other, DELETE(A));
	peer_expect(p, TOLD("1", "\"" A "\":{\"old\":{\"_uuid\":[\"uuid\",\"" A "\"]}}"));
	peer_close(p);
	peer_close(other);
}

static void bad_requests_are_syntax_errors(void **state)
{
	static const char *const params[] = {
		"[\"T\"]",
		"[\"T\",1]",
		"[\"T\",1,{},{}]",
		"[\"T\",1,[]]",
		"[\"T\",1,{\"Zap\":{}}]",
		"[\"T\",1,{\"R\":7}]",
		"[\"T\",1,{\"R\":[7]}]",
		"[\"T\",1,{\"R\":{\"columns\":[\"zap\"]}}]",
		"[\"T\",1,{\"R\":{\"columns\":[7]}}]",
		"[\"T\",1,{\"R\":{\"columns\":{}}}]",
		"[\"T\",1,{\"R\":{\"columns\":[\"n\",\"n\"]}}]",
		"[\"T\",1,{\"R\":[{\"columns\":[\"n\"]},{\"columns\":[\"n\"]}]}]",
		"[\"T\",1,{\"R\":{\"zap\":[]}}]",
		"[\"T\",1,{\"R\":{\"select\":{\"zap\":true}}}]",
		"[\"T\",1,{\"R\":{\"select\":{\"insert\":1}}}]",
		"[\"T\",1,{\"R\":{\"select\":[]}}]",
	};
	struct peer *p = peer_open(*state);

	for (size_t i = 0; i < ARRAY_SIZE(params); i++) {
		char *text = xasprintf("{\"id\":1,\"method\":\"monitor\",\"params\":%s}",
				       params[i]);

		peer_expect_error(p, text, "syntax error");
		free(text);
	}
	peer_ask(p, MONITOR("1", "{}"), REPLY("{}"));
	peer_expect_error(p, MONITOR("1.0", "{}"), "syntax error");
	peer_close(p);
}

static void cancelled_monitors_say_no_more(void **state)
{
	struct peer *p = peer_open(*state), *other = peer_open(*state);

	peer_ask(p, MONITOR("{\"a\":1}", "{\"R\":{}}"), REPLY("{}"));
	peer_ask(p, MONITOR("2", "{\"R\":{\"columns\":[\"n\"]}}"), REPLY("{}"));
	peer_ask(p, "{\"id\":1,\"method\":\"monitor_cancel\",\"params\":[{\"a\":1}]}",
		 "{\"id\":1,\"result\":{},\"error\":null}");
	peer_ask(p, "{\"id\":1,\"method\":\"monitor_cancel\",\"params\":[{\"a\":1}]}",
		 "{\"id\":1,\"result\":null,\"error\":\"unknown monitor\"}");
	run(other, INSERT(A, ""));
	peer_expect(p, TOLD("2", "\"" A "\":{\"new\":{\"n\":0}}"));
	peer_expect_quiet(p);
	peer_close(p);
	peer_close(other);
}

/* A client that stopped reading, and more rows than the socket's buffer takes. */
static void fill_up(struct peer *other)
{
	char *padding = xmalloc(100001), *text;

	memset(padding, 'x', 100000);
	padding[100000] = '\0';
	for (int i = 0; i < 20; i++) {
		text = xasprintf(
			"{\"op\":\"insert\",\"table\":\"R\",\"row\":{\"name\":\"%s\"}}",
			padding);
		run(other, text);
		free(text);
	}
	free(padding);
}

static void slow_client_is_told_the_difference_and_nothing_is_queued(void **state)
{
	struct wire *w = *state;
	struct peer *p = peer_open(w), *other = peer_open(w);
	struct json_object *rows, *message, *last = NULL;
	unsigned int n = 0;

	run(other, INSERT(A, ""));
	peer_ask(p, MONITOR("1", "{\"R\":{\"columns\":[\"n\",\"name\"]}}"),
		 REPLY("{\"R\":{\"" A "\":{\"new\":{\"n\":0,\"name\":\"\"}}}}"));
	stream_pause(p->stream);
	fill_up(other);
	for (int i = 1; i <= 100; i++) {
		char *text = xasprintf(UPDATE(A, "\"n\":%d"), i);

		run(other, text);
		free(text);
	}
	run(other, INSERT(B, ""));
	run(other, DELETE(B));
	stream_resume(p->stream);
	do {
		json_free(last);
		last = peer_next(p);
		n++;
		message = json_at(json_member(last, "params"), 1);
		rows = json_member(message, "R");
		assert_null(json_member(rows, B));
	} while (!json_member(rows, A));
	assert_in_range(n, 1, 20);
	{
		const char want[] =
			"{\"old\":{\"n\":0},\"new\":{\"n\":100,\"name\":\"\"}}";
		struct json_object *wanted;

		wire_must(json_parse(want, strlen(want), &wanted));
		assert_true(json_equals(json_member(rows, A), wanted));
		json_free(wanted);
	}
	json_free(last);
	peer_expect_quiet(p);
	peer_close(p);
	peer_close(other);
}

/* ovsdb-wire.md 4: the order holds for the slow as well. */
static void slow_client_s_own_transaction_is_told_before_its_reply(void **state)
{
	struct wire *w = *state;
	struct peer *p = peer_open(w), *other = peer_open(w);
	struct json_object *message;
	bool told = false;

	peer_ask(p, MONITOR("1", "{\"R\":{\"columns\":[\"name\",\"n\"]}}"), REPLY("{}"));
	stream_pause(p->stream);
	fill_up(other);
	peer_send(p, "{\"id\":9,\"method\":\"transact\",\"params\":[\"T\"," INSERT(
			     A, "") "]}");
	peer_expect_quiet(other);
	stream_resume(p->stream);
	for (;;) {
		const struct json_object *params;

		message = peer_next(p);
		params = json_member(message, "params");
		if (!params)
			break;
		if (json_member(json_member(json_at(params, 1), "R"), A))
			told = true;
		json_free(message);
	}
	assert_int_equal(json_get_integer(json_member(message, "id")), 9);
	assert_true(told);
	json_free(message);
	peer_close(p);
	peer_close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TEST(first_what_is_there_then_what_changes),
		WIRE_TEST(one_message_for_each_transaction),
		WIRE_TEST(updates_come_before_the_reply_to_a_transaction),
		WIRE_TEST(nothing_is_said_where_no_monitored_column_changed),
		WIRE_TEST(ephemeral_columns_are_told_too),
		WIRE_TEST(select_says_which_changes_are_told),
		WIRE_TEST(columns_may_differ_in_what_is_selected),
		WIRE_TEST(without_columns_all_come_and_the_version),
		WIRE_TEST(uuid_is_a_column_where_it_is_asked_for),
		WIRE_TEST(bad_requests_are_syntax_errors),
		WIRE_TEST(cancelled_monitors_say_no_more),
		WIRE_TEST(slow_client_is_told_the_difference_and_nothing_is_queued),
		WIRE_TEST(slow_client_s_own_transaction_is_told_before_its_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
