/* Writes YAML in block style; a list of scalars takes one line. Which texts need quotes is
 * decided in config/yaml/scalar.c. */
#include "ctl/output/yaml.h"

#include "config/yaml/scalar.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <stdbool.h>
#include <stdlib.h>

static bool is_collection(const struct json_object *v)
{
	return (json_kind(v) == JSON_ARRAY || json_kind(v) == JSON_OBJECT) &&
	       json_get_length(v);
}

/* A list of scalars takes one line. */
static bool is_flow(const struct json_object *v)
{
	if (json_kind(v) != JSON_ARRAY)
		return !is_collection(v);
	for (size_t i = 0; i < json_get_length(v); i++) {
		if (is_collection(json_at(v, i)))
			return false;
	}
	return true;
}

static void print_flow(FILE *out, const struct json_object *v)
{
	if (json_kind(v) == JSON_STRING) {
		scalar_print(out, json_get_string(v));
	} else if (is_collection(v)) {
		for (size_t i = 0; i < json_get_length(v); i++) {
			fputs(i ? ", " : "[", out);
			print_flow(out, json_at(v, i));
		}
		fputc(']', out);
	} else {
		CLEANUP(freep) char *text = json_text(v);

		fputs(text, out);
	}
}

static void print_block(FILE *out, const struct json_object *v, int indent);

/* The part after "key:"; a block begins on the next line. */
static void print_member(FILE *out, const struct json_object *v, int indent)
{
	if (is_flow(v)) {
		fputc(' ', out);
		print_flow(out, v);
		fputc('\n', out);
		return;
	}
	fprintf(out, "\n%*s", indent + 2, "");
	print_block(out, v, indent + 2);
}

/* The cursor is already at column 'indent'. */
static void print_block(FILE *out, const struct json_object *v, int indent)
{
	bool is_first = true;

	if (is_flow(v)) {
		print_flow(out, v);
		fputc('\n', out);
		return;
	}
	for (size_t i = 0; json_kind(v) == JSON_ARRAY && i < json_get_length(v); i++) {
		fprintf(out, "%*s- ", i ? indent : 0, "");
		print_block(out, json_at(v, i), indent + 2);
	}
	if (json_kind(v) != JSON_OBJECT)
		return;
	for (struct json_iter i = json_iter_begin(v); json_iter_next(&i);) {
		fprintf(out, "%*s", is_first ? 0 : indent, "");
		is_first = false;
		scalar_print(out, i.name);
		fputc(':', out);
		print_member(out, i.value, indent);
	}
}

void yaml_print(FILE *out, const struct json_object *v)
{
	print_block(out, v, 0);
}
