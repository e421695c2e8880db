/* Views: monitors with equal requests, their positions, and which changes of a commit must
 * be sent to them. */
#include "ovsdb-lite/monitor/monitor_view.h"

#include "lib/alloc.h"
#include "ovsdb-lite/rows/condition.h"
#include "ovsdb-lite/rows/txn.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct monitor_view *monitor_view_join(struct monitor_view **views,
				       struct monitor_request *request)
{
	char *key = monitor_request_key(request);
	struct monitor_view *v;

	HASH_FIND_STR(*views, key, v);
	if (v) {
		free(key);
		monitor_request_free(request);
	} else {
		v = xcalloc(1, sizeof(*v));
		v->views = views;
		v->key = key;
		v->request = request;
		HASH_ADD_KEYPTR(hh, *views, v->key, strlen(v->key), v);
	}
	v->n_monitors++;
	return v;
}

void monitor_view_leave(struct monitor_view *v)
{
	if (--v->n_monitors)
		return;
	assert(!v->positions);
	HASH_DEL(*v->views, v);
	monitor_request_free(v->request);
	free(v->key);
	free(v);
}

static const struct datum *read_old(const void *change, const struct column_schema *c)
{
	return change_old(change, c);
}

/* The observer runs after the commit: a deleted row still has its columns. */
static bool was_wanted(const struct monitor_table *mt, const struct change *c)
{
	const struct condition_image image = {
		.uuid = row_uuid(c->row),
		.version = change_old_version(c),
		.read = read_old,
		.aux = c,
	};

	if (c->kind == CHANGE_INSERT)
		return false;
	return !mt->condition || condition_image_matches_any(mt->condition, &image);
}

static bool is_wanted(const struct monitor_table *mt, const struct change *c)
{
	return c->kind != CHANGE_DELETE && monitor_table_wants(mt, c->row);
}

/* For a row that is monitored before and after. _version changes with every change of its
 * row. */
static bool shows(const struct monitor_table *mt, const struct change *c)
{
	for (size_t i = 0; i < mt->n_columns; i++) {
		const struct monitor_column *mc = &mt->columns[i];

		if (mc->pseudo == MONITOR_VERSION ||
		    (mc->pseudo == MONITOR_REAL && change_is_changed(c, mc->schema)))
			return true;
	}
	return false;
}

static void note_change(struct monitor_view *v, const struct monitor_table *mt,
			const struct change *c)
{
	bool was = was_wanted(mt, c), is = is_wanted(mt, c);
	bool matters = was && is ? shows(mt, c) : was || is;
	struct monitor_changes *position;

	DL_FOREACH (v->positions, position)
		monitor_changes_note(position, mt, c, was, matters);
}

void monitor_view_note(struct monitor_view *v, const struct txn *txn)
{
	TXN_FOR_EACH_CHANGE (c, txn) {
		const struct monitor_table *mt =
			&v->request->tables[table_schema(c.table)->index];

		if (mt->table)
			note_change(v, mt, &c);
	}
	if (v->now && v->now->n_rows)
		v->now = NULL;
}

struct monitor_changes *monitor_view_enter_now(struct monitor_view *v)
{
	if (!v->now) {
		v->now = monitor_changes_new(v->request);
		DL_APPEND(v->positions, v->now);
	}
	v->now->n_monitors++;
	return v->now;
}

void monitor_view_enter(struct monitor_view *v, struct monitor_changes *c)
{
	assert(c->request == v->request);
	DL_APPEND(v->positions, c);
	c->n_monitors++;
}

void monitor_view_leave_position(struct monitor_view *v, struct monitor_changes *c)
{
	if (--c->n_monitors)
		return;
	if (v->now == c)
		v->now = NULL;
	DL_DELETE(v->positions, c);
	monitor_changes_free(c);
}
