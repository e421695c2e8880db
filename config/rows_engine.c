/* What goes of container engines: rows of containers of an earlier boot, and masters without any.
 * ipvld removes them when it starts, the programs of the engines at each call. */
#include "config/rows_engine.h"

#include "config/rows.h"
#include "config/rows_source.h"
#include "lib/alloc.h"
#include "lib/arena.h"
#include "lib/process.h"
#include "ovsdb-lite/json/json.h"

#include <string.h>

/* --- reading --- */

const char *rows_engine_id(const struct ipvl_columns *c, const struct txn *txn,
			   const struct row *slave, const char *engine, const char *what)
{
	const struct datum *d = txn_get(txn, slave, c->slave.external_ids);
	size_t n = strlen(engine);

	for (uint32_t i = 0; i < d->n; i++) {
		const char *key = datum_keys(d)[i].string;

		if (!strncmp(key, engine, n) && key[n] == '-' &&
		    !strcmp(key + n + 1, what))
			return datum_values(d)[i].string;
	}
	return "";
}

static struct row *slave_at(const struct ipvl_columns *c, const struct txn *txn,
			    const struct row *master, uint32_t i)
{
	const struct datum *d = txn_get(txn, master, c->master.slaves);

	return txn_find(txn, c->slave.table, &datum_keys(d)[i].uuid);
}

static uint32_t n_slaves(const struct ipvl_columns *c, const struct txn *txn,
			 const struct row *master)
{
	return txn_get(txn, master, c->master.slaves)->n;
}

static bool gives_access(const struct ipvl_columns *c, const struct txn *txn,
			 const struct row *slave)
{
	return datum_boolean(txn_get(txn, slave, c->slave.host_access), false) &&
	       !*datum_text(txn_get(txn, slave, c->slave.netns));
}

struct row *rows_engine_access(const struct ipvl_columns *c, const struct txn *txn,
			       const struct row *master)
{
	for (uint32_t i = 0; i < n_slaves(c, txn, master); i++) {
		struct row *slave = slave_at(c, txn, master, i);

		if (slave && gives_access(c, txn, slave))
			return slave;
	}
	return NULL;
}

/* --- networks --- */

const char *rows_engine_network_key(struct arena *a, const char *engine, const char *id)
{
	return arena_printf(a, "%s-network-%s", engine, id);
}

static bool is_kept(const struct rows_engine_sweep *s, const char *source)
{
	const struct row *host = rows_find_host(s->c, s->txn, NULL);
	const struct datum *d =
		host ? txn_get(s->txn, host, s->c->host.external_ids) : NULL;
	const char *network = rows_source_network(source);
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *engine = arena_printf(a, "%.*s", (int)strcspn(source, ":"), source);
	const char *key = network ? rows_engine_network_key(a, engine, network) : "";

	for (uint32_t i = 0; d && network && i < d->n; i++) {
		if (!strncmp(datum_keys(d)[i].string, key, strlen(key)))
			return true;
	}
	return false;
}

/* --- slaves --- */

/* RFC 7047 5.2.6. The row is there until the commit collects it. */
static void expect(const struct rows_engine_sweep *s, const struct row *r,
		   const struct column_schema *c)
{
	struct json_object *op, *columns, *rows, *row;

	if (!s->expectations)
		return;
	op = txn_operation_on("wait", table_schema(row_table(r))->name, row_uuid(r));
	columns = json_array();
	rows = json_array();
	row = json_object();
	json_add(columns, json_string(c->name));
	json_put(row, c->name, datum_to_json(row_get(r, c), &c->type));
	json_add(rows, row);
	json_put(op, "columns", columns);
	json_put(op, "until", json_string("=="));
	json_put(op, "rows", rows);
	json_put(op, "timeout", json_integer(0));
	json_add(s->expectations, op);
}

/* The engine that has the slave, by its first source of one; NULL: none, or another than that of
 * the sweep. From the arena. */
static const char *engine_of(const struct rows_engine_sweep *s, const struct row *slave,
			     struct arena *a)
{
	const struct datum *d = txn_get(s->txn, slave, s->c->slave.sources);

	for (uint32_t i = 0; i < d->n; i++) {
		const char *source = datum_keys(d)[i].string;

		if (s->engine ? rows_source_is_of(source, s->engine)
			      : rows_source_network(source) != NULL)
			return arena_printf(a, "%.*s", (int)strcspn(source, ":"), source);
	}
	return NULL;
}

/* True if it went. */
static bool sweep_slave(const struct rows_engine_sweep *s, struct row *slave,
			const char *boot, struct arena *a)
{
	const char *engine = engine_of(s, slave, a);

	if (!engine || !*rows_engine_id(s->c, s->txn, slave, engine, "container"))
		return false;
	if (!strcmp(rows_engine_id(s->c, s->txn, slave, engine, "boot"), boot) &&
	    (!s->is_dead || !s->is_dead(s, slave, engine)))
		return false;
	/* The process of a mark may have ended well since the row was read. */
	expect(s, slave, s->c->slave.external_ids);
	rows_remove_slave(s->c, s->txn, slave);
	return true;
}

/* --- masters --- */

/* The slave for the host, if the source has that alone; false if it has a container's. */
static bool is_left(const struct rows_engine_sweep *s, const struct row *master,
		    const char *source, struct row **ret_access)
{
	*ret_access = NULL;
	for (uint32_t i = 0; i < n_slaves(s->c, s->txn, master); i++) {
		struct row *slave = slave_at(s->c, s->txn, master, i);

		if (!slave ||
		    !rows_source_has(s->txn, slave, s->c->slave.sources, source))
			continue;
		if (!gives_access(s->c, s->txn, slave))
			return false;
		*ret_access = slave;
	}
	return true;
}

/* True if the master went. */
static bool release(const struct rows_engine_sweep *s, struct row *master,
		    const char *source)
{
	const struct column_schema *of_slave = s->c->slave.sources;
	const struct column_schema *of_master = s->c->master.sources;
	struct row *access;

	if (!is_left(s, master, source, &access) || is_kept(s, source))
		return false;
	if (access) {
		rows_source_set(s->txn, access, of_slave, source, false);
		if (!txn_get(s->txn, access, of_slave)->n)
			rows_remove_slave(s->c, s->txn, access);
	}
	rows_source_set(s->txn, master, of_master, source, false);
	if (txn_get(s->txn, master, of_master)->n || n_slaves(s->c, s->txn, master))
		return false;
	rows_remove_master(s->c, s->txn, master);
	/* It goes with the slaves that are known here: another client may have added one. */
	expect(s, master, s->c->master.slaves);
	return true;
}

static void sweep_master(const struct rows_engine_sweep *s, struct row *master)
{
	const struct column_schema *c = s->c->master.sources;
	struct datum sources;

	datum_copy(&sources, txn_get(s->txn, master, c), &c->type);
	for (uint32_t i = 0; i < sources.n; i++) {
		const char *source = datum_keys(&sources)[i].string;

		if ((s->engine ? rows_source_is_of(source, s->engine)
			       : rows_source_network(source) != NULL) &&
		    release(s, master, source))
			break;
	}
	datum_clear(&sources, &c->type);
}

/* --- both --- */

/* All rows of the table, as they are before any is removed. From the arena. */
static struct row **list(const struct rows_engine_sweep *s, const struct table *table,
			 struct arena *a, size_t *ret_n)
{
	struct row **all =
		arena_array(a, txn_scan_length(s->txn, table) + 1, sizeof(*all));
	size_t n = 0;

	TXN_FOR_EACH_ROW (r, s->txn, table)
		all[n++] = r;
	*ret_n = n;
	return all;
}

size_t rows_engine_sweep(const struct rows_engine_sweep *s)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	char boot[PROCESS_BOOT_ID_BYTES];
	struct err *e = process_boot_id(boot);
	struct row **all;
	size_t n, n_removed = 0;

	all = list(s, s->c->slave.table, a, &n);
	for (size_t i = 0; i < n && !e; i++)
		n_removed += sweep_slave(s, all[i], boot, a);
	err_free(e); /* without /proc nothing is known to be dead */
	all = list(s, s->c->master.table, a, &n);
	for (size_t i = 0; i < n; i++)
		sweep_master(s, all[i]);
	return n_removed;
}
