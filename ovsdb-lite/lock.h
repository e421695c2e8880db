/* The server's locks (RFC 7047 4.1.8): named, with a queue of sessions. */
#ifndef OVSDB_LOCK_H
#define OVSDB_LOCK_H 1

#include "lib/err.h"

#include <stdbool.h>

struct lock_table;

/* Tells 'owner' (an opaque session) that it now has the lock, or that it was stolen. */
typedef void lock_notify_fn(void *owner, const char *name, bool stolen);

struct lock_table *lock_table_new(lock_notify_fn *notify);
void lock_table_free(struct lock_table *t); /* accepts NULL */

/* ERR_SYNTAX if this owner asked for it already. '*ret_locked': got it at once. */
struct err *lock_take(struct lock_table *t, void *owner, const char *name, bool steal, bool *ret_locked)
	MUST_CHECK;
struct err *lock_release(struct lock_table *t, void *owner, const char *name) MUST_CHECK;
void lock_release_all(struct lock_table *t, void *owner);
bool lock_is_owned(const struct lock_table *t, const void *owner, const char *name);

#endif
