/* Names of ops, and the release of the results of steps. */
#include "datapath/plan/plan_step.h"

#include <assert.h>

static const char *const op_names[PLAN_OP_N] = {
	[PLAN_OP_RULE_DEL] = "rule_del",           [PLAN_OP_RULE_ADD] = "rule_add",
	[PLAN_OP_ROUTE_DEL] = "route_del",         [PLAN_OP_ADDR_DEL] = "addr_del",
	[PLAN_OP_LINK_DEL] = "link_del",           [PLAN_OP_NETNS_DEL] = "netns_del",
	[PLAN_OP_MASTER_DEL] = "master_del",       [PLAN_OP_NETNS_ADD] = "netns_add",
	[PLAN_OP_MASTER_ADD] = "master_add",       [PLAN_OP_MASTER_SET] = "master_set",
	[PLAN_OP_PORT_SET] = "port_set",           [PLAN_OP_LINK_ADD] = "link_add",
	[PLAN_OP_LINK_RENAME] = "link_rename",     [PLAN_OP_SYSCTL_SET] = "sysctl_set",
	[PLAN_OP_LINK_SET] = "link_set",           [PLAN_OP_ADDR_ADD] = "addr_add",
	[PLAN_OP_ROUTE_ADD] = "route_add",         [PLAN_OP_RESOLV_SET] = "resolv_set",
	[PLAN_OP_ALTNAME_DEL] = "altname_del",     [PLAN_OP_ALTNAME_ADD] = "altname_add",
	[PLAN_OP_ALIAS_SET] = "alias_set",         [PLAN_OP_LINK_ADOPT] = "link_adopt",
	[PLAN_OP_LINK_RELEASE] = "link_release",   [PLAN_OP_ROUTE_ADOPT] = "route_adopt",
	[PLAN_OP_ROUTE_RELEASE] = "route_release", [PLAN_OP_RULE_ADOPT] = "rule_adopt",
	[PLAN_OP_RULE_RELEASE] = "rule_release",
};
_Static_assert(sizeof(op_names) / sizeof(op_names[0]) == PLAN_OP_N, "a name for each op");

bool plan_op_is_transfer(enum plan_op op)
{
	return op == PLAN_OP_LINK_ADOPT || op == PLAN_OP_ROUTE_ADOPT ||
	       op == PLAN_OP_RULE_ADOPT || op == PLAN_OP_LINK_RELEASE ||
	       op == PLAN_OP_ROUTE_RELEASE || op == PLAN_OP_RULE_RELEASE;
}

const char *plan_op_name(enum plan_op op)
{
	assert(op < PLAN_OP_N);
	return op_names[op];
}

void plan_results_clear(struct plan_result *results, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		err_free(results[i].error);
		results[i] = (struct plan_result){0};
	}
}
