/* What people read: show, drift, status, the lists; to the letter. */
#include "world.h"

#include "ctl/times.h"
#include "lib/alloc.h"

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
		     "routes=default");
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
	expect_text(world_run(&w, "show"), "no masters yet: `ipvl-ctl add-master NAME` "
					   "or `ipvl-ctl apply -f FILE` makes "
					   "some\n");
	fill(&w);
	world_drift(&w, times_now_ms() - 240500, "object=ns1/ipvl1|count=2");
	world_drift(&w, times_now_ms() - TIMES_HOUR_MS - 1000,
		    "object=ns1/ipvl1|count=7");
	world_status(&w, "Host", ".", "config_errors=[\"/etc/ipvl/a.yaml:3:1: no\"]");
	expect_text(world_run(&w, "show"),
		    "eno2   l2 bridge   up   mtu 1500   bb:6b:8c:89:88:22        "
		    "                                            2 of 4 slaves re"
		    "ady\n"
		    "  lab7/eth0    10.0.0.9/23                                  "
		    "                                            conflict\n"
		    "     lab7 already has a veth called eth0\n"
		    "  lab10/eth0   external addresses                           "
		    "                                 mtu 1400   waiting\n"
		    "     waiting for lab10\n"
		    "  ns1/ipvl1    10.0.0.2/23 2001:db8::2/64   default on-link "
		    "                                            ready\n"
		    "  ns2/ipvl2    10.0.0.3/23                  default via 10.0"
		    ".0.1, 10.9.0.0/16 via 10.0.0.9              ready, no carrie"
		    "r\n"
		    "drift: 2 repairs in the last hour, the last 4 min ago (see `"
		    "ipvl-ctl drift`)\n"
		    "configuration error: /etc/ipvl/a.yaml:3:1: no\n");
	world_clear(&w);
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
	int64_t day = 86400LL * 1000, now = times_now_ms();
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
	world_drift(&w, 0, "object=ns2/ipvl2|found=deleted|done=made again|count=1");
	expect_text(world_run(&w, "drift"),
		    "1970-01-01 00:00:00  ns2/ipvl2  deleted                     "
		    "                              made again\n"
		    "00:00:01             ns1/ipvl1  address 10.138.36.2/23 remov"
		    "ed by `ip` (pid 4711, uid 0)  back after 3 ms\n"
		    "00:00:02             eno2       mode l2 -> l3               "
		    "                              back after 2.1 s (12 times in "
		    "a row)\n");
	assert_non_null(strstr(world_run(&w, "drift|eno2"), "eno2"));
	assert_null(strstr(w.out, "ns1/ipvl1"));
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
	world_refuse(&w, "drift|ns2/ipvl1", "no master or slave is called ns2/ipvl1");
	world_clear(&w);
}

static void test_disabled(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fill(&w);
	world_run(&w, "del-slave|lab7/eth0");
	world_status(&w, "Slave", "lab10/eth0", "state=disabled|message=");
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
		    "no daemon has looked at this database yet\n0 masters\n0 slaves\n");
	fill(&w);
	world_status(&w, "Host", ".", "config_errors=[\"/etc/ipvl/a.yaml:3:1: no\"]");
	expect_text(world_run(&w, "status"),
		    "ipvld 0.1.0 on Linux 6.1.0\n"
		    "configuration 0 is applied\n"
		    "1 master: 1 ready\n"
		    "4 slaves: 2 ready, 1 waiting, 1 conflict\n"
		    "  lab7/eth0   conflict  lab7 already has a veth called eth0\n"
		    "  lab10/eth0  waiting   waiting for lab10\n"
		    "configuration error: /etc/ipvl/a.yaml:3:1: no\n");
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
	expect_text(world_run(&w, "status"), "ipvld 0.1.0 on Linux 6.1.0\n"
					     "configuration 0 is applied\n"
					     "1 master: 1 ready; 1 with a warning\n"
					     "2 slaves: 2 ready; 2 with warnings\n"
					     "  eno2  warning  eno2 is down\n"
					     "  b     warning  mtu too big\n");
	w.ctx.options.format = FORMAT_CSV;
	expect_text(world_run(&w, "list-masters"),
		    "name,mode,flag,link,mtu,mac,slaves,state,message,warnings\n"
		    "eno2,l2,bridge,down,,,2,ready,,eno2 is down\n");
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
		    "name,mode,flag,link,mtu,mac,slaves,state,message,warnings\n"
		    "eno2,l2,bridge,up,1500,bb:6b:8c:89:88:22,4,ready,,\n");
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
	world_refuse(&w, "show", "--format=json");
	world_clear(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_show),     cmocka_unit_test(test_waiting_master),
		cmocka_unit_test(test_drift),    cmocka_unit_test(test_status),
		cmocka_unit_test(test_lists),    cmocka_unit_test(test_drift_of_one),
		cmocka_unit_test(test_disabled), cmocka_unit_test(test_warnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
