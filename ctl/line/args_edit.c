/* Single elements of a column: parses them, and adds them to its value or removes them. */
#include "ctl/line/args_edit.h"

#include "ctl/line/args_value.h"
#include "lib/arena.h"
#include "lib/alloc.h"

#include <string.h>

/* Lists whose order matters: the database keeps each as one text, with blanks. */
static bool is_words(const struct column_schema *c)
{
	return !strcmp(c->name, "nameservers") || !strcmp(c->name, "search");
}

struct err *args_edit_parse(const struct table_schema *t, const struct column_schema *c,
			    const char *text, enum args_edit edit,
			    struct datum *ret_value)
{
	struct err *e;

	if (c->type.n_max == 1 && !is_words(c))
		return err_hint(err_new(ERR_INVALID, "%s has a single value", c->name),
				"write %s=VALUE", c->name);
	e = args_parse_elements(t, c, text, ret_value);
	if (e || edit == ARGS_REMOVE || !c->type.is_map || !ret_value->n ||
	    datum_values(ret_value))
		return e;
	datum_clear(ret_value, &c->type);
	return err_hint(err_new(ERR_INVALID, "it is a map"), "write %s+=KEY=VALUE",
			c->name);
}

/* True if 'word' ('n' bytes) is one of the words of 'text'. */
static bool has_word(const char *text, const char *word, size_t n)
{
	for (size_t length; *text; text += length + strspn(text + length, " ")) {
		length = strcspn(text, " ");
		if (length == n && !strncmp(text, word, n))
			return true;
	}
	return false;
}

/* 'text' and the words of 'more' that 'unless' does not have. */
static const char *join(struct arena *a, const char *text, const char *more,
			const char *unless)
{
	for (size_t n; *more; more += n + strspn(more + n, " ")) {
		n = strcspn(more, " ");
		if (!has_word(unless, more, n))
			text = arena_printf(a, "%s%s%.*s", text, *text ? " " : "", (int)n,
					    more);
	}
	return text;
}

static void edit_words(const struct column_type *type, enum args_edit edit,
		       const struct datum *value, struct datum *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *words = datum_text(value), *old = arena_strdup(a, datum_text(d));

	datum_clear(d, type);
	datum_init_empty(d);
	datum_set_string(d, type,
			 edit == ARGS_ADD ? join(a, old, words, old)
					  : join(a, "", old, words));
}

void args_edit_apply(const struct column_schema *c, enum args_edit edit,
		     const struct datum *value, struct datum *d)
{
	const struct column_type *type = &c->type;
	bool is_removed = edit == ARGS_REMOVE;

	if (is_words(c)) {
		edit_words(type, edit, value, d);
		return;
	}
	/* datum_union() keeps existing keys of a map, so that they are removed first. */
	if (is_removed || type->is_map)
		datum_subtract(d, value, type,
			       is_removed && type->is_map && datum_values(value));
	if (!is_removed)
		datum_union(d, value, type);
}
