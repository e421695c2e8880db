/* Which addresses are announced after a pass, on the simulator. */
#include "world.h"

#include "config/settings.h"
#include "config/daemon_txn.h"
#include "lib/alloc.h"
#include "reconciler/announce/announcer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* More than all announcements of one address take. */
#define LONG_MS 5000

static void expect(struct world *w, const char *text)
{
	CLEANUP(freep) char *announced = NULL;

	world_run_for(w, LONG_MS);
	announced = sim_take_announced(w->sim);
	assert_string_equal(announced, text);
}

static size_t count(const char *text, const char *line)
{
	size_t n = 0;

	while ((text = strstr(text, line))) {
		text += strlen(line);
		n++;
	}
	return n;
}

/* Each address of the two slaves three times, in any order. */
static void expect_both(struct world *w)
{
	static const char first[] = "ns0/ipvl0 10.0.0.2\n",
			  second[] = "ns1/ipvl1 10.0.0.3\n";
	CLEANUP(freep) char *announced = NULL;

	world_run_for(w, LONG_MS);
	announced = sim_take_announced(w->sim);
	assert_int_equal(count(announced, first), 3);
	assert_int_equal(count(announced, second), 3);
	assert_int_equal(strlen(announced), 3 * (strlen(first) + strlen(second)));
}

#define TWO_SLAVES(mode)                                                                 \
	"version: 1\n"                                                                   \
	"masters:\n"                                                                     \
	"  - name: eth0\n"                                                               \
	"    mode: " mode "\n"                                                           \
	"    slaves:\n"                                                                  \
	"      - {name: ipvl0, netns: ns0, addresses: [10.0.0.2/24]}\n"                  \
	"      - {name: ipvl1, netns: ns1, addresses: [10.0.0.3/24]}\n"

static void test_new(void **state)
{
	struct world *w = *state;

	world_two_slaves(w);
	expect(w, "ns0/ipvl0 10.0.0.2\nns1/ipvl1 10.0.0.3\n"
		  "ns0/ipvl0 10.0.0.2\nns1/ipvl1 10.0.0.3\n"
		  "ns0/ipvl0 10.0.0.2\nns1/ipvl1 10.0.0.3\n");
	/* A daemon that starts again finds all in place. */
	world_stop(w);
	world_start(w);
	expect(w, "");
}

#define THREE "ns0/ipvl0 10.0.0.2\nns0/ipvl0 10.0.0.2\nns0/ipvl0 10.0.0.2\n"

static void test_repair(void **state)
{
	struct world *w = *state;

	world_two_slaves(w);
	world_run_for(w, LONG_MS);
	free(sim_take_announced(w->sim));
	world_check(sim_del_addr(w->sim, "ns0", "ipvl0", "10.0.0.2/24"));
	expect(w, THREE);
	world_check(sim_set_link(w->sim, "ns0", "ipvl0", false, 0));
	expect(w, THREE);
	world_check(sim_del_link(w->sim, "ns0", "ipvl0"));
	expect(w, THREE);
	/* Another address of the same slave. */
	world_apply(w, "version: 1\n"
		       "masters:\n"
		       "  - name: eth0\n"
		       "    mode: l2\n"
		       "    slaves:\n"
		       "      - {name: ipvl0, netns: ns0, addresses: [10.0.0.2/24, "
		       "10.0.0.4/24]}\n"
		       "      - {name: ipvl1, netns: ns1, addresses: [10.0.0.3/24]}\n");
	expect(w, "ns0/ipvl0 10.0.0.4\nns0/ipvl0 10.0.0.4\nns0/ipvl0 10.0.0.4\n");
}

static void test_l3(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_apply(w, "version: 1\n"
		       "masters:\n"
		       "  - name: eth0\n"
		       "    mode: l3\n"
		       "    slaves:\n"
		       "      - {name: ipvl0, netns: ns0, addresses: [10.0.0.2/24]}\n");
	world_wait_state(w, "ns0", "ipvl0", "ready");
	expect(w, "");
}

/* While the master is down the three are held back, for a while. */
static void test_down(void **state)
{
	struct world *w = *state;

	world_two_slaves(w);
	world_run_for(w, LONG_MS);
	free(sim_take_announced(w->sim));
	world_check(sim_set_link(w->sim, "", "eth0", false, 0));
	world_check(sim_del_addr(w->sim, "ns0", "ipvl0", "10.0.0.2/24"));
	expect(w, "");
	world_check(sim_set_link(w->sim, "", "eth0", true, 0));
	expect(w, THREE);
	world_check(sim_set_link(w->sim, "", "eth0", false, 0));
	world_check(sim_del_addr(w->sim, "ns0", "ipvl0", "10.0.0.2/24"));
	world_run_for(w, 60000);
	/* After so long, all of them. */
	world_check(sim_set_link(w->sim, "", "eth0", true, 0));
	expect_both(w);
}

/* The slaves get the MAC address of their master, and neighbours have the old one. */
static void test_other_mac(void **state)
{
	const struct twin_request r = {.kind = TWIN_LINK_SET,
				       .netns = "",
				       .name = "eth0",
				       .u.link = {.mac = "0e:aa:bb:cc:dd:01"}};
	struct world *w = *state;

	world_two_slaves(w);
	world_run_for(w, LONG_MS);
	free(sim_take_announced(w->sim));
	world_check(sim_request(w->sim, &r));
	expect_both(w);
}

static void set_off(struct world *w)
{
	struct txn *t = daemon_txn_new(w->db);
	struct row *host = rows_find_host(&w->columns, t, NULL);
	struct datum d = {0};

	datum_append(&d, (union atom){.string = xstrdup(SETTING_ANNOUNCE)},
		     &(union atom){.string = xstrdup(SETTING_ANNOUNCE_OFF)});
	txn_set(t, host, w->columns.host.other_config, &d);
	world_check(daemon_txn_commit(t));
}

/* A bond below: the switch has to learn another port. */
static void test_failover(void **state)
{
	const struct twin_request r = {.kind = TWIN_LINK_SET,
				       .netns = "",
				       .name = "eth0",
				       .u.link = {.sent = TWIN_LINK_FAILED_OVER}};
	struct world *w = *state;

	world_two_slaves(w);
	world_run_for(w, LONG_MS);
	free(sim_take_announced(w->sim));
	world_check(sim_request(w->sim, &r));
	expect_both(w);
	set_off(w);
	world_check(sim_request(w->sim, &r));
	expect(w, "");
}

static void test_l3_to_l2(void **state)
{
	struct world *w = *state;

	world_start(w);
	world_apply(w, TWO_SLAVES("l3"));
	world_wait_state(w, "ns0", "ipvl0", "ready");
	expect(w, "");
	world_apply(w, TWO_SLAVES("l2"));
	expect_both(w);
	/* Without ARP there is nothing to announce. */
	world_apply(w, TWO_SLAVES("l3s"));
	expect(w, "");
}

/* The slave is removed between two announcements. */
static void test_gone(void **state)
{
	CLEANUP(freep) char *announced = NULL;
	struct world *w = *state;

	world_two_slaves(w);
	world_run_for(w, 500);
	free(sim_take_announced(w->sim));
	world_apply(w, "version: 1\nmasters:\n  - {name: eth0, mode: l2}\n");
	world_run_for(w, LONG_MS);
	announced = sim_take_announced(w->sim);
	assert_string_equal(announced, "");
}

/* Earlier ones are still being sent: nothing is lost. */
static void test_busy(void **state)
{
	struct world *w = *state;

	sim_hold_announcements(w->sim, true);
	world_two_slaves(w);
	expect(w, "");
	sim_hold_announcements(w->sim, false);
	expect(w, "ns0/ipvl0 10.0.0.2\nns1/ipvl1 10.0.0.3\n"
		  "ns0/ipvl0 10.0.0.2\nns1/ipvl1 10.0.0.3\n"
		  "ns0/ipvl0 10.0.0.2\nns1/ipvl1 10.0.0.3\n");
}

/* The setting; a request by hand is followed all the same. */
static void test_off(void **state)
{
	struct world *w = *state;
	struct model_master master = {.netns = "", .name = "eth0"};
	struct model_slave slave = {.netns = "ns0", .name = "ipvl0"};
	struct ip_addr address;

	set_off(w);
	world_two_slaves(w);
	expect(w, "");
	world_check(ip_addr_parse("10.0.0.2", &address));
	announcer_add(reconciler_announcer(w->reconciler), &master, &slave, &address);
	expect(w, THREE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_new),      WORLD_TEST(test_repair),
		WORLD_TEST(test_l3),       WORLD_TEST(test_down),
		WORLD_TEST(test_gone),     WORLD_TEST(test_busy),
		WORLD_TEST(test_off),      WORLD_TEST(test_other_mac),
		WORLD_TEST(test_failover), WORLD_TEST(test_l3_to_l2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
