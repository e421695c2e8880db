/* The values of a row before and after a transaction, a line each. */
#include "ctl/past/patch.h"

#include "ctl/output/value.h"
#include "ovsdb-lite/json/json.h"

#include <string.h>

struct patch {
	const struct context *ctx;
	struct layout *layout;
	size_t indent;
};

static void add_line(const struct patch *p, enum edit_kind kind, const char *column,
		     const char *value)
{
	const struct edit edit = {
		.kind = kind,
		.object = column,
		.what = value,
	};

	layout_note(p->layout, p->indent, edit_style(&edit),
		    edit_text(p->ctx->arena, &edit));
}

static bool has_pair(const struct datum *d, const union atom *key,
		     const union atom *value, const struct column_type *t)
{
	int64_t i = datum_find(d, key, t->key.type);

	return i >= 0 &&
	       (!t->is_map || atom_equals(value, &datum_values(d)[i], t->value.type));
}

/* What 'd' has and 'other' has not. */
static void add_values(const struct patch *p, enum edit_kind kind,
		       const struct column_schema *c, const struct datum *d,
		       const struct datum *other)
{
	struct arena *a = p->ctx->arena;
	const struct column_type *t = &c->type;

	for (uint32_t i = 0; i < d->n; i++) {
		const union atom *key = &datum_keys(d)[i];
		const union atom *value = t->is_map ? &datum_values(d)[i] : NULL;
		const char *text = value_atom(a, key, t->key.type);

		if (has_pair(other, key, value, t))
			continue;
		if (t->is_map)
			text = arena_printf(a, "%s=%s", text,
					    value_atom(a, value, t->value.type));
		/* Of a string, none is "". */
		if (*text)
			add_line(p, kind, c->name, text);
	}
}

/* NULL is the default of the column's type. */
static struct err *read(const struct column_schema *c, const struct json_object *json,
			struct datum *ret_datum)
{
	if (json)
		return datum_from_json(ret_datum, &c->type, json, NULL);
	datum_init_default(ret_datum, &c->type);
	return NULL;
}

static void add_column(const struct patch *p, const struct column_schema *c,
		       const struct json_object *old_json,
		       const struct json_object *new_json)
{
	struct datum old, new;
	struct err *e = read(c, old_json, &old);

	if (!e) {
		e = read(c, new_json, &new);
		if (!e) {
			add_values(p, EDIT_REMOVED, c, &old, &new);
			add_values(p, EDIT_ADDED, c, &new, &old);
			datum_clear(&new, &c->type);
		}
		datum_clear(&old, &c->type);
	}
	/* A value that this schema cannot have is left out. */
	err_free(e);
}

void patch_add(const struct context *ctx, struct layout *l, size_t indent,
	       const struct past_change *change)
{
	const struct patch p = {.ctx = ctx, .layout = l, .indent = indent};
	const struct table_schema *ts = table_schema(change->of);

	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];
		const struct json_object *v = json_member(change->columns, c->name);

		if (!v || past_is_noise(&ctx->columns, c))
			continue;
		if (change->edit.kind != EDIT_CHANGED)
			add_column(&p, c, change->edit.kind == EDIT_REMOVED ? v : NULL,
				   change->edit.kind == EDIT_ADDED ? v : NULL);
		else if (json_kind(v) == JSON_ARRAY && json_get_length(v) == 2)
			add_column(&p, c, json_at(v, 0), json_at(v, 1));
	}
}
