/* The session's input: from bytes to method calls; and so its beginning and its end. */
#ifndef OVSDB_SESSION_IN_H
#define OVSDB_SESSION_IN_H 1

#include "ovsdb-lite/server/session.h"

/* Takes 'stream', and a seat of 'group'. Appends the session to common->sessions. */
struct session *session_new(struct session_common *common, struct remote *remote,
			    struct stream *stream, struct share *group)
	__attribute__((warn_unused_result));
/* Never from inside a call of the session's own: session_abort() is for that. */
void session_free(struct session *s);

/* For common->resume; 'aux' is the session_common. */
void session_on_resume(void *aux);
/* For common->reaper, the same. */
void session_on_reap(void *aux);

#endif
