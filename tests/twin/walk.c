/* The dice, what the walk believes of the host, and the requests on namespaces and
 * devices. walk_inet.c has those on addresses and routes.
 *
 * A belief is only there to make sensible requests: it takes every request for granted.
 * What is kept out, since it is not the same by design or by nature:
 *  - bonds: the simulator has devices below ipvlan, not what those do by themselves;
 *  - a veth as a port of a bridge: both its ends in one make a loop; a macvlan as one;
 *  - link-local addresses, and MAC addresses that the kernel chooses;
 *  - duplicate address detection (accept_dad=0), router advertisements, ICMP;
 *  - the passing of time: lifetimes are of hours;
 *  - IPv6 turned on where that hangs the kernel (kernel.md 26);
 *  - a master with an alternative name that is also a slave's in the scope. */
#include "tests/twin/walk_private.h"

#include "lib/alloc.h"
#include "tests/twin/command.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const char *const netns_names[] = {"", "n1", "n2", "n3"};
/* Second names of these. */
static const char *const other_netns_names[] = {"z1", "z2"};
static const char *const slave_names[] = {"s0", "s1", "s2", "eth0"};
static const char *const master_names[] = {"m0", "m1", "m2", "vl0"};
static const char *const peer_names[] = {"p0", "p1"};
/* No less than 68 on a master: it would lose IPv4. */
static const uint32_t mtus[] = {68,   68,   576,  1279, 1280,  1280,
				1400, 1500, 1500, 9000, 65535, 65536};

/* SplitMix64. */
uint64_t walk_random(struct walk *w)
{
	uint64_t z = w->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

size_t walk_pick(struct walk *w, size_t n)
{
	return (size_t)(walk_random(w) % n);
}

bool walk_chance(struct walk *w, unsigned int percent)
{
	return walk_pick(w, 100) < percent;
}

#define PICK(w, array) ((array)[walk_pick(w, ARRAY_SIZE(array))])

struct walk_device *walk_find(struct walk *w, const char *netns, const char *name)
{
	for (size_t i = 0; i < w->n_devices; i++) {
		struct walk_device *d = &w->devices[i];

		if (!strcmp(d->netns, netns) && !strcmp(d->name, name))
			return d;
	}
	return NULL;
}

struct walk_device *walk_any(struct walk *w, const char *kind)
{
	size_t start = w->n_devices ? walk_pick(w, w->n_devices) : 0;

	for (size_t i = 0; i < w->n_devices; i++) {
		struct walk_device *d = &w->devices[(start + i) % w->n_devices];

		if (!kind || !strcmp(d->kind, kind))
			return d;
	}
	return NULL;
}

void walk_name(struct walk *w, struct twin_request *r, const char *kind)
{
	const struct walk_device *d = walk_any(w, walk_chance(w, 70) ? kind : NULL);

	if (!d || walk_chance(w, 4)) {
		r->netns = PICK(w, netns_names);
		r->name = PICK(w, slave_names);
		return;
	}
	r->netns = d->netns;
	r->name = d->name;
}

static void believe(struct walk *w, const char *netns, const char *name, const char *kind,
		    bool is_up)
{
	if (walk_find(w, netns, name) || w->n_devices == ARRAY_SIZE(w->devices))
		return;
	w->devices[w->n_devices++] = (struct walk_device){
		.netns = netns, .name = name, .kind = kind, .is_up = is_up};
}

static void disbelieve(struct walk *w, struct walk_device *d)
{
	if (d)
		*d = w->devices[--w->n_devices];
}

/* ------------------------------------------------------------- namespaces */

static void netns_add(struct walk *w, struct twin_request *r)
{
	r->kind = TWIN_NETNS_ADD;
	r->netns = netns_names[1 + walk_pick(w, 3)];
}

static void netns_del(struct walk *w, struct twin_request *r)
{
	r->kind = TWIN_NETNS_DEL;
	r->netns = netns_names[1 + walk_pick(w, 3)];
	for (size_t i = w->n_devices; i-- > 0;) {
		if (!strcmp(w->devices[i].netns, r->netns))
			disbelieve(w, &w->devices[i]);
	}
}

static void netns_hold(struct walk *w, struct twin_request *r)
{
	r->kind = walk_chance(w, 50) ? TWIN_NETNS_HOLD : TWIN_NETNS_RELEASE;
	r->netns = netns_names[1 + walk_pick(w, 3)];
}

/* Another name for a namespace, and a name that stands for none. */
static void netns_attach(struct walk *w, struct twin_request *r)
{
	r->kind = TWIN_NETNS_ATTACH;
	r->netns = PICK(w, other_netns_names);
	r->other = netns_names[1 + walk_pick(w, 3)];
}

static void netns_unmount(struct walk *w, struct twin_request *r)
{
	r->kind = TWIN_NETNS_UNMOUNT;
	r->netns = walk_chance(w, 50) ? PICK(w, other_netns_names)
				      : netns_names[1 + walk_pick(w, 3)];
}

/* ------------------------------------------------------------ new devices */

static void maybe(struct walk *w, struct twin_request *r, unsigned int percent,
		  enum twin_link_attr attr)
{
	if (walk_chance(w, percent))
		r->u.link.sent |= attr;
}

static void new_master(struct walk *w, struct twin_request *r)
{
	static const char *const kinds[] = {"dummy", "dummy", "dummy", "vlan",
					    "vlan",  "veth",  "bridge"};
	struct twin_link_request *l = &r->u.link;

	r->kind = TWIN_LINK_NEW;
	r->flags = TWIN_CREATE | TWIN_EXCL;
	r->netns = walk_chance(w, 90) ? "" : PICK(w, netns_names);
	l->kind = PICK(w, kinds);
	r->name = strcmp(l->kind, "vlan") ? master_names[walk_pick(w, 3)] : "vl0";
	maybe(w, r, 70, TWIN_LINK_UP);
	l->is_up = true;
	maybe(w, r, 20, TWIN_LINK_MTU);
	l->mtu = PICK(w, mtus);
	w->may_hang |= l->sent & TWIN_LINK_MTU && l->mtu < MODEL_IPV6_MTU_MIN;
	if (!strcmp(l->kind, "vlan")) {
		l->sent |= TWIN_LINK_VLAN_ID;
		l->vlan_id = 5;
		l->lower = master_names[walk_pick(w, 3)];
	}
	/* A bridge has that of a port until it gets its own. */
	if (strcmp(l->kind, "bridge") != 0 || walk_chance(w, 30))
		l->mac = arena_printf(w->a, "02:00:00:00:01:%02x",
				      (unsigned int)walk_pick(w, 256));
	if (w->has_ports && walk_chance(w, 20))
		l->controller = PICK(w, master_names);
	if (!strcmp(l->kind, "veth")) {
		l->controller = NULL;
		l->peer = PICK(w, peer_names);
		believe(w, r->netns, l->peer, l->kind, false);
	}
	believe(w, r->netns, r->name, l->kind, l->sent & TWIN_LINK_UP);
}

static void port_data(struct walk *w, struct twin_request *r)
{
	struct twin_link_request *l = &r->u.link;

	maybe(w, r, 85, TWIN_LINK_MODE);
	maybe(w, r, 70, TWIN_LINK_FLAG);
	l->mode = (uint16_t)walk_pick(w, walk_chance(w, 95) ? 3 : 5);
	l->flag = (uint16_t)walk_pick(w, walk_chance(w, 95) ? 3 : 5);
}

static void macvlan_data(struct walk *w, struct twin_request *r)
{
	static const uint16_t modes[] = {4, 4, 2, 1, 8, 3};

	r->u.link.sent &= ~(unsigned int)TWIN_LINK_FLAG;
	maybe(w, r, 80, TWIN_LINK_MODE);
	r->u.link.mode = modes[walk_pick(w, ARRAY_SIZE(modes))];
}

static void new_slave(struct walk *w, struct twin_request *r)
{
	struct twin_link_request *l = &r->u.link;
	const char *in;

	r->kind = TWIN_LINK_NEW;
	r->flags = TWIN_CREATE | (walk_chance(w, 95) ? TWIN_EXCL : 0);
	r->netns = "";
	r->name = PICK(w, slave_names);
	l->kind = walk_chance(w, 95)   ? "ipvlan"
		  : walk_chance(w, 70) ? "macvlan"
				       : "nonsense";
	l->lower = walk_chance(w, 90) ? PICK(w, master_names) : PICK(w, slave_names);
	if (walk_chance(w, 75))
		l->to_netns = netns_names[1 + walk_pick(w, 3)];
	if (walk_chance(w, 70))
		r->ifindex = 100000 + (uint32_t)(walk_chance(w, 95) ? w->n_made++
								    : walk_pick(w, 9));
	if (!strcmp(l->kind, "ipvlan"))
		port_data(w, r);
	else if (!strcmp(l->kind, "macvlan"))
		macvlan_data(w, r);
	maybe(w, r, 60, TWIN_LINK_UP);
	l->is_up = walk_chance(w, 95);
	maybe(w, r, 20, TWIN_LINK_MTU);
	l->mtu = PICK(w, mtus);
	maybe(w, r, 60, TWIN_LINK_GROUP);
	l->group = walk_chance(w, 80) ? WALK_MARK : (uint32_t)walk_pick(w, 3);
	if (walk_chance(w, 5))
		l->alias = "unheard";
	in = l->to_netns ? l->to_netns : r->netns;
	believe(w, in, r->name, l->kind, l->sent & TWIN_LINK_UP);
}

/* From inside the slave's namespace, with the master elsewhere. */
static void new_slave_from_inside(struct walk *w, struct twin_request *r)
{
	struct twin_link_request *l = &r->u.link;

	r->kind = TWIN_LINK_NEW;
	r->flags = TWIN_CREATE | TWIN_EXCL;
	r->netns = netns_names[1 + walk_pick(w, 3)];
	r->name = PICK(w, slave_names);
	l->kind = "ipvlan";
	l->lower = PICK(w, master_names);
	if (walk_chance(w, 80))
		l->lower_netns = "";
	port_data(w, r);
	believe(w, r->netns, r->name, l->kind, false);
}

/* --------------------------------------------------------- device changes */

static void link_change(struct walk *w, struct twin_request *r)
{
	r->kind = walk_chance(w, 70) ? TWIN_LINK_NEW : TWIN_LINK_SET;
	walk_name(w, r, "ipvlan");
}

static void set_up(struct walk *w, struct twin_request *r)
{
	struct walk_device *d;

	link_change(w, r);
	d = walk_find(w, r->netns, r->name);
	r->u.link.sent = TWIN_LINK_UP;
	r->u.link.is_up = d ? !d->is_up || walk_chance(w, 10) : true;
	if (d)
		d->is_up = r->u.link.is_up;
}

static void set_mtu(struct walk *w, struct twin_request *r)
{
	const struct walk_device *d;

	link_change(w, r);
	if (walk_chance(w, 40)) {
		r->netns = "";
		r->name = PICK(w, master_names);
	}
	r->u.link.sent = TWIN_LINK_MTU;
	r->u.link.mtu = PICK(w, mtus);
	w->may_hang |= r->u.link.mtu < MODEL_IPV6_MTU_MIN;
	d = walk_find(w, r->netns, r->name);
	if (d && !strcmp(d->kind, "ipvlan") && walk_chance(w, 10))
		r->u.link.mtu = 67;
}

static void set_arp(struct walk *w, struct twin_request *r)
{
	link_change(w, r);
	r->u.link.sent = TWIN_LINK_ARP;
	r->u.link.has_arp = walk_chance(w, 50);
}

static void set_group(struct walk *w, struct twin_request *r)
{
	link_change(w, r);
	r->u.link.sent = TWIN_LINK_GROUP;
	r->u.link.group = walk_chance(w, 60) ? WALK_MARK : (uint32_t)walk_pick(w, 3);
}

static void set_port(struct walk *w, struct twin_request *r)
{
	link_change(w, r);
	port_data(w, r);
	if (walk_chance(w, 90))
		r->u.link.kind = walk_chance(w, 95) ? "ipvlan" : "dummy";
	if (walk_chance(w, 10)) {
		walk_name(w, r, "macvlan");
		r->u.link.kind = "macvlan";
		macvlan_data(w, r);
	}
}

static void set_alias(struct walk *w, struct twin_request *r)
{
	link_change(w, r);
	r->u.link.alias = walk_chance(w, 80) ? "an alias" : "";
}

static void set_alt_name(struct walk *w, struct twin_request *r)
{
	r->kind = TWIN_LINK_SET;
	walk_name(w, r, "ipvlan");
	r->u.link.alt_name =
		!*r->netns || walk_chance(w, 50) ? "alt0" : PICK(w, slave_names);
}

static void set_carrier(struct walk *w, struct twin_request *r)
{
	r->kind = TWIN_LINK_NEW;
	walk_name(w, r, walk_chance(w, 80) ? "dummy" : "ipvlan");
	r->u.link.sent = TWIN_LINK_CARRIER;
	r->u.link.has_carrier = walk_chance(w, 50);
}

static void set_mac(struct walk *w, struct twin_request *r)
{
	link_change(w, r);
	r->u.link.mac = "02:00:00:00:00:99";
}

static void set_controller(struct walk *w, struct twin_request *r)
{
	static const char *const kinds[] = {"dummy", "dummy",  "dummy",
					    "vlan",  "bridge", "ipvlan"};
	const struct walk_device *bridge = walk_any(w, "bridge");
	struct walk_device *d;

	link_change(w, r);
	if (!w->has_ports) {
		set_up(w, r);
		return;
	}
	d = walk_any(w, PICK(w, kinds));
	r->netns = d ? d->netns : "";
	r->name = d ? d->name : PICK(w, slave_names);
	r->u.link.controller =
		bridge && walk_chance(w, 90) ? bridge->name : PICK(w, master_names);
	if (walk_chance(w, 30))
		r->u.link.controller = "";
}

static void rename_link(struct walk *w, struct twin_request *r)
{
	static const char *const odd[] = {"all", "default",         ".", "a b", "s%d",
					  "",    "sixteen_bytes_xx"};
	bool is_odd = walk_chance(w, 15);
	struct walk_device *d;

	link_change(w, r);
	d = walk_find(w, r->netns, r->name);
	r->u.link.new_name = is_odd ? PICK(w, odd) : PICK(w, slave_names);
	if (d && !is_odd && !d->is_up && !walk_find(w, r->netns, r->u.link.new_name))
		d->name = r->u.link.new_name;
}

static void move_link(struct walk *w, struct twin_request *r)
{
	struct walk_device *d;

	link_change(w, r);
	d = walk_find(w, r->netns, r->name);
	r->u.link.to_netns = PICK(w, netns_names);
	if (walk_chance(w, 20))
		r->u.link.new_name = PICK(w, slave_names);
	if (!d || walk_find(w, r->u.link.to_netns, r->name))
		return;
	d->netns = r->u.link.to_netns;
	d->is_up = false;
	if (r->u.link.new_name && !walk_find(w, d->netns, r->u.link.new_name))
		d->name = r->u.link.new_name;
}

static void del_link(struct walk *w, struct twin_request *r)
{
	r->kind = TWIN_LINK_DEL;
	walk_name(w, r, walk_chance(w, 85) ? "ipvlan" : NULL);
	disbelieve(w, walk_find(w, r->netns, r->name));
}

static void del_group(struct walk *w, struct twin_request *r)
{
	r->kind = TWIN_LINK_DEL;
	r->netns = PICK(w, netns_names);
	r->u.link.group = walk_chance(w, 80) ? WALK_MARK : 2;
}

static void sysctl(struct walk *w, struct twin_request *r)
{
	static const char *const keys[] = {"ipv6.disable_ipv6", "ipv6.disable_ipv6",
					   "ipv4.promote_secondaries", "ipv6.no_such"};

	r->kind = TWIN_SYSCTL;
	walk_name(w, r, "ipvlan");
	r->u.sysctl.key = PICK(w, keys);
	r->u.sysctl.value = walk_chance(w, 50) ? "1" : "0";
	if (w->may_hang && !strcmp(r->u.sysctl.key, "ipv6.disable_ipv6"))
		r->u.sysctl.value = "1";
}

static const struct {
	unsigned int weight;
	void (*make)(struct walk *w, struct twin_request *r);
} actions[] = {
	{5, netns_add},      {2, netns_del},
	{1, netns_hold},     {1, netns_attach},
	{1, netns_unmount},  {5, new_master},
	{16, new_slave},     {2, new_slave_from_inside},
	{10, set_up},        {5, set_mtu},
	{2, set_group},      {6, set_port},
	{2, set_arp},        {1, set_alias},
	{1, set_alt_name},   {1, set_carrier},
	{1, set_mac},        {6, set_controller},
	{3, rename_link},    {3, move_link},
	{5, del_link},       {1, del_group},
	{3, sysctl},         {16, walk_addr_new},
	{6, walk_addr_del},  {10, walk_route_new},
	{5, walk_route_del}, {4, walk_rule_new},
	{3, walk_rule_del},
};

static void step(struct walk *w, struct twin_request *r)
{
	unsigned int sum = 0, at;

	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		sum += actions[i].weight;
	at = (unsigned int)walk_pick(w, sum);
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		if (at < actions[i].weight) {
			actions[i].make(w, r);
			return;
		}
		at -= actions[i].weight;
	}
}

/* The first requests make a host on which the others make sense. */
static size_t begin(struct walk *w, struct walk_step *steps, size_t n)
{
	size_t made = 0;

	for (size_t i = 0; i < 2 && made < n; i++)
		steps[made++].request = (struct twin_request){.kind = TWIN_NETNS_ADD,
							      .netns = netns_names[1 + i],
							      .name = NULL};
	for (size_t i = 0; i < 2 && made < n; i++) {
		struct twin_request *m = &steps[made++].request;

		*m = (struct twin_request){
			.kind = TWIN_LINK_NEW,
			.flags = TWIN_CREATE | TWIN_EXCL,
			.netns = "",
			.name = master_names[i],
			.u.link = {.kind = "dummy", .sent = TWIN_LINK_UP, .is_up = true}};
		believe(w, "", m->name, "dummy", true);
	}
	return made;
}

static enum datapath_depth some_depth(struct walk *w)
{
	return walk_chance(w, 50)   ? DATAPATH_EVERYTHING
	       : walk_chance(w, 80) ? DATAPATH_SCOPE
				    : DATAPATH_PORTS;
}

struct walk_step *walk_make(struct arena *a, uint64_t seed, size_t n)
{
	struct walk_step *steps = arena_array(a, n, sizeof(*steps));
	struct walk w = {.a = a, .state = seed};

	w.has_ports = walk_chance(&w, 25);
	for (size_t i = 0; i < n; i++)
		steps[i].depth = DATAPATH_EVERYTHING;
	for (size_t i = begin(&w, steps, n); i < n; i++) {
		step(&w, &steps[i].request);
		steps[i].depth = some_depth(&w);
	}
	return steps;
}

static const char *const depths[] = {
	[DATAPATH_PORTS] = "ports",
	[DATAPATH_SCOPE] = "scope",
	[DATAPATH_EVERYTHING] = NULL,
};

const char *walk_text(struct arena *a, const struct walk_step *step)
{
	const char *text = command_text(a, &step->request);

	return depths[step->depth] ? arena_printf(a, "%s # %s", text, depths[step->depth])
				   : text;
}

struct err *walk_parse(struct arena *a, const char *line, struct walk_step *ret_step)
{
	const char *hash = strstr(line, " # ");
	size_t n = hash ? (size_t)(hash - line) : strlen(line);
	struct command c;
	struct err *e = command_parse(a, arena_printf(a, "%.*s", (int)n, line), &c);

	if (e)
		return e;
	*ret_step =
		(struct walk_step){.request = c.request, .depth = DATAPATH_EVERYTHING};
	for (size_t i = 0; hash && i < ARRAY_SIZE(depths); i++) {
		if (depths[i] && !strcmp(hash + 3, depths[i]))
			ret_step->depth = (enum datapath_depth)i;
	}
	if (hash && ret_step->depth == DATAPATH_EVERYTHING)
		return err_new(ERR_INVALID, "not a depth: %s", hash + 3);
	return NULL;
}

#define N_NETNS (ARRAY_SIZE(netns_names) + ARRAY_SIZE(other_netns_names))

static const char *netns_name(size_t i)
{
	return i < ARRAY_SIZE(netns_names)
		       ? netns_names[i]
		       : other_netns_names[i - ARRAY_SIZE(netns_names)];
}

static struct model_slave *all_slaves(struct arena *a, size_t *ret_n)
{
	size_t n = N_NETNS * ARRAY_SIZE(slave_names);
	struct model_slave *slaves = arena_array(a, n, sizeof(*slaves));

	for (size_t i = 0; i < n; i++)
		slaves[i] = (struct model_slave){
			.netns = netns_name(i / ARRAY_SIZE(slave_names)),
			.name = slave_names[i % ARRAY_SIZE(slave_names)],
			.addresses_managed = true,
			.nameservers = "",
			.search = "",
			.alias = "",
			.vrf = "",
			.pool = ""};
	*ret_n = n;
	return slaves;
}

/* Every name anywhere, as a slave of the first master: the others are found by what is on
 * them. The port watch finds nothing, so that it needs the names on each. */
struct model *walk_scope(struct arena *a, enum datapath_depth depth)
{
	struct model *m = arena_alloc(a, sizeof(*m));

	m->n_masters = ARRAY_SIZE(master_names);
	m->masters = arena_array(a, m->n_masters, sizeof(*m->masters));
	for (size_t i = 0; i < m->n_masters; i++) {
		struct model_master *master = &m->masters[i];

		*master = (struct model_master){
			.netns = "", .name = master_names[i], .vlan_link = ""};
		if (i == 0 || depth == DATAPATH_PORTS)
			master->slaves = all_slaves(a, &master->n_slaves);
	}
	m->n_namespaces = N_NETNS - 1;
	m->namespaces = arena_array(a, m->n_namespaces, sizeof(*m->namespaces));
	for (size_t i = 0; i < m->n_namespaces; i++)
		m->namespaces[i] = (struct model_netns){.name = netns_name(1 + i)};
	model_sort(m);
	return m;
}
