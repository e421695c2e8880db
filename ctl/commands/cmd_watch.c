/* The command `watch`: what `show` shows, kept up to date on a terminal; elsewhere a line
 * for each change. */
#include "ctl/commands/cmd.h"
#include "ctl/session/context.h"
#include "ctl/text/describe.h"
#include "ctl/text/watched.h"

/* A picture says how long ago something was. */
#define PICTURE_AGAIN_MS 30000

struct err *cmd_watch(struct context *ctx, const struct call *call)
{
	struct shown *shown;
	size_t n, n_rows;
	struct err *e;

	if (ctx->is_picture) {
		ctx->again_ms = PICTURE_AGAIN_MS;
		return cmd_show(ctx, call);
	}
	e = show_select(ctx, call->args, call->n_args, &shown, &n);
	if (e)
		return e;
	if (!ctx->kept)
		context_keep(ctx, watched_new(), watched_free);
	n_rows = watched_update(ctx->kept, ctx, shown, n);
	if (!ctx->is_again)
		fprintf(ctx->warnings, "watching %s; Ctrl-C ends\n",
			describe_count(ctx->arena, n_rows, "row"));
	return NULL;
}
