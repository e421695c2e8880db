/* Group commit and checkpoints of one database. Syncs are numbered. One runs at a time; a
 * request that comes meanwhile is for the next one. The next one begins one iteration of
 * the loop after the last has ended: clients that just got their reply may have sent the
 * next transaction by then.
 *
 * To hand a sync to the thread and back takes as long as the sync of a quick disk. Where
 * the disk is known to be quick, and one reply waits, the loop syncs by itself. */
#include "ovsdb-lite/server/group_commit.h"

#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/log.h"

#include <assert.h>
#include <stdlib.h>

/* The loop may stop for so long, as for any client (SESSION_ITERATION_MS): what syncs take
 * on average, the last ones counting most. Until a dozen was quick, the disk is slow. */
#define QUICK_US   2000
#define UNKNOWN_US (4 * QUICK_US)
#define MEAN_OF    8

struct group_commit {
	struct db *db;
	struct worker *syncer, *checkpointer;
	struct loop_timer *wake;
	group_commit_ended_fn *ended;
	void *aux;
	struct db_task *sync, *checkpoint; /* running; NULL: none is */
	uint64_t n_begun;                  /* syncs */
	size_t n_requested;                /* for one more sync; 0: there is none */
	int64_t took_us;                   /* the last sync */
	int64_t mean_us;                   /* a moving average of these */
	bool is_ending;
};

struct group_commit *group_commit_new(struct db *db, struct worker *syncer,
				      struct worker *checkpointer,
				      struct loop_timer *wake,
				      group_commit_ended_fn *ended, void *aux)
{
	struct group_commit *g = xcalloc(1, sizeof(*g));

	g->db = db;
	g->mean_us = UNKNOWN_US;
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
	g->n_requested++;
	loop_timer_set_end(g->wake);
	return g->n_begun + 1;
}

static void run_sync(void *aux)
{
	struct group_commit *g = aux;
	int64_t start_us = clock_now_us();

	db_task_run(g->sync);
	g->took_us = clock_now_us() - start_us;
}

static void begin_sync(struct group_commit *g);

static void on_synced(void *aux)
{
	struct group_commit *g = aux;
	CLEANUP(err_freep) struct err *e = db_task_finish(STEAL(g->sync));

	g->mean_us += (g->took_us - g->mean_us) / MEAN_OF;
	g->ended(g->aux, g->n_begun, e);
	if (g->is_ending && g->n_requested)
		begin_sync(g);
}

static void begin_sync(struct group_commit *g)
{
	CLEANUP(err_freep) struct err *e = NULL;
	bool is_alone = g->n_requested == 1;

	g->n_requested = 0;
	g->n_begun++;
	e = db_sync_task(g->db, &g->sync);
	if (e || !g->sync) {
		g->ended(g->aux, g->n_begun, e);
	} else if (is_alone && g->mean_us <= QUICK_US && !g->is_ending) {
		run_sync(g);
		on_synced(g);
	} else {
		worker_give(g->syncer, run_sync, on_synced, g);
	}
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

/* Takes 't', which may be NULL. */
static void begin_checkpoint(struct group_commit *g, struct db_task *t)
{
	g->checkpoint = t;
	if (t)
		worker_give(g->checkpointer, run_checkpoint, on_checkpointed, g);
}

void group_commit_step(struct group_commit *g)
{
	if (g->n_requested && !g->sync)
		begin_sync(g);
	if (!g->checkpoint)
		begin_checkpoint(g, db_checkpoint_task(g->db));
}

void group_commit_rest(struct group_commit *g)
{
	if (!g->checkpoint)
		begin_checkpoint(g, db_shorten_task(g->db));
}

void group_commit_finish(struct group_commit *g)
{
	g->is_ending = true;
	group_commit_step(g);
}
