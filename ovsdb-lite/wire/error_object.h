/* Errors on the wire: the error object of RFC 7047 3.1, {"error", "details", "syntax"}. */
#ifndef OVSDB_ERROR_OBJECT_H
#define OVSDB_ERROR_OBJECT_H 1

#include "lib/err.h"

struct json_object;

/* Messages, causes and hint are one sentence in "details", the path is "syntax". Owned by
 * the caller. */
struct json_object *error_object_new(const struct err *e);
/* The reverse, for clients; 'json' may also be a bare string, as "unknown method" is sent.
 * Anything else becomes ERR_PROTOCOL. */
struct err *error_object_to_err(const struct json_object *json) MUST_CHECK;

#endif
