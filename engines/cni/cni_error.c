/* Errors of ipvl as CNI has them: a sentence and what to do are two members, and bytes that are no
 * text are replaced. */
#include "engines/cni/cni_error.h"

#include "lib/alloc.h"
#include "lib/text.h"
#include "ovsdb-lite/json/json.h"

#include <stdarg.h>
#include <string.h>

const struct cni_error *cni_error_new(struct arena *a, enum cni_code code,
				      const char *details, const char *format, ...)
{
	struct cni_error *e = arena_alloc(a, sizeof(*e));
	va_list args;

	va_start(args, format);
	*e = (struct cni_error){.code = code,
				.message = arena_vprintf(a, format, args),
				.details = details ? arena_strdup(a, details) : ""};
	va_end(args);
	return e;
}

const struct cni_error *cni_error_from(struct arena *a, enum cni_code code, struct err *e)
{
	const char *hint = err_find_hint(e);
	CLEANUP(freep) char *text = err_text(e);
	size_t n = strlen(text), n_hint = hint ? strlen(hint) : 0;
	const struct cni_error *error;

	/* err_text() ends in "; HINT". */
	if (n_hint && n > n_hint + 2 && !strcmp(text + n - n_hint, hint))
		text[n - n_hint - 2] = '\0';
	error = cni_error_new(a, code, hint, "%s", text);
	err_free(e);
	return error;
}

/* A name of the file system or of another program may hold any bytes. */
static struct json_object *plain(const char *text)
{
	CLEANUP(freep) char *copy = xstrdup(text);

	text_make_plain(copy, strlen(copy));
	return json_string(copy);
}

char *cni_error_json(const struct cni_error *e, const char *version)
{
	CLEANUP(json_freep) struct json_object *o = json_object();

	if (e->text)
		return xstrdup(e->text);
	json_put(o, "cniVersion", plain(version));
	json_put(o, "code", json_integer(e->code));
	json_put(o, "msg", plain(e->message));
	if (*e->details)
		json_put(o, "details", plain(e->details));
	return json_text_pretty(o);
}
