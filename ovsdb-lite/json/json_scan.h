/* Reads a JSON text byte by byte and refuses all that RFC 8259 does not allow, and, as
 * ovsdb-server does, NUL characters, lone surrogates and numbers beyond a double. For
 * json_parse.c alone. */
#ifndef OVSDB_JSON_SCAN_H
#define OVSDB_JSON_SCAN_H 1

#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct json_scan;

/* 'max_bytes': of one value; at most JSON_MAX_BYTES. */
struct json_scan *json_scan_new(size_t max_bytes) __attribute__((warn_unused_result));
void json_scan_free(struct json_scan *s); /* accepts NULL */

/* ERR_LIMIT as well when json_scan_tree_bytes() becomes more than that. */
void json_scan_limit_tree(struct json_scan *s, size_t max_tree_bytes);

/* Takes bytes until a value is complete or 'n' are used up. A number at top level is
 * complete only when the byte behind it is seen (and left). ERR_SYNTAX (why, without
 * where: '*ret_used' is the offset of the offending byte, written in that case too), or
 * ERR_LIMIT. After an error 's' can only be freed. */
struct err *json_scan_feed(struct json_scan *s, const char *data, size_t n,
			   size_t *ret_used, bool *ret_complete) MUST_CHECK;
/* The error of a text that ends here. */
struct err *json_scan_ends_early(const struct json_scan *s) MUST_CHECK;

/* The complete value, owned by the caller. The next one may begin. */
struct json_object *json_scan_take(struct json_scan *s)
	__attribute__((warn_unused_result));
/* As json_stream_tree_bytes() and json_stream_partial_bytes(). */
size_t json_scan_tree_bytes(const struct json_scan *s);
size_t json_scan_partial_bytes(const struct json_scan *s);

#endif
