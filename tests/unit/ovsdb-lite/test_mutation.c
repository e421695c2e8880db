/* ovsdb-lite/mutation: every mutator on every shape of column (RFC 7047 5.1), as
 * ovsdb-server answers. */
#include "lib/alloc.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/values/mutation.h"
#include "ovsdb-lite/values/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char schema_text[] =
	"{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{\"T\":{\"columns\":{"
	"\"i\":{\"type\":\"integer\"},\"r\":{\"type\":\"real\"},\"b\":{\"type\":"
	"\"boolean\"},"
	"\"s\":{\"type\":\"string\"},\"oi\":{\"type\":{\"key\":\"integer\",\"min\":0}},"
	"\"si\":{\"type\":{\"key\":\"integer\",\"min\":0,\"max\":\"unlimited\"}},"
	"\"s3\":{\"type\":{\"key\":\"integer\",\"min\":0,\"max\":3}},"
	"\"sr\":{\"type\":{\"key\":\"real\",\"min\":0,\"max\":\"unlimited\"}},"
	"\"os\":{\"type\":{\"key\":\"string\",\"min\":0}},"
	"\"m\":{\"type\":{\"key\":\"string\",\"value\":\"integer\",\"min\":0,\"max\":3}},"
	"\"m1\":{\"type\":{\"key\":\"string\",\"value\":\"integer\"}},"
	"\"lim\":{\"type\":{\"key\":{\"type\":\"integer\",\"minInteger\":0,"
	"\"maxInteger\":10}}},"
	"\"slim\":{\"type\":{\"key\":{\"type\":\"integer\",\"minInteger\":0,"
	"\"maxInteger\":10},"
	"\"max\":\"unlimited\"}},"
	"\"im\":{\"type\":\"integer\",\"mutable\":false}}}}}";

static struct schema *schema;
static const struct table_schema *table;

static struct json_object *parse(const char *text)
{
	struct json_object *v;
	struct err *e = json_parse(text, strlen(text), &v);

	if (e)
		fail_msg("%s: %s", text, e->message);
	return v;
}

static int setup(void **state)
{
	struct json_object *json = parse(schema_text);

	(void)state;
	assert_null(schema_from_json(json, &schema));
	table = schema_find_table(schema, "T");
	json_free(json);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	schema_free(schema);
	return 0;
}

static struct err *read_mutations(const char *text, struct mutations **ret_mutations)
{
	struct json_object *json = parse(text);
	struct err *e = mutations_from_json(table, json, NULL, ret_mutations);

	json_free(json);
	return e;
}

/* Applies [[column, mutator, value]] to a column that holds 'before'. */
static struct err *apply(const char *mutation, const char *before, char **ret_after)
{
	char *text = xasprintf("[%s]", mutation);
	struct json_object *json = parse(before);
	const struct column_schema *c;
	struct mutations *m;
	struct datum d;
	struct err *e = read_mutations(text, &m);

	if (e)
		fail_msg("%s: %s", text, e->message);
	assert_int_equal(mutations_count(m), 1);
	c = mutation_column(m, 0);
	assert_null(datum_from_json(&d, &c->type, json, NULL));
	json_free(json);
	e = mutation_apply(m, 0, &d);
	if (!e) {
		assert_null(datum_check(&d, &c->type));
		json = datum_to_json(&d, &c->type);
		*ret_after = json_text(json);
		json_free(json);
	}
	datum_clear(&d, &c->type);
	mutations_free(m);
	free(text);
	return e;
}

#define MAX "9223372036854775807"
#define MIN "-9223372036854775808"

static void results(void **state)
{
	static const struct {
		const char *mutation, *before, *after;
	} cases[] = {
		{"[\"i\",\"+=\",1]", "5", "6"},
		{"[\"i\",\"-=\",7]", "5", "-2"},
		{"[\"i\",\"*=\",-3]", "5", "-15"},
		{"[\"i\",\"/=\",2]", "5", "2"},
		{"[\"i\",\"/=\",-2]", "5", "-2"},
		{"[\"i\",\"/=\",2]", "-5", "-2"},
		{"[\"i\",\"%=\",3]", "5", "2"},
		{"[\"i\",\"%=\",3]", "-5", "-2"},
		{"[\"i\",\"/=\",-1]", MAX, "-" MAX},
		{"[\"i\",\"%=\",-1]", MIN, "0"},
		{"[\"i\",\"+=\",1.0]", "5", "6"},
		{"[\"i\",\"+=\",[\"set\",[1]]]", "5", "6"},
		{"[\"r\",\"+=\",1]", "1.5", "2.5"},
		{"[\"r\",\"-=\",0.5]", "1.5", "1"},
		{"[\"r\",\"*=\",3]", "1.5", "4.5"},
		{"[\"r\",\"/=\",2]", "1.5", "0.75"},
		{"[\"r\",\"*=\",-1]", "0", "0"},
		{"[\"oi\",\"+=\",1]", "7", "8"},
		{"[\"oi\",\"+=\",1]", "[\"set\",[]]", "[\"set\",[]]"},
		{"[\"si\",\"+=\",10]", "[\"set\",[1,2,3]]", "[\"set\",[11,12,13]]"},
		{"[\"si\",\"*=\",-1]", "[\"set\",[1,2,3]]", "[\"set\",[-3,-2,-1]]"},
		{"[\"sr\",\"/=\",2]", "[\"set\",[1,2.5]]", "[\"set\",[0.5,1.25]]"},
		{"[\"lim\",\"+=\",1]", "9", "10"},
		{"[\"lim\",\"-=\",-1]", "9", "10"}, /* limits are for results */
		{"[\"oi\",\"insert\",7]", "7", "7"},
		{"[\"oi\",\"insert\",7]", "[\"set\",[]]", "7"},
		{"[\"oi\",\"delete\",7]", "7", "[\"set\",[]]"},
		{"[\"si\",\"insert\",[\"set\",[3,0,4]]]", "[\"set\",[1,2,3]]",
		 "[\"set\",[0,1,2,3,4]]"},
		{"[\"si\",\"insert\",[\"set\",[]]]", "1", "1"},
		{"[\"si\",\"delete\",[\"set\",[1,9]]]", "[\"set\",[1,2,3]]",
		 "[\"set\",[2,3]]"},
		{"[\"s3\",\"insert\",[\"set\",[1,2]]]", "[\"set\",[1,2,3]]",
		 "[\"set\",[1,2,3]]"},
		{"[\"s3\",\"delete\",[\"set\",[1,2,3,4,5]]]", "[\"set\",[1,2,3]]",
		 "[\"set\",[]]"},
		{"[\"os\",\"insert\",\"x\"]", "[\"set\",[]]", "\"x\""},
		{"[\"os\",\"delete\",[\"set\",[\"x\",\"y\"]]]", "\"x\"", "[\"set\",[]]"},
		{"[\"m\",\"insert\",[\"map\",[[\"a\",9],[\"c\",3]]]]",
		 "[\"map\",[[\"a\",1],[\"b\",2]]]",
		 "[\"map\",[[\"a\",1],[\"b\",2],[\"c\",3]]]"},
		{"[\"m\",\"delete\",[\"map\",[[\"a\",1],[\"b\",9]]]]",
		 "[\"map\",[[\"a\",1],[\"b\",2]]]", "[\"map\",[[\"b\",2]]]"},
		{"[\"m\",\"delete\",[\"set\",[\"a\",\"z\"]]]",
		 "[\"map\",[[\"a\",1],[\"b\",2]]]", "[\"map\",[[\"b\",2]]]"},
		{"[\"m\",\"delete\",\"b\"]", "[\"map\",[[\"a\",1],[\"b\",2]]]",
		 "[\"map\",[[\"a\",1]]]"},
		{"[\"m\",\"delete\",[\"set\",[\"a\",\"b\",\"c\",\"d\"]]]",
		 "[\"map\",[[\"a\",1]]]", "[\"map\",[]]"},
		{"[\"m\",\"delete\",[\"set\",[]]]", "[\"map\",[[\"a\",1]]]",
		 "[\"map\",[[\"a\",1]]]"},
		{"[\"m1\",\"insert\",[\"map\",[[\"a\",2]]]]", "[\"map\",[[\"a\",1]]]",
		 "[\"map\",[[\"a\",1]]]"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *after = NULL;
		struct err *e = apply(cases[i].mutation, cases[i].before, &after);

		if (e)
			fail_msg("%s: %s", cases[i].mutation, e->message);
		assert_string_equal(after, cases[i].after);
		free(after);
	}
}

static void failures(void **state)
{
	static const struct {
		const char *mutation, *before;
		enum err_code code;
		const char *message; /* NULL: not looked at */
	} cases[] = {
		{"[\"i\",\"+=\",1]", MAX, ERR_RANGE,
		 "Result of \"+=\" operation is out of range."},
		{"[\"i\",\"-=\",1]", MIN, ERR_RANGE, NULL},
		{"[\"i\",\"*=\",2]", "4611686018427387904", ERR_RANGE, NULL},
		{"[\"i\",\"*=\",-1]", MIN, ERR_RANGE, NULL},
		{"[\"i\",\"/=\",-1]", MIN, ERR_RANGE, NULL},
		{"[\"i\",\"/=\",0]", "1", ERR_DOMAIN, "Division by zero."},
		{"[\"i\",\"%=\",0]", "1", ERR_DOMAIN, NULL},
		{"[\"r\",\"/=\",0]", "1", ERR_DOMAIN, NULL},
		{"[\"r\",\"*=\",1e308]", "1e308", ERR_RANGE, NULL},
		{"[\"r\",\"+=\",1.7e308]", "1.7e308", ERR_RANGE, NULL},
		{"[\"si\",\"*=\",0]", "[\"set\",[1,2]]", ERR_CONSTRAINT,
		 "Result of \"*=\" operation contains duplicates."},
		{"[\"si\",\"/=\",2]", "[\"set\",[2,3]]", ERR_CONSTRAINT, NULL},
		{"[\"lim\",\"+=\",2]", "9", ERR_CONSTRAINT, "11 is above the maximum 10"},
		{"[\"lim\",\"-=\",10]", "9", ERR_CONSTRAINT, "-1 is below the minimum 0"},
		{"[\"slim\",\"*=\",6]", "[\"set\",[1,2]]", ERR_CONSTRAINT, NULL},
		{"[\"oi\",\"insert\",8]", "7", ERR_CONSTRAINT,
		 "set must have 0 to 1 members but 2 are present"},
		{"[\"s3\",\"insert\",4]", "[\"set\",[1,2,3]]", ERR_CONSTRAINT, NULL},
		{"[\"slim\",\"delete\",[\"set\",[1,2]]]", "[\"set\",[1,2]]",
		 ERR_CONSTRAINT, NULL},
		{"[\"m1\",\"delete\",\"a\"]", "[\"map\",[[\"a\",1]]]", ERR_CONSTRAINT,
		 NULL},
		{"[\"m1\",\"insert\",[\"map\",[[\"b\",1]]]]", "[\"map\",[[\"a\",1]]]",
		 ERR_CONSTRAINT, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *after = NULL;
		struct err *e = apply(cases[i].mutation, cases[i].before, &after);

		if (!e)
			fail_msg("%s of %s gave %s", cases[i].mutation, cases[i].before,
				 after);
		if (e->code != cases[i].code)
			fail_msg("%s: %s", cases[i].mutation, err_code_name(e->code));
		if (cases[i].message)
			assert_string_equal(e->message, cases[i].message);
		err_free(e);
	}
}

static void refusals(void **state)
{
	static const struct {
		const char *text;
		enum err_code code;
		const char *message; /* NULL: not looked at */
	} cases[] = {
		{"{}", ERR_SYNTAX, "mutations must be an array, not object"},
		{"[1]", ERR_SYNTAX, "a mutation must be [COLUMN, MUTATOR, VALUE]"},
		{"[[\"i\",\"+=\"]]", ERR_SYNTAX, NULL},
		{"[[\"i\",1,1]]", ERR_SYNTAX, NULL},
		{"[[1,\"+=\",1]]", ERR_SYNTAX, NULL},
		{"[[\"zz\",\"+=\",1]]", ERR_UNKNOWN_COLUMN, "No column zz in table T."},
		{"[[\"i\",\"xxx\",1]]", ERR_UNKNOWN_MUTATOR, "No mutator named xxx."},
		{"[[\"im\",\"+=\",1]]", ERR_CONSTRAINT,
		 "Cannot mutate immutable column im in table T."},
		{"[[\"_uuid\",\"+=\",1]]", ERR_CONSTRAINT, NULL},
		{"[[\"_version\",\"+=\",1]]", ERR_CONSTRAINT, NULL},
		{"[[\"i\",\"+=\",\"x\"]]", ERR_SYNTAX, "expected integer, found string"},
		{"[[\"i\",\"+=\",1.5]]", ERR_SYNTAX, NULL},
		{"[[\"i\",\"+=\",[\"set\",[]]]]", ERR_SYNTAX, NULL},
		{"[[\"si\",\"+=\",[\"set\",[1,2]]]]", ERR_SYNTAX,
		 "set must have exactly one member but 2 are present"},
		{"[[\"r\",\"%=\",2]]", ERR_SYNTAX,
		 "\"%=\" cannot be applied to column r, a real"},
		{"[[\"sr\",\"%=\",2]]", ERR_SYNTAX,
		 "\"%=\" cannot be applied to column sr, a set of reals"},
		{"[[\"s\",\"+=\",\"x\"]]", ERR_SYNTAX, NULL},
		{"[[\"b\",\"+=\",true]]", ERR_SYNTAX, NULL},
		{"[[\"m\",\"+=\",1]]", ERR_SYNTAX,
		 "\"+=\" cannot be applied to column m, a map of strings to integers"},
		{"[[\"i\",\"insert\",1]]", ERR_SYNTAX,
		 "\"insert\" cannot be applied to column i, an integer"},
		{"[[\"i\",\"delete\",1]]", ERR_SYNTAX, NULL},
		{"[[\"si\",\"insert\",[\"set\",[1,1]]]]", ERR_SYNTAX,
		 "set contains duplicate"},
		{"[[\"s3\",\"insert\",[\"set\",[4,5,6,7]]]]", ERR_SYNTAX, NULL},
		{"[[\"m\",\"insert\",[\"set\",[\"a\"]]]]", ERR_SYNTAX, NULL},
		{"[[\"m\",\"delete\",1]]", ERR_SYNTAX, NULL},
		{"[[\"slim\",\"insert\",99]]", ERR_CONSTRAINT,
		 "99 is above the maximum 10"},
		{"[[\"slim\",\"delete\",99]]", ERR_CONSTRAINT, NULL},
		{"[[\"m\",\"delete\",[\"set\",[\"a\",\"b\"]]],[\"i\",\"+=\",\"x\"]]",
		 ERR_SYNTAX, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mutations *m = NULL;
		struct err *e = read_mutations(cases[i].text, &m);

		if (!e)
			fail_msg("%s was taken", cases[i].text);
		if (e->code != cases[i].code)
			fail_msg("%s: %s", cases[i].text, err_code_name(e->code));
		if (cases[i].message)
			assert_string_equal(e->message, cases[i].message);
		assert_null(m);
		err_free(e);
	}
}

static void a_list_is_kept_in_order(void **state)
{
	struct mutations *m;

	(void)state;
	assert_null(read_mutations(
		"[[\"i\",\"+=\",1],[\"m\",\"delete\",\"a\"],[\"i\",\"*=\",2]]", &m));
	assert_int_equal(mutations_count(m), 3);
	assert_string_equal(mutation_column(m, 1)->name, "m");
	assert_string_equal(mutation_column(m, 2)->name, "i");
	mutations_free(m);
	assert_null(read_mutations("[]", &m));
	assert_int_equal(mutations_count(m), 0);
	mutations_free(m);
	mutations_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results),
		cmocka_unit_test(failures),
		cmocka_unit_test(refusals),
		cmocka_unit_test(a_list_is_kept_in_order),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
