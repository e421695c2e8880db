/* Steps on addresses, routes and sysctls, by the requests of
 * datapath/kernel/execute/execute_inside.c. */
#include "datapath/sim/sim_apply_inet.h"

#include "datapath/plan/plan_failure.h"
#include "datapath/sim/sim_cache.h"
#include "datapath/sim/twin/twin_addr.h"
#include "datapath/sim/twin/twin_route.h"

#include <errno.h>
#include <sys/socket.h>

struct err *sim_apply_sysctl(struct sim_step *d)
{
	struct twin_request r;
	struct twin_link *l;
	struct err *e = d->step->want ? sim_step_find_slave(d, d->step->want, &l)
				      : sim_step_find_master(d, &l);

	if (!e)
		e = plan_failure_hang(&d->step->u.sysctl, l->mtu);
	if (e)
		return e;
	r = sim_step_request(TWIN_SYSCTL, l);
	r.u.sysctl.key = d->step->u.sysctl.key;
	r.u.sysctl.value = d->step->u.sysctl.value;
	return sim_step_send(d, &r, NULL);
}

static struct twin_request addr_request(const struct sim_step *d,
					enum twin_request_kind kind,
					const struct twin_link *l)
{
	struct twin_request r = sim_step_request(kind, l);

	r.u.addr.address = d->step->u.address;
	return r;
}

static void put_lifetime(struct twin_request *r, uint32_t valid_s, uint32_t preferred_s)
{
	r->u.addr.sent |= TWIN_ADDR_LIFETIME;
	r->u.addr.valid_s = valid_s;
	r->u.addr.preferred_s = preferred_s;
}

static void put_options(struct twin_request *r, const struct model_address_options *o)
{
	r->u.addr.peer = o->peer;
	if (o->scope == MODEL_SCOPE_LINK || o->scope == MODEL_SCOPE_HOST) {
		r->u.addr.sent |= TWIN_ADDR_SCOPE;
		r->u.addr.scope =
			o->scope == MODEL_SCOPE_LINK ? TWIN_SCOPE_LINK : TWIN_SCOPE_HOST;
	}
	if (*o->label)
		r->u.addr.label = o->label;
	if (o->lifetime == MODEL_LIFETIME_DEPRECATED)
		put_lifetime(r, UINT32_MAX, 0);
}

static struct err *put_route(struct sim_step *d, const struct twin_link *l,
			     const struct twin_route_request *route)
{
	struct twin_request r = sim_step_request(TWIN_ROUTE_NEW, l);

	r.flags = TWIN_CREATE | TWIN_APPEND;
	r.u.route = *route;
	return sim_step_ignore(sim_step_send(d, &r, NULL), EEXIST);
}

/* The routes that the kernel makes for an IPv4 address (kernel.md 21). */
static struct err *restore_ipv4_routes(struct sim_step *d, const struct twin_link *l,
				       const struct twin_addr *a)
{
	struct twin_route_request route = {
		.route = {.to = {.addr = a->prefix.addr, .len = 32},
			  .from = a->prefix.addr,
			  .table = TWIN_TABLE_LOCAL},
		.protocol = TWIN_PROTO_KERNEL,
		.type = TWIN_ROUTE_LOCAL,
		.scope = TWIN_SCOPE_HOST,
	};
	struct err *e = put_route(d, l, &route);

	if (e || a->is_secondary || a->prefix.len == 32 || a->peer.family)
		return e;
	route.route.to = ip_prefix_network(&a->prefix);
	route.route.table = MODEL_ROUTE_TABLE_MAIN;
	route.type = TWIN_ROUTE_UNICAST;
	route.scope = TWIN_SCOPE_LINK;
	return put_route(d, l, &route);
}

static struct twin_addr *find_twin(const struct twin_link *l, const struct ip_addr *addr)
{
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (!ip_addr_cmp(&l->addresses[i].prefix.addr, addr))
			return &l->addresses[i];
	}
	return NULL;
}

/* The same address is present: it gets the lifetime that is declared, and its routes. */
static struct err *renew(struct sim_step *d, const struct twin_link *l,
			 const struct twin_addr *a)
{
	struct twin_request r = addr_request(d, TWIN_ADDR_NEW, l);
	const struct model_address_options *o = d->step->u.address_options;
	enum model_lifetime lifetime = o ? o->lifetime : MODEL_LIFETIME_ANY;
	bool is_ipv4 = a->prefix.addr.family == AF_INET;
	struct err *e;

	r.flags = TWIN_REPLACE;
	r.u.addr.peer = a->peer;
	if (lifetime == MODEL_LIFETIME_DEPRECATED)
		put_lifetime(&r, UINT32_MAX, 0);
	else if (lifetime == MODEL_LIFETIME_ANY &&
		 (a->valid_s != UINT32_MAX || a->preferred_s != UINT32_MAX))
		put_lifetime(&r, a->valid_s, a->preferred_s);
	if (!is_ipv4 && a->metric && a->metric != TWIN_IPV6_SUBNET_METRIC) {
		r.u.addr.sent |= TWIN_ADDR_METRIC;
		r.u.addr.metric = TWIN_IPV6_SUBNET_METRIC;
	}
	e = sim_step_send(d, &r, NULL);
	return e || !is_ipv4 || l->controller ? e : restore_ipv4_routes(d, l, a);
}

/* IPv6 is off on the device: that it comes back will be an event. */
static struct err *note_ipv6(struct sim_step *d, const struct twin_link *l, struct err *e)
{
	struct sim_known *known = sim_cache_find(d->w->cache, l->ns->id, l->ifindex);

	if (e && e->sys_errno == EACCES && known)
		known->lacks_ipv6 = true;
	return e;
}

struct err *sim_apply_addr_add(struct sim_step *d)
{
	const struct model_address_options *o = d->step->u.address_options;
	const struct ip_addr peer = o ? o->peer : (struct ip_addr){0};
	const struct twin_addr *twin;
	struct twin_request r;
	struct twin_link *l;
	struct err *e = sim_step_find_device(d, &l);

	if (e)
		return e;
	r = addr_request(d, TWIN_ADDR_NEW, l);
	r.flags = TWIN_CREATE | TWIN_EXCL;
	if (o)
		put_options(&r, o);
	e = sim_step_send(d, &r, NULL);
	twin = find_twin(l, &d->step->u.address.addr);
	if (!e || e->sys_errno != EEXIST || !twin ||
	    ip_prefix_cmp(&twin->prefix, &d->step->u.address) ||
	    ip_addr_cmp(&twin->peer, &peer))
		return note_ipv6(d, l, e);
	err_free(e);
	return renew(d, l, twin);
}

struct err *sim_apply_addr_del(struct sim_step *d)
{
	struct twin_request r;
	struct twin_link *l;
	struct err *e = sim_step_find_doomed(d, &l);

	if (e || !l)
		return e;
	r = addr_request(d, TWIN_ADDR_DEL, l);
	r.u.addr.peer = d->step->u.peer;
	e = sim_step_send(d, &r, NULL);
	/* It may be present with another peer. */
	if (e && e->sys_errno == EADDRNOTAVAIL && twin_addr_find(l, &d->step->u.address))
		return e;
	return sim_step_ignore(sim_step_ignore(e, EADDRNOTAVAIL), ENXIO);
}

static struct twin_request route_request(const struct sim_step *d,
					 enum twin_request_kind kind,
					 const struct twin_link *l)
{
	struct twin_request r = sim_step_request(kind, l);

	r.u.route.route = d->step->u.route;
	r.u.route.protocol = d->w->config.route_protocol;
	r.u.route.type = TWIN_ROUTE_UNICAST;
	return r;
}

/* A route without a device: the namespace is all that it needs. */
static struct twin_request reject_request(const struct sim_step *d,
					  enum twin_request_kind kind,
					  const struct twin_netns *s)
{
	struct twin_request r = {.kind = kind, .netns = s->name};

	r.u.route.route = d->step->u.route;
	r.u.route.route.type = MODEL_ROUTE_UNICAST;
	r.u.route.protocol = d->w->config.route_protocol;
	r.u.route.type = (uint8_t)d->step->u.route.type;
	return r;
}

static struct err *add_reject(struct sim_step *d)
{
	const struct model_slave *slave = d->step->want ? d->step->want : d->step->have;
	const struct model_route *route = &d->step->u.route;
	const struct twin_netns *s = sim_step_netns(d, slave);
	const struct twin_route *there;
	struct twin_request r;
	struct err *e;

	if (!s)
		return twin_kernel_err(ENODEV, NULL);
	r = reject_request(d, TWIN_ROUTE_NEW, s);
	r.flags = TWIN_CREATE | TWIN_EXCL;
	e = sim_step_send(d, &r, NULL);
	there = twin_route_find(s, route);
	return there && twin_route_is_our_reject(d->w, there) &&
			       there->type == (uint8_t)route->type
		       ? sim_step_ignore(e, EEXIST)
		       : e;
}

/* With the metric, also the default one: without it the kernel deletes the lowest (kernel.md
 * 29). */
static struct err *send_route_del(struct sim_step *d, struct twin_request *r)
{
	struct model_route *route = &r->u.route.route;

	r->u.route.scope = TWIN_SCOPE_NOWHERE;
	if (route->to.addr.family == AF_INET6 && !route->metric)
		route->metric = MODEL_IPV6_METRIC;
	return sim_step_ignore(sim_step_send(d, r, NULL), ESRCH);
}

static struct err *del_reject(struct sim_step *d)
{
	const struct model_slave *slave = d->step->have ? d->step->have : d->step->want;
	const struct twin_netns *s = sim_step_netns(d, slave);
	struct twin_request r;

	if (!s)
		return NULL;
	r = reject_request(d, TWIN_ROUTE_DEL, s);
	return send_route_del(d, &r);
}

struct err *sim_apply_route_add(struct sim_step *d)
{
	const struct model_route *route = &d->step->u.route;
	const struct twin_route *there;
	struct twin_request r;
	struct twin_link *l;
	struct err *e;

	if (model_route_is_reject(route))
		return add_reject(d);
	e = sim_step_find_device(d, &l);
	if (e)
		return e;
	r = route_request(d, TWIN_ROUTE_NEW, l);
	r.flags = TWIN_CREATE | TWIN_EXCL;
	r.u.route.scope = twin_route_scope(route);
	e = sim_step_send(d, &r, NULL);
	there = twin_route_find(l->ns, route);
	if (e && e->sys_errno == EEXIST && there && twin_route_is_ours(d->w, there) &&
	    there->link == l && model_route_equals(&there->route, route))
		return sim_step_ignore(e, EEXIST);
	return note_ipv6(d, l, e);
}

struct err *sim_apply_route_del(struct sim_step *d)
{
	const struct twin_route *there;
	struct twin_request r;
	struct twin_link *l;
	struct err *e;

	if (model_route_is_reject(&d->step->u.route))
		return del_reject(d);
	e = sim_step_find_doomed(d, &l);
	if (e || !l)
		return e;
	if (d->step->u.route.seen_ifindex) {
		there = twin_route_find(l->ns, &d->step->u.route);
		l = there ? there->link : l;
	}
	r = route_request(d, TWIN_ROUTE_DEL, l);
	r.u.route.route.seen_ifindex = 0;
	return send_route_del(d, &r);
}

/* What is at the key of a step's route, in its namespace. */
struct match {
	const struct twin_netns *ns;
	const struct twin_link *link; /* NULL: of a route without a device */
	const struct twin_route *route;
	size_t n;
};

static struct err *find_match(struct sim_step *d, bool is_adoption, struct match *ret)
{
	const struct model_slave *slave = d->step->want ? d->step->want : d->step->have;
	const struct model_route *route = &d->step->u.route;
	struct twin_link *l = NULL;
	struct err *e = NULL;

	*ret = (struct match){0};
	if (!model_route_is_reject(route))
		e = is_adoption ? sim_step_find_device(d, &l)
				: sim_step_find_doomed(d, &l);
	if (e)
		return e;
	ret->link = l;
	ret->ns = l                              ? l->ns
		  : model_route_is_reject(route) ? sim_step_netns(d, slave)
						 : NULL;
	for (size_t i = 0; ret->ns && i < ret->ns->n_routes; i++) {
		const struct twin_route *r = &ret->ns->routes[i];

		if (!twin_route_is_visible(r) ||
		    model_route_key_cmp(&r->route, route) != 0)
			continue;
		ret->route = r;
		ret->n++;
	}
	return NULL;
}

static struct twin_request transfer_request(const struct sim_step *d,
					    const struct match *m, uint8_t protocol)
{
	struct twin_request r = m->link ? route_request(d, TWIN_ROUTE_NEW, m->link)
					: reject_request(d, TWIN_ROUTE_NEW, m->ns);

	if (m->link)
		r.u.route.scope = twin_route_scope(&d->step->u.route);
	r.u.route.protocol = protocol;
	r.flags = TWIN_CREATE | (m->n ? TWIN_REPLACE : TWIN_EXCL);
	return r;
}

/* The route found is by the device of the step, or without one as that of the step. */
static bool is_its_own(const struct sim_step *d, const struct match *m)
{
	return m->link ? m->route->link == m->link && m->route->type == TWIN_ROUTE_UNICAST
		       : m->route->type >= TWIN_ROUTE_BLACKHOLE &&
				 model_route_is_reject(&d->step->u.route);
}

static bool is_equal(const struct sim_step *d, const struct twin_route *r)
{
	struct model_route have = twin_route_model(&r->route, r->type);

	return model_route_equals(&have, &d->step->u.route);
}

struct err *sim_apply_route_adopt(struct sim_step *d)
{
	struct twin_request r;
	struct match m;
	struct err *e = find_match(d, true, &m);

	if (e)
		return e;
	if (!m.ns)
		return twin_kernel_err(ENODEV, NULL);
	if (m.n == 1 && is_its_own(d, &m) &&
	    m.route->protocol == d->w->config.route_protocol && is_equal(d, m.route))
		return NULL;
	if (m.n > 1 || (m.n && (!is_its_own(d, &m) ||
				m.route->protocol == d->w->config.route_protocol)))
		return twin_kernel_err(EEXIST, NULL);
	r = transfer_request(d, &m, d->w->config.route_protocol);
	return sim_step_send(d, &r, NULL);
}

/* Beside another one of the same key it stays as it is: the kernel would replace the first. */
struct err *sim_apply_route_release(struct sim_step *d)
{
	struct twin_request r;
	struct match m;
	struct err *e = find_match(d, false, &m);

	if (e || m.n != 1 || !is_its_own(d, &m) ||
	    m.route->protocol != d->w->config.route_protocol)
		return e;
	r = transfer_request(d, &m, TWIN_PROTO_STATIC);
	return sim_step_send(d, &r, NULL);
}

struct err *sim_apply_vrf(struct sim_step *d)
{
	struct twin_request r;
	struct twin_link *l;
	struct err *e = sim_step_find_slave(d, d->step->want, &l);

	if (e)
		return e;
	r = sim_step_request(TWIN_LINK_NEW, l);
	r.u.link.controller = d->step->u.vrf;
	return sim_step_send(d, &r, NULL);
}
