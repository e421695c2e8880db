/* Accounts for the memory of requests that are kept after their reply. */
#ifndef OVSDB_SESSION_KEEP_H
#define OVSDB_SESSION_KEEP_H 1

#include "ovsdb-lite/server/session.h"

/* Parts of the current request will be kept: '*kept_bytes', 0 at first, becomes what is
 * accounted for them, for session_release_kept() later. If all clients together keep too
 * much, sessions that keep more are aborted. ERR_RESOURCES. */
struct err *session_keep(struct session *s, size_t *kept_bytes) MUST_CHECK;
void session_release_kept(struct session *s, size_t kept_bytes);

#endif
