/* Errors as the error objects of RFC 7047 3.1, and back. */
#include "ovsdb-lite/wire/error_object.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <stdlib.h>
#include <string.h>

/* Everything but the path, which has a member of its own. Owned by the caller. */
static char *details(const struct err *e)
{
	const char *hint = err_find_hint(e);
	char *text = xstrdup(e->message);

	for (const struct err *cause = e->cause; cause; cause = cause->cause) {
		CLEANUP(freep) char *before = text;

		text = cause->path ? xasprintf("%s: %s: %s", before, cause->path,
					       cause->message)
				   : xasprintf("%s: %s", before, cause->message);
	}
	return hint ? err_append_hint(text, hint) : text;
}

struct json_object *error_object_new(const struct err *e)
{
	struct json_object *json = json_object();
	CLEANUP(freep) char *text = details(e);

	json_put(json, "error", json_string(err_code_name(e->code)));
	json_put(json, "details", json_string(text));
	if (e->path)
		json_put(json, "syntax", json_string(e->path));
	if (e->code == ERR_IO && e->sys_errno) /* as ovsdb-server adds it */
		json_put(json, "io-error", json_string(strerror(e->sys_errno)));
	return json;
}

/* NULL if it is missing or not a string. */
static const char *string_member(const struct json_object *json, const char *name)
{
	const struct json_object *v = json_member(json, name);

	return json_kind(v) == JSON_STRING ? json_get_string(v) : NULL;
}

struct err *error_object_to_err(const struct json_object *json)
{
	bool is_object = json_kind(json) == JSON_OBJECT;
	const char *tag = is_object                        ? string_member(json, "error")
			  : json_kind(json) == JSON_STRING ? json_get_string(json)
							   : NULL;
	const char *text = is_object ? string_member(json, "details") : NULL;
	const char *syntax = is_object ? string_member(json, "syntax") : NULL;
	enum err_code code = ERR_PROTOCOL;
	struct err *e;

	if (!tag) {
		CLEANUP(freep) char *whole = json_text(json);

		return err_new(ERR_PROTOCOL, "the peer sent an invalid error: %s", whole);
	}
	if (!err_code_from_name(tag, &code) && text)
		e = err_new(code, "%s: %s", tag, text);
	else
		e = err_new(code, "%s", text ? text : tag);
	return syntax ? err_at(e, "%s", syntax) : e;
}
