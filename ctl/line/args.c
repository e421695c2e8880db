/* TABLE, COLUMN and COLUMN=VALUE: finds them by name, splits assignments, writes them
 * to rows. */
#include "ctl/line/args.h"

#include "ctl/line/args_hint.h"
#include "ctl/line/args_split.h"
#include "ctl/line/args_value.h"
#include "lib/alloc.h"
#include "lib/arena.h"
#include "lib/text.h"

#include <ctype.h>
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
	e = err_new(ERR_INVALID, "unknown table \"%s\"", name);
	nearest = text_nearest(name, names);
	return nearest ? err_hint(e, "did you mean %s?", nearest)
		       : err_hint(e, "the tables are %s", all);
}

/* "next-cfg" and "next_cfg" are the same name. */
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
	if (args_hint_column(t, name))
		return err_hint(e, "use %s", args_hint_column(t, name));
	nearest = text_nearest(name, names);
	return nearest ? err_hint(e, "did you mean %s?", nearest)
		       : err_hint(e, "its columns are %s", all);
}

/* In a script it is a variable that is not set, and would clear the column; ovs-vsctl
 * refuses it, too. */
static struct err *no_value(const struct column_schema *c, const char *key)
{
	struct err *e = err_new(ERR_INVALID, "a value is missing");

	if (key)
		return err_hint(e, "%s-=%s removes the key", c->name, key);
	if (c->type.is_map)
		return err_hint(e, "%s={} makes the column empty", c->name);
	if (!args_can_be_empty(c))
		return e;
	return err_hint(e, "%s=[] makes the column empty", c->name);
}

/* "KEY=" and VALUE are one pair; the key may hold dots and colons, but no "=". */
static struct err *parse_key(const struct table_schema *t, const struct column_schema *c,
			     const char *key, const char *text, struct datum *ret_value)
{
	const struct args_element element = {.key = key, .value = text};
	struct datum d;
	struct err *e;

	if (!c->type.is_map)
		return err_hint(
			err_new(ERR_INVALID, "the column is not a map and has no keys"),
			"write %s=VALUE", c->name);
	if (!*key)
		return err_hint(err_new(ERR_INVALID, "the key is empty"),
				"write %s:KEY=VALUE", c->name);
	datum_init_empty(&d);
	e = args_append(&d, t, c, &element);
	if (!e)
		e = datum_check(&d, &c->type);
	if (e)
		datum_clear(&d, &c->type);
	else
		*ret_value = d;
	return e;
}

/* Longer ones first: the first match is taken. */
static const struct {
	const char *text;
	enum args_relation relation;
} relations[] = {
	{"{not-in}", ARGS_NOT_IN},
	{"{in}", ARGS_IN},
	{"{<=}", ARGS_SUBSET},
	{"{>=}", ARGS_SUPERSET},
	{"{!=}", ARGS_SET_NOT_EQUAL},
	{"{=}", ARGS_SET_EQUAL},
	{"{<}", ARGS_PROPER_SUBSET},
	{"{>}", ARGS_PROPER_SUPERSET},
	{"<=", ARGS_LESS_EQUAL},
	{">=", ARGS_GREATER_EQUAL},
	{"!=", ARGS_NOT_EQUAL},
	{"=", ARGS_EQUAL},
	{"<", ARGS_LESS},
	{">", ARGS_GREATER},
};

/* The relation that 'at' begins with: its length; 0 if there is none. */
static size_t match_relation(const char *at, enum args_relation *ret_relation)
{
	for (size_t i = 0; i < ARRAY_SIZE(relations); i++) {
		if (!strncmp(at, relations[i].text, strlen(relations[i].text))) {
			*ret_relation = relations[i].relation;
			return strlen(relations[i].text);
		}
	}
	return 0;
}

struct err *args_unquote(char *key)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct args_elements one;
	struct err *e =
		*key == '"' ? args_split(key, ARGS_SPLIT_WHOLE, false, a, &one) : NULL;

	if (!e && *key == '"') /* never longer than it was */
		memmove(key, one.elements[0].key, strlen(one.elements[0].key) + 1);
	return e;
}

struct err *args_cut(char *text, struct args_parts *ret_parts)
{
	struct args_parts p = {.column = text};
	size_t length = 0;
	char *at = text;

	while (*at && !(length = match_relation(at, &p.relation))) {
		if (*at == ':' && !p.key) {
			*at = '\0';
			p.key = at + 1;
			if (at[1] == '"')
				at += args_quote_length(at + 1);
		}
		at++;
	}
	if (!length || at == text) {
		if (p.key)
			p.key[-1] = ':';
		return err_hint(
			err_new(ERR_INVALID, "\"%s\" is not COLUMN=VALUE", text),
			"write, for example, mtu=1500; quote what the shell would split");
	}
	*at = '\0';
	p.value = at + length;
	*ret_parts = p;
	return p.key ? args_unquote(p.key) : NULL;
}

/* A value alone, whose column is plain. */
static struct err *check_has_column(const struct table_schema *t, const char *text)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *hint = args_hint_assignment(a, t, text);

	return hint ? err_hint(err_new(ERR_INVALID, "\"%s\" is not COLUMN=VALUE", text),
			       "write %s", hint)
		    : NULL;
}

static struct err *check_is_assignment(const char *text, const struct args_parts *p)
{
	if (p->relation == ARGS_EQUAL)
		return NULL;
	return err_hint(
		err_new(ERR_INVALID, "\"%s\" is a condition, not an assignment", text),
		"write %s=VALUE to set it", p->column);
}

/* Of COLUMN+=VALUE and COLUMN-=VALUE. Takes the sign off the column. */
static enum args_edit take_edit(struct args_parts *p)
{
	size_t n = strlen(p->column);
	char last = n ? p->column[n - 1] : '\0';

	if (p->key || (last != '+' && last != '-'))
		return ARGS_SET;
	p->column[n - 1] = '\0';
	return last == '+' ? ARGS_ADD : ARGS_REMOVE;
}

/* How much of a value stands in front of a message. */
#define MAX_SHOWN 60

/* As a word, so that "10" is not found in "100"; a letter may be a word of the message. */
static bool has_word(const char *message, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = message; n > 1 && (at = strstr(at, word)); at++) {
		if ((at == message || !isalnum((unsigned char)at[-1])) &&
		    !isalnum((unsigned char)at[n]))
			return true;
	}
	return false;
}

struct err *args_at(struct err *e, const char *text, const char *value)
{
	size_t n = strlen(text), n_before = n - strlen(value);

	if (!has_word(e->message, value))
		return n <= MAX_SHOWN
			       ? err_at(e, "%s", text)
			       : err_at(e, "%.*s…",
					(int)text_utf8_prefix(text, MAX_SHOWN), text);
	while (n_before && strchr("=<>!{}+-", text[n_before - 1]))
		n_before--;
	return err_at(e, "%.*s", (int)n_before, text);
}

static struct err *parse(const struct table_schema *t, const char *text, bool is_written,
			 struct assignment *ret_assignment)
{
	CLEANUP(freep) char *copy = xstrdup(text);
	struct assignment a = {.text = text};
	struct args_parts p;
	struct err *e = check_has_column(t, text);

	if (!e)
		e = args_cut(copy, &p);
	if (!e)
		e = check_is_assignment(text, &p);
	if (e)
		return e;
	a.edit = take_edit(&p);
	e = args_find_column(t, p.column, &a.column);
	if (!e && is_written)
		e = args_check_writable(t, a.column);
	if (e)
		return e;
	a.is_key = p.key;
	if (!*p.value)
		e = no_value(a.column,
			     p.key && *p.key && a.column->type.is_map ? p.key : NULL);
	else if (p.key)
		e = parse_key(t, a.column, p.key, p.value, &a.value);
	else if (a.edit != ARGS_SET)
		e = args_edit_parse(t, a.column, p.value, a.edit, &a.value);
	else
		e = args_parse_value(t, a.column, p.value, &a.value);
	if (e)
		return args_at(e, text, p.value);
	*ret_assignment = a;
	return NULL;
}

struct err *args_parse(const struct table_schema *t, const char *text,
		       struct assignment *ret_assignment)
{
	return parse(t, text, false, ret_assignment);
}

void assignment_clear(struct assignment *a)
{
	datum_clear(&a->value, &a->column->type);
}

/* Columns that link the rows. A wrong value would orphan a row, or claim a row of
 * another owner. */
static const struct {
	const char *table, *column, *hint;
} owned[] = {
	{"Host", "masters", "masters are added by add-master and removed by del-master"},
	{"Host", "next_cfg", "every change of the configuration adds one to it"},
	{"Master", "slaves",
	 "slaves are added by add-slave and removed by del-slave, or with their master "
	 "by "
	 "del-master"},
	{"Master", "sources",
	 "`apply` writes it for the files that it reads; `forget SOURCE` removes one"},
	{"Slave", "sources",
	 "`apply` writes it for the files that it reads; `forget SOURCE` removes one"},
	{"Pool", "sources",
	 "`apply` writes it for the files that it reads; `forget SOURCE` removes one"},
	{"Master", "repairs", "`repair` adds one to it"},
	{"Slave", "repairs", "`repair` adds one to it"},
	{"Master", "transfer", "`adopt` and `release` write it"},
	{"Slave", "transfer", "`adopt` and `release` write it"},
	{"Master", "host", "it is the name of the Host that has the master"},
	{"Slave", "host", "it is the name of the Host that has the slave"},
	{"Pool", "host", "it is the name of the Host that has the pool"},
};

struct err *args_check_writable(const struct table_schema *t,
				const struct column_schema *c)
{
	if (c->ephemeral)
		return err_new(ERR_INVALID,
			       "%s.%s is a status column: only ipvld writes it", t->name,
			       c->name);
	for (size_t i = 0; i < ARRAY_SIZE(owned); i++) {
		if (!strcmp(owned[i].table, t->name) && !strcmp(owned[i].column, c->name))
			return err_hint(err_new(ERR_INVALID,
						"%s.%s cannot be set directly", t->name,
						c->name),
					"%s", owned[i].hint);
	}
	return NULL;
}

/* Single keys, and elements to add and to remove, may be several. */
static bool is_part(const struct assignment *a)
{
	return a->is_key || a->edit != ARGS_SET;
}

static bool is_twice(const struct assignment *a, size_t n, const struct assignment *new)
{
	for (size_t i = 0; i < n; i++) {
		if (a[i].column == new->column && !(is_part(&a[i]) && is_part(new)))
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
		e = parse(t, texts[done], true, &all[done]);
		if (e)
			break;
		if (is_twice(all, done, &all[done]))
			e = err_new(ERR_INVALID, "%s is given twice",
				    all[done].column->name);
		done++;
	}
	if (e)
		assignment_free_all(all, done);
	else
		*ret_assignments = all;
	return e;
}

struct err *args_parse_changes(const struct table_schema *t, char *const *texts, size_t n,
			       struct assignment **ret_assignments)
{
	struct assignment *all;
	struct err *e = args_parse_all(t, texts, n, &all);

	for (size_t i = 0; i < n && !e; i++) {
		if (all[i].column->is_mutable)
			continue;
		e = err_hint(err_new(ERR_INVALID, "%s.%s cannot be changed", t->name,
				     all[i].column->name),
			     "remove the row, and add another");
		assignment_free_all(all, n);
	}
	if (!e)
		*ret_assignments = all;
	return e;
}

void assignment_free_all(struct assignment *a, size_t n)
{
	for (size_t i = 0; a && i < n; i++)
		assignment_clear(&a[i]);
	free(a);
}

const struct assignment *assignment_find(const struct assignment *a, size_t n,
					 const struct column_schema *c)
{
	for (size_t i = 0; i < n; i++) {
		if (a[i].column == c)
			return &a[i];
	}
	return NULL;
}

struct err *assignment_write(const struct assignment *a, struct txn *t, struct row *r)
{
	const struct column_type *type = &a->column->type;
	struct datum d;
	struct err *e;

	datum_copy(&d, is_part(a) ? txn_get(t, r, a->column) : &a->value, type);
	if (is_part(a))
		args_edit_apply(a->column, a->edit, &a->value, &d);
	e = datum_check(&d, type);
	if (e) {
		datum_clear(&d, type);
		return err_at(e, "%s", a->text);
	}
	txn_set(t, r, a->column, &d);
	return NULL;
}

struct err *assignment_write_all(const struct assignment *a, size_t n, struct txn *t,
				 struct row *r)
{
	struct err *e = NULL;

	for (size_t i = 0; i < n && !e; i++)
		e = assignment_write(&a[i], t, r);
	return e;
}
