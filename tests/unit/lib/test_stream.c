/* lib/loop and lib/stream over real unix sockets in a temporary folder. */
#include "lib/alloc.h"
#include "lib/clock.h"
#include "stream_ends.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct loop *loop;
	char dir[32];
	char *path, *active, *passive;
	struct stream_listener *listener;
	struct end server, client;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/ipvl-stream-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->path = xasprintf("%s/sub/s", f->dir);
	f->active = xasprintf("unix:%s", f->path);
	f->passive = xasprintf("punix:%s", f->path);
	must(loop_new(&f->loop));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char *sub = xasprintf("%s/sub", f->dir);

	end_clear(&f->server);
	end_clear(&f->client);
	stream_listener_free(f->listener);
	loop_free(f->loop);
	unlink(f->path);
	rmdir(sub);
	assert_int_equal(rmdir(f->dir), 0);
	free(sub);
	free(f->path);
	free(f->active);
	free(f->passive);
	free(f);
	return 0;
}

static void join(struct fixture *f)
{
	must(stream_listen(f->loop, f->passive, NULL, 0660, end_accept, &f->server,
			   &f->listener));
	must(stream_connect(f->loop, f->active, NULL, &end_handlers, &f->client,
			    &f->client.stream));
	WAIT_FOR(f, f->server.stream);
}

static void bytes_go_both_ways(void **state)
{
	struct fixture *f = *state;

	join(f);
	stream_write(f->client.stream, "hello", 5);
	WAIT_FOR(f, f->server.n_got == 5);
	assert_string_equal(f->server.got, "hello");
	stream_write(f->server.stream, "there", 5);
	WAIT_FOR(f, f->client.n_got == 5);
	assert_int_equal(stream_peer(f->server.stream).pid, getpid());
	assert_int_equal(stream_peer(f->server.stream).uid, getuid());
}

static void socket_has_its_mode_and_goes_with_the_listener(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	join(f);
	assert_int_equal(lstat(f->path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0660);
	stream_listener_free(STEAL(f->listener));
	assert_int_equal(lstat(f->path, &st), -1);
}

static void live_socket_is_busy_and_dead_one_replaced(void **state)
{
	struct fixture *f = *state;
	struct stream_listener *second = NULL;
	char *kept = xasprintf("%s.kept", f->path);

	join(f);
	must_fail(stream_listen(f->loop, f->passive, NULL, 0600, end_accept, &f->server,
				&second),
		  ERR_BUSY);
	/* Listeners remove their file: what kill -9 leaves is had by renaming. */
	assert_int_equal(rename(f->path, kept), 0);
	stream_listener_free(STEAL(f->listener));
	assert_int_equal(rename(kept, f->path), 0);
	must_fail(stream_connect(f->loop, f->active, NULL, &end_handlers, &f->client,
				 &f->client.stream),
		  ERR_SYSTEM);
	must(stream_listen(f->loop, f->passive, NULL, 0600, end_accept, &f->server,
			   &f->listener));
	free(kept);
}

static void other_files_are_left_alone(void **state)
{
	struct fixture *f = *state;
	char *passive = xasprintf("punix:%s/file", f->dir);
	const char *path = passive + strlen("punix:");
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
	must_fail(stream_listen(f->loop, passive, NULL, 0600, end_accept, &f->server,
				&f->listener),
		  ERR_EXISTS);
	assert_int_equal(unlink(path), 0);
	free(passive);
}

static void bad_addresses_are_refused(void **state)
{
	struct fixture *f = *state;
	char *longer = xmalloc(200);
	struct err *e;

	memset(longer, 'x', 199);
	longer[199] = '\0';
	memcpy(longer, "unix:/", 6);
	must_fail(stream_connect(f->loop, longer, NULL, &end_handlers, &f->client,
				 &f->client.stream),
		  ERR_INVALID);
	must_fail(stream_connect(f->loop, "unix:", NULL, &end_handlers, &f->client,
				 &f->client.stream),
		  ERR_INVALID);
	must_fail(stream_connect(f->loop, "tcp:::1", NULL, &end_handlers, &f->client,
				 &f->client.stream),
		  ERR_INVALID);
	e = stream_connect(f->loop, f->active, NULL, &end_handlers, &f->client,
			   &f->client.stream);
	assert_non_null(e);
	assert_int_equal(e->sys_errno, ENOENT);
	err_free(e);
	free(longer);
}

static void more_than_the_kernel_takes_is_kept_and_drained(void **state)
{
	struct fixture *f = *state;
	size_t n = 4 << 20;
	char *big = xcalloc(n, 1);

	join(f);
	stream_pause(f->client.stream);
	stream_write(f->server.stream, big, n);
	assert_true(stream_unsent_bytes(f->server.stream) > 0);
	for (int i = 0; i < 5; i++)
		must(loop_run_once(f->loop, 10));
	assert_int_equal(f->client.n_got, 0);
	assert_int_equal(f->server.n_drained, 0);
	stream_resume(f->client.stream);
	WAIT_FOR(f, f->client.n_got == n);
	WAIT_FOR(f, f->server.n_drained);
	assert_int_equal(stream_unsent_bytes(f->server.stream), 0);
	free(big);
}

/* Large or small, before and behind other bytes, in their order. */
static void buffers_are_written_and_emptied(void **state)
{
	static const size_t sizes[] = {1, 3 << 20, 10, 65535, 65536, 0, 7};
	struct fixture *f = *state;
	size_t n = 0;

	join(f);
	stream_pause(f->client.stream);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct buffer b = {0};

		for (size_t j = 0; j < sizes[i]; j++)
			buffer_putc(&b, (char)(n + j));
		stream_write_buffer(f->server.stream, &b);
		assert_int_equal(b.n, 0);
		assert_null(b.data);
		stream_write(f->server.stream, "", 1);
		n += sizes[i] + 1;
	}
	assert_true(stream_unsent_bytes(f->server.stream) > 0);
	stream_resume(f->client.stream);
	WAIT_FOR(f, f->client.n_got == n);
	for (size_t i = 0, at = 0; i < ARRAY_SIZE(sizes); i++) {
		for (size_t j = 0; j < sizes[i]; j++)
			if (f->client.got[at + j] != (char)(at + j))
				fail_msg("byte %zu is wrong", at + j);
		at += sizes[i];
		assert_int_equal(f->client.got[at++], 0);
	}
}

static void handler_may_free_or_pause_its_stream(void **state)
{
	struct fixture *f = *state;

	join(f);
	f->server.pauses = true;
	stream_write(f->client.stream, "one", 3);
	WAIT_FOR(f, f->server.n_calls == 1);
	stream_write(f->client.stream, "two", 3);
	must(loop_run_once(f->loop, 20));
	assert_int_equal(f->server.n_calls, 1);
	f->server.frees_itself = true;
	stream_resume(f->server.stream);
	WAIT_FOR(f, !f->server.stream);
	assert_int_equal(f->server.n_got, 6);
	WAIT_FOR(f, f->client.is_closed);
	assert_null(f->client.error);
}

static void writing_to_a_peer_that_left_hurts_nobody(void **state)
{
	struct fixture *f = *state;
	size_t n = 4 << 20;
	char *big = xcalloc(n, 1);

	join(f);
	stream_pause(f->client.stream);
	stream_write(f->server.stream, big, n);
	must(loop_run_once(f->loop, 10));
	stream_free(STEAL(f->client.stream));
	WAIT_FOR(f, f->server.is_closed);
	/* Writing to what is closed does nothing, and no signal ends us. */
	stream_write(f->server.stream, "x", 1);
	free(big);
}

static void raise_flag(void *aux)
{
	*(bool *)aux = true;
}

static void timers_fire_once_and_not_early(void **state)
{
	struct fixture *f = *state;
	bool fired = false;
	struct loop_timer *t = loop_timer_new(f->loop, raise_flag, &fired);
	int64_t start = clock_now_ms();

	loop_timer_set(t, 10000);
	loop_timer_set(t, 30);
	assert_true(loop_timer_is_set(t));
	WAIT_FOR(f, fired);
	assert_in_range(clock_now_ms() - start, 25, 9000); /* and not 10,000 */
	assert_false(loop_timer_is_set(t));
	fired = false;
	loop_timer_set(t, 1);
	loop_timer_clear(t);
	must(loop_run_once(f->loop, 10));
	assert_false(fired);
	loop_timer_free(t);
}

struct ender {
	struct loop_timer *end;
	int fd, n_before, *n_read;
};

static void read_one(void *aux)
{
	struct ender *e = aux;
	eventfd_t n;

	assert_int_equal(eventfd_read(e->fd, &n), 0);
	++*e->n_read;
	loop_timer_set_end(e->end);
}

static void count_read(void *aux)
{
	struct ender *e = aux;

	e->n_before = *e->n_read;
}

/* One iteration: both descriptors, then the timer, once. */
static void timers_at_the_end_of_an_iteration(void **state)
{
	struct fixture *f = *state;
	int n_read = 0;
	struct ender e[2];
	struct loop_io *io[2];
	struct loop_timer *end = loop_timer_new(f->loop, count_read, &e[0]);

	for (int i = 0; i < 2; i++) {
		e[i] = (struct ender){end, eventfd(1, EFD_NONBLOCK), 0, &n_read};
		io[i] = loop_io_new(f->loop, e[i].fd, LOOP_READ, read_one, &e[i]);
	}
	must(loop_run_once(f->loop, 0));
	assert_int_equal(n_read, 2);
	assert_int_equal(e[0].n_before, 2);
	assert_false(loop_timer_is_set(end));
	loop_timer_set_end(end);
	assert_true(loop_timer_is_set(end));
	e[0].n_before = 0;
	loop_timer_clear(end);
	must(loop_run_once(f->loop, 0));
	assert_int_equal(e[0].n_before, 0);
	for (int i = 0; i < 2; i++) {
		loop_io_free(io[i]);
		close(e[i].fd);
	}
	loop_timer_free(end);
}

struct late_timer {
	struct loop_timer *timer;
	int64_t set_ms, fired_ms;
};

static void note_time(void *aux)
{
	struct late_timer *l = aux;

	l->fired_ms = clock_now_ms();
}

/* A callback that takes long, and sets a timer at its end. */
static void dawdle(void *aux)
{
	struct late_timer *l = aux;
	int64_t start = clock_now_ms();

	while (clock_now_ms() < start + 200)
		sched_yield();
	l->set_ms = clock_now_ms();
	loop_timer_set(l->timer, 100);
}

static void timers_count_from_when_they_are_set(void **state)
{
	struct fixture *f = *state;
	struct late_timer l = {.timer = loop_timer_new(f->loop, note_time, &l)};
	struct loop_timer *t = loop_timer_new(f->loop, dawdle, &l);

	loop_timer_set(t, 0);
	WAIT_FOR(f, l.fired_ms);
	loop_timer_free(l.timer);
	loop_timer_free(t);
	assert_true(l.fired_ms - l.set_ms > 50); /* the kernel's clock is coarser */
}

static void stop_loop(void *aux)
{
	loop_stop(aux);
}

static void signals_arrive_in_the_loop(void **state)
{
	struct fixture *f = *state;
	struct loop_signal *s = loop_signal_new(f->loop, SIGUSR1, stop_loop, f->loop);

	raise(SIGUSR1);
	must(loop_run(f->loop));
	/* A stop before the run is not forgotten. */
	loop_stop(f->loop);
	must(loop_run(f->loop));
	loop_signal_free(s);
}

/* In a child with a mount namespace of its own: mounts, and sees the loop tell of it. 0:
 * told. */
static int watch_mounts(void)
{
	struct loop_io *io;
	struct loop *loop;
	bool told = false;
	char text[4096];
	int fd;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return 77;
	fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || loop_new(&loop))
		return 1;
	io = loop_io_new(loop, fd, LOOP_PRIORITY, raise_flag, &told);
	while (read(fd, text, sizeof(text)) > 0)
		;
	if (loop_run_once(loop, 20) || told)
		return 2;
	if (mount("none", "/tmp", "tmpfs", 0, NULL))
		return 77;
	for (int i = 0; i < 10 && !told; i++)
		if (loop_run_once(loop, 100))
			return 3;
	if (!told)
		return 4;
	told = false;
	if (loop_run_once(loop, 20) || told)
		return 5;
	loop_io_free(io);
	loop_free(loop);
	close(fd);
	return 0;
}

static void priority_events_of_proc_files_arrive(void **state)
{
	pid_t child;
	int status;

	(void)state;
	child = fork();
	assert_true(child >= 0);
	if (!child)
		_exit(watch_mounts());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip(); /* no user namespaces here */
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bytes_go_both_ways),
		TEST(socket_has_its_mode_and_goes_with_the_listener),
		TEST(live_socket_is_busy_and_dead_one_replaced),
		TEST(other_files_are_left_alone),
		TEST(bad_addresses_are_refused),
		TEST(more_than_the_kernel_takes_is_kept_and_drained),
		TEST(buffers_are_written_and_emptied),
		TEST(handler_may_free_or_pause_its_stream),
		TEST(writing_to_a_peer_that_left_hurts_nobody),
		TEST(timers_fire_once_and_not_early),
		TEST(timers_at_the_end_of_an_iteration),
		TEST(timers_count_from_when_they_are_set),
		TEST(signals_arrive_in_the_loop),
		cmocka_unit_test(priority_events_of_proc_files_arrive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
