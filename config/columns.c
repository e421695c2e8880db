/* Looks up the columns of an `ipvl` database by name, once, so that another schema is
 * found at the start. */
#include "config/columns.h"

#include "lib/alloc.h"

#include <stddef.h>
#include <string.h>

#define TABLE(member, name)                                                              \
	{                                                                                \
		name, offsetof(struct ipvl_columns, member.table)                        \
	}
static const struct {
	const char *name;
	size_t offset;
} tables[] = {
	TABLE(host, "Host"),   TABLE(master, "Master"),   TABLE(slave, "Slave"),
	TABLE(netns, "Netns"), TABLE(settled, "Settled"), TABLE(saved, "Saved"),
	TABLE(trial, "Trial"), TABLE(drift, "Drift"),     TABLE(pool, "Pool"),
	TABLE(lease, "Lease"),
};

#define COLUMN(table, member, name)                                                      \
	{                                                                                \
		name, #member, offsetof(struct ipvl_columns, table.member)               \
	}
/* clang-format off */
static const struct {
	const char *table, *name;
	size_t offset;
} columns[] = {
	COLUMN(host, name, "Host"),
	COLUMN(host, next_cfg, "Host"),
	COLUMN(host, masters, "Host"),
	COLUMN(host, other_config, "Host"),
	COLUMN(host, external_ids, "Host"),
	COLUMN(host, withheld, "Host"),
	COLUMN(host, cur_cfg, "Host"),
	COLUMN(host, version, "Host"),
	COLUMN(host, kernel, "Host"),
	COLUMN(host, config_dir, "Host"),
	COLUMN(host, config_errors, "Host"),
	COLUMN(master, host, "Master"),
	COLUMN(master, netns, "Master"),
	COLUMN(master, name, "Master"),
	COLUMN(master, match, "Master"),
	COLUMN(master, mode, "Master"),
	COLUMN(master, flag, "Master"),
	COLUMN(master, vlan_link, "Master"),
	COLUMN(master, vlan_id, "Master"),
	COLUMN(master, kind, "Master"),
	COLUMN(master, datapath, "Master"),
	COLUMN(master, mtu, "Master"),
	COLUMN(master, routes, "Master"),
	COLUMN(master, sysctl, "Master"),
	COLUMN(master, slaves, "Master"),
	COLUMN(master, optional, "Master"),
	COLUMN(master, drift, "Master"),
	COLUMN(master, repairs, "Master"),
	COLUMN(master, transfer, "Master"),
	COLUMN(master, sources, "Master"),
	COLUMN(master, external_ids, "Master"),
	COLUMN(master, state, "Master"),
	COLUMN(master, message, "Master"),
	COLUMN(master, warnings, "Master"),
	COLUMN(master, device, "Master"),
	COLUMN(master, ifindex, "Master"),
	COLUMN(master, mac, "Master"),
	COLUMN(master, link_state, "Master"),
	COLUMN(master, link_mtu, "Master"),
	COLUMN(slave, host, "Slave"),
	COLUMN(slave, netns, "Slave"),
	COLUMN(slave, name, "Slave"),
	COLUMN(slave, enabled, "Slave"),
	COLUMN(slave, addressing, "Slave"),
	COLUMN(slave, addresses, "Slave"),
	COLUMN(slave, address_options, "Slave"),
	COLUMN(slave, routes, "Slave"),
	COLUMN(slave, routing_policy, "Slave"),
	COLUMN(slave, source_routing, "Slave"),
	COLUMN(slave, host_access, "Slave"),
	COLUMN(slave, nameservers, "Slave"),
	COLUMN(slave, search, "Slave"),
	COLUMN(slave, mtu, "Slave"),
	COLUMN(slave, sysctl, "Slave"),
	COLUMN(slave, altnames, "Slave"),
	COLUMN(slave, alias, "Slave"),
	COLUMN(slave, vrf, "Slave"),
	COLUMN(slave, optional, "Slave"),
	COLUMN(slave, handed_over, "Slave"),
	COLUMN(slave, transient, "Slave"),
	COLUMN(slave, pool, "Slave"),
	COLUMN(slave, leases, "Slave"),
	COLUMN(slave, drift, "Slave"),
	COLUMN(slave, repairs, "Slave"),
	COLUMN(slave, transfer, "Slave"),
	COLUMN(slave, sources, "Slave"),
	COLUMN(slave, external_ids, "Slave"),
	COLUMN(slave, state, "Slave"),
	COLUMN(slave, message, "Slave"),
	COLUMN(slave, warnings, "Slave"),
	COLUMN(slave, ifindex, "Slave"),
	COLUMN(slave, mac, "Slave"),
	COLUMN(slave, link_state, "Slave"),
	COLUMN(slave, link_mtu, "Slave"),
	COLUMN(pool, host, "Pool"),
	COLUMN(pool, name, "Pool"),
	COLUMN(pool, subnets, "Pool"),
	COLUMN(pool, ranges, "Pool"),
	COLUMN(pool, excluded, "Pool"),
	COLUMN(pool, gateway, "Pool"),
	COLUMN(pool, sources, "Pool"),
	COLUMN(pool, external_ids, "Pool"),
	COLUMN(lease, pool, "Lease"),
	COLUMN(lease, address, "Lease"),
	COLUMN(netns, host, "Netns"),
	COLUMN(netns, name, "Netns"),
	COLUMN(netns, boot_id, "Netns"),
	COLUMN(netns, inode, "Netns"),
	COLUMN(netns, cookie, "Netns"),
	COLUMN(netns, process, "Netns"),
	COLUMN(settled, host, "Settled"),
	COLUMN(settled, row, "Settled"),
	COLUMN(settled, boot_id, "Settled"),
	COLUMN(settled, config, "Settled"),
	COLUMN(settled, below, "Settled"),
	COLUMN(settled, inode, "Settled"),
	COLUMN(saved, host, "Saved"),
	COLUMN(saved, netns, "Saved"),
	COLUMN(saved, master, "Saved"),
	COLUMN(saved, key, "Saved"),
	COLUMN(saved, value, "Saved"),
	COLUMN(saved, before, "Saved"),
	COLUMN(saved, ifindex, "Saved"),
	COLUMN(saved, inode, "Saved"),
	COLUMN(saved, boot_id, "Saved"),
	COLUMN(trial, host, "Trial"),
	COLUMN(trial, timeout, "Trial"),
	COLUMN(trial, deadline, "Trial"),
	COLUMN(trial, serial, "Trial"),
	COLUMN(trial, who, "Trial"),
	COLUMN(drift, host, "Drift"),
	COLUMN(drift, time, "Drift"),
	COLUMN(drift, object, "Drift"),
	COLUMN(drift, found, "Drift"),
	COLUMN(drift, actor, "Drift"),
	COLUMN(drift, done, "Drift"),
	COLUMN(drift, took_ms, "Drift"),
	COLUMN(drift, count, "Drift"),
};
/* clang-format on */

static struct err *not_ours(const struct db *db, const char *kind, const char *table,
			    const char *column)
{
	const struct schema *s = db_schema(db);
	const char *point = *column ? "." : "", *path = db_path(db);
	struct err *e;

	if (strcmp(s->name, "ipvl") != 0 ||
	    schema_version_cmp(s->version, IPVL_SCHEMA_VERSION) >= 0)
		return err_hint(err_new(ERR_UNSUPPORTED,
					"database %s is not ipvl's: it has no %s %s%s%s",
					db_name(db), kind, table, point, column),
				"name another one with --db; `ipvl-ctl --db=FILE init` "
				"makes a file");
	e = err_new(ERR_UNSUPPORTED,
		    "%s has version %s of schema ipvl, older than this program's "
		    "(" IPVL_SCHEMA_VERSION "): it has no %s %s%s%s",
		    path ? path : "the server's database", schema_version_text(s), kind,
		    table, point, column);
	if (path)
		return err_hint(e, "start ipvld with it once: it converts the file");
	return err_hint(e, "install the same version of ipvld there");
}

struct err *ipvl_columns_refuse_newer(const struct db *db)
{
	const struct schema *s = db_schema(db);

	if (strcmp(s->name, "ipvl") != 0 ||
	    schema_version_cmp(s->version, IPVL_SCHEMA_VERSION) <= 0)
		return NULL;
	return err_hint(err_new(ERR_UNSUPPORTED,
				"%s has version %s of schema ipvl, newer than this "
				"program's (" IPVL_SCHEMA_VERSION ")",
				db_path(db), schema_version_text(s)),
			"install the newer program that wrote it");
}

/* The look-ups by keys depend on it. */
static bool has_index(const struct table *t, const struct column_schema *first,
		      const struct column_schema *second)
{
	const struct table_schema *ts = table_schema(t);
	const struct index_schema *x = ts->indexes;

	return ts->n_indexes && x->n_columns == 2 && x->columns[0] == first &&
	       x->columns[1] == second;
}

/* rows_find_master() and rows_find_slave() depend on it. */
static bool has_key_index(const struct table *t, const struct column_schema *host,
			  const struct column_schema *netns,
			  const struct column_schema *name)
{
	const struct table_schema *ts = table_schema(t);
	const struct index_schema *x = ts->indexes;

	return ts->n_indexes && x->n_columns == 3 && x->columns[0] == host &&
	       x->columns[1] == netns && x->columns[2] == name;
}

struct err *ipvl_columns_init(struct ipvl_columns *c, const struct db *db)
{
	struct ipvl_columns found = {0};

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		struct table *t = db_table(db, tables[i].name);

		if (!t)
			return not_ours(db, "table", tables[i].name, "");
		memcpy((char *)&found + tables[i].offset, &t, sizeof(t));
	}
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		const struct table_schema *ts =
			table_schema(db_table(db, columns[i].table));
		const struct column_schema *column =
			table_schema_find(ts, columns[i].name);

		if (!column)
			return not_ours(db, "column", ts->name, columns[i].name);
		memcpy((char *)&found + columns[i].offset, &column, sizeof(column));
	}
	if (!has_key_index(found.master.table, found.master.host, found.master.netns,
			   found.master.name))
		return not_ours(db, "index (host, netns, name) of", "Master", "");
	if (!has_key_index(found.slave.table, found.slave.host, found.slave.netns,
			   found.slave.name))
		return not_ours(db, "index (host, netns, name) of", "Slave", "");
	if (!has_index(found.pool.table, found.pool.host, found.pool.name))
		return not_ours(db, "index (host, name) of", "Pool", "");
	if (!has_index(found.lease.table, found.lease.pool, found.lease.address))
		return not_ours(db, "index (pool, address) of", "Lease", "");
	*c = found;
	return NULL;
}
