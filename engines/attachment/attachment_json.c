/* Members of an object, with their types. */
#include "engines/attachment/attachment_json.h"

void attachment_json_take(struct attachment_json *r, struct err *e)
{
	if (r->error)
		err_free(e);
	else
		r->error = e;
}

const struct json_object *attachment_json_member(struct attachment_json *r,
						 const struct json_object *of,
						 const char *key, enum json_kind kind)
{
	const struct json_object *v =
		json_kind(of) == JSON_OBJECT ? json_member(of, key) : NULL;

	if (json_kind(v) == JSON_NULL)
		return NULL;
	if (json_kind(v) == kind)
		return v;
	attachment_json_take(
		r, err_new(ERR_INVALID,
			   "`%s` of %s is of type %s, and has to be of type %s", key,
			   r->what, json_kind_name(json_kind(v)), json_kind_name(kind)));
	return NULL;
}

const char *attachment_json_text(struct attachment_json *r, const struct json_object *of,
				 const char *key)
{
	const struct json_object *v = attachment_json_member(r, of, key, JSON_STRING);

	return v ? arena_strdup(r->a, json_get_string(v)) : "";
}

int64_t attachment_json_integer(struct attachment_json *r, const struct json_object *of,
				const char *key)
{
	const struct json_object *v = attachment_json_member(r, of, key, JSON_INTEGER);

	return v ? json_get_integer(v) : 0;
}

bool attachment_json_boolean(struct attachment_json *r, const struct json_object *of,
			     const char *key)
{
	const struct json_object *v = attachment_json_member(r, of, key, JSON_BOOLEAN);

	return v && json_get_boolean(v);
}

size_t attachment_json_length(const struct json_object *list)
{
	return json_kind(list) == JSON_ARRAY ? json_get_length(list) : 0;
}
