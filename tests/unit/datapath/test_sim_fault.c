/* Faults of the simulated kernel, and its state as text. */
#include "build.h"

#include "lib/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char heard[4096];

static void hear(void *aux, const struct datapath_event *e)
{
	static const char *const kinds[] = {"master", "slave", "netns", "strayed", "all"};
	size_t n = strlen(heard);

	(void)aux;
	snprintf(heard + n, sizeof(heard) - n, "%s %s/%s\n", kinds[e->kind], e->netns,
		 e->name);
}

static const char *drain(struct bench *b)
{
	heard[0] = '\0';
	datapath_drain(b->dp, hear, NULL);
	return heard;
}

static bool is_readable(struct bench *b)
{
	struct pollfd p = {.fd = datapath_event_fd(b->dp), .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

static void assert_dump(struct bench *b, const char *text)
{
	char *now = sim_dump(b->dp);

	assert_string_equal(now, text);
	free(now);
}

static void want_one(struct bench *b)
{
	want_slave(b, want_master(b, "eth0", MODEL_MODE_L2), "", "a", "10.0.0.2/24");
}

static void a_request_fails(void **state)
{
	struct bench *b = *state;

	want_one(b);
	bench_plan(b);
	sim_fail_request(b->dp, 1, ENOMEM);
	bench_apply(b);
	assert_int_equal(b->results[0].kind, PLAN_DONE);
	assert_int_equal(b->results[1].kind, PLAN_FAILED);
	assert_int_equal(b->results[1].error->sys_errno, ENOMEM);
	bench_converge(b);
}

/* After its end a process does, sees and hears nothing. */
static void a_process_dies(void **state)
{
	struct bench *b = *state;
	struct model scope = {0};
	struct model *have;

	want_one(b);
	bench_plan(b);
	sim_crash_at(b->dp, 1);
	bench_apply(b);
	assert_true(sim_has_crashed(b->dp));
	assert_int_equal(b->results[0].kind, PLAN_DONE);
	assert_int_equal(b->results[1].error->sys_errno, SIM_CRASH_ERRNO);
	assert_dump(b, ".:\n  a ipvlan on eth0 l2 bridge up mtu 1500 ours\n"
		       "  eth0 dummy up mtu 1500\n  eth1 dummy up mtu 1500\n");
	must_fail(datapath_observe(b->dp, &scope, DATAPATH_SCOPE, b->arena, &have),
		  SIM_CRASH_ERRNO);
	must(sim_add_netns(b->dp, "ns1"));
	assert_string_equal(drain(b), "");
	sim_revive(b->dp);
	assert_string_equal(drain(b), "");
	bench_converge(b);
}

static void an_observation_is_interrupted(void **state)
{
	struct bench *b = *state;
	struct model scope = {0};
	struct model *have;
	struct err *e;

	sim_fail_observe(b->dp, 1, EINTR);
	e = datapath_observe(b->dp, &scope, DATAPATH_SCOPE, b->arena, &have);
	assert_non_null(e);
	assert_int_equal(e->code, ERR_INTERRUPTED);
	must_fail(e, EINTR);
	must(datapath_observe(b->dp, &scope, DATAPATH_SCOPE, b->arena, &have));
}

static void events_are_lost_late_and_doubled(void **state)
{
	struct bench *b = *state;

	must(sim_add_netns(b->dp, "ns1"));
	sim_lose_events(b->dp);
	assert_true(is_readable(b));
	assert_string_equal(drain(b), "all /\n");
	assert_false(is_readable(b));

	must(sim_add_netns(b->dp, "ns2"));
	sim_delay_events(b->dp, 2);
	assert_string_equal(drain(b), "");
	assert_string_equal(drain(b), "");
	assert_true(is_readable(b));
	assert_string_equal(drain(b), "netns ns2/\n");

	sim_double_events(b->dp, true);
	must(sim_add_netns(b->dp, "ns3"));
	assert_string_equal(drain(b), "netns ns3/\nnetns ns3/\n");
}

static void a_request_takes_time(void **state)
{
	struct bench *b = *state;
	int64_t before;

	want_one(b);
	bench_plan(b);
	sim_set_cost(b->dp, 7);
	before = clock_now_ms();
	bench_apply(b);
	assert_int_equal(clock_now_ms() - before, 7 * (int64_t)b->n_results);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_request_fails),
		TEST(a_process_dies),
		TEST(an_observation_is_interrupted),
		TEST(events_are_lost_late_and_doubled),
		TEST(a_request_takes_time),
	};

	clock_stop();
	return cmocka_run_group_tests_name("sim-fault", tests, NULL, NULL);
}
