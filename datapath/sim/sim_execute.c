/* The entrance for requests of other processes: finds what they name, and applies the
 * rules of the other files. */
#include "datapath/sim/sim.h"

#include "datapath/sim/sim_event.h"
#include "datapath/sim/sim_inet.h"
#include "datapath/sim/sim_link.h"
#include "datapath/sim/sim_host.h"
#include "datapath/sim/sim_world.h"
#include "lib/alloc.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

struct call {
	struct datapath *dp;
	struct sim_world *w;
	const struct sim_request *r;
	struct sim_netns *ns;
	struct sim_link *link;
};

static struct err *netns_add(struct call *c)
{
	return sim_add_netns(c->dp, c->r->netns);
}

static struct err *netns_del(struct call *c)
{
	return sim_del_netns(c->dp, c->r->netns);
}

static struct err *netns_attach(struct call *c)
{
	return sim_alias_netns(c->dp, c->r->other, c->r->netns);
}

static struct err *netns_unmount(struct call *c)
{
	sim_kill_netns(c->dp, c->r->netns);
	return NULL;
}

static struct err *link_new(struct call *c)
{
	const struct sim_link_request *l = &c->r->u.link;
	struct sim_link *lower = NULL, *new;
	struct err *e;

	if (l->lower && !(lower = sim_link_find(c->ns, l->lower)))
		return sim_kernel_err(ENODEV, NULL);
	e = sim_link_add(c->w, c->ns, c->r->name, l->kind ? l->kind : "", lower,
			 l->sent & SIM_LINK_MODE ? l->mode : -1,
			 l->sent & SIM_LINK_FLAG ? l->flag : -1, &new);
	if (!e && l->sent & SIM_LINK_MTU)
		e = sim_link_mtu(c->w, new, l->mtu);
	if (!e && l->sent & SIM_LINK_GROUP)
		new->group = l->group;
	if (!e && l->sent & SIM_LINK_UP && l->is_up)
		e = sim_link_up(c->w, new);
	return e;
}

static struct err *link_set(struct call *c)
{
	const struct sim_link_request *l = &c->r->u.link;
	struct err *e = NULL;

	if (l->sent & SIM_LINK_MTU)
		e = sim_link_mtu(c->w, c->link, l->mtu);
	if (!e && l->new_name)
		e = sim_link_rename(c->w, c->link, l->new_name);
	if (!e && l->to_netns)
		e = sim_move_link(c->dp, c->r->netns, c->r->name, l->to_netns);
	if (!e && l->sent & SIM_LINK_CARRIER)
		sim_link_carrier(c->w, c->link, l->has_carrier);
	if (e || !(l->sent & SIM_LINK_UP))
		return e;
	if (l->is_up)
		return sim_link_up(c->w, c->link);
	sim_link_down(c->w, c->link);
	return NULL;
}

static struct err *link_del(struct call *c)
{
	sim_link_del(c->w, c->link);
	return NULL;
}

static struct err *addr_new(struct call *c)
{
	return sim_addr_add(c->w, c->link, &c->r->u.addr.address);
}

static struct err *addr_del(struct call *c)
{
	return sim_addr_del(c->w, c->link, &c->r->u.addr.address);
}

static struct err *route_new(struct call *c)
{
	return sim_route_add(c->w, c->link, &c->r->u.route.route,
			     c->r->u.route.protocol == c->w->config.route_protocol);
}

static struct err *route_del(struct call *c)
{
	return sim_del_route(c->dp, c->r->netns, c->r->name, &c->r->u.route.route);
}

static struct err *write_sysctl(struct call *c)
{
	return sim_set_sysctl(c->dp, c->r->netns, c->r->name, c->r->u.sysctl.key,
			      c->r->u.sysctl.value);
}

static struct err *write_resolv_conf(struct call *c)
{
	sim_set_resolv_conf(c->dp, c->r->netns, c->r->u.resolv_conf);
	return NULL;
}

enum need { NOTHING, A_NETNS, A_DEVICE };

static const struct {
	struct err *(*run)(struct call *c);
	enum need need;
} requests[SIM_REQUEST_KINDS] = {
	[SIM_NETNS_ADD] = {netns_add, NOTHING},
	[SIM_NETNS_DEL] = {netns_del, NOTHING},
	[SIM_NETNS_ATTACH] = {netns_attach, NOTHING},
	[SIM_NETNS_UNMOUNT] = {netns_unmount, NOTHING},
	[SIM_LINK_NEW] = {link_new, A_NETNS},
	[SIM_LINK_SET] = {link_set, A_DEVICE},
	[SIM_LINK_DEL] = {link_del, A_DEVICE},
	[SIM_ADDR_NEW] = {addr_new, A_DEVICE},
	[SIM_ADDR_DEL] = {addr_del, A_DEVICE},
	[SIM_ROUTE_NEW] = {route_new, A_DEVICE},
	[SIM_ROUTE_DEL] = {route_del, A_DEVICE},
	[SIM_SYSCTL] = {write_sysctl, A_DEVICE},
	[SIM_RESOLV_CONF] = {write_resolv_conf, NOTHING},
};

struct err *sim_request(struct datapath *dp, const struct sim_request *r)
{
	struct call c = {.dp = dp, .w = sim_world(dp), .r = r};
	struct err *e;

	assert(r->kind < SIM_REQUEST_KINDS);
	if (!requests[r->kind].run)
		return sim_kernel_err(EOPNOTSUPP, NULL);
	c.ns = sim_netns_find_alive(c.w, r->netns);
	if (requests[r->kind].need != NOTHING && !c.ns)
		return sim_kernel_err(ENOENT, NULL);
	if (requests[r->kind].need == A_DEVICE && r->name)
		c.link = sim_link_find(c.ns, r->name);
	if (requests[r->kind].need == A_DEVICE && !c.link)
		return sim_kernel_err(ENODEV, NULL);
	e = requests[r->kind].run(&c);
	sim_wake(dp);
	return e;
}
