/* A YAML file as a tree of values with their places. No other file uses libyaml.
 *
 * libyaml finds the syntax, and stops at its first error. Added here: limits, aliases
 * as shared nodes, merge keys, duplicate keys, one document in a file, and messages for
 * users. */
#include "config/yaml/document_tree.h"

#include "config/yaml/document_place.h"

#include "lib/alloc.h"
#include "lib/hash_table.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define MERGE_KEY "<<"

struct anchor {
	const char *name;
	const struct node *node;
	UT_hash_handle hh;
};

struct composer {
	yaml_parser_t parser;
	struct document *d;
	struct document_errors *errors;
	/* Of finished nodes only, so that the tree has no cycle. */
	struct anchor *anchors;
	size_t n_nodes;
	unsigned int depth;
};

static void clear_event(yaml_event_t *event)
{
	yaml_event_delete(event);
}

static struct place place_of(yaml_mark_t mark)
{
	return (struct place){mark.line + 1, mark.column + 1};
}

/* Takes 'e'. Always returns NULL, for the caller to return. */
static struct node *fail(struct composer *c, struct place place, struct err *e)
{
	document_errors_add(c->errors, c->d, place, e);
	return NULL;
}

/* The usual cause of a problem that libyaml reports. */
static const char *hint_for(const char *problem)
{
	static const struct {
		const char *problem, *hint;
	} hints[] = {
		{"mapping values are not allowed",
		 "check the indentation, or put the text into quotes if it contains `: "
		 "`"},
		{"could not find expected ':'",
		 "a key is followed by a colon and a space"},
		{"did not find expected key",
		 "check the indentation: all keys of a map begin in one column"},
		{"did not find expected '-'",
		 "check the indentation: each `-` of a list is in one column"},
		{"did not find expected ',' or ']'",
		 "a list in brackets is not closed, or a comma is missing"},
		{"did not find expected ',' or '}'",
		 "a map in braces is not closed, or a comma is missing"},
		{"found unexpected end of stream", "a quote is not closed"},
		{"cannot start any token", "put the text into quotes"},
		{"did not find expected node content",
		 "a comma too many, or a value missing? `[]` is an empty list"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++) {
		if (strstr(problem, hints[i].problem))
			return hints[i].hint;
	}
	return NULL;
}

static struct err *reader_error(const yaml_parser_t *p)
{
	if (strstr(p->problem, "control characters"))
		return err_new(ERR_INVALID,
			       "a control character (0x%02x), which YAML does not allow",
			       (unsigned int)p->problem_value);
	return err_hint(err_new(ERR_INVALID, "this is not UTF-8 text"),
			"save the file as UTF-8");
}

static struct node *fail_syntax(struct composer *c)
{
	const yaml_parser_t *p = &c->parser;
	struct place place = place_of(p->problem_mark);
	const char *hint;
	struct err *e;

	if (p->error == YAML_MEMORY_ERROR)
		abort(); /* lib/alloc.h: memory that cannot be had ends the process */
	if (p->error == YAML_READER_ERROR)
		return fail(c, document_place_of_byte(c->d, p->problem_offset),
			    reader_error(p));
	if (document_place_find_tab(c->d, place.line, &place))
		return fail(c, place,
			    err_hint(err_new(ERR_INVALID, "a tab cannot indent YAML"),
				     "indent with spaces"));
	hint = hint_for(p->problem);
	if (p->context && p->context_mark.line + 1 != place.line)
		e = err_new(ERR_INVALID, "not YAML: %s %s that begins on line %zu",
			    p->problem, p->context, p->context_mark.line + 1);
	else
		e = err_new(ERR_INVALID, "not YAML: %s%s%s", p->problem,
			    p->context ? " " : "", p->context ? p->context : "");
	return fail(c, place, hint ? err_hint(e, "%s", hint) : e);
}

static bool next_event(struct composer *c, yaml_event_t *ret_event)
{
	if (yaml_parser_parse(&c->parser, ret_event))
		return true;
	memset(ret_event, 0, sizeof(*ret_event));
	fail_syntax(c);
	return false;
}

/* Counts 'n' more values. False, with a complaint, beyond the limit. */
static bool count_nodes(struct composer *c, struct place place, size_t n)
{
	c->n_nodes += n;
	if (c->n_nodes <= DOCUMENT_MAX_NODES)
		return true;
	fail(c, place,
	     err_new(ERR_LIMIT,
		     "more than %zu values, those that aliases repeat included",
		     DOCUMENT_MAX_NODES));
	return false;
}

static struct node *new_node(struct composer *c, enum node_kind kind, struct place place)
{
	struct node *node = arena_alloc(c->d->arena, sizeof(*node));

	*node = (struct node){.kind = kind, .place = place, .n_nodes = 1};
	return node;
}

static void remember(struct composer *c, const char *name, const struct node *node)
{
	struct anchor *a;

	if (!name)
		return;
	HASH_FIND_STR(c->anchors, name, a);
	if (!a) {
		a = arena_alloc(c->d->arena, sizeof(*a));
		a->name = arena_strdup(c->d->arena, name);
		HASH_ADD_KEYPTR(hh, c->anchors, a->name, strlen(a->name), a);
	}
	a->node = node; /* YAML 1.2 7.1: the last anchor of a name counts */
}

static const struct node *compose_alias(struct composer *c, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	struct place place = place_of(event->start_mark);
	struct anchor *a;

	HASH_FIND_STR(c->anchors, name, a);
	if (!a)
		return fail(
			c, place,
			err_hint(err_new(ERR_INVALID, "alias `*%s` is not defined", name),
				 "write `&%s` before a value that ends above this line",
				 name));
	return count_nodes(c, place, a->node->n_nodes) ? a->node : NULL;
}

static const struct node *compose_scalar(struct composer *c, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t n = event->data.scalar.length;
	struct node *node = new_node(c, NODE_SCALAR, place_of(event->start_mark));

	if (memchr(text, '\0', n))
		return fail(c, node->place,
			    err_hint(err_new(ERR_INVALID, "this text has a NUL in it"),
				     "remove it"));
	node->text = arena_strdup(c->d->arena, text);
	node->is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	remember(c, (const char *)event->data.scalar.anchor, node);
	return node;
}

static const struct node *compose(struct composer *c, const yaml_event_t *event);

static const struct node *compose_list(struct composer *c, const yaml_event_t *start)
{
	struct node *node = new_node(c, NODE_LIST, place_of(start->start_mark));
	size_t capacity = 0;

	for (;;) {
		CLEANUP(clear_event) yaml_event_t event;
		const struct node *item;

		if (!next_event(c, &event))
			return NULL;
		if (event.type == YAML_SEQUENCE_END_EVENT)
			break;
		item = compose(c, &event);
		if (!item)
			return NULL;
		node->items = arena_grow(c->d->arena, node->items, node->n_items,
					 &capacity, sizeof(*node->items));
		node->items[node->n_items++] = item;
		node->n_nodes += item->n_nodes;
	}
	remember(c, (const char *)start->data.sequence_start.anchor, node);
	return node;
}

static const struct node_pair *find_pair(const struct node *map, const char *key)
{
	for (size_t i = 0; i < map->n_pairs; i++) {
		if (!strcmp(map->pairs[i].key->text, key))
			return &map->pairs[i];
	}
	return NULL;
}

/* False, with a complaint, if the map has too many. */
static bool append_pair(struct composer *c, struct node *map, size_t *capacity,
			const struct node *key, const struct node *value)
{
	if (map->n_pairs == DOCUMENT_MAX_KEYS) {
		fail(c, key->place,
		     err_new(ERR_LIMIT, "more than %d keys in one map",
			     DOCUMENT_MAX_KEYS));
		return false;
	}
	map->pairs = arena_grow(c->d->arena, map->pairs, map->n_pairs, capacity,
				sizeof(*map->pairs));
	map->pairs[map->n_pairs++] = (struct node_pair){key, value};
	map->n_nodes += 1 + value->n_nodes;
	return true;
}

/* Adds a pair, or complains about its key. False if reading must end. */
static bool add_pair(struct composer *c, struct node *map, size_t *capacity,
		     const struct node *key, const struct node *value)
{
	const struct node_pair *first;

	if (key->kind != NODE_SCALAR) {
		fail(c, key->place,
		     err_new(ERR_INVALID, "a key must be text, not a %s",
			     key->kind == NODE_LIST ? "list" : "map"));
		return true;
	}
	first = find_pair(map, key->text);
	if (first) {
		fail(c, key->place,
		     err_hint(
			     err_new(ERR_INVALID,
				     "key `%s` is a duplicate in this map, first on line "
				     "%zu",
				     key->text, first->key->place.line),
			     strcmp(key->text, MERGE_KEY) ? "keep one of them"
							  : "write `<<: [*a, *b]`"));
		return true;
	}
	return append_pair(c, map, capacity, key, value);
}

/* Of those that 'map' does not have itself. */
static bool merge_map(struct composer *c, struct node *map, size_t *capacity,
		      const struct node *other)
{
	if (other->kind != NODE_MAP) {
		fail(c, other->place,
		     err_hint(err_new(ERR_INVALID,
				      "`<<` takes the keys of a map, not of %s",
				      other->kind == NODE_LIST ? "a list" : "a text"),
			      "write `<<: *name` or `<<: [*a, *b]`, where `&name` stands "
			      "before a map above"));
		return true;
	}
	for (size_t i = 0; i < other->n_pairs; i++) {
		const struct node_pair *pair = &other->pairs[i];

		if (!find_pair(map, pair->key->text) &&
		    !append_pair(c, map, capacity, pair->key, pair->value))
			return false;
	}
	return true;
}

/* Replaces the pair `<<` of a finished map by what it stands for (yaml.org/type/merge): the
 * map's own keys count, then those of the first map. False if reading must end. */
static bool merge_maps(struct composer *c, struct node *map, size_t *capacity)
{
	const struct node_pair *pair = find_pair(map, MERGE_KEY);
	const struct node *value;
	size_t at;

	if (!pair || !pair->key->is_plain)
		return true;
	value = pair->value;
	at = pair - map->pairs;
	map->n_pairs--;
	memmove(&map->pairs[at], &map->pairs[at + 1],
		(map->n_pairs - at) * sizeof(*map->pairs));
	if (value->kind != NODE_LIST)
		return merge_map(c, map, capacity, value);
	for (size_t i = 0; i < value->n_items; i++) {
		if (!merge_map(c, map, capacity, value->items[i]))
			return false;
	}
	return true;
}

static const struct node *compose_map(struct composer *c, const yaml_event_t *start)
{
	struct node *node = new_node(c, NODE_MAP, place_of(start->start_mark));
	size_t capacity = 0;

	for (;;) {
		CLEANUP(clear_event) yaml_event_t key_event;
		CLEANUP(clear_event) yaml_event_t value_event = {0};
		const struct node *key, *value;

		if (!next_event(c, &key_event))
			return NULL;
		if (key_event.type == YAML_MAPPING_END_EVENT)
			break;
		key = compose(c, &key_event);
		if (!key || !next_event(c, &value_event))
			return NULL;
		value = compose(c, &value_event);
		if (!value || !add_pair(c, node, &capacity, key, value))
			return NULL;
	}
	if (!merge_maps(c, node, &capacity))
		return NULL;
	remember(c, (const char *)start->data.mapping_start.anchor, node);
	return node;
}

/* YAML 1.2's own tags repeat what is known; other tags name types that do not exist
 * here. */
static bool check_tag(struct composer *c, const yaml_event_t *event)
{
	const yaml_char_t *tag = event->type == YAML_SCALAR_EVENT ? event->data.scalar.tag
				 : event->type == YAML_SEQUENCE_START_EVENT
					 ? event->data.sequence_start.tag
				 : event->type == YAML_MAPPING_START_EVENT
					 ? event->data.mapping_start.tag
					 : NULL;

	if (!tag)
		return true;
	fail(c, place_of(event->start_mark),
	     err_hint(err_new(ERR_INVALID, "tags such as `%s` have no meaning here", tag),
		      "leave the tag out: the key determines the type of its value"));
	return false;
}

/* The node that begins with 'event'. NULL after a complaint that ends the reading. */
static const struct node *compose(struct composer *c, const yaml_event_t *event)
{
	struct place place = place_of(event->start_mark);
	const struct node *node;

	if (event->type == YAML_ALIAS_EVENT)
		return compose_alias(c, event);
	if (!check_tag(c, event) || !count_nodes(c, place, 1))
		return NULL;
	if (event->type == YAML_SCALAR_EVENT)
		return compose_scalar(c, event);
	if (c->depth == DOCUMENT_MAX_DEPTH)
		return fail(c, place,
			    err_new(ERR_LIMIT,
				    "lists and maps are nested more than %d deep",
				    DOCUMENT_MAX_DEPTH));
	c->depth++;
	node = event->type == YAML_SEQUENCE_START_EVENT ? compose_list(c, event)
							: compose_map(c, event);
	c->depth--;
	return node;
}

static struct node *fail_empty(struct composer *c)
{
	return fail(c, (struct place){1, 1},
		    err_hint(err_new(ERR_INVALID, "the file is empty"),
			     "a file that declares nothing is written `version: 1`"));
}

/* The root of the only document; NULL after a complaint. */
static const struct node *compose_stream(struct composer *c)
{
	const struct node *root = NULL;

	for (;;) {
		CLEANUP(clear_event) yaml_event_t event;

		if (!next_event(c, &event))
			return NULL;
		if (event.type == YAML_STREAM_END_EVENT)
			return root ? root : fail_empty(c);
		if (event.type == YAML_STREAM_START_EVENT ||
		    event.type == YAML_DOCUMENT_END_EVENT)
			continue;
		if (event.type != YAML_DOCUMENT_START_EVENT) {
			root = compose(c, &event);
			if (!root)
				return NULL;
		} else if (root) {
			return fail(
				c, place_of(event.start_mark),
				err_hint(
					err_new(ERR_INVALID,
						"a second document begins here"),
					"one file is one document: put all masters under "
					"one `masters:`, or into two files"));
		}
	}
}

const struct node *document_tree(struct document *d, struct document_errors *errors)
{
	struct composer c = {.d = d, .errors = errors};
	const struct node *root;

	if (!yaml_parser_initialize(&c.parser))
		abort();
	/* UTF-8 only: the lines in messages are bytes of the file. */
	yaml_parser_set_encoding(&c.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&c.parser, (const unsigned char *)d->text,
				     d->n_bytes);
	root = compose_stream(&c);
	HASH_CLEAR(hh, c.anchors);
	yaml_parser_delete(&c.parser);
	return root;
}
