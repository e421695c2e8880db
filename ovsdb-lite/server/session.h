/* One client of the server, and what all clients of a server share. The state is open to
 * the modules above this one; each of them has its own part of it. */
#ifndef OVSDB_SESSION_H
#define OVSDB_SESSION_H 1

#include "lib/buffer.h"
#include "lib/hash_table.h"
#include "lib/loop.h"
#include "lib/stream.h"
#include "ovsdb-lite/exec/rbac.h"
#include "ovsdb-lite/rows/txn.h"
#include "ovsdb-lite/server/lock.h"
#include "ovsdb-lite/server/remote.h"
#include "ovsdb-lite/server/server_limits.h"
#include "ovsdb-lite/server/share.h"
#include "ovsdb-lite/server/trim.h"
#include "ovsdb-lite/values/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The time for one client, or for all watches or waiting transactions of a database, in
 * one iteration of the loop; and for all clients together that have unfinished work. */
#define SESSION_ITERATION_MS 2
#define SESSION_BACKLOG_MS   8

/* Of the text of an id that a client gives to a monitor or a waiting transaction. */
#define SESSION_MAX_ID_BYTES 1024

/* The role of clients whose certificate has this common name. */
struct subject_role {
	char *subject; /* key */
	char *role;    /* "" if none */
	UT_hash_handle hh;
};

/* What the sessions of one server share. The server owns it. */
struct session_common {
	struct loop *loop;
	struct server_limits limits;
	bool keeps_arguments; /* of the commands that write */
	struct uuid server_id;
	struct hosted_db *dbs;         /* by name */
	struct server_method *methods; /* by name: of the embedding program */
	struct lock_table *locks;
	struct subject_role *subject_roles; /* by subject */
	struct remote **remotes;
	size_t n_remotes;
	struct session *sessions; /* the one whose last request is oldest is first */
	struct share all;         /* of the sessions that are not aborted */
	/* Of root and the server's own user on a unix socket; each remote has the share
	 * of its other clients. */
	struct share privileged;
	/* Sessions with messages that wait for a sync; an aborted one stays until it is
	 * freed. */
	struct session *held;
	struct session *fresh;             /* with requests that came in this iteration */
	struct session *backlog;           /* with requests that had to wait */
	struct session_history *histories; /* one for each database */
	struct transact_turn *turn;        /* transact.h */
	struct loop_timer *resume;         /* continues 'backlog' in the next iteration */
	struct loop_timer *reaper;         /* frees the aborted sessions */
	struct trim *trim;
};

/* A request of a client that takes more than one iteration of the loop. Until its reply the
 * client gets no updates, and no other request of it is handled. */
struct session_task {
	/* In each iteration, for SESSION_ITERATION_MS. At its end the client has been
	 * answered, the task is freed, and 'task' of the session is NULL. */
	void (*go_on)(struct session *s);
	/* The session goes: frees it, without a reply. */
	void (*drop)(struct session *s);
	/* Between two calls, if no other client has unfinished work. One that has used up
	 * its share of a busy processor waits much longer when another client needs it. */
	int64_t pause_ms;
};

struct session {
	struct session_common *common;
	struct remote *remote;
	struct stream *stream; /* NULL once aborted */
	uint64_t number;       /* in the order of admission */
	struct share share;    /* 0 once aborted */
	bool is_aborted;       /* disconnected; freed by 'reaper' */
	bool is_change_aware;  /* it handles the conversion of a database */
	struct session *prev, *next;

	/* session_peer.h */
	struct txn_origin origin;
	struct rbac_subject subject;
	char *command, *name, *certified; /* what origin and subject borrow */
	int64_t arrived_ms;               /* process_clock_ms() */
	bool is_command_known;            /* or cannot be known */

	/* session_in.h */
	struct json_stream *parser;
	char *inbox; /* bytes received that must wait */
	size_t n_inbox;
	bool is_fresh;  /* in 'fresh' */
	bool is_queued; /* in 'backlog', to continue with 'inbox' or 'task' */
	struct session *prev_backlog, *next_backlog;

	/* session_out.h */
	struct buffer out;     /* what the current batch will send */
	struct outgoing *held; /* messages behind a reply that waits for a sync */
	size_t n_held, cap_held, held_bytes;
	bool in_batch;
	bool is_ending; /* nothing more is read from it; it gets what is held */
	struct loop_timer *send_timeout;
	size_t unsent_at_timeout; /* when 'send_timeout' was set */
	struct session *prev_held, *next_held;

	struct inactivity_probe *probe; /* NULL: never probed */
	struct watch *watches, *watches_by_id;
	struct waiting *waiting; /* by id: transact.h */
	struct session_task *task;
};

/* Disconnects the client at once. The rest of the session goes when 'reaper' frees it:
 * until then it is in its lists, and everybody who walks them skips it. 'why' is for the
 * debug log. */
void session_abort(struct session *s, const char *why);
/* Reads no further requests; the client is disconnected when it was sent what is held for
 * it. */
void session_end(struct session *s);

#endif
