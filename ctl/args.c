/* TABLE, COLUMN and COLUMN=VALUE: finding them by name and reading single values. What a
 * VALUE of several elements looks like is args_split.c's affair; what makes a value valid
 * beyond its own text is the database's validator's. */
#include "ctl/args.h"

#include "config/canon.h"
#include "ctl/args_split.h"
#include "lib/alloc.h"
#include "lib/arena.h"
#include "lib/text.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct err *args_find_table(const struct schema *s, const char *name,
			    const struct table_schema **ret_table)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char **names = arena_array(a, s->n_tables + 1, sizeof(*names));
	const char *all = "", *nearest;
	struct err *e;

	for (size_t i = 0; i < s->n_tables; i++) {
		names[i] = s->tables[i].name;
		if (!strcasecmp(name, names[i])) {
			*ret_table = &s->tables[i];
			return NULL;
		}
		all = arena_printf(a, "%s%s%s", all, *all ? ", " : "", names[i]);
	}
	e = err_new(ERR_INVALID, "there is no table \"%s\"", name);
	nearest = text_nearest(name, names);
	return nearest ? err_hint(e, "did you mean %s?", nearest)
		       : err_hint(e, "the tables are %s", all);
}

/* "next-cfg" is "next_cfg" and the other way round. */
static bool is_column(const char *word, const char *name)
{
	for (; *word && *name; word++, name++) {
		char c = *word == '-' ? '_' : *word;

		if (c != (*name == '-' ? '_' : *name))
			return false;
	}
	return !*word && !*name;
}

struct err *args_find_column(const struct table_schema *t, const char *name,
			     const struct column_schema **ret_column)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char **names = arena_array(a, t->n_columns + 1, sizeof(*names));
	const char *all = "", *nearest;
	struct err *e;

	for (size_t i = 0; i < t->n_columns; i++) {
		names[i] = t->columns[i].name;
		if (is_column(name, names[i])) {
			*ret_column = &t->columns[i];
			return NULL;
		}
		all = arena_printf(a, "%s%s%s", all, *all ? ", " : "", names[i]);
	}
	e = err_new(ERR_INVALID, "%s has no column \"%s\"", t->name, name);
	nearest = text_nearest(name, names);
	return nearest ? err_hint(e, "did you mean %s?", nearest)
		       : err_hint(e, "its columns are %s", all);
}

/* How a text is brought into the form that the database holds. */
typedef struct err *canonical_fn(const char *text, struct arena *a,
				 const char **ret_text);

static struct err *canonical_route(const char *text, struct arena *a,
				   const char **ret_text)
{
	struct model_route route;
	struct err *e = canon_route_parse(text, &route);

	if (!e)
		*ret_text = canon_route_format(&route, a);
	return e;
}

static struct err *canonical_address(const char *text, struct arena *a,
				     const char **ret_text)
{
	struct ip_prefix address;
	struct err *e = canon_address_parse(text, &address);

	if (!e)
		*ret_text = canon_address_format(&address, a);
	return e;
}

/* A list that the database holds as one text: commas and brackets are as good as blanks
 * to a person. */
static const char *blanks(const char *text, struct arena *a)
{
	char *copy = arena_strdup(a, text);

	for (char *p = strpbrk(copy, ",[]"); p; p = strpbrk(p, ",[]"))
		*p = ' ';
	return copy;
}

static struct err *canonical_nameservers(const char *text, struct arena *a,
					 const char **ret_text)
{
	return canon_nameservers(blanks(text, a), a, ret_text);
}

static struct err *canonical_search(const char *text, struct arena *a,
				    const char **ret_text)
{
	return canon_search(blanks(text, a), a, ret_text);
}

static struct err *canonical_ifname(const char *text, struct arena *a,
				    const char **ret_text)
{
	(void)a;
	*ret_text = text;
	return canon_check_ifname(text);
}

static struct err *canonical_netns(const char *text, struct arena *a,
				   const char **ret_text)
{
	(void)a;
	*ret_text = text;
	return canon_check_netns(text);
}

static struct err *canonical_sysctl(const char *text, struct arena *a,
				    const char **ret_text)
{
	(void)a;
	*ret_text = text;
	return canon_check_sysctl(text);
}

static const struct {
	const char *table, *column;
	canonical_fn *fn;
} canonical[] = {
	{"Master", "name", canonical_ifname},
	{"Master", "netns", canonical_netns},
	{"Master", "vlan_link", canonical_ifname},
	{"Master", "routes", canonical_route},
	{"Slave", "name", canonical_ifname},
	{"Slave", "netns", canonical_netns},
	{"Slave", "addresses", canonical_address},
	{"Slave", "routes", canonical_route},
	{"Slave", "nameservers", canonical_nameservers},
	{"Slave", "search", canonical_search},
	{"Slave", "sysctl", canonical_sysctl},
};

/* Takes 'text' and gives another one, or the same. */
static struct err *canonise(const struct table_schema *t, const struct column_schema *c,
			    char *text, char **ret_text)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(freep) char *given = text;
	const char *result = given;
	struct err *e = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(canonical) && !e; i++) {
		if (!strcmp(canonical[i].table, t->name) &&
		    !strcmp(canonical[i].column, c->name))
			e = canonical[i].fn(given, a, &result);
	}
	if (!e)
		*ret_text = xstrdup(result);
	return e;
}

/* "mode is one of l2, l3, l3s". */
static struct err *check_enum(const struct base_type *b, const union atom *atom)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const union atom *allowed;
	const char *all = "";

	if (!b->allowed || b->type != ATOM_STRING ||
	    datum_find(b->allowed, atom, b->type) >= 0)
		return NULL;
	allowed = datum_keys(b->allowed);
	for (uint32_t i = 0; i < b->allowed->n; i++) {
		all = arena_printf(a, "%s%s%s", all,
				   i == 0                  ? ""
				   : i + 1 < b->allowed->n ? ", "
							   : " or ",
				   allowed[i].string);
	}
	return err_new(ERR_INVALID, "\"%s\" is none of %s", atom->string, all);
}

static bool boolean_from_text(const char *text, bool *ret_value)
{
	static const char *const yes[] = {"true", "yes", "on", "1"};
	static const char *const no[] = {"false", "no", "off", "0"};

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		if (strcasecmp(text, yes[i]) && strcasecmp(text, no[i]))
			continue;
		*ret_value = !strcasecmp(text, yes[i]);
		return true;
	}
	return false;
}

static bool real_from_text(const char *text, double *ret_value)
{
	char *end;

	errno = 0;
	*ret_value = strtod(text, &end);
	return *text && !*end && !errno && isfinite(*ret_value);
}

/* 'ret_atom' is owned by the caller. */
static struct err *atom_from_text(const struct table_schema *t,
				  const struct column_schema *c,
				  const struct base_type *b, const char *text,
				  union atom *ret_atom)
{
	struct err *e;

	switch (b->type) {
	case ATOM_INTEGER:
		if (!text_to_int(text, &ret_atom->integer))
			return err_new(ERR_INVALID, "\"%s\" is not a whole number", text);
		return NULL;
	case ATOM_REAL:
		if (!real_from_text(text, &ret_atom->real))
			return err_new(ERR_INVALID, "\"%s\" is not a number", text);
		return NULL;
	case ATOM_BOOLEAN:
		if (!boolean_from_text(text, &ret_atom->boolean))
			return err_new(ERR_INVALID, "\"%s\" is neither true nor false",
				       text);
		return NULL;
	case ATOM_UUID:
		if (!uuid_parse(text, &ret_atom->uuid))
			return err_new(ERR_INVALID, "\"%s\" is not a UUID", text);
		return NULL;
	case ATOM_STRING:
		if (!text_is_utf8(text, strlen(text)))
			return err_new(ERR_INVALID, "the text is not valid UTF-8");
		if (b == &c->type.value)
			ret_atom->string = xstrdup(text);
		else if ((e = canonise(t, c, xstrdup(text), &ret_atom->string)))
			return e;
		e = check_enum(b, ret_atom);
		if (e)
			free(ret_atom->string);
		return e;
	}
	return NULL;
}

static struct err *append_pair(struct datum *d, const struct table_schema *t,
			       const struct column_schema *c,
			       const struct args_element *element)
{
	bool has_value = element->value;
	union atom key, value;
	struct err *e;

	/* A map's elements are all pairs, or all keys. */
	if (d->n && has_value != (datum_values(d) != NULL))
		return err_new(ERR_INVALID,
			       "not every key has a value: write KEY=VALUE for each");
	e = atom_from_text(t, c, &c->type.key, element->key, &key);
	if (e)
		return e;
	if (!c->type.is_map || !element->value) {
		datum_append(d, key, NULL);
		return NULL;
	}
	e = atom_from_text(t, c, &c->type.value, element->value, &value);
	if (e)
		atom_clear(&key, c->type.key.type);
	else
		datum_append(d, key, &value);
	return e;
}

/* A plain text: the whole VALUE is the value, unless it is in quotes. */
static bool is_whole_text(const struct column_schema *c)
{
	return c->type.key.type == ATOM_STRING && !c->type.is_map && c->type.n_max == 1;
}

struct err *args_parse_elements(const struct table_schema *t,
				const struct column_schema *c, const char *text,
				struct datum *ret_value)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct args_elements elements = {0};
	struct datum d;
	struct err *e;

	if (is_whole_text(c) && !c->type.n_min && (!*text || !strcmp(text, "[]"))) {
		datum_init_empty(ret_value);
		return NULL;
	}
	/* Routes are words with blanks between them. */
	e = args_split(text,
		       is_whole_text(c)             ? ARGS_SPLIT_WHOLE
		       : !strcmp(c->name, "routes") ? ARGS_SPLIT_COMMAS
						    : ARGS_SPLIT_BLANKS,
		       c->type.is_map, a, &elements);
	datum_init_empty(&d);
	for (size_t i = 0; i < elements.n && !e; i++)
		e = append_pair(&d, t, c, &elements.elements[i]);
	if (!e)
		e = datum_sort(&d, &c->type);
	if (e)
		datum_clear(&d, &c->type);
	else
		*ret_value = d;
	return e;
}

struct err *args_parse_value(const struct table_schema *t, const struct column_schema *c,
			     const char *text, struct datum *ret_value)
{
	struct datum d;
	struct err *e = args_parse_elements(t, c, text, &d);

	if (e)
		return e;
	if (c->type.is_map && d.n && !datum_values(&d))
		e = err_hint(err_new(ERR_INVALID, "it is a map"),
			     "write %s=KEY=VALUE, or %s:KEY=VALUE for one key", c->name,
			     c->name);
	else if (column_type_is_scalar(&c->type) && d.n == 0)
		e = err_new(ERR_INVALID, "a value is missing");
	else if (d.n > 1 && c->type.n_max == 1)
		e = err_new(ERR_INVALID, "it takes one value, and %u are given", d.n);
	if (!e)
		e = datum_check(&d, &c->type);
	if (!e)
		e = datum_check_count(&d, &c->type);
	if (e)
		datum_clear(&d, &c->type);
	else
		*ret_value = d;
	return e;
}

/* "KEY=" and VALUE are one pair; the key may hold dots and colons, but no "=". */
static struct err *parse_key(const struct table_schema *t, const struct column_schema *c,
			     const char *key, const char *text, struct datum *ret_value)
{
	const struct args_element element = {.key = key, .value = text};
	struct datum d;
	struct err *e;

	if (!c->type.is_map)
		return err_hint(err_new(ERR_INVALID, "it is not a map and has no keys"),
				"write %s=VALUE", c->name);
	if (!*key)
		return err_hint(err_new(ERR_INVALID, "the key is missing"),
				"write %s:KEY=VALUE", c->name);
	datum_init_empty(&d);
	e = append_pair(&d, t, c, &element);
	if (e)
		datum_clear(&d, &c->type);
	else
		*ret_value = d;
	return e;
}

/* Parts of COLUMN[:KEY]=VALUE, cut out of a copy of it. */
struct parts {
	char *column, *key, *value;
	enum args_relation relation;
};

static struct err *cut(char *copy, struct parts *ret_parts)
{
	struct parts p = {.column = copy, .relation = ARGS_EQUAL};
	char *equals = strchr(copy, '='), *colon;

	if (!equals || equals == copy)
		return err_hint(
			err_new(ERR_INVALID, "\"%s\" is not COLUMN=VALUE", copy),
			"write, for example, mtu=1500; quote what the shell would split");
	p.value = equals + 1;
	if (equals[-1] == '!') {
		p.relation = ARGS_NOT_EQUAL;
		equals--;
	}
	*equals = '\0';
	colon = strchr(copy, ':');
	if (colon) {
		*colon = '\0';
		p.key = colon + 1;
	}
	*ret_parts = p;
	return NULL;
}

struct err *args_parse(const struct table_schema *t, const char *text,
		       struct assignment *ret_assignment)
{
	CLEANUP(freep) char *copy = xstrdup(text);
	struct assignment a = {0};
	struct parts p;
	struct err *e = cut(copy, &p);

	if (e)
		return e;
	e = args_find_column(t, p.column, &a.column);
	if (e)
		return e;
	a.relation = p.relation;
	a.is_key = p.key;
	e = p.key ? parse_key(t, a.column, p.key, p.value, &a.value)
		  : args_parse_value(t, a.column, p.value, &a.value);
	if (e)
		return err_at(e, "%s", text);
	*ret_assignment = a;
	return NULL;
}

void assignment_clear(struct assignment *a)
{
	datum_clear(&a->value, &a->column->type);
}

static struct err *check_writable(const struct table_schema *t, const char *text,
				  const struct assignment *a)
{
	if (a->relation != ARGS_EQUAL)
		return err_hint(err_new(ERR_INVALID, "\"%s\" is a question", text),
				"write %s=VALUE to set it", a->column->name);
	if (a->column->ephemeral)
		return err_new(ERR_INVALID,
			       "%s.%s says how things are: ipvld writes it, nobody else",
			       t->name, a->column->name);
	return NULL;
}

static bool is_twice(const struct assignment *a, size_t n, const struct assignment *new)
{
	for (size_t i = 0; i < n; i++) {
		if (a[i].column == new->column && !(a[i].is_key && new->is_key))
			return true;
	}
	return false;
}

struct err *args_parse_all(const struct table_schema *t, char *const *texts, size_t n,
			   struct assignment **ret_assignments)
{
	struct assignment *all = xcalloc(n ? n : 1, sizeof(*all));
	struct err *e = NULL;
	size_t done = 0;

	while (done < n && !e) {
		e = args_parse(t, texts[done], &all[done]);
		if (e)
			break;
		e = check_writable(t, texts[done], &all[done]);
		if (!e && is_twice(all, done, &all[done]))
			e = err_new(ERR_INVALID, "%s is given twice",
				    all[done].column->name);
		done++;
	}
	if (e)
		assignments_free(all, done);
	else
		*ret_assignments = all;
	return e;
}

void assignments_free(struct assignment *a, size_t n)
{
	for (size_t i = 0; a && i < n; i++)
		assignment_clear(&a[i]);
	free(a);
}

const struct assignment *assignments_find(const struct assignment *a, size_t n,
					  const struct column_schema *c)
{
	for (size_t i = 0; i < n; i++) {
		if (a[i].column == c)
			return &a[i];
	}
	return NULL;
}

void assignment_write(const struct assignment *a, struct txn *t, struct row *r)
{
	const struct column_type *type = &a->column->type;
	struct datum d, pair;

	datum_copy(&d, a->is_key ? txn_get(t, r, a->column) : &a->value, type);
	if (a->is_key) {
		/* The union keeps what is there: the old pair must go first. */
		datum_copy(&pair, &a->value, type);
		datum_subtract(&d, &pair, type, false);
		datum_union(&d, &pair, type);
		datum_clear(&pair, type);
	}
	txn_set(t, r, a->column, &d);
}

bool assignment_holds(const struct assignment *a, const struct txn *t,
		      const struct row *r)
{
	const struct datum *now = txn_get(t, r, a->column);
	bool holds = a->is_key ? datum_includes_all(&a->value, now, &a->column->type)
			       : datum_equals(&a->value, now, &a->column->type);

	return holds == (a->relation == ARGS_EQUAL);
}
