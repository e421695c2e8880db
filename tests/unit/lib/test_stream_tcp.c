/* lib/stream over TCP on the loopback: connecting takes its time, and may fail late. */
#include "lib/alloc.h"
#include "stream_ends.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct loop *loop;
	struct stream_listener *listener;
	struct end server, client;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	must(loop_new(&f->loop));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	end_clear(&f->server);
	end_clear(&f->client);
	stream_listener_free(f->listener);
	loop_free(f->loop);
	free(f);
	return 0;
}

/* "ptcp:PORT:IP", as it was got, turned round. Owned by the caller. */
static char *active_of(const struct stream_listener *listener)
{
	CLEANUP(freep) char *text = xstrdup(stream_listener_address(listener));
	char *ip = strchr(text + strlen("ptcp:"), ':');

	*ip = '\0';
	return xasprintf("%.3s:%s:%s", text + 1, ip + 1, text + strlen("ptcp:"));
}

static void join(struct fixture *f, const char *passive)
{
	CLEANUP(freep) char *active = NULL;

	must(stream_listen(f->loop, passive, NULL, 0, end_accept, &f->server,
			   &f->listener));
	active = active_of(f->listener);
	must(stream_connect(f->loop, active, NULL, &end_handlers, &f->client,
			    &f->client.stream));
	/* Before it stands. */
	stream_write(f->client.stream, "hello", 5);
	assert_int_equal(f->client.n_connected, 0);
	WAIT_FOR(f, f->server.n_got == 5);
	assert_string_equal(f->server.got, "hello");
	WAIT_FOR(f, f->client.n_connected == 1);
	stream_write(f->server.stream, "there", 5);
	WAIT_FOR(f, f->client.n_got == 5);
	assert_string_equal(stream_peer(f->client.stream).address, active);
}

static void bytes_go_both_ways(void **state)
{
	struct fixture *f = *state;
	struct stream_peer peer;

	join(f, "ptcp:0:127.0.0.1");
	peer = stream_peer(f->server.stream);
	assert_int_equal(peer.pid, -1);
	assert_int_equal(peer.uid, (uid_t)-1);
	assert_int_equal(strncmp(peer.address, "tcp:127.0.0.1:", 14), 0);
	assert_null(peer.subject);
	stream_free(STEAL(f->client.stream));
	WAIT_FOR(f, f->server.is_closed);
	assert_null(f->server.error);
}

static void ipv6_is_the_same(void **state)
{
	struct fixture *f = *state;

	if (access("/proc/net/if_inet6", R_OK))
		skip();
	join(f, "ptcp:0:[::1]");
	assert_int_equal(strncmp(stream_peer(f->server.stream).address, "tcp:[::1]:", 10),
			 0);
}

/* A server that speaks before we have seen that the connection stands. */
static void a_quick_server_is_heard_once_connected(void **state)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t length = sizeof(sin);
	CLEANUP(freep) char *active = NULL;
	struct fixture *f = *state;

	assert_int_equal(bind(listener, (struct sockaddr *)&sin, length), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&sin, &length), 0);
	active = xasprintf("tcp:127.0.0.1:%d", ntohs(sin.sin_port));
	must(stream_connect(f->loop, active, NULL, &end_handlers, &f->client,
			    &f->client.stream));
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(send(fd, "hello", 5, 0), 5);
	/* end_handlers knows that nothing may come before it is connected. */
	WAIT_FOR(f, f->client.n_got == 5);
	assert_int_equal(f->client.n_connected, 1);
	close(fd);
	close(listener);
}

static void nobody_there_is_told_by_the_handler(void **state)
{
	struct fixture *f = *state;
	char *active;

	must(stream_listen(f->loop, "ptcp:0:127.0.0.1", NULL, 0, end_accept, &f->server,
			   &f->listener));
	active = active_of(f->listener);
	stream_listener_free(STEAL(f->listener));
	must(stream_connect(f->loop, active, NULL, &end_handlers, &f->client,
			    &f->client.stream));
	stream_write(f->client.stream, "hello", 5);
	assert_false(f->client.is_closed);
	WAIT_FOR(f, f->client.is_closed);
	assert_int_equal(f->client.n_connected, 0);
	assert_int_equal(f->client.error->sys_errno, ECONNREFUSED);
	must_say(STEAL(f->client.error), active);
	free(active);
}

static void streams_may_go_before_they_stand(void **state)
{
	struct fixture *f = *state;

	must(stream_listen(f->loop, "ptcp:0:127.0.0.1", NULL, 0, end_accept, &f->server,
			   &f->listener));
	for (int i = 0; i < 3; i++) {
		CLEANUP(freep) char *active = active_of(f->listener);

		must(stream_connect(f->loop, active, NULL, &end_handlers, &f->client,
				    &f->client.stream));
		stream_free(STEAL(f->client.stream));
		must(loop_run_once(f->loop, 10));
		end_clear(&f->server);
	}
	assert_int_equal(f->client.n_connected, 0);
}

static void a_taken_port_is_busy(void **state)
{
	struct fixture *f = *state;
	struct stream_listener *second;

	must(stream_listen(f->loop, "ptcp:0:127.0.0.1", NULL, 0, end_accept, &f->server,
			   &f->listener));
	must_fail(stream_listen(f->loop, stream_listener_address(f->listener), NULL, 0,
				end_accept, &f->server, &second),
		  ERR_BUSY);
}

static void a_large_message_goes_through(void **state)
{
	struct fixture *f = *state;
	size_t n = 8 << 20;
	char *big = xcalloc(n, 1);

	join(f, "ptcp:0:127.0.0.1");
	stream_write(f->server.stream, big, n);
	WAIT_FOR(f, f->client.n_got == n + 5);
	WAIT_FOR(f, f->server.n_drained);
	assert_int_equal(stream_unsent_bytes(f->server.stream), 0);
	free(big);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bytes_go_both_ways),
		TEST(ipv6_is_the_same),
		TEST(a_quick_server_is_heard_once_connected),
		TEST(nobody_there_is_told_by_the_handler),
		TEST(streams_may_go_before_they_stand),
		TEST(a_taken_port_is_busy),
		TEST(a_large_message_goes_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
