/* Changes, outcomes and steps as records. The steps of an object are one cell: in JSON and
 * YAML an array. */
#include "ctl/text/dry_run_records.h"

#include "ctl/output/writer.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <string.h>

static const char *warnings_text(const struct view *v, const struct dry_run_row *row)
{
	const char *all = "";

	for (size_t i = 0; row && i < row->n_warnings; i++)
		all = arena_printf(v->ctx->arena, "%s%s%s", all, *all ? "; " : "",
				   row->warnings[i]);
	return all;
}

static void write_steps(struct writer *w, const struct view *v,
			const struct view_step *first)
{
	struct json_object *all = json_array();
	const char *text = "";

	for (const struct view_step *s = first; s; s = s->next) {
		struct json_object *o = json_object();

		json_put(o, "step", json_integer((int64_t)s->number));
		json_put(o, "text", json_string(s->step->text));
		json_put(o, "effect",
			 json_string(dry_run_effect(v->ctx->arena, s->step)));
		json_add(all, o);
		text = arena_printf(v->ctx->arena, "%s%s%s", text, *text ? "; " : "",
				    s->step->text);
	}
	writer_value(w, text, text, all);
}

static void write_foreseen(struct writer *w, const struct view *v,
			   const struct dry_run_row *row, const struct view_step *steps)
{
	writer_text(w, STYLE_PLAIN, row ? row->state : "");
	writer_text(w, STYLE_PLAIN, row ? row->message : "");
	writer_text(w, STYLE_WARNING, warnings_text(v, row));
	write_steps(w, v, steps);
}

static void write_change(struct writer *w, const struct view *v,
			 const struct diff_object *c)
{
	struct view_object *o = view_find(v, c->edit.object);
	bool is_disruptive, is_its = o->change == c;

	writer_text(w, edit_style(&c->edit), edit_sign(&c->edit));
	writer_text(w, STYLE_STRONG, c->edit.object);
	writer_text(w, STYLE_PLAIN, c->master);
	writer_text(w, STYLE_PLAIN, c->edit.what);
	writer_text(w, STYLE_PLAIN, is_its ? view_effect(v, o, &is_disruptive) : "");
	write_foreseen(w, v, is_its ? o->row : NULL, is_its ? o->steps : NULL);
}

static void write_other(struct writer *w, const struct view *v, const char *sign,
			const char *object, const char *what,
			const struct dry_run_row *row, const struct view_step *steps)
{
	writer_text(w, STYLE_PLAIN, sign);
	writer_text(w, STYLE_PLAIN, object);
	writer_text(w, STYLE_PLAIN, "");
	writer_text(w, STYLE_PLAIN, what);
	writer_text(w, STYLE_PLAIN, "");
	write_foreseen(w, v, row, steps);
}

void dry_run_write_records(const struct view *v, FILE *out)
{
	static const char *const headings[] = {"change",  "object",   "master",
					       "what",    "effect",   "state",
					       "message", "warnings", "steps"};
	struct writer *w = writer_new(v->ctx->options.format, out, v->ctx->colour,
				      headings, ARRAY_SIZE(headings));

	writer_limit(w, v->ctx->width);
	writer_terse(w, v->ctx->options.no_headings, v->ctx->options.bare);
	for (size_t i = 0; i < v->changes->n; i++)
		write_change(w, v, &v->changes->objects[i]);
	for (const struct view_object *o = v->objects; o; o = o->hh.next) {
		bool is_told = o->row && (!o->row->is_well || o->row->n_warnings);

		if (!o->change && (is_told || o->steps))
			write_other(w, v, "", o->name, "", o->row, o->steps);
	}
	for (size_t i = 0; i < v->changes->n_others; i++) {
		const struct edit *e = &v->changes->others[i];

		write_other(w, v, edit_sign(e), e->object, e->what, NULL, NULL);
	}
	writer_finish(w);
}
