/* What a preview foretold, against what happened. */
#include "tests/twin/stage_private.h"

#include "config/state.h"
#include "reconciler/preview.h"

#include <string.h>

static void add(struct arena *a, struct lines *l, const char *line)
{
	l->lines = arena_grow(a, l->lines, l->n, &l->cap, sizeof(*l->lines));
	l->lines[l->n++] = arena_strdup(a, line);
}

/* As stage_state() writes it. */
static void add_row(struct arena *a, struct lines *state, const struct preview_row *row)
{
	const char *message = stage_text_without_varying(a, row->message);

	if (row->state != STATE_READY)
		add(a, state,
		    arena_printf(a, "%s: %s%s%s", row->object, state_name(row->state),
				 *message ? ": " : "", message));
	for (size_t i = 0; i < row->n_warnings; i++)
		add(a, state,
		    arena_printf(a, "%s: warning: %s", row->object, row->warnings[i]));
}

struct err *stage_foretell(struct stage *s, const struct txn *t, struct arena *a,
			   struct foretold *ret_foretold)
{
	struct desired_source source = reconciler_source(s->reconciler);
	struct lines steps = {0}, diff = {0}, state = {0};
	struct foretold f = {0};
	struct preview *p;
	struct err *e;

	source.txn = t;
	e = preview_build(&source, s->witness, a, &p);
	if (e)
		return e;
	for (size_t i = 0; i < p->n_steps; i++) {
		const char *text = p->steps[i].text;

		add(a, &steps, text);
		add(a, &diff,
		    arena_printf(a, "%s%s", text,
				 p->steps[i].step->loss ? " (disruptive)" : ""));
	}
	for (size_t i = 0; i < p->n_rows; i++) {
		if (p->rows[i].is_removed)
			continue;
		add(a, &f.labels, p->rows[i].object);
		add_row(a, &state, &p->rows[i]);
	}
	lines_sort(&state);
	f.steps = lines_text(a, &steps);
	f.diff = lines_text(a, &diff);
	f.state = lines_text(a, &state);
	*ret_foretold = f;
	return NULL;
}

static bool is_about_one_of(const char *line, const struct lines *labels)
{
	for (size_t i = 0; i < labels->n; i++) {
		size_t n = strlen(labels->lines[i]);

		if (!strncmp(line, labels->lines[i], n) && !strncmp(line + n, ": ", 2))
			return true;
	}
	return false;
}

const char *stage_surprise(const struct stage *s, const struct foretold *f,
			   struct arena *a)
{
	struct lines all = lines_of(a, stage_state(s, a)), state = {0};
	const char *of_state, *of_steps;

	for (size_t i = 0; i < all.n; i++) {
		if (is_about_one_of(all.lines[i], &f->labels))
			add(a, &state, all.lines[i]);
	}
	of_state = lines_diff(a, f->state, lines_text(a, &state));
	of_steps = lines_diff(a, f->steps, spy_steps(s->spy, a));
	return arena_printf(a, "%s%s", of_steps, of_state);
}
