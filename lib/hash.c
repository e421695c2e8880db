/* SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; one round
 * for each word and three at the end, as Linux, Python and Rust have it for their
 * tables). Without the key no collisions can be found, not even by measuring times. */
#include "lib/hash.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static struct hash_key key;

/* Before main(), and so before any thread. */
static void draw_key(void) __attribute__((constructor));
static void draw_key(void)
{
	/* getrandom(2): up to 256 bytes are returned whole, despite signals. */
	if (getrandom(&key, sizeof(key), 0) != (ssize_t)sizeof(key))
		abort(); /* only before Linux 3.17, which has no getrandom(2) */
}

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t x, unsigned int n)
{
	return x << n | x >> (64 - n);
}

static inline void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v2 = rotate(s->v2, 32);
}

static inline void sip_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	s->v0 ^= word;
}

uint64_t hash_bytes_by_key(const void *data, size_t n, const struct hash_key *k)
{
	const unsigned char *bytes = data;
	struct sip s = {
		.v0 = k->k0 ^ 0x736f6d6570736575u,
		.v1 = k->k1 ^ 0x646f72616e646f6du,
		.v2 = k->k0 ^ 0x6c7967656e657261u,
		.v3 = k->k1 ^ 0x7465646279746573u,
	};
	uint64_t word;
	size_t i;

	for (i = 0; i + sizeof(word) <= n; i += sizeof(word)) {
		memcpy(&word, bytes + i, sizeof(word));
		sip_word(&s, le64toh(word));
	}
	/* The remaining bytes, and the length. */
	word = 0;
	if (i < n)
		memcpy(&word, bytes + i, n - i);
	sip_word(&s, le64toh(word) | (uint64_t)n << 56);
	s.v2 ^= 0xff;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t hash_bytes(const void *data, size_t n, uint64_t seed)
{
	struct hash_key seeded = {key.k0 ^ seed, key.k1};

	return hash_bytes_by_key(data, n, &seeded);
}
