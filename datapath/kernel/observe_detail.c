/* What lies inside namespaces: addresses, routes, sysctls. Each namespace is entered
 * once, by a socket that is closed again at once. */
#include "datapath/kernel/observe_link.h"
#include "datapath/kernel/netlink/nl_addr.h"
#include "datapath/kernel/netlink/nl_route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <unistd.h>

/* The devices of one namespace, while it is read. */
struct room {
	struct look *look;
	struct detail *details;
	size_t n;
};

static struct detail *detail_of(const struct room *room, uint32_t ifindex)
{
	for (size_t i = 0; ifindex && i < room->n; i++) {
		if (room->details[i].found &&
		    room->details[i].found->key.ifindex == ifindex)
			return &room->details[i];
	}
	return NULL;
}

/* Arrays grow to powers of two here, so that the capacity need not be kept. */
static void add_prefix(struct look *l, struct ip_prefix **prefixes, size_t *n,
		       const struct ip_prefix *p)
{
	size_t cap = *n;

	if (!(cap & (cap - 1))) {
		struct ip_prefix *more =
			arena_array(l->a, cap ? cap * 2 : 1, sizeof(*more));

		if (cap)
			memcpy(more, *prefixes, cap * sizeof(*more));
		*prefixes = more;
	}
	(*prefixes)[(*n)++] = *p;
}

static void take_addr(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct room *room = aux;
	struct detail *d;
	struct nl_addr a;

	(void)number;
	if (!nl_addr_parse(h, &a))
		return;
	d = detail_of(room, a.ifindex);
	if (d && d->slave)
		detail_take_addr(room->look, d, &a);
	else if (d)
		add_prefix(room->look, &d->master->seen.addresses,
			   &d->master->seen.n_addresses, &a.prefix);
}

static void add_route(struct look *l, struct detail *d, const struct model_route *r,
		      bool foreign)
{
	struct model_route **routes = d->slave ? &d->slave->routes : &d->master->routes;
	size_t *n = d->slave ? &d->slave->n_routes : &d->master->n_routes;

	if (!(*n & (*n - 1))) {
		struct model_route *more =
			arena_array(l->a, *n ? *n * 2 : 1, sizeof(*more));

		if (*n)
			memcpy(more, *routes, *n * sizeof(*more));
		*routes = more;
	}
	(*routes)[*n] = *r;
	(*routes)[(*n)++].seen_foreign = foreign;
}

static bool is_in_the_way(const struct detail *d, const struct model_route *r)
{
	for (size_t i = 0; i < d->n_wanted; i++) {
		if (!model_route_key_cmp(&d->wanted[i], r))
			return true;
	}
	return false;
}

/* For the events about routes of other devices. */
static struct known_device *known_of(const struct room *room, const struct detail *d)
{
	return d->found ? known_find(&room->look->k->known, d->found->key) : NULL;
}

/* Ours, each with its device; and strangers' wherever they lead to, if they hold a wanted
 * key. Ours on another device is that device's affair: it goes, or the two rows
 * contradict. */
static void take_route(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct room *room = aux;
	uint8_t ours = room->look->k->config.route_protocol;
	struct known_device *known;
	struct nl_route r;
	struct detail *own;

	(void)number;
	if (!nl_route_parse_any(h, &r))
		return;
	own = detail_of(room, r.ifindex);
	if (own)
		detail_take_route(own, &r);
	if (!nl_route_parse(h, &r))
		return;
	if (r.protocol == ours) {
		own = r.type == RTN_UNICAST ? detail_of(room, r.ifindex) : NULL;
		known = own ? known_of(room, own) : NULL;
		if (own)
			add_route(room->look, own, &r.route, false);
		if (known)
			known->has_routes = true;
		return;
	}
	for (size_t i = 0; i < room->n; i++) {
		if (!is_in_the_way(&room->details[i], &r.route))
			continue;
		add_route(room->look, &room->details[i], &r.route, true);
		known = known_of(room, &room->details[i]);
		if (known)
			known->meets_foreign_route = room->look->k->known.may_meet = true;
	}
}

static bool wants_routes(const struct room *room)
{
	for (size_t i = 0; i < room->n; i++) {
		if (room->details[i].n_wanted)
			return true;
	}
	return false;
}

static bool has_addrs(const struct room *room)
{
	for (size_t i = 0; i < room->n; i++) {
		if (room->details[i].n_addrs)
			return true;
	}
	return false;
}

static bool has_slaves(const struct room *room)
{
	for (size_t i = 0; i < room->n; i++) {
		if (room->details[i].found && room->details[i].slave)
			return true;
	}
	return false;
}

/* The device or the namespace went between two questions. */
static bool is_gone(const struct err *e)
{
	return e && (e->sys_errno == ENODEV || e->sys_errno == EINVAL);
}

static struct err *interrupted(struct err *e)
{
	e->code = ERR_INTERRUPTED;
	return e;
}

static struct err *dump_routes(struct room *room, struct nl_socket *sock,
			       uint8_t protocol, uint32_t ifindex)
{
	struct nl_msg m;

	nl_route_msg_dump(&m, protocol, ifindex);
	return nl_dump(sock, &m, take_route, room);
}

/* A host's tables may be long: where no wanted route can collide, only ours are asked
 * for, and what the kernel made for addresses. */
static struct err *dump_needed(struct room *room, struct nl_socket *sock)
{
	uint8_t ours = room->look->k->config.route_protocol;
	struct err *e;

	if (wants_routes(room))
		return dump_routes(room, sock, 0, 0);
	if (room->n == 1 && has_addrs(room))
		return dump_routes(room, sock, 0, room->details[0].found->key.ifindex);
	e = dump_routes(room, sock, ours, 0);
	return e || !has_addrs(room) ? e : dump_routes(room, sock, RTPROT_KERNEL, 0);
}

static struct err *read_routes(struct room *room, struct nl_socket *sock)
{
	struct err *e;

	for (size_t i = 0; i < room->n; i++) {
		const struct detail *d = &room->details[i];
		struct known_device *known = known_of(room, d);

		if (!known)
			continue;
		known->meets_foreign_route = false;
		known_declare(known, d->declared, d->n_declared, d->n_wanted);
	}
	e = dump_needed(room, sock);
	return is_gone(e) ? interrupted(e) : e;
}

/* 'ifindex' 0: of all devices. */
static struct err *dump_addrs(struct room *room, struct nl_socket *sock, int32_t nsid,
			      uint32_t ifindex)
{
	struct nl_msg m;
	struct err *e;

	nl_addr_msg_dump(&m, nsid, ifindex);
	e = nl_dump(sock, &m, take_addr, room);
	return is_gone(e) ? interrupted(e) : e;
}

/* A host may have many devices with addresses, and few of them are masters. */
static struct err *read_addrs(struct room *room, struct nl_socket *sock, int32_t nsid)
{
	struct err *e = NULL;

	if (room->n > 1 && has_slaves(room))
		return dump_addrs(room, sock, nsid, 0);
	for (size_t i = 0; !e && i < room->n; i++) {
		if (room->details[i].found)
			e = dump_addrs(room, sock, nsid,
				       room->details[i].found->key.ifindex);
	}
	return e;
}

static bool has_sysctls(const struct room *room)
{
	for (size_t i = 0; i < room->n; i++) {
		if (room->details[i].found && room->details[i].n_sysctls)
			return true;
	}
	return false;
}

static struct err *read_sysctls(struct room *room)
{
	struct look *l = room->look;
	struct err *e;

	if (!has_sysctls(room))
		return NULL;
	e = space_enter(room->details[0].space);
	if (e)
		return e;
	for (size_t i = 0; i < room->n; i++) {
		struct detail *d = &room->details[i];

		if (!d->found || !d->slave)
			continue;
		d->slave->n_sysctls = d->n_sysctls;
		d->slave->sysctls =
			arena_array(l->a, d->n_sysctls, sizeof(*d->slave->sysctls));
		for (size_t k = 0; k < d->n_sysctls; k++)
			d->slave->sysctls[k] = (struct model_sysctl){
				.key = d->sysctls[k].key,
				.value = files_read_sysctl(l->a, d->found->link.name,
							   d->sysctls[k].key),
			};
	}
	netns_leave(l->k->own_fd);
	return NULL;
}

/* A namespace that has but an id: its addresses can be read from here, its routes cannot.
 */
static bool is_nameless(const struct space *s)
{
	return !strncmp(s->text, NETNS_ID_PREFIX, strlen(NETNS_ID_PREFIX));
}

static struct err *read_inside(struct room *room, const struct space *space)
{
	struct look *l = room->look;
	struct nl_socket *sock;
	struct err *e = space_open_socket(l->k, space, &sock);

	if (e)
		return e;
	e = read_addrs(room, sock, NSID_HERE);
	if (!e)
		e = read_routes(room, sock);
	space_close_socket(l->k, sock);
	return e ? e : read_sysctls(room);
}

static struct err *read_room(struct room *room)
{
	struct look *l = room->look;
	const struct space *space = room->details[0].space;
	struct err *e = is_nameless(space) ? read_addrs(room, l->k->sock, space->nsid)
					   : read_inside(room, space);

	for (size_t i = 0; !e && i < room->n; i++) {
		if (room->details[i].found)
			detail_fill_addrs(l, &room->details[i]);
	}
	return e;
}

/* Two texts of one namespace, and one device by both: what the first of them shows is the
 * other's too. */
static void share(struct look *l, const struct detail *first, struct detail *d)
{
	const struct model_slave *from = first->slave;

	if (!from || !d->slave)
		return;
	d->slave->addresses = arena_memdup(l->a, from->addresses,
					   from->n_addresses * sizeof(*from->addresses));
	d->slave->n_addresses = from->n_addresses;
	d->slave->seen.noted = from->seen.noted;
	d->slave->seen.n_noted = from->seen.n_noted;
	for (size_t i = 0; i < from->n_routes; i++) {
		if (!from->routes[i].seen_foreign)
			add_route(l, d, &from->routes[i], false);
	}
}

static void share_twins(struct room *room)
{
	for (size_t i = 0; i < room->n; i++) {
		struct detail *d = &room->details[i];

		if (d->found && d->found->detail)
			share(room->look, d->found->detail, d);
		else if (d->found)
			d->found->detail = d;
	}
}

struct err *look_read_details(struct look *l, struct detail *details, size_t n)
{
	struct err *e = NULL;

	for (size_t i = 0; !e && i < n;) {
		struct room room = {.look = l, .details = &details[i]};

		while (i < n && details[i].space == room.details[0].space) {
			room.n++;
			i++;
		}
		e = read_room(&room);
		share_twins(&room);
		if (e)
			e = err_wrap(e, "cannot read addresses and routes in %s",
				     *room.details[0].space->text
					     ? room.details[0].space->text
					     : "this namespace");
	}
	return e;
}
