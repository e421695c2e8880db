/* UUIDs: random ones from the kernel, their order, and their text, read and written. */
#include "ovsdb-lite/values/uuid.h"

#include "lib/alloc.h"
#include "lib/hash.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* So many are drawn at once: every version of every row has one, and a system call for
 * each would take longer than the rest. getrandom(2) returns up to 256 bytes whole, also
 * early in the boot and with signals pending. */
#define POOL_UUIDS 16

struct pool {
	struct uuid uuids[POOL_UUIDS];
	unsigned int n_left;
	unsigned int generation; /* the process's, when they were drawn */
	/* After uuid_fix(). */
	bool is_fixed;
	uint64_t seed, n_fixed;
};

static _Thread_local struct pool pool;

/* A child must not use the UUIDs of its parent. */
static unsigned int generation;
static pthread_once_t is_watched = PTHREAD_ONCE_INIT;

_Static_assert(sizeof(((struct pool *)NULL)->uuids) <= 256, "getrandom(2) may be short");

/* How many hexadecimal digits stand before the first dash, between the dashes, after the
 * last. */
static const unsigned int groups[] = {8, 4, 4, 4, 12};

static void fill_fixed(struct pool *p)
{
	const struct hash_key key = {.k0 = p->seed};
	uint64_t words[2];

	for (unsigned int i = 0; i < POOL_UUIDS; i++) {
		for (unsigned int k = 0; k < 2; k++) {
			p->n_fixed++;
			words[k] =
				hash_bytes_by_key(&p->n_fixed, sizeof(p->n_fixed), &key);
		}
		memcpy(p->uuids[i].bytes, words, sizeof(p->uuids[i].bytes));
	}
}

static void note_fork(void)
{
	generation++;
}

static void watch_forks(void)
{
	pthread_atfork(NULL, NULL, note_fork);
}

static void fill(struct pool *p)
{
	pthread_once(&is_watched, watch_forks);
	if (p->is_fixed)
		fill_fixed(p);
	else if (getrandom(p->uuids, sizeof(p->uuids), 0) != (ssize_t)sizeof(p->uuids))
		abort(); /* no kernel since 3.17 does that */
	p->n_left = POOL_UUIDS;
	p->generation = generation;
}

void uuid_fix(uint64_t seed)
{
	pool = (struct pool){.is_fixed = true, .seed = seed};
}

struct uuid uuid_random(void)
{
	struct uuid u;

	if (!pool.n_left || pool.generation != generation)
		fill(&pool);
	u = pool.uuids[--pool.n_left];
	/* RFC 4122 4.4: version and variant, the other bits random. */
	u.bytes[6] = (uint8_t)((u.bytes[6] & 0x0f) | 0x40);
	u.bytes[8] = (uint8_t)((u.bytes[8] & 0x3f) | 0x80);
	return u;
}

bool uuid_is_zero(const struct uuid *u)
{
	static const struct uuid zero;

	return uuid_equals(u, &zero);
}

bool uuid_equals(const struct uuid *a, const struct uuid *b)
{
	return !memcmp(a, b, sizeof(*a));
}

uint32_t uuid_hash(const struct uuid *u)
{
	return (uint32_t)hash_bytes(u->bytes, sizeof(u->bytes), 0);
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
	static const char digits[] = "0123456789abcdef";
	const uint8_t *byte = u->bytes;
	char *out = buf;

	for (size_t g = 0; g < ARRAY_SIZE(groups); g++) {
		if (g)
			*out++ = '-';
		for (unsigned int i = 0; i < groups[g]; i += 2, byte++) {
			*out++ = digits[*byte >> 4];
			*out++ = digits[*byte & 15];
		}
	}
	*out = '\0';
	return buf;
}
