/* A VALUE as a datum: elements from args_split.c become atoms of the column's type,
 * and addresses, routes and names get their canonical texts. All other rules about
 * values are checked by the validator at the commit. */
#include "ctl/line/args_value.h"

#include "config/canon.h"
#include "config/pool/pool.h"
#include "lib/alloc.h"
#include "lib/arena.h"
#include "lib/text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Converts a text to the form that the database keeps. */
typedef struct err *canonical_fn(const char *text, struct arena *a,
				 const char **ret_text);

static struct err *canonical_route(const char *text, struct arena *a,
				   const char **ret_text)
{
	struct model_route route;
	struct err *e = canon_route_parse(text, &route);

	if (!e)
		*ret_text = model_route_text(a, &route);
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

static struct err *canonical_rule(const char *text, struct arena *a,
				  const char **ret_text)
{
	struct model_rule rule;
	struct err *e = canon_rule_parse(text, &rule);

	if (!e)
		*ret_text = model_rule_text(a, &rule);
	return e;
}

/* Words with blanks between them are one element. */
static bool is_words(const struct column_schema *c)
{
	return !strcmp(c->name, "routes") || !strcmp(c->name, "routing_policy");
}

/* A list that the database keeps as one text. The user may write commas, brackets or
 * blanks. */
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
	return canon_netns(text, a, ret_text);
}

static struct err *canonical_sysctl(const char *text, struct arena *a,
				    const char **ret_text)
{
	(void)a;
	*ret_text = text;
	return canon_check_sysctl(text);
}

static struct err *canonical_altname(const char *text, struct arena *a,
				     const char **ret_text)
{
	(void)a;
	*ret_text = text;
	return canon_check_altname(text);
}

static struct err *canonical_subnet(const char *text, struct arena *a,
				    const char **ret_text)
{
	struct ip_prefix subnet;
	struct err *e = pool_parse_subnet(text, &subnet);
	char buf[IP_TEXT_BYTES];

	if (!e)
		*ret_text = arena_strdup(a, ip_prefix_format(&subnet, buf));
	return e;
}

static struct err *canonical_range(const char *text, struct arena *a,
				   const char **ret_text)
{
	struct pool_range range;
	struct err *e = pool_parse_range(text, &range);

	if (!e)
		*ret_text = pool_range_text(a, &range);
	return e;
}

static struct err *canonical_gateway(const char *text, struct arena *a,
				     const char **ret_text)
{
	struct ip_addr addr;
	struct err *e = ip_addr_parse(text, &addr);
	char buf[IP_TEXT_BYTES];

	if (!e)
		*ret_text = arena_strdup(a, ip_addr_format(&addr, buf));
	return e;
}

static const struct {
	const char *table, *column;
	canonical_fn *fn;
} canonical[] = {
	{"Master", "name", canonical_ifname},
	{"Master", "netns", canonical_netns},
	{"Master", "vlan_link", canonical_ifname},
	{"Master", "routes", canonical_route},
	{"Master", "sysctl", canonical_sysctl},
	{"Slave", "name", canonical_ifname},
	{"Slave", "netns", canonical_netns},
	{"Slave", "addresses", canonical_address},
	{"Slave", "address_options", canonical_address},
	{"Slave", "routes", canonical_route},
	{"Slave", "routing_policy", canonical_rule},
	{"Slave", "nameservers", canonical_nameservers},
	{"Slave", "search", canonical_search},
	{"Slave", "sysctl", canonical_sysctl},
	{"Slave", "altnames", canonical_altname},
	{"Pool", "subnets", canonical_subnet},
	{"Pool", "ranges", canonical_range},
	{"Pool", "excluded", canonical_range},
	{"Pool", "gateway", canonical_gateway},
};

/* Takes 'text', and returns the same or another one. */
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

/* A value of another column: "bridge" is a mode elsewhere, and a flag here. */
static struct err *hint_other_column(struct err *e, const struct table_schema *t,
				     const union atom *atom)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		const struct column_schema *c = &t->columns[i];
		const struct base_type *b = &c->type.key;

		if (b->allowed && b->type == ATOM_STRING &&
		    datum_find(b->allowed, atom, ATOM_STRING) >= 0)
			return err_hint(e, "it is a %s: write %s=%s", c->name, c->name,
					atom->string);
	}
	return e;
}

/* "mode is one of l2, l3, l3s". */
static struct err *check_enum(const struct table_schema *t, const struct base_type *b,
			      const union atom *atom)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const union atom *allowed;
	const char *all = "";

	if (!b->allowed || b->type != ATOM_STRING ||
	    datum_find(b->allowed, atom, b->type) >= 0)
		return NULL;
	allowed = datum_keys(b->allowed);
	for (uint32_t i = 0; i < b->allowed->n; i++) {
		if (!*allowed[i].string) /* a status column that is not written yet */
			continue;
		all = arena_printf(a, "%s%s%s", all,
				   !*all                   ? ""
				   : i + 1 < b->allowed->n ? ", "
							   : " or ",
				   allowed[i].string);
	}
	return hint_other_column(
		err_new(ERR_INVALID, "\"%s\" is not one of %s", atom->string, all), t,
		atom);
}

/* true and false as in a YAML file, which takes no other words either. */
static struct err *boolean_from_text(const char *text, const char *column,
				     bool *ret_value)
{
	static const struct {
		const char *text;
		bool value, is_right;
	} words[] = {
		{"true", true, true}, {"false", false, true}, {"yes", true, false},
		{"no", false, false}, {"on", true, false},    {"off", false, false},
		{"1", true, false},   {"0", false, false},    {"y", true, false},
		{"n", false, false},
	};
	struct err *e = err_new(ERR_INVALID, "\"%s\" is neither true nor false", text);

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcasecmp(text, words[i].text) != 0)
			continue;
		if (!words[i].is_right)
			return err_hint(e, "write %s=%s", column,
					words[i].value ? "true" : "false");
		err_free(e);
		*ret_value = words[i].value;
		return NULL;
	}
	return e;
}

static bool is_digits(const char *text)
{
	text += *text == '-';
	return *text && !text[strspn(text, "0123456789")];
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
		if (text_to_int(text, &ret_atom->integer))
			return NULL;
		return is_digits(text) ? err_new(ERR_INVALID, "%s is too large", text)
				       : err_new(ERR_INVALID,
						 "\"%s\" is not a whole number", text);
	case ATOM_REAL:
		if (!real_from_text(text, &ret_atom->real))
			return err_new(ERR_INVALID, "\"%s\" is not a number", text);
		return NULL;
	case ATOM_BOOLEAN:
		return boolean_from_text(text, c->name, &ret_atom->boolean);
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
		e = check_enum(t, b, ret_atom);
		if (e)
			free(ret_atom->string);
		return e;
	}
	return NULL;
}

/* In any order; what says nothing, or is wrong, stays for the validator. */
static struct err *canonical_options(const char *address, const char *text,
				     struct arena *a, const char **ret_text)
{
	struct model_address_options o = {0};
	struct err *e = canon_address_parse(address, &o.address);

	if (!e)
		e = canon_address_options_parse(text, &o);
	*ret_text = e ? text : model_address_options_text(a, &o);
	if (!**ret_text)
		*ret_text = text;
	err_free(e);
	return NULL;
}

/* The value of a key of a map, replaced by its canonical text. */
static struct err *canonise_value(const struct table_schema *t,
				  const struct column_schema *c, const char *key,
				  union atom *value)
{
	static const struct {
		const char *table, *column;
		struct err *(*fn)(const char *key, const char *text, struct arena *a,
				  const char **ret_text);
	} maps[] = {
		{"Master", "match", canon_match},
		{"Slave", "address_options", canonical_options},
	};
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *result = value->string;
	struct err *e = NULL;
	size_t i = 0;

	while (i < ARRAY_SIZE(maps) && (strcmp(maps[i].table, t->name) != 0 ||
					strcmp(maps[i].column, c->name) != 0))
		i++;
	if (i == ARRAY_SIZE(maps))
		return NULL;
	e = maps[i].fn(key, value->string, a, &result);
	if (!e) {
		char *copy = xstrdup(result);

		free(value->string);
		value->string = copy;
	}
	return e;
}

struct err *args_append(struct datum *d, const struct table_schema *t,
			const struct column_schema *c, const struct args_element *element)
{
	bool has_value = element->value;
	union atom key, value;
	struct err *e;

	/* The elements of a map are all pairs, or all keys. */
	if (d->n && has_value != (datum_values(d) != NULL))
		return err_hint(err_new(ERR_INVALID, "not every key has a value"),
				"write KEY=VALUE for each");
	if (element->is_quoted && c->type.key.type != ATOM_STRING &&
	    c->type.key.type != ATOM_UUID)
		return err_hint(err_new(ERR_INVALID,
					"\"%s\" is a string, because it is quoted",
					element->key),
				"leave out the quotes");
	e = atom_from_text(t, c, &c->type.key, element->key, &key);
	if (e)
		return e;
	if (!c->type.is_map || !element->value) {
		datum_append(d, key, NULL);
		return NULL;
	}
	e = atom_from_text(t, c, &c->type.value, element->value, &value);
	if (e) {
		atom_clear(&key, c->type.key.type);
		return e;
	}
	e = canonise_value(t, c, key.string, &value);
	if (!e) {
		datum_append(d, key, &value);
		return NULL;
	}
	atom_clear(&key, c->type.key.type);
	atom_clear(&value, c->type.value.type);
	return e;
}

/* A string: the whole VALUE, unless it is in quotes. */
static bool is_whole_text(const struct column_schema *c)
{
	return c->type.key.type == ATOM_STRING && !c->type.is_map && c->type.n_max == 1;
}

bool args_can_be_empty(const struct column_schema *c)
{
	return !c->type.n_min || (c->type.key.type == ATOM_STRING &&
				  !c->type.key.allowed && strcmp(c->name, "name") != 0);
}

/* A word for the empty column, as a YAML file has it: a slave's MTU follows its master's. */
static bool is_default(const struct table_schema *t, const struct column_schema *c,
		       const char *text)
{
	if (strcmp(t->name, "Slave") != 0)
		return false;
	return (!strcmp(c->name, "mtu") && !strcmp(text, "auto")) ||
	       (!strcmp(c->name, "source_routing") && !strcmp(text, "false"));
}

struct err *args_parse_elements(const struct table_schema *t,
				const struct column_schema *c, const char *text,
				struct datum *ret_value)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct args_elements elements = {0};
	struct datum d;
	bool is_empty = is_whole_text(c) && (!*text || !strcmp(text, "[]"));
	struct err *e;

	if ((is_empty && !c->type.n_min) || is_default(t, c, text)) {
		datum_init_empty(ret_value);
		return NULL;
	}
	if (is_empty && args_can_be_empty(c))
		text = "";
	e = args_split(text,
		       is_whole_text(c) ? ARGS_SPLIT_WHOLE
		       : is_words(c)    ? ARGS_SPLIT_COMMAS
					: ARGS_SPLIT_BLANKS,
		       c->type.is_map, a, &elements);
	datum_init_empty(&d);
	for (size_t i = 0; i < elements.n && !e; i++)
		e = args_append(&d, t, c, &elements.elements[i]);
	if (!e && (e = datum_sort(&d, &c->type))) {
		err_free(e);
		e = err_new(ERR_INVALID, c->type.is_map ? "a key is listed twice"
							: "an element is listed twice");
	}
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
		e = err_new(ERR_INVALID, "the column takes one value, but %u are given",
			    d.n);
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
