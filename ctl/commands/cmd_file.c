/* The commands apply, diff and validate: YAML files. `diff` is an apply without
 * commit. The contents of a file are read by config/yaml/document.h and become rows in
 * config/yaml/declare_rows.h. */
#include "config/yaml/document.h"
#include "config/yaml/folder.h"
#include "config/yaml/declare_rows.h"
#include "ctl/commands/cmd.h"
#include "ctl/session/context.h"
#include "ctl/text/describe.h"
#include "ctl/commands/cmd_folder.h"
#include "ctl/commands/source.h"
#include "lib/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* -f FILE or an argument; NULL: neither, which means the config-dir. */
static struct err *file_of(const struct call *call, const char **ret_file)
{
	if (call->file && call->n_args)
		return err_new(ERR_INVALID, "two files are given, %s and %s", call->file,
			       call->args[0]);
	*ret_file = call->file ? call->file : call->n_args ? call->args[0] : NULL;
	return NULL;
}

static bool is_folder(const char *file)
{
	struct stat st;

	return !file || (!stat(file, &st) && S_ISDIR(st.st_mode));
}

static struct err *check_has_source(const struct call *call, const char *file)
{
	if (call->source && !*call->source)
		return err_new(ERR_INVALID, "--source= needs a name");
	if (call->source && is_folder(file))
		return err_hint(err_new(ERR_INVALID,
					"--source=%s names the rows of one file, and %s "
					"is a folder",
					call->source, file ? file : "the config-dir"),
				"name a file with -f FILE");
	if (!file)
		return NULL;
	if (call->source || strcmp(file, "-") != 0)
		return NULL;
	return err_hint(
		err_new(ERR_INVALID,
			"standard input needs a name that identifies its rows later"),
		"give it one with --source=NAME");
}

/* The rows of a file that no longer exists stay until `forget`. */
static struct err *no_file(const char *file)
{
	const struct context none = {.arena = arena_new()};
	struct err *e = err_sys(errno, "cannot read %s", file);

	if (errno == ENOENT)
		e = err_hint(e,
			     "if the file was removed: `ipvl-ctl forget %s` removes the "
			     "rows that it declared",
			     source_path(&none, file));
	arena_free(none.arena);
	return e;
}

struct err *cmd_apply_check(const struct call *call)
{
	const char *file;
	struct err *e = file_of(call, &file);

	if (!e)
		e = check_has_source(call, file);
	if (!e && file && strcmp(file, "-") != 0 && access(file, R_OK))
		e = no_file(file);
	return e;
}

/* The source of the rows: --source, or the real path. From the attempt's arena. */
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

struct err *cmd_apply(struct context *ctx, const struct call *call)
{
	struct document_errors errors = {0};
	const struct document *d;
	const char *file, *source;
	struct source_others o;
	struct row *host;
	struct err *e = file_of(call, &file);

	if (!e && is_folder(file))
		return cmd_folder_apply(ctx, file);
	if (!e)
		e = source_of(ctx, call, file, &source);
	if (e)
		return e;
	d = context_read_document(ctx, file, &errors);
	if (!d)
		return source_refuse(ctx, &errors);
	o = source_read_others(ctx, source);
	host = rows_ensure_host(&ctx->columns, ctx->txn, NULL);
	if (!declare_rows(&ctx->columns, ctx->txn, host, source, d, o.documents, o.n,
			  &errors))
		return source_refuse(ctx, &errors);
	source_warn_missing(ctx, source);
	source_repair_declared(ctx, source);
	source_note_declared(ctx, source);
	ctx->wants_summary = ctx->is_apply = true;
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

/* Adds the errors of one file to '*all'. */
static void validate_file(struct context *ctx, const char *file, const char **all)
{
	struct document_errors errors = {0};
	const struct document *d = context_read_document(ctx, file, &errors);

	if (d) {
		print_valid(ctx, file, d);
		return;
	}
	err_free(source_refuse(ctx, &errors));
	*all = arena_printf(ctx->arena, "%s%s", *all, ctx->complaints);
}

static struct err *validate_folder(struct context *ctx, const char *dir, const char **all)
{
	struct folder f;
	struct err *e = folder_list(dir, &f);

	if (e)
		return e;
	for (size_t i = 0; i < f.n_files; i++)
		validate_file(ctx, f.files[i].path, all);
	if (!f.n_files)
		fprintf(ctx->out, "%s: no *.yaml file in this folder\n", dir);
	folder_clear(&f);
	return NULL;
}

struct err *cmd_validate(struct context *ctx, const struct call *call)
{
	const char *all = "";
	size_t n = call->n_args + (call->file ? 1 : 0);
	struct err *e = NULL;

	if (!n)
		return err_hint(err_new(ERR_INVALID, "validate needs a file"),
				"- is standard input");
	for (size_t i = 0; i < n && !e; i++) {
		const char *file = i < call->n_args ? call->args[i] : call->file;

		if (is_folder(file))
			e = validate_folder(ctx, file, &all);
		else
			validate_file(ctx, file, &all);
	}
	ctx->complaints = *all ? all : NULL;
	if (!e && *all)
		e = err_new(ERR_INVALID, "there are errors");
	return e;
}
