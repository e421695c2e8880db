/* Executes a batch of steps: finds the device of each, checks that it is still what the
 * plan expects, and calls the function of the op.
 *
 * Nothing is written to a device that is not a slave with our mark, except to a master, and
 * but for the mark itself.
 * The check is made here, right before the write, and not only when the plan was made. */
#include "datapath/kernel/execute/execute.h"

#include "datapath/kernel/execute/batch.h"
#include "datapath/kernel/execute/execute_del.h"
#include "datapath/kernel/execute/execute_inside.h"
#include "datapath/kernel/execute/execute_link.h"
#include "datapath/kernel/execute/execute_netns.h"
#include "datapath/kernel/execute/execute_transfer.h"
#include "lib/alloc.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How many namespaces may be open at a time; deletions open none. */
#define MAX_ITEMS 64

enum subject {
	SUBJECT_NONE,
	SUBJECT_SLAVE,    /* an ipvlan of ours */
	SUBJECT_EITHER,   /* the same, or the master if the step has no slave */
	SUBJECT_ADOPTED,  /* either, of ours, or foreign as it was observed */
	SUBJECT_RELEASED, /* either, of ours */
	SUBJECT_MASTER,
	SUBJECT_MADE,  /* a master that ipvl made */
	SUBJECT_BELOW, /* the device below a VLAN; of another new device none */
};

static const struct op {
	enum subject subject;
	bool is_removal; /* something absent counts as removed */
	batch_fn *run;
} ops[PLAN_OP_N] = {
	[PLAN_OP_LINK_ADOPT] = {SUBJECT_ADOPTED, false, execute_link_transfer},
	[PLAN_OP_ROUTE_RELEASE] = {SUBJECT_EITHER, true, execute_route_transfer},
	[PLAN_OP_RULE_RELEASE] = {SUBJECT_SLAVE, true, execute_rule_transfer},
	[PLAN_OP_ROUTE_ADOPT] = {SUBJECT_EITHER, false, execute_route_transfer},
	[PLAN_OP_RULE_ADOPT] = {SUBJECT_SLAVE, false, execute_rule_transfer},
	[PLAN_OP_LINK_RELEASE] = {SUBJECT_RELEASED, true, execute_link_transfer},
	[PLAN_OP_RULE_DEL] = {SUBJECT_SLAVE, true, execute_rule},
	[PLAN_OP_ROUTE_DEL] = {SUBJECT_EITHER, true, execute_route},
	[PLAN_OP_ADDR_DEL] = {SUBJECT_SLAVE, true, execute_address},
	[PLAN_OP_ALTNAME_DEL] = {SUBJECT_SLAVE, true, execute_altname},
	[PLAN_OP_LINK_DEL] = {SUBJECT_SLAVE, true, execute_link_del},
	[PLAN_OP_NETNS_DEL] = {SUBJECT_NONE, true, execute_netns_del},
	[PLAN_OP_MASTER_DEL] = {SUBJECT_MADE, true, execute_master_del},
	[PLAN_OP_NETNS_ADD] = {SUBJECT_NONE, false, execute_netns_add},
	[PLAN_OP_MASTER_ADD] = {SUBJECT_BELOW, false, execute_master_add},
	[PLAN_OP_MASTER_SET] = {SUBJECT_MASTER, false, execute_link_change},
	[PLAN_OP_PORT_SET] = {SUBJECT_SLAVE, false, execute_port_set},
	[PLAN_OP_LINK_ADD] = {SUBJECT_MASTER, false, execute_link_add},
	[PLAN_OP_LINK_RENAME] = {SUBJECT_SLAVE, false, execute_link_change},
	[PLAN_OP_ALTNAME_ADD] = {SUBJECT_SLAVE, false, execute_altname},
	[PLAN_OP_ALIAS_SET] = {SUBJECT_SLAVE, false, execute_alias},
	[PLAN_OP_VRF_SET] = {SUBJECT_SLAVE, false, execute_vrf},
	[PLAN_OP_SYSCTL_SET] = {SUBJECT_EITHER, false, execute_sysctl},
	[PLAN_OP_LINK_SET] = {SUBJECT_SLAVE, false, execute_link_change},
	[PLAN_OP_ADDR_ADD] = {SUBJECT_SLAVE, false, execute_address},
	[PLAN_OP_ROUTE_ADD] = {SUBJECT_EITHER, false, execute_route},
	[PLAN_OP_RULE_ADD] = {SUBJECT_SLAVE, false, execute_rule},
	[PLAN_OP_RESOLV_SET] = {SUBJECT_NONE, false, execute_resolv},
};

/* The slave of a step at the time of its op: LINK_RENAME comes in between. */
static const struct model_slave *slave_of(const struct plan_step *s)
{
	const struct model_slave *first =
		s->op <= PLAN_OP_LINK_RENAME ? s->have : s->want;

	return first ? first : s->want ? s->want : s->have;
}

static void find_subject(struct batch *batch, struct batch_item *item)
{
	const struct plan_step *s = item->step;
	const struct model_slave *slave = slave_of(s);
	enum subject subject = ops[batch->op].subject;

	item->target_fd = -1;
	item->is_master = subject == SUBJECT_MASTER || subject == SUBJECT_EITHER;
	if (subject == SUBJECT_NONE) {
		item->netns = s->netns ? s->netns->name : slave->netns;
		return;
	}
	/* What is left there without a device. */
	if (s->netns) {
		item->ns = netns_table_add(&batch->netns, s->netns->name);
		item->name = "";
		return;
	}
	item->ns = netns_table_add(&batch->netns, s->master->netns);
	item->name = subject == SUBJECT_BELOW ? s->master->vlan_link : s->master->name;
	if (s->matched)
		item->name = s->matched->seen.device;
	if (batch->op == PLAN_OP_LINK_ADD)
		item->target = *slave->netns
				       ? netns_table_add(&batch->netns, slave->netns)
				       : item->ns;
	if (slave && (subject == SUBJECT_SLAVE || subject == SUBJECT_EITHER ||
		      subject == SUBJECT_ADOPTED || subject == SUBJECT_RELEASED)) {
		item->name = slave->name;
		item->is_master = false;
		if (*slave->netns)
			item->ns = netns_table_add(&batch->netns, slave->netns);
	}
}

struct subject_batch {
	struct batch *batch;
	size_t *which; /* number of the message to index of the item */
};

static void take_link(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct subject_batch *batched = aux;
	struct batch_item *item = &batched->batch->items[batched->which[number]];

	if (nl_link_parse(h, &item->link))
		item->is_found = true;
}

/* Made in this turn of the loop: it is as it was made, and what the steps since have changed
 * of it is of no concern to these. */
static bool is_just_made(struct batch *batch, struct batch_item *item)
{
	const struct held *held = &batch->k->held;
	const struct cache_device *d;

	if (!held->is_on || ops[batch->op].subject != SUBJECT_SLAVE ||
	    !item->step->want || *item->step->want->vrf || item->ns->state != NETNS_LIVE)
		return false;
	d = cache_find_place(&batch->k->cache, item->ns->nsid, item->name);
	if (!d || d->made_in_turn != held->turn)
		return false;
	item->link = d->link;
	item->is_found = true;
	return true;
}

/* One master of many new slaves. */
static bool is_same_subject(const struct batch_item *a, const struct batch_item *b)
{
	return a->ns == b->ns && a->name && b->name && !strcmp(a->name, b->name) &&
	       a->step->matched == b->step->matched;
}

static struct err *read_subjects(struct batch *batch)
{
	struct subject_batch batched = {
		.batch = batch, .which = arena_array(batch->a, batch->n, sizeof(size_t))};
	struct nl_batch b = {0};
	struct nl_msg m;
	struct err *e;

	for (size_t i = 0; i < batch->n; i++) {
		struct batch_item *item = &batch->items[i];

		if (!item->ns || item->ns->state != NETNS_LIVE || !*item->name ||
		    strlen(item->name) >= IFNAMSIZ ||
		    (i && is_same_subject(item, &batch->items[i - 1])) ||
		    is_just_made(batch, item))
			continue;
		/* By its ifindex, if it was found so: its name may change. */
		if (item->is_master && item->step->matched)
			nl_link_msg_get(&m, item->ns->nsid, NULL,
					item->step->matched->seen.ifindex);
		else
			nl_link_msg_get(&m, item->ns->nsid, item->name, 0);
		batched.which[nl_batch_add(&b, &m)] = i;
	}
	e = nl_batch_run(batch->k->sock, &b, take_link, &batched);
	nl_batch_clear(&b);
	for (size_t i = 1; i < batch->n; i++) {
		struct batch_item *item = &batch->items[i];

		if (!item->ns || item->is_found ||
		    !is_same_subject(item, &batch->items[i - 1]))
			continue;
		item->link = batch->items[i - 1].link;
		item->is_found = batch->items[i - 1].is_found;
	}
	return e;
}

/* Of a foreign one: the device that the plan was made for, and nobody has marked it since. */
static bool may_adopt(const struct batch_item *item)
{
	const struct plan_step *s = item->step;

	return !item->link.group &&
	       (s->have ? item->link.ifindex == s->have->seen.ifindex
			: !strcmp(item->link.kind, model_master_made_kind(s->master)));
}

static bool is_expected(const struct batch *batch, const struct batch_item *item)
{
	enum subject subject = ops[batch->op].subject;
	bool is_marked = item->link.group == batch->k->config.mark;
	bool is_master = subject == SUBJECT_MADE || !slave_of(item->step);

	if (subject == SUBJECT_MASTER || subject == SUBJECT_BELOW ||
	    (subject == SUBJECT_EITHER && is_master))
		return true;
	if (subject == SUBJECT_ADOPTED && !is_marked && !may_adopt(item))
		return false;
	return (is_marked || subject == SUBJECT_ADOPTED) &&
	       !strcmp(item->link.name, item->name) &&
	       (is_master ? model_kind_is_made(item->link.kind)
			  : item->link.type != NULL);
}

/* A rule, a route without a device, and a new device that stands on none, need their namespace
 * alone. */
static bool needs_device(const struct batch *batch, const struct batch_item *item)
{
	if (batch->op == PLAN_OP_RULE_ADD || batch->op == PLAN_OP_RULE_DEL ||
	    batch->op == PLAN_OP_RULE_ADOPT || batch->op == PLAN_OP_RULE_RELEASE)
		return false;
	if (batch->op == PLAN_OP_ROUTE_ADD || batch->op == PLAN_OP_ROUTE_DEL ||
	    batch->op == PLAN_OP_ROUTE_ADOPT || batch->op == PLAN_OP_ROUTE_RELEASE)
		return !model_route_is_reject(&item->step->u.route);
	return *item->name;
}

static void check_subject(struct batch *batch, struct batch_item *item)
{
	struct err *e = NULL;

	if (item->ns->state != NETNS_LIVE)
		e = err_new(ERR_NOT_FOUND, "there is no network namespace %s",
			    item->ns->text);
	else if (!needs_device(batch, item))
		return;
	else if (!item->is_found)
		e = err_new(ERR_NOT_FOUND, "there is no device %s", item->name);
	else if (!is_expected(batch, item))
		e = err_new(ERR_EXISTS, "%s is now a device that ipvl did not make",
			    item->name);
	if (!e)
		return;
	if (ops[batch->op].is_removal) {
		/* It is gone, or another device is in its place: ours is not there. */
		err_free(e);
		batch_item_done(item);
	} else {
		batch_item_fail(item, err_wrap(e, "%s", batch_item_message(batch, item)));
	}
}

static void run(struct batch *batch)
{
	struct err *e;

	for (size_t i = 0; i < batch->n; i++)
		find_subject(batch, &batch->items[i]);
	e = netns_table_resolve(&batch->netns);
	if (!e)
		e = read_subjects(batch);
	if (e) {
		batch_fail(batch, e);
		return;
	}
	for (size_t i = 0; i < batch->n; i++) {
		if (batch->items[i].ns)
			check_subject(batch, &batch->items[i]);
	}
	ops[batch->op].run(batch);
}

static void run_some(struct kernel *k, const struct plan_step *const *steps, size_t n,
		     struct plan_result *results)
{
	struct arena *a CLEANUP(arena_freep) = arena_new();
	struct batch batch = {.k = k, .a = a, .op = steps[0]->op, .n = n};

	netns_table_init(&batch.netns, k, a);
	batch.netns.is_observed = true;
	batch.items = arena_array(a, n, sizeof(*batch.items));
	for (size_t i = 0; i < n; i++) {
		assert(steps[i]->op == batch.op);
		batch.items[i] =
			(struct batch_item){.step = steps[i], .result = &results[i]};
		results[i] = (struct plan_result){.kind = PLAN_DONE};
	}
	run(&batch);
	for (size_t i = 0; i < n; i++)
		assert(batch.items[i].is_settled);
	netns_table_clear(&batch.netns);
}

void execute_steps(struct datapath *dp, const struct plan_step *const *steps, size_t n,
		   struct plan_result *results)
{
	struct kernel *k = (struct kernel *)dp;
	size_t most = n && steps[0]->op == PLAN_OP_LINK_DEL ? n : MAX_ITEMS;

	for (size_t at = 0; at < n; at += most)
		run_some(k, steps + at, n - at < most ? n - at : most, results + at);
}
