/* The command `sources` lists the sources that declare rows, and which of their files
 * are missing; `forget` removes a source; `reload` makes the daemon read its config-dir.
 * config/yaml/declare_rows.c has what `apply` does with a source. */
#include "ctl/commands/cmd.h"
#include "config/yaml/folder.h"
#include "ctl/session/ask.h"
#include "ctl/session/context.h"
#include "ctl/session/naming.h"
#include "ctl/files/source.h"
#include "ctl/output/writer.h"
#include "lib/alloc.h"
#include "lib/text.h"
#include "ovsdb-lite/json/json.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The number of rows of a source. */
struct declarer {
	const char *name;
	size_t n_masters, n_slaves;
};

struct declarers {
	struct declarer *all;
	size_t n, cap;
};

static struct declarer *find(struct context *ctx, struct declarers *d, const char *name)
{
	for (size_t i = 0; i < d->n; i++) {
		if (!strcmp(d->all[i].name, name))
			return &d->all[i];
	}
	d->all = arena_grow(ctx->arena, d->all, d->n, &d->cap, sizeof(*d->all));
	d->all[d->n] = (struct declarer){.name = name};
	return &d->all[d->n++];
}

static void count_row(struct context *ctx, struct declarers *d, const struct row *r,
		      bool is_slave)
{
	const struct ipvl_columns *c = &ctx->columns;
	const struct datum *sources =
		txn_get(ctx->txn, r, is_slave ? c->slave.sources : c->master.sources);

	for (uint32_t i = 0; i < sources->n; i++) {
		struct declarer *one = find(ctx, d, datum_keys(sources)[i].string);

		if (is_slave)
			one->n_slaves++;
		else
			one->n_masters++;
	}
}

/* A source may declare pools alone: it is listed too. */
static void note_pool(struct context *ctx, struct declarers *d, const struct row *pool)
{
	const struct datum *sources = txn_get(ctx->txn, pool, ctx->columns.pool.sources);

	for (uint32_t i = 0; i < sources->n; i++)
		(void)find(ctx, d, datum_keys(sources)[i].string);
}

static int declarer_cmp(const void *a, const void *b)
{
	const struct declarer *x = a, *y = b;

	return strverscmp(x->name, y->name);
}

static struct declarers list_declarers(struct context *ctx)
{
	struct declarers d = {0};
	size_t n_masters, n_slaves;
	struct row **masters = naming_masters(ctx, &n_masters);

	for (size_t i = 0; i < n_masters; i++) {
		struct row **slaves = naming_slaves(ctx, masters[i], &n_slaves);

		count_row(ctx, &d, masters[i], false);
		for (size_t k = 0; k < n_slaves; k++)
			count_row(ctx, &d, slaves[k], true);
	}
	TXN_FOR_EACH_ROW (pool, ctx->txn, ctx->columns.pool.table)
		note_pool(ctx, &d, pool);
	if (d.n)
		qsort(d.all, d.n, sizeof(*d.all), declarer_cmp);
	return d;
}

static void write_file_state(const struct context *ctx, struct writer *w,
			     const char *source)
{
	switch (source_file_state(ctx, source)) {
	case SOURCE_THERE:
		writer_text(w, STYLE_GOOD, "there");
		break;
	case SOURCE_MISSING:
		writer_text(w, STYLE_BAD, "missing");
		break;
	case SOURCE_UNKNOWN:
		writer_text(w, STYLE_FAINT, "");
		break;
	}
}

struct err *cmd_sources(struct context *ctx, const struct call *call)
{
	static const char *const headings[] = {"source", "masters", "slaves", "file"};
	struct declarers d = list_declarers(ctx);
	struct writer *w =
		context_writer(ctx, FORMAT_TABLE, headings, ARRAY_SIZE(headings));

	(void)call;
	for (size_t i = 0; i < d.n; i++) {
		writer_text(w, STYLE_STRONG, d.all[i].name);
		writer_integer(w, (int64_t)d.all[i].n_masters);
		writer_integer(w, (int64_t)d.all[i].n_slaves);
		write_file_state(ctx, w, d.all[i].name);
	}
	writer_finish(w);
	return NULL;
}

/* The source of this name, or of this path. NULL if it declares nothing. */
static const char *find_source(struct context *ctx, const struct declarers *d,
			       const char *name)
{
	const char *path = source_path(ctx, name);

	for (size_t i = 0; i < d->n; i++) {
		if (!strcmp(d->all[i].name, name))
			return d->all[i].name;
	}
	for (size_t i = 0; i < d->n; i++) {
		if (!strcmp(d->all[i].name, path))
			return d->all[i].name;
	}
	return NULL;
}

static struct err *no_source(struct context *ctx, const struct declarers *d,
			     const char *name)
{
	const char **names = arena_array(ctx->arena, d->n + 1, sizeof(*names));
	struct err *e = err_new(ERR_NOT_FOUND, "%s declares no rows", name);
	const char *nearest;

	for (size_t i = 0; i < d->n; i++)
		names[i] = d->all[i].name;
	names[d->n] = NULL;
	nearest = text_nearest(name, names);
	return nearest ? err_hint(e, "did you mean %s?", nearest)
		       : err_hint(e, "`ipvl-ctl sources` lists those that do");
}

struct err *cmd_forget(struct context *ctx, const struct call *call)
{
	struct declarers d = list_declarers(ctx);

	ctx->wants_summary = ctx->is_apply = true;
	for (size_t i = 0; i < call->n_args; i++) {
		const char *source = find_source(ctx, &d, call->args[i]);

		if (!source && call->options & OPTION_IF_EXISTS)
			continue;
		if (!source)
			return no_source(ctx, &d, call->args[i]);
		/* The names are borrowed from rows, which change now. */
		source = arena_strdup(ctx->arena, source);
		source_forget(ctx, source);
	}
	return NULL;
}

/* Adds the rows of the files to those that are reported after the commit. */
static void note_folder(struct context *ctx, const char *dir)
{
	struct folder f;
	struct err *e = folder_list(dir, &f);

	if (e) {
		err_free(e);
		return;
	}
	for (size_t i = 0; i < f.n_files; i++)
		source_note_declared(ctx, f.files[i].path);
	folder_clear(&f);
}

struct err *cmd_reload(struct context *ctx, const struct call *call)
{
	CLEANUP(json_freep) struct json_object *result = NULL;
	const struct json_object *errors;
	struct err *e = context_check_connection(ctx);

	(void)call;
	if (!e && !ctx->replica)
		e = err_hint(err_new(ERR_UNSUPPORTED,
				     "%s is a database file, and reload needs a running "
				     "daemon",
				     ctx->options.db),
			     "use `apply`, which reads the config-dir itself");
	if (!e && ctx->options.dry_run)
		e = err_hint(
			err_new(ERR_UNSUPPORTED, "reload does not support --dry-run"),
			"`ipvl-ctl diff` shows what the config-dir would change");
	if (!e)
		e = ask_daemon(ctx, "ipvl_reload", NULL,
			       "apply files by name: `apply -f FILE`", &result);
	if (e)
		return e;
	errors = json_member(result, "errors");
	for (size_t i = 0; i < json_get_length(errors); i++)
		fprintf(ctx->warnings, "%s\n", json_get_string(json_at(errors, i)));
	ctx->has_failed = json_get_length(errors) > 0;
	ctx->reloaded_cfg = json_get_integer(json_member(result, "next_cfg"));
	note_folder(ctx, json_get_string(json_member(result, "dir")));
	return NULL;
}
