/* See history_wish.h. Addresses of different slaves differ by construction: the host part
 * is made of master, namespace and name. */
#include "tests/twin/history_wish.h"

#include <string.h>

#define N_NETNSES 4
#define N_NAMES   3
#define N_MASTERS 4

const char *wish_address(struct arena *a, bool is_ipv6, unsigned int subnet,
			 unsigned int host)
{
	return is_ipv6 ? arena_printf(a, "2001:db8:%u::%u/64", subnet, host)
		       : arena_printf(a, "10.0.%u.%u/24", subnet, host);
}

static const char *addresses(struct arena *a, struct dice *d, unsigned int host,
			     bool *ret_has_ipv4)
{
	const char *list = "", *comma = "";
	bool has_ipv4 = false;

	for (unsigned int subnet = 0; subnet < 2; subnet++) {
		if (!dice_chance(d, subnet ? 30 : 80))
			continue;
		list = arena_printf(a, "%s%s%s", list, comma,
				    wish_address(a, false, subnet, host));
		has_ipv4 |= !subnet;
		comma = ", ";
		/* A second one in the subnet: a secondary. */
		if (dice_chance(d, 20))
			list = arena_printf(a, "%s, 10.0.%u.%u/24", list, subnet,
					    host + 100);
	}
	if (dice_chance(d, 35))
		list = arena_printf(a, "%s%s\"%s\"", list, comma,
				    wish_address(a, true, 0, host));
	*ret_has_ipv4 = has_ipv4;
	return arena_printf(a, ", addresses: [%s]", list);
}

static const char *routes(struct arena *a, struct dice *d, unsigned int host,
			  bool has_ipv4)
{
	switch (dice_pick(d, 5)) {
	case 0:
		return has_ipv4 ? arena_printf(a,
					       ", routes: [{to: default, via: 10.0.0.1, "
					       "metric: %u}]",
					       100 + host)
				: "";
	case 1:
		return arena_printf(a,
				    ", routes: [{to: 10.9.%u.0/24}, "
				    "{to: 10.8.%u.0/24, via: 10.9.%u.1}]",
				    host, host, host);
	case 2:
		return arena_printf(a, ", routes: [{to: 10.9.%u.0/24, table: %u}]", host,
				    100 + host);
	case 3:
		return arena_printf(
			a, ", routes: [{to: 10.5.%u.0/24, type: blackhole, table: 99}]",
			host % 3);
	default:
		return "";
	}
}

/* What the device of a slave is called besides, and what it is in. Not `ipv6: off`: what was
 * written stays when its key goes, and no preview knows that an address is refused then. */
static const char *texts(struct arena *a, struct dice *d, unsigned int netns,
			 unsigned int host)
{
	static const char *const ipv6[] = {"static", "ra"};
	const char *text = "";

	if (netns && dice_chance(d, 10))
		text = ", vrf: red";
	if (dice_chance(d, 10))
		text = arena_printf(a, "%s, altnames: [alt%u]", text, host);
	if (dice_chance(d, 10))
		text = arena_printf(a, "%s, alias: \"of host %u\"", text, host);
	if (dice_chance(d, 10))
		text = arena_printf(a, "%s, ipv6: \"%s\"", text, dice_one_of(d, ipv6));
	return text;
}

static const char *slave(struct arena *a, struct dice *d, unsigned int netns,
			 unsigned int name, unsigned int host, bool has_pool)
{
	static const unsigned int mtus[] = {1280, 1300, 1400, 1500};
	const char *text = arena_printf(a, "      - {name: %s", wish_names[name]);
	bool has_ipv4 = false;

	if (netns)
		text = arena_printf(a, "%s, netns: %s", text, wish_netnses[netns]);
	if (dice_chance(d, 6))
		return arena_printf(a, "%s, handed-over: true%s}\n", text,
				    has_pool ? ", pool: lan" : "");
	if (has_pool && dice_chance(d, 30))
		text = arena_printf(a, "%s, pool: lan", text);
	else if (dice_chance(d, 85))
		text = arena_printf(a, "%s%s", text, addresses(a, d, host, &has_ipv4));
	if (dice_chance(d, 60))
		text = arena_printf(a, "%s%s", text, routes(a, d, host, has_ipv4));
	/* One that several slaves of a namespace have, or one of its own. */
	if (host % 5 < 2)
		text = arena_printf(a,
				    "%s, routing-policy: [{to: 10.6.%u.0/24, table: 99}]",
				    text, host % 5 ? host : 0);
	if (has_ipv4 && host % 7 == 3)
		text = arena_printf(a, "%s, source-routing: true", text);
	if (dice_chance(d, 25))
		text = arena_printf(a, "%s, mtu: %u", text, dice_one_of(d, mtus));
	if (netns && dice_chance(d, 15))
		text = arena_printf(a, "%s, nameservers: {addresses: [10.3.3.3]}", text);
	if (dice_chance(d, 15))
		text = arena_printf(a, "%s, sysctl: {ipv4.arp_ignore: \"%u\"}", text,
				    dice_pick(d, 3));
	text = arena_printf(a, "%s%s", text, texts(a, d, netns, host));
	if (dice_chance(d, 8))
		text = arena_printf(a, "%s, enabled: false", text);
	return arena_printf(a, "%s}\n", text);
}

static const char *slaves(struct arena *a, struct dice *d, unsigned int master,
			  bool has_pool, bool places[N_NETNSES][N_NAMES])
{
	const char *text = "";

	for (unsigned int k = dice_pick(d, 5); k; k--) {
		unsigned int at = dice_pick(d, N_NETNSES), name = dice_pick(d, N_NAMES);

		if (places[at][name])
			continue;
		places[at][name] = true;
		text = arena_printf(
			a, "%s%s", text,
			slave(a, d, at, name, 2 + master * 20 + at * 4 + name, has_pool));
	}
	return text;
}

/* The device by another way: the same one, so that no two rows have one device. */
static const char *match(struct arena *a, struct dice *d, unsigned int i)
{
	return strchr(wish_masters[i], '.') || !dice_chance(d, 8)
		       ? ""
		       : arena_printf(a, "    match: {name: %s}\n", wish_masters[i]);
}

/* Slaves of eth2 are always of another type: those of two types exclude each other, and the row
 * of one that is still there may wait on another master. */
static const char *mode(struct dice *d, unsigned int i)
{
	static const char *const modes[] = {"l2", "l3", "l3s"};

	return !strcmp(wish_masters[i], "eth2") ? "l2\n    datapath: macvlan"
						: dice_one_of(d, modes);
}

static const char *master(struct arena *a, struct dice *d, unsigned int i)
{
	static const char *const flags[] = {"bridge", "private", "vepa"};
	const char *in = mode(d, i), *flag = dice_one_of(d, flags);
	const char *text = arena_printf(a, "  - name: %s\n    mode: %s\n    flag: %s\n%s",
					wish_masters[i], in, flag, match(a, d, i));

	if (strchr(wish_masters[i], '.'))
		text = arena_printf(a, "%s    vlan: {link: eth0, id: %u}\n", text,
				    dice_chance(d, 80) ? 5 : 6);
	else if (dice_chance(d, 15))
		text = arena_printf(a, "%s    mtu: %u\n", text,
				    1400 + 100 * dice_pick(d, 2));
	if (!strchr(wish_masters[i], '.') && dice_chance(d, 20))
		text = arena_printf(a, "%s    kind: %s\n", text,
				    dice_chance(d, 50) ? "dummy" : "bridge");
	if (dice_chance(d, 15))
		text = arena_printf(a, "%s    routes: [{to: 10.7.%u.0/24}]\n", text, i);
	if (!strcmp(flag, flags[0]) && dice_chance(d, 30))
		text = !strncmp(in, "l2", 2) || dice_chance(d, 50)
			       ? arena_printf(a, "%s    host-access: 10.0.0.%u\n", text,
					      240 + i)
			       : arena_printf(a, "%s    host-access: true\n", text);
	return text;
}

/* One with few addresses may be full, or another slave of the namespace has its gateway's route:
 * then the file is refused. */
static const char *pool(struct arena *a, struct dice *d)
{
	const char *text = dice_chance(d, 40) ? "[10.4.0.0/28, \"2001:db8:4::/64\"]"
					      : "[10.4.0.0/28]";

	text = arena_printf(a, "pools:\n  - name: lan\n    subnets: %s\n", text);
	if (dice_chance(d, 30))
		text = arena_printf(a, "%s    ranges: [10.4.0.4-10.4.0.6]\n", text);
	if (dice_chance(d, 30))
		text = arena_printf(a, "%s    gateway: 10.4.0.1\n", text);
	return text;
}

const char *wish_file(struct arena *a, struct dice *d)
{
	bool places[N_NETNSES][N_NAMES] = {0}, is_any = false;
	bool has_pool = dice_chance(d, 40);
	const char *text =
		arena_printf(a, "version: 1\n%smasters:\n", has_pool ? pool(a, d) : "");

	for (unsigned int i = 0; i < N_MASTERS; i++) {
		const char *on_it;

		if (!dice_chance(d, 75))
			continue;
		is_any = true;
		text = arena_printf(a, "%s%s", text, master(a, d, i));
		on_it = slaves(a, d, i, has_pool, places);
		if (*on_it)
			text = arena_printf(a, "%s    slaves:\n%s", text, on_it);
	}
	return is_any ? text : "version: 1\nmasters: []\n";
}
