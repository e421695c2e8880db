/* When addresses are announced, on a clock of the test. */
#include "reconciler/announce/announce_schedule.h"

#include "lib/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void add(struct announce_schedule *s, const char *name, const char *address,
		uint32_t n_copies, int64_t now_ms)
{
	struct announce_item item = {.netns = "ns0",
				     .name = name,
				     .master_netns = "",
				     .master = "eth0",
				     .n_copies = n_copies};

	assert_null(ip_addr_parse(address, &item.address));
	announce_schedule_add(s, &item, now_ms);
}

/* One slice with the same result for all; returns how many there were. */
static size_t run(struct announce_schedule *s, int64_t now_ms,
		  enum datapath_announced result)
{
	struct announce_item items[ANNOUNCE_SLICE_MAX];
	enum datapath_announced results[ANNOUNCE_SLICE_MAX];
	size_t n = announce_schedule_due(s, now_ms, items);

	for (size_t i = 0; i < n; i++)
		results[i] = result;
	announce_schedule_settle(s, items, results, n, now_ms);
	return n;
}

static void test_three_times(void **state)
{
	struct announce_schedule *s = announce_schedule_new();

	(void)state;
	assert_int_equal(announce_schedule_wait_ms(s, 5000), -1);
	add(s, "a", "10.0.0.2", 1, 5000);
	assert_int_equal(announce_schedule_wait_ms(s, 5000), 0);
	assert_int_equal(run(s, 5000, DATAPATH_ANNOUNCED), 1);
	assert_int_equal(announce_schedule_wait_ms(s, 5000), 1000);
	assert_int_equal(run(s, 5999, DATAPATH_ANNOUNCED), 0);
	assert_int_equal(run(s, 6100, DATAPATH_ANNOUNCED), 1);
	assert_int_equal(announce_schedule_wait_ms(s, 6100), 2000);
	assert_int_equal(run(s, 8100, DATAPATH_ANNOUNCED), 1);
	assert_int_equal(announce_schedule_wait_ms(s, 8100), -1);
	announce_schedule_free(s);
}

/* An address that is added once more begins again, and is not in it twice. */
static void test_again(void **state)
{
	struct announce_schedule *s = announce_schedule_new();

	(void)state;
	add(s, "a", "10.0.0.2", 1, 0);
	add(s, "a", "10.0.0.2", 1, 0);
	add(s, "a", "2001:db8::2", 1, 0);
	assert_int_equal(run(s, 0, DATAPATH_ANNOUNCED), 2);
	assert_int_equal(run(s, 1000, DATAPATH_ANNOUNCED), 2);
	add(s, "a", "10.0.0.2", 1, 1500);
	assert_int_equal(run(s, 1500, DATAPATH_ANNOUNCED), 1);
	assert_int_equal(run(s, 2500, DATAPATH_ANNOUNCED), 1);
	assert_int_equal(run(s, 3000, DATAPATH_ANNOUNCED), 1); /* the other one's third */
	assert_int_equal(run(s, 4500, DATAPATH_ANNOUNCED), 1);
	assert_int_equal(announce_schedule_wait_ms(s, 4500), -1);
	announce_schedule_free(s);
}

/* What cannot be announced yet is tried again, but not for ever, and still comes three
 * times; what is gone is forgotten. */
static void test_later(void **state)
{
	struct announce_schedule *s = announce_schedule_new();
	int64_t now = 0;

	(void)state;
	add(s, "a", "2001:db8::2", 1, now);
	assert_int_equal(run(s, now, DATAPATH_ANNOUNCE_LATER), 1);
	assert_int_equal(announce_schedule_wait_ms(s, now), ANNOUNCE_LATER_MS);
	for (unsigned int i = 0; i < ANNOUNCE_TIMES; i++) {
		now += ANNOUNCE_LATER_MS;
		assert_int_equal(run(s, now, DATAPATH_ANNOUNCED), 1);
	}
	assert_int_equal(announce_schedule_wait_ms(s, now), -1);
	now += ANNOUNCE_SLICE_MS;

	add(s, "a", "2001:db8::2", 1, now);
	for (unsigned int i = 0; i <= ANNOUNCE_TRIES; i++) {
		assert_int_equal(run(s, now, DATAPATH_ANNOUNCE_LATER), 1);
		now += ANNOUNCE_LATER_MS;
	}
	assert_int_equal(announce_schedule_wait_ms(s, now), -1);
	now += ANNOUNCE_SLICE_MS;

	add(s, "a", "2001:db8::2", 1, now);
	assert_int_equal(run(s, now, DATAPATH_ANNOUNCE_NEVER), 1);
	assert_int_equal(announce_schedule_wait_ms(s, now), -1);
	announce_schedule_free(s);
}

/* The datapath is still at work: the same slice comes again, a slice of time later. */
static void test_busy(void **state)
{
	struct announce_schedule *s = announce_schedule_new();
	struct announce_item items[ANNOUNCE_SLICE_MAX];

	(void)state;
	add(s, "a", "10.0.0.2", 1, 0);
	for (int64_t now = 0; now < 1000; now += ANNOUNCE_SLICE_MS) {
		assert_int_equal(announce_schedule_wait_ms(s, now), 0);
		assert_int_equal(announce_schedule_due(s, now, items), 1);
		announce_schedule_settle(s, items, NULL, 1, now);
		assert_int_equal(announce_schedule_wait_ms(s, now), ANNOUNCE_SLICE_MS);
	}
	assert_int_equal(run(s, 1000, DATAPATH_ANNOUNCED), 1);
	announce_schedule_free(s);
}

/* Runs whatever is due, whenever something is; returns how many slices that took. */
static size_t run_all(struct announce_schedule *s, size_t most_of_slice, size_t *ret_sent,
		      int64_t *now)
{
	size_t n_slices = 0;
	int64_t wait;

	for (*ret_sent = 0; (wait = announce_schedule_wait_ms(s, *now)) >= 0;) {
		size_t n;

		*now += wait;
		n = run(s, *now, DATAPATH_ANNOUNCED);
		assert_in_range(n, 1, most_of_slice);
		*ret_sent += n;
		n_slices++;
	}
	return n_slices;
}

static void test_no_burst(void **state)
{
	struct announce_schedule *s = announce_schedule_new();
	int64_t now = 0;
	size_t n_sent;

	(void)state;
	for (unsigned int i = 0; i < 200; i++) {
		CLEANUP(freep) char *name = xasprintf("s%u", i);

		add(s, name, "10.0.0.2", 10, now);
	}
	assert_int_equal(run_all(s, ANNOUNCE_SLICE_MAX, &n_sent, &now),
			 ANNOUNCE_TIMES * 200 / ANNOUNCE_SLICE_MAX);
	assert_int_equal(n_sent, ANNOUNCE_TIMES * 200);
	/* On a port of thousands each frame is copied as often: fewer in a slice, and one at
	 * least. */
	for (unsigned int i = 0; i < 200; i++) {
		CLEANUP(freep) char *name = xasprintf("s%u", i);

		add(s, name, "10.0.0.2", i < 100 ? 5000 : 20000, now);
	}
	assert_in_range(run_all(s, 2, &n_sent, &now), 450, 600);
	assert_int_equal(n_sent, ANNOUNCE_TIMES * 200);
	announce_schedule_free(s);
}

/* A new address does not wait for the repeats of others. */
static void test_first_comes_first(void **state)
{
	struct announce_schedule *s = announce_schedule_new();
	struct announce_item items[ANNOUNCE_SLICE_MAX];

	(void)state;
	for (unsigned int i = 0; i < ANNOUNCE_SLICE_MAX; i++) {
		CLEANUP(freep) char *name = xasprintf("s%u", i);

		add(s, name, "10.0.0.2", 1, 0);
	}
	assert_int_equal(run(s, 0, DATAPATH_ANNOUNCED), ANNOUNCE_SLICE_MAX);
	add(s, "new", "10.0.0.3", 1, 1000);
	assert_int_equal(announce_schedule_due(s, 1000, items), ANNOUNCE_SLICE_MAX);
	assert_string_equal(items[0].name, "new");
	assert_string_equal(items[1].name, "s0");
	announce_schedule_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_times),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_later),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_no_burst),
		cmocka_unit_test(test_first_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
