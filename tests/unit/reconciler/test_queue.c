/* The queue of dirty keys: marks, holds, backoff; and which failures are worth one. */
#include "lib/alloc.h"
#include "reconciler/queue.h"
#include "reconciler/settle/retry.h"

#include <errno.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct key slave = {.kind = KEY_SLAVE,
				 .netns = "ns1",
				 .name = "eth0",
				 .master_netns = "",
				 .master_name = "eno2"};

static size_t take(struct queue *q, int64_t now, struct key *ret_first)
{
	struct arena *a = arena_new();
	struct key *keys;
	size_t n;
	bool everything;

	queue_take(q, now, a, &keys, &n, &everything);
	if (n && ret_first)
		*ret_first = keys[0]; /* only its numbers outlive the arena */
	arena_free(a);
	return n;
}

static void two_marks_are_one_key_with_both_causes(void **state)
{
	struct queue *q = queue_new();
	struct key k;

	(void)state;
	queue_mark(q, &slave, KEY_EVENT, 0);
	queue_mark(q, &slave, KEY_CONFIG, 0);
	assert_int_equal(take(q, 0, &k), 1);
	assert_int_equal(k.causes, KEY_EVENT | KEY_CONFIG);
	assert_int_equal(take(q, 0, NULL), 0);
	queue_free(q);
}

static void the_same_name_in_two_namespaces_is_two_keys(void **state)
{
	struct queue *q = queue_new();
	struct key other = slave;

	(void)state;
	other.netns = "ns2";
	queue_mark(q, &slave, KEY_EVENT, 0);
	queue_mark(q, &other, KEY_EVENT, 0);
	assert_int_equal(take(q, 0, NULL), 2);
	queue_free(q);
}

/* The first that is due counts, whether another was marked before it or behind it. */
static void the_soonest_key_is_waited_for(void **state)
{
	struct queue *q = queue_new();
	struct key first = slave, last = slave;

	(void)state;
	first.netns = "a";
	last.netns = "z";
	assert_int_equal(queue_wait_ms(q, 0), -1);
	queue_mark(q, &first, KEY_EVENT, 0);
	queue_failed(q, &slave, 0);
	queue_mark(q, &last, KEY_EVENT, 0);
	assert_int_equal(queue_wait_ms(q, 0), 0);
	assert_int_equal(take(q, 0, NULL), 2);
	assert_int_equal(queue_wait_ms(q, 0), QUEUE_BACKOFF_MIN_MS);
	queue_mark(q, &last, KEY_EVENT, 0);
	assert_int_equal(queue_wait_ms(q, 0), 0);
	queue_free(q);
}

static void a_failed_key_comes_back_later_and_later(void **state)
{
	struct queue *q = queue_new();
	int64_t now = 0, wait;

	(void)state;
	queue_mark(q, &slave, KEY_CONFIG, now);
	for (int64_t expected = QUEUE_BACKOFF_MIN_MS; expected < QUEUE_BACKOFF_MAX_MS;
	     expected *= 2) {
		assert_int_equal(take(q, now, NULL), 1);
		wait = queue_failed(q, &slave, now);
		assert_int_equal(wait, expected);
		assert_int_equal(queue_wait_ms(q, now), expected);
		assert_int_equal(take(q, now + wait - 1, NULL), 0);
		now += wait;
	}
	assert_int_equal(take(q, now, NULL), 1);
	assert_int_equal(queue_failed(q, &slave, now), QUEUE_BACKOFF_MAX_MS);
	queue_free(q);
}

static void a_retry_stays_within_its_bounds(void **state)
{
	struct queue *q = queue_new();
	int64_t now = 0;

	(void)state;
	assert_int_equal(queue_retry(q, &slave, 4000, 10000, now), 4000);
	assert_int_equal(take(q, 3999, NULL), 0);
	for (int i = 0; i < 10; i++) {
		now += 10000;
		assert_int_equal(take(q, now, NULL), 1);
		assert_in_range(queue_retry(q, &slave, 4000, 10000, now), 4000, 10000);
	}
	assert_int_equal(queue_wait_ms(q, now), 10000);
	queue_free(q);
}

static void an_event_does_not_end_a_hold_but_an_edit_does(void **state)
{
	struct queue *q = queue_new();

	(void)state;
	queue_hold(q, &slave, 3, 60000, 0);
	queue_mark(q, &slave, KEY_EVENT, 1);
	assert_int_equal(take(q, 1, NULL), 0);
	queue_mark(q, &slave, KEY_CONFIG, 2);
	assert_int_equal(queue_wait_ms(q, 2), 0);
	assert_int_equal(take(q, 2, NULL), 1);
	queue_free(q);
}

/* Quiet: it is looked at soon. Undone again: it waits for all of its hold. */
static void a_hold_is_short_unless_an_event_comes(void **state)
{
	struct queue *q = queue_new();

	(void)state;
	assert_int_equal(queue_hold(q, &slave, 7, 4000, 0), 16000);
	assert_int_equal(queue_wait_ms(q, 0), 4000);
	queue_mark(q, &slave, KEY_LOOK, 50);
	assert_int_equal(queue_wait_ms(q, 50), 3950);
	queue_mark(q, &slave, KEY_EVENT, 100);
	assert_int_equal(queue_wait_ms(q, 100), 15900);
	assert_int_equal(take(q, 16000, NULL), 1);
	/* The hold is over with it. */
	queue_look_in(q, &slave, 700, 16000);
	queue_mark(q, &slave, KEY_EVENT, 16100);
	assert_int_equal(queue_wait_ms(q, 16100), 600);
	/* A key that is marked already is not put off. */
	queue_look_in(q, &slave, 9000, 16100);
	assert_int_equal(take(q, 16700, NULL), 1);
	queue_free(q);
}

static void a_slave_with_events_waits_with_its_master(void **state)
{
	const struct key master = key_of_master("", "eno2", 0);
	struct queue *q = queue_new();

	(void)state;
	queue_hold(q, &master, 7, 4000, 0);
	queue_mark(q, &slave, KEY_EVENT, 100);
	queue_mark(q, &master, KEY_EVENT, 100);
	assert_int_equal(queue_wait_ms(q, 100), 15900);
	assert_int_equal(take(q, 15999, NULL), 0);
	/* Its row was edited. */
	queue_mark(q, &slave, KEY_CONFIG, 200);
	assert_int_equal(take(q, 200, NULL), 1);
	assert_int_equal(take(q, 16000, NULL), 1);
	/* The hold is over. */
	queue_mark(q, &slave, KEY_EVENT, 16100);
	assert_int_equal(take(q, 16100, NULL), 1);
	queue_free(q);
}

static void what_was_given_up_waits_for_a_mark(void **state)
{
	struct queue *q = queue_new();

	(void)state;
	queue_mark(q, &slave, KEY_CONFIG, 0);
	assert_int_equal(take(q, 0, NULL), 1);
	queue_gave_up(q, &slave, 0);
	queue_forget(q, &slave);
	assert_int_equal(queue_wait_ms(q, 0), -1);
	assert_int_equal(take(q, 1000000, NULL), 0);
	/* An event lets it through, but not in circles. */
	queue_mark(q, &slave, KEY_EVENT, 1);
	assert_int_equal(queue_wait_ms(q, 1), QUEUE_BACKOFF_MIN_MS - 1);
	assert_int_equal(take(q, QUEUE_BACKOFF_MIN_MS, NULL), 1);
	queue_gave_up(q, &slave, 1000);
	queue_mark(q, &slave, KEY_EVENT, 1000);
	assert_int_equal(queue_wait_ms(q, 1000), 2 * QUEUE_BACKOFF_MIN_MS);
	/* An edit lets it through at once. */
	queue_mark(q, &slave, KEY_CONFIG, 1000);
	assert_int_equal(queue_wait_ms(q, 1000), 0);
	assert_int_equal(take(q, 1000, NULL), 1);
	/* Its object is gone. */
	queue_forget(q, &slave);
	queue_mark(q, &slave, KEY_EVENT, 1001);
	assert_int_equal(queue_wait_ms(q, 1001), 0);
	queue_free(q);
}

static void success_forgets_the_failures(void **state)
{
	struct queue *q = queue_new();

	(void)state;
	queue_failed(q, &slave, 0);
	queue_failed(q, &slave, 0);
	assert_int_equal(take(q, 100000, NULL), 1);
	queue_succeeded(q, &slave);
	assert_int_equal(queue_wait_ms(q, 100000), -1);
	assert_int_equal(queue_failed(q, &slave, 0), QUEUE_BACKOFF_MIN_MS);
	queue_free(q);
}

static void success_does_not_unmark_what_was_marked_meanwhile(void **state)
{
	struct queue *q = queue_new();
	struct key k;

	(void)state;
	queue_mark(q, &slave, KEY_CONFIG, 0);
	assert_int_equal(take(q, 0, NULL), 1);
	queue_mark(q, &slave, KEY_CONFIG, 0);
	queue_succeeded(q, &slave);
	assert_int_equal(queue_wait_ms(q, 0), 0);
	assert_int_equal(take(q, 0, &k), 1);
	assert_int_equal(k.causes, KEY_CONFIG);
	queue_free(q);
}

static void what_is_gone_is_forgotten_unless_it_is_marked_again(void **state)
{
	struct queue *q = queue_new();

	(void)state;
	queue_failed(q, &slave, 0);
	queue_forget(q, &slave);
	assert_int_equal(take(q, QUEUE_BACKOFF_MIN_MS, NULL), 1);
	queue_forget(q, &slave);
	assert_int_equal(queue_failed(q, &slave, 0), QUEUE_BACKOFF_MIN_MS);
	queue_free(q);
}

static void everything_is_due_at_once_and_taken_once(void **state)
{
	struct queue *q = queue_new();
	struct arena *a = arena_new();
	struct key *keys;
	size_t n;
	bool everything;

	(void)state;
	assert_int_equal(queue_wait_ms(q, 0), -1);
	queue_mark_all(q);
	assert_int_equal(queue_wait_ms(q, 0), 0);
	queue_take(q, 0, a, &keys, &n, &everything);
	assert_true(everything);
	queue_take(q, 0, a, &keys, &n, &everything);
	assert_false(everything);
	arena_free(a);
	queue_free(q);
}

static void a_retry_helps_against_what_passes(void **state)
{
	static const int final[] = {EINVAL, EACCES,     EPERM,        EROFS,
				    ERANGE, EOPNOTSUPP, EAFNOSUPPORT, ENAMETOOLONG};
	static const int passing[] = {ENOBUFS, ENOMEM, EBUSY,       EADDRINUSE, EEXIST,
				      ENODEV,  EAGAIN, ENETUNREACH, EIO};
	static const enum err_code codes[] = {ERR_INVALID, ERR_UNSUPPORTED};
	struct err *e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(final); i++) {
		e = err_wrap(err_sys(final[i], "no"), "cannot");
		assert_false(retry_can_help(e));
		err_free(e);
	}
	for (size_t i = 0; i < ARRAY_SIZE(passing); i++) {
		e = err_wrap(err_sys(passing[i], "no"), "cannot");
		assert_true(retry_can_help(e));
		err_free(e);
	}
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		e = err_wrap(err_new(codes[i], "no"), "cannot");
		assert_false(retry_can_help(e));
		err_free(e);
	}
	e = err_new(ERR_NOT_FOUND, "there is no network namespace");
	assert_true(retry_can_help(e));
	err_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_marks_are_one_key_with_both_causes),
		cmocka_unit_test(the_same_name_in_two_namespaces_is_two_keys),
		cmocka_unit_test(the_soonest_key_is_waited_for),
		cmocka_unit_test(a_failed_key_comes_back_later_and_later),
		cmocka_unit_test(a_retry_stays_within_its_bounds),
		cmocka_unit_test(an_event_does_not_end_a_hold_but_an_edit_does),
		cmocka_unit_test(a_retry_helps_against_what_passes),
		cmocka_unit_test(a_hold_is_short_unless_an_event_comes),
		cmocka_unit_test(a_slave_with_events_waits_with_its_master),
		cmocka_unit_test(what_was_given_up_waits_for_a_mark),
		cmocka_unit_test(success_forgets_the_failures),
		cmocka_unit_test(success_does_not_unmark_what_was_marked_meanwhile),
		cmocka_unit_test(what_is_gone_is_forgotten_unless_it_is_marked_again),
		cmocka_unit_test(everything_is_due_at_once_and_taken_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
