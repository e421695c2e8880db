/* The column `transfer`: when ipvld empties it, and when it deletes the row. */
#include "world.h"

#include "ovsdb-lite/rows/txn.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROW                                                                              \
	"version: 1\n"                                                                   \
	"masters:\n"                                                                     \
	"  - name: eth0\n"                                                               \
	"    mode: l2\n"                                                                 \
	"    sysctl: {ipv4.forwarding: 1}\n"                                             \
	"    slaves: [{name: a, netns: ns0, addresses: [10.0.0.2/24]}]\n"

#define ERROR_RETRY_MS 3000

static void add_foreign(struct world *w, const char *kind)
{
	bool is_ipvlan = !strcmp(kind, "ipvlan");

	world_check(sim_add_netns(w->sim, "ns0"));
	world_check(sim_add_link(w->sim, "ns0", "a", kind, is_ipvlan ? "eth0" : "",
				 is_ipvlan ? MODEL_MODE_L2 : -1, MODEL_FLAG_BRIDGE));
	world_check(sim_set_link(w->sim, "ns0", "a", true, 0));
	world_check(sim_add_addr(w->sim, "ns0", "a", "10.0.0.2/24"));
}

/* As any client may: without the conditions of `ipvl-ctl adopt`. 'netns' NULL: of the master. */
static void ask(struct world *w, const char *netns, const char *name,
		const char *transfer)
{
	static const struct txn_origin client = {.uid = 0, .pid = 1};
	const struct ipvl_columns *c = &w->columns;
	struct txn *t = txn_new(w->db, &client);

	rows_set_transfer(c, t,
			  netns ? rows_find_slave(c, t, netns, name)
				: rows_find_master(c, t, "", name),
			  transfer);
	rows_bump_next_cfg(c, t, rows_ensure_host(c, t, NULL));
	world_check(db_commit(t));
	txn_free(t);
}

static bool dump_has(struct world *w, const char *device, const char *word)
{
	char *text = sim_dump(w->sim);
	const char *line = strstr(text, device);
	const char *end = line ? strchr(line, '\n') : NULL;
	const char *found = line ? strstr(line, word) : NULL;
	bool has = found && found < end;

	free(text);
	return has;
}

static bool is_there(struct world *w)
{
	return dump_has(w, "  a ipvlan", "ipvlan on ");
}

static bool is_ours(struct world *w)
{
	return dump_has(w, "  a ipvlan", " ours");
}

static void begin(struct world *w, const char *kind)
{
	add_foreign(w, kind);
	world_apply(w, ROW);
	world_start(w);
	world_wait_state(w, "ns0", "a", "conflict");
}

static void adopt(struct world *w)
{
	begin(w, "ipvlan");
	ask(w, "ns0", "a", ROWS_ADOPT);
	world_wait_state(w, "ns0", "a", "ready");
	world_settle(w);
}

static void it_is_empty_once_the_device_is_taken_over(void **state)
{
	struct world *w = *state;

	adopt(w);
	assert_true(is_ours(w));
	assert_string_equal(world_slave_text(w, "ns0", "a", "transfer"), "");
	assert_int_equal(world_n_drifts(w), 0);
}

/* The permission ends with its occasion. */
static void it_is_empty_once_the_device_cannot_be_taken_over(void **state)
{
	struct world *w = *state;

	begin(w, "dummy");
	ask(w, "ns0", "a", ROWS_ADOPT);
	world_settle(w);
	assert_string_equal(world_slave_text(w, "ns0", "a", "transfer"), "");
	world_check(sim_del_link(w->sim, "ns0", "a"));
	world_check(sim_add_link(w->sim, "ns0", "a", "ipvlan", "eth0", MODEL_MODE_L2,
				 MODEL_FLAG_BRIDGE));
	world_settle(w);
	assert_false(is_ours(w));
}

static void it_is_empty_where_there_is_nothing_to_take_over(void **state)
{
	struct world *w = *state;

	world_apply(w, ROW);
	world_start(w);
	world_wait_state(w, "ns0", "a", "ready");
	ask(w, "ns0", "a", ROWS_ADOPT);
	world_settle(w);
	assert_string_equal(world_slave_text(w, "ns0", "a", "transfer"), "");
	assert_true(is_ours(w));
}

static void it_stays_while_a_step_fails(void **state)
{
	struct world *w = *state;

	begin(w, "ipvlan");
	world_settle(w);
	sim_fail_step(w->sim, 0, EBUSY);
	ask(w, "ns0", "a", ROWS_ADOPT);
	world_wait_state(w, "ns0", "a", "error");
	assert_string_equal(world_slave_text(w, "ns0", "a", "transfer"), ROWS_ADOPT);
	assert_false(is_ours(w));
	world_wait_state(w, "ns0", "a", "ready");
	assert_string_equal(world_slave_text(w, "ns0", "a", "transfer"), "");
	assert_true(is_ours(w));
}

/* It was asked for while no daemon ran, or the daemon died before its pass. */
static void the_next_daemon_does_it(void **state)
{
	struct world *w = *state;

	add_foreign(w, "ipvlan");
	world_apply(w, ROW);
	ask(w, "ns0", "a", ROWS_ADOPT);
	world_start(w);
	world_wait_state(w, "ns0", "a", "ready");
	assert_true(is_ours(w));
	world_stop(w);
	ask(w, "ns0", "a", ROWS_RELEASE);
	world_start(w);
	world_settle(w);
	assert_null(rows_find_slave(&w->columns, NULL, "ns0", "a"));
	assert_true(is_there(w) && !is_ours(w));
}

static void a_released_row_goes_and_its_device_stays(void **state)
{
	struct world *w = *state;

	adopt(w);
	ask(w, "ns0", "a", ROWS_RELEASE);
	world_settle(w);
	assert_null(rows_find_slave(&w->columns, NULL, "ns0", "a"));
	assert_non_null(rows_find_master(&w->columns, NULL, "", "eth0"));
	assert_true(is_there(w) && !is_ours(w));
	assert_int_equal(world_n_drifts(w), 0);
}

/* Otherwise a device with our mark and without a row would be deleted. */
static void a_row_stays_while_its_release_fails(void **state)
{
	struct world *w = *state;

	adopt(w);
	sim_fail_step(w->sim, 0, EBUSY);
	ask(w, "ns0", "a", ROWS_RELEASE);
	world_wait_state(w, "ns0", "a", "error");
	assert_true(is_ours(w));
	world_run_for(w, ERROR_RETRY_MS);
	world_settle(w);
	assert_null(rows_find_slave(&w->columns, NULL, "ns0", "a"));
	assert_true(is_there(w) && !is_ours(w));
}

/* Sysctls of the master stay as ipvl set them, and are not put back by the next daemon either. */
static void a_released_master_keeps_its_settings(void **state)
{
	struct world *w = *state;

	adopt(w);
	assert_true(dump_has(w, "  eth0 ", " forwards"));
	assert_int_equal(table_count(w->columns.saved.table), 1);
	ask(w, NULL, "eth0", ROWS_RELEASE);
	world_settle(w);
	assert_int_equal(table_count(w->columns.master.table), 0);
	assert_int_equal(table_count(w->columns.slave.table), 0);
	assert_int_equal(table_count(w->columns.saved.table), 0);
	world_stop(w);
	world_start(w);
	world_settle(w);
	assert_true(dump_has(w, "  eth0 ", " forwards"));
	assert_true(is_there(w) && !is_ours(w));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(it_is_empty_once_the_device_is_taken_over),
		WORLD_TEST(it_is_empty_once_the_device_cannot_be_taken_over),
		WORLD_TEST(it_is_empty_where_there_is_nothing_to_take_over),
		WORLD_TEST(it_stays_while_a_step_fails),
		WORLD_TEST(the_next_daemon_does_it),
		WORLD_TEST(a_released_row_goes_and_its_device_stays),
		WORLD_TEST(a_row_stays_while_its_release_fails),
		WORLD_TEST(a_released_master_keeps_its_settings),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("transfer", tests, NULL, NULL);
}
