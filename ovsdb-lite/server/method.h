/* What the methods of the wire share, and the two kinds of them. */
#ifndef OVSDB_METHOD_H
#define OVSDB_METHOD_H 1

#include "lib/buffer.h"
#include "lib/err.h"
#include "ovsdb-lite/wire/jsonrpc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hosted_db;
struct json_object;
struct session;
struct txn_origin;

/* A method of the server. Returns '*ret_result', or leaves it NULL if the reply was or
 * will be sent otherwise. */
typedef struct err *method_fn(struct session *s, const struct jsonrpc_message *m,
			      struct json_object **ret_result);
/* A method of the program that embeds the server. Borrows 'params', an array; if the
 * method is about a database, the first element is checked to be its name. Returns a
 * result (owned by the caller), or an error. Runs at once and must not block. */
typedef struct err *method_embedded_fn(void *aux, const struct json_object *params,
				       const struct txn_origin *caller,
				       struct json_object **ret_result);
/* One that works in slices, so that other clients do not wait for it. */
struct method_slices {
	/* As a method_embedded_fn, but '*ret_work' is what the others get. */
	struct err *(*begin)(void *aux, const struct json_object *params,
			     const struct txn_origin *caller, void **ret_work);
	/* Works until 'end_ms' (lib/clock.h): adds to the text of the result, which is JSON
	 * when '*ret_is_over' is set. It is called again until then, or until an error. */
	struct err *(*go_on)(void *work, int64_t end_ms, struct buffer *result,
			     bool *ret_is_over);
	/* At the end, or when the client has gone. */
	void (*free)(void *work);
};

/* Makes the params the path of 'e'. Returns 'e'. */
struct err *method_at_params(struct err *e, const struct jsonrpc_message *m)
	__attribute__((warn_unused_result, returns_nonnull));
/* ERR_SYNTAX unless there are 'n' of them. 'what' describes them. */
struct err *method_want_params(const struct jsonrpc_message *m, size_t n,
			       const char *what) MUST_CHECK;
/* params[0] of every method that is about a database: ERR_SYNTAX if it is no string,
 * ERR_UNKNOWN_DATABASE. */
struct err *method_find_db(struct session *s, const struct jsonrpc_message *m,
			   struct hosted_db **ret_db) MUST_CHECK;

#endif
