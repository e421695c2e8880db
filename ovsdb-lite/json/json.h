/* JSON values. Parsing them is json_parse.h's.
 *
 * A tree has one owner; what is added to a parent belongs to it. Getters lend. json_clone()
 * gives a second owner of the same value, cheaply, so a value that was cloned must not be
 * changed any more. What was read from one text has its memory in common: it goes when the
 * last owner of any part of it does. */
#ifndef OVSDB_JSON_H
#define OVSDB_JSON_H 1

#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object; /* any value; opaque here */

enum json_kind {
	JSON_NULL, /* also the C NULL pointer */
	JSON_BOOLEAN,
	JSON_INTEGER, /* a number that is whole and fits 64 bits: 1, 1.0, 1e3 */
	JSON_REAL,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

/* Texts with deeper nesting are refused, as by ovsdb-server (ovsdb-wire.md 1). */
#define JSON_MAX_DEPTH 1000
/* A larger text is refused. */
#define JSON_MAX_BYTES ((size_t)INT32_MAX / 8)

enum json_kind json_kind(const struct json_object *v);
const char *json_kind_name(enum json_kind kind); /* "string", "array", … */

/* Makers: the caller owns the result. Strings are valid UTF-8 without NUL, by contract. */
struct json_object *json_null(void);
struct json_object *json_boolean(bool b);
struct json_object *json_integer(int64_t i);
struct json_object *json_real(double d); /* 17 significant digits; finite by contract */
struct json_object *json_string(const char *s);
struct json_object *json_string_n(const char *s, size_t n);
struct json_object *json_array(void);
struct json_object *json_object(void);

/* Takes 'element'. */
void json_add(struct json_object *array, struct json_object *element);
/* Takes 'value'; replaces a member of that name. */
void json_put(struct json_object *object, const char *name, struct json_object *value);
/* [a, b]. Takes both. */
struct json_object *json_pair(struct json_object *a, struct json_object *b);

struct json_object *json_clone(const struct json_object *v);
/* Shares no memory with 'v': for a small part of a text that is kept for long. */
struct json_object *json_copy(const struct json_object *v);
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
/* The string of that member, of a message of another program: "" if 'v' is no object, or has no
 * such string. Borrowed. */
const char *json_member_text(const struct json_object *v, const char *name);

/* Iteration in the order of insertion:
 *
 *   for (struct json_iter i = json_iter_begin(object); json_iter_next(&i);)
 *           use(i.name, i.value);
 */
struct json_iter {
	const char *name;
	struct json_object *value;
	/* Private. */
	struct json_object *const *next;
	size_t n_left;
};
struct json_iter json_iter_begin(const struct json_object *object);
bool json_iter_next(struct json_iter *i);

/* Equality of RFC 7047: the order of members does not matter, 1 equals 1.0. */
bool json_equals(const struct json_object *a, const struct json_object *b);

/* Compact text, owned by the caller. */
char *json_text(const struct json_object *v) __attribute__((warn_unused_result));
/* Indented text for files that people read, ending in a newline. */
char *json_text_pretty(const struct json_object *v) __attribute__((warn_unused_result));

#endif
