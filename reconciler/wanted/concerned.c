/* From changes, of rows and of devices, to keys. */
#include "reconciler/wanted/concerned.h"

#include "config/state.h"
#include "datapath/link_type.h"
#include "lib/alloc.h"
#include "reconciler/wanted/container.h"

#include <assert.h>
#include <string.h>

struct search {
	const struct desired_source *source;
	concerned_key_fn *fn;
	void *aux;
};

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

/* Columns with an effect on the kernel: not sources, external_ids, optional, pool, leases. */
static bool slave_is_changed(const struct ipvl_columns *c, const struct change *change)
{
	const struct column_schema *const watched[] = {
		c->slave.netns,
		c->slave.name,
		c->slave.enabled,
		c->slave.addressing,
		c->slave.addresses,
		c->slave.routes,
		c->slave.nameservers,
		c->slave.search,
		c->slave.mtu,
		c->slave.sysctl,
		c->slave.drift,
		c->slave.repairs,
		c->slave.host_access,
		c->slave.handed_over,
		c->slave.transient,
		c->slave.routing_policy,
		c->slave.source_routing,
		c->slave.altnames,
		c->slave.alias,
		c->slave.vrf,
		c->slave.transfer,
		c->slave.address_options,
	};

	return any_changed(change, watched, ARRAY_SIZE(watched));
}

/* Columns that the routes of a slave with host access follow from. */
static bool concerns_access(const struct ipvl_columns *c, const struct change *change)
{
	const struct column_schema *const watched[] = {
		c->slave.netns,     c->slave.name,        c->slave.enabled,
		c->slave.addresses, c->slave.host_access,
	};

	return any_changed(change, watched, ARRAY_SIZE(watched));
}

static bool master_is_changed(const struct ipvl_columns *c, const struct change *change)
{
	const struct column_schema *const watched[] = {
		c->master.netns,   c->master.name,     c->master.match,
		c->master.mode,    c->master.flag,     c->master.vlan_link,
		c->master.vlan_id, c->master.kind,     c->master.mtu,
		c->master.routes,  c->master.sysctl,   c->master.drift,
		c->master.repairs, c->master.transfer, c->master.datapath,
	};

	return any_changed(change, watched, ARRAY_SIZE(watched));
}

/* Another device, or one that is made again: everything on it goes along. */
static bool is_other_device(const struct ipvl_columns *c, const struct change *change)
{
	const struct column_schema *const watched[] = {
		c->master.netns,     c->master.name,    c->master.match,
		c->master.vlan_link, c->master.vlan_id, c->master.kind,
		c->master.datapath,
	};

	return any_changed(change, watched, ARRAY_SIZE(watched));
}

/* Slaves that have a mode of their own (LINK_HAS_PORT) are changed one by one. */
static bool is_mode_of_each(const struct ipvl_columns *c, const struct change *change)
{
	const char *name = datum_text(change_new(change, c->master.datapath));
	const struct link_type *t = *name ? link_type_find(name) : NULL;

	return t && !link_type_has(t, LINK_HAS_PORT) &&
	       (change_is_changed(change, c->master.mode) ||
		change_is_changed(change, c->master.flag));
}

/* By the name under which its device was made, and by the one that it has now. */
static void give_slave(void *search, const struct uuid *slave)
{
	struct search *s = search;
	const struct row *r =
		desired_row(s->source, s->source->columns->slave.table, slave);
	struct key key;

	if (slave_index_key_of(s->source->slaves, slave, &key)) {
		key.causes = KEY_CONFIG;
		s->fn(s->aux, &key);
	}
	if (r && desired_slave_key(s->source, r, &key)) {
		key.causes = KEY_CONFIG;
		s->fn(s->aux, &key);
	}
}

static void give_with_cause(void *search, const struct key *key)
{
	struct search *s = search;
	struct key found = *key;

	found.causes = KEY_CONFIG;
	s->fn(s->aux, &found);
}

/* The slaves of its old master and of its new one that have routes to it. */
static void give_access(struct search *s, const struct uuid *slave)
{
	const struct row *r =
		desired_row(s->source, s->source->columns->slave.table, slave);
	struct key key;

	if (slave_index_key_of(s->source->slaves, slave, &key))
		slave_index_each_with_access(s->source->slaves, key.master_netns,
					     key.master_name, give_with_cause, s);
	if (r && desired_slave_key(s->source, r, &key))
		slave_index_each_with_access(s->source->slaves, key.master_netns,
					     key.master_name, give_with_cause, s);
}

static void give_moved(void *search, const struct uuid *slave)
{
	give_slave(search, slave);
	give_access(search, slave);
}

static void give_master(const struct search *s, const struct datum *netns,
			const struct datum *name, unsigned int causes)
{
	struct key key;

	if (!name)
		return;
	key = key_of_master(datum_text(netns), datum_text(name), causes);
	s->fn(s->aux, &key);
}

/* Masters that may have the device now: with `match`, and those that it was kept from. */
static void give_heirs(const struct search *s, const char *netns)
{
	const struct ipvl_columns *c = s->source->columns;
	const struct txn *txn = s->source->txn;
	const struct row *r = NULL;

	while ((r = rows_next_master_in(c, txn, netns, r))) {
		const char *state = datum_text(rows_get(txn, r, c->master.state));

		if (rows_get(txn, r, c->master.match)->n ||
		    state_from_name(state) == STATE_CONFLICT)
			give_master(s, rows_get(txn, r, c->master.netns),
				    rows_get(txn, r, c->master.name), KEY_EVENT);
	}
}

static bool proxies_arp(const struct ipvl_columns *c, const struct change *change)
{
	const struct datum *of[] = {change_old(change, c->master.sysctl),
				    change_new(change, c->master.sysctl)};

	for (size_t i = 0; i < 2; i++) {
		for (uint32_t k = 0; of[i] && k < of[i]->n; k++) {
			if (!strcmp(datum_keys(of[i])[k].string, "ipv4.proxy_arp"))
				return true;
		}
	}
	return false;
}

/* Slaves whose warnings depend on the mode, or on the settings, of their master. */
static void give_warned(struct search *s, const struct change *change)
{
	const struct ipvl_columns *c = s->source->columns;
	const struct datum *slaves = change_new(change, c->master.slaves);
	bool is_all = proxies_arp(c, change);

	for (uint32_t i = 0; slaves && i < slaves->n; i++) {
		const struct uuid *slave = &datum_keys(slaves)[i].uuid;
		const struct row *r = desired_row(s->source, c->slave.table, slave);

		if (r &&
		    (is_all || *datum_text(rows_get(s->source->txn, r, c->slave.vrf))))
			give_slave(s, slave);
	}
}

struct access_search {
	const struct search *s;
	bool is_found;
};

/* One that is gone may have given it. */
static void note_access(void *access_search, const struct uuid *slave)
{
	struct access_search *a = access_search;
	const struct ipvl_columns *c = a->s->source->columns;
	const struct row *r = desired_row(a->s->source, c->slave.table, slave);

	a->is_found |=
		!r || datum_boolean(rows_get(a->s->source->txn, r, c->slave.host_access),
				    false);
}

/* A slave that gives the host access comes or goes, and warnings depend on it. */
static bool moves_access(const struct search *s, const struct change *change)
{
	const struct ipvl_columns *c = s->source->columns;
	struct access_search a = {.s = s};

	if (proxies_arp(c, change))
		slave_index_each_moved(c, change, note_access, &a);
	return a.is_found;
}

static void take_master(struct search *s, const struct change *change)
{
	const struct ipvl_columns *c = s->source->columns;
	unsigned int causes = master_is_changed(c, change) ? KEY_CONFIG : KEY_MEMBERS;

	if (causes == KEY_MEMBERS && !change_is_changed(change, c->master.slaves))
		return;
	if (is_other_device(c, change) ||
	    (change->kind == CHANGE_UPDATE && is_mode_of_each(c, change))) {
		causes |= KEY_UPPER;
		if (change->kind != CHANGE_INSERT)
			give_heirs(s, datum_text(change_old(change, c->master.netns)));
	}
	give_master(s, change_old(change, c->master.netns),
		    change_old(change, c->master.name), causes);
	give_master(s, change_new(change, c->master.netns),
		    change_new(change, c->master.name), causes);
	/* Its slaves with access have other routes in mode l2. */
	if (change->kind == CHANGE_UPDATE && change_is_changed(change, c->master.mode))
		slave_index_each_with_access(
			s->source->slaves,
			datum_text(change_new(change, c->master.netns)),
			datum_text(change_new(change, c->master.name)), give_with_cause,
			s);
	if (change->kind == CHANGE_UPDATE &&
	    (change_is_changed(change, c->master.mode) ||
	     change_is_changed(change, c->master.flag) ||
	     change_is_changed(change, c->master.sysctl) ||
	     (change_is_changed(change, c->master.slaves) && moves_access(s, change))))
		give_warned(s, change);
	slave_index_each_moved(c, change, give_moved, s);
}

static void give_as_event(void *search, const struct key *key)
{
	struct search *s = search;
	struct key found = *key;

	found.causes = KEY_EVENT;
	s->fn(s->aux, &found);
}

static void give_neighbours(struct search *s, const char *netns)
{
	if (*netns)
		slave_index_each_in_netns(s->source->slaves, netns, give_as_event, s);
}

void concerned_by_txn(const struct desired_source *source, const struct txn *changes,
		      concerned_key_fn *fn, void *aux)
{
	const struct ipvl_columns *c = source->columns;
	struct search s = {.source = source, .fn = fn, .aux = aux};

	TXN_FOR_EACH_CHANGE (change, changes) {
		if (change.table == c->master.table)
			take_master(&s, &change);
		else if (change.table == c->slave.table && slave_is_changed(c, &change))
			give_slave(&s, row_uuid(change.row));
		if (change.table == c->slave.table && container_is_left(c, &change))
			give_neighbours(&s,
					datum_text(change_old(&change, c->slave.netns)));
		if (change.table == c->slave.table && concerns_access(c, &change))
			give_access(&s, row_uuid(change.row));
	}
}

static bool is_ours(const struct search *s, const char *netns)
{
	uint64_t inode, cookie;

	return netns_registry_is_ours(s->source->netns, netns, &inode, &cookie);
}

/* No key leads to its device where another program has taken it. */
static bool is_taken_back(const struct ipvl_columns *c, const struct change *change)
{
	const struct datum *old = change_old(change, c->slave.handed_over);

	return change->kind == CHANGE_UPDATE && datum_boolean(old, false) &&
	       change_is_changed(change, c->slave.handed_over);
}

bool concerned_is_all(const struct ipvl_columns *c, const struct txn *changes)
{
	TXN_FOR_EACH_CHANGE (change, changes) {
		const struct column_schema *state =
			change.table == c->slave.table    ? c->slave.state
			: change.table == c->master.table ? c->master.state
							  : NULL;
		const struct datum *old = state ? change_old(&change, state) : NULL;

		if (change.table == c->slave.table && is_taken_back(c, &change))
			return true;
		if (old && change_is_persistent(&change) &&
		    state_from_name(datum_text(old)) == STATE_DRIFTED)
			return true;
	}
	return false;
}

static void give_netns(const struct search *s, const char *netns)
{
	const struct key key = {.kind = KEY_NETNS,
				.netns = netns,
				.name = "",
				.master_netns = "",
				.master_name = "",
				.causes = KEY_EVENT};

	s->fn(s->aux, &key);
}

static void give_master_row(const struct search *s, const struct row *r,
			    unsigned int causes)
{
	const struct ipvl_columns *c = s->source->columns;

	if (r)
		give_master(s, row_get(r, c->master.netns), row_get(r, c->master.name),
			    causes);
}

struct vrf_search {
	const struct search *s;
	const char *name;
};

static void give_member(void *vrf_search, const struct key *key)
{
	const struct vrf_search *v = vrf_search;
	const struct ipvl_columns *c = v->s->source->columns;
	const struct row *r = rows_find_slave(c, NULL, key->netns, key->name);
	struct key found = *key;

	if (!r || strcmp(datum_text(row_get(r, c->slave.vrf)), v->name) != 0)
		return;
	found.causes = KEY_EVENT;
	v->s->fn(v->s->aux, &found);
}

/* The slaves in 'netns' that are members of a VRF of this name, or wait for it. */
static void give_members(const struct search *s, const char *netns, const char *name)
{
	struct vrf_search v = {.s = s, .name = name};

	slave_index_each_in_netns(s->source->slaves, netns, give_member, &v);
}

/* A slave's device in 'netns', which its row calls 'text'. */
static void give_device(const struct search *s, const char *text, const char *netns,
			const char *name, unsigned int causes)
{
	const struct row *r = rows_find_slave(s->source->columns, NULL, text, name);
	struct key key;

	if (!r || !slave_index_key_of(s->source->slaves, row_uuid(r), &key) ||
	    (strcmp(text, netns) != 0 && strcmp(key.master_netns, netns) != 0))
		return;
	key.causes = causes;
	s->fn(s->aux, &key);
}

void concerned_by_device(const struct desired_source *source, const char *netns,
			 const char *name, unsigned int causes, concerned_key_fn *fn,
			 void *aux)
{
	const struct ipvl_columns *c = source->columns;
	const struct search s = {.source = source, .fn = fn, .aux = aux};
	const struct row *vlan = NULL;

	assert(!source->txn);
	give_master_row(&s, rows_find_master(c, NULL, netns, name), causes);
	/* A VLAN waits for the device below it. */
	while ((vlan = rows_next_vlan_on(c, NULL, netns, name, vlan)))
		give_master_row(&s, vlan, KEY_EVENT);
	/* A namespace that ipvl made, and that stayed because of another program's
	 * device. */
	if (*netns && !slave_index_count_in_netns(source->slaves, netns) &&
	    is_ours(&s, netns))
		give_netns(&s, netns);
	give_device(&s, netns, netns, name, causes);
	give_members(&s, netns, name);
	/* A slave in its master's namespace, where that is not the daemon's. */
	if (*netns)
		give_device(&s, "", netns, name, causes);
	if (*netns)
		give_members(&s, "", name);
}

void concerned_by_netns(const struct desired_source *source, const char *netns,
			concerned_key_fn *fn, void *aux)
{
	const struct ipvl_columns *c = source->columns;
	const struct search s = {.source = source, .fn = fn, .aux = aux};

	assert(!source->txn);
	TABLE_FOR_EACH (r, c->master.table) {
		if (!strcmp(datum_text(row_get(r, c->master.netns)), netns))
			give_master_row(&s, r, KEY_EVENT);
	}
	if (slave_index_count_in_netns(source->slaves, netns) || is_ours(&s, netns))
		give_netns(&s, netns);
}
