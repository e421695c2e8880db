/* What a server keeps for its clients, and the replies that they do not read. */
#include "tests/unit/ovsdb-lite/wire.h"

#include "ovsdb-lite/json/json_parse.h"

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

static void what_all_clients_have_kept_is_bounded(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *own, *strangers[6];
	/* The lengths of ids, in steps that malloc()'s rounding does not hide. */
	static const int id_bytes[6] = {256, 192, 128, 64, 400, 400};
	char *requests[6];

	/* There is room for four. */
	limits.max_kept_sum_bytes = tree_bytes(WIRE_WAIT) / 4;
	for (size_t i = 0; i < 6; i++) {
		requests[i] = xasprintf("{\"id\":\"%0*d\"%s", id_bytes[i], 1,
					WIRE_WAIT + strlen("{\"id\":1"));
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
		char *text =
			xasprintf("{\"id\":1%d%s", i, WIRE_WAIT + strlen("{\"id\":1"));

		peer_send(own, text);
		peer_expect_quiet(own);
		peer_expect_closed(strangers[i]);
		free(text);
	}
	peer_expect_error(own, WIRE_WAIT, "resources exhausted");
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
	char *text = wire_long_echo(8 << 20);
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
		peer_ask(own, WIRE_ECHO("1"), WIRE_ECHOED("1"));
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
	char *text = wire_long_echo(1 << 20);
	size_t left;

	stream_pause(p->stream);
	for (int i = 0; i < 10; i++)
		peer_send(p, text);
	peer_send(p, WIRE_ECHO("2"));
	/* The server stops reading: we keep what it does not take. */
	do {
		left = stream_unsent_bytes(p->stream);
		peer_expect_quiet(other);
	} while (stream_unsent_bytes(p->stream) < left);
	assert_true(left > 5 << 20);
	peer_ask(other, WIRE_ECHO("1"), WIRE_ECHOED("1"));
	stream_resume(p->stream);
	for (int i = 0; i < 10; i++) {
		struct json_object *reply = peer_next(p);

		assert_int_equal(
			json_get_length(json_at(json_member(reply, "result"), 0)),
			1 << 20);
		json_free(reply);
	}
	peer_expect(p, WIRE_ECHOED("2"));
	free(text);
	peer_close(p);
	peer_close(other);
}

static void who_never_reads_is_cut_off(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *p, *other;
	char *text = wire_long_echo(1 << 20);

	limits.send_timeout_ms = 50;
	wire_limit(w, &limits);
	p = peer_open(w);
	other = peer_open(w);
	stream_pause(p->stream);
	for (int i = 0; i < 10; i++)
		peer_send(p, text);
	/* Its own write tells it. */
	WIRE_WAIT_FOR(w, p->is_closed);
	peer_ask(other, WIRE_ECHO("1"), WIRE_ECHOED("1"));
	free(text);
	peer_close(p);
	peer_close(other);
}

/* What it has read in time gives it the same time again, and no more. */
static void who_reads_once_is_cut_off_later(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *p;
	char *text = wire_long_echo(1 << 20);

	limits.send_timeout_ms = 50;
	wire_limit(w, &limits);
	p = peer_open(w);
	stream_pause(p->stream);
	for (int i = 0; i < 10; i++)
		peer_send(p, text);
	stream_resume(p->stream);
	json_free(peer_next(p));
	stream_pause(p->stream);
	WIRE_WAIT_FOR(w, p->is_closed);
	free(text);
	peer_close(p);
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
	peer_ask(other, WIRE_ECHO("1"), WIRE_ECHOED("1"));
	stream_resume(p->stream);
	WIRE_WAIT_FOR(w, p->is_closed);
	assert_in_range(p->n_messages, 0, 19);
	free(text);
	free(padding);
	peer_close(p);
	peer_close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TEST(what_a_client_has_kept_is_bounded),
		WIRE_TEST(what_all_clients_have_kept_is_bounded),
		WIRE_TEST(what_all_clients_do_not_read_is_bounded),
		WIRE_TEST(requests_wait_until_replies_are_read),
		WIRE_TEST(who_never_reads_is_cut_off),
		WIRE_TEST(who_reads_once_is_cut_off_later),
		WIRE_TEST(too_many_unread_bytes_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
