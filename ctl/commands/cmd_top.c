/* The command `top`: the rates of masters and slaves, the busiest first, measured again and
 * again. */
#include "ctl/commands/cmd.h"
#include "ctl/output/layout.h"
#include "ctl/session/context.h"
#include "ctl/session/naming.h"
#include "ctl/text/show_select.h"
#include "ctl/text/traffic.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "ovsdb-lite/json/json.h"

#include <stdlib.h>
#include <string.h>

#define INTERVAL_MS 1000

/* Kept between attempts: the last two readings. */
struct readings {
	struct traffic *before, *now;
	int64_t read_ms; /* when 'now' was read */
	bool is_new;     /* not shown yet */
};

static void free_readings(void *kept)
{
	struct readings *r = kept;

	traffic_free(r->before);
	traffic_free(r->now);
	free(r);
}

/* The attempts in between are those of changes of rows. */
static struct err *read_if_due(struct context *ctx, struct readings *r)
{
	int64_t now_ms = clock_now_ms();
	struct traffic *t;
	struct err *e;

	r->is_new = false;
	if (r->now && now_ms - r->read_ms < INTERVAL_MS) {
		ctx->again_ms = INTERVAL_MS - (now_ms - r->read_ms);
		return NULL;
	}
	ctx->again_ms = INTERVAL_MS;
	e = traffic_read(ctx, &t);
	if (e)
		return e;
	traffic_free(r->before);
	r->before = r->now;
	r->now = t;
	r->read_ms = now_ms;
	r->is_new = r->before != NULL;
	return NULL;
}

/* --- the list --- */

struct entry {
	const char *label;
	double rates[N_TRAFFIC];
};

struct list {
	struct entry *all;
	size_t n, cap;
};

static double sum(const struct entry *e)
{
	return e->rates[TRAFFIC_RX_BYTES] + e->rates[TRAFFIC_TX_BYTES];
}

static int busier(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (sum(x) != sum(y))
		return sum(x) > sum(y) ? -1 : 1;
	return strverscmp(x->label, y->label);
}

/* What is measured. */
struct span {
	const struct traffic *before, *now;
};

static void add(const struct context *ctx, const struct span *s, struct list *l,
		const struct row *row)
{
	struct entry e = {.label = naming_label(ctx, row)};

	if (!traffic_rates(s->before, s->now, row_uuid(row), e.rates))
		return;
	l->all = arena_grow(ctx->arena, l->all, l->n, &l->cap, sizeof(*l->all));
	l->all[l->n++] = e;
}

static struct list make_list(const struct context *ctx, const struct span *s,
			     const struct shown *shown, size_t n)
{
	struct list l = {0};

	for (size_t i = 0; i < n; i++) {
		if (shown[i].is_whole)
			add(ctx, s, &l, shown[i].master);
		for (size_t k = 0; k < shown[i].n_slaves; k++)
			add(ctx, s, &l, shown[i].slaves[k]);
	}
	if (l.n)
		qsort(l.all, l.n, sizeof(*l.all), busier);
	return l;
}

/* --- output --- */

/* "  1.2M": six columns, as `ip -h` has them. */
static const char *short_number(struct arena *a, double value)
{
	static const char units[] = " kMGTP";
	size_t unit = 0;

	while (value >= 999.5 && unit + 2 < sizeof(units)) {
		value /= 1000;
		unit++;
	}
	return unit && value < 99.95 ? arena_printf(a, "%5.1f%c", value, units[unit])
				     : arena_printf(a, "%5.0f%c", value, units[unit]);
}

/* No line ends in a blank. */
static const char *drops_text(struct arena *a, const double *rates)
{
	char *text = arena_printf(
		a, "  %s",
		short_number(a, rates[TRAFFIC_RX_DROPPED] + rates[TRAFFIC_TX_DROPPED]));
	size_t n = strlen(text);

	if (text[n - 1] == ' ')
		text[n - 1] = '\0';
	return text;
}

static void print_headings(struct layout *l)
{
	static const char *const headings[] = {"object",    "   rx B/s",  "  rx pkt/s",
					       "   tx B/s", "  tx pkt/s", "  drop/s"};

	layout_row(l);
	for (size_t i = 0; i < ARRAY_SIZE(headings); i++)
		layout_cell(l, STYLE_FAINT, headings[i]);
}

static void print(const struct context *ctx, const struct list *list)
{
	struct layout *l = context_layout(ctx, 0, 2);
	struct arena *a = ctx->arena;

	layout_fit(l, 0, LAYOUT_ELIDE_START);
	for (size_t i = 1; i <= 5; i++)
		layout_fit(l, i, LAYOUT_KEEP);
	print_headings(l);
	for (size_t i = 0; i < list->n; i++) {
		const double *r = list->all[i].rates;

		layout_row(l);
		layout_cell(l, STYLE_STRONG, list->all[i].label);
		layout_cell(
			l, STYLE_PLAIN,
			arena_printf(a, "   %s", short_number(a, r[TRAFFIC_RX_BYTES])));
		layout_cell(l, STYLE_PLAIN,
			    arena_printf(a, "    %s",
					 short_number(a, r[TRAFFIC_RX_PACKETS])));
		layout_cell(
			l, STYLE_PLAIN,
			arena_printf(a, "   %s", short_number(a, r[TRAFFIC_TX_BYTES])));
		layout_cell(l, STYLE_PLAIN,
			    arena_printf(a, "    %s",
					 short_number(a, r[TRAFFIC_TX_PACKETS])));
		layout_cell(l, STYLE_PLAIN, drops_text(a, r));
	}
	layout_print(l, ctx->out, ctx->colour);
	layout_free(l);
}

/* An object on a line for each measurement. */
static void print_json(const struct context *ctx, const struct list *list)
{
	CLEANUP(json_freep) struct json_object *json = json_object();
	CLEANUP(freep) char *text = NULL;
	struct json_object *all = json_array();

	for (size_t i = 0; i < list->n; i++) {
		struct json_object *one = json_object();

		json_put(one, "object", json_string(list->all[i].label));
		for (size_t k = 0; k < N_TRAFFIC; k++)
			json_put(one, traffic_names[k], json_real(list->all[i].rates[k]));
		json_add(all, one);
	}
	json_put(json, "time", json_integer(clock_wall_ms()));
	json_put(json, "per_second", all);
	text = json_text(json);
	fprintf(ctx->out, "%s\n", text);
}

void cmd_top_print(const struct context *ctx, const struct traffic *before,
		   const struct traffic *now, const struct shown *shown, size_t n)
{
	const struct span span = {before, now};
	struct list list = make_list(ctx, &span, shown, n);

	if (ctx->options.format == FORMAT_JSON)
		print_json(ctx, &list);
	else
		print(ctx, &list);
}

struct err *cmd_top(struct context *ctx, const struct call *call)
{
	struct readings *r;
	struct shown *shown;
	struct err *e;
	size_t n;

	if (!ctx->kept)
		context_keep(ctx, xcalloc(1, sizeof(*r)), free_readings);
	r = ctx->kept;
	e = read_if_due(ctx, r);
	if (!e)
		e = show_select(ctx, call->args, call->n_args, &shown, &n);
	if (e)
		return e;
	if (!r->before) {
		fputs(ctx->is_picture ? "measuring\n" : "", ctx->out);
		return NULL;
	}
	if (!ctx->is_picture && !r->is_new)
		return NULL;
	cmd_top_print(ctx, r->before, r->now, shown, n);
	return NULL;
}
