/* The ownership mark: a link group drawn from the database's identity
 * (docs/decisions/0004). */
#ifndef RECONCILER_MARK_H
#define RECONCILER_MARK_H 1

#include "ovsdb-lite/values/uuid.h"

#include <stdint.h>

/* 1..INT32_MAX, the same for the same identity. Groups from 2^31 print as negative; 0
 * is the group of all other devices. */
uint32_t mark_of(const struct uuid *identity);

#endif
