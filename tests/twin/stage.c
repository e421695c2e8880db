/* See stage.h. */
#include "tests/twin/stage_private.h"

#include "config/daemon_txn.h"
#include "config/state.h"
#include "config/valid/valid_txn.h"
#include "datapath/kernel/kernel.h"
#include "datapath/plan/plan.h"
#include "datapath/plan/plan_text.h"
#include "datapath/sim/sim.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "ovsdb-lite/rows/txn.h"
#include "tests/twin/kernel.h"
#include "tests/twin/reach.h"
#include "tests/unit/patience.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>

#define MARK 4711

/* On the stopped clock: longer than the port watch waits. While a row is in error, longer
 * than several tries. */
#define QUIET_MS   12000
#define REACT_MS   100
#define ERROR_MS   120000
#define LONGEST_MS 600000
/* On the kernel: so many turns of the loop, and then a look at what is left. */
#define LOOK_TURNS 3
#define LOOK_MS    20

static const struct datapath_config datapath_config = {
	.mark = MARK, .route_protocol = DATAPATH_ROUTE_PROTOCOL};

/* The kernel. */

static struct err *take_default_masters_away(struct datapath *sim)
{
	static const char *const names[] = {"eth0", "eth1"};
	struct err *e = NULL;

	for (size_t i = 0; !e && i < ARRAY_SIZE(names); i++) {
		struct twin_request r = {
			.kind = TWIN_LINK_DEL, .netns = "", .name = names[i]};

		e = sim_request(sim, &r);
	}
	return e;
}

static struct err *open_kernel(struct stage *s)
{
	struct err *e;

	if (!s->options.on_kernel) {
		clock_stop();
		e = datapath_open(&sim_provider, &datapath_config, &s->sim);
		s->inner = s->witness = s->sim;
		return e ? e : take_default_masters_away(s->sim);
	}
	clock_stop_timers();
	e = datapath_open(&kernel_provider, &datapath_config, &s->inner);
	return e ? e : datapath_open(&kernel_provider, &datapath_config, &s->witness);
}

struct err *stage_isolate(void)
{
	/* A private /etc/netns needs a folder to lie on; the VM has one. */
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) ||
	    mount("", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/run", "tmpfs", 0, "mode=755") ||
	    mount("tmpfs", "/etc/netns", "tmpfs", 0, "mode=755"))
		return err_sys(errno, "cannot make a host of our own: run it as root, in "
				      "tests/kernel/run");
	return NULL;
}

struct err *stage_new(const struct stage_options *options, struct stage **ret_stage)
{
	struct stage *s = xcalloc(1, sizeof(*s));
	struct err *e;

	s->options = *options;
	e = open_kernel(s);
	if (!e)
		e = loop_new(&s->loop);
	if (e) {
		stage_free(s);
		return e;
	}
	s->spy = spy_new(s->inner, &options->accidents);
	*ret_stage = s;
	return NULL;
}

void stage_free(struct stage *s)
{
	if (!s)
		return;
	stage_stop(s);
	db_close(s->db);
	schema_free(s->schema);
	spy_free(s->spy);
	datapath_close(s->inner);
	if (s->witness != s->inner)
		datapath_close(s->witness);
	if (s->loop)
		loop_free(s->loop);
	free(s->drifts);
	free(s);
}

struct datapath *stage_spy(const struct stage *s)
{
	return s->spy;
}

struct datapath *stage_sim(const struct stage *s)
{
	return s->sim;
}

const struct ipvl_columns *stage_columns(const struct stage *s)
{
	return &s->columns;
}

struct db *stage_db(const struct stage *s)
{
	return s->db;
}

bool stage_is_running(const struct stage *s)
{
	return s->reconciler != NULL;
}

struct err *stage_request(struct stage *s, const struct twin_request *r)
{
	return s->sim ? sim_request(s->sim, r) : kernel_request(r);
}

const char *stage_dump(const struct stage *s, struct arena *a)
{
	CLEANUP(freep) char *text = s->sim ? sim_dump(s->sim) : kernel_dump(MARK);

	return arena_strdup(a, text);
}

bool stage_reaches(const struct stage *s, const char *netns, const struct ip_addr *to)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();

	if (!s->sim)
		return kernel_reaches(strcmp(netns, ".") != 0 ? netns : "", to);
	return reach_derive(a, stage_dump(s, a), netns, to);
}

/* The database. */

static bool is_dead(const struct stage *s)
{
	return spy_is_dead(s->spy) || (s->sim && sim_has_crashed(s->sim));
}

/* A dead daemon commits nothing. */
static struct err *validate(void *aux, const struct txn *txn)
{
	struct stage *s = aux;

	if (is_dead(s))
		return err_new(ERR_CLOSED, "the daemon is dead");
	return valid_transaction_of_one(&s->columns, txn);
}

static void clear_ephemeral(struct txn *t, struct row *r)
{
	const struct table_schema *schema = table_schema(row_table(r));

	for (size_t i = 0; i < schema->n_columns; i++) {
		const struct column_schema *c = &schema->columns[i];
		struct datum d;

		if (!c->ephemeral)
			continue;
		datum_init_default(&d, &c->type);
		txn_set(t, r, c, &d);
		datum_clear(&d, &c->type);
	}
}

/* What opening the file again would do to a database in memory. */
static struct err *lose_ephemeral(struct stage *s)
{
	const struct schema *schema = db_schema(s->db);
	struct txn *t = daemon_txn_new(s->db);

	for (size_t i = 0; i < schema->n_tables; i++) {
		const struct table_schema *table = &schema->tables[i];
		bool is_stored = schema_stores_table(schema, table);

		TXN_FOR_EACH_ROW (r, t, db_table_at(s->db, table->index))
			is_stored ? clear_ephemeral(t, r) : txn_delete(t, r);
	}
	return daemon_txn_commit(t);
}

static struct err *open_db(struct stage *s)
{
	struct schema *schema;
	struct txn *t;
	struct err *e = NULL;

	if (s->db) {
		e = lose_ephemeral(s);
	} else if (!s->options.db_file) {
		e = schema_from_file(IPVL_SCHEMA_FILE, &schema);
		if (!e)
			s->db = db_new_in_memory(schema);
	} else {
		if (!s->schema)
			e = schema_from_file(IPVL_SCHEMA_FILE, &s->schema);
		if (!e)
			e = db_open(s->options.db_file, s->schema, &s->db);
	}
	if (!e)
		e = ipvl_columns_init(&s->columns, s->db);
	if (e)
		return e;
	db_set_validator(s->db, validate, s);
	t = daemon_txn_new(s->db);
	rows_ensure_host(&s->columns, t, NULL);
	return daemon_txn_commit(t);
}

static void note_commit(void *aux, const struct txn *txn)
{
	struct stage *s = aux;

	(void)txn;
	s->last_change_ms = clock_now_ms();
}

/* The daemon's life. */

struct err *stage_start(struct stage *s)
{
	struct reconciler_config config = {
		.loop = s->loop, .columns = &s->columns, .datapath = s->spy};
	struct err *e;

	if (s->reconciler)
		return NULL;
	spy_revive(s->spy);
	if (s->sim)
		sim_revive(s->sim);
	e = open_db(s);
	if (e)
		return e;
	config.db = s->db;
	s->observer = db_observe(s->db, note_commit, s);
	return reconciler_new(&config, &s->reconciler);
}

void stage_stop(struct stage *s)
{
	if (!s->reconciler)
		return;
	reconciler_free(STEAL(s->reconciler));
	db_unobserve(STEAL(s->observer));
	stage_forget_drift(s);
	if (s->options.db_file)
		db_close(STEAL(s->db));
}

/* What is left to do. */

struct err *stage_look(struct stage *s, struct arena *a, struct stage_view *ret_view)
{
	struct desired_source source = reconciler_source(s->reconciler);
	struct stage_view v = {.want = desired_build(&source, NULL, 0, true, a)->want};
	struct err *e =
		datapath_observe(s->witness, v.want, DATAPATH_EVERYTHING, a, &v.have);

	if (e)
		return e;
	plan_build(v.want, v.have, a, &v.plan);
	*ret_view = v;
	return NULL;
}

static bool is_in_trouble(const struct stage *s, const struct plan_step *step)
{
	const struct model_slave *slave = step->want;
	const struct row *r = NULL;
	enum row_state state;

	if (slave)
		r = rows_find_slave(&s->columns, NULL, slave->netns, slave->name);
	else if (step->master)
		r = rows_find_master(&s->columns, NULL, step->master->netns,
				     step->master->name);
	state = r ? state_of_row(&s->columns, r) : STATE_UNKNOWN;
	return state == STATE_ERROR || state == STATE_CONTESTED;
}

struct err *stage_next_plan(struct stage *s, struct arena *a, const char **ret_plan)
{
	struct stage_view v;
	const char *text = "";
	struct err *e = stage_look(s, a, &v);

	if (e)
		return e;
	for (size_t i = 0; i < v.plan->n_steps; i++) {
		const struct plan_step *step = &v.plan->steps[i];

		if (!is_in_trouble(s, step))
			text = arena_printf(a, "%s%s\n", text, plan_text_step(a, step));
	}
	*ret_plan = text;
	return NULL;
}

struct err *stage_ours(struct stage *s, struct arena *a, const char **ret_text)
{
	struct stage_view v;
	const char *text = "";
	struct err *e = stage_look(s, a, &v);

	if (e)
		return e;
	for (size_t i = 0; i < v.have->n_masters; i++) {
		const struct model_master *m = &v.have->masters[i];

		if (m->seen.presence == MODEL_OURS)
			text = arena_printf(a, "%s%s\n", text, model_master_label(a, m));
		for (size_t k = 0; k < m->n_slaves; k++) {
			if (m->slaves[k].seen.presence == MODEL_OURS)
				text = arena_printf(a, "%s%s\n", text,
						    model_slave_label(a, &m->slaves[k]));
		}
	}
	*ret_text = text;
	return NULL;
}

/* The loop. */

static struct err *start_again_if_dead(struct stage *s)
{
	if (!is_dead(s))
		return NULL;
	stage_stop(s);
	s->last_change_ms = clock_now_ms();
	return stage_start(s);
}

/* The daemon's clock moves by its own timers and timeouts only. The kernel is given that
 * time, and whatever more a slow machine takes: nothing is late for the daemon. */
static void wait_for_kernel(int64_t ms)
{
	struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

struct err *stage_turn(struct stage *s, int64_t timeout_ms)
{
	int64_t before_ms = clock_now_ms();
	struct err *e = loop_run_once(s->loop, timeout_ms);

	if (!s->sim) {
		/* A turn in which something happened takes no time; without an end of such
		 * turns a limit must be reached all the same. */
		if (clock_now_ms() == before_ms)
			clock_advance(1);
		wait_for_kernel(clock_now_ms() - before_ms);
	}
	return e ? e : start_again_if_dead(s);
}

static struct err *settle_on_sim(struct stage *s, int64_t long_enough_ms)
{
	int64_t start = clock_now_ms(), quiet_ms, limit_ms;
	uint64_t n_steps = spy_n_steps(s->spy);
	bool has_trouble;

	s->last_change_ms = start;
	do {
		struct err *e = stage_turn(s, long_enough_ms / 10);

		if (e)
			return e;
		if (spy_n_steps(s->spy) != n_steps)
			s->last_change_ms = clock_now_ms();
		n_steps = spy_n_steps(s->spy);
		quiet_ms = clock_now_ms() - s->last_change_ms;
		has_trouble = stage_text_has_trouble(s);
		limit_ms = has_trouble ? ERROR_MS : LONGEST_MS;
		has_trouble &= long_enough_ms == QUIET_MS;
	} while ((quiet_ms < long_enough_ms || has_trouble) &&
		 clock_now_ms() - start < limit_ms);
	if (clock_now_ms() - start >= LONGEST_MS)
		return err_new(ERR_TIMED_OUT,
			       "it has not come to rest within ten minutes");
	return NULL;
}

/* Events of the kernel are queued when a request returns; a few turns handle them. */
static struct err *look(struct stage *s, bool *ret_is_quiet, const char **ret_left,
			struct arena *a)
{
	int64_t before_ms = s->last_change_ms;
	uint64_t n_steps = spy_n_steps(s->spy);
	struct err *e = NULL;

	s->last_change_ms = -1;
	for (int i = 0; !e && i < LOOK_TURNS; i++)
		e = stage_turn(s, LOOK_MS);
	if (!e)
		e = stage_left(s, a, ret_left);
	*ret_is_quiet = s->last_change_ms == -1 && spy_n_steps(s->spy) == n_steps;
	s->last_change_ms = before_ms;
	return e;
}

static struct err *settle_on_kernel(struct stage *s)
{
	int64_t until = clock_now_ms() + patience_ms();
	const char *left = "";

	while (clock_now_ms() < until) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		bool is_quiet = false;
		struct err *e = look(s, &is_quiet, &left, a);

		if (e && e->code != ERR_INTERRUPTED)
			return e;
		if (!e && is_quiet && !*left)
			return NULL;
		if (!e && clock_now_ms() >= until)
			return err_new(ERR_TIMED_OUT, "still left to do: %s", left);
		err_free(e);
	}
	return err_new(ERR_TIMED_OUT, "the kernel could not be read");
}

struct err *stage_settle(struct stage *s)
{
	if (!s->reconciler)
		return NULL;
	return s->sim ? settle_on_sim(s, QUIET_MS) : settle_on_kernel(s);
}

struct err *stage_react(struct stage *s)
{
	if (!s->reconciler)
		return NULL;
	return s->sim ? settle_on_sim(s, REACT_MS) : settle_on_kernel(s);
}
