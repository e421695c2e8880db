/* The event loop: descriptors, timers, signals. The only users of libevent are lib/loop.c
 * and lib/stream.c. One thread; callbacks run one after another and may add or free
 * anything, themselves included. */
#ifndef LIB_LOOP_H
#define LIB_LOOP_H 1

#include "lib/err.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_io;
struct loop_timer;
struct loop_signal;

typedef void loop_fn(void *aux);

struct err *loop_new(struct loop **ret_loop) MUST_CHECK;
void loop_free(struct loop *l); /* accepts NULL; everything added must be gone before */

/* Runs until loop_stop(). */
struct err *loop_run(struct loop *l) MUST_CHECK;
/* Runs what is ready, waiting at most 'timeout_ms' for the first event (0: do not wait,
 * -1: without limit). While the clock is stopped (lib/clock.h) it does not wait: if nothing
 * is ready, it moves the clock to the next timer, by 'timeout_ms' at most. */
struct err *loop_run_once(struct loop *l, int64_t timeout_ms) MUST_CHECK;
void loop_stop(struct loop *l);

/* Calls 'fn' whenever 'fd' is readable (LOOP_READ), has an exceptional condition
 * (LOOP_PRIORITY: POLLPRI, as /proc/self/mountinfo and /proc files use it). The fd stays
 * the caller's. */
enum loop_io_kind { LOOP_READ, LOOP_PRIORITY };
struct loop_io *loop_io_new(struct loop *l, int fd, enum loop_io_kind kind, loop_fn *fn,
			    void *aux) MUST_CHECK;
void loop_io_free(struct loop_io *io); /* accepts NULL */

/* A one-shot timer. It may be set and cleared at any time. */
struct loop_timer *loop_timer_new(struct loop *l, loop_fn *fn, void *aux) MUST_CHECK;
void loop_timer_set(struct loop_timer *t,
		    int64_t delay_ms); /* replaces an earlier setting */
/* At the end of this iteration of the loop: after the callbacks of all that is ready now,
 * and without asking the kernel once more. A timer that sets itself so keeps all others
 * waiting. */
void loop_timer_set_end(struct loop_timer *t);
void loop_timer_clear(struct loop_timer *t);
bool loop_timer_is_set(const struct loop_timer *t);
void loop_timer_free(struct loop_timer *t); /* accepts NULL */

struct loop_signal *loop_signal_new(struct loop *l, int signal_number, loop_fn *fn,
				    void *aux) MUST_CHECK;
void loop_signal_free(struct loop_signal *s); /* accepts NULL */

#endif
