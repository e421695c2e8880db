/* Rows of an earlier version whose texts have another canonical form today.
 *
 * Only ipvld calls this, at its start: a row that is not canonical would be in
 * `error`, and no row would want its device. */
#include "config/rows.h"

#include "config/canon.h"
#include "config/daemon_txn.h"
#include "lib/alloc.h"

#include <string.h>

static size_t canonise_row(struct txn *t, struct row *r,
			   const struct column_schema *netns)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *text = datum_string(txn_get(t, r, netns)), *right;
	CLEANUP(err_freep) struct err *e = canon_netns(text, a, &right);

	/* A text without a canonical form stays, and is an error. */
	if (e || !strcmp(text, right))
		return 0;
	txn_set_string(t, r, netns, right);
	return 1;
}

/* A master and its slaves in a transaction of their own: the refusal of one does not
 * stop the others. */
static struct err *canonise_port(const struct ipvl_columns *c, struct db *db,
				 const struct uuid *master, size_t *n)
{
	struct txn *t = daemon_txn_new(db);
	struct row *m = txn_find(t, c->master.table, master);
	const struct datum *slaves = txn_get(t, m, c->master.slaves);
	size_t changed = canonise_row(t, m, c->master.netns);
	struct err *e;

	for (uint32_t i = 0; i < slaves->n; i++) {
		struct row *r = txn_find(t, c->slave.table, &datum_keys(slaves)[i].uuid);

		changed += canonise_row(t, r, c->slave.netns);
	}
	e = daemon_txn_commit(t);
	*n += e ? 0 : changed;
	return e;
}

struct err *rows_canonise(const struct ipvl_columns *c, struct db *db, size_t *ret_n)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct uuid *masters =
		arena_array(a, table_count(c->master.table), sizeof(*masters));
	struct err *first = NULL;
	size_t n_masters = 0, n = 0;

	TABLE_FOR_EACH (r, c->master.table)
		masters[n_masters++] = *row_uuid(r);
	for (size_t i = 0; i < n_masters; i++) {
		struct err *e = canonise_port(c, db, &masters[i], &n);

		if (first)
			err_free(e);
		else
			first = e;
	}
	*ret_n = n;
	return first;
}
