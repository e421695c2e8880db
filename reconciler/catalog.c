/* Slave row -> (master, namespace, name), kept beside the database. Neighbours: queue.c
 * takes the keys, desired.c reads the rows. Says nothing about what should happen to a
 * key. */
#include "reconciler/catalog.h"

#include "lib/alloc.h"
#include "lib/hash_table.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct household {
	char *netns; /* hash key */
	struct home *homes;
	size_t n_homes;
	UT_hash_handle hh;
};

struct home {
	struct uuid slave; /* hash key */
	struct household *household;
	char *name, *master_netns, *master_name;
	struct home *prev, *next; /* in the household */
	UT_hash_handle hh;
};

struct catalog {
	const struct ipvl_columns *columns;
	struct home *homes;
	struct household *households;
};

static const char *text(const struct row *r, const struct column_schema *column)
{
	return datum_text(row_get(r, column));
}

static struct household *household_of(struct catalog *c, const char *netns)
{
	struct household *h;

	HASH_FIND_STR(c->households, netns, h);
	if (!h) {
		h = xcalloc(1, sizeof(*h));
		h->netns = xstrdup(netns);
		HASH_ADD_KEYPTR(hh, c->households, h->netns, strlen(h->netns), h);
	}
	return h;
}

static struct home *home_find(const struct catalog *c, const struct uuid *slave)
{
	struct home *h;

	HASH_FIND(hh, c->homes, slave, sizeof(*slave), h);
	return h;
}

static void home_free(struct catalog *c, struct home *h)
{
	struct household *house = h->household;

	DL_DELETE(house->homes, h);
	if (!--house->n_homes) {
		HASH_DEL(c->households, house);
		free(house->netns);
		free(house);
	}
	HASH_DEL(c->homes, h);
	free(h->name);
	free(h->master_netns);
	free(h->master_name);
	free(h);
}

static struct key home_key(const struct home *h)
{
	return (struct key){
		.kind = KEY_SLAVE,
		.netns = h->household->netns,
		.name = h->name,
		.master_netns = h->master_netns,
		.master_name = h->master_name,
	};
}

/* Notes where 'slave' is listed now; nothing if no master lists it (it is about to be
 * collected). */
static struct home *home_add(struct catalog *c, const struct row *slave)
{
	const struct ipvl_columns *col = c->columns;
	const struct row *master = rows_master_of(col, NULL, slave);
	struct home *h;

	if (!master)
		return NULL;
	h = xcalloc(1, sizeof(*h));
	h->slave = *row_uuid(slave);
	h->household = household_of(c, text(slave, col->slave.netns));
	h->name = xstrdup(text(slave, col->slave.name));
	h->master_netns = xstrdup(text(master, col->master.netns));
	h->master_name = xstrdup(text(master, col->master.name));
	DL_APPEND(h->household->homes, h);
	h->household->n_homes++;
	HASH_ADD(hh, c->homes, slave, sizeof(h->slave), h);
	return h;
}

struct catalog *catalog_new(const struct ipvl_columns *columns)
{
	struct catalog *c = xcalloc(1, sizeof(*c));

	c->columns = columns;
	TABLE_FOR_EACH (r, columns->slave.table)
		home_add(c, r);
	return c;
}

void catalog_free(struct catalog *c)
{
	struct home *h, *next;

	if (!c)
		return;
	HASH_ITER (hh, c->homes, h, next)
		home_free(c, h);
	free(c);
}

/* Tells the slave's old key and its new one, and remembers the new. */
static void refresh(struct catalog *c, const struct uuid *slave, catalog_key_fn *fn,
		    void *aux)
{
	struct home *old = home_find(c, slave);
	const struct row *row = table_find(c->columns->slave.table, slave);
	struct home *now;

	if (old) {
		struct key key = home_key(old);

		fn(aux, &key);
		home_free(c, old);
	}
	now = row ? home_add(c, row) : NULL;
	if (now) {
		struct key key = home_key(now);

		fn(aux, &key);
	}
}

static bool any_changed(const struct change *change,
			const struct column_schema *const *columns, size_t n)
{
	if (change->kind != CHANGE_UPDATE)
		return true;
	for (size_t i = 0; i < n; i++) {
		if (change_is_changed(change, columns[i]))
			return true;
	}
	return false;
}

/* Columns that say something about the kernel; sources and external_ids do not. */
static bool slave_is_concerned(const struct catalog *c, const struct change *change)
{
	const struct ipvl_columns *col = c->columns;
	const struct column_schema *const watched[] = {
		col->slave.netns,       col->slave.name,      col->slave.enabled,
		col->slave.addressing,  col->slave.addresses, col->slave.routes,
		col->slave.nameservers, col->slave.search,    col->slave.mtu,
		col->slave.sysctl,
	};

	return any_changed(change, watched, ARRAY_SIZE(watched));
}

static bool master_is_concerned(const struct catalog *c, const struct change *change)
{
	const struct ipvl_columns *col = c->columns;
	const struct column_schema *const watched[] = {
		col->master.netns, col->master.name,      col->master.mode,
		col->master.flag,  col->master.vlan_link, col->master.vlan_id,
		col->master.mtu,   col->master.routes,
	};

	return any_changed(change, watched, ARRAY_SIZE(watched));
}

/* Slaves in exactly one of the two sets: both are sorted. */
static void refresh_moved(struct catalog *c, const struct datum *old,
			  const struct datum *new, catalog_key_fn *fn, void *aux)
{
	uint32_t i = 0, j = 0, n_old = old ? old->n : 0, n_new = new ? new->n : 0;

	while (i < n_old || j < n_new) {
		const struct uuid *a = i < n_old ? &datum_keys(old)[i].uuid : NULL;
		const struct uuid *b = j < n_new ? &datum_keys(new)[j].uuid : NULL;
		int order = !a ? 1 : !b ? -1 : uuid_cmp(a, b);

		if (order < 0)
			refresh(c, a, fn, aux);
		else if (order > 0)
			refresh(c, b, fn, aux);
		i += order <= 0;
		j += order >= 0;
	}
}

static void refresh_all(struct catalog *c, const struct datum *slaves, catalog_key_fn *fn,
			void *aux)
{
	for (uint32_t i = 0; slaves && i < slaves->n; i++)
		refresh(c, &datum_keys(slaves)[i].uuid, fn, aux);
}

static void tell_master(const struct catalog *c, const struct change *change, bool old,
			catalog_key_fn *fn, void *aux)
{
	const struct ipvl_columns *col = c->columns;
	const struct datum *netns = old ? change_old(change, col->master.netns)
					: change_new(change, col->master.netns);
	const struct datum *name = old ? change_old(change, col->master.name)
				       : change_new(change, col->master.name);
	struct key key = {
		.kind = KEY_MASTER, .netns = datum_text(netns), .name = datum_text(name)};

	if (name)
		fn(aux, &key);
}

static void follow_master(struct catalog *c, const struct change *change,
			  catalog_key_fn *fn, void *aux)
{
	const struct ipvl_columns *col = c->columns;
	bool moved = change->kind == CHANGE_UPDATE &&
		     (change_is_changed(change, col->master.name) ||
		      change_is_changed(change, col->master.netns));

	if (master_is_concerned(c, change)) {
		tell_master(c, change, true, fn, aux);
		tell_master(c, change, false, fn, aux);
	}
	if (moved)
		refresh_all(c, change_new(change, col->master.slaves), fn, aux);
	else if (change->kind != CHANGE_UPDATE ||
		 change_is_changed(change, col->master.slaves))
		refresh_moved(c, change_old(change, col->master.slaves),
			      change_new(change, col->master.slaves), fn, aux);
}

void catalog_follow(struct catalog *c, const struct txn *txn, catalog_key_fn *fn,
		    void *aux)
{
	TXN_FOR_EACH_CHANGE (change, txn) {
		if (change.table == c->columns->slave.table &&
		    slave_is_concerned(c, &change))
			refresh(c, row_uuid(change.row), fn, aux);
		else if (change.table == c->columns->master.table)
			follow_master(c, &change, fn, aux);
	}
}

static struct household *household_find(const struct catalog *c, const char *netns)
{
	struct household *h;

	HASH_FIND_STR(c->households, netns, h);
	return h;
}

void catalog_each_in_netns(const struct catalog *c, const char *netns, catalog_key_fn *fn,
			   void *aux)
{
	const struct household *house = household_find(c, netns);

	for (const struct home *h = house ? house->homes : NULL; h; h = h->next) {
		struct key key = home_key(h);

		fn(aux, &key);
	}
}

size_t catalog_count_in_netns(const struct catalog *c, const char *netns)
{
	const struct household *house = household_find(c, netns);

	return house ? house->n_homes : 0;
}

bool catalog_key_of(const struct catalog *c, const struct row *slave, struct key *ret_key)
{
	const struct home *h = home_find(c, row_uuid(slave));

	if (!h)
		return false;
	*ret_key = home_key(h);
	return true;
}
