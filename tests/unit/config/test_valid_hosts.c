/* What a rule counts as one place: a host, a namespace, a VLAN. */
#include "world.h"

#include "config/valid/valid_txn.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* A master that moves to another host takes its slaves with it. */
static void test_move_to_another_host(void **state)
{
	struct world w;

	(void)state;
	world_init_base(&w);
	for (int i = 0; i < 2; i++) {
		struct txn *t = world_begin(&w, false);
		struct row *first = rows_find_host(&w.c, t, NULL);
		struct row *stays = world_master(&w, t, "eth0");
		struct row *moves = world_master(&w, t, "eth1");
		struct row *slave = world_slave(&w, t, "ns1/c");

		world_set(&w, t, first, "masters=");
		world_add_to_set(t, first, w.c.host.masters, stays);
		world_add_to_set(t, rows_ensure_host(&w.c, t, "second"), w.c.host.masters,
				 moves);
		world_set(&w, t, moves, "host=second");
		if (i)
			world_set(&w, t, slave, "host=second");
		world_expect_refused(
			t, i ? NULL
			     : "Slave ns1/c, column host: host is \"\", and its Master's "
			       "is \"second\"; set host to \"second\"");
	}
	world_clear(&w);
}

/* By the only Host all rows are found. */
static void test_second_host(void **state)
{
	struct world w;
	struct txn *t;

	(void)state;
	world_init_base(&w);
	db_set_validator(w.db, valid_transaction_of_one, &w.c);
	t = world_begin(&w, false);
	rows_ensure_host(&w.c, t, "second");
	world_expect_refused(t, "there is a row of Host already, and ipvld manages one "
				"host; write to that row");
	/* One in place of the other is no second one. */
	t = world_begin(&w, false);
	txn_delete(t, rows_find_host(&w.c, t, NULL));
	rows_ensure_host(&w.c, t, "second");
	world_expect_refused(t, NULL);
	world_clear(&w);
}

static void test_vlans(void **state)
{
	struct world w;
	struct txn *t;

	(void)state;
	world_init_base(&w);
	t = world_begin(&w, false);
	world_add_master(&w, t, "eth0.5", "vlan_link=eth0 vlan_id=5");
	world_expect_refused(t, NULL);
	t = world_begin(&w, false);
	world_add_master(&w, t, "other", "vlan_link=eth0 vlan_id=6");
	world_expect_refused(t, NULL);
	t = world_begin(&w, false);
	world_set(&w, t, world_master(&w, t, "other"), "vlan_id=4095");
	world_expect_refused(t, "VLAN id 4095 is outside 1 to 4094");
	t = world_begin(&w, false);
	world_set(&w, t, world_master(&w, t, "other"), "vlan_id=4094");
	world_expect_refused(t, NULL);
	t = world_begin(&w, false);
	world_set(&w, t, world_master(&w, t, "other"), "vlan_id=5");
	world_expect_refused(
		t, "eth0.5 and other are both VLAN 5 of eth0, and the kernel makes each "
		   "VLAN once");
	t = world_begin(&w, false);
	world_set(&w, t, world_master(&w, t, "other"), "vlan_id=5 vlan_link=eth1");
	world_expect_refused(t, NULL);
	/* Others stand between the two in the order of VLANs. */
	t = world_begin(&w, false);
	world_add_master(&w, t, "more", "vlan_link=eth0 vlan_id=4");
	world_add_master(&w, t, "most", "vlan_link=eth0 vlan_id=7");
	world_expect_refused(t, NULL);
	t = world_begin(&w, false);
	world_set(&w, t, world_master(&w, t, "most"), "vlan_id=4");
	world_expect_refused(t, "more and most are both VLAN 4 of eth0");
	world_clear(&w);
}

/* Slaves of a master that lives in a namespace: "" and that namespace's name are one
 * place. */
static void test_master_in_namespace(void **state)
{
	struct world w;
	struct txn *t;
	struct row *m;

	(void)state;
	world_init_base(&w);
	t = world_begin(&w, false);
	m = world_add_master(&w, t, "eth9", "netns=lab");
	world_add_slave(&w, t, m, "d", "");
	world_expect_refused(t, NULL);
	t = world_begin(&w, false);
	m = world_master(&w, t, "eth0");
	world_add_slave(&w, t, m, "lab/d", "");
	world_expect_refused(
		t, "two slaves are called d in lab, under the masters eth9 and eth0");
	t = world_begin(&w, false);
	world_add_slave(&w, t, world_master(&w, t, "eth0"), "lab/eth9", "");
	world_expect_refused(t, "lab/eth9 is a slave of eth0 and a master: an ipvlan "
				"cannot carry ipvlans");
	/* It moves, and its slaves without a namespace with it. */
	t = world_begin(&w, false);
	m = world_master(&w, t, "eth0");
	world_add_slave(&w, t, m, "room/x", "");
	world_add_slave(&w, t, m, "x", "");
	world_expect_refused(t, NULL);
	t = world_begin(&w, false);
	world_set(&w, t, world_master(&w, t, "eth0"), "netns=room");
	world_expect_refused(t, "x is listed twice under room/eth0");
	world_clear(&w);
}

/* Two hosts in one database have nothing to do with each other. */
static void test_two_hosts(void **state)
{
	struct world w;
	struct txn *t;

	(void)state;
	world_init(&w);
	t = world_begin(&w, false);
	for (int i = 0; i < 2; i++) {
		struct row *host = rows_ensure_host(&w.c, t, i ? "h1" : "h0");
		struct model_master m = {
			.netns = "", .name = "eth0", .vlan_link = "up", .vlan_id = 5};
		struct row *master = rows_add_master(&w.c, t, host, &m);

		world_add_slave(&w, t, master, "ns1/a",
				"addresses=10.0.0.2/24 routes=default");
		world_add_slave(&w, t, master, "b", "");
	}
	world_expect_refused(t, NULL);
	world_clear(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_move_to_another_host),
		cmocka_unit_test(test_second_host),
		cmocka_unit_test(test_vlans),
		cmocka_unit_test(test_master_in_namespace),
		cmocka_unit_test(test_two_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
