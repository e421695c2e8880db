/* Namespaces that come, go and change behind a text, and rows that name one place. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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
			    "make it");
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

/* Declares the slave as ipvl-cni does. */
static void give_to_engine(struct world *w)
{
	static const char *const sources[] = {"cni:net"};
	struct txn *t = txn_new(w->db, &(const struct txn_origin){0});
	struct row *r = rows_find_slave(&w->columns, t, "ns1", "a");

	txn_set_strings(t, r, w->columns.slave.sources, sources, 1);
	world_check(db_commit(t));
	txn_free(t);
}

/* ipvl makes none for a container, neither before there is one nor after it has gone, nor for
 * another slave in it. */
static void a_namespace_of_a_container_is_its_engine_s(void **state)
{
	struct world *w = *state;

	world_apply(w, ONE_DEVICE_HEAD BY_NAME);
	give_to_engine(w);
	world_start(w);
	world_wait_state(w, "ns1", "a", "waiting");
	world_run_for(w, 2000);
	assert_string_equal(world_slave_text(w, "ns1", "a", "state"), "waiting");
	world_check(sim_add_netns(w->sim, "ns1"));
	world_wait_state(w, "ns1", "a", "ready");
	world_check(sim_del_netns(w->sim, "ns1"));
	world_wait_state(w, "ns1", "a", "waiting");
	world_run_for(w, 2000);
	assert_string_equal(world_slave_text(w, "ns1", "a", "state"), "waiting");
	world_apply(w, ONE_DEVICE_HEAD
		    "      - {name: b, netns: ns1, addresses: [10.0.0.9/24]}\n");
	world_wait_state(w, "ns1", "b", "waiting");
	world_run_for(w, 2000);
	assert_string_equal(world_slave_text(w, "ns1", "b", "state"), "waiting");
	world_check(sim_add_netns(w->sim, "ns1"));
	world_wait_state(w, "ns1", "a", "ready");
	world_wait_state(w, "ns1", "b", "ready");
}

/* What waits for an engine waits no more once the container's row has left. */
static void leave(struct world *w, bool is_removed)
{
	struct txn *t;
	struct row *r;

	world_apply(w, ONE_DEVICE_HEAD BY_NAME
		    "      - {name: b, netns: ns1, addresses: [10.0.0.9/24]}\n");
	give_to_engine(w);
	world_start(w);
	world_wait_state(w, "ns1", "b", "waiting");
	world_settle(w);
	t = txn_new(w->db, &(const struct txn_origin){0});
	r = rows_find_slave(&w->columns, t, "ns1", "a");
	if (is_removed)
		rows_remove_slave(&w->columns, t, r);
	else
		txn_set_string(t, r, w->columns.slave.netns, "ns2");
	world_check(db_commit(t));
	txn_free(t);
	world_wait_state(w, "ns1", "b", "ready");
}

static void a_container_that_goes_leaves_its_namespace_to_others(void **state)
{
	leave(*state, true);
}

static void a_container_that_moves_leaves_its_namespace_to_others(void **state)
{
	leave(*state, false);
}

/* Its row is another master's now, and waits; the device is nobody's where it was taken. */
static void a_slave_that_was_handed_over_is_taken_back(void **state)
{
	struct world *w = *state;
	char *dump;

	world_check(sim_add_netns(w->sim, "ns1"));
	world_apply(w,
		    ONE_DEVICE_HEAD "      - {name: a, netns: ns1, handed-over: true}\n");
	world_start(w);
	world_wait_state(w, "ns1", "a", "ready");
	world_check(sim_rename_link(w->sim, "ns1", "a", "taken"));
	world_settle(w);
	assert_string_equal(world_slave_text(w, "ns1", "a", "state"), "ready");
	world_apply(w, "version: 1\nmasters:\n"
		       "  - name: eth0\n"
		       "    mode: l2\n"
		       "  - name: eth9\n"
		       "    mode: l2\n"
		       "    slaves:\n" BY_NAME);
	world_settle(w);
	assert_string_equal(world_slave_text(w, "ns1", "a", "state"), "waiting");
	dump = sim_dump(w->sim);
	assert_null(strstr(dump, "taken"));
	free(dump);
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

/* A stranger may make it next: what could not be made must not be registered. */
static void a_namespace_that_could_not_be_made_is_not_ours(void **state)
{
	struct world *w = *state;

	world_apply(w, WORLD_TWO_SLAVES);
	sim_fail_step(w->sim, 0, EIO);
	world_start(w);
	world_wait_state(w, "ns0", "ipvl0", "error");
	assert_int_equal(table_count(w->columns.netns.table), 1);
	world_wait_state(w, "ns0", "ipvl0", "ready");
	assert_int_equal(table_count(w->columns.netns.table), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(a_place_is_judged_with_all_of_its_rows),
		WORLD_TEST(a_name_of_others_is_left_to_them_for_a_while),
		WORLD_TEST(a_namespace_of_a_container_is_its_engine_s),
		WORLD_TEST(a_slave_that_was_handed_over_is_taken_back),
		WORLD_TEST(a_container_that_goes_leaves_its_namespace_to_others),
		WORLD_TEST(a_container_that_moves_leaves_its_namespace_to_others),
		WORLD_TEST(a_young_file_is_left_alone),
		WORLD_TEST(a_text_that_changes_its_namespace),
		WORLD_TEST(a_namespace_that_could_not_be_made_is_not_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
