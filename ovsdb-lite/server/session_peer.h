/* Who the client is: its process and user, its certificate, its role. */
#ifndef OVSDB_SESSION_PEER_H
#define OVSDB_SESSION_PEER_H 1

#include "ovsdb-lite/server/session.h"

/* Fills in the peer's identity (uid, pid, certificate) and its RBAC role. */
void session_peer_identify(struct session *s, const struct stream_peer *peer);
void session_peer_clear(struct session *s);
/* The client is about to write: adds the command to 'origin', for the history. */
void session_peer_find_command(struct session *s);
/* True if it may see which processes of this machine wrote what: it is on this machine,
 * and may do everything. */
bool session_peer_sees_processes(const struct session *s);

#endif
