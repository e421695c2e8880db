/* Text without a tree: what is written equals the text of the tree, to the byte. */
#include "lib/alloc.h"
#include "lib/buffer.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_write.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Takes 'tree'; empties 'b'. */
static void expect_text_of(struct buffer *b, struct json_object *tree)
{
	char *want = json_text(tree), *have = buffer_take(b);

	assert_string_equal(have, want);
	free(want);
	free(have);
	json_free(tree);
}

static void strings(void **state)
{
	static const char *const samples[] = {
		"",       "a",        "\"",          "\\",        "/",
		"a/b",    "\x7f",     "\xc3\xa9",    "tab\there", "\"both\\ends\"",
		"\x1f",   "\x01\x02", "line\nfeed",  "\r\f\b",    "\xf0\x9f\x98\x80!",
		"\n\n\n", "end\n",    "\xe2\x80\xa8"};
	struct buffer b = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		json_write_string(&b, samples[i]);
		expect_text_of(&b, json_string(samples[i]));
	}
	for (char c = 1; c > 0 && c < 127; c++) {
		const char text[] = {'x', c, 'y', c, c, '\0'};

		json_write_string(&b, text);
		expect_text_of(&b, json_string(text));
	}
}

static void a_long_string(void **state)
{
	char *text = xmalloc(100001);
	struct buffer b = {0};

	(void)state;
	for (size_t i = 0; i < 100000; i++)
		text[i] = i % 7 ? 'x' : '\n';
	text[100000] = '\0';
	json_write_string(&b, text);
	expect_text_of(&b, json_string(text));
	free(text);
}

static void integers(void **state)
{
	static const int64_t samples[] = {
		0, 1, -1, 9, 10, -10, 4711, INT64_MAX, INT64_MIN + 1, INT64_MIN};
	struct buffer b = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		json_write_integer(&b, samples[i]);
		expect_text_of(&b, json_integer(samples[i]));
	}
}

static void reals(void **state)
{
	static const double samples[] = {0.0,
					 -0.0,
					 1.0,
					 0.1,
					 1.0 / 3,
					 1e3,
					 1e19,
					 -1e19,
					 DBL_MAX,
					 DBL_MIN,
					 -DBL_MAX,
					 DBL_TRUE_MIN,
					 0x1p63,
					 -0x1p63,
					 0x1p53,
					 123.456,
					 1e300 / 7,
					 5e-324,
					 0.30000000000000004,
					 -2.5};
	struct buffer b = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		json_write_real(&b, samples[i]);
		expect_text_of(&b, json_real(samples[i]));
	}
}

static union atom random_atom(enum atom_type type)
{
	union atom a = atom_default(type);
	char text[12];

	switch (type) {
	case ATOM_INTEGER:
		a.integer = random() - random();
		break;
	case ATOM_REAL:
		a.real = (double)(random() % 1000) / (double)(1 + random() % 8);
		break;
	case ATOM_BOOLEAN:
		a.boolean = random() % 2;
		break;
	case ATOM_STRING:
		for (size_t i = 0; i < sizeof(text) - 1; i++)
			text[i] = (char)(random() % 128);
		text[sizeof(text) - 1] = '\0';
		free(a.string);
		a.string = xstrdup(text);
		break;
	case ATOM_UUID:
		a.uuid = uuid_random();
		break;
	}
	return a;
}

/* Duplicates stay in: they matter to no text. */
static struct datum random_datum(const struct column_type *t)
{
	uint32_t n = (uint32_t)random() % 4;
	struct datum d;

	datum_init_empty(&d);
	for (uint32_t i = 0; i < n; i++) {
		union atom key = random_atom(t->key.type), value;

		if (t->is_map)
			value = random_atom(t->value.type);
		datum_append(&d, key, t->is_map ? &value : NULL);
	}
	return d;
}

static void data_of_every_type(void **state)
{
	struct buffer b = {0};

	(void)state;
	srandom(7);
	for (unsigned int i = 0; i < 5000; i++) {
		struct column_type t = {.is_map = random() % 2, .n_max = TYPE_UNLIMITED};
		struct datum d;

		base_type_init(&t.key, (enum atom_type)(i % 5));
		base_type_init(&t.value, (enum atom_type)(random() % 5));
		d = random_datum(&t);
		datum_write(&b, &d, &t);
		expect_text_of(&b, datum_to_json(&d, &t));
		datum_clear(&d, &t);
	}
}

static void members_and_elements_get_their_commas(void **state)
{
	struct buffer b = {0};
	char *text;

	(void)state;
	buffer_puts(&b, "{");
	json_write_name(&b, "a\"");
	buffer_puts(&b, "[");
	for (int64_t i = 1; i <= 3; i++) {
		json_write_comma(&b);
		json_write_integer(&b, i);
	}
	buffer_puts(&b, "]");
	json_write_name(&b, "b");
	buffer_puts(&b, "{}");
	json_write_name(&b, "c");
	datum_write_uuid(&b, &(struct uuid){.bytes = {0x12}});
	buffer_puts(&b, "}");
	text = buffer_take(&b);
	assert_string_equal(text, "{\"a\\\"\":[1,2,3],\"b\":{},\"c\":[\"uuid\","
				  "\"12000000-0000-0000-0000-000000000000\"]}");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings),
		cmocka_unit_test(a_long_string),
		cmocka_unit_test(integers),
		cmocka_unit_test(reals),
		cmocka_unit_test(data_of_every_type),
		cmocka_unit_test(members_and_elements_get_their_commas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
