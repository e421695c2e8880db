/* How many sessions a server has, and who leaves for whom. */
#include "tests/unit/ovsdb-lite/wire.h"

static void idle_clients_make_room(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct peer *p[4];

	limits.max_sessions = 3;
	wire_limit(w, &limits);
	for (size_t i = 0; i < 3; i++) {
		p[i] = peer_open(w);
		peer_ask(p[i], WIRE_ECHO("1"), WIRE_ECHOED("1"));
	}
	peer_ask(p[0], WIRE_ECHO("2"), WIRE_ECHOED("2"));
	p[3] = peer_open(w);
	peer_ask(p[3], WIRE_ECHO("1"), WIRE_ECHOED("1"));
	/* The one that had been silent for longest. */
	peer_expect_closed(p[1]);
	peer_ask(p[0], WIRE_ECHO("3"), WIRE_ECHOED("3"));
	peer_ask(p[2], WIRE_ECHO("3"), WIRE_ECHOED("3"));
	for (size_t i = 0; i < 4; i++)
		peer_close(p[i]);
}

/* A stranger with a monitor. */
static struct peer *open_watcher(struct wire *w)
{
	struct peer *p = peer_open_tcp(w);

	peer_ask(p, WIRE_MONITOR, WIRE_MONITORED);
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
	peer_send(waiter, WIRE_WAIT);
	peer_expect_quiet(waiter);
	peer_ask(waiter, WIRE_ECHO("2"), WIRE_ECHOED("2"));
	newcomer = peer_open_tcp(w);
	peer_expect_closed(newcomer);
	peer_ask(holder, WIRE_ECHO("2"), WIRE_ECHOED("2"));
	peer_close(newcomer);
	/* One leaves, and there is room again. */
	peer_close(watcher);
	peer_expect_quiet(holder);
	newcomer = peer_open_tcp(w);
	peer_ask(newcomer, WIRE_ECHO("1"), WIRE_ECHOED("1"));
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
		peer_ask(own[i], WIRE_MONITOR, WIRE_MONITORED);
		if (i < 3)
			peer_expect_closed(strangers[2 - i]);
	}
	/* Nobody of them is idle: they are all here, one more than there are seats. */
	for (size_t i = 0; i < 4; i++)
		peer_ask(own[i], WIRE_ECHO("2"), WIRE_ECHOED("2"));
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
	peer_ask(own, WIRE_ECHO("1"), WIRE_ECHOED("1"));
	for (size_t i = 0; i < 4; i++)
		strangers[i] = i < 2 ? open_watcher(w) : peer_open_tcp(w);
	peer_expect_closed(strangers[2]);
	peer_expect_closed(strangers[3]);
	peer_ask(own, WIRE_ECHO("2"), WIRE_ECHOED("2"));
	for (size_t i = 0; i < 4; i++)
		peer_close(strangers[i]);
	peer_close(own);
}

struct door {
	struct wire *w;
	size_t n_came;
	struct stream *last;
};

static void hear_nothing(void *aux, const char *data, size_t n)
{
	(void)aux;
	(void)data;
	(void)n;
}

static void hear_close(void *aux, struct err *e)
{
	struct door *d = aux;

	stream_free(STEAL(d->last));
	err_free(e);
}

static void let_in(void *aux, struct stream *s)
{
	static const struct stream_handlers handlers = {.data = hear_nothing,
							.closed = hear_close};
	struct door *d = aux;

	d->n_came++;
	stream_free(d->last);
	d->last = s;
	stream_set_handlers(s, &handlers, d);
}

/* Where there is no seat for it, the connection that the server makes is made again later,
 * and no second one beside one that has a seat. */
static void a_connection_of_the_server_waits_for_a_seat(void **state)
{
	struct server_limits limits = server_limits_default;
	struct wire *w = *state;
	struct door door = {.w = w};
	struct stream_listener *listener;
	CLEANUP(freep) char *address = NULL;
	struct peer *holder;

	limits.max_sessions = 1;
	wire_limit(w, &limits);
	holder = open_watcher(w);
	wire_must(stream_listen(w->loop, "ptcp:0:127.0.0.1", NULL, 0, let_in, &door,
				&listener));
	address = xasprintf("tcp:127.0.0.1:%d",
			    atoi(stream_listener_address(listener) + strlen("ptcp:")));
	wire_must(server_add_remote(w->server, address));
	WIRE_WAIT_FOR(w, door.n_came == 1 && !door.last);
	peer_close(holder);
	WIRE_WAIT_FOR(w, door.n_came == 2);
	/* Longer than it waits between two. */
	for (int64_t end = clock_now_ms() + 1200; clock_now_ms() < end;)
		wire_must(loop_run_once(w->loop, 20));
	assert_int_equal(door.n_came, 2);
	assert_non_null(door.last);
	stream_free(door.last);
	stream_listener_free(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TEST(idle_clients_make_room),
		WIRE_TEST(newcomer_is_refused_where_nobody_is_idle),
		WIRE_TEST(the_server_s_user_always_gets_in),
		WIRE_TEST(strangers_take_no_seat_of_the_server_s_user),
		WIRE_TEST(a_connection_of_the_server_waits_for_a_seat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
