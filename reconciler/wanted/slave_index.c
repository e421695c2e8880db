/* From a slave row to its master, namespace and name, kept beside the database. */
#include "reconciler/wanted/slave_index.h"

#include "lib/alloc.h"
#include "lib/hash_table.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct netns_slaves {
	char *netns; /* hash key */
	struct slave_entry *entries;
	size_t n_entries;
	UT_hash_handle hh;
};

struct slave_entry {
	struct uuid slave; /* hash key */
	struct netns_slaves *siblings;
	char *name, *master_netns, *master_name;
	struct slave_entry *prev, *next; /* in the household */
	UT_hash_handle hh;
};

struct slave_index {
	const struct ipvl_columns *columns;
	struct slave_entry *entries;
	struct netns_slaves *namespaces;
};

static const char *text(const struct row *r, const struct column_schema *column)
{
	return datum_text(row_get(r, column));
}

static struct netns_slaves *netns_slaves_of(struct slave_index *c, const char *netns)
{
	struct netns_slaves *h;

	HASH_FIND_STR(c->namespaces, netns, h);
	if (!h) {
		h = xcalloc(1, sizeof(*h));
		h->netns = xstrdup(netns);
		HASH_ADD_KEYPTR(hh, c->namespaces, h->netns, strlen(h->netns), h);
	}
	return h;
}

static struct slave_entry *slave_entry_find(const struct slave_index *c,
					    const struct uuid *slave)
{
	struct slave_entry *h;

	HASH_FIND(hh, c->entries, slave, sizeof(*slave), h);
	return h;
}

static void slave_entry_free(struct slave_index *c, struct slave_entry *h)
{
	struct netns_slaves *siblings = h->siblings;

	DL_DELETE(siblings->entries, h);
	if (!--siblings->n_entries) {
		HASH_DEL(c->namespaces, siblings);
		free(siblings->netns);
		free(siblings);
	}
	HASH_DEL(c->entries, h);
	free(h->name);
	free(h->master_netns);
	free(h->master_name);
	free(h);
}

static struct key slave_entry_key(const struct slave_entry *h)
{
	return (struct key){
		.kind = KEY_SLAVE,
		.netns = h->siblings->netns,
		.name = h->name,
		.master_netns = h->master_netns,
		.master_name = h->master_name,
	};
}

/* Records which master lists 'slave'; nothing if none does (the row is about to be
 * collected). */
static struct slave_entry *slave_entry_add(struct slave_index *c, const struct row *slave)
{
	const struct ipvl_columns *col = c->columns;
	const struct row *master = rows_master_of(col, NULL, slave);
	struct slave_entry *h;

	if (!master)
		return NULL;
	h = xcalloc(1, sizeof(*h));
	h->slave = *row_uuid(slave);
	h->siblings = netns_slaves_of(c, text(slave, col->slave.netns));
	h->name = xstrdup(text(slave, col->slave.name));
	h->master_netns = xstrdup(text(master, col->master.netns));
	h->master_name = xstrdup(text(master, col->master.name));
	DL_APPEND(h->siblings->entries, h);
	h->siblings->n_entries++;
	HASH_ADD(hh, c->entries, slave, sizeof(h->slave), h);
	return h;
}

struct slave_index *slave_index_new(const struct ipvl_columns *columns)
{
	struct slave_index *c = xcalloc(1, sizeof(*c));

	c->columns = columns;
	TABLE_FOR_EACH (r, columns->slave.table)
		slave_entry_add(c, r);
	return c;
}

void slave_index_free(struct slave_index *c)
{
	struct slave_entry *h, *next;

	if (!c)
		return;
	HASH_ITER (hh, c->entries, h, next)
		slave_entry_free(c, h);
	free(c);
}

/* Calls 'fn' with the slave's old key and its new one, and records the new one. */
static void refresh(struct slave_index *c, const struct uuid *slave,
		    slave_index_key_fn *fn, void *aux)
{
	struct slave_entry *old = slave_entry_find(c, slave);
	const struct row *row = table_find(c->columns->slave.table, slave);
	struct slave_entry *now;

	if (old) {
		struct key key = slave_entry_key(old);

		fn(aux, &key);
		slave_entry_free(c, old);
	}
	now = row ? slave_entry_add(c, row) : NULL;
	if (now) {
		struct key key = slave_entry_key(now);

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

/* Columns with an effect on the kernel: not sources, not external_ids. */
static bool slave_is_concerned(const struct slave_index *c, const struct change *change)
{
	const struct ipvl_columns *col = c->columns;
	const struct column_schema *const watched[] = {
		col->slave.netns,       col->slave.name,      col->slave.enabled,
		col->slave.addressing,  col->slave.addresses, col->slave.routes,
		col->slave.nameservers, col->slave.search,    col->slave.mtu,
		col->slave.sysctl,      col->slave.drift,     col->slave.repairs,
	};

	return any_changed(change, watched, ARRAY_SIZE(watched));
}

static bool master_is_concerned(const struct slave_index *c, const struct change *change)
{
	const struct ipvl_columns *col = c->columns;
	const struct column_schema *const watched[] = {
		col->master.netns,   col->master.name,      col->master.mode,
		col->master.flag,    col->master.vlan_link, col->master.vlan_id,
		col->master.mtu,     col->master.routes,    col->master.drift,
		col->master.repairs,
	};

	return any_changed(change, watched, ARRAY_SIZE(watched));
}

bool slave_index_concerns(const struct slave_index *c, const struct change *change)
{
	return change->table == c->columns->master.table ? master_is_concerned(c, change)
							 : slave_is_concerned(c, change);
}

/* Slaves that are in exactly one of the two sets, which are sorted. */
static void refresh_moved(struct slave_index *c, const struct datum *old,
			  const struct datum *new, slave_index_key_fn *fn, void *aux)
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

static void refresh_all(struct slave_index *c, const struct datum *slaves,
			slave_index_key_fn *fn, void *aux)
{
	for (uint32_t i = 0; slaves && i < slaves->n; i++)
		refresh(c, &datum_keys(slaves)[i].uuid, fn, aux);
}

static void give_master(const struct slave_index *c, const struct change *change,
			bool old, slave_index_key_fn *fn, void *aux)
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

static void follow_master(struct slave_index *c, const struct change *change,
			  slave_index_key_fn *fn, void *aux)
{
	const struct ipvl_columns *col = c->columns;
	bool moved = change->kind == CHANGE_UPDATE &&
		     (change_is_changed(change, col->master.name) ||
		      change_is_changed(change, col->master.netns));

	if (master_is_concerned(c, change)) {
		give_master(c, change, true, fn, aux);
		give_master(c, change, false, fn, aux);
	}
	if (moved)
		refresh_all(c, change_new(change, col->master.slaves), fn, aux);
	else if (change->kind != CHANGE_UPDATE ||
		 change_is_changed(change, col->master.slaves))
		refresh_moved(c, change_old(change, col->master.slaves),
			      change_new(change, col->master.slaves), fn, aux);
}

void slave_index_follow(struct slave_index *c, const struct txn *txn,
			slave_index_key_fn *fn, void *aux)
{
	TXN_FOR_EACH_CHANGE (change, txn) {
		if (change.table == c->columns->slave.table &&
		    slave_is_concerned(c, &change))
			refresh(c, row_uuid(change.row), fn, aux);
		else if (change.table == c->columns->master.table)
			follow_master(c, &change, fn, aux);
	}
}

static struct netns_slaves *netns_slaves_find(const struct slave_index *c,
					      const char *netns)
{
	struct netns_slaves *h;

	HASH_FIND_STR(c->namespaces, netns, h);
	return h;
}

void slave_index_each_in_netns(const struct slave_index *c, const char *netns,
			       slave_index_key_fn *fn, void *aux)
{
	const struct netns_slaves *siblings = netns_slaves_find(c, netns);

	for (const struct slave_entry *h = siblings ? siblings->entries : NULL; h;
	     h = h->next) {
		struct key key = slave_entry_key(h);

		fn(aux, &key);
	}
}

size_t slave_index_count_in_netns(const struct slave_index *c, const char *netns)
{
	const struct netns_slaves *siblings = netns_slaves_find(c, netns);

	return siblings ? siblings->n_entries : 0;
}

bool slave_index_key_of(const struct slave_index *c, const struct row *slave,
			struct key *ret_key)
{
	const struct slave_entry *h = slave_entry_find(c, row_uuid(slave));

	if (!h)
		return false;
	*ret_key = slave_entry_key(h);
	return true;
}
