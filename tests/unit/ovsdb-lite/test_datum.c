/* ovsdb-lite/values/datum: from JSON and back, refusals, defaults, names. */
#include "datum_text.h"

#include "lib/alloc.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void json_and_back(void **state)
{
	static const struct {
		const char *type, *in, *out;
	} cases[] = {
		{"\"integer\"", "5", "5"},
		{"\"integer\"", "-9223372036854775808", "-9223372036854775808"},
		{"\"integer\"", "1e3", "1000"},
		{"\"integer\"", "[\"set\",[7]]", "7"},
		{"\"real\"", "1", "1"},
		{"\"real\"", "0.1", "0.1"},
		{"\"real\"", "-0.0", "0"},
		{"\"boolean\"", "true", "true"},
		{"{\"key\":{\"type\":\"real\",\"minReal\":0.5,\"maxReal\":2}}", "0.5",
		 "0.5"},
		{"{\"key\":{\"type\":\"real\",\"minReal\":0.5,\"maxReal\":2}}", "2", "2"},
		{"{\"key\":{\"type\":\"integer\",\"minInteger\":-1,\"maxInteger\":1}}",
		 "-1", "-1"},
		{"{\"key\":{\"type\":\"integer\",\"minInteger\":-1,\"maxInteger\":1}}",
		 "1", "1"},
		{"{\"key\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":2}}",
		 "\"a\"", "\"a\""},
		{"\"string\"", "\"\"", "\"\""},
		{"\"string\"", "\"\\u00e4\"", "\"\xc3\xa4\""},
		{"\"uuid\"", "[\"uuid\",\"00112233-4455-6677-8899-AABBCCDDEEFF\"]",
		 "[\"uuid\",\"00112233-4455-6677-8899-aabbccddeeff\"]"},
		{SET_OF_INTEGERS, "[\"set\",[]]", "[\"set\",[]]"},
		{SET_OF_INTEGERS, "3", "3"},
		{SET_OF_INTEGERS, "[\"set\",[3]]", "3"},
		{SET_OF_INTEGERS, "[\"set\",[3,1,2]]", "[\"set\",[1,2,3]]"},
		{SET_OF_STRINGS, "[\"set\",[\"b\",\"\",\"aa\",\"a\"]]",
		 "[\"set\",[\"\",\"a\",\"aa\",\"b\"]]"},
		{SET_OF_STRINGS, "[\"set\",[\"set\",\"map\"]]",
		 "[\"set\",[\"map\",\"set\"]]"},
		{MAP, "[\"map\",[]]", "[\"map\",[]]"},
		{MAP, "[\"map\",[[\"k\",\"v\"]]]", "[\"map\",[[\"k\",\"v\"]]]"},
		{MAP, "[\"map\",[[\"z\",\"1\"],[\"a\",\"2\"]]]",
		 "[\"map\",[[\"a\",\"2\"],[\"z\",\"1\"]]]"},
		{"{\"key\":{\"type\":\"uuid\",\"refTable\":\"U\"},\"min\":0,\"max\":2}",
		 "[\"set\",[[\"uuid\",\"20000000-0000-0000-0000-000000000000\"],"
		 "[\"uuid\",\"10000000-0000-0000-0000-000000000000\"]]]",
		 "[\"set\",[[\"uuid\",\"10000000-0000-0000-0000-000000000000\"],"
		 "[\"uuid\",\"20000000-0000-0000-0000-000000000000\"]]]"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct datum_text f = datum_text_type(cases[i].type);
		struct datum d = datum_text_datum(&f, cases[i].in);

		datum_text_check(&f, &d, cases[i].out);
		assert_null(datum_check(&d, f.type));
		datum_clear(&d, f.type);
		schema_free(f.schema);
	}
}

static void refusals(void **state)
{
	static const struct {
		const char *type, *in;
		enum err_code code;
		const char *path, *message; /* NULL: not looked at */
	} cases[] = {
		{"\"integer\"", "\"x\"", ERR_SYNTAX, "\"x\"",
		 "expected integer, found string"},
		{"\"integer\"", "1.5", ERR_SYNTAX, "1.5", "expected integer, found real"},
		{"\"integer\"", "9223372036854775808", ERR_SYNTAX, NULL,
		 "expected integer, found real"},
		{"\"integer\"", "null", ERR_SYNTAX, "null",
		 "expected integer, found null"},
		{"\"integer\"", "[\"set\",[]]", ERR_SYNTAX, "[\"set\",[]]",
		 "set must have exactly one member but 0 are present"},
		{"\"integer\"", "[\"set\",[1,2]]", ERR_SYNTAX, NULL,
		 "set must have exactly one member but 2 are present"},
		{"\"integer\"", "[\"set\",1]", ERR_SYNTAX, NULL,
		 "expected integer, found array"},
		{"\"integer\"", "[\"set\"]", ERR_SYNTAX, NULL, NULL},
		{"\"integer\"", "[]", ERR_SYNTAX, NULL, NULL},
		{"\"real\"", "\"1\"", ERR_SYNTAX, NULL, "expected real, found string"},
		{"\"boolean\"", "1", ERR_SYNTAX, NULL, "expected boolean, found integer"},
		{"\"string\"", "1", ERR_SYNTAX, NULL, "expected string, found integer"},
		{"\"string\"", "\"a\xff\"", ERR_CONSTRAINT, NULL,
		 "not a valid UTF-8 string: invalid UTF-8 sequence 0xff"},
		{"\"string\"", "\"\xc3\"", ERR_CONSTRAINT, NULL,
		 "not a valid UTF-8 string: invalid UTF-8 sequence 0xc3"},
		{"\"uuid\"", "\"00112233-4455-6677-8899-aabbccddeeff\"", ERR_SYNTAX, NULL,
		 "expected [\"uuid\", UUID]"},
		{"\"uuid\"", "[\"uuid\",\"x\"]", ERR_SYNTAX, "[\"uuid\",\"x\"]",
		 "\"x\" is not a valid UUID"},
		{"\"uuid\"", "[\"uuid\",1]", ERR_SYNTAX, NULL, NULL},
		{"\"uuid\"", "[\"named-uuid\",\"x\"]", ERR_SYNTAX, NULL,
		 "a named-uuid is possible in a transaction only"},
		{SET_OF_INTEGERS, "[\"set\",[1,\"x\"]]", ERR_SYNTAX, "\"x\"",
		 "expected integer, found string"},
		{SET_OF_INTEGERS, "[\"set\",[1,2,1]]", ERR_SYNTAX, NULL,
		 "set contains duplicate"},
		{SET_OF_INTEGERS, "[\"map\",[]]", ERR_SYNTAX, NULL, NULL},
		{"{\"key\":\"integer\",\"min\":0,\"max\":3}", "[\"set\",[1,2,3,4]]",
		 ERR_SYNTAX, NULL, "set must have 0 to 3 members but 4 are present"},
		{"{\"key\":\"integer\",\"max\":\"unlimited\"}", "[\"set\",[]]",
		 ERR_SYNTAX, NULL,
		 "set must have at least one member but none is present"},
		{MAP, "[\"set\",[]]", ERR_SYNTAX, NULL, "expected [\"map\", [PAIR, …]]"},
		{MAP, "[\"map\",[[\"a\",\"1\"],[\"a\",\"2\"]]]", ERR_SYNTAX, NULL,
		 "map contains duplicate key"},
		{MAP, "[\"map\",[[\"a\"]]]", ERR_SYNTAX, "[\"a\"]",
		 "expected a pair [KEY, VALUE] of a map"},
		{MAP, "[\"map\",[[\"a\",\"b\"],[\"c\",1]]]", ERR_SYNTAX, "1", NULL},
		{"{\"key\":{\"type\":\"integer\",\"minInteger\":1,\"maxInteger\":9}}",
		 "0", ERR_CONSTRAINT, NULL, "0 is below the minimum 1"},
		{"{\"key\":{\"type\":\"integer\",\"minInteger\":1,\"maxInteger\":9}}",
		 "10", ERR_CONSTRAINT, NULL, "10 is above the maximum 9"},
		{"{\"key\":{\"type\":\"real\",\"minReal\":0.5}}", "0.25", ERR_CONSTRAINT,
		 NULL, "0.25 is below the minimum 0.5"},
		{"{\"key\":{\"type\":\"real\",\"maxReal\":0.5}}", "1", ERR_CONSTRAINT,
		 NULL, "1 is above the maximum 0.5"},
		{"{\"key\":{\"type\":\"string\",\"minLength\":2}}", "\"\xc3\xa4\"",
		 ERR_CONSTRAINT, NULL,
		 "\"\xc3\xa4\" is too short: length 1, at least 2 needed"},
		{"{\"key\":{\"type\":\"string\",\"maxLength\":2}}", "\"abc\"",
		 ERR_CONSTRAINT, NULL,
		 "\"abc\" is too long: length 3, at most 2 allowed"},
		{"{\"key\":{\"type\":\"string\",\"enum\":[\"set\",[\"bridge\",\"vepa\"]]}"
		 "}",
		 "\"brigde\"", ERR_CONSTRAINT, NULL,
		 "\"brigde\" is not one of the allowed values ([\"bridge\",\"vepa\"])"},
		{"{\"key\":{\"type\":\"integer\",\"enum\":[\"set\",[1,5]]}}", "2",
		 ERR_CONSTRAINT, NULL, "2 is not one of the allowed values ([1,5])"},
		{"{\"key\":\"string\",\"value\":{\"type\":\"integer\",\"maxInteger\":3}}",
		 "[\"map\",[[\"a\",4]]]", ERR_CONSTRAINT, NULL,
		 "4 is above the maximum 3"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct datum_text f = datum_text_type(cases[i].type);
		struct datum d = {.n = 77};
		struct err *e = datum_text_read(&d, &f, cases[i].in, NULL);

		if (!e)
			fail_msg("%s: %s was taken", cases[i].type, cases[i].in);
		assert_int_equal(d.n, 77);
		assert_string_equal(err_code_name(e->code), err_code_name(cases[i].code));
		if (cases[i].message)
			assert_string_equal(e->message, cases[i].message);
		if (cases[i].path)
			assert_string_equal(e->path, cases[i].path);
		err_free(e);
		schema_free(f.schema);
	}
}

static void lengths_count_characters(void **state)
{
	struct datum_text f =
		datum_text_type("{\"key\":{\"type\":\"string\",\"maxLength\":2}}");
	struct datum d = datum_text_datum(&f, "\"\xf0\x9f\x98\x80\xc3\xa4\"");

	(void)state;
	datum_clear(&d, f.type);
	schema_free(f.schema);
}

static void a_near_word_is_suggested(void **state)
{
	struct datum_text f =
		datum_text_type("{\"key\":{\"type\":\"string\",\"enum\":[\"set\",["
				"\"bridge\",\"private\"]]}}");
	struct datum d;
	struct err *e = datum_text_read(&d, &f, "\"brigde\"", NULL);

	(void)state;
	assert_string_equal(err_find_hint(e), "did you mean \"bridge\"?");
	err_free(e);
	schema_free(f.schema);
}

static void names(void **state)
{
	struct datum_text f = datum_text_type("\"uuid\"");
	struct named_uuids *t = named_uuids_new();
	struct uuid picked = {.bytes = {1}}, u;
	struct datum a, b;
	struct err *e;

	(void)state;
	assert_null(named_uuids_undefined(t));
	assert_null(datum_text_read(&a, &f, "[\"named-uuid\",\"later\"]", t));
	assert_string_equal(named_uuids_undefined(t), "later");
	assert_null(named_uuids_define(t, "later", NULL, &u));
	assert_true(uuid_equals(&u, &datum_keys(&a)->uuid));
	assert_null(named_uuids_undefined(t));
	assert_null(datum_text_read(&b, &f, "[\"named-uuid\",\"later\"]", t));
	assert_true(datum_equals(&a, &b, f.type));
	e = named_uuids_define(t, "later", NULL, &u);
	assert_int_equal(e->code, ERR_DUPLICATE_NAME);
	err_free(e);
	assert_null(named_uuids_define(t, "picked", &picked, &u));
	assert_true(uuid_equals(&u, &picked));
	assert_null(named_uuids_use(t, "used", &u));
	e = named_uuids_define(t, "used", &picked, &u);
	assert_int_equal(e->code, ERR_SYNTAX);
	err_free(e);
	e = datum_text_read(&a, &f, "[\"named-uuid\",\"no id\"]", t);
	assert_int_equal(e->code, ERR_SYNTAX);
	err_free(e);
	e = named_uuids_define(t, "9", NULL, &u);
	assert_int_equal(e->code, ERR_SYNTAX);
	err_free(e);
	named_uuids_free(t);
	schema_free(f.schema);
}

static void defaults(void **state)
{
	static const struct {
		const char *type, *value, *other;
	} cases[] = {
		{"\"integer\"", "0", "1"},
		{"\"real\"", "0", "0.5"},
		{"\"boolean\"", "false", "true"},
		{"\"string\"", "\"\"", "\"a\""},
		{"\"uuid\"", "[\"uuid\",\"00000000-0000-0000-0000-000000000000\"]",
		 "[\"uuid\",\"00000000-0000-0000-0000-000000000001\"]"},
		{SET_OF_STRINGS, "[\"set\",[]]", "\"\""},
		{MAP, "[\"map\",[]]", "[\"map\",[[\"\",\"\"]]]"},
		{"{\"key\":\"string\",\"value\":\"integer\",\"max\":4}",
		 "[\"map\",[[\"\",0]]]", "[\"map\",[[\"\",1]]]"},
		{"{\"key\":\"string\",\"max\":4}", "\"\"", "[\"set\",[\"\",\"a\"]]"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct datum_text f = datum_text_type(cases[i].type);
		struct datum d, other = datum_text_datum(&f, cases[i].other);

		datum_init_default(&d, f.type);
		datum_text_check(&f, &d, cases[i].value);
		assert_true(datum_is_default(&d, f.type));
		assert_false(datum_is_default(&other, f.type));
		datum_clear(&d, f.type);
		datum_clear(&other, f.type);
		schema_free(f.schema);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_and_back),
		cmocka_unit_test(refusals),
		cmocka_unit_test(lengths_count_characters),
		cmocka_unit_test(a_near_word_is_suggested),
		cmocka_unit_test(names),
		cmocka_unit_test(defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
