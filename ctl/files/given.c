/* What `apply`, `diff` and `try` read: files, folders and standard input, as one set of
 * sources (config/yaml/folder.h). */
#include "ctl/files/given.h"

#include "ctl/files/source.h"
#include "ctl/session/naming.h"
#include "lib/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool given_is_folder(const char *file)
{
	struct stat st;

	return !file || (!stat(file, &st) && S_ISDIR(st.st_mode));
}

static bool is_stdin(const char *file)
{
	return !strcmp(file, "-");
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

/* --source is the name of one file: of standard input, or of the only one. */
static struct err *check_source(const struct call *call, size_t n_stdin)
{
	const char *file = call->n_files ? call->files[0] : NULL;

	if (n_stdin > 1)
		return err_new(ERR_INVALID, "standard input (-) is given twice");
	if (n_stdin && !call->source)
		return err_hint(
			err_new(ERR_INVALID,
				"standard input needs a name that identifies its rows "
				"later"),
			"give it one with --source=NAME");
	if (!call->source || n_stdin)
		return NULL;
	if (call->n_files > 1)
		return err_hint(err_new(ERR_INVALID,
					"--source=%s names the rows of one file, and %zu "
					"are given",
					call->source, call->n_files),
				"apply that file by a command of its own: `-- apply -f "
				"FILE --source=NAME`");
	if (given_is_folder(file))
		return err_hint(err_new(ERR_INVALID,
					"--source=%s names the rows of one file, and %s "
					"is a folder",
					call->source, file ? file : "the config-dir"),
				"name a file with -f FILE");
	return NULL;
}

struct err *given_check(const struct call *call)
{
	size_t n_stdin = 0;
	struct err *e;

	if (call->source && !*call->source)
		return err_new(ERR_INVALID, "--source= needs a name");
	for (size_t i = 0; i < call->n_files; i++)
		n_stdin += is_stdin(call->files[i]);
	e = check_source(call, n_stdin);
	for (size_t i = 0; i < call->n_files && !e; i++) {
		if (!is_stdin(call->files[i]) && access(call->files[i], R_OK))
			e = no_file(call->files[i]);
	}
	return e;
}

struct err *given_config_dir(const struct context *ctx, const char **ret_dir)
{
	const struct row *host = rows_find_host(&ctx->columns, ctx->txn, NULL);
	const char *dir =
		host ? context_text(ctx, host, ctx->columns.host.config_dir) : "";

	if (context_is_elsewhere(ctx))
		return err_hint(err_new(ERR_UNSUPPORTED,
					"the config-dir is on the host of %s",
					ctx->options.db),
				"name a file of this host with -f FILE, or have the "
				"daemon read its files with `reload`");
	*ret_dir = *dir ? dir : FOLDER_DEFAULT;
	return NULL;
}

static struct err *add_folder(struct folder *given, const char *dir)
{
	if (access(dir, R_OK))
		return err_sys(errno, "cannot read the folder %s", dir);
	return folder_add(given, dir);
}

/* The document belongs to the context: standard input can be read only once. */
static struct err *add_file(struct context *ctx, const struct call *call,
			    struct folder *given, const char *file,
			    struct document_errors *errors)
{
	bool is_named = call->source && (is_stdin(file) || call->n_files == 1);
	CLEANUP(freep) char *path = is_named ? NULL : realpath(file, NULL);
	struct document *d;

	if (!is_named && !path)
		return err_sys(errno, "cannot read %s", file);
	d = context_read_document(ctx, file, errors);
	if (d)
		folder_add_document(given, is_named ? call->source : path, d);
	return NULL;
}

struct err *given_read(struct context *ctx, const struct call *call,
		       struct document_errors *errors, struct folder *ret_given)
{
	struct folder given = {0};
	const char *dir;
	struct err *e = NULL;

	if (!call->n_files)
		e = given_config_dir(ctx, &dir);
	if (!call->n_files && !e)
		e = add_folder(&given, dir);
	for (size_t i = 0; i < call->n_files && !e; i++) {
		if (given_is_folder(call->files[i]))
			e = add_folder(&given, call->files[i]);
	}
	if (!e)
		folder_read(&given, errors);
	for (size_t i = 0; i < call->n_files && !e; i++) {
		if (!given_is_folder(call->files[i]))
			e = add_file(ctx, call, &given, call->files[i], errors);
	}
	if (!e && !given.n_files && call->options & OPTION_PRUNE)
		e = err_hint(err_new(ERR_INVALID,
				     "no *.yaml file was found, and --prune would "
				     "remove every master"),
			     "if that is meant: a file with `version: 1` alone declares "
			     "nothing");
	if (e)
		folder_clear(&given);
	else
		*ret_given = given;
	return e;
}

/* Rows that `ipvl-ctl` or another client has made. */
static void remove_undeclared(struct context *ctx)
{
	const struct ipvl_columns *c = &ctx->columns;
	size_t n_masters, n_slaves;
	struct row **masters = naming_masters(ctx, &n_masters);

	for (size_t i = 0; i < n_masters; i++) {
		struct row **slaves = naming_slaves(ctx, masters[i], &n_slaves);

		for (size_t k = 0; k < n_slaves; k++) {
			if (!txn_get(ctx->txn, slaves[k], c->slave.sources)->n)
				rows_remove_slave(c, ctx->txn, slaves[k]);
		}
		if (!txn_get(ctx->txn, masters[i], c->master.sources)->n)
			rows_remove_master(c, ctx->txn, masters[i]);
	}
	TXN_FOR_EACH_ROW (pool, ctx->txn, c->pool.table) {
		if (!txn_get(ctx->txn, pool, c->pool.sources)->n)
			txn_delete(ctx->txn, pool);
	}
}

/* The other sources declare nothing from now on, and so contradict nothing. */
static bool apply_alone(struct context *ctx, const struct folder *given,
			struct document_errors *errors)
{
	const struct ipvl_columns *c = &ctx->columns;
	struct document **nothing;
	struct datum others;
	bool ok;

	folder_list_others(given, c, ctx->txn, &others);
	nothing = arena_array(ctx->arena, others.n, sizeof(struct document *));
	for (uint32_t i = 0; i < others.n; i++)
		nothing[i] = document_of_nothing(datum_keys(&others)[i].string);
	ok = folder_apply(given, c, ctx->txn, (const struct document *const *)nothing,
			  others.n, errors);
	for (uint32_t i = 0; i < others.n; i++)
		document_free(nothing[i]);
	for (uint32_t i = 0; i < others.n && ok; i++)
		source_forget(ctx, datum_keys(&others)[i].string);
	if (ok)
		remove_undeclared(ctx);
	datum_clear(&others, &c->master.sources->type);
	return ok;
}

bool given_apply(struct context *ctx, const struct folder *given, bool prune,
		 struct document_errors *errors)
{
	struct source_others others;

	if (prune)
		return apply_alone(ctx, given, errors);
	others = source_read_others(ctx, given);
	return folder_apply(given, &ctx->columns, ctx->txn, others.documents, others.n,
			    errors);
}
