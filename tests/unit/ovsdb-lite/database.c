/* What the tests of a database have in common. */
#include "database.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/rows/txn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const struct txn_origin nobody = {.internal = true, .uid = -1, .pid = -1};

struct json_object *parse(const char *text)
{
	CLEANUP(freep) char *quoted = xstrdup(text);
	struct json_object *json;

	for (char *p = quoted; *p; p++) {
		if (*p == '\'')
			*p = '"';
	}
	expect_ok(json_parse(quoted, strlen(quoted), &json));
	return json;
}

struct schema *make_schema(const char *text)
{
	struct json_object *json = parse(text);
	struct schema *s;

	expect_ok(schema_from_json(json, &s));
	json_free(json);
	return s;
}

void expect_ok(struct err *e)
{
	char *text;

	if (!e)
		return;
	text = err_text(e);
	err_free(e);
	fail_msg("unexpected error: %s", text);
}

void expect_err(struct err *e, enum err_code code, const char *words)
{
	CLEANUP(freep) char *text = e ? err_text(e) : NULL;

	if (!e)
		fail_msg("no error, where one with \"%s\" was expected",
			 words ? words : "");
	else if (e->code != code || (words && !strstr(text, words)))
		fail_msg("%s: %s\nwhere \"%s: …%s…\" was expected",
			 err_code_name(e->code), text, err_code_name(code),
			 words ? words : "");
	err_free(e);
}

char *transact(struct db *db, const char *operations)
{
	return transact_as(db, (struct rbac_subject){0}, operations);
}

char *transact_as(struct db *db, struct rbac_subject subject, const char *operations)
{
	CLEANUP(freep)
	char *params_text =
		xasprintf("['T'%s%s", operations[1] == ']' ? "" : ", ", operations + 1);
	struct json_object *params = parse(params_text);
	const struct exec_request request = {
		.db = db, .params = params, .origin = nobody, .subject = subject};
	struct exec_result result;
	char *text;

	exec_transact(&request, &result);
	assert_non_null(result.reply);
	text = json_text(result.reply);
	json_free(result.reply);
	json_free(params);
	return text;
}

void must_transact(struct db *db, const char *operations)
{
	CLEANUP(freep) char *reply = transact(db, operations);

	if (strstr(reply, "\"error\":"))
		fail_msg("%s", reply);
}

static int row_cmp(const void *a, const void *b)
{
	const struct row *const *ra = a, *const *rb = b;

	return uuid_cmp(row_uuid(*ra), row_uuid(*rb));
}

static char *append(char *text, char *more)
{
	char *both = xasprintf("%s%s", text, more);

	free(text);
	free(more);
	return both;
}

static char *dump_row(char *text, const struct row *r, bool with_version)
{
	const struct table_schema *ts = table_schema(row_table(r));
	char uuid[UUID_TEXT_BYTES], version[UUID_TEXT_BYTES];

	text = append(
		text,
		xasprintf("%s %s %s", ts->name, uuid_format(row_uuid(r), uuid),
			  with_version ? uuid_format(row_version(r), version) : ""));
	for (size_t i = 0; i < ts->n_columns; i++) {
		struct json_object *json =
			datum_to_json(row_get(r, &ts->columns[i]), &ts->columns[i].type);
		CLEANUP(freep) char *value = json_text(json);

		text = append(text, xasprintf(" %s=%s", ts->columns[i].name, value));
		json_free(json);
	}
	return append(text, xstrdup("\n"));
}

char *dump(struct db *db, bool with_versions)
{
	char *text = xstrdup("");

	for (unsigned int i = 0; i < db_schema(db)->n_tables; i++) {
		struct table *t = db_table_at(db, i);
		CLEANUP(freep)
		const struct row **rows = xcalloc(table_count(t) + 1, sizeof(*rows));
		size_t n = 0;

		TABLE_FOR_EACH (r, t)
			rows[n++] = r;
		assert_int_equal(n, table_count(t));
		qsort(rows, n, sizeof(*rows), row_cmp);
		for (size_t j = 0; j < n; j++)
			text = dump_row(text, rows[j], with_versions);
	}
	return text;
}
