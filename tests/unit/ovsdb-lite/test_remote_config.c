/* ovsdb-lite/remote_config: a row a text. What is wrong is said in tests/clients, by the
 * program. */
#include "ovsdb-lite/server/remote_config.h"

#include "lib/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void remotes_are_read(void **state)
{
	static const struct {
		const char *text, *address, *role;
		int64_t probe_ms;
		mode_t mode;
		const char *group;
	} cases[] = {
		{"punix:/x", "punix:/x", "", 0, 0660, NULL},
		{"punix:/x,mode=0600,group=g", "punix:/x", "", 0, 0600, "g"},
		{"punix:/x,inactivity-probe=100,role=r", "punix:/x", "r", 100, 0660,
		 NULL},
		{"unix:/x", "unix:/x", "", 0, 0660, NULL},
		{"ptcp:1", "ptcp:1", "", 5000, 0660, NULL},
		{"pssl:", "pssl:", "", 5000, 0660, NULL},
		{"tcp:127.0.0.1:1", "tcp:127.0.0.1:1", "", 5000, 0660, NULL},
		{"ssl:[::1]:1,role=a b=c", "ssl:[::1]:1", "a b=c", 5000, 0660, NULL},
		{"ptcp:1,inactivity-probe=0", "ptcp:1", "", 0, 0660, NULL},
		{"ptcp:1,role=a,role=b", "ptcp:1", "b", 5000, 0660, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct remote_config spec;

		assert_null(remote_config_parse(cases[i].text, &spec));
		assert_string_equal(spec.address, cases[i].address);
		assert_string_equal(spec.role, cases[i].role);
		assert_int_equal(spec.probe_ms, cases[i].probe_ms);
		assert_int_equal(spec.mode, cases[i].mode);
		if (cases[i].group)
			assert_string_equal(spec.group, cases[i].group);
		else
			assert_null(spec.group);
		remote_config_clear(&spec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remotes_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
