/* For tests of the wire: a server of a small database on a unix socket in a temporary
 * folder, and peers that send texts and wait for JSON, all on one loop. */
#ifndef TESTS_WIRE_H
#define TESTS_WIRE_H 1

#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/stream.h"
#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/server/server.h"
#include "tests/unit/patience.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Nothing is waited for longer than this; what must not come is waited for so long. */
#define WIRE_PATIENCE_MS patience_ms()
#define WIRE_QUIET_MS    30

/* Table R: name (string), n (integer), tags (strings), e (integer, ephemeral). Database
 * T. */
extern const char wire_schema[];

struct wire {
	struct loop *loop;
	struct db *db;
	struct server *server;
	struct db_observer *observer; /* NULL, or a test's own */
	char dir[32];
	char *passive, *active; /* addresses */
};

/* For cmocka: *state is a struct wire. In memory; the second has a file. */
int wire_setup(void **state);
int wire_setup_file(void **state);
int wire_teardown(void **state);
/* A server with other limits in place of the one there is. */
void wire_limit(struct wire *w, const struct server_limits *limits);

#define WIRE_WAIT_FOR(w, condition)                                                      \
	do {                                                                             \
		int64_t end_ = clock_now_ms() + WIRE_PATIENCE_MS;                        \
		while (!(condition) && clock_now_ms() < end_)                            \
			wire_must(loop_run_once((w)->loop, 20));                         \
		assert_true(condition);                                                  \
	} while (0)
#define WIRE_TEST(name) cmocka_unit_test_setup_teardown(name, wire_setup, wire_teardown)

/* Requests and their replies; WIRE_WAIT waits until R is not empty. */
#define WIRE_ECHO(id)   "{\"id\":" id ",\"method\":\"echo\",\"params\":[]}"
#define WIRE_ECHOED(id) "{\"id\":" id ",\"result\":[],\"error\":null}"
#define WIRE_MONITOR    "{\"id\":1,\"method\":\"monitor\",\"params\":[\"T\",1,{}]}"
#define WIRE_MONITORED  "{\"id\":1,\"result\":{},\"error\":null}"
#define WIRE_WAIT                                                                        \
	"{\"id\":1,\"method\":\"transact\",\"params\":[\"T\",{\"op\":\"wait\","          \
	"\"table\":\"R\",\"where\":[],\"columns\":[\"n\"],\"until\":\"!=\",\"rows\":[]}" \
	"]}"

struct peer {
	struct wire *wire;
	struct stream *stream;
	struct json_stream *parser;
	struct json_object **messages; /* that have come and were not looked at */
	size_t n_messages;
	bool is_closed; /* by the server */
};

struct peer *peer_open(struct wire *w);
/* A stranger, who has no privileges. */
struct peer *peer_open_tcp(struct wire *w);
void peer_close(struct peer *p); /* accepts NULL */
void peer_send(struct peer *p, const char *text);
void peer_send_n(struct peer *p, const char *text, size_t n);

/* The next message. Owned by the caller. */
struct json_object *peer_next(struct peer *p);
/* The next message equals this text. */
void peer_expect(struct peer *p, const char *want);
/* Sends, and expects. */
void peer_ask(struct peer *p, const char *request, const char *want);
/* A `transact` on T of operations written without the outer brackets; its result. Owned.
 */
struct json_object *peer_transact(struct peer *p, const char *operations);
/* The reply to 'request' is an error; its "error" tag, or the string itself, is 'want'.
 */
void peer_expect_error(struct peer *p, const char *request, const char *want);
void peer_expect_quiet(struct peer *p);
void peer_expect_closed(struct peer *p);

/* An echo of 'n' bytes and more. Owned. */
char *wire_long_echo(size_t n);

void wire_must(struct err *e);
void wire_must_fail(struct err *e, enum err_code code);

#endif
