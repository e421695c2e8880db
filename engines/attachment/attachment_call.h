/* One call of an engine: an attachment is made, all or nothing, or removed. */
#ifndef ENGINES_ATTACHMENT_CALL_H
#define ENGINES_ATTACHMENT_CALL_H 1

#include "engines/attachment/attachment.h"
#include "engines/attachment/attachment_session.h"
#include "lib/arena.h"
#include "lib/err.h"

/* Engines give up after some 30 s to 2 min; this is well before. */
#define ATTACHMENT_CALL_MS 25000

struct attachment_call {
	struct arena *a;
	struct attachment *want;
	int64_t deadline_ms;
	struct attachment_session *session; /* NULL: not open */

	/* Of attachment_call_attach(). */
	const char *process;
	struct uuid slave;
	struct model_slave model;        /* what the attachment has got */
	struct attachment_status status; /* of its device */
};

/* Borrows 'a' and 'want'. */
void attachment_call_init(struct attachment_call *call, struct arena *a,
			  struct attachment *want);
void attachment_call_close(struct attachment_call *call);

/* A network without a master is on the device of the default route. ERR_NOT_FOUND, with 'hint' for
 * the user: there is none. */
struct err *attachment_call_find_master(const struct attachment_call *call,
					const char *hint) MUST_CHECK;
/* ERR_NOT_FOUND: the container's namespace is not there. A name below /run/netns would be made. */
struct err *attachment_call_find_netns(const struct attachment_call *call) MUST_CHECK;
/* ERR_BUSY: ipvld does not answer. */
struct err *attachment_call_open(struct attachment_call *call, const char *db) MUST_CHECK;
/* Makes the row and waits until its device is ready; after an error there is no row.
 * ERR_ABORTED: the device cannot be as the row has it. ERR_BUSY: it was not made in time. Others
 * are those of attachment_rows_add() and of the connection. */
struct err *attachment_call_attach(struct attachment_call *call) MUST_CHECK;
/* Removes the row, and waits until its device is gone. No such row is no error. */
struct err *attachment_call_detach(struct attachment_call *call) MUST_CHECK;
/* Removes what attachment_rows_sweep() removes. */
struct err *attachment_call_sweep(struct attachment_call *call) MUST_CHECK;

#endif
