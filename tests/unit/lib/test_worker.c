/* The thread beside the loop: order, where 'done' runs, what worker_free() waits for. */
#include "lib/worker.h"

#include "lib/alloc.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define N_JOBS 200

struct place {
	struct loop *loop;
	struct worker *worker;
	pthread_t loop_thread;
	int gate[2]; /* a job that is to last reads a byte from it */
	unsigned int run[N_JOBS + 1], done[N_JOBS + 1];
	size_t n_run, n_done;
	size_t n_left; /* jobs that 'done' shall still give */
};

struct job {
	struct place *place;
	unsigned int number;
};

static void must(struct err *e)
{
	assert_null(e);
}

static int setup(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));

	must(loop_new(&p->loop));
	must(worker_new(p->loop, &p->worker));
	assert_int_equal(pipe(p->gate), 0);
	p->loop_thread = pthread_self();
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	worker_free(p->worker);
	loop_free(p->loop);
	close(p->gate[0]);
	close(p->gate[1]);
	free(p);
	return 0;
}

static void run(void *aux)
{
	struct job *job = aux;
	struct place *p = job->place;

	assert_false(pthread_equal(pthread_self(), p->loop_thread));
	p->run[p->n_run++] = job->number;
}

static void run_gated(void *aux)
{
	struct job *job = aux;
	char byte;

	assert_int_equal(read(job->place->gate[0], &byte, 1), 1);
	run(aux);
}

static void done(void *aux)
{
	struct job *job = aux;
	struct place *p = job->place;

	assert_true(pthread_equal(pthread_self(), p->loop_thread));
	p->done[p->n_done++] = job->number;
	if (!p->n_left) {
		free(job);
		return;
	}
	p->n_left--;
	job->number++;
	worker_give(p->worker, run, done, job);
}

static void give(struct place *p, worker_fn *fn, unsigned int number)
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->place = p;
	job->number = number;
	worker_give(p->worker, fn, done, job);
}

static void open_gate(struct place *p)
{
	assert_int_equal(write(p->gate[1], "x", 1), 1);
}

static void run_until_idle(struct place *p)
{
	while (!worker_is_idle(p->worker))
		must(loop_run_once(p->loop, -1));
}

static void jobs_run_in_order_and_end_in_the_loop(void **state)
{
	struct place *p = *state;

	assert_true(worker_is_idle(p->worker));
	for (unsigned int i = 0; i < N_JOBS; i++)
		give(p, run, i);
	assert_false(worker_is_idle(p->worker));
	run_until_idle(p);
	assert_int_equal(p->n_run, N_JOBS);
	assert_int_equal(p->n_done, N_JOBS);
	for (unsigned int i = 0; i < N_JOBS; i++) {
		assert_int_equal(p->run[i], i);
		assert_int_equal(p->done[i], i);
	}
}

static void the_loop_goes_on_while_a_job_lasts(void **state)
{
	struct place *p = *state;

	give(p, run_gated, 1);
	must(loop_run_once(p->loop, 5));
	assert_int_equal(p->n_done, 0);
	assert_false(worker_is_idle(p->worker));
	open_gate(p);
	run_until_idle(p);
	assert_int_equal(p->n_done, 1);
}

static void the_end_of_a_job_may_give_the_next(void **state)
{
	struct place *p = *state;

	p->n_left = N_JOBS;
	give(p, run, 0);
	run_until_idle(p);
	assert_int_equal(p->n_run, N_JOBS + 1);
	assert_int_equal(p->done[N_JOBS], N_JOBS);
}

static void freeing_waits_for_all_that_was_given(void **state)
{
	struct place *p = *state;

	p->n_left = 2;
	give(p, run_gated, 1);
	give(p, run, 100);
	open_gate(p);
	worker_free(p->worker);
	p->worker = NULL;
	assert_int_equal(p->n_run, 4);
	assert_int_equal(p->n_done, 4);
}

static void freeing_an_idle_one_waits_for_nothing(void **state)
{
	(void)state;
	worker_free(NULL);
}

static void check_signals(void *aux)
{
	sigset_t *blocked = aux;

	pthread_sigmask(SIG_SETMASK, NULL, blocked);
}

static void nothing(void *aux)
{
	(void)aux;
}

static void signals_stay_with_the_loop(void **state)
{
	struct place *p = *state;
	sigset_t blocked, own;

	sigemptyset(&blocked);
	worker_give(p->worker, check_signals, nothing, &blocked);
	run_until_idle(p);
	assert_true(sigismember(&blocked, SIGTERM));
	assert_true(sigismember(&blocked, SIGCHLD));
	pthread_sigmask(SIG_SETMASK, NULL, &own);
	assert_false(sigismember(&own, SIGTERM));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(jobs_run_in_order_and_end_in_the_loop),
		TEST(the_loop_goes_on_while_a_job_lasts),
		TEST(the_end_of_a_job_may_give_the_next),
		TEST(freeing_waits_for_all_that_was_given),
		TEST(freeing_an_idle_one_waits_for_nothing),
		TEST(signals_stay_with_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
