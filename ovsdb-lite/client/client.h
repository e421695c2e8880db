/* A client's connection: requests, replies and notifications, over the same streams as the
 * server's. Asynchronous on the loop; client_call() runs the loop until its reply comes.
 */
#ifndef OVSDB_CLIENT_H
#define OVSDB_CLIENT_H 1

#include "lib/err.h"
#include "lib/loop.h"

#include <stdint.h>

struct client;
struct json_object;
struct stream_tls;

struct client_handlers {
	/* Borrows. May be NULL. */
	void (*notification)(void *aux, const char *method,
			     const struct json_object *params);
	/* The connection ended; takes 'e' (never NULL). Pending calls got a copy.
	 * May be NULL. */
	void (*closed)(void *aux, struct err *e);
};

/* 'address' is active (lib/stream_address.h); 'tls' may be NULL where it is not ssl:.
 * 'h' may be NULL. */
struct err *client_open(struct loop *loop, const char *address, struct stream_tls *tls,
			const struct client_handlers *h, void *aux,
			struct client **ret_client) MUST_CHECK;
/* Outstanding replies are dropped; a client_call() that waits for one returns ERR_CLOSED.
 * Accepts NULL. Allowed in every callback. */
void client_close(struct client *c);
/* After this time without input the server gets an `echo`, and after this time again the
 * connection ends: ERR_CLOSED. 0: never. The default is 5 s for tcp: and ssl:, never for
 * unix:. */
void client_set_probe(struct client *c, int64_t interval_ms);

/* Takes 'params' (an array). 'fn' (may be NULL) gets the result or the error, borrowed,
 * exactly once, unless the owner closes the client before: from the loop, or at once if
 * the connection has ended already. */
typedef void client_reply_fn(void *aux, const struct json_object *result,
			     const struct err *e);
void client_send(struct client *c, const char *method, struct json_object *params,
		 client_reply_fn *fn, void *aux);

/* Takes 'params'. ERR_TIMED_OUT after 'timeout_ms' (-1: none); an error reply with its
 * code. '*ret_result' is owned by the caller. Not from inside a callback of the loop. */
struct err *client_call(struct client *c, const char *method, struct json_object *params,
			int64_t timeout_ms, struct json_object **ret_result) MUST_CHECK;
/* A `transact` of 'operations' (an array, taken) on 'db'; an error in the reply's array
 * becomes the error, with the operation's number in its path ("operation 2", from 1;
 * "commit"). '*ret_results' has one element for each operation; 'ret_results' may be NULL. */
struct err *client_transact(struct client *c, const char *db,
			    struct json_object *operations, int64_t timeout_ms,
			    struct json_object **ret_results) MUST_CHECK;

#endif
