/* Actions of another process on the simulated kernel, with the events that the kernel
 * makes. */
#include "datapath/sim/sim.h"

#include "datapath/sim/sim_event.h"
#include "datapath/sim/sim_inet.h"
#include "datapath/sim/sim_link.h"
#include "datapath/sim/sim_host.h"
#include "datapath/sim/sim_route.h"
#include "datapath/sim/sim_world.h"
#include "lib/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct err *find_netns(struct datapath *dp, const char *netns,
			      struct sim_netns **ret_ns)
{
	struct sim_netns *s = sim_netns_find_alive(sim_world(dp), netns);

	if (!s)
		return sim_kernel_err(ENOENT, NULL);
	*ret_ns = s;
	return NULL;
}

static struct err *find_link(struct datapath *dp, const char *netns, const char *name,
			     struct sim_link **ret_link)
{
	struct sim_netns *s;
	struct err *e = find_netns(dp, netns, &s);
	struct sim_link *l;

	if (e)
		return e;
	l = sim_link_find(s, name);
	if (!l)
		return sim_kernel_err(ENODEV, NULL);
	*ret_link = l;
	return NULL;
}

/* "NAME" in the daemon's own namespace, or "NETNS/NAME". */
static struct err *find_label(struct datapath *dp, const char *label,
			      struct sim_link **ret_link)
{
	const char *slash = strrchr(label, '/');
	char *netns;
	struct err *e;

	if (!slash)
		return find_link(dp, "", label, ret_link);
	netns = xstrndup(label, (size_t)(slash - label));
	e = find_link(dp, netns, slash + 1, ret_link);
	free(netns);
	return e;
}

struct err *sim_add_master(struct datapath *dp, const char *netns, const char *name,
			   const char *kind)
{
	struct sim_netns *s;
	struct sim_link *l = NULL;
	struct err *e = find_netns(dp, netns, &s);

	if (!e)
		e = sim_link_add(sim_world(dp), s, name, kind, NULL, -1, -1, &l);
	sim_wake(dp);
	return e;
}

struct err *sim_add_netns(struct datapath *dp, const char *name)
{
	struct sim_netns *s;
	struct err *e = sim_netns_add(sim_world(dp), name, &s);

	sim_wake(dp);
	return e;
}

struct err *sim_alias_netns(struct datapath *dp, const char *name, const char *alias)
{
	struct sim_netns *s;
	struct err *e = sim_netns_find(sim_world(dp), alias)
				? sim_kernel_err(EEXIST, NULL)
				: find_netns(dp, name, &s);

	if (!e)
		sim_netns_alias(sim_world(dp), alias, s);
	sim_wake(dp);
	return e;
}

void sim_set_netns_trouble(struct datapath *dp, const char *name,
			   enum model_netns_trouble trouble, const char *what)
{
	sim_netns_set_trouble(sim_world(dp), name, trouble, what);
	sim_wake(dp);
}

struct err *sim_del_netns(struct datapath *dp, const char *name)
{
	struct sim_netns *s;
	struct err *e = NULL;

	if (!sim_netns_unalias(sim_world(dp), name)) {
		e = find_netns(dp, name, &s);
		if (!e)
			sim_netns_del(sim_world(dp), s);
	}
	sim_wake(dp);
	return e;
}

struct err *sim_add_link(struct datapath *dp, const char *netns, const char *name,
			 const char *kind, const char *master, int mode, int flag)
{
	struct sim_link *lower = NULL, *l = NULL;
	struct sim_netns *s;
	struct err *e = find_netns(dp, netns, &s);

	if (!e && master && *master)
		e = find_label(dp, master, &lower);
	if (!e)
		e = sim_link_add(sim_world(dp), s, name, kind, lower, mode, flag, &l);
	sim_wake(dp);
	return e;
}

struct err *sim_del_link(struct datapath *dp, const char *netns, const char *name)
{
	struct sim_link *l;
	struct err *e = find_link(dp, netns, name, &l);

	if (!e)
		sim_link_del(sim_world(dp), l);
	sim_wake(dp);
	return e;
}

struct err *sim_rename_link(struct datapath *dp, const char *netns, const char *name,
			    const char *new_name)
{
	struct sim_link *l;
	struct err *e = find_link(dp, netns, name, &l);

	if (!e)
		e = sim_link_rename(sim_world(dp), l, new_name);
	sim_wake(dp);
	return e;
}

struct err *sim_move_link(struct datapath *dp, const char *netns, const char *name,
			  const char *new_netns)
{
	struct sim_netns *to;
	struct sim_link *l;
	struct err *e = find_link(dp, netns, name, &l);

	if (!e)
		e = find_netns(dp, new_netns, &to);
	if (!e)
		e = sim_link_move(sim_world(dp), l, to);
	sim_wake(dp);
	return e;
}

struct err *sim_set_link(struct datapath *dp, const char *netns, const char *name,
			 bool up, uint32_t mtu)
{
	struct sim_link *l;
	struct err *e = find_link(dp, netns, name, &l);

	if (!e && mtu)
		e = sim_link_mtu(sim_world(dp), l, mtu);
	if (!e && up)
		e = sim_link_up(sim_world(dp), l);
	else if (!e)
		sim_link_down(sim_world(dp), l);
	sim_wake(dp);
	return e;
}

struct err *sim_set_carrier(struct datapath *dp, const char *netns, const char *name,
			    bool has_carrier)
{
	struct sim_link *l;
	struct err *e = find_link(dp, netns, name, &l);

	if (!e)
		sim_link_carrier(sim_world(dp), l, has_carrier);
	sim_wake(dp);
	return e;
}

struct err *sim_set_port(struct datapath *dp, const char *netns, const char *name,
			 uint8_t mode, uint8_t flag)
{
	struct sim_link *l;
	struct err *e = find_link(dp, netns, name, &l);

	if (!e)
		e = sim_link_port(sim_world(dp), l, mode, flag);
	sim_wake(dp);
	return e;
}

struct err *sim_add_addr(struct datapath *dp, const char *netns, const char *name,
			 const char *address)
{
	struct ip_prefix p;
	struct sim_link *l;
	struct err *e = ip_prefix_parse(address, &p);

	if (!e)
		e = find_link(dp, netns, name, &l);
	if (!e)
		e = sim_addr_add(sim_world(dp), l, &p);
	sim_wake(dp);
	return e;
}

struct err *sim_del_addr(struct datapath *dp, const char *netns, const char *name,
			 const char *address)
{
	struct ip_prefix p;
	struct sim_link *l;
	struct err *e = ip_prefix_parse(address, &p);

	if (!e)
		e = find_link(dp, netns, name, &l);
	if (!e)
		e = sim_addr_del(sim_world(dp), l, &p);
	sim_wake(dp);
	return e;
}

struct err *sim_note_addr(struct datapath *dp, const char *netns, const char *name,
			  const char *address, unsigned int notes, const char *peer)
{
	struct ip_prefix p;
	struct ip_addr other = {0};
	struct sim_link *l;
	struct err *e = ip_prefix_parse(address, &p);

	if (!e && *peer)
		e = ip_addr_parse(peer, &other);
	if (!e)
		e = find_link(dp, netns, name, &l);
	if (!e)
		e = sim_addr_note(sim_world(dp), l, &p, notes, &other);
	sim_wake(dp);
	return e;
}

struct err *sim_add_route(struct datapath *dp, const char *netns, const char *name,
			  const struct model_route *route, bool foreign)
{
	struct sim_link *l;
	struct err *e = find_link(dp, netns, name, &l);

	if (!e)
		e = sim_route_add(sim_world(dp), l, route, !foreign);
	sim_wake(dp);
	return e;
}

struct err *sim_del_route(struct datapath *dp, const char *netns, const char *name,
			  const struct model_route *route)
{
	struct sim_route *found;
	struct sim_link *l;
	struct err *e = find_link(dp, netns, name, &l);

	if (!e) {
		found = sim_route_find(l->ns, route);
		e = sim_route_del(sim_world(dp), l, route, found && found->is_ours);
	}
	sim_wake(dp);
	return e;
}

struct err *sim_set_sysctl(struct datapath *dp, const char *netns, const char *name,
			   const char *key, const char *value)
{
	struct sim_link *l;
	struct err *e = find_link(dp, netns, name, &l);

	if (!e) {
		bool was_off = strcmp(sim_link_find_sysctl(l, key), "0") != 0;

		sim_link_sysctl(l, key, value);
		if (!strcmp(key, "ipv6.disable_ipv6") && was_off && !strcmp(value, "0"))
			sim_event_add_link(sim_world(dp), l, "%s", "");
	}
	sim_wake(dp);
	return e;
}

struct err *sim_set_dad_failed(struct datapath *dp, const char *netns, const char *name,
			       const char *address)
{
	struct ip_addr addr = {0};
	struct sim_link *l;
	struct err *e = *address ? ip_addr_parse(address, &addr) : NULL;

	if (!e)
		e = find_link(dp, netns, name, &l);
	if (!e) {
		l->duplicate = addr;
		sim_addr_probe(l);
		sim_event_add_link(sim_world(dp), l, "duplicate address");
	}
	sim_wake(dp);
	return e;
}

void sim_set_resolv_conf(struct datapath *dp, const char *netns, const char *text)
{
	sim_file_set(sim_world(dp), netns, text, *text);
}

void sim_kill_netns(struct datapath *dp, const char *name)
{
	struct sim_world *w = sim_world(dp);
	struct sim_netns *s = sim_netns_find(w, name), *file = NULL;
	struct err *e;

	if (s)
		sim_netns_del(w, s);
	e = sim_netns_add(w, name, &file);
	err_free(e);
	if (file) {
		sim_link_del(w, sim_link_find(file, "lo"));
		file->is_dead_file = true;
	}
	sim_wake(dp);
}

void sim_set_netns_inode(struct datapath *dp, const char *name, uint64_t inode)
{
	sim_netns_find(sim_world(dp), name)->inode = inode;
}
