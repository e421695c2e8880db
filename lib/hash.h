/* The hash of every table whose keys somebody else may choose: rows by their UUID, lock
 * names, ids. Its key is drawn at the program's start, so that nobody can prepare keys
 * that all fall into one place. A hash is never stored, never sent, and decides no order
 * that anyone sees. */
#ifndef LIB_HASH_H
#define LIB_HASH_H 1

#include <stddef.h>
#include <stdint.h>

/* 'seed' tells hashes of the same bytes apart, or carries one on over several pieces. */
uint64_t hash_bytes(const void *data, size_t n, uint64_t seed);

/* SipHash-1-3 with a given key: the same everywhere. */
struct hash_key {
	uint64_t k0, k1;
};
uint64_t hash_bytes_by_key(const void *data, size_t n, const struct hash_key *key);

#endif
