/* The server's locks (RFC 7047 4.1.8): named, with a queue of sessions. */
#ifndef OVSDB_LOCK_H
#define OVSDB_LOCK_H 1

#include "lib/err.h"

#include <stdbool.h>

struct lock_table;

/* What one owner may hold and wait for together. */
#define LOCK_MAX_PER_OWNER  1000
#define LOCK_MAX_NAME_BYTES 255

/* 'owner' (an opaque session) now has the lock, or it was stolen from it. Called from
 * inside lock_take() and lock_release*(); must not call them. */
typedef void lock_notify_fn(void *owner, const char *name, bool stolen);

struct lock_table *lock_table_new(lock_notify_fn *notify)
	__attribute__((warn_unused_result));
void lock_table_free(struct lock_table *t); /* accepts NULL */

/* ERR_SYNTAX if 'name' is no <id>, or this owner has or waits for it; ERR_RESOURCES past
 * LOCK_MAX_PER_OWNER, or with a name longer than LOCK_MAX_NAME_BYTES. '*ret_locked': got
 * it at once. */
struct err *lock_take(struct lock_table *t, void *owner, const char *name, bool steal,
		      bool *ret_locked) MUST_CHECK;
/* ERR_SYNTAX if this owner neither holds it nor waits for it. */
struct err *lock_release(struct lock_table *t, void *owner, const char *name) MUST_CHECK;
void lock_release_all(struct lock_table *t, void *owner);
bool lock_is_owned(const struct lock_table *t, const void *owner, const char *name);
/* True if 'owner' holds or waits for any. */
bool lock_has_any(const struct lock_table *t, const void *owner);

#endif
