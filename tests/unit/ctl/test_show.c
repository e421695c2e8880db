/* What people read: show, drift, status, the lists; to the letter. */
#include "world.h"

#include "ctl/output/display.h"
#include "ctl/output/times.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The design's own sample. */
static void fill(struct world *w)
{
	world_run(w, "add-master|eno2|mode=l2");
	world_run(w, "add-slave|eno2|ns1/ipvl1|addresses=10.0.0.2/23,2001:db8::2/64|"
		     "routes=0.0.0.0/0");
	world_run(w, "add-slave|eno2|ipvl2|netns=ns2|addresses=10.0.0.3/23|"
		     "routes=10.9.0.0/16 via 10.0.0.9,default via 10.0.0.1");
	world_run(w, "add-slave|eno2|lab7/eth0|addresses=10.0.0.9/23");
	world_run(w, "add-slave|eno2|lab10/eth0|mtu=1400");
	world_status(w, "Master", "eno2",
		     "state=ready|link_state=up|link_mtu=1500|mac=bb:6b:8c:89:88:22");
	world_status(w, "Slave", "ipvl1", "state=ready|link_state=up");
	world_status(w, "Slave", "ipvl2", "state=ready|link_state=no-carrier");
	world_status(w, "Slave", "lab7/eth0",
		     "state=conflict|message=lab7 already has a veth called eth0");
	world_status(w, "Slave", "lab10/eth0", "state=waiting|message=waiting for lab10");
	world_status(w, "Host", ".", "version=0.1.0|kernel=6.1.0|cur_cfg=0");
}

static void test_show(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	expect_text(world_run(&w, "show"),
		    "no masters yet: add one with `ipvl-ctl add-master NAME` or "
		    "`ipvl-ctl apply -f FILE`\n");
	fill(&w);
	world_drift(&w, clock_wall_ms() - 240500, "object=ns1/ipvl1|count=2");
	world_drift(&w, clock_wall_ms() - TIMES_HOUR_MS - 1000,
		    "object=ns1/ipvl1|count=7");
	world_status(&w, "Host", ".", "config_errors=[\"/etc/ipvl/a.yaml:3:1: no\"]");
	expect_text(world_run(&w, "show"),
		    "eno2   l2 bridge   up   mtu 1500   bb:6b:8c:89:88:22        "
		    "                                 2 of 4 slaves ready\n"
		    "  lab7/eth0    10.0.0.9/23                                  "
		    "                                 conflict\n"
		    "     lab7 already has a veth called eth0\n"
		    "  lab10/eth0   external addresses                           "
		    "                                 waiting\n"
		    "     mtu 1400\n"
		    "     waiting for lab10\n"
		    "  ns1/ipvl1    10.0.0.2/23 2001:db8::2/64   default on-link "
		    "                                 ready\n"
		    "  ns2/ipvl2    10.0.0.3/23                  default via 10.0"
		    ".0.1, 10.9.0.0/16 via 10.0.0.9   ready, no carrier\n"
		    "drift: 2 repairs in the last hour, the last 4 min ago (see `"
		    "ipvl-ctl drift`)\n"
		    "configuration error: /etc/ipvl/a.yaml:3:1: no\n");
	world_clear(&w);
}

/* The same on a terminal of 80 columns. */
static void test_show_narrow(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fill(&w);
	world_run(&w, "set-slave|ipvl2|nameservers=10.3.3.3,10.3.3.4|search=a.example|"
		      "sysctl:ipv6.accept_ra=0|sysctl:ipv4.arp_announce=2");
	world_status(
		&w, "Slave", "ipvl1",
		"warnings=[\"mtu 9000 is above eno2's 1500: longer packets are lost; "
		"`set-master eno2 mtu=9000` or leave it out\"]");
	w.ctx.width = 80;
	expect_text(
		world_run(&w, "show"),
		"eno2   l2 bridge   up   mtu 1500   bb:6b:8c:89:88:22         2 of 4 "
		"slaves ready\n"
		"  lab7/eth0    10.0.0.9/23                                     "
		"conflict\n"
		"     lab7 already has a veth called eth0\n"
		"  lab10/eth0   external addresses                              "
		"waiting\n"
		"     mtu 1400\n"
		"     waiting for lab10\n"
		"  ns1/ipvl1    10.0.0.2/23             default on-link         ready\n"
		"               2001:db8::2/64\n"
		"     warning: mtu 9000 is above eno2's 1500: longer packets are lost;\n"
		"     `set-master eno2 mtu=9000` or leave it out\n"
		"  ns2/ipvl2    10.0.0.3/23             default via 10.0.0.1,   ready, "
		"no carrier\n"
		"                                       10.9.0.0/16 via\n"
		"                                       10.0.0.9\n"
		"     nameservers 10.3.3.3 10.3.3.4, search a.example, "
		"ipv4.arp_announce=2,\n"
		"     ipv6.accept_ra=0\n");
	world_run(&w, "set-master|eno2|kind=bridge");
	world_run(&w, "show|eno2");
	if (strncmp(w.out, "eno2   l2 bridge, bridge   ", 27))
		fail_msg("%s", w.out);
	world_run(&w, "set-master|eno2|kind=[]");
	/* A master's line that is too long becomes two. */
	world_run(&w, "set-master|eno2|vlan_link=enp0s31f6|vlan_id=100");
	world_status(&w, "Master", "eno2", "state=waiting|message=waiting for enp0s31f6");
	world_run(&w, "show|eno2");
	if (strncmp(w.out,
		    "eno2   l2 bridge, vlan 100 of enp0s31f6   up   waiting, 2 of 4 "
		    "slaves "
		    "ready\n"
		    "     mtu 1500   bb:6b:8c:89:88:22\n"
		    "     waiting for enp0s31f6\n",
		    130))
		fail_msg("%s", w.out);
	world_clear(&w);
}

/* Whatever the names, no line is wider than the terminal, nor cut inside a character. A
 * terminal narrower than the columns need gets wider lines. */
static void test_widths(void **state)
{
	static const char *const lines[] = {
		"show",
		"status",
		"drift",
		"show|eno2",
		"list-masters",
		"list-slaves",
		"show|e",
		"drift|eno2",
		"list|slave|--columns=name,netns",
		"list-slaves|eno2",
	};
	struct world w;

	(void)state;
	world_init(&w);
	fill(&w);
	world_run(&w, "add-slave|eno2|名前名前名|netns=/proc/1234567/root/run/netns/"
		      "a-very-long-name-of-a-namespace-in-some-cluster-of-somebody");
	world_run(&w, "add-slave|eno2|e|netns=日本語日本語日本語日本語日本語日本語日本語|"
		      "addresses=2001:db8:1234:5678:9abc:def0:1234:5678/64|"
		      "routes=default via 2001:db8:1234:5678:9abc:def0:1234:1");
	world_status(&w, "Slave", "e",
		     "state=error|message=日本語日本語日本語日本語日本語日本語日本語日本"
		     "語日本語日本語日本語日本語日本語");
	world_drift(&w, clock_wall_ms() - 1000,
		    "object=日本語日本語日本語日本語日本語日本語日本語/e|found=address "
		    "2001:db8:1234:5678:9abc:def0:1234:5678/64 removed|actor=`ip` (pid "
		    "4711, uid 0)|done=back|took_ms=3|count=12");
	world_drift(&w, 0, "object=eno2|found=deleted|done=made again|count=1");
	for (w.ctx.width = 1; w.ctx.width <= 200; w.ctx.width++) {
		for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
			char *rest, *line;

			w.ctx.options.format =
				strstr(lines[i], "list") ? FORMAT_TABLE : FORMAT_DEFAULT;
			world_run(&w, lines[i]);
			assert_true(text_is_utf8(w.out, strlen(w.out)));
			rest = w.out;
			while ((line = strsep(&rest, "\n"))) {
				if (w.ctx.width >= 60 &&
				    display_width(line) > w.ctx.width)
					fail_msg("%s at %zu: %s", lines[i], w.ctx.width,
						 line);
			}
		}
	}
	world_clear(&w);
}

static struct world some;

/* The lines below the master's begin so. */
static void expect_shown(const char *words, const char *right)
{
	CLEANUP(freep) char *line = xasprintf("show|%s", words);
	const char *slaves = strchr(world_run(&some, line), '\n') + 1;

	if (strncmp(slaves, right, strlen(right)))
		fail_msg("%s: %s", words, some.out);
}

/* A slave, those of a namespace, those with an address. */
static void test_show_some(void **state)
{
	struct world *w = &some;

	(void)state;
	world_init(w);
	fill(w);
	world_status(w, "Slave", "ipvl1",
		     "ifindex=7|link_mtu=1500|mac=02:00:00:00:00:07");
	world_declare(w, "ipvl1", "/etc/ipvl/lab.yaml");
	expect_shown(
		"ipvl1",
		"  ns1/ipvl1   10.0.0.2/23 2001:db8::2/64   default on-link   ready\n"
		"     device: ifindex 7, mtu 1500, mac 02:00:00:00:00:07\n"
		"     declared by /etc/ipvl/lab.yaml\n");
	assert_non_null(strstr(w->out, "2 of 4 slaves ready\n"));
	expect_shown("10.0.0.9", "  lab7/eth0   10.0.0.9/23   conflict\n"
				 "     lab7 already has a veth called eth0\n"
				 "     declared by no file\n");
	expect_shown("2001:DB8:0::2", "  ns1/ipvl1 ");
	expect_shown("10.0.0.3/23", "  ns2/ipvl2 ");
	expect_shown("ns2/", "  ns2/ipvl2 ");
	expect_shown("/run/netns/ns2/", "  ns2/ipvl2 ");
	expect_shown("lab7/eth0", "  lab7/eth0 ");
	/* All of a name, and of several words. */
	expect_shown("eth0", "  lab7/eth0 ");
	assert_non_null(strstr(w->out, "lab10/eth0"));
	assert_null(strstr(w->out, "ipvl"));
	expect_shown("10.0.0.0/30", "  ns1/ipvl1 ");
	assert_non_null(strstr(w->out, "ns2/ipvl2"));
	assert_null(strstr(w->out, "lab7"));
	expect_shown("ns2/|lab7/", "  lab7/eth0 ");
	assert_non_null(strstr(w->out, "ns2/ipvl2"));
	/* A master's name is the master with all of its slaves. */
	world_run(w, "show|eno2|ipvl1");
	assert_non_null(strstr(w->out, "lab10/eth0"));
	assert_null(strstr(w->out, "declared by"));

	world_refuse(w, "show|10.0.0.77", "no slave has the address 10.0.0.77; ");
	world_refuse(w, "show|10.7.0.0/16", "no slave has an address in 10.7.0.0/16");
	world_refuse(w, "show|ns2", "no such master or slave: ns2; `ipvl-ctl show ns2/`");
	world_refuse(w, "show|ns7/", "no slave is in the namespace ns7");
	world_refuse(w, "show|ns1/ipvl2",
		     "no such master or slave: ns1/ipvl2; did you mean ns1/ipvl1?");
	world_refuse(w, "show|eno3", "no such master or slave: eno3; did you mean eno2?");
	w->ctx.options.format = FORMAT_JSON;
	world_run(w, "show|ns2/");
	assert_non_null(strstr(w->out, "\"name\": \"ipvl2\""));
	assert_null(strstr(w->out, "\"name\": \"ipvl1\""));
	world_clear(w);
}

/* A master's own trouble is told once, not by each slave. */
static void test_waiting_master(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_run(&w, "add-master|eno2|vlan_link=eth0|vlan_id=7|routes=10.1.0.0/16 via "
		      "10.0.0.1");
	world_run(&w, "add-slave|eno2|a");
	world_run(&w, "add-master|e");
	world_status(&w, "Master", "eno2", "state=waiting|message=waiting for eth0");
	world_status(&w, "Slave", "a", "state=waiting|message=waiting for eth0");
	expect_text(world_run(&w, "show"),
		    "e      l3 bridge                   no slaves\n"
		    "eno2   l3 bridge, vlan 7 of eth0   waiting, 0 of 1 slave rea"
		    "dy\n"
		    "     waiting for eth0\n"
		    "  routes: 10.1.0.0/16 via 10.0.0.1\n"
		    "  a   external addresses   waiting\n");
	world_clear(&w);
}

static void test_drift(void **state)
{
	int64_t day = 86400LL * 1000, now = clock_wall_ms();
	struct world w;

	(void)state;
	setenv("TZ", "UTC", 1);
	world_init(&w);
	expect_text(world_run(&w, "drift"), "no drift since ipvld started\n");
	now -= now % day; /* midnight: times of today */
	world_drift(&w, now + 1000,
		    "object=ns1/ipvl1|found=address 10.138.36.2/23 removed|"
		    "actor=`ip` (pid 4711, uid 0)|done=back|took_ms=3|count=1");
	world_drift(&w, now + 2000,
		    "object=eno2|found=mode l2 -> l3|done=back|took_ms=2100|count=12");
	expect_text(world_run(&w, "drift"),
		    "00:00:01  ns1/ipvl1  address 10.138.36.2/23 removed by `ip` "
		    "(pid 4711, uid 0)  back after 3 ms\n"
		    "00:00:02  eno2       mode l2 -> l3                          "
		    "                   back after 2.1 s (12 times in a row)\n");
	assert_non_null(strstr(world_run(&w, "drift|eno2"), "eno2"));
	assert_null(strstr(w.out, "ns1/ipvl1"));
	/* A time of another day gives the date to all. */
	world_drift(&w, 0, "object=ns2/ipvl2|found=deleted|done=made again|count=1");
	assert_non_null(strstr(world_run(&w, "drift"), "1970-01-01 00:00:00  ns2/ipvl2"));
	assert_non_null(strstr(w.out, " 00:00:01  ns1/ipvl1  "));
	assert_null(strstr(w.out, "\n00:00:01"));
	world_clear(&w);
}

static void test_drift_of_one(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fill(&w);
	world_drift(&w, 1000, "object=ns1/ipvl1|found=deleted|done=back");
	world_drift(&w, 2000, "object=gone/old|found=deleted|done=back");
	world_drift(&w, 3000, "object=lab7/eno2|found=deleted|done=back");
	assert_non_null(strstr(world_run(&w, "drift|ns1/ipvl1"), "ns1/ipvl1  deleted"));
	/* The name alone is enough, also of what is there no more. */
	assert_non_null(strstr(world_run(&w, "drift|ipvl1"), "ns1/ipvl1  deleted"));
	assert_non_null(strstr(world_run(&w, "drift|old"), "gone/old  deleted"));
	/* The master, not a slave of its name. */
	expect_text(world_run(&w, "drift|eno2"),
		    "no drift of eno2 since ipvld started\n");
	/* Several may have the name. */
	expect_text(world_run(&w, "drift|eth0"),
		    "no drift of eth0 since ipvld started\n");
	world_refuse(&w, "drift|ns2/ipvl1", "no such master or slave: ns2/ipvl1");
	world_clear(&w);
}

static void test_disabled(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fill(&w);
	world_run(&w, "del-slave|lab7/eth0");
	world_status(&w, "Slave", "lab10/eth0", "state=disabled|message=[]");
	assert_non_null(strstr(world_run(&w, "show|eno2"),
			       "  2 of 2 slaves ready, 1 disabled\n"));
	world_run(&w, "del-slave|ipvl1|ipvl2");
	assert_non_null(strstr(world_run(&w, "show|eno2"), "  1 slave disabled\n"));
	world_clear(&w);
}

static void test_status(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	expect_text(world_run(&w, "status"),
		    "no daemon has used this database yet\n0 masters\n0 slaves\n"
		    "next:\n"
		    "  ipvl-ctl add-master NAME  adds a device as a master\n"
		    "  ipvl-ctl apply -f FILE    adds what a file declares\n");
	fill(&w);
	world_status(&w, "Host", ".", "config_errors=[\"/etc/ipvl/a.yaml:3:1: no\"]");
	expect_text(world_run(&w, "status"),
		    "ipvld 0.1.0 on Linux 6.1.0\n"
		    "configuration 0 is applied\n"
		    "1 master: 1 ready\n"
		    "4 slaves: 2 ready, 1 waiting, 1 conflict\n"
		    "  lab7/eth0   conflict  lab7 already has a veth called eth0\n"
		    "  lab10/eth0  waiting   waiting for lab10\n"
		    "configuration error: /etc/ipvl/a.yaml:3:1: no\n"
		    "next:\n"
		    "  ipvl-ctl validate /etc/ipvl/a.yaml  checks the file again\n"
		    "  ipvl-ctl reload                     "
		    "reads the config-dir again\n"
		    "  ipvl-ctl --dry-run adopt lab7/eth0  "
		    "shows whether ipvl can take it over\n"
		    "  ipvl-ctl watch lab10/eth0           "
		    "shows when it is ready\n");
	world_clear(&w);
}

/* A master's own is told once in the text, and of each slave to programs. */
static void test_warnings(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_run(&w, "add-master|eno2|mode=l2");
	world_run(&w, "add-slave|eno2|a");
	world_run(&w, "add-slave|eno2|b");
	world_status(&w, "Host", ".", "version=0.1.0|kernel=6.1.0|cur_cfg=0");
	world_status(&w, "Master", "eno2",
		     "state=ready|link_state=down|warnings=[\"eno2 is down\"]");
	world_status(&w, "Slave", "a", "state=ready|warnings=[\"eno2 is down\"]");
	world_status(&w, "Slave", "b",
		     "state=ready|warnings=[\"eno2 is down\",\"mtu too big\"]");
	expect_text(world_run(&w, "show"),
		    "eno2   l2 bridge   down    2 of 2 slaves ready\n"
		    "     warning: eno2 is down\n"
		    "  a   external addresses   ready\n"
		    "  b   external addresses   ready\n"
		    "     warning: mtu too big\n");
	expect_text(world_run(&w, "status"),
		    "ipvld 0.1.0 on Linux 6.1.0\n"
		    "configuration 0 is applied\n"
		    "1 master: 1 ready; 1 with a warning\n"
		    "2 slaves: 2 ready; 2 with warnings\n"
		    "  eno2  warning  eno2 is down\n"
		    "  b     warning  mtu too big\n"
		    "next:\n"
		    "  ipvl-ctl why eno2  shows its last edit, and "
		    "drift\n");
	w.ctx.options.format = FORMAT_CSV;
	expect_text(world_run(&w, "list-masters"),
		    "name,device,mode,flag,link,mtu,mac,slaves,state,message,warnings\n"
		    "eno2,,l2,bridge,down,,,2,ready,,eno2 is down\n");
	expect_text(world_run(&w, "list-slaves"),
		    "name,master,addresses,routes,link,state,message,warnings\n"
		    "a,eno2,,,,ready,,eno2 is down\n"
		    "b,eno2,,,,ready,,\"eno2 is down, mtu too big\"\n");
	w.ctx.options.format = FORMAT_JSON;
	assert_non_null(strstr(world_run(&w, "show"), "\"eno2 is down\""));
	world_run(&w, "status");
	assert_non_null(strstr(w.out, "\"with_warnings\": 2"));
	assert_non_null(strstr(w.out, "\"warning\": \"mtu too big\""));
	world_clear(&w);
}

static void test_lists(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fill(&w);
	w.ctx.options.format = FORMAT_CSV;
	expect_text(world_run(&w, "list-masters"),
		    "name,device,mode,flag,link,mtu,mac,slaves,state,message,warnings\n"
		    "eno2,,l2,bridge,up,1500,bb:6b:8c:89:88:22,4,ready,,\n");
	expect_text(
		world_run(&w, "list-slaves|eno2"),
		"name,master,addresses,routes,link,state,message,warnings\n"
		"lab7/eth0,eno2,10.0.0.9/23,,,conflict,lab7 already has a veth called "
		"eth0,\n"
		"lab10/eth0,eno2,,,,waiting,waiting for lab10,\n"
		"ns1/ipvl1,eno2,\"10.0.0.2/23, 2001:db8::2/64\",default,up,ready,,\n"
		"ns2/ipvl2,eno2,10.0.0.3/23,\"10.9.0.0/16 via 10.0.0.9, default via "
		"10.0.0.1\",no-carrier,ready,,\n");
	world_refuse(&w, "list-slaves|eno3", "did you mean eno2?");
	w.ctx.options.format = FORMAT_JSON;
	assert_non_null(strstr(world_run(&w, "show"), "\"slaves\": [\n"));
	w.ctx.options.format = FORMAT_CSV;
	world_refuse(&w, "status", "--format=json");
	w.ctx.options.format = FORMAT_SVG;
	world_refuse(&w, "status", "`ipvl-ctl --format=svg show`");
	world_refuse(&w, "list-slaves", "`ipvl-ctl --format=svg show`");
	world_clear(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_show),           cmocka_unit_test(test_show_narrow),
		cmocka_unit_test(test_show_some),      cmocka_unit_test(test_widths),
		cmocka_unit_test(test_waiting_master), cmocka_unit_test(test_drift),
		cmocka_unit_test(test_status),         cmocka_unit_test(test_lists),
		cmocka_unit_test(test_drift_of_one),   cmocka_unit_test(test_disabled),
		cmocka_unit_test(test_warnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
