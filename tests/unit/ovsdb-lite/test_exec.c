/* `transact` against the corpus in tests/data/transact.json: what each operation answers,
 * and which error which mistake gets. A line of the corpus is a test here. */
#include "database.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/values/uuid.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct test_case {
	const struct json_object *schema;
	const struct json_object *setup; /* of the section; may be NULL */
	const struct json_object *json;
};

/* UUIDs as <0>, <1> in the order in which they are met first. */
struct uuid_names {
	struct uuid uuids[32];
	size_t n;
};

static size_t uuid_number(struct uuid_names *names, const struct uuid *uuid)
{
	for (size_t i = 0; i < names->n; i++) {
		if (uuid_equals(&names->uuids[i], uuid))
			return i;
	}
	assert_true(names->n < ARRAY_SIZE(names->uuids));
	names->uuids[names->n] = *uuid;
	return names->n++;
}

static char *with_uuid_names(struct uuid_names *names, const char *text)
{
	char *out = xcalloc(strlen(text) + 1, 1);
	size_t n = 0;

	while (*text) {
		char piece[UUID_TEXT_BYTES] = "";
		struct uuid uuid;

		strncpy(piece, text, sizeof(piece) - 1);
		if (uuid_parse(piece, &uuid)) {
			n += (size_t)sprintf(out + n, "<%zu>", uuid_number(names, &uuid));
			text += strlen(piece);
		} else {
			out[n++] = *text++;
		}
	}
	return out;
}

/* Errors keep their tag alone: their words are looked at elsewhere. */
static struct json_object *without_words(const struct json_object *reply)
{
	struct json_object *out = json_array();

	for (size_t i = 0; i < json_get_length(reply); i++) {
		const struct json_object *element = json_at(reply, i);
		const struct json_object *tag = json_kind(element) == JSON_OBJECT
							? json_member(element, "error")
							: NULL;
		struct json_object *error;

		if (!tag) {
			json_add(out, json_clone(element));
			continue;
		}
		error = json_object();
		json_put(error, "error", json_clone(tag));
		json_add(out, error);
	}
	return out;
}

static struct json_object *run(struct db *db, const struct json_object *operations)
{
	struct json_object *params = json_array();
	const struct exec_request request = {
		.db = db, .params = params, .origin = nobody};
	struct exec_result result;

	json_add(params, json_string("T"));
	for (size_t i = 0; operations && i < json_get_length(operations); i++)
		json_add(params, json_clone(json_at(operations, i)));
	exec_transact(&request, &result);
	json_free(params);
	assert_non_null(result.reply);
	return result.reply;
}

static void append_all(struct json_object *to, struct json_object *from)
{
	for (size_t i = 0; i < json_get_length(from); i++)
		json_add(to, json_clone(json_at(from, i)));
	json_free(from);
}

static struct db *make_database(const struct test_case *c)
{
	struct schema *schema;
	struct db *db;

	expect_ok(schema_from_json(c->schema, &schema));
	db = db_new_in_memory(schema);
	json_free(run(db, c->setup));
	json_free(run(db, json_member(c->json, "setup")));
	return db;
}

/* 'words' stands in the reply, whose UUIDs have got their names; NULL: nothing to find. */
static void expect_words(struct uuid_names *names, const char *reply,
			 const struct json_object *words)
{
	CLEANUP(freep) char *quoted = words ? json_text(words) : NULL;
	CLEANUP(freep) char *named = quoted ? with_uuid_names(names, quoted) : NULL;

	if (!named)
		return;
	named[strlen(named) - 1] = '\0'; /* as it stands inside of a JSON string */
	if (!strstr(reply, named + 1))
		fail_msg("no \"%s\" in %s", named + 1, reply);
}

static void test_case(void **state)
{
	const struct test_case *c = *state;
	struct db *db = make_database(c);
	struct json_object *reply = run(db, json_member(c->json, "ops"));
	struct json_object *plain, *named;
	struct uuid_names names = {0};
	CLEANUP(freep) char *text = NULL;
	CLEANUP(freep) char *full = NULL;
	CLEANUP(freep) char *reduced = NULL;

	if (json_member(c->json, "then"))
		append_all(reply, run(db, json_member(c->json, "then")));
	text = json_text(reply);
	full = with_uuid_names(&names, text);
	plain = without_words(reply);
	free(text);
	text = json_text(plain);
	reduced = with_uuid_names(&names, text);
	expect_ok(json_parse(reduced, strlen(reduced), &named));
	if (!json_equals(named, json_member(c->json, "reply"))) {
		CLEANUP(freep) char *wanted = json_text(json_member(c->json, "reply"));

		fail_msg("wanted %s\ngot    %s\nwhole  %s", wanted, reduced, full);
	}
	expect_words(&names, full, json_member(c->json, "details"));
	expect_words(&names, full, json_member(c->json, "words"));
	json_free(named);
	json_free(plain);
	json_free(reply);
	db_close(db);
}

static struct json_object *read_corpus(void)
{
	FILE *f = fopen(TEST_DATA "/transact.json", "re");
	char *text = NULL;
	size_t size = 0;
	ssize_t n;
	struct json_object *json;

	assert_non_null(f);
	n = getdelim(&text, &size, EOF, f);
	assert_true(n > 0);
	fclose(f);
	expect_ok(json_parse(text, (size_t)n, &json));
	free(text);
	return json;
}

static void add_section(const struct json_object *corpus,
			const struct json_object *section, struct CMUnitTest **tests,
			size_t *n)
{
	const struct json_object *cases = json_member(section, "cases");

	for (size_t i = 0; i < json_get_length(cases); i++) {
		struct test_case *c = xcalloc(1, sizeof(*c));
		struct CMUnitTest test = {
			.test_func = test_case,
			.initial_state = c,
		};

		c->schema = json_member(corpus, "schema");
		c->setup = json_member(section, "setup");
		c->json = json_at(cases, i);
		test.name = xasprintf("%s: %s",
				      json_get_string(json_member(section, "section")),
				      json_get_string(json_member(c->json, "what")));
		*tests = xrealloc_array(*tests, *n + 1, sizeof(**tests));
		(*tests)[(*n)++] = test;
	}
}

int main(void)
{
	struct json_object *corpus = read_corpus();
	const struct json_object *sections = json_member(corpus, "sections");
	struct CMUnitTest *tests = NULL;
	size_t n = 0;
	int n_failed;

	for (size_t i = 0; i < json_get_length(sections); i++)
		add_section(corpus, json_at(sections, i), &tests, &n);
	n_failed = _cmocka_run_group_tests("exec", tests, n, NULL, NULL);
	for (size_t i = 0; i < n; i++) {
		char *name = (char *)(uintptr_t)tests[i].name;

		free(tests[i].initial_state);
		free(name);
	}
	free(tests);
	json_free(corpus);
	return n_failed;
}
