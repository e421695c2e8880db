/* JSON texts to values, whole or in pieces: RFC 8259 to the letter, with limits. */
#ifndef OVSDB_JSON_PARSE_H
#define OVSDB_JSON_PARSE_H 1

#include "lib/err.h"

#include <stddef.h>

struct json_object;

/* One whole value in 'n' bytes and nothing after it but white space. ERR_SYNTAX with
 * LINE:COLUMN as path. */
struct err *json_parse(const char *text, size_t n,
		       struct json_object **ret_value) MUST_CHECK;

/* A parser of a stream of values that arrive in pieces. */
struct json_stream;
struct json_stream *json_stream_new(size_t max_message_bytes);
void json_stream_free(struct json_stream *s); /* accepts NULL */
/* ERR_LIMIT for a message whose values take more memory than that: small values take far
 * more than their text. */
void json_stream_limit_tree(struct json_stream *s, size_t max_tree_bytes);
/* Memory of the values of the last complete message, until the next begins. */
size_t json_stream_tree_bytes(const struct json_stream *s);
/* Memory that an incomplete message takes; 0 between messages. */
size_t json_stream_partial_bytes(const struct json_stream *s);
/* Takes from 'data' until one value is complete or 'n' is used up; '*ret_used' bytes were
 * taken. '*ret_value' is the value, or NULL while it is incomplete. ERR_SYNTAX, or
 * ERR_LIMIT. After an error the stream is dead. */
struct err *json_stream_feed(struct json_stream *s, const char *data, size_t n,
			     size_t *ret_used, struct json_object **ret_value) MUST_CHECK;

#endif
