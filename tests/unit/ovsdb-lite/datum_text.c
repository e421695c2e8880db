/* See datum_text.h. */
#include "datum_text.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct datum_text datum_text_type(const char *type)
{
	char *text = xasprintf(
		"{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{\"T\":{\"columns\":"
		"{\"c\":{\"type\":%s}}},\"U\":{\"columns\":{\"c\":{\"type\":\"uuid\"}}}}"
		"}",
		type);
	struct json_object *json;
	struct datum_text f;

	assert_null(json_parse(text, strlen(text), &json));
	assert_null(schema_from_json(json, &f.schema));
	f.type = &table_schema_find(schema_find_table(f.schema, "T"), "c")->type;
	json_free(json);
	free(text);
	return f;
}

struct err *datum_text_read(struct datum *d, const struct datum_text *f, const char *text,
			    struct named_uuids *names)
{
	struct json_object *json;
	struct err *e = json_parse(text, strlen(text), &json);

	if (e)
		fail_msg("%s: %s", text, e->message);
	e = datum_from_json(d, f->type, json, names);
	json_free(json);
	return e;
}

struct datum datum_text_datum(const struct datum_text *f, const char *text)
{
	struct datum d;
	struct err *e = datum_text_read(&d, f, text, NULL);

	if (e)
		fail_msg("%s: %s", text, e->message);
	return d;
}

void datum_text_check(const struct datum_text *f, const struct datum *d, const char *want)
{
	struct json_object *json = datum_to_json(d, f->type);
	char *text = json_text(json);

	assert_string_equal(text, want);
	free(text);
	json_free(json);
}
