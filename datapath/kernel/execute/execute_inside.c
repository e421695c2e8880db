/* Addresses, routes, rules and sysctls: the steps that are executed inside the device's
 * namespace. */
#include "datapath/kernel/execute/execute_inside.h"

#include "datapath/kernel/files/nsfs.h"
#include "datapath/kernel/files/sysctl.h"
#include "datapath/kernel/netlink/nl_addr.h"
#include "datapath/kernel/netlink/nl_route.h"
#include "datapath/kernel/netlink/nl_rule.h"
#include "datapath/plan/plan_failure.h"
#include "lib/alloc.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <string.h>
#include <sys/socket.h>

static bool build_address(struct batch *batch, struct batch_item *item, struct nl_msg *m)
{
	if (batch->op == PLAN_OP_ADDR_ADD)
		nl_addr_msg_add(m, item->link.ifindex, &item->step->u.address,
				item->step->u.address_options);
	else
		nl_addr_msg_del(m, item->link.ifindex, &item->step->u.address,
				&item->step->u.peer);
	return true;
}

/* Something absent counts as removed. */
static bool is_gone(const struct batch *batch, const struct nl_answer *a)
{
	bool is_removal = batch->op == PLAN_OP_ADDR_DEL || batch->op == PLAN_OP_ROUTE_DEL;

	return is_removal && (a->sys_errno == EADDRNOTAVAIL || a->sys_errno == ESRCH ||
			      a->sys_errno == ENODEV);
}

/* The address of the device with the same local part as that of the step: there is at
 * most one. */
struct twin {
	const struct batch_item *batch_item;
	bool is_found;
	struct nl_addr addr;
};

static void note_twin(void *aux, size_t number, const struct nlmsghdr *h)
{
	struct twin *twin = aux;
	struct nl_addr a;

	(void)number;
	if (!nl_addr_parse(h, &a) || a.ifindex != twin->batch_item->link.ifindex ||
	    ip_addr_cmp(&a.prefix.addr, &twin->batch_item->step->u.address.addr))
		return;
	twin->is_found = true;
	twin->addr = a;
}

static struct twin find_twin(const struct batch_item *item, struct nl_socket *sock)
{
	struct twin twin = {.batch_item = item};
	struct nl_msg m;

	nl_addr_msg_dump(&m, NSID_HERE, item->link.ifindex);
	err_free(nl_dump(sock, &m, note_twin, &twin));
	return twin;
}

/* EEXIST means that it is present, and counts as success. */
static struct err *run_unless_there(struct nl_socket *sock, struct nl_msg *m)
{
	struct err *e = nl_run(sock, m, NULL, NULL);

	if (!e || e->sys_errno != EEXIST)
		return e;
	err_free(e);
	return NULL;
}

/* A secondary address has no route of its own; that to a peer is the kernel's alone. */
static struct err *restore_ipv4_routes(const struct nl_addr *a, struct nl_socket *sock)
{
	struct nl_msg m;
	struct err *e;

	nl_route_msg_local(&m, a->ifindex, &a->prefix);
	e = run_unless_there(sock, &m);
	if (e || a->flags & IFA_F_SECONDARY || a->prefix.len == 32 || a->peer.family)
		return e;
	nl_route_msg_subnet(&m, a->ifindex, &a->prefix);
	return run_unless_there(sock, &m);
}

/* In a VRF the routes are in the table of the VRF, and stay as they are. */
static struct err *renew(const struct batch_item *item, const struct nl_addr *a,
			 struct nl_socket *sock)
{
	const struct model_address_options *o = item->step->u.address_options;
	struct nl_msg m;
	struct err *e;

	nl_addr_msg_renew(&m, a, o ? o->lifetime : MODEL_LIFETIME_ANY);
	e = nl_run(sock, &m, NULL, NULL);
	if (!e && a->prefix.addr.family == AF_INET && !item->link.upper)
		e = restore_ipv4_routes(a, sock);
	return e;
}

/* EEXIST: the same address is present. A plan adds it again if it has got a lifetime or
 * has lost its routes, or if the removal of a primary address may have taken it along;
 * the namespace may be set to promote it instead (promote_secondaries). */
static void settle_existing(struct batch *batch, struct batch_item *item,
			    struct nl_socket *sock, const struct nl_answer *a)
{
	const struct model_address_options *o = item->step->u.address_options;
	const struct ip_addr peer = o ? o->peer : (struct ip_addr){0};
	struct twin twin = find_twin(item, sock);
	struct err *e;

	if (!twin.is_found || ip_prefix_cmp(&twin.addr.prefix, &item->step->u.address) ||
	    ip_addr_cmp(&twin.addr.peer, &peer)) {
		batch_item_settle(batch, item, sock, a);
		return;
	}
	e = renew(item, &twin.addr, sock);
	if (e)
		batch_item_fail(item, err_wrap(e, "%s", batch_item_message(batch, item)));
	else
		batch_item_done(item);
}

/* The kernel also answers EADDRNOTAVAIL if the address is present with another peer. */
static bool is_still_there(const struct batch *batch, const struct batch_item *item,
			   struct nl_socket *sock, const struct nl_answer *a)
{
	struct twin twin;

	if (batch->op != PLAN_OP_ADDR_DEL || a->sys_errno != EADDRNOTAVAIL)
		return false;
	twin = find_twin(item, sock);
	return twin.is_found && !ip_prefix_cmp(&twin.addr.prefix, &item->step->u.address);
}

/* The kernel answers EACCES only if IPv6 is off on the device (Linux addrconf_add_dev(),
 * fib6_nh_init()). */
static void settle_ipv6(struct batch *batch, struct batch_item *item,
			struct nl_socket *sock, const struct nl_answer *a)
{
	struct cache_device *d = cache_find(
		&batch->k->cache, (struct cache_key){item->ns->nsid, item->link.ifindex});
	struct err *e;

	if (a->sys_errno != EACCES) {
		batch_item_settle(batch, item, sock, a);
		return;
	}
	if (d)
		d->lacks_ipv6 = true;
	e = err_hint(nl_answer_err(a), "%s", plan_failure_hint(item->step, a->sys_errno));
	batch_item_fail(item, err_wrap(e, "%s", batch_item_message(batch, item)));
}

static void settle_address(struct batch *batch, struct batch_item *item,
			   struct nl_socket *sock, const struct nl_answer *a)
{
	if (batch->op == PLAN_OP_ADDR_ADD && a->sys_errno == EEXIST)
		settle_existing(batch, item, sock, a);
	else if (is_gone(batch, a) && !is_still_there(batch, item, sock, a))
		batch_item_done(item);
	else
		settle_ipv6(batch, item, sock, a);
}

void execute_address(struct batch *batch)
{
	batch_send(batch, build_address, settle_address);
}

static bool build_route(struct batch *batch, struct batch_item *item, struct nl_msg *m)
{
	uint8_t protocol = batch->k->config.route_protocol;
	const struct model_route *route = &item->step->u.route;

	if (batch->op == PLAN_OP_ROUTE_ADD)
		nl_route_msg_add(m, item->link.ifindex, route, protocol);
	else
		nl_route_msg_del(
			m, route->seen_ifindex ? route->seen_ifindex : item->link.ifindex,
			route, protocol);
	return true;
}

struct rival {
	const struct model_route *wanted;
	bool is_found;
	struct nl_route route;
};

static void note_rival(void *aux, size_t number, const struct nlmsghdr *h)
{
	struct rival *rival = aux;
	struct nl_route r;

	(void)number;
	if (nl_route_parse(h, &r) && !model_route_key_cmp(&r.route, rival->wanted)) {
		rival->is_found = true;
		rival->route = r;
	}
}

static struct err *rival_err(struct batch *batch, const struct rival *rival)
{
	struct err *e;
	char buf[8];

	if (rival->is_found)
		e = err_new(ERR_EXISTS, "the route %s (protocol %s) is in its place",
			    model_route_text(batch->a, &rival->route.route),
			    nl_route_protocol_name(rival->route.protocol, buf));
	else
		e = err_new(ERR_EXISTS,
			    "a route to the same destination is in its place");
	e->sys_errno = EEXIST;
	return err_hint(e, "remove that one, or give this one another metric");
}

/* EEXIST: a route with this key is present. If it is the same route, the step is done:
 * the plan expected the kernel to remove it with an address, and it did not. */
static void settle_rival(struct batch *batch, struct batch_item *item,
			 struct nl_socket *sock)
{
	struct rival rival = {.wanted = &item->step->u.route};
	const struct nl_route *r = &rival.route;
	struct nl_msg m;

	nl_route_msg_dump(&m, 0, 0);
	err_free(nl_dump(sock, &m, note_rival, &rival));
	if (rival.is_found && r->protocol == batch->k->config.route_protocol &&
	    (r->ifindex == item->link.ifindex || model_route_is_reject(&r->route)) &&
	    model_route_equals(&r->route, rival.wanted))
		batch_item_done(item);
	else
		batch_item_fail(item, err_wrap(rival_err(batch, &rival), "%s",
					       batch_item_message(batch, item)));
}

static void settle_route(struct batch *batch, struct batch_item *item,
			 struct nl_socket *sock, const struct nl_answer *a)
{
	if (is_gone(batch, a))
		batch_item_done(item);
	else if (a->sys_errno == EEXIST)
		settle_rival(batch, item, sock);
	else
		settle_ipv6(batch, item, sock, a);
}

void execute_route(struct batch *batch)
{
	batch_send(batch, build_route, settle_route);
}

static bool build_rule(struct batch *batch, struct batch_item *item, struct nl_msg *m)
{
	uint8_t protocol = batch->k->config.route_protocol;

	if (batch->op == PLAN_OP_RULE_ADD)
		nl_rule_msg_add(m, &item->step->u.rule, protocol);
	else
		nl_rule_msg_del(m, &item->step->u.rule, protocol);
	return true;
}

/* What the kernel takes for the rule of a step. */
struct likeness {
	const struct model_rule *wanted;
	uint8_t protocol;
	bool is_equal, is_special;
	struct model_rule special;
};

static void note_likeness(void *aux, size_t number, const struct nlmsghdr *h)
{
	struct likeness *like = aux;
	struct nl_rule r;

	(void)number;
	if (!nl_rule_parse(h, &r) || r.protocol != like->protocol)
		return;
	if (!r.extra && !model_rule_cmp(&r.rule, like->wanted))
		like->is_equal = true;
	if (!model_rule_covers(like->wanted, &r.rule))
		return;
	like->is_special = true;
	like->special = r.rule;
}

/* EEXIST: the rule is present, or one of ours that the kernel takes for it. */
static void settle_likeness(struct batch *batch, struct batch_item *item,
			    struct nl_socket *sock, const struct nl_answer *a)
{
	struct likeness like = {.wanted = &item->step->u.rule,
				.protocol = batch->k->config.route_protocol};
	struct err *e;

	err_free(nl_rule_dump(sock, note_likeness, &like));
	if (like.is_equal) {
		batch_item_done(item);
		return;
	}
	if (!like.is_special) {
		batch_item_settle(batch, item, sock, a);
		return;
	}
	e = err_new(ERR_EXISTS, "the kernel takes it for the rule %s",
		    model_rule_text(batch->a, &like.special));
	e = err_hint(e, "give one of them another priority");
	e->sys_errno = EEXIST;
	batch_item_fail(item, err_wrap(e, "%s", batch_item_message(batch, item)));
}

static void settle_rule(struct batch *batch, struct batch_item *item,
			struct nl_socket *sock, const struct nl_answer *a)
{
	if (batch->op == PLAN_OP_RULE_DEL && a->sys_errno == ENOENT)
		batch_item_done(item);
	else if (a->sys_errno == EEXIST)
		settle_likeness(batch, item, sock, a);
	else
		batch_item_settle(batch, item, sock, a);
}

void execute_rule(struct batch *batch)
{
	batch_send(batch, build_rule, settle_rule);
}

/* A namespace is entered once for all sysctls in it. */
static void set_in_netns(struct batch *batch, size_t first)
{
	const struct netns_ref *ns = batch->items[first].ns->same;
	struct err *e = netns_ref_enter(batch->k, ns);
	bool is_inside = !e;

	for (size_t i = first; i < batch->n; i++) {
		struct batch_item *item = &batch->items[i];
		struct err *failed;

		if (item->is_settled || item->ns->same != ns)
			continue;
		failed = e ? err_copy(e)
			   : plan_failure_hang(&item->step->u.sysctl, item->link.mtu);
		if (!failed)
			failed = sysctl_write(item->link.name, &item->step->u.sysctl);
		if (failed)
			batch_item_fail(item, err_wrap(failed, "%s",
						       batch_item_message(batch, item)));
		else
			batch_item_done(item);
	}
	err_free(e);
	if (is_inside)
		nsfs_leave(batch->k->own_fd);
}

void execute_sysctl(struct batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		if (!batch->items[i].is_settled)
			set_in_netns(batch, i);
	}
}
