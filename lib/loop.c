/* The event loop on libevent: descriptors, timers, signals.
 *
 * libevent's loop cannot be entered twice: loop_run() and loop_run_once() are for the
 * bottom of the stack only, never for a callback (asserted). */
#include "lib/loop.h"

#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/loop_base.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

struct loop {
	struct event_base *base;
	unsigned int n_users; /* ios, timers and signals that are not yet freed */
	bool is_running;
	bool is_stopped;
	/* While the clock is stopped, instead of libevent's timers: those that are set, in
	 * the order in which they are due. */
	struct loop_timer *waiting;
	uint64_t n_set;
	uint64_t n_calls;
};

struct loop_io {
	struct loop *loop;
	struct event *event;
	int epoll_fd; /* LOOP_PRIORITY's own; -1 otherwise */
	loop_fn *fn;
	void *aux;
};

struct loop_timer {
	struct loop *loop;
	struct event *event;
	loop_fn *fn;
	void *aux;
	/* While the clock is stopped. */
	bool is_waiting;
	int64_t due_ms;
	uint64_t number; /* loop->n_set when it was set */
	struct loop_timer *next;
};

struct loop_signal {
	struct loop *loop;
	struct event *event;
	loop_fn *fn;
	void *aux;
};

/* A write to a closed connection returns EPIPE in place of SIGPIPE. A handler that the
 * program has set stays. */
static void ignore_sigpipe(void)
{
	struct sigaction old;

	if (!sigaction(SIGPIPE, NULL, &old) && old.sa_handler == SIG_DFL)
		signal(SIGPIPE, SIG_IGN);
}

struct err *loop_new(struct loop **ret_loop)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;
	struct loop *l;

	if (config) {
		event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
		event_config_set_flag(config, EVENT_BASE_FLAG_IGNORE_ENV);
		base = event_base_new_with_config(config);
		event_config_free(config);
	}
	if (!base)
		return err_sys(errno ? errno : EMFILE, "cannot make an event loop");
	ignore_sigpipe();
	l = xcalloc(1, sizeof(*l));
	l->base = base;
	*ret_loop = l;
	return NULL;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	assert(!l->is_running);
	assert(!l->n_users);
	event_base_free(l->base);
	free(l);
}

struct event_base *loop_base(struct loop *l)
{
	return l->base;
}

static struct err *run(struct loop *l, int flags)
{
	int rc;

	assert(!l->is_running);
	l->is_running = true;
	errno = 0;
	rc = event_base_loop(l->base, flags);
	l->is_running = false;
	if (rc < 0)
		return err_sys(errno ? errno : EINVAL, "the event loop failed");
	return NULL;
}

struct err *loop_run(struct loop *l)
{
	struct err *e = NULL;

	/* libevent ignores event_base_loopbreak() before the loop begins; loop_stop() counts. */
	assert(!clock_is_stopped());
	while (!e && !l->is_stopped)
		e = run(l, EVLOOP_NO_EXIT_ON_EMPTY);
	l->is_stopped = false;
	return e;
}

static void nothing(evutil_socket_t fd, short what, void *aux)
{
	(void)fd;
	(void)what;
	(void)aux;
}

static struct timeval timeval_of_ms(int64_t ms)
{
	if (ms < 0)
		ms = 0;
	return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

static void forget(struct loop_timer *t)
{
	struct loop_timer **at = &t->loop->waiting;

	while (t->is_waiting && *at != t)
		at = &(*at)->next;
	if (t->is_waiting)
		*at = t->next;
	t->is_waiting = false;
}

static void await(struct loop_timer *t, int64_t delay_ms)
{
	struct loop_timer **at = &t->loop->waiting;

	forget(t);
	t->due_ms = clock_now_ms() + (delay_ms > 0 ? delay_ms : 0);
	t->number = ++t->loop->n_set;
	while (*at && (*at)->due_ms <= t->due_ms)
		at = &(*at)->next;
	t->next = *at;
	*at = t;
	t->is_waiting = true;
}

/* As in libevent, a timer that a callback sets has to wait for the next call. */
static bool run_due_timers(struct loop *l)
{
	uint64_t last = l->n_set;
	bool is_any = false;
	struct loop_timer *t;

	while ((t = l->waiting) && t->due_ms <= clock_now_ms() && t->number <= last) {
		forget(t);
		t->fn(t->aux);
		is_any = true;
	}
	return is_any;
}

static struct err *run_once_stopped(struct loop *l, int64_t timeout_ms)
{
	uint64_t before = l->n_calls;
	struct err *e = run(l, EVLOOP_NONBLOCK);
	int64_t wait = timeout_ms;

	if (e || l->n_calls != before || run_due_timers(l))
		return e;
	if (l->waiting && (wait < 0 || l->waiting->due_ms - clock_now_ms() < wait))
		wait = l->waiting->due_ms - clock_now_ms();
	assert(wait >= 0); /* else it would wait for ever */
	clock_advance(wait);
	run_due_timers(l);
	return NULL;
}

struct err *loop_run_once(struct loop *l, int64_t timeout_ms)
{
	struct timeval tv = timeval_of_ms(timeout_ms);
	struct event *limit;
	struct err *e;

	if (clock_is_stopped())
		return run_once_stopped(l, timeout_ms);
	if (!timeout_ms)
		return run(l, EVLOOP_NONBLOCK);
	if (timeout_ms < 0)
		return run(l, EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY);
	limit = evtimer_new(l->base, nothing, NULL);
	evtimer_add(limit, &tv);
	e = run(l, EVLOOP_ONCE);
	event_free(limit);
	return e;
}

void loop_stop(struct loop *l)
{
	l->is_stopped = true;
	event_base_loopbreak(l->base);
}

static void on_io(evutil_socket_t fd, short what, void *aux)
{
	struct loop_io *io = aux;

	(void)fd;
	(void)what;
	io->loop->n_calls++;
	io->fn(io->aux);
}

/* libevent has no POLLPRI. An epoll descriptor that waits for it alone takes the place of
 * 'fd': it is readable while 'fd' has an exceptional condition. proc(5): poll on
 * mountinfo reports a change once, to the first poll, which is made here; so read the
 * file after loop_io_new(). */
static int open_priority_fd(int fd)
{
	struct epoll_event event = {.events = EPOLLPRI};
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);

	if (epoll_fd >= 0 && epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event)) {
		close(epoll_fd);
		return -1;
	}
	return epoll_fd;
}

struct loop_io *loop_io_new(struct loop *l, int fd, enum loop_io_kind kind, loop_fn *fn,
			    void *aux)
{
	struct loop_io *io = xcalloc(1, sizeof(*io));
	int rc;

	io->loop = l;
	io->fn = fn;
	io->aux = aux;
	io->epoll_fd = -1;
	if (kind == LOOP_PRIORITY) {
		io->epoll_fd = open_priority_fd(fd);
		assert(io->epoll_fd >=
		       0); /* a descriptor that cannot be polled is a bug */
		fd = io->epoll_fd;
	}
	io->event = event_new(l->base, fd, EV_READ | EV_PERSIST, on_io, io);
	rc = event_add(io->event, NULL);
	assert(!rc);
	(void)rc;
	l->n_users++;
	return io;
}

void loop_io_free(struct loop_io *io)
{
	if (!io)
		return;
	event_free(io->event);
	if (io->epoll_fd >= 0)
		close(io->epoll_fd);
	io->loop->n_users--;
	free(io);
}

static void on_timer(evutil_socket_t fd, short what, void *aux)
{
	struct loop_timer *t = aux;

	(void)fd;
	(void)what;
	t->fn(t->aux);
}

struct loop_timer *loop_timer_new(struct loop *l, loop_fn *fn, void *aux)
{
	struct loop_timer *t = xcalloc(1, sizeof(*t));

	t->loop = l;
	t->fn = fn;
	t->aux = aux;
	t->event = evtimer_new(l->base, on_timer, t);
	l->n_users++;
	return t;
}

void loop_timer_set(struct loop_timer *t, int64_t delay_ms)
{
	struct timeval tv = timeval_of_ms(delay_ms);

	if (clock_is_stopped()) {
		await(t, delay_ms);
		return;
	}
	/* libevent counts from the start of this loop iteration; after a long callback the
	 * timer would fire early. */
	event_base_update_cache_time(t->loop->base);
	evtimer_add(t->event, &tv);
}

/* libevent runs what is activated by a callback behind what is active already. */
void loop_timer_set_end(struct loop_timer *t)
{
	if (clock_is_stopped()) {
		await(t, 0);
		return;
	}
	evtimer_del(t->event);
	event_active(t->event, EV_TIMEOUT, 0);
}

void loop_timer_clear(struct loop_timer *t)
{
	forget(t);
	evtimer_del(t->event);
}

bool loop_timer_is_set(const struct loop_timer *t)
{
	return t->is_waiting || evtimer_pending(t->event, NULL);
}

void loop_timer_free(struct loop_timer *t)
{
	if (!t)
		return;
	forget(t);
	event_free(t->event);
	t->loop->n_users--;
	free(t);
}

static void on_signal(evutil_socket_t fd, short what, void *aux)
{
	struct loop_signal *s = aux;

	(void)fd;
	(void)what;
	s->fn(s->aux);
}

struct loop_signal *loop_signal_new(struct loop *l, int signal_number, loop_fn *fn,
				    void *aux)
{
	struct loop_signal *s = xcalloc(1, sizeof(*s));
	int rc;

	s->loop = l;
	s->fn = fn;
	s->aux = aux;
	s->event = evsignal_new(l->base, signal_number, on_signal, s);
	rc = evsignal_add(s->event, NULL);
	assert(!rc);
	(void)rc;
	l->n_users++;
	return s;
}

void loop_signal_free(struct loop_signal *s)
{
	if (!s)
		return;
	event_free(s->event);
	s->loop->n_users--;
	free(s);
}
