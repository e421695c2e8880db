/* See history_stranger.h. No sysctl is written, and no resolv.conf: such a change makes no
 * event (kernel.md 15), and these lives have no audit, which would hide a missed one. */
#include "tests/twin/history_stranger.h"

#include "tests/twin/history_container.h"
#include "tests/twin/history_wish.h"

#include <string.h>

struct act {
	struct datapath *sim;
	struct arena *a;
	struct dice *d;
	const char *netns, *name; /* where, mostly: a place that a slave may have */
	const char *master;
	const char *what;
};

static void request(struct act *act, const struct twin_request *r)
{
	err_free(sim_request(act->sim, r));
}

static const char *some_address(struct act *act)
{
	/* One of the pool. */
	if (dice_chance(act->d, 10))
		return arena_printf(act->a, "10.4.0.%u/28", 2 + dice_pick(act->d, 6));
	return wish_address(act->a, dice_chance(act->d, 30), dice_pick(act->d, 2),
			    2 + dice_pick(act->d, 80));
}

static struct ip_prefix prefix_of(const char *text)
{
	struct ip_prefix p = {0};

	err_free(ip_prefix_parse(text, &p));
	return p;
}

static void del_link(struct act *act)
{
	const struct twin_request r = {
		.kind = TWIN_LINK_DEL, .netns = act->netns, .name = act->name};

	act->what = arena_printf(act->a, "del link %s/%s", act->netns, act->name);
	request(act, &r);
}

static void rename_link(struct act *act)
{
	struct twin_request r = {
		.kind = TWIN_LINK_SET, .netns = act->netns, .name = act->name};

	r.u.link.new_name =
		dice_chance(act->d, 50) ? "x" : dice_one_of(act->d, wish_names);
	if (dice_chance(act->d, 60)) {
		struct twin_request down = r;

		down.u.link = (struct twin_link_request){.sent = TWIN_LINK_UP};
		request(act, &down);
	}
	act->what = arena_printf(act->a, "rename %s/%s to %s", act->netns, act->name,
				 r.u.link.new_name);
	request(act, &r);
}

static void set_link(struct act *act)
{
	static const uint32_t mtus[] = {1280, 1400, 1500, 2000};
	struct twin_request r = {
		.kind = TWIN_LINK_SET, .netns = act->netns, .name = act->name};
	bool is_master = dice_chance(act->d, 25);

	if (is_master) {
		r.netns = "";
		r.name = act->master;
	}
	if (!is_master && dice_chance(act->d, 20)) {
		r.u.link.sent = TWIN_LINK_ARP;
		r.u.link.has_arp = dice_chance(act->d, 50);
		act->what = arena_printf(act->a, "set %s/%s arp %d", r.netns, r.name,
					 r.u.link.has_arp);
		request(act, &r);
		return;
	}
	if (dice_chance(act->d, 50)) {
		r.u.link.sent = TWIN_LINK_MTU;
		r.u.link.mtu = dice_one_of(act->d, mtus);
	} else {
		r.u.link.sent = TWIN_LINK_UP;
		r.u.link.is_up = dice_chance(act->d, is_master ? 70 : 40);
	}
	act->what = arena_printf(act->a, "set %s/%s %s %u", r.netns, r.name,
				 r.u.link.sent == TWIN_LINK_MTU ? "mtu" : "up",
				 r.u.link.sent == TWIN_LINK_MTU ? r.u.link.mtu
								: r.u.link.is_up);
	request(act, &r);
}

static void set_carrier(struct act *act)
{
	struct twin_request r = {.kind = TWIN_LINK_SET, .netns = "", .name = act->master};

	r.u.link.sent = TWIN_LINK_CARRIER;
	r.u.link.has_carrier = dice_chance(act->d, 50);
	act->what = arena_printf(act->a, "carrier of %s %d", act->master,
				 r.u.link.has_carrier);
	request(act, &r);
}

static void move_link(struct act *act)
{
	struct twin_request r = {
		.kind = TWIN_LINK_SET, .netns = act->netns, .name = act->name};

	r.u.link.to_netns = dice_one_of(act->d, wish_netnses);
	act->what = arena_printf(act->a, "move %s/%s to \"%s\"", act->netns, act->name,
				 r.u.link.to_netns);
	request(act, &r);
}

static void add_address(struct act *act)
{
	struct twin_request r = {.kind = TWIN_ADDR_NEW,
				 .flags = TWIN_CREATE | TWIN_EXCL,
				 .netns = act->netns,
				 .name = act->name};
	const char *text = some_address(act);

	if (dice_chance(act->d, 15)) {
		r.netns = "";
		r.name = act->master;
	}
	r.u.addr.address = prefix_of(text);
	act->what = arena_printf(act->a, "add %s to %s/%s", text, r.netns, r.name);
	request(act, &r);
}

/* One that is there, if possible: whichever host it is. */
static void del_addresses(struct act *act)
{
	struct twin_request r = {
		.kind = TWIN_ADDR_DEL, .netns = act->netns, .name = act->name};
	bool is_ipv6 = dice_chance(act->d, 30);
	unsigned int subnet = is_ipv6 ? 0 : dice_pick(act->d, 2);

	for (unsigned int host = 2; host < 200; host++) {
		r.u.addr.address = prefix_of(wish_address(act->a, is_ipv6, subnet, host));
		request(act, &r);
	}
	act->what = arena_printf(act->a, "del addresses of subnet %u from %s/%s", subnet,
				 act->netns, act->name);
}

static void del_route(struct act *act)
{
	struct twin_request r = {
		.kind = TWIN_ROUTE_DEL, .netns = act->netns, .name = act->name};

	for (unsigned int host = 2; host < 100; host++) {
		r.u.route.route = (struct model_route){.table = MODEL_ROUTE_TABLE_MAIN};
		r.u.route.route.to =
			prefix_of(arena_printf(act->a, "10.9.%u.0/24", host));
		request(act, &r);
	}
	act->what = arena_printf(act->a, "del routes 10.9.x from %s/%s", act->netns,
				 act->name);
}

static void add_route(struct act *act)
{
	struct twin_request r = {.kind = TWIN_ROUTE_NEW,
				 .flags = TWIN_CREATE | TWIN_EXCL,
				 .netns = act->netns,
				 .name = act->name};
	unsigned int host = 2 + dice_pick(act->d, 80);

	r.u.route.route = (struct model_route){.table = MODEL_ROUTE_TABLE_MAIN};
	r.u.route.route.to = prefix_of(arena_printf(act->a, "10.9.%u.0/24", host));
	r.u.route.protocol = 3; /* RTPROT_BOOT, as of `ip route` */
	act->what = arena_printf(act->a, "add route 10.9.%u.0/24 to %s/%s", host,
				 act->netns, act->name);
	request(act, &r);
}

/* Of whoever's protocol. */
static void del_rule(struct act *act)
{
	struct twin_request r = {.kind = TWIN_RULE_DEL, .netns = act->netns};

	r.u.rule.rule.from = r.u.rule.rule.to = prefix_of("0.0.0.0/0");
	act->what = arena_printf(act->a, "del a rule in %s", act->netns);
	request(act, &r);
}

/* One with our number would be found late where every slave of the namespace waits: no device
 * there is known, whose event it could be. */
static void add_rule(struct act *act)
{
	struct twin_request r = {.kind = TWIN_RULE_NEW,
				 .flags = TWIN_CREATE | TWIN_EXCL,
				 .netns = act->netns};

	r.u.rule.rule = (struct model_rule){.priority = MODEL_RULE_PRIORITY, .table = 99};
	r.u.rule.rule.from = prefix_of("0.0.0.0/0");
	r.u.rule.rule.to =
		prefix_of(dice_chance(act->d, 50) ? "10.6.0.0/16" : "10.6.0.0/24");
	r.u.rule.has_priority = true;
	r.u.rule.protocol = 3; /* RTPROT_BOOT */
	act->what = arena_printf(act->a, "add rule 10.6 in %s", act->netns);
	request(act, &r);
}

static void add_netns(struct act *act)
{
	const struct twin_request r = {.kind = TWIN_NETNS_ADD, .netns = act->netns};

	act->what = arena_printf(act->a, "add netns %s", act->netns);
	if (*act->netns)
		request(act, &r);
}

static void del_netns(struct act *act)
{
	const struct twin_request r = {
		.kind = dice_chance(act->d, 15) ? TWIN_NETNS_UNMOUNT : TWIN_NETNS_DEL,
		.netns = act->netns};

	act->what = arena_printf(act->a, "del netns %s", act->netns);
	if (*act->netns)
		request(act, &r);
}

static void add_plain_link(struct act *act)
{
	struct twin_request r = {.kind = TWIN_LINK_NEW,
				 .flags = TWIN_CREATE | TWIN_EXCL,
				 .netns = act->netns,
				 .name = act->name};

	if (dice_chance(act->d, 40)) {
		r.netns = "";
		r.name = act->master;
		if (strchr(r.name, '.'))
			return;
	}
	r.u.link.kind = "dummy";
	act->what = arena_printf(act->a, "add dummy %s/%s", r.netns, r.name);
	request(act, &r);
}

static void add_vrf(struct act *act)
{
	struct twin_request r = {.kind = TWIN_LINK_NEW,
				 .flags = TWIN_CREATE | TWIN_EXCL,
				 .netns = act->netns,
				 .name = "red"};

	r.u.link.kind = "vrf";
	r.u.link.sent = TWIN_LINK_VRF_TABLE | TWIN_LINK_UP;
	r.u.link.vrf_table = 200 + dice_pick(act->d, 2);
	r.u.link.is_up = dice_chance(act->d, 80);
	act->what = arena_printf(act->a, "add VRF red in %s", act->netns);
	request(act, &r);
}

static void del_vrf(struct act *act)
{
	const struct twin_request r = {
		.kind = TWIN_LINK_DEL, .netns = act->netns, .name = "red"};

	act->what = arena_printf(act->a, "del VRF red in %s", act->netns);
	request(act, &r);
}

/* Into the VRF, or out of it. */
static void set_vrf(struct act *act)
{
	struct twin_request r = {
		.kind = TWIN_LINK_SET, .netns = act->netns, .name = act->name};

	r.u.link.controller = dice_chance(act->d, 50) ? "red" : "";
	act->what = arena_printf(act->a, "VRF of %s/%s: \"%s\"", act->netns, act->name,
				 r.u.link.controller);
	request(act, &r);
}

static void add_ipvlan(struct act *act)
{
	struct twin_request r = {.kind = TWIN_LINK_NEW,
				 .flags = TWIN_CREATE | TWIN_EXCL,
				 .netns = "",
				 .name = dice_chance(act->d, 50) ? "x" : act->name};

	r.u.link.kind = "ipvlan";
	r.u.link.lower = act->master;
	if (dice_chance(act->d, 70)) {
		r.u.link.sent |= TWIN_LINK_MODE;
		r.u.link.mode = (uint16_t)dice_pick(act->d, 4);
	}
	if (dice_chance(act->d, 50)) {
		r.u.link.sent |= TWIN_LINK_FLAG;
		r.u.link.flag = (uint16_t)dice_pick(act->d, 4);
	}
	act->what = arena_printf(act->a, "add ipvlan %s on %s, mode %d flag %d", r.name,
				 act->master, r.u.link.sent & 1 ? r.u.link.mode : -1,
				 r.u.link.sent & 2 ? r.u.link.flag : -1);
	request(act, &r);
}

static void set_port(struct act *act)
{
	uint8_t mode = (uint8_t)dice_pick(act->d, 3),
		flag = (uint8_t)dice_pick(act->d, 3);

	act->what = arena_printf(act->a, "port of %s/%s: mode %d flag %d", act->netns,
				 act->name, mode, flag);
	err_free(sim_set_port(act->sim, act->netns, act->name, mode, flag));
}

static void del_master(struct act *act)
{
	const struct twin_request r = {
		.kind = TWIN_LINK_DEL, .netns = "", .name = act->master};

	act->what = arena_printf(act->a, "del master %s", act->master);
	request(act, &r);
}

static void free_master(struct act *act)
{
	static const char *const in_the_way[] = {"x", "br0"};
	const struct twin_request r = {.kind = TWIN_LINK_DEL,
				       .netns = "",
				       .name = dice_one_of(act->d, in_the_way)};

	act->what = arena_printf(act->a, "del %s", r.name);
	request(act, &r);
}

const char *history_stranger(struct datapath *sim, struct arena *a, struct dice *d)
{
	static void (*const acts[])(struct act *) = {
		del_link,      del_link,       rename_link, set_link,    del_rule,
		set_carrier,   move_link,      add_address, add_address, del_addresses,
		del_addresses, del_route,      add_route,   add_netns,   del_netns,
		del_netns,     add_plain_link, add_ipvlan,  set_port,    add_rule,
		del_master,    free_master,    free_master, free_master, add_plain_link,
		add_vrf,       add_vrf,        set_vrf,     del_vrf,
	};
	struct act act = {.sim = sim, .a = a, .d = d, .what = "nothing"};

	act.netns = dice_one_of(d, wish_netnses);
	act.name = dice_one_of(d, wish_names);
	if (dice_chance(d, 10)) {
		act.netns = dice_one_of(d, container_netnses);
		act.name = "eth0";
	}
	act.master = dice_one_of(d, wish_masters);
	dice_one_of(d, acts)(&act);
	return act.what;
}
