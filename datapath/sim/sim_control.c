/* Actions of another process on the simulated kernel, each a request or a few of them, and
 * what a test makes of the world beyond requests. */
#include "datapath/sim/sim.h"

#include "datapath/sim/sim_addr_notes.h"
#include "datapath/sim/sim_cache.h"
#include "datapath/sim/sim_fault.h"
#include "datapath/sim/sim_host.h"
#include "datapath/sim/twin/twin_addr.h"
#include "datapath/sim/twin/twin_event.h"
#include "datapath/sim/twin/twin_execute.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_link_state.h"
#include "datapath/sim/twin/twin_route.h"
#include "datapath/sim/twin/twin_route_new.h"
#include "datapath/sim/twin/twin_world.h"
#include "lib/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct err *sim_request(struct datapath *dp, const struct twin_request *r)
{
	struct err *e = twin_execute(&dp->world, r, NULL);

	sim_fault_wake(dp);
	return e;
}

void sim_set_kernel_version(struct datapath *dp, unsigned int major, unsigned int minor)
{
	dp->world.kernel_version = major * 100 + minor;
}

static struct err *find_link(struct datapath *dp, const char *netns, const char *name,
			     struct twin_link **ret_link)
{
	struct twin_netns *s = twin_netns_find_alive(&dp->world, netns);
	struct twin_link *l = s ? twin_link_find(s, name) : NULL;

	if (!l)
		return twin_kernel_err(s ? ENODEV : ENOENT, NULL);
	*ret_link = l;
	return NULL;
}

struct err *sim_add_master(struct datapath *dp, const char *netns, const char *name,
			   const char *kind)
{
	struct twin_netns *s = twin_netns_find_alive(&dp->world, netns);
	struct twin_link *l = twin_link_alloc(kind);
	struct err *e = s ? twin_link_register(&dp->world, l, s, name)
			  : twin_kernel_err(ENOENT, NULL);

	if (e) {
		twin_link_free(l);
		return e;
	}
	l->has_carrier = true;
	twin_event_added(&dp->world, l);
	sim_fault_wake(dp);
	return NULL;
}

struct err *sim_add_netns(struct datapath *dp, const char *name)
{
	struct twin_request r = {.kind = TWIN_NETNS_ADD, .netns = name};

	return sim_request(dp, &r);
}

struct err *sim_alias_netns(struct datapath *dp, const char *name, const char *alias)
{
	struct twin_request r = {
		.kind = TWIN_NETNS_ATTACH, .netns = alias, .other = name};

	return sim_request(dp, &r);
}

void sim_set_netns_trouble(struct datapath *dp, const char *name,
			   enum model_netns_trouble trouble, const char *what)
{
	twin_netns_set_trouble(&dp->world, name, trouble, what);
	sim_fault_wake(dp);
}

struct err *sim_del_netns(struct datapath *dp, const char *name)
{
	struct twin_request r = {.kind = TWIN_NETNS_DEL, .netns = name};

	return sim_request(dp, &r);
}

/* "NAME" in the daemon's own namespace, or "NETNS/NAME". */
static void split_label(const char *label, char **ret_netns, const char **ret_name)
{
	const char *slash = label ? strrchr(label, '/') : NULL;

	*ret_netns = slash ? xstrndup(label, (size_t)(slash - label)) : xstrdup("");
	*ret_name = slash ? slash + 1 : label;
}

/* What takes 'master' as its port, instead of being on it. */
static struct err *add_controller(struct datapath *dp, struct twin_request *r,
				  const char *master)
{
	struct twin_request port = {
		.kind = TWIN_LINK_SET, .netns = r->netns, .name = master};
	struct err *e = sim_request(dp, r);

	if (e)
		return e;
	port.u.link.controller = r->name;
	e = sim_request(dp, &port);
	if (e) {
		r->kind = TWIN_LINK_DEL;
		err_free(sim_request(dp, r));
	}
	return e;
}

/* Like ipvl, by a socket where the device below is, and with an ifindex (kernel.md 5). */
struct err *sim_add_link(struct datapath *dp, const char *netns, const char *name,
			 const char *kind, const char *master, int mode, int flag)
{
	char *lower_netns CLEANUP(freep) = NULL;
	struct twin_request r = {.kind = TWIN_LINK_NEW,
				 .flags = TWIN_CREATE | TWIN_EXCL,
				 .netns = netns,
				 .name = name,
				 .u.link = {.kind = kind}};
	const char *lower;

	split_label(master, &lower_netns, &lower);
	if (mode >= 0)
		r.u.link.sent |= TWIN_LINK_MODE, r.u.link.mode = (uint16_t)mode;
	if (flag >= 0)
		r.u.link.sent |= TWIN_LINK_FLAG, r.u.link.flag = (uint16_t)flag;
	if (!lower || !*lower)
		return sim_request(dp, &r);
	if (!strcmp(kind, "bridge") || !strcmp(kind, "bond"))
		return add_controller(dp, &r, lower);
	if (!strcmp(kind, "vlan"))
		r.u.link.sent |= TWIN_LINK_VLAN_ID, r.u.link.vlan_id = 5;
	r.u.link.lower = lower;
	if (strcmp(lower_netns, netns) != 0) {
		r.netns = lower_netns;
		r.ifindex = dp->world.next_ifindex++;
		r.u.link.to_netns = netns;
	}
	return sim_request(dp, &r);
}

struct err *sim_del_link(struct datapath *dp, const char *netns, const char *name)
{
	struct twin_request r = {.kind = TWIN_LINK_DEL, .netns = netns, .name = name};

	return sim_request(dp, &r);
}

struct err *sim_rename_link(struct datapath *dp, const char *netns, const char *name,
			    const char *new_name)
{
	struct twin_request r = {.kind = TWIN_LINK_SET,
				 .netns = netns,
				 .name = name,
				 .u.link = {.new_name = new_name}};

	return sim_request(dp, &r);
}

struct err *sim_move_link(struct datapath *dp, const char *netns, const char *name,
			  const char *new_netns)
{
	struct twin_request r = {.kind = TWIN_LINK_SET,
				 .netns = netns,
				 .name = name,
				 .u.link = {.to_netns = new_netns}};

	return sim_request(dp, &r);
}

struct err *sim_set_link(struct datapath *dp, const char *netns, const char *name,
			 bool up, uint32_t mtu)
{
	struct twin_request r = {
		.kind = TWIN_LINK_SET,
		.netns = netns,
		.name = name,
		.u.link = {.sent = TWIN_LINK_UP, .is_up = up, .mtu = mtu}};

	if (mtu)
		r.u.link.sent |= TWIN_LINK_MTU;
	return sim_request(dp, &r);
}

struct err *sim_set_carrier(struct datapath *dp, const char *netns, const char *name,
			    bool has_carrier)
{
	struct twin_link *l;
	struct err *e = find_link(dp, netns, name, &l);

	if (!e)
		twin_link_carrier(&dp->world, l, has_carrier);
	sim_fault_wake(dp);
	return e;
}

struct err *sim_set_port(struct datapath *dp, const char *netns, const char *name,
			 uint8_t mode, uint8_t flag)
{
	struct twin_request r = {.kind = TWIN_LINK_NEW,
				 .netns = netns,
				 .name = name,
				 .u.link = {.sent = TWIN_LINK_MODE | TWIN_LINK_FLAG,
					    .kind = "ipvlan",
					    .mode = mode,
					    .flag = flag}};

	return sim_request(dp, &r);
}

static struct err *change_addr(struct datapath *dp, enum twin_request_kind kind,
			       const char *netns, const char *name, const char *address)
{
	struct twin_request r = {.kind = kind,
				 .flags = TWIN_CREATE | TWIN_EXCL,
				 .netns = netns,
				 .name = name};
	struct err *e = ip_prefix_parse(address, &r.u.addr.address);

	return e ? e : sim_request(dp, &r);
}

struct err *sim_add_addr(struct datapath *dp, const char *netns, const char *name,
			 const char *address)
{
	return change_addr(dp, TWIN_ADDR_NEW, netns, name, address);
}

struct err *sim_del_addr(struct datapath *dp, const char *netns, const char *name,
			 const char *address)
{
	return change_addr(dp, TWIN_ADDR_DEL, netns, name, address);
}

struct err *sim_note_addr(struct datapath *dp, const char *netns, const char *name,
			  const char *address, unsigned int notes, const char *peer)
{
	struct ip_prefix p;
	struct model_address_seen seen = {.notes = notes};
	struct twin_addr *a = NULL;
	struct twin_link *l;
	struct err *e = ip_prefix_parse(address, &p);

	if (!e && *peer)
		e = ip_addr_parse(peer, &seen.peer);
	if (!e)
		e = find_link(dp, netns, name, &l);
	if (!e)
		a = twin_addr_find(l, &p);
	if (!e && !a)
		e = twin_kernel_err(EADDRNOTAVAIL, NULL);
	if (e)
		return e;
	seen.address = p;
	sim_addr_spoil(l, a, &seen);
	twin_event_address(&dp->world, l, a, false);
	sim_fault_wake(dp);
	return NULL;
}

static struct twin_request route_request(struct datapath *dp, enum twin_request_kind kind,
					 const char *netns, const char *name,
					 const struct model_route *route)
{
	struct twin_request r = {
		.kind = kind,
		.flags = TWIN_CREATE | TWIN_EXCL,
		.netns = netns,
		.name = name,
		.u.route = {.route = *route,
			    .protocol = dp->world.config.route_protocol}};

	if (kind == TWIN_ROUTE_DEL)
		r.u.route.scope = TWIN_SCOPE_NOWHERE;
	else if (route->to.addr.family == AF_INET && !route->via.family)
		r.u.route.scope = TWIN_SCOPE_LINK;
	return r;
}

struct err *sim_add_route(struct datapath *dp, const char *netns, const char *name,
			  const struct model_route *route, bool foreign)
{
	struct twin_request r = route_request(dp, TWIN_ROUTE_NEW, netns, name, route);

	if (foreign)
		r.u.route.protocol = TWIN_PROTO_STATIC;
	return sim_request(dp, &r);
}

struct err *sim_del_route(struct datapath *dp, const char *netns, const char *name,
			  const struct model_route *route)
{
	struct twin_request r = route_request(dp, TWIN_ROUTE_DEL, netns, name, route);

	r.u.route.protocol = 0;
	return sim_request(dp, &r);
}

struct err *sim_set_sysctl(struct datapath *dp, const char *netns, const char *name,
			   const char *key, const char *value)
{
	struct twin_request r = {.kind = TWIN_SYSCTL,
				 .netns = netns,
				 .name = name,
				 .u.sysctl = {.key = key, .value = value}};

	return sim_request(dp, &r);
}

struct err *sim_set_dad_failed(struct datapath *dp, const char *netns, const char *name,
			       const char *address)
{
	struct ip_addr addr = {0};
	struct twin_link *l;
	struct err *e = *address ? ip_addr_parse(address, &addr) : NULL;

	if (!e)
		e = find_link(dp, netns, name, &l);
	if (e)
		return e;
	l->duplicate = addr;
	for (size_t i = 0; i < l->n_addresses; i++) {
		twin_addr_probe(l, &l->addresses[i]);
		if (l->addresses[i].is_duplicate)
			twin_event_address(&dp->world, l, &l->addresses[i], false);
	}
	sim_fault_wake(dp);
	return NULL;
}

void sim_set_resolv_conf(struct datapath *dp, const char *netns, const char *text)
{
	twin_file_set(&dp->world, netns, text, *text);
	sim_fault_wake(dp);
}

void sim_kill_netns(struct datapath *dp, const char *name)
{
	err_free(twin_netns_put_file(&dp->world, name));
	err_free(twin_netns_unmount(&dp->world, name));
	sim_fault_wake(dp);
}

void sim_set_netns_inode(struct datapath *dp, const char *name, uint64_t inode)
{
	twin_netns_find(&dp->world, name)->inode = inode;
}

/* Which faults a test injects; sim_fault.c makes them happen. */

void sim_fail_step(struct datapath *dp, int64_t n, int sys_errno)
{
	struct sim_faults *f = &dp->faults;

	f->steps_to_failure = n;
	f->step_errno = sys_errno;
}

void sim_fail_request(struct datapath *dp, int64_t n, int sys_errno)
{
	struct sim_faults *f = &dp->faults;

	f->requests_to_failure = n;
	f->request_errno = sys_errno;
}

void sim_fail_observe(struct datapath *dp, unsigned int n, int sys_errno)
{
	struct sim_faults *f = &dp->faults;

	f->failing_observations = n;
	f->observe_errno = sys_errno;
}

void sim_crash_at(struct datapath *dp, int64_t n)
{
	dp->faults.requests_to_crash = n;
}

uint64_t sim_n_requests(const struct datapath *dp)
{
	return dp->faults.n_requests;
}

bool sim_has_crashed(struct datapath *dp)
{
	return dp->faults.has_crashed;
}

void sim_revive(struct datapath *dp)
{
	struct sim_faults *f = &dp->faults;

	f->has_crashed = false;
	/* A new process has a new socket: what was queued on the old one is gone. */
	twin_event_drop_all(&dp->world);
	sim_cache_reset(&dp->world);
}

void sim_set_cost(struct datapath *dp, int64_t ms)
{
	dp->faults.cost_ms = ms;
}

void sim_lose_events(struct datapath *dp)
{
	dp->faults.are_lost = true;
	sim_fault_wake(dp);
}

void sim_delay_events(struct datapath *dp, unsigned int n_drains)
{
	dp->faults.drains_to_wait = n_drains;
	sim_fault_wake(dp);
}

void sim_double_events(struct datapath *dp, bool are_doubled)
{
	dp->faults.are_doubled = are_doubled;
}

void sim_shuffle_events(struct datapath *dp, uint64_t seed)
{
	dp->faults.shuffle_seed = seed;
}
