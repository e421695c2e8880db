/* Opens the database of a line, and begins and ends attempts. */
#include "ctl/session/context.h"

#include "config/state.h"
#include "config/valid/valid_txn.h"
#include "ctl/output/writer.h"
#include "lib/alloc.h"
#include "lib/hash_table.h"
#include "lib/clock.h"
#include "lib/stream_address.h"
#include "lib/process.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/values/schema.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DB_NAME "ipvl"
/* The first time between two tries of a line that follows. */
#define RECONNECT_MS 200

/* Turns a failed connection into a sentence with a remedy. Takes 'e'. */
static struct err *no_daemon(const char *address, int64_t timeout_ms, struct err *e)
{
	bool is_system = e->code == ERR_SYSTEM;
	const struct err *innermost = NULL;
	struct err *said = NULL;

	if (e->code == ERR_TIMED_OUT)
		said = err_hint(err_new(ERR_TIMED_OUT,
					"no answer from ipvld on %s within %" PRId64 " s",
					address, timeout_ms / 1000),
				"see `systemctl status ipvld`");
	else if (is_system && (e->sys_errno == EACCES || e->sys_errno == EPERM))
		said = err_hint(err_new(ERR_SYSTEM,
					"no permission to connect to ipvld on %s (%s)",
					address, strerror(e->sys_errno)),
				"be root, or in the group `ipvl`");
	else if (is_system && (e->sys_errno == ENOENT || e->sys_errno == ECONNREFUSED))
		said = err_hint(
			err_new(ERR_SYSTEM, "cannot connect to ipvld on %s (%s)", address,
				strerror(e->sys_errno)),
			"start it with `systemctl start ipvld`, or name a database "
			"with --db");
	if (!said && e->code == ERR_INVALID)
		return e; /* an invalid address: the message begins with it */
	for (const struct err *c = e; !said && c; c = c->cause)
		innermost = strstr(c->message, address) ? c : innermost;
	if (!said && innermost) /* "X: X: …" says no more */
		said = err_copy(innermost);
	if (!said)
		return err_wrap(e, "cannot read the database at %s", address);
	err_free(e);
	return said;
}

/* 'tables' NULL: all. */
static struct err *fetch_tables(struct context *ctx, const struct replica_table *tables,
				size_t n)
{
	const struct replica_options o = {
		.address = ctx->options.db,
		.tls = ctx->tls,
		.db_name = DB_NAME,
		.tables = tables,
		.n_tables = n,
		.reconnects = ctx->follows,
		.min_backoff_ms = RECONNECT_MS,
	};
	struct err *e = replica_open(ctx->loop, &o, context_left_ms(ctx), &ctx->replica);

	if (!e)
		ctx->db = replica_db(ctx->replica);
	return e;
}

static struct err *fetch(struct context *ctx, int64_t timeout_ms,
			 const struct json_object *slaves)
{
	const struct replica_table tables[] = {
		{.name = "Host"},
		{.name = "Master"},
		{.name = "Pool"},
		{.name = "Trial"},
		{.name = "Slave", .where = slaves},
	};
	struct err *e = fetch_tables(ctx, slaves ? tables : NULL, ARRAY_SIZE(tables));

	if (e)
		return no_daemon(ctx->options.db, timeout_ms, e);
	ctx->is_scoped = slaves != NULL;
	return NULL;
}

static struct err *open_replica(struct context *ctx, int64_t timeout_ms,
				const struct json_object *slaves)
{
	const struct stream_tls_files *files = &ctx->options.tls;
	struct err *e = loop_new(&ctx->loop);

	if (!e && stream_tls_files_are_given(files))
		e = stream_tls_new(files, &ctx->tls);
	return e ? e : fetch(ctx, timeout_ms, slaves);
}

struct err *context_widen(struct context *ctx)
{
	struct err *e;

	context_end(ctx);
	ctx->db = NULL;
	replica_close(STEAL(ctx->replica));
	e = fetch(ctx, context_left_ms(ctx), NULL);
	return e ? e : ipvl_columns_init(&ctx->columns, ctx->db);
}

static struct json_object *is_not(const char *column, struct json_object *value)
{
	struct json_object *clause = json_pair(json_string(column), json_string("!="));

	json_add(clause, value);
	return clause;
}

static struct json_object *is_unready(void)
{
	struct json_object *where = json_array();

	json_add(where, is_not("state", json_string(state_name(STATE_READY))));
	json_add(where, is_not("warnings", json_pair(json_string("set"), json_array())));
	return where;
}

struct err *context_reduce(struct context *ctx, enum context_part part)
{
	CLEANUP(json_freep) struct json_object *unready = is_unready();
	const struct replica_table tables[] = {
		{.name = "Host"},
		{.name = "Master"},
		{.name = "Slave", .where = unready},
	};
	struct err *e;

	ctx->is_reduced = true;
	txn_free(STEAL(ctx->txn));
	ctx->db = NULL;
	replica_close(STEAL(ctx->replica));
	ctx->deadline_ms = clock_now_ms() + OPTIONS_DEFAULT_TIMEOUT_MS;
	e = fetch_tables(ctx, tables, part == CONTEXT_HOST ? 1 : ARRAY_SIZE(tables));
	if (e)
		return err_hint(err_wrap(e, "lost the connection to ipvld"),
				"see `systemctl status ipvld`");
	return ipvl_columns_init(&ctx->columns, ctx->db);
}

static void drop_kept(struct context *ctx)
{
	if (ctx->kept)
		ctx->free_kept(STEAL(ctx->kept));
}

struct err *context_reconnect(struct context *ctx)
{
	drop_kept(ctx);
	ctx->deadline_ms = clock_now_ms() + OPTIONS_DEFAULT_TIMEOUT_MS;
	return context_widen(ctx);
}

/* An existing file keeps its schema: only ipvld converts it. */
static struct err *open_file(struct context *ctx, bool read_only)
{
	const char *path = ctx->options.db;
	bool is_missing = access(path, F_OK) && errno == ENOENT;
	struct err *e = NULL;

	if (is_missing && read_only)
		return err_hint(err_new(ERR_NOT_FOUND, "no such database file: %s", path),
				"`ipvl-ctl --db=%s init` creates it", path);
	if (is_missing)
		e = schema_from_file(ctx->options.schema, &ctx->schema);
	if (!e)
		e = db_open(path, ctx->schema, &ctx->file);
	if (!e)
		e = ipvl_columns_refuse_newer(ctx->file);
	if (e)
		return e;
	db_set_validator(ctx->file, valid_transaction_of_one, &ctx->columns);
	ctx->db = ctx->file;
	return NULL;
}

struct err *context_open(struct context *ctx, const struct options *options,
			 bool read_only, const struct json_object *slaves)
{
	int64_t timeout_ms = options->timeout_ms < 0 ? OPTIONS_DEFAULT_TIMEOUT_MS
						     : options->timeout_ms;
	struct err *e;

	ctx->options = *options;
	ctx->command = process_command(getpid(), PROCESS_SUBCOMMAND, INT64_MAX);
	ctx->deadline_ms = clock_now_ms() + timeout_ms;
	e = stream_address_has_scheme(options->db) ? open_replica(ctx, timeout_ms, slaves)
						   : open_file(ctx, read_only);
	return e ? e : ipvl_columns_init(&ctx->columns, ctx->db);
}

struct concerned {
	struct uuid uuid; /* key */
	UT_hash_handle hh;
};

void context_close(struct context *ctx)
{
	context_end(ctx);
	drop_kept(ctx);
	for (size_t i = 0; i < ctx->n_documents; i++)
		document_free(ctx->documents[i].document);
	free(ctx->documents);
	replica_close(ctx->replica);
	db_close(ctx->file);
	schema_free(ctx->schema);
	stream_tls_free(ctx->tls);
	loop_free(ctx->loop);
	free(ctx->command);
	*ctx = (struct context){0};
}

void context_begin(struct context *ctx)
{
	const struct txn_origin origin = {
		.uid = getuid(), .pid = getpid(), .command = ctx->command};

	context_end(ctx);
	ctx->txn = ctx->db ? txn_new(ctx->db, &origin) : NULL;
	ctx->arena = arena_new();
	ctx->out = open_memstream(&ctx->out_text, &ctx->out_size);
	ctx->warnings = open_memstream(&ctx->warnings_text, &ctx->warnings_size);
	if (!ctx->out || !ctx->warnings)
		abort();
}

void context_end(struct context *ctx)
{
	if (!ctx->arena)
		return;
	txn_free(STEAL(ctx->txn));
	if (ctx->out)
		fclose(STEAL(ctx->out));
	if (ctx->warnings)
		fclose(STEAL(ctx->warnings));
	free(STEAL(ctx->out_text));
	free(STEAL(ctx->warnings_text));
	HASH_CLEAR(hh, ctx->concerned);
	arena_free(STEAL(ctx->arena));
	ctx->concerns = NULL;
	ctx->n_concerns = ctx->concerns_cap = 0;
	ctx->complaints = NULL;
	ctx->differs = ctx->must_wait = ctx->wants_summary = ctx->wants_diff =
		ctx->is_apply = ctx->has_failed = false;
	ctx->reloaded_cfg = ctx->again_ms = 0;
}

void context_print(struct context *ctx)
{
	char *line, *rest;

	fflush(ctx->out);
	fflush(ctx->warnings);
	fputs(ctx->out_text, stdout);
	fflush(stdout);
	rest = ctx->warnings_text;
	while ((line = strsep(&rest, "\n"))) {
		if (*line)
			fprintf(stderr, "ipvl-ctl: %s\n", line);
	}
}

void context_keep(struct context *ctx, void *data, void (*free_data)(void *data))
{
	drop_kept(ctx);
	ctx->kept = data;
	ctx->free_kept = free_data;
}

int64_t context_left_ms(const struct context *ctx)
{
	int64_t left = ctx->deadline_ms - clock_now_ms();

	return left > 0 ? left : 0;
}

bool context_is_elsewhere(const struct context *ctx)
{
	return ctx->replica && strncmp(ctx->options.db, "unix:", strlen("unix:")) != 0;
}

struct err *context_check_connection(const struct context *ctx)
{
	const struct err *e = ctx->replica ? replica_error(ctx->replica) : NULL;

	if (!e)
		return NULL;
	return err_hint(err_wrap(err_copy(e), "lost the connection to ipvld"),
			"see `systemctl status ipvld`");
}

static void note_change(void *aux, const struct txn *txn)
{
	bool *changed = aux;

	(void)txn;
	*changed = true;
}

struct err *context_wait_change(struct context *ctx, int64_t deadline_ms)
{
	bool changed = false;
	struct db_observer *observer = db_observe(ctx->db, note_change, &changed);
	struct err *e = context_check_connection(ctx);

	while (!changed && !e) {
		int64_t left = deadline_ms - clock_now_ms();

		if (left <= 0)
			e = err_new(ERR_TIMED_OUT, "timed out waiting for a change");
		else
			e = loop_run_once(ctx->loop, left);
		if (!e)
			e = context_check_connection(ctx);
	}
	db_unobserve(observer);
	return e;
}

struct document *context_keep_document(struct context *ctx, struct document *d)
{
	ctx->documents = xrealloc_array(ctx->documents, ctx->n_documents + 1,
					sizeof(*ctx->documents));
	ctx->documents[ctx->n_documents++] =
		(struct context_document){.file = document_file(d), .document = d};
	return d;
}

struct document *context_read_document(struct context *ctx, const char *file,
				       struct document_errors *errors)
{
	struct document *d;

	for (size_t i = 0; i < ctx->n_documents; i++) {
		if (!strcmp(ctx->documents[i].file, file))
			return ctx->documents[i].document;
	}
	d = document_read(file, errors);
	if (!d)
		return NULL;
	context_keep_document(ctx, d);
	/* The document calls it "stdin", as a file may be called. */
	if (!strcmp(file, "-"))
		ctx->documents[ctx->n_documents - 1].file = "-";
	return d;
}

struct writer *context_writer(const struct context *ctx, enum format by_default,
			      const char *const *headings, size_t n)
{
	enum format format = ctx->options.format ? ctx->options.format
			     : ctx->options.bare ? FORMAT_LIST
						 : by_default;
	struct writer *w = writer_new(format, ctx->out, ctx->colour, headings, n);

	writer_limit(w, ctx->width);
	writer_terse(w, ctx->options.no_headings, ctx->options.bare);
	return w;
}

struct layout *context_layout(const struct context *ctx, size_t indent, size_t gap)
{
	struct layout *l = layout_new(indent, gap);

	layout_limit(l, ctx->width);
	return l;
}

void context_note(const struct context *ctx, enum style style, const char *text)
{
	struct layout *l = context_layout(ctx, 0, 0);

	layout_note(l, 0, style, text);
	layout_print(l, ctx->out, ctx->colour);
	layout_free(l);
}

const char *context_text(const struct context *ctx, const struct row *r,
			 const struct column_schema *c)
{
	return datum_text(txn_get(ctx->txn, r, c));
}

/* An apply notes its rows, and so does the difference that it makes. */
static bool is_concerned(struct context *ctx, const struct row *r)
{
	struct concerned *one;

	HASH_FIND(hh, ctx->concerned, row_uuid(r), sizeof(struct uuid), one);
	if (one)
		return true;
	one = arena_alloc(ctx->arena, sizeof(*one));
	one->uuid = *row_uuid(r);
	HASH_ADD(hh, ctx->concerned, uuid, sizeof(one->uuid), one);
	return false;
}

void context_concern(struct context *ctx, struct row *r)
{
	bool is_slave = row_table(r) == ctx->columns.slave.table;
	const char *netns = context_text(
		ctx, r, is_slave ? ctx->columns.slave.netns : ctx->columns.master.netns);
	const char *name = context_text(
		ctx, r, is_slave ? ctx->columns.slave.name : ctx->columns.master.name);

	if (is_concerned(ctx, r))
		return;
	ctx->concerns = arena_grow(ctx->arena, ctx->concerns, ctx->n_concerns,
				   &ctx->concerns_cap, sizeof(*ctx->concerns));
	ctx->concerns[ctx->n_concerns++] = (struct concern){
		.uuid = *row_uuid(r),
		.is_slave = is_slave,
		.label = arena_printf(ctx->arena, "%s%s%s", netns, *netns ? "/" : "",
				      name),
	};
}
