/* From the model to rows, and the rows of an `ipvl` database by name. Nothing is
 * checked here: the database's validator does that for every writer. */
#include "config/rows.h"

#include "config/canon.h"
#include "config/routing_source.h"

#include "lib/alloc.h"

#include <assert.h>
#include <string.h>

const struct datum *rows_get(const struct txn *txn, const struct row *r,
			     const struct column_schema *c)
{
	return txn ? txn_get(txn, r, c) : row_get(r, c);
}

const struct row *rows_find(const struct txn *txn, const struct table *t,
			    const struct uuid *uuid)
{
	return txn ? txn_find(txn, t, uuid) : table_find(t, uuid);
}

static void write_routes(struct txn *txn, struct row *r, const struct column_schema *c,
			 const struct model_route *routes, size_t n)
{
	struct arena *a = arena_new();
	const char **texts = arena_array(a, n, sizeof(*texts));

	for (size_t i = 0; i < n; i++)
		texts[i] = model_route_text(a, &routes[i]);
	txn_set_strings(txn, r, c, texts, n);
	arena_free(a);
}

static void write_policy(const struct ipvl_columns *c, struct txn *txn, struct row *r,
			 const struct model_slave *s)
{
	struct arena *a = arena_new();
	const char **texts = arena_array(a, s->n_rules, sizeof(*texts));
	const char *source = routing_source_text(a, s);

	for (size_t i = 0; i < s->n_rules; i++)
		texts[i] = model_rule_text(a, &s->rules[i]);
	txn_set_strings(txn, r, c->slave.routing_policy, texts, s->n_rules);
	txn_set_string(txn, r, c->slave.source_routing, *source ? source : NULL);
	arena_free(a);
}

static void write_pairs(struct txn *txn, struct row *r, const struct column_schema *c,
			const struct model_sysctl *sysctls, size_t n)
{
	struct datum d;
	struct err *e;

	datum_init_empty(&d);
	for (size_t i = 0; i < n; i++) {
		union atom key = {.string = xstrdup(sysctls[i].key)};
		union atom value = {.string = xstrdup(sysctls[i].value)};

		datum_append(&d, key, &value);
	}
	/* The model's keys are distinct. */
	e = datum_sort(&d, &c->type);
	err_free(e);
	txn_set(txn, r, c, &d);
}

static void write_addresses(const struct ipvl_columns *c, struct txn *txn, struct row *r,
			    const struct model_slave *s)
{
	struct arena *a = arena_new();
	const char **texts = arena_array(a, s->n_addresses, sizeof(*texts));
	struct model_sysctl *pairs = arena_array(a, s->n_address_options, sizeof(*pairs));

	for (size_t i = 0; i < s->n_addresses; i++)
		texts[i] = canon_address_format(&s->addresses[i], a);
	for (size_t i = 0; i < s->n_address_options; i++) {
		pairs[i].key = canon_address_format(&s->address_options[i].address, a);
		pairs[i].value = model_address_options_text(a, &s->address_options[i]);
	}
	txn_set_strings(txn, r, c->slave.addresses, texts, s->n_addresses);
	write_pairs(txn, r, c->slave.address_options, pairs, s->n_address_options);
	arena_free(a);
}

static void write_match(struct txn *txn, struct row *r, const struct column_schema *c,
			const struct model_match *match)
{
	struct datum d;
	struct err *e;

	datum_init_empty(&d);
	for (size_t i = 0; i < MODEL_MATCH_KEYS; i++) {
		const char *text = model_match_get(match, model_match_keys[i]);
		union atom key, value;

		if (!*text)
			continue;
		key.string = xstrdup(model_match_keys[i]);
		value.string = xstrdup(text);
		datum_append(&d, key, &value);
	}
	e = datum_sort(&d, &c->type);
	err_free(e); /* the keys are distinct */
	txn_set(txn, r, c, &d);
}

/* An explicit default stays as it was written. */
static void write_drift(struct txn *txn, struct row *r, const struct column_schema *c,
			enum model_drift drift)
{
	const char *now = datum_string(txn_get(txn, r, c));
	const char *text = model_drift_name(drift);

	if (drift == MODEL_DRIFT_REPAIR && (!now || !strcmp(now, text)))
		return;
	txn_set_string(txn, r, c, drift == MODEL_DRIFT_REPAIR ? NULL : text);
}

/* The same. */
static void write_if_true(struct txn *txn, struct row *r, const struct column_schema *c,
			  bool value)
{
	struct datum d;

	if (datum_boolean(txn_get(txn, r, c), false) == value)
		return;
	datum_init_empty(&d);
	if (value)
		datum_set_boolean(&d, &c->type, true);
	txn_set(txn, r, c, &d);
}

void rows_write_slave(const struct ipvl_columns *c, struct txn *txn, struct row *r,
		      const struct model_slave *s)
{
	struct datum enabled;

	txn_set_string(txn, r, c->slave.netns, s->netns);
	txn_set_string(txn, r, c->slave.name, s->name);
	datum_init_empty(&enabled);
	datum_set_boolean(&enabled, &c->slave.enabled->type, s->intent == MODEL_PRESENT);
	txn_set(txn, r, c->slave.enabled, &enabled);
	txn_set_string(txn, r, c->slave.addressing,
		       s->addresses_managed ? "static" : "external");
	write_addresses(c, txn, r, s);
	write_routes(txn, r, c->slave.routes, s->routes, s->n_routes);
	write_policy(c, txn, r, s);
	write_if_true(txn, r, c->slave.host_access, s->host_access);
	txn_set_string(txn, r, c->slave.nameservers, s->nameservers);
	txn_set_string(txn, r, c->slave.search, s->search);
	txn_set_integer_or_none(txn, r, c->slave.mtu, s->mtu);
	write_pairs(txn, r, c->slave.sysctl, s->sysctls, s->n_sysctls);
	txn_set_strings(txn, r, c->slave.altnames, s->altnames, s->n_altnames);
	txn_set_string(txn, r, c->slave.alias, s->alias);
	txn_set_string(txn, r, c->slave.vrf, s->vrf);
	write_if_true(txn, r, c->slave.optional, s->is_optional);
	write_if_true(txn, r, c->slave.handed_over, s->is_handed_over);
	write_if_true(txn, r, c->slave.transient, s->is_transient);
	txn_set_string(txn, r, c->slave.pool, s->pool);
	write_drift(txn, r, c->slave.drift, s->drift);
}

void rows_write_master(const struct ipvl_columns *c, struct txn *txn, struct row *r,
		       const struct model_master *m)
{
	char buf[8];

	txn_set_string(txn, r, c->master.netns, m->netns);
	txn_set_string(txn, r, c->master.name, m->name);
	write_match(txn, r, c->master.match, &m->match);
	txn_set_string(txn, r, c->master.mode, model_mode_name((uint8_t)m->mode, buf));
	txn_set_string(txn, r, c->master.flag, model_flag_name((uint8_t)m->flag, buf));
	txn_set_string(txn, r, c->master.vlan_link, *m->vlan_link ? m->vlan_link : NULL);
	txn_set_integer_or_none(txn, r, c->master.vlan_id, m->vlan_id);
	txn_set_string(txn, r, c->master.datapath, m->type ? m->type->id.name : NULL);
	txn_set_string(txn, r, c->master.kind,
		       m->kind == MODEL_KIND_NONE ? NULL : model_kind_name(m->kind));
	txn_set_integer_or_none(txn, r, c->master.mtu, m->mtu);
	write_routes(txn, r, c->master.routes, m->routes, m->n_routes);
	write_pairs(txn, r, c->master.sysctl, m->sysctls, m->n_sysctls);
	write_if_true(txn, r, c->master.optional, m->is_optional);
	write_drift(txn, r, c->master.drift, m->drift);
}

static const char *host_name(const struct ipvl_columns *c, const struct txn *txn,
			     const struct row *host)
{
	return datum_string(rows_get(txn, host, c->host.name));
}

static struct row *first(const struct txn *txn, const struct table *t)
{
	return txn ? txn_first(txn, t) : table_first(t);
}

static struct row *next(const struct txn *txn, const struct table *t, const struct row *r)
{
	return txn ? txn_next(txn, t, r) : table_next(t, r);
}

struct row *rows_find_host(const struct ipvl_columns *c, const struct txn *txn,
			   const char *name)
{
	const struct table *t = c->host.table;
	struct row *only = first(txn, t);

	if (!name)
		return only && !next(txn, t, only) ? only : NULL;
	for (struct row *r = only; r; r = next(txn, t, r)) {
		if (!strcmp(host_name(c, txn, r), name))
			return r;
	}
	return NULL;
}

static struct row *insert(struct txn *txn, struct table *t)
{
	struct row *r;
	struct err *e = txn_insert(txn, t, NULL, &r);

	assert(!e); /* a random UUID is new */
	return r;
}

struct row *rows_ensure_host(const struct ipvl_columns *c, struct txn *txn,
			     const char *name)
{
	struct row *r = rows_find_host(c, txn, name);

	if (r)
		return r;
	r = insert(txn, c->host.table);
	txn_set_string(txn, r, c->host.name, name ? name : "");
	return r;
}

/* By the index (host, netns, name); ipvl_columns_init() has checked that it is the
 * first. */
static struct row *find_by_key(const struct txn *txn, const struct table *t,
			       const char *host, const char *netns, const char *name)
{
	const struct index_schema *x = table_schema(t)->indexes;
	const char *const texts[] = {host, netns, name};
	const struct datum *key[ARRAY_SIZE(texts)];
	struct datum data[ARRAY_SIZE(texts)];
	struct row *r;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		datum_init_empty(&data[i]);
		datum_set_string(&data[i], &x->columns[i]->type, texts[i]);
		key[i] = &data[i];
	}
	r = txn ? txn_find_by_index(txn, t, 0, key) : table_find_by_index(t, 0, data);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		datum_clear(&data[i], &x->columns[i]->type);
	return r;
}

static bool holds(const struct txn *txn, const struct row *parent,
		  const struct column_schema *c, const struct row *child)
{
	union atom key = {.uuid = *row_uuid(child)};

	return datum_find(rows_get(txn, parent, c), &key, ATOM_UUID) >= 0;
}

struct row *rows_master_by_key(const struct ipvl_columns *c, const struct txn *txn,
			       const char *host, const char *netns, const char *name)
{
	return find_by_key(txn, c->master.table, host, netns, name);
}

struct row *rows_slave_by_key(const struct ipvl_columns *c, const struct txn *txn,
			      const char *host, const char *netns, const char *name)
{
	return find_by_key(txn, c->slave.table, host, netns, name);
}

/* Inside a transaction a row that was taken out of its set still exists until the
 * commit collects it. It is not found any more. */
struct row *rows_find_master(const struct ipvl_columns *c, const struct txn *txn,
			     const char *netns, const char *name)
{
	struct row *host = rows_find_host(c, txn, NULL);
	struct row *r;

	if (!host)
		return NULL;
	r = find_by_key(txn, c->master.table, host_name(c, txn, host), netns, name);
	return r && (!txn || holds(txn, host, c->host.masters, r)) ? r : NULL;
}

struct row *rows_find_slave(const struct ipvl_columns *c, const struct txn *txn,
			    const char *netns, const char *name)
{
	struct row *host = rows_find_host(c, txn, NULL);
	struct row *r;

	if (!host)
		return NULL;
	r = find_by_key(txn, c->slave.table, host_name(c, txn, host), netns, name);
	return r && (!txn || rows_master_of(c, txn, r)) ? r : NULL;
}

struct row *rows_master_of(const struct ipvl_columns *c, const struct txn *txn,
			   const struct row *slave)
{
	const struct table *t = c->master.table;

	for (struct row *r = first(txn, t); r; r = next(txn, t, r)) {
		if (holds(txn, r, c->master.slaves, slave))
			return r;
	}
	return NULL;
}

static bool is_vlan_on(const struct ipvl_columns *c, const struct txn *txn,
		       const struct row *master, const char *netns, const char *link)
{
	return !strcmp(datum_text(rows_get(txn, master, c->master.vlan_link)), link) &&
	       !strcmp(datum_text(rows_get(txn, master, c->master.netns)), netns);
}

struct row *rows_next_vlan_on(const struct ipvl_columns *c, const struct txn *txn,
			      const char *netns, const char *link,
			      const struct row *after)
{
	const struct table *t = c->master.table;
	struct row *r = after ? next(txn, t, after) : first(txn, t);

	while (r && !is_vlan_on(c, txn, r, netns, link))
		r = next(txn, t, r);
	return r;
}

struct row *rows_next_master_in(const struct ipvl_columns *c, const struct txn *txn,
				const char *netns, const struct row *after)
{
	const struct table *t = c->master.table;
	struct row *r = after ? next(txn, t, after) : first(txn, t);

	while (r && strcmp(datum_text(rows_get(txn, r, c->master.netns)), netns) != 0)
		r = next(txn, t, r);
	return r;
}

/* The set of references 'c' of 'parent' with or without 'child'. */
static void change_set(struct txn *txn, struct row *parent, const struct column_schema *c,
		       const struct row *child, bool is_in)
{
	struct datum set, one;

	datum_copy(&set, txn_get(txn, parent, c), &c->type);
	datum_init_empty(&one);
	datum_append(&one, (union atom){.uuid = *row_uuid(child)}, NULL);
	if (is_in)
		datum_union(&set, &one, &c->type);
	else
		datum_subtract(&set, &one, &c->type, false);
	datum_clear(&one, &c->type);
	txn_set(txn, parent, c, &set);
}

struct row *rows_new_master(const struct ipvl_columns *c, struct txn *txn,
			    const char *host, const struct model_master *m)
{
	struct row *r = insert(txn, c->master.table);

	txn_set_string(txn, r, c->master.host, host);
	rows_write_master(c, txn, r, m);
	return r;
}

struct row *rows_new_slave(const struct ipvl_columns *c, struct txn *txn,
			   const char *host, const struct model_slave *s)
{
	struct row *r = insert(txn, c->slave.table);

	txn_set_string(txn, r, c->slave.host, host);
	rows_write_slave(c, txn, r, s);
	return r;
}

struct row *rows_add_master(const struct ipvl_columns *c, struct txn *txn,
			    struct row *host, const struct model_master *m)
{
	struct row *r = rows_new_master(c, txn, host_name(c, txn, host), m);

	change_set(txn, host, c->host.masters, r, true);
	return r;
}

struct row *rows_add_slave(const struct ipvl_columns *c, struct txn *txn,
			   struct row *master, const struct model_slave *s)
{
	const char *host = datum_string(txn_get(txn, master, c->master.host));
	struct row *r = rows_new_slave(c, txn, host, s);

	change_set(txn, master, c->master.slaves, r, true);
	return r;
}

/* The rows are deleted at once, not left to the garbage collection: the same
 * transaction may add one with the same name, and that one must be found. */
void rows_remove_master(const struct ipvl_columns *c, struct txn *txn, struct row *master)
{
	const struct datum *slaves = txn_get(txn, master, c->master.slaves);

	for (uint32_t i = 0; i < slaves->n; i++) {
		struct row *slave =
			txn_find(txn, c->slave.table, &datum_keys(slaves)[i].uuid);

		if (slave)
			txn_delete(txn, slave);
	}
	for (struct row *host = txn_first(txn, c->host.table); host;
	     host = txn_next(txn, c->host.table, host)) {
		if (holds(txn, host, c->host.masters, master))
			change_set(txn, host, c->host.masters, master, false);
	}
	txn_delete(txn, master);
}

void rows_remove_slave(const struct ipvl_columns *c, struct txn *txn, struct row *slave)
{
	struct row *master;

	while ((master = rows_master_of(c, txn, slave)))
		change_set(txn, master, c->master.slaves, slave, false);
	txn_delete(txn, slave);
}

static const struct column_schema *transfer_of(const struct ipvl_columns *c,
					       const struct row *r)
{
	return row_table(r) == c->master.table ? c->master.transfer : c->slave.transfer;
}

const char *rows_transfer(const struct ipvl_columns *c, const struct txn *txn,
			  const struct row *r)
{
	return datum_text(rows_get(txn, r, transfer_of(c, r)));
}

void rows_set_transfer(const struct ipvl_columns *c, struct txn *txn, struct row *r,
		       const char *transfer)
{
	txn_set_string(txn, r, transfer_of(c, r), transfer);
}

bool rows_changes_config(const struct ipvl_columns *c, const struct txn *txn)
{
	TXN_FOR_EACH_CHANGE (change, txn) {
		bool is_config = change.table == c->host.table ||
				 change.table == c->master.table ||
				 change.table == c->slave.table;
		const struct table_schema *ts = table_schema(change.table);

		if (is_config && change.kind != CHANGE_UPDATE)
			return true;
		for (size_t i = 0; is_config && i < ts->n_columns; i++) {
			const struct column_schema *column = &ts->columns[i];

			if (!column->ephemeral && column != c->host.next_cfg &&
			    column != c->host.withheld &&
			    change_is_changed(&change, column))
				return true;
		}
	}
	return false;
}

bool rows_master_is_made(const struct ipvl_columns *c, const struct txn *txn,
			 const struct row *master)
{
	return *datum_text(rows_get(txn, master, c->master.vlan_link)) ||
	       *datum_text(rows_get(txn, master, c->master.kind));
}

int64_t rows_next_cfg(const struct ipvl_columns *c)
{
	const struct row *host = rows_find_host(c, NULL, NULL);

	return host ? datum_integer(row_get(host, c->host.next_cfg), 0) : 0;
}

int64_t rows_bump_next_cfg(const struct ipvl_columns *c, struct txn *txn,
			   struct row *host)
{
	int64_t value = datum_integer(txn_get(txn, host, c->host.next_cfg), 0);

	/* RFC 7047: 64 bits with a sign. A counter that wraps around would look old. */
	value = value == INT64_MAX ? 0 : value + 1;
	txn_set_integer(txn, host, c->host.next_cfg, value);
	return value;
}
