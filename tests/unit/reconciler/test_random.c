/* Properties of the reconciler, tried on random lives of a daemon: random configurations,
 * random strangers, failing steps, death and restart at any moment. What fails names its
 * seed; `test_random SEED [N]` runs it (and more) alone.
 *
 *  - everything settles, after a bounded number of commits and writes;
 *  - nothing foreign is touched;
 *  - cur_cfg has reached next_cfg;
 *  - the states told are those that a restarted daemon finds, which writes nothing;
 *  - what the configuration itself asked for is no drift;
 *  - what a preview foretells happens. */
#include "world.h"

#include "lib/alloc.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "ovsdb-lite/rows/txn.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N_SEEDS     12
#define N_ROUNDS    4
#define QUIET_MS    12   /* longer than events are gathered, shorter than any retry */
#define TURN_MS     4    /* how long a turn of the loop waits at most */
#define RETRY_MS    300  /* longer than the first retry */
#define SETTLE_MS   3000 /* holds and retries of a few rounds end within */
#define MAX_COMMITS 200
#define MAX_WRITES  2000

static const char *const netnses[] = {"", "ns1", "ns2", "ns3"};
static const char *const names[] = {"a", "b", "c"};
static const char *const masters[] = {"eth0", "eth1", "eth2"};
#define N_NETNSES 4
#define N_NAMES   3
#define N_MASTERS 3

struct trial {
	struct world *w;
	uint64_t seed;
	struct arena *a;
	uint64_t n_commits;
	bool has_failing; /* a removal that failed shows in no row: its retry is waited
			   * for
			   */
	int64_t last_commit_ms;
	int64_t n_quiet_turns; /* of the loop, since then */
};

static uint64_t next(struct trial *t)
{
	t->seed ^= t->seed << 13;
	t->seed ^= t->seed >> 7;
	t->seed ^= t->seed << 17;
	return t->seed;
}

static unsigned int pick(struct trial *t, unsigned int n)
{
	return (unsigned int)((next(t) >> 20) % n);
}

static bool chance(struct trial *t, unsigned int percent)
{
	return pick(t, 100) < percent;
}

/* Wishes: a configuration that the validator accepts. */

static const char *wish_slave(struct trial *t, unsigned int netns, unsigned int name,
			      unsigned int host)
{
	const char *text = arena_printf(t->a, "      - {name: %s", names[name]);

	if (netns)
		text = arena_printf(t->a, "%s, netns: %s", text, netnses[netns]);
	if (chance(t, 80)) {
		text = arena_printf(
			t->a, "%s, addresses: [10.0.0.%u/24%s]", text, host,
			chance(t, 30) ? arena_printf(t->a, ", 10.0.1.%u/24", host) : "");
		if (chance(t, 50))
			text = arena_printf(t->a,
					    "%s, routes: [{to: default, via: 10.0.0.1, "
					    "metric: %u}]",
					    text, 100 + host);
	}
	if (chance(t, 25))
		text = arena_printf(t->a, "%s, mtu: %u", text, 1300 + 100 * pick(t, 3));
	if (netns && chance(t, 20))
		text = arena_printf(t->a, "%s, nameservers: {addresses: [10.3.3.3]}",
				    text);
	if (chance(t, 10))
		text = arena_printf(t->a, "%s, enabled: false", text);
	return arena_printf(t->a, "%s}\n", text);
}

static const char *wish(struct trial *t)
{
	static const char *const modes[] = {"l2", "l3", "l3s"};
	static const char *const flags[] = {"bridge", "private", "vepa"};
	bool places[N_NETNSES][N_NAMES] = {0};
	const char *text = "version: 1\nmasters:\n";

	for (unsigned int i = 0; i < N_MASTERS; i++) {
		const char *slaves = "";

		if (chance(t, 20))
			continue;
		text = arena_printf(t->a, "%s  - name: %s\n    mode: %s\n    flag: %s\n",
				    text, masters[i], modes[pick(t, 3)],
				    flags[pick(t, 3)]);
		for (unsigned int k = pick(t, 5); k; k--) {
			unsigned int at = pick(t, N_NETNSES), name = pick(t, N_NAMES);

			if (places[at][name])
				continue;
			places[at][name] = true;
			slaves = arena_printf(
				t->a, "%s%s", slaves,
				wish_slave(t, at, name, 2 + i * 20 + at * 4 + name));
		}
		if (*slaves)
			text = arena_printf(t->a, "%s    slaves:\n%s", text, slaves);
	}
	return strchr(text, '-') ? text : "version: 1\nmasters: []\n";
}

/* A slave swaps its namespace or name with another's, or moves to another master, by
 * rows. */
static struct row *any_row(struct trial *t, const struct table *table)
{
	size_t n = table_count(table);
	unsigned int chosen = n ? pick(t, (unsigned int)n) : 0;

	TABLE_FOR_EACH (r, table) {
		if (!chosen--)
			return r;
	}
	return NULL;
}

static void commit_if_valid(struct trial *t, struct txn *txn)
{
	const struct ipvl_columns *c = &t->w->columns;

	if (rows_changes_config(c, txn))
		rows_bump_next_cfg(c, txn, rows_find_host(c, txn, NULL));
	err_free(db_commit(txn));
	txn_free(txn);
}

static void edit_rows(struct trial *t)
{
	static const struct txn_origin self = {.internal = true, .uid = -1, .pid = -1};
	const struct ipvl_columns *c = &t->w->columns;
	struct row *one = any_row(t, c->slave.table), *two = any_row(t, c->slave.table);
	struct txn *txn = txn_new(t->w->db, &self);

	if (!one) {
		txn_free(txn);
		return;
	}
	switch (pick(t, 3)) {
	case 0: { /* swap keys */
		const char *ns =
			arena_strdup(t->a, datum_text(row_get(one, c->slave.netns)));
		const char *nm =
			arena_strdup(t->a, datum_text(row_get(one, c->slave.name)));

		txn_set_string(
			txn, one, c->slave.netns,
			arena_strdup(t->a, datum_text(row_get(two, c->slave.netns))));
		txn_set_string(
			txn, one, c->slave.name,
			arena_strdup(t->a, datum_text(row_get(two, c->slave.name))));
		txn_set_string(txn, two, c->slave.netns, ns);
		txn_set_string(txn, two, c->slave.name, nm);
		break;
	}
	case 1: {
		struct row *m = any_row(t, c->master.table);

		if (m)
			txn_set_string(txn, m, c->master.name, masters[pick(t, 3)]);
		break;
	}
	default:
		txn_set_string(txn, one, c->slave.netns, netnses[pick(t, N_NETNSES)]);
		break;
	}
	commit_if_valid(t, txn);
}

/* Strangers. */

static void stranger(struct trial *t)
{
	struct datapath *dp = t->w->sim;
	const char *netns = netnses[pick(t, N_NETNSES)], *name = names[pick(t, N_NAMES)];
	const char *master = masters[pick(t, N_MASTERS)];
	unsigned int host = 2 + pick(t, 60);

	switch (pick(t, 15)) {
	case 0:
	case 1:
		err_free(sim_del_link(dp, netns, name));
		break;
	case 2:
		err_free(sim_rename_link(dp, netns, name,
					 chance(t, 50) ? "x" : names[pick(t, 3)]));
		break;
	case 3:
		err_free(sim_set_link(dp, netns, name, false, 0));
		break;
	case 4:
		err_free(sim_set_link(dp, netns, name, true, 1200 + pick(t, 200)));
		break;
	case 5:
		err_free(sim_add_addr(dp, netns, name,
				      arena_printf(t->a, "10.0.0.%u/24", host)));
		break;
	case 6:
		for (host = 2; host < 60; host++)
			err_free(sim_del_addr(dp, netns, name,
					      arena_printf(t->a, "10.0.0.%u/24", host)));
		break;
	case 7:
		if (*netns)
			err_free(sim_del_netns(dp, netns));
		break;
	case 8:
		err_free(sim_add_link(dp, netns, name, "veth", "", -1, -1));
		break;
	case 9:
		err_free(sim_add_link(dp, netns, chance(t, 50) ? "x" : name, "ipvlan",
				      master, (int)pick(t, 4) - 1, (int)pick(t, 4) - 1));
		break;
	case 10:
		err_free(sim_set_port(dp, netns, name, (uint8_t)pick(t, 3),
				      (uint8_t)pick(t, 3)));
		break;
	case 11:
		err_free(sim_add_master(dp, "", master, "dummy"));
		break;
	case 12:
		err_free(sim_del_link(dp, "", master));
		break;
	case 13:
		if (*netns)
			err_free(sim_add_netns(dp, netns));
		break;
	default:
		err_free(sim_del_link(dp, netns, "x"));
		break;
	}
}

/* Checks. */

static void note_commit(void *aux, const struct txn *txn)
{
	struct trial *t = aux;

	(void)txn;
	t->n_commits++;
	t->last_commit_ms = clock_now_ms();
	t->n_quiet_turns = 0;
}

static bool has_state(const struct trial *t, const char *state)
{
	const struct ipvl_columns *c = &t->w->columns;

	TABLE_FOR_EACH (r, c->slave.table) {
		if (!strcmp(datum_text(row_get(r, c->slave.state)), state))
			return true;
	}
	TABLE_FOR_EACH (r, c->master.table) {
		if (!strcmp(datum_text(row_get(r, c->master.state)), state))
			return true;
	}
	return false;
}

/* Until nothing is done any more; what is held back is waited for. */
static void settle(struct trial *t)
{
	int64_t start = clock_now_ms(), now = start;
	int64_t quiet_ms = t->has_failing ? RETRY_MS : QUIET_MS, n_turns = 0;
	uint64_t writes = sim_writes(t->w->sim);

	t->n_commits = 0;
	t->last_commit_ms = start;
	t->n_quiet_turns = 0;
	while (now - t->last_commit_ms < quiet_ms ||
	       t->n_quiet_turns < quiet_ms / TURN_MS ||
	       ((has_state(t, "error") || has_state(t, "contested")) &&
		(now - start < SETTLE_MS || n_turns < SETTLE_MS / TURN_MS))) {
		t->n_quiet_turns++;
		n_turns++;
		world_check(loop_run_once(t->w->loop, TURN_MS));
		now = clock_now_ms();
	}
	assert_true(t->n_commits < MAX_COMMITS);
	assert_true(sim_writes(t->w->sim) - writes < MAX_WRITES);
}

/* Everything that is told, in one text; without the time of the next try. */
static const char *told(const struct trial *t)
{
	const struct ipvl_columns *c = &t->w->columns;
	const char *text = "";

	TABLE_FOR_EACH (r, c->master.table)
		text = arena_printf(t->a, "%s%s: %s %s %" PRId64 "\n", text,
				    datum_text(row_get(r, c->master.name)),
				    datum_text(row_get(r, c->master.state)),
				    datum_text(row_get(r, c->master.message)),
				    datum_integer(row_get(r, c->master.link_mtu), 0));
	TABLE_FOR_EACH (r, c->slave.table)
		text = arena_printf(
			t->a, "%s%s/%s: %s %s ifindex %" PRId64 " mtu %" PRId64 " %s\n",
			text, datum_text(row_get(r, c->slave.netns)),
			datum_text(row_get(r, c->slave.name)),
			datum_text(row_get(r, c->slave.state)),
			datum_text(row_get(r, c->slave.message)),
			datum_integer(row_get(r, c->slave.ifindex), 0),
			datum_integer(row_get(r, c->slave.link_mtu), 0),
			datum_text(row_get(r, c->slave.link_state)));
	return text;
}

static void check_words(const struct trial *t)
{
	const struct ipvl_columns *c = &t->w->columns;

	TABLE_FOR_EACH (r, c->slave.table) {
		const char *state = datum_text(row_get(r, c->slave.state));
		bool is_well = !strcmp(state, "ready") || !strcmp(state, "disabled");

		assert_true(*state && strcmp(state, "pending") != 0);
		assert_true(is_well || *datum_text(row_get(r, c->slave.message)));
	}
}

/* A slave in the namespace waits, is disabled or in conflict: nothing makes the namespace
 * again. */
static bool is_held_up_in(const struct trial *t, const char *netns)
{
	const struct ipvl_columns *c = &t->w->columns;

	TABLE_FOR_EACH (r, c->slave.table) {
		const char *state = datum_text(row_get(r, c->slave.state));

		if (!strcmp(datum_text(row_get(r, c->slave.netns)), netns) &&
		    strcmp(state, "ready") != 0)
			return true;
	}
	return false;
}

/* What is written down is there, unless another program has removed it. */
static void check_book(const struct trial *t)
{
	const struct ipvl_columns *c = &t->w->columns;

	TABLE_FOR_EACH (r, c->netns.table) {
		const char *name = datum_text(row_get(r, c->netns.name));
		struct err *e = sim_add_netns(t->w->sim, name);

		if (!e && is_held_up_in(t, name)) {
			world_check(sim_del_netns(t->w->sim, name));
			continue;
		}
		if (!e)
			print_error("%s is registered, and not there\n", name);
		assert_non_null(e);
		err_free(e);
	}
}

static void check(struct trial *t)
{
	struct world *w = t->w;
	const struct row *host = rows_find_host(&w->columns, NULL, NULL);
	bool has_errors = has_state(t, "error") || has_state(t, "contested");
	const char *before = told(t), *after;
	uint64_t writes = sim_writes(w->sim);

	if (sim_violation(w->sim))
		fail_msg("%s", sim_violation(w->sim));
	assert_int_equal(datum_integer(row_get(host, w->columns.host.cur_cfg), 0),
			 datum_integer(row_get(host, w->columns.host.next_cfg), 0));
	check_words(t);
	if (has_errors)
		return;
	world_stop(w);
	world_start(w);
	settle(t);
	after = told(t);
	if (strcmp(before, after) || sim_writes(w->sim) != writes)
		print_error("told before a restart:\n%safter it:\n%s%" PRIu64 " writes\n",
			    before, after, sim_writes(w->sim) - writes);
	assert_string_equal(before, after);
	assert_int_equal(sim_writes(w->sim), writes);
	check_book(t);
}

static int64_t drift_total(const struct trial *t)
{
	const struct ipvl_columns *c = &t->w->columns;
	int64_t n = 0;

	TABLE_FOR_EACH (r, c->drift.table)
		n += datum_integer(row_get(r, c->drift.count), 0);
	return n;
}

static void some_loop(struct trial *t)
{
	for (unsigned int i = pick(t, 4); i; i--)
		world_check(loop_run_once(t->w->loop, (int)pick(t, 4)));
}

static void restart(struct trial *t)
{
	world_stop(t->w);
	if (chance(t, 50))
		stranger(t);
	world_start(t->w);
}

/* A wish alone, after which every row is as foretold. */
static void foretold_wish(struct trial *t)
{
	const char *yaml = wish(t);
	struct txn *txn = world_declare(t->w, yaml);
	struct preview *p = NULL;

	settle(t);
	world_check(db_commit_check(txn));
	p = world_foretell(t->w, txn, t->a);
	txn_free(txn);
	world_apply(t->w, yaml);
	settle(t);
	world_is_as_foretold(t->w, p);
}

static void burst_of_configuration(struct trial *t)
{
	int64_t drift = drift_total(t);

	foretold_wish(t);

	for (unsigned int i = 1 + pick(t, 3); i; i--) {
		chance(t, 60) ? world_apply(t->w, wish(t)) : edit_rows(t);
		some_loop(t);
	}
	settle(t);
	if (drift_total(t) != drift)
		print_error("drift of %s: %s\n", world_drift_text(t->w, "object"),
			    world_drift_text(t->w, "found"));
	assert_int_equal(drift_total(t), drift);
}

static void burst_of_everything(struct trial *t)
{
	for (unsigned int i = 1 + pick(t, 8); i; i--) {
		unsigned int what = pick(t, 10);

		if (what < 6)
			stranger(t);
		else if (what == 6)
			world_apply(t->w, wish(t));
		else if (what == 7)
			edit_rows(t);
		else if (what == 8)
			restart(t);
		else
			t->has_failing = true, sim_fail_step(t->w->sim, pick(t, 6), EIO);
		some_loop(t);
	}
	settle(t);
	sim_fail_step(t->w->sim, -1, 0);
	t->has_failing = false;
}

static void run_trial(struct world *w, uint64_t seed)
{
	struct trial t = {.w = w, .seed = seed * 0x9e3779b97f4a7c15ULL + 1};
	struct db_observer *o = db_observe(w->db, note_commit, &t);

	t.a = arena_new();
	for (unsigned int i = pick(&t, 6); i; i--)
		stranger(&t);
	world_apply(w, wish(&t));
	world_start(w);
	settle(&t);
	check(&t);
	for (unsigned int i = 0; i < N_ROUNDS; i++) {
		chance(&t, 40) ? burst_of_configuration(&t) : burst_of_everything(&t);
		check(&t);
	}
	db_unobserve(o);
	arena_free(t.a);
}

static uint64_t first_seed = 1, n_seeds = N_SEEDS, current_seed;

static void random_lives(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < n_seeds; i++) {
		struct world *w = world_new();

		current_seed = first_seed + i;
		run_trial(w, current_seed);
		world_free(w);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(random_lives)};
	int failed;

	if (argc > 1) {
		first_seed = strtoull(argv[1], NULL, 10);
		n_seeds = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	}
	failed = cmocka_run_group_tests_name("random", tests, NULL, NULL);
	if (failed)
		fprintf(stderr, "failing seed: %llu\n", (unsigned long long)current_seed);
	return failed;
}
