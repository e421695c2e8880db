/* What a slave's routes need among its addresses: Linux fib_check_nh(),
 * ip6_route_check_nh() and fib_valid_prefsrc(), as far as the configuration alone
 * decides. If another program manages the addresses of a slave, they are not known
 * here, nor are a master's: such routes are left to the kernel. */
#include "config/valid/rule_route.h"

#include <string.h>
#include <sys/socket.h>

/* How many addresses a message lists. */
#define MAX_LISTED 4

/* The slave's subnet that contains 'addr'; NULL if none does. */
static const struct ip_prefix *find_subnet(const struct model_slave *s,
					   const struct ip_addr *addr)
{
	for (size_t i = 0; i < s->n_addresses; i++) {
		if (ip_prefix_contains(&s->addresses[i], addr))
			return &s->addresses[i];
	}
	return NULL;
}

/* A gateway may also be behind an on-link route of the same slave, as is usual with a
 * /32. Linux fib_check_nh_v4_gw() searches the route's own table, and the tables of
 * every packet. */
static bool has_on_link_route(const struct model_slave *s, const struct model_route *to,
			      const struct ip_addr *via)
{
	for (size_t i = 0; i < s->n_routes; i++) {
		const struct model_route *r = &s->routes[i];

		if (!r->via.family && !model_route_is_reject(r) &&
		    ip_prefix_contains(&r->to, via) &&
		    (r->table == to->table || r->table == MODEL_ROUTE_TABLE_MAIN))
			return true;
	}
	return false;
}

/* "192.168.9.3/24, 10.0.0.1/8", of one family; "" if there is none. */
static const char *list_addresses(struct valid_check *v, const struct model_slave *s,
				  uint8_t family)
{
	const char *list = "";
	char buf[IP_TEXT_BYTES];
	size_t n = 0;

	for (size_t i = 0; i < s->n_addresses; i++) {
		if (s->addresses[i].addr.family != family)
			continue;
		if (++n > MAX_LISTED)
			return arena_printf(v->arena, "%s, …", list);
		ip_prefix_format(&s->addresses[i], buf);
		list = arena_printf(v->arena, "%s%s%s", list, *list ? ", " : "", buf);
	}
	return list;
}

static struct err *outside(struct valid_check *v, const struct model_slave *s,
			   const char *gateway, uint8_t family)
{
	const char *who = model_slave_label(v->arena, s);
	const char *list = list_addresses(v, s, family);
	struct err *e;

	if (*list)
		e = err_new(ERR_INVALID, "gateway %s is outside every subnet of %s (%s)",
			    gateway, who, list);
	else
		e = err_new(ERR_INVALID,
			    "gateway %s cannot be reached: %s has no %s address", gateway,
			    who, family == AF_INET6 ? "IPv6" : "IPv4");
	return err_hint(
		e,
		"give %s an address in the gateway's subnet, or write `on-link: true` "
		"(ipvl-ctl: `onlink`) if it is on the link, or leave out `via`",
		s->name);
}

static bool is_broadcast_of(const struct ip_prefix *subnet, const struct ip_addr *addr)
{
	if (addr->family != AF_INET || subnet->len > 30)
		return false;
	for (unsigned int bit = subnet->len; bit < 32; bit++) {
		if (!(addr->bytes[bit / 8] & 0x80 >> bit % 8))
			return false;
	}
	return true;
}

static struct err *check_gateway(struct valid_check *v, const struct model_slave *s,
				 const struct model_route *r, const struct ip_addr *via)
{
	const struct ip_prefix *subnet = find_subnet(s, via);
	char buf[IP_TEXT_BYTES];

	ip_addr_format(via, buf);
	/* The kernel refuses it for IPv6 only; for IPv4 it makes a route that leads
	 * nowhere. */
	if (model_slave_has_address(s, via))
		return err_hint(
			err_new(ERR_INVALID, "gateway %s is %s's own address", buf,
				model_slave_label(v->arena, s)),
			"write the router's address, or leave out `via` for an on-link "
			"route");
	if (subnet && is_broadcast_of(subnet, via))
		return err_hint(
			err_new(ERR_INVALID,
				"gateway %s is the broadcast address of %s's subnet", buf,
				model_slave_label(v->arena, s)),
			"write the router's own address");
	if (subnet || r->on_link || has_on_link_route(s, r, via))
		return NULL;
	if (via->family == AF_INET6 && ip_addr_is_link_local(via))
		return NULL;
	return outside(v, s, buf, via->family);
}

static struct err *check_source(struct valid_check *v, const struct model_slave *s,
				const struct model_route *r)
{
	const char *list;
	char buf[IP_TEXT_BYTES];

	if (model_slave_has_address(s, &r->from))
		return NULL;
	list = list_addresses(v, s, r->from.family);
	return err_hint(err_new(ERR_INVALID, "source %s is not an address of %s (%s)",
				ip_addr_format(&r->from, buf),
				model_slave_label(v->arena, s),
				*list ? list : "it has none of that family"),
			"add it to the addresses, or leave out the route's source");
}

void rule_master_routes(struct valid_check *v, const struct model_master *m)
{
	for (size_t i = 0; i < m->n_routes; i++) {
		const struct valid_place at = {
			.master = m, .field = VALID_ROUTES, .index = i};

		if (model_route_is_reject(&m->routes[i]))
			valid_complaint_add(
				v, &at, NULL,
				err_hint(
					err_new(ERR_INVALID,
						"route `%s` has no device, and the "
						"routes of master %s go through it",
						model_route_text(v->arena, &m->routes[i]),
						model_master_label(v->arena, m)),
					"declare it for a slave, in whose namespace it "
					"then is"));
	}
}

void rule_route_mtus(struct valid_check *v, const struct model_master *m,
		     const struct model_slave *s)
{
	const struct model_route *routes = s ? s->routes : m->routes;
	size_t n = s ? s->n_routes : m->n_routes;
	uint32_t mtu = s && s->mtu ? s->mtu : m->mtu;

	for (size_t i = 0; mtu && i < n; i++) {
		const struct valid_place at = {
			.master = m, .slave = s, .field = VALID_ROUTE_MTU, .index = i};

		if (routes[i].mtu > mtu)
			valid_complaint_add(
				v, &at, NULL,
				err_hint(err_new(ERR_INVALID,
						 "mtu %u of a route is above the %u of "
						 "its device %s",
						 routes[i].mtu, mtu,
						 s ? model_slave_label(v->arena, s)
						   : model_master_label(v->arena, m)),
					 "leave out the route's mtu: it has its "
					 "device's"));
	}
}

void rule_slave_routes(struct valid_check *v, const struct model_master *m,
		       const struct model_slave *s)
{
	if (!s->addresses_managed)
		return;
	for (size_t i = 0; i < s->n_routes; i++) {
		const struct model_route *r = &s->routes[i];
		struct valid_place at = {.master = m, .slave = s, .index = i};
		struct err *e;

		at.field = VALID_ROUTE_VIA;
		for (size_t k = 0; k < model_route_n_hops(r); k++) {
			struct model_hop hop = model_route_hop(r, k);

			e = check_gateway(v, s, r, &hop.via);
			if (e)
				valid_complaint_add(v, &at, NULL, e);
		}
		e = r->from.family ? check_source(v, s, r) : NULL;
		at.field = VALID_ROUTE_FROM;
		if (e)
			valid_complaint_add(v, &at, NULL, e);
	}
}
