/* A connection to ipvld, for the few rows that an engine's call needs. */
#ifndef ENGINES_ATTACHMENT_SESSION_H
#define ENGINES_ATTACHMENT_SESSION_H 1

#include "engines/attachment/attachment_edit.h"
#include "lib/err.h"
#include "ovsdb-lite/values/uuid.h"

#include <stdint.h>

struct arena;
struct attachment_session;

/* What the daemon says of a row of Master or Slave. Strings are never NULL. */
struct attachment_status {
	bool exists;
	const char *state, *message, *mac;
	uint32_t mtu; /* of the device; 0: unknown */
};

/* 'remote' is active (lib/stream_address.h). All calls together end by 'deadline_ms'
 * (clock_now_ms()). ERR_BUSY: ipvld does not answer, with a sentence for the user. */
struct err *attachment_session_open(const char *remote, int64_t deadline_ms,
				    struct attachment_session **ret_session) MUST_CHECK;
void attachment_session_close(struct attachment_session *s); /* accepts NULL */

/* Calls 'fn' on a new transaction, and commits what it changes; again from the beginning while
 * other clients change the same rows, or take the same addresses. */
typedef struct err *attachment_edit_fn(void *aux, const struct attachment_edit *edit);
struct err *attachment_session_edit(struct attachment_session *s, attachment_edit_fn *fn,
				    void *aux) MUST_CHECK;

/* Waits until the daemon has made the slave, and takes the key 'mark' out of its external_ids
 * in the same transaction in which it is `ready`. '*ret_status' is its last status, from 'a':
 * ready, or what it is instead of that. */
struct err *attachment_session_settle(struct attachment_session *s,
				      const struct uuid *slave, const char *mark,
				      struct arena *a,
				      struct attachment_status *ret_status) MUST_CHECK;
/* Waits until the slave's row is gone, for some seconds at most. */
struct err *attachment_session_await_end(struct attachment_session *s,
					 const struct uuid *slave) MUST_CHECK;
/* The status of one row of 'table' now. */
struct err *attachment_session_status(struct attachment_session *s, const char *table,
				      const struct uuid *row, struct arena *a,
				      struct attachment_status *ret_status) MUST_CHECK;
/* Waits until the daemon has carried out the last edit, for some seconds at most: it goes on by
 * itself. */
struct err *attachment_session_flush(struct attachment_session *s) MUST_CHECK;

#endif
