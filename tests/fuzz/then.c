/* Rows as they were, put together from how they are and what a view of the history says.
 * Whether that is true fuzz_store.c asks. */
#include "then.h"

#include "fuzz.h"

#include "ovsdb-lite/values/datum.h"

#include <stdlib.h>

/* A row as it was. */
struct then {
	struct uuid uuid;
	const struct row *now;      /* NULL if it is gone */
	struct history_image image; /* all NULL if it is as it was */
};

static int cmp_then(const void *a, const void *b)
{
	return uuid_cmp(&((const struct then *)a)->uuid, &((const struct then *)b)->uuid);
}

static struct json_object *
then_to_json(const struct then *then, const struct table_schema *ts, bool with_ephemeral)
{
	struct json_object *o = json_object();
	char text[UUID_TEXT_BYTES];

	json_put(o, "_uuid", json_string(uuid_format(&then->uuid, text)));
	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];
		const struct datum *old = then->image.old ? then->image.old[i] : NULL;

		if (with_ephemeral || !c->ephemeral)
			json_put(o, c->name,
				 datum_to_json(old ? old : row_get(then->now, c),
					       &c->type));
	}
	return o;
}

/* The rows of a table as they were under 'view' (NULL: as they are). '*ret_n' of them,
 * owned by the caller. */
static struct then *rows_then(const struct table *t, const struct history_view *view,
			      size_t *ret_n)
{
	struct then *rows = NULL;
	struct history_image image;
	size_t n = 0, n_images, cap = 0;
	void *cursor = NULL;

	while (view && history_view_next(view, &cursor, &image)) {
		if (image.table != table_schema(t))
			continue;
		rows = xgrow(rows, n, &cap, sizeof(*rows));
		rows[n++] = (struct then){image.uuid, table_find(t, &image.uuid), image};
	}
	n_images = n;
	TABLE_FOR_EACH (r, t) {
		bool is_known = false;

		for (size_t i = 0; i < n_images; i++)
			is_known = is_known || rows[i].now == r;
		if (is_known)
			continue;
		rows = xgrow(rows, n, &cap, sizeof(*rows));
		rows[n++] = (struct then){.uuid = *row_uuid(r), .now = r};
	}
	*ret_n = n;
	return rows;
}

char *dump_then(const struct db *db, const struct history_view *view, bool with_ephemeral)
{
	struct json_object *all = json_array();
	char *text;

	for (unsigned int i = 0; i < db_schema(db)->n_tables; i++) {
		const struct table *t = db_table_at(db, i);
		struct json_object *list = json_array();
		size_t n;
		struct then *rows = rows_then(t, view, &n);

		if (n)
			qsort(rows, n, sizeof(*rows), cmp_then);
		for (size_t k = 0; k < n; k++) {
			if (!rows[k].image.table || rows[k].image.existed)
				json_add(list, then_to_json(&rows[k], table_schema(t),
							    with_ephemeral));
		}
		json_add(all, list);
		free(rows);
	}
	text = json_text(all);
	json_free(all);
	return text;
}
