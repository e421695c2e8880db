/* The table Settled. A row is recorded with a digest of its configuration: an edit by any
 * client, with or without a running ipvld, makes another one. */
#include "reconciler/wanted/settled.h"

#include "lib/alloc.h"
#include "lib/buffer.h"
#include "lib/process.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a, 64 bits. */
#define DIGEST_START 0xcbf29ce484222325U
#define DIGEST_PRIME 0x100000001b3U

struct settled {
	const struct ipvl_columns *columns;
	char boot_id[PROCESS_BOOT_ID_BYTES];
};

struct err *settled_new(const struct ipvl_columns *columns, struct settled **ret_s)
{
	struct settled *s = xcalloc(1, sizeof(*s));
	struct err *e = process_boot_id(s->boot_id);

	if (e) {
		settled_free(s);
		return e;
	}
	s->columns = columns;
	*ret_s = s;
	return NULL;
}

void settled_free(struct settled *s)
{
	free(s);
}

static struct row *find(const struct settled *s, const struct row *r)
{
	const struct ipvl_columns *c = s->columns;
	union atom uuid = {.uuid = *row_uuid(r)};
	struct datum key;
	struct row *found;

	datum_init_empty(&key);
	datum_append(&key, uuid, NULL);
	found = table_find_by_index(c->settled.table, 0, &key);
	datum_clear(&key, &c->settled.row->type);
	return found;
}

/* What a pool gives stands in the addresses and routes. A column that a new version adds and
 * that is nothing to the kernel must not change the digests of before. */
static bool is_declared(const struct ipvl_columns *c, const struct column_schema *column)
{
	const struct column_schema *const others[] = {
		c->master.slaves,     c->master.sources,  c->master.external_ids,
		c->master.optional,   c->slave.sources,   c->slave.external_ids,
		c->slave.optional,    c->slave.pool,      c->slave.leases,
		c->slave.handed_over, c->slave.transient,
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (column == others[i])
			return false;
	}
	return !column->ephemeral;
}

/* Another datapath makes each slave again; of one that is not ipvlan a mode may too. */
static void write_datapath(struct buffer *text, const struct ipvl_columns *c,
			   const struct settled_row *r)
{
	const struct column_schema *const columns[] = {c->master.datapath, c->master.mode,
						       c->master.flag};

	if (!*datum_text(rows_get(r->txn, r->master, c->master.datapath)))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		datum_write(text, rows_get(r->txn, r->master, columns[i]),
			    &columns[i]->type);
}

static int64_t digest_of(const struct ipvl_columns *c, const struct settled_row *r)
{
	const struct table_schema *ts = table_schema(row_table(r->row));
	CLEANUP(buffer_clearp) struct buffer text = {0};
	uint64_t digest = DIGEST_START;

	if (r->master)
		datum_write_uuid(&text, row_uuid(r->master));
	if (r->master)
		write_datapath(&text, c, r);
	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *column = &ts->columns[i];

		if (is_declared(c, column))
			datum_write(&text, rows_get(r->txn, r->row, column),
				    &column->type);
	}
	for (size_t i = 0; i < text.n; i++)
		digest = (digest ^ (unsigned char)text.data[i]) * DIGEST_PRIME;
	return (int64_t)digest;
}

struct model_settled settled_find(const struct settled *s, const struct settled_row *r)
{
	const struct ipvl_columns *c = s->columns;
	const struct row *found = find(s, r->row);

	if (!found ||
	    strcmp(datum_text(row_get(found, c->settled.boot_id)), s->boot_id) != 0 ||
	    datum_integer(row_get(found, c->settled.config), 0) != digest_of(c, r))
		return (struct model_settled){0};
	return (struct model_settled){
		.is_settled = true,
		.below_ifindex =
			(uint32_t)datum_integer(row_get(found, c->settled.below), 0),
		.netns_inode =
			(uint64_t)datum_integer(row_get(found, c->settled.inode), 0),
	};
}

bool settled_has(const struct settled *s, const struct row *r)
{
	return find(s, r);
}

void settled_note(const struct settled *s, struct txn *t, const struct settled_row *r,
		  uint32_t below_ifindex, uint64_t netns_inode)
{
	const struct ipvl_columns *c = s->columns;
	struct row *found = find(s, r->row);
	struct datum uuid;
	struct err *e;

	if (!found) {
		e = txn_insert(t, c->settled.table, NULL, &found);
		if (e) { /* only a UUID that is taken could fail, and none was given */
			err_free(e);
			return;
		}
	}
	datum_init_empty(&uuid);
	datum_append(&uuid, (union atom){.uuid = *row_uuid(r->row)}, NULL);
	txn_set(t, found, c->settled.row, &uuid);
	txn_set_string(t, found, c->settled.boot_id, s->boot_id);
	txn_set_integer(t, found, c->settled.config, digest_of(c, r));
	txn_set_integer(t, found, c->settled.below, below_ifindex);
	txn_set_integer(t, found, c->settled.inode, (int64_t)netns_inode);
}

void settled_note_lost_netns(const struct settled *s, struct txn *t, const struct row *r)
{
	struct row *found = find(s, r);

	if (found)
		txn_set_integer(t, found, s->columns->settled.inode, 0);
}

void settled_forget(const struct settled *s, struct txn *t, const struct row *r)
{
	struct row *found = find(s, r);

	if (found)
		txn_delete(t, found);
}

void settled_sweep(const struct settled *s, struct txn *t)
{
	const struct ipvl_columns *c = s->columns;

	TABLE_FOR_EACH (r, c->settled.table) {
		const struct uuid *uuid = &datum_keys(row_get(r, c->settled.row))->uuid;

		if (!table_find(c->slave.table, uuid) &&
		    !table_find(c->master.table, uuid))
			txn_delete(t, r);
	}
}
