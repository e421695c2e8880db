/* ovsdb-lite/json: what is JSON and what is not (RFC 8259, ovsdb-wire.md 1), the values,
 * streams in pieces. */
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct json_object *parse(const char *text)
{
	struct json_object *v;
	struct err *e = json_parse(text, strlen(text), &v);

	if (e)
		fail_msg("%s: %s", text, e->message);
	return v;
}

/* Text in, compact text out. */
static void accepts(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"null", "null"},
		{" true\t", "true"},
		{"\r\nfalse", "false"},
		{"[]", "[]"},
		{"{}", "{}"},
		{"[ 1 , 2 ]", "[1,2]"},
		{"{ \"a\" : { \"b\" : [ null ] } }", "{\"a\":{\"b\":[null]}}"},
		{"\"\"", "\"\""},
		{"\"a/b\\/c\"", "\"a/b/c\""},
		{"\"\\u00e4\\ud83d\\ude00\"", "\"\xc3\xa4\xf0\x9f\x98\x80\""},
		{"\"\\b\\f\\n\\r\\t\\\"\\\\\"", "\"\\b\\f\\n\\r\\t\\\"\\\\\""},
		{"\"\x7f\"", "\"\x7f\""},
		{"\"\xff\"", "\"\xff\""}, /* invalid UTF-8 passes this layer */
		{"0", "0"},
		{"-0", "0"},
		{"-0.0", "0"},
		{"0e0", "0"},
		{"1.0", "1"},
		{"1e3", "1000"},
		{"1E+3", "1000"},
		{"-1.50e1", "-15"},
		{"1200e-2", "12"},
		{"0.001e3", "1"},
		{"100.10e1", "1001"},
		{"9223372036854775807", "9223372036854775807"},
		{"-9223372036854775808", "-9223372036854775808"},
		{"9007199254740993.0", "9007199254740993"},
		{"0.9223372036854775807e19", "9223372036854775807"},
		{"10000000000000000000000000000000e-31", "1"},
		{"1.00000000000000000000001", "1"},
		{"1e-400", "0"},
		{"0e99999999999999999999999", "0"},
		{"0.5", "0.5"},
		{"[1.0,-2e0,3]", "[1,-2,3]"},
		{"{\"a\":1,\"a\":2}", "{\"a\":2}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct json_object *v = parse(cases[i].in);
		char *text = json_text(v);

		assert_string_equal(text, cases[i].out);
		free(text);
		json_free(v);
	}
}

static void refuses(void **state)
{
	static const char *const cases[] = {
		"",
		" ",
		"nul",
		"nulll",
		"True",
		"NaN",
		"Infinity",
		"-Infinity",
		"-",
		"+1",
		"01",
		"-01",
		"00",
		".5",
		"1.",
		"1.e1",
		"1e",
		"1e+",
		"0x10",
		"1_000",
		"1e400",
		"-1e400",
		"1e99999999999999999999",
		"[1 2]",
		"[1,]",
		"[,1]",
		"[",
		"]",
		"[}",
		"{]",
		"[1}",
		"{\"a\":1]",
		"{\"a\":1,}",
		"{,}",
		"{\"a\"}",
		"{\"a\" 1}",
		"{\"a\":}",
		"{a:1}",
		"{'a':1}",
		"{1:1}",
		"\"",
		"\"\\",
		"\"\\x\"",
		"\"\\u12\"",
		"\"\\u12g4\"",
		"\"\\u0000\"",
		"{\"a\\u0000b\":1}",
		"\"\\ud800\"",
		"\"\\ud800x\"",
		"\"\\ud800\\n\"",
		"\"\\ud800\\ud800\"",
		"\"\\udc00\"",
		"\"\\udc00\\ud800\"",
		"\"\n\"",
		"\"\t\"",
		"\"\x1f\"",
		"// comment\n1",
		"/* */1",
		"1 2",
		"{}{}",
		"[] x",
		"\xef\xbb\xbf{}",
		"\v1",
		"'a'",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct json_object *v = NULL;
		struct err *e = json_parse(cases[i], strlen(cases[i]), &v);

		if (!e)
			fail_msg("\"%s\" was taken", cases[i]);
		assert_int_equal(e->code, ERR_SYNTAX);
		assert_non_null(e->path);
		assert_null(v);
		err_free(e);
	}
}

static void refuses_raw_nul(void **state)
{
	struct json_object *v = NULL;
	struct err *in_string = json_parse("\"a\0b\"", 5, &v);
	struct err *between = json_parse("[\0]", 3, &v);
	struct err *behind = json_parse("1\0", 2, &v);

	(void)state;
	assert_non_null(in_string);
	assert_non_null(between);
	assert_non_null(behind);
	err_free(in_string);
	err_free(between);
	err_free(behind);
}

/* Texts have a length, not an end: the sanitizers see a look beyond it. */
static void reads_no_byte_beyond(void **state)
{
	static const char *const texts[] = {"1", "[]", "true ",   "\"a\"",
					    "",  "[",  "\"\\u12", "1e"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		char *copy = xmemdup(texts[i], strlen(texts[i]));
		struct json_object *v = NULL;
		struct err *e = json_parse(copy, strlen(texts[i]), &v);

		assert_int_equal(!e, i < 4);
		err_free(e);
		json_free(v);
		free(copy);
	}
}

static void errors_say_what_and_where(void **state)
{
	static const struct {
		const char *text, *path, *message;
	} cases[] = {
		{"{\n  \"a\" 1}", "2:7", "not valid JSON: expected ':', found '1'"},
		{"[1,]", "1:4", "not valid JSON: expected a value, found ']'"},
		{"{\"a\":1", "1:7",
		 "not valid JSON: it ends where ',' or '}' should come"},
		{"", "1:1", "not valid JSON: it is empty"},
		{"\"\\ud800\"", "1:8", "not taken as JSON: half of a surrogate pair"},
		{"[1e400]", "1:7", "not taken as JSON: a number is out of range"},
		{"[]\n[]", "2:1", "not valid JSON: something follows the value"},
		{"[\xff", "1:2",
		 "not valid JSON: expected a value or ']', found byte 0xff"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct json_object *v;
		struct err *e = json_parse(cases[i].text, strlen(cases[i].text), &v);

		assert_non_null(e);
		assert_string_equal(e->path, cases[i].path);
		assert_string_equal(e->message, cases[i].message);
		err_free(e);
	}
}

static void kinds_of_numbers(void **state)
{
	static const struct {
		const char *text;
		enum json_kind kind;
		double value;
	} cases[] = {
		{"1.0", JSON_INTEGER, 1},
		{"1e18", JSON_INTEGER, 1e18},
		{"1e19", JSON_REAL, 1e19},
		{"9223372036854775808", JSON_REAL, 0x1p63},
		{"-9223372036854775809", JSON_REAL, -0x1p63},
		{"123456789012345678901234567890", JSON_REAL,
		 123456789012345678901234567890.0},
		{"0.1", JSON_REAL, 0.1},
		{"1.7976931348623157e308", JSON_REAL, 1.7976931348623157e308},
		{"5e-324", JSON_REAL, 5e-324},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct json_object *v = parse(cases[i].text);

		assert_int_equal(json_kind(v), cases[i].kind);
		assert_memory_equal(&(double){json_get_real(v)}, &cases[i].value,
				    sizeof(double));
		json_free(v);
	}
}

static void reals_print_and_come_back(void **state)
{
	static const struct {
		double d;
		const char *text;
	} cases[] = {
		{0.1, "0.1"},
		{0.1 + 0.2, "0.30000000000000004"},
		{1.0 / 3, "0.3333333333333333"},
		{-0.0, "0"},
		{-2.0, "-2"},
		{1.7976931348623157e308, "1.7976931348623157e+308"},
		{5e-324, "4.94065645841247e-324"},
		{1e22, "1e+22"},
		{-0x1p63, "-9223372036854775808"},
		{0x1p63, "9.223372036854776e+18"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct json_object *v = json_real(cases[i].d), *again;
		char *text = json_text(v);

		assert_string_equal(text, cases[i].text);
		again = parse(text);
		assert_true(json_get_real(again) <= cases[i].d &&
			    json_get_real(again) >= cases[i].d);
		free(text);
		json_free(v);
		json_free(again);
	}
}

static void depth_is_limited(void **state)
{
	char text[2 * JSON_MAX_DEPTH + 3];

	(void)state;
	for (int depth = JSON_MAX_DEPTH; depth <= JSON_MAX_DEPTH + 1; depth++) {
		struct json_object *v = NULL;
		struct err *e;

		memset(text, '[', (size_t)depth);
		memset(text + depth, ']', (size_t)depth);
		e = json_parse(text, (size_t)depth * 2, &v);
		if (depth <= JSON_MAX_DEPTH)
			assert_null(e);
		else
			assert_string_equal(
				e->message,
				"not taken as JSON: nested deeper than 1000 levels");
		err_free(e);
		json_free(v);
	}
}

static void null_is_a_value(void **state)
{
	struct json_object *o = parse("{\"a\":null,\"b\":[null]}");
	struct json_object *a = json_member(o, "a"), *clone = json_clone(a);
	struct json_object *array = json_array();
	char *text;

	(void)state;
	assert_non_null(a);
	assert_int_equal(json_kind(a), JSON_NULL);
	assert_null(json_member(o, "c"));
	assert_int_equal(json_kind(NULL), JSON_NULL);
	assert_int_equal(json_kind(json_at(json_member(o, "b"), 0)), JSON_NULL);
	assert_true(json_equals(a, json_null()));
	json_add(array, clone);
	json_add(array, json_null());
	json_put(o, "c", json_null());
	text = json_text(array);
	assert_string_equal(text, "[null,null]");
	free(text);
	text = json_text(o);
	assert_string_equal(text, "{\"a\":null,\"b\":[null],\"c\":null}");
	free(text);
	json_free(array);
	json_free(o);
	json_free(json_null());
}

static void equality(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} cases[] = {
		{"1", "1.0", true},
		{"0", "-0.0", true},
		{"1", "\"1\"", false},
		{"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true},
		{"{\"a\":1}", "{\"a\":1,\"b\":2}", false},
		{"{\"a\":null}", "{\"b\":null}", false},
		{"{\"a\":null}", "{}", false},
		{"[1,2]", "[2,1]", false},
		{"[1,[2]]", "[1,[2.0]]", true},
		{"null", "false", false},
		{"0.5", "5e-1", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct json_object *a = parse(cases[i].a), *b = parse(cases[i].b);

		assert_int_equal(json_equals(a, b), cases[i].equal);
		assert_int_equal(json_equals(b, a), cases[i].equal);
		json_free(a);
		json_free(b);
	}
}

static void trees(void **state)
{
	struct json_object *o = json_object(), *clone;
	struct json_iter i;
	char *text;

	(void)state;
	json_put(o, "z", json_pair(json_string("set"), json_array()));
	json_put(o, "a", json_boolean(true));
	json_put(o, "z", json_integer(INT64_MIN));
	json_put(o, "s", json_string_n("hello", 4));
	assert_int_equal(json_get_length(o), 3);
	assert_int_equal(json_get_length(json_member(o, "s")), 4);
	assert_string_equal(json_get_string(json_member(o, "s")), "hell");
	assert_int_equal(json_get_integer(json_member(o, "z")), INT64_MIN);
	assert_true(json_get_boolean(json_member(o, "a")));
	i = json_iter_begin(o);
	assert_true(json_iter_next(&i));
	assert_string_equal(i.name, "z");
	assert_true(json_iter_next(&i));
	assert_string_equal(i.name, "a");
	assert_true(json_iter_next(&i));
	assert_false(json_iter_next(&i));
	clone = json_clone(o);
	json_freep(&o);
	assert_null(o);
	text = json_text_pretty(clone);
	assert_string_equal(text, "{\n  \"z\": -9223372036854775808,\n  \"a\": true,\n  "
				  "\"s\": \"hell\"\n}\n");
	free(text);
	json_free(clone);
}

static void expect_text(const struct json_object *v, const char *wanted)
{
	char *text = json_text(v);

	assert_string_equal(text, wanted);
	free(text);
}

/* Values of one text, of another, and single ones in each other. */
static void mixed_trees(void **state)
{
	struct json_object *text = parse("{\"a\":[1,{\"b\":\"c\"}],\"d\":{}}");
	struct json_object *other = parse("[[2],null]"), *own = json_array(), *part,
			   *copy;

	(void)state;
	json_put(text, "e", json_clone(json_at(json_member(text, "a"), 1)));
	json_add(json_member(text, "a"), json_clone(json_at(other, 0)));
	json_add(json_member(text, "a"), json_string("f"));
	json_put(json_member(text, "d"), "g", json_pair(json_integer(3), json_null()));
	json_put(json_member(text, "d"), "g", json_clone(other));
	json_add(own, json_clone(json_member(text, "d")));
	json_free(other);
	expect_text(text, "{\"a\":[1,{\"b\":\"c\"},[2],\"f\"],\"d\":{\"g\":[[2],null]},"
			  "\"e\":{\"b\":\"c\"}}");
	part = json_clone(json_member(text, "e"));
	copy = json_copy(text);
	assert_true(json_equals(copy, text));
	json_free(text);
	expect_text(part, "{\"b\":\"c\"}");
	expect_text(own, "[{\"g\":[[2],null]}]");
	json_free(part);
	json_free(own);
	json_put(json_member(copy, "d"), "g", json_real(0.5));
	expect_text(copy, "{\"a\":[1,{\"b\":\"c\"},[2],\"f\"],\"d\":{\"g\":0.5},"
			  "\"e\":{\"b\":\"c\"}}");
	json_free(copy);
}

static void put_numbered(struct json_object *o, int first, int last)
{
	for (int i = first; i <= last; i++) {
		char *name = xasprintf("m%d", i);

		json_put(o, name, json_integer(i));
		free(name);
	}
}

static void expect_numbered(const struct json_object *o, int n)
{
	int i = 0;

	assert_int_equal(json_get_length(o), n);
	for (struct json_iter m = json_iter_begin(o); json_iter_next(&m); i++) {
		char *name = xasprintf("m%d", i);

		assert_string_equal(m.name, name);
		assert_int_equal(json_get_integer(m.value), i);
		assert_ptr_equal(json_member(o, name), m.value);
		free(name);
	}
	assert_null(json_member(o, "m"));
	assert_null(json_member(o, "m10000"));
}

/* Few are found one after another, many by their hash. */
static void members(void **state)
{
	struct json_object *o = json_object(), *again;
	char *text;

	(void)state;
	for (int n = 0; n < 2000; n++) {
		put_numbered(o, n, n);
		if (n < 40 || n % 100 == 99)
			expect_numbered(o, n + 1);
	}
	put_numbered(o, 0, 1999);
	expect_numbered(o, 2000);
	text = json_text(o);
	again = parse(text);
	expect_numbered(again, 2000);
	assert_true(json_equals(o, again));
	put_numbered(again, 0, 2999);
	expect_numbered(again, 3000);
	assert_false(json_equals(o, again));
	free(text);
	json_free(o);
	json_free(again);
}

/* The last of those with one name counts, in the place of the first. */
static void same_names(void **state)
{
	char *text = xstrdup("{\"m0\":7");
	struct json_object *o;

	(void)state;
	o = parse("{\"a\":1,\"b\":2,\"a\":3,\"c\":4,\"b\":[]}");
	expect_text(o, "{\"a\":3,\"b\":[],\"c\":4}");
	json_free(o);
	for (int i = 1; i < 50; i++) {
		char *longer = xasprintf("%s,\"m%d\":0,\"m%d\":%d%s", text, i, i - 1,
					 i - 1, i < 49 ? "" : ",\"m49\":49}");

		free(text);
		text = longer;
	}
	o = parse(text);
	expect_numbered(o, 50);
	json_free(o);
	free(text);
}

/* Feeds 'n' bytes at most 'piece' at once and writes each value's text and ';' into
 * 'out'. */
static struct err *feed(struct json_stream *s, const char *data, size_t n, size_t piece,
			char *out)
{
	for (size_t at = 0; at < n;) {
		size_t used, now = n - at < piece ? n - at : piece;
		struct json_object *v;
		struct err *e = json_stream_feed(s, data + at, now, &used, &v);

		if (e)
			return e;
		assert_true(used <= now);
		at += used;
		if (v) {
			char *text = json_text(v);

			out = stpcpy(stpcpy(out, text), ";");
			free(text);
			json_free(v);
		}
	}
	return NULL;
}

static void streams_split_anywhere(void **state)
{
	static const char in[] = "{\"id\":1.0,\"a\":[true,null]}{}\n  "
				 "[\"\\ud83d\\ude00\\\\\"] 12 -1.50e1 null{}";
	static const char out[] = "{\"id\":1,\"a\":[true,null]};{};["
				  "\"\xf0\x9f\x98\x80\\\\\"];12;-15;null;{};";

	(void)state;
	for (size_t piece = 1; piece <= sizeof(in); piece++) {
		struct json_stream *s = json_stream_new(64);
		char got[256] = "";

		assert_null(feed(s, in, strlen(in), piece, got));
		assert_string_equal(got, out);
		json_stream_free(s);
	}
}

static void streams_see_garbage_at_once(void **state)
{
	struct json_stream *s = json_stream_new(64);
	char got[64] = "";
	struct err *e = feed(s, "{}GET /", 7, 1, got);

	(void)state;
	assert_string_equal(got, "{};");
	assert_int_equal(e->code, ERR_SYNTAX);
	err_free(e);
	json_stream_free(s);
}

static void streams_limit_each_message(void **state)
{
	struct json_stream *s = json_stream_new(8);
	char got[64] = "";
	struct err *e;

	(void)state;
	/* White space between messages costs nothing; eight bytes are within, nine are
	 * not. */
	assert_null(feed(s, "              \"123456\" [1,2,34]", 31, 31, got));
	assert_string_equal(got, "\"123456\";[1,2,34];");
	assert_null(feed(s, "\"1234567", 8, 3, got));
	e = feed(s, "\"", 1, 1, got);
	assert_int_equal(e->code, ERR_LIMIT);
	err_free(e);
	json_stream_free(s);
}

static void texts_of_others(void **state)
{
	struct json_object *o = json_object(), *array = json_array();

	(void)state;
	json_put(o, "text", json_string("a"));
	json_put(o, "number", json_integer(7));
	assert_string_equal(json_member_text(o, "text"), "a");
	assert_string_equal(json_member_text(o, "number"), "");
	assert_string_equal(json_member_text(o, "none"), "");
	assert_string_equal(json_member_text(array, "text"), "");
	json_free(array);
	json_free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts),
		cmocka_unit_test(refuses),
		cmocka_unit_test(refuses_raw_nul),
		cmocka_unit_test(reads_no_byte_beyond),
		cmocka_unit_test(errors_say_what_and_where),
		cmocka_unit_test(kinds_of_numbers),
		cmocka_unit_test(reals_print_and_come_back),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(null_is_a_value),
		cmocka_unit_test(equality),
		cmocka_unit_test(trees),
		cmocka_unit_test(mixed_trees),
		cmocka_unit_test(members),
		cmocka_unit_test(same_names),
		cmocka_unit_test(texts_of_others),
		cmocka_unit_test(streams_split_anywhere),
		cmocka_unit_test(streams_see_garbage_at_once),
		cmocka_unit_test(streams_limit_each_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
