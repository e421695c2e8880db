/* Splits a VALUE at brackets, commas, blanks and quotes. It has no types: args_value.c
 * makes atoms of the parts. */
#include "ctl/line/args_split.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	const char *at, *end;
	enum args_split_at split_at;
	bool is_map;
	struct arena *a;
};

static void skip_blanks(struct reader *r)
{
	while (r->at < r->end && isspace((unsigned char)*r->at))
		r->at++;
}

/* The position after the closing quote; NULL if there is none. */
static const char *quote_end(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++)
		at += *at == '\\' && at + 1 < end;
	return at < end ? at + 1 : NULL;
}

size_t args_quote_length(const char *text)
{
	const char *end = quote_end(text, text + strlen(text));

	return end ? (size_t)(end - text) : strlen(text);
}

static struct err *read_quoted(struct reader *r, const char **ret_part)
{
	const char *end = quote_end(r->at, r->end);
	CLEANUP(json_freep) struct json_object *json = NULL;
	struct err *e;

	if (!end)
		return err_new(ERR_INVALID, "a closing quote is missing");
	e = json_parse(r->at, (size_t)(end - r->at), &json);
	if (e)
		return err_wrap(e, "the quoted text is not a JSON string");
	*ret_part = arena_strdup(r->a, json_get_string(json));
	r->at = end;
	return NULL;
}

static bool ends_part(const struct reader *r, char c, bool is_key)
{
	if (r->split_at == ARGS_SPLIT_WHOLE)
		return false;
	if (c == ',' || (is_key && c == '='))
		return true;
	return r->split_at == ARGS_SPLIT_BLANKS && isspace((unsigned char)c);
}

static const char *read_bare(struct reader *r, bool is_key)
{
	const char *start = r->at, *end;
	char *part;

	while (r->at < r->end && !ends_part(r, *r->at, is_key))
		r->at++;
	end = r->at;
	while (end > start && isspace((unsigned char)end[-1]))
		end--;
	part = arena_alloc(r->a, (size_t)(end - start) + 1);
	memcpy(part, start, (size_t)(end - start));
	return part;
}

static struct err *read_part(struct reader *r, bool is_key, const char **ret_part)
{
	if (r->at < r->end && *r->at == '"')
		return read_quoted(r, ret_part);
	*ret_part = read_bare(r, is_key);
	return NULL;
}

static struct err *read_element(struct reader *r, struct args_element *ret_element)
{
	struct args_element element = {.is_quoted = r->at < r->end && *r->at == '"'};
	struct err *e = read_part(r, r->is_map, &element.key);

	if (e)
		return e;
	if (r->is_map && r->at < r->end && *r->at == '=') {
		r->at++;
		e = read_part(r, false, &element.value);
	}
	if (!e && !*element.key && (r->at == r->end || *r->at == ','))
		e = err_new(ERR_INVALID, "an element of the list is empty");
	if (!e)
		*ret_element = element;
	return e;
}

/* After an element: a comma, blanks, or the end. */
static struct err *read_separator(struct reader *r)
{
	const char *before = r->at;

	skip_blanks(r);
	if (r->at == r->end)
		return NULL;
	if (*r->at == ',') {
		r->at++;
		skip_blanks(r);
		if (r->at == r->end)
			return err_new(ERR_INVALID, "an element of the list is empty");
		return NULL;
	}
	if (r->at == before)
		return err_new(ERR_INVALID, "\"%.*s\" follows without a comma",
			       (int)(r->end - r->at), r->at);
	return NULL;
}

/* [ … ] or { … } around everything. */
static struct err *strip_brackets(struct reader *r)
{
	char open = r->is_map ? '{' : '[', close = r->is_map ? '}' : ']';

	skip_blanks(r);
	while (r->end > r->at && isspace((unsigned char)r->end[-1]))
		r->end--;
	if (r->at == r->end || *r->at != open)
		return NULL;
	if (r->end - r->at < 2 || r->end[-1] != close)
		return err_new(ERR_INVALID, "a closing %c is missing", close);
	r->at++;
	r->end--;
	skip_blanks(r);
	return NULL;
}

static void add(struct args_elements *all, struct arena *a, struct args_element element)
{
	all->elements =
		arena_grow(a, all->elements, all->n, &all->cap, sizeof(*all->elements));
	all->elements[all->n++] = element;
}

struct err *args_split(const char *text, enum args_split_at at, bool is_map,
		       struct arena *a, struct args_elements *ret_elements)
{
	struct reader r = {.at = text,
			   .end = text + strlen(text),
			   .split_at = at,
			   .is_map = is_map,
			   .a = a};
	struct args_elements all = {0};
	struct err *e = NULL;

	if (at == ARGS_SPLIT_WHOLE) {
		struct args_element element = {.key = arena_strdup(a, text)};

		if (*text == '"' && quote_end(r.at, r.end) == r.end)
			e = read_quoted(&r, &element.key);
		add(&all, a, element);
	} else {
		e = strip_brackets(&r);
	}
	while (at != ARGS_SPLIT_WHOLE && r.at < r.end && !e) {
		struct args_element element;

		e = read_element(&r, &element);
		if (!e) {
			add(&all, a, element);
			e = read_separator(&r);
		}
	}
	if (!e)
		*ret_elements = all;
	return e;
}
