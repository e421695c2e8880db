/* What a step could not do, for each kind of step: the sentences that stand before the kernel's
 * own text. */
#include "build.h"

#include "datapath/link_type.h"
#include "datapath/plan/plan_failure.h"
#include "tests/unit/golden.h"

#include <errno.h>
#include <string.h>

static struct model_netns netns = {.name = "ns1"};
static struct model_slave slave = {.netns = "ns1", .name = "a", .mtu = 9000};
static struct model_slave old = {.netns = "ns1", .name = "b"};
static struct model_master master = {.netns = "", .name = "eth0", .vlan_link = ""};
static struct model_master vlan = {.netns = "", .name = "eth0.5", .vlan_link = "eth0"};
static struct model_master dummy = {
	.netns = "", .name = "d0", .vlan_link = "", .kind = MODEL_KIND_DUMMY};

static struct model_rule rule = {.table = 100, .priority = 31000};

static bool is_one_of(enum plan_op op, const enum plan_op *ops, size_t n)
{
	while (n && ops[n - 1] != op)
		n--;
	return n;
}
#define IS(op, ...)                                                                      \
	is_one_of(op, (enum plan_op[]){__VA_ARGS__},                                     \
		  sizeof((enum plan_op[]){__VA_ARGS__}) / sizeof(enum plan_op))

static void fill(struct plan_step *s)
{
	if (IS(s->op, PLAN_OP_ADDR_ADD, PLAN_OP_ADDR_DEL))
		assert_null(ip_prefix_parse("10.0.0.2/24", &s->u.address));
	else if (IS(s->op, PLAN_OP_ROUTE_ADD, PLAN_OP_ROUTE_DEL, PLAN_OP_ROUTE_ADOPT,
		    PLAN_OP_ROUTE_RELEASE))
		s->u.route = route("default via 10.0.0.1");
	else if (IS(s->op, PLAN_OP_RULE_ADD, PLAN_OP_RULE_DEL, PLAN_OP_RULE_ADOPT,
		    PLAN_OP_RULE_RELEASE))
		s->u.rule = rule;
	else if (s->op == PLAN_OP_SYSCTL_SET)
		s->u.sysctl =
			(struct model_sysctl){.key = "ipv4.forwarding", .value = "1"};
	else if (IS(s->op, PLAN_OP_ALTNAME_ADD, PLAN_OP_ALTNAME_DEL))
		s->u.altname = "web";
	else if (s->op == PLAN_OP_VRF_SET)
		s->u.vrf = "red";
}

static void add(struct arena *a, struct plan_step s)
{
	golden_add(plan_failure(a, &s));
	for (int i = 1; i < 134; i++) {
		const char *hint = plan_failure_hint(&s, i);

		if (hint)
			golden_add(hint);
	}
}

/* The MTU of the master was lowered since it was observed. */
static void an_mtu_that_is_too_high(void **state)
{
	static const struct link_type stiff = {.kind = "macvlan", .family = "macvlan"};
	struct model_master on = master;
	struct model_slave big = slave;
	struct plan_step s = {.op = PLAN_OP_LINK_SET, .master = &on, .want = &big};

	(void)state;
	on.type = &stiff;
	big.mtu = 9000;
	assert_non_null(plan_failure_hint(&s, EINVAL));
	golden_add(plan_failure_hint(&s, EINVAL));
}

static int setup(void **state)
{
	(void)state;
	must(ip_prefix_parse("10.0.0.2/32", &rule.from));
	return 0;
}

static void each_step(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (int op = 0; op <= PLAN_OP_N; op++) {
		struct plan_step s = {.op = (enum plan_op)op,
				      .master = &master,
				      .want = &slave,
				      .have = &old};

		if (op == PLAN_OP_MASTER_ADD) /* below */
			continue;
		fill(&s);
		if (op == PLAN_OP_NETNS_ADD || op == PLAN_OP_NETNS_DEL)
			s.netns = &netns;
		add(a, s);
	}
	add(a, (struct plan_step){.op = PLAN_OP_MASTER_ADD, .master = &vlan});
	add(a, (struct plan_step){.op = PLAN_OP_MASTER_ADD, .master = &dummy});
	add(a, (struct plan_step){.op = PLAN_OP_PORT_SET, .master = &master});
	add(a, (struct plan_step){.op = PLAN_OP_VRF_SET,
				  .master = &master,
				  .want = &slave,
				  .u = {.vrf = "", .vrf_was = "red"}});
	arena_free(a);
}

static void hangs(void **state)
{
	const struct model_sysctl on = {.key = "ipv6.disable_ipv6", .value = "0"};
	struct err *e = plan_failure_hang(&on, 68);

	(void)state;
	assert_non_null(e);
	golden_add(e->message);
	golden_add(e->hint);
	err_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_step),
					   cmocka_unit_test(an_mtu_that_is_too_high),
					   cmocka_unit_test(hangs)};

	return cmocka_run_group_tests_name("plan_failure", tests, setup, NULL) ||
	       golden_end(GOLDEN "/plan-failure.txt");
}
