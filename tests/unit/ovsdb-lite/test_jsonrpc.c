/* ovsdb-lite/jsonrpc: what is a message (RFC 7047 4), and the text of one. */
#include "ovsdb-lite/wire/jsonrpc.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct json_object *parse(const char *text)
{
	struct json_object *json;

	assert_null(json_parse(text, strlen(text), &json));
	return json;
}

static struct jsonrpc_message message(const char *text)
{
	struct jsonrpc_message m;

	assert_null(jsonrpc_from_json(parse(text), &m));
	return m;
}

static void assert_json(const struct json_object *json, const char *want)
{
	char *text = json_text(json);

	assert_string_equal(text, want);
	free(text);
}

static void requests_have_an_id_of_any_kind(void **state)
{
	static const char *const ids[] = {"1",     "\"x\"", "[1,\"a\"]", "{\"a\":null}",
					  "false", "0"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		char *text =
			xasprintf("{\"id\":%s,\"method\":\"m\",\"params\":[1]}", ids[i]);
		struct jsonrpc_message m = message(text);

		assert_int_equal(m.kind, JSONRPC_REQUEST);
		assert_string_equal(m.method, "m");
		assert_json(m.params, "[1]");
		assert_json(m.id, ids[i]);
		jsonrpc_message_clear(&m);
		free(text);
	}
}

static void notifications_have_none(void **state)
{
	static const char *const texts[] = {
		"{\"id\":null,\"method\":\"m\",\"params\":[]}",
		"{\"method\":\"m\",\"params\":[]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct jsonrpc_message m = message(texts[i]);

		assert_int_equal(m.kind, JSONRPC_NOTIFICATION);
		assert_null(m.id);
		jsonrpc_message_clear(&m);
	}
}

static void replies_and_errors(void **state)
{
	struct jsonrpc_message m = message("{\"id\":3,\"result\":{},\"error\":null}");

	(void)state;
	assert_int_equal(m.kind, JSONRPC_REPLY);
	assert_json(m.result, "{}");
	jsonrpc_message_clear(&m);
	/* ovsdb-server leaves out the member that is null. */
	m = message("{\"id\":3,\"error\":\"canceled\"}");
	assert_int_equal(m.kind, JSONRPC_ERROR);
	assert_json(m.error, "\"canceled\"");
	jsonrpc_message_clear(&m);
	m = message("{\"id\":3,\"result\":null,\"error\":null}");
	assert_int_equal(m.kind, JSONRPC_REPLY);
	assert_int_equal(json_kind(m.result), JSON_NULL);
	jsonrpc_message_clear(&m);
}

static void everything_else_is_no_message(void **state)
{
	static const char *const texts[] = {
		"[]",
		"1",
		"null",
		"{}",
		"{\"id\":1}",
		"{\"id\":1,\"method\":\"m\"}",
		"{\"id\":1,\"method\":2,\"params\":[]}",
		"{\"id\":1,\"method\":\"m\",\"params\":[],\"result\":1}",
		"{\"id\":1,\"method\":\"m\",\"params\":[],\"error\":\"x\"}",
		"{\"id\":1,\"method\":\"m\",\"params\":{}}",
		"{\"id\":null,\"result\":1,\"error\":null}",
		"{\"id\":1,\"result\":1,\"error\":\"x\"}",
		"{\"result\":1}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct jsonrpc_message m;
		struct err *e = jsonrpc_from_json(parse(texts[i]), &m);

		assert_non_null(e);
		assert_int_equal(e->code, ERR_PROTOCOL);
		err_free(e);
	}
}

static void assert_text(char *text, const char *want)
{
	assert_string_equal(text, want);
	free(text);
}

static void texts(void **state)
{
	(void)state;
	assert_text(jsonrpc_request("m", parse("[1]"), json_integer(7)),
		    "{\"id\":7,\"method\":\"m\",\"params\":[1]}");
	assert_text(jsonrpc_notification("n", json_array()),
		    "{\"id\":null,\"method\":\"n\",\"params\":[]}");
	assert_text(jsonrpc_reply(json_object(), json_string("x")),
		    "{\"id\":\"x\",\"result\":{},\"error\":null}");
	assert_text(jsonrpc_error(json_string("no"), json_null()),
		    "{\"id\":null,\"result\":null,\"error\":\"no\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_have_an_id_of_any_kind),
		cmocka_unit_test(notifications_have_none),
		cmocka_unit_test(replies_and_errors),
		cmocka_unit_test(everything_else_is_no_message),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
