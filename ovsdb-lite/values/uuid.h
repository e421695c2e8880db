/* UUIDs as values (RFC 4122 text in lower case, RFC 7047 3.1). */
#ifndef OVSDB_UUID_H
#define OVSDB_UUID_H 1

#include <stdbool.h>
#include <stdint.h>

struct uuid {
	uint8_t bytes[16];
};

#define UUID_TEXT_BYTES 37 /* 36 characters and NUL */

struct uuid uuid_random(void); /* version 4; any thread */
/* For a test that must be repeatable: the UUIDs of this thread follow from 'seed' from
 * now on. */
void uuid_fix(uint64_t seed);
bool uuid_is_zero(const struct uuid *u);
bool uuid_equals(const struct uuid *a, const struct uuid *b);
uint32_t uuid_hash(const struct uuid *u);
int uuid_cmp(const struct uuid *a, const struct uuid *b);
/* Exactly 8-4-4-4-12 hexadecimal digits. */
bool uuid_parse(const char *text, struct uuid *ret_uuid);
/* Writes into 'buf' and returns it. */
const char *uuid_format(const struct uuid *u, char buf[UUID_TEXT_BYTES]);

#endif
