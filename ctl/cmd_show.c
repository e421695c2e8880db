/* `show`: every master with its slaves, their states and what is wrong with them.
 *
 * Sums that nobody may miss stand at the right of a master's line; messages stand below
 * the line they are about. With -f json the same as a tree. */
#include "ctl/commands.h"
#include "ctl/context.h"
#include "ctl/describe.h"
#include "ctl/display.h"
#include "ctl/layout.h"
#include "ctl/naming.h"
#include "ctl/show_json.h"
#include "ctl/times.h"
#include "lib/alloc.h"

#include <inttypes.h>
#include <string.h>

#define SLAVE_INDENT   2
#define MESSAGE_INDENT 5
/* Columns of a slave's line. */
enum { COLUMN_LABEL, COLUMN_ADDRESSES, COLUMN_ROUTES, COLUMN_EXTRAS, COLUMN_STATE };
/* Parts of a master's line. */
#define N_PARTS 5

struct show {
	struct context *ctx;
	struct row **masters;
	size_t n_masters;
	const char *(*parts)[N_PARTS]; /* of each master's line */
	size_t widths[N_PARTS];        /* over all masters */
	bool is_offline;               /* no daemon has looked at anything */
};

static const char *link_text(const struct show *s, const struct row *master)
{
	const struct ipvl_columns *c = &s->ctx->columns;
	const char *link = context_text(s->ctx, master, c->master.link_state);

	return strcmp(link, "no-carrier") ? link : "no carrier";
}

static const char *mtu_text(const struct show *s, const struct row *master)
{
	const struct ipvl_columns *c = &s->ctx->columns;
	int64_t mtu = datum_integer(txn_get(s->ctx->txn, master, c->master.link_mtu), 0);

	if (!mtu)
		mtu = datum_integer(txn_get(s->ctx->txn, master, c->master.mtu), 0);
	return mtu ? arena_printf(s->ctx->arena, "mtu %" PRId64, mtu) : "";
}

static void measure_masters(struct show *s)
{
	struct context *ctx = s->ctx;

	s->parts = arena_array(ctx->arena, s->n_masters + 1, sizeof(*s->parts));
	for (size_t i = 0; i < s->n_masters; i++) {
		const struct row *r = s->masters[i];

		s->parts[i][0] = naming_label(ctx, r);
		s->parts[i][1] = describe_port(ctx, r);
		s->parts[i][2] = link_text(s, r);
		s->parts[i][3] = mtu_text(s, r);
		s->parts[i][4] = context_text(ctx, r, ctx->columns.master.mac);
		for (size_t k = 0; k < N_PARTS; k++) {
			size_t width = display_width(s->parts[i][k]);

			if (width > s->widths[k])
				s->widths[k] = width;
		}
	}
}

/* What is disabled on purpose is not missing from those that are ready. */
static const char *slaves_text(const struct show *s, size_t n_ready, size_t n_disabled,
			       size_t n)
{
	struct arena *a = s->ctx->arena;
	size_t n_wanted = n - n_disabled;
	const char *text;

	if (!n)
		return "no slaves";
	if (s->is_offline)
		return describe_count(a, n, "slave");
	if (!n_wanted)
		return arena_printf(a, "%s disabled", describe_count(a, n, "slave"));
	text = arena_printf(a, "%zu of %s ready", n_ready,
			    describe_count(a, n_wanted, "slave"));
	return n_disabled ? arena_printf(a, "%s, %zu disabled", text, n_disabled) : text;
}

/* The parts, then 'tail' at column 'at' or behind them. */
static void print_master_line(const struct show *s, size_t i, size_t at, const char *tail,
			      enum style style)
{
	struct context *ctx = s->ctx;
	size_t owed = 0, printed = 0;

	for (size_t k = 0; k < N_PARTS; k++) {
		const char *part = s->parts[i][k];

		if (!s->widths[k])
			continue;
		if (*part) {
			fprintf(ctx->out, "%*s", (int)owed, "");
			layout_styled(ctx->out, ctx->colour,
				      k ? STYLE_PLAIN : STYLE_STRONG, part);
			printed += owed + display_width(part);
			owed = 0;
		}
		owed += s->widths[k] - display_width(part) + 3;
	}
	fprintf(ctx->out, "%*s", (int)(at > printed + owed ? at - printed : owed), "");
	layout_styled(ctx->out, ctx->colour, style, tail);
	fputc('\n', ctx->out);
}

static const char *state_text(const struct show *s, const struct row *slave)
{
	const struct ipvl_columns *c = &s->ctx->columns;
	const char *state = context_text(s->ctx, slave, c->slave.state);
	const char *link = context_text(s->ctx, slave, c->slave.link_state);

	if (strcmp(state, "ready") || !*link || !strcmp(link, "up"))
		return state;
	return arena_printf(s->ctx->arena, "%s, %s", state,
			    strcmp(link, "no-carrier") ? link : "no carrier");
}

static const struct datum *warnings_of(const struct context *ctx, const struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;

	return txn_get(ctx->txn, r,
		       row_table(r) == c->master.table ? c->master.warnings
						       : c->slave.warnings);
}

/* Those that the master has too are left to it. */
static void add_warnings(const struct context *ctx, struct layout *l, const struct row *r,
			 const struct row *master)
{
	const struct datum *d = warnings_of(ctx, r);

	for (uint32_t i = 0; i < d->n; i++) {
		const union atom *text = &datum_keys(d)[i];

		if (master &&
		    datum_find(warnings_of(ctx, master), text, ATOM_STRING) >= 0)
			continue;
		layout_note(l, MESSAGE_INDENT, STYLE_WARNING,
			    arena_printf(ctx->arena, "warning: %s", text->string));
	}
}

static void add_slave(const struct show *s, struct layout *l, const struct row *r,
		      const struct row *master)
{
	struct context *ctx = s->ctx;
	const struct ipvl_columns *c = &ctx->columns;
	const char *state = context_text(ctx, r, c->slave.state);
	const char *message = context_text(ctx, r, c->slave.message);
	const char *master_state = context_text(ctx, master, c->master.state);
	const char *master_message = context_text(ctx, master, c->master.message);
	const struct datum *d = txn_get(ctx->txn, r, c->slave.addresses);

	layout_row(l);
	layout_cell(l, STYLE_PLAIN, naming_label(ctx, r));
	layout_cell(l, d->n ? STYLE_PLAIN : STYLE_FAINT, describe_addresses(ctx, r));
	layout_cell(l, STYLE_PLAIN, describe_routes(ctx, r));
	layout_cell(l, STYLE_PLAIN, describe_extras(ctx, r));
	layout_cell(l, describe_state_style(state), state_text(s, r));
	/* What the master says of itself need not be said again by each of its slaves. */
	if (*message && (strcmp(state, master_state) || strcmp(message, master_message)))
		layout_note(l, MESSAGE_INDENT, STYLE_PLAIN, message);
	add_warnings(ctx, l, r, master);
}

static void show_master(const struct show *s, size_t i)
{
	struct context *ctx = s->ctx;
	const struct ipvl_columns *c = &ctx->columns;
	const struct row *r = s->masters[i];
	const char *state = context_text(ctx, r, c->master.state);
	const char *message = context_text(ctx, r, c->master.message);
	const char *routes = describe_routes(ctx, r), *tail;
	struct layout *l = context_layout(ctx, SLAVE_INDENT, 3),
		      *own = context_layout(ctx, 0, 0);
	bool is_well = !*state || !strcmp(state, "ready");
	size_t n, n_ready = 0, n_disabled = 0;
	struct row **slaves = naming_slaves(ctx, r, &n);

	for (size_t k = 0; k < n; k++) {
		const char *its = context_text(ctx, slaves[k], c->slave.state);

		n_ready += !strcmp(its, "ready");
		n_disabled += !strcmp(its, "disabled");
		add_slave(s, l, slaves[k], r);
	}
	tail = slaves_text(s, n_ready, n_disabled, n);
	if (!is_well)
		tail = arena_printf(ctx->arena, "%s, %s", state, tail);
	print_master_line(s, i, s->is_offline ? 0 : layout_offset(l, COLUMN_STATE), tail,
			  is_well ? n == n_ready + n_disabled ? STYLE_GOOD : STYLE_WARNING
				  : describe_state_style(state));
	if (*message)
		fprintf(ctx->out, "%*s%s\n", MESSAGE_INDENT, "", message);
	add_warnings(ctx, own, r, NULL);
	layout_print(own, ctx->out, ctx->colour);
	layout_free(own);
	if (*routes)
		fprintf(ctx->out, "%*sroutes: %s\n", SLAVE_INDENT, "", routes);
	layout_print(l, ctx->out, ctx->colour);
	layout_free(l);
}

/* Repairs within the last hour, as one line. */
static void show_drift(const struct context *ctx)
{
	const struct ipvl_columns *c = &ctx->columns;
	int64_t now_ms = times_now_ms(), last_ms = 0, n = 0;

	TABLE_FOR_EACH (r, c->drift.table) {
		int64_t time_ms = datum_integer(row_get(r, c->drift.time), 0);

		if (now_ms - time_ms > TIMES_HOUR_MS)
			continue;
		n += datum_integer(row_get(r, c->drift.count), 1);
		last_ms = time_ms > last_ms ? time_ms : last_ms;
	}
	if (!n)
		return;
	fprintf(ctx->out,
		"drift: %" PRId64
		" repair%s in the last hour, %s%s (see `ipvl-ctl drift`)\n",
		n, n == 1 ? "" : "s", n == 1 ? "" : "the last ",
		times_ago(ctx->arena, now_ms - last_ms));
}

static void show_config_errors(const struct context *ctx, const struct row *host)
{
	const struct datum *d =
		host ? txn_get(ctx->txn, host, ctx->columns.host.config_errors) : NULL;

	for (uint32_t i = 0; d && i < d->n; i++) {
		layout_styled(ctx->out, ctx->colour, STYLE_BAD, "configuration error: ");
		fprintf(ctx->out, "%s\n", datum_keys(d)[i].string);
	}
}

static void show_text(struct show *s, const struct row *host, bool is_all)
{
	struct context *ctx = s->ctx;

	measure_masters(s);
	for (size_t i = 0; i < s->n_masters; i++)
		show_master(s, i);
	if (!s->n_masters)
		fputs("no masters yet: `ipvl-ctl add-master NAME` or `ipvl-ctl apply -f "
		      "FILE` "
		      "makes some\n",
		      ctx->out);
	if (!is_all)
		return;
	show_drift(ctx);
	show_config_errors(ctx, host);
	if (s->is_offline && s->n_masters)
		fprintf(ctx->out,
			"%s is read without a daemon: how the kernel is, nobody tells\n",
			ctx->options.db);
}

struct err *cmd_show(struct context *ctx, const struct call *call)
{
	struct show s = {.ctx = ctx, .is_offline = !ctx->replica && ctx->file};
	const struct row *host = rows_find_host(&ctx->columns, ctx->txn, NULL);

	if (call->n_args) {
		s.masters = arena_array(ctx->arena, call->n_args, sizeof(struct row *));
		s.n_masters = call->n_args;
	} else {
		s.masters = naming_masters(ctx, &s.n_masters);
	}
	for (size_t i = 0; i < call->n_args; i++) {
		struct err *e = naming_find_master(ctx, call->args[i], &s.masters[i]);

		if (e)
			return e;
	}
	if (ctx->options.format == FORMAT_DEFAULT ||
	    ctx->options.format == FORMAT_TABLE) {
		show_text(&s, host, !call->n_args);
		return NULL;
	}
	show_json(ctx, s.masters, s.n_masters);
	return NULL;
}
