/* What changes on a device of the simulated kernel, and what follows from it for those on
 * it (kernel.md 6, 8, 15, 19, 22). */
#include "datapath/sim/sim_link_state.h"

#include "datapath/sim/sim_addr.h"
#include "datapath/sim/sim_event.h"
#include "datapath/sim/sim_link.h"
#include "datapath/sim/sim_route.h"
#include "lib/alloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From this version on an ipvlan follows its master when that is set down or up (Linux
 * ipvlan_device_event(), NETDEV_DOWN). */
#define CARRIER_FOLLOWS 610

void sim_link_carrier(struct sim_world *w, struct sim_link *l, bool has_carrier)
{
	if (l->has_carrier == has_carrier)
		return;
	l->has_carrier = has_carrier;
	/* What is down makes no event, and nothing follows it. */
	if (!l->is_up)
		return;
	sim_addr_ready(w, l);
	sim_event_link(w, l);
	for (struct sim_link *u = l->uppers; u; u = u->next_upper)
		sim_link_carrier(w, u, has_carrier);
}

static void put_mac(struct sim_world *w, struct sim_link *l, const uint8_t mac[6]);

static bool is_bridge(const struct sim_link *l)
{
	return l && !strcmp(l->kind, "bridge");
}

/* Linux br_stp_recalculate_bridge_id(): the lowest of its ports, zeros without a port. */
static void update_bridge_mac(struct sim_world *w, struct sim_link *bridge)
{
	static const uint8_t none[6];
	const struct sim_link *l, *next;
	const uint8_t *mac = none;

	if (!is_bridge(bridge) || bridge->has_own_mac)
		return;
	HASH_ITER (hh, bridge->ns->links, l, next) {
		if (l->controller == bridge &&
		    (mac == none || memcmp(l->mac, mac, sizeof(l->mac)) < 0))
			mac = l->mac;
	}
	if (memcmp(bridge->mac, mac, sizeof(bridge->mac)) != 0)
		put_mac(w, bridge, mac);
}

/* Linux br_mtu_auto_adjust(): the least of its ports. */
static void update_bridge_mtu(struct sim_world *w, struct sim_link *bridge)
{
	const struct sim_link *l, *next;
	uint32_t mtu = 0;

	if (!is_bridge(bridge) || bridge->has_own_mtu)
		return;
	HASH_ITER (hh, bridge->ns->links, l, next) {
		if (l->controller == bridge && (!mtu || l->mtu < mtu))
			mtu = l->mtu;
	}
	err_free(sim_link_mtu(w, bridge, mtu ? mtu : sim_kind_find(bridge->kind)->mtu));
	bridge->has_own_mtu = false;
}

/* Linux vlan_dev_change_rx_flags(): a port is promiscuous, and so the device below it, which
 * reports that unless it was before. */
static void pass_promiscuity(struct sim_world *w, const struct sim_link *port)
{
	if (sim_link_is_vlan(port) && port->lower && !is_bridge(port->lower->controller))
		sim_event_link(w, port->lower);
}

static bool has_port_up(const struct sim_link *bridge)
{
	const struct sim_link *l, *next;

	HASH_ITER (hh, bridge->ns->links, l, next) {
		if (l->controller == bridge && l->is_up)
			return true;
	}
	return false;
}

/* Linux br_port_state_selection(), whenever a port has changed: a bridge has carrier while
 * one of its ports has, and until it has had a port. */
static void update_bridge(struct sim_world *w, struct sim_link *bridge)
{
	struct sim_link *l, *next;
	bool has_carrier = false;

	if (!is_bridge(bridge))
		return;
	HASH_ITER (hh, bridge->ns->links, l, next)
		has_carrier |= l->controller == bridge && l->is_up && l->has_carrier;
	sim_link_carrier(w, bridge, has_carrier && bridge->is_up);
}

/* A veth has carrier while both ends are up. */
static void update_carrier(struct sim_world *w, struct sim_link *l)
{
	if (l->peer) {
		bool has_carrier = l->is_up && l->peer->is_up;

		sim_link_carrier(w, l->peer, has_carrier);
		update_bridge(w, l->peer->controller);
		/* Its own event, and that of those on it, comes with up or down. */
		if (l->is_up)
			sim_link_carrier(w, l, has_carrier);
		else
			l->has_carrier = has_carrier;
	}
	update_bridge(w, l->controller);
	if (has_port_up(l))
		update_bridge(w, l);
	for (struct sim_link *u = l->uppers; u; u = u->next_upper) {
		if ((l->is_up || w->kernel_version >= CARRIER_FOLLOWS) &&
		    sim_link_is_in_port(u))
			sim_link_carrier(w, u, l->has_carrier);
	}
}

/* An ipvlan has the MAC address of its master; a VLAN has it while it is up, until it is
 * given one of its own (Linux vlan_dev_inherit_address()). */
static void put_mac(struct sim_world *w, struct sim_link *l, const uint8_t mac[6])
{
	memcpy(l->mac, mac, sizeof(l->mac));
	sim_event_link(w, l);
	for (struct sim_link *u = l->uppers; u; u = u->next_upper) {
		if (sim_link_is_in_port(u) ||
		    (sim_link_is_vlan(u) && u->is_up && !u->has_own_mac))
			put_mac(w, u, l->mac);
	}
	update_bridge_mac(w, l->controller);
}

/* Linux vlan_dev_open(). */
static void open_vlan(struct sim_world *w, struct sim_link *l)
{
	l->has_carrier = l->lower->has_carrier;
	if (!l->has_own_mac && memcmp(l->mac, l->lower->mac, sizeof(l->mac)) != 0)
		put_mac(w, l, l->lower->mac);
}

struct err *sim_link_up(struct sim_world *w, struct sim_link *l)
{
	if (l->is_up)
		return NULL;
	if (sim_link_is_vlan(l) && l->lower && !l->lower->is_up)
		return sim_kernel_err(ENETDOWN, NULL);
	l->is_up = true;
	if (sim_link_is_vlan(l) && l->lower)
		open_vlan(w, l);
	l->ns->has_local_table |= sim_link_is_lo(l);
	if (sim_link_is_in_port(l))
		l->is_noarp = l->lower->mode != MODEL_MODE_L2;
	sim_addr_ready(w, l);
	sim_event_link(w, l);
	sim_addr_up(l, 0);
	update_carrier(w, l);
	for (struct sim_link *u = l->uppers; u; u = u->next_upper) {
		struct err *e = sim_link_is_vlan(u) ? sim_link_up(w, u) : NULL;

		if (e)
			return e;
	}
	return NULL;
}

void sim_link_down(struct sim_world *w, struct sim_link *l)
{
	if (!l->is_up)
		return;
	l->is_up = false;
	/* Linux vlan_dev_stop(). */
	if (sim_link_is_vlan(l))
		l->has_carrier = false;
	sim_addr_down(w, l);
	for (struct sim_link *u = l->uppers; u; u = u->next_upper) {
		if (!sim_link_is_vlan(u) || !u->is_up)
			continue;
		sim_link_down(w, u);
		/* Linux vlan_device_event(), NETDEV_DOWN: it gets the carrier of the
		 * device below, whose driver may keep its own; that of a veth does not. */
		sim_link_carrier(w, u, l->has_carrier && !l->peer);
	}
	sim_event_link(w, l);
	update_carrier(w, l);
}

struct err *sim_link_check_mtu(const struct sim_link *l, uint32_t mtu)
{
	const struct sim_kind *k = sim_kind_find(l->kind);

	if (mtu < k->min_mtu)
		return sim_kernel_err(EINVAL, "mtu less than device minimum");
	if (k->max_mtu && mtu > k->max_mtu)
		return sim_kernel_err(EINVAL, "mtu greater than device maximum");
	return NULL;
}

/* kernel.md 6: the MTU of a master overwrites that of every ipvlan; that of a VLAN and of a
 * macvlan is only lowered. */
static struct err *pass_mtu(struct sim_world *w, struct sim_link *l)
{
	for (struct sim_link *u = l->uppers; u; u = u->next_upper) {
		struct err *e = NULL;

		/* kernel.md 22: without a notification, so that IPv6 stays. */
		if (sim_link_is_in_port(u))
			u->mtu = l->mtu;
		else if (u->mtu > l->mtu)
			e = sim_link_mtu(w, u, l->mtu);
		if (e)
			return e;
	}
	return NULL;
}

struct err *sim_link_mtu(struct sim_world *w, struct sim_link *l, uint32_t mtu)
{
	uint32_t old = l->mtu;
	struct err *e;

	if (mtu == l->mtu)
		return NULL;
	e = sim_link_check_mtu(l, mtu);
	if (e)
		return e;
	if (sim_link_is_vlan(l) && l->lower && mtu > l->lower->mtu)
		return sim_kernel_err(ERANGE, NULL);
	if (!strcmp(l->kind, "macvlan") && l->lower && mtu > l->lower->mtu)
		return sim_kernel_err(EINVAL, NULL);
	l->mtu = mtu;
	l->has_own_mtu = is_bridge(l);
	sim_addr_own_mtu(w, l);
	sim_route_follow_mtu(l, old);
	sim_event_link(w, l);
	e = pass_mtu(w, l);
	update_bridge_mtu(w, l->controller);
	return e;
}

struct err *sim_link_mac(struct sim_world *w, struct sim_link *l, const char *mac)
{
	unsigned int b[6];
	uint8_t bytes[6];
	bool is_same;

	if (sscanf(mac, "%x:%x:%x:%x:%x:%x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5]) !=
	    6)
		return sim_kernel_err(EINVAL, NULL);
	if (!(sim_kind_find(l->kind)->traits & SIM_KIND_MAC))
		return sim_kernel_err(EOPNOTSUPP, NULL);
	if (b[0] & 1)
		return sim_kernel_err(EADDRNOTAVAIL, NULL);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)b[i];
	l->has_own_mac = true;
	is_same = !memcmp(l->mac, bytes, sizeof(bytes));
	put_mac(w, l, bytes);
	/* Linux br_set_mac_address(). */
	if (!is_same)
		update_bridge(w, l);
	return NULL;
}

/* kernel.md 15: only a change that flips NOARP makes an event, for each ipvlan whose
 * flags change. */
struct err *sim_link_port(struct sim_world *w, struct sim_link *lower, int mode, int flag)
{
	if (mode > MODEL_MODE_L3S)
		return sim_kernel_err(EINVAL, NULL);
	if (flag >= 0)
		lower->flag = (uint8_t)flag;
	if (mode < 0 || lower->mode == mode)
		return NULL;
	lower->mode = (uint8_t)mode;
	for (struct sim_link *u = lower->uppers; u; u = u->next_upper) {
		bool is_noarp = mode != MODEL_MODE_L2;

		if (!sim_link_is_in_port(u) || u->is_noarp == is_noarp)
			continue;
		u->is_noarp = is_noarp;
		sim_event_link(w, u);
		sim_addr_noarp(w, u);
	}
	return NULL;
}

static struct err *check_bridge(const struct sim_link *l)
{
	if (sim_link_is_lo(l) || !(sim_kind_find(l->kind)->traits & SIM_KIND_ETHERNET))
		return sim_kernel_err(EINVAL, NULL);
	if (is_bridge(l))
		return sim_kernel_err(ELOOP, "Can not enslave a bridge to a bridge");
	if (l->controller || sim_link_has_port(l) || sim_link_has_macvlan(l))
		return sim_kernel_err(EBUSY, NULL);
	return sim_link_is_in_port(l) ? sim_kernel_err(EINVAL, NULL) : NULL;
}

static struct err *check_bond(const struct sim_link *l)
{
	if (l->controller || sim_link_has_port(l) || sim_link_has_macvlan(l))
		return sim_kernel_err(EBUSY, "Device is in use and cannot be enslaved");
	if (l->is_up)
		return sim_kernel_err(EPERM, "Device can not be enslaved while up");
	return sim_link_is_in_port(l) ? sim_kernel_err(EOPNOTSUPP, NULL) : NULL;
}

static bool is_vrf(const struct sim_link *l)
{
	return l && !strcmp(l->kind, "vrf");
}

/* Linux cycle_netdev(): its routes move to another table. */
static struct err *cycle(struct sim_world *w, struct sim_link *l)
{
	sim_link_down(w, l);
	return sim_link_up(w, l);
}

/* A port has come or gone. */
static void change_ports(struct sim_world *w, struct sim_link *controller)
{
	update_bridge_mac(w, controller);
	update_bridge(w, controller);
	update_bridge_mtu(w, controller);
}

struct err *sim_link_control(struct sim_world *w, struct sim_link *l,
			     struct sim_link *controller)
{
	struct sim_link *old = l->controller;
	struct err *e = NULL;

	l->controller = NULL;
	if (controller && !sim_link_is_controller(controller))
		e = sim_kernel_err(EOPNOTSUPP, NULL);
	else if (is_bridge(controller))
		e = check_bridge(l);
	else if (controller && !strcmp(controller->kind, "bond"))
		e = check_bond(l);
	else if (controller && !strcmp(l->kind, "vrf"))
		e = sim_kernel_err(EINVAL,
				   "Can not enslave an L3 master device to a VRF");
	if (!e)
		l->controller = controller;
	if (l->controller != old)
		sim_event_link(w, l);
	if (is_bridge(l->controller) != is_bridge(old))
		pass_promiscuity(w, l);
	if (l->controller != old && l->is_up && (is_vrf(l->controller) || is_vrf(old)))
		e = cycle(w, l);
	change_ports(w, old);
	change_ports(w, l->controller);
	return e;
}

bool sim_link_can_rename(const struct sim_world *w, const struct sim_link *l)
{
	return !l->is_up || w->kernel_version >= SIM_LIVE_RENAME;
}

/* Takes 'name'. */
static void put_name(struct sim_world *w, struct sim_link *l, char *name)
{
	sim_link_unlist(l);
	free(l->name);
	l->name = name;
	sim_link_list(l);
	sim_event_link(w, l);
}

/* Linux dev_change_name(): the folder of its IPv6 sysctls cannot have that name, which is
 * found out when the device has it. Without one of IPv4 the device can be. */
static struct err *rename_in_vain(struct sim_world *w, struct sim_link *l, char *name)
{
	char *old = xstrdup(l->name);

	put_name(w, l, name);
	put_name(w, l, old);
	return sim_kernel_err(EINVAL, NULL);
}

struct err *sim_link_rename(struct sim_world *w, struct sim_link *l, const char *name)
{
	struct err *e;
	char *own;

	if (!sim_link_can_rename(w, l))
		return sim_kernel_err(EBUSY, NULL);
	if (!strcmp(l->name, name))
		return NULL;
	e = sim_link_pick_name(l->ns, name, &own);
	if (e)
		return e;
	if (sim_link_is_sysctl_folder(name) && l->has_ipv6)
		return rename_in_vain(w, l, own);
	put_name(w, l, own);
	return NULL;
}

static struct err *pick_moved_name(const struct sim_link *l, const struct sim_netns *to,
				   const char *name, char **ret_name)
{
	struct err *e = sim_link_pick_name(to, l->name, ret_name);

	if (!e || !name)
		return e;
	err_free(e);
	return sim_link_pick_name(to, name, ret_name);
}

struct err *sim_link_move(struct sim_world *w, struct sim_link *l, struct sim_netns *to,
			  const char *name)
{
	uint32_t ifindex = l->ifindex;
	struct err *e;
	char *own;

	if (sim_link_is_lo(l) || !(sim_kind_find(l->kind)->traits & SIM_KIND_MOVES))
		return sim_kernel_err(EINVAL, NULL);
	if (to == l->ns)
		return NULL;
	e = pick_moved_name(l, to, name, &own);
	for (size_t i = 0; !e && i < l->n_alt_names; i++) {
		if (sim_link_find(to, l->alt_names[i]))
			e = sim_kernel_err(EEXIST, NULL), free(own);
	}
	if (e)
		return e;
	sim_link_down(w, l);
	if (l->controller)
		err_free(sim_link_control(w, l, NULL));
	if (sim_link_find_index(to, l->ifindex))
		ifindex = sim_link_free_index(to);
	sim_addr_drop_all(w, l);
	sim_event_gone(w, l, ifindex);
	sim_link_unlist(l);
	l->ns = to;
	free(l->name);
	l->name = own;
	l->ifindex = ifindex;
	l->has_ipv6 = l->mtu >= MODEL_IPV6_MTU_MIN && !sim_link_is_sysctl_folder(l->name);
	sim_link_list(l);
	sim_event_added(w, l);
	return NULL;
}

static void release_ports(struct sim_world *w, const struct sim_link *controller)
{
	struct sim_link *l, *next;

	HASH_ITER (hh, controller->ns->links, l, next) {
		if (l->controller == controller)
			err_free(sim_link_control(w, l, NULL));
	}
}

void sim_link_del(struct sim_world *w, struct sim_link *l)
{
	struct sim_link *peer = l->peer, *lower = l->lower;

	while (l->uppers)
		/* NOLINT(clang-analyzer-unix.Malloc): it removes itself from the list */
		sim_link_del(w, l->uppers);
	if (l->is_up) {
		l->is_up = false;
		sim_event_link(w, l);
	}
	sim_addr_drop_all(w, l);
	if (sim_link_is_controller(l))
		release_ports(w, l);
	sim_event_gone(w, l, 0);
	if (lower) {
		sim_link_unstack(l);
		sim_event_link(w, lower);
	}
	sim_link_unlist(l);
	change_ports(w, l->controller);
	if (peer) {
		peer->peer = l->peer = NULL;
		sim_link_del(w, peer);
	}
	sim_link_free(l);
}
