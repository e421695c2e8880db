/* The client against our own server, and against servers that misbehave. */
#include "ovsdb-lite/json/json_parse.h"
#include "lib/clock.h"
#include "ovsdb-lite/client/client.h"

#include "tests/unit/ovsdb-lite/wire.h"

#include <stdio.h>

struct watcher {
	struct client *client;
	unsigned int n_notified, n_replies;
	char *method;
	struct err *closed, *reply_error;
	bool closes_itself;
};

static void on_notification(void *aux, const char *method,
			    const struct json_object *params)
{
	struct watcher *x = aux;

	assert_int_equal(json_kind(params), JSON_ARRAY);
	x->n_notified++;
	free(x->method);
	x->method = xstrdup(method);
}

static void on_closed(void *aux, struct err *e)
{
	struct watcher *x = aux;

	assert_non_null(e);
	assert_null(x->closed);
	x->closed = e;
}

static const struct client_handlers handlers = {on_notification, on_closed};

static void on_reply(void *aux, const struct json_object *result, const struct err *e)
{
	struct watcher *x = aux;

	assert_true(!result != !e);
	x->n_replies++;
	err_free(x->reply_error);
	x->reply_error = e ? err_copy(e) : NULL;
	if (x->closes_itself) {
		client_close(x->client);
		x->client = NULL;
	}
}

static void open_client(struct wire *w, struct watcher *x)
{
	wire_must(client_open(w->loop, w->active, NULL, &handlers, x, &x->client));
}

static void done(struct watcher *x)
{
	client_close(x->client);
	err_free(x->closed);
	err_free(x->reply_error);
	free(x->method);
}

static struct json_object *parse(const char *text)
{
	struct json_object *json;

	wire_must(json_parse(text, strlen(text), &json));
	return json;
}

static void calls_give_results_or_errors(void **state)
{
	struct wire *w = *state;
	struct watcher x = {0};
	struct json_object *result;

	open_client(w, &x);
	wire_must(client_call(x.client, "list_dbs", json_array(), 1000, &result));
	assert_string_equal(json_get_string(json_at(result, 0)), "T");
	json_free(result);
	wire_must_fail(client_call(x.client, "zap", json_array(), 1000, &result),
		       ERR_UNKNOWN_METHOD);
	wire_must_fail(client_call(x.client, "get_schema", parse("[\"X\"]"), -1, &result),
		       ERR_UNKNOWN_DATABASE);
	done(&x);
}

static void transact_names_the_operation_that_failed(void **state)
{
	struct wire *w = *state;
	struct watcher x = {0};
	struct json_object *results;
	struct err *e;

	open_client(w, &x);
	wire_must(client_transact(
		x.client, "T", parse("[{\"op\":\"insert\",\"table\":\"R\",\"row\":{}}]"),
		1000, &results));
	assert_int_equal(json_get_length(results), 1);
	json_free(results);
	wire_must(client_transact(x.client, "T", json_array(), 1000, NULL));
	e = client_transact(
		x.client, "T",
		parse("[{\"op\":\"comment\",\"comment\":\"x\"},{\"op\":\"abort\"}]"),
		1000, NULL);
	assert_non_null(e);
	assert_int_equal(e->code, ERR_ABORTED);
	assert_string_equal(e->path, "operation 2");
	err_free(e);
	done(&x);
}

static void silence_ends_a_call_and_the_late_reply_is_nothing(void **state)
{
	static const char wait[] = "[\"T\",{\"op\":\"wait\",\"table\":\"R\",\"where\":[],"
				   "\"columns\":[\"n\"],"
				   "\"until\":\"!=\",\"rows\":[],\"timeout\":80}]";
	struct wire *w = *state;
	struct watcher x = {0};
	struct json_object *result;

	open_client(w, &x);
	wire_must_fail(client_call(x.client, "transact", parse(wait), 20, &result),
		       ERR_TIMED_OUT);
	for (int i = 0; i < 10; i++)
		wire_must(loop_run_once(w->loop, 20));
	assert_null(x.closed);
	wire_must(client_call(x.client, "echo", json_array(), 1000, &result));
	json_free(result);
	done(&x);
}

static void notifications_are_passed_on(void **state)
{
	struct wire *w = *state;
	struct watcher x = {0}, y = {0};
	struct json_object *result;

	open_client(w, &x);
	open_client(w, &y);
	wire_must(client_call(x.client, "lock", parse("[\"l\"]"), 1000, &result));
	json_free(result);
	wire_must(client_call(y.client, "steal", parse("[\"l\"]"), 1000, &result));
	json_free(result);
	WIRE_WAIT_FOR(w, x.n_notified == 1);
	assert_string_equal(x.method, "stolen");
	done(&x);
	done(&y);
}

static void every_call_is_answered_when_the_server_goes(void **state)
{
	struct wire *w = *state;
	struct watcher x = {0};
	struct json_object *result;

	open_client(w, &x);
	client_send(x.client, "transact",
		    parse("[\"T\",{\"op\":\"wait\",\"table\":\"R\",\"where\":[],"
			  "\"columns\":[\"n\"],"
			  "\"until\":\"!=\",\"rows\":[]}]"),
		    on_reply, &x);
	for (int i = 0; i < 3; i++)
		wire_must(loop_run_once(w->loop, 10));
	assert_int_equal(x.n_replies, 0);
	server_free(STEAL(w->server));
	WIRE_WAIT_FOR(w, x.closed);
	assert_int_equal(x.closed->code, ERR_CLOSED);
	assert_int_equal(x.n_replies, 1);
	assert_int_equal(x.reply_error->code, ERR_CLOSED);
	/* And those that come later are told at once. */
	client_send(x.client, "echo", json_array(), on_reply, &x);
	assert_int_equal(x.n_replies, 2);
	wire_must_fail(client_call(x.client, "echo", json_array(), 1000, &result),
		       ERR_CLOSED);
	done(&x);
}

static void client_may_be_closed_by_its_callback(void **state)
{
	struct wire *w = *state;
	struct watcher x = {.closes_itself = true};

	open_client(w, &x);
	client_send(x.client, "echo", json_array(), on_reply, &x);
	client_send(x.client, "echo", json_array(), on_reply, &x);
	WIRE_WAIT_FOR(w, !x.client);
	assert_int_equal(x.n_replies, 1);
	done(&x);
}

/* A server that says one thing to everybody. */
struct liar {
	const char *says;
	struct stream *stream;
	char got[4096];
};

static void on_liar_data(void *aux, const char *data, size_t n)
{
	struct liar *l = aux;

	strncat(l->got, data, n < 1000 ? n : 1000);
}

static void on_liar_closed(void *aux, struct err *e)
{
	(void)aux;
	err_free(e);
}

static void on_liar_accept(void *aux, struct stream *s)
{
	static const struct stream_handlers liar_handlers = {.data = on_liar_data,
							     .closed = on_liar_closed};
	struct liar *l = aux;

	l->stream = s;
	stream_set_handlers(s, &liar_handlers, l);
	stream_write(s, l->says, strlen(l->says));
}

static void servers_that_lie_are_left(void **state)
{
	static const char *const lies[] = {
		"HTTP/1.1 400 Bad Request",
		"[]",
		"{\"id\":77,\"result\":1,\"error\":null}",
		"{\"id\":\"x\",\"result\":1,\"error\":null}",
	};
	struct wire *w = *state;
	char *passive = xasprintf("%s2", w->passive),
	     *active = xasprintf("%s2", w->active);

	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		struct liar l = {.says = lies[i]};
		struct stream_listener *listener;
		struct json_object *result;
		struct watcher x = {0};

		wire_must(stream_listen(w->loop, passive, NULL, 0600, on_liar_accept, &l,
					&listener));
		wire_must(client_open(w->loop, active, NULL, &handlers, &x, &x.client));
		wire_must_fail(
			client_call(x.client, "list_dbs", json_array(), 1000, &result),
			i < 1 ? ERR_SYNTAX : ERR_PROTOCOL);
		assert_non_null(x.closed);
		done(&x);
		stream_free(l.stream);
		stream_listener_free(listener);
	}
	free(passive);
	free(active);
}

static void servers_that_ask_are_answered(void **state)
{
	struct wire *w = *state;
	char *passive = xasprintf("%s2", w->passive),
	     *active = xasprintf("%s2", w->active);
	struct liar l = {.says = "{\"id\":\"echo\",\"method\":\"echo\",\"params\":[1]}"
				 "{\"id\":2,\"method\":\"dance\",\"params\":[]}"};
	static const char want[] =
		"{\"id\":\"echo\",\"result\":[1],\"error\":null}"
		"{\"id\":2,\"result\":null,\"error\":\"unknown method\"}";
	struct stream_listener *listener;
	struct watcher x = {0};

	wire_must(stream_listen(w->loop, passive, NULL, 0600, on_liar_accept, &l,
				&listener));
	wire_must(client_open(w->loop, active, NULL, &handlers, &x, &x.client));
	WIRE_WAIT_FOR(w, strlen(l.got) >= strlen(want));
	assert_string_equal(l.got, want);
	done(&x);
	stream_free(l.stream);
	stream_listener_free(listener);
	free(passive);
	free(active);
}

static void a_server_that_lives_is_kept(void **state)
{
	struct wire *w = *state;
	struct watcher x = {0};
	int64_t end;

	open_client(w, &x);
	/* Three probes; each is answered well before the next is due. */
	client_set_probe(x.client, 300);
	end = clock_now_ms() + 1000;
	while (clock_now_ms() < end)
		wire_must(loop_run_once(w->loop, 5));
	assert_null(x.closed);
	done(&x);
}

static void a_silent_server_is_asked_and_then_left(void **state)
{
	struct wire *w = *state;
	char *passive = xasprintf("%s2", w->passive),
	     *active = xasprintf("%s2", w->active);
	struct liar l = {.says = ""};
	struct stream_listener *listener;
	struct watcher x = {0};

	wire_must(stream_listen(w->loop, passive, NULL, 0600, on_liar_accept, &l,
				&listener));
	wire_must(client_open(w->loop, active, NULL, &handlers, &x, &x.client));
	client_set_probe(x.client, 10);
	client_send(x.client, "list_dbs", json_array(), on_reply, &x);
	WIRE_WAIT_FOR(w, x.closed);
	assert_int_equal(x.closed->code, ERR_CLOSED);
	assert_int_equal(x.n_replies, 1);
	assert_non_null(strstr(l.got, "\"method\":\"echo\""));
	done(&x);
	stream_free(l.stream);
	stream_listener_free(listener);
	free(passive);
	free(active);
}

static void close_now(void *aux)
{
	struct watcher *x = aux;

	client_close(STEAL(x->client));
}

static void a_call_ends_when_its_client_is_closed(void **state)
{
	struct wire *w = *state;
	struct watcher x = {0};
	struct loop_timer *timer = loop_timer_new(w->loop, close_now, &x);
	struct json_object *result;

	open_client(w, &x);
	loop_timer_set(timer, 10);
	wire_must_fail(client_call(x.client, "transact",
				   parse("[\"T\",{\"op\":\"wait\",\"table\":\"R\","
					 "\"where\":[],\"columns\":[\"n\"],"
					 "\"until\":\"!=\",\"rows\":[]}]"),
				   -1, &result),
		       ERR_CLOSED);
	loop_timer_free(timer);
	done(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TEST(calls_give_results_or_errors),
		WIRE_TEST(transact_names_the_operation_that_failed),
		WIRE_TEST(silence_ends_a_call_and_the_late_reply_is_nothing),
		WIRE_TEST(notifications_are_passed_on),
		WIRE_TEST(every_call_is_answered_when_the_server_goes),
		WIRE_TEST(client_may_be_closed_by_its_callback),
		WIRE_TEST(servers_that_lie_are_left),
		WIRE_TEST(servers_that_ask_are_answered),
		WIRE_TEST(a_server_that_lives_is_kept),
		WIRE_TEST(a_silent_server_is_asked_and_then_left),
		WIRE_TEST(a_call_ends_when_its_client_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
