/* The commands on rows: what they write, what they refuse, and by which names rows go. */
#include "world.h"

#include "ctl/files/source.h"
#include "ctl/output/screen.h"
#include "ctl/text/diff.h"
#include "ctl/text/dry_run.h"
#include "ctl/text/wait.h"
#include "lib/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct world w;

static int setup(void **state)
{
	(void)state;
	world_init(&w);
	world_run(&w, "add-master|eno2|mode=l2");
	world_run(&w, "add-slave|eno2|ns1/a|addresses=10.0.0.2/24");
	world_run(&w, "add-slave|eno2|ns2/a|addresses=10.0.0.3/24");
	world_run(&w, "add-slave|eno2|b");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_clear(&w);
	return 0;
}

static void expect_get(const char *what, const char *right)
{
	CLEANUP(freep) char *line = xasprintf("get|%s", what);

	expect_text(world_run(&w, line), right);
}

static void test_naming(void **state)
{
	(void)state;
	world_refuse(
		&w, "set-slave|a|mtu=1400",
		"2 slaves are named a: ns1/a, ns2/a; give its namespace too: NETNS/NAME");
	world_run(&w, "set-slave|ns1/a|mtu=1400");
	expect_get("slave|ns1/a|mtu", "1400\n");
	expect_get("slave|ns2/a|mtu", "[]\n");
	world_run(&w, "set-slave|b|mtu=1300");
	expect_get("Slave|/b|mtu", "1300\n");
	world_refuse(&w, "set-slave|ns3/a|mtu=1400",
		     "no such slave: ns3/a; did you mean ns1/a?");
	world_refuse(&w, "set-master|eno9|mtu=1400",
		     "no such master: eno9; did you mean eno2?");
	/* Its own namespace is written as "/". */
	world_run(&w, "add-slave|eno2|ns1/b");
	world_refuse(&w, "del-slave|b", "2 slaves are named b: /b, ns1/b");
	world_run(&w, "del-slave|/b");
	world_run(&w, "del-slave|b");
	world_run(&w, "add-slave|eno2|/run/x/c");
	expect_get("slave|c|netns", "/run/x\n");
	/* One namespace has one text, in whichever form it is given. */
	world_run(&w, "add-slave|eno2|/run/netns/x/d");
	world_run(&w, "add-slave|eno2|e|netns=/var/run/netns/x");
	expect_get("slave|x/d|netns", "x\n");
	expect_get("slave|/run/netns/x/e|netns", "x\n");
	world_refuse(&w, "add-slave|eno2|d|netns=/run//netns/x",
		     "slave x/d already exists");
	world_run(&w, "set-slave|x/e|netns=/run/netns/y");
	expect_get("slave|e|netns", "y\n");
	world_run(&w, "add-master|/run/netns/x/eno7");
	expect_get("master|x/eno7|netns", "x\n");
}

static void test_add(void **state)
{
	(void)state;
	expect_get("slave|ns1/a|addressing", "static\n");
	expect_get("slave|b|addressing", "external\n");
	world_run(&w, "set-slave|b|addresses=10.0.0.9/24");
	expect_get("slave|b|addressing", "static\n");
	world_refuse(&w, "add-master|eno2", "master eno2 already exists");
	world_run(&w, "add-master|eno2|mtu=1500|--may-exist");
	expect_get("master|eno2|mode|mtu", "l2\n1500\n");
	world_refuse(&w, "add-slave|eno2|b", "slave b already exists");
	world_run(&w, "add-slave|eno2|b|--may-exist");
	world_run(&w, "add-master|eno3");
	world_refuse(&w, "add-slave|eno3|ns1/a|--may-exist", "already exists, on eno2");
	world_refuse(&w, "add-slave|eno3|ns1/c|netns=ns2",
		     "the namespace is given twice");
	world_refuse(&w, "add-slave|eno3|ns1/c|name=d", "the name is given twice");
	world_refuse(&w, "add-master|eno4|name=d", "the name is given twice");
	world_refuse(&w, "add-slave|eno3|s%d", "s%d");
	world_run(&w, "add-master|ns9/eno9");
	world_refuse(&w, "add-slave|ns9/eno9|b",
		     "slave b already exists without a namespace, on eno2; name "
		     "this one's: netns=ns9");
	world_refuse(&w, "add-slave|eno2|ns3/c|addresses=10.0.0.2/24", "10.0.0.2");
}

static void test_delete(void **state)
{
	(void)state;
	world_run(&w, "del-slave|b|ns1/a");
	world_refuse(&w, "del-slave|b", "no such slave: b");
	world_run(&w, "del-slave|b|--if-exists");
	world_run(&w, "del-master|eno2");
	assert_int_equal(table_count(db_table(w.db, "Slave")), 0);
	world_run(&w, "del-master|eno2|--if-exists");
	world_refuse(&w, "destroy|Host|.", "the row of Host cannot be removed");
}

static void test_generic(void **state)
{
	(void)state;
	world_run(&w, "set|slave|b|external_ids:x=1|external_ids:y=2");
	world_run(&w, "set|slave|b|external_ids:x=3");
	expect_get("slave|b|external_ids|external_ids:x", "{x=3, y=2}\n3\n");
	world_run(&w, "remove|slave|b|external_ids|x");
	world_run(&w, "add|slave|b|external_ids|z=4");
	expect_get("slave|b|external-ids", "{y=2, z=4}\n");
	world_refuse(&w, "get|slave|b|external_ids:x", "has no key \"x\"");
	/* All or nothing. */
	world_refuse(&w, "get|slave|b|name|external_ids:x", "has no key \"x\"");
	expect_text(w.out, "");
	world_run(&w, "set-slave|b|addressing=static");
	world_run(&w, "add|slave|b|addresses|10.0.0.7/24|10.0.0.8/24");
	world_run(&w, "remove|slave|b|addresses|10.0.0.7/24");
	expect_get("slave|b|addresses", "[10.0.0.8/24]\n");
	world_refuse(&w, "set|slave|b|state=ready", "ipvld writes it");
	world_refuse(&w, "clear|slave|b|state", "ipvld writes it");
	world_run(&w, "clear|slave|b|external_ids");
	expect_get("slave|b|external_ids", "{}\n");
	world_refuse(&w, "clear|master|eno2|mode", "");
	world_refuse(&w, "add|slave|b|mtu|5", "");
	world_refuse(&w, "create|Slave|name=x", "use `ipvl-ctl add-slave MASTER NAME`");
	w.ctx.options.format = FORMAT_CSV;
	assert_non_null(strstr(world_run(&w, "find|slave|netns!=ns1|name=a"), "ns2"));
	assert_null(strstr(w.out, "ns1"));
	w.ctx.options.format = FORMAT_DEFAULT;
}

/* The rows of `find Slave` with these conditions. */
static void expect_find(const char *conditions, const char *right)
{
	CLEANUP(freep)
	char *line = xasprintf("find|slave|--columns=netns,name|%s", conditions);

	w.ctx.options.format = FORMAT_CSV;
	world_run(&w, line);
	w.ctx.options.format = FORMAT_DEFAULT;
	if (strcmp(strchr(w.out, '\n') + 1, right))
		fail_msg("%s: %s", conditions, w.out);
}

/* ovs-vsctl(8), "find". */
static void test_relations(void **state)
{
	static const char a1[] = "ns1,a\n", a2[] = "ns2,a\n", b[] = ",b\n",
			  as[] = "ns1,a\nns2,a\n", none[] = "";

	(void)state;
	world_run(&w, "set-slave|ns1/a|addresses=10.0.0.2/24,10.0.0.12/24|mtu=1400");
	world_run(&w, "set|slave|ns1/a|external_ids:n=7|external_ids:\"a<b\"=x");
	world_run(&w, "set|slave|b|external_ids:n=8");

	/* Of sets. */
	expect_find("addresses=10.0.0.2/24", none);
	expect_find("addresses{>=}10.0.0.2/24", a1);
	expect_find("addresses{>}10.0.0.2/24", a1);
	expect_find("addresses{>}10.0.0.3/24", none);
	expect_find("addresses{<=}10.0.0.3/24,10.0.0.4/24|netns=ns2", a2);
	expect_find("addresses{<}10.0.0.3/24|netns!=", none);
	expect_find("addresses{<}10.0.0.3/24", b);
	expect_find("addresses{=}10.0.0.3/24", a2);
	expect_find("addresses{!=}[]|netns=ns1", a1);
	expect_find("netns{in}ns1,ns3", a1);
	expect_find("netns{not-in}ns1,ns2", b);
	expect_find("addresses{not-in}10.0.0.3/24,10.0.0.9/24|name=a", a1);
	/* By number of elements first, then by the elements. */
	expect_find("addresses>10.0.0.3/24", a1);
	expect_find("addresses<=10.0.0.3/24|name=a", a2);
	expect_find("mtu<1500|name=b", b);
	expect_find("mtu>=1400", a1);
	expect_find("mtu>1400", none);
	expect_find("mtu<100000|mtu>0", a1);
	expect_find("netns>ns1", a2);
	/* With a key: no comparison holds where it is missing, and a set is empty. */
	expect_find("external_ids:n=7", a1);
	expect_find("external_ids:n!=7", b);
	expect_find("external_ids:n{!=}7|name=a", a2);
	expect_find("external_ids:n{<=}7,9|netns!=", as);
	expect_find("external_ids:n{in}7,8|netns=", b);
	expect_find("external_ids:\"a<b\"=x", a1);
	expect_find("external_ids{>=}n=7", a1);
	expect_get("slave|ns1/a|external_ids:\"a<b\"", "x\n");

	world_refuse(&w, "find|slave|addresses{>=}10.0.0.2",
		     "write ADDRESS/LENGTH; `ipvl-ctl show 10.0.0.2` finds who has");
	world_refuse(&w, "find|slave|mtu>", "a value is missing");
	world_refuse(&w, "find|slave|mtu:x=1", "mtu is not a map");
	world_refuse(&w, "find|slave|mtu{~}1", "\"mtu{~}1\" is not COLUMN=VALUE");
	world_refuse(&w, "set-slave|b|mtu{>=}1",
		     "is a condition, not an assignment; write mtu=VALUE");
}

static void expect_columns(const char *line, const char *right)
{
	w.ctx.options.format = FORMAT_CSV;
	expect_text(world_run(&w, line), right);
	w.ctx.options.format = FORMAT_DEFAULT;
}

static void test_columns(void **state)
{
	(void)state;
	expect_columns("list|slave|b|--columns=mtu,name", "mtu,name\n,b\n");
	expect_columns("list|slave|ns1/a|b|--columns=name netns",
		       "name,netns\na,ns1\nb,\n");
	expect_columns("list-slaves|--columns=name,mtu,master",
		       "name,mtu,master\nb,,eno2\nns1/a,,eno2\nns2/a,,eno2\n");
	expect_columns("list-masters|--columns=slaves,name,vlan-id",
		       "slaves,name,vlan_id\n3,eno2,\n");
	world_run(&w, "list|host|--columns=_uuid");
	assert_non_null(strstr(w.out, "_uuid : "));
	assert_null(strstr(w.out, "next_cfg"));
	world_refuse(&w, "list|slave|--columns=nam",
		     "Slave has no column \"nam\"; did you mean name?");
	world_refuse(&w, "find|slave|name=b|--columns=", "--columns= is empty");
}

/* --if-exists and --all, where ovs-vsctl has them. */
static void test_if_exists(void **state)
{
	static const char *const lines[] = {
		"list|slave|zz",
		"get|slave|zz|name",
		"set|slave|zz|mtu=1400",
		"add|slave|zz|addresses|10.0.0.9/24",
		"remove|slave|zz|addresses|10.0.0.9/24",
		"clear|slave|zz|addresses",
		"destroy|slave|zz",
		"wait-until|slave|zz|mtu=1400",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		CLEANUP(freep) char *line = xasprintf("%s|--if-exists", lines[i]);

		expect_text(world_run(&w, line), "");
	}
	world_refuse(&w, "get|slave|b|external_ids:zz", "external_ids has no key \"zz\"");
	expect_text(world_run(&w, "get|slave|b|external_ids:zz|mtu|--if-exists"),
		    "\n[]\n");
	world_begin(&w, "wait-until|slave|zz|--if-exists");
	assert_false(w.ctx.must_wait);
	context_end(&w.ctx);
	world_refuse(&w, "destroy|slave",
		     "destroy needs a row; write --all for all rows");
	world_refuse(&w, "destroy|slave|b|--all",
		     "--all cannot be combined with single rows");
	world_run(&w, "destroy|slave|--all");
	assert_int_equal(table_count(db_table(w.db, "Slave")), 0);
	assert_int_equal(table_count(db_table(w.db, "Master")), 1);
	world_run(&w, "destroy|slave|--all");
}

static void test_declared(void **state)
{
	(void)state;
	world_declare(&w, "b", "/etc/x y.yaml");
	world_run(&w, "set-slave|b|mtu=1400");
	expect_text(w.warnings, "warning: /etc/x y.yaml declares b: its values return at "
				"the next apply\n");
	world_run(&w, "del-slave|b");
	expect_text(w.warnings,
		    "warning: /etc/x y.yaml declares b: it returns at the next apply\n");
}

/* `default` without a gateway has the family that the slave has. */
static void test_family_of_default(void **state)
{
	(void)state;
	world_run(&w, "add-slave|eno2|n/x|routes=default|addresses=2001:db8::2/64");
	expect_get("slave|x|routes", "[::/0]\n");
	world_run(&w, "set-slave|x|routes=default metric 7");
	expect_get("slave|x|routes", "[\"::/0 metric 7\"]\n");
	world_run(&w, "set|Slave|x|routes=0.0.0.0/0");
	expect_get("slave|x|routes", "[default]\n");
	world_run(&w, "set|Slave|x|routes=default");
	expect_get("slave|x|routes", "[::/0]\n");
	world_run(&w, "clear|Slave|x|routes");
	world_run(&w, "add|Slave|x|routes|default via fe80::1");
	expect_get("slave|x|routes", "[\"default via fe80::1\"]\n");
	world_refuse(&w,
		     "set-slave|x|addresses=10.9.0.2/24,2001:db8::2/64|routes=default",
		     "`default` may be IPv4 or IPv6, since n/x has addresses of both; "
		     "write 0.0.0.0/0 or ::/0, or a route for each");
	world_run(&w, "set-slave|x|addresses=10.9.0.2/24,2001:db8::2/64|"
		      "routes=0.0.0.0/0, ::/0");
	expect_get("slave|x|routes", "[::/0, default]\n");
	world_run(&w, "set-slave|ns1/a|routes=default");
	expect_get("slave|ns1/a|routes", "[default]\n");
}

/* What holds the rows together is nobody's to write, whichever the command. */
static void test_owned_columns(void **state)
{
	static const char *const lines[] = {
		"set-master|eno2|slaves=[]",
		"set|Master|eno2|slaves=[]",
		"clear|Master|eno2|slaves",
		"remove|Master|eno2|slaves|00000000-0000-0000-0000-000000000000",
		"add|Master|eno2|slaves|00000000-0000-0000-0000-000000000000",
		"clear|Host|.|masters",
		"set|Host|.|masters=[]",
		"set|Host|.|next_cfg=0",
		"set-master|eno2|sources=foo",
		"set-slave|o|sources=foo",
		"set|Slave|o|sources=[]",
		"add|Slave|o|sources|foo",
		"remove|Slave|o|sources|/etc/a.yaml",
		"clear|Slave|o|sources",
		"add-master|eth9|sources=foo",
		"add-slave|eno2|n/z|sources=foo",
		"set-slave|o|host=other",
		"set-master|eno2|host=other",
	};

	(void)state;
	world_run(&w, "add-slave|eno2|o");
	world_declare(&w, "o", "/etc/a.yaml");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		world_refuse(&w, lines[i], "cannot be set directly; ");
	world_refuse(&w, lines[0],
		     "removed by del-slave, or with their master by del-master");
	world_refuse(&w, lines[8], "`apply` writes it");
	expect_text(world_run(&w, "get|Slave|o|sources"), "[/etc/a.yaml]\n");
	world_run(&w, "set|Host|.|name=h7");
	expect_text(world_run(&w, "get|Slave|o|host"), "h7\n");
	expect_text(world_run(&w, "get|Master|eno2|host"), "h7\n");
}

static void expect_changes(const char *lines, const char *right, const char *summary)
{
	struct diff *changes;
	char *texts[2];
	size_t sizes[2];
	FILE *out = open_memstream(&texts[0], &sizes[0]);

	world_begin(&w, lines);
	changes = diff_make(&w.ctx);
	dry_run_print(&w.ctx, changes, NULL, out);
	fclose(out);
	expect_text(texts[0], right);
	out = open_memstream(&texts[1], &sizes[1]);
	diff_print_summary(changes, out);
	fclose(out);
	expect_text(texts[1], summary);
	free(texts[0]);
	free(texts[1]);
	context_end(&w.ctx);
}

static void test_changes(void **state)
{
	(void)state;
	expect_changes("", "", "nothing to change\n");
	expect_changes("set-slave|b|mtu=1400", "~ b   mtu none -> 1400\n",
		       "1 slave changed on eno2\n");
	expect_changes("set-master|eno2|mode=l3|flag=vepa\n"
		       "set-slave|ns1/a|addresses=10.0.0.7/24\n"
		       "del-slave|b\n"
		       "add-slave|eno2|c|routes=default",
		       "~ eno2    flag bridge -> vepa, mode l2 -> l3\n"
		       "- b\n"
		       "+ c       external addresses, default on-link\n"
		       "~ ns1/a   addresses -10.0.0.2/24 +10.0.0.7/24\n",
		       "eno2 changed: flag bridge -> vepa, mode l2 -> l3; 1 slave added, "
		       "1 changed, "
		       "1 removed\n");
	expect_changes("add-master|eno3\nadd-slave|eno3|d\ndel-master|eno2",
		       "- eno2    with 3 slaves\n"
		       "- b\n"
		       "- ns1/a\n"
		       "- ns2/a\n"
		       "+ eno3    l3 bridge\n"
		       "+ d       external addresses\n",
		       "eno2 removed with its 3 slaves\neno3 added with 1 slave\n");
	/* What is made and unmade in one line is nothing. */
	expect_changes("add-slave|eno2|d\ndel-slave|d", "", "nothing to change\n");
	expect_changes("del-slave|b\nadd-slave|eno2|b|mtu=1400",
		       "- b\n+ b   external addresses, mtu 1400\n",
		       "1 slave added, 1 removed on eno2\n");
}

/* With the daemon's plan: what it means for traffic, and what would not become ready. */
static void test_foresight(void **state)
{
	const char *limits[] = {"mtu too big", "eno2 is down", "no carrier"};
	struct dry_run_row rows[] = {{.object = "ns1/c",
				      .state = "conflict",
				      .message = "ns1 already has a veth called c"},
				     {.object = "b",
				      .state = "ready",
				      .message = "",
				      .warnings = limits,
				      .n_warnings = 2,
				      .is_well = true},
				     {.object = "eno2",
				      .state = "ready",
				      .message = "",
				      .warnings = limits + 1,
				      .n_warnings = 1,
				      .is_well = true},
				     {.object = "ns2/a",
				      .state = "ready",
				      .message = "",
				      .warnings = limits + 2,
				      .n_warnings = 1,
				      .is_well = true}};
	struct dry_run_step steps[] = {
		{.object = "ns1/a",
		 .text = "- delete slave ns1/a: no longer wanted",
		 .loss = "10.0.0.2 goes away"},
		{.object = "eno2", .text = "~ set mode of eno2: l2 -> l3", .loss = ""}};
	struct dry_run f = {.rows = rows,
			    .n_rows = ARRAY_SIZE(rows),
			    .steps = steps,
			    .n_steps = ARRAY_SIZE(steps)};
	struct diff *changes;
	CLEANUP(freep) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	world_begin(&w, "set-master|eno2|mode=l3\ndel-slave|ns1/a\nadd-slave|eno2|ns1/c\n"
			"set-slave|b|mtu=1400");
	changes = diff_make(&w.ctx);
	dry_run_print(&w.ctx, changes, &f, out);
	fclose(out);
	expect_text(
		text,
		"~ eno2    mode l2 -> l3        hitless: 2 slaves keep running, ARP "
		"and broadcast "
		"stop\n"
		"     warning: eno2 is down\n"
		"~ b       mtu none -> 1400     hitless\n"
		"     warning: mtu too big\n"
		"- ns1/a                        disruptive: 10.0.0.2 goes away\n"
		"+ ns1/c   external addresses\n"
		"     will be in conflict: ns1 already has a veth called c\n"
		"  ns2/a\n"
		"     warning: no carrier\n"
		"steps, in this order:\n"
		"  - delete slave ns1/a: no longer wanted   disruptive: 10.0.0.2 goes "
		"away\n"
		"  ~ set mode of eno2: l2 -> l3             hitless\n");
	context_end(&w.ctx);
}

/* What rows that do not change have in common is printed once. */
static void expect_rest(struct dry_run_row *rows, size_t n, const char *right)
{
	struct dry_run f = {.rows = rows, .n_rows = n};
	CLEANUP(freep) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	world_begin(&w, "");
	dry_run_print(&w.ctx, diff_make(&w.ctx), &f, out);
	fclose(out);
	expect_text(text, right);
	context_end(&w.ctx);
}

static void test_notes_in_common(void **state)
{
	const char *first[] = {"eno2 is down", "no carrier"};
	const char *second[] = {"no carrier"};
	const char *third[] = {"no carrier", "mtu too big"};
	struct dry_run_row waits = {.object = "b",
				    .state = "waiting",
				    .message = "waiting for eno2 to appear"};
	struct dry_run_row rows[3] = {waits, waits, waits};

	(void)state;
	rows[1].object = "ns1/a";
	rows[2].object = "ns2/a";
	expect_rest(rows, 3, "  b\n     will be waiting for eno2 to appear\n");
	rows[1].message = "waiting for blue to appear";
	expect_rest(rows, 3,
		    "  b\n     will be waiting for eno2 to appear\n"
		    "  ns1/a\n     will be waiting for blue to appear\n"
		    "  ns2/a\n     will be waiting for eno2 to appear\n");
	/* Of the warnings one row has all of the other's, the last one has more. */
	rows[0].warnings = first;
	rows[0].n_warnings = 2;
	rows[1] = (struct dry_run_row){.object = "ns1/a",
				       .state = "ready",
				       .message = "",
				       .warnings = second,
				       .n_warnings = 1,
				       .is_well = true};
	rows[2] = rows[1];
	rows[2].object = "ns2/a";
	rows[2].warnings = third;
	rows[2].n_warnings = 2;
	expect_rest(rows, 3,
		    "  b\n     will be waiting for eno2 to appear\n"
		    "     warning: eno2 is down\n     warning: no carrier\n"
		    "  ns2/a\n     warning: no carrier\n     warning: mtu too big\n");
}

/* Applying a file again repairs of its rows those whose drift is only reported. */
static void test_apply_repairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++)
		world_declare(&w, (const char *[]){"ns1/a", "ns2/a", "b"}[i],
			      i < 2 ? "/etc/a.yaml" : "/etc/b.yaml");
	world_status(&w, "Slave", "ns1/a", "state=drifted");
	world_status(&w, "Slave", "ns2/a", "state=ready");
	world_status(&w, "Slave", "b", "state=drifted");
	world_begin(&w, "");
	source_repair_declared(&w.ctx, "/etc/a.yaml");
	assert_null(db_commit(w.ctx.txn));
	context_end(&w.ctx);
	expect_get("Slave|ns1/a|repairs", "1\n");
	expect_get("Slave|ns2/a|repairs", "0\n");
	expect_get("Slave|b|repairs", "0\n");
	world_run(&w, "set-slave|b|drift=ignore");
	world_begin(&w, "");
	source_repair_declared(&w.ctx, "/etc/b.yaml");
	assert_null(db_commit(w.ctx.txn));
	context_end(&w.ctx);
	expect_get("Slave|b|repairs", "0\n");
}

/* What is closed has reached the terminal: an error may be printed next, or the program end. */
static void test_screen_closed(void **state)
{
	char text[256] = "";
	FILE *out = tmpfile();
	struct screen *s;

	(void)state;
	assert_non_null(out);
	s = screen_open(out, false);
	screen_draw(s, "one\n", false);
	screen_close(s);
	assert_true(pread(fileno(out), text, sizeof(text) - 1, 0) > 0);
	assert_non_null(strstr(text, "\033[?1049lone\n"));
	fclose(out);
}

/* With a disruptive step of a namespace, which takes devices along. */
static void expect_foreseen(const char *lines, const char *right)
{
	struct dry_run_step step = {.object = "ns9",
				    .text = "- delete namespace ns9 with its slaves",
				    .loss = "its slaves go away"};
	struct dry_run f = {.steps = &step, .n_steps = 1};
	CLEANUP(freep) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	world_begin(&w, lines);
	dry_run_print(&w.ctx, diff_make(&w.ctx), &f, out);
	fclose(out);
	*strstr(text, "steps, in") = '\0';
	expect_text(text, right);
	context_end(&w.ctx);
}

/* What has no device loses nothing; what gets another name or place is made again. */
static void test_loss(void **state)
{
	(void)state;
	world_status(&w, "Slave", "ns1/a", "state=disabled|ifindex=6");
	world_status(&w, "Slave", "ns2/a", "state=ready|ifindex=7");
	world_status(&w, "Slave", "b", "state=error|ifindex=8");
	expect_foreseen("del-slave|ns1/a\nset-slave|ns2/a|netns=ns3",
			"- ns1/a                      hitless\n"
			"~ ns3/a   netns ns2 -> ns3   disruptive: it is recreated\n");
	expect_foreseen("set-slave|ns1/a|addresses=10.0.0.4/24|name=c",
			"~ ns1/c   addresses -10.0.0.2/24 +10.0.0.4/24, name a -> c   "
			"hitless\n");
	expect_foreseen("del-slave|b", "- b   disruptive: its traffic stops\n");
	expect_foreseen(
		"set-master|eno2|name=eno3",
		"~ eno3   name eno2 -> eno3   disruptive: its slaves are recreated\n");
}

static void test_outcome(void **state)
{
	CLEANUP(freep) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool ok;

	(void)state;
	world_status(&w, "Slave", "ns1/a",
		     "state=waiting|message=waiting for eno2 to appear");
	world_status(&w, "Slave", "ns2/a",
		     "state=waiting|message=waiting for eno2 to appear");
	world_status(&w, "Slave", "b", "state=ready");
	world_begin(&w, "");
	for (struct row *r = table_first(w.ctx.columns.slave.table); r;
	     r = table_next(w.ctx.columns.slave.table, r)) {
		context_concern(&w.ctx, r);
		context_concern(&w.ctx, r);
	}
	ok = wait_report(&w.ctx, out);
	fflush(out);
	assert_true(ok);
	expect_text(text,
		    "ipvl-ctl: warning: ns1/a, ns2/a: waiting for eno2 to appear\n");
	context_end(&w.ctx);

	world_status(&w, "Slave", "b",
		     "state=conflict|message=there is a veth called b|"
		     "warnings=[\"eno2 is down\"]");
	world_begin(&w, "");
	TABLE_FOR_EACH (r, w.ctx.columns.slave.table) {
		if (!strcmp(context_text(&w.ctx, r, w.ctx.columns.slave.name), "b"))
			context_concern(&w.ctx, r);
	}
	rewind(out);
	ok = wait_report(&w.ctx, out);
	fclose(out);
	assert_false(ok);
	expect_text(text, "ipvl-ctl: b is in conflict: there is a veth called b\n"
			  "ipvl-ctl: warning: b: eno2 is down\n");
	context_end(&w.ctx);
}

static void test_wait_until(void **state)
{
	(void)state;
	world_begin(&w, "wait-until|slave|b|mtu=1400");
	assert_true(w.ctx.must_wait);
	expect_text(w.ctx.waits_for, "mtu of Slave b is [], expected mtu=1400");
	context_end(&w.ctx);
	world_begin(&w, "wait-until|slave|zz");
	expect_text(w.ctx.waits_for, "Slave zz does not exist");
	context_end(&w.ctx);
	world_begin(&w, "wait-until|slave|b|mtu!=1400");
	assert_false(w.ctx.must_wait);
	context_end(&w.ctx);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_naming),        TEST(test_add),
		TEST(test_delete),        TEST(test_generic),
		TEST(test_declared),      TEST(test_changes),
		TEST(test_owned_columns), TEST(test_family_of_default),
		TEST(test_foresight),     TEST(test_loss),
		TEST(test_outcome),       TEST(test_wait_until),
		TEST(test_relations),     TEST(test_columns),
		TEST(test_if_exists),     TEST(test_notes_in_common),
		TEST(test_apply_repairs), TEST(test_screen_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
