/* Signs, colours and texts of a change: its line, and its columns before and after. */
#include "ctl/text/edit.h"

#include "config/rows.h"
#include "ctl/output/display.h"
#include "ctl/output/value.h"
#include "lib/alloc.h"

#include <string.h>

static const struct {
	const char *sign, *verb;
	enum style style;
} kinds[] = {
	[EDIT_ADDED] = {"+", "added", STYLE_GOOD},
	[EDIT_REMOVED] = {"-", "removed", STYLE_BAD},
	[EDIT_CHANGED] = {"~", "changed", STYLE_WARNING},
};

const char *edit_sign(const struct edit *edit)
{
	return kinds[edit->kind].sign;
}

enum style edit_style(const struct edit *edit)
{
	return kinds[edit->kind].style;
}

const char *edit_verb(enum edit_kind kind)
{
	return kinds[kind].verb;
}

const char *edit_text(struct arena *a, const struct edit *edit)
{
	return arena_printf(a, "%s %s%s%s", edit_sign(edit), edit->object,
			    *edit->what ? " " : "", edit->what);
}

/* A value may have megabytes: `-f json` prints them. */
#define MAX_COLUMNS 200

static const char *elements(struct arena *a, const char *all, const char *sign,
			    const struct datum *d, const struct datum *without,
			    const struct column_type *t)
{
	struct datum left;

	datum_copy(&left, d, t);
	datum_subtract(&left, without, t, t->is_map);
	for (uint32_t i = 0; i < left.n; i++) {
		const char *text = value_atom(a, &datum_keys(&left)[i], t->key.type);

		if (t->is_map)
			text = arena_printf(
				a, "%s=%s", text,
				value_atom(a, &datum_values(&left)[i], t->value.type));
		all = arena_printf(a, "%s%s%s%s", all, *all ? " " : "", sign,
				   display_elide(a, text, MAX_COLUMNS));
	}
	datum_clear(&left, t);
	return all;
}

/* The end of a transfer is no change that a person made: "". */
static const char *transfer_text(const struct datum *new)
{
	const char *text = datum_text(new);

	return !strcmp(text, ROWS_ADOPT)     ? "adopted"
	       : !strcmp(text, ROWS_RELEASE) ? "released, stays as it is"
					     : "";
}

const char *edit_column_text(struct arena *a, const struct column_schema *c,
			     const struct datum *old, const struct datum *new)
{
	const char *before, *after;

	/* A count, of which only the step matters. */
	if (!strcmp(c->name, "repairs"))
		return "repair asked for";
	/* The addresses say it. */
	if (!strcmp(c->name, "leases"))
		return "";
	if (!strcmp(c->name, "transfer"))
		return transfer_text(new);
	if (c->type.is_map || c->type.n_max > 1) {
		before = elements(a, "", "-", old, new, &c->type);
		return arena_printf(a, "%s %s", c->name,
				    elements(a, before, "+", new, old, &c->type));
	}
	before = value_text(a, old, &c->type);
	after = value_text(a, new, &c->type);
	return arena_printf(a, "%s %s -> %s", c->name, *before ? before : "none",
			    *after ? after : "none");
}
