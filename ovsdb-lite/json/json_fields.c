/* Objects with known members: schemas, types, operations, monitor requests. */
#include "ovsdb-lite/json/json_fields.h"

#include "lib/alloc.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct err *json_at_error(struct err *e, const struct json_object *v)
{
	char *text = json_text(v);

	e = err_at(e, "%s", text);
	free(text);
	return e;
}

struct err *json_syntax_error(const struct json_object *v, const char *format, ...)
{
	va_list args;
	char *message;
	struct err *e;

	va_start(args, format);
	message = xvasprintf(format, args);
	va_end(args);
	e = json_at_error(err_new(ERR_SYNTAX, "%s", message), v);
	free(message);
	return e;
}

struct json_fields json_fields_begin(const struct json_object *json,
				     const char *what_format, ...)
{
	struct json_fields f = {.object = json};
	enum json_kind kind = json_kind(json);
	va_list args;

	va_start(args, what_format);
	f.what = xvasprintf(what_format, args);
	va_end(args);
	if (kind != JSON_OBJECT)
		f.error = json_syntax_error(
			json, "Parsing %s failed: expected an object, not %s", f.what,
			json_kind_name(kind));
	return f;
}

/* "a string or an array" for a mask. */
static char *mask_text(unsigned int mask)
{
	char *text = xstrdup("");

	for (enum json_kind kind = JSON_NULL; kind <= JSON_OBJECT; kind++) {
		char *longer;

		if (!(mask & JSON_MASK(kind)))
			continue;
		longer = xasprintf("%s%s%s", text, *text ? " or " : "",
				   json_kind_name(kind));
		free(text);
		text = longer;
	}
	return text;
}

static const struct json_object *take(struct json_fields *f, const char *name,
				      unsigned int mask, bool is_optional)
{
	const struct json_object *v;

	assert(f->n_taken < JSON_FIELDS_MAX);
	f->taken[f->n_taken++] = name;
	if (f->error)
		return NULL;
	v = json_member(f->object, name);
	if (!v) {
		if (!is_optional)
			f->error = json_syntax_error(
				f->object,
				"Parsing %s failed: Required '%s' member is missing",
				f->what, name);
		return NULL;
	}
	if (!(mask & JSON_MASK(json_kind(v)))) {
		char *wanted = mask_text(mask);

		f->error = json_syntax_error(
			f->object, "Parsing %s failed: Member '%s' must be %s, not %s",
			f->what, name, wanted, json_kind_name(json_kind(v)));
		free(wanted);
		return NULL;
	}
	return v;
}

const struct json_object *json_fields_take(struct json_fields *f, const char *name,
					   unsigned int mask)
{
	return take(f, name, mask, false);
}

const struct json_object *json_fields_take_optional(struct json_fields *f,
						    const char *name, unsigned int mask)
{
	return take(f, name, mask, true);
}

static bool is_taken(const struct json_fields *f, const char *name)
{
	for (size_t i = 0; i < f->n_taken; i++) {
		if (!strcmp(f->taken[i], name))
			return true;
	}
	return false;
}

struct err *json_fields_end(struct json_fields *f)
{
	if (!f->error) {
		for (struct json_iter i = json_iter_begin(f->object);
		     json_iter_next(&i);) {
			if (is_taken(f, i.name))
				continue;
			f->error = json_syntax_error(
				f->object,
				"Parsing %s failed: Member '%s' is not known here",
				f->what, i.name);
			break;
		}
	}
	free(f->what);
	f->what = NULL;
	return STEAL(f->error);
}

bool json_is_id(const char *s)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
	const size_t n_digits = 10;

	return *s && strspn(s, letters) == strlen(s) &&
	       strchr(letters, *s) < letters + sizeof(letters) - 1 - n_digits;
}
