/* Reads what lies inside namespaces: addresses, routes, rules, and sysctls by
 * observe_sysctl.c. Each namespace is entered once, by a socket that is closed right after. */
#include "datapath/kernel/observe/observe_detail.h"

#include "datapath/kernel/files/nsfs.h"
#include "datapath/kernel/netlink/nl_addr.h"
#include "datapath/kernel/netlink/nl_route.h"
#include "datapath/kernel/netlink/nl_rule.h"
#include "datapath/kernel/observe/observe_sysctl.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* The devices of one namespace while it is read. */
struct netns_reader {
	struct observation *observation;
	struct observed_detail *details;
	size_t n;
};

static struct observed_detail *detail_of(const struct netns_reader *reader,
					 uint32_t ifindex)
{
	for (size_t i = 0; ifindex && i < reader->n; i++) {
		if (reader->details[i].found &&
		    reader->details[i].found->key.ifindex == ifindex)
			return &reader->details[i];
	}
	return NULL;
}

/* 'items', with room for one after the 'n'. Arrays grow to powers of two here, so that no
 * capacity is stored. */
static void *room(struct observation *o, void *items, size_t n, size_t size)
{
	void *more;

	if (n & (n - 1))
		return items;
	more = arena_array(o->a, n ? n * 2 : 1, size);
	if (n)
		memcpy(more, items, n * size);
	return more;
}

static void add_prefix(struct observation *o, struct ip_prefix **prefixes, size_t *n,
		       const struct ip_prefix *p)
{
	*prefixes = room(o, *prefixes, *n, sizeof(*p));
	(*prefixes)[(*n)++] = *p;
}

static void take_addr(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct netns_reader *reader = aux;
	struct observed_detail *d;
	struct nl_addr a;

	(void)number;
	if (!nl_addr_parse(h, &a))
		return;
	d = detail_of(reader, a.ifindex);
	if (d && d->slave)
		observe_addr_take(reader->observation, d, &a);
	else if (d)
		add_prefix(reader->observation, &d->master->seen.addresses,
			   &d->master->seen.n_addresses, &a.prefix);
}

static void add_route(struct observation *o, struct observed_detail *d,
		      const struct model_route *r, bool foreign)
{
	struct model_route **routes = d->slave ? &d->slave->routes : &d->master->routes;
	size_t *n = d->slave ? &d->slave->n_routes : &d->master->n_routes;

	*routes = room(o, *routes, *n, sizeof(*r));
	(*routes)[*n] = *r;
	(*routes)[(*n)++].seen_foreign = foreign;
}

static bool is_in_the_way(const struct observed_detail *d, const struct model_route *r)
{
	for (size_t i = 0; i < d->n_wanted; i++) {
		if (!model_route_key_cmp(&d->wanted[i], r))
			return true;
	}
	return false;
}

static bool is_apart(const struct observed_detail *d, const struct nl_route *r)
{
	return r->extra || (!model_route_is_reject(&r->route) &&
			    !(d->found && d->found->key.ifindex == r->ifindex));
}

/* For events about routes of other devices. */
static struct cache_device *cached_of(const struct netns_reader *reader,
				      const struct observed_detail *d)
{
	return d->found ? cache_find(&reader->observation->k->cache, d->found->key)
			: NULL;
}

/* A route of ours without a device is shown with each slave of the namespace. */
static void take_reject(const struct netns_reader *reader, const struct nl_route *r)
{
	for (size_t i = 0; i < reader->n; i++) {
		struct observed_detail *d = &reader->details[i];

		if (d->shows_shared)
			add_route(reader->observation, d, &r->route, false);
	}
}

/* Whether the device is one of ours, or may be one that the scope leaves out: its row has what it
 * has. */
static bool is_of_a_slave(const struct netns_reader *reader,
			  const struct observed_detail *d, uint32_t ifindex)
{
	const struct cache_key key = {d->found->key.nsid, ifindex};
	const struct cache_device *cached =
		cache_find(&reader->observation->k->cache, key);

	return cached && !cached->is_master;
}

/* One of ours, by a device that is none of the scope's. */
static void take_left(const struct netns_reader *reader, struct nl_route *r)
{
	r->route.seen_ifindex = r->ifindex;
	for (size_t i = 0; i < reader->n; i++) {
		struct observed_detail *d = &reader->details[i];

		if (d->moves && is_in_the_way(d, &r->route) &&
		    !is_of_a_slave(reader, d, r->ifindex))
			add_route(reader->observation, d, &r->route, false);
	}
}

/* Takes our routes, each for its device, and foreign routes with a wanted key, whatever
 * their device. A route of ours on another device counts for that device: it is removed
 * there, or two rows contradict each other. */
static void take_route(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct netns_reader *reader = aux;
	uint8_t ours = reader->observation->k->config.route_protocol;
	struct cache_device *cached;
	struct nl_route r;
	struct observed_detail *own;

	(void)number;
	if (!nl_route_parse_any(h, &r))
		return;
	own = detail_of(reader, r.ifindex);
	if (own)
		observe_addr_take_route(own, &r);
	if (!nl_route_parse(h, &r))
		return;
	if (r.protocol == ours && model_route_is_reject(&r.route)) {
		take_reject(reader, &r);
		return;
	}
	if (r.protocol == ours) {
		own = r.type == RTN_UNICAST ? detail_of(reader, r.ifindex) : NULL;
		cached = own ? cached_of(reader, own) : NULL;
		if (own)
			add_route(reader->observation, own, &r.route, false);
		else if (r.type == RTN_UNICAST && r.ifindex)
			take_left(reader, &r);
		if (cached)
			cached->has_routes = true;
		return;
	}
	for (size_t i = 0; i < reader->n; i++) {
		if (!is_in_the_way(&reader->details[i], &r.route))
			continue;
		r.route.seen_apart = is_apart(&reader->details[i], &r);
		r.route.seen_ifindex = r.ifindex;
		add_route(reader->observation, &reader->details[i], &r.route, true);
		cached = cached_of(reader, &reader->details[i]);
		if (cached)
			cached->meets_foreign_route =
				reader->observation->k->cache.may_meet = true;
	}
}

static void take_reject_alone(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct netns_reader *reader = aux;
	struct nl_route r;

	(void)number;
	if (nl_route_parse(h, &r) && model_route_is_reject(&r.route) &&
	    r.protocol == reader->observation->k->config.route_protocol)
		take_reject(reader, &r);
}

static void add_rule(struct observation *o, struct model_slave *s,
		     const struct model_rule *r)
{
	s->rules = room(o, s->rules, s->n_rules, sizeof(*r));
	s->rules[s->n_rules++] = *r;
}

static void add_foreign_rule(struct observation *o, struct model_slave *s,
			     const struct nl_rule *r)
{
	size_t n = s->seen.n_foreign_rules++;

	s->seen.foreign_rules =
		room(o, s->seen.foreign_rules, n, sizeof(*s->seen.foreign_rules));
	s->seen.foreign_rules[n] = (struct model_foreign_rule){r->rule, r->protocol};
}

/* One that no row can declare is not ours, whatever its number. */
static void take_rule(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct netns_reader *reader = aux;
	uint8_t ours = reader->observation->k->config.route_protocol;
	struct nl_rule r;

	(void)number;
	if (!nl_rule_parse(h, &r) || r.extra || !nl_rule_is_configured(&r, ours))
		return;
	for (size_t i = 0; i < reader->n; i++) {
		struct observed_detail *d = &reader->details[i];

		if (r.protocol == ours && d->shows_shared)
			add_rule(reader->observation, d->slave, &r.rule);
		else if (r.protocol != ours && d->adopts)
			add_foreign_rule(reader->observation, d->slave, &r);
	}
}

static struct err *read_rules(struct netns_reader *reader, struct nl_socket *sock)
{
	bool is_needed = false;

	for (size_t i = 0; i < reader->n; i++)
		is_needed |= reader->details[i].shows_shared;
	return is_needed ? nl_rule_dump(sock, take_rule, reader) : NULL;
}

static bool wants_routes(const struct netns_reader *reader)
{
	for (size_t i = 0; i < reader->n; i++) {
		if (reader->details[i].n_wanted)
			return true;
	}
	return false;
}

static bool has_addrs(const struct netns_reader *reader)
{
	for (size_t i = 0; i < reader->n; i++) {
		if (reader->details[i].n_addrs)
			return true;
	}
	return false;
}

static bool has_slaves(const struct netns_reader *reader)
{
	for (size_t i = 0; i < reader->n; i++) {
		if (reader->details[i].found && reader->details[i].slave)
			return true;
	}
	return false;
}

/* The device or the namespace vanished between two questions. */
static bool is_gone(const struct err *e)
{
	return e && (e->sys_errno == ENODEV || e->sys_errno == EINVAL);
}

static struct err *interrupted(struct err *e)
{
	e->code = ERR_INTERRUPTED;
	return e;
}

static struct err *dump_routes(struct netns_reader *reader, struct nl_socket *sock,
			       uint8_t protocol, uint32_t ifindex)
{
	struct nl_msg m;

	nl_route_msg_dump(&m, protocol, ifindex);
	return nl_dump(sock, &m, take_route, reader);
}

/* One device may be listed twice. */
static bool is_read_before(const struct netns_reader *reader, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (reader->details[i].found == reader->details[n].found)
			return true;
	}
	return false;
}

/* Those without a device come by our protocol number. */
static struct err *dump_of_devices(struct netns_reader *reader, struct nl_socket *sock)
{
	struct nl_msg m;
	struct err *e;

	nl_route_msg_dump(&m, reader->observation->k->config.route_protocol, 0);
	e = nl_dump(sock, &m, take_reject_alone, reader);

	for (size_t i = 0; !e && i < reader->n; i++) {
		const struct observed_link *f = reader->details[i].found;

		if (f && !is_read_before(reader, i))
			e = dump_routes(reader, sock, 0, f->key.ifindex);
	}
	return e;
}

/* The tables of a host may be long. If no wanted route can collide, only those of the
 * devices are asked for; of many devices only our routes, and those that the kernel adds
 * for addresses. */
static struct err *dump_needed(struct netns_reader *reader, struct nl_socket *sock)
{
	uint8_t ours = reader->observation->k->config.route_protocol;
	struct err *e;

	if (wants_routes(reader))
		return dump_routes(reader, sock, 0, 0);
	if (reader->n <= OBSERVE_FEW_DEVICES && has_addrs(reader))
		return dump_of_devices(reader, sock);
	e = dump_routes(reader, sock, ours, 0);
	return e || !has_addrs(reader) ? e : dump_routes(reader, sock, RTPROT_KERNEL, 0);
}

static struct err *read_routes(struct netns_reader *reader, struct nl_socket *sock)
{
	struct err *e;

	for (size_t i = 0; i < reader->n; i++) {
		const struct observed_detail *d = &reader->details[i];
		struct cache_device *cached = cached_of(reader, d);

		if (!cached)
			continue;
		cached->meets_foreign_route = false;
		cache_declare(cached, d->declared, d->n_declared, d->n_wanted);
	}
	e = dump_needed(reader, sock);
	return is_gone(e) ? interrupted(e) : e;
}

/* 'ifindex' 0: of all devices. */
static struct err *dump_addrs(struct netns_reader *reader, struct nl_socket *sock,
			      int32_t nsid, uint32_t ifindex)
{
	struct nl_msg m;
	struct err *e;

	nl_addr_msg_dump(&m, nsid, ifindex);
	e = nl_dump(sock, &m, take_addr, reader);
	return is_gone(e) ? interrupted(e) : e;
}

/* A host may have many devices with addresses, of which few are masters. */
static struct err *read_addrs(struct netns_reader *reader, struct nl_socket *sock,
			      int32_t nsid)
{
	struct err *e = NULL;

	if (reader->n > 1 && has_slaves(reader))
		return dump_addrs(reader, sock, nsid, 0);
	for (size_t i = 0; !e && i < reader->n; i++) {
		if (reader->details[i].found)
			e = dump_addrs(reader, sock, nsid,
				       reader->details[i].found->key.ifindex);
	}
	return e;
}

/* A namespace that only has an id: its addresses can be read from here, its routes
 * cannot. Of one that is going nothing else is needed. */
static bool is_read_by_id(const struct netns_ref *s)
{
	return nsfs_is_id(s->text) || s->is_going;
}

static struct err *read_inside(struct netns_reader *reader, const struct netns_ref *ns)
{
	struct observation *o = reader->observation;
	struct nl_socket *sock;
	struct err *e = netns_ref_open_socket(o->k, ns, &sock);

	if (e)
		return e;
	e = read_addrs(reader, sock, NSID_HERE);
	if (!e)
		e = read_routes(reader, sock);
	if (!e)
		e = read_rules(reader, sock);
	netns_ref_close_socket(o->k, sock);
	return e ? e : observe_sysctl_read(o, reader->details, reader->n);
}

static struct err *read_netns(struct netns_reader *reader)
{
	struct observation *o = reader->observation;
	const struct netns_ref *ns = reader->details[0].ns;
	struct err *e = is_read_by_id(ns) ? read_addrs(reader, o->k->sock, ns->nsid)
					  : read_inside(reader, ns);

	for (size_t i = 0; !e && i < reader->n; i++) {
		if (reader->details[i].found)
			observe_addr_fill(o, &reader->details[i]);
	}
	return e;
}

/* Two texts of one namespace may list one device twice. What was read for the first is
 * copied to the second. */
static void share(struct observation *o, const struct observed_detail *first,
		  struct observed_detail *d)
{
	const struct model_slave *from = first->slave;

	if (!from || !d->slave)
		return;
	d->slave->addresses = arena_memdup(o->a, from->addresses,
					   from->n_addresses * sizeof(*from->addresses));
	d->slave->n_addresses = from->n_addresses;
	d->slave->seen.noted = from->seen.noted;
	d->slave->seen.n_noted = from->seen.n_noted;
	for (size_t i = 0; i < from->n_routes; i++) {
		if (!from->routes[i].seen_foreign &&
		    !model_route_is_reject(&from->routes[i]))
			add_route(o, d, &from->routes[i], false);
	}
}

static void share_twins(struct netns_reader *reader)
{
	for (size_t i = 0; i < reader->n; i++) {
		struct observed_detail *d = &reader->details[i];

		if (d->found && d->found->detail)
			share(reader->observation, d->found->detail, d);
		else if (d->found)
			d->found->detail = d;
	}
}

struct err *observe_detail_read(struct observation *o, struct observed_detail *details,
				size_t n)
{
	struct err *e = NULL;

	for (size_t i = 0; !e && i < n;) {
		struct netns_reader reader = {.observation = o, .details = &details[i]};

		while (i < n && details[i].ns == reader.details[0].ns) {
			reader.n++;
			i++;
		}
		e = read_netns(&reader);
		share_twins(&reader);
		if (e)
			e = err_wrap(e, "cannot read addresses and routes in %s",
				     *reader.details[0].ns->text
					     ? reader.details[0].ns->text
					     : "this namespace");
	}
	return e;
}
