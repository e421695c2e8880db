/* reconciler/grace: how long a namespace that is not there is left to others. */
#include "reconciler/wanted/grace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h comes last. */
#include <cmocka.h>

struct fixture {
	struct grace *grace;
	struct aliases *aliases;
	struct model_netns want, have;
	struct model wanted, observed;
};

static int setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){
		.grace = grace_new(),
		.aliases = aliases_new(),
		.want = {.name = "ns0", .is_wanted = true, .is_ours = true},
		.have = {.name = "ns0"},
		.wanted = {.namespaces = &f.want, .n_namespaces = 1},
		.observed = {.namespaces = &f.have, .n_namespaces = 1},
	};
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	grace_free(f->grace);
	aliases_free(f->aliases);
	return 0;
}

static bool is_awaited(struct fixture *f, int64_t now_ms)
{
	f->want.is_awaited = false; /* a model of its own in each pass */
	grace_mark_awaited(f->grace, f->aliases, &f->wanted, &f->observed, now_ms);
	return f->want.is_awaited;
}

/* `ip netns del` unmounts, then unlinks. */
static void half_deleted(void **state)
{
	struct fixture *f = *state;

	f->have.seen.is_dead_file = true;
	assert_true(is_awaited(f, 5000));
	assert_int_equal(grace_wait_ms(f->grace, 5400), GRACE_MS - 400);
	f->have.seen.is_dead_file = false;
	assert_false(is_awaited(f, 5500)); /* ours, and gone: made again at once */
	assert_int_equal(grace_wait_ms(f->grace, 5500), -1);
}

/* `ip netns add` makes the file, then mounts. */
static void half_made(void **state)
{
	struct fixture *f = *state;

	f->want.is_ours = false;
	f->have.seen.is_dead_file = true;
	assert_true(is_awaited(f, 5000));
	f->have.seen.is_dead_file = false;
	f->have.seen.exists = true;
	assert_false(is_awaited(f, 5001));
}

/* A file that stays is nobody's: ipvl replaces it after the second. */
static void left_behind(void **state)
{
	struct fixture *f = *state;

	f->have.seen.is_dead_file = true;
	assert_true(is_awaited(f, 5000));
	assert_false(is_awaited(f, 5000 + GRACE_MS));
}

static void count_end(void *n_ends, const char *text)
{
	assert_string_equal(text, "ns0");
	(*(int *)n_ends)++;
}

/* The end is told once, and not before. */
static void ends_once(void **state)
{
	struct fixture *f = *state;
	int n_ends = 0;

	f->have.seen.is_dead_file = true;
	assert_true(is_awaited(f, 5000));
	grace_end(f->grace, 5000 + GRACE_MS - 1, count_end, &n_ends);
	assert_int_equal(n_ends, 0);
	assert_int_equal(grace_wait_ms(f->grace, 5000 + GRACE_MS), 0);
	grace_end(f->grace, 5000 + GRACE_MS, count_end, &n_ends);
	assert_int_equal(n_ends, 1);
	assert_int_equal(grace_wait_ms(f->grace, 5000 + GRACE_MS), -1);
	grace_end(f->grace, 5000 + 2 * GRACE_MS, count_end, &n_ends);
	assert_int_equal(n_ends, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(half_deleted, setup, teardown),
		cmocka_unit_test_setup_teardown(half_made, setup, teardown),
		cmocka_unit_test_setup_teardown(left_behind, setup, teardown),
		cmocka_unit_test_setup_teardown(ends_once, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
