/* The commands add-pool, set-pool, del-pool and list-pools. Whether the result can work, and
 * whether slaves use what goes, is checked by the database's validator at the commit. */
#include "config/pool/pool_rows.h"
#include "ctl/commands/cmd.h"
#include "ctl/line/args.h"
#include "ctl/output/writer.h"
#include "ctl/session/context.h"
#include "ctl/session/naming.h"
#include "ctl/text/usage.h"
#include "lib/alloc.h"

/* The pool that is there already: nothing to add with --may-exist. */
static struct err *check_existing(const struct call *call, const struct row *r)
{
	if (!r || call->options & OPTION_MAY_EXIST)
		return NULL;
	return err_hint(err_new(ERR_EXISTS, "pool %s already exists", call->args[0]),
			"change it with set-pool, or use --may-exist");
}

struct err *cmd_add_pool(struct context *ctx, const struct call *call)
{
	const struct ipvl_columns *c = &ctx->columns;
	const struct pool p = {.name = call->args[0]};
	size_t n = call->n_args - 1;
	struct assignment *set;
	const char *host;
	struct row *r;
	struct err *e =
		args_parse_all(table_schema(c->pool.table), call->args + 1, n, &set);

	if (e)
		return e;
	host = context_text(ctx, rows_ensure_host(c, ctx->txn, NULL), c->host.name);
	r = pool_rows_find(c, ctx->txn, host, p.name);
	if (assignment_find(set, n, c->pool.name))
		e = err_new(ERR_INVALID, "%s: the name is given twice", p.name);
	else
		e = pool_check_name(p.name);
	if (!e)
		e = check_existing(call, r);
	if (!e && !r)
		r = pool_rows_add(c, ctx->txn, host, &p);
	if (!e)
		e = assignment_write_all(set, n, ctx->txn, r);
	assignment_free_all(set, n);
	return e;
}

struct err *cmd_set_pool(struct context *ctx, const struct call *call)
{
	size_t n = call->n_args - 1;
	struct assignment *set;
	struct row *r;
	struct err *e = naming_find_pool(ctx, call->args[0], &r);

	if (!e)
		e = args_parse_changes(table_schema(ctx->columns.pool.table),
				       call->args + 1, n, &set);
	if (e)
		return e;
	e = assignment_write_all(set, n, ctx->txn, r);
	assignment_free_all(set, n);
	return e;
}

struct err *cmd_del_pool(struct context *ctx, const struct call *call)
{
	for (size_t i = 0; i < call->n_args; i++) {
		struct row *r;
		struct err *e = naming_find_pool(ctx, call->args[i], &r);

		if (e && call_may_ignore(call, e))
			continue;
		if (e)
			return e;
		txn_delete(ctx->txn, r);
	}
	return NULL;
}

struct err *cmd_list_pools(struct context *ctx, const struct call *call)
{
	static const char *const headings[] = {"name", "subnets", "gateway", "in_use"};
	const struct ipvl_columns *c = &ctx->columns;
	size_t n;
	struct row **pools = naming_pools(ctx, &n);
	struct writer *w =
		context_writer(ctx, FORMAT_TABLE, headings, ARRAY_SIZE(headings));

	(void)call;
	for (size_t i = 0; i < n; i++) {
		writer_text(w, STYLE_STRONG, context_text(ctx, pools[i], c->pool.name));
		writer_datum(w, STYLE_PLAIN, txn_get(ctx->txn, pools[i], c->pool.subnets),
			     &c->pool.subnets->type);
		writer_datum(w, STYLE_PLAIN, txn_get(ctx->txn, pools[i], c->pool.gateway),
			     &c->pool.gateway->type);
		writer_text(w, STYLE_PLAIN, usage_text(ctx, pools[i]));
	}
	writer_finish(w);
	return NULL;
}
