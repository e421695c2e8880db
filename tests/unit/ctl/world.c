/* See world.h. */
#include "world.h"

#include "config/valid/valid_txn.h"
#include "ctl/commands.h"
#include "ctl/line/args.h"
#include "ctl/line/command.h"
#include "ctl/text/declared.h"
#include "ctl/session/naming.h"
#include "lib/alloc.h"
#include "ovsdb-lite/values/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check(struct err *e)
{
	if (e)
		fail_msg("%s", err_text(e));
}

void world_init(struct world *w)
{
	struct schema *schema;

	*w = (struct world){0};
	check(schema_from_file(SCHEMA, &schema));
	w->db = db_new_in_memory(schema);
	w->ctx.db = w->db;
	w->ctx.options.timeout_ms = -1;
	w->ctx.options.db = "memory";
	check(ipvl_columns_init(&w->ctx.columns, w->db));
	db_set_validator(w->db, valid_transaction_of_one, &w->ctx.columns);
}

static void forget(struct world *w)
{
	free(STEAL(w->said));
	free(STEAL(w->out));
	free(STEAL(w->warnings));
}

void world_clear(struct world *w)
{
	forget(w);
	context_close(&w->ctx);
	db_close(w->db);
}

/* 'words' is cut up. */
static struct err *run(struct world *w, char *words)
{
	struct call call = {0};
	char *args[64], *word;
	struct err *e = command_find(commands, strsep(&words, "|"), &call.command);

	if (e)
		return e;
	call.args = args;
	while ((word = strsep(&words, "|"))) {
		if (!strcmp(word, "--may-exist"))
			call.options |= OPTION_MAY_EXIST;
		else if (!strcmp(word, "--if-exists"))
			call.options |= OPTION_IF_EXISTS;
		else if (!strcmp(word, "--all"))
			call.options |= OPTION_ALL;
		else if (!strcmp(word, "--not-ready"))
			call.options |= OPTION_NOT_READY;
		else if (!strncmp(word, "--columns=", strlen("--columns=")))
			call.columns = word + strlen("--columns=");
		else
			args[call.n_args++] = word;
	}
	assert_true(call.n_args >= call.command->min_args);
	e = command_check_format(call.command, w->ctx.options.format);
	return e ? e : call.command->run(&w->ctx, &call);
}

static void keep_texts(struct world *w)
{
	fflush(w->ctx.out);
	fflush(w->ctx.warnings);
	w->out = xstrdup(w->ctx.out_text);
	w->warnings = xstrdup(w->ctx.warnings_text);
}

bool world_try(struct world *w, const char *line)
{
	CLEANUP(freep) char *words = xstrdup(line);
	struct err *e;

	forget(w);
	context_begin(&w->ctx);
	e = run(w, words);
	if (!e)
		declared_warn(&w->ctx, diff_make(&w->ctx));
	if (!e)
		e = db_commit(w->ctx.txn);
	keep_texts(w);
	context_end(&w->ctx);
	if (!e)
		return true;
	w->said = err_text(e);
	err_free(e);
	return false;
}

const char *world_run(struct world *w, const char *line)
{
	if (!world_try(w, line))
		fail_msg("%s: %s", line, w->said);
	return w->out;
}

void world_refuse(struct world *w, const char *line, const char *words)
{
	if (world_try(w, line))
		fail_msg("%s was taken", line);
	if (!strstr(w->said, words))
		fail_msg("%s: \"%s\" does not say \"%s\"", line, w->said, words);
}

void world_begin(struct world *w, const char *lines)
{
	CLEANUP(freep) char *copy = xstrdup(lines);
	char *rest = copy, *line;

	forget(w);
	context_begin(&w->ctx);
	while ((line = strsep(&rest, "\n"))) {
		if (*line)
			check(run(w, line));
	}
}

static void write_status(struct world *w, struct txn *t, struct row *r,
			 const char *assignments)
{
	CLEANUP(freep) char *copy = xstrdup(assignments);
	char *rest = copy, *word;

	(void)w;
	while ((word = strsep(&rest, "|"))) {
		struct assignment a;

		check(args_parse(table_schema(row_table(r)), word, &a));
		check(assignment_write(&a, t, r));
		assignment_clear(&a);
	}
}

void world_status(struct world *w, const char *table, const char *record,
		  const char *assignments)
{
	const struct txn_origin self = {.internal = true};
	struct row *r;

	context_begin(&w->ctx);
	check(naming_find(&w->ctx, db_table(w->db, table), record, &r));
	context_end(&w->ctx);
	w->ctx.txn = txn_new(w->db, &self);
	write_status(w, w->ctx.txn, r, assignments);
	check(db_commit(w->ctx.txn));
	txn_free(STEAL(w->ctx.txn));
}

void world_declare(struct world *w, const char *slave, const char *source)
{
	struct row *r;

	context_begin(&w->ctx);
	check(naming_find(&w->ctx, db_table(w->db, "Slave"), slave, &r));
	txn_set_strings(w->ctx.txn, r, w->ctx.columns.slave.sources, &source, 1);
	check(db_commit(w->ctx.txn));
	context_end(&w->ctx);
}

void world_drift(struct world *w, int64_t time_ms, const char *assignments)
{
	const struct txn_origin self = {.internal = true};
	struct txn *t = txn_new(w->db, &self);
	struct datum d;
	struct row *r;

	check(txn_insert(t, w->ctx.columns.drift.table, NULL, &r));
	datum_init_empty(&d);
	datum_set_integer(&d, &w->ctx.columns.drift.time->type, time_ms);
	txn_set(t, r, w->ctx.columns.drift.time, &d);
	write_status(w, t, r, assignments);
	check(db_commit(t));
	txn_free(t);
}

void expect_text(const char *is, const char *right)
{
	if (strcmp(is, right))
		fail_msg("it is:\n%s\nand not:\n%s", is, right);
}
