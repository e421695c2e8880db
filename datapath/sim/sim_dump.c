/* The state of the simulated kernel as text, for tests.
 *
 * tests/twin makes the same text of the real kernel. So it has only what can be
 * equal in both: no ifindex, no inode, no MAC address, no time that is left. For example:
 *
 *	.:
 *	  eth0 dummy up mtu 1500
 *	    10.0.0.1/24
 *	  sh0 ipvlan on eth0 l2 bridge up mtu 1500 ours alias "the shim"
 *	  v0 veth peer ns1/v1 down mtu 1500
 *	ns1:
 *	  resolv.conf ours
 *	  filter drops input
 *	  a ipvlan on ./eth0 l2 bridge up mtu 1500 ours
 *	    10.0.1.2/24 peer 10.0.1.9 scope link expires no-subnet
 *	    10.0.1.3/24 secondary no-local
 *	    2001:db8::2/64 duplicate
 *	    advertised 2001:db8:7::/64
 *	    route default via 10.0.1.1 metric 100 proto 76
 *	  route blackhole 10.9.0.0/16 proto 4
 *	ns2: no namespace
 *	ns3: same as ns1
 *
 * Namespaces: the daemon's own, ".", then the names below /run/netns in order of bytes. A
 * further name of a namespace refers to the first ("." if it is the daemon's own); "no
 * namespace" is a file with nothing mounted on it. Those without a name are left out.
 *
 * "filter drops input", "filter drops output": the packet filter does (TWIN_FILTER).
 *
 * Devices, in order of bytes, without lo and what modules add by themselves (tunl0,
 * sit0 ...): name; kind if there is one; "on" the device below (with its namespace and a
 * slash if that is another; "?" if that has no name) and of a VLAN "id N"; "peer" the
 * other end of a veth, in the same manner; mode and flag of an ipvlan; "port of" a bridge,
 * bond or VRF; "up" or "down"; "no-carrier" of one that is up, if IFLA_CARRIER is 0; MTU;
 * "arp-off" (IFF_NOARP) or "arp-on" of a slave that is up, where its mode needs the other;
 * "group N" if it is not 0, as a signed number, or "ours" if it is the mark; alias; "alt
 * NAME" for each alternative name, in order; "no-ipv6" if the device has no IPv6 (it is
 * missing from IFLA_AF_SPEC), "ipv6-off" if disable_ipv6 is 1; "forwards" if
 * net.ipv4.conf.DEVICE.forwarding is 1, "proxy-arp" if proxy_arp is.
 *
 * Addresses, in order (ip_prefix_cmp()), without those that the kernel itself adds
 * (IFA_PROTO 1 to 3): IFA_LOCAL and the length; "peer" IFA_ADDRESS if it differs; "scope
 * N" in IPv4 if it is not global (link, host or a number); "metric N" unless it is the
 * kernel's (0; 256 in IPv6); "proto N" if IFA_PROTO is above 3; "label X" if it is not the
 * device's name; "secondary" in IPv4; "expires" if either lifetime is finite; "duplicate"
 * (IFA_F_DADFAILED); "no-subnet" and "detour", "no-local" as enum model_address_note has
 * them, of a device that is up and no port.
 *
 * "advertised" and the subnet of each address that the device has from a router's
 * advertisement, in order; "advertised default": it has a default route of that kind.
 *
 * Routes, in order (model_route_key_cmp(), then text), without those of protocol kernel,
 * ra and redirect, and the local table: the type if it is not unicast; model_route_text();
 * "proto N" always. Those without a device, or through lo, follow the devices.
 *
 * Rules, in order (model_rule_cmp(), then protocol), without the kernel's own:
 * model_rule_text(), "proto N". */
#include "datapath/sim/sim.h"

#include "datapath/sim/sim_addr_notes.h"
#include "datapath/sim/sim_host.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_route.h"
#include "datapath/sim/twin/twin_sysctl.h"
#include "datapath/sim/twin/twin_world.h"
#include "lib/alloc.h"
#include "lib/buffer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct dump {
	struct twin_world *w;
	struct arena *a;
	struct buffer text;
};

static void put(struct dump *d, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct dump *d, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	buffer_puts(&d->text, text);
	free(text);
}

/* The device as one of 's' refers to it. */
static const char *label(struct dump *d, const struct twin_netns *s,
			 const struct twin_link *l)
{
	if (l->ns == s)
		return l->name;
	if (l->ns->is_hidden)
		return "?";
	return arena_printf(d->a, "%s/%s", *l->ns->name ? l->ns->name : ".", l->name);
}

static const char *macvlan_mode(uint8_t mode)
{
	return mode == TWIN_MACVLAN_PRIVATE    ? "private"
	       : mode == TWIN_MACVLAN_VEPA     ? "vepa"
	       : mode == TWIN_MACVLAN_BRIDGE   ? "bridge"
	       : mode == TWIN_MACVLAN_PASSTHRU ? "passthru"
					       : "source";
}

static void put_port(struct dump *d, const struct twin_link *l)
{
	char mode[8], flag[8];

	if (l->lower)
		put(d, " on %s", label(d, l->ns, l->lower));
	if (!strcmp(l->kind, "vlan"))
		put(d, " id %u", l->vlan_id);
	if (l->peer)
		put(d, " peer %s", label(d, l->ns, l->peer));
	if (twin_link_is_macvlan(l))
		put(d, " %s", macvlan_mode(l->own_mode));
	if (twin_link_is_in_port(l))
		put(d, " %s %s", model_mode_name(l->lower->mode, mode),
		    model_flag_name(l->lower->flag, flag));
	if (l->controller)
		put(d, " port of %s", l->controller->name);
}

static int name_cmp(const void *x, const void *y)
{
	const char *const *a = x, *const *b = y;

	return strcmp(*a, *b);
}

static void put_alt_names(struct dump *d, const struct twin_link *l)
{
	const char **names =
		arena_memdup(d->a, l->alt_names, l->n_alt_names * sizeof(*l->alt_names));

	if (l->n_alt_names)
		qsort(names, l->n_alt_names, sizeof(*names), name_cmp);
	for (size_t i = 0; i < l->n_alt_names; i++)
		put(d, " alt %s", names[i]);
}

static const char *arp_text(const struct twin_link *l)
{
	bool lacks_arp = twin_link_is_in_port(l) && l->lower->mode != MODEL_MODE_L2;

	if (!l->is_up || !twin_link_is_slave(l) || l->is_noarp == lacks_arp)
		return "";
	return l->is_noarp ? " arp-off" : " arp-on";
}

static void put_link(struct dump *d, const struct twin_link *l)
{
	put(d, "  %s%s%s", l->name, *l->kind ? " " : "", l->kind);
	put_port(d, l);
	put(d, " %s%s mtu %" PRIu32, l->is_up ? "up" : "down",
	    l->is_up && !l->has_carrier ? " no-carrier" : "", l->mtu);
	put(d, "%s", arp_text(l));
	if (l->group == d->w->config.mark)
		put(d, " ours");
	else if (l->group)
		put(d, " group %" PRId32, (int32_t)l->group);
	if (*l->alias)
		put(d, " alias \"%s\"", l->alias);
	put_alt_names(d, l);
	if (!l->has_ipv6)
		put(d, " no-ipv6");
	else if (strcmp(twin_sysctl_get(l->ns, l, "ipv6.disable_ipv6"), "0") != 0)
		put(d, " ipv6-off");
	if (strcmp(twin_sysctl_get(l->ns, l, "ipv4.forwarding"), "0") != 0)
		put(d, " forwards");
	if (strcmp(twin_sysctl_get(l->ns, l, "ipv4.proxy_arp"), "0") != 0)
		put(d, " proxy-arp");
	put(d, "\n");
}

static void put_scope(struct dump *d, uint8_t scope)
{
	if (scope == TWIN_SCOPE_LINK)
		put(d, " scope link");
	else if (scope == TWIN_SCOPE_HOST)
		put(d, " scope host");
	else if (scope)
		put(d, " scope %u", scope);
}

static void put_address(struct dump *d, const struct twin_link *l,
			const struct twin_addr *a)
{
	bool is_ipv4 = a->prefix.addr.family == AF_INET;
	unsigned int notes = sim_addr_notes(l, a);
	char buf[IP_TEXT_BYTES];

	put(d, "    %s", ip_prefix_format(&a->prefix, buf));
	if (a->peer.family)
		put(d, " peer %s", ip_addr_format(&a->peer, buf));
	if (is_ipv4)
		put_scope(d, a->scope);
	if (notes & MODEL_ADDRESS_METRIC)
		put(d, " metric %" PRIu32, a->metric);
	if (notes & MODEL_ADDRESS_OTHERS)
		put(d, " proto %u", a->protocol);
	if (notes & MODEL_ADDRESS_LABEL)
		put(d, " label %s", a->label);
	put(d, "%s%s%s%s%s%s\n", a->is_secondary ? " secondary" : "",
	    notes & MODEL_ADDRESS_LIFETIME ? " expires" : "",
	    notes & MODEL_ADDRESS_DUPLICATE ? " duplicate" : "",
	    notes & MODEL_ADDRESS_DETOUR ? " detour" : "",
	    notes & MODEL_ADDRESS_NO_SUBNET ? " no-subnet" : "",
	    notes & MODEL_ADDRESS_NO_LOCAL ? " no-local" : "");
}

static int addr_cmp(const void *x, const void *y)
{
	const struct twin_addr *a = x, *b = y;
	int c = ip_prefix_cmp(&a->prefix, &b->prefix);

	return c ? c : ip_addr_cmp(&a->peer, &b->peer);
}

static void put_addresses(struct dump *d, const struct twin_link *l)
{
	struct twin_addr *all =
		arena_memdup(d->a, l->addresses, l->n_addresses * sizeof(*all));

	if (l->n_addresses)
		qsort(all, l->n_addresses, sizeof(*all), addr_cmp);
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (!all[i].protocol || all[i].protocol > TWIN_ADDR_PROTO_KERNEL)
			put_address(d, l, &all[i]);
	}
}

static void put_advertised(struct dump *d, const struct twin_link *l)
{
	struct twin_addr *all =
		arena_memdup(d->a, l->addresses, l->n_addresses * sizeof(*all));
	bool has_default = false;

	if (l->n_addresses)
		qsort(all, l->n_addresses, sizeof(*all), addr_cmp);
	for (size_t i = 0; i < l->n_addresses; i++) {
		struct ip_prefix net = ip_prefix_network(&all[i].prefix);
		char buf[IP_TEXT_BYTES];

		if (all[i].protocol == TWIN_ADDR_PROTO_RA)
			put(d, "    advertised %s\n", ip_prefix_format(&net, buf));
	}
	for (size_t i = 0; i < l->ns->n_routes; i++) {
		const struct twin_route *r = &l->ns->routes[i];

		has_default |=
			r->link == l && r->protocol == TWIN_PROTO_RA && !r->route.to.len;
	}
	if (has_default)
		put(d, "    advertised default\n");
}

static const char *type_name(uint8_t type)
{
	static const char *const names[] = {
		"",          "",          "local",       "broadcast", "anycast",
		"multicast", "blackhole", "unreachable", "prohibit",  "throw"};

	return type < ARRAY_SIZE(names) ? names[type] : "";
}

struct route_text {
	struct model_route key;
	const char *text;
};

static int route_cmp(const void *x, const void *y)
{
	const struct route_text *a = x, *b = y;
	int c = model_route_key_cmp(&a->key, &b->key);

	return c ? c : strcmp(a->text, b->text);
}

/* 'l' NULL: those without a device. */
static void put_routes(struct dump *d, const struct twin_netns *s,
		       const struct twin_link *l)
{
	struct route_text *all = arena_array(d->a, s->n_routes, sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; i < s->n_routes; i++) {
		const struct twin_route *r = &s->routes[i];
		const char *type = type_name(r->type);

		if ((l ? r->link != l : !twin_link_is_lo(r->link)) ||
		    twin_route_is_automatic(r) || twin_route_is_in_local(r))
			continue;
		all[n++] = (struct route_text){
			.key = r->route,
			.text = arena_printf(
				d->a, "%s%s%s proto %u", type, *type ? " " : "",
				model_route_text(d->a, &r->route), r->protocol)};
	}
	if (n)
		qsort(all, n, sizeof(*all), route_cmp);
	for (size_t i = 0; i < n; i++)
		put(d, "%sroute %s\n", l ? "    " : "  ", all[i].text);
}

static int rule_cmp(const void *x, const void *y)
{
	const struct twin_rule *a = x, *b = y;
	int c = model_rule_cmp(&a->rule, &b->rule);

	return c ? c : a->protocol - b->protocol;
}

static void put_rules(struct dump *d, const struct twin_netns *s)
{
	struct twin_rule *all = arena_memdup(d->a, s->rules, s->n_rules * sizeof(*all));

	if (s->n_rules)
		qsort(all, s->n_rules, sizeof(*all), rule_cmp);
	for (size_t i = 0; i < s->n_rules; i++)
		put(d, "  rule %s proto %u\n", model_rule_text(d->a, &all[i].rule),
		    all[i].protocol);
}

static int link_cmp(const void *x, const void *y)
{
	const struct twin_link *const *a = x, *const *b = y;

	return strcmp((*a)->name, (*b)->name);
}

static void put_netns(struct dump *d, const struct twin_netns *s)
{
	size_t n = HASH_COUNT(s->links), i = 0;
	struct twin_link **links = arena_array(d->a, n + 1, sizeof(*links)), *l, *next;
	const struct twin_file *f = twin_file_find(d->w, s->name);

	put(d, "%s:\n", *s->name ? s->name : ".");
	if (f && *f->text)
		put(d, "  resolv.conf %s\n", f->is_foreign ? "foreign" : "ours");
	if (s->dropped & 1U << TWIN_HOOK_INPUT)
		put(d, "  filter drops input\n");
	if (s->dropped & 1U << TWIN_HOOK_OUTPUT)
		put(d, "  filter drops output\n");
	HASH_ITER (hh, s->links, l, next) {
		if (!twin_link_is_lo(l))
			links[i++] = l;
	}
	if (i)
		qsort(links, i, sizeof(*links), link_cmp);
	for (n = 0; n < i; n++) {
		put_link(d, links[n]);
		put_addresses(d, links[n]);
		put_advertised(d, links[n]);
		put_routes(d, s, links[n]);
	}
	put_routes(d, s, NULL);
	put_rules(d, s);
}

static int netns_cmp(const void *x, const void *y)
{
	const struct twin_netns *const *a = x, *const *b = y;

	return strcmp((*a)->name, (*b)->name);
}

char *sim_dump(struct datapath *dp)
{
	struct arena *a CLEANUP(arena_freep) = arena_new();
	struct dump d = {.w = sim_world(dp), .a = a};
	struct twin_netns **all, *s, *next;
	size_t n = 0;

	all = arena_array(a, HASH_COUNT(d.w->netns), sizeof(*all));
	HASH_ITER (hh, d.w->netns, s, next) {
		if (*s->name != '/')
			all[n++] = s;
	}
	if (n)
		qsort(all, n, sizeof(*all), netns_cmp);
	for (size_t i = 0; i < n; i++) {
		if (all[i]->same)
			put(&d, "%s: same as %s\n", all[i]->name,
			    *all[i]->same->name ? all[i]->same->name : ".");
		else if (all[i]->is_dead_file || all[i]->trouble)
			put(&d, "%s: no namespace\n", all[i]->name);
		else
			put_netns(&d, all[i]);
	}
	return buffer_take(&d.text);
}
