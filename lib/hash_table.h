/* uthash with the keyed hash of hash.h. Include this, never <uthash.h>: all files that
 * use one table must hash alike. */
#ifndef LIB_HASH_TABLE_H
#define LIB_HASH_TABLE_H 1

#include "lib/hash.h"

#ifdef UTHASH_H
#error "include lib/hash_table.h, not <uthash.h>"
#endif
#define HASH_FUNCTION(key, n, hash) ((hash) = (unsigned int)hash_bytes((key), (n), 0))
#include <uthash.h>

#endif
