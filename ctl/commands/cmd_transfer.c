/* import: what the kernel has, as the daemon writes it in YAML. adopt, release: what changes hands.
 * Both ask for it by a column of the rows, and ipvld does it with the next pass. A device that no
 * row names gets a row as `import` writes it. */
#include "config/canon.h"
#include "config/state.h"
#include "config/yaml/document.h"
#include "ctl/commands/cmd.h"
#include "ctl/files/source.h"
#include "ctl/session/ask.h"
#include "ctl/session/context.h"
#include "ctl/session/naming.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <inttypes.h>
#include <string.h>

struct err *cmd_import(struct context *ctx, const struct call *call)
{
	CLEANUP(json_freep) struct json_object *result = NULL;
	int64_t n_left_out;
	struct json_object *options;
	struct err *e = ask_check(ctx, "import");

	if (e)
		return e;
	options = json_object();
	json_put(options, "foreign", json_boolean(call->options & OPTION_FOREIGN));
	e = ask_daemon(ctx, "ipvl_import", options,
		       "import needs an ipvld of this version", &result);
	if (e)
		return e;
	fputs(json_get_string(json_member(result, "yaml")), ctx->out);
	n_left_out = json_get_integer(json_member(result, "left_out"));
	if (n_left_out)
		fprintf(ctx->warnings, "%" PRId64 " thing%s left out: see the comments\n",
			n_left_out, n_left_out == 1 ? " is" : "s are");
	return NULL;
}

/* --- adopt --- */

/* What the kernel has and ipvl did not make. */
struct survey {
	const char *yaml; /* NULL: not asked for yet */
	const struct model *model;
};

static struct err *ask(struct context *ctx, struct survey *s)
{
	CLEANUP(json_freep) struct json_object *result = NULL;
	struct document_errors errors = {0};
	struct json_object *options;
	struct document *d;
	struct err *e;

	if (s->yaml)
		return NULL;
	options = json_object();
	json_put(options, "foreign", json_boolean(true));
	e = ask_daemon(ctx, "ipvl_import", options,
		       "adopt needs an ipvld of this version", &result);
	if (e)
		return e;
	s->yaml = arena_strdup(ctx->arena, json_get_string(json_member(result, "yaml")));
	d = document_parse("the kernel", s->yaml, strlen(s->yaml), &errors);
	if (!d)
		return source_refuse(ctx, &errors);
	s->model = document_model(context_keep_document(ctx, d));
	return NULL;
}

static bool is_ready(const struct context *ctx, const struct row *r)
{
	return state_of_row(&ctx->columns, r) == STATE_READY;
}

static void adopt_row(struct context *ctx, struct row *r)
{
	if (is_ready(ctx, r))
		fprintf(ctx->warnings, "%s is ipvl's already\n", naming_label(ctx, r));
	else
		rows_set_transfer(&ctx->columns, ctx->txn, r, ROWS_ADOPT);
}

/* --- devices without a row --- */

/* The device of a row with `match` is another name than the row's; "" if there is none. */
static const char *device_of(const struct context *ctx, const struct row *master)
{
	const char *device = context_text(ctx, master, ctx->columns.master.device);

	return *device ? device : context_text(ctx, master, ctx->columns.master.name);
}

static struct row *find_master_row(const struct context *ctx,
				   const struct model_master *m)
{
	size_t n;
	struct row **rows = naming_masters(ctx, &n);

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(device_of(ctx, rows[i]), m->name) &&
		    !strcmp(context_text(ctx, rows[i], ctx->columns.master.netns),
			    m->netns))
			return rows[i];
	}
	return NULL;
}

static struct row *need_master(struct context *ctx, const struct model_master *m)
{
	struct row *r = find_master_row(ctx, m);
	struct row *host = rows_ensure_host(&ctx->columns, ctx->txn, NULL);

	return r ? r : rows_add_master(&ctx->columns, ctx->txn, host, m);
}

static void add_slave(struct context *ctx, struct row *master,
		      const struct model_slave *s)
{
	if (rows_find_slave(&ctx->columns, ctx->txn, s->netns, s->name))
		return;
	rows_set_transfer(&ctx->columns, ctx->txn,
			  rows_add_slave(&ctx->columns, ctx->txn, master, s), ROWS_ADOPT);
}

/* Only the slave: a VLAN below it stays the other program's. */
static void adopt_new_slave(struct context *ctx, const struct model_master *found,
			    const struct model_slave *s)
{
	struct model_master m = *found;

	m.vlan_link = "";
	m.vlan_id = 0;
	m.mtu = 0;
	add_slave(ctx, need_master(ctx, &m), s);
}

/* The device of a kind that ipvl makes, and each ipvlan on it. 'r' or 'found' may be NULL. */
static void adopt_master(struct context *ctx, struct row *r,
			 const struct model_master *found)
{
	bool is_new = !r;
	struct row **slaves;
	size_t n;

	if (!r)
		r = need_master(ctx, found);
	if (rows_master_is_made(&ctx->columns, ctx->txn, r) &&
	    (is_new || !is_ready(ctx, r))) {
		rows_set_transfer(&ctx->columns, ctx->txn, r, ROWS_ADOPT);
		fprintf(ctx->warnings,
			"%s will be deleted with its row: `ipvl-ctl release %s` gives it "
			"up\n",
			naming_label(ctx, r), naming_label(ctx, r));
	}
	slaves = naming_slaves(ctx, r, &n);
	for (size_t i = 0; i < n; i++) {
		if (!is_ready(ctx, slaves[i]))
			adopt_row(ctx, slaves[i]);
	}
	for (size_t i = 0; found && i < found->n_slaves; i++)
		add_slave(ctx, r, &found->slaves[i]);
	if (txn_is_empty(ctx->txn))
		fprintf(ctx->warnings, "%s: there is nothing to take over\n",
			naming_label(ctx, r));
}

/* --- finding --- */

struct place {
	const char *netns, *name; /* netns NULL: any */
};

static bool is_at(const struct place *p, const char *netns, const char *name)
{
	return !strcmp(p->name, name) && (!p->netns || !strcmp(p->netns, netns));
}

static struct err *several(const char *name, const char *first, const char *second)
{
	return err_hint(err_new(ERR_INVALID, "several devices are named %s: %s, %s", name,
				first, second),
			"give its namespace too: NETNS/NAME");
}

/* '*ret_slave' is NULL if there is none. */
static struct err *find_slave(struct context *ctx, const struct survey *s,
			      const char *record, const struct place *p,
			      const struct model_master **ret_master,
			      const struct model_slave **ret_slave)
{
	*ret_slave = NULL;
	for (size_t i = 0; i < s->model->n_masters; i++) {
		const struct model_master *m = &s->model->masters[i];

		for (size_t k = 0; k < m->n_slaves; k++) {
			const struct model_slave *slave = &m->slaves[k];

			if (!is_at(p, *slave->netns ? slave->netns : m->netns,
				   slave->name))
				continue;
			if (*ret_slave)
				return several(record,
					       model_slave_label(ctx->arena, *ret_slave),
					       model_slave_label(ctx->arena, slave));
			*ret_slave = slave;
			*ret_master = m;
		}
	}
	return NULL;
}

static const struct model_master *find_master(const struct survey *s,
					      const struct place *p)
{
	return model_find_master(s->model, p->netns ? p->netns : "", p->name);
}

/* "it is an ipvtap": what the survey says of a device that no row can have. */
static struct err *not_found(struct context *ctx, const struct survey *s,
			     const char *record)
{
	const char *line = arena_printf(ctx->arena, "# %s is left out: ", record);
	const char *why = strstr(s->yaml, line);
	struct err *e;

	if (why)
		return err_new(ERR_INVALID, "%s cannot be taken over: %.*s", record,
			       (int)strcspn(why + strlen(line), "\n"),
			       why + strlen(line));
	e = err_new(
		ERR_INVALID,
		"there is no ipvlan %s that ipvl did not make, and no row of that name",
		record);
	return err_hint(e, "`ipvl-ctl import --foreign` lists what can be taken over");
}

static struct err *adopt_unnamed(struct context *ctx, struct survey *s,
				 const char *record)
{
	const struct model_master *master = NULL;
	const struct model_slave *slave = NULL;
	struct place p;
	struct err *e;

	naming_split(record, ctx->arena, &p.netns, &p.name);
	e = canon_check_ifname(p.name);
	if (!e)
		e = ask(ctx, s);
	if (e)
		return e;
	master = find_master(s, &p);
	if (master) {
		adopt_master(ctx, NULL, master);
		return NULL;
	}
	e = find_slave(ctx, s, record, &p, &master, &slave);
	if (e)
		return e;
	if (!slave)
		return not_found(ctx, s, record);
	adopt_new_slave(ctx, master, slave);
	return NULL;
}

/* With the ipvlans on it that no row names. */
static struct err *adopt_master_row(struct context *ctx, struct survey *s, struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;
	const struct place p = {.netns = context_text(ctx, r, c->master.netns),
				.name = device_of(ctx, r)};
	struct err *e = ask(ctx, s);

	if (!e)
		adopt_master(ctx, r, find_master(s, &p));
	return e;
}

static bool is_not_found(struct err *e)
{
	if (!e || e->code != ERR_NOT_FOUND)
		return false;
	err_free(e);
	return true;
}

static struct err *adopt(struct context *ctx, struct survey *s, const char *record)
{
	struct row *r;
	struct err *e = naming_find_master(ctx, record, &r);

	if (!e)
		return adopt_master_row(ctx, s, r);
	if (!is_not_found(e))
		return e;
	e = naming_find_slave(ctx, record, &r, NULL);
	if (is_not_found(e))
		return adopt_unnamed(ctx, s, record);
	if (!e)
		adopt_row(ctx, r);
	return e;
}

struct err *cmd_adopt(struct context *ctx, const struct call *call)
{
	struct survey s = {0};
	struct err *e = ask_check(ctx, "adopt");

	for (size_t i = 0; !e && i < call->n_args; i++)
		e = adopt(ctx, &s, call->args[i]);
	ctx->wants_summary = ctx->must_transfer = !txn_is_empty(ctx->txn);
	return e;
}

/* --- release --- */

static void warn_of_sources(struct context *ctx, const struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;
	const struct datum *sources = txn_get(
		ctx->txn, r,
		row_table(r) == c->master.table ? c->master.sources : c->slave.sources);

	for (uint32_t i = 0; i < sources->n; i++)
		fprintf(ctx->warnings,
			"warning: %s declares %s: its row returns at the next apply, in "
			"conflict with the device\n",
			datum_keys(sources)[i].string, naming_label(ctx, r));
}

static struct err *release(struct context *ctx, const char *record)
{
	struct row *r;
	struct err *e = naming_find_any(ctx, record, &r, NULL);

	if (e)
		return e;
	rows_set_transfer(&ctx->columns, ctx->txn, r, ROWS_RELEASE);
	warn_of_sources(ctx, r);
	return NULL;
}

struct err *cmd_release(struct context *ctx, const struct call *call)
{
	struct err *e = ask_check(ctx, "release");

	for (size_t i = 0; !e && i < call->n_args; i++) {
		e = release(ctx, call->args[i]);
		if (e && call_may_ignore(call, e))
			e = NULL;
	}
	ctx->wants_summary = ctx->must_transfer = !txn_is_empty(ctx->txn);
	return e;
}
