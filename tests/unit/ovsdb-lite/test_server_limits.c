/* What a client may cost the server, and that the others do not notice when one is cut
 * off. */
#include "tests/unit/ovsdb-lite/wire.h"

#include "lib/buffer.h"
#include "ovsdb-lite/json/json_parse.h"

#include <stdio.h>

#define ECHO(id)   "{\"id\":" id ",\"method\":\"echo\",\"params\":[]}"
#define ECHOED(id) "{\"id\":" id ",\"result\":[],\"error\":null}"
#define MONITOR    "{\"id\":1,\"method\":\"monitor\",\"params\":[\"T\",1,{}]}"
#define MONITORED  "{\"id\":1,\"result\":{},\"error\":null}"

/* What the values of a request take: malloc() rounds, and the sanitizers' does otherwise. */
static size_t tree_bytes(const char *request)
{
	struct json_stream *stream = json_stream_new(1 << 20);
	struct json_object *value;
	size_t used, n;

	wire_must(json_stream_feed(stream, request, strlen(request), &used, &value));
	n = json_stream_tree_bytes(stream);
	json_free(value);
	json_stream_free(stream);
	return n;
}

static void idle_clients_make_room(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *p[4];

	limits.max_sessions = 3;
	wire_limit(w, &limits);
	for (size_t i = 0; i < 3; i++) {
		p[i] = peer_open(w);
		peer_ask(p[i], ECHO("1"), ECHOED("1"));
	}
	peer_ask(p[0], ECHO("2"), ECHOED("2"));
	p[3] = peer_open(w);
	peer_ask(p[3], ECHO("1"), ECHOED("1"));
	/* The one that had been silent for longest. */
	peer_expect_closed(p[1]);
	peer_ask(p[0], ECHO("3"), ECHOED("3"));
	peer_ask(p[2], ECHO("3"), ECHOED("3"));
	for (size_t i = 0; i < 4; i++)
		peer_close(p[i]);
}

#define WAIT                                                                             \
	"{\"id\":1,\"method\":\"transact\",\"params\":[\"T\",{\"op\":\"wait\","          \
	"\"table\":\"R\",\"where\":[],\"columns\":[\"n\"],\"until\":\"!=\",\"rows\":[]}" \
	"]}"

/* A stranger with a monitor. */
static struct peer *open_watcher(struct wire *w)
{
	struct peer *p = peer_open_tcp(w);

	peer_ask(p, MONITOR, MONITORED);
	return p;
}

static void newcomer_is_refused_where_nobody_is_idle(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *watcher, *holder, *waiter, *newcomer;

	limits.max_sessions = 3;
	wire_limit(w, &limits);
	watcher = open_watcher(w);
	holder = peer_open_tcp(w);
	peer_ask(holder, "{\"id\":1,\"method\":\"lock\",\"params\":[\"l\"]}",
		 "{\"id\":1,\"result\":{\"locked\":true},\"error\":null}");
	waiter = peer_open_tcp(w);
	peer_send(waiter, WAIT);
	peer_expect_quiet(waiter);
	peer_ask(waiter, ECHO("2"), ECHOED("2"));
	newcomer = peer_open_tcp(w);
	peer_expect_closed(newcomer);
	peer_ask(holder, ECHO("2"), ECHOED("2"));
	peer_close(newcomer);
	/* One leaves, and there is room again. */
	peer_close(watcher);
	peer_expect_quiet(holder);
	newcomer = peer_open_tcp(w);
	peer_ask(newcomer, ECHO("1"), ECHOED("1"));
	peer_close(newcomer);
	peer_close(holder);
	peer_close(waiter);
}

/* D2: strangers cannot lock out the server's own user, and the first of them stay. */
static void the_server_s_user_always_gets_in(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *strangers[3], *own[4];

	limits.max_sessions = 3;
	wire_limit(w, &limits);
	for (size_t i = 0; i < 3; i++)
		strangers[i] = open_watcher(w);
	for (size_t i = 0; i < 4; i++) {
		own[i] = peer_open(w);
		peer_ask(own[i], MONITOR, MONITORED);
		if (i < 3)
			peer_expect_closed(strangers[2 - i]);
	}
	/* Nobody of them is idle: they are all here, one more than there are seats. */
	for (size_t i = 0; i < 4; i++)
		peer_ask(own[i], ECHO("2"), ECHOED("2"));
	peer_close(strangers[0]);
	strangers[0] = peer_open_tcp(w);
	peer_expect_closed(strangers[0]);
	for (size_t i = 0; i < 3; i++)
		peer_close(strangers[i]);
	for (size_t i = 0; i < 4; i++)
		peer_close(own[i]);
}

/* An idle client of the server's own user is not sent away for strangers. */
static void strangers_take_no_seat_of_the_server_s_user(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *own, *strangers[4];

	limits.max_sessions = 3;
	wire_limit(w, &limits);
	own = peer_open(w);
	peer_ask(own, ECHO("1"), ECHOED("1"));
	for (size_t i = 0; i < 4; i++)
		strangers[i] = i < 2 ? open_watcher(w) : peer_open_tcp(w);
	peer_expect_closed(strangers[2]);
	peer_expect_closed(strangers[3]);
	peer_ask(own, ECHO("2"), ECHOED("2"));
	for (size_t i = 0; i < 4; i++)
		peer_close(strangers[i]);
	peer_close(own);
}

/* A request of 'n' bytes and more. */
static char *long_echo(size_t n)
{
	char *padding = xmalloc(n + 1), *text;

	memset(padding, 'x', n);
	padding[n] = '\0';
	text = xasprintf("{\"id\":1,\"method\":\"echo\",\"params\":[\"%s\"]}", padding);
	free(padding);
	return text;
}

static void too_long_a_message_closes(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *p, *other;
	char *text = long_echo(5000);

	limits.max_message_bytes = 4096;
	wire_limit(w, &limits);
	p = peer_open(w);
	other = peer_open(w);
	peer_send(p, text);
	peer_expect_closed(p);
	peer_ask(other, ECHO("1"), ECHOED("1"));
	free(text);
	peer_close(p);
	peer_close(other);
}

/* Small values cost more than their text: two thousand times "{}" take over a megabyte.
 */
static void too_many_values_close(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *p, *other;
	struct buffer text = {0};

	limits.max_parsed_bytes = 1 << 20;
	wire_limit(w, &limits);
	p = peer_open(w);
	other = peer_open(w);
	peer_ask(p, ECHO("1"), ECHOED("1"));
	buffer_puts(&text, "{\"id\":1,\"method\":\"echo\",\"params\":[{}");
	for (int i = 0; i < 2000; i++)
		buffer_puts(&text, ",{}");
	buffer_puts(&text, "]}");
	peer_send_n(p, text.data, text.n);
	peer_expect_closed(p);
	peer_ask(other, ECHO("1"), ECHOED("1"));
	buffer_clear(&text);
	peer_close(p);
	peer_close(other);
}

static void what_a_client_has_kept_is_bounded(void **state)
{
	static const char wait[] =
		"{\"id\":%d,\"method\":\"transact\",\"params\":[\"T\",{\"op\":\"wait\","
		"\"table\":\"R\",\"where\":[],\"columns\":[\"n\"],\"until\":\"!=\","
		"\"rows\":[]}]}";
	static const char monitor[] =
		"{\"id\":1,\"method\":\"monitor\",\"params\":[\"T\",%d,{\"R\":{}}]}";
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *p, *other;
	char *text;

	text = xasprintf(wait, 0);
	limits.max_kept_bytes = tree_bytes(text) * 9 / 2;
	free(text);
	wire_limit(w, &limits);
	p = peer_open(w);
	other = peer_open(w);
	/* There is room for four. */
	for (int i = 0; i < 20; i++) {
		text = xasprintf(wait, i);
		if (i < 4)
			peer_send(p, text);
		else
			peer_expect_error(p, text, "resources exhausted");
		free(text);
	}
	peer_expect_quiet(p);
	text = xasprintf(monitor, 1);
	peer_close(p);
	/* All of it is free again. */
	for (int i = 0; i < 100; i++) {
		peer_ask(other, text, "{\"id\":1,\"result\":{},\"error\":null}");
		peer_ask(other, "{\"id\":2,\"method\":\"monitor_cancel\",\"params\":[1]}",
			 "{\"id\":2,\"result\":{},\"error\":null}");
	}
	free(text);
	peer_close(other);
}

/* A request of one parameter after the others, "where" being so many times a clause with
 * a
 * '#' for the number. Owned by the caller. */
static char *conditional(const char *method, const char *params, const char *clause,
			 int n)
{
	struct buffer b = {0};
	char number[16];

	buffer_puts(&b, "{\"id\":1,\"method\":\"");
	buffer_puts(&b, method);
	buffer_puts(&b, "\",\"params\":[");
	buffer_puts(&b, params);
	buffer_puts(&b, ",{\"R\":{\"where\":[");
	for (int i = 0; i < n; i++) {
		const char *at = strchr(clause, '#');

		snprintf(number, sizeof(number), "%d", i);
		buffer_puts(&b, i ? "," : "");
		buffer_put(&b, clause, (size_t)(at - clause));
		buffer_puts(&b, number);
		buffer_puts(&b, at + 1);
	}
	buffer_puts(&b, "]}}]}");
	return buffer_take(&b);
}

#define ONE_BY_ONE                                                                       \
	"[\"tags\",\"includes\",[\"set\",[\"a\",\"b#\"]]]" /* of two: no hash */

/* ovn-controller sends thousands of `==`. */
static void conditions_that_are_no_look_up_are_bounded(void **state)
{
	static const char done[] = "{\"id\":1,\"result\":{},\"error\":null}";
	struct wire *w = *state;
	struct peer *p = peer_open(w), *other = peer_open(w);
	char *hashed = conditional("monitor_cond", "\"T\",1", "[\"n\",\"==\",#]", 20000);
	char *most = conditional("monitor_cond", "\"T\",2", ONE_BY_ONE, 1000);
	char *more = conditional("monitor_cond", "\"T\",3", ONE_BY_ONE, 4);
	char *change = conditional("monitor_cond_change", "1,1", ONE_BY_ONE, 4);
	char *fewer = conditional("monitor_cond_change", "2,2", ONE_BY_ONE, 996);

	peer_ask(p, hashed, done);
	peer_ask(p, most, done);
	peer_expect_error(p, more, "resources exhausted");
	peer_expect_error(p, change, "resources exhausted");
	peer_ask(p, fewer, done);
	peer_ask(p, change, done);
	peer_expect_error(p, more, "resources exhausted");
	/* It is a client's affair. */
	peer_ask(other, most, done);
	free(hashed);
	free(most);
	free(more);
	free(change);
	free(fewer);
	peer_close(p);
	peer_close(other);
}

/* A `wait` of the rows given; 'want' NULL: no error but that it does not hold. */
static void peer_expect_work(struct peer *p, const char *rows, const char *want)
{
	char *text = xasprintf(
		"{\"id\":1,\"method\":\"transact\",\"params\":[\"T\",{\"op\":\"wait\","
		"\"table\":\"R\",\"where\":[],\"columns\":[\"n\"],\"until\":\"==\","
		"\"rows\":["
		"%s],\"timeout\":0}]}",
		rows);
	struct json_object *reply;

	peer_send(p, text);
	reply = peer_next(p);
	assert_string_equal(json_get_string(json_member(
				    json_at(json_member(reply, "result"), 0), "error")),
			    want ? want : "timed out");
	json_free(reply);
	free(text);
}

static void work_of_a_transaction_is_bounded(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *p;

	limits.max_work = 1000;
	wire_limit(w, &limits);
	p = peer_open(w);
	peer_expect_work(p, "{},{}", NULL);
	peer_expect_work(p, "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
			 "resources exhausted");
	peer_close(p);
}

/* Each is tried again after every commit. */
static void work_of_waiting_transactions_is_bounded_together(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *p, *other;

	limits.max_work = 1000;
	wire_limit(w, &limits);
	p = peer_open(w);
	other = peer_open(w);
	for (int id = 1; id < 20; id++) {
		/* 30 for the operation, 100 for the row that is given. */
		char *text = xasprintf(
			"{\"id\":%d,\"method\":\"transact\",\"params\":[\"T\",{\"op\":"
			"\"wait\",\"table\":\"R\",\"where\":[],\"columns\":[\"n\"],"
			"\"until\":\"==\",\"rows\":[{}]}]}",
			id);

		if (id <= 7)
			peer_send(p, text);
		else
			peer_expect_error(p, text, "resources exhausted");
		if (id == 1)
			peer_send(other, text);
		free(text);
	}
	peer_expect_quiet(p);
	peer_expect_quiet(other);
	peer_close(p);
	peer_close(other);
}

static void unfinished_requests_are_bounded_together(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *small, *p[10];
	char *text = long_echo(3000);
	unsigned int n_closed = 0;

	limits.max_message_bytes = 4096;
	/* Their values take a thousand bytes more than their text. */
	limits.max_partial_bytes = 10240;
	wire_limit(w, &limits);
	small = peer_open(w);
	peer_send_n(small, ECHO("1"), 5);
	for (size_t i = 0; i < ARRAY_SIZE(p); i++) {
		p[i] = peer_open(w);
		peer_send_n(p[i], text, 3000);
		peer_expect_quiet(small);
	}
	for (size_t i = 0; i < ARRAY_SIZE(p); i++)
		n_closed += p[i]->is_closed;
	assert_int_equal(n_closed, 8);
	peer_send(small, &ECHO("1")[5]);
	peer_expect(small, ECHOED("1"));
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
	char *text = long_echo(6000);

	limits.max_partial_bytes = 12288;
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

static void what_all_clients_have_kept_is_bounded(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *own, *strangers[6];
	/* The lengths of ids, in steps that malloc()'s rounding does not hide. */
	static const int id_bytes[6] = {256, 192, 128, 64, 400, 400};
	char *requests[6];

	/* There is room for four. */
	limits.max_kept_sum_bytes = tree_bytes(WAIT) / 4;
	for (size_t i = 0; i < 6; i++) {
		requests[i] = xasprintf("{\"id\":\"%0*d\"%s", id_bytes[i], 1,
					WAIT + strlen("{\"id\":1"));
		if (i < 4)
			limits.max_kept_sum_bytes += tree_bytes(requests[i]);
	}
	wire_limit(w, &limits);
	for (size_t i = 0; i < 6; i++) {
		strangers[i] = peer_open_tcp(w);
		if (i < 4)
			peer_send(strangers[i], requests[i]);
		else
			peer_expect_error(strangers[i], requests[i],
					  "resources exhausted");
		peer_expect_quiet(strangers[i]);
		free(requests[i]);
	}
	own = peer_open(w);
	for (int i = 0; i < 4; i++) {
		char *text = xasprintf("{\"id\":1%d%s", i, WAIT + strlen("{\"id\":1"));

		peer_send(own, text);
		peer_expect_quiet(own);
		peer_expect_closed(strangers[i]);
		free(text);
	}
	peer_expect_error(own, WAIT, "resources exhausted");
	for (size_t i = 0; i < 6; i++)
		peer_close(strangers[i]);
	peer_close(own);
}

/* As long as a stranger reads, it may ask for as much as it wants. */
static void what_all_clients_do_not_read_is_bounded(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *own, *reader, *strangers[6];
	char *text = long_echo(8 << 20);
	size_t n_closed = 0;

	limits.max_unsent_sum_bytes = 16 << 20;
	wire_limit(w, &limits);
	own = peer_open(w);
	reader = peer_open_tcp(w);
	for (size_t i = 0; i < 6; i++) {
		strangers[i] = peer_open_tcp(w);
		peer_send(strangers[i], text);
		WIRE_WAIT_FOR(w, !stream_unsent_bytes(strangers[i]->stream));
		stream_pause(strangers[i]->stream);
		peer_send(reader, text);
		json_free(peer_next(reader));
		peer_ask(own, ECHO("1"), ECHOED("1"));
	}
	for (size_t i = 0; i < 6; i++)
		stream_resume(strangers[i]->stream);
	for (size_t i = 0; i < 6; i++) {
		WIRE_WAIT_FOR(w, strangers[i]->is_closed || strangers[i]->n_messages);
		n_closed += strangers[i]->is_closed;
	}
	assert_in_range(n_closed, 2, 5);
	for (size_t i = 0; i < 6; i++)
		peer_close(strangers[i]);
	peer_close(reader);
	peer_close(own);
	free(text);
}

/* Served on when it has read: nothing is lost, and the order stays. */
static void requests_wait_until_replies_are_read(void **state)
{
	struct wire *w = *state;
	struct peer *p = peer_open(w), *other = peer_open(w);
	char *text = long_echo(1 << 20);
	size_t left;

	stream_pause(p->stream);
	for (int i = 0; i < 10; i++)
		peer_send(p, text);
	peer_send(p, ECHO("2"));
	/* The server stops reading: we keep what it does not take. */
	do {
		left = stream_unsent_bytes(p->stream);
		peer_expect_quiet(other);
	} while (stream_unsent_bytes(p->stream) < left);
	assert_true(left > 5 << 20);
	peer_ask(other, ECHO("1"), ECHOED("1"));
	stream_resume(p->stream);
	for (int i = 0; i < 10; i++) {
		struct json_object *reply = peer_next(p);

		assert_int_equal(
			json_get_length(json_at(json_member(reply, "result"), 0)),
			1 << 20);
		json_free(reply);
	}
	peer_expect(p, ECHOED("2"));
	free(text);
	peer_close(p);
	peer_close(other);
}

static void who_never_reads_is_cut_off(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *p, *other;
	char *text = long_echo(1 << 20);

	limits.send_timeout_ms = 50;
	wire_limit(w, &limits);
	p = peer_open(w);
	other = peer_open(w);
	stream_pause(p->stream);
	for (int i = 0; i < 10; i++)
		peer_send(p, text);
	/* Its own write tells it. */
	WIRE_WAIT_FOR(w, p->is_closed);
	peer_ask(other, ECHO("1"), ECHOED("1"));
	free(text);
	peer_close(p);
	peer_close(other);
}

/* Waiting transactions all answered at once are the one thing that pausing does not hold
 * up. */
static void too_many_unread_bytes_close(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *p, *other;
	char *text, *padding = xmalloc(300001);

	limits.max_unsent_bytes = 1 << 20;
	wire_limit(w, &limits);
	p = peer_open(w);
	other = peer_open(w);
	memset(padding, 'x', 300000);
	padding[300000] = '\0';
	for (int i = 0; i < 20; i++) {
		text = xasprintf(
			"{\"id\":%d,\"method\":\"transact\",\"params\":[\"T\","
			"{\"op\":\"wait\",\"table\":\"R\",\"where\":[],\"columns\":"
			"[\"n\"],\"until\":\"!=\",\"rows\":[]},"
			"{\"op\":\"select\",\"table\":\"R\",\"where\":[]}]}",
			i);
		peer_send(p, text);
		free(text);
	}
	peer_expect_quiet(p);
	stream_pause(p->stream);
	text = xasprintf("{\"op\":\"insert\",\"table\":\"R\",\"row\":{\"name\":\"%s\"}}",
			 padding);
	json_free(peer_transact(other, text));
	peer_ask(other, ECHO("1"), ECHOED("1"));
	stream_resume(p->stream);
	WIRE_WAIT_FOR(w, p->is_closed);
	assert_in_range(p->n_messages, 0, 19);
	free(text);
	free(padding);
	peer_close(p);
	peer_close(other);
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
	text = xasprintf(wait, 7, WAIT + strlen("{\"id\":1"));
	peer_expect_error(p, text, "resources exhausted");
	free(text);
	text = xasprintf(monitor, 7);
	peer_expect_error(p, text, "resources exhausted");
	free(text);
	peer_ask(p, "{\"id\":1,\"method\":\"monitor_cond\",\"params\":[\"T\",[1],{}]}",
		 MONITORED);
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
		peer_ask(p, text, MONITORED);
		peer_expect_error(p, text, "syntax error");
		free(text);
	}
	peer_expect_error(p,
			  "{\"id\":1,\"method\":\"monitor\",\"params\":[\"T\",{\"b\":[{"
			  "\"d\":2,\"c\":1.0}],\"a\":1e0},{}]}",
			  "syntax error");
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		text = xasprintf(cancel, ids[i]);
		peer_ask(p, text, MONITORED);
		peer_expect_error(p, text, "unknown monitor");
		free(text);
	}
	peer_close(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TEST(idle_clients_make_room),
		WIRE_TEST(newcomer_is_refused_where_nobody_is_idle),
		WIRE_TEST(the_server_s_user_always_gets_in),
		WIRE_TEST(strangers_take_no_seat_of_the_server_s_user),
		WIRE_TEST(too_long_a_message_closes),
		WIRE_TEST(too_many_values_close),
		WIRE_TEST(what_a_client_has_kept_is_bounded),
		WIRE_TEST(conditions_that_are_no_look_up_are_bounded),
		WIRE_TEST(work_of_a_transaction_is_bounded),
		WIRE_TEST(work_of_waiting_transactions_is_bounded_together),
		WIRE_TEST(unfinished_requests_are_bounded_together),
		WIRE_TEST(ids_are_short),
		WIRE_TEST(ids_of_all_kinds),
		WIRE_TEST(strangers_halves_go_before_others),
		WIRE_TEST(what_all_clients_have_kept_is_bounded),
		WIRE_TEST(what_all_clients_do_not_read_is_bounded),
		WIRE_TEST(requests_wait_until_replies_are_read),
		WIRE_TEST(who_never_reads_is_cut_off),
		WIRE_TEST(too_many_unread_bytes_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
