/* What a preview foretells of each row, and that this is what happens after the commit. */
#include "world.h"

#include "datapath/plan/plan_text.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"
#include "reconciler/requirement.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct test {
	struct world *w;
	struct arena *a;
	struct preview *foretold; /* by the last expect() */
};

static int setup(void **state)
{
	struct test *t = xcalloc(1, sizeof(*t));

	t->w = world_new();
	t->a = arena_new();
	world_start(t->w);
	world_settle(t->w);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct test *t = *state;

	world_free(t->w);
	arena_free(t->a);
	free(t);
	return 0;
}

static const char *steps_text(const struct test *t)
{
	const char *text = "";

	for (size_t i = 0; i < t->foretold->n_steps; i++)
		text = arena_printf(t->a, "%s%s\n", text, t->foretold->steps[i].text);
	return text;
}

static const char *rows_text(const struct test *t)
{
	const char *text = "";

	for (size_t i = 0; i < t->foretold->n_rows; i++) {
		const struct preview_row *r = &t->foretold->rows[i];
		const char *state = state_name(r->state);

		text = arena_printf(t->a, "%s%s%s: %s%s%s\n", text, r->object,
				    r->is_removed ? " (removed)" : "", state,
				    *r->message ? " " : "", r->message);
	}
	return text;
}

/* Foretells 'yaml', which must change nothing; then applies it, and compares what becomes
 * of each row. NULL: not compared. */
static void expect(struct test *t, const char *yaml, const char *steps, const char *rows)
{
	struct txn *txn = world_declare(t->w, yaml);
	uint64_t writes = sim_writes(t->w->sim);

	world_check(db_commit_check(txn));
	t->foretold = world_foretell(t->w, txn, t->a);
	txn_free(txn);
	assert_int_equal(sim_writes(t->w->sim), writes);
	if (steps)
		assert_string_equal(steps_text(t), steps);
	if (rows)
		assert_string_equal(rows_text(t), rows);
	world_apply(t->w, yaml);
	world_settle(t->w);
	world_is_as_foretold(t->w, t->foretold);
}

#define ETH0 "version: 1\nmasters:\n  - name: eth0\n    mode: l2\n"
#define A    "      - {name: a, netns: ns1, addresses: [10.0.0.2/24]}\n"
#define B    "      - {name: b, netns: ns1, addresses: [10.0.0.3/24]}\n"

static void every_row(void **state)
{
	struct test *t = *state;

	expect(t, ETH0 "    slaves:\n" A,
	       "+ add namespace ns1\n+ add slave ns1/a on eth0 (l2 bridge)\n"
	       "+ add address 10.0.0.2/24 to ns1/a\n",
	       "eth0: ready\nns1/a: ready\n");
	/* A sibling that is well is not concerned. */
	expect(t, ETH0 "    slaves:\n" A B,
	       "+ add slave ns1/b on eth0 (l2 bridge)\n"
	       "+ add address 10.0.0.3/24 to ns1/b\n",
	       "eth0: ready\nns1/b: ready\n");
	/* Nor are those of a master whose port is edited. */
	expect(t, ETH0 "    flag: vepa\n    slaves:\n" A B,
	       "~ set flag of eth0: bridge -> vepa\n", "eth0: ready\n");
	expect(t, ETH0 "    flag: vepa\n    slaves:\n" B,
	       "- delete slave ns1/a: no longer wanted\n",
	       "eth0: ready\nns1/a (removed): \n");
	expect(t, "version: 1\nmasters: []\n",
	       "- delete namespace ns1 with its slaves: no longer needed\n",
	       "eth0 (removed): \nns1/b (removed): \n");
}

static void waits(void **state)
{
	struct test *t = *state;

	expect(t, "version: 1\nmasters:\n  - name: eth7\n    slaves:\n" A, "",
	       "eth7: waiting waiting for eth7 to appear\n"
	       "ns1/a: waiting waiting for eth7 to appear\n");
	/* A slave that waits is concerned if a sibling comes: so far it still waits. */
	expect(t, "version: 1\nmasters:\n  - name: eth7\n    slaves:\n" A B, "",
	       "eth7: waiting waiting for eth7 to appear\n"
	       "ns1/a: waiting waiting for eth7 to appear\n"
	       "ns1/b: waiting waiting for eth7 to appear\n");
	expect(t, ETH0 "    slaves:\n" A B, NULL,
	       "eth0: ready\nns1/a: ready\nns1/b: ready\neth7 (removed): \n");
}

/* Everything of the slave but the route is there in the end. */
static void conflicts(void **state)
{
	struct test *t = *state;

	world_check(sim_add_netns(t->w->sim, "lab7"));
	world_check(sim_add_link(t->w->sim, "lab7", "a", "veth", NULL, -1, -1));
	expect(t, ETH0 "    slaves:\n      - {name: a, netns: lab7}\n", "",
	       "eth0: ready\nlab7/a: conflict lab7 already has a veth called a that ipvl "
	       "did not make: rename or remove it, and ours takes its place\n");
	world_check(sim_add_addr(t->w->sim, "", "eth0", "10.0.0.9/24"));
	expect(t,
	       ETH0 "    slaves:\n      - {name: b, netns: lab7, addresses: "
		    "[10.0.0.9/24, 10.0.0.8/24]}\n",
	       "+ add slave lab7/b on eth0 (l2 bridge)\n"
	       "+ add address 10.0.0.8/24 to lab7/b\n",
	       NULL);
	assert_int_equal(t->foretold->rows[1].state, STATE_CONFLICT);
}

/* No verdict of the plan: the kernel refuses, in its own words. */
static void fails(void **state)
{
	struct test *t = *state;
	expect(t,
	       ETH0 "    slaves:\n      - {name: a, sysctl: {ipv4.no_such_sysctl: 1}}\n",
	       NULL,
	       "eth0: ready\na: error cannot set ipv4.no_such_sysctl of a to 1: No such "
	       "file "
	       "or directory\n");
}

/* Two names change places: the second pass does what the first could not. */
static void swaps(void **state)
{
	struct test *t = *state;

	expect(t, ETH0 "    slaves:\n" A B, NULL, NULL);
	expect(t,
	       ETH0 "    slaves:\n"
		    "      - {name: b, netns: ns1, addresses: [10.0.0.2/24]}\n"
		    "      - {name: a, netns: ns1, addresses: [10.0.0.3/24]}\n",
	       NULL, "eth0: ready\nns1/a: ready\nns1/b: ready\n");
}

/* The sysctls of IPv6 exist once an address has brought IPv6 back (kernel.md 22). */
static void brings_ipv6_back(void **state)
{
	struct test *t = *state;
	static const char slave[] = "    slaves:\n      - {name: a, netns: ns1, "
				    "addresses: ['2001:db8::2/64'], "
				    "sysctl: {ipv6.accept_ra: 0}}\n";

	world_check(sim_set_link(t->w->sim, "", "eth0", true, 1200));
	expect(t, arena_printf(t->a, "%s%s", ETH0, slave), NULL, NULL);
	assert_int_equal(t->foretold->rows[1].state, STATE_WAITING);
	expect(t, arena_printf(t->a, "%s    mtu: 1400\n%s", ETH0, slave),
	       "~ set mtu of eth0: 1200 -> 1400\n"
	       "+ add address 2001:db8::2/64 to ns1/a\n"
	       "~ set sysctl ipv6.accept_ra of ns1/a to 0\n",
	       "eth0: ready\nns1/a: ready\n");
}

/* Two texts of one namespace: the row that has the device keeps it, and the other gets it
 * when the first goes, without a change of its own. */
static void two_texts(void **state)
{
	struct test *t = *state;
	static const char other[] =
		"      - {name: a, netns: /run/x, addresses: [10.0.0.9/24]}\n";

	world_check(sim_add_netns(t->w->sim, "ns1"));
	world_check(sim_alias_netns(t->w->sim, "ns1", "/run/x"));
	expect(t, ETH0 "    slaves:\n" A, NULL, NULL);
	expect(t, arena_printf(t->a, "%s    slaves:\n%s%s", ETH0, A, other), "", NULL);
	assert_int_equal(t->foretold->rows[1].state, STATE_CONFLICT);
	expect(t, arena_printf(t->a, "%s    slaves:\n%s", ETH0, other), NULL,
	       "eth0: ready\n/run/x/a: ready\nns1/a (removed): \n");
}

/* A slave that changes its master has no change of its own. */
static void moves(void **state)
{
	struct test *t = *state;
	static const char eth1[] = "  - name: eth1\n    mode: l2\n";

	expect(t, arena_printf(t->a, "%s    slaves:\n%s%s", ETH0, A, eth1), NULL, NULL);
	expect(t, arena_printf(t->a, "%s%s    slaves:\n%s", ETH0, eth1, A),
	       "- delete slave ns1/a: is on another master\n"
	       "+ add slave ns1/a on eth1 (l2 bridge)\n"
	       "+ add address 10.0.0.2/24 to ns1/a\n",
	       "eth0: ready\neth1: ready\nns1/a: ready\n");
}

static void warns(void **state)
{
	struct test *t = *state;

	expect(t, ETH0 "    slaves:\n      - {name: a, mtu: 9000}\n", NULL, NULL);
	assert_int_equal(t->foretold->rows[1].n_warnings, 1);
	world_check(sim_set_carrier(t->w->sim, "", "eth1", false));
	expect(t, "version: 1\nmasters:\n  - name: eth1\n    slaves:\n" A, NULL,
	       "eth1: ready\nns1/a: ready\neth0 (removed): \na (removed): \n");
	assert_int_equal(t->foretold->rows[0].n_warnings, 1);
	assert_int_equal(t->foretold->rows[1].n_warnings, 1);
}

/* A VLAN has its MTU from the device below, and its slaves have it from the VLAN. */
static void vlans(void **state)
{
	struct test *t = *state;
	static const char vlan[] = "  - name: eth0.5\n    vlan: {link: eth0, id: 5}\n"
				   "    slaves:\n" A;

	expect(t, arena_printf(t->a, "%s%s", ETH0, vlan), NULL,
	       "eth0: ready\neth0.5: ready\nns1/a: ready\n");
	expect(t, arena_printf(t->a, "%s    mtu: 1400\n%s", ETH0, vlan),
	       "~ set mtu of eth0: 1500 -> 1400\n",
	       "eth0: ready\neth0.5: ready\nns1/a: ready\n");
}

static void expect_requirement(const char *json, const struct preview *p,
			       enum err_code code, const char *message)
{
	struct json_object *operation;
	struct err *e;

	world_check(json_parse(json, strlen(json), &operation));
	e = requirement_check(operation, p);
	json_free(operation);
	if (!message) {
		world_check(e);
		return;
	}
	assert_non_null(e);
	assert_int_equal(e->code, code);
	assert_string_equal(e->message, message);
	err_free(e);
}

static void requirements(void **state)
{
	struct test *t = *state;
	const struct preview *p;

	expect(t, ETH0 "    slaves:\n" A B, NULL, NULL);
	p = t->foretold;
	expect_requirement("{\"op\": \"r\", \"strict\": true, \"no_disrupt\": true}", p,
			   0, NULL);
	/* A misspelt condition is none that holds. */
	expect_requirement("{\"op\": \"r\", \"stirct\": true}", p, ERR_SYNTAX,
			   "ipvl_require: stirct is not a member with a boolean value");
	expect_requirement("{\"op\": \"r\", \"strict\": 1}", p, ERR_SYNTAX,
			   "ipvl_require: strict is not a member with a boolean value");
	expect(t, "version: 1\nmasters:\n  - name: eth7\n    slaves:\n" A, NULL, NULL);
	p = t->foretold;
	expect_requirement("{\"op\": \"r\"}", p, 0, NULL);
	expect_requirement("{\"op\": \"r\", \"strict\": true}", p, ERR_CONSTRAINT,
			   "2 rows would not be ready, or ready with a warning:\n"
			   "eth7 would be waiting for eth7 to appear\n"
			   "ns1/a would be waiting for eth7 to appear");
	expect(t, ETH0 "    slaves:\n" A, NULL, NULL);
	expect(t, ETH0, NULL, NULL);
	expect_requirement(
		"{\"op\": \"r\", \"no_disrupt\": true}", t->foretold, ERR_CONSTRAINT,
		"the only step is disruptive:\n- delete namespace ns1 with its "
		"slaves: no longer needed (its slaves go away)");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_row), TEST(waits), TEST(conflicts),        TEST(fails),
		TEST(swaps),     TEST(warns), TEST(brings_ipv6_back), TEST(moves),
		TEST(two_texts), TEST(vlans), TEST(requirements)};

	return cmocka_run_group_tests_name("preview", tests, NULL, NULL);
}
