/* What a transaction may cost: requests that are small and mean work without an end get
 * "resources exhausted"; those that are in proportion to what they bring, or to the
 * database, do not. Nothing here looks at a clock: work is counted. */
#include "database.h"

#include "lib/alloc.h"
#include "lib/buffer.h"
#include "ovsdb-lite/json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N_ROWS 5000

/* A request made of one text again and again, each '#' in it being the number. */
struct part {
	const char *text;
	unsigned int times;
};

static void put_part(struct buffer *b, const struct part *p)
{
	for (unsigned int i = 0; i < p->times; i++) {
		char number[16];

		snprintf(number, sizeof(number), "%u", i);
		if (b->n && b->data[b->n - 1] != '[')
			buffer_putc(b, ',');
		for (const char *s = p->text; *s; s++) {
			if (*s == '#')
				buffer_puts(b, number);
			else
				buffer_putc(b, *s);
		}
	}
}

/* Up to three parts, as a list of operations. */
static char *operations(const struct part *parts)
{
	struct buffer b = {0};

	buffer_putc(&b, '[');
	for (size_t i = 0; i < 3 && parts[i].text; i++)
		put_part(&b, &parts[i]);
	buffer_putc(&b, ']');
	return buffer_take(&b);
}

static struct db *new_db(void)
{
	return db_new_in_memory(make_schema(
		"{'name': 'T', 'version': '1.0.0', 'tables': {"
		"'R': {'isRoot': true, 'columns': {'n': {'type': 'integer'}, "
		"      's': {'type': 'string'}, 'set': {'type': {'key': 'integer', "
		"      'min': 0, 'max': 'unlimited'}}}},"
		"'K': {'isRoot': true, 'indexes': [['k']], 'columns': {'k': {'type': "
		"      'string'}}}}}"));
}

static int setup(void **state)
{
	struct db *db = new_db();
	struct buffer b = {0};

	buffer_putc(&b, '[');
	for (unsigned int i = 0; i < N_ROWS; i++) {
		char text[256];

		snprintf(text, sizeof(text),
			 "%s{'op': 'insert', 'table': 'R', 'uuid': "
			 "'11111111-1111-4111-8111-11%010u', 'row': {'n': %u, 's': "
			 "'s%u', 'set': ['set', [1, %u]]}}",
			 i ? "," : "", i, i, i, i + 2);
		buffer_puts(&b, text);
	}
	buffer_putc(&b, ']');
	must_transact(db, b.data);
	buffer_clear(&b);
	*state = db;
	return 0;
}

static int teardown(void **state)
{
	db_close(*state);
	return 0;
}

#define SELECT  "{'op': 'select', 'table': 'R', 'where': []}"
#define OF_MANY "'table': 'R', 'where': [['n', '>=', 0]]"
#define ABORT   "{'op': 'abort'}", 1

static void refuses_what_has_no_end(void **state)
{
	static const struct {
		const char *what;
		struct part parts[3];
	} cases[] = {
		{"full selects", {{SELECT, 1000}}},
		{"selects that find nothing",
		 {{"{'op': 'select', 'table': 'R', 'where': [['n', '==', -1]]}", 1000}}},
		{"selects of nothing",
		 {{"{'op': 'select', 'table': 'R', 'where': [false]}", 5000}}},
		{"sorted selects",
		 {{"{'op': 'select', 'table': 'R', 'where': [], 'columns': [], 'sort': "
		   "['s']}",
		   1000}}},
		{"waits",
		 {{"{'op': 'wait', 'table': 'R', 'where': [], 'columns': ['n'], 'until': "
		   "'!=', 'rows': [], 'timeout': 0}",
		   1000}}},
		{"mutations of many rows",
		 {{"{'op': 'mutate', " OF_MANY ", 'mutations': [['n', '+=', 1]", 1},
		  {"['n', '+=', 1]", 9999},
		  {"['n', '+=', 1]]}", 1}}},
		{"updates of many rows",
		 {{"{'op': 'update', " OF_MANY ", 'row': {'s': '#'}}", 1000}, {ABORT}}},
		{"deletions of what is gone",
		 {{"{'op': 'delete', " OF_MANY "}", 5000}, {ABORT}}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(freep) char *text = operations(cases[i].parts);
		CLEANUP(freep) char *reply = transact(*state, text);

		if (!strstr(reply, "{\"error\":\"resources exhausted\",\"details\":"
				   "\"operation "))
			fail_msg("%s: %.300s", cases[i].what, reply);
	}
}

/* Each copy of the set counts, however few rows there are. */
static void refuses_many_mutations_of_a_large_set(void **state)
{
	struct buffer b = {0};
	CLEANUP(freep) char *reply = NULL;

	buffer_puts(&b, "[{'op': 'update', 'table': 'R', 'where': [['n', '==', 5]], "
			"'row': {'set': ['set', [");
	put_part(&b, &(struct part){"1#", 10000});
	buffer_puts(&b, "]]}}");
	put_part(&b, &(struct part){"{'op': 'mutate', 'table': 'R', 'where': [['n', "
				    "'==', 5]], 'mutations': [['set', 'insert', 9#]]}",
				    1000});
	buffer_putc(&b, ']');
	reply = transact(*state, b.data);
	assert_non_null(strstr(reply, "resources exhausted"));
	buffer_clear(&b);
}

static void allows_what_is_in_proportion(void **state)
{
	static const struct {
		const char *what;
		struct part parts[3];
	} cases[] = {
		{"a dump, of several tables",
		 {{SELECT, 1}, {"{'op': 'select', 'table': 'K', 'where': []}", 1}}},
		{"many by their UUIDs",
		 {{"{'op': 'select', 'table': 'R', 'where': [['_uuid', '==', ['uuid', "
		   "'11111111-1111-4111-8111-110000000001']]]}",
		   20000}}},
		{"many by an index",
		 {{"{'op': 'select', 'table': 'K', 'where': [['k', '==', '#']]}",
		   20000}}},
		{"a restore",
		 {{"{'op': 'delete', 'table': 'R', 'where': []}", 1},
		  {"{'op': 'insert', 'table': 'R', 'row': {'n': #, 's': 's#'}}", 20000},
		  {"{'op': 'comment', 'comment': 'ovsdb-client'}", 1}}},
		{"what the IDL sends for many rows",
		 {{"{'op': 'wait', 'table': 'R', 'where': [['_uuid', '==', ['uuid', "
		   "'11111111-1111-4111-8111-110000000001']]], 'columns': ['s', 'n'], "
		   "'until': '!=', 'rows': [{'n': 7, 's': 'x'}], 'timeout': 0}, "
		   "{'op': 'update', 'table': 'R', 'where': [['_uuid', '==', ['uuid', "
		   "'11111111-1111-4111-8111-110000000001']]], 'row': {'s': 's1'}}",
		   10000}}},
		{"changes of all rows, and a few others",
		 {{"{'op': 'mutate', 'table': 'R', 'where': [], 'mutations': [['n', "
		   "'+=', "
		   "1], ['set', 'insert', ['set', [7, 8, 9]]]]}",
		   1},
		  {"{'op': 'update', 'table': 'R', 'where': [['n', '==', 3]], 'row': "
		   "{'s': 'x'}}",
		   20},
		  {"{'op': 'select', 'table': 'R', 'where': [['n', '<', 20]]}", 5}}},
		{"comments", {{"{'op': 'comment', 'comment': 'c#'}", 50000}}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(freep) char *text = operations(cases[i].parts);
		CLEANUP(freep) char *reply = transact(*state, text);

		if (strstr(reply, "\"error\""))
			fail_msg("%s: …%.300s", cases[i].what,
				 strstr(reply, "\"error\""));
		teardown(state);
		setup(state);
	}
}

/* Conditions of many clauses are hashed, but to read them is work as well. */
static void allows_many_clauses(void **state)
{
	struct buffer b = {0};
	CLEANUP(freep) char *reply = NULL;

	buffer_puts(&b, "[{'op': 'select', 'table': 'R', 'columns': ['n'], 'where': [");
	put_part(&b, &(struct part){"['n', '!=', 1#]", 10000});
	buffer_puts(&b, ", ['n', '<', 10]]}]");
	reply = transact(*state, b.data);
	assert_string_equal(reply, "[{\"rows\":[{\"n\":0},{\"n\":1},{\"n\":2},{\"n\":3},"
				   "{\"n\":4},{\"n\":5},{\"n\":6},{\"n\":7},{\"n\":8},"
				   "{\"n\":9}]}]");
	buffer_clear(&b);
}

/* What only reads has nothing free. */
static void readers_have_less(void **state)
{
	static const struct part by_uuid[3] = {
		{"{'op': 'select', 'table': 'R', 'where': [['_uuid', '==', ['uuid', "
		 "'11111111-1111-4111-8111-110000000001']]]}",
		 20000}};
	CLEANUP(freep) char *text = operations(by_uuid);
	CLEANUP(freep) char *whole = xasprintf("['T',%s", text + 1);
	struct json_object *params = parse(whole);
	struct exec_request request = {.db = *state, .params = params, .origin = nobody};
	struct exec_result result;

	for (int i = 0; i < 2; i++) {
		CLEANUP(freep) char *reply = NULL;

		request.subject.role = i ? RBAC_READ_ONLY : NULL;
		exec_transact(&request, &result);
		reply = json_text(result.reply);
		assert_int_equal(!strstr(reply, "resources exhausted"), !i);
		json_free(result.reply);
	}
	request = (struct exec_request){.db = *state, .params = params, .origin = nobody};
	request.subject.role = RBAC_READ_ONLY;
	request.max_work = 100000000;
	exec_transact(&request, &result);
	assert_int_equal(
		json_get_length(json_member(json_at(result.reply, 19999), "rows")), 1);
	json_free(result.reply);
	json_free(params);
}

/* Each would be compared with all before it. */
static void bounds_rows_of_one_key(void **state)
{
	static const struct part few[3] = {
		{"{'op': 'insert', 'table': 'K', 'row': {'k': 'x'}}", 3000}};
	static const struct part many[3] = {
		{"{'op': 'insert', 'table': 'K', 'row': {'k': 'x'}}", 6000}};
	static const struct part looked_up[3] = {
		{"{'op': 'insert', 'table': 'K', 'row': {'k': 'x'}}", 6000},
		{"{'op': 'select', 'table': 'K', 'where': [['k', '==', 'x']]}", 1},
		{"{'op': 'delete', 'table': 'K', 'where': []}", 1}};
	static const struct {
		const struct part *parts;
		const char *words;
	} cases[] = {
		{few, "{\"error\":\"constraint violation\""},
		{many, "{\"error\":\"resources exhausted\""},
		{looked_up, "{\"error\":\"resources exhausted\""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(freep) char *text = operations(cases[i].parts);
		CLEANUP(freep) char *reply = transact(*state, text);

		if (!strstr(reply, cases[i].words))
			fail_msg("%zu: …%s", i, strstr(reply, "\"error\""));
		assert_int_equal(table_count(db_table(*state, "K")), 0);
	}
}

#define WORK_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORK_TEST(refuses_what_has_no_end),
		WORK_TEST(refuses_many_mutations_of_a_large_set),
		WORK_TEST(allows_what_is_in_proportion),
		WORK_TEST(allows_many_clauses),
		WORK_TEST(readers_have_less),
		WORK_TEST(bounds_rows_of_one_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
