/* A monitor: what a client last saw of each row that changed since, and the difference to
 * now. It neither sends nor schedules: session.c asks for the update when the client can
 * take it. What the client asked for is read by monitor_request.c.
 *
 * A row stands in monitor_table.rows from its first change that was not yet told until
 * the next update, with its old image as of that first change. The new image is the
 * database's own. */
#include "ovsdb-lite/monitor.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json.h"
#include "ovsdb-lite/json_write.h"
#include "ovsdb-lite/jsonrpc.h"
#include "ovsdb-lite/monitor_request.h"
#include "ovsdb-lite/txn.h"

#include <assert.h>
#include <stdlib.h>
#include <utlist.h>

struct monitor_row {
	struct uuid uuid; /* key */
	bool existed;
	struct uuid old_version;
	/* Old images of the table's columns[], where 'existed'; a pseudo column's is
	 * unused. */
	struct datum *old;
	UT_hash_handle hh;
};

struct monitor {
	struct monitor_set *set;
	struct db *db;
	struct json_object *id;
	struct monitor_table *tables; /* by table_schema.index */
	struct monitor *prev, *next;
};

struct monitor_set {
	struct db *db;
	struct monitor *monitors;
};

struct monitor_set *monitor_set_new(struct db *db)
{
	struct monitor_set *set = xcalloc(1, sizeof(*set));

	set->db = db;
	return set;
}

void monitor_set_free(struct monitor_set *set)
{
	assert(!set || !set->monitors);
	free(set);
}

struct db *monitor_set_db(const struct monitor_set *set)
{
	return set->db;
}

struct err *monitor_new(struct monitor_set *set, enum monitor_method method,
			const struct json_object *id, const struct json_object *requests,
			const struct uuid *since, struct monitor **ret_monitor)
{
	struct monitor *m = xcalloc(1, sizeof(*m));
	struct db *db = set->db;
	struct err *e;

	(void)since;
	assert(method == MONITOR_PLAIN);
	m->set = set;
	m->db = db;
	m->tables = xcalloc(db_schema(db)->n_tables + 1, sizeof(*m->tables));
	e = monitor_request_parse(db, requests, m->tables);
	if (e) {
		free(m->tables);
		free(m);
		return e;
	}
	m->id = json_clone(id);
	DL_APPEND(set->monitors, m);
	*ret_monitor = m;
	return NULL;
}

static void forget_row(struct monitor_table *mt, struct monitor_row *mr)
{
	for (size_t i = 0; mr->old && i < mt->n_columns; i++)
		if (mt->columns[i].pseudo == MONITOR_REAL)
			datum_clear(&mr->old[i], &mt->columns[i].schema->type);
	free(mr->old);
	HASH_DEL(mt->rows, mr);
	free(mr);
}

void monitor_free(struct monitor *m)
{
	if (!m)
		return;
	DL_DELETE(m->set->monitors, m);
	for (size_t i = 0; i < db_schema(m->db)->n_tables; i++) {
		struct monitor_row *mr, *next;

		HASH_ITER (hh, m->tables[i].rows, mr, next)
			forget_row(&m->tables[i], mr);
	}
	monitor_request_clear(m->db, m->tables);
	free(m->tables);
	json_free(m->id);
	free(m);
}

const struct json_object *monitor_id(const struct monitor *m)
{
	return m->id;
}

struct monitor_set *monitor_of_set(const struct monitor *m)
{
	return m->set;
}

static const char *column_name(const struct monitor_column *mc)
{
	switch (mc->pseudo) {
	case MONITOR_UUID:
		return "_uuid";
	case MONITOR_VERSION:
		return "_version";
	case MONITOR_REAL:
		break;
	}
	return mc->schema->name;
}

static struct json_object *uuid_json(const struct uuid *u)
{
	char text[UUID_TEXT_BYTES];

	return json_pair(json_string("uuid"), json_string(uuid_format(u, text)));
}

static struct json_object *new_value(const struct monitor_column *mc, const struct row *r)
{
	switch (mc->pseudo) {
	case MONITOR_UUID:
		return uuid_json(row_uuid(r));
	case MONITOR_VERSION:
		return uuid_json(row_version(r));
	case MONITOR_REAL:
		break;
	}
	return datum_to_json(row_get(r, mc->schema), &mc->schema->type);
}

/* The row as it is, in the columns that are wanted for 'select'. */
static struct json_object *new_image(const struct monitor_table *mt, const struct row *r,
				     enum monitor_select select)
{
	struct json_object *image = json_object();

	for (size_t i = 0; i < mt->n_columns; i++)
		if (mt->columns[i].select & select)
			json_put(image, column_name(&mt->columns[i]),
				 new_value(&mt->columns[i], r));
	return image;
}

static void put_row(struct json_object **updates, const struct uuid *uuid,
		    struct json_object *old, struct json_object *new)
{
	struct json_object *update = json_object();
	char text[UUID_TEXT_BYTES];

	if (old)
		json_put(update, "old", old);
	if (new)
		json_put(update, "new", new);
	if (!*updates)
		*updates = json_object();
	json_put(*updates, uuid_format(uuid, text), update);
}

static struct json_object *initial(const struct monitor *m)
{
	struct json_object *tables = json_object();

	for (size_t i = 0; i < db_schema(m->db)->n_tables; i++) {
		const struct monitor_table *mt = &m->tables[i];
		struct json_object *rows = NULL;

		if (!mt->table || !(mt->select & MONITOR_INITIAL))
			continue;
		TABLE_FOR_EACH (r, mt->table)
			put_row(&rows, row_uuid(r), NULL,
				new_image(mt, r, MONITOR_INITIAL));
		if (rows)
			json_put(tables, table_schema(mt->table)->name, rows);
	}
	return tables;
}

/* True if the client could see the difference. A _version alone follows every change of
 * its row. */
static bool concerns(const struct monitor_table *mt, const struct change *c)
{
	if (c->kind != CHANGE_UPDATE)
		return true;
	for (size_t i = 0; i < mt->n_columns; i++) {
		const struct monitor_column *mc = &mt->columns[i];

		if (mc->pseudo == MONITOR_VERSION ||
		    (mc->pseudo == MONITOR_REAL && change_is_changed(c, mc->schema)))
			return true;
	}
	return false;
}

static void note_change(struct monitor_table *mt, const struct change *c)
{
	const struct uuid *uuid = row_uuid(c->row);
	struct monitor_row *mr;

	HASH_FIND(hh, mt->rows, uuid, sizeof(*uuid), mr);
	if (mr || !concerns(mt, c))
		return;
	mr = xcalloc(1, sizeof(*mr));
	mr->uuid = *uuid;
	mr->existed = c->kind != CHANGE_INSERT;
	if (mr->existed) {
		mr->old_version = *change_old_version(c);
		mr->old = xcalloc(mt->n_columns + 1, sizeof(*mr->old));
		for (size_t i = 0; i < mt->n_columns; i++) {
			const struct column_schema *cs = mt->columns[i].schema;

			if (cs)
				datum_copy(&mr->old[i], change_old(c, cs), &cs->type);
		}
	}
	HASH_ADD(hh, mt->rows, uuid, sizeof(mr->uuid), mr);
}

static void note(struct monitor *m, const struct txn *txn)
{
	TXN_FOR_EACH_CHANGE (c, txn) {
		struct monitor_table *mt = &m->tables[table_schema(c.table)->index];

		if (mt->table)
			note_change(mt, &c);
	}
}

static struct json_object *old_value(const struct monitor_table *mt,
				     const struct monitor_row *mr, size_t i)
{
	const struct monitor_column *mc = &mt->columns[i];

	switch (mc->pseudo) {
	case MONITOR_UUID:
		return uuid_json(&mr->uuid);
	case MONITOR_VERSION:
		return uuid_json(&mr->old_version);
	case MONITOR_REAL:
		break;
	}
	return datum_to_json(&mr->old[i], &mc->schema->type);
}

static bool has_changed(const struct monitor_table *mt, const struct monitor_row *mr,
			size_t i, const struct row *r)
{
	const struct monitor_column *mc = &mt->columns[i];

	switch (mc->pseudo) {
	case MONITOR_UUID:
		return false;
	case MONITOR_VERSION:
		return !uuid_equals(&mr->old_version, row_version(r));
	case MONITOR_REAL:
		break;
	}
	return !datum_equals(&mr->old[i], row_get(r, mc->schema), &mc->schema->type);
}

static void tell_delete(const struct monitor_table *mt, const struct monitor_row *mr,
			struct json_object **updates)
{
	struct json_object *old = json_object();

	for (size_t i = 0; i < mt->n_columns; i++)
		if (mt->columns[i].select & MONITOR_DELETE)
			json_put(old, column_name(&mt->columns[i]), old_value(mt, mr, i));
	put_row(updates, &mr->uuid, old, NULL);
}

/* RFC 7047 4.1.6: "old" has the columns that changed, "new" all of them. */
static void tell_modify(const struct monitor_table *mt, const struct monitor_row *mr,
			const struct row *r, struct json_object **updates)
{
	struct json_object *old = NULL;

	for (size_t i = 0; i < mt->n_columns; i++) {
		if (!(mt->columns[i].select & MONITOR_MODIFY) ||
		    !has_changed(mt, mr, i, r))
			continue;
		if (!old)
			old = json_object();
		json_put(old, column_name(&mt->columns[i]), old_value(mt, mr, i));
	}
	if (old)
		put_row(updates, &mr->uuid, old, new_image(mt, r, MONITOR_MODIFY));
}

static void tell_row(const struct monitor_table *mt, const struct monitor_row *mr,
		     struct json_object **updates)
{
	const struct row *r = table_find(mt->table, &mr->uuid);

	if (mr->existed && r)
		tell_modify(mt, mr, r, updates);
	else if (mr->existed && (mt->select & MONITOR_DELETE))
		tell_delete(mt, mr, updates);
	else if (!mr->existed && r && (mt->select & MONITOR_INSERT))
		put_row(updates, &mr->uuid, NULL, new_image(mt, r, MONITOR_INSERT));
}

static struct json_object *take_update(struct monitor *m)
{
	struct json_object *tables = NULL;

	for (size_t i = 0; i < db_schema(m->db)->n_tables; i++) {
		struct monitor_table *mt = &m->tables[i];
		struct json_object *updates = NULL;
		struct monitor_row *mr, *next;

		HASH_ITER (hh, mt->rows, mr, next) {
			tell_row(mt, mr, &updates);
			forget_row(mt, mr);
		}
		if (!updates)
			continue;
		if (!tables)
			tables = json_object();
		json_put(tables, table_schema(mt->table)->name, updates);
	}
	return tables ? json_pair(json_clone(m->id), tables) : NULL;
}

void monitor_set_note(struct monitor_set *set, const struct txn *txn)
{
	struct monitor *m;

	DL_FOREACH (set->monitors, m)
		note(m, txn);
}

void monitor_write_initial(struct monitor *m, struct buffer *out)
{
	struct json_object *tables = initial(m);

	json_write(out, tables);
	json_free(tables);
}

bool monitor_is_behind(const struct monitor *m)
{
	for (size_t i = 0; i < db_schema(m->db)->n_tables; i++)
		if (m->tables[i].rows)
			return true;
	return false;
}

bool monitor_write_update(struct monitor *m, struct buffer *out)
{
	struct json_object *params = take_update(m);
	CLEANUP(freep) char *text = NULL;

	if (!params)
		return false;
	text = jsonrpc_notification("update", params);
	buffer_puts(out, text);
	return true;
}

struct err *monitor_change(struct monitor *m, const struct json_object *new_id,
			   const struct json_object *requests)
{
	(void)m;
	(void)new_id;
	(void)requests;
	return err_new(ERR_SYNTAX, "unknown monitor session");
}
