/* The reconciler on the simulator: what a daemon does, without sockets and without a
 * kernel. What is repaired, and how, is in tests/scenarios. */
#include "world.h"

#include "lib/clock.h"
#include "ovsdb-lite/rows/txn.h"
#include "reconciler/drift.h"
#include "reconciler/queue.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define TWO_SLAVES                                                                       \
	"version: 1\n"                                                                   \
	"masters:\n"                                                                     \
	"  - name: eth0\n"                                                               \
	"    mode: l2\n"                                                                 \
	"    slaves:\n"                                                                  \
	"      - {name: ipvl0, netns: ns0, addresses: [10.0.0.2/24],\n"                  \
	"         routes: [{to: default, via: 10.0.0.1}]}\n"                             \
	"      - {name: ipvl1, netns: ns1, addresses: [10.0.0.3/24]}\n"

#define WITH_IPV6                                                                        \
	"version: 1\n"                                                                   \
	"masters:\n"                                                                     \
	"  - name: eth0\n"                                                               \
	"    mode: l2\n"                                                                 \
	"    slaves:\n"                                                                  \
	"      - {name: ipvl1, netns: ns1, addresses: [10.0.0.3/24, 2001:db8::3/64]}\n"

static int setup(void **state)
{
	*state = world_new();
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

static void two_slaves_are_ready(struct world *w)
{
	world_apply(w, TWO_SLAVES);
	world_start(w);
	world_wait_state(w, "ns0", "ipvl0", "ready");
	world_wait_state(w, "ns1", "ipvl1", "ready");
	world_settle(w);
}

static void a_configuration_becomes_devices(void **state)
{
	struct world *w = *state;

	two_slaves_are_ready(w);
	assert_true(w->is_ready);
	assert_string_equal(world_master_text(w, "eth0", "state"), "ready");
	assert_int_not_equal(world_slave_integer(w, "ns0", "ipvl0", "ifindex"), 0);
	assert_int_equal(world_n_drifts(w), 0);
}

static void a_second_start_writes_nothing(void **state)
{
	struct world *w = *state;
	int64_t ifindex;
	uint64_t writes;

	two_slaves_are_ready(w);
	ifindex = world_slave_integer(w, "ns0", "ipvl0", "ifindex");
	writes = sim_writes(w->sim);
	world_stop(w);
	world_start(w);
	world_settle(w);
	assert_int_equal(sim_writes(w->sim), writes);
	assert_int_equal(world_slave_integer(w, "ns0", "ipvl0", "ifindex"), ifindex);
}

#define ONE_DEVICE_HEAD                                                                  \
	"version: 1\n"                                                                   \
	"masters:\n"                                                                     \
	"  - name: eth0\n"                                                               \
	"    mode: l2\n"                                                                 \
	"    slaves:\n"
#define BY_PATH "      - {name: a, netns: /run/x, addresses: [10.0.0.9/24]}\n"
#define BY_NAME "      - {name: a, netns: ns1, addresses: [10.0.0.8/24]}\n"

#define OTHERS                                                                           \
	"      - {name: b, netns: ns2}\n"                                                \
	"      - {name: c, netns: ns2}\n"                                                \
	"      - {name: d, netns: ns2}\n"                                                \
	"      - {name: e, netns: ns2}\n"

/* A row in conflict that comes along with its master brings along who has its place. */
static void a_place_is_judged_with_all_of_its_rows(void **state)
{
	struct world *w = *state;

	world_check(sim_add_netns(w->sim, "ns1"));
	world_check(sim_alias_netns(w->sim, "ns1", "/run/x"));
	world_apply(w, ONE_DEVICE_HEAD BY_NAME BY_PATH OTHERS);
	world_start(w);
	world_wait_state(w, "/run/x", "a", "conflict");
	world_settle(w);
	for (int i = 0; i < 4; i++) {
		world_check(i % 2 ? sim_del_addr(w->sim, "", "eth0", "10.9.9.9/24")
				  : sim_add_addr(w->sim, "", "eth0", "10.9.9.9/24"));
		world_settle(w);
		assert_string_equal(world_slave_text(w, "/run/x", "a", "state"),
				    "conflict");
		assert_string_equal(world_slave_text(w, "ns1", "a", "state"), "ready");
	}
}

/* A text comes to stand for a namespace where the place is taken, and for another one
 * again. */
static void a_text_that_changes_its_namespace(void **state)
{
	struct world *w = *state;

	world_check(sim_add_netns(w->sim, "/run/x"));
	world_apply(w, ONE_DEVICE_HEAD BY_PATH BY_NAME);
	world_start(w);
	world_wait_state(w, "/run/x", "a", "ready");
	world_wait_state(w, "ns1", "a", "ready");
	world_settle(w);
	world_check(sim_del_netns(w->sim, "/run/x"));
	world_check(sim_alias_netns(w->sim, "ns1", "/run/x"));
	world_wait_state(w, "/run/x", "a", "conflict");
	world_settle(w);
	assert_string_equal(world_slave_text(w, "ns1", "a", "state"), "ready");
	world_check(sim_del_netns(w->sim, "/run/x"));
	world_wait_state(w, "/run/x", "a", "waiting");
	world_check(sim_add_netns(w->sim, "/run/x"));
	world_wait_state(w, "/run/x", "a", "ready");
	assert_string_equal(world_slave_text(w, "ns1", "a", "state"), "ready");
	/* The one that has the place goes its own way. */
	world_check(sim_del_netns(w->sim, "/run/x"));
	world_check(sim_alias_netns(w->sim, "ns1", "/run/x"));
	world_wait_state(w, "/run/x", "a", "conflict");
	world_check(sim_del_netns(w->sim, "ns1"));
	world_check(sim_add_netns(w->sim, "ns1"));
	world_wait_state(w, "ns1", "a", "ready");
	world_wait_state(w, "/run/x", "a", "waiting");
}

/* O21: `ip netns del x; ip netns add x` by somebody who has made it. */
static void a_name_of_others_is_left_to_them_for_a_while(void **state)
{
	struct world *w = *state;
	int64_t ifindex;

	world_check(sim_add_netns(w->sim, "ns1"));
	world_apply(w, ONE_DEVICE_HEAD BY_NAME);
	world_start(w);
	world_wait_state(w, "ns1", "a", "ready");
	ifindex = world_slave_integer(w, "ns1", "a", "ifindex");
	world_check(sim_del_netns(w->sim, "ns1"));
	world_wait_state(w, "ns1", "a", "waiting");
	assert_string_equal(world_slave_text(w, "ns1", "a", "message"),
			    "waiting for the namespace ns1 to appear again: ipvl did not "
			    "make it; it makes one if none appears within a second");
	world_check(sim_add_netns(w->sim, "ns1"));
	world_wait_state(w, "ns1", "a", "ready");
	assert_int_not_equal(world_slave_integer(w, "ns1", "a", "ifindex"), ifindex);
	/* Nobody does: ipvl makes it, and the next time at once, for now it is its own.
	 */
	world_check(sim_del_netns(w->sim, "ns1"));
	world_wait_state(w, "ns1", "a", "waiting");
	world_wait_state(w, "ns1", "a", "ready");
	world_settle(w);
	world_check(sim_del_netns(w->sim, "ns1"));
	world_settle(w);
	assert_string_equal(world_slave_text(w, "ns1", "a", "state"), "ready");
	/* Deleted, and made by somebody: theirs again. */
	world_check(sim_del_netns(w->sim, "ns1"));
	world_check(sim_add_netns(w->sim, "ns1"));
	world_settle(w);
	assert_string_equal(world_slave_text(w, "ns1", "a", "state"), "ready");
	world_check(sim_del_netns(w->sim, "ns1"));
	world_wait_state(w, "ns1", "a", "waiting");
	world_wait_state(w, "ns1", "a", "ready");
}

/* `ip netns add` has made the file and not yet mounted on it. */
static void a_young_file_is_left_alone(void **state)
{
	struct world *w = *state;

	sim_kill_netns(w->sim, "ns1");
	world_apply(w, ONE_DEVICE_HEAD BY_NAME);
	world_start(w);
	world_wait_state(w, "ns1", "a", "waiting");
	assert_string_equal(world_slave_text(w, "ns1", "a", "message"),
			    "waiting for a namespace on the file /run/netns/ns1: ipvl "
			    "makes one if none is mounted soon");
	world_wait_state(w, "ns1", "a", "ready");
}

/* The names of pods may never come to an end. */
static void what_is_kept_of_drift_is_bounded(void **state)
{
	static const struct txn_origin self = {.internal = true, .uid = -1, .pid = -1};
	struct world *w = *state;
	struct drift_log *d = drift_log_new(&w->columns);
	struct txn *t = txn_new(w->db, &self);
	struct arena *a = arena_new();

	for (int i = 0; i < DRIFT_MAX_OBJECTS + 100; i++) {
		const char *name = arena_printf(a, "pod%d", i);
		struct key key = {.kind = KEY_SLAVE, .netns = name, .name = "eth0"};
		struct drift drift = {.key = &key,
				      .object = name,
				      .found = "deleted",
				      .action = "made again"};
		const char *actor;

		assert_int_equal(drift_record(d, t, &drift, 1000, a, &actor), 1);
		/* One that drifts now and then is not the oldest. */
		key.netns = "steady";
		if (i % 1000 == 0)
			assert_int_equal(drift_record(d, t, &drift, 1000, a, &actor),
					 i / 1000 + 1);
	}
	assert_int_equal(drift_n_objects(d), DRIFT_MAX_OBJECTS);
	world_check(db_commit(t));
	txn_free(t);
	assert_int_equal(world_n_drifts(w), DRIFT_MAX_ROWS);
	assert_int_equal(table_schema(w->columns.drift.table)->max_rows, DRIFT_MAX_ROWS);
	arena_free(a);
	drift_log_free(d);
}

static void a_strangers_slave_flips_the_mode_and_stays(void **state)
{
	struct world *w = *state;

	two_slaves_are_ready(w);
	world_check(sim_add_link(w->sim, "", "tmp0", "ipvlan", "eth0", -1, 0));
	world_settle(w);
	assert_int_equal(world_n_drifts(w), 1);
	assert_string_equal(world_drift_text(w, "object"), "eth0");
	assert_string_equal(world_drift_text(w, "found"), "mode l2 -> l3");
	assert_string_equal(world_drift_text(w, "actor"),
			    "the ipvlan tmp0, which is not ours");
	/* It is still there: the name is taken. */
	{
		struct err *e = sim_add_link(w->sim, "", "tmp0", "dummy", "", -1, 0);

		assert_non_null(e);
		err_free(e);
	}
}

/* The kernel sends no event about the slaves (kernel.md 19). */
static void a_master_set_down_concerns_all_slaves(void **state)
{
	static const char text[] = "eth0 is down, so no packet passes through its "
				   "slaves: `ip link set eth0 up`";
	struct world *w = *state;
	size_t n_drifts;
	uint64_t writes;

	two_slaves_are_ready(w);
	writes = sim_writes(w->sim);
	world_check(sim_set_link(w->sim, "", "eth0", false, 0));
	world_settle(w);
	assert_string_equal(world_master_text(w, "eth0", "warnings"), text);
	assert_string_equal(world_slave_text(w, "ns0", "ipvl0", "warnings"), text);
	assert_string_equal(world_slave_text(w, "ns1", "ipvl1", "warnings"), text);
	assert_string_equal(world_slave_text(w, "ns1", "ipvl1", "state"), "ready");
	/* One line of drift, and none of a repair. */
	assert_int_equal(world_n_drifts(w), 1);
	assert_string_equal(world_drift_text(w, "object"), "eth0");
	assert_string_equal(world_drift_text(w, "found"),
			    "eth0 is down, so no packet passes through its slaves");
	assert_string_equal(world_drift_text(w, "done"), "left as it is");
	world_check(sim_set_link(w->sim, "", "eth0", true, 0));
	world_settle(w);
	assert_string_equal(world_master_text(w, "eth0", "warnings"), "");
	assert_string_equal(world_slave_text(w, "ns1", "ipvl1", "warnings"), "");
	assert_int_equal(sim_writes(w->sim), writes);
	/* A repair of one slave does not set it up for the others. */
	world_check(sim_set_link(w->sim, "", "eth0", false, 0));
	world_settle(w);
	world_check(sim_del_link(w->sim, "ns0", "ipvl0"));
	world_settle(w);
	assert_string_equal(world_drift_text(w, "object"), "ns0/ipvl0");
	assert_string_equal(world_slave_text(w, "ns0", "ipvl0", "warnings"), text);
	assert_string_equal(world_master_text(w, "eth0", "link_state"), "down");
	world_check(sim_set_link(w->sim, "", "eth0", true, 0));
	world_settle(w);
	n_drifts = world_n_drifts(w);
	/* However often it happens in a row, it is no contest. */
	for (int i = 0; i < DRIFT_CONTEST_TIMES; i++) {
		world_check(sim_set_link(w->sim, "", "eth0", false, 0));
		world_settle(w);
		world_check(sim_set_link(w->sim, "", "eth0", true, 0));
		world_settle(w);
	}
	assert_string_equal(world_master_text(w, "eth0", "state"), "ready");
	assert_int_equal(world_n_drifts(w), n_drifts);
}

/* IPv6 is off on the device: told once, tried again when its row or the device changes.
 */
static void what_no_retry_helps_is_not_tried_for_ever(void **state)
{
	static const char text[] =
		"cannot add the address 2001:db8::3/64 to ns1/ipvl1: Permission denied; "
		"its sysctl ipv6.disable_ipv6 is 1: set it to 0 there or in the row of "
		"the slave";
	struct world *w = *state;

	world_apply(w, TWO_SLAVES);
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

static void leftovers_of_a_crash_are_removed(void **state)
{
	struct world *w = *state;

	two_slaves_are_ready(w);
	world_stop(w);
	world_apply(w, "version: 1\nmasters: [{name: eth0, mode: l2}]\n");
	world_start(w);
	world_settle(w);
	assert_int_equal(table_count(w->columns.netns.table), 0);
	world_check(sim_add_netns(w->sim, "ns1"));
}

static void a_failed_step_is_told_and_tried_again(void **state)
{
	struct world *w = *state;

	two_slaves_are_ready(w);
	sim_fail_step(w->sim, 0, ENOBUFS);
	world_check(sim_del_addr(w->sim, "ns1", "ipvl1", "10.0.0.3/24"));
	world_wait_state(w, "ns1", "ipvl1", "error");
	assert_non_null(
		strstr(world_slave_text(w, "ns1", "ipvl1", "message"), "next try in"));
	world_wait_state(w, "ns1", "ipvl1", "ready");
}

static void a_kernel_that_cannot_be_read_is_read_again(void **state)
{
	struct world *w = *state;

	two_slaves_are_ready(w);
	sim_fail_observe(w->sim, 2, ENOBUFS);
	world_apply(w, "version: 1\nmasters: [{name: eth0, mode: l3}]\n");
	world_wait_state(w, NULL, "eth0", "error");
	assert_non_null(strstr(world_master_text(w, "eth0", "message"), "cannot read"));
	world_wait_state(w, NULL, "eth0", "ready");
}

/* A stranger may make it next: what could not be made must not be registered. */
static void a_namespace_that_could_not_be_made_is_not_ours(void **state)
{
	struct world *w = *state;

	world_apply(w, TWO_SLAVES);
	sim_fail_step(w->sim, 0, EIO);
	world_start(w);
	world_wait_state(w, "ns0", "ipvl0", "error");
	assert_int_equal(table_count(w->columns.netns.table), 1);
	world_wait_state(w, "ns0", "ipvl0", "ready");
	assert_int_equal(table_count(w->columns.netns.table), 2);
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

	two_slaves_are_ready(w);
	world_apply(w, TWO_SLAVES THIRD);
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
	two_slaves_are_ready(w);
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

static void cur_cfg_follows_next_cfg(void **state)
{
	struct world *w = *state;
	const struct row *host;

	two_slaves_are_ready(w);
	host = rows_find_host(&w->columns, NULL, NULL);
	assert_int_equal(datum_integer(row_get(host, w->columns.host.next_cfg), 0), 1);
	assert_int_equal(datum_integer(row_get(host, w->columns.host.cur_cfg), 0), 1);
	world_apply(w, TWO_SLAVES);
	world_settle(w);
	assert_int_equal(datum_integer(row_get(host, w->columns.host.next_cfg), 0), 1);
}

static void a_disabled_slave_shows_no_device(void **state)
{
	struct world *w = *state;

	two_slaves_are_ready(w);
	world_apply(w, "version: 1\n"
		       "masters:\n"
		       "  - name: eth0\n"
		       "    mode: l2\n"
		       "    slaves:\n"
		       "      - {name: ipvl0, netns: ns0, enabled: false}\n");
	world_wait_state(w, "ns0", "ipvl0", "disabled");
	assert_int_equal(world_slave_integer(w, "ns0", "ipvl0", "ifindex"), 0);
	assert_string_equal(world_slave_text(w, "ns0", "ipvl0", "link_state"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_configuration_becomes_devices, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_second_start_writes_nothing, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_place_is_judged_with_all_of_its_rows,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_name_of_others_is_left_to_them_for_a_while, setup, teardown),
		cmocka_unit_test_setup_teardown(a_young_file_is_left_alone, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_text_that_changes_its_namespace, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_kept_of_drift_is_bounded, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			a_strangers_slave_flips_the_mode_and_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(what_no_retry_helps_is_not_tried_for_ever,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_master_set_down_concerns_all_slaves,
						setup, teardown),
		cmocka_unit_test_setup_teardown(leftovers_of_a_crash_are_removed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			a_kernel_that_cannot_be_read_is_read_again, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failed_step_is_told_and_tried_again,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_namespace_that_could_not_be_made_is_not_ours, setup, teardown),
		cmocka_unit_test_setup_teardown(a_contest_is_counted_from_its_beginning,
						setup, teardown),
		cmocka_unit_test_setup_teardown(who_keeps_undoing_it_is_met_with_patience,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_disabled_slave_shows_no_device, setup,
						teardown),
		cmocka_unit_test_setup_teardown(cur_cfg_follows_next_cfg, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
