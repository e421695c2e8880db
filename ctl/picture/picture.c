/* Makes the contents of a picture from rows. */
#include "ctl/picture/picture.h"

#include "ctl/session/naming.h"
#include "ctl/text/describe.h"
#include "ctl/text/show_words.h"
#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Objects that the summary names. */
#define FAULTS_MAX 10

struct lines {
	struct arena *a;
	struct picture_line *all;
	size_t n, cap;
};

static void add_line(struct lines *l, enum style style, const char *text)
{
	if (!*text)
		return;
	l->all = arena_grow(l->a, l->all, l->n, &l->cap, sizeof(*l->all));
	l->all[l->n++] = (struct picture_line){.style = style, .text = text};
}

static void add_warnings(const struct context *ctx, struct lines *l, const struct row *r,
			 const struct row *master)
{
	const struct datum *d = show_words_warnings(ctx, r);

	for (uint32_t i = 0; i < d->n; i++) {
		const union atom *text = &datum_keys(d)[i];

		if (!show_words_is_of_master(ctx, master, text))
			add_line(l, STYLE_WARNING,
				 arena_printf(ctx->arena, "warning: %s", text->string));
	}
}

/* Each address on a line of its own. */
static void add_addresses(const struct context *ctx, struct lines *l,
			  const struct row *slave)
{
	const struct datum *d = txn_get(ctx->txn, slave, ctx->columns.slave.addresses);

	for (uint32_t i = 0; i < d->n; i++)
		add_line(l, STYLE_PLAIN, datum_keys(d)[i].string);
	if (!d->n)
		add_line(l, STYLE_FAINT, describe_addresses(ctx, slave));
}

/* What is wrong is of the colour of its state. */
static enum style message_style(enum style state)
{
	return state == STYLE_BAD || state == STYLE_WARNING ? state : STYLE_FAINT;
}

/* A slave that works, with a warning or without carrier, is not green. */
static enum style slave_style(const struct context *ctx, const struct row *r)
{
	enum row_state state = show_words_state_of(ctx, r);
	enum style style = describe_state_style(state);
	bool is_limited = show_words_warnings(ctx, r)->n ||
			  strcmp(show_words_state(ctx, r), state_name(state)) != 0;

	return style == STYLE_GOOD && is_limited ? STYLE_WARNING : style;
}

static struct picture_slave make_slave(const struct context *ctx, const struct row *r,
				       const struct row *master)
{
	struct lines l = {.a = ctx->arena};
	struct picture_slave s = {
		.label = naming_label(ctx, r),
		.name = context_text(ctx, r, ctx->columns.slave.name),
		.state = show_words_state(ctx, r),
		.style = slave_style(ctx, r),
	};

	add_addresses(ctx, &l, r);
	add_line(&l, STYLE_PLAIN, describe_routes(ctx, r));
	add_line(&l, STYLE_FAINT, describe_extras(ctx, r));
	add_line(&l, message_style(s.style), show_words_message(ctx, r, master));
	add_warnings(ctx, &l, r, master);
	s.lines = l.all;
	s.n_lines = l.n;
	return s;
}

/* The namespace of a slave: its master's, if it has none. */
static const char *netns_of(const struct context *ctx, const struct row *master,
			    const struct row *slave)
{
	const char *its = context_text(ctx, slave, ctx->columns.slave.netns);

	return *its ? its : context_text(ctx, master, ctx->columns.master.netns);
}

static struct picture_frame *find_frame(struct picture_master *m, const char *netns)
{
	for (size_t i = 0; i < m->n_frames; i++) {
		if (!strcmp(m->frames[i].netns, netns))
			return &m->frames[i];
	}
	return NULL;
}

static struct picture_frame *add_frame(struct picture_master *m, const char *netns)
{
	struct picture_frame *f = &m->frames[m->n_frames++];

	*f = (struct picture_frame){
		.netns = netns, .title = *netns ? netns : "host", .also = ""};
	return f;
}

static void add_slaves(const struct context *ctx, struct picture_master *m,
		       const struct shown *shown)
{
	struct picture_frame *f = NULL;

	m->frames = arena_array(ctx->arena, shown->n_slaves + 1, sizeof(*m->frames));
	for (size_t i = 0; i < shown->n_slaves; i++) {
		const struct row *r = shown->slaves[i];
		const char *netns = netns_of(ctx, shown->master, r);

		/* Slaves are sorted by label: mostly it is that of the last one. */
		if (!f || strcmp(f->netns, netns) != 0)
			f = find_frame(m, netns);
		if (!f)
			f = add_frame(m, netns);
		f->slaves = arena_grow(ctx->arena, f->slaves, f->n_slaves, &f->slaves_cap,
				       sizeof(*f->slaves));
		f->slaves[f->n_slaves++] = make_slave(ctx, r, shown->master);
	}
}

static struct picture_master make_master(const struct context *ctx,
					 const struct shown *shown, bool is_offline)
{
	const struct ipvl_columns *c = &ctx->columns;
	const struct row *r = shown->master;
	struct lines l = {.a = ctx->arena};
	const char *routes = describe_routes(ctx, r);
	struct picture_master m = {
		.label = show_words_master(ctx, r),
		.facts = {describe_port(ctx, r), show_words_link(ctx, r),
			  show_words_mtu(ctx, r), context_text(ctx, r, c->master.mac)},
		.style = describe_state_style(show_words_state_of(ctx, r)),
	};

	m.count = show_words_count(ctx, r, is_offline, &m.count_style);
	add_line(&l, message_style(m.style), context_text(ctx, r, c->master.message));
	add_warnings(ctx, &l, r, NULL);
	if (*routes)
		add_line(&l, STYLE_PLAIN, arena_printf(ctx->arena, "routes: %s", routes));
	m.lines = l.all;
	m.n_lines = l.n;
	add_slaves(ctx, &m, shown);
	return m;
}

/* A namespace that has several masters is drawn below each, and refers to the others. */
static void refer(struct picture *p)
{
	for (size_t i = 0; i < p->n_masters; i++) {
		for (size_t k = 0; k < p->masters[i].n_frames; k++) {
			struct picture_frame *f = &p->masters[i].frames[k];

			for (size_t other = 0; other < p->n_masters; other++) {
				if (other != i && *f->netns &&
				    find_frame(&p->masters[other], f->netns))
					f->also = describe_join(p->arena, f->also,
								p->masters[other].label);
			}
			if (*f->also)
				f->also = arena_printf(p->arena, "also on %s", f->also);
		}
	}
}

/* The objects that are not as they should be, in words; the first of them. */
struct faults {
	struct arena *a;
	const char *text;
	size_t n;
};

static void note_fault(struct faults *f, enum style style, const char *label,
		       const char *state)
{
	if (style != STYLE_BAD && style != STYLE_WARNING)
		return;
	if (f->n++ < FAULTS_MAX)
		f->text = describe_join(f->a, f->text,
					arena_printf(f->a, "%s%s%s%s", label,
						     *state ? " (" : "", state,
						     *state ? ")" : ""));
}

static size_t note_master(struct faults *f, const struct picture_master *m)
{
	size_t n_slaves = 0;

	note_fault(f, m->style, m->label, "");
	for (size_t i = 0; i < m->n_frames; i++) {
		const struct picture_frame *frame = &m->frames[i];

		for (size_t k = 0; k < frame->n_slaves; k++)
			note_fault(f, frame->slaves[k].style, frame->slaves[k].label,
				   frame->slaves[k].state);
		n_slaves += frame->n_slaves;
	}
	return n_slaves;
}

/* "2 masters, 5 slaves. To look at: lab7/eth0 (conflict)." */
static const char *summary(const struct context *ctx, const struct picture *p)
{
	struct faults f = {.a = ctx->arena, .text = ""};
	size_t n_slaves = 0;
	const char *all;

	for (size_t i = 0; i < p->n_masters; i++)
		n_slaves += note_master(&f, &p->masters[i]);
	all = arena_printf(f.a, "%s, %s.", describe_count(f.a, p->n_masters, "master"),
			   describe_count(f.a, n_slaves, "slave"));
	if (!f.n)
		return all;
	if (f.n > FAULTS_MAX)
		f.text = arena_printf(f.a, "%s and %zu more", f.text, f.n - FAULTS_MAX);
	return arena_printf(f.a, "%s To look at: %s.", all, f.text);
}

const struct picture *picture_make(const struct context *ctx, const struct shown *shown,
				   size_t n)
{
	struct picture *p = arena_alloc(ctx->arena, sizeof(*p));

	p->arena = ctx->arena;
	p->masters = arena_array(ctx->arena, n + 1, sizeof(*p->masters));
	p->n_masters = n;
	for (size_t i = 0; i < n; i++)
		p->masters[i] = make_master(ctx, &shown[i], !ctx->replica && ctx->file);
	refer(p);
	p->summary = summary(ctx, p);
	return p;
}

const char *picture_style_name(enum style style)
{
	static const char *const names[] = {
		[STYLE_PLAIN] = "plain", [STYLE_STRONG] = "strong",
		[STYLE_GOOD] = "good",   [STYLE_WARNING] = "warn",
		[STYLE_BAD] = "bad",     [STYLE_FAINT] = "faint",
	};

	return names[style];
}
