/* JSON as text, without values in between: for messages that are frequent or long. The
 * texts equal those of json_text() for an equal value. */
#ifndef OVSDB_JSON_WRITE_H
#define OVSDB_JSON_WRITE_H 1

#include "lib/buffer.h"

#include <stddef.h>
#include <stdint.h>

struct json_object;

void json_write(struct buffer *b, const struct json_object *v);
/* Valid UTF-8 without NUL, by contract. */
void json_write_string(struct buffer *b, const char *s);
void json_write_integer(struct buffer *b, int64_t i);
void json_write_real(struct buffer *b, double d); /* as json_real() */

/* Members and elements: writes a comma unless it is the first of an object or array, that
 * is, unless the byte before is '{' or '['. */
void json_write_comma(struct buffer *b);
/* The comma, "name": */
void json_write_name(struct buffer *b, const char *name);

#endif
