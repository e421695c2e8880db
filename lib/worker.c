/* A thread and its two queues: jobs to run, and jobs that have run, which an eventfd
 * announces to the loop. Under the lock the thread uses only the queues and the fields
 * marked so. */
#include "lib/worker.h"

#include "lib/alloc.h"
#include "lib/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utlist.h>

struct job {
	worker_fn *run, *done;
	void *aux;
	struct job *prev, *next;
};

struct worker {
	struct loop_io *io;
	int event_fd; /* readable while 'ended' is not empty */
	size_t n_out; /* given and not yet done; used by the loop only */
	pthread_t thread;
	pthread_mutex_t lock; /* of everything below */
	pthread_cond_t has_given, has_ended;
	struct job *given, *ended;
	bool is_over;
};

static void *work(void *aux)
{
	struct worker *w = aux;
	struct job *job;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (!w->given && !w->is_over)
			pthread_cond_wait(&w->has_given, &w->lock);
		if (!w->given)
			break;
		job = w->given;
		DL_DELETE(w->given, job);
		pthread_mutex_unlock(&w->lock);
		job->run(job->aux);
		pthread_mutex_lock(&w->lock);
		if (!w->ended)
			eventfd_write(w->event_fd, 1);
		DL_APPEND(w->ended, job);
		pthread_cond_signal(&w->has_ended);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static struct job *take_ended(struct worker *w)
{
	struct job *jobs;
	eventfd_t n;

	pthread_mutex_lock(&w->lock);
	jobs = STEAL(w->ended);
	if (jobs)
		eventfd_read(w->event_fd, &n);
	pthread_mutex_unlock(&w->lock);
	return jobs;
}

static void on_ended(void *aux)
{
	struct worker *w = aux;
	struct job *jobs = take_ended(w), *job, *next;

	DL_FOREACH_SAFE (jobs, job, next) {
		DL_DELETE(jobs, job);
		w->n_out--;
		job->done(job->aux);
		free(job);
	}
}

struct err *worker_new(struct loop *loop, struct worker **ret_worker)
{
	struct worker *w;
	int fd, rc;

	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return err_sys(errno, "cannot make an eventfd");
	w = xcalloc(1, sizeof(*w));
	w->event_fd = fd;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->has_given, NULL);
	pthread_cond_init(&w->has_ended, NULL);
	rc = thread_start(&w->thread, work, w);
	if (rc) {
		close(fd);
		free(w);
		return err_sys(rc, "cannot start a thread");
	}
	w->io = loop_io_new(loop, fd, LOOP_READ, on_ended, w);
	*ret_worker = w;
	return NULL;
}

/* 'done' may give the next job. */
static void finish_all(struct worker *w)
{
	while (w->n_out) {
		pthread_mutex_lock(&w->lock);
		while (!w->ended)
			pthread_cond_wait(&w->has_ended, &w->lock);
		pthread_mutex_unlock(&w->lock);
		on_ended(w);
	}
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	finish_all(w);
	pthread_mutex_lock(&w->lock);
	w->is_over = true;
	pthread_cond_signal(&w->has_given);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	loop_io_free(w->io);
	close(w->event_fd);
	pthread_cond_destroy(&w->has_given);
	pthread_cond_destroy(&w->has_ended);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

void worker_give(struct worker *w, worker_fn *run, worker_fn *done, void *aux)
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->run = run;
	job->done = done;
	job->aux = aux;
	w->n_out++;
	pthread_mutex_lock(&w->lock);
	DL_APPEND(w->given, job);
	pthread_cond_signal(&w->has_given);
	pthread_mutex_unlock(&w->lock);
}

bool worker_is_idle(const struct worker *w)
{
	return !w->n_out;
}
