/* The keys of a transaction. slave_index_follow() gives those of a committed one. */
#include "reconciler/wanted/concerned.h"

#include "config/state.h"

#include <string.h>

struct search {
	const struct desired_source *source;
	struct concerned *out;
	struct arena *a;
};

void concerned_add(struct concerned *c, const struct key *key, struct arena *a)
{
	c->keys = arena_grow(a, c->keys, c->n, &c->cap, sizeof(*c->keys));
	c->keys[c->n++] = key_copy(key, a);
}

static void add(struct search *s, enum key_kind kind, const struct datum *netns,
		const struct datum *name, unsigned int causes)
{
	const struct key key = {.kind = kind,
				.netns = datum_text(netns),
				.name = datum_text(name),
				.master_netns = "",
				.master_name = "",
				.causes = causes};

	concerned_add(s->out, &key, s->a);
}

/* By the name under which its device was made, and by that of the transaction. */
static void add_slave(struct search *s, const struct row *r, unsigned int causes)
{
	const struct ipvl_columns *c = s->source->columns;
	const struct txn *t = s->source->txn;
	struct key key;

	if (slave_index_key_of(s->source->slaves, r, &key)) {
		key.causes = causes;
		concerned_add(s->out, &key, s->a);
	}
	if (!txn_row_is_deleted(t, r))
		add(s, KEY_SLAVE, txn_get(t, r, c->slave.netns),
		    txn_get(t, r, c->slave.name), causes);
}

static bool has(const struct datum *set, const struct uuid *uuid)
{
	const union atom key = {.uuid = *uuid};

	return set && datum_find(set, &key, ATOM_UUID) >= 0;
}

/* Slaves of a master, before the transaction or in it; new rows are concerned anyway. Of a
 * master that keeps its configuration only those that leave it, being in 'slaves' and not
 * in 'others', and those that may wait for a change. */
static void add_slaves(struct search *s, const struct datum *slaves,
		       const struct datum *others, bool all)
{
	const struct ipvl_columns *c = s->source->columns;

	for (uint32_t i = 0; slaves && i < slaves->n; i++) {
		const struct uuid *uuid = &datum_keys(slaves)[i].uuid;
		const struct row *r = txn_find(s->source->txn, c->slave.table, uuid);

		if (!r)
			r = table_find(c->slave.table, uuid);
		if (!r)
			continue;
		if (all || !has(others, uuid))
			add_slave(s, r, KEY_CONFIG);
		else if (state_of_row(c, r) != STATE_READY)
			add_slave(s, r, 0);
	}
}

/* A VLAN has its MTU, and its state, from the device below. */
static void add_vlans(struct search *s, const char *netns, const char *link)
{
	const struct ipvl_columns *c = s->source->columns;
	const struct txn *t = s->source->txn;

	TXN_FOR_EACH_ROW (r, t, c->master.table) {
		if (!rows_is_vlan_on(c, t, r, netns, link))
			continue;
		add(s, KEY_MASTER, txn_get(t, r, c->master.netns),
		    txn_get(t, r, c->master.name), 0);
		add_slaves(s, txn_get(t, r, c->master.slaves), NULL, true);
	}
}

static void add_master(struct search *s, const struct change *change)
{
	const struct ipvl_columns *c = s->source->columns;
	bool all = slave_index_concerns(s->source->slaves, change);
	const struct datum *old = change_old(change, c->master.slaves);
	const struct datum *new = change_new(change, c->master.slaves);
	unsigned int causes = all ? KEY_CONFIG : 0;

	if (!all && old == new)
		return;
	if (change_old(change, c->master.name)) {
		add(s, KEY_MASTER, change_old(change, c->master.netns),
		    change_old(change, c->master.name), causes);
		if (all)
			add_vlans(s, datum_text(change_old(change, c->master.netns)),
				  datum_text(change_old(change, c->master.name)));
	}
	if (change_new(change, c->master.name)) {
		add(s, KEY_MASTER, change_new(change, c->master.netns),
		    change_new(change, c->master.name), causes);
		if (all)
			add_vlans(s, datum_text(change_new(change, c->master.netns)),
				  datum_text(change_new(change, c->master.name)));
	}
	add_slaves(s, old, new, all);
}

struct concerned concerned_of(const struct desired_source *source, struct arena *a)
{
	struct concerned found = {0};
	struct search s = {.source = source, .out = &found, .a = a};

	TXN_FOR_EACH_CHANGE (change, source->txn) {
		if (change.table == source->columns->master.table)
			add_master(&s, &change);
		else if (change.table == source->columns->slave.table &&
			 slave_index_concerns(source->slaves, &change))
			add_slave(&s, change.row, KEY_CONFIG);
	}
	return found;
}
