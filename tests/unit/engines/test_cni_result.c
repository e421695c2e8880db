/* Results and errors of CNI, as JSON. tests/e2e/test_cni.py has the results of each version. */
#include "config/canon.h"
#include "engines/cni/cni_result.h"
#include "engines/cni/cni_route.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
// cmocka.h needs those above.
#include <cmocka.h>

static struct json_object *parsed(const char *text)
{
	struct json_object *v;
	struct err *e = json_parse(text, strlen(text), &v);

	assert_null(e);
	return v;
}

static void assert_route(const char *json, const char *route)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(json_freep) struct json_object *v = parsed(json);
	struct model_route r;
	struct err *e = cni_route_read(a, v, &r);

	assert_null(e);
	assert_string_equal(model_route_text(a, &r), route);
}

static void routes(void **state)
{
	(void)state;
	assert_route("{\"dst\": \"0.0.0.0/0\", \"gw\": \"10.0.0.1\"}",
		     "default via 10.0.0.1");
	assert_route("{\"dst\": \"::/0\", \"gw\": \"fe80::1\", \"priority\": 7}",
		     "default via fe80::1 metric 7");
	assert_route("{\"dst\": \"10.1.2.3/16\", \"mtu\": 0, \"table\": 9}",
		     "10.1.0.0/16 table 9");
}

static void bad_routes(void **state)
{
	static const char *const texts[] = {"[]", "{}", "{\"dst\": \"10.0.0.0/33\"}",
					    "{\"dst\": \"0.0.0.0/0\", \"gw\": \"::1\"}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		CLEANUP(json_freep) struct json_object *v = parsed(texts[i]);
		struct model_route r;
		struct err *e = cni_route_read(a, v, &r);

		assert_non_null(e);
		err_free(e);
	}
}

/* Bytes of a file's name that are no text, in valid JSON. */
static void errors(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(freep)
	char *text = cni_error_json(cni_error_new(a, CNI_IO, "again", "file \xff\n\"x\""),
				    "1.0.0");
	CLEANUP(json_freep) struct json_object *v = parsed(text);

	(void)state;
	assert_string_equal(json_member_text(v, "msg"), "file ??\"x\"");
	assert_string_equal(json_member_text(v, "details"), "again");
	assert_int_equal(json_get_integer(json_member(v, "code")), CNI_IO);
}

static void errors_with_hint(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct cni_error *e = cni_error_from(
		a, CNI_IO,
		err_wrap(err_hint(err_new(ERR_INVALID, "bad"), "mend it"), "file"));

	(void)state;
	assert_string_equal(e->message, "file: bad");
	assert_string_equal(e->details, "mend it");
}

/* Addresses of other interfaces are not this program's. */
static void check_ours_alone(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(json_freep)
	struct json_object *previous = parsed(
		"{\"interfaces\": [{\"name\": \"eth0\"}, {\"name\": \"eth0\", "
		"\"sandbox\": "
		"\"/c\"}, 7], \"ips\": [{\"address\": \"1.2.3.4/8\", \"interface\": 0}, "
		"{\"address\": \"1.2.3.4/8\", \"interface\": 9}, {\"address\": "
		"\"1.2.3.4/8\"},"
		" 5, {\"address\": \"10.0.0.2/24\", \"interface\": 1}]}");
	struct cni_request request = {.previous = previous,
				      .want = {.ifname = "eth0", .container = "c"}};
	struct model_slave s = model_slave_named("", "eth0");
	struct ip_prefix address;
	const struct cni_error *e;

	(void)state;
	assert_null(canon_address_parse("10.0.0.2/24", &address));
	s.addresses = &address;
	s.n_addresses = 1;
	assert_null(cni_result_check(a, &request, &s));
	s.n_addresses = 0;
	e = cni_result_check(a, &request, &s);
	assert_non_null(e);
	assert_int_equal(e->code, CNI_DIFFERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes),           cmocka_unit_test(bad_routes),
		cmocka_unit_test(errors),           cmocka_unit_test(errors_with_hint),
		cmocka_unit_test(check_ours_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
