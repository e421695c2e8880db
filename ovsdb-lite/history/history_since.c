/* The changes since a state that a client names: the view from all inverses since
 * then. */
#include "ovsdb-lite/history/history_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <stdlib.h>

static struct err *fold_text(struct history_view *v, enum history_part part,
			     const char *text, size_t n)
{
	struct json_object *json;
	struct err *e = history_parse(v->db, text, n, &json);

	if (e)
		return e;
	e = history_view_fold(v, part, json);
	json_free(json);
	return e;
}

/* Folds the next older entry, which must be number 'serial'. '*ret_reached' false: it, or
 * its inverse, was not kept. */
static struct err *fold_entry(struct history_view *v, struct store_history_cursor *c,
			      int64_t serial, bool *ret_reached)
{
	struct store_history_entry entry;
	bool found;
	struct err *e = store_history_next(c, &found, &entry);

	if (e)
		return e;
	*ret_reached = found && entry.serial == serial && entry.inverse;
	return *ret_reached ? fold_text(v, HISTORY_FILE, entry.inverse, entry.n_inverse)
			    : NULL;
}

/* Goes back to the state after commit number 'at' of those in memory. */
static struct err *fold_recent(struct history_view *v, struct store_history_cursor *c,
			       size_t at, bool *ret_reached)
{
	const struct history *h = v->db->history;
	struct err *e = NULL;

	*ret_reached = true;
	for (size_t i = h->n_recent; !e && *ret_reached && --i > at;) {
		const struct history_recent *r = history_recent_at(h, i);

		if (r->serial)
			e = fold_entry(v, c, r->serial, ret_reached);
		if (!e && *ret_reached && r->inverse)
			e = fold_text(v, HISTORY_MEMORY, r->inverse, r->n_inverse);
	}
	return e;
}

/* Goes back to the state after entry 'serial' of the file. */
static struct err *fold_file(struct history_view *v, struct store_history_cursor *c,
			     int64_t serial, bool *ret_reached)
{
	struct err *e = NULL;

	*ret_reached = true;
	for (int64_t i = v->db->history->sum.last_serial;
	     !e && *ret_reached && i > serial; i--)
		e = fold_entry(v, c, i, ret_reached);
	return e;
}

/* False if no commit in memory has this id. */
static bool find_recent(const struct history *h, const struct uuid *id, size_t *ret_at)
{
	for (size_t i = h->n_recent; i-- > 0;) {
		if (!uuid_equals(&history_recent_at(h, i)->id, id))
			continue;
		*ret_at = i;
		return true;
	}
	return false;
}

static struct err *fold_since(struct history_view *v, const struct uuid *id,
			      enum history_reach *ret_reach)
{
	const struct db *db = v->db;
	CLEANUP(store_history_closep) struct store_history_cursor *c = NULL;
	bool is_reached = false;
	int64_t serial;
	size_t at;
	struct err *e = store_history_open(db->store, INT64_MAX, true, &c);

	*ret_reach = HISTORY_UNKNOWN;
	if (e)
		return e;
	if (find_recent(db->history, id, &at)) {
		e = fold_recent(v, c, at, &is_reached);
		*ret_reach = HISTORY_WHOLE;
	} else {
		e = store_history_find(db->store, id, &serial);
		if (!e && serial)
			e = fold_file(v, c, serial, &is_reached);
		*ret_reach = HISTORY_PERSISTENT;
	}
	if (e || !is_reached)
		*ret_reach = HISTORY_UNKNOWN;
	return e;
}

struct err *history_view_since(const struct db *db, const struct uuid *id,
			       enum history_reach *ret_reach,
			       struct history_view **ret_view)
{
	struct history_view *v;
	struct err *e;

	*ret_reach = HISTORY_UNKNOWN;
	*ret_view = NULL;
	if (!db->history || !db->history->limits.max_entries || uuid_is_zero(id))
		return NULL;
	v = history_view_new(db);
	e = fold_since(v, id, ret_reach);
	if (*ret_reach == HISTORY_UNKNOWN) {
		history_view_free(v);
		return e;
	}
	history_view_settle(v);
	*ret_view = v;
	return NULL;
}
