/* UUIDs: made by libuuid, here alone; their text is read and written here. What a UUID
 * names (a row, a database, a transaction) is its user's affair. */
#include "ovsdb-lite/uuid.h"

#include "lib/alloc.h"

#include <string.h>
/* libuuid has a function of this name too, looser than RFC 7047's <uuid> and never
 * called. */
#define uuid_parse libuuid_uuid_parse
#include <uuid/uuid.h>
#undef uuid_parse

_Static_assert(sizeof(uuid_t) == sizeof(struct uuid), "libuuid's bytes are ours");

/* How many hexadecimal digits stand before the first dash, between the dashes, after the
 * last. */
static const unsigned int groups[] = {8, 4, 4, 4, 12};

struct uuid uuid_random(void)
{
	struct uuid u;

	/* Not uuid_generate(): without entropy that falls back to the clock and the MAC
	 * address. */
	uuid_generate_random(u.bytes);
	return u;
}

bool uuid_is_zero(const struct uuid *u)
{
	return uuid_is_null(u->bytes);
}

bool uuid_equals(const struct uuid *a, const struct uuid *b)
{
	return !memcmp(a, b, sizeof(*a));
}

int uuid_cmp(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a, b, sizeof(*a));
}

/* The digit's value, or -1. */
static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool uuid_parse(const char *text, struct uuid *ret_uuid)
{
	struct uuid u;
	uint8_t *byte = u.bytes;

	for (size_t g = 0; g < ARRAY_SIZE(groups); g++) {
		if (g && *text++ != '-')
			return false;
		for (unsigned int i = 0; i < groups[g]; i += 2, text += 2) {
			int high = hex_value(text[0]);
			int low = high < 0 ? -1 : hex_value(text[1]);

			if (low < 0)
				return false;
			*byte++ = (uint8_t)(high << 4 | low);
		}
	}
	if (*text)
		return false;
	*ret_uuid = u;
	return true;
}

const char *uuid_format(const struct uuid *u, char buf[UUID_TEXT_BYTES])
{
	uuid_unparse_lower(u->bytes, buf);
	return buf;
}
