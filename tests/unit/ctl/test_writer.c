/* The formats of records, and columns that line up. */
#include "world.h"

#include "ctl/output/display.h"
#include "ctl/output/layout.h"
#include "ctl/output/writer.h"
#include "ctl/output/yaml.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Two records; the first with an empty text and a set. Owned by the caller. */
static char *written(enum format format, size_t n, bool colour)
{
	static const char *const headings[] = {"name", "n", "tags"};
	const struct column_type type = {.key = {.type = ATOM_STRING},
					 .n_max = TYPE_UNLIMITED};
	const char *const tags[] = {"a \"b\"", "c"};
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct writer *w =
		writer_new(format, out, colour, headings, ARRAY_SIZE(headings));
	struct datum d;

	for (size_t i = 0; i < n; i++) {
		datum_init_empty(&d);
		datum_set_strings(&d, &type, tags, i ? 2 : 0);
		writer_text(w, STYLE_GOOD, i ? "zweite, äöü" : "x");
		writer_integer(w, (int64_t)i - 1);
		writer_datum(w, STYLE_PLAIN, &d, &type);
		datum_clear(&d, &type);
	}
	writer_finish(w);
	fclose(out);
	return text;
}

static void expect(enum format format, size_t n, bool colour, const char *right)
{
	CLEANUP(freep) char *text = written(format, n, colour);

	expect_text(text, right);
}

static void test_table(void **state)
{
	(void)state;
	expect(FORMAT_TABLE, 2, false,
	       "name         n   tags\n"
	       "x            -1  -\n"
	       "zweite, äöü  0   a \"b\", c\n");
	expect(FORMAT_TABLE, 0, false, "");
	expect(FORMAT_TABLE, 1, true,
	       "\033[1mname\033[0m  \033[1mn\033[0m   \033[1mtags\033[0m\n"
	       "\033[32mx\033[0m     -1  -\n");
}

static void test_list(void **state)
{
	(void)state;
	expect(FORMAT_LIST, 2, false,
	       "name : x\n"
	       "n    : -1\n"
	       "tags : []\n"
	       "\n"
	       "name : zweite, äöü\n"
	       "n    : 0\n"
	       "tags : [\"a \\\"b\\\"\", c]\n");
}

static void test_json(void **state)
{
	(void)state;
	expect(FORMAT_JSON, 0, false, "[]\n");
	expect(FORMAT_JSON, 1, false,
	       "[\n  {\n    \"name\": \"x\",\n    \"n\": -1,\n    \"tags\": []\n  "
	       "}\n]\n");
}

static void test_yaml(void **state)
{
	(void)state;
	expect(FORMAT_YAML, 0, false, "[]\n");
	expect(FORMAT_YAML, 2, false,
	       "- name: x\n  \"n\": -1\n  tags: []\n"
	       "- name: \"zweite, äöü\"\n  \"n\": 0\n  tags: [\"a \\\"b\\\"\", c]\n");
}

/* Texts stay texts for readers of YAML 1.1 and 1.2; trees nest by two blanks. */
static void test_yaml_tree(void **state)
{
	static const char json[] =
		"{\"a\": {\"b\": [{\"c\": 1, \"d\": null}, [[], {}]]}, \"e\": \"\","
		"\"yes\": [\"no\", \"12\", \"1e3\", \"10.0.0.2/24\", \"00:11:22\", "
		"\".5\", \"-x\", \"eth0\", \"/etc/x.yaml\", \"two words\", \"#\", "
		"\"~\", true, 1.5]}";
	CLEANUP(json_freep) struct json_object *v = NULL;
	CLEANUP(freep) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_null(json_parse(json, strlen(json), &v));
	yaml_print(out, v);
	fclose(out);
	expect_text(text, "a:\n"
			  "  b:\n"
			  "    - c: 1\n"
			  "      d: null\n"
			  "    - [[], {}]\n"
			  "e: \"\"\n"
			  "\"yes\": [\"no\", \"12\", \"1e3\", 10.0.0.2/24, \"00:11:22\", "
			  "\".5\", \"-x\", eth0, /etc/x.yaml, \"two words\", \"#\", "
			  "\"~\", true, 1.5]\n");
}

static void test_csv(void **state)
{
	(void)state;
	expect(FORMAT_CSV, 2, false,
	       "name,n,tags\n"
	       "x,-1,\n"
	       "\"zweite, äöü\",0,\"a \"\"b\"\", c\"\n");
}

/* Columns that nobody fills are left out, wide cells push nobody but their own line,
 * control characters do not reach the terminal. */
static void test_layout(void **state)
{
	char wide[LAYOUT_MAX_WIDTH + 10];
	struct layout *l = layout_new(2, 3);
	CLEANUP(freep) char *text = NULL;
	char *right;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	memset(wide, 'w', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	layout_row(l);
	layout_cell(l, STYLE_PLAIN, "a");
	layout_cell(l, STYLE_PLAIN, "");
	layout_cell(l, STYLE_PLAIN, "b\033[2J");
	layout_row(l);
	layout_cell(l, STYLE_PLAIN, wide);
	layout_cell(l, STYLE_PLAIN, "");
	layout_cell(l, STYLE_PLAIN, "c");
	layout_note(l, 4, STYLE_PLAIN, "one\ntwo");
	assert_int_equal(layout_offset(l, 0), 2);
	assert_int_equal(layout_offset(l, 2), 2 + LAYOUT_MAX_WIDTH + 3);
	layout_print(l, out, false);
	fclose(out);
	right = xasprintf("  a%*sb?[2J\n  %s   c\n    one\n    two\n",
			  (int)LAYOUT_MAX_WIDTH + 2, "", wide);
	expect_text(text, right);
	free(right);
	layout_free(l);
}

/* Lines of two rows in 'width' columns: as 'right'. */
static void expect_limited(size_t width, const enum layout_fit *fits,
			   const char *const *cells, size_t n, const char *right)
{
	struct layout *l = layout_new(1, 2);
	CLEANUP(freep) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	layout_limit(l, width);
	for (size_t i = 0; i < n; i++)
		layout_fit(l, i, fits[i]);
	layout_row(l);
	for (size_t i = 0; i < n; i++)
		layout_cell(l, STYLE_PLAIN, cells[i]);
	layout_note(l, 3, STYLE_PLAIN, "a note that is as long as a sentence");
	layout_print(l, out, false);
	fclose(out);
	layout_free(l);
	expect_text(text, right);
}

static void test_limit(void **state)
{
	static const char *const cells[] = {
		"name-of-some-length", "10.0.0.2/24 10.0.0.3/24", "dropped", "ready"};
	static const enum layout_fit fits[] = {LAYOUT_ELIDE_START, LAYOUT_WRAP,
					       LAYOUT_DROP, LAYOUT_KEEP};

	(void)state;
	expect_limited(0, fits, cells, 4,
		       " name-of-some-length  10.0.0.2/24 10.0.0.3/24  dropped  ready\n"
		       "   a note that is as long as a sentence\n");
	expect_limited(61, fits, cells, 4,
		       " name-of-some-length  10.0.0.2/24 10.0.0.3/24  dropped  ready\n"
		       "   a note that is as long as a sentence\n");
	expect_limited(54, fits, cells, 4,
		       " name-of-some-length  10.0.0.2/24 10.0.0.3/24  ready\n"
		       "   a note that is as long as a sentence\n");
	expect_limited(50, fits, cells, 4,
		       " name-of-some-length  10.0.0.2/24            ready\n"
		       "                      10.0.0.3/24\n"
		       "   a note that is as long as a sentence\n");
	expect_limited(34, fits, cells, 4,
		       " …some-length  10.0.0.2/24   ready\n"
		       "               10.0.0.3/24\n"
		       "   a note that is as long as a\n"
		       "   sentence\n");
}

static void expect_elided(const char *text, size_t width, const char *right,
			  const char *right_start)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();

	expect_text(display_elide(a, text, width), right);
	expect_text(display_elide_start(a, text, width), right_start);
}

static void test_display(void **state)
{
	static const char *const lines[] = {"one two", "three", "fourfi",
					    "ve",      "日本",  "語"};
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *rest = "one two three fourfive 日本語 ";

	(void)state;
	assert_int_equal(display_width(""), 0);
	assert_int_equal(display_width("äöü"), 3);
	assert_int_equal(display_width("日本語"), 6);
	assert_int_equal(display_width("🦀x"), 3);
	assert_int_equal(display_width("e\xcc\x81"), 1); /* a combining acute */
	assert_int_equal(display_width("\xff\x80"), 2);
	expect_elided("abcdef", 6, "abcdef", "abcdef");
	expect_elided("abcdef", 5, "abcd…", "…cdef");
	expect_elided("日本語", 5, "日本…", "…本語");
	expect_elided("日本語", 4, "日…", "…語");
	expect_elided("🦀🦀🦀🦀", 2, "…", "…");
	expect_elided("xe\xcc\x81y", 2, "x…", "…y");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		assert_non_null(rest);
		expect_text(display_wrap(a, &rest, i < 4 ? 7 - (i == 2) : 4), lines[i]);
	}
	assert_null(rest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),     cmocka_unit_test(test_list),
		cmocka_unit_test(test_json),      cmocka_unit_test(test_yaml),
		cmocka_unit_test(test_csv),       cmocka_unit_test(test_layout),
		cmocka_unit_test(test_yaml_tree), cmocka_unit_test(test_limit),
		cmocka_unit_test(test_display),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
