/* The reconciler on the simulator: what a daemon does, without sockets and without a
 * kernel. What is repaired, and how, is in tests/scenarios. */
#include "world.h"

#include "ovsdb-lite/rows/txn.h"
#include "reconciler/drift/drift.h"
#include "reconciler/queue.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void a_configuration_becomes_devices(void **state)
{
	struct world *w = *state;

	world_two_slaves(w);
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

	world_two_slaves(w);
	ifindex = world_slave_integer(w, "ns0", "ipvl0", "ifindex");
	writes = sim_writes(w->sim);
	world_stop(w);
	world_start(w);
	world_settle(w);
	assert_int_equal(sim_writes(w->sim), writes);
	assert_int_equal(world_slave_integer(w, "ns0", "ipvl0", "ifindex"), ifindex);
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

	world_two_slaves(w);
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

	world_two_slaves(w);
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

static void leftovers_of_a_crash_are_removed(void **state)
{
	struct world *w = *state;

	world_two_slaves(w);
	world_stop(w);
	world_apply(w, "version: 1\nmasters: [{name: eth0, mode: l2}]\n");
	world_start(w);
	world_settle(w);
	assert_int_equal(table_count(w->columns.netns.table), 0);
	world_check(sim_add_netns(w->sim, "ns1"));
}

static void cur_cfg_follows_next_cfg(void **state)
{
	struct world *w = *state;
	const struct row *host;

	world_two_slaves(w);
	host = rows_find_host(&w->columns, NULL, NULL);
	assert_int_equal(datum_integer(row_get(host, w->columns.host.next_cfg), 0), 1);
	assert_int_equal(datum_integer(row_get(host, w->columns.host.cur_cfg), 0), 1);
	world_apply(w, WORLD_TWO_SLAVES);
	world_settle(w);
	assert_int_equal(datum_integer(row_get(host, w->columns.host.next_cfg), 0), 1);
}

static void a_disabled_slave_shows_no_device(void **state)
{
	struct world *w = *state;

	world_two_slaves(w);
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

static void swap_names(struct world *w)
{
	const struct ipvl_columns *c = &w->columns;
	static const struct txn_origin client = {.internal = false};
	struct row *one = rows_find_slave(c, NULL, "ns1", "a");
	struct row *two = rows_find_slave(c, NULL, "ns1", "b");
	struct txn *t = txn_new(w->db, &client);

	txn_set_string(t, one, c->slave.name, "b");
	txn_set_string(t, two, c->slave.name, "a");
	world_check(db_commit(t));
	txn_free(t);
}

/* The pass shows what it found in the rows that it was about. */
static void rows_that_change_names_during_a_pass(void **state)
{
	struct world *w = *state;

	world_apply(w, "version: 1\n"
		       "masters:\n"
		       "  - name: eth0\n"
		       "    mode: l2\n"
		       "    slaves:\n"
		       "      - {name: a, netns: ns1, mtu: 1600}\n"
		       "      - {name: b, netns: ns1}\n"
		       "      - {name: c, netns: ns2, addresses: [10.0.0.2/24]}\n");
	world_start(w);
	world_settle(w);
	sim_set_cost(w->sim, 50);
	/* The first concerns all slaves, the second takes a while. */
	world_check(sim_set_link(w->sim, "", "eth0", false, 0));
	world_check(sim_del_link(w->sim, "ns2", "c"));
	for (uint64_t writes = sim_writes(w->sim); sim_writes(w->sim) == writes;)
		world_check(loop_run_once(w->loop, 1000));
	swap_names(w);
	world_settle(w);
	/* Of eth0, and of ns2/c. */
	assert_int_equal(world_n_drifts(w), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(a_configuration_becomes_devices),
		WORLD_TEST(a_second_start_writes_nothing),
		WORLD_TEST(what_is_kept_of_drift_is_bounded),
		WORLD_TEST(a_strangers_slave_flips_the_mode_and_stays),
		WORLD_TEST(a_master_set_down_concerns_all_slaves),
		WORLD_TEST(leftovers_of_a_crash_are_removed),
		WORLD_TEST(rows_that_change_names_during_a_pass),
		WORLD_TEST(a_disabled_slave_shows_no_device),
		WORLD_TEST(cur_cfg_follows_next_cfg),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
