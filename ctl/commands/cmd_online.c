/* The command `wait-online`: until rows are ready. systemd runs it before
 * network-online.target. */
#include "ctl/commands/cmd.h"
#include "ctl/session/context.h"
#include "ctl/session/naming.h"
#include "ctl/text/describe.h"
#include "ctl/text/show_select.h"
#include "ctl/text/show_words.h"
#include "ctl/text/summary.h"

#include <inttypes.h>

/* The most rows that one sentence names. */
#define NAMES_MAX 5

struct counted {
	size_t n, n_unready;
	const char *names; /* of some that are not ready */
};

static void count(const struct context *ctx, struct counted *c, const struct row *r)
{
	enum row_state state = show_words_state_of(ctx, r);

	c->n++;
	if (state == STATE_READY || state == STATE_DISABLED ||
	    (state == STATE_DRIFTED && describe_is_ignored(&ctx->columns, r)))
		return;
	if (c->n_unready++ < NAMES_MAX)
		c->names = describe_join(ctx->arena, c->names,
					 arena_printf(ctx->arena, "%s is %s",
						      naming_label(ctx, r),
						      summary_state_name(state)));
}

static bool is_optional(const struct row *r, const struct column_schema *column)
{
	return datum_boolean(row_get(r, column), false);
}

/* Of a master that is not named only the slaves count. What is optional counts if it is
 * named, as with systemd-networkd-wait-online(8). */
static struct counted count_all(const struct context *ctx, const struct shown *shown,
				size_t n, bool are_named)
{
	struct counted c = {.names = ""};

	for (size_t i = 0; i < n; i++) {
		bool counts = are_named ||
			      !is_optional(shown[i].master, ctx->columns.master.optional);

		if (shown[i].is_whole && counts)
			count(ctx, &c, shown[i].master);
		for (size_t k = 0; k < shown[i].n_slaves && counts; k++) {
			const struct row *r = shown[i].slaves[k];

			if (are_named || !is_optional(r, ctx->columns.slave.optional))
				count(ctx, &c, r);
		}
	}
	if (c.n_unready > NAMES_MAX)
		c.names = arena_printf(ctx->arena, "%s and %zu more", c.names,
				       c.n_unready - NAMES_MAX);
	return c;
}

struct err *cmd_wait_online(struct context *ctx, const struct call *call)
{
	struct summary s = summary_make(ctx);
	struct counted c;
	struct shown *shown;
	size_t n;
	struct err *e = show_select(ctx, call->args, call->n_args, &shown, &n);

	if (e)
		return e;
	c = count_all(ctx, shown, n, call->n_args > 0);
	ctx->must_wait = true;
	if (c.n_unready)
		ctx->waits_for = arena_printf(
			ctx->arena, "%zu of %zu rows %s not ready: %s", c.n_unready, c.n,
			c.n_unready == 1 ? "is" : "are", c.names);
	else if (!*s.version || (!call->n_args && s.cur_cfg < s.next_cfg))
		ctx->waits_for = arena_printf(
			ctx->arena, "configuration %" PRId64 " is still being applied",
			s.next_cfg);
	else
		ctx->must_wait = false;
	return NULL;
}
