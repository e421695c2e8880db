/* pthread_create(3): a new thread inherits the signal mask of the one that creates it. */
#include "lib/thread.h"

#include <signal.h>

int thread_start(pthread_t *ret_thread, thread_fn *fn, void *aux)
{
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(ret_thread, NULL, fn, aux);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc;
}
