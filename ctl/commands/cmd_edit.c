/* export, and the two runs of edit: the first one gives the text, the second one makes the rows
 * as they are in the edited text. The editor is started by ctl/run_edit.c. */
#include "ctl/commands/cmd_edit.h"

#include "config/pool/lease.h"
#include "config/pool/pool_rows.h"
#include "ctl/commands/cmd.h"
#include "ctl/session/context.h"
#include "ctl/session/naming.h"
#include "ctl/text/export.h"
#include "lib/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct err *cmd_export(struct context *ctx, const struct call *call)
{
	const char *text;
	struct err *e = export_text(ctx, call->args, call->n_args,
				    "# The rows of ipvl, by `ipvl-ctl export`.\n", &text);

	if (!e)
		fputs(text, ctx->out);
	return e;
}

struct making {
	struct context *ctx;
	const struct model *before, *after;
	struct row *host;
	struct leases *leases;
};

static struct err *not_shown(const char *what, const char *label)
{
	return err_hint(
		err_new(ERR_EXISTS, "%s %s exists, and was not in the text", what, label),
		"edit it too: `ipvl-ctl edit`");
}

/* The slave of the text on another master, or NULL. */
static const struct model_slave *find_slave(const struct model *m,
					    const struct model_slave *s,
					    const struct model_master **ret_master)
{
	for (size_t i = 0; i < m->n_masters; i++) {
		const struct model_slave *found =
			model_find_slave(&m->masters[i], s->netns, s->name);

		*ret_master = &m->masters[i];
		if (found)
			return found;
	}
	return NULL;
}

/* With what it gets from its pool; 'r' NULL: a new one. */
static struct err *write_whole(struct making *p, struct row *master, struct row *r,
			       const struct model_slave *s)
{
	const struct ipvl_columns *c = &p->ctx->columns;
	struct model_slave whole = *s;
	struct err *e = NULL;

	if (*s->pool)
		e = lease_complete(p->leases, master, r, p->ctx->arena, &whole);
	if (e)
		return e;
	if (r)
		rows_write_slave(c, p->ctx->txn, r, &whole);
	else
		r = rows_add_slave(c, p->ctx->txn, master, &whole);
	lease_write(p->leases, r);
	return NULL;
}

/* A slave that moves to another master is another row: the kernel makes it again, too. */
static struct err *write_slave(struct making *p, struct row *master,
			       const struct model_master *m, const struct model_slave *s)
{
	const struct ipvl_columns *c = &p->ctx->columns;
	struct txn *txn = p->ctx->txn;
	const struct model_master *was_on;
	struct row *r = rows_find_slave(c, txn, s->netns, s->name);

	if (r && !find_slave(p->before, s, &was_on))
		return not_shown("slave", naming_label(p->ctx, r));
	if (r && model_master_cmp(was_on, m) != 0) {
		rows_remove_slave(c, txn, r);
		r = NULL;
	}
	return write_whole(p, master, r, s);
}

static struct err *write_master(struct making *p, const struct model_master *m)
{
	const struct ipvl_columns *c = &p->ctx->columns;
	struct row *r = rows_find_master(c, p->ctx->txn, m->netns, m->name);
	struct err *e = NULL;

	if (r && !model_find_master(p->before, m->netns, m->name))
		return not_shown("master", naming_label(p->ctx, r));
	if (r)
		rows_write_master(c, p->ctx->txn, r, m);
	else
		r = rows_add_master(c, p->ctx->txn, p->host, m);
	for (size_t i = 0; i < m->n_slaves && !e; i++)
		e = write_slave(p, r, m, &m->slaves[i]);
	return e;
}

static void remove_slave(struct making *p, const struct model_slave *s)
{
	const struct model_master *is_on;
	struct row *r = rows_find_slave(&p->ctx->columns, p->ctx->txn, s->netns, s->name);

	if (r && !find_slave(p->after, s, &is_on))
		rows_remove_slave(&p->ctx->columns, p->ctx->txn, r);
}

/* A master with slaves that were not in the text stays. */
static void remove_master(struct making *p, const struct model_master *m)
{
	const struct ipvl_columns *c = &p->ctx->columns;
	struct row *r = rows_find_master(c, p->ctx->txn, m->netns, m->name);

	if (r && !model_find_master(p->after, m->netns, m->name) &&
	    !txn_get(p->ctx->txn, r, c->master.slaves)->n)
		rows_remove_master(c, p->ctx->txn, r);
}

static void write_pools(struct making *p, const struct document *after)
{
	const struct ipvl_columns *c = &p->ctx->columns;
	size_t n;
	const struct pool *pools = document_pools(after, &n);

	for (size_t i = 0; i < n; i++) {
		const char *host = context_text(p->ctx, p->host, c->host.name);
		struct row *r = pool_rows_find(c, p->ctx->txn, host, pools[i].name);

		if (r)
			pool_rows_write(c, p->ctx->txn, r, &pools[i]);
		else
			pool_rows_add(c, p->ctx->txn, host, &pools[i]);
	}
}

static void remove_pools(struct making *p, const struct document *before,
			 const struct document *after)
{
	const struct ipvl_columns *c = &p->ctx->columns;
	size_t n;
	const struct pool *pools = document_pools(before, &n);

	for (size_t i = 0; i < n; i++) {
		struct row *r = pool_rows_find(
			c, p->ctx->txn, context_text(p->ctx, p->host, c->host.name),
			pools[i].name);

		if (r && !document_find_pool(after, pools[i].name))
			txn_delete(p->ctx->txn, r);
	}
}

static bool declares_anything(const struct document *d)
{
	size_t n_pools;

	(void)document_pools(d, &n_pools);
	return document_model(d)->n_masters || n_pools;
}

static struct err *make(struct context *ctx, const struct document *before,
			const struct document *after)
{
	struct making p = {
		.ctx = ctx,
		.before = document_model(before),
		.after = document_model(after),
		.host = declares_anything(after) || declares_anything(before)
				? rows_ensure_host(&ctx->columns, ctx->txn, NULL)
				: NULL,
		.leases = lease_new(&ctx->columns, ctx->txn, ctx->lease_attempt),
	};
	struct err *e = NULL;

	/* First what goes: its name and addresses may be another's now. */
	for (size_t i = 0; i < p.before->n_masters; i++) {
		for (size_t k = 0; k < p.before->masters[i].n_slaves; k++)
			remove_slave(&p, &p.before->masters[i].slaves[k]);
		remove_master(&p, &p.before->masters[i]);
	}
	write_pools(&p, after);
	for (size_t i = 0; i < p.after->n_masters && !e; i++)
		e = write_master(&p, &p.after->masters[i]);
	remove_pools(&p, before, after);
	lease_free(p.leases);
	return e;
}

/* A text that does not say all of its rows would change them. */
static struct err *check_is_complete(struct context *ctx, const char *text)
{
	struct document_errors errors = {0};
	struct document *d;
	struct err *e;

	/* It is alone in its line. */
	assert(txn_is_empty(ctx->txn));
	d = document_parse("export", text, strlen(text), &errors);
	if (!d) {
		CLEANUP(freep) char *complaint = document_errors_text(&errors);

		document_errors_clear(&errors);
		ctx->complaints = arena_printf(
			ctx->arena,
			"ipvl-ctl: these rows cannot be edited as a file:\n%s",
			complaint);
		return err_new(ERR_INVALID, "%s", ctx->complaints);
	}
	(void)context_keep_document(ctx, d);
	e = make(ctx, d, d);
	if (!e && !txn_is_empty(ctx->txn))
		e = err_hint(
			err_new(ERR_UNSUPPORTED, "these rows have what no file can have"),
			"use set-master and set-slave");
	return e;
}

struct err *cmd_edit(struct context *ctx, const struct call *call)
{
	struct edited *edit = call->edited;
	const char *text;
	struct err *e = export_text(ctx, call->args, call->n_args, "", &text);

	if (!e && !edit->after) {
		free(edit->base);
		edit->base = xstrdup(text);
		return check_is_complete(ctx, text);
	}
	if (!e && strcmp(text, edit->base) != 0)
		e = err_hint(err_new(ERR_ABORTED,
				     "another client changed these rows meanwhile"),
			     "compare with `ipvl-ctl export`");
	if (!e)
		e = make(ctx, edit->before, edit->after);
	ctx->wants_diff = true;
	return e;
}
