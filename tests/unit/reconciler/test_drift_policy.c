/* `drift: report` and `drift: ignore`: docs/drift.md has the table of these cases. */
#include "world.h"

#include "ovsdb-lite/rows/txn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#define ETH0                                                                             \
	"version: 1\n"                                                                   \
	"masters:\n"                                                                     \
	"  - name: eth0\n"                                                               \
	"    mode: l2\n"
#define SLAVE(drift)                                                                     \
	"    slaves:\n"                                                                  \
	"      - {name: a, netns: ns0, mtu: 1400, drift: " drift                         \
	", addresses: [10.0.0.2/24, 10.1.0.2/24]}\n"
#define OTHER "      - {name: b, netns: ns1, addresses: [10.0.0.3/24]}\n"

#define LEFT "left as it is (drift: report); `ipvl-ctl repair ns0/a` puts it back"

static const struct txn_origin client = {.uid = 0, .pid = 1};

static int setup(void **state)
{
	*state = world_new();
	return 0;
}

static int teardown(void **state)
{
	const struct world *w = *state;

	assert_null(sim_violation(w->sim));
	world_free(*state);
	return 0;
}

static void start(struct world *w, const char *yaml)
{
	world_apply(w, yaml);
	world_start(w);
	world_wait_state(w, NULL, "eth0", "ready");
	world_wait_state(w, "ns0", "a", "ready");
	world_settle(w);
	assert_int_equal(world_n_drifts(w), 0);
}

static void restart(struct world *w)
{
	world_stop(w);
	world_start(w);
}

static const char *state_of(const struct world *w)
{
	return world_slave_text(w, "ns0", "a", "state");
}

static const char *message_of(const struct world *w)
{
	return world_slave_text(w, "ns0", "a", "message");
}

static struct row *slave_row(const struct world *w)
{
	return rows_find_slave(&w->columns, NULL, "ns0", "a");
}

/* `ipvl-ctl repair`. */
static void repair(struct world *w, struct row *r, const struct column_schema *repairs)
{
	struct txn *t = txn_new(w->db, &client);

	txn_set_integer(t, r, repairs, datum_integer(row_get(r, repairs), 0) + 1);
	world_check(db_commit(t));
	txn_free(t);
}

static void repair_slave(struct world *w)
{
	repair(w, slave_row(w), w->columns.slave.repairs);
	world_wait_state(w, "ns0", "a", "ready");
	world_settle(w);
}

/* The records are of an earlier boot. */
static void reboot(struct world *w)
{
	static const struct txn_origin daemon_itself = {.internal = true};
	struct txn *t = txn_new(w->db, &daemon_itself);

	TABLE_FOR_EACH (r, w->columns.settled.table)
		txn_set_string(t, r, w->columns.settled.boot_id, "another boot");
	world_check(db_commit(t));
	txn_free(t);
}

/* Nothing is written, whatever makes the row be looked at again. */
static void stays_drifted(struct world *w, const char *message)
{
	uint64_t writes = sim_writes(w->sim);

	assert_string_equal(state_of(w), "drifted");
	assert_string_equal(message_of(w), message);
	restart(w);
	world_wait_state(w, "ns0", "a", "drifted");
	world_settle(w);
	assert_string_equal(message_of(w), message);
	assert_int_equal(sim_writes(w->sim), writes);
}

static void a_difference_is_reported(void **state)
{
	struct world *w = *state;

	start(w, ETH0 SLAVE("report") OTHER);
	world_check(sim_del_addr(w->sim, "ns0", "a", "10.1.0.2/24"));
	world_wait_state(w, "ns0", "a", "drifted");
	world_settle(w);
	assert_int_equal(world_n_drifts(w), 1);
	assert_string_equal(world_drift_text(w, "found"), "address 10.1.0.2/24 removed");
	assert_string_equal(world_drift_text(w, "done"), "left as it is");
	assert_string_equal(world_slave_text(w, "ns1", "b", "state"), "ready");
	stays_drifted(w, "address 10.1.0.2/24 removed: " LEFT);
	repair_slave(w);
	assert_string_equal(message_of(w), "");
	/* Once is enough. */
	world_check(sim_del_addr(w->sim, "ns0", "a", "10.1.0.2/24"));
	world_wait_state(w, "ns0", "a", "drifted");
}

static void who_puts_it_back_ends_it(void **state)
{
	struct world *w = *state;

	start(w, ETH0 SLAVE("report"));
	world_check(sim_set_link(w->sim, "ns0", "a", true, 1300));
	world_wait_state(w, "ns0", "a", "drifted");
	world_check(sim_set_link(w->sim, "ns0", "a", true, 1400));
	world_wait_state(w, "ns0", "a", "ready");
	world_settle(w);
	assert_int_equal(world_n_drifts(w), 1);
}

static void a_second_difference_is_reported_too(void **state)
{
	struct world *w = *state;

	start(w, ETH0 SLAVE("report"));
	world_check(sim_set_link(w->sim, "ns0", "a", true, 1300));
	world_wait_state(w, "ns0", "a", "drifted");
	world_check(sim_add_addr(w->sim, "ns0", "a", "10.2.0.2/24"));
	world_settle(w);
	assert_int_equal(world_n_drifts(w), 2);
	stays_drifted(w, "address 10.2.0.2/24 added, mtu 1400 -> 1300: " LEFT);
}

static void ignored_drift_is_not_recorded(void **state)
{
	struct world *w = *state;

	start(w, ETH0 SLAVE("ignore"));
	world_check(sim_set_link(w->sim, "ns0", "a", true, 1300));
	world_wait_state(w, "ns0", "a", "drifted");
	world_settle(w);
	assert_int_equal(world_n_drifts(w), 0);
	stays_drifted(w, "mtu 1400 -> 1300: left as it is (drift: ignore)");
	repair_slave(w);
}

static void an_edit_puts_all_of_it_right(void **state)
{
	struct world *w = *state;

	start(w, ETH0 SLAVE("report"));
	world_check(sim_del_addr(w->sim, "ns0", "a", "10.1.0.2/24"));
	world_check(sim_set_link(w->sim, "ns0", "a", true, 1300));
	world_wait_state(w, "ns0", "a", "drifted");
	world_apply(w, ETH0 SLAVE("repair"));
	world_wait_state(w, "ns0", "a", "ready");
	world_settle(w);
	assert_int_equal(table_count(w->columns.settled.table), 0);
	/* To report again is an edit too, whatever was recorded before. */
	world_stop(w);
	world_check(sim_set_link(w->sim, "ns0", "a", true, 1300));
	world_apply(w, ETH0 SLAVE("report"));
	world_start(w);
	world_wait_state(w, "ns0", "a", "ready");
	world_settle(w);
	assert_int_equal(world_slave_integer(w, "ns0", "a", "link_mtu"), 1400);
}

/* Also one that was made while no daemon ran. */
static void an_edit_without_a_daemon_counts(void **state)
{
	struct world *w = *state;

	start(w, ETH0 SLAVE("report"));
	world_stop(w);
	world_check(sim_set_link(w->sim, "ns0", "a", true, 1300));
	world_apply(w, ETH0 SLAVE("report") OTHER);
	world_start(w);
	world_wait_state(w, "ns1", "b", "ready");
	world_wait_state(w, "ns0", "a", "drifted");
	world_stop(w);
	world_apply(w, ETH0 "    slaves:\n"
			    "      - {name: a, netns: ns0, drift: report, mtu: 1450}\n");
	world_start(w);
	world_wait_state(w, "ns0", "a", "ready");
}

static void a_lost_device_is_made_after_a_reboot(void **state)
{
	struct world *w = *state;

	start(w, ETH0 SLAVE("report"));
	world_check(sim_del_link(w->sim, "ns0", "a"));
	world_wait_state(w, "ns0", "a", "drifted");
	world_settle(w);
	assert_string_equal(world_drift_text(w, "found"), "deleted");
	stays_drifted(w, "deleted: " LEFT);
	world_stop(w);
	reboot(w);
	world_start(w);
	world_wait_state(w, "ns0", "a", "ready");
}

static void a_lost_device_is_made_by_repair(void **state)
{
	struct world *w = *state;

	start(w, ETH0 SLAVE("report"));
	world_check(sim_del_link(w->sim, "ns0", "a"));
	world_wait_state(w, "ns0", "a", "drifted");
	repair_slave(w);
}

static void a_device_that_was_never_made_is_made(void **state)
{
	struct world *w = *state;

	world_check(sim_add_netns(w->sim, "ns0"));
	world_check(sim_add_link(w->sim, "ns0", "a", "veth", "", -1, 0));
	world_apply(w, ETH0 SLAVE("report"));
	world_start(w);
	world_wait_state(w, "ns0", "a", "conflict");
	world_check(sim_del_link(w->sim, "ns0", "a"));
	world_wait_state(w, "ns0", "a", "ready");
}

static void a_device_elsewhere_stays_there(void **state)
{
	struct world *w = *state;

	start(w, ETH0 SLAVE("report"));
	world_check(sim_set_link(w->sim, "ns0", "a", false, 0));
	world_check(sim_rename_link(w->sim, "ns0", "a", "x"));
	world_settle(w);
	stays_drifted(w, "renamed to x: " LEFT);
	repair_slave(w);
	assert_null(sim_violation(w->sim));
}

static void a_moved_device_stays_there(void **state)
{
	struct world *w = *state;
	struct err *e;

	world_check(sim_add_netns(w->sim, "ns7"));
	start(w, ETH0 SLAVE("report"));
	world_check(sim_move_link(w->sim, "ns0", "a", "ns7"));
	world_wait_state(w, "ns0", "a", "drifted");
	world_settle(w);
	assert_string_equal(message_of(w), "moved to namespace ns7: " LEFT);
	/* It was not removed. */
	world_check(sim_set_link(w->sim, "ns7", "a", true, 0));
	restart(w);
	world_wait_state(w, "ns0", "a", "drifted");
	world_settle(w);
	world_check(sim_set_link(w->sim, "ns7", "a", true, 0));
	/* Now it is a leftover. */
	repair_slave(w);
	e = sim_set_link(w->sim, "ns7", "a", true, 0);
	assert_non_null(e);
	err_free(e);
}

static void a_master_that_came_back_has_its_slaves(void **state)
{
	struct world *w = *state;

	start(w, ETH0 SLAVE("report"));
	world_check(sim_del_link(w->sim, "", "eth0"));
	world_wait_state(w, "ns0", "a", "waiting");
	world_check(sim_add_master(w->sim, "", "eth0", "dummy"));
	world_wait_state(w, "ns0", "a", "ready");
	/* The same before anybody looks. */
	world_settle(w);
	world_check(sim_del_link(w->sim, "", "eth0"));
	world_check(sim_add_master(w->sim, "", "eth0", "dummy"));
	world_settle(w);
	assert_string_equal(state_of(w), "ready");
}

static void a_namespace_that_came_back_has_its_slaves(void **state)
{
	struct world *w = *state;

	start(w, ETH0 SLAVE("report"));
	world_check(sim_del_netns(w->sim, "ns0"));
	world_wait_state(w, "ns0", "a", "drifted");
	world_settle(w);
	stays_drifted(w, "namespace ns0 removed: " LEFT);
	world_check(sim_add_netns(w->sim, "ns0"));
	world_wait_state(w, "ns0", "a", "ready");
}

/* `undo` brings the row back with its UUID, and not its device. */
static void an_undone_removal_makes_the_device(void **state)
{
	struct world *w = *state;
	const struct ipvl_columns *c = &w->columns;
	struct row *r, *eth0;
	struct model_slave s;
	struct arena *a = arena_new();
	struct datum slaves, one;
	struct uuid uuid;
	struct txn *t;

	start(w, ETH0 SLAVE("report") OTHER);
	uuid = *row_uuid(slave_row(w));
	world_check(rows_read_slave(c, NULL, slave_row(w), a, &s));
	world_apply(w, ETH0 "    slaves:\n" OTHER);
	world_settle(w);
	assert_int_equal(table_count(c->settled.table), 0);
	t = txn_new(w->db, &client);
	eth0 = rows_find_master(c, t, "", "eth0");
	world_check(txn_insert(t, c->slave.table, &uuid, &r));
	rows_write_slave(c, t, r, &s);
	datum_init_empty(&one);
	datum_append(&one, (union atom){.uuid = uuid}, NULL);
	datum_copy(&slaves, txn_get(t, eth0, c->master.slaves), &c->master.slaves->type);
	datum_union(&slaves, &one, &c->master.slaves->type);
	datum_clear(&one, &c->master.slaves->type);
	txn_set(t, eth0, c->master.slaves, &slaves);
	world_check(db_commit(t));
	txn_free(t);
	arena_free(a);
	world_wait_state(w, "ns0", "a", "ready");
}

static void a_slave_of_another_master_is_made_there(void **state)
{
	struct world *w = *state;

	start(w, ETH0 SLAVE("report"));
	world_apply(w, "version: 1\n"
		       "masters:\n"
		       "  - name: eth1\n" SLAVE("report"));
	world_settle(w);
	assert_string_equal(state_of(w), "ready");
	assert_int_equal(world_n_drifts(w), 0);
}

static void a_row_under_another_name_is_made_anew(void **state)
{
	struct world *w = *state;
	struct txn *t;
	struct err *e;

	start(w, ETH0 SLAVE("report"));
	t = txn_new(w->db, &client);
	txn_set_string(t, slave_row(w), w->columns.slave.name, "b");
	world_check(db_commit(t));
	txn_free(t);
	world_wait_state(w, "ns0", "b", "ready");
	world_settle(w);
	world_check(sim_set_link(w->sim, "ns0", "b", true, 1300));
	world_wait_state(w, "ns0", "b", "drifted");
	e = sim_del_link(w->sim, "ns0", "a");
	assert_non_null(e);
	err_free(e);
}

#define ROUTED                                                                           \
	ETH0 "    slaves:\n"                                                             \
	     "      - {name: a, netns: ns0, drift: report, addresses: [10.0.0.2/24],\n"  \
	     "         routes: [{to: default, via: 10.0.0.1}],\n"                        \
	     "         sysctl: {ipv4.arp_announce: 2}}\n"

static void routes_and_sysctls_are_left(void **state)
{
	static const struct model_route route = {
		.to = {.addr = {.family = AF_INET}},
		.via = {.family = AF_INET, .bytes = {10, 0, 0, 1}},
		.table = MODEL_ROUTE_TABLE_MAIN};
	struct world *w = *state;

	start(w, ROUTED);
	world_check(sim_del_route(w->sim, "ns0", "a", &route));
	world_wait_state(w, "ns0", "a", "drifted");
	/* Without an event: found by what looks at the slave next. */
	world_check(sim_set_sysctl(w->sim, "ns0", "a", "ipv4.arp_announce", "0"));
	restart(w);
	world_wait_state(w, "ns0", "a", "drifted");
	world_settle(w);
	stays_drifted(w, "sysctl ipv4.arp_announce changed, route default via 10.0.0.1 "
			 "removed: " LEFT);
}

/* Masters. */

#define MASTER ETH0 "    drift: report\n"

static const char *master_message(const struct world *w)
{
	return world_master_text(w, "eth0", "message");
}

static void the_mode_of_a_master_is_left(void **state)
{
	struct world *w = *state;
	static const char left[] =
		"mode l2 -> l3: left as it is (drift: report); `ipvl-ctl repair eth0` "
		"puts it back";

	start(w, MASTER SLAVE("repair"));
	world_check(sim_add_link(w->sim, "", "tmp0", "ipvlan", "eth0", -1, 0));
	world_wait_state(w, NULL, "eth0", "drifted");
	world_settle(w);
	assert_string_equal(master_message(w), left);
	assert_int_equal(world_n_drifts(w), 1);
	assert_string_equal(state_of(w), "ready");
	assert_int_equal(row_get(slave_row(w), w->columns.slave.warnings)->n, 1);
	/* A new slave does not change the mode, and a slave's own drift is repaired. */
	world_apply(w, MASTER SLAVE("repair") OTHER);
	world_wait_state(w, "ns1", "b", "ready");
	world_check(sim_set_link(w->sim, "ns0", "a", true, 1300));
	world_settle(w);
	assert_string_equal(world_master_text(w, "eth0", "state"), "drifted");
	assert_string_equal(world_drift_text(w, "done"), "back");
	repair(w, rows_find_master(&w->columns, NULL, "", "eth0"),
	       w->columns.master.repairs);
	world_wait_state(w, NULL, "eth0", "ready");
	world_settle(w);
	assert_int_equal(row_get(slave_row(w), w->columns.slave.warnings)->n, 0);
}

/* A change of the master's MTU overwrites the slaves' (kernel.md 6): ipvl's own doing. */
static void what_ipvl_takes_along_is_put_back(void **state)
{
	struct world *w = *state;

	start(w, ETH0 SLAVE("report"));
	world_apply(w, ETH0 "    mtu: 1480\n" SLAVE("report"));
	world_settle(w);
	assert_string_equal(state_of(w), "ready");
	assert_int_equal(world_slave_integer(w, "ns0", "a", "link_mtu"), 1400);
	assert_int_equal(world_n_drifts(w), 0);
}

/* The kernel refuses what a device that is left still has. */
static void a_left_address_is_in_use(void **state)
{
	struct world *w = *state;

	start(w, ETH0 SLAVE("report"));
	world_check(sim_add_addr(w->sim, "ns0", "a", "10.0.0.3/24"));
	world_wait_state(w, "ns0", "a", "drifted");
	world_apply(w, ETH0 SLAVE("report") OTHER);
	world_wait_state(w, "ns1", "b", "error");
	assert_non_null(strstr(world_slave_text(w, "ns1", "b", "message"),
			       "Address already assigned"));
	repair_slave(w);
	world_wait_state(w, "ns1", "b", "ready");
}

#define VLAN                                                                             \
	"version: 1\n"                                                                   \
	"masters:\n"                                                                     \
	"  - {name: eth0, mode: l2}\n"                                                   \
	"  - name: v7\n"                                                                 \
	"    mode: l2\n"                                                                 \
	"    drift: report\n"                                                            \
	"    vlan: {link: eth0, id: 7}\n" SLAVE("repair")

static void a_lost_vlan_is_left(void **state)
{
	struct world *w = *state;
	uint64_t writes;

	start(w, VLAN);
	writes = sim_writes(w->sim);
	world_check(sim_del_link(w->sim, "", "v7"));
	world_wait_state(w, NULL, "v7", "drifted");
	world_wait_state(w, "ns0", "a", "waiting");
	world_settle(w);
	assert_string_equal(message_of(w),
			    "v7 is not as declared, and is left so (drift: report): "
			    "`ipvl-ctl repair v7` changes that");
	assert_int_equal(sim_writes(w->sim), writes);
	repair(w, rows_find_master(&w->columns, NULL, "", "v7"),
	       w->columns.master.repairs);
	world_wait_state(w, NULL, "v7", "ready");
	world_wait_state(w, "ns0", "a", "ready");
}

/* A VLAN that is made again has its slaves, as any master that came back. */
static void a_vlan_that_is_repaired_has_its_slaves(void **state)
{
	struct world *w = *state;

	start(w, "version: 1\n"
		 "masters:\n"
		 "  - {name: eth0, mode: l2}\n"
		 "  - name: v7\n"
		 "    mode: l2\n"
		 "    vlan: {link: eth0, id: 7}\n" SLAVE("report"));
	world_check(sim_del_link(w->sim, "", "v7"));
	world_settle(w);
	assert_string_equal(world_master_text(w, "v7", "state"), "ready");
	assert_string_equal(state_of(w), "ready");
	/* And it is settled on the new one. */
	world_check(sim_del_link(w->sim, "ns0", "a"));
	world_wait_state(w, "ns0", "a", "drifted");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		T(a_difference_is_reported),
		T(who_puts_it_back_ends_it),
		T(a_second_difference_is_reported_too),
		T(ignored_drift_is_not_recorded),
		T(an_edit_puts_all_of_it_right),
		T(an_edit_without_a_daemon_counts),
		T(a_lost_device_is_made_after_a_reboot),
		T(a_lost_device_is_made_by_repair),
		T(a_device_that_was_never_made_is_made),
		T(a_device_elsewhere_stays_there),
		T(a_moved_device_stays_there),
		T(a_master_that_came_back_has_its_slaves),
		T(a_namespace_that_came_back_has_its_slaves),
		T(an_undone_removal_makes_the_device),
		T(a_slave_of_another_master_is_made_there),
		T(a_row_under_another_name_is_made_anew),
		T(routes_and_sysctls_are_left),
		T(a_vlan_that_is_repaired_has_its_slaves),
		T(the_mode_of_a_master_is_left),
		T(what_ipvl_takes_along_is_put_back),
		T(a_left_address_is_in_use),
		T(a_lost_vlan_is_left),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("drift policy", tests, NULL, NULL);
}
