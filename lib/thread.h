/* Threads beside the event loop. */
#ifndef LIB_THREAD_H
#define LIB_THREAD_H 1

#include <pthread.h>

typedef void *thread_fn(void *aux);

/* Starts 'fn' with all signals blocked: they belong to the thread of the event loop, and
 * would interrupt this one. Returns 0, or an errno; the caller joins the thread. */
int thread_start(pthread_t *ret_thread, thread_fn *fn, void *aux)
	__attribute__((warn_unused_result));

#endif
