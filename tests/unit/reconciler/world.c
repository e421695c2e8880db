/* See world.h. */
#include "world.h"

#include "config/yaml/document.h"
#include "config/valid/valid_txn.h"
#include "config/yaml/declare_rows.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "reconciler/notices.h"
#include "ovsdb-lite/values/schema.h"
#include "ovsdb-lite/rows/txn.h"
#include "tests/unit/patience.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* How long nothing is committed, and in how many turns of the loop, before it counts as
 * settled: a process that the machine holds up makes no turns. */
#define QUIET_MS    60
#define QUIET_TURNS 6

static const struct txn_origin daemon_itself = {.internal = true, .uid = -1, .pid = -1};

void world_check(struct err *e)
{
	if (e) {
		char *text = err_text(e);

		print_error("%s\n", text);
		free(text);
		err_free(e);
		fail();
	}
}

static void make_host(struct world *w)
{
	struct txn *t = txn_new(w->db, &daemon_itself);

	rows_ensure_host(&w->columns, t, NULL);
	world_check(db_commit(t));
	txn_free(t);
}

struct world *world_new(void)
{
	static const struct datapath_config config = {
		.mark = 4711, .route_protocol = DATAPATH_ROUTE_PROTOCOL};
	struct world *w = xcalloc(1, sizeof(*w));
	struct schema *schema;

	clock_stop();
	world_check(loop_new(&w->loop));
	world_check(schema_from_file(IPVL_SCHEMA_FILE, &schema));
	w->db = db_new_in_memory(schema);
	world_check(ipvl_columns_init(&w->columns, w->db));
	db_set_validator(w->db, valid_transaction_of_one, &w->columns);
	make_host(w);
	world_check(datapath_open(&sim_provider, &config, &w->sim));
	return w;
}

void world_free(struct world *w)
{
	world_stop(w);
	datapath_close(w->sim);
	db_close(w->db);
	loop_free(w->loop);
	free(w);
}

static void ready(void *aux)
{
	struct world *w = aux;

	w->is_ready = true;
}

void world_start(struct world *w)
{
	struct reconciler_config config = {
		.loop = w->loop,
		.db = w->db,
		.columns = &w->columns,
		.datapath = w->sim,
		.audit_ms = w->audit_ms,
		.first_pass_done = ready,
		.aux = w,
	};

	w->is_ready = false;
	world_check(reconciler_new(&config, &w->reconciler));
}

void world_stop(struct world *w)
{
	reconciler_free(w->reconciler);
	w->reconciler = NULL;
}

static const char *text_of(const struct row *r, const char *column)
{
	const struct column_schema *c =
		r ? table_schema_find(table_schema(row_table(r)), column) : NULL;
	const char *s = c ? datum_string(row_get(r, c)) : NULL;

	return s ? s : "";
}

struct txn *world_declare(struct world *w, const char *yaml)
{
	struct document_errors errors = {0};
	struct document *d = document_parse("test", yaml, strlen(yaml), &errors);
	struct txn *t = txn_new(w->db, &daemon_itself);
	struct row *host = rows_ensure_host(&w->columns, t, NULL);

	if (!d || !declare_rows(&w->columns, t, host, "test", d, NULL, 0, &errors)) {
		char *text = document_errors_text(&errors);

		print_error("%s\n", text);
		free(text);
		fail();
	}
	if (rows_changes_config(&w->columns, t))
		rows_bump_next_cfg(&w->columns, t, host);
	document_free(d);
	document_errors_clear(&errors);
	return t;
}

void world_apply(struct world *w, const char *yaml)
{
	struct txn *t = world_declare(w, yaml);

	world_check(db_commit(t));
	txn_free(t);
}

struct preview *world_foretell(struct world *w, const struct txn *t, struct arena *a)
{
	struct desired_source source = reconciler_source(w->reconciler);
	struct preview *p;

	source.txn = t;
	world_check(preview_build(&source, w->sim, a, &p));
	return p;
}

static const struct row *row_of(const struct world *w, const struct preview_row *p)
{
	CLEANUP(freep) char *label = xstrdup(p->object);
	char *slash = strrchr(label, '/');
	const char *netns = slash ? label : "", *name = slash ? slash + 1 : label;

	if (slash)
		*slash = '\0';
	return p->is_slave ? rows_find_slave(&w->columns, NULL, netns, name)
			   : rows_find_master(&w->columns, NULL, netns, name);
}

static void compare_warnings(const struct world *w, const struct preview_row *p,
			     const struct row *r)
{
	const struct datum *warnings = row_get(
		r, p->is_slave ? w->columns.slave.warnings : w->columns.master.warnings);

	assert_int_equal(warnings->n, p->n_warnings);
	for (size_t i = 0; i < p->n_warnings; i++) {
		const union atom key = {.string = xstrdup(p->warnings[i])};

		assert_true(datum_find(warnings, &key, ATOM_STRING) >= 0);
		free(key.string);
	}
}

void world_is_as_foretold(struct world *w, const struct preview *p)
{
	for (size_t i = 0; i < p->n_rows; i++) {
		const struct preview_row *row = &p->rows[i];
		const struct row *r = row_of(w, row);
		const char *message;
		bool is_same;

		if (row->is_removed)
			continue;
		assert_non_null(r);
		message = text_of(r, "message");
		is_same = !strncmp(message, row->message, strlen(row->message)) &&
			  (!message[strlen(row->message)] ||
			   !strncmp(message + strlen(row->message), NOTICES_NEXT_TRY,
				    strlen(NOTICES_NEXT_TRY)));
		if (!is_same || strcmp(text_of(r, "state"), state_name(row->state)) != 0)
			fail_msg("%s was foretold as %s \"%s\", and is %s \"%s\"",
				 row->object, state_name(row->state), row->message,
				 text_of(r, "state"), message);
		compare_warnings(w, row, r);
	}
}

const char *world_slave_text(const struct world *w, const char *netns, const char *name,
			     const char *column)
{
	return text_of(rows_find_slave(&w->columns, NULL, netns, name), column);
}

const char *world_master_text(const struct world *w, const char *name, const char *column)
{
	return text_of(rows_find_master(&w->columns, NULL, "", name), column);
}

int64_t world_slave_integer(const struct world *w, const char *netns, const char *name,
			    const char *column)
{
	const struct row *r = rows_find_slave(&w->columns, NULL, netns, name);
	const struct column_schema *c =
		r ? table_schema_find(table_schema(row_table(r)), column) : NULL;

	return c ? datum_integer(row_get(r, c), 0) : 0;
}

void world_wait_state(struct world *w, const char *netns, const char *name,
		      const char *state)
{
	int64_t until = clock_now_ms() + patience_ms();
	const char *now = "";

	while (clock_now_ms() < until) {
		world_check(loop_run_once(w->loop, 10));
		now = netns ? world_slave_text(w, netns, name, "state")
			    : world_master_text(w, name, "state");
		if (!strcmp(now, state))
			return;
	}
	print_error("%s is %s (%s), not %s\n", name, now,
		    netns ? world_slave_text(w, netns, name, "message")
			  : world_master_text(w, name, "message"),
		    state);
	fail();
}

void world_run_for(struct world *w, int64_t ms)
{
	int64_t end = clock_now_ms() + ms;

	while (clock_now_ms() < end)
		world_check(loop_run_once(w->loop, end - clock_now_ms()));
}

struct quiet {
	int64_t since_ms;
	unsigned int n_turns;
};

static void note_commit(void *aux, const struct txn *txn)
{
	struct quiet *q = aux;

	(void)txn;
	*q = (struct quiet){.since_ms = clock_now_ms()};
}

void world_settle(struct world *w)
{
	struct quiet q = {.since_ms = clock_now_ms()};
	struct db_observer *o = db_observe(w->db, note_commit, &q);

	while (clock_now_ms() - q.since_ms < QUIET_MS || q.n_turns < QUIET_TURNS) {
		q.n_turns++;
		world_check(loop_run_once(w->loop, 10));
	}
	db_unobserve(o);
}

size_t world_n_drifts(const struct world *w)
{
	return table_count(w->columns.drift.table);
}

const char *world_drift_text(const struct world *w, const char *column)
{
	const struct row *newest = NULL;

	TABLE_FOR_EACH (r, w->columns.drift.table) {
		if (!newest ||
		    datum_integer(row_get(r, w->columns.drift.time), 0) >
			    datum_integer(row_get(newest, w->columns.drift.time), 0))
			newest = r;
	}
	return text_of(newest, column);
}

int world_setup(void **state)
{
	*state = world_new();
	return 0;
}

int world_teardown(void **state)
{
	world_free(*state);
	return 0;
}

void world_two_slaves(struct world *w)
{
	world_apply(w, WORLD_TWO_SLAVES);
	world_start(w);
	world_wait_state(w, "ns0", "ipvl0", "ready");
	world_wait_state(w, "ns1", "ipvl1", "ready");
	world_settle(w);
}
