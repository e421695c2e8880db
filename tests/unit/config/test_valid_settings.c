/* The daemon's settings, its bookkeeping and its status columns, written by any client. */
#include "world.h"

#include "config/settings.h"
#include "config/trial.h"
#include "config/valid/valid_txn.h"
#include "lib/alloc.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* One key of the daemon's settings, or no key at all. */
static struct txn *begin_setting(struct world *w, const char *key, const char *value)
{
	struct txn *t = world_begin(w, false);
	struct datum d = {0};
	union atom k = {.string = xstrdup(key)}, v = {.string = xstrdup(value)};

	datum_append(&d, k, &v);
	txn_set(t, rows_ensure_host(&w->c, t, NULL), w->c.host.other_config, &d);
	return t;
}

static void test_settings(void **state)
{
	static const struct {
		const char *key, *value, *words;
	} settings[] = {
		{"port-watch", "0", NULL},
		{"port-watch", "86400", NULL},
		{"port-watch", "86401",
		 "port-watch=86401 is not a number of seconds; give 0"},
		{"port-watch", "soon", "port-watch=soon is not a number of seconds"},
		{"port-watch", "-1", "is not a number of seconds"},
		{"leftovers", "keep", NULL},
		{"leftovers", "drop",
		 "Host's other_config: invalid value: leftovers=drop; it is keep, or not "
		 "set"},
		{"announce", "on", NULL},
		{"announce", "off", NULL},
		{"announce", "no",
		 "Host's other_config: invalid value: announce=no; it is on or off"},
		{"portwatch", "2",
		 "Host's other_config: unknown key \"portwatch\"; did you mean "
		 "port-watch?"},
		{"somebody-elses", "thing",
		 "unknown key \"somebody-elses\"; the keys are port-watch, "
		 "leftovers and announce; those of other programs go into external_ids"},
	};
	struct world w;

	(void)state;
	world_init_base(&w);
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		world_expect_refused(
			begin_setting(&w, settings[i].key, settings[i].value),
			settings[i].words);
	world_clear(&w);
}

/* A server without our validator takes any text. */
static void test_wrong_setting(void **state)
{
	static const struct {
		const char *key, *value;
		int64_t port_watch_s;
		bool keeps_leftovers, is_silent;
	} settings[] = {
		{"port-watch", "0", 0, false, false},
		{"port-watch", "7", 7, false, false},
		{"port-watch", "soon", SETTING_PORT_WATCH_DEFAULT_S, false, false},
		{"port-watch", "86401", SETTING_PORT_WATCH_DEFAULT_S, false, false},
		{"leftovers", "keep", SETTING_PORT_WATCH_DEFAULT_S, true, false},
		{"leftovers", "kept", SETTING_PORT_WATCH_DEFAULT_S, false, false},
		{"announce", "off", SETTING_PORT_WATCH_DEFAULT_S, false, true},
		{"announce", "on", SETTING_PORT_WATCH_DEFAULT_S, false, false},
		{"announce", "no", SETTING_PORT_WATCH_DEFAULT_S, false, false},
	};
	struct world w;

	(void)state;
	world_init_base(&w);
	db_set_validator(w.db, NULL, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const struct datum *d;

		world_commit(begin_setting(&w, settings[i].key, settings[i].value));
		d = row_get(rows_find_host(&w.c, NULL, NULL), w.c.host.other_config);
		assert_int_equal(settings_port_watch_s(d), settings[i].port_watch_s);
		assert_int_equal(settings_keep_leftovers(d), settings[i].keeps_leftovers);
		assert_int_equal(settings_announce(d), !settings[i].is_silent);
	}
	world_clear(&w);
}

/* A key that an earlier version accepted does not block the rest of the row. */
static void test_old_setting(void **state)
{
	struct world w;
	struct txn *t;

	(void)state;
	world_init_base(&w);
	db_set_validator(w.db, NULL, NULL);
	t = begin_setting(&w, "portwatch", "2");
	world_commit(t);
	db_set_validator(w.db, valid_transaction, &w.c);
	t = world_begin(&w, false);
	rows_bump_next_cfg(&w.c, t, rows_ensure_host(&w.c, t, NULL));
	world_expect_refused(t, NULL);
	world_expect_refused(begin_setting(&w, "portwatch", "3"),
			     "unknown key \"portwatch\"");
	world_expect_refused(begin_setting(&w, "port-watch", "3"), NULL);
	world_clear(&w);
}

/* To take an adoption back would remove the row, and the device with it. */
static void test_transfer_on_trial(void **state)
{
	static const char *const words[] = {
		NULL,
		"adopt and release cannot be on trial: no device goes back to another "
		"program by itself"};
	static const char *const asked[] = {ROWS_ADOPT, ROWS_RELEASE};
	struct world w;

	(void)state;
	world_init_base(&w);
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		for (size_t is_trial = 0; is_trial < 2; is_trial++) {
			struct txn *t = world_begin(&w, false);
			struct row *slave = world_slave(&w, t, "ns2/b");
			struct row *master = world_master(&w, t, "eth0");

			rows_set_transfer(&w.c, t, i ? master : slave, asked[i]);
			if (is_trial)
				trial_begin(&w.c, t, 60);
			world_expect_refused(t, words[is_trial]);
			t = world_begin(&w, true);
			rows_set_transfer(&w.c, t, world_slave(&w, t, "ns2/b"), NULL);
			rows_set_transfer(&w.c, t, world_master(&w, t, "eth0"), NULL);
			world_commit(t);
		}
	}
	world_clear(&w);
}

static struct txn *begin_source(struct world *w, const char *source)
{
	struct txn *t = world_begin(w, false);

	txn_set_strings(t, world_slave(w, t, "ns2/b"), w->c.slave.sources, &source, 1);
	return t;
}

/* Any client may declare rows, under a name that a list can hold; and next_cfg, which
 * clients wait for, never goes back. */
static void test_bookkeeping(void **state)
{
	struct world w;
	struct txn *t;

	(void)state;
	world_init_base(&w);
	world_expect_refused(begin_source(&w, "controller of host 7"), NULL);
	world_expect_refused(
		begin_source(&w, ""),
		"Slave ns2/b, column sources: a source cannot have an empty name");
	world_expect_refused(begin_source(&w, "a\nb"),
			     "cannot contain a control character");
	t = world_begin(&w, false);
	txn_set_strings(t, world_master(&w, t, "eth0"), w.c.master.sources,
			(const char *const[]){""}, 1);
	world_expect_refused(
		t, "Master eth0, column sources: a source cannot have an empty name");
	for (int i = 0; i < 2; i++) {
		t = world_begin(&w, false);
		rows_bump_next_cfg(&w.c, t, rows_ensure_host(&w.c, t, NULL));
		world_commit(t);
	}
	t = world_begin(&w, false);
	txn_set_integer(t, rows_ensure_host(&w.c, t, NULL), w.c.host.next_cfg, 1);
	world_expect_refused(
		t, "Host's next_cfg: 1 is below the 2 that clients may be waiting for");
	world_clear(&w);
}

static void test_status_of_the_daemon(void **state)
{
	struct world w;
	struct txn *t;
	struct row *r;

	(void)state;
	world_init_base(&w);
	t = world_begin(&w, true);
	world_set(&w, t, world_slave(&w, t, "ns2/b"), "state=ready ifindex=7");
	assert_null(txn_insert(t, w.c.drift.table, NULL, &r));
	world_set(&w, t, r, "object=ns2/b");
	assert_null(txn_insert(t, w.c.netns.table, NULL, &r));
	world_set(&w, t, r, "name=ns2");
	world_expect_refused(t, NULL);

	t = world_begin(&w, false);
	assert_null(txn_insert(t, w.c.drift.table, NULL, &r));
	world_expect_refused(t, "Drift is written by ipvld only");
	t = world_begin(&w, false);
	txn_delete(t, txn_first(t, w.c.netns.table));
	world_expect_refused(t, "Netns is written by ipvld only");
	t = world_begin(&w, false);
	world_set(&w, t, rows_find_host(&w.c, t, NULL), "cur_cfg=7");
	world_expect_refused(t, "Host.cur_cfg is written by ipvld only");
	/* A client's edit does not trip over what the daemon wrote. */
	t = world_begin(&w, false);
	world_set(&w, t, world_slave(&w, t, "ns2/b"), "mtu=1400");
	world_expect_refused(t, NULL);
	t = world_begin(&w, false);
	rows_remove_slave(&w.c, t, world_slave(&w, t, "ns2/b"));
	world_expect_refused(t, NULL);
	world_clear(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_wrong_setting),
		cmocka_unit_test(test_old_setting),
		cmocka_unit_test(test_bookkeeping),
		cmocka_unit_test(test_transfer_on_trial),
		cmocka_unit_test(test_status_of_the_daemon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
