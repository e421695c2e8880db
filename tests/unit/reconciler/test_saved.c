/* Sysctls of a master are put back, whoever takes them out of its row and when. */
#include "world.h"

#include "reconciler/wanted/saved.h"
#include "ovsdb-lite/rows/txn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MASTER                                                                           \
	"version: 1\n"                                                                   \
	"masters:\n"                                                                     \
	"  - name: eth0\n"                                                               \
	"    mode: l2\n"
#define FORWARDS "    sysctl: {ipv4.forwarding: 1}\n"
#define SLAVE    "    slaves: [{name: a, netns: ns0, addresses: [10.0.0.2/24]}]\n"
#define NOTHING  "version: 1\n"

static bool forwards(struct world *w)
{
	char *text = sim_dump(w->sim);
	const char *line = strstr(text, "  eth0 "), *end = strchr(line, '\n');
	const char *word = strstr(line, " forwards");
	bool is_on = word && word < end;

	free(text);
	return is_on;
}

static struct err *refuse(void *aux, const struct txn *t)
{
	(void)aux;
	(void)t;
	return err_new(ERR_IO, "no room");
}

/* Without a record nothing is written. */
static void a_database_that_takes_nothing(void **state)
{
	const struct model_master m = {.netns = "", .name = "eth0"};
	const struct plan_record record = {
		.master = &m, .saved = {.key = "ipv4.forwarding", .value = "0"}};
	struct world *w = *state;
	struct saved *s;
	struct err *e = saved_new(&w->columns, w->db, &s);

	assert_null(e);
	db_set_validator(w->db, refuse, NULL);
	e = saved_reserve(s, &record, 1);
	assert_non_null(e);
	err_free(e);
	saved_free(s);
}

static size_t n_saved(const struct world *w)
{
	return table_count(w->columns.saved.table);
}

static void start(struct world *w)
{
	world_apply(w, MASTER FORWARDS SLAVE);
	world_start(w);
	world_wait_state(w, "ns0", "a", "ready");
	world_wait_state(w, NULL, "eth0", "ready");
	world_settle(w);
	assert_true(forwards(w));
	assert_int_equal(n_saved(w), 1);
}

/* It is in the database before it is written: the daemon may end in between. */
static void a_value_is_put_back(void **state)
{
	struct world *w = *state;

	start(w);
	world_apply(w, MASTER SLAVE);
	world_settle(w);
	assert_false(forwards(w));
	assert_int_equal(n_saved(w), 0);
	assert_int_equal(world_n_drifts(w), 0);
}

static void a_value_goes_with_its_row(void **state)
{
	struct world *w = *state;

	start(w);
	world_apply(w, NOTHING);
	world_settle(w);
	assert_false(forwards(w));
	assert_int_equal(n_saved(w), 0);
}

static void the_next_daemon_puts_back(struct world *w, const char *yaml)
{
	start(w);
	world_stop(w);
	world_apply(w, yaml);
	assert_true(forwards(w));
	world_start(w);
	world_settle(w);
	assert_false(forwards(w));
	assert_int_equal(n_saved(w), 0);
	assert_int_equal(world_n_drifts(w), 0);
}

static void a_value_is_put_back_by_the_next_daemon(void **state)
{
	the_next_daemon_puts_back(*state, MASTER SLAVE);
}

static void a_row_that_went_without_a_daemon_counts(void **state)
{
	the_next_daemon_puts_back(*state, NOTHING);
}

/* What was there is what was there first. */
static void drift_is_no_former_value(void **state)
{
	struct world *w = *state;

	world_check(sim_set_sysctl(w->sim, "", "eth0", "ipv4.arp_ignore", "2"));
	world_apply(w, MASTER "    sysctl: {ipv4.arp_ignore: 1}\n" SLAVE);
	world_start(w);
	world_wait_state(w, NULL, "eth0", "ready");
	world_settle(w);
	world_check(sim_set_sysctl(w->sim, "", "eth0", "ipv4.arp_ignore", "8"));
	world_stop(w);
	world_start(w);
	world_settle(w);
	assert_int_equal(world_n_drifts(w), 1);
	assert_string_equal(world_drift_text(w, "found"),
			    "sysctl ipv4.arp_ignore changed");
	TABLE_FOR_EACH (r, w->columns.saved.table)
		assert_string_equal(datum_text(row_get(r, w->columns.saved.before)), "2");
	assert_int_equal(n_saved(w), 1);
}

/* What was recorded of another boot, or of another device, means nothing. */
static void a_record_of_another_boot_is_forgotten(void **state)
{
	static const struct txn_origin daemon_itself = {.internal = true};
	struct world *w = *state;
	struct txn *t;

	start(w);
	world_stop(w);
	t = txn_new(w->db, &daemon_itself);
	TABLE_FOR_EACH (r, w->columns.saved.table)
		txn_set_string(t, r, w->columns.saved.boot_id, "another boot");
	world_check(db_commit(t));
	txn_free(t);
	world_apply(w, MASTER SLAVE);
	world_start(w);
	world_settle(w);
	assert_true(forwards(w));
	assert_int_equal(n_saved(w), 0);
}

/* Another program has set it since. */
static void a_third_value_is_left(void **state)
{
	struct world *w = *state;

	start(w);
	world_check(sim_set_sysctl(w->sim, "", "eth0", "ipv4.forwarding", "2"));
	world_apply(w, MASTER SLAVE);
	world_settle(w);
	assert_true(forwards(w));
	assert_int_equal(n_saved(w), 0);
}

static void another_device_keeps_its_value(void **state)
{
	struct world *w = *state;

	start(w);
	world_stop(w);
	world_check(sim_del_link(w->sim, "", "eth0"));
	world_check(sim_add_master(w->sim, "", "eth0", "dummy"));
	world_check(sim_set_sysctl(w->sim, "", "eth0", "ipv4.forwarding", "1"));
	world_apply(w, MASTER SLAVE);
	world_start(w);
	world_settle(w);
	assert_true(forwards(w));
	assert_int_equal(n_saved(w), 0);
}

static void a_write_by_a_client_is_refused(void **state)
{
	static const struct txn_origin client = {.uid = 0, .pid = 1};
	struct world *w = *state;
	struct txn *t;
	struct err *e;

	start(w);
	t = txn_new(w->db, &client);
	txn_delete(t, txn_first(t, w->columns.saved.table));
	e = db_commit(t);
	assert_non_null(e);
	assert_string_equal(e->message, "Saved is written by ipvld only");
	err_free(e);
	txn_free(t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(a_database_that_takes_nothing),
		WORLD_TEST(a_value_is_put_back),
		WORLD_TEST(a_value_goes_with_its_row),
		WORLD_TEST(a_value_is_put_back_by_the_next_daemon),
		WORLD_TEST(a_row_that_went_without_a_daemon_counts),
		WORLD_TEST(drift_is_no_former_value),
		WORLD_TEST(a_record_of_another_boot_is_forgotten),
		WORLD_TEST(a_third_value_is_left),
		WORLD_TEST(another_device_keeps_its_value),
		WORLD_TEST(a_write_by_a_client_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("saved", tests, NULL, NULL);
}
