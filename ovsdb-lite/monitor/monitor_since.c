/* What changed while a client was away, out of the database's history (history.h).
 *
 * After a restart of the server the ephemeral columns that the client has are not known.
 * They are sent again, in every row: for a column of at most one element the difference
 * is its new value, and the same value twice does no harm. For a set or a map the same
 * difference twice would undo itself (ovsdb-wire.md 4). Then, and where rows were inserted
 * or deleted without an entry in the history, there is no difference to send. */
#include "ovsdb-lite/monitor/monitor_since.h"

#include "lib/err.h"
#include "ovsdb-lite/rows/condition.h"
#include "ovsdb-lite/history/history.h"

#include <stdlib.h>

static bool is_kept_in_memory_only(const struct table_schema *ts)
{
	for (size_t i = 0; i < ts->n_columns; i++)
		if (!ts->columns[i].ephemeral)
			return false;
	return true;
}

/* The restart made the row's versions new as well. */
static bool is_fleeting(const struct monitor_column *mc)
{
	return mc->pseudo == MONITOR_VERSION ||
	       (mc->pseudo == MONITOR_REAL && mc->schema->ephemeral);
}

static bool has_fleeting(const struct monitor_table *mt)
{
	for (size_t i = 0; i < mt->n_columns; i++)
		if (is_fleeting(&mt->columns[i]))
			return true;
	return false;
}

/* After a restart. */
static bool can_be_sent_twice(const struct monitor_table *mt)
{
	if (is_kept_in_memory_only(table_schema(mt->table)) || mt->asks_for_version ||
	    mt->asks_for_ephemeral)
		return false;
	for (size_t i = 0; i < mt->n_columns; i++)
		if (is_fleeting(&mt->columns[i]) && mt->columns[i].schema &&
		    mt->columns[i].schema->type.n_max > 1)
			return false;
	return true;
}

static bool can_be_sent(const struct monitor_request *r, enum history_reach reach)
{
	if (reach == HISTORY_UNKNOWN)
		return false;
	for (size_t i = 0; i < db_schema(r->db)->n_tables; i++) {
		const struct monitor_table *mt = &r->tables[i];

		if (!mt->table)
			continue;
		/* No version of the past is known. */
		if (reach == HISTORY_WHOLE ? mt->asks_for_version
					   : !can_be_sent_twice(mt))
			return false;
	}
	return true;
}

/* A row at that time: its values in the history, else those of now. */
struct then {
	const struct history_image *image;
	const struct row *now; /* NULL if it is deleted; the image is whole then */
};

static const struct datum *read_then(const void *aux, const struct column_schema *c)
{
	const struct then *then = aux;
	const struct datum *old = then->image->old[c->index];

	return old ? old : row_get(then->now, c);
}

static bool was_wanted(const struct monitor_table *mt, const struct then *then)
{
	static const struct uuid unknown;
	const struct condition_image image = {
		.uuid = &then->image->uuid,
		.version = &unknown,
		.read = read_then,
		.aux = then,
	};

	if (!then->image->existed)
		return false;
	return !mt->condition || condition_image_matches_any(mt->condition, &image);
}

static void add_image(struct monitor_changes *c, const struct monitor_table *mt,
		      const struct history_image *image)
{
	const struct then then = {image, table_find(mt->table, &image->uuid)};
	struct monitor_row *row =
		monitor_changes_add(c, mt, &image->uuid, was_wanted(mt, &then));

	for (size_t i = 0; row->was_seen && i < mt->n_columns; i++) {
		const struct column_schema *cs = mt->columns[i].schema;

		if (cs && image->old[cs->index])
			monitor_row_keep(row, mt, i, image->old[cs->index]);
	}
}

/* Rows that nothing persistent happened to. */
static void add_the_others(struct monitor_changes *c, const struct monitor_table *mt)
{
	TABLE_FOR_EACH (r, mt->table)
		if (!monitor_changes_find(c, mt, row_uuid(r)) &&
		    monitor_table_wants(mt, r))
			monitor_changes_add(c, mt, row_uuid(r), true);
}

static struct monitor_changes *changes_since(const struct monitor_request *r,
					     enum history_reach reach,
					     const struct history_view *view)
{
	struct monitor_changes *c = monitor_changes_new(r);
	struct history_image image;
	void *cursor = NULL;

	while (history_view_next(view, &cursor, &image)) {
		const struct monitor_table *mt = &r->tables[image.table->index];

		if (mt->table)
			add_image(c, mt, &image);
	}
	if (reach == HISTORY_WHOLE)
		return c;
	c->forgot_ephemeral = true;
	for (size_t i = 0; i < db_schema(r->db)->n_tables; i++)
		if (r->tables[i].table && has_fleeting(&r->tables[i]))
			add_the_others(c, &r->tables[i]);
	return c;
}

/* If the history cannot be read, the client gets everything. */
struct monitor_changes *monitor_since(const struct monitor_request *r,
				      const struct uuid *id)
{
	struct history_view *view = NULL;
	struct monitor_changes *c = NULL;
	enum history_reach reach;
	struct err *e;

	if (uuid_is_zero(id))
		return NULL;
	e = history_view_since(r->db, id, &reach, &view);
	if (!e && can_be_sent(r, reach))
		c = changes_since(r, reach, view);
	err_free(e);
	history_view_free(view);
	return c;
}
