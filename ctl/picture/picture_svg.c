/* Draws a picture as SVG. Texts are monospaced, so that their width is known without a
 * font: a column of a terminal (display.h) is COLUMN pixels, a little more than in common
 * fonts of that size.
 *
 *   ┌ bar of a master ─────────────────────────────┐
 *   └─┬─────────────────────┬──────────────────────┘
 *     │ ┌ ns1 ───────────┐  │ ┌ ns2 ───────────┐      a rail for each column of frames,
 *     └─●─ slave         │  ├─●─ slave         │      a line to each slave
 *       └────────────────┘  └─●─ slave         │
 */
#include "ctl/picture/picture_svg.h"

#include "ctl/output/display.h"
#include "ctl/output/svg.h"
#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

#define COLUMN 8 /* of text; the font has 13 pixels, and columns of 7.8 */
#define LINE   18
#define MARGIN 24
#define RADIUS 6
/* Widths of a picture and of the text of a slave, the latter in columns of text. */
#define WIDTH_MIN         480
#define WIDTH_MAX         1100
#define SLAVE_COLUMNS_MIN ((size_t)26)
#define SLAVE_COLUMNS_MAX ((size_t)44)
/* Between frames, for the rail. */
#define GUTTER        28
#define RAIL          14 /* left of a frame */
#define FRAME_PADDING 10
#define TEXT_LEFT     14 /* from the border of a slave, or a bar, to its text */
#define TEXT_RIGHT    12

/* Light, then dark. Texts have a contrast of 4.5 or more on what is behind them. */
static const char style_sheet[] =
	"text{font:13px ui-monospace,monospace;fill:#1f2328}\n"
	".bg{fill:#ffffff}\n"
	".frame{fill:#f6f8fa;stroke:#afb8c1}\n"
	".slave{fill:#ffffff;stroke:#d0d7de}\n"
	".slave-warn{fill:#fff8c5;stroke:#bf8700}\n"
	".slave-bad{fill:#ffebe9;stroke:#cf222e;stroke-width:2}\n"
	".rail{stroke:#8c959f;stroke-width:2;stroke-linecap:round}\n"
	".dot-good{fill:#2da44e}\n"
	".dot-warn{fill:#bf8700}\n"
	".dot-bad{fill:#cf222e}\n"
	".dot-faint,.dot-plain{fill:#8c959f}\n"
	".strong{font-weight:700}\n"
	".netns{font-weight:700;fill:#57606a}\n"
	".faint{fill:#57606a}\n"
	".good{fill:#116329}\n"
	".warn{fill:#7d4e00}\n"
	".bad{fill:#a40e26}\n"
	".right{text-anchor:end}\n"
	".bar{fill:#1b4b72}\n"
	".bar-warn{fill:#6b4700}\n"
	".bar-bad{fill:#a40e26}\n"
	".on-bar{fill:#ffffff}\n"
	".on-bar-good{fill:#aff5b4}\n"
	".on-bar-warn{fill:#ffdf80}\n"
	"@media (prefers-color-scheme:dark){\n"
	"text{fill:#e6edf3}\n"
	".bg{fill:#0d1117}\n"
	".frame{fill:#161b22;stroke:#484f58}\n"
	".slave{fill:#0d1117;stroke:#30363d}\n"
	".slave-warn{fill:#2b2111;stroke:#d29922}\n"
	".slave-bad{fill:#3c1216;stroke:#f85149}\n"
	".rail{stroke:#6e7681}\n"
	".dot-good{fill:#3fb950}\n"
	".dot-warn{fill:#d29922}\n"
	".dot-bad{fill:#f85149}\n"
	".dot-faint,.dot-plain{fill:#6e7681}\n"
	".netns,.faint{fill:#9198a1}\n"
	".good{fill:#56d364}\n"
	".warn{fill:#e3b341}\n"
	".bad{fill:#ff9492}\n"
	".on-bar{fill:#ffffff}\n"
	".on-bar-good{fill:#aff5b4}\n"
	".on-bar-warn{fill:#ffdf80}\n"
	"}\n";

/* Lines of text that fit some width; the first may have another text at its right. */
struct block {
	struct picture_line *lines;
	size_t n, cap;
	const char *right; /* "" if none */
	enum style right_style;
};

struct sheet {
	const struct picture *p;
	FILE *out;
	size_t slave_columns; /* of text */
	size_t frame_width, n_across, width;
	size_t y; /* what is above is drawn */
};

/* --- texts --- */

static void add_wrapped(const struct sheet *s, struct block *b, enum style style,
			const char *text, size_t columns)
{
	while (text) {
		const char *line = display_wrap(s->p->arena, &text, columns);

		b->lines = arena_grow(s->p->arena, b->lines, b->n, &b->cap,
				      sizeof(*b->lines));
		b->lines[b->n++] = (struct picture_line){.style = style, .text = line};
	}
}

/* 'right' is at the end of the first line, or if there is no room for it the next line. */
static struct block make_block(const struct sheet *s, const char *left, const char *right,
			       enum style right_style, size_t columns)
{
	struct block b = {.right = "", .right_style = right_style};

	add_wrapped(s, &b, STYLE_STRONG, left, columns);
	if (display_width(left) + display_width(right) + 2 <= columns)
		b.right = right;
	else if (*right)
		add_wrapped(s, &b, right_style, right, columns);
	return b;
}

static void add_lines(const struct sheet *s, struct block *b,
		      const struct picture_line *lines, size_t n, size_t columns)
{
	for (size_t i = 0; i < n; i++)
		add_wrapped(s, b, lines[i].style, lines[i].text, columns);
}

static size_t block_height(const struct block *b)
{
	return b->n * LINE + 10;
}

/* On a bar, which is dark, texts are light. */
static const char *class_of(const struct sheet *s, enum style style, bool is_on_bar,
			    bool is_right)
{
	const char *name = picture_style_name(style);
	const char *on_bar = style == STYLE_GOOD      ? "on-bar-good"
			     : style == STYLE_WARNING ? "on-bar-warn"
			     : style == STYLE_STRONG  ? "strong on-bar"
						      : "on-bar";

	return arena_printf(s->p->arena, "%s%s", is_on_bar ? on_bar : name,
			    is_right ? " right" : "");
}

/* Within a box of that width at x, y. */
static void draw_block(const struct sheet *s, const struct block *b, size_t x, size_t y,
		       size_t width, bool is_on_bar)
{
	for (size_t i = 0; i < b->n; i++) {
		size_t baseline = y + 18 + i * LINE;

		svg_text(s->out, x + TEXT_LEFT, baseline,
			 class_of(s, b->lines[i].style, is_on_bar, false),
			 b->lines[i].text);
		if (!i && *b->right)
			svg_text(s->out, x + width - TEXT_RIGHT, baseline,
				 class_of(s, b->right_style, is_on_bar, true), b->right);
	}
}

/* --- sizes --- */

static size_t max_of(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Addresses and routes should not be wrapped; messages may be. */
static size_t columns_of_slave(const struct picture_slave *s)
{
	size_t columns = display_width(s->name) + display_width(s->state) + 2;

	for (size_t i = 0; i < s->n_lines; i++) {
		if (s->lines[i].style == STYLE_PLAIN)
			columns = max_of(columns, display_width(s->lines[i].text));
	}
	return columns;
}

static const char *facts_of(const struct sheet *s, const struct picture_master *m)
{
	const char *all = "";

	for (size_t i = 0; i < ARRAY_SIZE(m->facts); i++) {
		if (*m->facts[i])
			all = arena_printf(s->p->arena, "%s%s%s", all, *all ? " · " : "",
					   m->facts[i]);
	}
	return all;
}

/* Frames as wide as the widest slave, as many in a row as fit. */
static void measure(struct sheet *s)
{
	size_t columns = SLAVE_COLUMNS_MIN, n_frames = 1, bar = 0, fit;

	for (size_t i = 0; i < s->p->n_masters; i++) {
		const struct picture_master *m = &s->p->masters[i];

		n_frames = max_of(n_frames, m->n_frames);
		bar = max_of(bar, display_width(m->label) + display_width(m->count) + 2);
		bar = max_of(bar, display_width(facts_of(s, m)));
		for (size_t k = 0; k < m->n_frames; k++) {
			for (size_t j = 0; j < m->frames[k].n_slaves; j++)
				columns =
					max_of(columns,
					       columns_of_slave(&m->frames[k].slaves[j]));
		}
	}
	s->slave_columns = columns > SLAVE_COLUMNS_MAX ? SLAVE_COLUMNS_MAX : columns;
	s->frame_width =
		s->slave_columns * COLUMN + TEXT_LEFT + TEXT_RIGHT + 2 * FRAME_PADDING;
	fit = (WIDTH_MAX - 2 * MARGIN) / (s->frame_width + GUTTER);
	s->n_across = n_frames < fit ? n_frames : fit;
	bar = 2 * MARGIN + bar * COLUMN + TEXT_LEFT + TEXT_RIGHT;
	s->width = max_of(2 * MARGIN + s->n_across * (s->frame_width + GUTTER),
			  bar > WIDTH_MAX ? WIDTH_MAX : bar);
	s->width = max_of(s->width, WIDTH_MIN);
}

/* --- drawing --- */

static const char *with_style(const struct sheet *s, const char *class, enum style style)
{
	return arena_printf(s->p->arena, "%s-%s", class, picture_style_name(style));
}

/* Returns the height. '*ret_port' is where its line comes from the rail. */
static size_t draw_slave(const struct sheet *s, const struct picture_slave *slave,
			 size_t x, size_t y, size_t *ret_port)
{
	size_t width = s->frame_width - 2 * FRAME_PADDING, height;
	bool is_marked = slave->style == STYLE_BAD || slave->style == STYLE_WARNING;
	struct block b =
		make_block(s, slave->name, slave->state, slave->style, s->slave_columns);

	add_lines(s, &b, slave->lines, slave->n_lines, s->slave_columns);
	height = block_height(&b);
	*ret_port = y + 13;
	svg_group(s->out, arena_printf(s->p->arena, "%s%s%s", slave->label,
				       *slave->state ? ": " : "", slave->state));
	svg_rect(s->out, x, y, width, height, RADIUS - 2,
		 is_marked ? with_style(s, "slave", slave->style) : "slave");
	svg_line(s->out, x - FRAME_PADDING - RAIL, *ret_port, x, *ret_port, "rail");
	svg_dot(s->out, x, *ret_port, 5, with_style(s, "dot", slave->style));
	draw_block(s, &b, x, y, width, false);
	svg_group_end(s->out);
	return height;
}

static size_t height_of_frame(const struct sheet *s, const struct picture_frame *f,
			      const struct block *title)
{
	size_t height = block_height(title) + FRAME_PADDING;

	for (size_t i = 0; i < f->n_slaves; i++) {
		const struct picture_slave *slave = &f->slaves[i];
		struct block b = make_block(s, slave->name, slave->state, slave->style,
					    s->slave_columns);

		add_lines(s, &b, slave->lines, slave->n_lines, s->slave_columns);
		height += block_height(&b) + (i ? FRAME_PADDING - 2 : 0);
	}
	return height;
}

/* Returns the height. '*ret_port' is that of its last slave. */
static size_t draw_frame(const struct sheet *s, const struct picture_frame *f, size_t x,
			 size_t y, size_t *ret_port)
{
	struct block title =
		make_block(s, f->title, f->also, STYLE_FAINT, s->slave_columns);
	size_t height = height_of_frame(s, f, &title), at = y + block_height(&title);

	svg_rect(s->out, x, y, s->frame_width, height, RADIUS, "frame");
	draw_block(s, &title, x, y, s->frame_width, false);
	for (size_t i = 0; i < f->n_slaves; i++)
		at += draw_slave(s, &f->slaves[i], x + FRAME_PADDING, at, ret_port) +
		      FRAME_PADDING - 2;
	return height;
}

/* Frames are read from left to right; each column is filled from the top. */
static void draw_frames(struct sheet *s, const struct picture_master *m)
{
	size_t bar_bottom = s->y, bottom = s->y;

	for (size_t across = 0; across < s->n_across; across++) {
		size_t x = MARGIN + GUTTER + across * (s->frame_width + GUTTER);
		size_t y = bar_bottom + 16, port = bar_bottom;

		for (size_t i = across; i < m->n_frames; i += s->n_across)
			y += draw_frame(s, &m->frames[i], x, y, &port) + 16;
		if (port > bar_bottom)
			svg_line(s->out, x - RAIL, bar_bottom, x - RAIL, port, "rail");
		bottom = max_of(bottom, y);
	}
	s->y = bottom;
}

static void draw_master(struct sheet *s, const struct picture_master *m)
{
	size_t width = s->width - 2 * MARGIN;
	size_t columns = (width - TEXT_LEFT - TEXT_RIGHT) / COLUMN;
	bool is_marked = m->style == STYLE_BAD || m->style == STYLE_WARNING;
	const char *facts = facts_of(s, m);
	struct block b = make_block(s, m->label, m->count,
				    is_marked ? STYLE_STRONG : m->count_style, columns);

	if (*facts)
		add_wrapped(s, &b, STYLE_PLAIN, facts, columns);
	add_lines(s, &b, m->lines, m->n_lines, columns);
	svg_rect(s->out, MARGIN, s->y, width, block_height(&b), RADIUS,
		 is_marked ? with_style(s, "bar", m->style) : "bar");
	draw_block(s, &b, MARGIN, s->y, width, true);
	s->y += block_height(&b);
	draw_frames(s, m);
	s->y += MARGIN;
}

void picture_print_svg(const struct picture *p, FILE *out)
{
	struct sheet s = {.p = p, .y = MARGIN};
	CLEANUP(freep) char *body = NULL;
	size_t size;

	s.out = open_memstream(&body, &size);
	if (!s.out)
		abort();
	measure(&s);
	for (size_t i = 0; i < p->n_masters; i++)
		draw_master(&s, &p->masters[i]);
	if (!p->n_masters) {
		svg_text(s.out, MARGIN, s.y + LINE, "faint", "no masters");
		s.y += LINE + MARGIN;
	}
	fclose(s.out);
	svg_begin(out, s.width, s.y, "ipvlan devices", p->summary, style_sheet);
	svg_rect(out, 0, 0, s.width, s.y, 0, "bg");
	fputs(body, out);
	svg_end(out);
}
