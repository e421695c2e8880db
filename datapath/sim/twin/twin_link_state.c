/* What changes on a device of the simulated kernel, and what follows from it for those on
 * it (kernel.md 6, 8, 15, 19, 22). */
#include "datapath/sim/twin/twin_link_state.h"

#include "datapath/sim/twin/twin_addr.h"
#include "datapath/sim/twin/twin_event.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_route.h"
#include "lib/alloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From this version on an ipvlan follows its master when that is set down or up (Linux
 * ipvlan_device_event(), NETDEV_DOWN). */
#define CARRIER_FOLLOWS 610

void twin_link_carrier(struct twin_world *w, struct twin_link *l, bool has_carrier)
{
	if (l->has_carrier == has_carrier)
		return;
	l->has_carrier = has_carrier;
	/* What is down makes no event, and nothing follows it. */
	if (!l->is_up)
		return;
	twin_addr_ready(w, l);
	twin_event_link(w, l);
	for (struct twin_link *u = l->uppers; u; u = u->next_upper)
		twin_link_carrier(w, u, has_carrier);
}

static void put_mac(struct twin_world *w, struct twin_link *l, const uint8_t mac[6]);

static bool is_bridge(const struct twin_link *l)
{
	return l && !strcmp(l->kind, "bridge");
}

/* Linux br_stp_recalculate_bridge_id(): the lowest of its ports, zeros without a port. */
static void update_bridge_mac(struct twin_world *w, struct twin_link *bridge)
{
	static const uint8_t none[6];
	const struct twin_link *l, *next;
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
static void update_bridge_mtu(struct twin_world *w, struct twin_link *bridge)
{
	const struct twin_link *l, *next;
	uint32_t mtu = 0;

	if (!is_bridge(bridge) || bridge->has_own_mtu)
		return;
	HASH_ITER (hh, bridge->ns->links, l, next) {
		if (l->controller == bridge && (!mtu || l->mtu < mtu))
			mtu = l->mtu;
	}
	err_free(twin_link_mtu(w, bridge, mtu ? mtu : twin_kind_find(bridge->kind)->mtu));
	bridge->has_own_mtu = false;
}

/* Linux vlan_dev_change_rx_flags(): a port is promiscuous, and so the device below it, which
 * reports that unless it was before. */
static void pass_promiscuity(struct twin_world *w, const struct twin_link *port)
{
	if (twin_link_is_vlan(port) && port->lower && !is_bridge(port->lower->controller))
		twin_event_link(w, port->lower);
}

static bool has_port_up(const struct twin_link *bridge)
{
	const struct twin_link *l, *next;

	HASH_ITER (hh, bridge->ns->links, l, next) {
		if (l->controller == bridge && l->is_up)
			return true;
	}
	return false;
}

/* Linux br_port_state_selection(), whenever a port has changed: a bridge has carrier while
 * one of its ports has, and until it has had a port. */
static void update_bridge(struct twin_world *w, struct twin_link *bridge)
{
	struct twin_link *l, *next;
	bool has_carrier = false;

	if (!is_bridge(bridge))
		return;
	HASH_ITER (hh, bridge->ns->links, l, next)
		has_carrier |= l->controller == bridge && l->is_up && l->has_carrier;
	twin_link_carrier(w, bridge, has_carrier && bridge->is_up);
}

/* A veth has carrier while both ends are up. */
static void update_carrier(struct twin_world *w, struct twin_link *l)
{
	if (l->peer) {
		bool has_carrier = l->is_up && l->peer->is_up;

		twin_link_carrier(w, l->peer, has_carrier);
		update_bridge(w, l->peer->controller);
		/* Its own event, and that of those on it, comes with up or down. */
		if (l->is_up)
			twin_link_carrier(w, l, has_carrier);
		else
			l->has_carrier = has_carrier;
	}
	update_bridge(w, l->controller);
	if (has_port_up(l))
		update_bridge(w, l);
	for (struct twin_link *u = l->uppers; u; u = u->next_upper) {
		if ((l->is_up || w->kernel_version >= CARRIER_FOLLOWS) &&
		    twin_link_is_in_port(u))
			twin_link_carrier(w, u, l->has_carrier);
	}
}

/* An ipvlan has the MAC address of its master, and so has a macvlan in mode passthru; a VLAN
 * has it while it is up, until it is given one of its own (Linux vlan_dev_inherit_address()). */
static void put_mac(struct twin_world *w, struct twin_link *l, const uint8_t mac[6])
{
	memcpy(l->mac, mac, sizeof(l->mac));
	twin_event_link(w, l);
	for (struct twin_link *u = l->uppers; u; u = u->next_upper) {
		if (twin_link_is_in_port(u) || twin_link_is_passthru(u) ||
		    (twin_link_is_vlan(u) && u->is_up && !u->has_own_mac))
			put_mac(w, u, l->mac);
	}
	update_bridge_mac(w, l->controller);
}

/* Linux vlan_dev_open(). */
static void open_vlan(struct twin_world *w, struct twin_link *l)
{
	l->has_carrier = l->lower->has_carrier;
	if (!l->has_own_mac && memcmp(l->mac, l->lower->mac, sizeof(l->mac)) != 0)
		put_mac(w, l, l->lower->mac);
}

bool twin_link_parse_mac(const char *text, uint8_t ret_mac[6])
{
	unsigned int b[6];

	if (sscanf(text, "%x:%x:%x:%x:%x:%x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5]) !=
	    6)
		return false;
	for (size_t i = 0; i < 6; i++)
		ret_mac[i] = (uint8_t)b[i];
	return true;
}

/* The device below has it, or a macvlan beside this one that is up (Linux
 * macvlan_addr_busy()). */
static bool is_mac_busy(const struct twin_link *l, const uint8_t mac[6])
{
	if (!memcmp(l->lower->mac, mac, 6))
		return true;
	for (const struct twin_link *u = l->lower->uppers; u; u = u->next_upper) {
		if (u != l && twin_link_is_macvlan(u) && u->is_up &&
		    !memcmp(u->mac, mac, 6))
			return true;
	}
	return false;
}

struct err *twin_link_up(struct twin_world *w, struct twin_link *l)
{
	if (l->is_up)
		return NULL;
	if (twin_link_is_vlan(l) && l->lower && !l->lower->is_up)
		return twin_kernel_err(ENETDOWN, NULL);
	/* Linux macvlan_open(). */
	if (twin_link_is_macvlan(l) && !twin_link_is_passthru(l) &&
	    is_mac_busy(l, l->mac))
		return twin_kernel_err(EADDRINUSE, NULL);
	l->is_up = true;
	if (twin_link_is_vlan(l) && l->lower)
		open_vlan(w, l);
	l->ns->has_local_table |= twin_link_is_lo(l);
	if (twin_link_is_in_port(l))
		l->is_noarp = l->lower->mode != MODEL_MODE_L2;
	twin_addr_ready(w, l);
	twin_event_link(w, l);
	twin_addr_up(l, 0);
	update_carrier(w, l);
	for (struct twin_link *u = l->uppers; u; u = u->next_upper) {
		struct err *e = twin_link_is_vlan(u) ? twin_link_up(w, u) : NULL;

		if (e)
			return e;
	}
	return NULL;
}

void twin_link_down(struct twin_world *w, struct twin_link *l)
{
	if (!l->is_up)
		return;
	l->is_up = false;
	/* Linux vlan_dev_stop(). */
	if (twin_link_is_vlan(l))
		l->has_carrier = false;
	twin_addr_down(w, l);
	for (struct twin_link *u = l->uppers; u; u = u->next_upper) {
		if (!twin_link_is_vlan(u) || !u->is_up)
			continue;
		twin_link_down(w, u);
		/* Linux vlan_device_event(), NETDEV_DOWN: it gets the carrier of the
		 * device below, whose driver may keep its own; that of a veth does not. */
		twin_link_carrier(w, u, l->has_carrier && !l->peer);
	}
	twin_event_link(w, l);
	update_carrier(w, l);
}

/* A macvlan has the one of the device below (Linux macvlan_common_newlink()), once it is on
 * it. */
static uint32_t max_mtu(const struct twin_link *l)
{
	while (l->lower && !strcmp(l->kind, "macvlan"))
		l = l->lower;
	return twin_kind_find(l->kind)->max_mtu;
}

struct err *twin_link_check_mtu(const struct twin_link *l, uint32_t mtu)
{
	uint32_t max = max_mtu(l);

	if (mtu < twin_kind_find(l->kind)->min_mtu)
		return twin_kernel_err(EINVAL, "mtu less than device minimum");
	if (max && mtu > max)
		return twin_kernel_err(EINVAL, "mtu greater than device maximum");
	return NULL;
}

/* kernel.md 6: the MTU of a master overwrites that of every ipvlan; that of a VLAN and of a
 * macvlan is only lowered. */
static struct err *pass_mtu(struct twin_world *w, struct twin_link *l)
{
	for (struct twin_link *u = l->uppers; u; u = u->next_upper) {
		struct err *e = NULL;

		/* kernel.md 22: without a notification, so that IPv6 stays. */
		if (twin_link_is_in_port(u))
			u->mtu = l->mtu;
		else if (u->mtu > l->mtu)
			e = twin_link_mtu(w, u, l->mtu);
		if (e)
			return e;
	}
	return NULL;
}

struct err *twin_link_mtu(struct twin_world *w, struct twin_link *l, uint32_t mtu)
{
	uint32_t old = l->mtu;
	struct err *e;

	if (mtu == l->mtu)
		return NULL;
	e = twin_link_check_mtu(l, mtu);
	if (e)
		return e;
	if (twin_link_is_vlan(l) && l->lower && mtu > l->lower->mtu)
		return twin_kernel_err(ERANGE, NULL);
	if (!strcmp(l->kind, "macvlan") && l->lower && mtu > l->lower->mtu)
		return twin_kernel_err(EINVAL, NULL);
	l->mtu = mtu;
	l->has_own_mtu = is_bridge(l);
	twin_addr_own_mtu(w, l);
	twin_route_follow_mtu(l, old);
	twin_event_link(w, l);
	e = pass_mtu(w, l);
	update_bridge_mtu(w, l->controller);
	return e;
}

struct err *twin_link_mac(struct twin_world *w, struct twin_link *l, const char *mac)
{
	uint8_t bytes[6];
	bool is_same;

	if (!twin_link_parse_mac(mac, bytes))
		return twin_kernel_err(EINVAL, NULL);
	if (!(twin_kind_find(l->kind)->traits & TWIN_KIND_MAC))
		return twin_kernel_err(EOPNOTSUPP, NULL);
	if (bytes[0] & 1)
		return twin_kernel_err(EADDRNOTAVAIL, NULL);
	/* The device below gets it, and hands it back. */
	if (twin_link_is_passthru(l))
		return twin_link_mac(w, l->lower, mac);
	is_same = !memcmp(l->mac, bytes, sizeof(bytes));
	if (twin_link_is_macvlan(l) && !is_same && is_mac_busy(l, bytes))
		return twin_kernel_err(EADDRINUSE, NULL);
	l->has_own_mac = true;
	put_mac(w, l, bytes);
	/* Linux br_set_mac_address(). */
	if (!is_same)
		update_bridge(w, l);
	return NULL;
}

void twin_link_noarp(struct twin_world *w, struct twin_link *l, bool is_noarp)
{
	if (l->is_noarp == is_noarp)
		return;
	l->is_noarp = is_noarp;
	twin_event_link(w, l);
	twin_addr_noarp(w, l);
}

/* kernel.md 15: only a change that flips NOARP makes an event, for each ipvlan whose flags
 * change, and with the old mode (Linux ipvlan_set_port_mode()). */
struct err *twin_link_port(struct twin_world *w, struct twin_link *lower, int mode,
			   int flag)
{
	if (mode > MODEL_MODE_L3S)
		return twin_kernel_err(EINVAL, NULL);
	if (flag >= 0)
		lower->flag = (uint8_t)flag;
	if (mode < 0 || lower->mode == mode)
		return NULL;
	for (struct twin_link *u = lower->uppers; u; u = u->next_upper) {
		bool is_noarp = mode != MODEL_MODE_L2;

		if (twin_link_is_in_port(u))
			twin_link_noarp(w, u, is_noarp);
	}
	lower->mode = (uint8_t)mode;
	return NULL;
}

static struct err *check_bridge(const struct twin_link *l)
{
	if (twin_link_is_lo(l) || !(twin_kind_find(l->kind)->traits & TWIN_KIND_ETHERNET))
		return twin_kernel_err(EINVAL, NULL);
	if (is_bridge(l))
		return twin_kernel_err(ELOOP, "Can not enslave a bridge to a bridge");
	if (l->controller || twin_link_has_port(l) || twin_link_has_macvlan(l))
		return twin_kernel_err(EBUSY, NULL);
	return twin_link_is_in_port(l) ? twin_kernel_err(EINVAL, NULL) : NULL;
}

static struct err *check_bond(const struct twin_link *l)
{
	if (l->controller || twin_link_has_port(l) || twin_link_has_macvlan(l))
		return twin_kernel_err(EBUSY, "Device is in use and cannot be enslaved");
	if (l->is_up)
		return twin_kernel_err(EPERM, "Device can not be enslaved while up");
	return twin_link_is_in_port(l) ? twin_kernel_err(EOPNOTSUPP, NULL) : NULL;
}

/* Linux cycle_netdev(): its routes move to another table (kernel.md 35). */
static struct err *cycle(struct twin_world *w, struct twin_link *l)
{
	twin_link_down(w, l);
	twin_route_drop_link(l, 0);
	return twin_link_up(w, l);
}

void twin_link_ports_changed(struct twin_world *w, struct twin_link *controller)
{
	update_bridge_mac(w, controller);
	update_bridge(w, controller);
	update_bridge_mtu(w, controller);
}

/* Through devices that are on others, and ports. */
static bool is_above(const struct twin_link *l, const struct twin_link *other)
{
	const struct twin_link *port, *next;

	if (l == other || (l->lower && is_above(l->lower, other)))
		return true;
	HASH_ITER (hh, l->ns->links, port, next) {
		if (port->controller == l && is_above(port, other))
			return true;
	}
	return false;
}

struct err *twin_link_control(struct twin_world *w, struct twin_link *l,
			      struct twin_link *controller)
{
	struct twin_link *old = l->controller;
	struct err *e = NULL;

	l->controller = NULL;
	if (controller && !twin_link_is_controller(controller))
		e = twin_kernel_err(EOPNOTSUPP, NULL);
	else if (is_bridge(controller))
		e = check_bridge(l);
	else if (controller && !strcmp(controller->kind, "bond"))
		e = check_bond(l);
	else if (controller && !strcmp(l->kind, "vrf"))
		e = twin_kernel_err(EINVAL,
				    "Can not enslave an L3 master device to a VRF");
	/* Linux __netdev_upper_dev_link(). */
	if (!e && controller && is_above(l, controller))
		e = twin_kernel_err(EBUSY, NULL);
	if (!e)
		l->controller = controller;
	if (l->controller != old)
		twin_event_link(w, l);
	if (is_bridge(l->controller) != is_bridge(old))
		pass_promiscuity(w, l);
	if (l->controller != old && l->is_up &&
	    (twin_link_is_vrf(l->controller) || twin_link_is_vrf(old)))
		e = cycle(w, l);
	twin_link_ports_changed(w, old);
	twin_link_ports_changed(w, l->controller);
	return e;
}
