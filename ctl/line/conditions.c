/* Conditions on rows. args.c splits them, args_value.c reads their values. Relations
 * without braces compare values, those in braces compare sets. If the map lacks the
 * key, no comparison is true, and the set is empty (ovs-vsctl(8), "find"). */
#include "ctl/line/conditions.h"

#include "ctl/line/args.h"
#include "ctl/line/args_value.h"
#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

static bool is_of_sets(enum args_relation r)
{
	return r >= ARGS_SET_EQUAL;
}

/* The values of a map as a column. It has a name that no column has, so that no
 * canonical form applies. */
static struct column_schema values_of(const struct column_schema *map)
{
	struct column_schema c = *map;
	static char no_name[] = "";

	c.name = no_name;
	c.type = (struct column_type){
		.key = map->type.value, .n_min = 0, .n_max = TYPE_UNLIMITED};
	return c;
}

static struct err *check_is_map(const struct column_schema *c)
{
	if (!c->type.is_map || c->type.key.type != ATOM_STRING)
		return err_hint(err_new(ERR_INVALID,
					"%s is not a map with strings as keys", c->name),
				"write %s=VALUE", c->name);
	return NULL;
}

static struct err *read_value(const struct table_schema *t, const char *text,
			      struct condition *c)
{
	struct column_schema column = c->key ? values_of(c->column) : *c->column;
	struct err *e;

	if (is_of_sets(c->relation))
		column.type.n_max = TYPE_UNLIMITED;
	else if (c->key) /* one value; its text may be anything */
		column.type.n_min = column.type.n_max = 1;
	c->type = column.type;
	if (!c->key && (c->relation == ARGS_EQUAL || c->relation == ARGS_NOT_EQUAL))
		return args_parse_value(t, &column, text, &c->value);
	/* The value may be one that the column cannot have: mtu<100000. */
	e = args_parse_elements(t, &column, text, &c->value);
	if (!e && !c->value.n && !is_of_sets(c->relation))
		e = err_new(ERR_INVALID, "a value is missing");
	return e;
}

/* A value without prefix length is an error here, but `show` takes it. */
static struct err *with_hint(struct err *e, const struct condition *c, const char *text)
{
	if (strcmp(c->column->name, "addresses") || strchr(text, '/'))
		return e;
	return err_hint(e,
			"write ADDRESS/LENGTH; `ipvl-ctl show %s` finds who has an "
			"address",
			text);
}

struct err *condition_parse(const struct table_schema *t, const char *text,
			    struct condition *ret_condition)
{
	CLEANUP(freep) char *copy = xstrdup(text);
	struct condition c = {0};
	struct args_parts p;
	struct err *e = args_cut(copy, &p);

	if (e)
		return e;
	e = args_find_column(t, p.column, &c.column);
	if (e)
		return e;
	c.relation = p.relation;
	e = p.key ? check_is_map(c.column) : NULL;
	if (!e && p.key && !*p.key)
		e = err_new(ERR_INVALID, "the key is empty");
	if (e)
		return err_at(e, "%s", text);
	c.key = p.key ? xstrdup(p.key) : NULL;
	e = read_value(t, p.value, &c);
	if (e) {
		free(c.key);
		return args_at(with_hint(e, &c, p.value), text, p.value);
	}
	*ret_condition = c;
	return NULL;
}

void condition_clear(struct condition *c)
{
	datum_clear(&c->value, &c->type);
	free(c->key);
}

struct err *conditions_parse(const struct table_schema *t, char *const *texts, size_t n,
			     struct condition **ret_conditions)
{
	struct condition *all = xcalloc(n ? n : 1, sizeof(*all));
	struct err *e = NULL;
	size_t done = 0;

	for (; done < n && !e; done += !e)
		e = condition_parse(t, texts[done], &all[done]);
	if (e)
		conditions_free(all, done);
	else
		*ret_conditions = all;
	return e;
}

void conditions_free(struct condition *c, size_t n)
{
	for (size_t i = 0; c && i < n; i++)
		condition_clear(&c[i]);
	free(c);
}

/* The set with more elements is larger. Of two sets of one size, the first pair of
 * elements that differs decides; values are compared only if all keys are equal
 * (ovs-vsctl(8)). */
static int compare(const struct datum *a, const struct datum *b,
		   const struct column_type *t)
{
	int order = (a->n > b->n) - (a->n < b->n);

	for (uint32_t i = 0; i < a->n && !order; i++)
		order = atom_cmp(&datum_keys(a)[i], &datum_keys(b)[i], t->key.type);
	for (uint32_t i = 0; i < a->n && !order && t->is_map; i++)
		order = atom_cmp(&datum_values(a)[i], &datum_values(b)[i], t->value.type);
	return order;
}

static bool relate(const struct datum *is, enum args_relation relation,
		   const struct datum *value, const struct column_type *t)
{
	int order = compare(is, value, t);

	switch (relation) {
	case ARGS_EQUAL:
	case ARGS_SET_EQUAL:
		return !order;
	case ARGS_NOT_EQUAL:
	case ARGS_SET_NOT_EQUAL:
		return order;
	case ARGS_LESS:
		return order < 0;
	case ARGS_GREATER:
		return order > 0;
	case ARGS_LESS_EQUAL:
		return order <= 0;
	case ARGS_GREATER_EQUAL:
		return order >= 0;
	case ARGS_PROPER_SUBSET:
		return order && datum_includes_all(is, value, t);
	case ARGS_SUBSET:
	case ARGS_IN:
		return datum_includes_all(is, value, t);
	case ARGS_PROPER_SUPERSET:
		return order && datum_includes_all(value, is, t);
	case ARGS_SUPERSET:
		return datum_includes_all(value, is, t);
	case ARGS_NOT_IN:
		return datum_excludes_all(is, value, t);
	}
	return false;
}

static bool holds(const struct condition *c, const struct txn *t, const struct row *r)
{
	const struct datum *is = txn_get(t, r, c->column);
	const union atom key = {.string = c->key};
	struct datum one;
	int64_t at;

	if (!c->key)
		return relate(is, c->relation, &c->value, &c->type);
	at = datum_find(is, &key, ATOM_STRING);
	if (at < 0 && !is_of_sets(c->relation))
		return false;
	datum_init_empty(&one);
	if (at >= 0) {
		one.n = 1;
		one.one = datum_values(is)[at]; /* borrowed */
	}
	return relate(&one, c->relation, &c->value, &c->type);
}

size_t conditions_find_breach(const struct condition *c, size_t n, const struct txn *t,
			      const struct row *r)
{
	size_t i = 0;

	while (i < n && holds(&c[i], t, r))
		i++;
	return i;
}
