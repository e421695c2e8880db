/* Short JSON values as keys of a hash table: the ids that clients choose. */
#ifndef OVSDB_JSON_KEY_H
#define OVSDB_JSON_KEY_H 1

#include <stddef.h>

struct json_object;

/* Two values have the same key if and only if json_equals() is true for them. Owned by
 * the caller. NULL if it would be longer than 'max_bytes'; then no more than that is
 * read. */
char *json_key(const struct json_object *v, size_t max_bytes)
	__attribute__((warn_unused_result));

#endif
