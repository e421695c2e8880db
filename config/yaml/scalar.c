/* A text is bare only if no reader of YAML 1.1 or 1.2 could take it for anything but text.
 * Other texts are written as JSON strings, which are YAML's double-quoted style (YAML 1.2,
 * 7.3.1). */
#include "config/yaml/scalar.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Words that are a boolean or null in YAML 1.1 (types "bool" and "null"). */
static bool is_reserved(const char *s)
{
	static const char *const words[] = {"null", "true", "false", "yes", "no",
					    "on",   "off",  "y",     "n"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcasecmp(s, words[i]))
			return true;
	}
	return false;
}

/* A number begins with a digit, a sign or a dot, and has no '/'. */
static bool is_bare(const char *s)
{
	if (!isalpha((unsigned char)*s) && *s != '/' && *s != '_' &&
	    !(isdigit((unsigned char)*s) && strchr(s, '/')))
		return false;
	for (const char *p = s; *p; p++) {
		if (!isalnum((unsigned char)*p) && !strchr("_-./", *p))
			return false;
	}
	return !is_reserved(s);
}

void scalar_print(FILE *out, const char *s)
{
	struct json_object *json;
	char *text;

	if (is_bare(s)) {
		fputs(s, out);
		return;
	}
	json = json_string(s);
	text = json_text(json);
	fputs(text, out);
	free(text);
	json_free(json);
}

void scalar_print_address(FILE *out, const char *text)
{
	fprintf(out, strchr(text, ':') ? "\"%s\"" : "%s", text);
}
