/* What a session sends, in order: replies, notifications and updates, one write for each
 * batch. Messages behind a reply that waits for a sync are held. */
#ifndef OVSDB_SESSION_OUT_H
#define OVSDB_SESSION_OUT_H 1

#include "ovsdb-lite/server/group_commit.h"
#include "ovsdb-lite/server/session.h"

struct json_object;

/* With more bytes of unread replies than this, no further request is handled. One reply
 * may be larger. */
#define SESSION_PAUSE_BYTES ((size_t)1 << 20)

/* A batch is written at its end. */
void session_begin_batch(struct session *s);
void session_end_batch(struct session *s);

/* Bytes that the client has not read, or that wait for a sync. The session is not
 * aborted. */
size_t session_unsent_bytes(const struct session *s);
/* True if nothing is unsent, so that updates may be sent. */
bool session_keeps_up(const struct session *s);

/* Each takes its json arguments; 'result' is emptied. */
void session_notify(struct session *s, const char *method, struct json_object *params);
void session_request(struct session *s, const char *method, struct json_object *params,
		     struct json_object *id);
void session_reply(struct session *s, struct json_object *result, struct json_object *id);
void session_reply_text(struct session *s, struct buffer *result, struct json_object *id);
void session_reply_error(struct session *s, struct json_object *error,
			 struct json_object *id);
/* After a sync by 'durable_in'; an error if the sync fails. */
void session_reply_durable(struct session *s, struct json_object *result,
			   struct json_object *id, struct group_commit *durable_in);
/* The result array of a transaction; after a sync if 'durable_in' is not NULL. If that
 * fails, the error is one more element. */
void session_reply_transact(struct session *s, struct json_object *results,
			    struct json_object *id, struct group_commit *durable_in);
/* A message as it is. Takes 'text'. */
void session_send_text(struct session *s, char *text);

/* For each session in session_common.held, in a batch: sync number 'sync' of 'of' has
 * ended. Nothing if the session is aborted. */
void session_synced(struct session *s, const struct group_commit *of, uint64_t sync,
		    const struct err *e);
/* Aborts a session that is ending once it has all its replies. */
void session_abort_if_done(struct session *s);
void session_drop_messages(struct session *s);

/* Continues with requests that had to wait, in the next iteration of the loop, if nothing
 * holds them up. */
void session_resume(struct session *s);
/* True while no further request of it is handled. */
bool session_is_held_up(const struct session *s);

/* For 'send_timeout'; 'aux' is the session. */
void session_on_send_timeout(void *aux);

#endif
