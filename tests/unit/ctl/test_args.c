/* COLUMN=VALUE in all its forms, and what is said of those that are none. */
#include "world.h"

#include "ctl/line/args.h"
#include "ctl/output/value.h"
#include "lib/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct world w;

static int setup(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_clear(&w);
	return 0;
}

static const struct table_schema *table(const char *name)
{
	return table_schema(db_table(w.db, name));
}

/* 'text' is read, and written it is 'right'. */
static void expect_read(const char *table_name, const char *text, const char *right)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct assignment as;
	struct err *e = args_parse(table(table_name), text, &as);

	if (e)
		fail_msg("%s: %s", text, err_text(e));
	assert_string_equal(value_notation(a, &as.value, &as.column->type), right);
	assignment_clear(&as);
}

static void expect_error(const char *table_name, const char *text, const char *right)
{
	struct assignment as;
	CLEANUP(err_freep) struct err *e = args_parse(table(table_name), text, &as);
	CLEANUP(freep) char *said = NULL;

	if (!e)
		fail_msg("%s was taken", text);
	said = err_text(e);
	expect_text(said, right);
}

static void test_single(void **state)
{
	(void)state;
	expect_read("Slave", "mtu=1400", "1400");
	expect_read("Slave", "mtu=[]", "[]");
	expect_read("Slave", "mtu=auto", "[]");
	expect_read("Slave", "enabled=true", "true");
	expect_read("Slave", "enabled=FALSE", "false");
	expect_read("Slave", "netns=ns1", "ns1");
	expect_read("Slave", "netns=[]", "\"\"");
	expect_read("Slave", "alias=\"[]\"", "\"[]\"");
	expect_read("Slave", "netns=\"ns 1\"", "\"ns 1\"");
	expect_read("Master", "mode=l2", "l2");
	expect_read("Master", "vlan-link=eno2", "eno2");
	expect_read("Master", "vlan_link=[]", "[]");
	expect_read("Host", "next_cfg=-7", "-7");
}

static void test_sets(void **state)
{
	(void)state;
	expect_read("Slave", "addresses=10.0.0.2/24", "[10.0.0.2/24]");
	expect_read("Slave", "addresses=10.0.0.3/24, 10.0.0.2/24",
		    "[10.0.0.2/24, 10.0.0.3/24]");
	expect_read("Slave", "addresses=10.0.0.3/24 10.0.0.2/24",
		    "[10.0.0.2/24, 10.0.0.3/24]");
	expect_read("Slave", "addresses=[10.0.0.2/24,\"2001:DB8::2/64\"]",
		    "[10.0.0.2/24, 2001:db8::2/64]");
	expect_read("Slave", "addresses=[]", "[]");
	expect_read("Slave", "addresses=[ ]", "[]");
	expect_read("Slave", "routes=default via 10.0.0.1, 10.9.0.0/16",
		    "[10.9.0.0/16, \"default via 10.0.0.1\"]");
	expect_read("Slave", "routes=[default, \"10.9.0.0/16 via 10.0.0.1\"]",
		    "[\"10.9.0.0/16 via 10.0.0.1\", default]");
	expect_read("Slave", "nameservers=10.3.3.3, 10.3.3.4", "\"10.3.3.3 10.3.3.4\"");
	expect_read("Slave", "search=a.example b.example", "\"a.example b.example\"");
}

static void test_maps(void **state)
{
	(void)state;
	expect_read("Slave", "external_ids={a=b, c=\"d e\"}", "{a=b, c=\"d e\"}");
	expect_read("Slave", "external_ids=a=b", "{a=b}");
	expect_read("Slave", "external_ids={}", "{}");
	expect_read("Slave", "external_ids:a.b=c,d", "{a.b=\"c,d\"}");
	expect_read("Slave", "sysctl:ipv6.accept_ra=0", "{ipv6.accept_ra=0}");
}

static void test_errors(void **state)
{
	(void)state;
	expect_error("Slave", "adresses=10.0.0.1/24",
		     "Slave has no column \"adresses\"; did you mean addresses?");
	expect_error("Slave", "mtu",
		     "\"mtu\" is not COLUMN=VALUE; write, for example, mtu=1500; "
		     "quote what the shell would split");
	expect_error("Master", "mtu=auto", "mtu: \"auto\" is not a whole number");
	expect_error("Slave", "mtu=big", "mtu: \"big\" is not a whole number");
	expect_error("Slave", "mtu=1,2",
		     "mtu=1,2: the column takes one value, but 2 are given");
	/* As in a YAML file. */
	expect_error("Slave", "enabled=yes",
		     "enabled: \"yes\" is neither true nor false; write enabled=true");
	expect_error("Slave", "enabled=OFF",
		     "enabled: \"OFF\" is neither true nor false; write enabled=false");
	expect_error("Slave", "enabled=0",
		     "enabled=0: \"0\" is neither true nor false; write enabled=false");
	expect_error("Slave", "mtu=\"1400\"",
		     "mtu: \"1400\" is a string, because it is quoted; leave "
		     "out the quotes");
	expect_error("Slave", "enabled=\"true\"",
		     "enabled: \"true\" is a string, because it is quoted; "
		     "leave out the quotes");
	expect_error("Slave", "enabled=perhaps",
		     "enabled: \"perhaps\" is neither true nor false");
	expect_error("Master", "mode=l4",
		     "mode: \"l4\" is not one of l2, l3, l3s or passthru");
	expect_error("Slave", "external_ids=a",
		     "external_ids=a: it is a map; write external_ids=KEY=VALUE, or "
		     "external_ids:KEY=VALUE for one key");
	expect_error("Slave", "mtu:a=1",
		     "mtu:a=1: the column is not a map and has no keys; write mtu=VALUE");
	expect_error("Slave", "addresses=10.0.0.2/24,",
		     "addresses=10.0.0.2/24,: an element of the list is empty");
	expect_error("Slave", "external_ids={a=b",
		     "external_ids={a=b: a closing } is missing");
	expect_error("Slave", "external_ids=a=b,c",
		     "external_ids=a=b,c: not every key has a value; write KEY=VALUE for "
		     "each");
}

/* Each of these must be refused in some words, and none may crash. */
static void test_nonsense(void **state)
{
	static const char *const texts[] = {
		"mtu=99999",
		"mtu=-1",
		"addresses=10.0.0.2",
		"addresses=,",
		"addresses=\"",
		"routes=via",
		"routes=default,,x",
		"name=",
		"name=a/b",
		"name=%d",
		"netns=a/b",
		"sysctl:kernel.x=1",
		"external_ids={=}",
		"sysctl={a}",
		"external_ids={a=b c",
		"=",
		"!=x",
		":a=b",
		"external_ids:=b",
		"addresses=[\"\\q\"]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct assignment as;
		struct err *e = args_parse(table("Slave"), texts[i], &as);

		if (!e)
			fail_msg("%s was taken", texts[i]);
		err_free(e);
	}
}

static void test_writing(void **state)
{
	char mtu[] = "mtu=1400", state_[] = "state=ready", other[] = "mtu=1500",
	     asks[] = "mtu!=1400";
	char *const status[] = {mtu, state_}, *const twice[] = {mtu, other},
		    *const question[] = {asks};
	struct assignment *all;
	struct err *e;

	(void)state;
	e = args_parse_all(table("Slave"), status, 2, &all);
	assert_non_null(strstr(e->message, "ipvld writes it"));
	err_free(e);
	e = args_parse_all(table("Slave"), twice, 2, &all);
	assert_string_equal(e->message, "mtu is given twice");
	err_free(e);
	e = args_parse_all(table("Slave"), question, 1, &all);
	assert_non_null(strstr(e->message, "is a condition"));
	err_free(e);
}

static void test_tables(void **state)
{
	const struct table_schema *t;
	struct err *e = args_find_table(db_schema(w.db), "slave", &t);

	(void)state;
	assert_null(e);
	assert_string_equal(t->name, "Slave");
	e = args_find_table(db_schema(w.db), "Slaves", &t);
	assert_string_equal(e->hint, "did you mean Slave?");
	err_free(e);
	e = args_find_table(db_schema(w.db), "Bridge", &t);
	assert_non_null(
		strstr(e->hint,
		       "Drift, Host, Lease, Master, Netns, Pool, Saved, Settled, Slave"));
	err_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single),   cmocka_unit_test(test_sets),
		cmocka_unit_test(test_maps),     cmocka_unit_test(test_errors),
		cmocka_unit_test(test_nonsense), cmocka_unit_test(test_writing),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
