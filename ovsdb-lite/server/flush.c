/* Group commit and checkpoints of one database. Syncs are numbered; there is one at a
 * time, and whoever wants one while it is out gets the next. That begins a turn of the
 * loop after the last has ended: clients that were answered may have come again by then.
 *
 * Beside it: session_out.c holds the replies, store_task.c knows what a sync is. Not
 * here: sessions, and what a failure means to them. */
#include "ovsdb-lite/server/flush.h"

#include "lib/alloc.h"
#include "lib/log.h"

#include <assert.h>
#include <stdlib.h>

struct flush {
	struct db *db;
	struct worker *syncer, *checkpointer;
	flush_ended_fn *ended;
	void *aux;
	struct db_task *sync, *checkpoint; /* out; NULL: none is */
	uint64_t n_begun;                  /* syncs */
	bool is_wanted;                    /* one more */
	bool is_ending;
};

struct flush *flush_new(struct db *db, struct worker *syncer, struct worker *checkpointer,
			flush_ended_fn *ended, void *aux)
{
	struct flush *f = xcalloc(1, sizeof(*f));

	f->db = db;
	f->syncer = syncer;
	f->checkpointer = checkpointer;
	f->ended = ended;
	f->aux = aux;
	return f;
}

void flush_free(struct flush *f)
{
	assert(!f || (!f->sync && !f->checkpoint));
	free(f);
}

uint64_t flush_want(struct flush *f)
{
	f->is_wanted = true;
	return f->n_begun + 1;
}

static void run_sync(void *aux)
{
	const struct flush *f = aux;

	db_task_run(f->sync);
}

static void begin_sync(struct flush *f);

static void on_synced(void *aux)
{
	struct flush *f = aux;
	CLEANUP(err_freep) struct err *e = db_task_finish(STEAL(f->sync));

	f->ended(f->aux, f->n_begun, e);
	if (f->is_ending && f->is_wanted)
		begin_sync(f);
}

static void begin_sync(struct flush *f)
{
	CLEANUP(err_freep) struct err *e = NULL;

	f->is_wanted = false;
	f->n_begun++;
	e = db_sync_task(f->db, &f->sync);
	if (!e && f->sync)
		worker_give(f->syncer, run_sync, on_synced, f);
	else
		f->ended(f->aux, f->n_begun, e);
}

static void run_checkpoint(void *aux)
{
	const struct flush *f = aux;

	db_task_run(f->checkpoint);
}

static void on_checkpointed(void *aux)
{
	struct flush *f = aux;
	CLEANUP(err_freep) struct err *e = db_task_finish(STEAL(f->checkpoint));

	/* Commits say so themselves if it matters. */
	if (e)
		log_event(LOG_LEVEL_DEBUG, "checkpoint_failed", "db=%s reason=\"%s\"",
			  db_name(f->db), e->message);
}

void flush_turn(struct flush *f)
{
	if (f->is_wanted && !f->sync)
		begin_sync(f);
	if (f->checkpoint)
		return;
	f->checkpoint = db_checkpoint_task(f->db);
	if (f->checkpoint)
		worker_give(f->checkpointer, run_checkpoint, on_checkpointed, f);
}

void flush_end(struct flush *f)
{
	f->is_ending = true;
	flush_turn(f);
}
