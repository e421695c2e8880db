/* The table Netns. Commits here are not synced: a power loss that loses the row also
 * ends the namespace. */
#include "reconciler/wanted/netns_registry.h"

#include "config/daemon_txn.h"
#include "datapath/model.h"
#include "lib/alloc.h"
#include "lib/process.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct netns_registry {
	const struct ipvl_columns *columns;
	struct db *db;
	char boot_id[PROCESS_BOOT_ID_BYTES];
};

struct err *netns_registry_new(const struct ipvl_columns *columns, struct db *db,
			       struct netns_registry **ret_registry)
{
	struct netns_registry *reg = xcalloc(1, sizeof(*reg));
	struct err *e = process_boot_id(reg->boot_id);

	if (e) {
		netns_registry_free(reg);
		return e;
	}
	reg->columns = columns;
	reg->db = db;
	*ret_registry = reg;
	return NULL;
}

void netns_registry_free(struct netns_registry *reg)
{
	free(reg);
}

/* The index (host, name), with the empty host that ipvld writes. */
static struct row *find(const struct netns_registry *reg, const char *netns)
{
	const struct ipvl_columns *c = reg->columns;
	struct datum key[2] = {0};
	struct row *r;

	datum_set_string(&key[0], &c->netns.host->type, "");
	datum_set_string(&key[1], &c->netns.name->type, netns);
	r = table_find_by_index(c->netns.table, 0, key);
	datum_clear(&key[0], &c->netns.host->type);
	datum_clear(&key[1], &c->netns.name->type);
	return r;
}

static bool is_of_this_boot(const struct netns_registry *reg, const struct row *r)
{
	return !strcmp(datum_text(row_get(r, reg->columns->netns.boot_id)), reg->boot_id);
}

bool netns_registry_is_ours(const struct netns_registry *reg, const char *netns,
			    uint64_t *ret_inode, uint64_t *ret_cookie)
{
	const struct ipvl_columns *c = reg->columns;
	const struct row *r = find(reg, netns);

	/* What an earlier boot made is gone. A namespace with its name now belongs to
	 * another process. */
	if (!r || !is_of_this_boot(reg, r) || *datum_text(row_get(r, c->netns.process)))
		return false;
	*ret_inode = (uint64_t)datum_integer(row_get(r, c->netns.inode), 0);
	*ret_cookie = (uint64_t)datum_integer(row_get(r, c->netns.cookie), 0);
	return true;
}

/* The column `process` is PID/START. */
bool netns_registry_is_bound(const struct netns_registry *reg, const char *netns,
			     struct model_process *ret_process, uint64_t *ret_inode)
{
	const struct ipvl_columns *c = reg->columns;
	const struct row *r = find(reg, netns);
	struct model_process p;

	if (!r || sscanf(datum_text(row_get(r, c->netns.process)), "%" SCNu32 "/%" SCNu64,
			 &p.pid, &p.start) != 2)
		return false;
	*ret_process = p;
	*ret_inode = is_of_this_boot(reg, r)
			     ? (uint64_t)datum_integer(row_get(r, c->netns.inode), 0)
			     : 0;
	return true;
}

void netns_registry_each(const struct netns_registry *reg, netns_registry_name_fn *fn,
			 void *aux)
{
	TABLE_FOR_EACH (r, reg->columns->netns.table)
		fn(aux, datum_text(row_get(r, reg->columns->netns.name)));
}

static struct err *commit(struct txn *t)
{
	struct err *e = daemon_txn_commit(t);

	return e ? err_wrap(e, "cannot register namespaces in the database") : NULL;
}

static struct err *write_entry(struct netns_registry *reg, struct txn *t,
			       const char *name, uint64_t inode, const char *process)
{
	const struct ipvl_columns *c = reg->columns;
	struct row *r = find(reg, name);
	struct err *e = r ? NULL : txn_insert(t, c->netns.table, NULL, &r);

	if (e)
		return e;
	txn_set_string(t, r, c->netns.name, name);
	txn_set_string(t, r, c->netns.boot_id, reg->boot_id);
	txn_set_integer(t, r, c->netns.inode, (int64_t)inode);
	txn_set_integer(t, r, c->netns.cookie, 0);
	txn_set_string(t, r, c->netns.process, process);
	return NULL;
}

struct err *netns_registry_reserve(struct netns_registry *reg, const char *const *names,
				   size_t n)
{
	struct txn *t = daemon_txn_new(reg->db);

	for (size_t i = 0; i < n; i++) {
		struct err *e = write_entry(reg, t, names[i], 0, "");

		if (e) {
			txn_free(t);
			return e;
		}
	}
	return commit(t);
}

struct err *netns_registry_bind(struct netns_registry *reg,
				const struct netns_binding *bindings, size_t n)
{
	struct txn *t = daemon_txn_new(reg->db);

	for (size_t i = 0; i < n; i++) {
		const struct model_process *p = bindings[i].process;
		char text[48];
		struct err *e;

		snprintf(text, sizeof(text), "%" PRIu32 "/%" PRIu64, p->pid, p->start);
		e = write_entry(reg, t, bindings[i].netns, bindings[i].inode, text);
		if (e) {
			txn_free(t);
			return e;
		}
	}
	return commit(t);
}

struct err *netns_registry_settle(struct netns_registry *reg,
				  const struct netns_made *entries, size_t n)
{
	struct txn *t = daemon_txn_new(reg->db);

	for (size_t i = 0; i < n; i++) {
		struct row *r = find(reg, entries[i].name);

		if (r && !entries[i].inode)
			txn_delete(t, r);
		if (!r || !entries[i].inode)
			continue;
		txn_set_integer(t, r, reg->columns->netns.inode,
				(int64_t)entries[i].inode);
		txn_set_integer(t, r, reg->columns->netns.cookie,
				(int64_t)entries[i].cookie);
	}
	return commit(t);
}
