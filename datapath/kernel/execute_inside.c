/* Addresses, routes and sysctls: what is done inside the device's own namespace. */
#include "datapath/kernel/batch.h"
#include "datapath/kernel/netlink/nl_addr.h"
#include "datapath/kernel/netlink/nl_route.h"

#include "lib/alloc.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <string.h>
#include <sys/socket.h>

static bool build_address(struct job *j, struct work *w, struct nl_msg *m)
{
	if (j->op == PLAN_OP_ADDR_ADD)
		nl_addr_msg_add(m, w->link.ifindex, &w->step->u.address);
	else
		nl_addr_msg_del(m, w->link.ifindex, &w->step->u.address,
				&w->step->u.peer);
	return true;
}

/* What is gone already is removed. */
static bool is_gone(const struct job *j, const struct nl_answer *a)
{
	bool is_removal = j->op == PLAN_OP_ADDR_DEL || j->op == PLAN_OP_ROUTE_DEL;

	return is_removal && (a->sys_errno == EADDRNOTAVAIL || a->sys_errno == ESRCH ||
			      a->sys_errno == ENODEV);
}

/* The address of the step's device that has the same local part: there is one at most. */
struct twin {
	const struct work *work;
	bool is_found;
	struct nl_addr addr;
};

static void note_twin(void *aux, size_t number, const struct nlmsghdr *h)
{
	struct twin *twin = aux;
	struct nl_addr a;

	(void)number;
	if (!nl_addr_parse(h, &a) || a.ifindex != twin->work->link.ifindex ||
	    ip_addr_cmp(&a.prefix.addr, &twin->work->step->u.address.addr))
		return;
	twin->is_found = true;
	twin->addr = a;
}

static struct twin find_twin(const struct work *w, struct nl_socket *sock)
{
	struct twin twin = {.work = w};
	struct nl_msg m;

	nl_addr_msg_dump(&m, NSID_HERE, w->link.ifindex);
	err_free(nl_dump(sock, &m, note_twin, &twin));
	return twin;
}

/* EEXIST says that it is there. */
static struct err *run_unless_there(struct nl_socket *sock, struct nl_msg *m)
{
	struct err *e = nl_run(sock, m, NULL, NULL);

	if (!e || e->sys_errno != EEXIST)
		return e;
	err_free(e);
	return NULL;
}

/* A secondary address has no route of its own. */
static struct err *restore_ipv4_routes(const struct nl_addr *a, struct nl_socket *sock)
{
	struct nl_msg m;
	struct err *e;

	nl_route_msg_local(&m, a->ifindex, &a->prefix);
	e = run_unless_there(sock, &m);
	if (e || a->flags & IFA_F_SECONDARY || a->prefix.len == 32)
		return e;
	nl_route_msg_subnet(&m, a->ifindex, &a->prefix);
	return run_unless_there(sock, &m);
}

/* In a VRF the routes are in its table, and left alone. */
static struct err *renew(const struct work *w, const struct nl_addr *a,
			 struct nl_socket *sock)
{
	struct nl_msg m;
	struct err *e;

	nl_addr_msg_renew(&m, a);
	e = nl_run(sock, &m, NULL, NULL);
	if (!e && a->prefix.addr.family == AF_INET && !w->link.upper)
		e = restore_ipv4_routes(a, sock);
	return e;
}

/* EEXIST: the very address is there. A plan adds again what has got a lifetime or lost
 * its routes, and what the removal of a primary address may have taken along, although
 * the namespace may be set to promote it instead (promote_secondaries). */
static void judge_existing(struct job *j, struct work *w, struct nl_socket *sock,
			   const struct nl_answer *a)
{
	struct twin twin = find_twin(w, sock);
	struct err *e;

	if (!twin.is_found || ip_prefix_cmp(&twin.addr.prefix, &w->step->u.address) ||
	    twin.addr.peer.family) {
		work_judge(j, w, sock, a);
		return;
	}
	e = renew(w, &twin.addr, sock);
	if (e)
		work_fail(w, err_wrap(e, "%s", work_sentence(j, w)));
	else
		work_done(w);
}

/* EADDRNOTAVAIL is also the answer where the address is there, with another peer. */
static bool is_still_there(const struct job *j, const struct work *w,
			   struct nl_socket *sock, const struct nl_answer *a)
{
	struct twin twin;

	if (j->op != PLAN_OP_ADDR_DEL || a->sys_errno != EADDRNOTAVAIL)
		return false;
	twin = find_twin(w, sock);
	return twin.is_found && !ip_prefix_cmp(&twin.addr.prefix, &w->step->u.address);
}

/* IPv6 that is off on the device is all that makes the kernel answer so (Linux
 * addrconf_add_dev(), fib6_nh_init()). */
static void judge_ipv6(struct job *j, struct work *w, struct nl_socket *sock,
		       const struct nl_answer *a)
{
	struct known_device *d = known_find(
		&j->k->known, (struct known_key){w->space->nsid, w->link.ifindex});
	struct err *e;

	if (a->sys_errno != EACCES) {
		work_judge(j, w, sock, a);
		return;
	}
	if (d)
		d->lacks_ipv6 = true;
	e = err_hint(nl_answer_err(a),
		     "IPv6 is off on this device (its sysctl ipv6.disable_ipv6 is 1): "
		     "set it to 0 there or in the row of the slave");
	work_fail(w, err_wrap(e, "%s", work_sentence(j, w)));
}

static void judge_address(struct job *j, struct work *w, struct nl_socket *sock,
			  const struct nl_answer *a)
{
	if (j->op == PLAN_OP_ADDR_ADD && a->sys_errno == EEXIST)
		judge_existing(j, w, sock, a);
	else if (is_gone(j, a) && !is_still_there(j, w, sock, a))
		work_done(w);
	else
		judge_ipv6(j, w, sock, a);
}

void apply_address(struct job *j)
{
	job_send(j, build_address, judge_address);
}

static bool build_route(struct job *j, struct work *w, struct nl_msg *m)
{
	uint8_t protocol = j->k->config.route_protocol;

	if (j->op == PLAN_OP_ROUTE_ADD)
		nl_route_msg_add(m, w->link.ifindex, &w->step->u.route, protocol);
	else
		nl_route_msg_del(m, w->link.ifindex, &w->step->u.route, protocol);
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

static struct err *rival_err(struct job *j, const struct rival *rival)
{
	struct err *e;
	char buf[8];

	if (rival->is_found)
		e = err_new(ERR_EXISTS, "the route %s (protocol %s) is in its place",
			    model_route_text(j->a, &rival->route.route),
			    nl_route_protocol_name(rival->route.protocol, buf));
	else
		e = err_new(ERR_EXISTS,
			    "a route to the same destination is in its place");
	e->sys_errno = EEXIST;
	return err_hint(e, "remove that one, or give this one another metric");
}

/* EEXIST: whose is the route that is in the way? If it is this very one, all is well: a
 * plan may foresee that a route is lost with an address, and the kernel keep it. */
static void judge_rival(struct job *j, struct work *w, struct nl_socket *sock)
{
	struct rival rival = {.wanted = &w->step->u.route};
	const struct nl_route *r = &rival.route;
	struct nl_msg m;

	nl_route_msg_dump(&m, 0, 0);
	err_free(nl_dump(sock, &m, note_rival, &rival));
	if (rival.is_found && r->protocol == j->k->config.route_protocol &&
	    r->ifindex == w->link.ifindex && model_route_equals(&r->route, rival.wanted))
		work_done(w);
	else
		work_fail(w, err_wrap(rival_err(j, &rival), "%s", work_sentence(j, w)));
}

static void judge_route(struct job *j, struct work *w, struct nl_socket *sock,
			const struct nl_answer *a)
{
	if (is_gone(j, a))
		work_done(w);
	else if (a->sys_errno == EEXIST)
		judge_rival(j, w, sock);
	else
		judge_ipv6(j, w, sock, a);
}

void apply_route(struct job *j)
{
	job_send(j, build_route, judge_route);
}

/* A namespace is entered once for all sysctls in it. */
static void set_room(struct job *j, size_t first)
{
	const struct space *space = j->works[first].space->same;
	struct err *e = space_enter(space);
	bool is_inside = !e;

	for (size_t i = first; i < j->n; i++) {
		struct work *w = &j->works[i];
		struct err *failed;

		if (w->is_settled || w->space->same != space)
			continue;
		failed =
			e ? err_copy(e) : files_write_sysctl(w->name, &w->step->u.sysctl);
		if (failed)
			work_fail(w, err_wrap(failed, "%s", work_sentence(j, w)));
		else
			work_done(w);
	}
	err_free(e);
	if (is_inside)
		netns_leave(j->k->own_fd);
}

void apply_sysctl(struct job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		if (!j->works[i].is_settled)
			set_room(j, i);
	}
}
