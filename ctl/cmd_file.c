/* apply, diff, validate: YAML files. What a file may hold is config/document.h's, what
 * becomes of its rows config/rows.h's; here are the commands. `diff` is an apply that the
 * line never commits. */
#include "config/document.h"
#include "ctl/commands.h"
#include "ctl/context.h"
#include "ctl/describe.h"
#include "ctl/naming.h"
#include "lib/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* -f FILE, or a plain argument. */
static struct err *file_of(const struct call *call, const char **ret_file)
{
	if (call->file && call->n_args)
		return err_new(ERR_INVALID, "two files are given, %s and %s", call->file,
			       call->args[0]);
	if (!call->file && !call->n_args)
		return err_hint(
			err_new(ERR_INVALID, "%s needs a file", call->command->name),
			"write -f FILE, or -f - for standard input");
	*ret_file = call->file ? call->file : call->args[0];
	return NULL;
}

static struct err *check_has_source(const struct call *call, const char *file)
{
	if (call->source && !*call->source)
		return err_new(ERR_INVALID, "--source= needs a name");
	if (call->source || strcmp(file, "-") != 0)
		return NULL;
	return err_hint(
		err_new(ERR_INVALID,
			"standard input has no name that identifies its rows later"),
		"give it one with --source=NAME");
}

struct err *cmd_apply_check(const struct call *call)
{
	const char *file;
	struct err *e = file_of(call, &file);

	if (!e)
		e = check_has_source(call, file);
	if (!e && strcmp(file, "-") != 0 && access(file, R_OK))
		e = err_sys(errno, "cannot read %s", file);
	return e;
}

/* Who declares it: the real path, or --source. From the attempt's arena. */
static struct err *source_of(struct context *ctx, const struct call *call,
			     const char *file, const char **ret_source)
{
	CLEANUP(freep) char *path = NULL;
	struct err *e;

	e = check_has_source(call, file);
	if (e)
		return e;
	if (call->source) {
		*ret_source = call->source;
		return NULL;
	}
	path = realpath(file, NULL);
	if (!path)
		return err_sys(errno, "cannot read %s", file);
	*ret_source = arena_strdup(ctx->arena, path);
	return NULL;
}

/* The complaints become the failure's text. Clears 'errors'. */
static struct err *refuse(struct context *ctx, struct document_errors *errors)
{
	CLEANUP(freep) char *text = document_errors_text(errors);

	ctx->complaints = arena_strdup(ctx->arena, text);
	document_errors_clear(errors);
	return err_new(ERR_INVALID, "the file has errors");
}

/* Every row that the source declares is concerned, changed or not: a second apply
 * reports the same conflict as the first. */
static void note_declared(struct context *ctx, const char *source)
{
	const struct ipvl_columns *c = &ctx->columns;
	const union atom key = {.string = arena_strdup(ctx->arena, source)};
	size_t n_masters, n_slaves;
	struct row **masters = naming_masters(ctx, &n_masters);

	for (size_t i = 0; i < n_masters; i++) {
		struct row **slaves = naming_slaves(ctx, masters[i], &n_slaves);

		if (datum_find(txn_get(ctx->txn, masters[i], c->master.sources), &key,
			       ATOM_STRING) >= 0)
			context_concern(ctx, masters[i]);
		for (size_t k = 0; k < n_slaves; k++) {
			if (datum_find(txn_get(ctx->txn, slaves[k], c->slave.sources),
				       &key, ATOM_STRING) >= 0)
				context_concern(ctx, slaves[k]);
		}
	}
}

/* Documents of the other sources, as far as they are files that can be read: a complaint
 * about two sources names both lines then, and a row edited by hand contradicts
 * no file. */
struct others {
	const struct document **documents;
	size_t n, cap;
};

static void add_other(struct context *ctx, struct others *o, const char *source,
		      const char *own)
{
	struct document_errors errors = {0};
	const struct document *d;

	if (*source != '/' || !strcmp(source, own))
		return;
	for (size_t i = 0; i < o->n; i++) {
		if (!strcmp(document_file(o->documents[i]), source))
			return;
	}
	d = context_read_document(ctx, source, &errors);
	document_errors_clear(&errors);
	if (!d)
		return;
	o->documents = arena_grow(ctx->arena, o->documents, o->n, &o->cap,
				  sizeof(const struct document *));
	o->documents[o->n++] = d;
}

static struct others read_others(struct context *ctx, const char *own)
{
	const struct ipvl_columns *c = &ctx->columns;
	const struct {
		const struct table *table;
		const struct column_schema *sources;
	} tables[] = {{c->master.table, c->master.sources},
		      {c->slave.table, c->slave.sources}};
	struct others o = {0};

	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		TABLE_FOR_EACH (r, tables[t].table) {
			const struct datum *d = row_get(r, tables[t].sources);

			for (uint32_t i = 0; i < d->n; i++)
				add_other(ctx, &o, datum_keys(d)[i].string, own);
		}
	}
	return o;
}

struct err *cmd_apply(struct context *ctx, const struct call *call)
{
	struct document_errors errors = {0};
	const struct document *d;
	const char *file, *source;
	struct others o;
	struct row *host;
	struct err *e = file_of(call, &file);

	if (!e)
		e = source_of(ctx, call, file, &source);
	if (e)
		return e;
	d = context_read_document(ctx, file, &errors);
	if (!d)
		return refuse(ctx, &errors);
	o = read_others(ctx, source);
	host = rows_ensure_host(&ctx->columns, ctx->txn, NULL);
	if (!rows_apply_source(&ctx->columns, ctx->txn, host, source, d, o.documents, o.n,
			       &errors))
		return refuse(ctx, &errors);
	note_declared(ctx, source);
	ctx->wants_summary = ctx->is_apply = true;
	ctx->is_strict = ctx->is_strict || call->options & OPTION_STRICT;
	return NULL;
}

static void print_valid(struct context *ctx, const char *file, const struct document *d)
{
	const struct model *m = document_model(d);
	size_t n_slaves = 0;

	for (size_t i = 0; i < m->n_masters; i++)
		n_slaves += m->masters[i].n_slaves;
	fprintf(ctx->out, "%s: valid: %s, %s\n", file,
		describe_count(ctx->arena, m->n_masters, "master"),
		describe_count(ctx->arena, n_slaves, "slave"));
}

struct err *cmd_validate(struct context *ctx, const struct call *call)
{
	const char *all = "";
	size_t n = call->n_args + (call->file ? 1 : 0);

	if (!n)
		return err_hint(err_new(ERR_INVALID, "validate needs a file"),
				"- is standard input");
	for (size_t i = 0; i < n; i++) {
		struct document_errors errors = {0};
		const char *file = i < call->n_args ? call->args[i] : call->file;
		const struct document *d = context_read_document(ctx, file, &errors);

		if (d) {
			print_valid(ctx, file, d);
			continue;
		}
		err_free(refuse(ctx, &errors));
		all = arena_printf(ctx->arena, "%s%s", all, ctx->complaints);
	}
	ctx->complaints = *all ? all : NULL;
	return *all ? err_new(ERR_INVALID, "there are errors") : NULL;
}
