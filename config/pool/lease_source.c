/* What is free of a pool, and the choice. */
#include "config/pool/lease_source.h"

#include "config/canon.h"
#include "config/pool/pool_rows.h"
#include "lib/alloc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

const uint8_t lease_families[LEASE_FAMILIES] = {AF_INET, AF_INET6};

struct leases *lease_new(const struct ipvl_columns *c, struct txn *txn,
			 unsigned int attempt)
{
	struct leases *l = xcalloc(1, sizeof(*l));

	*l = (struct leases){.c = c, .txn = txn, .attempt = attempt, .a = arena_new()};
	return l;
}

void lease_free(struct leases *l)
{
	if (!l)
		return;
	for (struct lease_source *s = l->sources; s; s = s->after)
		HASH_CLEAR(hh, s->taken);
	HASH_CLEAR(hh, l->reserved);
	arena_free(l->a);
	free(l);
}

static bool is_taken(const struct lease_taken *all, const struct ip_addr *addr)
{
	struct lease_taken *t;

	HASH_FIND(hh, all, addr, sizeof(*addr), t);
	return t;
}

/* Addresses are compared by their bytes: those that IPv4 does not use are 0. */
static void take(struct leases *l, struct lease_taken **all, const struct ip_addr *addr)
{
	struct lease_taken *t;

	if (is_taken(*all, addr))
		return;
	t = arena_alloc(l->a, sizeof(*t));
	t->addr = *addr;
	HASH_ADD(hh, *all, addr, sizeof(t->addr), t);
}

bool lease_is_reserved(const struct leases *l, const struct ip_addr *addr)
{
	return is_taken(l->reserved, addr);
}

void lease_reserve(struct leases *l, const struct ip_addr *addr)
{
	take(l, &l->reserved, addr);
}

void lease_reserve_nothing(struct leases *l)
{
	HASH_CLEAR(hh, l->reserved);
}

const char *lease_text(const struct leases *l, const struct row *r,
		       const struct column_schema *c)
{
	return datum_text(txn_get(l->txn, r, c));
}

/* A text that is no address is an error of its own row. */
static void take_text(struct leases *l, struct lease_source *s, const char *text,
		      bool is_bare)
{
	struct ip_prefix p;
	struct err *e =
		is_bare ? ip_addr_parse(text, &p.addr) : canon_address_parse(text, &p);

	if (!e)
		take(l, &s->taken, &p.addr);
	err_free(e);
}

const struct row *lease_at(const struct leases *l, const struct row *slave, uint32_t i)
{
	const struct datum *set = txn_get(l->txn, slave, l->c->slave.leases);

	return txn_find(l->txn, l->c->lease.table, &datum_keys(set)[i].uuid);
}

bool lease_is_of_pool(const struct leases *l, const struct row *lease,
		      const struct row *pool)
{
	const struct datum *d = txn_get(l->txn, lease, l->c->lease.pool);

	return d->n && uuid_equals(&datum_keys(d)->uuid, row_uuid(pool));
}

static void take_leases(struct leases *l, struct lease_source *s, const struct row *slave)
{
	uint32_t n = txn_get(l->txn, slave, l->c->slave.leases)->n;

	for (uint32_t i = 0; i < n; i++) {
		const struct row *lease = lease_at(l, slave, i);

		if (lease && lease_is_of_pool(l, lease, s->pool))
			take_text(l, s, lease_text(l, lease, l->c->lease.address), true);
	}
}

static void take_addresses(struct leases *l, struct lease_source *s,
			   const struct row *slave)
{
	const struct datum *set = txn_get(l->txn, slave, l->c->slave.addresses);

	for (uint32_t i = 0; i < set->n; i++)
		take_text(l, s, datum_keys(set)[i].string, false);
}

static struct lease_source *new_source(struct leases *l, const struct row *pool,
				       const struct row *master, const struct pool *p)
{
	const struct datum *slaves = txn_get(l->txn, master, l->c->master.slaves);
	struct lease_source *s = arena_alloc(l->a, sizeof(*s));

	s->pool = pool;
	s->master = master;
	s->p = *p;
	for (size_t i = 0; i < ARRAY_SIZE(lease_families); i++)
		pool_space_init(&s->p, lease_families[i], l->a, &s->spaces[i]);
	TXN_FOR_EACH_ROW (slave, l->txn, l->c->slave.table)
		take_leases(l, s, slave);
	for (uint32_t i = 0; i < slaves->n; i++) {
		const struct row *slave =
			txn_find(l->txn, l->c->slave.table, &datum_keys(slaves)[i].uuid);

		if (slave)
			take_addresses(l, s, slave);
	}
	s->after = l->sources;
	l->sources = s;
	return s;
}

struct err *lease_source_find(struct leases *l, const struct row *master,
			      const char *name, struct lease_source **ret_source)
{
	const struct row *pool = pool_rows_find(
		l->c, l->txn, lease_text(l, master, l->c->master.host), name);
	struct pool p;
	struct err *e;

	if (!pool)
		return err_hint(
			err_new(ERR_NOT_FOUND, "no such pool: %s", name),
			"see `ipvl-ctl list-pools`; `ipvl-ctl add-pool` adds one, "
			"or a file under `pools:`");
	for (struct lease_source *s = l->sources; s; s = s->after) {
		if (s->pool == pool && s->master == master) {
			*ret_source = s;
			return NULL;
		}
	}
	e = pool_rows_read(l->c, l->txn, pool, l->a, &p);
	if (!e)
		*ret_source = new_source(l, pool, master, &p);
	return e;
}

static struct err *is_full(const struct lease_source *s, size_t which)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	uint64_t n = pool_space_count(&s->spaces[which]);

	const char *family = which ? "IPv6" : "IPv4";
	const char *subnets = pool_subnets_text(a, &s->p, lease_families[which]);
	struct err *e = n == 1 ? err_new(ERR_LIMIT,
					 "pool %s is full: its only %s address (%s) is "
					 "in use",
					 s->p.name, family, subnets)
			       : err_new(ERR_LIMIT,
					 "pool %s is full: all its %" PRIu64
					 " %s addresses (%s) are in use",
					 s->p.name, n, family, subnets);

	return err_hint(e,
			"give it another subnet or range, or remove slaves that have its "
			"addresses");
}

/* The first free one, from where the last search ended. */
struct err *lease_source_choose(struct leases *l, struct lease_source *s, size_t which,
				struct ip_addr *ret_addr)
{
	const struct pool_space *space = &s->spaces[which];
	uint64_t n = pool_space_count(space);

	/* A hash with the process's own key is any number. */
	if (n && l->attempt > 1)
		s->next[which] =
			hash_bytes(&s->next[which], sizeof(s->next[which]), l->attempt) %
			n;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t at = (s->next[which] + i) % n;
		struct ip_addr addr = pool_space_at(space, at);

		if (is_taken(s->taken, &addr) || is_taken(l->reserved, &addr))
			continue;
		s->next[which] = at;
		take(l, &s->taken, &addr);
		*ret_addr = addr;
		return NULL;
	}
	return is_full(s, which);
}
