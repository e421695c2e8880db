/* `convert` (ovsdb-server(7) 4.1.20): another schema for a database that is served. What
 * becomes of the rows is db_convert.c's, of the clients hosted_db.c's. */
#include "ovsdb-lite/server/methods.h"

#include "ovsdb-lite/json/json.h"

static struct err *check(const struct hosted_db *db)
{
	if (db->db == db->server->own)
		return err_new(ERR_NOT_ALLOWED,
			       "convert: database %s is the server's own", db->name);
	if (db->is_schema_fixed)
		return err_hint(err_new(ERR_NOT_ALLOWED,
					"convert: the schema of database %s is fixed by "
					"the program that serves it",
					db->name),
				"a newer version of the program brings its own");
	return NULL;
}

struct err *method_convert(struct session *s, const struct jsonrpc_message *m,
			   struct json_object **ret_result)
{
	struct schema *schema;
	struct hosted_db *db;
	struct err *e;

	(void)ret_result;
	e = method_find_db(s, m, &db);
	if (!e)
		e = method_want_params(m, 2, "a database's name and its new schema");
	if (!e)
		e = check(db);
	if (!e)
		e = schema_from_json(json_at(m->params, 1), &schema);
	if (e)
		return e;
	e = hosted_db_convert(db, schema, s);
	schema_free(schema);
	if (!e)
		session_reply_durable(s, json_object(), json_clone(m->id), db);
	return e;
}
