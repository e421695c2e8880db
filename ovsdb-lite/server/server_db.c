/* `_Server`: its schema and its rows. Clients read it before anything else (ovsdb-wire.md
 * 5). Writes of clients are refused, because its name begins with '_'. */
#include "ovsdb-lite/server/server_db.h"

#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/rows/txn.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* As ovsdb-server(5) describes it. `cid`, `sid` and `index` are for clusters, and empty
 * here. */
static const char schema_text[] =
	"{\"name\":\"" SERVER_DB_NAME "\",\"version\":\"1.2.0\",\"tables\":{"
	"\"Database\":{\"columns\":{"
	"\"name\":{\"type\":\"string\"},"
	"\"model\":{\"type\":{\"key\":{\"type\":\"string\",\"enum\":"
	"[\"set\",[\"clustered\",\"relay\",\"standalone\"]]}}},"
	"\"connected\":{\"type\":\"boolean\"},"
	"\"leader\":{\"type\":\"boolean\"},"
	"\"schema\":{\"type\":{\"key\":\"string\",\"min\":0,\"max\":1}},"
	"\"cid\":{\"type\":{\"key\":\"uuid\",\"min\":0,\"max\":1}},"
	"\"sid\":{\"type\":{\"key\":\"uuid\",\"min\":0,\"max\":1}},"
	"\"index\":{\"type\":{\"key\":\"integer\",\"min\":0,\"max\":1}}}}}}";

static struct schema *make_schema(void)
{
	struct schema *schema = NULL;
	struct json_object *json;
	struct err *e = json_parse(schema_text, sizeof(schema_text) - 1, &json);

	if (!e)
		e = schema_from_json(json, &schema);
	assert(!e);
	json_free(json);
	return schema;
}

static const struct column_schema *column(const struct table *t, const char *name)
{
	const struct column_schema *c = table_schema_find(table_schema(t), name);

	assert(c);
	return c;
}

static struct row *find(const struct table *databases, const char *name)
{
	const struct column_schema *c = column(databases, "name");

	TABLE_FOR_EACH (r, databases)
		if (!strcmp(datum_string(row_get(r, c)), name))
			return r;
	return NULL;
}

static void set_true(struct txn *t, struct row *r, const struct column_schema *c)
{
	struct datum d = {0};

	datum_set_boolean(&d, &c->type, true);
	txn_set(t, r, c, &d);
}

static struct row *insert(struct txn *t, struct table *databases, const char *name)
{
	struct err *e;
	struct row *r;

	e = txn_insert(t, databases, NULL, &r);
	assert(!e);
	(void)e;
	txn_set_string(t, r, column(databases, "name"), name);
	txn_set_string(t, r, column(databases, "model"), "standalone");
	set_true(t, r, column(databases, "connected"));
	set_true(t, r, column(databases, "leader"));
	return r;
}

void server_db_publish(struct db *server_db, const struct db *hosted)
{
	static const struct txn_origin origin = {.internal = true, .uid = -1, .pid = -1};
	struct table *databases = db_table(server_db, "Database");
	struct json_object *schema = schema_to_json(db_schema(hosted));
	char *text = json_text(schema);
	struct txn *t = txn_new(server_db, &origin);
	struct row *r = find(databases, db_name(hosted));
	struct err *e;

	if (!r)
		r = insert(t, databases, db_name(hosted));
	txn_set_string(t, r, column(databases, "schema"), text);
	e = db_commit(t);
	assert(!e); /* nothing is checked, and there is no disk */
	(void)e;
	txn_free(t);
	free(text);
	json_free(schema);
}

struct db *server_db_new(void)
{
	struct db *db = db_new_in_memory(make_schema());

	server_db_publish(db, db);
	return db;
}
