/* apply and diff of a folder, and reload, which makes the daemon read its config-dir.
 * config/yaml/folder.c lists the files of a folder and those that no longer exist. */
#include "config/yaml/folder.h"

#include "ctl/commands/cmd.h"
#include "ctl/commands/cmd_folder.h"
#include "ctl/commands/source.h"
#include "ctl/session/ask.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct err *cmd_folder_config_dir(const struct context *ctx, const char **ret_dir)
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

/* False with errors in 'errors'. */
static bool apply_files(struct context *ctx, const struct folder *f,
			struct document_errors *errors)
{
	const struct source_others others = source_read_others(ctx, NULL);
	const struct document **outside =
		arena_array(ctx->arena, others.n + 1, sizeof(const struct document *));
	size_t n = 0;

	for (size_t i = 0; i < others.n; i++) {
		if (!folder_holds(f, document_file(others.documents[i])))
			outside[n++] = others.documents[i];
	}
	return folder_apply(f, &ctx->columns, ctx->txn, outside, n, errors);
}

struct err *cmd_folder_apply(struct context *ctx, const char *dir)
{
	struct document_errors errors = {0};
	struct folder f;
	struct err *e = dir ? NULL : cmd_folder_config_dir(ctx, &dir);

	if (!e && access(dir, R_OK))
		e = err_sys(errno, "cannot read the folder %s", dir);
	if (!e)
		e = folder_list(dir, &f);
	if (e)
		return e;
	folder_read(&f, &errors);
	if (errors.n || !apply_files(ctx, &f, &errors))
		e = source_refuse(ctx, &errors);
	for (size_t i = 0; i < f.n_files && !e; i++)
		source_warn_missing(ctx, f.files[i].path);
	for (size_t i = 0; i < f.n_files && !e; i++)
		source_repair_declared(ctx, f.files[i].path);
	for (size_t i = 0; i < f.n_files && !e; i++)
		source_note_declared(ctx, f.files[i].path);
	folder_clear(&f);
	ctx->wants_summary = ctx->is_apply = true;
	return e;
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
