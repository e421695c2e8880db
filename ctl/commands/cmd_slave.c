/* The commands add-slave, set-slave, del-slave and list-slaves. Whether the result can work is
 * checked by the database's validator at the commit. */
#include "config/pool/lease.h"
#include "ctl/line/args.h"
#include "ctl/commands/cmd.h"
#include "ctl/session/context.h"
#include "ctl/text/default_route.h"
#include "ctl/text/describe.h"
#include "ctl/text/traffic.h"
#include "ctl/session/naming.h"
#include "ctl/line/selection.h"
#include "ctl/output/writer.h"
#include "lib/alloc.h"

#include <string.h>

/* In a scope the leases of others are missing: the line is run again on everything. */
static struct err *need_everything(const struct context *ctx)
{
	return ctx->is_scoped ? err_new(ERR_NOT_FOUND, "leases") : NULL;
}

/* Another pool: what the slave has from its present one goes. */
static struct err *leave_pool(struct context *ctx, struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;
	struct model_slave s;
	struct err *e = need_everything(ctx);

	if (!e)
		e = rows_read_slave(c, ctx->txn, r, ctx->arena, &s);
	if (e)
		return e;
	lease_withdraw(c, ctx->txn, r, &s);
	s.pool = "";
	rows_write_slave(c, ctx->txn, r, &s);
	return NULL;
}

/* After its columns are written: what the slave gets from its pool, and its leases. */
static struct err *use_pool(struct context *ctx, struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;
	struct model_slave s;
	struct leases *l;
	struct err *e = need_everything(ctx);

	if (!e)
		e = rows_read_slave(c, ctx->txn, r, ctx->arena, &s);
	if (e)
		return e;
	l = lease_new(c, ctx->txn, ctx->lease_attempt);
	if (*s.pool)
		e = lease_complete(l, rows_master_of(c, ctx->txn, r), r, ctx->arena, &s);
	if (!e) {
		rows_write_slave(c, ctx->txn, r, &s);
		lease_write(l, r);
	}
	lease_free(l);
	return e;
}

static bool has_pool(const struct context *ctx, const struct row *r)
{
	return *context_text(ctx, r, ctx->columns.slave.pool);
}

/* A slave with addresses gets addressing=static: without addresses ipvl does not
 * manage them. */
static struct err *write_columns(struct context *ctx, struct row *r,
				 const struct assignment *set, size_t n)
{
	const struct ipvl_columns *c = &ctx->columns;
	const struct assignment *routes = assignment_find(set, n, c->slave.routes);
	const struct assignment *addresses = assignment_find(set, n, c->slave.addresses);
	struct err *e = assignment_write_all(set, n, ctx->txn, r);

	if (e)
		return e;
	/* What is removed makes no address ipvl's. */
	if (addresses && addresses->edit != ARGS_REMOVE &&
	    !assignment_find(set, n, c->slave.addressing)) {
		struct datum d;

		datum_init_empty(&d);
		datum_set_string(&d, &c->slave.addressing->type, "static");
		txn_set(ctx->txn, r, c->slave.addressing, &d);
	}
	return routes ? default_route_settle(ctx, r, routes->text) : NULL;
}

/* A slave with a pool gets addresses and routes from it. */
static struct err *write_all(struct context *ctx, struct row *r,
			     const struct assignment *set, size_t n)
{
	const struct ipvl_columns *c = &ctx->columns;
	bool had_pool = has_pool(ctx, r);
	bool is_concerned = assignment_find(set, n, c->slave.pool) ||
			    assignment_find(set, n, c->slave.addresses) ||
			    assignment_find(set, n, c->slave.routes);
	struct err *e = NULL;

	if (had_pool && assignment_find(set, n, c->slave.pool))
		e = leave_pool(ctx, r);
	if (!e)
		e = write_columns(ctx, r, set, n);
	if (!e && is_concerned && (had_pool || has_pool(ctx, r)))
		e = use_pool(ctx, r);
	return e;
}

/* The slave exists already: nothing to add if --may-exist is given and it is on
 * 'master'. */
static struct err *check_existing(struct context *ctx, const struct call *call,
				  const struct row *r, const struct row *master)
{
	const struct row *its = rows_master_of(&ctx->columns, ctx->txn, r);
	const char *label = naming_label(ctx, r);
	const char *netns = context_text(ctx, master, ctx->columns.master.netns);

	if (its != master && *netns && !strchr(label, '/'))
		return err_hint(
			err_new(ERR_EXISTS,
				"slave %s already exists without a namespace, on %s",
				label, naming_label(ctx, its)),
			"name this one's: netns=%s", netns);
	if (its != master)
		return err_hint(err_new(ERR_EXISTS, "slave %s already exists, on %s",
					label, naming_label(ctx, its)),
				"remove that one first");
	if (!(call->options & OPTION_MAY_EXIST))
		return err_hint(err_new(ERR_EXISTS, "slave %s already exists", label),
				"change it with set-slave, or use --may-exist");
	return NULL;
}

struct err *cmd_add_slave(struct context *ctx, const struct call *call)
{
	const struct ipvl_columns *c = &ctx->columns;
	struct model_slave s = model_slave_named("", "");
	size_t n = call->n_args - 2;
	const struct assignment *given;
	struct assignment *set;
	struct row *master, *r = NULL;
	struct err *e = naming_find_master(ctx, call->args[0], &master);

	if (!e)
		e = args_parse_all(table_schema(c->slave.table), call->args + 2, n, &set);
	if (e)
		return e;
	given = assignment_find(set, n, c->slave.netns);
	if (assignment_find(set, n, c->slave.name))
		e = err_new(ERR_INVALID, "%s: the name is given twice", call->args[1]);
	else
		e = naming_new(ctx, call->args[1], given ? &given->value : NULL, &s.netns,
			       &s.name);
	if (!e)
		r = rows_find_slave(c, ctx->txn, s.netns, s.name);
	if (r)
		e = check_existing(ctx, call, r, master);
	if (!e && !r)
		r = rows_add_slave(c, ctx->txn, master, &s);
	if (!e)
		e = write_all(ctx, r, set, n);
	assignment_free_all(set, n);
	return e;
}

struct err *cmd_set_slave(struct context *ctx, const struct call *call)
{
	size_t n = call->n_args - 1;
	struct assignment *set;
	struct row *r;
	struct err *e = naming_find_slave(ctx, call->args[0], &r, NULL);

	if (!e)
		e = args_parse_all(table_schema(ctx->columns.slave.table), call->args + 1,
				   n, &set);
	if (e)
		return e;
	e = write_all(ctx, r, set, n);
	assignment_free_all(set, n);
	return e;
}

struct err *cmd_del_slave(struct context *ctx, const struct call *call)
{
	for (size_t i = 0; i < call->n_args; i++) {
		struct row *r;
		struct err *e = naming_find_slave(ctx, call->args[i], &r, NULL);

		if (e && call_may_ignore(call, e))
			continue;
		if (e)
			return e;
		rows_remove_slave(&ctx->columns, ctx->txn, r);
	}
	return NULL;
}

/* Columns of list-slaves that the table does not have, or has under another name. */
enum {
	OWN_NAME,
	OWN_MASTER,
	OWN_ADDRESSES,
	OWN_ROUTES,
	OWN_LINK,
	OWN_STATE,
	OWN_MESSAGE,
	OWN_WARNINGS,
	OWN_STATS /* the first of N_TRAFFIC; with --stats */
};
/* Those of --stats by default: they fit 80 columns. */
static const char default_stats[] =
	"name,rx_bytes,rx_packets,rx_dropped,tx_bytes,tx_packets,tx_dropped";

static void write_own(struct context *ctx, struct writer *w, const struct row *r,
		      const struct row *master, size_t own)
{
	const struct ipvl_columns *c = &ctx->columns;
	const char *state;

	switch (own) {
	case OWN_NAME:
		writer_text(w, STYLE_STRONG, naming_label(ctx, r));
		break;
	case OWN_MASTER:
		writer_text(w, STYLE_PLAIN, naming_label(ctx, master));
		break;
	case OWN_ADDRESSES:
		writer_datum(w, STYLE_PLAIN, txn_get(ctx->txn, r, c->slave.addresses),
			     &c->slave.addresses->type);
		break;
	case OWN_ROUTES:
		writer_datum(w, STYLE_PLAIN, txn_get(ctx->txn, r, c->slave.routes),
			     &c->slave.routes->type);
		break;
	case OWN_LINK:
		writer_text(w, STYLE_PLAIN, context_text(ctx, r, c->slave.link_state));
		break;
	case OWN_STATE:
		state = context_text(ctx, r, c->slave.state);
		writer_text(w, describe_state_style(state_from_name(state)), state);
		break;
	case OWN_MESSAGE:
		writer_text(w, STYLE_PLAIN, context_text(ctx, r, c->slave.message));
		break;
	case OWN_WARNINGS:
		writer_datum(w, STYLE_PLAIN, txn_get(ctx->txn, r, c->slave.warnings),
			     &c->slave.warnings->type);
		break;
	}
}

static void write_counter(struct writer *w, const struct traffic *t, const struct row *r,
			  size_t counter)
{
	const int64_t *counters = traffic_find(t, row_uuid(r));

	if (counters)
		writer_integer(w, counters[counter]);
	else
		writer_text(w, STYLE_PLAIN, "");
}

static void write_slaves(struct context *ctx, const struct row *master, struct writer *w,
			 const struct selection *s, const struct traffic *t)
{
	size_t n;
	struct row **slaves = naming_slaves(ctx, master, &n);

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < s->n; k++) {
			const struct column_schema *c = s->columns[k].column;

			if (c)
				writer_datum(w, STYLE_PLAIN,
					     txn_get(ctx->txn, slaves[i], c), &c->type);
			else if (s->columns[k].own >= OWN_STATS)
				write_counter(w, t, slaves[i],
					      s->columns[k].own - OWN_STATS);
			else
				write_own(ctx, w, slaves[i], master, s->columns[k].own);
		}
	}
}

struct err *cmd_list_slaves(struct context *ctx, const struct call *call)
{
	const char *own[OWN_STATS + N_TRAFFIC] = {
		[OWN_NAME] = "name",           [OWN_MASTER] = "master",
		[OWN_ADDRESSES] = "addresses", [OWN_ROUTES] = "routes",
		[OWN_LINK] = "link",           [OWN_STATE] = "state",
		[OWN_MESSAGE] = "message",     [OWN_WARNINGS] = "warnings",
	};
	bool has_stats = call->options & OPTION_STATS;
	struct traffic *traffic = NULL;
	struct selection s;
	struct row **masters, *only;
	struct writer *w;
	size_t n = 1;
	struct err *e;

	for (size_t i = 0; i < N_TRAFFIC; i++)
		own[OWN_STATS + i] = traffic_names[i];
	e = selection_make(ctx->arena, table_schema(ctx->columns.slave.table), own,
			   has_stats ? ARRAY_SIZE(own) : OWN_STATS, false,
			   has_stats && !call->columns ? default_stats : call->columns,
			   &s);
	/* Before rows are looked up: it runs the loop. */
	if (!e && has_stats)
		e = traffic_read(ctx, &traffic);
	if (!e && call->n_args)
		e = naming_find_master(ctx, call->args[0], &only);
	if (e) {
		traffic_free(traffic);
		return e;
	}
	masters = call->n_args ? &only : naming_masters(ctx, &n);
	w = context_writer(ctx, FORMAT_TABLE, s.headings, s.n);
	for (size_t i = 0; i < n; i++)
		write_slaves(ctx, masters[i], w, &s, traffic);
	traffic_free(traffic);
	writer_finish(w);
	return NULL;
}
