/* Adoption and release: the link group of a device, and the protocol number of routes and rules.
 * The kernel replaces a route at once, and two equal rules of two numbers may stand beside
 * each other: at no moment is one missing. */
#include "datapath/kernel/execute/execute_transfer.h"

#include "datapath/kernel/netlink/nl_route.h"
#include "datapath/kernel/netlink/nl_rule.h"
#include "lib/alloc.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

static bool is_adoption(const struct batch *batch)
{
	return batch->op == PLAN_OP_LINK_ADOPT || batch->op == PLAN_OP_ROUTE_ADOPT ||
	       batch->op == PLAN_OP_RULE_ADOPT;
}

/* Takes 'e'. */
static void fail(struct batch *batch, struct batch_item *item, struct err *e)
{
	batch_item_fail(item, err_wrap(e, "%s", batch_item_message(batch, item)));
}

/* --- devices --- */

static bool build_link(struct batch *batch, struct batch_item *item, struct nl_msg *m)
{
	nl_link_msg_group(m, item->link.ifindex,
			  is_adoption(batch) ? batch->k->config.mark : 0);
	return true;
}

static void settle_link(struct batch *batch, struct batch_item *item,
			struct nl_socket *sock, const struct nl_answer *a)
{
	struct cache_device *d = cache_find(
		&batch->k->cache, (struct cache_key){item->ns->nsid, item->link.ifindex});

	batch_item_settle(batch, item, sock, a);
	if (!a->sys_errno && d)
		d->link.group = is_adoption(batch) ? batch->k->config.mark : 0;
}

void execute_link_transfer(struct batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		struct batch_item *item = &batch->items[i];

		/* An earlier adoption was interrupted. */
		if (!item->is_settled && is_adoption(batch) &&
		    item->link.group == batch->k->config.mark)
			batch_item_done(item);
	}
	batch_send(batch, build_link, settle_link);
}

/* --- routes --- */

/* What is at the key of a step's route right before it is replaced. */
struct match {
	struct batch_item *item;
	size_t n;
	struct nl_route route; /* the first */
};

/* Those of one namespace. */
struct matches {
	struct match *all;
	size_t n;
};

static void note_match(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct matches *matches = aux;
	struct nl_route r;

	(void)number;
	if (!nl_route_parse(h, &r))
		return;
	for (size_t i = 0; i < matches->n; i++) {
		struct match *m = &matches->all[i];

		if (model_route_key_cmp(&r.route, &m->item->step->u.route) != 0)
			continue;
		if (!m->n++)
			m->route = r;
	}
}

/* By the device of the step, or without one as that of the step. */
static bool is_its_own(const struct match *m)
{
	bool is_reject = model_route_is_reject(&m->item->step->u.route);

	return is_reject ? model_route_is_reject(&m->route.route)
			 : m->route.type == RTN_UNICAST &&
				   m->route.ifindex == m->item->link.ifindex;
}

static struct err *run(struct nl_socket *sock, const struct match *m, uint8_t protocol)
{
	const struct batch_item *item = m->item;
	struct nl_msg msg;

	if (m->n)
		nl_route_msg_replace(&msg, item->link.ifindex, &item->step->u.route,
				     protocol);
	else
		nl_route_msg_add(&msg, item->link.ifindex, &item->step->u.route,
				 protocol);
	return nl_run(sock, &msg, NULL, NULL);
}

/* Only the one that the plan was made for is replaced. */
static struct err *adopt_route(struct batch *batch, struct nl_socket *sock,
			       const struct match *m)
{
	uint8_t ours = batch->k->config.route_protocol;
	bool is_own = m->n == 1 && is_its_own(m) && !m->route.extra;
	struct err *e;

	if (is_own && m->route.protocol == ours &&
	    model_route_equals(&m->route.route, &m->item->step->u.route))
		return NULL;
	if (!m->n || (is_own && m->route.protocol != ours))
		return run(sock, m, ours);
	e = err_new(ERR_EXISTS, "the route %s is in its place",
		    nl_route_text(batch->a, &m->route));
	e->sys_errno = EEXIST;
	return err_hint(e, "remove that one, or give this one another metric");
}

/* Beside another one of the same key it stays as it is: the kernel would replace the first. */
static struct err *release_route(struct batch *batch, struct nl_socket *sock,
				 const struct match *m)
{
	return m->n == 1 && is_its_own(m) &&
			       m->route.protocol == batch->k->config.route_protocol
		       ? run(sock, m, RTPROT_STATIC)
		       : NULL;
}

/* The routes of one namespace, from item 'first' on: one dump for all of them. */
static void transfer_routes(struct batch *batch, size_t first)
{
	const struct netns_ref *ns = batch->items[first].ns->same;
	struct matches matches = {
		.all = arena_array(batch->a, batch->n, sizeof(*matches.all))};
	struct nl_socket *sock;
	struct nl_msg m;
	struct err *e = netns_ref_open_socket(batch->k, ns, &sock);
	bool is_open = !e;

	for (size_t i = first; i < batch->n; i++) {
		if (!batch->items[i].is_settled && batch->items[i].ns->same == ns)
			matches.all[matches.n++].item = &batch->items[i];
	}
	if (!e) {
		nl_route_msg_dump(&m, 0, 0);
		e = nl_dump(sock, &m, note_match, &matches);
	}
	for (size_t i = 0; i < matches.n; i++) {
		struct match *match = &matches.all[i];
		struct err *failed = e ? err_copy(e)
				     : is_adoption(batch)
					     ? adopt_route(batch, sock, match)
					     : release_route(batch, sock, match);

		if (failed)
			fail(batch, match->item, failed);
		else
			batch_item_done(match->item);
	}
	err_free(e);
	if (is_open)
		netns_ref_close_socket(batch->k, sock);
}

void execute_route_transfer(struct batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		if (!batch->items[i].is_settled)
			transfer_routes(batch, i);
	}
}

/* --- rules --- */

static uint8_t new_protocol(const struct batch *batch)
{
	return is_adoption(batch) ? batch->k->config.route_protocol : RTPROT_STATIC;
}

static bool build_new_rule(struct batch *batch, struct batch_item *item, struct nl_msg *m)
{
	nl_rule_msg_add(m, &item->step->u.rule, new_protocol(batch));
	return true;
}

struct equal {
	const struct model_rule *rule;
	uint8_t protocol;
	bool is_found;
};

static void note_equal(void *aux, size_t number, const struct nlmsghdr *h)
{
	struct equal *equal = aux;
	struct nl_rule r;

	(void)number;
	if (nl_rule_parse(h, &r) && !r.extra && r.protocol == equal->protocol &&
	    !model_rule_cmp(&r.rule, equal->rule))
		equal->is_found = true;
}

/* EEXIST: it is there, or a special one that the kernel takes for it (kernel.md 30). */
static bool is_there(struct batch *batch, const struct batch_item *item,
		     struct nl_socket *sock)
{
	struct equal equal = {.rule = &item->step->u.rule,
			      .protocol = new_protocol(batch)};

	err_free(nl_rule_dump(sock, note_equal, &equal));
	return equal.is_found;
}

static struct err *delete_old_rule(struct batch *batch, const struct batch_item *item,
				   struct nl_socket *sock)
{
	struct nl_msg m;
	struct err *e;

	nl_rule_msg_del(&m, &item->step->u.rule,
			is_adoption(batch) ? item->step->u.rule_protocol
					   : batch->k->config.route_protocol);
	e = nl_run(sock, &m, NULL, NULL);
	if (!e || e->sys_errno != ENOENT)
		return e;
	err_free(e);
	return NULL;
}

static void settle_rule(struct batch *batch, struct batch_item *item,
			struct nl_socket *sock, const struct nl_answer *a)
{
	struct err *e = nl_answer_err(a);

	if (e && a->sys_errno == EEXIST && is_there(batch, item, sock)) {
		err_free(e);
		e = NULL;
	}
	if (!e)
		e = delete_old_rule(batch, item, sock);
	if (e)
		fail(batch, item, e);
	else
		batch_item_done(item);
}

void execute_rule_transfer(struct batch *batch)
{
	batch_send(batch, build_new_rule, settle_rule);
}
