/* The validator: who may write which column, and the rules for the rows that a
 * transaction touches. valid_peers.c compares these with the other rows.
 *
 * The first breach refuses the transaction. A file's apply has reported all of them
 * before (yaml/document.c). */
#include "config/valid/valid_txn.h"

#include "config/canon.h"
#include "config/settings.h"
#include "config/valid/rule.h"
#include "config/valid/valid_peers.h"
#include "config/valid/valid_pool.h"
#include "config/valid/valid_trial.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

static bool holds(const struct datum *set, const struct row *r)
{
	union atom key = {.uuid = *row_uuid(r)};

	return datum_find(set, &key, ATOM_UUID) >= 0;
}

static bool is_slave(const struct valid_txn *t, const struct row *r)
{
	return row_table(r) == t->c->slave.table;
}

/* Takes 'e'; keeps the first, prefixed by the object and the column. A host without a
 * name has no label. */
static void refuse(struct valid_txn *t, const char *table, const char *label,
		   const char *column, struct err *e)
{
	e->code = ERR_CONSTRAINT;
	/* A name in it may contain any character. */
	text_make_plain(e->message, strlen(e->message));
	if (t->e)
		err_free(e);
	else if (column && !*label)
		t->e = err_at(e, "%s's %s", table, column);
	else if (column)
		t->e = err_at(e, "%s %s, column %s", table, label, column);
	else
		t->e = err_at(e, "%s %s", table, label);
}

static void refuse_row(struct valid_txn *t, const struct row *r, const char *column,
		       struct err *e)
{
	refuse(t, table_schema(row_table(r))->name, valid_row_label(t, r), column, e);
}

static void refuse_complaint(void *aux, const struct valid_complaint *complaint)
{
	struct valid_txn *t = aux;
	const struct valid_place *at = &complaint->at;

	refuse(t, at->slave ? "Slave" : "Master",
	       at->slave ? model_slave_label(t->a, at->slave)
			 : model_master_label(t->a, at->master),
	       valid_field_column(at->field), err_copy(complaint->error));
}

/* Status. */

static struct err *not_yours(const char *what, const char *column)
{
	return err_hint(err_new(ERR_PERMISSION, "%s%s%s is written by ipvld only", what,
				column ? "." : "", column ? column : ""),
			"leave it out of the transaction");
}

static bool is_written(const struct change *change, const struct column_schema *column)
{
	if (change->kind == CHANGE_INSERT)
		return !datum_is_default(change_new(change, column), &column->type);
	return change->kind == CHANGE_UPDATE && change_is_changed(change, column);
}

static bool is_of_daemon(const struct ipvl_columns *c, const struct column_schema *column)
{
	return column->ephemeral || column == c->host.withheld ||
	       column == c->trial.deadline || column == c->trial.serial ||
	       column == c->trial.who;
}

static struct err *check_permissions(const struct ipvl_columns *c, const struct txn *txn)
{
	if (txn_origin(txn)->internal)
		return NULL;
	TXN_FOR_EACH_CHANGE (change, txn) {
		const struct table_schema *ts = table_schema(change.table);

		if (change.table == c->drift.table || change.table == c->netns.table ||
		    change.table == c->settled.table || change.table == c->saved.table)
			return not_yours(ts->name, NULL);
		for (size_t i = 0; i < ts->n_columns; i++) {
			if (is_of_daemon(c, &ts->columns[i]) &&
			    is_written(&change, &ts->columns[i]))
				return not_yours(ts->name, ts->columns[i].name);
		}
	}
	return valid_trial_check(c, txn);
}

/* Which rows are checked. */

static bool changes(const struct change *change, const struct column_schema *column)
{
	return change_is_changed(change, column);
}

static struct valid_port *touch_port(struct valid_txn *t, const struct row *r)
{
	struct valid_port *port;

	HASH_FIND_PTR(t->ports, &r, port);
	if (port)
		return port;
	port = arena_alloc(t->a, sizeof(*port));
	port->row = r;
	port->end = &port->slaves;
	HASH_ADD_PTR(t->ports, row, port);
	return port;
}

static void touch_slave(struct valid_txn *t, const struct row *r)
{
	struct valid_slave *slave;

	HASH_FIND_PTR(t->slaves, &r, slave);
	if (slave)
		return;
	slave = arena_alloc(t->a, sizeof(*slave));
	slave->row = r;
	HASH_ADD_PTR(t->slaves, row, slave);
}

/* The rows of the set 'now' that are not in 'before' (NULL: all of them). */
static void touch_new(struct valid_txn *t, const struct table *table,
		      const struct datum *before, const struct datum *now)
{
	for (uint32_t i = 0; i < now->n; i++) {
		const union atom *key = &datum_keys(now)[i];
		const struct row *r;

		if (before && datum_find(before, key, ATOM_UUID) >= 0)
			continue;
		r = txn_find(t->txn, table, &key->uuid);
		if (r && is_slave(t, r))
			touch_slave(t, r);
		else if (r)
			touch_port(t, r)->is_changed = true;
	}
}

static void touch_access(struct valid_txn *t, const struct datum *slaves)
{
	for (uint32_t i = 0; i < slaves->n; i++) {
		const struct row *r =
			txn_find(t->txn, t->c->slave.table, &datum_keys(slaves)[i].uuid);

		if (r &&
		    datum_boolean(valid_row_get(t, r, t->c->slave.host_access), false))
			touch_slave(t, r);
	}
}

static void touch_master_change(struct valid_txn *t, const struct change *change)
{
	const struct ipvl_columns *c = t->c;
	/* The columns that its slaves depend on; an insert changes them all. */
	bool is_base =
		changes(change, c->master.host) || changes(change, c->master.netns) ||
		changes(change, c->master.name) || changes(change, c->master.mtu) ||
		changes(change, c->master.datapath);

	touch_port(t, change->row)->is_changed = true;
	touch_new(t, c->slave.table,
		  is_base ? NULL : change_old(change, c->master.slaves),
		  change_new(change, c->master.slaves));
	if (changes(change, c->master.mode) || changes(change, c->master.flag))
		touch_access(t, change_new(change, c->master.slaves));
}

static void refuse_host(struct valid_txn *t, const struct change *change,
			const char *column, struct err *e)
{
	if (e)
		refuse(t, "Host", valid_row_text(t, change->row, t->c->host.name), column,
		       e);
}

/* Clients wait for a number to be reached, so it must never go back. */
static struct err *check_next_cfg(const struct ipvl_columns *c,
				  const struct change *change)
{
	const struct datum *old = change_old(change, c->host.next_cfg);
	int64_t before = old ? datum_integer(old, 0) : 0;
	int64_t now = datum_integer(change_new(change, c->host.next_cfg), 0);

	if (now >= before)
		return NULL;
	return err_hint(err_new(ERR_CONSTRAINT,
				"%" PRId64 " is below the %" PRId64
				" that clients may be waiting for",
				now, before),
			"increase it");
}

static void touch_host_change(struct valid_txn *t, const struct change *change)
{
	const struct ipvl_columns *c = t->c;
	bool is_renamed = changes(change, c->host.name);

	refuse_host(t, change, "other_config",
		    settings_check(change_old(change, c->host.other_config),
				   change_new(change, c->host.other_config)));
	refuse_host(t, change, "next_cfg", check_next_cfg(c, change));
	touch_new(t, c->master.table,
		  is_renamed ? NULL : change_old(change, c->host.masters),
		  change_new(change, c->host.masters));
}

/* Any client may declare rows, under a name of its own, as `apply` does. The name must
 * fit into a line of a list or of a log. */
static void check_sources(struct valid_txn *t, const struct change *change,
			  const struct column_schema *sources)
{
	const struct datum *set = change_new(change, sources);

	for (uint32_t i = 0; i < set->n && changes(change, sources); i++) {
		const char *source = datum_keys(set)[i].string;
		struct err *e = canon_check_source(source);

		if (e)
			refuse_row(t, change->row, sources->name, e);
	}
}

static void check_pool(struct valid_txn *t, const struct row *pool)
{
	const char *column = NULL;
	struct err *e = valid_pool_row(t, pool, &column);

	if (e)
		refuse(t, "Pool", valid_row_text(t, pool, t->c->pool.name), column, e);
}

static void check_lease(struct valid_txn *t, const struct change *change)
{
	const char *pool = "";
	struct err *e = valid_pool_lease(t, change, &pool);

	if (e)
		refuse(t, "Pool", pool, NULL, e);
}

static void touch(struct valid_txn *t)
{
	const struct ipvl_columns *c = t->c;

	TXN_FOR_EACH_CHANGE (change, t->txn) {
		/* The daemon's status ends here, many times a second. */
		if (change.kind == CHANGE_DELETE || !change_is_persistent(&change))
			continue;
		if (change.table == c->slave.table) {
			touch_slave(t, change.row);
			check_sources(t, &change, c->slave.sources);
		} else if (change.table == c->master.table) {
			touch_master_change(t, &change);
			check_sources(t, &change, c->master.sources);
		} else if (change.table == c->pool.table) {
			check_pool(t, change.row);
			check_sources(t, &change, c->pool.sources);
		} else if (change.table == c->lease.table) {
			check_lease(t, &change);
		} else if (change.table == c->host.table) {
			touch_host_change(t, &change);
		}
	}
}

/* Whose they are. */

static void belongs_to(struct valid_txn *t, struct valid_slave *slave,
		       const struct row *master)
{
	if (slave->port) {
		refuse_row(
			t, slave->row, NULL,
			err_hint(
				err_new(ERR_CONSTRAINT,
					"it is in the `slaves` of two masters, %s and %s",
					valid_row_label(t, slave->port->row),
					valid_row_label(t, master)),
				"take it out of one of them"));
		return;
	}
	slave->port = touch_port(t, master);
}

/* Iterates over the smaller of the two sets, so that neither many masters nor many
 * slaves are slow. */
static void find_masters(struct valid_txn *t)
{
	TXN_FOR_EACH_ROW (master, t->txn, t->c->master.table) {
		const struct datum *set = valid_row_get(t, master, t->c->master.slaves);
		struct valid_slave *slave, *next;

		if (set->n > HASH_COUNT(t->slaves)) {
			HASH_ITER (hh, t->slaves, slave, next) {
				if (holds(set, slave->row))
					belongs_to(t, slave, master);
			}
			continue;
		}
		for (uint32_t i = 0; i < set->n; i++) {
			const struct row *r = txn_find(t->txn, t->c->slave.table,
						       &datum_keys(set)[i].uuid);

			HASH_FIND_PTR(t->slaves, &r, slave);
			if (slave)
				belongs_to(t, slave, master);
		}
	}
}

static void check_host(struct valid_txn *t, const struct row *r,
		       const struct column_schema *c, const char *parent,
		       const char *right)
{
	const char *host = valid_row_text(t, r, c);

	if (strcmp(host, right))
		refuse_row(t, r, "host",
			   err_hint(err_new(ERR_CONSTRAINT,
					    "host is \"%s\", and its %s's is \"%s\"",
					    host, parent, right),
				    "set host to \"%s\"", right));
}

static void check_port_host(struct valid_txn *t, const struct valid_port *port)
{
	const struct row *found = NULL;

	TXN_FOR_EACH_ROW (host, t->txn, t->c->host.table) {
		if (!holds(valid_row_get(t, host, t->c->host.masters), port->row))
			continue;
		if (found)
			refuse_row(t, port->row, NULL,
				   err_new(ERR_CONSTRAINT,
					   "it is in the `masters` of two hosts"));
		found = host;
	}
	if (found)
		check_host(t, port->row, t->c->master.host, "Host",
			   valid_row_text(t, found, t->c->host.name));
}

/* The row's own texts come before the rules, which need a model. */
static void read_port(struct valid_txn *t, struct valid_port *port)
{
	struct err *e = rows_read_master(t->c, t->txn, port->row, t->a, &port->m);

	if (e) {
		port->m = model_master_named("", "");
		refuse_row(t, port->row, strchr(e->path, '.') + 1, e);
		return;
	}
	rule_slave_count(&t->v, &port->m,
			 valid_row_get(t, port->row, t->c->master.slaves)->n);
	if (!port->is_changed)
		return;
	check_port_host(t, port);
	rule_master(&t->v, &port->m);
}

static void read_slave(struct valid_txn *t, struct valid_slave *slave)
{
	struct err *e;

	/* A slave without a master has been collected: integrity comes before rules. */
	assert(slave->port);
	e = rows_read_slave(t->c, t->txn, slave->row, t->a, &slave->m);
	if (e) {
		refuse_row(t, slave->row, strchr(e->path, '.') + 1, e);
		return;
	}
	*slave->port->end = slave;
	slave->port->end = &slave->next;
	check_host(t, slave->row, t->c->slave.host, "Master",
		   valid_row_text(t, slave->port->row, t->c->master.host));
	rule_slave(&t->v, &slave->port->m, &slave->m);
	e = valid_pool_slave(t, slave->row, &slave->m);
	if (e)
		refuse_row(t, slave->row, t->c->slave.pool->name, e);
}

static void check_rows(struct valid_txn *t)
{
	struct valid_port *port, *next_port;
	struct valid_slave *slave, *next;

	touch(t);
	if (t->slaves)
		find_masters(t);
	HASH_ITER (hh, t->ports, port, next_port) {
		if (!t->e)
			read_port(t, port);
	}
	HASH_ITER (hh, t->slaves, slave, next) {
		if (!t->e)
			read_slave(t, slave);
	}
	if (!t->e)
		valid_peers_check(t);
}

struct err *valid_transaction(void *aux, const struct txn *txn)
{
	const struct ipvl_columns *c = aux;
	struct valid_txn t = {.c = c, .txn = txn};
	struct err *e = check_permissions(c, txn);

	if (e)
		return e;
	t.a = arena_new();
	t.v = (struct valid_check){.fn = refuse_complaint, .aux = &t, .arena = t.a};
	check_rows(&t);
	HASH_CLEAR(hh, t.ports);
	HASH_CLEAR(hh, t.slaves);
	arena_free(t.a);
	return t.e;
}

struct err *valid_transaction_of_one(void *aux, const struct txn *txn)
{
	const struct ipvl_columns *c = aux;
	const struct table *hosts = c->host.table;
	const struct row *first = txn_first(txn, hosts);
	struct err *e = valid_transaction(aux, txn);

	if (e || !first || !txn_next(txn, hosts, first))
		return e;
	TXN_FOR_EACH_CHANGE (change, txn) {
		if (change.table == hosts && change.kind == CHANGE_INSERT)
			return err_hint(
				err_new(ERR_CONSTRAINT,
					"there is a row of Host already, and ipvld "
					"manages one host"),
				"write to that row");
	}
	return NULL;
}
