/* Devices of the simulated kernel: names, ports and what may be on what, MTU, up and
 * down, carrier. */
#include "datapath/sim/sim_link.h"

#include "datapath/sim/sim_event.h"
#include "datapath/sim/sim_route.h"
#include "lib/alloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct sim_link *sim_link_new(struct sim_world *w, struct sim_netns *s, const char *name,
			      const char *kind)
{
	struct sim_link *l = xcalloc(1, sizeof(*l));

	l->ns = s;
	l->name = xstrdup(name);
	l->kind = xstrdup(kind);
	l->ifindex = ++w->last_ifindex;
	l->mtu = 1500;
	l->has_carrier = true;
	l->mac[0] = 0x02;
	l->mac[4] = (uint8_t)(l->ifindex >> 8);
	l->mac[5] = (uint8_t)l->ifindex;
	HASH_ADD_KEYPTR(hh, s->links, l->name, strlen(l->name), l);
	return l;
}

void sim_link_free(struct sim_link *l)
{
	if (!l)
		return;
	while (l->sysctls) {
		struct sim_sysctl *next = l->sysctls->next;

		free(l->sysctls->key);
		free(l->sysctls->value);
		free(l->sysctls);
		l->sysctls = next;
	}
	free(l->name);
	free(l->kind);
	free(l->noted);
	free(l->held_by);
	free(l->place);
	free(l->addresses);
	free(l);
}

struct sim_link *sim_link_find(const struct sim_netns *s, const char *name)
{
	struct sim_link *l;

	HASH_FIND_STR(s->links, name, l);
	return l;
}

void sim_link_note_place(struct sim_link *l, const char *netns, const char *name)
{
	free(l->place);
	l->place = xasprintf("%s\n%s", netns, name);
}

static bool is_vlan(const struct sim_link *l)
{
	return !strcmp(l->kind, "vlan");
}

bool sim_link_is_ours(const struct sim_world *w, const struct sim_link *l)
{
	return l->group == w->config.mark && (sim_link_is_ipvlan(l) || is_vlan(l));
}

bool sim_link_has_port(const struct sim_link *l)
{
	for (const struct sim_link *u = l->uppers; u; u = u->next_upper) {
		if (sim_link_is_ipvlan(u))
			return true;
	}
	return false;
}

const char *sim_link_busy(const struct sim_link *l, char *buf, size_t size)
{
	buf[0] = '\0';
	if (l->held_by)
		snprintf(buf, size, "%s", l->held_by);
	else if (l->controller)
		snprintf(buf, size, "%s %s", l->controller->kind, l->controller->name);
	for (const struct sim_link *u = l->uppers; u && !buf[0]; u = u->next_upper) {
		if (!strcmp(u->kind, "macvlan"))
			snprintf(buf, size, "macvlan %s", u->name);
	}
	return buf;
}

/* Linux dev_valid_name(), and the length of IFLA_IFNAME. */
static struct err *check_name(const struct sim_netns *s, const char *name)
{
	if (strlen(name) > MODEL_NAME_MAX_BYTES)
		return sim_kernel_err(ERANGE, "Attribute failed policy validation");
	if (!*name || !strcmp(name, ".") || !strcmp(name, "..") ||
	    strpbrk(name, "/: \t\n") || !strcmp(name, "all") || !strcmp(name, "default"))
		return sim_kernel_err(EINVAL, NULL);
	return sim_link_find(s, name) ? sim_kernel_err(EEXIST, NULL) : NULL;
}

static void stack(struct sim_link *l, struct sim_link *lower)
{
	l->lower = lower;
	l->next_upper = lower->uppers;
	lower->uppers = l;
	l->mtu = lower->mtu;
	memcpy(l->mac, lower->mac, sizeof(l->mac));
}

/* Linux ipvlan_link_new(), ipvlan_port_create(). An ipvlan without a mode makes the whole
 * port l3 (kernel.md 1). */
static struct err *check_ipvlan(const struct sim_link *lower, int mode, int flag)
{
	char buf[64];

	if (!lower)
		return sim_kernel_err(ENODEV, NULL);
	if (!strcmp(lower->name, "lo") || !strcmp(lower->kind, "tun"))
		return sim_kernel_err(EINVAL, NULL);
	if (*sim_link_busy(lower, buf, sizeof(buf)))
		return sim_kernel_err(EBUSY, NULL);
	return mode > MODEL_MODE_L3S || flag > MODEL_FLAG_VEPA
		       ? sim_kernel_err(EINVAL, NULL)
		       : NULL;
}

static bool takes_whole_device(const char *kind)
{
	return !strcmp(kind, "bridge") || !strcmp(kind, "bond") ||
	       !strcmp(kind, "macvlan");
}

struct err *sim_link_add(struct sim_world *w, struct sim_netns *s, const char *name,
			 const char *kind, struct sim_link *lower, int mode, int flag,
			 struct sim_link **ret_link)
{
	bool is_ipvlan = !strcmp(kind, "ipvlan");
	struct err *e = check_name(s, name);
	struct sim_link *l;

	/* An ipvlan on an ipvlan becomes its sibling (Linux ipvlan_link_new()). */
	if (is_ipvlan && lower && sim_link_is_ipvlan(lower))
		lower = lower->lower;
	if (!e && is_ipvlan)
		e = check_ipvlan(lower, mode, flag);
	if (!e && lower && takes_whole_device(kind) && sim_link_has_port(lower))
		e = sim_kernel_err(EBUSY, NULL);
	if (e)
		return e;
	l = sim_link_new(w, s, name, kind);
	if (is_ipvlan) {
		bool is_first = !sim_link_has_port(lower);

		stack(l, lower);
		lower->mode = (uint8_t)(mode < 0 ? MODEL_MODE_L3 : mode);
		if (flag >= 0 || is_first)
			lower->flag = (uint8_t)(flag < 0 ? MODEL_FLAG_BRIDGE : flag);
	} else if (lower && (!strcmp(kind, "bridge") || !strcmp(kind, "bond"))) {
		lower->controller = l;
	} else if (lower) {
		stack(l, lower);
	}
	sim_event_add_new(w, l);
	*ret_link = l;
	return NULL;
}

static void unstack(struct sim_link *l)
{
	struct sim_link **at = &l->lower->uppers;

	while (*at != l)
		at = &(*at)->next_upper;
	*at = l->next_upper;
	l->lower = NULL;
}

static void release_ports(struct sim_world *w, const struct sim_link *controller)
{
	struct sim_netns *s, *next_ns;
	struct sim_link *l, *next_link;

	HASH_ITER (hh, w->netns, s, next_ns) {
		HASH_ITER (hh, s->links, l, next_link) {
			if (l->controller == controller) {
				l->controller = NULL;
				sim_event_add(w, DATAPATH_MASTER_CHANGED, s->name,
					      l->name, "%s", "");
			}
		}
	}
}

void sim_link_del(struct sim_world *w, struct sim_link *l)
{
	sim_event_add_link(w, l, "deleted");
	while (l->uppers)
		/* NOLINT(clang-analyzer-unix.Malloc): it removes itself from the list */
		sim_link_del(w, l->uppers);
	sim_route_drop(w, l, NULL);
	if (takes_whole_device(l->kind))
		release_ports(w, l);
	if (l->lower)
		unstack(l);
	HASH_DEL(l->ns->links, l);
	sim_link_free(l);
}

struct err *sim_link_rename(struct sim_world *w, struct sim_link *l, const char *name)
{
	struct err *e = check_name(l->ns, name);

	if (!e && l->is_up)
		e = sim_kernel_err(EBUSY, NULL);
	if (e)
		return e;
	sim_event_add_link(w, l, "renamed to %s", name);
	HASH_DEL(l->ns->links, l);
	free(l->name);
	l->name = xstrdup(name);
	HASH_ADD_KEYPTR(hh, l->ns->links, l->name, strlen(l->name), l);
	sim_event_add_link(w, l, "%s", "renamed");
	return NULL;
}

struct err *sim_link_move(struct sim_world *w, struct sim_link *l, struct sim_netns *to)
{
	struct err *e = check_name(to, l->name);

	if (e)
		return e;
	sim_event_add_link(w, l, "moved to another namespace");
	sim_event_add(w, DATAPATH_STRAYED, "", "", "moved to another namespace");
	sim_route_drop(w, l, NULL);
	l->n_addresses = 0;
	l->is_up = false;
	HASH_DEL(l->ns->links, l);
	l->ns = to;
	HASH_ADD_KEYPTR(hh, l->ns->links, l->name, strlen(l->name), l);
	return NULL;
}

struct err *sim_link_up(struct sim_world *w, struct sim_link *l)
{
	if (l->is_up)
		return NULL;
	if (is_vlan(l) && l->lower && !l->lower->is_up)
		return sim_kernel_err(ENETDOWN, NULL);
	l->is_up = true;
	sim_event_add_link(w, l, "set up");
	for (struct sim_link *u = l->uppers; u; u = u->next_upper) {
		struct err *e = is_vlan(u) ? sim_link_up(w, u) : NULL;

		if (e)
			return e;
	}
	return NULL;
}

/* kernel.md 8: setting a device down removes all its routes and static IPv6 addresses;
 * IPv4 addresses stay. */
void sim_link_down(struct sim_world *w, struct sim_link *l)
{
	size_t kept = 0;

	if (!l->is_up)
		return;
	l->is_up = false;
	sim_route_drop(w, l, NULL);
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (l->addresses[i].addr.family == AF_INET)
			l->addresses[kept++] = l->addresses[i];
	}
	l->n_addresses = kept;
	/* The routes to IPv4 subnets return when it is set up again. */
	l->n_noted = 0;
	for (struct sim_link *u = l->uppers; u; u = u->next_upper) {
		if (is_vlan(u))
			sim_link_down(w, u);
	}
	sim_event_add_link(w, l, "set down");
}

/* kernel.md 19: passed on to the devices above, with an event for each. Setting the
 * device below down changes no carrier: an ipvlan keeps its own, without an event. */
void sim_link_carrier(struct sim_world *w, struct sim_link *l, bool has_carrier)
{
	if (l->has_carrier == has_carrier)
		return;
	l->has_carrier = has_carrier;
	sim_event_add_link(w, l, "%s", has_carrier ? "has carrier" : "lost carrier");
	for (struct sim_link *u = l->uppers; u; u = u->next_upper)
		sim_link_carrier(w, u, has_carrier);
}

/* kernel.md 6: the MTU of a master overwrites that of every ipvlan; that of a VLAN is
 * only lowered. */
struct err *sim_link_mtu(struct sim_world *w, struct sim_link *l, uint32_t mtu)
{
	if (mtu < MODEL_MTU_MIN)
		return sim_kernel_err(EINVAL, "mtu less than device minimum");
	if (mtu > MODEL_MTU_MAX)
		return sim_kernel_err(EINVAL, "mtu greater than device maximum");
	if (is_vlan(l) && l->lower && mtu > l->lower->mtu)
		return sim_kernel_err(ERANGE, NULL);
	if (l->mtu != mtu)
		sim_event_add_link(w, l, "mtu %u -> %u", l->mtu, mtu);
	l->mtu = mtu;
	for (struct sim_link *u = l->uppers; u; u = u->next_upper) {
		if (sim_link_is_ipvlan(u) || (is_vlan(u) && u->mtu > mtu)) {
			struct err *e = sim_link_mtu(w, u, mtu);

			if (e)
				return e;
		}
	}
	return NULL;
}

/* kernel.md 15: only a change that flips NOARP (between l2 and the others) makes an
 * event. */
struct err *sim_link_port(struct sim_world *w, struct sim_link *l, unsigned int mode,
			  unsigned int flag)
{
	struct sim_link *lower = l->lower;
	bool flips_noarp;

	if (!sim_link_is_ipvlan(l))
		return sim_kernel_err(EOPNOTSUPP, NULL);
	if (mode > MODEL_MODE_L3S || flag > MODEL_FLAG_VEPA)
		return sim_kernel_err(EINVAL, NULL);
	flips_noarp = (mode == MODEL_MODE_L2) != (lower->mode == MODEL_MODE_L2);
	lower->mode = (uint8_t)mode;
	lower->flag = (uint8_t)flag;
	if (flips_noarp)
		sim_event_add_link(w, l, "mode changed");
	return NULL;
}

/* Turning IPv6 off removes its addresses and routes. */
static void drop_ipv6(struct sim_link *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n_addresses; i++) {
		if (l->addresses[i].addr.family == AF_INET)
			l->addresses[kept++] = l->addresses[i];
	}
	l->n_addresses = kept;
}

void sim_link_sysctl(struct sim_link *l, const char *key, const char *value)
{
	struct sim_sysctl *s = l->sysctls;

	if (!strcmp(key, "ipv6.disable_ipv6") && strcmp(value, "0") != 0)
		drop_ipv6(l);

	while (s && strcmp(s->key, key) != 0)
		s = s->next;
	if (!s) {
		s = xcalloc(1, sizeof(*s));
		s->key = xstrdup(key);
		s->next = l->sysctls;
		l->sysctls = s;
	}
	free(s->value);
	s->value = xstrdup(value);
}

const char *sim_link_find_sysctl(const struct sim_link *l, const char *key)
{
	for (const struct sim_sysctl *s = l->sysctls; s; s = s->next) {
		if (!strcmp(s->key, key))
			return s->value;
	}
	return "0";
}
