/* What the commands that read YAML files share: the rows, the files and the other
 * declarations of a source. */
#include "ctl/files/source.h"

#include "config/state.h"
#include "config/yaml/declare_rows.h"
#include "ctl/session/naming.h"
#include "lib/alloc.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct err *source_refuse(struct context *ctx, struct document_errors *errors)
{
	CLEANUP(freep) char *text = document_errors_text(errors);

	ctx->complaints = arena_strdup(ctx->arena, text);
	document_errors_clear(errors);
	return err_new(ERR_INVALID, "%s", ctx->complaints);
}

typedef void declared_fn(struct context *ctx, struct row *r);

static void each_declared(struct context *ctx, const char *source, declared_fn *fn)
{
	const struct ipvl_columns *c = &ctx->columns;
	const union atom key = {.string = arena_strdup(ctx->arena, source)};
	size_t n_masters, n_slaves;
	struct row **masters = naming_masters(ctx, &n_masters);

	for (size_t i = 0; i < n_masters; i++) {
		struct row **slaves = naming_slaves(ctx, masters[i], &n_slaves);

		if (datum_find(txn_get(ctx->txn, masters[i], c->master.sources), &key,
			       ATOM_STRING) >= 0)
			fn(ctx, masters[i]);
		for (size_t k = 0; k < n_slaves; k++) {
			if (datum_find(txn_get(ctx->txn, slaves[k], c->slave.sources),
				       &key, ATOM_STRING) >= 0)
				fn(ctx, slaves[k]);
		}
	}
}

void source_note_declared(struct context *ctx, const char *source)
{
	each_declared(ctx, source, context_concern);
}

void source_repair_row(struct context *ctx, struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;
	const struct column_schema *column =
		row_table(r) == c->master.table ? c->master.repairs : c->slave.repairs;

	txn_set_integer(ctx->txn, r, column,
			datum_integer(txn_get(ctx->txn, r, column), 0) + 1);
}

static void repair_if_reported(struct context *ctx, struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;
	bool is_master = row_table(r) == c->master.table;
	const char *state =
		context_text(ctx, r, is_master ? c->master.state : c->slave.state);
	const char *drift =
		context_text(ctx, r, is_master ? c->master.drift : c->slave.drift);

	if (state_from_name(state) == STATE_DRIFTED &&
	    strcmp(drift, model_drift_name(MODEL_DRIFT_IGNORE)) != 0)
		source_repair_row(ctx, r);
}

void source_repair_declared(struct context *ctx, const char *source)
{
	each_declared(ctx, source, repair_if_reported);
}

static void adopt_unless_ready(struct context *ctx, struct row *r)
{
	if (state_of_row(&ctx->columns, r) != STATE_READY)
		rows_set_transfer(&ctx->columns, ctx->txn, r, ROWS_ADOPT);
}

void source_adopt_declared(struct context *ctx, const char *source)
{
	each_declared(ctx, source, adopt_unless_ready);
}

const char *source_path(const struct context *ctx, const char *file)
{
	CLEANUP(freep) char *path = realpath(file, NULL);
	CLEANUP(freep) char *copy = xstrdup(file);
	const char *name = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;

	if (path)
		return arena_strdup(ctx->arena, path);
	path = realpath(dirname(copy), NULL);
	if (!path || !*name)
		return arena_strdup(ctx->arena, file);
	return arena_printf(ctx->arena, "%s/%s", strcmp(path, "/") ? path : "", name);
}

enum source_state source_file_state(const struct context *ctx, const char *source)
{
	if (*source != '/' || context_is_elsewhere(ctx))
		return SOURCE_UNKNOWN;
	if (!access(source, F_OK))
		return SOURCE_THERE;
	return errno == ENOENT || errno == ENOTDIR ? SOURCE_MISSING : SOURCE_UNKNOWN;
}

static void warn_return(struct context *ctx, const char *source)
{
	if (source_file_state(ctx, source) == SOURCE_THERE)
		fprintf(ctx->warnings,
			"warning: %s still exists: its rows return when it is applied\n",
			source);
}

void source_forget(struct context *ctx, const char *source)
{
	warn_return(ctx, source);
	declare_rows_forget(&ctx->columns, ctx->txn,
			    rows_ensure_host(&ctx->columns, ctx->txn, NULL), source,
			    NULL);
}

struct missing {
	const char **names;
	size_t n, cap;
};

/* The missing sources of a row, if 'source' is among its others. */
static void add_missing(struct context *ctx, struct missing *m, const struct row *r,
			const struct column_schema *c, const union atom *source)
{
	const struct datum *set = txn_get(ctx->txn, r, c);

	if (set->n < 2 || datum_find(set, source, ATOM_STRING) < 0)
		return;
	for (uint32_t i = 0; i < set->n; i++) {
		const char *name = datum_keys(set)[i].string;
		size_t k = 0;

		while (k < m->n && strcmp(m->names[k], name) != 0)
			k++;
		if (k < m->n || source_file_state(ctx, name) != SOURCE_MISSING)
			continue;
		m->names = arena_grow(ctx->arena, m->names, m->n, &m->cap,
				      sizeof(const char *));
		m->names[m->n++] = name;
	}
}

void source_warn_missing(struct context *ctx, const char *source)
{
	const struct ipvl_columns *c = &ctx->columns;
	const union atom key = {.string = arena_strdup(ctx->arena, source)};
	struct missing m = {0};

	TXN_FOR_EACH_ROW (r, ctx->txn, c->master.table)
		add_missing(ctx, &m, r, c->master.sources, &key);
	TXN_FOR_EACH_ROW (r, ctx->txn, c->slave.table)
		add_missing(ctx, &m, r, c->slave.sources, &key);
	for (size_t i = 0; i < m.n; i++)
		fprintf(ctx->warnings,
			"warning: %s also declares some of these rows, but no longer "
			"exists: run `ipvl-ctl forget %s` if it was removed\n",
			m.names[i], m.names[i]);
}

static void add_other(struct context *ctx, struct source_others *o, const char *source,
		      const struct folder *given)
{
	struct document_errors errors = {0};
	const struct document *d;

	if (*source != '/' || folder_holds(given, source))
		return;
	for (size_t i = 0; i < o->n; i++) {
		if (!strcmp(document_file(o->documents[i]), source))
			return;
	}
	d = context_read_document(ctx, source, &errors);
	document_errors_clear(&errors);
	/* A missing file is not compared: it may have been renamed and changed. */
	if (!d && source_file_state(ctx, source) == SOURCE_MISSING)
		d = context_keep_document(ctx, document_of_nothing(source));
	if (!d)
		return;
	o->documents = arena_grow(ctx->arena, o->documents, o->n, &o->cap,
				  sizeof(const struct document *));
	o->documents[o->n++] = d;
}

struct source_others source_read_others(struct context *ctx, const struct folder *given)
{
	const struct ipvl_columns *c = &ctx->columns;
	const struct {
		const struct table *table;
		const struct column_schema *sources;
	} tables[] = {{c->master.table, c->master.sources},
		      {c->slave.table, c->slave.sources}};
	struct source_others o = {0};

	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		TABLE_FOR_EACH (r, tables[t].table) {
			const struct datum *d = row_get(r, tables[t].sources);

			for (uint32_t i = 0; i < d->n; i++)
				add_other(ctx, &o, datum_keys(d)[i].string, given);
		}
	}
	return o;
}
