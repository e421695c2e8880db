/* Which client is disconnected when seats or memory run short. It is one of the remote
 * whose clients use most, so that no remote can keep out the clients of another. What one
 * client alone may use is checked where it is used. */
#ifndef OVSDB_EVICTION_H
#define OVSDB_EVICTION_H 1

#include "ovsdb-lite/server/session.h"

/* Aborts a session if all seats are taken and one more client of 'group' connects. False
 * if that client must be refused; never if it is privileged. */
bool eviction_make_seat(struct session_common *common, const struct share *group);
/* Too much is used of 'kind': the session to abort. 'asker', which is about to use 'more',
 * may be NULL, and may be the one. NULL if no session uses any. */
struct session *eviction_find_worst(const struct session_common *common,
				    enum share_kind kind, const struct session *asker,
				    size_t more);
/* Aborts sessions until the unread replies of all are within their limit. Not while a
 * message is handled. */
void eviction_relieve_unsent(struct session_common *common);

#endif
