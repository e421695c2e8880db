/* Reading an object whose members are known: takes them one by one, then refuses those
 * that are left.
 *
 *   struct json_fields f = json_fields_begin(json, "ovsdb operation 1 of 2");
 *   const struct json_object *table =
 *           json_fields_take(&f, "table", JSON_MASK(JSON_STRING));
 *   struct err *e = json_fields_end(&f);
 *
 * What was taken may be used only if json_fields_end() returned no error. */
#ifndef OVSDB_JSON_FIELDS_H
#define OVSDB_JSON_FIELDS_H 1

#include "lib/err.h"
#include "ovsdb-lite/json/json.h"

#define JSON_MASK(kind)  (1u << (kind))
#define JSON_MASK_NUMBER (JSON_MASK(JSON_INTEGER) | JSON_MASK(JSON_REAL))
#define JSON_MASK_ANY    (~0u)

#define JSON_FIELDS_MAX 16

struct json_fields {
	const struct json_object *object; /* borrowed */
	char *what;        /* "database schema", as in `Parsing … failed` */
	struct err *error; /* the first */
	size_t n_taken;
	const char *taken[JSON_FIELDS_MAX];
};

/* 'json' may be anything; if it is not an object, json_fields_end() returns an error. */
struct json_fields json_fields_begin(const struct json_object *json,
				     const char *what_format, ...)
	__attribute__((format(printf, 2, 3), warn_unused_result));
/* Borrowed; NULL if missing or of another kind than 'mask' allows. 'name' is a literal.
 */
const struct json_object *json_fields_take(struct json_fields *f, const char *name,
					   unsigned int mask);
const struct json_object *json_fields_take_optional(struct json_fields *f,
						    const char *name, unsigned int mask);
/* ERR_SYNTAX with the object's text as path: a member is missing, of the wrong kind, or
 * unknown. */
struct err *json_fields_end(struct json_fields *f) MUST_CHECK;

/* RFC 7047 3.1 <id>: a letter or underscore, then letters, digits and underscores. */
bool json_is_id(const char *s);
/* Sets the path of 'e' to the value's JSON text, which clients get as "syntax". Returns
 * 'e'. */
struct err *json_at_error(struct err *e, const struct json_object *v)
	__attribute__((warn_unused_result, returns_nonnull));
/* ERR_SYNTAX with such a path. */
struct err *json_syntax_error(const struct json_object *v, const char *format, ...)
	__attribute__((format(printf, 2, 3), warn_unused_result, returns_nonnull));

#endif
