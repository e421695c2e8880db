/* From what a first look shows to everything that there is to look at. */
#include "reconciler/reach.h"

#include "config/state.h"
#include "datapath/link_type.h"
#include "reconciler/reach_masters.h"
#include "reconciler/status.h"

#include <string.h>

/* First the slaves of masters, then the other rows of the same devices; and of the devices on a
 * master that nobody asked for, an observation names one at a time. */
#define MAX_WIDENINGS  8
#define MAX_VLAN_DEPTH 8

/* Whether a master has a key, or is there for its slaves alone. */
struct request {
	bool is_asked_for;
	unsigned int causes; /* of enum key_cause */
};

/* Before they are looked at together. */
struct search {
	struct reach *r;
	const struct desired_source *source;
	const struct ipvl_columns *c;
	struct request *requests; /* by the place in the wanted model */
	bool is_wider;            /* than what was looked at */
};

static const struct datum *get(const struct search *s, const struct row *r,
			       const struct column_schema *column)
{
	return desired_get(s->source, r, column);
}

static enum row_state state_of(const struct search *s, const struct row *r,
			       const struct column_schema *column)
{
	return state_from_name(datum_text(get(s, r, column)));
}

void reach_add(struct reach *r, const struct key *key)
{
	r->keys = arena_grow(r->a, r->keys, r->n_keys, &r->keys_cap, sizeof(*r->keys));
	r->keys[r->n_keys++] = key_copy(key, r->a);
}

static bool is_included(const struct search *s, const struct key *key)
{
	const struct model *want = s->r->desired->want;
	const struct model_master *m;

	if (key->kind == KEY_MASTER)
		return model_find_master(want, key->netns, key->name);
	m = model_find_master(want, key->master_netns, key->master_name);
	return m && model_find_slave(m, key->netns, key->name);
}

/* A witness that is looked at for itself is none. */
static bool is_witness_no_more(const struct search *s, const struct key *key)
{
	struct desired *d = s->r->desired;

	for (size_t i = 0; i < d->n_witnesses; i++) {
		if (strcmp(d->witnesses[i].name, key->name) != 0 ||
		    strcmp(d->witnesses[i].netns, key->netns) != 0)
			continue;
		d->witnesses[i] = d->witnesses[--d->n_witnesses];
		return true;
	}
	return false;
}

static void add_key(void *search, const struct key *key)
{
	struct search *s = search;
	bool is_new = !is_included(s, key);

	s->is_wider |= is_new;
	if (is_new || (key->kind == KEY_SLAVE && is_witness_no_more(s, key)))
		reach_add(s->r, key);
}

static struct request *requests_of(const struct reach *r)
{
	const struct model *want = r->desired->want;
	struct request *all = arena_array(r->a, want->n_masters, sizeof(*all));

	for (size_t i = 0; i < r->n_keys; i++) {
		const struct key *k = &r->keys[i];
		const struct model_master *m =
			k->kind == KEY_MASTER ? model_find_master(want, k->netns, k->name)
					      : NULL;

		if (!m)
			continue;
		all[m - want->masters].is_asked_for = true;
		all[m - want->masters].causes |= k->causes;
	}
	return all;
}

static const struct request *request_of(const struct search *s,
					const struct model_master *want)
{
	return &s->requests[want - s->r->desired->want->masters];
}

/* A change of the master is one of the devices on it: the kernel overwrites their MTU, without
 * an event of theirs (kernel.md 6), or it is another device. */
static bool reaches_upper(const struct search *s, const struct model_master *want)
{
	const struct model_master *have =
		model_find_master(s->r->have, want->netns, want->name);

	return request_of(s, want)->causes & KEY_UPPER ||
	       (want->mtu && have && have->seen.mtu && have->seen.mtu != want->mtu);
}

/* The slaves of a master whose drift is left have a warning of it. */
static bool is_newly_drifted(const struct search *s, const struct model_master *want,
			     const struct model_master *have, const struct row *row)
{
	return want->drift == MODEL_DRIFT_REPORT && have && have->seen.has_port &&
	       (have->seen.mode != want->mode || have->seen.flag != want->flag) &&
	       state_of(s, row, s->c->master.state) != STATE_DRIFTED;
}

/* Slaves of ours that wait for something else cannot be made there any more. */
static bool is_newly_in_use(const struct model_master *have)
{
	return have && *have->seen.busy && !have->seen.has_ours;
}

/* A change of the master that concerns all of its slaves: it appeared, vanished, was
 * replaced, set down, lost its carrier, or got another MTU. The kernel may send no event
 * about the slaves (kernel.md 19). */
static bool concerns_all_slaves(const struct search *s, const struct model_master *want,
				const struct row *row)
{
	const struct ipvl_columns *c = s->c;
	const struct model_master *have =
		model_find_master(s->r->have, want->netns, want->name);
	uint32_t ifindex = have ? have->seen.ifindex : 0, mtu = have ? have->seen.mtu : 0;
	const char *link =
		ifindex ? status_link_state(have->seen.is_up, have->seen.has_carrier)
			: "";

	return is_newly_in_use(have) ||
	       strcmp(datum_text(get(s, row, c->master.link_state)), link) != 0 ||
	       datum_integer(get(s, row, c->master.ifindex), 0) != ifindex ||
	       datum_integer(get(s, row, c->master.link_mtu), 0) != mtu ||
	       is_newly_drifted(s, want, have, row) || reaches_upper(s, want) ||
	       state_of(s, row, c->master.state) != STATE_READY;
}

/* True if the row declares an address that the device has. */
static bool shares_address(const struct search *s, const struct row *slave,
			   const struct model_master *have)
{
	const struct datum *d = get(s, slave, s->c->slave.addresses);
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

/* Which slaves of a master. */
enum extent {
	NONE,
	/* An address of the master may have appeared or vanished, and with it a route. */
	SOME_BY_EVENT,
	/* The same, and those that something keeps from being as declared: another thing
	 * now, perhaps. A slave that is as declared stays so with another mode or flag. */
	SOME_BY_EDIT,
	ALL,
};

static bool concerns_slave(const struct search *s, enum extent extent,
			   const struct row *slave, const struct row *master,
			   const struct model_master *have)
{
	enum row_state state = state_of(s, slave, s->c->slave.state);

	if (extent == ALL || state == STATE_CONFLICT)
		return true;
	if (extent == SOME_BY_EDIT && state != STATE_READY && state != STATE_DISABLED)
		return true;
	return shares_address(s, slave, have) ||
	       get(s, slave, s->c->slave.warnings)->n >
		       get(s, master, s->c->master.warnings)->n;
}

/* Of a pass: one that is well stays so unless the master got another address. */
static bool are_others_well(const struct search *s, enum extent extent,
			    const struct model_master *have)
{
	return extent == SOME_BY_EVENT && have && s->source->own_addresses &&
	       !s->source->txn && !own_addresses_note(s->source->own_addresses, have);
}

struct some {
	struct search *search;
	const struct row *master;
	const struct model_master *have;
};

static void add_troubled(void *some, const struct key *key)
{
	const struct some *t = some;
	const struct row *r = rows_find_slave(t->search->c, NULL, key->netns, key->name);

	if (r && concerns_slave(t->search, SOME_BY_EVENT, r, t->master, t->have))
		add_key(t->search, key);
}

static void add_slaves(struct search *s, const struct row *master, enum extent extent)
{
	const struct ipvl_columns *c = s->c;
	const struct datum *slaves = get(s, master, c->master.slaves);
	struct key key = {.kind = KEY_SLAVE,
			  .master_netns = datum_text(get(s, master, c->master.netns)),
			  .master_name = datum_text(get(s, master, c->master.name))};
	const struct model_master *have =
		model_find_master(s->r->have, key.master_netns, key.master_name);

	if (are_others_well(s, extent, have)) {
		slave_index_each_troubled(
			s->source->slaves, key.master_netns, key.master_name,
			add_troubled,
			&(struct some){.search = s, .master = master, .have = have});
		return;
	}
	for (uint32_t i = 0; i < slaves->n; i++) {
		const struct row *r = desired_row(s->source, c->slave.table,
						  &datum_keys(slaves)[i].uuid);

		if (!r || !concerns_slave(s, extent, r, master, have))
			continue;
		key.netns = datum_text(get(s, r, c->slave.netns));
		key.name = datum_text(get(s, r, c->slave.name));
		add_key(s, &key);
	}
}

/* One that no row names any more does not count, nor does a witness. */
static size_t count_rows(const struct desired *d, const struct model_master *m)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_witnesses; i++)
		n -= !strcmp(d->witnesses[i].master_name, m->name) &&
		     !strcmp(d->witnesses[i].master_netns, m->netns);
	for (size_t i = 0; i < m->n_slaves; i++)
		n += m->slaves[i].intent != MODEL_GONE;
	return n;
}

static enum extent extent_of(const struct search *s, const struct model_master *want,
			     const struct row *row)
{
	const struct request *request = request_of(s, want);

	if (concerns_all_slaves(s, want, row) || want->intent == MODEL_RELEASED)
		return ALL;
	if (request->causes & KEY_CONFIG)
		return SOME_BY_EDIT;
	return request->is_asked_for ? SOME_BY_EVENT : NONE;
}

static void add_slaves_of_masters(struct search *s)
{
	const struct model *want = s->r->desired->want;

	for (size_t i = 0; i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];
		const struct row *row = desired_master_row(s->source, m);
		enum extent extent;

		if (!row ||
		    count_rows(s->r->desired, m) >= get(s, row, s->c->master.slaves)->n)
			continue;
		extent = extent_of(s, m, row);
		if (extent != NONE)
			add_slaves(s, row, extent);
	}
}

/* The kernel lowers the MTU of a VLAN, and overwrites that of each ipvlan on it, with that
 * of the device below (kernel.md 6). Rows may form a circle. */
static void add_vlans_on(struct search *s, const char *netns, const char *link, int depth)
{
	const struct ipvl_columns *c = s->c;
	const struct row *r = NULL;

	while (depth < MAX_VLAN_DEPTH &&
	       (r = rows_next_vlan_on(c, s->source->txn, netns, link, r))) {
		const struct key key =
			key_of_master(netns, datum_text(get(s, r, c->master.name)), 0);

		add_key(s, &key);
		add_slaves(s, r, ALL);
		add_vlans_on(s, netns, key.name, depth + 1);
	}
}

static void add_vlans_of_masters(struct search *s)
{
	const struct model *want = s->r->desired->want;

	for (size_t i = 0; i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];

		if (reaches_upper(s, m))
			add_vlans_on(s, m->netns, m->name, 0);
	}
}

static bool add_lingering(void *search, const char *netns, const char *name)
{
	const struct key key = key_of_master(netns, name, KEY_EVENT);

	add_key(search, &key);
	return true;
}

/* A device that is to go may be the one below a VLAN of ours that stays without a row
 * (lingering.h), and then stays too. One that stays for what is on a VLAN may go with that. */
static void add_lingering_masters(struct search *s)
{
	const struct object_set *lingering = s->source->lingering;
	const struct model *want = s->r->desired->want;
	bool any_goes = false;

	for (size_t i = 0; lingering && i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];

		any_goes |= m->intent == MODEL_GONE;
		if (object_set_has(lingering, m->netns, m->vlan_link))
			add_lingering(s, m->netns, m->vlan_link);
	}
	if (any_goes)
		object_set_each(s->source->lingering, add_lingering, s);
}

/* Only an observation shows that two rows have one device. */
static bool is_rival(const struct search *s, const struct model_master *want,
		     const struct model_master *have, const struct row *r)
{
	const struct ipvl_columns *c = s->c;
	bool is_label = get(s, r, c->master.match)->n;
	const char *name = datum_text(get(s, r, c->master.name));

	if (!is_label && !model_match_is_set(&want->match))
		return false;
	return datum_integer(get(s, r, c->master.ifindex), 0) == have->seen.ifindex ||
	       (!is_label && !strcmp(name, model_master_device(have)));
}

static void add_rivals(struct search *s)
{
	const struct ipvl_columns *c = s->c;

	for (size_t i = 0; i < s->r->desired->want->n_masters; i++) {
		const struct model_master *m = &s->r->desired->want->masters[i];
		const struct model_master *have =
			model_find_master(s->r->have, m->netns, m->name);
		const struct row *r = NULL;

		while (have && have->seen.ifindex &&
		       (r = rows_next_master_in(c, s->source->txn, m->netns, r))) {
			const struct key key = key_of_master(
				m->netns, datum_text(get(s, r, c->master.name)), 0);

			if (strcmp(key.name, m->name) != 0 && is_rival(s, m, have, r))
				add_key(s, &key);
		}
	}
}

/* Rows whose devices keep off those that the master is to have: they are of another master by now,
 * and wait there. */
static void add_other_families(struct search *s)
{
	const struct model *want = s->r->desired->want;

	for (size_t i = 0; i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];
		const struct model_master *have =
			model_find_master(s->r->have, m->netns, m->name);

		for (size_t k = 0; have && k < have->seen.n_members; k++) {
			const struct model_member *at = &have->seen.members[k];
			const struct row *r;
			struct key key;

			if (link_type_is_sibling(link_type_of(m), at->kind))
				continue;
			r = rows_find_slave(s->c, s->source->txn, at->netns, at->name);
			if (r && desired_slave_key(s->source, r, &key))
				add_key(s, &key);
		}
	}
}

static void add_slaves_in(void *search, const char *netns)
{
	const struct search *s = search;

	slave_index_each_in_netns(s->source->slaves, netns, add_key, search);
}

/* A namespace that is to be removed would take the slaves of rows along that call it by another
 * text. */
static void add_users_of_namespaces(struct search *s)
{
	const struct model *want = s->r->desired->want;

	for (size_t i = 0; i < want->n_namespaces; i++) {
		if (want->namespaces[i].is_ours && !want->namespaces[i].is_wanted)
			aliases_each_text(s->source->aliases, want->namespaces[i].name,
					  add_slaves_in, s);
	}
}

/* Adds the keys of what else there is to look at; true if there are any. */
static bool widen(struct reach *r, const struct desired_source *source)
{
	struct search s = {.r = r,
			   .source = source,
			   .c = source->columns,
			   .requests = requests_of(r)};

	add_slaves_of_masters(&s);
	add_vlans_of_masters(&s);
	add_rivals(&s);
	add_other_families(&s);
	add_lingering_masters(&s);
	add_users_of_namespaces(&s);
	aliases_each(source->aliases, source->columns, source->txn, r->desired->want,
		     r->have, add_key, &s);
	return s.is_wider;
}

/* True if there are slaves to look at for the sake of a master. */
static bool add_witnesses(struct reach *r, const struct desired_source *source)
{
	if (!r->desired->spares_witnesses ||
	    reach_masters_are_well(r->desired->want, r->have))
		return false;
	r->with_witnesses = true;
	return desired_build(source, r->keys, r->n_keys, false, r->a)->n_witnesses;
}

static struct err *observe(struct reach *r, const struct desired_source *source,
			   struct datapath *dp)
{
	r->desired =
		r->everything || r->with_witnesses
			? desired_build(source, r->keys, r->n_keys, r->everything, r->a)
			: desired_build_few(source, r->keys, r->n_keys, r->a);
	return datapath_observe(dp, r->desired->want,
				r->everything ? DATAPATH_EVERYTHING : DATAPATH_SCOPE,
				r->a, &r->have);
}

struct err *reach_observe(struct reach *r, const struct desired_source *source,
			  struct datapath *dp)
{
	struct err *e = observe(r, source, dp);

	/* The added keys may have other rows of the same devices again. */
	for (int round = 0; !e && !r->everything && round < MAX_WIDENINGS; round++) {
		bool is_wider = widen(r, source);

		if (!add_witnesses(r, source) && !is_wider)
			break;
		e = observe(r, source, dp);
	}
	return e;
}
