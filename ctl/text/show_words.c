/* The words that the formats of `show` have in common: show_text.c, and the pictures
 * (ctl/picture). describe.c has those that other commands use too. */
#include "ctl/text/show_words.h"

#include "ctl/session/naming.h"
#include "ctl/text/describe.h"

#include <inttypes.h>
#include <string.h>

static enum row_state state_in(const struct context *ctx, const struct row *r,
			       const struct column_schema *column)
{
	return state_from_name(context_text(ctx, r, column));
}

const char *show_words_link(const struct context *ctx, const struct row *master)
{
	const char *link = context_text(ctx, master, ctx->columns.master.link_state);

	return strcmp(link, "no-carrier") ? link : "no carrier";
}

const char *show_words_mtu(const struct context *ctx, const struct row *master)
{
	const struct ipvl_columns *c = &ctx->columns;
	int64_t mtu = datum_integer(txn_get(ctx->txn, master, c->master.link_mtu), 0);

	if (!mtu)
		mtu = datum_integer(txn_get(ctx->txn, master, c->master.mtu), 0);
	return mtu ? arena_printf(ctx->arena, "mtu %" PRId64, mtu) : "";
}

/* "2 of 3 slaves ready, 1 disabled" */
static const char *count(const struct context *ctx, const struct row *master,
			 bool is_offline, bool *ret_all_well)
{
	struct arena *a = ctx->arena;
	size_t n, n_ready = 0, n_disabled = 0, n_wanted;
	struct row **slaves = naming_slaves(ctx, master, &n);
	const char *text;

	for (size_t i = 0; i < n; i++) {
		enum row_state state = state_in(ctx, slaves[i], ctx->columns.slave.state);

		n_ready += state == STATE_READY;
		n_disabled += state == STATE_DISABLED;
	}
	n_wanted = n - n_disabled;
	*ret_all_well = n_ready == n_wanted;
	if (!n)
		return "no slaves";
	if (is_offline)
		return describe_count(a, n, "slave");
	if (!n_wanted)
		return arena_printf(a, "%s disabled", describe_count(a, n, "slave"));
	text = arena_printf(a, "%zu of %s ready", n_ready,
			    describe_count(a, n_wanted, "slave"));
	return n_disabled ? arena_printf(a, "%s, %zu disabled", text, n_disabled) : text;
}

const char *show_words_count(const struct context *ctx, const struct row *master,
			     bool is_offline, enum style *ret_style)
{
	enum row_state state = state_in(ctx, master, ctx->columns.master.state);
	bool is_well = state == STATE_UNKNOWN || state == STATE_READY, all_well;
	const char *text = count(ctx, master, is_offline, &all_well);

	*ret_style = !is_well   ? describe_state_style(state)
		     : all_well ? STYLE_GOOD
				: STYLE_WARNING;
	return is_well ? text
		       : arena_printf(ctx->arena, "%s, %s", state_name(state), text);
}

const char *show_words_master(const struct context *ctx, const struct row *master)
{
	const struct ipvl_columns *c = &ctx->columns;
	const char *device = context_text(ctx, master, c->master.device);
	const char *label = naming_label(ctx, master);

	if (!*device || !strcmp(device, context_text(ctx, master, c->master.name)))
		return label;
	return arena_printf(ctx->arena, "%s (%s)", label, device);
}

enum row_state show_words_state_of(const struct context *ctx, const struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;
	bool is_master = row_table(r) == c->master.table;
	enum row_state state =
		state_in(ctx, r, is_master ? c->master.state : c->slave.state);

	return state == STATE_UNKNOWN && ctx->replica && !ctx->is_earlier ? STATE_PENDING
									  : state;
}

const char *show_words_state(const struct context *ctx, const struct row *slave)
{
	enum row_state state = show_words_state_of(ctx, slave);
	const char *link = context_text(ctx, slave, ctx->columns.slave.link_state);

	if (state != STATE_READY || !*link || !strcmp(link, "up"))
		return state_name(state);
	return arena_printf(ctx->arena, "%s, %s", state_name(state),
			    strcmp(link, "no-carrier") ? link : "no carrier");
}

const struct datum *show_words_warnings(const struct context *ctx, const struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;

	return txn_get(ctx->txn, r,
		       row_table(r) == c->master.table ? c->master.warnings
						       : c->slave.warnings);
}

bool show_words_is_of_master(const struct context *ctx, const struct row *master,
			     const union atom *warning)
{
	return master &&
	       datum_find(show_words_warnings(ctx, master), warning, ATOM_STRING) >= 0;
}

const char *show_words_message(const struct context *ctx, const struct row *slave,
			       const struct row *master)
{
	const struct ipvl_columns *c = &ctx->columns;
	const char *message = context_text(ctx, slave, c->slave.message);

	return !strcmp(context_text(ctx, slave, c->slave.state),
		       context_text(ctx, master, c->master.state)) &&
			       !strcmp(message,
				       context_text(ctx, master, c->master.message))
		       ? ""
		       : message;
}
