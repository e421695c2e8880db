/* What the clients of a server have of what there is only so much of: seats, and memory.
 * It is counted for each client, for those of one remote together, and for all. Where it
 * runs short, the remote whose clients have most of it gives way, so that nobody is kept
 * out by those who came in by another way. The inside of the server. */
#ifndef OVSDB_SHARE_H
#define OVSDB_SHARE_H 1

#include <stdbool.h>
#include <stddef.h>

struct remote;
struct server;
struct session;
struct stream_peer;

enum share_kind {
	SHARE_SEATS,
	SHARE_PARTIAL, /* memory of requests that have not ended yet */
	SHARE_KEPT,   /* bytes that monitors and waiting transactions were asked for in */
	SHARE_UNSENT, /* bytes of replies that are not read; those read since may be in it
		       */
	SHARE_N
};

/* Of one client, of a group of clients, or of all. */
struct share {
	struct share *parent; /* whose parts include this one's; NULL: all */
	size_t used[SHARE_N];
	bool is_privileged; /* the clients that are never kept out */
};

/* Of a client: its parents' follow. */
void share_set(struct share *s, enum share_kind kind, size_t n);
/* Nothing of anything. */
void share_clear(struct share *s);

/* The group of whoever comes through 'remote': the remote's, or that of the privileged,
 * root and the server's own user on a unix socket, who could end the server as well. */
struct share *share_group(struct server *server, struct remote *remote,
			  const struct stream_peer *peer);
/* Cuts somebody off where all seats are taken and one more of 'group' comes. False if
 * that one has to go; never if it is privileged. */
bool eviction_make_seat(struct server *server, const struct share *group);
/* Of 'kind' there is too much by then: who has to go. 'asker', which is about to take
 * 'more', may be NULL, and may be the one. NULL if nobody has any. */
struct session *eviction_find_worst(const struct server *server, enum share_kind kind,
				 const struct session *asker, size_t more);
/* Cuts off clients until the unread replies of all are within their limit. Not from where
 * a message is being handled. */
void eviction_relieve_unsent(struct server *server);

#endif
