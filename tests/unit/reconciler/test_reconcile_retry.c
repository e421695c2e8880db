/* What is tried again, and when; who keeps undoing it. */
#include "world.h"

#include "lib/clock.h"
#include "ovsdb-lite/rows/txn.h"
#include "reconciler/queue.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define WITH_IPV6                                                                        \
	"version: 1\n"                                                                   \
	"masters:\n"                                                                     \
	"  - name: eth0\n"                                                               \
	"    mode: l2\n"                                                                 \
	"    slaves:\n"                                                                  \
	"      - {name: ipvl1, netns: ns1, addresses: [10.0.0.3/24, 2001:db8::3/64]}\n"

/* IPv6 is off on the device: told once, tried again when its row or the device changes.
 */
static void what_no_retry_helps_is_not_tried_for_ever(void **state)
{
	static const char text[] =
		"cannot add the address 2001:db8::3/64 to ns1/ipvl1: Permission denied; "
		"its sysctl ipv6.disable_ipv6 is 1: set it to 0 there or in the row of "
		"the slave";
	struct world *w = *state;

	world_apply(w, WORLD_TWO_SLAVES);
	world_start(w);
	world_wait_state(w, "ns1", "ipvl1", "ready");
	world_check(sim_set_sysctl(w->sim, "ns1", "ipvl1", "ipv6.disable_ipv6", "1"));
	world_apply(w, WITH_IPV6);
	world_wait_state(w, "ns1", "ipvl1", "error");
	world_settle(w);
	assert_string_equal(world_slave_text(w, "ns1", "ipvl1", "message"), text);
	/* Another event about the device: it is tried again, with the same result. */
	world_check(sim_set_link(w->sim, "ns1", "ipvl1", true, 1400));
	world_settle(w);
	assert_string_equal(world_slave_text(w, "ns1", "ipvl1", "message"), text);
	world_check(sim_set_sysctl(w->sim, "ns1", "ipvl1", "ipv6.disable_ipv6", "0"));
	world_wait_state(w, "ns1", "ipvl1", "ready");
}

static void a_failed_step_is_told_and_tried_again(void **state)
{
	struct world *w = *state;

	world_two_slaves(w);
	sim_fail_step(w->sim, 0, ENOBUFS);
	world_check(sim_del_addr(w->sim, "ns1", "ipvl1", "10.0.0.3/24"));
	world_wait_state(w, "ns1", "ipvl1", "error");
	assert_non_null(
		strstr(world_slave_text(w, "ns1", "ipvl1", "message"), "next try in"));
	world_wait_state(w, "ns1", "ipvl1", "ready");
}

/* The same for the first pass, which is about everything. */
static void a_first_pass_that_fails_is_made_again(void **state)
{
	struct world *w = *state;

	world_apply(w, WORLD_TWO_SLAVES);
	sim_fail_observe(w->sim, 2, ENOBUFS);
	world_start(w);
	world_wait_state(w, "ns0", "ipvl0", "ready");
	world_wait_state(w, "ns1", "ipvl1", "ready");
}

/* A sysctl changes without an event (kernel.md 15). */
static void an_audit_finds_what_no_event_reports(void **state)
{
	static const char yaml[] =
		"version: 1\n"
		"masters:\n"
		"  - name: eth0\n"
		"    slaves: [{name: a, netns: ns0, sysctl: {ipv6.accept_ra: 0}}]\n";
	struct world *w = *state;

	/* One that comes back within a minute is counted with the last. */
	w->audit_ms = 60500;
	world_apply(w, yaml);
	world_start(w);
	world_wait_state(w, "ns0", "a", "ready");
	for (size_t i = 1; i <= 2; i++) {
		world_check(sim_set_sysctl(w->sim, "ns0", "a", "ipv6.accept_ra", "2"));
		world_run_for(w, 61000);
		assert_string_equal(world_drift_text(w, "found"),
				    "sysctl ipv6.accept_ra changed");
		assert_int_equal(world_n_drifts(w), i);
	}
	world_stop(w);
	w->audit_ms = 0;
	world_start(w);
	world_settle(w);
	world_check(sim_set_sysctl(w->sim, "ns0", "a", "ipv6.accept_ra", "2"));
	world_run_for(w, 600000);
	assert_int_equal(world_n_drifts(w), 2);
}

/* The device of its row is gone, and so is the row: no key but that of the namespace leads to
 * the rule. */
static void a_rule_that_could_not_be_removed_from_the_host(void **state)
{
	static const char yaml[] = "version: 1\n"
				   "masters:\n"
				   "  - name: eth0\n"
				   "    slaves: [{name: a, addresses: [10.0.0.2/24], "
				   "source-routing: 100}]\n";
	struct world *w = *state;
	char *dump;

	world_apply(w, yaml);
	world_start(w);
	world_wait_state(w, "", "a", "ready");
	world_stop(w);
	world_check(sim_del_link(w->sim, "", "a"));
	world_apply(w, "version: 1\nmasters: [{name: eth0}]\n");
	sim_fail_step(w->sim, 0, EIO);
	world_start(w);
	world_settle(w);
	dump = sim_dump(w->sim);
	assert_non_null(strstr(dump, "rule from 10.0.0.2"));
	free(dump);
	world_run_for(w, 2 * QUEUE_BACKOFF_MIN_MS);
	dump = sim_dump(w->sim);
	assert_null(strstr(dump, "rule from 10.0.0.2"));
	free(dump);
}

static void a_kernel_that_cannot_be_read_is_read_again(void **state)
{
	struct world *w = *state;

	world_two_slaves(w);
	sim_fail_observe(w->sim, 2, ENOBUFS);
	world_apply(w, "version: 1\nmasters: [{name: eth0, mode: l3}]\n");
	world_wait_state(w, NULL, "eth0", "error");
	assert_non_null(strstr(world_master_text(w, "eth0", "message"), "cannot read"));
	world_wait_state(w, NULL, "eth0", "ready");
}

#define THIRD "      - {name: ipvl2, netns: ns2, addresses: [10.0.0.4/24]}\n"

/* A pass about another slave does not repair what is held back. */
static void another_pass_leaves_it_held(struct world *w, int64_t held_ms)
{
	struct err *e = sim_del_addr(w->sim, "ns1", "ipvl1", "10.0.0.3/24");

	err_free(e);
	world_check(sim_set_link(w->sim, "ns0", "ipvl0", true, 1400));
	world_settle(w);
	e = sim_del_addr(w->sim, "ns1", "ipvl1", "10.0.0.3/24");
	/* On a slow machine the hold may be over by now. */
	if (clock_now_ms() - held_ms < 2 * QUEUE_BACKOFF_MIN_MS)
		assert_non_null(e);
	err_free(e);
}

static void who_keeps_undoing_it_is_met_with_patience(void **state)
{
	struct world *w = *state;

	world_two_slaves(w);
	world_apply(w, WORLD_TWO_SLAVES THIRD);
	world_wait_state(w, "ns2", "ipvl2", "ready");
	for (int i = 0; i < 20; i++) {
		struct err *e = sim_del_addr(w->sim, "ns1", "ipvl1", "10.0.0.3/24");

		err_free(e); /* while it is held back there is nothing to delete */
		world_check(loop_run_once(w->loop, 20));
		world_check(loop_run_once(w->loop, 20));
		if (!strcmp(world_slave_text(w, "ns1", "ipvl1", "state"), "contested"))
			break;
	}
	assert_string_equal(world_slave_text(w, "ns1", "ipvl1", "state"), "contested");
	assert_int_equal(world_n_drifts(w), 1);
	another_pass_leaves_it_held(w, clock_now_ms());
}

/* "undone N times since TIME by …; next repair at TIME": each time one more, the beginning
 * stays, and the next repair is twice as far away, up to 16 seconds. */
static void a_contest_is_counted_from_its_beginning(void **state)
{
	struct world *w = *state;
	unsigned int n_before = 0, hold_before_s = 0, n_rounds = 0;
	char since_before[16] = "";

	setenv("TZ", "UTC", 1);
	tzset();
	world_two_slaves(w);
	for (int i = 0; i < 20000 && n_rounds < 7; i++) {
		unsigned int n, hour, minute, second, hold_s;
		int64_t now_s = clock_wall_ms() / 1000;
		const char *message;
		char since[16];

		/* While the repair is held back there is nothing to delete. */
		err_free(sim_del_addr(w->sim, "ns1", "ipvl1", "10.0.0.3/24"));
		world_check(loop_run_once(w->loop, 20));
		message = world_slave_text(w, "ns1", "ipvl1", "message");
		if (sscanf(message,
			   "undone %u times since %15s by %*[^;]; next repair at "
			   "%u:%u:%u",
			   &n, since, &hour, &minute, &second) != 5 ||
		    n == n_before)
			continue;
		hold_s = (hour * 3600 + minute * 60 + second + 86400 -
			  (unsigned int)(now_s % 86400)) %
			 86400;
		if (n_rounds) {
			assert_int_equal(n, n_before + 1);
			assert_string_equal(since, since_before);
			assert_in_range(hold_s + 1, hold_before_s, 18);
		}
		n_rounds++;
		n_before = n;
		hold_before_s = hold_s;
		strcpy(since_before, since);
	}
	assert_int_equal(n_rounds, 7);
	assert_in_range(hold_before_s, 15, 17);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(what_no_retry_helps_is_not_tried_for_ever),
		WORLD_TEST(a_kernel_that_cannot_be_read_is_read_again),
		WORLD_TEST(a_first_pass_that_fails_is_made_again),
		WORLD_TEST(an_audit_finds_what_no_event_reports),
		WORLD_TEST(a_rule_that_could_not_be_removed_from_the_host),
		WORLD_TEST(a_failed_step_is_told_and_tried_again),
		WORLD_TEST(a_contest_is_counted_from_its_beginning),
		WORLD_TEST(who_keeps_undoing_it_is_met_with_patience),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
