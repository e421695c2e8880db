/* The hash of every table whose keys a peer may choose: rows by UUID, lock names, ids.
 * Its key is random, drawn when the program starts, so that a peer cannot prepare keys
 * that collide. A hash is never stored, never sent, and decides no visible order. */
#ifndef LIB_HASH_H
#define LIB_HASH_H 1

#include <stddef.h>
#include <stdint.h>

/* 'seed' makes hashes of equal bytes differ, or continues a hash over several pieces. */
uint64_t hash_bytes(const void *data, size_t n, uint64_t seed);

/* SipHash-1-3 with a given key: the same everywhere. */
struct hash_key {
	uint64_t k0, k1;
};
uint64_t hash_bytes_by_key(const void *data, size_t n, const struct hash_key *key);

#endif
