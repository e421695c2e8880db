/* JSON values: json.c is the only user of json-c, and adds what it lacks: RFC 8259 to the
 * letter, limits, integers told from reals as RFC 7047 wants them.
 *
 * A tree has one owner; what is added to a parent belongs to it. Getters lend. json-c's
 * reference counts stay inside: json_clone() gives a second owner of an equal value,
 * cheaply, so a value that was cloned must not be changed any more. */
#ifndef OVSDB_JSON_H
#define OVSDB_JSON_H 1

#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object; /* json-c's; opaque here */

enum json_kind {
	JSON_NULL, /* also the C NULL pointer */
	JSON_BOOLEAN,
	JSON_INTEGER, /* a number with an integer's value that fits 64 bits: 1, 1.0, 1e3
		       */
	JSON_REAL,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

#define JSON_MAX_DEPTH 1000 /* ovsdb-wire: deeper closes the connection */

enum json_kind json_kind(const struct json_object *v);
const char *json_kind_name(enum json_kind kind); /* "string", "array", … */

/* Makers: the caller owns the result. Strings are valid UTF-8 without NUL, by contract.
 */
struct json_object *json_null(void);
struct json_object *json_boolean(bool b);
struct json_object *json_integer(int64_t i);
struct json_object *json_real(double d); /* 17 significant digits; finite by contract */
struct json_object *json_string(const char *s);
struct json_object *json_string_n(const char *s, size_t n);
struct json_object *json_array(void);
struct json_object *json_object(void);

void json_add(struct json_object *array,
	      struct json_object *element); /* takes 'element' */
/* Takes 'value'; replaces a member of that name. */
void json_put(struct json_object *object, const char *name, struct json_object *value);
/* printf-like makers save lines: [a, b], taking both. */
struct json_object *json_pair(struct json_object *a, struct json_object *b);

struct json_object *json_clone(const struct json_object *v);
void json_free(struct json_object *v); /* accepts NULL */
void json_freep(struct json_object **v);

/* Readers: the kind must be right (assert). Borrowed. */
bool json_get_boolean(const struct json_object *v);
int64_t json_get_integer(const struct json_object *v);
double json_get_real(const struct json_object *v); /* of a JSON_INTEGER too */
const char *json_get_string(const struct json_object *v);
size_t json_get_length(const struct json_object *v); /* of a string, array or object */
struct json_object *json_at(const struct json_object *array, size_t i);
/* NULL if there is no such member; a member that is JSON null gives a value of JSON_NULL,
 * never NULL. */
struct json_object *json_member(const struct json_object *object, const char *name);

/* Iteration in the order of insertion:
 *   for (struct json_iter i = json_iter_begin(object); json_iter_next(&i);) use(i.name,
 * i.value); */
struct json_iter {
	const char *name;
	struct json_object *value;
	void *next; /* private */
};
struct json_iter json_iter_begin(const struct json_object *object);
bool json_iter_next(struct json_iter *i);

/* Equality as RFC 7047 wants it: member order does not matter, 1 equals 1.0. */
bool json_equals(const struct json_object *a, const struct json_object *b);

/* Compact text, owned by the caller. */
char *json_text(const struct json_object *v) __attribute__((warn_unused_result));
/* Indented text for files that people read, ending in a newline. */
char *json_text_pretty(const struct json_object *v) __attribute__((warn_unused_result));

/* One whole value in 'n' bytes and nothing after it but white space. ERR_SYNTAX with the
 * offset. */
struct err *json_parse(const char *text, size_t n,
		       struct json_object **ret_value) MUST_CHECK;

/* A parser of a stream of values that arrive in pieces (jsonrpc.c). */
struct json_stream;
struct json_stream *json_stream_new(size_t max_message_bytes);
void json_stream_free(struct json_stream *s);
/* Many small values take far more memory than their text: ERR_LIMIT for a message whose
 * values would take more than that. */
void json_stream_limit_tree(struct json_stream *s, size_t max_tree_bytes);
/* About what the last complete value takes. */
size_t json_stream_tree_bytes(const struct json_stream *s);
/* Takes from 'data' until one value is complete or 'n' is used up; '*ret_used' bytes were
 * taken.
 * '*ret_value' is the value, or NULL while it is incomplete. ERR_SYNTAX, or ERR_LIMIT.
 * After an error the stream is dead. */
struct err *json_stream_feed(struct json_stream *s, const char *data, size_t n,
			     size_t *ret_used, struct json_object **ret_value) MUST_CHECK;

#endif
