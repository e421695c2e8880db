/* lib/stream over TLS on the loopback, with real certificates (tests/certificates). */
#include "lib/alloc.h"
#include "lib/stream_private.h"
#include "stream_ends.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char dir[] = "/tmp/ipvl-tls-XXXXXX";

struct fixture {
	struct loop *loop;
	struct stream_tls *server_tls, *client_tls;
	struct stream_listener *listener;
	char *active;
	struct end server, client;
};

/* Nobody waits for the whole of STREAM_START_MS here. */
static bool is_impatient;
void __real_loop_timer_set(struct loop_timer *t, int64_t delay_ms);
void __wrap_loop_timer_set(struct loop_timer *t, int64_t delay_ms);

void __wrap_loop_timer_set(struct loop_timer *t, int64_t delay_ms)
{
	__real_loop_timer_set(t, is_impatient && delay_ms == STREAM_START_MS ? 50
									     : delay_ms);
}

static int make_certificates(void **state)
{
	CLEANUP(freep) char *command = NULL;

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	command = xasprintf("%s %s", CERTIFICATES, dir);
	return system(command);
}

static int remove_certificates(void **state)
{
	CLEANUP(freep) char *command = xasprintf("rm -r %s", dir);

	(void)state;
	return system(command);
}

static bool may_be_mended; /* what tls_new() says of a server's files */

static struct err *tls_new(const char *key, const char *certificate, const char *ca,
			   struct stream_tls **ret_tls)
{
	CLEANUP(freep) char *key_path = xasprintf("%s/%s", dir, key);
	CLEANUP(freep) char *certificate_path = xasprintf("%s/%s", dir, certificate);
	CLEANUP(freep) char *ca_path = xasprintf("%s/%s", dir, ca);
	struct stream_tls_files files = {key_path, certificate_path, ca_path,
					 may_be_mended};

	return stream_tls_new(&files, ret_tls);
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	must(loop_new(&f->loop));
	must(tls_new("server.key", "server.pem", "ca.pem", &f->server_tls));
	must(tls_new("client.key", "client.pem", "ca.pem", &f->client_tls));
	must(stream_listen(f->loop, "pssl:0:127.0.0.1", f->server_tls, 0, end_accept,
			   &f->server, &f->listener));
	f->active = xasprintf("ssl:127.0.0.1:%.*s",
			      (int)strcspn(stream_listener_address(f->listener) + 5, ":"),
			      stream_listener_address(f->listener) + 5);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	end_clear(&f->server);
	end_clear(&f->client);
	stream_listener_free(f->listener);
	stream_tls_free(f->server_tls);
	stream_tls_free(f->client_tls);
	loop_free(f->loop);
	free(f->active);
	free(f);
	return 0;
}

static void dial(struct fixture *f)
{
	must(stream_connect(f->loop, f->active, f->client_tls, &end_handlers, &f->client,
			    &f->client.stream));
}

static void join(struct fixture *f)
{
	dial(f);
	stream_write(f->client.stream, "hello", 5);
	WAIT_FOR(f, f->server.n_got == 5);
	WAIT_FOR(f, f->client.n_connected == 1);
}

static void both_know_whom_they_talk_to(void **state)
{
	struct fixture *f = *state;

	join(f);
	assert_string_equal(f->server.got, "hello");
	assert_string_equal(stream_peer(f->server.stream).subject, "client");
	assert_string_equal(stream_peer(f->client.stream).subject, "server");
	assert_int_equal(
		strncmp(stream_peer(f->server.stream).address, "ssl:127.0.0.1:", 14), 0);
	stream_write(f->server.stream, "there", 5);
	WAIT_FOR(f, f->client.n_got == 5);
	stream_free(STEAL(f->server.stream));
	WAIT_FOR(f, f->client.is_closed);
	assert_null(f->client.error);
}

static void a_large_message_goes_both_ways(void **state)
{
	struct fixture *f = *state;
	size_t n = 8 << 20;
	char *big = xcalloc(n, 1);

	join(f);
	stream_write(f->server.stream, big, n);
	stream_write(f->client.stream, big, n);
	assert_true(stream_unsent_bytes(f->server.stream) > 0);
	WAIT_FOR(f, f->client.n_got == n && f->server.n_got == n + 5);
	WAIT_FOR(f, f->client.n_drained && f->server.n_drained);
	assert_int_equal(stream_unsent_bytes(f->server.stream), 0);
	free(big);
}

/* What was read before the pause comes after it, once, and not from within resume. */
static void a_paused_reader_misses_nothing(void **state)
{
	struct fixture *f = *state;
	size_t n = 1 << 20;
	char *big = xcalloc(n, 1);

	join(f);
	f->server.pauses = true;
	stream_write(f->client.stream, big, n);
	while (f->server.n_got < n + 5) {
		unsigned int n_calls = f->server.n_calls;

		stream_resume(f->server.stream);
		assert_int_equal(f->server.n_calls, n_calls);
		WAIT_FOR(f, f->server.n_calls > n_calls);
		assert_int_equal(f->server.n_calls, n_calls + 1);
	}
	assert_int_equal(f->server.n_got, n + 5);
	free(big);
}

static void handlers_may_free_their_stream(void **state)
{
	struct fixture *f = *state;

	join(f);
	f->server.frees_itself = true;
	stream_write(f->client.stream, "x", 1);
	WAIT_FOR(f, !f->server.stream);
	WAIT_FOR(f, f->client.is_closed);
	assert_null(f->client.error);
}

/* Either side of another CA, and one that shows an expired certificate. */
static void strangers_are_refused(void **state)
{
	struct fixture *f = *state;

	stream_tls_free(STEAL(f->client_tls));
	must(tls_new("stranger.key", "stranger.pem", "ca.pem", &f->client_tls));
	dial(f);
	WAIT_FOR(f, f->client.is_closed);
	assert_null(f->server.stream);
	must_say(STEAL(f->client.error), "TLS failed");
	end_clear(&f->client);

	stream_tls_free(STEAL(f->client_tls));
	must(tls_new("client.key", "client.pem", "other-ca.pem", &f->client_tls));
	dial(f);
	WAIT_FOR(f, f->client.is_closed);
	assert_null(f->server.stream);
	must_say(STEAL(f->client.error), "the peer's certificate is not accepted");
}

static void nobody_there_is_told_as_without_tls(void **state)
{
	struct fixture *f = *state;

	stream_listener_free(STEAL(f->listener));
	dial(f);
	WAIT_FOR(f, f->client.is_closed);
	assert_int_equal(f->client.error->sys_errno, ECONNREFUSED);
	must_say(STEAL(f->client.error), "cannot connect to ssl:");
}

static void plain_text_is_cut_off(void **state)
{
	static const char *const texts[] = {
		"{\"id\":0,\"method\":\"echo\",\"params\":[]}", "\x16\x03\x01\x40",
		"GET / HTTP/1.0\r\n\r\n"};
	struct fixture *f = *state;

	memcpy(f->active, "tcp", 3);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		dial(f);
		stream_write(f->client.stream, texts[i], strlen(texts[i]));
		if (i == 1) { /* half a handshake: the next one does not wait for it */
			WAIT_FOR(f, f->client.n_connected);
			must(loop_run_once(f->loop, 10));
			assert_false(f->client.is_closed);
		} else {
			WAIT_FOR(f, f->client.is_closed);
		}
		assert_null(f->server.stream);
		end_clear(&f->client);
	}
	memcpy(f->active, "ssl", 3);
	join(f);
}

static void a_plain_server_is_no_tls_server(void **state)
{
	struct fixture *f = *state;

	stream_listener_free(STEAL(f->listener));
	must(stream_listen(f->loop, "ptcp:0:127.0.0.1", NULL, 0, end_accept, &f->server,
			   &f->listener));
	free(f->active);
	f->active = xasprintf("ssl:127.0.0.1:%d",
			      atoi(stream_listener_address(f->listener) + 5));
	dial(f);
	WAIT_FOR(f, f->server.n_got);
	stream_write(f->server.stream, "{}\n{}\n{}\n", 9);
	WAIT_FOR(f, f->client.is_closed);
	assert_int_equal(f->client.n_connected, 0);
	must_say(STEAL(f->client.error), f->active);
}

/* On both sides: a server that hears nothing, a client that is not answered. */
static void half_a_handshake_ends(void **state)
{
	struct fixture *f = *state;
	struct end mute = {0};

	is_impatient = true;
	memcpy(f->active, "tcp", 3);
	dial(f);
	WAIT_FOR(f, f->client.is_closed);
	end_clear(&f->client);
	stream_listener_free(STEAL(f->listener));
	must(stream_listen(f->loop, "ptcp:0:127.0.0.1", NULL, 0, end_accept, &mute,
			   &f->listener));
	free(f->active);
	f->active = xasprintf("ssl:127.0.0.1:%d",
			      atoi(stream_listener_address(f->listener) + 5));
	dial(f);
	WAIT_FOR(f, f->client.is_closed);
	assert_int_equal(f->client.error->code, ERR_TIMED_OUT);
	must_say(STEAL(f->client.error), f->active);
	end_clear(&mute);
	is_impatient = false;
}

/* Past a number of them the oldest handshake makes room. */
static void idle_handshakes_keep_nobody_out(void **state)
{
	enum { N = 120 };
	struct fixture *f = *state;
	struct end idle[N] = {0};
	size_t n_closed = 0;

	memcpy(f->active, "tcp", 3);
	for (size_t i = 0; i < N; i++)
		must(stream_connect(f->loop, f->active, NULL, &end_handlers, &idle[i],
				    &idle[i].stream));
	for (size_t i = 0; i < N; i++)
		WAIT_FOR(f, idle[i].n_connected);
	memcpy(f->active, "ssl", 3);
	join(f);
	for (size_t i = 0; i < N; i++) {
		n_closed += idle[i].is_closed;
		end_clear(&idle[i]);
	}
	assert_in_range(n_closed, 20, 22);
}

static void tls_must_be_set_up(void **state)
{
	struct fixture *f = *state;
	struct stream_listener *listener;

	must_say(stream_connect(f->loop, f->active, NULL, &end_handlers, &f->client,
				&f->client.stream),
		 "give --private-key, --certificate and --ca-cert");
	must_say(stream_listen(f->loop, "pssl:0", NULL, 0, end_accept, &f->server,
			       &listener),
		 "TLS needs a key and certificates");
}

static void install(const char *to, const char *from)
{
	CLEANUP(freep)
	char *command = xasprintf("cp %s/%s %s/tmp && mv %s/tmp %s/%s", dir, from, dir,
				  dir, dir, to);

	assert_int_equal(system(command), 0);
}

static void expect_server(struct fixture *f, const char *name)
{
	join(f);
	assert_string_equal(stream_peer(f->client.stream).subject, name);
	end_clear(&f->client);
	WAIT_FOR(f, f->server.is_closed);
	end_clear(&f->server);
}

static void renewed_certificates_are_used(void **state)
{
	struct fixture *f = *state;

	install("a.key", "server.key");
	install("a.pem", "server.pem");
	stream_listener_free(STEAL(f->listener));
	stream_tls_free(STEAL(f->server_tls));
	must(tls_new("a.key", "a.pem", "ca.pem", &f->server_tls));
	must(stream_listen(f->loop, "pssl:0:127.0.0.1", f->server_tls, 0, end_accept,
			   &f->server, &f->listener));
	free(f->active);
	f->active = xasprintf("ssl:127.0.0.1:%d",
			      atoi(stream_listener_address(f->listener) + 5));
	expect_server(f, "server");
	/* One after the other: between the two they do not fit together. */
	install("a.key", "reader.key");
	expect_server(f, "server");
	install("a.pem", "reader.pem");
	expect_server(f, "reader");
}

static void expect_refusal(struct fixture *f)
{
	dial(f);
	WAIT_FOR(f, f->client.is_closed);
	assert_int_equal(f->client.n_connected, 0);
	end_clear(&f->client);
}

/* A server that starts with an expired certificate, or without one, and gets it later. */
static void files_of_a_server_may_be_mended(void **state)
{
	struct fixture *f = *state;

	install("a.key", "expired.key");
	install("a.pem", "expired.pem");
	stream_listener_free(STEAL(f->listener));
	stream_tls_free(STEAL(f->server_tls));
	may_be_mended = true;
	must_say(tls_new("a.key", "a.none", "ca.pem", &f->server_tls),
		 "a.none: No such file");
	must(tls_new("a.key", "a.pem", "ca.pem", &f->server_tls));
	may_be_mended = false;
	must(stream_listen(f->loop, "pssl:0:127.0.0.1", f->server_tls, 0, end_accept,
			   &f->server, &f->listener));
	free(f->active);
	f->active = xasprintf("ssl:127.0.0.1:%d",
			      atoi(stream_listener_address(f->listener) + 5));
	expect_refusal(f);
	install("a.key", "server.key");
	expect_refusal(f);
	install("a.pem", "server.pem");
	expect_server(f, "server");
}

static void all_three_files_are_needed(void **state)
{
	static const struct stream_tls_files none = {0},
					     two = {.private_key = "a",
						    .certificate = "b"},
					     lenient = {.private_key = "a",
							.certificate = "b",
							.may_be_mended = true};
	struct stream_tls *tls;

	(void)state;
	assert_false(stream_tls_files_are_given(&none));
	assert_true(stream_tls_files_are_given(&two));
	must_say(stream_tls_new(&two, &tls), "--ca-cert is missing");
	must_say(stream_tls_new(&lenient, &tls), "--ca-cert is missing");
}

static bool is_out_of_room;

struct bufferevent;
struct event_base;
struct ssl_st;

/* NOLINTNEXTLINE(bugprone-reserved-identifier): the linker's name */
struct bufferevent *__real_bufferevent_openssl_socket_new(struct event_base *base, int fd,
							  struct ssl_st *ssl,
							  unsigned int ssl_state,
							  int options);
/* NOLINTNEXTLINE(bugprone-reserved-identifier) */
struct bufferevent *__wrap_bufferevent_openssl_socket_new(struct event_base *base, int fd,
							  struct ssl_st *ssl,
							  unsigned int ssl_state,
							  int options);

/* NOLINTNEXTLINE(bugprone-reserved-identifier) */
struct bufferevent *__wrap_bufferevent_openssl_socket_new(struct event_base *base, int fd,
							  struct ssl_st *ssl,
							  unsigned int ssl_state,
							  int options)
{
	return is_out_of_room ? NULL
			      : __real_bufferevent_openssl_socket_new(base, fd, ssl,
								      ssl_state, options);
}

/* epoll(7): max_user_watches; and a reason that OpenSSL does not have. */
static void what_is_seldom_met(void **state)
{
	static const struct stream_handlers none;
	CLEANUP(freep) char *no_reason = xasprintf("%s", stream_tls_reason(0));
	struct fixture *f = *state;
	struct stream *s;
	struct err *e;

	assert_non_null(no_reason);
	is_out_of_room = true;
	e = stream_connect(f->loop, f->active, f->client_tls, &none, NULL, &s);
	is_out_of_room = false;
	assert_non_null(e);
	err_free(e);
}

static void bad_files_are_named(void **state)
{
	static const char *const cases[][4] = {
		{"none", "client.pem", "ca.pem", "none: No such file"},
		{"client.key", "none", "ca.pem", "cannot read the certificate"},
		{"client.key", "client.pem", "none", "cannot read the CA's certificate"},
		{"client.pem", "client.pem", "ca.pem", "client.pem: no private key"},
		{"client.key", "client.key", "ca.pem", "client.key: no certificate"},
		{"client.key", "client.pem", "ca.key", "ca.key: no CA's certificate"},
		{"server.key", "client.pem", "ca.pem", "does not belong to"},
		{"encrypted.key", "client.pem", "ca.pem", "not encrypted"},
		{"expired.key", "expired.pem", "ca.pem", "the certificate expired on 2"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct stream_tls *tls;

		must_say(tls_new(cases[i][0], cases[i][1], cases[i][2], &tls),
			 cases[i][3]);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_know_whom_they_talk_to),
		TEST(a_large_message_goes_both_ways),
		TEST(a_paused_reader_misses_nothing),
		TEST(handlers_may_free_their_stream),
		TEST(strangers_are_refused),
		TEST(nobody_there_is_told_as_without_tls),
		TEST(plain_text_is_cut_off),
		TEST(a_plain_server_is_no_tls_server),
		TEST(half_a_handshake_ends),
		TEST(idle_handshakes_keep_nobody_out),
		TEST(renewed_certificates_are_used),
		TEST(files_of_a_server_may_be_mended),
		TEST(tls_must_be_set_up),
		TEST(what_is_seldom_met),
		cmocka_unit_test(all_three_files_are_needed),
		cmocka_unit_test(bad_files_are_named),
	};

	return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
