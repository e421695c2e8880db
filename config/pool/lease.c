/* What a slave gets from its pool, in its model. */
#include "config/pool/lease.h"

#include "config/canon.h"
#include "config/pool/lease_source.h"
#include "config/pool/pool_rows.h"
#include "lib/alloc.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct completing {
	struct leases *l;
	struct lease_source *source;
	const struct row *row; /* NULL: a new slave */
	struct arena *a;
	struct model_slave *s;
};

static bool has_lease(const struct completing *q, const struct row *slave,
		      const struct row *lease)
{
	const union atom key = {.uuid = *row_uuid(lease)};

	return datum_find(txn_get(q->l->txn, slave, q->l->c->slave.leases), &key,
			  ATOM_UUID) >= 0;
}

/* The slave that has the lease; NULL: none, or the one that is completed. */
static const struct row *other_owner(const struct completing *q, const struct row *lease)
{
	if (q->row && has_lease(q, q->row, lease))
		return NULL;
	TXN_FOR_EACH_ROW (slave, q->l->txn, q->l->c->slave.table) {
		if (has_lease(q, slave, lease))
			return slave;
	}
	return NULL;
}

/* An address that the slave declares. */
static struct err *check_declared(const struct completing *q, const struct ip_addr *addr)
{
	const struct ipvl_columns *c = q->l->c;
	char text[IP_TEXT_BYTES];
	const struct row *lease = pool_rows_find_lease(c, q->l->txn, q->source->pool,
						       ip_addr_format(addr, text));
	const struct row *owner;
	const char *netns;

	for (size_t i = 0; i < q->source->p.n_gateways; i++) {
		if (!ip_addr_cmp(addr, &q->source->p.gateways[i]))
			return err_hint(err_new(ERR_INVALID,
						"%s is the gateway of pool %s", text,
						q->source->p.name),
					"choose another address");
	}
	owner = lease ? other_owner(q, lease) : NULL;
	if (!owner)
		return NULL;
	netns = lease_text(q->l, owner, c->slave.netns);
	return err_hint(err_new(ERR_EXISTS, "%s of pool %s is leased to %s%s%s already",
				text, q->source->p.name, netns, *netns ? "/" : "",
				lease_text(q->l, owner, c->slave.name)),
			"choose another address, or leave it to the pool");
}

/* True if an address of the pool, of this family, is declared. */
static struct err *find_declared(const struct completing *q, uint8_t family,
				 bool *ret_found)
{
	bool found = false;
	struct err *e = NULL;

	for (size_t i = 0; i < q->s->n_addresses && !e; i++) {
		const struct ip_addr *addr = &q->s->addresses[i].addr;

		if (addr->family != family || !pool_subnet_of(&q->source->p, addr))
			continue;
		found = true;
		e = check_declared(q, addr);
	}
	*ret_found = found;
	return e;
}

/* The lease of the row that the slave keeps. */
static bool find_kept(const struct completing *q, uint8_t family,
		      struct ip_addr *ret_addr)
{
	uint32_t n = q->row ? txn_get(q->l->txn, q->row, q->l->c->slave.leases)->n : 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct row *lease = lease_at(q->l, q->row, i);
		struct ip_addr addr;
		struct err *e;

		if (!lease || !lease_is_of_pool(q->l, lease, q->source->pool))
			continue;
		e = ip_addr_parse(lease_text(q->l, lease, q->l->c->lease.address), &addr);
		if (!e && addr.family == family && pool_subnet_of(&q->source->p, &addr) &&
		    !lease_is_reserved(q->l, &addr)) {
			*ret_addr = addr;
			return true;
		}
		err_free(e);
	}
	return false;
}

static int prefix_cmp(const void *a, const void *b)
{
	return ip_prefix_cmp(a, b);
}

static void add_address(const struct completing *q, const struct ip_addr *addr)
{
	struct model_slave *s = q->s;
	struct ip_prefix *all = arena_array(q->a, s->n_addresses + 1, sizeof(*all));

	if (s->n_addresses)
		memcpy(all, s->addresses, s->n_addresses * sizeof(*all));
	all[s->n_addresses].addr = *addr;
	all[s->n_addresses++].len = pool_subnet_of(&q->source->p, addr)->len;
	qsort(all, s->n_addresses, sizeof(*all), prefix_cmp);
	s->addresses = all;
}

static bool has_family(const struct pool *p, uint8_t family)
{
	for (size_t i = 0; i < p->n_subnets; i++) {
		if (p->subnets[i].addr.family == family)
			return true;
	}
	return false;
}

static struct err *complete_family(const struct completing *q, size_t which)
{
	struct ip_addr addr;
	bool is_declared;
	struct err *e = find_declared(q, lease_families[which], &is_declared);

	if (e || is_declared || !has_family(&q->source->p, lease_families[which]))
		return e;
	if (!find_kept(q, lease_families[which], &addr))
		e = lease_source_choose(q->l, q->source, which, &addr);
	if (!e)
		add_address(q, &addr);
	return e;
}

static bool has_default_route(const struct model_slave *s, uint8_t family)
{
	for (size_t i = 0; i < s->n_routes; i++) {
		if (s->routes[i].to.addr.family == family &&
		    ip_prefix_is_default(&s->routes[i].to) &&
		    s->routes[i].table == MODEL_ROUTE_TABLE_MAIN)
			return true;
	}
	return false;
}

static int route_cmp(const void *a, const void *b)
{
	return model_route_key_cmp(a, b);
}

struct model_route lease_route_by(const struct ip_addr *gateway)
{
	char text[IP_TEXT_BYTES], buf[IP_TEXT_BYTES + sizeof("default via ")];
	struct model_route r;
	struct err *e;

	snprintf(buf, sizeof(buf), "default via %s", ip_addr_format(gateway, text));
	e = canon_route_parse(buf, &r);
	assert(!e); /* the text is one that the function makes */
	return r;
}

static void add_route(const struct completing *q, const struct ip_addr *gateway)
{
	struct model_slave *s = q->s;
	struct model_route *all = arena_array(q->a, s->n_routes + 1, sizeof(*all));

	if (s->n_routes)
		memcpy(all, s->routes, s->n_routes * sizeof(*all));
	all[s->n_routes++] = lease_route_by(gateway);
	qsort(all, s->n_routes, sizeof(*all), route_cmp);
	s->routes = all;
}

/* By the gateway of the first subnet that the slave has an address in. */
static void complete_routes(const struct completing *q)
{
	for (size_t i = 0; i < q->s->n_addresses; i++) {
		const struct ip_addr *addr = &q->s->addresses[i].addr;
		const struct ip_prefix *in = pool_subnet_of(&q->source->p, addr);
		const struct ip_addr *gateway =
			in ? pool_gateway_in(&q->source->p, in) : NULL;

		if (gateway && !has_default_route(q->s, addr->family))
			add_route(q, gateway);
	}
}

struct err *lease_complete(struct leases *l, const struct row *master,
			   const struct row *row, struct arena *a, struct model_slave *s)
{
	struct completing q = {.l = l, .row = row, .a = a, .s = s};
	struct err *e = lease_source_find(l, master, s->pool, &q.source);

	for (size_t i = 0; i < ARRAY_SIZE(lease_families) && !e; i++)
		e = complete_family(&q, i);
	if (e)
		return e;
	s->addresses_managed = true;
	complete_routes(&q);
	return NULL;
}
