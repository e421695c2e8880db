/* Group commit: the syncs of one served database, each for all who asked before it began,
 * and its checkpoints, in threads beside the loop. */
#ifndef OVSDB_FLUSH_H
#define OVSDB_FLUSH_H 1

#include "lib/worker.h"
#include "ovsdb-lite/db/db.h"

#include <stdint.h>

struct flush;

/* Sync number 'sync' has ended, and so has what was waiting for it; 'e' is borrowed. */
typedef void flush_ended_fn(void *aux, uint64_t sync, const struct err *e);

/* Borrows all. One worker for syncs and another for checkpoints, or durable replies wait
 * for checkpoints; several databases may share them. */
struct flush *flush_new(struct db *db, struct worker *syncer, struct worker *checkpointer,
			flush_ended_fn *ended, void *aux)
	__attribute__((warn_unused_result));
/* Nothing of it may be out: flush_end(), then free the workers before. Accepts NULL. */
void flush_free(struct flush *f);

/* The number of the sync to wait for until what is committed now is safe. It begins at
 * one of the next calls of flush_turn(). */
uint64_t flush_want(struct flush *f);
/* To be called when a turn of the loop has left commits or wishes, or a sync has ended:
 * begins what is due. May call 'ended'. */
void flush_turn(struct flush *f);
/* The last turn: what is wanted is begun now, or at the end of the sync that is out. */
void flush_end(struct flush *f);

#endif
