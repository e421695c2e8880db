/* Short JSON values as keys of a hash table: the ids that clients choose. */
#ifndef OVSDB_JSON_KEY_H
#define OVSDB_JSON_KEY_H 1

#include <stddef.h>

struct json_object;

/* A text that two values have in common if, and only if, json_equals() says that they are
 * equal. Owned by the caller. NULL if it would be longer than 'max_bytes', which costs no
 * more than that. */
char *json_key(const struct json_object *v, size_t max_bytes)
	__attribute__((warn_unused_result));

#endif
