/* Values of the YAML: text, numbers, booleans, lists, and maps with known keys.
 *
 * The key decides the type of its value, so `name: 100` and `netns: no` are texts. A
 * value in quotes is never a number. */
#include "config/yaml/declare.h"

#include "config/canon.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>

/* More keys than any map has. */
#define MAX_KEYS 32
/* How much of a wrong value a message repeats. */
#define MAX_SHOWN 40

void declare_fail(struct declare *r, const struct node *at, struct err *e)
{
	document_errors_add(r->errors, r->d, at->place, e);
}

static bool is_null(const struct node *n)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};

	if (n->kind != NODE_SCALAR || !n->is_plain)
		return false;
	for (const char *const *s = nulls; *s; s++) {
		if (!strcmp(n->text, *s))
			return true;
	}
	return false;
}

/* "a list", "`abc`", "nothing". */
static const char *describe(struct declare *r, const struct node *n)
{
	const char *dots = "";
	size_t length;

	if (n->kind == NODE_LIST)
		return "a list";
	if (n->kind == NODE_MAP)
		return "a map";
	if (is_null(n))
		return "nothing";
	length = strlen(n->text);
	if (length > MAX_SHOWN) {
		dots = "…";
		for (length = MAX_SHOWN; ((unsigned char)n->text[length] & 0xc0) == 0x80;)
			length--;
	}
	return arena_printf(r->d->arena, n->is_plain ? "`%.*s%s`" : "the text \"%.*s%s\"",
			    (int)length, n->text, dots);
}

static struct err *wrong_type(struct declare *r, const struct node *n, const char *what,
			      const char *expected)
{
	return err_new(ERR_INVALID, "`%s` must be %s, not %s", what, expected,
		       describe(r, n));
}

bool declare_list(struct declare *r, const struct node *value, const char *what)
{
	struct err *e;

	if (value->kind == NODE_LIST)
		return true;
	e = wrong_type(r, value, what, "a list");
	if (is_null(value))
		e = err_hint(e, "write `%s: []` for none, or leave the key out", what);
	else if (value->kind == NODE_SCALAR)
		e = err_hint(e, "write `%s: [%s]`", what, value->text);
	else
		e = err_hint(e, "each element of a list begins with `- `");
	declare_fail(r, value, e);
	return false;
}

const char *declare_text(struct declare *r, const struct node *value, const char *what)
{
	if (value->kind == NODE_SCALAR && !is_null(value))
		return value->text;
	declare_fail(r, value, wrong_type(r, value, what, "text"));
	return NULL;
}

const char *declare_item(struct declare *r, const struct node *item, const char *what)
{
	if (item->kind == NODE_SCALAR && !is_null(item))
		return item->text;
	declare_fail(r, item,
		     err_new(ERR_INVALID, "each of `%s` must be text, not %s", what,
			     describe(r, item)));
	return NULL;
}

bool declare_number(struct declare *r, const struct node *value, const char *what,
		    uint64_t min, uint64_t max, uint64_t *ret_number)
{
	const char *expected =
		arena_printf(r->d->arena, "a number from %llu to %llu",
			     (unsigned long long)min, (unsigned long long)max);
	struct err *e;

	if (value->kind == NODE_SCALAR && value->is_plain &&
	    text_to_uint(value->text, min, max, ret_number))
		return true;
	e = wrong_type(r, value, what, expected);
	if (value->kind == NODE_SCALAR && !value->is_plain &&
	    text_to_uint(value->text, min, max, &(uint64_t){0}))
		e = err_hint(e, "leave out the quotes");
	declare_fail(r, value, e);
	return false;
}

/* The core schema of YAML 1.2. For other words of YAML 1.1 the message has the word of
 * today. */
bool declare_boolean(struct declare *r, const struct node *value, const char *what,
		     bool *ret_boolean)
{
	static const struct {
		const char *text;
		bool value, is_old;
	} words[] = {
		{"true", true, false},   {"True", true, false},   {"TRUE", true, false},
		{"false", false, false}, {"False", false, false}, {"FALSE", false, false},
		{"yes", true, true},     {"on", true, true},      {"y", true, true},
		{"no", false, true},     {"off", false, true},    {"n", false, true},
	};
	struct err *e = wrong_type(r, value, what, "true or false");

	for (size_t i = 0;
	     value->kind == NODE_SCALAR && i < sizeof(words) / sizeof(*words); i++) {
		if (strcasecmp(value->text, words[i].text))
			continue;
		if (value->is_plain && !words[i].is_old &&
		    !strcmp(value->text, words[i].text)) {
			err_free(e);
			*ret_boolean = words[i].value;
			return true;
		}
		e = err_hint(e, "write `%s: %s`%s", what,
			     words[i].value ? "true" : "false",
			     value->is_plain ? "" : " without quotes");
		break;
	}
	declare_fail(r, value, e);
	return false;
}

static const char *read_name(struct declare *r, const struct node *value)
{
	const char *text = declare_text(r, value, "name");

	if (text && !*text)
		declare_fail(r, value, canon_check_ifname(text));
	return text ? text : "";
}

/* Empty in quotes is most likely a template's variable without a value. */
static const char *read_netns(struct declare *r, const struct node *value)
{
	const char *text = declare_text(r, value, "netns");

	if (text && !*text)
		declare_fail(r, value,
			     err_hint(err_new(ERR_INVALID, "`netns` is empty"),
				      "write a name, or leave the key out"));
	if (!text || !*text)
		return "";
	err_free(canon_netns(text, r->d->arena, &text));
	return text;
}

static bool is_auto(const struct node *value)
{
	return value->kind == NODE_SCALAR && !strcmp(value->text, "auto");
}

static void read_mtu(struct declare *r, const struct node *value, uint32_t *mtu)
{
	uint64_t number;

	if (declare_number(r, value, "mtu", MODEL_MTU_MIN, MODEL_MTU_MAX, &number))
		*mtu = (uint32_t)number;
}

static void read_drift(struct declare *r, const struct node *value,
		       enum model_drift *drift)
{
	static const char *const words[] = {"repair", "report", "ignore", NULL};
	const char *text = declare_text(r, value, "drift");
	const char *nearest = text ? text_nearest(text, words) : NULL;
	struct err *e;

	if (!text || model_drift_from_name(text, drift))
		return;
	e = err_new(ERR_INVALID,
		    "unknown drift `%s`: there are repair, report and ignore", text);
	declare_fail(r, value, nearest ? err_hint(e, "did you mean `%s`?", nearest) : e);
}

static void read_plain(struct declare *r, const struct declare_kind *kind,
		       const struct declare_key *key, const struct node *value,
		       void *object)
{
	struct object_places *places = (void *)((char *)object + kind->places);
	void *member = (char *)object + key->offset;

	switch (key->plain) {
	case DECLARE_NAME:
		places->fields[VALID_NAME] = value->place;
		*(const char **)member = read_name(r, value);
		break;
	case DECLARE_NETNS:
		places->fields[VALID_NETNS] = value->place;
		*(const char **)member = read_netns(r, value);
		break;
	case DECLARE_MTU:
	case DECLARE_MTU_OR_AUTO:
		places->fields[VALID_MTU] = value->place;
		if (key->plain == DECLARE_MTU || !is_auto(value))
			read_mtu(r, value, member);
		break;
	case DECLARE_OPTIONAL:
		(void)declare_boolean(r, value, "optional", member);
		break;
	case DECLARE_DRIFT:
		read_drift(r, value, member);
		break;
	}
}

static const char *list_keys(struct declare *r, const struct declare_kind *kind)
{
	const char *list = kind->keys[0].name;

	for (size_t i = 1; i < kind->n_keys; i++)
		list = arena_printf(r->d->arena, "%s, %s", list, kind->keys[i].name);
	return list;
}

static struct err *unknown_key(struct declare *r, const char *key,
			       const struct declare_kind *kind)
{
	const char *names[MAX_KEYS + 1] = {0};
	const char *nearest;
	struct err *e;

	for (size_t i = 0; i < kind->n_strangers; i++) {
		const struct declare_stranger *s = &kind->strangers[i];

		if (!strcmp(s->key, key))
			return err_hint(err_new(ERR_INVALID, "`%s`: %s", key, s->message),
					"%s", s->hint);
	}
	for (size_t i = 0; i < kind->n_keys && i < MAX_KEYS; i++)
		names[i] = kind->keys[i].name;
	nearest = text_nearest(key, names);
	e = err_new(ERR_INVALID, "unknown key `%s` in %s", key, kind->what);
	if (nearest)
		return err_hint(e, "did you mean `%s`?", nearest);
	return err_hint(e, "the keys of %s are %s", kind->what, list_keys(r, kind));
}

bool declare_map(struct declare *r, const struct node *map,
		 const struct declare_kind *kind, void *object)
{
	if (map->kind != NODE_MAP) {
		declare_fail(r, map,
			     err_hint(err_new(ERR_INVALID, "%s must be a map, not %s",
					      kind->what, describe(r, map)),
				      "write it as in %s", kind->example));
		return false;
	}
	for (size_t i = 0; i < map->n_pairs; i++) {
		const struct node *key = map->pairs[i].key;
		const struct declare_key *known = NULL;

		for (size_t k = 0; k < kind->n_keys && !known; k++) {
			if (!strcmp(kind->keys[k].name, key->text))
				known = &kind->keys[k];
		}
		if (known && known->read)
			known->read(r, map->pairs[i].value, object);
		else if (known)
			read_plain(r, kind, known, map->pairs[i].value, object);
		else if (!kind->has_own_keys || strncmp(key->text, "x-", 2) != 0)
			declare_fail(r, key, unknown_key(r, key->text, kind));
	}
	return true;
}

struct name_at {
	const char *name;
	struct place place;
};

static int name_at_cmp(const void *a, const void *b)
{
	const struct name_at *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : place_cmp(&x->place, &y->place);
}

static void refuse_twice(struct declare *r, const struct name_at *at)
{
	const struct node node = {.place = at->place};

	declare_fail(r, &node, err_new(ERR_INVALID, "%s is listed twice", at->name));
}

size_t declare_names(struct declare *r, const struct node *value, const char *what,
		     const char ***ret_names, struct place **ret_places)
{
	CLEANUP(freep) struct name_at *all = NULL;
	size_t n = 0, kept = 0;

	if (!declare_list(r, value, what))
		return 0;
	all = xcalloc(value->n_items, sizeof(*all));
	for (size_t i = 0; i < value->n_items; i++) {
		const char *text = declare_item(r, value->items[i], what);

		if (text)
			all[n++] = (struct name_at){text, value->items[i]->place};
	}
	if (n > 1)
		qsort(all, n, sizeof(*all), name_at_cmp);
	*ret_names = arena_array(r->d->arena, n, sizeof(**ret_names));
	*ret_places = arena_array(r->d->arena, n, sizeof(**ret_places));
	for (size_t i = 0; i < n; i++) {
		if (i && !strcmp(all[i - 1].name, all[i].name)) {
			refuse_twice(r, &all[i]);
			continue;
		}
		(*ret_places)[kept] = all[i].place;
		(*ret_names)[kept++] = all[i].name;
	}
	return kept;
}
