/* A change that a pass finds before its event arrives still gets its cause. */
#include "world.h"

#include "config/daemon_txn.h"
#include "lib/clock.h"
#include "reconciler/drift/drift.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct key key = {.kind = KEY_MASTER, .netns = "", .name = "eth0"};

static void record(struct world *w, struct drift_log *d)
{
	const struct drift drift = {
		.key = &key, .object = "eth0", .found = "deleted", .action = DRIFT_LEFT};
	struct arena *a = arena_new();
	struct txn *t = daemon_txn_new(w->db);

	drift_note(d, t, &drift, clock_now_ms(), a);
	world_check(daemon_txn_commit(t));
	arena_free(a);
}

static bool name_cause(struct world *w, struct drift_log *d, const char *what)
{
	const struct datapath_event e = {.kind = DATAPATH_MASTER_CHANGED,
					 .netns = "",
					 .name = "eth0",
					 .what = what,
					 .by = "`ip` (pid 7, uid 0)"};
	struct txn *t = daemon_txn_new(w->db);
	bool is_named = drift_name_cause(d, t, &e, clock_now_ms());

	world_check(daemon_txn_commit(t));
	return is_named;
}

static void event_that_comes_late(void **state)
{
	struct world *w = *state;
	struct drift_log *d = drift_log_new(&w->columns);

	record(w, d);
	assert_string_equal(world_drift_text(w, "actor"), "");
	assert_false(name_cause(w, d, "set down"));
	assert_true(name_cause(w, d, "deleted"));
	assert_string_equal(world_drift_text(w, "actor"), "`ip` (pid 7, uid 0)");
	assert_false(name_cause(w, d, "deleted")); /* it has one */
	drift_log_free(d);
}

static void event_that_comes_much_later(void **state)
{
	struct world *w = *state;
	struct drift_log *d = drift_log_new(&w->columns);

	record(w, d);
	clock_advance(60000);
	assert_false(name_cause(w, d, "deleted"));
	drift_log_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(event_that_comes_late),
		WORLD_TEST(event_that_comes_much_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
