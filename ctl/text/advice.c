/* What to do about a row that is not ready, as one command. Its state decides, not its
 * message: a message is for people and may change. */
#include "ctl/text/advice.h"

#include "config/state.h"
#include "config/trial.h"
#include "ctl/session/naming.h"
#include "lib/arena.h"

#include <string.h>

/* "ip -n ns1 ": ip(8) takes names below /run/netns only. */
static const char *ip_in(const struct context *ctx, const char *netns)
{
	if (!*netns)
		return "ip";
	return *netns == '/' ? arena_printf(ctx->arena, "nsenter --net=%s ip", netns)
			     : arena_printf(ctx->arena, "ip -n %s", netns);
}

static struct advice about(const struct context *ctx, const char *command,
			   const char *label, const char *text)
{
	return (struct advice){
		.command = arena_printf(ctx->arena, "ipvl-ctl %s %s", command, label),
		.text = text,
	};
}

/* The namespace of a device: a slave without one is in its master's. */
static const char *netns_of(const struct context *ctx, const struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;
	const struct row *master = NULL;

	if (row_table(r) == c->slave.table) {
		const char *netns = context_text(ctx, r, c->slave.netns);

		if (*netns)
			return netns;
		master = rows_master_of(c, ctx->txn, r);
		if (!master)
			return "";
	}
	return context_text(ctx, master ? master : r, c->master.netns);
}

static struct advice on_pending(const struct context *ctx, const struct row *r)
{
	return about(ctx, "watch", naming_label(ctx, r), "shows when it is ready");
}

static struct advice on_missing(const struct context *ctx, const struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;
	const struct row *master =
		row_table(r) == c->master.table ? r : rows_master_of(c, ctx->txn, r);

	if (master &&
	    state_from_name(context_text(ctx, master, c->master.state)) == STATE_WAITING)
		return (struct advice){
			.command = arena_printf(ctx->arena, "%s -br link",
						ip_in(ctx, netns_of(ctx, master))),
			.text = "lists the devices that are there",
		};
	return on_pending(ctx, r);
}

static struct advice on_conflict(const struct context *ctx, const struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;
	bool is_slave = row_table(r) == c->slave.table;

	if (!is_slave && !rows_master_is_made(&ctx->columns, ctx->txn, r))
		return (struct advice){
			.command = "ipvl-ctl import --foreign",
			.text = "lists the ipvlan devices of others",
		};
	/* It has its device: something else is in the way. */
	if (is_slave && txn_get(ctx->txn, r, c->slave.ifindex)->n)
		return (struct advice){
			.command = arena_printf(ctx->arena, "%s route show table all",
						ip_in(ctx, netns_of(ctx, r))),
			.text = "lists the routes that are there",
		};
	return about(ctx, "--dry-run adopt", naming_label(ctx, r),
		     "shows whether ipvl can take it over");
}

struct advice advice_on_row(const struct context *ctx, const struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;
	bool is_master = row_table(r) == c->master.table;
	const char *label = naming_label(ctx, r);
	enum row_state state = state_from_name(
		context_text(ctx, r, is_master ? c->master.state : c->slave.state));

	switch (state) {
	case STATE_PENDING:
		return on_pending(ctx, r);
	case STATE_WAITING:
		return on_missing(ctx, r);
	case STATE_CONFLICT:
		return on_conflict(ctx, r);
	case STATE_ERROR:
		return about(ctx, "repair", label, "tries again now");
	case STATE_CONTESTED:
		return about(ctx, "drift", label, "shows who keeps changing it");
	case STATE_DRIFTED:
		return about(ctx, "repair", label, "puts it right");
	case STATE_UNKNOWN:
	case STATE_READY:
	case STATE_DISABLED:
	case N_STATES:
		break;
	}
	return (struct advice){0};
}

void advice_add(const struct context *ctx, struct advice_list *l, struct advice a)
{
	if (!a.command)
		return;
	for (size_t i = 0; i < l->n; i++) {
		if (!strcmp(l->all[i].text, a.text))
			return;
	}
	l->all = arena_grow(ctx->arena, l->all, l->n, &l->cap, sizeof(*l->all));
	l->all[l->n++] = a;
}

/* The file of "/etc/ipvl/lab.yaml:4:5: unknown key", or NULL. */
static const char *file_of(const struct context *ctx, const char *error)
{
	size_t n = strcspn(error, ":");
	char *file = arena_strdup(ctx->arena, error);

	if (*error != '/' || !error[n])
		return NULL;
	file[n] = '\0';
	return strchr(file, ' ') ? arena_printf(ctx->arena, "'%s'", file) : file;
}

void advice_add_file(const struct context *ctx, struct advice_list *l, const char *error)
{
	const char *file = file_of(ctx, error);

	/* Nothing is read before it ends, of which status has a line. */
	if (trial_find(&ctx->columns, NULL))
		return;
	if (file)
		advice_add(ctx, l, about(ctx, "validate", file, "checks the file again"));
	advice_add(ctx, l,
		   (struct advice){.command = "ipvl-ctl reload",
				   .text = "reads the config-dir again"});
}
