/* Which slaves are fetched for a line. */
#include "ctl/commands.h"
#include "ctl/session/scope.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UUID "00000000-0000-4000-8000-00000000000a"
#define NONE "[false]"
#define ANY  NULL

static const struct {
	const char *line, *where;
} cases[] = {
	{"show", ANY},
	{"status", ANY},
	{"drift", ANY},
	{"list-slaves", ANY},
	{"list Slave", ANY},
	{"find Slave name=a", ANY},
	{"diff -f x.yaml", ANY},
	{"del-master eth0", ANY},
	{"set-master eth0 mode=l2", ANY},
	{"create Slave name=a", ANY},
	{"destroy Slave a", ANY},

	{"list-masters", NONE},
	{"init", NONE},
	{"add-master eth0 mode=l2", NONE},
	{"comment hello", NONE},
	{"get Host . next_cfg", NONE},

	{"set-slave a mtu=1400", "[[\"name\",\"==\",\"a\"],false]"},
	{"set-slave ns1/a mtu=1400", "[[\"name\",\"==\",\"a\"],false]"},
	{"set-slave /run/x/a mtu=1400", "[[\"name\",\"==\",\"a\"],false]"},
	{"del-slave a ns1/b", "[[\"name\",\"==\",\"a\"],[\"name\",\"==\",\"b\"],false]"},
	{"add-slave eth0 a netns=x mtu=9", "[[\"name\",\"==\",\"a\"],false]"},
	{"add-master m -- add-slave m n/a -- set-slave b mtu=9",
	 "[[\"name\",\"==\",\"a\"],[\"name\",\"==\",\"b\"],false]"},
	{"get Slave a state", "[[\"name\",\"==\",\"a\"],false]"},
	{"get Slave " UUID " state",
	 "[[\"_uuid\",\"==\",[\"uuid\",\"" UUID "\"]],false]"},
	{"get Slave a-name-that-is-too-long state", NONE},
	{"del-slave ns1/", NONE},
	{"set Slave a mtu=9 -- clear Slave a mtu -- add Slave b routes x",
	 "[[\"name\",\"==\",\"a\"],[\"name\",\"==\",\"a\"],[\"name\",\"==\",\"b\"],"
	 "false]"},
	{"wait-until Slave a state=ready", "[[\"name\",\"==\",\"a\"],false]"},

	/* In doubt, all. */
	{"set-slave a name=b", ANY},
	{"set-slave a mtu=9 name=b", ANY},
	{"set Slave a name=b", ANY},
	{"get Slave . state", ANY},
	{"get slave a state", ANY},
	{"get Master eth0 slaves", ANY},
	{"set-slave a mtu=9 -- show", ANY},
};

static void lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(freep) char *text = xasprintf("ipvl-ctl %s", cases[i].line);
		CLEANUP(json_freep) struct json_object *where = NULL;
		CLEANUP(freep) char *have = NULL;
		char *rest = text, *argv[20];
		int argc = 0;
		struct line l;

		while ((argv[argc] = strsep(&rest, " ")))
			argc++;
		assert_null(parse_line(commands, argc, argv, &l));
		where = scope_of_line(&l);
		have = where ? json_text(where) : NULL;
		if (!have != !cases[i].where || (have && strcmp(have, cases[i].where)))
			fail_msg("%s: %s", cases[i].line, have ? have : "any");
		line_clear(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lines)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
