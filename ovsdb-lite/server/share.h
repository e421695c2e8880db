/* What clients use of a server's limited resources, seats and memory: counted for each
 * client, for each group (the clients of one remote), and for all. */
#ifndef OVSDB_SHARE_H
#define OVSDB_SHARE_H 1

#include <stdbool.h>
#include <stddef.h>

enum share_kind {
	SHARE_SEATS,
	SHARE_PARTIAL, /* bytes of memory for incomplete requests */
	SHARE_KEPT, /* bytes of the requests behind monitors and waiting transactions */
	/* Bytes of unread replies, counted at the last write: some may be read by now. */
	SHARE_UNSENT,
	SHARE_N
};

/* Of one client, of a group of clients, or of all. */
struct share {
	struct share *parent; /* the sum that includes this one; NULL: all */
	size_t used[SHARE_N];
	bool is_privileged; /* the group of the clients that are never refused */
};

/* Sets a client's number; the sums follow. */
void share_set(struct share *s, enum share_kind kind, size_t n);
/* Sets all to 0. */
void share_clear(struct share *s);

#endif
