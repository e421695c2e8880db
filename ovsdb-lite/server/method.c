/* The parameters of methods: how many there are, and the database that they begin with. */
#include "ovsdb-lite/server/method.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/server/hosted_db.h"

#include <stdlib.h>
#include <string.h>

struct err *method_at_params(struct err *e, const struct jsonrpc_message *m)
{
	CLEANUP(freep) char *text = json_text(m->params);

	return err_at(e, "%s", text);
}

struct err *method_want_params(const struct jsonrpc_message *m, size_t n,
			       const char *what)
{
	if (json_get_length(m->params) == n)
		return NULL;
	return method_at_params(err_new(ERR_SYNTAX, "%s takes %s", m->method, what), m);
}

struct err *method_find_db(struct session *s, const struct jsonrpc_message *m,
			   struct hosted_db **ret_db)
{
	const struct json_object *first = NULL;
	struct hosted_db *db;
	const char *name;

	if (json_get_length(m->params))
		first = json_at(m->params, 0);
	if (json_kind(first) != JSON_STRING)
		return method_at_params(
			err_new(ERR_SYNTAX, "%s request params must begin with <db-name>",
				m->method),
			m);
	name = json_get_string(first);
	HASH_FIND_STR(s->common->dbs, name, db);
	if (!db)
		return method_at_params(
			err_new(ERR_UNKNOWN_DATABASE,
				"%s request specifies unknown database %s", m->method,
				name),
			m);
	*ret_db = db;
	return NULL;
}
