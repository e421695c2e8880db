/* Group commit: one sync of a database for all replies that were promised before it
 * began; and its checkpoints. Both run in threads beside the loop; a sync that is quick
 * and has a single waiter, in the loop. */
#ifndef OVSDB_GROUP_COMMIT_H
#define OVSDB_GROUP_COMMIT_H 1

#include "lib/worker.h"
#include "ovsdb-lite/db/db.h"

#include <stdint.h>

struct group_commit;

/* Sync number 'sync' has ended: send the replies that wait for it, or with 'e' (borrowed)
 * errors instead. */
typedef void group_commit_ended_fn(void *aux, uint64_t sync, const struct err *e);

/* Borrows all. Syncs and checkpoints need a worker each, or durable replies wait for
 * checkpoints; several databases may share them. 'wake' is set when a sync was requested:
 * it calls group_commit_step(). */
struct group_commit *
group_commit_new(struct db *db, struct worker *syncer, struct worker *checkpointer,
		 struct loop_timer *wake, group_commit_ended_fn *ended, void *aux)
	__attribute__((warn_unused_result));
/* No sync or checkpoint may be running: group_commit_finish(), then free the workers
 * first. Accepts NULL. */
void group_commit_free(struct group_commit *g);

/* Returns the number of the sync to wait for until what is committed now is durable. It
 * begins at a later call of group_commit_step(). */
uint64_t group_commit_request(struct group_commit *g);
/* Begins the sync and the checkpoint that are due, if none is running. To be called after
 * an iteration of the loop with commits or requests, and after a sync. May call 'ended'.
 */
void group_commit_step(struct group_commit *g);
/* To be called when there has been no commit for a while: begins a checkpoint after which
 * the log takes no space, if it has grown long and none is running. */
void group_commit_rest(struct group_commit *g);
/* The last step: what is requested begins now, or at the end of the running sync. */
void group_commit_finish(struct group_commit *g);

#endif
