/* ovsdb-lite/condition: every function on every shape of column (RFC 7047 5.1, ovsdb-wire
 * 3), on a row of an in-memory database. */
#include "lib/alloc.h"
#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/rows/condition.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/values/named_uuid.h"
#include "ovsdb-lite/rows/txn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROW_UUID   "11111111-2222-3333-4444-555555555555"
#define OTHER_UUID "00000000-0000-0000-0000-000000000000"

/* oi, or and os are empty; the other columns hold what 'values' says. */
static const char schema_text[] =
	"{\"name\":\"d\",\"version\":\"1.0.0\",\"tables\":{\"T\":{\"columns\":{"
	"\"i\":{\"type\":\"integer\"},\"r\":{\"type\":\"real\"},\"b\":{\"type\":"
	"\"boolean\"},"
	"\"s\":{\"type\":\"string\"},\"u\":{\"type\":\"uuid\"},"
	"\"oi\":{\"type\":{\"key\":\"integer\",\"min\":0}},"
	"\"oi5\":{\"type\":{\"key\":\"integer\",\"min\":0}},"
	"\"or\":{\"type\":{\"key\":\"real\",\"min\":0}},"
	"\"os\":{\"type\":{\"key\":\"string\",\"min\":0}},"
	"\"si\":{\"type\":{\"key\":\"integer\",\"min\":0,\"max\":3}},"
	"\"m\":{\"type\":{\"key\":\"string\",\"value\":\"integer\",\"max\":2}},"
	"\"e\":{\"type\":{\"key\":{\"type\":\"string\",\"enum\":[\"set\",[\"\",\"a\"]]}}}"
	"}}}}";

static const char *const values[][2] = {
	{"i", "5"},
	{"r", "1.5"},
	{"b", "true"},
	{"s", "\"m\""},
	{"u", "[\"uuid\",\"" ROW_UUID "\"]"},
	{"oi5", "5"},
	{"si", "[\"set\",[1,2,3]]"},
	{"m", "[\"map\",[[\"a\",1],[\"b\",2]]]"},
};

struct fixture {
	struct db *db;
	const struct table_schema *table;
	struct row *row;
};

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
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct json_object *json = parse(schema_text);
	struct schema *schema;
	struct uuid uuid;
	struct txn *t;

	assert_null(schema_from_json(json, &schema));
	json_free(json);
	f->db = db_new_in_memory(schema);
	f->table = schema_find_table(schema, "T");
	t = txn_new(f->db, &(struct txn_origin){.internal = true});
	assert_true(uuid_parse(ROW_UUID, &uuid));
	assert_null(txn_insert(t, db_table(f->db, "T"), &uuid, &f->row));
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		const struct column_schema *c = table_schema_find(f->table, values[i][0]);
		struct datum d;

		json = parse(values[i][1]);
		assert_null(datum_from_json(&d, &c->type, json, NULL));
		txn_set(t, f->row, c, &d);
		json_free(json);
	}
	assert_null(db_commit(t));
	txn_free(t);
	f->row = table_find(db_table(f->db, "T"), &uuid);
	assert_non_null(f->row);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	db_close(f->db);
	free(f);
	return 0;
}

static struct err *read_condition(const struct fixture *f, const char *text,
				  struct condition **ret_condition)
{
	struct json_object *json = parse(text);
	struct err *e = condition_from_json(f->table, json, NULL, ret_condition);

	json_free(json);
	return e;
}

static struct condition *condition_of(const struct fixture *f, const char *text)
{
	struct condition *c;
	struct err *e = read_condition(f, text, &c);

	if (e)
		fail_msg("%s: %s", text, e->message);
	return c;
}

static void clauses(void **state)
{
	static const struct {
		const char *clause;
		bool holds;
	} cases[] = {
		{"true", true},
		{"false", false},
		{"[\"i\",\"==\",5]", true},
		{"[\"i\",\"==\",5.0]", true},
		{"[\"i\",\"==\",[\"set\",[5]]]", true},
		{"[\"i\",\"==\",4]", false},
		{"[\"i\",\"!=\",4]", true},
		{"[\"i\",\"!=\",5]", false},
		{"[\"i\",\"<\",5]", false},
		{"[\"i\",\"<\",6]", true},
		{"[\"i\",\"<=\",5]", true},
		{"[\"i\",\"<=\",4]", false},
		{"[\"i\",\">\",5]", false},
		{"[\"i\",\">\",4]", true},
		{"[\"i\",\">=\",5]", true},
		{"[\"i\",\">=\",6]", false},
		{"[\"i\",\"includes\",5]", true},
		{"[\"i\",\"includes\",4]", false},
		{"[\"i\",\"excludes\",4]", true},
		{"[\"i\",\"excludes\",5]", false},
		{"[\"r\",\"<\",2]", true},
		{"[\"r\",\">=\",1.5]", true},
		{"[\"r\",\"==\",1.5]", true},
		{"[\"b\",\"==\",true]", true},
		{"[\"b\",\"!=\",true]", false},
		{"[\"s\",\"==\",\"m\"]", true},
		{"[\"s\",\"includes\",\"m\"]", true},
		{"[\"u\",\"==\",[\"uuid\",\"" ROW_UUID "\"]]", true},
		/* An empty optional is in no order to anything. */
		{"[\"oi\",\"<\",3]", false},
		{"[\"oi\",\"<=\",3]", false},
		{"[\"oi\",\">\",3]", false},
		{"[\"oi\",\">=\",3]", false},
		{"[\"or\",\"<\",3]", false},
		{"[\"or\",\">\",3]", false},
		{"[\"oi5\",\">\",3]", true},
		{"[\"oi5\",\"<\",3]", false},
		{"[\"oi\",\"==\",[\"set\",[]]]", true},
		{"[\"oi\",\"!=\",3]", true},
		{"[\"oi\",\"includes\",[\"set\",[]]]", true},
		{"[\"oi\",\"excludes\",[\"set\",[1,2]]]", true},
		{"[\"os\",\"==\",\"\"]", false},
		{"[\"os\",\"==\",[\"set\",[]]]", true},
		{"[\"si\",\"==\",[\"set\",[3,2,1]]]", true},
		{"[\"si\",\"==\",[\"set\",[1,2]]]", false},
		{"[\"si\",\"!=\",[\"set\",[1,2]]]", true},
		{"[\"si\",\"includes\",[\"set\",[]]]", true},
		{"[\"si\",\"includes\",2]", true},
		{"[\"si\",\"includes\",[\"set\",[1,3]]]", true},
		{"[\"si\",\"includes\",[\"set\",[1,4]]]", false},
		{"[\"si\",\"excludes\",[\"set\",[]]]", true},
		{"[\"si\",\"excludes\",[\"set\",[4,5,6,7]]]", true},
		{"[\"si\",\"excludes\",[\"set\",[3,4]]]", false},
		{"[\"m\",\"==\",[\"map\",[[\"b\",2],[\"a\",1]]]]", true},
		{"[\"m\",\"==\",[\"map\",[[\"b\",2],[\"a\",2]]]]", false},
		{"[\"m\",\"includes\",[\"map\",[]]]", true},
		{"[\"m\",\"includes\",[\"map\",[[\"a\",1]]]]", true},
		{"[\"m\",\"includes\",[\"map\",[[\"a\",2]]]]", false},
		{"[\"m\",\"excludes\",[\"map\",[[\"a\",2],[\"c\",3]]]]", true},
		{"[\"m\",\"excludes\",[\"map\",[[\"a\",1]]]]", false},
		{"[\"_uuid\",\"==\",[\"uuid\",\"" ROW_UUID "\"]]", true},
		{"[\"_uuid\",\"==\",[\"uuid\",\"" OTHER_UUID "\"]]", false},
		{"[\"_uuid\",\"!=\",[\"uuid\",\"" OTHER_UUID "\"]]", true},
		{"[\"_uuid\",\"includes\",[\"uuid\",\"" ROW_UUID "\"]]", true},
		{"[\"_uuid\",\"excludes\",[\"uuid\",\"" ROW_UUID "\"]]", false},
		{"[\"_version\",\"==\",[\"uuid\",\"" OTHER_UUID "\"]]", false},
		{"[\"_version\",\"!=\",[\"uuid\",\"" OTHER_UUID "\"]]", true},
	};
	const struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = xasprintf("[%s]", cases[i].clause);
		struct condition *c = condition_of(f, text);

		if (condition_matches_all(c, f->row, NULL, NULL) != cases[i].holds)
			fail_msg("%s is %d", text, !cases[i].holds);
		assert_int_equal(condition_matches_any(c, f->row, NULL, NULL),
				 cases[i].holds);
		condition_free(c);
		free(text);
	}
}

static void several_clauses(void **state)
{
	static const struct {
		const char *text;
		bool all, any;
	} cases[] = {
		{"[]", true, true},
		{"[[\"i\",\"==\",5],[\"s\",\"==\",\"m\"]]", true, true},
		{"[[\"i\",\"==\",5],[\"s\",\"==\",\"x\"]]", false, true},
		{"[[\"i\",\"==\",4],[\"s\",\"==\",\"x\"]]", false, false},
		{"[true,false]", false, true},
	};
	const struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct condition *c = condition_of(f, cases[i].text);

		assert_int_equal(condition_matches_all(c, f->row, NULL, NULL),
				 cases[i].all);
		assert_int_equal(condition_matches_any(c, f->row, NULL, NULL),
				 cases[i].any);
		condition_free(c);
	}
}

static const struct datum *read_as_nine(const void *aux, const struct row *r,
					const struct column_schema *c)
{
	(void)r;
	assert_string_equal(c->name, "i");
	return aux;
}

static void reads_through_the_reader(void **state)
{
	const struct fixture *f = *state;
	struct condition *c = condition_of(f, "[[\"i\",\"==\",9]]");
	struct datum nine = {.n = 1, .one = {.integer = 9}};

	assert_false(condition_matches_all(c, f->row, NULL, NULL));
	assert_true(condition_matches_all(c, f->row, read_as_nine, &nine));
	assert_true(condition_matches_any(c, f->row, read_as_nine, &nine));
	condition_free(c);
}

/* --- many clauses --- */

#define N_MANY 10000

static const struct datum *read_and_count(const void *n_reads, const struct row *r,
					  const struct column_schema *c)
{
	++*(size_t *)(uintptr_t)n_reads;
	return row_get(r, c);
}

/* ["COLUMN", "FUNCTION", VALUE], '#' in the value being the number. */
static void print_clause(FILE *out, const char *column, const char *function,
			 const char *value, unsigned int number)
{
	fprintf(out, "[\"%s\",\"%s\",", column, function);
	for (; *value; value++) {
		if (*value == '#')
			fprintf(out, "%u", number);
		else
			fputc(*value, out);
	}
	fputc(']', out);
}

static char *many(const char *column, const char *function, const char *value,
		  unsigned int first)
{
	size_t n_bytes;
	char *text;
	FILE *out = open_memstream(&text, &n_bytes);

	assert_non_null(out);
	fputc('[', out);
	for (unsigned int i = 0; i < N_MANY; i++) {
		if (i)
			fputc(',', out);
		print_clause(out, column, function, value, first + i);
	}
	fputc(']', out);
	fclose(out);
	return text;
}

static void many_clauses_cost_like_few(void **state)
{
	static const struct {
		const char *column, *function, *value;
		unsigned int first;
		bool is_all, holds; /* which question, and its answer */
	} cases[] = {
		{"i", "==", "#", 6, false, false},
		{"i", "==", "#", 1, false, true},
		{"i", "!=", "#", 5, false, true},
		{"i", "<", "#", 6, false, true},
		{"i", ">=", "#", 6, false, false},
		{"oi", "==", "#", 6, false, false},
		{"s", "==", "\"#\"", 1, false, false},
		{"si", "includes", "#", 4, false, false},
		{"si", "includes", "#", 3, false, true},
		{"m", "includes", "[\"map\",[[\"a\",#]]]", 2, false, false},
		{"m", "includes", "[\"map\",[[\"a\",#]]]", 1, false, true},
		{"si", "==", "[\"set\",[2,1,#]]", 3, false, true},
		{"si", "==", "[\"set\",[2,1,#]]", 4, false, false},
		{"i", "!=", "#", 6, true, true},
		{"i", "!=", "#", 1, true, false},
		{"i", "==", "#", 5, true, false},
		{"i", "<=", "#", 5, true, true},
		{"i", ">", "#", 1, true, false},
		{"si", "excludes", "#", 4, true, true},
		{"si", "excludes", "[\"set\",[77777,#]]", 3, true, false},
		{"m", "excludes", "[\"map\",[[\"a\",#]]]", 2, true, true},
	};
	const struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(freep)
		char *text = many(cases[i].column, cases[i].function, cases[i].value,
				  cases[i].first);
		struct condition *c = condition_of(f, text);
		size_t n_reads = 0;
		bool holds;

		if (cases[i].is_all)
			holds = condition_matches_all(c, f->row, read_and_count,
						      &n_reads);
		else
			holds = condition_matches_any(c, f->row, read_and_count,
						      &n_reads);
		if (holds != cases[i].holds || n_reads > 2)
			fail_msg("number %zu, %s %s: %d after %zu reads", i,
				 cases[i].column, cases[i].function, holds, n_reads);
		condition_free(c);
	}
}

/* Appends a random clause, of the first 'n_kinds' kinds of value and the first
 * 'n_functions' functions from 'function' on. */
static void print_random_clause(FILE *out, size_t n_kinds, size_t function,
				size_t n_functions, unsigned int *seed)
{
	static const char *const functions[] = {"==", "!=", "includes", "excludes",
						"<",  "<=", ">",        ">="};
	static const struct {
		const char *column, *value;
	} kinds[] = {
		{"i", "#"},
		{"oi5", "#"},
		{"r", "#.5"},
		{"oi", "#"},
		/* No order from here on. */
		{"si", "#"},
		{"si", "[\"set\",[1,#0]]"},
		{"s", "\"#\""},
		{"s", "\"m\""},
		{"u", "[\"uuid\",\"" ROW_UUID "\"]"},
		{"_uuid", "[\"uuid\",\"#1111111-2222-3333-4444-555555555555\"]"},
		{"m", "[\"map\",[[\"a\",#]]]"},
		{"m", "[\"map\",[[\"b\",2],[\"a\",#]]]"},
	};
	size_t k = (size_t)rand_r(seed) % (n_kinds < 12 ? n_kinds : 12);

	function += (size_t)rand_r(seed) % n_functions;
	print_clause(out, kinds[k].column, functions[function % (k < 4 ? 8 : 4)],
		     kinds[k].value, 1 + (unsigned int)rand_r(seed) % 7);
}

/* One alone: 0 or 1. */
static bool ask_alone(const struct fixture *f, const char *clause)
{
	CLEANUP(freep) char *text = xasprintf("[%s]", clause);
	struct condition *c = condition_of(f, text);
	bool holds = condition_matches_all(c, f->row, NULL, NULL);

	condition_free(c);
	return holds;
}

static void list_is_its_clauses(const struct fixture *f, size_t n, size_t n_kinds,
				unsigned int *seed)
{
	size_t function = (size_t)rand_r(seed) % 8;
	size_t n_functions = 1 + (size_t)rand_r(seed) % 3;
	CLEANUP(freep) char *list = xstrdup("[");
	bool all = true, any = false;
	struct condition *c;

	for (size_t i = 0; i < n; i++) {
		CLEANUP(freep) char *before = list;
		CLEANUP(freep) char *clause = NULL;
		size_t n_bytes;
		FILE *out = open_memstream(&clause, &n_bytes);

		assert_non_null(out);
		print_random_clause(out, n_kinds, function, n_functions, seed);
		fclose(out);
		list = xasprintf("%s%s%s%s", before, i ? "," : "", clause,
				 i + 1 == n ? "]" : "");
		if (ask_alone(f, clause))
			any = true;
		else
			all = false;
	}
	c = condition_of(f, list);
	if (condition_matches_all(c, f->row, NULL, NULL) != all)
		fail_msg("all of %s is %d", list, !all);
	if (condition_matches_any(c, f->row, NULL, NULL) != any)
		fail_msg("any of %s is %d", list, !any);
	condition_free(c);
}

/* Lists of random clauses are the and, and the or, of what these are one by one. */
static void many_clauses_are_what_each_is(void **state)
{
	const struct fixture *f = *state;
	unsigned int seed = 1;

	for (size_t i = 0; i < 6000; i++)
		list_is_its_clauses(f, 1 + i % 24, 1 + i % 13, &seed);
}

static void what_a_search_may_use(void **state)
{
	const struct fixture *f = *state;
	struct condition *c =
		condition_of(f, "[[\"i\",\"<\",9],[\"s\",\"==\",\"m\"],[\"_uuid\",\"==\","
				"[\"uuid\",\"" ROW_UUID "\"]]]");
	struct condition *none =
		condition_of(f, "[[\"_uuid\",\"!=\",[\"uuid\",\"" ROW_UUID "\"]],true]");

	assert_true(uuid_equals(condition_uuid(c), row_uuid(f->row)));
	assert_null(condition_uuid(none));
	assert_string_equal(
		datum_string(condition_equal_value(c, table_schema_find(f->table, "s"))),
		"m");
	assert_null(condition_equal_value(c, table_schema_find(f->table, "i")));
	condition_free(c);
	condition_free(none);
	condition_free(NULL);
}

static void refusals(void **state)
{
	static const struct {
		const char *text;
		enum err_code code;
		const char *message; /* NULL: not looked at */
	} cases[] = {
		{"{}", ERR_SYNTAX, "conditions must be an array, not object"},
		{"[1]", ERR_SYNTAX,
		 "a condition must be [COLUMN, FUNCTION, VALUE], true or false"},
		{"[[\"i\",\"==\"]]", ERR_SYNTAX, NULL},
		{"[[\"i\",\"==\",1,2]]", ERR_SYNTAX, NULL},
		{"[[\"i\",1,1]]", ERR_SYNTAX, NULL},
		{"[[1,\"==\",1]]", ERR_SYNTAX, NULL},
		{"[[\"zz\",\"==\",1]]", ERR_UNKNOWN_COLUMN, "No column zz in table T."},
		{"[[\"i\",\"~\",1]]", ERR_UNKNOWN_FUNCTION, "No function named ~."},
		{"[[\"i\",\"==\",\"x\"]]", ERR_SYNTAX, "expected integer, found string"},
		{"[[\"i\",\"==\",5.5]]", ERR_SYNTAX, NULL},
		{"[[\"i\",\"==\",[\"set\",[]]]]", ERR_SYNTAX, NULL},
		{"[[\"i\",\"includes\",[\"set\",[4,5]]]]", ERR_SYNTAX, NULL},
		{"[[\"i\",\"excludes\",[\"set\",[]]]]", ERR_SYNTAX, NULL},
		{"[[\"oi\",\"<\",[\"set\",[]]]]", ERR_SYNTAX,
		 "set must have exactly one member but 0 are present"},
		{"[[\"oi\",\"includes\",[\"set\",[1,2]]]]", ERR_SYNTAX, NULL},
		{"[[\"si\",\"==\",[\"set\",[1,2,3,4]]]]", ERR_SYNTAX, NULL},
		{"[[\"m\",\"==\",[\"map\",[]]]]", ERR_SYNTAX, NULL},
		{"[[\"m\",\"includes\",[\"set\",[\"a\"]]]]", ERR_SYNTAX, NULL},
		{"[[\"s\",\"<\",\"x\"]]", ERR_SYNTAX,
		 "function \"<\" is for numbers, column s is a string"},
		{"[[\"b\",\"<=\",true]]", ERR_SYNTAX, NULL},
		{"[[\"u\",\">\",[\"uuid\",\"" ROW_UUID "\"]]]", ERR_SYNTAX, NULL},
		{"[[\"os\",\">=\",\"x\"]]", ERR_SYNTAX,
		 "function \">=\" is for numbers, column os is an optional string"},
		{"[[\"si\",\"<\",3]]", ERR_SYNTAX,
		 "function \"<\" is for numbers, column si is a set of integers"},
		{"[[\"m\",\"<\",3]]", ERR_SYNTAX,
		 "function \"<\" is for numbers, column m is a map of strings to "
		 "integers"},
		{"[[\"_uuid\",\"<\",[\"uuid\",\"" ROW_UUID "\"]]]", ERR_SYNTAX, NULL},
		{"[[\"_uuid\",\"==\",1]]", ERR_SYNTAX, NULL},
		{"[[\"_uuid\",\"==\",[\"named-uuid\",\"x\"]]]", ERR_SYNTAX, NULL},
		{"[[\"e\",\"==\",\"zzz\"]]", ERR_CONSTRAINT, NULL},
		{"[true,[\"si\",\"==\",[\"set\",[1,2]]],[\"i\",\"==\",\"x\"]]",
		 ERR_SYNTAX, NULL},
	};
	const struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct condition *c = NULL;
		struct err *e = read_condition(f, cases[i].text, &c);

		if (!e)
			fail_msg("%s was taken", cases[i].text);
		if (e->code != cases[i].code)
			fail_msg("%s: %s", cases[i].text, err_code_name(e->code));
		if (cases[i].message)
			assert_string_equal(e->message, cases[i].message);
		assert_null(c);
		err_free(e);
	}
}

static void names_stand_for_uuids(void **state)
{
	const struct fixture *f = *state;
	struct json_object *json = parse("[[\"_uuid\",\"==\",[\"named-uuid\",\"x\"]]]");
	struct named_uuids *names = named_uuids_new();
	struct condition *c;
	struct uuid u;

	assert_null(named_uuids_define(names, "x", row_uuid(f->row), &u));
	assert_null(condition_from_json(f->table, json, names, &c));
	assert_true(condition_matches_all(c, f->row, NULL, NULL));
	condition_free(c);
	named_uuids_free(names);
	json_free(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clauses),
		cmocka_unit_test(several_clauses),
		cmocka_unit_test(reads_through_the_reader),
		cmocka_unit_test(many_clauses_cost_like_few),
		cmocka_unit_test(many_clauses_are_what_each_is),
		cmocka_unit_test(what_a_search_may_use),
		cmocka_unit_test(refusals),
		cmocka_unit_test(names_stand_for_uuids),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
