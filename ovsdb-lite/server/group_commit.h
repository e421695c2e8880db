/* Group commit: the syncs of one served database, each for all who asked before it began,
 * and its checkpoints, in threads beside the loop. */
#ifndef OVSDB_GROUP_COMMIT_H
#define OVSDB_GROUP_COMMIT_H 1

#include "lib/worker.h"
#include "ovsdb-lite/db/db.h"

#include <stdint.h>

struct group_commit;

/* Sync number 'sync' has ended, and so has what was waiting for it; 'e' is borrowed. */
typedef void group_commit_ended_fn(void *aux, uint64_t sync, const struct err *e);

/* Borrows all. One worker for syncs and another for checkpoints, or durable replies wait
 * for checkpoints; several databases may share them. */
struct group_commit *group_commit_new(struct db *db, struct worker *syncer, struct worker *checkpointer,
			group_commit_ended_fn *ended, void *aux)
	__attribute__((warn_unused_result));
/* Nothing of it may be out: group_commit_finish(), then free the workers before. Accepts NULL. */
void group_commit_free(struct group_commit *f);

/* The number of the sync to wait for until what is committed now is safe. It begins at
 * one of the next calls of group_commit_step(). */
uint64_t group_commit_request(struct group_commit *f);
/* To be called when a turn of the loop has left commits or wishes, or a sync has ended:
 * begins what is due. May call 'ended'. */
void group_commit_step(struct group_commit *f);
/* The last turn: what is wanted is begun now, or at the end of the sync that is out. */
void group_commit_finish(struct group_commit *f);

#endif
