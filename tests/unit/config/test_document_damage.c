/* Examples, damaged files, and files made to be large: a document or complaints, never both. */
#include "document_complaints.h"

#include "config/yaml/document.h"
#include "datapath/plugin.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Ten thousand million values in a few hundred bytes. */
static void test_alias_bomb(void **state)
{
	char *yaml = xstrdup("version: 1\nx0: &x0 [a, a, a, a, a, a, a, a, a, a]\n");
	struct document_errors errors = {0};

	(void)state;
	for (int i = 1; i < 10; i++) {
		char *longer = xasprintf("%sx%d: &x%d [*x%d, *x%d, *x%d, *x%d, *x%d, "
					 "*x%d, *x%d, *x%d, *x%d, *x%d]\n",
					 yaml, i, i, i - 1, i - 1, i - 1, i - 1, i - 1,
					 i - 1, i - 1, i - 1, i - 1, i - 1);

		free(yaml);
		yaml = longer;
	}
	assert_null(document_parse("bomb", yaml, strlen(yaml), &errors));
	assert_int_equal(errors.n, 1);
	assert_non_null(
		strstr(errors.errors[0].message, "those that aliases repeat included"));
	document_errors_clear(&errors);
	free(yaml);
}

static void test_limits(void **state)
{
	struct document_errors errors = {0};
	char *big = xcalloc(DOCUMENT_MAX_BYTES + 2, 1);
	char *many = xstrdup("version: 1\nmasters: [");

	(void)state;
	memset(big, '#', DOCUMENT_MAX_BYTES + 1);
	assert_null(document_parse("big", big, DOCUMENT_MAX_BYTES + 1, &errors));
	assert_int_equal(errors.errors[0].line, 0);
	document_errors_clear(&errors);
	free(big);

	for (int i = 0; i < 150; i++) {
		char *longer = xasprintf("%s%d,\n", many, i);

		free(many);
		many = longer;
	}
	many = xrealloc_array(many, strlen(many) + 2, 1);
	strcat(many, "]");
	assert_null(document_parse("many", many, strlen(many), &errors));
	assert_int_equal(errors.n, DOCUMENT_MAX_ERRORS + 1);
	assert_string_equal(errors.errors[DOCUMENT_MAX_ERRORS].message,
			    "there are more errors: fix these first");
	document_errors_clear(&errors);
	free(many);
}

static void each_example(void (*fn)(const char *path))
{
	glob_t found;

	assert_int_equal(glob(EXAMPLES "/*.yaml", 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= 10);
	for (size_t i = 0; i < found.gl_pathc; i++)
		fn(found.gl_pathv[i]);
	globfree(&found);
}

static void read_example(const char *path)
{
	struct document_errors errors = {0};
	struct document *d = document_read(path, &errors);
	CLEANUP(freep) char *all = document_complaints(&errors);

	if (!d)
		fail_msg("%s: %s", path, all);
	assert_true(document_model(d)->n_masters);
	assert_true(document_model(d)->masters->n_slaves);
	document_free(d);
}

static void test_examples(void **state)
{
	(void)state;
	each_example(read_example);
}

/* Random damage: whatever the bytes, a document or complaints, never both. */
static uint32_t random_state;

static uint32_t draw(uint32_t below)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % below;
}

static void mutate(char *text, size_t *n, size_t room)
{
	static const char *const pieces[] = {
		"\t", "\n",   "- ",    ": ",          "[",  "]",       "{",
		"}",  "&a ",  "*a",    "\"",          "'",  "\xff",    "\xe2\x80\xa8",
		"~",  "!!x ", "---\n", "10.0.0.1/33", "::", "default", "<<: ",
		"%",  "\r",   "|\n"};
	size_t at = draw((uint32_t)*n + 1), length;

	switch (draw(3)) {
	case 0: {
		const char *piece = pieces[draw(ARRAY_SIZE(pieces))];

		length = strlen(piece);
		if (*n + length > room)
			return;
		memmove(text + at + length, text + at, *n - at);
		memcpy(text + at, piece, length);
		*n += length;
		break;
	}
	case 1:
		length = draw(12);
		if (length > *n - at)
			length = *n - at;
		memmove(text + at, text + at + length, *n - at - length);
		*n -= length;
		break;
	default:
		if (at < *n)
			text[at] = (char)draw(256);
	}
}

static void damage_example(const char *path)
{
	FILE *f = fopen(path, "r");
	char original[8192], text[8192];
	size_t n_original;

	assert_non_null(f);
	n_original = fread(original, 1, sizeof(original), f);
	fclose(f);
	for (int round = 0; round < 150; round++) {
		struct document_errors errors = {0};
		struct document *d;
		size_t n = n_original;
		char *said, *exact;

		memcpy(text, original, n);
		for (uint32_t i = 0, times = 1 + draw(6); i < times; i++)
			mutate(text, &n, sizeof(text));
		exact = xmemdup(text, n); /* for the address sanitizer */
		d = document_parse("f", exact, n, &errors);
		free(exact);
		assert_true(!d == (errors.n > 0));
		said = document_errors_text(&errors);
		assert_true(!*said == !errors.n);
		free(said);
		document_errors_clear(&errors);
		document_free(d);
	}
}

static void test_damage(void **state)
{
	(void)state;
	random_state = 20160523;
	each_example(damage_example);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alias_bomb),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_damage),
	};

	plugin_use(plugin_folder(""));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
