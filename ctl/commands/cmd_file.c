/* The commands apply, diff and validate: YAML files. `diff` is an apply without
 * commit. The files are read by given.h and become rows in config/yaml/folder.h. */
#include "config/yaml/document.h"
#include "config/yaml/document_set.h"
#include "config/yaml/folder.h"
#include "ctl/commands/cmd.h"
#include "ctl/files/given.h"
#include "ctl/files/source.h"
#include "ctl/session/context.h"
#include "ctl/text/describe.h"

struct err *cmd_apply_check(const struct call *call)
{
	return given_check(call);
}

struct err *cmd_apply(struct context *ctx, const struct call *call)
{
	struct document_errors errors = {0};
	struct folder given;
	struct err *e = given_check(call);

	if (!e)
		e = given_read(ctx, call, &errors, &given);
	if (e) {
		document_errors_clear(&errors);
		return e;
	}
	if (errors.n || !given_apply(ctx, &given, call->options & OPTION_PRUNE, &errors))
		e = source_refuse(ctx, &errors);
	for (size_t i = 0; i < given.n_files && !e; i++)
		source_warn_missing(ctx, given.files[i].path);
	for (size_t i = 0; i < given.n_files && !e; i++)
		source_repair_declared(ctx, given.files[i].path);
	for (size_t i = 0; i < given.n_files && !e && call->options & OPTION_ADOPT; i++)
		source_adopt_declared(ctx, given.files[i].path);
	for (size_t i = 0; i < given.n_files && !e; i++)
		source_note_declared(ctx, given.files[i].path);
	folder_clear(&given);
	ctx->wants_summary = ctx->is_apply = true;
	return e;
}

static void print_valid(struct context *ctx, const struct document *d)
{
	const struct model *m = document_model(d);
	size_t n_slaves = 0, n_pools;

	for (size_t i = 0; i < m->n_masters; i++)
		n_slaves += m->masters[i].n_slaves;
	(void)document_pools(d, &n_pools);
	fprintf(ctx->out, "%s: valid: %s%s, %s\n", document_file(d),
		n_pools ? arena_printf(ctx->arena, "%s, ",
				       describe_count(ctx->arena, n_pools, "pool"))
			: "",
		describe_count(ctx->arena, m->n_masters, "master"),
		describe_count(ctx->arena, n_slaves, "slave"));
}

/* What `validate` has read. */
struct checked {
	const struct document **documents;
	size_t n, cap;
	struct document_errors errors;
};

static void read_file(struct context *ctx, const char *file, struct checked *all)
{
	const struct document *d = context_read_document(ctx, file, &all->errors);

	for (size_t i = 0; d && i < all->n; i++) {
		if (all->documents[i] == d) /* it was given twice */
			return;
	}
	if (!d)
		return;
	all->documents = arena_grow(ctx->arena, all->documents, all->n, &all->cap,
				    sizeof(const struct document *));
	all->documents[all->n++] = d;
}

static struct err *read_folder(struct context *ctx, const char *dir, struct checked *all)
{
	struct folder f;
	struct err *e = folder_list(dir, &f);

	if (e)
		return e;
	for (size_t i = 0; i < f.n_files; i++)
		read_file(ctx, f.files[i].path, all);
	if (!f.n_files)
		fprintf(ctx->out, "%s: no *.yaml file in this folder\n", dir);
	folder_clear(&f);
	return NULL;
}

/* The files are checked as one `apply` of all would: a file may contradict another. */
struct err *cmd_validate(struct context *ctx, const struct call *call)
{
	struct checked all = {0};
	struct err *e = NULL;
	size_t n_before;

	if (!call->n_files)
		return err_hint(err_new(ERR_INVALID, "validate needs a file"),
				"- is standard input");
	for (size_t i = 0; i < call->n_files && !e; i++) {
		if (given_is_folder(call->files[i]))
			e = read_folder(ctx, call->files[i], &all);
		else
			read_file(ctx, call->files[i], &all);
	}
	n_before = all.errors.n;
	if (!e)
		document_set_check(all.documents, all.n, &all.errors);
	for (size_t i = 0; i < all.n && !e && all.errors.n == n_before; i++)
		print_valid(ctx, all.documents[i]);
	if (!e && all.errors.n)
		return source_refuse(ctx, &all.errors);
	document_errors_clear(&all.errors);
	return e;
}
