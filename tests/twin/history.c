/* See history.h. Each act has dice of its own, so that leaving out one act leaves the
 * others as they are: that is how a failing history is shrunk. */
#include "tests/twin/history.h"

#include "datapath/sim/sim.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "ovsdb-lite/rows/txn.h"
#include "ovsdb-lite/values/uuid.h"
#include "tests/twin/history_check.h"
#include "tests/twin/history_container.h"
#include "tests/twin/history_stranger.h"
#include "tests/twin/history_wish.h"
#include "tests/twin/stage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longer than the longest wait between two tries (QUEUE_BACKOFF_MAX_MS), and several
 * rounds of the port watch. */
#define QUIET_MS 130000
/* A daemon that has not settled after so long never will. */
#define SETTLE_MS   3600000
#define MAX_COMMITS 400
#define MAX_WRITES  4000

struct life {
	const struct history *h;
	struct stage *s;
	struct arena *a;
	uint64_t n_commits;
	char *failure;
};

static void trace(const struct life *l, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void trace(const struct life *l, const char *format, ...)
{
	va_list args;

	if (!l->h->is_traced)
		return;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static void fail_life(struct life *l, const char *what)
{
	if (!l->failure && what)
		l->failure = xstrdup(what);
}

static void fail_unless_none(struct life *l, const char *what, const char *text)
{
	if (*text)
		fail_life(l, arena_printf(l->a, "%s:\n%s", what, text));
}

/* Takes the error; with one the life has failed. */
static void must(struct life *l, struct err *e)
{
	if (e)
		fail_life(l, e->message);
	err_free(e);
}

/* A daemon that has died starts again: what it would have written is lost. */
static void turn(struct life *l, int64_t ms)
{
	must(l, stage_turn(l->s, ms));
}

static void start_again(struct life *l)
{
	stage_stop(l->s);
	must(l, stage_start(l->s));
}

/* --- the configuration --- */

/* True if it was not refused. */
static bool commit(struct life *l, struct txn *t, struct foretold *ret_foretold)
{
	struct err *e = stage_commit(l->s, t, l->a, ret_foretold);

	if (e)
		trace(l, "  refused: %s", e->message);
	err_free(e);
	return !e;
}

static bool apply_file(struct life *l, const char *yaml, struct foretold *ret_foretold)
{
	struct txn *t;
	struct err *e = stage_declare(l->s, "file", yaml, &t);

	trace(l, "%s", yaml);
	if (e)
		trace(l, "  refused: %s", e->message);
	err_free(e);
	return !e && commit(l, t, ret_foretold);
}

static struct row *any_row(const struct table *table, struct dice *d)
{
	size_t n = table_count(table);
	unsigned int chosen = n ? dice_pick(d, (unsigned int)n) : 0;

	TABLE_FOR_EACH (r, table) {
		if (!chosen--)
			return r;
	}
	return NULL;
}

static void swap_places(struct life *l, struct txn *t, struct row *one, struct row *two)
{
	const struct ipvl_columns *c = stage_columns(l->s);
	const char *netns = arena_strdup(l->a, datum_text(row_get(one, c->slave.netns)));
	const char *name = arena_strdup(l->a, datum_text(row_get(one, c->slave.name)));

	txn_set_string(t, one, c->slave.netns,
		       arena_strdup(l->a, datum_text(row_get(two, c->slave.netns))));
	txn_set_string(t, one, c->slave.name,
		       arena_strdup(l->a, datum_text(row_get(two, c->slave.name))));
	txn_set_string(t, two, c->slave.netns, netns);
	txn_set_string(t, two, c->slave.name, name);
}

/* That of a VLAN would be the name of a device that is about to go. */
static const char *any_new_name(struct dice *d)
{
	const char *name = dice_one_of(d, wish_masters);

	return strchr(name, '.') ? wish_masters[0] : name;
}

/* The device of a renamed VLAN would stay under a row that does not declare it as one. A renamed
 * label would hide the device that has this name from a preview. */
static bool can_be_renamed(const struct ipvl_columns *c, const struct row *master)
{
	return !*datum_text(row_get(master, c->master.vlan_link)) &&
	       !row_get(master, c->master.match)->n;
}

static void act_edit(struct life *l, struct dice *d)
{
	const struct ipvl_columns *c = stage_columns(l->s);
	struct row *one = any_row(c->slave.table, d), *two = any_row(c->slave.table, d);
	struct row *master = any_row(c->master.table, d);
	struct txn *t = stage_txn(l->s);
	unsigned int what = dice_pick(d, 6);

	trace(l, "edit %u", what);
	if (!one || !master || (what == 1 && !can_be_renamed(c, master)))
		;
	else if (what == 0)
		swap_places(l, t, one, two);
	else if (what == 1)
		txn_set_string(t, master, c->master.name, any_new_name(d));
	else if (what == 2)
		txn_set_string(t, one, c->slave.netns, dice_one_of(d, wish_netnses));
	else if (what == 3)
		rows_set_transfer(c, t, dice_chance(d, 30) ? master : one, ROWS_ADOPT);
	else if (what == 4)
		rows_set_transfer(c, t, dice_chance(d, 20) ? master : one, ROWS_RELEASE);
	else
		rows_remove_slave(c, t, one);
	commit(l, t, NULL);
}

static void act_apply(struct life *l, struct dice *d)
{
	apply_file(l, wish_file(l->a, d), NULL);
}

/* --- what befalls the daemon --- */

static void act_stranger(struct life *l, struct dice *d)
{
	trace(l, "%s", history_stranger(stage_sim(l->s), l->a, d));
}

static void act_container(struct life *l, struct dice *d)
{
	trace(l, "%s", history_container(l->s, l->a, d));
}

static void act_run(struct life *l, struct dice *d)
{
	unsigned int n = 1 + dice_pick(d, 5);

	trace(l, "run %u turns", n);
	while (n--)
		turn(l, dice_pick(d, 5));
}

static void act_wait(struct life *l, struct dice *d)
{
	int64_t until = clock_now_ms() + 50 + dice_pick(d, 20000);

	trace(l, "wait until %" PRId64, until);
	while (clock_now_ms() < until)
		turn(l, until - clock_now_ms());
}

static void act_restart(struct life *l, struct dice *d)
{
	unsigned int n = dice_pick(d, 3);

	trace(l, "restart");
	stage_stop(l->s);
	while (n--)
		act_stranger(l, d);
	must(l, stage_start(l->s));
}

static void act_die(struct life *l, struct dice *d)
{
	unsigned int n = dice_pick(d, 30);

	trace(l, "dies before message %u", n);
	sim_crash_at(stage_sim(l->s), n);
}

static void act_events(struct life *l, struct dice *d)
{
	struct datapath *sim = stage_sim(l->s);
	unsigned int what = dice_pick(d, 4);

	trace(l, "events %u", what);
	if (what == 0)
		sim_lose_events(sim);
	else if (what == 1)
		sim_delay_events(sim, 1 + dice_pick(d, 3));
	else if (what == 2)
		sim_double_events(sim, dice_chance(d, 70));
	else
		sim_shuffle_events(sim, dice_pick(d, 1000));
}

static void act_fail_step(struct life *l, struct dice *d)
{
	/* Those that a retry can end (reconciler/settle/retry.c): of the others the row shows for
	 * good that it was refused. */
	static const int errnos[] = {EIO,        EBUSY,         ENOBUFS, ENOMEM, EEXIST,
				     EADDRINUSE, EADDRNOTAVAIL, ENODEV,  ESRCH};
	unsigned int n = dice_pick(d, 12);
	int sys_errno = dice_one_of(d, errnos);

	trace(l, "step %u fails: %s", n, strerror(sys_errno));
	sim_fail_step(stage_sim(l->s), n, sys_errno);
}

static void act_fail_observe(struct life *l, struct dice *d)
{
	unsigned int n = 1 + dice_pick(d, 3);

	trace(l, "%u observations fail", n);
	sim_fail_observe(stage_sim(l->s), n, dice_chance(d, 50) ? EINTR : ENOMEM);
}

/* --- settling --- */

static void note_commit(void *aux, const struct txn *txn)
{
	(void)txn;
	((struct life *)aux)->n_commits++;
}

static void fail_to_settle(struct life *l, int64_t ms, uint64_t writes)
{
	fail_life(l, arena_printf(l->a,
				  "does not settle: %" PRIu64 " commits and %" PRIu64
				  " writes in %" PRId64 " s\n%s",
				  l->n_commits, writes, ms / 1000,
				  history_states(l->s, l->a)));
}

/* Until no state has changed for longer than any wait between two tries. What the kernel
 * refuses may be tried for ever, now and then. */
static void settle(struct life *l)
{
	int64_t start = clock_now_ms(), last = start;
	uint64_t first_writes = sim_writes(stage_sim(l->s)), writes = 0, commits;
	const char *before = "", *now;

	sim_fail_step(stage_sim(l->s), -1, 0);
	sim_fail_observe(stage_sim(l->s), 0, 0);
	sim_crash_at(stage_sim(l->s), -1);
	spy_forget_steps(stage_spy(l->s));
	l->n_commits = 0;
	while (clock_now_ms() - last < QUIET_MS && !l->failure) {
		commits = l->n_commits;
		turn(l, 1000);
		writes = sim_writes(stage_sim(l->s)) - first_writes;
		now = commits == l->n_commits ? before : history_states(l->s, l->a);
		if (strcmp(before, now) != 0)
			last = clock_now_ms();
		before = now;
		if (last - start > SETTLE_MS || l->n_commits > MAX_COMMITS ||
		    writes > MAX_WRITES)
			fail_to_settle(l, last - start, writes);
	}
}

/* A daemon that is started again finds the same, and writes nothing. */
static void check_restart(struct life *l)
{
	const char *before = history_states(l->s, l->a), *after;
	uint64_t writes = sim_writes(stage_sim(l->s));

	start_again(l);
	settle(l);
	after = history_states(l->s, l->a);
	if (strcmp(before, after) != 0)
		fail_life(l, arena_printf(l->a,
					  "the states before a restart:\n%safter it:\n%s",
					  before, after));
	if (sim_writes(stage_sim(l->s)) != writes && !strstr(after, ": error "))
		fail_life(l, arena_printf(l->a, "a restart writes to the kernel\n%s",
					  spy_steps(stage_spy(l->s), l->a)));
}

static void act_check(struct life *l, struct dice *d)
{
	trace(l, "settle");
	settle(l);
	trace(l, "%s", history_states(l->s, l->a));
	fail_life(l, history_check_rows(l->s, l->a));
	if (!l->failure && dice_chance(d, 50))
		check_restart(l);
}

/* For a second, a file without a namespace is left to others. A preview does not wait: it foretells
 * the end of one pass, and here there are two, the first without the slaves there. */
static bool is_divided(struct life *l)
{
	int64_t until = clock_now_ms() + 500;

	while (clock_now_ms() < until)
		turn(l, until - clock_now_ms());
	return strstr(history_states(l->s, l->a), "waiting for a namespace on the file");
}

/* Clients alone: what a preview foretells happens, and what they ask for is no drift. */
static void act_clients(struct life *l, struct dice *d)
{
	unsigned int n = dice_pick(d, 4);
	struct foretold f;

	trace(l, "clients alone");
	/* No preview knows whether a device that is down has a carrier. */
	for (size_t i = 0; i < ARRAY_SIZE(wish_masters); i++)
		err_free(sim_set_carrier(stage_sim(l->s), "", wish_masters[i], true));
	settle(l);
	stage_forget_drift(l->s);
	if (!l->failure && apply_file(l, wish_file(l->a, d), &f) && !is_divided(l)) {
		settle(l);
		/* Rows alone: a preview does not wait for a namespace, as a pass does. */
		f.steps = spy_steps(stage_spy(l->s), l->a);
		fail_unless_none(l, "what happened was not foretold",
				 stage_surprise(l->s, &f, l->a));
	}
	for (; n && !l->failure; n--) {
		dice_chance(d, 60) ? act_apply(l, d) : act_edit(l, d);
		act_run(l, d);
	}
	settle(l);
	fail_unless_none(l, "the configuration itself is drift", stage_drift(l->s, l->a));
}

/* --- a life --- */

static const struct {
	void (*run)(struct life *l, struct dice *d);
	unsigned int weight;
} kinds[] = {
	{act_apply, 11},    {act_edit, 8},         {act_stranger, 34}, {act_run, 12},
	{act_wait, 4},      {act_restart, 3},      {act_die, 5},       {act_events, 4},
	{act_fail_step, 4}, {act_fail_observe, 2}, {act_check, 4},     {act_clients, 3},
	{act_container, 6},
};

static void act(struct life *l, unsigned int i)
{
	struct dice d = dice_of(l->h->seed, i);
	unsigned int at = dice_pick(&d, 100), kind = 0;

	while (at >= kinds[kind].weight)
		at -= kinds[kind++].weight;
	trace(l, "- act %u", i);
	kinds[kind].run(l, &d);
}

static void live(struct life *l)
{
	struct dice d = dice_of(l->h->seed, HISTORY_ACTS);

	act_apply(l, &d);
	/* Passes are sliced: what happens in between comes between two messages. */
	sim_set_cost(stage_sim(l->s), dice_pick(&d, 4) * 3);
	for (unsigned int i = 0; i < HISTORY_ACTS && !l->failure; i++) {
		if (l->h->kept >> i & 1)
			act(l, i);
	}
	if (!l->failure)
		act_check(l, &d);
	if (l->failure)
		return;
	trace(l, "the end");
	must(l, history_containers_end(l->s, l->a));
	apply_file(l, "version: 1\nmasters: []\n", NULL);
	settle(l);
	fail_life(l, history_check_nothing_left(l->s, l->a));
}

static struct err *begin(struct life *l)
{
	static const struct stage_options options = {
		.accidents = {.death = -1, .failing_observation = -1}};
	struct err *e = stage_new(&options, &l->s);

	if (!e)
		e = sim_add_master(stage_sim(l->s), "", "eth0", "dummy");
	if (!e)
		e = sim_add_master(stage_sim(l->s), "", "eth1", "dummy");
	return e ? e : stage_start(l->s);
}

char *history_run(const struct history *h)
{
	struct life l = {.h = h};
	struct db_observer *o;

	uuid_fix(h->seed);
	l.a = arena_new();
	must(&l, begin(&l));
	if (!l.failure) {
		o = db_observe(stage_db(l.s), note_commit, &l);
		live(&l);
		db_unobserve(o);
	}
	stage_free(l.s);
	arena_free(l.a);
	return l.failure;
}
