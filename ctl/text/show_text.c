/* Prints `show` for people: a line for each master with the count of its slaves at the
 * right, a line for each slave, and below them details, messages and warnings. The columns
 * are the same for all masters. On a terminal, the slaves' addresses and routes are
 * wrapped, and a long line of a master is split. */
#include "ctl/text/show_text.h"

#include "ctl/text/describe.h"
#include "ctl/text/show_words.h"
#include "ctl/output/display.h"
#include "ctl/output/layout.h"
#include "ctl/session/naming.h"
#include "lib/alloc.h"

#include <inttypes.h>
#include <string.h>

#define SLAVE_INDENT   2
#define MESSAGE_INDENT 5
#define GAP            3
/* The columns of a slave's line. */
enum { COLUMN_LABEL, COLUMN_ADDRESSES, COLUMN_ROUTES, COLUMN_STATE };
/* The parts of a master's line; the count of its slaves follows them. */
enum { PART_LABEL, PART_PORT, PART_LINK, PART_MTU, PART_MAC, N_PARTS };

struct show {
	const struct context *ctx;
	const char *(*parts)[N_PARTS]; /* of each master's line */
	size_t widths[N_PARTS];        /* over all masters */
	bool is_offline;
};

/* --- a master's line --- */

static void measure_masters(struct show *s, const struct shown *shown, size_t n)
{
	const struct context *ctx = s->ctx;

	s->parts = arena_array(ctx->arena, n + 1, sizeof(*s->parts));
	for (size_t i = 0; i < n; i++) {
		const struct row *r = shown[i].master;

		s->parts[i][PART_LABEL] = show_words_master(ctx, r);
		s->parts[i][PART_PORT] = describe_port(ctx, r);
		s->parts[i][PART_LINK] = show_words_link(ctx, r);
		s->parts[i][PART_MTU] = show_words_mtu(ctx, r);
		s->parts[i][PART_MAC] = context_text(ctx, r, ctx->columns.master.mac);
		for (size_t k = 0; k < N_PARTS; k++) {
			size_t width = display_width(s->parts[i][k]);

			if (width > s->widths[k])
				s->widths[k] = width;
		}
	}
}

static enum style part_style(size_t part)
{
	return part == PART_LABEL ? STYLE_STRONG : STYLE_PLAIN;
}

/* The parts aligned, then 'tail' at column 'at' or after them. */
static void print_aligned(const struct show *s, size_t i, size_t at, const char *tail,
			  enum style style)
{
	const struct context *ctx = s->ctx;
	size_t owed = 0, printed = 0;

	for (size_t k = 0; k < N_PARTS; k++) {
		const char *part = s->parts[i][k];

		if (!s->widths[k])
			continue;
		if (*part) {
			fprintf(ctx->out, "%*s", (int)owed, "");
			layout_styled(ctx->out, ctx->colour, part_style(k), part);
			printed += owed + display_width(part);
			owed = 0;
		}
		owed += s->widths[k] - display_width(part) + GAP;
	}
	fprintf(ctx->out, "%*s", (int)(at > printed + owed ? at - printed : owed), "");
	layout_styled(ctx->out, ctx->colour, style, tail);
	fputc('\n', ctx->out);
}

/* As many parts in a line as fit; the count of slaves comes before the less important
 * ones. */
static void print_flowing(const struct show *s, size_t i, const char *tail,
			  enum style style)
{
	static const int order[] = {PART_LABEL, PART_PORT, PART_LINK,
				    N_PARTS,    PART_MTU,  PART_MAC};
	const struct context *ctx = s->ctx;
	size_t at = 0;

	for (size_t k = 0; k < ARRAY_SIZE(order); k++) {
		bool is_tail = order[k] == N_PARTS;
		const char *part = display_elide(
			ctx->arena, is_tail ? tail : s->parts[i][order[k]], ctx->width);
		size_t width = display_width(part);

		if (!width)
			continue;
		if (at && at + GAP + width > ctx->width) {
			fprintf(ctx->out, "\n%*s", MESSAGE_INDENT, "");
			at = MESSAGE_INDENT;
		} else if (at) {
			fprintf(ctx->out, "%*s", GAP, "");
			at += GAP;
		}
		layout_styled(ctx->out, ctx->colour,
			      is_tail ? style : part_style((size_t)order[k]), part);
		at += width;
	}
	fputc('\n', ctx->out);
}

static void print_master_line(const struct show *s, size_t i, size_t at, const char *tail,
			      enum style style)
{
	size_t width = display_width(tail), limit = s->ctx->width;

	for (size_t k = 0; k < N_PARTS; k++)
		width += s->widths[k] ? s->widths[k] + GAP : 0;
	if (limit && width > limit)
		print_flowing(s, i, tail, style);
	else
		print_aligned(s, i,
			      limit && at + display_width(tail) > limit
				      ? limit - display_width(tail)
				      : at,
			      tail, style);
}

/* --- a slave's line --- */

/* Without those that the master has too. */
static void add_warnings(const struct context *ctx, struct layout *l, const struct row *r,
			 const struct row *master)
{
	const struct datum *d = show_words_warnings(ctx, r);

	for (uint32_t i = 0; i < d->n; i++) {
		const union atom *text = &datum_keys(d)[i];

		if (!show_words_is_of_master(ctx, master, text))
			layout_note(
				l, MESSAGE_INDENT, STYLE_WARNING,
				arena_printf(ctx->arena, "warning: %s", text->string));
	}
}

/* Details for a slave that was asked for: its device, and the files that declare it. */
static void add_details(const struct context *ctx, struct layout *l, const struct row *r)
{
	const struct ipvl_columns *c = &ctx->columns;
	int64_t mtu = datum_integer(txn_get(ctx->txn, r, c->slave.link_mtu), 0);
	int64_t ifindex = datum_integer(txn_get(ctx->txn, r, c->slave.ifindex), 0);
	const char *mac = context_text(ctx, r, c->slave.mac), *all = "";
	const struct datum *sources = txn_get(ctx->txn, r, c->slave.sources);

	if (ifindex)
		all = arena_printf(ctx->arena, "ifindex %" PRId64, ifindex);
	if (mtu)
		all = describe_join(ctx->arena, all,
				    arena_printf(ctx->arena, "mtu %" PRId64, mtu));
	if (*mac)
		all = describe_join(ctx->arena, all,
				    arena_printf(ctx->arena, "mac %s", mac));
	if (*all)
		layout_note(l, MESSAGE_INDENT, STYLE_PLAIN,
			    arena_printf(ctx->arena, "device: %s", all));
	all = "";
	for (uint32_t i = 0; i < sources->n; i++)
		all = describe_join(ctx->arena, all, datum_keys(sources)[i].string);
	layout_note(l, MESSAGE_INDENT, STYLE_PLAIN,
		    *all ? arena_printf(ctx->arena, "declared by %s", all)
			 : "declared by no file");
}

static void add_slave(const struct context *ctx, struct layout *l, const struct row *r,
		      const struct shown *shown)
{
	const struct ipvl_columns *c = &ctx->columns;
	/* The message of the master is not repeated for each slave. */
	const char *message = show_words_message(ctx, r, shown->master);
	const char *extras = describe_extras(ctx, r);
	const struct datum *d = txn_get(ctx->txn, r, c->slave.addresses);

	layout_row(l);
	layout_cell(l, STYLE_PLAIN, naming_label(ctx, r));
	layout_cell(l, d->n ? STYLE_PLAIN : STYLE_FAINT, describe_addresses(ctx, r));
	layout_cell(l, STYLE_PLAIN, describe_routes(ctx, r));
	layout_cell(l, describe_state_style(show_words_state_of(ctx, r)),
		    show_words_state(ctx, r));
	if (*extras)
		layout_note(l, MESSAGE_INDENT, STYLE_FAINT, extras);
	if (*message)
		layout_note(l, MESSAGE_INDENT, STYLE_PLAIN, message);
	add_warnings(ctx, l, r, shown->master);
	if (!shown->is_whole)
		add_details(ctx, l, r);
}

static struct layout *lay_out_slaves(const struct show *s, const struct shown *shown)
{
	struct layout *l = context_layout(s->ctx, SLAVE_INDENT, GAP);

	layout_fit(l, COLUMN_LABEL, LAYOUT_ELIDE_START);
	layout_fit(l, COLUMN_ADDRESSES, LAYOUT_WRAP);
	layout_fit(l, COLUMN_ROUTES, LAYOUT_WRAP);
	layout_fit(l, COLUMN_STATE, LAYOUT_KEEP);
	for (size_t i = 0; i < shown->n_slaves; i++)
		add_slave(s->ctx, l, shown->slaves[i], shown);
	return l;
}

static void print_master_notes(const struct show *s, const struct row *master)
{
	const struct context *ctx = s->ctx;
	const char *message = context_text(ctx, master, ctx->columns.master.message);
	const char *routes = describe_routes(ctx, master);
	struct layout *l = context_layout(ctx, 0, 0);

	if (*message)
		layout_note(l, MESSAGE_INDENT, STYLE_PLAIN, message);
	add_warnings(ctx, l, master, NULL);
	if (*routes)
		layout_note(l, SLAVE_INDENT, STYLE_PLAIN,
			    arena_printf(ctx->arena, "routes: %s", routes));
	layout_print(l, ctx->out, ctx->colour);
	layout_free(l);
}

static void show_master(const struct show *s, const struct shown *shown, size_t i,
			struct layout *l)
{
	const struct context *ctx = s->ctx;
	enum style style;
	const char *tail = show_words_count(ctx, shown->master, s->is_offline, &style);

	print_master_line(s, i, s->is_offline ? 0 : layout_offset(l, COLUMN_STATE), tail,
			  style);
	print_master_notes(s, shown->master);
	layout_print(l, ctx->out, ctx->colour);
}

void show_text(const struct context *ctx, const struct shown *shown, size_t n,
	       bool is_offline)
{
	struct show s = {.ctx = ctx, .is_offline = is_offline};
	struct layout **slaves = arena_array(ctx->arena, n + 1, sizeof(struct layout *));

	measure_masters(&s, shown, n);
	for (size_t i = 0; i < n; i++)
		slaves[i] = lay_out_slaves(&s, &shown[i]);
	layout_align(slaves, n);
	for (size_t i = 0; i < n; i++) {
		show_master(&s, &shown[i], i, slaves[i]);
		layout_free(slaves[i]);
	}
}
