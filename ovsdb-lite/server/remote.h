/* The remotes of a server: where it listens, and whom it connects to. The inside of the
 * server, for server.c and session.c alone. */
#ifndef OVSDB_REMOTE_H
#define OVSDB_REMOTE_H 1

#include "lib/err.h"
#include "ovsdb-lite/wire/remote_config.h"

struct remote;
struct server;
struct share;

/* Listens, or begins to connect. Unreachable peers are no errors: they are tried again,
 * at most every 8 s. 'text' is remote_config.h's. */
struct err *remote_open(struct server *server, const char *text,
			struct remote **ret_remote) MUST_CHECK;
void remote_free(struct remote *r); /* accepts NULL */

const struct remote_config *remote_config(const struct remote *r);
/* What its clients have, but for the privileged ones; 'remote_open' has made it a part of
 * the server's. */
struct share *remote_share(struct remote *r);
/* Where it listens, with the port that it has got; NULL of an active one. */
const char *remote_bound(const struct remote *r);
/* A session through 'r' has ended: an active one is connected to anew. */
void remote_lost(struct remote *r);

#endif
