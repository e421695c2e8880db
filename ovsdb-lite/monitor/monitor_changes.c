/* The rows whose changes were not sent yet, and their values at the client. Only columns
 * that changed are copied, and each once, however often it changes. */
#include "ovsdb-lite/monitor/monitor_changes.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <stdlib.h>

struct monitor_changes *monitor_changes_new(const struct monitor_request *r)
{
	struct monitor_changes *c = xcalloc(1, sizeof(*c));

	c->request = r;
	c->rows = xcalloc(db_schema(r->db)->n_tables + 1, sizeof(struct monitor_row *));
	return c;
}

static void free_row(struct monitor_row *row, const struct monitor_table *mt)
{
	for (size_t i = 0; row->was_seen && i < mt->n_columns; i++)
		if (row->cells[i].is_kept)
			datum_clear(&row->cells[i].old, &mt->columns[i].schema->type);
	free(row);
}

void monitor_changes_free(struct monitor_changes *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < db_schema(c->request->db)->n_tables; i++) {
		struct monitor_row *row, *next;

		HASH_ITER (hh, c->rows[i], row, next) {
			HASH_DEL(c->rows[i], row);
			free_row(row, &c->request->tables[i]);
		}
	}
	free(c->rows);
	buffer_clear(&c->text);
	free(c);
}

struct monitor_row *monitor_changes_find(const struct monitor_changes *c,
					 const struct monitor_table *mt,
					 const struct uuid *uuid)
{
	struct monitor_row *row;

	HASH_FIND(hh, c->rows[table_schema(mt->table)->index], uuid, sizeof(*uuid), row);
	return row;
}

struct monitor_row *monitor_changes_add(struct monitor_changes *c,
					const struct monitor_table *mt,
					const struct uuid *uuid, bool was_seen)
{
	size_t n_cells = was_seen ? mt->n_columns : 0;
	struct monitor_row *row =
		xcalloc(1, sizeof(*row) + n_cells * sizeof(row->cells[0]));

	row->uuid = *uuid;
	row->was_seen = was_seen;
	HASH_ADD(hh, c->rows[table_schema(mt->table)->index], uuid, sizeof(row->uuid),
		 row);
	c->n_rows++;
	return row;
}

void monitor_row_keep(struct monitor_row *row, const struct monitor_table *mt, size_t i,
		      const struct datum *old)
{
	struct monitor_cell *cell = &row->cells[i];

	if (cell->is_kept)
		return;
	datum_copy(&cell->old, old, &mt->columns[i].schema->type);
	cell->is_kept = true;
}

/* A row that comes back under its UUID was kept whole when it went. */
static void keep_changed(struct monitor_row *row, const struct monitor_table *mt,
			 const struct change *change)
{
	for (size_t i = 0; change->kind != CHANGE_INSERT && i < mt->n_columns; i++) {
		const struct column_schema *cs = mt->columns[i].schema;

		if (cs && change_is_changed(change, cs))
			monitor_row_keep(row, mt, i, change_old(change, cs));
	}
}

static void forget_row(struct monitor_changes *c, const struct monitor_table *mt,
		       struct monitor_row *row)
{
	HASH_DEL(c->rows[table_schema(mt->table)->index], row);
	c->n_rows--;
	free_row(row, mt);
}

void monitor_changes_note(struct monitor_changes *c, const struct monitor_table *mt,
			  const struct change *change, bool was_seen, bool shows)
{
	const struct uuid *uuid = row_uuid(change->row);
	struct monitor_row *row = monitor_changes_find(c, mt, uuid);

	if (!row && !shows)
		return;
	if (!row) {
		row = monitor_changes_add(c, mt, uuid, was_seen);
		if (was_seen)
			row->old_version = *change_old_version(change);
	}
	c->is_written = false;
	if (row->was_seen)
		keep_changed(row, mt, change);
	else if (change->kind == CHANGE_DELETE)
		forget_row(c, mt, row); /* inserted and deleted since: not sent */
}

static void add_if_only_one_wants(struct monitor_changes *c,
				  const struct monitor_table *from,
				  const struct monitor_table *to, const struct row *r)
{
	bool was_seen = monitor_table_wants(from, r);
	struct monitor_row *row;

	if (was_seen == monitor_table_wants(to, r))
		return;
	row = monitor_changes_add(c, to, row_uuid(r), was_seen);
	row->old_version = *row_version(r);
}

struct monitor_changes *monitor_changes_between(const struct monitor_request *from,
						const struct monitor_request *to)
{
	struct monitor_changes *c = monitor_changes_new(to);

	for (size_t i = 0; i < db_schema(to->db)->n_tables; i++) {
		if (!to->tables[i].table ||
		    json_equals(from->tables[i].where, to->tables[i].where))
			continue;
		TABLE_FOR_EACH (r, to->tables[i].table)
			add_if_only_one_wants(c, &from->tables[i], &to->tables[i], r);
	}
	return c;
}

const struct datum *monitor_row_old(const struct monitor_row *row,
				    const struct monitor_table *mt, size_t i,
				    const struct row *now)
{
	const struct monitor_cell *cell = &row->cells[i];

	return cell->is_kept ? &cell->old : row_get(now, mt->columns[i].schema);
}

bool monitor_row_differs(const struct monitor_changes *c, const struct monitor_row *row,
			 const struct monitor_table *mt, size_t i, const struct row *now)
{
	const struct monitor_column *mc = &mt->columns[i];

	switch (mc->pseudo) {
	case MONITOR_UUID:
		return false;
	case MONITOR_VERSION:
		return !uuid_equals(&row->old_version, row_version(now));
	case MONITOR_REAL:
		break;
	}
	if (c->forgot_ephemeral && mc->schema->ephemeral)
		return true;
	return row->cells[i].is_kept &&
	       !datum_equals(&row->cells[i].old, row_get(now, mc->schema),
			     &mc->schema->type);
}
