/* A stopped clock: the loop's timers fire in order, at their time, without any wait. */
#include "lib/clock.h"
#include "lib/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

static char fired[16];

static void must(struct err *e)
{
	assert_null(e);
}

struct probe {
	struct loop_timer *timer;
	char letter;
	int64_t fired_ms, again_ms; /* again_ms: set again once, so much later; -1: not */
};

static void on_probe(void *aux)
{
	struct probe *p = aux;
	int64_t again = p->again_ms;

	p->fired_ms = clock_now_ms() - CLOCK_STOPPED_MS;
	fired[strlen(fired)] = p->letter;
	p->again_ms = -1;
	if (again >= 0)
		loop_timer_set(p->timer, again);
}

static struct loop *loop;

static struct probe probe(char letter, int64_t again_ms)
{
	return (struct probe){.letter = letter, .again_ms = again_ms};
}

static void set(struct probe *p, int64_t delay_ms)
{
	p->timer = loop_timer_new(loop, on_probe, p);
	loop_timer_set(p->timer, delay_ms);
}

static void timers_fire_in_order_at_their_time(void **state)
{
	struct probe late = probe('c', -1), first = probe('a', 0), same = probe('b', -1),
		     cleared = probe('x', -1);

	(void)state;
	must(loop_new(&loop));
	set(&late, 3600000);
	set(&first, 5);
	set(&same, 5);
	set(&cleared, 1);
	loop_timer_clear(cleared.timer);
	assert_true(loop_timer_is_set(late.timer) && !loop_timer_is_set(cleared.timer));
	must(loop_run_once(loop, 4));
	assert_string_equal(fired, "");
	must(loop_run_once(loop, 10));
	assert_string_equal(fired, "ab"); /* the one set again waits for the next call */
	assert_int_equal(first.fired_ms, 5);
	must(loop_run_once(loop, 0));
	assert_string_equal(fired, "aba");
	assert_int_equal(clock_now_ms() - CLOCK_STOPPED_MS, 5);
	must(loop_run_once(loop, -1));
	assert_string_equal(fired, "abac");
	assert_int_equal(late.fired_ms, 3600000);
	assert_int_equal(clock_wall_ms(), clock_now_ms());
	loop_timer_free(late.timer);
	loop_timer_free(first.timer);
	loop_timer_free(same.timer);
	loop_timer_free(cleared.timer);
	loop_free(loop);
}

static void on_io(void *aux)
{
	eventfd_t n;

	assert_int_equal(eventfd_read(*(int *)aux, &n), 0);
	fired[strlen(fired)] = 'i';
}

static void descriptors_come_before_time(void **state)
{
	struct probe p = probe('t', -1);
	int fd = eventfd(1, EFD_NONBLOCK);
	struct loop_io *io;

	(void)state;
	memset(fired, 0, sizeof(fired));
	must(loop_new(&loop));
	io = loop_io_new(loop, fd, LOOP_READ, on_io, &fd);
	set(&p, 10);
	must(loop_run_once(loop, 100));
	assert_string_equal(fired, "i");
	must(loop_run_once(loop, 100));
	assert_string_equal(fired, "it");
	loop_timer_free(p.timer);
	loop_io_free(io);
	loop_free(loop);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_fire_in_order_at_their_time),
		cmocka_unit_test(descriptors_come_before_time),
	};

	clock_stop();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
