/* What a request may be: its length, its values, its id; and all unfinished ones together. */
#include "tests/unit/ovsdb-lite/wire.h"

#include "lib/buffer.h"

static void too_long_a_message_closes(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *p, *other;
	char *text = wire_long_echo(5000);

	limits.max_message_bytes = 4096;
	wire_limit(w, &limits);
	p = peer_open(w);
	other = peer_open(w);
	peer_send(p, text);
	peer_expect_closed(p);
	peer_ask(other, WIRE_ECHO("1"), WIRE_ECHOED("1"));
	free(text);
	peer_close(p);
	peer_close(other);
}

/* Small values cost more than their text: two thousand times "{}" take almost 100 kB. */
static void too_many_values_close(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *p, *other;
	struct buffer text = {0};

	limits.max_parsed_bytes = 1 << 16;
	wire_limit(w, &limits);
	p = peer_open(w);
	other = peer_open(w);
	peer_ask(p, WIRE_ECHO("1"), WIRE_ECHOED("1"));
	buffer_puts(&text, "{\"id\":1,\"method\":\"echo\",\"params\":[{}");
	for (int i = 0; i < 2000; i++)
		buffer_puts(&text, ",{}");
	buffer_puts(&text, "]}");
	peer_send_n(p, text.data, text.n);
	peer_expect_closed(p);
	peer_ask(other, WIRE_ECHO("1"), WIRE_ECHOED("1"));
	buffer_clear(&text);
	peer_close(p);
	peer_close(other);
}

static void unfinished_requests_are_bounded_together(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *small, *p[10];
	char *text = wire_long_echo(3000);
	unsigned int n_closed = 0;

	limits.max_message_bytes = 4096;
	/* Their values take some bytes more than their text. */
	limits.max_partial_bytes = 9216;
	wire_limit(w, &limits);
	small = peer_open(w);
	peer_send_n(small, WIRE_ECHO("1"), 5);
	for (size_t i = 0; i < ARRAY_SIZE(p); i++) {
		p[i] = peer_open(w);
		peer_send_n(p[i], text, 3000);
		peer_expect_quiet(small);
	}
	for (size_t i = 0; i < ARRAY_SIZE(p); i++)
		n_closed += p[i]->is_closed;
	assert_int_equal(n_closed, 8);
	peer_send(small, &WIRE_ECHO("1")[5]);
	peer_expect(small, WIRE_ECHOED("1"));
	for (size_t i = 0; i < ARRAY_SIZE(p); i++)
		peer_close(p[i]);
	peer_close(small);
	free(text);
}

/* One large half of the server's own user stays, and the many small ones of strangers go.
 */
static void strangers_halves_go_before_others(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *own, *strangers[4];
	char *text = wire_long_echo(6000);

	limits.max_partial_bytes = 10000;
	wire_limit(w, &limits);
	own = peer_open(w);
	peer_send_n(own, text, 4000);
	for (size_t i = 0; i < 4; i++) {
		strangers[i] = peer_open_tcp(w);
		/* Steps that malloc()'s rounding does not hide. */
		peer_send_n(strangers[i], text, 2000 + 100 * i);
		peer_expect_quiet(own);
	}
	peer_expect_closed(strangers[2]);
	peer_expect_closed(strangers[3]);
	peer_send(own, text + 4000);
	json_free(peer_next(own));
	for (size_t i = 0; i < 4; i++)
		peer_close(strangers[i]);
	peer_close(own);
	free(text);
}

#define LONG_ID(n) "\"%0" n "d\""

static void ids_are_short(void **state)
{
	static const char select[] =
		"{\"id\":" LONG_ID("2000") ",\"method\":\"transact\","
					   "\"params\":[\"T\"]}";
	static const char selected[] =
		"{\"id\":" LONG_ID("2000") ",\"result\":[],\"error\":null}";
	static const char wait[] = "{\"id\":" LONG_ID("2000") "%s";
	static const char monitor[] =
		"{\"id\":1,\"method\":\"monitor_cond\",\"params\":[\"T\"," LONG_ID(
			"2000") ",{}]}";
	static const char change[] =
		"{\"id\":1,\"method\":\"monitor_cond_change\",\"params\":[[1]," LONG_ID(
			"2000") ",{}]}";
	struct peer *p = peer_open(*state);
	char *text, *reply;

	/* What is not kept may be long. */
	text = xasprintf(select, 7);
	reply = xasprintf(selected, 7);
	peer_ask(p, text, reply);
	free(text);
	free(reply);
	text = xasprintf(wait, 7, WIRE_WAIT + strlen("{\"id\":1"));
	peer_expect_error(p, text, "resources exhausted");
	free(text);
	text = xasprintf(monitor, 7);
	peer_expect_error(p, text, "resources exhausted");
	free(text);
	peer_ask(p, "{\"id\":1,\"method\":\"monitor_cond\",\"params\":[\"T\",[1],{}]}",
		 WIRE_MONITORED);
	text = xasprintf(change, 7);
	peer_expect_error(p, text, "resources exhausted");
	free(text);
	peer_close(p);
}

/* Whatever JSON they are, equal ones are one, and others are not. */
static void ids_of_all_kinds(void **state)
{
	static const char *const ids[] = {
		"1",
		"\"1\"",
		"1.5",
		"true",
		"null",
		"[]",
		"{}",
		"[1,2]",
		"[[1],2]",
		"\"[1,2]\"",
		"{\"a\":1,\"b\":[{\"c\":1,\"d\":2}]}",
		"{\"a\":1}",
		"{\"a\":\"1\"}",
		"\"\\\"\"",
	};
	static const char monitor[] =
		"{\"id\":1,\"method\":\"monitor\",\"params\":[\"T\",%s,{}]}";
	static const char cancel[] =
		"{\"id\":1,\"method\":\"monitor_cancel\",\"params\":[%s]}";
	struct peer *p = peer_open(*state);
	char *text;

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		text = xasprintf(monitor, ids[i]);
		peer_ask(p, text, WIRE_MONITORED);
		peer_expect_error(p, text, "syntax error");
		free(text);
	}
	peer_expect_error(p,
			  "{\"id\":1,\"method\":\"monitor\",\"params\":[\"T\",{\"b\":[{"
			  "\"d\":2,\"c\":1.0}],\"a\":1e0},{}]}",
			  "syntax error");
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		text = xasprintf(cancel, ids[i]);
		peer_ask(p, text, WIRE_MONITORED);
		peer_expect_error(p, text, "unknown monitor");
		free(text);
	}
	peer_close(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TEST(too_long_a_message_closes),
		WIRE_TEST(too_many_values_close),
		WIRE_TEST(unfinished_requests_are_bounded_together),
		WIRE_TEST(ids_are_short),
		WIRE_TEST(ids_of_all_kinds),
		WIRE_TEST(strangers_halves_go_before_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
