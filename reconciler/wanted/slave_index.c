/* From a slave row to its master, namespace and name, kept beside the database. */
#include "reconciler/wanted/slave_index.h"

#include "config/canon.h"
#include "config/state.h"
#include "lib/alloc.h"
#include "lib/hash_table.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct netns_slaves {
	char *netns; /* hash key */
	struct slave_entry *entries;
	size_t n_entries, n_sharers;
	UT_hash_handle hh;
};

struct slave_entry {
	struct uuid slave; /* hash key */
	struct netns_slaves *siblings;
	char *name, *master_netns, *master_name;
	struct slave_entry *prev, *next; /* of 'siblings' */
	bool has_access;
	struct slave_entry *access_prev, *access_next; /* of those that have it */
	bool is_troubled;
	struct slave_entry *troubled_prev, *troubled_next;
	bool is_sharer; /* it declares what its namespace has once for all */
	UT_hash_handle hh;
};

struct slave_index {
	const struct ipvl_columns *columns;
	struct slave_entry *entries;
	struct netns_slaves *namespaces;
	struct slave_entry *access, *troubled;
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
	if (h->has_access)
		DL_DELETE2(c->access, h, access_prev, access_next);
	if (h->is_troubled)
		DL_DELETE2(c->troubled, h, troubled_prev, troubled_next);
	siblings->n_sharers -= h->is_sharer;
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

static bool has_reject(const struct datum *routes)
{
	for (uint32_t i = 0; i < routes->n; i++) {
		if (canon_route_is_reject(datum_keys(routes)[i].string))
			return true;
	}
	return false;
}

static bool is_troubled(const struct ipvl_columns *col, const struct row *slave)
{
	return row_get(slave, col->slave.warnings)->n ||
	       state_from_name(text(slave, col->slave.state)) == STATE_CONFLICT;
}

static void note_trouble(struct slave_index *c, struct slave_entry *h,
			 const struct row *slave)
{
	bool is = is_troubled(c->columns, slave);

	if (is && !h->is_troubled)
		DL_APPEND2(c->troubled, h, troubled_prev, troubled_next);
	else if (!is && h->is_troubled)
		DL_DELETE2(c->troubled, h, troubled_prev, troubled_next);
	h->is_troubled = is;
}

/* Records which master lists 'slave'; nothing if none does (the row is about to be
 * collected). */
static void slave_entry_add(struct slave_index *c, const struct row *slave)
{
	const struct ipvl_columns *col = c->columns;
	const struct row *master = rows_master_of(col, NULL, slave);
	struct slave_entry *h;

	if (!master)
		return;
	h = xcalloc(1, sizeof(*h));
	h->slave = *row_uuid(slave);
	h->siblings = netns_slaves_of(c, text(slave, col->slave.netns));
	h->name = xstrdup(text(slave, col->slave.name));
	h->master_netns = xstrdup(text(master, col->master.netns));
	h->master_name = xstrdup(text(master, col->master.name));
	DL_APPEND(h->siblings->entries, h);
	h->siblings->n_entries++;
	h->has_access = datum_boolean(row_get(slave, col->slave.host_access), false);
	if (h->has_access)
		DL_APPEND2(c->access, h, access_prev, access_next);
	note_trouble(c, h, slave);
	h->is_sharer = has_reject(row_get(slave, col->slave.routes)) ||
		       row_get(slave, col->slave.routing_policy)->n ||
		       row_get(slave, col->slave.source_routing)->n;
	h->siblings->n_sharers += h->is_sharer;
	HASH_ADD(hh, c->entries, slave, sizeof(h->slave), h);
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

/* Records the slave's new key. */
static void refresh(void *index, const struct uuid *slave)
{
	struct slave_index *c = index;
	struct slave_entry *old = slave_entry_find(c, slave);
	const struct row *row = table_find(c->columns->slave.table, slave);

	if (old)
		slave_entry_free(c, old);
	if (row)
		slave_entry_add(c, row);
}

static void refresh_trouble(struct slave_index *c, const struct uuid *slave)
{
	struct slave_entry *h = slave_entry_find(c, slave);
	const struct row *row = table_find(c->columns->slave.table, slave);

	if (h && row)
		note_trouble(c, h, row);
}

void slave_index_each_moved(const struct ipvl_columns *c, const struct change *change,
			    slave_index_uuid_fn *fn, void *aux)
{
	const struct datum *old = change_old(change, c->master.slaves);
	const struct datum *new = change_new(change, c->master.slaves);
	bool has_moved = change_is_changed(change, c->master.name) ||
			 change_is_changed(change, c->master.netns);
	uint32_t i = 0, j = 0, n_old = old ? old->n : 0, n_new = new ? new->n : 0;

	if (old == new && !has_moved)
		return;
	/* Both are sorted. */
	while (i < n_old || j < n_new) {
		const struct uuid *a = i < n_old ? &datum_keys(old)[i].uuid : NULL;
		const struct uuid *b = j < n_new ? &datum_keys(new)[j].uuid : NULL;
		int order = !a ? 1 : !b ? -1 : uuid_cmp(a, b);

		if (order || has_moved)
			fn(aux, order <= 0 ? a : b);
		i += order <= 0;
		j += order >= 0;
	}
}

void slave_index_follow(struct slave_index *c, const struct txn *txn)
{
	const struct ipvl_columns *col = c->columns;

	TXN_FOR_EACH_CHANGE (change, txn) {
		if (change.table == col->master.table)
			slave_index_each_moved(col, &change, refresh, c);
		else if (change.table == col->slave.table &&
			 (change_is_changed(&change, col->slave.netns) ||
			  change_is_changed(&change, col->slave.name) ||
			  change_is_changed(&change, col->slave.routes) ||
			  change_is_changed(&change, col->slave.routing_policy) ||
			  change_is_changed(&change, col->slave.source_routing) ||
			  change_is_changed(&change, col->slave.host_access)))
			refresh(c, row_uuid(change.row));
		else if (change.table == col->slave.table &&
			 (change_is_changed(&change, col->slave.state) ||
			  change_is_changed(&change, col->slave.warnings)))
			refresh_trouble(c, row_uuid(change.row));
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

void slave_index_each_sharer(const struct slave_index *c, const char *netns,
			     slave_index_key_fn *fn, void *aux)
{
	const struct netns_slaves *siblings = netns_slaves_find(c, netns);

	if (!siblings || !siblings->n_sharers)
		return;
	for (const struct slave_entry *h = siblings->entries; h; h = h->next) {
		struct key key = slave_entry_key(h);

		if (h->is_sharer)
			fn(aux, &key);
	}
}

size_t slave_index_count_in_netns(const struct slave_index *c, const char *netns)
{
	const struct netns_slaves *siblings = netns_slaves_find(c, netns);

	return siblings ? siblings->n_entries : 0;
}

void slave_index_each_with_access(const struct slave_index *c, const char *master_netns,
				  const char *master_name, slave_index_key_fn *fn,
				  void *aux)
{
	for (const struct slave_entry *h = c->access; h; h = h->access_next) {
		struct key key = slave_entry_key(h);

		if (!strcmp(h->master_netns, master_netns) &&
		    !strcmp(h->master_name, master_name))
			fn(aux, &key);
	}
}

void slave_index_each_troubled(const struct slave_index *c, const char *master_netns,
			       const char *master_name, slave_index_key_fn *fn, void *aux)
{
	for (const struct slave_entry *h = c->troubled; h; h = h->troubled_next) {
		struct key key = slave_entry_key(h);

		if (!strcmp(h->master_netns, master_netns) &&
		    !strcmp(h->master_name, master_name))
			fn(aux, &key);
	}
}

bool slave_index_key_of(const struct slave_index *c, const struct uuid *slave,
			struct key *ret_key)
{
	const struct slave_entry *h = slave_entry_find(c, slave);

	if (!h)
		return false;
	*ret_key = slave_entry_key(h);
	return true;
}
