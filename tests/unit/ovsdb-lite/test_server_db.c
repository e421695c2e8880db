/* The database _Server over the wire, and what goes with it: get_server_id,
 * set_db_change_aware, a second database. */
#include "tests/unit/ovsdb-lite/wire.h"

#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/values/uuid.h"

#define CALL(id, method, params)                                                         \
	"{\"id\":" id ",\"method\":\"" method "\",\"params\":" params "}"
#define RESULT(id, result) "{\"id\":" id ",\"result\":" result ",\"error\":null}"
#define ROW(name)                                                                        \
	"{\"name\":\"" name "\",\"model\":\"standalone\",\"connected\":true,"            \
	"\"leader\":true,\"cid\":[\"set\",[]],\"sid\":[\"set\",[]],"                     \
	"\"index\":[\"set\",[]]}"

/* The rows of _Server.Database in the columns given, as an object by name. Owned. */
static struct json_object *databases(struct peer *p, const char *columns)
{
	struct json_object *by_name = json_object(), *reply, *rows;
	char *text =
		xasprintf(CALL("1", "transact",
			       "[\"_Server\",{\"op\":\"select\",\"table\":\"Database\","
			       "\"where\":[],\"columns\":[%s]}]"),
			  columns);

	peer_send(p, text);
	free(text);
	reply = peer_next(p);
	rows = json_member(json_at(json_member(reply, "result"), 0), "rows");
	for (size_t i = 0; i < json_get_length(rows); i++) {
		struct json_object *row = json_at(rows, i);

		json_put(by_name, json_get_string(json_member(row, "name")),
			 json_clone(row));
	}
	json_free(reply);
	return by_name;
}

static void expect_row(const struct json_object *rows, const char *name, const char *want)
{
	struct json_object *wanted;

	wire_must(json_parse(want, strlen(want), &wanted));
	assert_true(json_equals(json_member(rows, name), wanted));
	json_free(wanted);
}

static void it_has_a_row_for_each_database_and_itself(void **state)
{
	struct peer *p = peer_open(*state);
	struct json_object *rows = databases(
		p, "\"name\",\"model\",\"connected\",\"leader\",\"cid\",\"sid\","
		   "\"index\"");

	assert_int_equal(json_get_length(rows), 2);
	expect_row(rows, "T", ROW("T"));
	expect_row(rows, "_Server", ROW("_Server"));
	json_free(rows);
	peer_close(p);
}

static void its_schema_column_is_what_get_schema_says(void **state)
{
	static const char *const names[] = {"T", "_Server"};
	struct peer *p = peer_open(*state);
	struct json_object *rows = databases(p, "\"name\",\"schema\"");

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *text = json_get_string(
			json_member(json_member(rows, names[i]), "schema"));
		char *request = xasprintf(CALL("2", "get_schema", "[\"%s\"]"), names[i]);
		struct json_object *schema, *reply;

		wire_must(json_parse(text, strlen(text), &schema));
		peer_send(p, request);
		reply = peer_next(p);
		assert_true(json_equals(json_member(reply, "result"), schema));
		assert_string_equal(json_get_string(json_member(schema, "name")),
				    names[i]);
		json_free(reply);
		json_free(schema);
		free(request);
	}
	json_free(rows);
	peer_close(p);
}

static void nobody_writes_to_it(void **state)
{
	static const char *const operations[] = {
		"{\"op\":\"insert\",\"table\":\"Database\",\"row\":{}}",
		"{\"op\":\"delete\",\"table\":\"Database\",\"where\":[]}",
		"{\"op\":\"update\",\"table\":\"Database\",\"where\":[],\"row\":{}}",
		"{\"op\":\"mutate\",\"table\":\"Database\",\"where\":[],\"mutations\":[]}"
		"",
	};
	struct peer *p = peer_open(*state);

	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		char *text = xasprintf(CALL("1", "transact", "[\"_Server\",%s]"),
				       operations[i]);
		struct json_object *reply;

		peer_send(p, text);
		reply = peer_next(p);
		assert_string_equal(
			json_get_string(json_member(
				json_at(json_member(reply, "result"), 0), "error")),
			"not allowed");
		json_free(reply);
		free(text);
	}
	peer_close(p);
}

static struct schema *schema_called(const char *name)
{
	char *text =
		xasprintf("{\"name\":\"%s\",\"version\":\"1.0.0\",\"tables\":{}}", name);
	struct json_object *json;
	struct schema *schema;

	wire_must(json_parse(text, strlen(text), &json));
	wire_must(schema_from_json(json, &schema));
	json_free(json);
	free(text);
	return schema;
}

static void a_new_database_is_told_and_served(void **state)
{
	struct wire *w = *state;
	struct db *second = db_new_in_memory(schema_called("U"));
	struct peer *p = peer_open(w);
	struct json_object *message, *updates;

	peer_ask(p,
		 CALL("1", "monitor",
		      "[\"_Server\",\"m\",{\"Database\":{\"columns\":[\"name\"],"
		      "\"select\":{\"initial\":false}}}]"),
		 RESULT("1", "{}"));
	wire_must(server_add_db(w->server, second));
	message = peer_next(p);
	updates = json_member(json_at(json_member(message, "params"), 1), "Database");
	assert_int_equal(json_get_length(updates), 1);
	for (struct json_iter i = json_iter_begin(updates); json_iter_next(&i);)
		assert_string_equal(
			json_get_string(json_member(json_member(i.value, "new"), "name")),
			"U");
	json_free(message);
	peer_ask(p, CALL("2", "list_dbs", "[]"),
		 RESULT("2", "[\"T\",\"U\",\"_Server\"]"));
	peer_ask(p, CALL("3", "transact", "[\"U\"]"), RESULT("3", "[]"));
	peer_close(p);
	server_free(STEAL(w->server));
	db_close(second);
}

/* ovsdb-wire.md 3: names that begin with '_' are the server's. */
static void a_second_one_of_its_name_is_refused(void **state)
{
	struct wire *w = *state;
	struct db *second = db_new_in_memory(schema_called("_Server"));

	wire_must_fail(server_add_db(w->server, second), ERR_EXISTS);
	db_close(second);
}

static void the_id_is_of_this_run(void **state)
{
	struct wire *w = *state;
	struct uuid id[3];

	for (size_t i = 0; i < ARRAY_SIZE(id); i++) {
		struct peer *p = peer_open(w);
		struct json_object *reply;

		peer_send(p, CALL("1", "get_server_id", "[]"));
		reply = peer_next(p);
		assert_true(uuid_parse(json_get_string(json_member(reply, "result")),
				       &id[i]));
		json_free(reply);
		peer_close(p);
		if (i == 1)
			wire_limit(w, NULL);
	}
	assert_true(uuid_equals(&id[0], &id[1]));
	assert_false(uuid_equals(&id[0], &id[2]));
}

static void change_awareness_is_a_boolean(void **state)
{
	struct peer *p = peer_open(*state);

	peer_ask(p, CALL("1", "set_db_change_aware", "[true]"), RESULT("1", "{}"));
	peer_ask(p, CALL("2", "set_db_change_aware", "[false]"), RESULT("2", "{}"));
	peer_expect_error(p, CALL("3", "set_db_change_aware", "[]"), "syntax error");
	peer_expect_error(p, CALL("3", "set_db_change_aware", "[1]"), "syntax error");
	peer_expect_error(p, CALL("3", "set_db_change_aware", "[true,1]"),
			  "syntax error");
	peer_close(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TEST(it_has_a_row_for_each_database_and_itself),
		WIRE_TEST(its_schema_column_is_what_get_schema_says),
		WIRE_TEST(nobody_writes_to_it),
		WIRE_TEST(a_new_database_is_told_and_served),
		WIRE_TEST(a_second_one_of_its_name_is_refused),
		WIRE_TEST(the_id_is_of_this_run),
		WIRE_TEST(change_awareness_is_a_boolean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
