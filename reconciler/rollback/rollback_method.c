/* A client cannot go back by itself: while a change is on trial, it may change nothing. */
#include "reconciler/rollback/rollback_method.h"

#include "config/rows.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <stdlib.h>

struct rollback_method {
	const struct ipvl_columns *c;
	struct db *db;
	struct rollback *rollback;
};

static struct err *call(void *aux, const struct json_object *params,
			const struct txn_origin *caller, struct json_object **ret_result)
{
	const struct rollback_method *m = aux;
	CLEANUP(freep) char *who = rollback_who(caller->uid, caller->subject);
	CLEANUP(freep) char *why = xasprintf("cancelled%s%s", *who ? " by " : "", who);
	int64_t serial;
	struct err *e = server_check_no_params(m->db, params);

	if (!e)
		e = rollback_run(m->rollback, why, &serial);
	if (e)
		return e;
	*ret_result = json_object();
	json_put(*ret_result, "transaction", json_integer(serial));
	json_put(*ret_result, "next_cfg", json_integer(rows_next_cfg(m->c)));
	return NULL;
}

struct rollback_method *rollback_method_new(struct server *s,
					    const struct ipvl_columns *c, struct db *db,
					    struct rollback *r)
{
	struct rollback_method *m = xcalloc(1, sizeof(*m));

	m->c = c;
	m->db = db;
	m->rollback = r;
	server_add_method(s, db, "ipvl_cancel", RBAC_ALL, call, m);
	return m;
}

void rollback_method_free(struct rollback_method *m)
{
	free(m);
}
