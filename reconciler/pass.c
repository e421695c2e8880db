/* The parts of a pass that need nothing of the reconciler. reconcile.c shows a whole
 * pass. */
#include "reconciler/pass.h"

#include "lib/alloc.h"
#include "lib/hash_table.h"
#include "reconciler/leftovers.h"
#include "reconciler/status.h"

#include <stdlib.h>
#include <string.h>

struct key_ref {
	char *id; /* hash key: kind, netns, name */
	unsigned int causes;
	UT_hash_handle hh;
};

struct pass *pass_new(void)
{
	struct pass *p = xcalloc(1, sizeof(*p));

	p->a = arena_new();
	return p;
}

void pass_free(struct pass *p)
{
	if (!p)
		return;
	apply_free(p->apply);
	HASH_CLEAR(hh, p->refs);
	arena_free(p->a);
	free(p);
}

static struct row *slave_row(const struct desired_source *source,
			     const struct datum *slaves, uint32_t i)
{
	return table_find(source->columns->slave.table, &datum_keys(slaves)[i].uuid);
}

/* The slaves of a master whose drift is left have a warning of it. */
static bool is_newly_drifted(const struct ipvl_columns *c,
			     const struct model_master *want,
			     const struct model_master *have, const struct row *row)
{
	return want->drift == MODEL_DRIFT_REPORT && have && have->seen.has_port &&
	       (have->seen.mode != want->mode || have->seen.flag != want->flag) &&
	       state_of_row(c, row) != STATE_DRIFTED;
}

/* A change of the master that concerns all of its slaves: it appeared, vanished, was
 * replaced, set down, lost its carrier, or got or is to get another MTU. The kernel may
 * send no event about the slaves (kernel.md 19). */
static bool concerns_all_slaves(const struct pass *p, const struct desired_source *source,
				const struct model_master *want, const struct row *row)
{
	const struct ipvl_columns *c = source->columns;
	const struct model_master *have =
		model_find_master(p->have, want->netns, want->name);
	uint32_t ifindex = have ? have->seen.ifindex : 0, mtu = have ? have->seen.mtu : 0;
	const char *link =
		ifindex ? status_link_state(have->seen.is_up, have->seen.has_carrier)
			: "";

	return strcmp(datum_text(row_get(row, c->master.link_state)), link) != 0 ||
	       datum_integer(row_get(row, c->master.ifindex), 0) != ifindex ||
	       datum_integer(row_get(row, c->master.link_mtu), 0) != mtu ||
	       is_newly_drifted(c, want, have, row) ||
	       (want->mtu && mtu && want->mtu != mtu) ||
	       state_of_row(c, row) != STATE_READY;
}

static bool is_included(const struct pass *p, const struct key *key)
{
	const struct model *want = p->desired->want;
	const struct model_master *m;

	if (key->kind == KEY_MASTER)
		return model_find_master(want, key->netns, key->name);
	m = model_find_master(want, key->master_netns, key->master_name);
	return m && model_find_slave(m, key->netns, key->name);
}

static void add_key(struct pass *p, const struct key *key)
{
	if (is_included(p, key))
		return;
	p->keys = arena_grow(p->a, p->keys, p->n_keys, &p->keys_cap, sizeof(*p->keys));
	p->keys[p->n_keys++] = key_copy(key, p->a);
}

static bool is_asked_for(const struct pass *p, const struct model_master *m)
{
	for (size_t i = 0; i < p->n_keys; i++) {
		const struct key *k = &p->keys[i];

		if (k->kind == KEY_MASTER && !strcmp(k->netns, m->netns) &&
		    !strcmp(k->name, m->name))
			return true;
	}
	return false;
}

/* True if the row declares an address that the device has. */
static bool shares_address(const struct ipvl_columns *c, const struct row *slave,
			   const struct model_master *have)
{
	const struct datum *d = row_get(slave, c->slave.addresses);
	char text[IP_TEXT_BYTES];

	for (size_t i = 0; have && i < have->seen.n_addresses; i++) {
		size_t n = strlen(ip_addr_format(&have->seen.addresses[i].addr, text));

		for (uint32_t k = 0; k < d->n; k++) {
			const char *its = datum_keys(d)[k].string;

			if (!strncmp(its, text, n) && its[n] == '/')
				return true;
		}
	}
	return false;
}

/* Slaves that an event about their master may concern: an address of the master
 * appeared or vanished, and with it a route. */
static bool concerns_slave(const struct ipvl_columns *c, const struct row *slave,
			   const struct row *master, const struct model_master *have)
{
	return state_of_row(c, slave) == STATE_CONFLICT ||
	       shares_address(c, slave, have) ||
	       row_get(slave, c->slave.warnings)->n >
		       row_get(master, c->master.warnings)->n;
}

/* 'all': also those that the event cannot concern. */
static void add_slaves(struct pass *p, const struct desired_source *source,
		       const struct model_master *m, const struct row *row, bool all)
{
	const struct ipvl_columns *c = source->columns;
	const struct datum *slaves = row_get(row, c->master.slaves);
	const struct model_master *have = model_find_master(p->have, m->netns, m->name);

	for (uint32_t i = 0; i < slaves->n; i++) {
		struct row *r = slave_row(source, slaves, i);
		struct key key;

		if (r && (all || concerns_slave(c, r, row, have)) &&
		    slave_index_key_of(source->slaves, r, &key))
			add_key(p, &key);
	}
}

/* One that no row names any more does not count. */
static size_t count_rows(const struct model_master *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_slaves; i++)
		n += m->slaves[i].intent != MODEL_GONE;
	return n;
}

static void add_slaves_of_masters(struct pass *p, const struct desired_source *source)
{
	const struct model *want = p->desired->want;

	for (size_t i = 0; i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];
		const struct row *row = desired_master_row(source, m);
		bool all;

		if (!row ||
		    count_rows(m) >= row_get(row, source->columns->master.slaves)->n)
			continue;
		all = concerns_all_slaves(p, source, m, row);
		if (all || is_asked_for(p, m))
			add_slaves(p, source, m, row, all);
	}
}

/* The kernel lowers the MTU of a VLAN, and overwrites that of each ipvlan on it, with that
 * of the device below (kernel.md 6). */
static void add_vlans_on(struct pass *p, const struct desired_source *source,
			 const char *netns, const char *link)
{
	const struct ipvl_columns *c = source->columns;

	TABLE_FOR_EACH (row, c->master.table) {
		const struct model_master m = {
			.netns = datum_text(row_get(row, c->master.netns)),
			.name = datum_text(row_get(row, c->master.name))};
		const struct key key = {.kind = KEY_MASTER,
					.netns = m.netns,
					.name = m.name,
					.master_netns = "",
					.master_name = ""};

		if (!rows_is_vlan_on(c, NULL, row, netns, link))
			continue;
		add_key(p, &key);
		add_slaves(p, source, &m, row, true);
		add_vlans_on(p, source, m.netns, m.name);
	}
}

static void add_vlans_of_masters(struct pass *p, const struct desired_source *source)
{
	const struct model *want = p->desired->want;

	for (size_t i = 0; i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];
		const struct model_master *have =
			model_find_master(p->have, m->netns, m->name);

		if (m->mtu && have && have->seen.mtu && have->seen.mtu != m->mtu)
			add_vlans_on(p, source, m->netns, m->name);
	}
}

static void add_same_place(void *aux, const struct key *key)
{
	add_key(aux, key);
}

/* Adds the keys of what else the pass must look at; true if there are any. */
static bool widen(struct pass *p, const struct desired_source *source)
{
	size_t before = p->n_keys;

	add_slaves_of_masters(p, source);
	add_vlans_of_masters(p, source);
	aliases_each(source->aliases, source->columns, source->txn, p->desired->want,
		     p->have, add_same_place, p);
	return p->n_keys > before;
}

/* First the slaves of masters, then the other rows of the same devices. */
#define MAX_WIDENINGS 2

static struct err *observe(struct pass *p, const struct desired_source *source,
			   struct datapath *dp)
{
	p->desired = desired_build(source, p->keys, p->n_keys, p->everything, p->a);
	return datapath_observe(dp, p->desired->want,
				p->everything ? DATAPATH_EVERYTHING : DATAPATH_SCOPE,
				p->a, &p->have);
}

static void index_key(struct pass *p, const struct key *k, unsigned int causes)
{
	struct key_ref *ref;
	char *id = key_id_in(p->a, k);

	HASH_FIND_STR(p->refs, id, ref);
	if (!ref) {
		ref = arena_alloc(p->a, sizeof(*ref));
		ref->id = id;
		HASH_ADD_KEYPTR(hh, p->refs, ref->id, strlen(ref->id), ref);
	}
	ref->causes |= causes;
}

/* The edit of a slave is one of its namespace too, whose slaves share a resolv.conf. */
static void index_keys(struct pass *p)
{
	for (size_t i = 0; i < p->n_keys; i++) {
		const struct key *k = &p->keys[i];
		const struct key netns = {
			.kind = KEY_NETNS, .netns = k->netns, .name = ""};

		index_key(p, k, k->causes);
		if (k->kind == KEY_SLAVE && k->causes & KEY_CONFIG)
			index_key(p, &netns, KEY_CONFIG);
	}
}

unsigned int pass_causes(const struct pass *p, enum key_kind kind, const char *netns,
			 const char *name)
{
	struct key_ref *ref;
	const struct key key = {.kind = kind, .netns = netns, .name = name};
	char *id = key_id_in(p->a, &key);

	HASH_FIND_STR(p->refs, id, ref);
	return ref ? ref->causes : 0;
}

struct err *pass_observe(struct pass *p, const struct desired_source *source,
			 struct datapath *dp)
{
	struct err *e = observe(p, source, dp);

	p->keys_cap = p->n_keys;
	/* The added keys may have other rows of the same devices again. */
	for (int round = 0; !e && !p->everything && round < MAX_WIDENINGS; round++) {
		if (!widen(p, source))
			break;
		e = observe(p, source, dp);
	}
	return e;
}

void pass_plan(struct pass *p, const struct desired_source *source, struct grace *grace,
	       bool keep_leftovers)
{
	grace_mark_awaited(grace, source->aliases, p->desired->want, p->have,
			   p->started_ms);
	aliases_note(source->aliases, p->desired->want, p->have);
	index_keys(p);
	if (keep_leftovers && p->everything)
		p->n_leftovers = leftovers_set_aside(p->desired->want, p->have);
	plan_build(p->desired->want, p->have, p->a, &p->plan);
}

/* A namespace that may not be read is bound once it may. The daemon's own namespace is
 * never bound. */
static bool must_bind(const struct model_netns *want, const struct model_netns *have)
{
	return have->seen.process.pid && want && want->is_wanted &&
	       want->bound.pid != have->seen.process.pid && !have->seen.trouble &&
	       !have->seen.is_own;
}

struct err *pass_bind(const struct pass *p, struct netns_registry *registry)
{
	struct netns_binding *bindings =
		arena_array(p->a, p->have->n_namespaces, sizeof(*bindings));
	size_t n = 0;

	for (size_t i = 0; i < p->have->n_namespaces; i++) {
		const struct model_netns *have = &p->have->namespaces[i];

		if (must_bind(model_find_netns(p->desired->want, have->name), have))
			bindings[n++] = (struct netns_binding){
				.netns = have->name,
				.process = &have->seen.process,
				.inode = have->seen.exists ? have->seen.inode : 0,
			};
	}
	return n ? netns_registry_bind(registry, bindings, n) : NULL;
}

struct err *pass_reserve_netns(const struct pass *p, struct netns_registry *registry)
{
	const char **names = arena_array(p->a, p->plan->n_steps, sizeof(*names));
	size_t n = 0;

	for (size_t i = 0; i < p->plan->n_steps; i++) {
		const struct plan_step *s = &p->plan->steps[i];

		if (s->op == PLAN_OP_NETNS_ADD)
			names[n++] = s->netns->name;
	}
	return n ? netns_registry_reserve(registry, names, n) : NULL;
}

/* A registered name whose namespace is gone, or is of an earlier boot, and that no row
 * wants. */
static bool is_void(const struct pass *p, const struct model_netns *want)
{
	const struct model_netns *have = model_find_netns(p->have, want->name);

	return !want->is_wanted && have && !have->seen.is_dead_file &&
	       (!want->is_ours || !have->seen.exists ||
		model_netns_is_another(want, have));
}

/* A namespace whose maker ended before its inode was recorded. Unrecorded, one that
 * another process makes in its place later would be taken for it. */
static bool is_unrecorded(const struct model_netns *want, const struct model_netns *have)
{
	return want->is_wanted && want->is_ours && !want->inode && have &&
	       have->seen.exists;
}

struct err *pass_settle_netns(const struct pass *p, struct netns_registry *registry)
{
	const struct plan_result *results = apply_results(p->apply);
	const struct model *want = p->desired->want;
	struct netns_made *entries = arena_array(
		p->a, p->plan->n_steps + want->n_namespaces, sizeof(*entries));
	size_t n = 0;

	for (size_t i = 0; i < p->plan->n_steps; i++) {
		const struct plan_step *s = &p->plan->steps[i];
		bool is_done = results[i].kind == PLAN_DONE;

		/* A namespace that could not be made is not ours: another process may
		 * make it next. */
		if (s->op == PLAN_OP_NETNS_ADD || (s->op == PLAN_OP_NETNS_DEL && is_done))
			entries[n++] = (struct netns_made){
				.name = s->netns->name,
				.inode = s->op == PLAN_OP_NETNS_ADD && is_done
						 ? results[i].inode
						 : 0,
				.cookie = results[i].cookie,
			};
	}
	for (size_t i = 0; i < want->n_namespaces; i++) {
		const struct model_netns *netns = &want->namespaces[i];
		const struct model_netns *have = model_find_netns(p->have, netns->name);

		if (is_void(p, netns))
			entries[n++] = (struct netns_made){.name = netns->name};
		else if (is_unrecorded(netns, have))
			entries[n++] = (struct netns_made){.name = netns->name,
							   .inode = have->seen.inode,
							   .cookie = have->seen.cookie};
	}
	return n ? netns_registry_settle(registry, entries, n) : NULL;
}

void pass_note_made(const struct pass *p, struct aliases *aliases)
{
	const struct plan_result *results = apply_results(p->apply);

	for (size_t i = 0; i < p->plan->n_steps; i++) {
		const struct plan_step *s = &p->plan->steps[i];

		if (s->op == PLAN_OP_NETNS_ADD && results[i].kind == PLAN_DONE)
			aliases_note_made(aliases, s->netns->name, results[i].inode);
	}
}
