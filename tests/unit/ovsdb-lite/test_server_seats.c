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

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TEST(idle_clients_make_room),
		WIRE_TEST(newcomer_is_refused_where_nobody_is_idle),
		WIRE_TEST(the_server_s_user_always_gets_in),
		WIRE_TEST(strangers_take_no_seat_of_the_server_s_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
