/* One thread beside the loop, for work that blocks: a sync, a checkpoint. Jobs run one
 * after another in the order given; a job must not use what the
 * loop uses. The rest of the process stays single-threaded. */
#ifndef LIB_WORKER_H
#define LIB_WORKER_H 1

#include "lib/err.h"
#include "lib/loop.h"

#include <stdbool.h>

struct worker;

/* ERR_SYSTEM if there can be no thread. All signals are blocked in it. */
struct err *worker_new(struct loop *loop, struct worker **ret_worker) MUST_CHECK;
/* Waits until every job has run, and calls each outstanding 'done'. Accepts NULL. */
void worker_free(struct worker *w);

/* 'run' is called in the thread, then 'done' from the loop. Neither may be NULL. */
typedef void worker_fn(void *aux);
void worker_give(struct worker *w, worker_fn *run, worker_fn *done, void *aux);
bool worker_is_idle(const struct worker *w);

#endif
