/* Group commit and checkpoints of one database. Syncs are numbered; there is one at a
 * time, and whoever wants one while it is out gets the next. That begins a turn of the
 * loop after the last has ended: clients that were answered may have come again by then.
 *
 * Beside it: session_out.c holds the replies, store_task.c knows what a sync is. Not
 * here: sessions, and what a failure means to them. */
#include "ovsdb-lite/server/group_commit.h"

#include "lib/alloc.h"
#include "lib/log.h"

#include <assert.h>
#include <stdlib.h>

struct group_commit {
	struct db *db;
	struct worker *syncer, *checkpointer;
	group_commit_ended_fn *ended;
	void *aux;
	struct db_task *sync, *checkpoint; /* out; NULL: none is */
	uint64_t n_begun;                  /* syncs */
	bool is_wanted;                    /* one more */
	bool is_ending;
};

struct group_commit *group_commit_new(struct db *db, struct worker *syncer, struct worker *checkpointer,
			group_commit_ended_fn *ended, void *aux)
{
	struct group_commit *f = xcalloc(1, sizeof(*f));

	f->db = db;
	f->syncer = syncer;
	f->checkpointer = checkpointer;
	f->ended = ended;
	f->aux = aux;
	return f;
}

void group_commit_free(struct group_commit *f)
{
	assert(!f || (!f->sync && !f->checkpoint));
	free(f);
}

uint64_t group_commit_request(struct group_commit *f)
{
	f->is_wanted = true;
	return f->n_begun + 1;
}

static void run_sync(void *aux)
{
	const struct group_commit *f = aux;

	db_task_run(f->sync);
}

static void begin_sync(struct group_commit *f);

static void on_synced(void *aux)
{
	struct group_commit *f = aux;
	CLEANUP(err_freep) struct err *e = db_task_finish(STEAL(f->sync));

	f->ended(f->aux, f->n_begun, e);
	if (f->is_ending && f->is_wanted)
		begin_sync(f);
}

static void begin_sync(struct group_commit *f)
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
	const struct group_commit *f = aux;

	db_task_run(f->checkpoint);
}

static void on_checkpointed(void *aux)
{
	struct group_commit *f = aux;
	CLEANUP(err_freep) struct err *e = db_task_finish(STEAL(f->checkpoint));

	/* Commits say so themselves if it matters. */
	if (e)
		log_event(LOG_LEVEL_DEBUG, "checkpoint_failed", "db=%s reason=\"%s\"",
			  db_name(f->db), e->message);
}

void group_commit_step(struct group_commit *f)
{
	if (f->is_wanted && !f->sync)
		begin_sync(f);
	if (f->checkpoint)
		return;
	f->checkpoint = db_checkpoint_task(f->db);
	if (f->checkpoint)
		worker_give(f->checkpointer, run_checkpoint, on_checkpointed, f);
}

void group_commit_finish(struct group_commit *f)
{
	f->is_ending = true;
	group_commit_step(f);
}
