/* Group commit and checkpoints of one database. Syncs are numbered. One runs at a time; a
 * request that comes meanwhile is for the next one. The next one begins one iteration of
 * the loop after the last has ended: clients that just got their reply may have sent the
 * next transaction by then. */
#include "ovsdb-lite/server/group_commit.h"

#include "lib/alloc.h"
#include "lib/log.h"

#include <assert.h>
#include <stdlib.h>

struct group_commit {
	struct db *db;
	struct worker *syncer, *checkpointer;
	struct loop_timer *wake;
	group_commit_ended_fn *ended;
	void *aux;
	struct db_task *sync, *checkpoint; /* running; NULL: none is */
	uint64_t n_begun;                  /* syncs */
	bool is_requested;                 /* one more sync */
	bool is_ending;
};

struct group_commit *group_commit_new(struct db *db, struct worker *syncer,
				      struct worker *checkpointer,
				      struct loop_timer *wake,
				      group_commit_ended_fn *ended, void *aux)
{
	struct group_commit *g = xcalloc(1, sizeof(*g));

	g->db = db;
	g->syncer = syncer;
	g->checkpointer = checkpointer;
	g->wake = wake;
	g->ended = ended;
	g->aux = aux;
	return g;
}

void group_commit_free(struct group_commit *g)
{
	assert(!g || (!g->sync && !g->checkpoint));
	free(g);
}

uint64_t group_commit_request(struct group_commit *g)
{
	g->is_requested = true;
	loop_timer_set(g->wake, 0);
	return g->n_begun + 1;
}

static void run_sync(void *aux)
{
	const struct group_commit *g = aux;

	db_task_run(g->sync);
}

static void begin_sync(struct group_commit *g);

static void on_synced(void *aux)
{
	struct group_commit *g = aux;
	CLEANUP(err_freep) struct err *e = db_task_finish(STEAL(g->sync));

	g->ended(g->aux, g->n_begun, e);
	if (g->is_ending && g->is_requested)
		begin_sync(g);
}

static void begin_sync(struct group_commit *g)
{
	CLEANUP(err_freep) struct err *e = NULL;

	g->is_requested = false;
	g->n_begun++;
	e = db_sync_task(g->db, &g->sync);
	if (!e && g->sync)
		worker_give(g->syncer, run_sync, on_synced, g);
	else
		g->ended(g->aux, g->n_begun, e);
}

static void run_checkpoint(void *aux)
{
	const struct group_commit *g = aux;

	db_task_run(g->checkpoint);
}

static void on_checkpointed(void *aux)
{
	struct group_commit *g = aux;
	CLEANUP(err_freep) struct err *e = db_task_finish(STEAL(g->checkpoint));

	/* A failure that matters makes the next commit fail, too. */
	if (e)
		log_event(LOG_LEVEL_DEBUG, "checkpoint_failed", "db=%s reason=\"%s\"",
			  db_name(g->db), e->message);
}

void group_commit_step(struct group_commit *g)
{
	if (g->is_requested && !g->sync)
		begin_sync(g);
	if (g->checkpoint)
		return;
	g->checkpoint = db_checkpoint_task(g->db);
	if (g->checkpoint)
		worker_give(g->checkpointer, run_checkpoint, on_checkpointed, g);
}

void group_commit_finish(struct group_commit *g)
{
	g->is_ending = true;
	group_commit_step(g);
}
