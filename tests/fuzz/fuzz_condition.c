/* Conditions: condition_from_json() and what they say of a row.
 *
 * Input: a row of fuzz_every_type, then conditions. Laws: a list is the and, or the or,
 * of its clauses; opposite functions answer opposite things; the same text says the same
 * again; `select` finds the row exactly if the condition matches, index and UUID or not.
 */
#include "fuzz.h"

#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/rows/condition.h"
#include "ovsdb-lite/values/datum.h"

#include <stdlib.h>
#include <string.h>

/* One clause alone, in place of its list. 1, 0; -1 if it cannot be asked. */
static int ask(const struct row *r, struct json_object *clause)
{
	struct json_object *list = json_array();
	struct condition *c;
	int answer = -1;

	json_add(list, clause);
	if (fuzz_ok(condition_from_json(table_schema(row_table(r)), list, NULL, &c))) {
		answer = condition_matches_all(c, r, NULL, NULL);
		LAW(answer == condition_matches_any(c, r, NULL, NULL));
		condition_free(c);
	}
	json_free(list);
	return answer;
}

/* The clause with another function. */
static int ask_with(const struct row *r, const struct json_object *clause,
		    const char *function)
{
	struct json_object *other = json_array();

	json_add(other, json_clone(json_at(clause, 0)));
	json_add(other, json_string(function));
	json_add(other, json_clone(json_at(clause, 2)));
	return ask(r, other);
}

static bool is_in(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(s, list[i]))
			return true;
	}
	return false;
}

/* 'clause' has an answer. */
static void check_opposites(const struct row *r, const struct json_object *clause,
			    bool answer)
{
	static const char *const orders[] = {"<", "<=", ">", ">="};
	const char *function;
	int equal;

	if (json_kind(clause) != JSON_ARRAY)
		return;
	function = json_get_string(json_at(clause, 1));
	equal = ask_with(r, clause, "==");
	if (equal >= 0)
		LAW(ask_with(r, clause, "!=") == !equal);
	if (is_in(function, orders, ARRAY_SIZE(orders))) {
		int less = ask_with(r, clause, "<"), more = ask_with(r, clause, ">");

		/* Of an empty column all are false. */
		LAW(less + more + equal <= 1);
		LAW(ask_with(r, clause, "<=") == (less | (equal & !less)));
		LAW(ask_with(r, clause, ">=") == (more | (equal & !more)));
		LAW(!answer || less + more + equal == 1);
	}
	if (equal == 1)
		LAW(ask_with(r, clause, "includes") == 1);
}

/* The answers of its clauses one by one. */
static void check_list(const struct row *r, const struct json_object *list,
		       const struct condition *c)
{
	bool all = true, any = !json_get_length(list);

	for (size_t i = 0; i < json_get_length(list); i++) {
		const struct json_object *clause = json_at(list, i);
		int answer = ask(r, json_clone(clause));

		LAW(answer >= 0);
		all = all && answer;
		any = any || answer;
		check_opposites(r, clause, answer);
	}
	LAW(condition_matches_all(c, r, NULL, NULL) == all);
	LAW(condition_matches_any(c, r, NULL, NULL) == any);
	if (all && condition_uuid(c))
		LAW(uuid_equals(condition_uuid(c), row_uuid(r)));
	for (size_t i = 0; all && i < table_schema(row_table(r))->n_columns; i++) {
		const struct column_schema *column =
			&table_schema(row_table(r))->columns[i];
		const struct datum *want = condition_equal_value(c, column);

		LAW(!want || datum_equals(want, row_get(r, column), &column->type));
	}
}

static void check_select(struct db *db, const struct json_object *list, bool matches)
{
	struct json_object *select = fuzz_json("[{'op': 'select', 'table': 'R'}]");
	struct json_object *reply;

	json_put(json_at(select, 0), "where", json_clone(list));
	reply = fuzz_transact(db, select);
	LAW(fuzz_succeeded(reply));
	LAW(json_get_length(json_member(json_at(reply, 0), "rows")) == matches);
	json_free(reply);
}

static void check_condition(struct db *db, const struct row *r,
			    const struct json_object *json)
{
	CLEANUP(freep) char *text = json_text(json);
	struct condition *c, *again;
	struct json_object *copy;

	if (!fuzz_ok(condition_from_json(table_schema(row_table(r)), json, NULL, &c)))
		return;
	check_list(r, json, c);
	check_select(db, json, condition_matches_all(c, r, NULL, NULL));
	fuzz_must(json_parse(text, strlen(text), &copy));
	fuzz_must(condition_from_json(table_schema(row_table(r)), copy, NULL, &again));
	LAW(condition_matches_all(c, r, NULL, NULL) ==
	    condition_matches_all(again, r, NULL, NULL));
	json_free(copy);
	condition_free(again);
	condition_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct fuzz_input in = {(const char *)data, n};
	struct json_object *json = fuzz_next(&in);
	const struct row *r;
	struct db *db;

	if (!json)
		return 0;
	db = fuzz_db_every_type();
	r = fuzz_insert(db, json);
	if (!r) {
		json_free(json);
		json = json_object();
		r = fuzz_insert(db, json);
	}
	do {
		json_free(json);
		json = fuzz_next(&in);
		if (json)
			check_condition(db, r, json);
	} while (json);
	db_close(db);
	return 0;
}
