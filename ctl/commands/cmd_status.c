/* The command `status`: the daemon, and every row that is not ready. */
#include "ctl/commands/cmd.h"
#include "ctl/session/context.h"
#include "ctl/text/describe.h"
#include "ctl/text/on_trial.h"
#include "ctl/output/display.h"
#include "ctl/output/layout.h"
#include "ctl/text/summary.h"

#include <inttypes.h>
#include <string.h>

static void print_daemon(const struct context *ctx, const struct summary *s)
{
	if (!*s->version) {
		fprintf(ctx->out, "no daemon has used this database yet\n");
		return;
	}
	fprintf(ctx->out, "ipvld %s on Linux %s\n", s->version, s->kernel);
	if (s->cur_cfg >= s->next_cfg)
		fprintf(ctx->out, "configuration %" PRId64 " is applied\n", s->next_cfg);
	else
		fprintf(ctx->out,
			"configuration %" PRId64
			" is being applied; last applied: %" PRId64 "\n",
			s->next_cfg, s->cur_cfg);
}

/* Prints one count in its colour, on the next line if this one is full. '*at' is the
 * end of the line. */
static void print_count(const struct context *ctx, size_t *at, const char *before,
			size_t n, enum style style, const char *what)
{
	const char *text = arena_printf(ctx->arena, "%s%zu ", before, n);
	size_t width = display_width(text) + display_width(what) + 1;

	if (ctx->width && *at + width > ctx->width) {
		size_t blank = strcspn(text, " ");

		fwrite(text, 1, blank, ctx->out);
		fputs("\n  ", ctx->out);
		text += blank + 1;
		*at = 2;
	}
	*at += width;
	fputs(text, ctx->out);
	layout_styled(ctx->out, ctx->colour, style, what);
}

static void print_counts(const struct context *ctx, const char *noun,
			 const struct summary_counts *c)
{
	const char *all = describe_count(ctx->arena, c->n, noun), *before = ": ";
	size_t at = display_width(all);

	fputs(all, ctx->out);
	for (size_t i = 0; i < N_STATES; i++) {
		enum row_state state = summary_state_at(i);

		if (!c->by_state[state])
			continue;
		print_count(ctx, &at, before, c->by_state[state],
			    describe_state_style(state), summary_state_name(state));
		before = ", ";
	}
	if (c->n_warned)
		print_count(ctx, &at, *before == ':' ? before : "; ", c->n_warned,
			    STYLE_WARNING,
			    c->n_warned == 1 ? "with a warning" : "with warnings");
	fputc('\n', ctx->out);
}

static void print_problems(const struct context *ctx, const struct summary *s)
{
	struct layout *l = context_layout(ctx, 2, 2);

	layout_fit(l, 0, LAYOUT_ELIDE_START);
	layout_fit(l, 1, LAYOUT_KEEP);
	layout_fit(l, 2, LAYOUT_WRAP);
	for (size_t i = 0; i < s->n_problems; i++) {
		layout_row(l);
		layout_cell(l, STYLE_STRONG, s->problems[i].label);
		layout_cell(l, describe_state_style(s->problems[i].state),
			    state_name(s->problems[i].state));
		layout_cell(l, STYLE_PLAIN, s->problems[i].message);
	}
	for (size_t i = 0; i < s->n_warnings; i++) {
		if (s->warnings[i].is_of_master)
			continue;
		layout_row(l);
		layout_cell(l, STYLE_STRONG, s->warnings[i].label);
		layout_cell(l, STYLE_WARNING, "warning");
		layout_cell(l, STYLE_PLAIN, s->warnings[i].text);
	}
	layout_print(l, ctx->out, ctx->colour);
	layout_free(l);
	for (uint32_t i = 0; s->config_errors && i < s->config_errors->n; i++)
		context_note(ctx, STYLE_BAD,
			     arena_printf(ctx->arena, "configuration error: %s",
					  datum_keys(s->config_errors)[i].string));
}

/* As `git status` does. */
static void print_next(const struct context *ctx, const struct summary *s)
{
	struct layout *l = context_layout(ctx, 2, 2);

	layout_fit(l, 0, LAYOUT_KEEP);
	layout_fit(l, 1, LAYOUT_WRAP);
	if (s->next.n)
		fputs("next:\n", ctx->out);
	for (size_t i = 0; i < s->next.n; i++) {
		layout_row(l);
		layout_cell(l, STYLE_STRONG, s->next.all[i].command);
		layout_cell(l, STYLE_FAINT, s->next.all[i].text);
	}
	layout_print(l, ctx->out, ctx->colour);
	layout_free(l);
}

struct err *cmd_status(struct context *ctx, const struct call *call)
{
	struct summary s = summary_make(ctx);

	if (call->options & OPTION_CHECK)
		ctx->differs = s.n_problems || s.n_warnings || s.cur_cfg < s.next_cfg ||
			       !*s.version || (s.config_errors && s.config_errors->n);
	if (ctx->options.format == FORMAT_JSON || ctx->options.format == FORMAT_YAML) {
		summary_print_tree(ctx, &s);
		return NULL;
	}
	print_daemon(ctx, &s);
	on_trial_note(ctx);
	print_counts(ctx, "master", &s.masters);
	print_counts(ctx, "slave", &s.slaves);
	print_problems(ctx, &s);
	print_next(ctx, &s);
	return NULL;
}
