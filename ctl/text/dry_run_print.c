/* Changes, outcomes and steps for people: rows first, then the steps in the order of
 * execution. */
#include "ctl/text/describe.h"
#include "ctl/text/dry_run_records.h"
#include "ctl/text/dry_run_view.h"
#include "ctl/output/unified.h"
#include "ctl/text/export.h"

#include <string.h>

/* The indent of messages below an object's line. */
#define NOTE_INDENT 5

static void print_notes(struct layout *l, const struct view *v,
			const struct view_object *o)
{
	const struct dry_run_row *row = o->row;
	struct arena *a = v->ctx->arena;

	if (!row->is_well && !view_master_has_outcome(v, o))
		layout_note(l, NOTE_INDENT,
			    describe_state_style(state_from_name(row->state)),
			    arena_printf(a, "will be %s", dry_run_outcome(a, row)));
	for (size_t i = 0; i < row->n_warnings; i++) {
		if (!view_master_warns(v, o, row->warnings[i]))
			layout_note(l, NOTE_INDENT, STYLE_WARNING,
				    arena_printf(a, "warning: %s", row->warnings[i]));
	}
}

static void print_change(struct layout *l, const struct view *v,
			 const struct diff_object *c)
{
	const struct view_object *o = view_find(v, c->edit.object);
	bool is_disruptive = false;
	const char *effect = o->change == c ? view_effect(v, o, &is_disruptive) : "";

	layout_row(l);
	layout_cell(l, edit_style(&c->edit),
		    arena_printf(v->ctx->arena, "%s %s", edit_sign(&c->edit),
				 c->edit.object));
	layout_cell(l, STYLE_PLAIN, c->edit.what);
	layout_cell(l, is_disruptive ? STYLE_WARNING : STYLE_FAINT, effect);
	if (o->change == c && o->row)
		print_notes(l, v, o);
}

/* True if another row has all of its messages. */
static bool says_the_same(const struct dry_run_row *one, const struct dry_run_row *other)
{
	if (!one->is_well && strcmp(one->message, other->message) != 0)
		return false;
	for (size_t i = 0; i < one->n_warnings; i++) {
		bool is_found = false;

		for (size_t k = 0; k < other->n_warnings && !is_found; k++)
			is_found = !strcmp(one->warnings[i], other->warnings[k]);
		if (!is_found)
			return false;
	}
	return true;
}

static bool has_notes(const struct view_object *o)
{
	return o->row && (!o->row->is_well || o->row->n_warnings);
}

/* What becomes of rows that do not change. What many have in common is printed once, with
 * the first. */
static void print_rest(struct layout *l, const struct view *v)
{
	const struct dry_run_row *last = NULL;

	for (const struct view_object *o = v->objects; o; o = o->hh.next) {
		if (o->change || !has_notes(o) || (last && says_the_same(o->row, last)))
			continue;
		last = o->row;
		layout_row(l);
		layout_cell(l, STYLE_PLAIN, arena_printf(v->ctx->arena, "  %s", o->name));
		print_notes(l, v, o);
	}
}

/* Rows that are neither masters nor slaves. */
static void print_others(struct layout *l, const struct view *v)
{
	for (size_t i = 0; i < v->changes->n_others; i++)
		layout_note(l, 0, STYLE_PLAIN,
			    edit_text(v->ctx->arena, &v->changes->others[i]));
}

static void print_changes(const struct view *v, FILE *out)
{
	const struct context *ctx = v->ctx;
	struct layout *l = context_layout(ctx, 0, 3);

	layout_fit(l, 0, LAYOUT_KEEP);
	layout_fit(l, 1, LAYOUT_WRAP);
	layout_fit(l, 2, LAYOUT_WRAP);
	for (size_t i = 0; i < v->changes->n; i++)
		print_change(l, v, &v->changes->objects[i]);
	print_rest(l, v);
	print_others(l, v);
	layout_print(l, out, ctx->colour);
	layout_free(l);
}

/* Of the changed rows only those about which there is more to say than the diff does. */
static void print_outcomes(const struct view *v, FILE *out)
{
	struct layout *l = context_layout(v->ctx, 0, 3);

	for (struct view_object *o = v->objects; o; o = o->hh.next) {
		if (!o->change || !has_notes(o))
			continue;
		layout_row(l);
		layout_cell(l, edit_style(&o->change->edit),
			    arena_printf(v->ctx->arena, "%s %s",
					 edit_sign(&o->change->edit), o->name));
		print_notes(l, v, o);
	}
	print_rest(l, v);
	print_others(l, v);
	layout_print(l, out, v->ctx->colour);
	layout_free(l);
}

static void print_steps(const struct view *v, FILE *out)
{
	const struct context *ctx = v->ctx;
	struct layout *l;

	if (!v->f || !v->f->n_steps)
		return;
	fputs("steps, in this order:\n", out);
	l = context_layout(ctx, 2, 3);
	layout_fit(l, 0, LAYOUT_WRAP);
	layout_fit(l, 1, LAYOUT_WRAP);
	for (size_t i = 0; i < v->f->n_steps; i++) {
		const struct dry_run_step *s = &v->f->steps[i];

		layout_row(l);
		layout_cell(l, STYLE_PLAIN, s->text);
		layout_cell(l, *s->loss ? STYLE_WARNING : STYLE_FAINT,
			    dry_run_effect(ctx->arena, s));
	}
	layout_print(l, out, ctx->colour);
	layout_free(l);
}

void dry_run_print(const struct context *ctx, const struct diff *changes,
		   const struct dry_run *f, FILE *out)
{
	struct view v = view_make(ctx, changes, f);

	if (ctx->options.format == FORMAT_DEFAULT) {
		print_changes(&v, out);
		print_steps(&v, out);
	} else {
		dry_run_write_records(&v, out);
	}
	view_clear(&v);
}

struct err *dry_run_print_unified(struct context *ctx, const struct diff *changes,
				  const struct dry_run *f, FILE *out)
{
	const char *before, *after;
	struct err *e = export_change(ctx, &before, &after);
	struct view v;

	if (e)
		return e;
	v = view_make(ctx, changes, f);
	if (strcmp(before, after) != 0) {
		unified_print(out, ctx->colour, "now", before, "then", after,
			      "  - name: ");
		print_outcomes(&v, out);
	} else { /* what changes has no key in YAML */
		print_changes(&v, out);
	}
	print_steps(&v, out);
	view_clear(&v);
	return NULL;
}
