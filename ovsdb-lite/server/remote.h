/* The remotes of a server: where it listens, and where it connects to. */
#ifndef OVSDB_REMOTE_H
#define OVSDB_REMOTE_H 1

#include "lib/err.h"
#include "lib/loop.h"
#include "ovsdb-lite/server/remote_config.h"

#include <stdbool.h>

struct remote;
struct share;
struct stream;
struct stream_tls;

/* Takes 's', a connection through 'r'. False if it was refused. */
typedef bool remote_admit_fn(void *aux, struct remote *r, struct stream *s);

/* What a remote needs of its server; all borrowed. */
struct remote_server {
	struct loop *loop;
	struct stream_tls *tls; /* NULL: remotes with TLS are errors */
	struct share *all;      /* the parent of the remote's share */
	remote_admit_fn *admit;
	void *aux;
};

/* Listens, or begins to connect. An unreachable peer is no error, nor is an IP address to
 * listen on that the host does not have: that is tried again, at the latest after 8 s. 'text'
 * is as remote_config.h says. */
struct err *remote_open(const struct remote_server *server, const char *text,
			struct remote **ret_remote) MUST_CHECK;
void remote_free(struct remote *r); /* accepts NULL */

const struct remote_config *remote_config(const struct remote *r);
/* What its clients use, without the privileged ones. */
struct share *remote_share(struct remote *r);
/* Where it listens, with the port that it got; NULL of an active one, and
 * until there is the address. */
const char *remote_bound(const struct remote *r);
/* A session through 'r' has ended: an active one connects again. */
void remote_lost(struct remote *r);

#endif
