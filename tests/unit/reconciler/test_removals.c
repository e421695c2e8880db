/* What becomes of steps for what no row wants, as data. */
#include "lib/alloc.h"
#include "reconciler/settle/removals.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static struct model_master master = {.netns = "", .name = "eth0", .vlan_link = ""};
static struct model_slave slave_found = {
	.netns = "ns1",
	.name = "ipvl0",
	.seen = {.presence = MODEL_OURS},
};

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void what_could_not_be_removed_stays_in_the_queue(void **state)
{
	struct model_netns netns = {.name = "ns1"};
	struct plan_step steps[] = {
		{.op = PLAN_OP_LINK_DEL, .master = &master, .have = &slave_found},
		{.op = PLAN_OP_NETNS_DEL, .netns = &netns},
		{.op = PLAN_OP_NETNS_ADD, .netns = &netns},
		{.op = PLAN_OP_LINK_DEL, .master = &master, .have = &slave_found},
	};
	struct plan plan = {.steps = steps, .n_steps = ARRAY_SIZE(steps)};
	struct err *e = err_sys(EPERM, "cannot remove it");
	struct plan_result results[] = {
		{.kind = PLAN_FAILED, .error = e},
		{.kind = PLAN_SKIPPED},
		{.kind = PLAN_SKIPPED},
		{.kind = PLAN_DONE},
	};
	struct model_slave there[] = {slave_found, slave_found, slave_found};
	struct model_master on = {
		.netns = "", .name = "eth1", .slaves = there, .n_slaves = 3};
	struct model found = {.masters = &on, .n_masters = 1};
	struct removal *all;
	size_t n;

	(void)state;
	there[0].netns = "ns1";
	there[1].netns = "ns2";
	there[2].netns = "ns1";
	there[2].seen.presence = MODEL_FOREIGN;
	all = removals_collect(&plan, results, &found, arena, &n);
	assert_int_equal(n, 3);
	assert_int_equal(all[0].key.kind, KEY_SLAVE);
	assert_string_equal(all[0].key.master_name, "eth0");
	assert_int_equal(all[0].next, SETTLE_GAVE_UP);
	assert_int_equal(all[1].key.kind, KEY_NETNS);
	assert_int_equal(all[1].next, SETTLE_FAILED);
	/* The namespace was to take the device along. */
	assert_int_equal(all[2].key.kind, KEY_SLAVE);
	assert_string_equal(all[2].key.netns, "ns1");
	assert_string_equal(all[2].key.master_name, "eth1");
	err_free(e);
}

static void steps_of_a_master_that_no_row_wants_stay_too(void **state)
{
	struct plan_step steps[] = {
		{.op = PLAN_OP_ROUTE_DEL, .master = &master},
		{.op = PLAN_OP_ROUTE_DEL, .master = &master},
		{.op = PLAN_OP_MASTER_DEL, .master = &master},
	};
	struct plan_verdict verdict = {.master = &master};
	struct plan plan = {.steps = steps, .n_steps = ARRAY_SIZE(steps)};
	struct err *e = err_sys(EBUSY, "not now");
	struct plan_result results[] = {
		{.kind = PLAN_DONE},
		{.kind = PLAN_FAILED, .error = e},
		{.kind = PLAN_SKIPPED},
	};
	const struct model found = {0};
	struct removal *all;
	size_t n;

	(void)state;
	all = removals_collect(&plan, results, &found, arena, &n);
	assert_int_equal(n, 1);
	assert_int_equal(all[0].key.kind, KEY_MASTER);
	assert_string_equal(all[0].key.name, "eth0");
	assert_int_equal(all[0].next, SETTLE_FAILED);
	/* A row that wants it shows the failure. */
	plan.verdicts = &verdict;
	plan.n_verdicts = 1;
	removals_collect(&plan, results, &found, arena, &n);
	assert_int_equal(n, 0);
	err_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_could_not_be_removed_stays_in_the_queue, setup, teardown),
		cmocka_unit_test_setup_teardown(
			steps_of_a_master_that_no_row_wants_stay_too, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
