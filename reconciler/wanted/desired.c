/* Rows to the wanted model. The cost is in proportion to the keys, not to the
 * database. */
#include "reconciler/wanted/container.h"
#include "reconciler/wanted/desired.h"

#include "config/object.h"
#include "config/routing_source.h"
#include "lib/hash_table.h"
#include "reconciler/wanted/released.h"
#include "reconciler/wanted/shared.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A master whose slaves are still being added. */
struct entry {
	char *id; /* hash key: netns, newline, name */
	struct model_master master;
	const struct row *row;
	/* No model can be made of the row: neither it nor its slaves are in the
	 * result. */
	bool is_invalid;
	size_t slave_cap;
	UT_hash_handle hh;
};

/* A slave or namespace that is already in the model. */
struct mention {
	char *id;
	UT_hash_handle hh;
};

struct build {
	const struct desired_source *source;
	struct arena *a;
	struct desired *out;
	struct entry *entries;
	struct mention *slaves, *namespaces;
	/* Namespaces whose routes without a device and rules are complete. */
	struct mention *shared;
	/* Namespaces that rows of the transaction name. */
	struct mention *uses;
	bool are_uses_noted;
	bool is_few; /* desired_build_few() */
	size_t invalid_cap, netns_cap;
};

static const char *text(const struct build *b, const struct row *r,
			const struct column_schema *c)
{
	return datum_text(desired_get(b->source, r, c));
}

static bool has_value(const struct build *b, const struct row *r,
		      const struct column_schema *c)
{
	return desired_get(b->source, r, c)->n > 0;
}

/* True if it was not in the set yet. */
static bool mention(struct build *b, struct mention **set, const char *netns,
		    const char *name)
{
	char *id = object_id_in(b->a, netns, name);
	struct mention *m;

	HASH_FIND_STR(*set, id, m);
	if (m)
		return false;
	m = arena_alloc(b->a, sizeof(*m));
	m->id = id;
	HASH_ADD_KEYPTR(hh, *set, m->id, strlen(m->id), m);
	return true;
}

static void note_invalid(struct build *b, const struct row *r, struct err *e)
{
	struct desired *d = b->out;
	char *message = err_text(e);

	d->invalid = arena_grow(b->a, d->invalid, d->n_invalid, &b->invalid_cap,
				sizeof(*d->invalid));
	d->invalid[d->n_invalid++] = (struct desired_invalid){
		.row = r, .message = arena_strdup(b->a, message)};
	free(message);
	err_free(e);
}

/* The namespaces that the transaction's own rows name, once. */
static void note_uses(struct build *b)
{
	const struct ipvl_columns *c = b->source->columns;
	const struct txn *txn = b->source->txn;

	if (b->are_uses_noted)
		return;
	b->are_uses_noted = true;
	TXN_FOR_EACH_CHANGE (change, txn) {
		const struct datum *new = change.table == c->slave.table
						  ? change_new(&change, c->slave.netns)
						  : NULL;

		if (new)
			mention(b, &b->uses, datum_text(new), "");
	}
	TXN_FOR_EACH_ROW (r, txn, c->master.table)
		mention(b, &b->uses, datum_text(txn_get(txn, r, c->master.netns)), "");
}

/* A search for a committed slave that the transaction leaves in a namespace. */
struct stay {
	const struct desired_source *source;
	bool is_found;
};

static void note_stay(void *stay, const struct key *k)
{
	struct stay *s = stay;

	if (!s->is_found)
		s->is_found = rows_find_slave(s->source->columns, s->source->txn,
					      k->netns, k->name);
}

static bool is_used_in_txn(struct build *b, const char *netns)
{
	struct stay stay = {.source = b->source};
	const char *id = object_id_in(b->a, netns, "");
	const struct mention *m;

	note_uses(b);
	HASH_FIND_STR(b->uses, id, m);
	if (m)
		return true;
	slave_index_each_in_netns(b->source->slaves, netns, note_stay, &stay);
	return stay.is_found;
}

static bool is_used(struct build *b, const char *netns)
{
	const struct ipvl_columns *c = b->source->columns;

	if (b->source->txn)
		return is_used_in_txn(b, netns);
	if (slave_index_count_in_netns(b->source->slaves, netns) > 0)
		return true;
	/* Masters are few. */
	TABLE_FOR_EACH (r, c->master.table) {
		if (!strcmp(datum_text(row_get(r, c->master.netns)), netns))
			return true;
	}
	return false;
}

static void add_namespace(struct build *b, const char *name)
{
	struct model *want = b->out->want;
	struct model_netns *ns;

	if (!*name || !mention(b, &b->namespaces, name, ""))
		return;
	want->namespaces = arena_grow(b->a, want->namespaces, want->n_namespaces,
				      &b->netns_cap, sizeof(*want->namespaces));
	ns = &want->namespaces[want->n_namespaces++];
	*ns = (struct model_netns){.name = arena_strdup(b->a, name)};
	ns->is_wanted = is_used(b, name);
	ns->is_ours =
		netns_registry_is_ours(b->source->netns, name, &ns->inode, &ns->cookie);
	ns->is_awaited = !ns->is_ours &&
			 container_has_netns(b->source->slaves, b->source->columns, name);
	/* A preview records no namespace. */
	ns->is_given_up = ns->is_ours && !b->source->txn &&
			  released_netns(b->source->columns, b->source->slaves, name);
	netns_registry_is_bound(b->source->netns, name, &ns->bound, &ns->inode);
	ns->last_inode = aliases_last(b->source->aliases, name, &ns->has_changed);
}

static void add_registered_namespace(void *build, const char *name)
{
	add_namespace(build, name);
}

static struct model_settled find_settled(const struct build *b, enum model_drift drift,
					 const struct row *r, const struct row *master)
{
	const struct settled_row row = {
		.txn = b->source->txn, .row = r, .master = master};

	if (drift == MODEL_DRIFT_REPAIR)
		return (struct model_settled){0};
	return settled_find(b->source->settled, &row);
}

static struct entry *entry_of(struct build *b, const char *netns, const char *name)
{
	char *id = object_id_in(b->a, netns, name);
	struct entry *e;
	struct err *error;

	HASH_FIND_STR(b->entries, id, e);
	if (e)
		return e;
	e = arena_alloc(b->a, sizeof(*e));
	e->id = id;
	HASH_ADD_KEYPTR(hh, b->entries, e->id, strlen(e->id), e);
	e->row = rows_find_master(b->source->columns, b->source->txn, netns, name);
	error = e->row ? rows_read_master(b->source->columns, b->source->txn, e->row,
					  b->a, &e->master)
		       : NULL;
	if (!e->row || error) {
		e->master = model_master_named(arena_strdup(b->a, netns),
					       arena_strdup(b->a, name));
		e->master.intent = MODEL_GONE;
	}
	if (error) {
		e->is_invalid = true;
		note_invalid(b, e->row, error);
	} else if (e->row) {
		e->master.is_incumbent =
			has_value(b, e->row, b->source->columns->master.ifindex);
		e->master.settled = find_settled(b, e->master.drift, e->row, NULL);
		e->master.has_access = rows_has_access(b->source->columns, b->source->txn,
						       e->row, &e->master);
	}
	saved_read(b->source->saved, b->a, &e->master);
	add_namespace(b, netns);
	return e;
}

static struct model_slave *append_slave(struct build *b, struct entry *e)
{
	struct model_master *m = &e->master;

	m->slaves = arena_grow(b->a, m->slaves, m->n_slaves, &e->slave_cap,
			       sizeof(*m->slaves));
	m->slaves[m->n_slaves] = (struct model_slave){0};
	return &m->slaves[m->n_slaves++];
}

static void add_slave_row(struct build *b, struct entry *e, const struct row *r)
{
	const struct ipvl_columns *c = b->source->columns;
	struct model_slave slave;
	struct err *error;

	if (!mention(b, &b->slaves, text(b, r, c->slave.netns),
		     text(b, r, c->slave.name)))
		return;
	error = rows_read_slave(c, b->source->txn, r, b->a, &slave);
	if (error) {
		note_invalid(b, r, error);
		return;
	}
	if (slave.host_access && e->row)
		rows_add_access_routes(c, b->source->txn, e->row, b->a, &slave);
	routing_source_add(b->a, &slave);
	slave.is_incumbent = has_value(b, r, c->slave.ifindex);
	slave.settled = find_settled(b, slave.drift, r, e->row);
	slave.was_made = slave.is_transient && settled_has(b->source->settled, r);
	/* What its row has of addresses and routes is for the other program to write. */
	if (slave.is_handed_over)
		model_hand_over(b->a, &slave);
	add_namespace(b, slave.netns);
	*append_slave(b, e) = slave;
}

/* No row wants the object any more: it is looked for in its last place. */
static void add_tombstone(struct build *b, const struct key *k)
{
	struct model_slave *s;

	if (!mention(b, &b->slaves, k->netns, k->name))
		return;
	s = append_slave(b, entry_of(b, k->master_netns, k->master_name));
	*s = model_slave_named(k->netns, k->name);
	s->intent = MODEL_GONE;
	add_namespace(b, k->netns);
}

static void add_slave_key(struct build *b, const struct key *k)
{
	const struct ipvl_columns *c = b->source->columns;
	const struct row *r = rows_find_slave(c, b->source->txn, k->netns, k->name);
	const struct row *master = r ? rows_master_of(c, b->source->txn, r) : NULL;
	struct entry *e;

	if (!master) {
		add_tombstone(b, k);
		return;
	}
	e = entry_of(b, text(b, master, c->master.netns),
		     text(b, master, c->master.name));
	add_slave_row(b, e, r);
}

static void add_slave_of_netns(void *build, const struct key *k)
{
	add_slave_key(build, k);
}

/* All slaves of a namespace share one resolv.conf, so all that set one are in the
 * model. */
static void add_if_it_names_servers(void *build, const struct key *k)
{
	const struct build *b = build;
	const struct ipvl_columns *c = b->source->columns;
	const struct row *r = rows_find_slave(c, b->source->txn, k->netns, k->name);

	if (r && (*text(b, r, c->slave.nameservers) || *text(b, r, c->slave.search)))
		add_slave_key(build, k);
}

static void add_name_servers(struct build *b)
{
	/* The loop may append slaves, but no other namespace. */
	for (size_t i = 0; i < b->out->want->n_namespaces; i++)
		slave_index_each_in_netns(b->source->slaves,
					  b->out->want->namespaces[i].name,
					  add_if_it_names_servers, b);
}

static void add_sharers(struct build *b)
{
	/* Both loops may get more to do. */
	for (struct entry *e = b->entries; e; e = e->hh.next) {
		for (size_t i = 0; i < e->master.n_slaves; i++) {
			const char *netns = e->master.slaves[i].netns;

			netns = *netns ? netns : e->master.netns;
			if (mention(b, &b->shared, netns, ""))
				shared_each(b->source->slaves, b->source->aliases, netns,
					    add_slave_of_netns, b);
		}
	}
}

static void add_every_slave(struct build *b, struct entry *e)
{
	const struct ipvl_columns *c = b->source->columns;
	const struct datum *slaves =
		e->row ? desired_get(b->source, e->row, c->master.slaves) : NULL;

	for (uint32_t i = 0; slaves && i < slaves->n; i++) {
		const struct row *r = desired_row(b->source, c->slave.table,
						  &datum_keys(slaves)[i].uuid);

		if (r)
			add_slave_row(b, e, r);
	}
}

static void add_key(struct build *b, const struct key *k)
{
	switch (k->kind) {
	case KEY_MASTER:
		entry_of(b, k->netns, k->name);
		break;
	case KEY_SLAVE:
		add_slave_key(b, k);
		break;
	case KEY_NETNS:
		slave_index_each_in_netns(b->source->slaves, k->netns, add_slave_of_netns,
					  b);
		add_namespace(b, k->netns);
		break;
	}
}

static bool is_mentioned(void *build, const struct row *slave)
{
	const struct build *b = build;
	const struct ipvl_columns *c = b->source->columns;
	const char *id = object_id_in(b->a, text(b, slave, c->slave.netns),
				      text(b, slave, c->slave.name));
	const struct mention *m;

	HASH_FIND_STR(b->slaves, id, m);
	return m;
}

/* A row that is gone may have left a value to put back. */
static void add_saved_master(void *build, const char *netns, const char *name)
{
	(void)entry_of(build, netns, name);
}

static void add_everything(struct build *b)
{
	const struct ipvl_columns *c = b->source->columns;

	TABLE_FOR_EACH (r, c->master.table) {
		struct entry *e = entry_of(b, text(b, r, c->master.netns),
					   text(b, r, c->master.name));

		add_every_slave(b, e);
	}
	netns_registry_each(b->source->netns, add_registered_namespace, b);
	saved_each(b->source->saved, add_saved_master, b);
}

static bool needs_witness(struct build *b, const struct entry *e)
{
	if (!e->row || e->is_invalid)
		return false;
	if (!b->is_few || !desired_was_well(b->source, e->row))
		return true;
	b->out->spares_witnesses = true;
	return false;
}

static void add_witnesses(struct build *b)
{
	struct desired *d = b->out;

	d->witnesses = arena_array(b->a, HASH_COUNT(b->entries), sizeof(*d->witnesses));
	for (struct entry *e = b->entries; e; e = e->hh.next) {
		const struct row *witness =
			needs_witness(b, e)
				? desired_witness_of(b->source, e->row, is_mentioned, b)
				: NULL;
		struct key key;

		if (!witness)
			continue;
		add_slave_row(b, e, witness);
		if (desired_slave_key(b->source, witness, &key))
			d->witnesses[d->n_witnesses++] = key_copy(&key, b->a);
	}
}

/* A master is given up with all of its slaves. */
static void release_slaves(struct model_master *m)
{
	for (size_t i = 0; m->intent == MODEL_RELEASED && i < m->n_slaves; i++) {
		if (m->slaves[i].intent != MODEL_GONE)
			m->slaves[i].intent = MODEL_RELEASED;
	}
}

static void finish(struct build *b)
{
	struct model *want = b->out->want;

	want->masters = arena_array(b->a, HASH_COUNT(b->entries), sizeof(*want->masters));
	for (struct entry *e = b->entries; e; e = e->hh.next) {
		release_slaves(&e->master);
		if (!e->is_invalid)
			want->masters[want->n_masters++] = e->master;
	}
	HASH_CLEAR(hh, b->entries);
	HASH_CLEAR(hh, b->slaves);
	HASH_CLEAR(hh, b->namespaces);
	HASH_CLEAR(hh, b->shared);
	HASH_CLEAR(hh, b->uses);
	model_sort(want);
}

static void add_rest(struct build *b)
{
	add_name_servers(b);
	add_sharers(b);
	add_witnesses(b);
	/* Those in the namespaces of witnesses. */
	add_name_servers(b);
	add_sharers(b);
}

static struct desired *build(struct build *b, const struct key *keys, size_t n_keys,
			     bool everything)
{
	b->out = arena_alloc(b->a, sizeof(*b->out));
	b->out->want = arena_alloc(b->a, sizeof(*b->out->want));
	if (everything)
		add_everything(b);
	for (size_t i = 0; i < n_keys; i++)
		add_key(b, &keys[i]);
	if (!everything)
		add_rest(b);
	finish(b);
	assert(model_is_sorted(b->out->want));
	return b->out;
}

struct desired *desired_build(const struct desired_source *source, const struct key *keys,
			      size_t n_keys, bool everything, struct arena *a)
{
	struct build b = {.source = source, .a = a};

	return build(&b, keys, n_keys, everything);
}

struct desired *desired_build_few(const struct desired_source *source,
				  const struct key *keys, size_t n_keys, struct arena *a)
{
	struct build b = {.source = source, .a = a, .is_few = true};

	return build(&b, keys, n_keys, false);
}
