/* See reach.h. Linux ipvlan_core.c: ipvlan_xmit_mode_l2(), ipvlan_xmit_mode_l3(),
 * ipvlan_handle_mode_l2(), ipvlan_handle_mode_l3(). */
#include "tests/twin/reach.h"

#include "tests/twin/command.h"
#include "tests/twin/lines.h"
#include "tests/twin/words.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MAX_HOPS 8
#define UNICAST  1

struct address {
	struct ip_prefix prefix, subnet;
	bool has_subnet, is_local;
};

struct device {
	const char *netns, *label; /* "ns1", "ns1/a"; ".", "./eth0" */
	const char *kind, *lower, *peer, *mode, *flag, *vlan_id;
	bool is_up, has_carrier, has_wrong_arp, forwards, proxies_arp;
	struct address *addresses;
	size_t n_addresses, addresses_cap;
	struct twin_route_request *routes;
	size_t n_routes, routes_cap;
};

/* Where the packet filter drops everything. */
struct filtered {
	const char *netns, *hook;
};

struct network {
	struct arena *a;
	struct filtered *filtered;
	size_t n_filtered, filtered_cap;
	struct device *devices;
	size_t n, cap;
};

/* Reading. */

static const char *full_label(struct arena *a, const char *netns, const char *label)
{
	return strchr(label, '/') ? label : arena_printf(a, "%s/%s", netns, label);
}

/* Takes one word, and the next one where that is its value. */
static void read_word(struct network *n, struct device *d, struct words *w)
{
	const char *word = w->words[w->at++], *next = words_peek(w);

	if (!strcmp(word, "up"))
		d->is_up = true;
	else if (!strcmp(word, "no-carrier"))
		d->has_carrier = false;
	else if (!strcmp(word, "arp-off") || !strcmp(word, "arp-on"))
		d->has_wrong_arp = true;
	else if (!strcmp(word, "forwards"))
		d->forwards = true;
	else if (!strcmp(word, "proxy-arp"))
		d->proxies_arp = true;
	if (!next)
		return;
	if (!strcmp(word, "on"))
		d->lower = full_label(n->a, d->netns, next);
	else if (!strcmp(word, "peer"))
		d->peer = full_label(n->a, d->netns, next);
	else if (!strcmp(word, "id"))
		d->vlan_id = next;
	else if (!strcmp(d->kind, "ipvlan") && !strncmp(word, "l", 1) && !d->mode) {
		d->mode = word;
		d->flag = next;
	} else
		return;
	w->at++;
}

static void read_device(struct network *n, const char *netns, struct words *w)
{
	struct device *d;

	n->devices = arena_grow(n->a, n->devices, n->n, &n->cap, sizeof(*n->devices));
	d = &n->devices[n->n++];
	*d = (struct device){.netns = netns,
			     .label = full_label(n->a, netns, w->words[0]),
			     .kind = w->n > 1 ? w->words[1] : "",
			     .lower = "",
			     .peer = "",
			     .flag = "",
			     .vlan_id = "",
			     .has_carrier = true};
	w->at = 2;
	while (words_peek(w))
		read_word(n, d, w);
}

static bool has_word(const struct words *w, const char *word)
{
	for (size_t i = 1; i < w->n; i++) {
		if (!strcmp(w->words[i], word))
			return true;
	}
	return false;
}

static void read_address(struct network *n, struct device *d, const struct words *w)
{
	struct address address = {.has_subnet = !has_word(w, "no-subnet"),
				  .is_local = !has_word(w, "no-local")};
	struct err *e = ip_prefix_parse(w->words[0], &address.prefix);

	address.subnet = address.prefix;
	if (!e && w->n > 2 && !strcmp(w->words[1], "peer"))
		e = ip_addr_parse(w->words[2], &address.subnet.addr);
	if (e) {
		err_free(e);
		return;
	}
	d->addresses = arena_grow(n->a, d->addresses, d->n_addresses, &d->addresses_cap,
				  sizeof(*d->addresses));
	d->addresses[d->n_addresses++] = address;
}

/* The words of a route are those of a command. */
static void read_route(struct network *n, struct device *d, const char *text)
{
	struct command c;
	struct err *e =
		command_parse(n->a, arena_printf(n->a, "ip route add %s", text), &c);

	if (e) {
		err_free(e);
		return;
	}
	d->routes = arena_grow(n->a, d->routes, d->n_routes, &d->routes_cap,
			       sizeof(*d->routes));
	d->routes[d->n_routes++] = c.request.u.route;
}

/* "filter drops input" */
static void read_filter(struct network *n, const char *netns, const struct words *w)
{
	n->filtered = arena_grow(n->a, n->filtered, n->n_filtered, &n->filtered_cap,
				 sizeof(*n->filtered));
	n->filtered[n->n_filtered++] = (struct filtered){netns, w->words[w->n - 1]};
}

/* Below a namespace, its devices; below a device, addresses and routes. */
static void read_line(struct network *n, const char **netns, const char *line)
{
	size_t depth = strspn(line, " ");
	struct words w;
	struct err *e = words_split(n->a, line, &w);

	err_free(e);
	if (e || !w.n)
		return;
	if (!depth)
		*netns = arena_printf(n->a, "%.*s", (int)strcspn(line, ":"), line);
	else if (depth == 2 && !strcmp(w.words[0], "filter"))
		read_filter(n, *netns, &w);
	else if (depth == 2 && strcmp(w.words[0], "route") != 0 &&
		 strcmp(w.words[0], "rule") != 0 &&
		 strcmp(w.words[0], "resolv.conf") != 0)
		read_device(n, *netns, &w);
	else if (depth == 4 && !strcmp(w.words[0], "route"))
		read_route(n, &n->devices[n->n - 1], line + 10);
	else if (depth == 4)
		read_address(n, &n->devices[n->n - 1], &w);
}

/* Addresses. */

static const struct device *find_device(const struct network *n, const char *label)
{
	for (size_t i = 0; i < n->n; i++) {
		if (!strcmp(n->devices[i].label, label))
			return &n->devices[i];
	}
	return NULL;
}

static bool has_address(const struct device *d, const struct ip_addr *addr)
{
	for (size_t i = 0; i < d->n_addresses; i++) {
		if (d->addresses[i].is_local &&
		    !ip_addr_cmp(&d->addresses[i].prefix.addr, addr))
			return true;
	}
	return false;
}

static bool is_local(const struct network *n, const char *netns,
		     const struct ip_addr *addr)
{
	for (size_t i = 0; i < n->n; i++) {
		if (!strcmp(n->devices[i].netns, netns) &&
		    has_address(&n->devices[i], addr))
			return true;
	}
	return false;
}

/* The ipvlan on 'lower' that has the address; NULL if there is none. */
static const struct device *slave_with(const struct network *n, const char *lower,
				       const struct ip_addr *addr)
{
	for (size_t i = 0; i < n->n; i++) {
		const struct device *d = &n->devices[i];

		if (d->mode && !strcmp(d->lower, lower) && d->is_up &&
		    has_address(d, addr))
			return d;
	}
	return NULL;
}

/* Routes. */

struct hop {
	const struct device *device; /* NULL: there is no route */
	struct ip_addr next, from;   /* 'from' may be none */
	int length;
	uint32_t metric;
};

static void consider(struct hop *best, const struct device *d, const struct ip_prefix *to,
		     const struct twin_route_request *r, const struct ip_addr *dst)
{
	uint32_t metric = r ? r->route.metric : 0;

	if (!ip_prefix_contains(to, dst) || to->len < best->length ||
	    (to->len == best->length && best->device && metric >= best->metric))
		return;
	*best = (struct hop){
		.device = d, .next = *dst, .length = to->len, .metric = metric};
	if (r && r->route.via.family)
		best->next = r->route.via;
	if (r)
		best->from = r->route.from;
}

/* In the main table; 'only' restricts it to one device. */
static struct hop find_hop(const struct network *n, const char *netns,
			   const struct device *only, const struct ip_addr *dst)
{
	struct hop best = {.length = 0};

	for (size_t i = 0; i < n->n; i++) {
		const struct device *d = &n->devices[i];

		if (strcmp(d->netns, netns) != 0 || !d->is_up || (only && only != d))
			continue;
		for (size_t k = 0; k < d->n_addresses; k++) {
			if (d->addresses[k].has_subnet)
				consider(&best, d, &d->addresses[k].subnet, NULL, dst);
		}
		for (size_t k = 0; k < d->n_routes; k++) {
			const struct twin_route_request *r = &d->routes[k];

			if (r->type <= UNICAST &&
			    r->route.table == MODEL_ROUTE_TABLE_MAIN)
				consider(&best, d, &r->route.to, r, dst);
		}
	}
	return best;
}

/* Linux inet_select_addr(). */
static struct ip_addr source_of(const struct network *n, const struct hop *hop)
{
	const struct device *d = hop->device;
	struct ip_addr found = hop->from;

	for (size_t i = 0; i < d->n_addresses && !hop->from.family; i++) {
		const struct ip_prefix *p = &d->addresses[i].prefix;

		if (p->addr.family != hop->next.family)
			continue;
		if (!found.family || ip_prefix_contains(p, &hop->next))
			found = p->addr;
	}
	for (size_t i = 0; i < n->n && !found.family; i++) {
		const struct device *other = &n->devices[i];

		if (!strcmp(other->netns, d->netns) && other->n_addresses &&
		    other->addresses[0].prefix.addr.family == hop->next.family)
			found = other->addresses[0].prefix.addr;
	}
	return found;
}

/* Frames. All of these return where the frame arrives, or NULL. */

static bool is_running(const struct device *d)
{
	return d && d->is_up && d->has_carrier;
}

/* The other end of the cable. */
static const struct device *other_end(const struct network *n, const struct device *d)
{
	const struct device *lower, *end = NULL;

	if (!strcmp(d->kind, "veth"))
		return find_device(n, d->peer);
	if (strcmp(d->kind, "vlan") != 0)
		return NULL;
	lower = find_device(n, d->lower);
	end = is_running(lower) ? other_end(n, lower) : NULL;
	for (size_t i = 0; is_running(end) && i < n->n; i++) {
		if (!strcmp(n->devices[i].kind, "vlan") &&
		    !strcmp(n->devices[i].vlan_id, d->vlan_id) &&
		    !strcmp(n->devices[i].lower, end->label))
			return &n->devices[i];
	}
	return NULL;
}

/* The namespace answers ARP for what it reaches by another device than the asked one. In l3 a
 * request for a slave's address is lost in the slave (kernel.md 32). */
static bool is_proxied(const struct network *n, const struct device *asked,
		       const struct ip_addr *next)
{
	const struct device *slave = slave_with(n, asked->label, next);
	struct hop hop;

	if (!asked->proxies_arp || !asked->forwards || next->family != AF_INET ||
	    (slave && !strcmp(slave->mode, "l3")))
		return false;
	hop = find_hop(n, asked->netns, NULL, next);
	return hop.device && hop.device != asked;
}

/* Through the cable, to whoever answers for 'next' there. Slaves have their master's MAC
 * address, and the address of the packet decides which of them gets it, or the master. */
static const struct device *through_cable(const struct network *n, const struct device *d,
					  const struct ip_addr *next,
					  const struct ip_addr *dst)
{
	const struct device *end = is_running(d) ? other_end(n, d) : NULL;
	const struct device *slave;

	if (!is_running(end))
		return NULL;
	slave = slave_with(n, end->label, next);
	if (!(slave && !strcmp(slave->mode, "l2")) && !is_local(n, end->netns, next) &&
	    !is_proxied(n, end, next))
		return NULL;
	slave = slave_with(n, end->label, dst);
	return slave ? slave : end;
}

/* The namespace of another ipvlan on the card answers ARP for each of its addresses, on
 * whatever device, with the MAC address that they all have. */
static bool is_answered_beside(const struct network *n, const struct device *d,
			       const struct ip_addr *next)
{
	bool is_answered = false;

	for (size_t i = 0; next->family == AF_INET && i < n->n; i++) {
		const struct device *other = &n->devices[i];

		is_answered |= other != d && other->mode && other->is_up &&
			       !strcmp(other->lower, d->lower) &&
			       is_local(n, other->netns, next);
	}
	return is_answered && !strcmp(d->flag, "bridge");
}

static const struct device *from_l2(const struct network *n, const struct device *d,
				    const struct ip_addr *next, const struct ip_addr *dst)
{
	const struct device *sibling = slave_with(n, d->lower, next);
	const struct device *lower = find_device(n, d->lower);

	if (sibling && sibling != d && !strcmp(d->flag, "bridge"))
		return sibling;
	if (!lower)
		return NULL;
	/* A frame for its own MAC address goes to the ipvlan that has the address of the
	 * packet, else to the card itself. */
	if (is_answered_beside(n, d, next)) {
		sibling = slave_with(n, d->lower, dst);
		return sibling ? sibling : lower;
	}
	return through_cable(n, lower, next, dst);
}

static const struct device *from_l3(const struct network *n, const struct device *d,
				    const struct ip_addr *dst)
{
	const struct device *sibling = slave_with(n, d->lower, dst);
	const struct device *lower = find_device(n, d->lower);
	struct hop hop;

	if (sibling && sibling != d && strcmp(d->flag, "vepa") != 0)
		return strcmp(d->flag, "private") != 0 ? sibling : NULL;
	if (!lower || has_address(lower, dst))
		return lower;
	hop = find_hop(n, lower->netns, lower, dst);
	/* Linux ip_route_output_key(): with a device and without a route it is on-link. */
	return through_cable(n, lower, hop.device ? &hop.next : dst, dst);
}

static const struct device *transmit(const struct network *n, const struct device *d,
				     const struct ip_addr *next,
				     const struct ip_addr *dst)
{
	/* In IPv6 ipvlans in l2 still find each other, if their master is the same. */
	if (!is_running(d) || d->has_wrong_arp)
		return NULL;
	if (!d->mode)
		return through_cable(n, d, next, dst);
	return !strcmp(d->mode, "l2") ? from_l2(n, d, next, dst) : from_l3(n, d, dst);
}

/* Packets. */

static bool is_filtered(const struct network *n, const char *netns, const char *hook)
{
	for (size_t i = 0; i < n->n_filtered; i++) {
		if (!strcmp(n->filtered[i].netns, netns) &&
		    !strcmp(n->filtered[i].hook, hook))
			return true;
	}
	return false;
}

static bool is_sibling(const struct device *a, const struct device *b)
{
	return a->mode && b->mode && !strcmp(a->lower, b->lower);
}

/* The namespace of the device below an ipvlan. */
static const char *netns_below(const struct network *n, const struct device *d)
{
	const struct device *lower = find_device(n, d->lower);

	return lower ? lower->netns : d->netns;
}

/* kernel.md 11: what leaves in l3 and l3s passes the packet filter of the host as well; what
 * comes in from outside passes in l3s that of the host alone. */
static bool is_dropped(const struct network *n, const struct device *from,
		       const struct device *at, const struct ip_addr *dst)
{
	bool is_from_outside = !is_sibling(from, at);
	bool is_l3s = at->mode && !strcmp(at->mode, "l3s") && is_from_outside;
	const char *in = is_l3s ? netns_below(n, at) : at->netns;

	if (dst->family != AF_INET)
		return false;
	if (from->mode && strcmp(from->mode, "l2") != 0 && is_from_outside &&
	    is_filtered(n, netns_below(n, from), "output"))
		return true;
	return is_local(n, at->netns, dst) && is_filtered(n, in, "input");
}

/* Where a packet for 'dst' ends that 'netns' sends; NULL: nowhere. '*ret_source': the
 * address that it has as its source. */
static const char *travel(const struct network *n, const char *netns,
			  const struct ip_addr *dst, struct ip_addr *ret_source)
{
	*ret_source = *dst;
	if (dst->family == AF_INET && is_filtered(n, netns, "output"))
		return NULL;
	for (int i = 0; i < MAX_HOPS && !is_local(n, netns, dst); i++) {
		struct hop hop = find_hop(n, netns, NULL, dst);
		const struct device *at =
			hop.device ? transmit(n, hop.device, &hop.next, dst) : NULL;

		if (!i && hop.device)
			*ret_source = source_of(n, &hop);
		if (!at || is_dropped(n, hop.device, at, dst) ||
		    (!is_local(n, at->netns, dst) && !at->forwards))
			return NULL;
		netns = at->netns;
	}
	return is_local(n, netns, dst) ? netns : NULL;
}

bool reach_derive(struct arena *a, const char *dump, const char *netns,
		  const struct ip_addr *to)
{
	struct network n = {.a = a};
	struct lines lines = lines_of(a, dump);
	const char *in = ".", *there, *back;
	struct ip_addr source, unused;

	for (size_t i = 0; i < lines.n; i++)
		read_line(&n, &in, lines.lines[i]);
	there = travel(&n, netns, to, &source);
	if (!there || !source.family)
		return false;
	back = travel(&n, there, &source, &unused);
	return back && !strcmp(back, netns);
}
