/* A scanner that finds where a JSON text ends and refuses all that RFC 8259 does not
 * allow, and, as ovsdb-server does, NUL characters, lone surrogates and numbers beyond a
 * double. For json.c alone. */
#ifndef OVSDB_JSON_SCAN_H
#define OVSDB_JSON_SCAN_H 1

#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>

/* A larger text is refused: json-c counts in int, and numbers may grow when they are
 * rewritten. */
#define JSON_SCAN_MAX_BYTES ((size_t)INT32_MAX / 8)

struct json_scan;

/* 'max_bytes': of one value; at most JSON_SCAN_MAX_BYTES. */
struct json_scan *json_scan_new(size_t max_bytes) __attribute__((warn_unused_result));
void json_scan_free(struct json_scan *s); /* accepts NULL */

/* ERR_LIMIT as well where json_scan_tree_bytes() would be more than that. */
void json_scan_limit_tree(struct json_scan *s, size_t max_tree_bytes);

/* Takes bytes until a value is complete or 'n' are used up. A number at top level is
 * complete only when the byte behind it is seen (and left). ERR_SYNTAX (why, without
 * where: '*ret_used' is the offset of the offending byte, written in that case too), or
 * ERR_LIMIT. After an error 's' can only be freed. */
struct err *json_scan_feed(struct json_scan *s, const char *data, size_t n,
			   size_t *ret_used, bool *ret_complete) MUST_CHECK;
/* What a text that ends here lacks. */
struct err *json_scan_ends_early(const struct json_scan *s) MUST_CHECK;

/* Of a complete value: its text without white space, terminated by NUL, every number that
 * is whole and fits 64 bits written as an integer, every other one with a point or an
 * exponent. Borrowed until json_scan_restart(). */
const char *json_scan_text(const struct json_scan *s, size_t *ret_n);
/* How deep arrays and objects are nested in it. */
unsigned int json_scan_depth(const struct json_scan *s);
/* What json-c will need for the values seen so far, or for those of the last complete
 * one: about, and rather too much. */
size_t json_scan_tree_bytes(const struct json_scan *s);
void json_scan_restart(struct json_scan *s);

#endif
