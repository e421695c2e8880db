/* The inside of the server: what server.c, session*.c, transact.c and methods*.c share.
 * Nobody else's. */
#ifndef OVSDB_SESSION_H
#define OVSDB_SESSION_H 1

#include "lib/buffer.h"
#include "lib/hash_table.h"
#include "lib/stream.h"
#include "lib/worker.h"
#include "ovsdb-lite/server/group_commit.h"
#include "ovsdb-lite/wire/jsonrpc.h"
#include "ovsdb-lite/server/lock.h"
#include "ovsdb-lite/monitor/monitor.h"
#include "ovsdb-lite/exec/rbac.h"
#include "ovsdb-lite/server/remote.h"
#include "ovsdb-lite/server/server.h"
#include "ovsdb-lite/server/share.h"

#include <stdbool.h>

/* What one client may have open; more is answered with "resources exhausted". */
#define SESSION_MAX_MONITORS 1000
#define SESSION_MAX_WAITING  1000
/* Of the text of their ids. */
#define SESSION_MAX_ID_BYTES 1024
#define SESSION_MAX_SCANNED  1000 /* monitor_n_scanned() of its monitors together */

/* What is done for one client, or for all watchers or waiting transactions of a database,
 * before others have their turn; and for all clients together that have more to be done
 * than that. */
#define ITERATION_MS    2
#define BACKLOG_MS 8

/* What a commit sets off is done from 'settle', when no callback of a session is on the
 * stack. The lists begin with the one served longest ago, so that who is behind comes
 * first in the next turn. */
struct hosted_db {
	struct server *server;
	struct db *db;
	char *name;           /* db_name() moves with a conversion */
	bool is_schema_fixed; /* it is not converted by clients */
	struct db_observer *observer;
	struct monitor_set *monitors;
	struct group_commit *commits;
	uint64_t n_commits;
	struct session_history *history;
	struct watch *watchers;
	struct waiting *waiting;
	struct loop_timer *settle;
	UT_hash_handle hh;
};

struct server_method {
	char *name;
	enum rbac_right right;
	server_method_fn *fn;
	void *aux;
	UT_hash_handle hh;
};

/* The role of clients whose certificate has this common name. */
struct subject_role {
	char *subject; /* key */
	char *role;    /* "" if none */
	UT_hash_handle hh;
};

struct server {
	struct loop *loop;
	struct server_limits limits;
	bool keeps_arguments; /* of the commands that write */
	struct uuid id;       /* of this run */
	struct db *own;       /* server_db.h */
	struct worker *syncer, *checkpointer;
	struct hosted_db *dbs;         /* by name */
	struct server_method *methods; /* by name: the embedding program's */
	struct lock_table *locks;
	struct stream_tls *tls;             /* NULL without key and certificates */
	struct subject_role *subject_roles; /* by subject */
	struct remote **remotes;
	size_t n_remotes;
	struct session *sessions; /* the one whose last request is oldest comes first */
	uint64_t n_admitted;
	struct share all;          /* of the sessions, but for the doomed */
	struct share privileged;   /* of some of them; remotes have the others' */
	struct session *held;      /* those whose messages wait for a sync */
	struct session *backlog;   /* those with requests that had to wait */
	struct loop_timer *resume; /* goes on with them in the next turn */
	struct loop_timer *reaper; /* frees the doomed sessions */
	struct loop_timer *trim;   /* gives back memory some time after a peak */
};

/* A transaction whose `wait` does not hold yet. */
struct waiting {
	struct session *session;
	struct hosted_db *db;
	struct json_object *params, *id;
	char *key; /* json_key() of the id */
	size_t kept_bytes;
	int64_t arrived_ms;
	uint64_t n_commits; /* of the database when it was last tried */
	uint64_t work;      /* exec_result.work of that */
	struct loop_timer *timer;
	UT_hash_handle hh;                 /* of the session's */
	struct waiting *prev_db, *next_db; /* of the database's */
};

struct watch {
	struct session *session;
	struct hosted_db *db;
	struct monitor *monitor;
	char *key; /* json_key() of its id */
	size_t kept_bytes;
	uint64_t n_commits;                  /* of the database when it was last told */
	struct watch *prev, *next; /* of the session's, as they came */
	UT_hash_handle hh;                   /* of the session's */
	struct watch *prev_watcher, *next_watcher; /* of the database's */
};

/* session_probe.c's. */
struct inactivity_probe {
	struct loop_timer *timer; /* NULL: never asked */
	int64_t interval_ms, heard_ms;
	size_t unsent_bytes; /* when last looked at */
	bool is_asked;       /* nothing was heard since */
	unsigned int n_unanswered;
};

struct session {
	struct server *server;
	struct remote *remote;
	struct stream *stream; /* NULL once doomed */
	uint64_t number;       /* in the order of coming */
	struct share share;    /* nothing once doomed */
	struct json_stream *parser;
	struct txn_origin origin;
	struct rbac_subject subject;
	char *command, *name, *certified; /* what origin and subject borrow */
	int64_t arrived_ms;               /* process_clock_ms() */
	bool is_command_known;            /* or cannot be */
	struct inactivity_probe probe;
	bool is_change_aware; /* it copes with a database's conversion */
	bool is_aborted;       /* cut off; freed by the server's 'reaper' */

	char *inbox; /* bytes that came and must wait */
	size_t n_inbox;
	bool is_queued; /* in the server's backlog, to go on with 'inbox' */
	struct session *prev_backlog, *next_backlog;

	struct buffer out;     /* what the batch under way will send */
	struct outgoing *held; /* messages behind a reply that waits for a sync */
	size_t n_held, cap_held, held_bytes;
	bool in_batch;
	bool is_ending; /* it says no more, and gets what is held */
	struct loop_timer *send_timeout;
	size_t unsent_at_timeout; /* when 'stall' was set */
	struct session *prev_held, *next_held;

	struct history_request *reading; /* its requests and updates wait for that */
	struct watch *monitors;
	struct watch *monitors_by_id;
	struct waiting *waiting; /* by id */
	struct session *prev, *next;
};

/* server.c: a request took that much memory. */
void server_note_peak(struct server *server, size_t n_bytes);
/* Serves whoever is at the other end of 's', which is taken. NULL if there is no room for
 * him (share.h). */
struct session *server_admit(struct server *server, struct remote *remote,
			     struct stream *s);

/* hosted_db.c. The database is borrowed. */
struct hosted_db *hosted_db_new(struct server *s, struct db *db)
	__attribute__((warn_unused_result));
/* Its monitors and waiting transactions must be gone, and nothing of 'flush' out. */
void hosted_db_free(struct hosted_db *d);
/* Gives it another schema: db_convert()'s errors. Whoever can take it is told that its
 * monitors and waiting transactions are canceled; 'asker' is cut off when it has its
 * reply, which is the caller's, and all others at once. */
struct err *hosted_db_convert(struct hosted_db *d, const struct schema *schema,
			   struct session *asker) MUST_CHECK;

/* Takes 's', and a seat of 'group'. */
struct session *session_new(struct server *server, struct remote *remote,
			    struct stream *s, struct share *group)
	__attribute__((warn_unused_result));
/* Never from inside a call of the session's own; session_abort() is for that. */
void session_free(struct session *s);
/* Cuts the client off when it was sent what is held for it; it is not listened to. */
void session_end(struct session *s);
/* Cuts the client off: no more reading or sending. 'why' is for the debug log. */
void session_abort(struct session *s, const char *why);
/* It is about to write: 'origin' is made complete, for the history. */
void session_find_command(struct session *s);
/* Whether it may see which processes of this machine wrote what: it is one of them, and
 * may do everything. */
bool session_sees_processes(const struct session *s);
/* No monitor, lock, waiting transaction or unread reply: nothing is lost if it must
 * connect anew. */
bool session_is_dispensable(const struct session *s);

/* With more unread replies than this no further request is handled. One reply may be
 * larger. */
#define SESSION_PAUSE_BYTES ((size_t)1 << 20)
/* Goes on with requests that had to wait, in a next turn, if nothing holds them up. */
void session_resume(struct session *s);
/* The resume timer's; 'aux' is the server. */
void session_on_resume(void *aux);

/* Parts of the request under way are to be kept: '*kept_bytes', 0 at first, is what is
 * taken on account for them, for session_let_go() in the end. Where all clients together
 * keep too much, others may be cut off for it. ERR_RESOURCES. */
struct err *session_keep(struct session *s, size_t *kept_bytes) MUST_CHECK;
void session_let_go(struct session *s, size_t kept_bytes);

/* session_out.c: what the session sends, in order. A batch is written at its end. */
void session_begin_batch(struct session *s);
void session_end_batch(struct session *s);
/* Replies not yet read by the client or not yet safe to send. */
size_t session_unsent_bytes(const struct session *s);

/* Each takes its json arguments; 'result' is emptied. */
void session_notify(struct session *s, const char *method, struct json_object *params);
void session_request(struct session *s, const char *method, struct json_object *params,
		     struct json_object *id);
void session_reply(struct session *s, struct json_object *result, struct json_object *id);
void session_reply_text(struct session *s, struct buffer *result, struct json_object *id);
void session_reply_error(struct session *s, struct json_object *error,
			 struct json_object *id);
/* After a sync of what 'durable_in' has committed; an error if that fails. */
void session_reply_durable(struct session *s, struct json_object *result,
			   struct json_object *id, struct hosted_db *durable_in);
/* The result array of a transaction, after all updates that are due; and after a sync if
 * 'durable_in' is not NULL. */
void session_reply_transact(struct session *s, struct json_object *results,
			    struct json_object *id, struct hosted_db *durable_in);
/* For each session in server.held: sync number 'sync' of 'db' has ended. */
void session_synced(struct session *s, const struct hosted_db *db, uint64_t sync,
		    const struct err *e);
void session_drop_messages(struct session *s);
/* The stall timer's; 'aux' is the session. */
void session_on_send_timeout(void *aux);

/* Tells the client what this monitor has noted, or all of its have: if it keeps up… */
void session_tell_if_able(struct session *s, struct monitor *m);
void session_tell_all_if_able(struct session *s);
/* …or however slow it is. */
void session_tell(struct session *s, struct monitor *m);

/* methods_history.c: who reads the history of a database. One at a time does so for more
 * than a turn: what has been found out by then takes memory, and is kept for a moment for
 * the next page. */
struct session_history *session_history_new(struct hosted_db *d)
	__attribute__((warn_unused_result));
void session_history_free(struct session_history *h);
/* Of each commit. */
void session_history_note(struct session_history *h, const struct txn *txn);
/* What was found out is void: the database is converted. */
void session_history_forget(struct session_history *h);
/* Goes on with 'reading'. When it ends, it has been answered, and is NULL. */
void session_read_history(struct session *s);
void session_stop_reading(struct session *s);

/* methods_monitor.c */
void watch_free(struct watch *sm);

/* session_probe.c. 'interval_ms' 0: the client is never asked. */
void inactivity_probe_start(struct session *s, int64_t interval_ms);
void inactivity_probe_stop(struct session *s);
/* Something came from the client. */
void inactivity_probe_heard(struct session *s);
/* True if a reply with that 'id' was asked for. */
bool inactivity_probe_takes(struct session *s, const struct json_object *id);

/* methods.c: handles a request or notification, replies included. */
void method_call(struct session *s, const struct jsonrpc_message *m);

/* transact.c */
struct err *transact_start(struct session *s, struct hosted_db *db,
			   const struct jsonrpc_message *m) MUST_CHECK;
/* Tries those waiting for a commit of 'db'; false if time ran out before all were. */
bool transact_retry(struct hosted_db *db) MUST_CHECK;
/* Drops the one with that id and answers it; nothing if there is none. */
void transact_cancel(struct session *s, const struct json_object *id);
/* All those of a database, as if each were canceled. */
void transact_cancel_all(struct hosted_db *db);
void transact_drop_all(struct session *s);

#endif
