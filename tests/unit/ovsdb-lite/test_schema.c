/* ovsdb-lite/schema: RFC 7047 3.2, what is refused, the normalised form. */
#include "lib/alloc.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/values/schema.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct err *read_schema(const char *text, struct schema **ret_schema)
{
	struct json_object *json;
	struct err *e = json_parse(text, strlen(text), &json);

	if (e)
		fail_msg("%s: %s", text, e->message);
	e = schema_from_json(json, ret_schema);
	json_free(json);
	return e;
}

static struct schema *schema_of(const char *text)
{
	struct schema *s = NULL;
	struct err *e = read_schema(text, &s);

	if (e)
		fail_msg("%s: %s", text, err_text(e));
	return s;
}

/* A schema of one table T whose column c has the type 'type'. */
static char *around_type(const char *type)
{
	return xasprintf(
		"{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{\"T\":{\"columns\":"
		"{\"c\":{\"type\":%s}}},\"U\":{\"columns\":{\"c\":{\"type\":\"integer\"}}"
		"}}}",
		type);
}

static const struct column_schema *column(const struct schema *s, const char *table,
					  const char *name)
{
	const struct table_schema *t = schema_find_table(s, table);

	assert_non_null(t);
	assert_non_null(table_schema_find(t, name));
	return table_schema_find(t, name);
}

static void reads_everything(void **state)
{
	struct schema *s = schema_of(
		"{\"name\":\"db\",\"version\":\"1.22.333\",\"cksum\":\"12 "
		"34\",\"tables\":{"
		"\"B\":{\"columns\":{\"z\":{\"type\":\"string\",\"mutable\":false},"
		"\"a\":{\"type\":{\"key\":{\"type\":\"uuid\",\"refTable\":\"A\","
		"\"refType\":\"weak\"},"
		"\"value\":{\"type\":\"real\",\"minReal\":-1,\"maxReal\":0.5},\"min\":0,"
		"\"max\":7}}},"
		"\"isRoot\":true,\"maxRows\":10,\"indexes\":[[\"z\",\"a\"],[\"z\"]]},"
		"\"A\":{\"columns\":{\"n\":{\"type\":{\"key\":{\"type\":\"integer\","
		"\"minInteger\":-5,"
		"\"maxInteger\":5},\"min\":0},\"ephemeral\":true},"
		"\"s\":{\"type\":{\"key\":{\"type\":\"string\",\"minLength\":1,"
		"\"maxLength\":15},"
		"\"max\":\"unlimited\"}},"
		"\"e\":{\"type\":{\"key\":{\"type\":\"string\",\"enum\":[\"set\",[\"y\","
		"\"x\"]]}}}}}}}");
	const struct column_schema *c;

	(void)state;
	assert_string_equal(s->name, "db");
	assert_string_equal(s->version, "1.22.333");
	assert_string_equal(s->cksum, "12 34");
	assert_int_equal(s->n_tables, 2);
	assert_string_equal(s->tables[0].name, "A");
	assert_string_equal(s->tables[1].columns[0].name, "a");
	assert_int_equal(s->tables[1].index, 1);
	assert_int_equal(s->tables[1].columns[1].index, 1);
	assert_false(s->tables[0].is_root);
	assert_true(s->tables[1].is_root);
	assert_true(s->tables[0].max_rows == UINT64_MAX);
	assert_int_equal(s->tables[1].max_rows, 10);
	assert_int_equal(s->tables[1].n_indexes, 2);
	assert_int_equal(s->tables[1].indexes[0].n_columns, 2);
	assert_string_equal(s->tables[1].indexes[0].columns[0]->name, "z");
	c = column(s, "B", "a");
	assert_true(c->type.is_map);
	assert_true(c->is_mutable);
	assert_int_equal(c->type.key.ref, REF_WEAK);
	assert_ptr_equal(c->type.key.ref_table, &s->tables[0]);
	assert_true(c->type.value.min_real <= -1 && c->type.value.max_real >= 0.5);
	assert_int_equal(c->type.n_max, 7);
	assert_false(column(s, "B", "z")->is_mutable);
	c = column(s, "A", "n");
	assert_true(c->ephemeral);
	assert_true(column_type_is_optional(&c->type));
	assert_false(column_type_is_scalar(&c->type));
	assert_int_equal(c->type.key.min_integer, -5);
	c = column(s, "A", "s");
	assert_int_equal(c->type.key.max_length, 15);
	assert_true(c->type.n_max == TYPE_UNLIMITED);
	assert_int_equal(c->type.key.allowed ? 1 : 0, 0);
	c = column(s, "A", "e");
	assert_true(column_type_is_scalar(&c->type));
	assert_int_equal(c->type.key.allowed->n, 2);
	assert_string_equal(datum_keys(c->type.key.allowed)[0].string, "x");
	assert_null(schema_find_table(s, "C"));
	assert_null(table_schema_find(&s->tables[0], "_uuid"));
	schema_free(s);
}

/* RFC 7047 3.2 "isRoot": where no table is one, all are. */
static void all_are_roots_where_none_is(void **state)
{
	char *text = around_type("\"integer\"");
	struct schema *s = schema_of(text);

	(void)state;
	assert_true(s->tables[0].is_root);
	assert_true(s->tables[1].is_root);
	schema_free(s);
	free(text);
}

/* RFC 7047 3.2 "ephemeral": a strong reference to a table that is no root is always
 * durable. */
static void strong_references_are_durable(void **state)
{
	struct schema *s =
		schema_of("{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{"
			  "\"R\":{\"isRoot\":true,\"columns\":{"
			  "\"strong\":{\"ephemeral\":true,\"type\":{\"key\":{\"type\":"
			  "\"uuid\",\"refTable\":\"N\"}}},"
			  "\"value\":{\"ephemeral\":true,\"type\":{\"key\":\"string\","
			  "\"value\":{\"type\":\"uuid\","
			  "\"refTable\":\"N\"}}},"
			  "\"weak\":{\"ephemeral\":true,\"type\":{\"key\":{\"type\":"
			  "\"uuid\",\"refTable\":\"N\","
			  "\"refType\":\"weak\"},\"min\":0}},"
			  "\"root\":{\"ephemeral\":true,\"type\":{\"key\":{\"type\":"
			  "\"uuid\",\"refTable\":\"R\"}}}}},"
			  "\"N\":{\"columns\":{\"a\":{\"type\":\"integer\"}}}}}");

	(void)state;
	assert_false(column(s, "R", "strong")->ephemeral);
	assert_false(column(s, "R", "value")->ephemeral);
	assert_true(column(s, "R", "weak")->ephemeral);
	assert_true(column(s, "R", "root")->ephemeral);
	schema_free(s);
}

static void types_come_back_normalised(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: the same */
	} cases[] = {
		{"\"integer\"", NULL},
		{"\"real\"", NULL},
		{"\"boolean\"", NULL},
		{"\"string\"", NULL},
		{"\"uuid\"", NULL},
		{"{\"key\":\"integer\"}", "\"integer\""},
		{"{\"key\":{\"type\":\"integer\"}}", "\"integer\""},
		{"{\"key\":\"integer\",\"min\":1,\"max\":1}", "\"integer\""},
		{"{\"key\":\"integer\",\"min\":0}", NULL},
		{"{\"key\":\"integer\",\"max\":2}", NULL},
		{"{\"key\":\"integer\",\"min\":0,\"max\":\"unlimited\"}", NULL},
		{"{\"key\":\"integer\",\"value\":{\"type\":\"string\"}}",
		 "{\"key\":\"integer\",\"value\":\"string\"}"},
		{"{\"key\":{\"type\":\"integer\",\"minInteger\":-1,\"maxInteger\":1e3}}",
		 "{\"key\":{\"type\":\"integer\",\"minInteger\":-1,\"maxInteger\":1000}"
		 "}"},
		{"{\"key\":{\"type\":\"real\",\"minReal\":0.5,\"maxReal\":2}}", NULL},
		{"{\"key\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":15}}",
		 NULL},
		{"{\"key\":{\"type\":\"string\",\"minLength\":0}}", "\"string\""},
		{"{\"key\":{\"type\":\"string\",\"enum\":[\"set\",[\"b\",\"a\"]]}}",
		 "{\"key\":{\"type\":\"string\",\"enum\":[\"set\",[\"a\",\"b\"]]}}"},
		{"{\"key\":{\"type\":\"string\",\"enum\":\"a\"}}", NULL},
		{"{\"key\":{\"type\":\"boolean\",\"enum\":[\"set\",[true]]}}",
		 "{\"key\":{\"type\":\"boolean\",\"enum\":true}}"},
		{"{\"key\":{\"type\":\"uuid\",\"refTable\":\"U\"}}", NULL},
		{"{\"key\":{\"type\":\"uuid\",\"refTable\":\"U\",\"refType\":\"strong\"}"
		 "}",
		 "{\"key\":{\"type\":\"uuid\",\"refTable\":\"U\"}}"},
		{"{\"key\":{\"type\":\"uuid\",\"refTable\":\"T\",\"refType\":\"weak\"}}",
		 NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *out = cases[i].out ? cases[i].out : cases[i].in;
		char *text = around_type(cases[i].in), *got;
		struct schema *s = schema_of(text);
		struct json_object *json = column_type_to_json(
					   &column(s, "T", "c")->type),
				   *want;

		assert_null(json_parse(out, strlen(out), &want));
		got = json_text(json);
		if (!json_equals(json, want))
			fail_msg("%s became %s", cases[i].in, got);
		free(got);
		free(text);
		json_free(json);
		json_free(want);
		schema_free(s);
	}
}

static void whole_schemas_come_back(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: the same */
	} cases[] = {
		{"{\"name\":\"d\",\"tables\":{}}", NULL},
		{"{\"name\":\"d\",\"version\":\"1.0.0\",\"cksum\":\"1 2\",\"tables\":{}}",
		 NULL},
		{"{\"name\":\"_Server\",\"version\":\"1.0.0\",\"tables\":{\"T\":{"
		 "\"columns\":{\"c\":{"
		 "\"type\":\"integer\",\"mutable\":false,\"ephemeral\":true}},"
		 "\"maxRows\":3}}}",
		 NULL},
		{"{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{\"T\":{\"isRoot\":"
		 "false,\"columns\":{"
		 "\"c\":{\"type\":\"integer\",\"mutable\":true,\"ephemeral\":false}},"
		 "\"indexes\":[[\"c\"]]},\"U\":{\"isRoot\":true,\"columns\":{\"c\":{"
		 "\"type\":\"real\"}}}}}",
		 "{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{\"T\":{\"columns\":{"
		 "\"c\":{\"type\":\"integer\"}},\"indexes\":[[\"c\"]]},\"U\":{\"isRoot\":"
		 "true,"
		 "\"columns\":{\"c\":{\"type\":\"real\"}}}}}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *out = cases[i].out ? cases[i].out : cases[i].in;
		struct schema *s = schema_of(cases[i].in);
		struct json_object *json = schema_to_json(s), *want;

		assert_null(json_parse(out, strlen(out), &want));
		assert_true(json_equals(json, want));
		json_free(json);
		json_free(want);
		schema_free(s);
	}
}

static void expect_refusal(const char *text, const char *part)
{
	struct schema *s = NULL;
	struct err *e = read_schema(text, &s);
	char *sentence;

	if (!e)
		fail_msg("%s was taken", text);
	sentence = err_text(e);
	assert_int_equal(e->code, ERR_SYNTAX);
	if (!strstr(sentence, part))
		fail_msg("%s: \"%s\" lacks \"%s\"", text, sentence, part);
	assert_null(s);
	free(sentence);
	err_free(e);
}

static void refuses_types(void **state)
{
	static const struct {
		const char *type, *message;
	} cases[] = {
		{"\"int\"", "\"int\" is not an atomic-type"},
		{"1", "Member 'type' must be string or object, not integer"},
		{"{}", "Required 'key' member is missing"},
		{"{\"key\":\"integer\",\"min\":2,\"max\":3}", "min must be 0 or 1"},
		{"{\"key\":\"integer\",\"max\":0}", "max must be at least 1"},
		{"{\"key\":\"integer\",\"max\":4294967295}", "max must be at least 1"},
		{"{\"key\":\"integer\",\"max\":\"many\"}", "or \"unlimited\""},
		{"{\"key\":\"integer\",\"foo\":1}", "Member 'foo' is not known here"},
		{"{\"key\":{\"type\":\"integer\",\"minLength\":1}}",
		 "Member 'minLength' is not known"},
		{"{\"key\":{\"type\":\"integer\",\"enum\":1,\"minInteger\":1}}",
		 "'minInteger'"},
		{"{\"key\":{\"type\":\"integer\",\"enum\":[\"set\",[]]}}",
		 "none is present"},
		{"{\"key\":{\"type\":\"integer\",\"enum\":\"a\"}}", "expected integer"},
		{"{\"key\":{\"type\":\"string\",\"enum\":[\"set\",[\"a\",\"b\",\"a\"]]}}",
		 "duplicate"},
		{"{\"key\":{\"type\":\"integer\",\"minInteger\":2,\"maxInteger\":1}}",
		 "exceeds"},
		{"{\"key\":{\"type\":\"integer\",\"minInteger\":0.5}}",
		 "'minInteger' must be integer"},
		{"{\"key\":{\"type\":\"real\",\"minReal\":2,\"maxReal\":1.5}}",
		 "exceeds"},
		{"{\"key\":{\"type\":\"string\",\"minLength\":2,\"maxLength\":1}}",
		 "exceeds"},
		{"{\"key\":{\"type\":\"string\",\"minLength\":-1}}",
		 "minLength must be 0 to"},
		{"{\"key\":{\"type\":\"string\",\"maxLength\":4294967296}}",
		 "maxLength must be 0 to"},
		{"{\"key\":{\"type\":\"uuid\",\"refTable\":\"X\"}}", "undefined table X"},
		{"{\"key\":{\"type\":\"uuid\",\"refType\":\"weak\"}}",
		 "'refType' is not known"},
		{"{\"key\":{\"type\":\"uuid\",\"refTable\":\"T\",\"refType\":\"x\"}}",
		 "not \"x\""},
		{"{\"key\":{\"type\":\"string\",\"refTable\":\"T\"}}",
		 "'refTable' is not known"},
		{"{\"key\":{\"type\":\"string\",\"enum\":\"a\"},\"value\":\"zip\"}",
		 "\"zip\""},
		{"{\"key\":{}}", "Required 'type' member is missing"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = around_type(cases[i].type);

		expect_refusal(text, cases[i].message);
		expect_refusal(text, "Parsing schema for column c failed");
		free(text);
	}
}

#define C                                                                                \
	"\"columns\":{\"x\":{\"type\":\"integer\"},\"e\":{\"type\":\"integer\","         \
	"\"ephemeral\":true}}"

static void refuses_schemas(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"[]", "expected an object, not array"},
		{"{}", "Required 'name' member is missing"},
		{"{\"name\":1,\"version\":\"1.0.0\",\"tables\":{}}",
		 "Member 'name' must be string"},
		{"{\"name\":\"9d\",\"version\":\"1.0.0\",\"tables\":{}}",
		 "\"9d\" cannot be"},
		{"{\"name\":\"d\",\"version\":\"\",\"tables\":{}}",
		 "not in format x.y.z"},
		{"{\"name\":\"d\",\"version\":\"1.0\",\"tables\":{}}",
		 "not in format x.y.z"},
		{"{\"name\":\"d\",\"version\":\"1.0.0.0\",\"tables\":{}}",
		 "not in format x.y.z"},
		{"{\"name\":\"d\",\"version\":\"1.0.x\",\"tables\":{}}",
		 "not in format x.y.z"},
		{"{\"name\":\"d\",\"version\":\"1.0.0\"}", "'tables'"},
		{"{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{},\"zip\":1}",
		 "'zip'"},
		{"{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{\"a-b\":{" C "}}}",
		 "\"a-b\" cannot"},
		{"{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{\"_T\":{" C "}}}",
		 "are reserved"},
		{"{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{\"T\":[]}}",
		 "table T failed"},
		{"{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{\"T\":{\"columns\":{}"
		 "}}}",
		 "at least one column"},
		{"{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{\"T\":{\"columns\":{"
		 "\"_x\":{"
		 "\"type\":\"integer\"}}}}}",
		 "are reserved"},
		{"{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{\"T\":{\"columns\":{"
		 "\"x\":{}}}}}",
		 "Required 'type'"},
		{"{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{\"T\":{" C
		 ",\"maxRows\":0}}}",
		 "maxRows must be at least 1"},
		{"{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{\"T\":{" C
		 ",\"indexes\":[[]]}}}",
		 "at least one column"},
		{"{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{\"T\":{" C
		 ",\"indexes\":[[\"x\",\"x\"]]}}}",
		 "twice"},
		{"{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{\"T\":{" C
		 ",\"indexes\":[[\"y\"]]}}}",
		 "\"y\": an index names no column"},
		{"{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{\"T\":{" C
		 ",\"indexes\":[[1]]}}}",
		 "names no column"},
		{"{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{\"T\":{" C
		 ",\"indexes\":[[\"e\"]]}}}",
		 "ephemeral columns (such as e) may not be indexed"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect_refusal(cases[i].text, cases[i].message);
}

static void files(void **state)
{
	char path[] = "/tmp/ipvl-test-schema-XXXXXX";
	int fd = mkstemp(path);
	struct schema *s = NULL;
	struct err *e;
	char *place;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "{\n \"name\" 1}", 12), 12);
	close(fd);
	e = schema_from_file(path, &s);
	place = xasprintf("%s:2:9", path);
	assert_string_equal(e->path, place);
	free(place);
	err_free(e);
	unlink(path);
	e = schema_from_file(path, &s);
	assert_int_equal(e->code, ERR_SYSTEM);
	assert_non_null(strstr(e->message, path));
	err_free(e);
	assert_null(s);
}

/* Up to its limit a file is read. */
static void size_of_a_file(void **state)
{
	static const char text[] = "{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{}}";
	const size_t limit = (size_t)16 << 20;
	char path[] = "/tmp/ipvl-test-schema-XXXXXX";
	int fd = mkstemp(path);
	char *blanks = malloc(limit + 1);
	struct schema *s = NULL;
	struct err *e;

	(void)state;
	assert_true(fd >= 0);
	assert_non_null(blanks);
	memset(blanks, ' ', limit + 1);
	memcpy(blanks, text, strlen(text));
	assert_int_equal(write(fd, blanks, limit), limit);
	assert_null(schema_from_file(path, &s));
	schema_free(s);
	assert_int_equal(write(fd, " ", 1), 1);
	e = schema_from_file(path, &s);
	assert_int_equal(e->code, ERR_LIMIT);
	err_free(e);
	close(fd);
	unlink(path);
	free(blanks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_everything),
		cmocka_unit_test(all_are_roots_where_none_is),
		cmocka_unit_test(strong_references_are_durable),
		cmocka_unit_test(types_come_back_normalised),
		cmocka_unit_test(whole_schemas_come_back),
		cmocka_unit_test(refuses_types),
		cmocka_unit_test(refuses_schemas),
		cmocka_unit_test(files),
		cmocka_unit_test(size_of_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
