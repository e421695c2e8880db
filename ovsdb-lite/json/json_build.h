/* Builds the value of a JSON text while json_scan.c reads it. For json_scan.c alone. */
#ifndef OVSDB_JSON_BUILD_H
#define OVSDB_JSON_BUILD_H 1

#include "ovsdb-lite/json/json_number.h"

#include <stdbool.h>
#include <stddef.h>

struct json_build;
struct json_object;

struct json_build *json_build_new(void) __attribute__((warn_unused_result));
void json_build_free(struct json_build *b); /* accepts NULL */

/* Bytes of the string, name or number being read: a string's without quotes and escapes. */
void json_build_append(struct json_build *b, const char *data, size_t n);

/* What was appended, and these last bytes, is the name of the next value; or a string. */
void json_build_name(struct json_build *b, const char *rest, size_t n);
void json_build_string(struct json_build *b, const char *rest, size_t n);
/* What was appended is a number as RFC 8259 6 writes one. JSON_NUMBER_OUT_OF_RANGE adds no
 * value. */
enum json_number json_build_number(struct json_build *b)
	__attribute__((warn_unused_result));
/* 'v' is true, false or null. */
void json_build_add(struct json_build *b, struct json_object *v);

/* What is added until json_build_close() is inside this object or array. */
void json_build_open(struct json_build *b, bool is_object);
void json_build_close(struct json_build *b);
/* How many are open: at most JSON_MAX_DEPTH. */
unsigned int json_build_depth(const struct json_build *b);
/* The innermost open one is an object. */
bool json_build_is_in_object(const struct json_build *b);

/* The complete value, owned by the caller. The next one may begin. */
struct json_object *json_build_take(struct json_build *b)
	__attribute__((warn_unused_result));

/* Memory of the values made so far, or of the last value taken until the next begins. */
size_t json_build_bytes(const struct json_build *b);
/* Memory that an incomplete value takes: values, and what was appended since. */
size_t json_build_partial_bytes(const struct json_build *b);

#endif
