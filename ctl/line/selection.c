/* Finds the names of --columns among the columns of a list and of its table. The list
 * fills the cells. */
#include "ctl/line/selection.h"

#include "ctl/line/args.h"
#include "lib/alloc.h"
#include "lib/text.h"

#include <string.h>

static void add(struct selection *s, const char *heading, struct selected selected)
{
	s->headings[s->n] = heading;
	s->columns[s->n++] = selected;
}

static bool add_own(struct selection *s, const char *const *own, size_t n_own,
		    const char *name)
{
	for (size_t i = 0; i < n_own; i++) {
		if (!strcmp(own[i], name)) {
			add(s, own[i], (struct selected){.own = i});
			return true;
		}
	}
	return false;
}

/* The list's own columns may have the name that was meant; NULL if none is like it. */
static const char *nearest_own(const char *const *own, size_t n_own, const char *name)
{
	CLEANUP(freep) const char **names = xcalloc(n_own + 1, sizeof(*names));

	for (size_t i = 0; i < n_own; i++)
		names[i] = own[i];
	return text_nearest(name, names);
}

static struct err *add_name(struct selection *s, const struct table_schema *t,
			    const char *const *own, size_t n_own, const char *name)
{
	const struct column_schema *c;
	const char *nearest;
	struct err *e;

	if (add_own(s, own, n_own, name))
		return NULL;
	e = args_find_column(t, name, &c);
	if (!e) {
		add(s, c->name, (struct selected){.column = c});
		return NULL;
	}
	nearest = nearest_own(own, n_own, name);
	if (!nearest)
		return e;
	err_free(e);
	return err_hint(err_new(ERR_INVALID, "there is no column \"%s\"", name),
			"did you mean %s?", nearest);
}

/* Split at commas and blanks, as ovs-vsctl does. */
static struct err *add_wanted(struct selection *s, const struct table_schema *t,
			      const char *const *own, size_t n_own, char *wanted)
{
	struct err *e = NULL;
	char *name;

	while (!e && (name = strsep(&wanted, ", \t"))) {
		if (*name)
			e = add_name(s, t, own, n_own, name);
	}
	return !e && !s->n ? err_hint(err_new(ERR_INVALID, "--columns= is empty"),
				      "write --columns=NAME,NAME")
			   : e;
}

struct err *selection_make(struct arena *a, const struct table_schema *t,
			   const char *const *own, size_t n_own, bool is_all,
			   const char *wanted, struct selection *ret_selection)
{
	size_t max = n_own + t->n_columns + (wanted ? strlen(wanted) : 0);
	struct selection s = {.headings = arena_array(a, max, sizeof(*s.headings)),
			      .columns = arena_array(a, max, sizeof(*s.columns))};
	struct err *e =
		wanted ? add_wanted(&s, t, own, n_own, arena_strdup(a, wanted)) : NULL;

	for (size_t i = 0; i < n_own && !wanted; i++)
		add(&s, own[i], (struct selected){.own = i});
	for (size_t i = 0; i < t->n_columns && !wanted && is_all; i++)
		add(&s, t->columns[i].name, (struct selected){.column = &t->columns[i]});
	if (!e)
		*ret_selection = s;
	return e;
}
