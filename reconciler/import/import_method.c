/* The method's params are ["ipvl"] or ["ipvl", {"foreign": true}]. Nothing is changed. */
#include "reconciler/import/import_method.h"

#include "config/yaml/write.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

static struct err *read_params(const struct query *q, const struct json_object *params,
			       bool *ret_foreign)
{
	size_t n = json_get_length(params);
	const struct json_object *options = n == 2 ? json_at(params, 1) : NULL;
	const struct json_object *foreign = options && json_kind(options) == JSON_OBJECT
						    ? json_member(options, "foreign")
						    : NULL;
	bool is_object = options && json_kind(options) == JSON_OBJECT;

	*ret_foreign = foreign && json_kind(foreign) == JSON_BOOLEAN &&
		       json_get_boolean(foreign);
	if (n == 1 || (is_object && !json_get_length(options)) ||
	    (is_object && json_get_length(options) == 1 && foreign &&
	     json_kind(foreign) == JSON_BOOLEAN))
		return NULL;
	return err_new(ERR_INVALID,
		       "the parameters are [\"%s\"] or [\"%s\", {\"foreign\": true}]",
		       db_name(q->db), db_name(q->db));
}

static struct err *call(void *aux, const struct json_object *params,
			const struct txn_origin *caller, struct json_object **ret_result)
{
	const struct query *q = aux;
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(freep) char *text = NULL;
	bool foreign_only;
	size_t n_left_out;
	struct desired *desired;
	struct model *have;
	struct err *e = read_params(q, params, &foreign_only);

	(void)caller;
	if (e)
		return e;
	desired = desired_build(&q->source, NULL, 0, true, a);
	e = datapath_survey(q->datapath, desired->want, DATAPATH_FOR_FILE, a, &have);
	if (e)
		return e;
	text = write_survey(have, foreign_only, &n_left_out);
	*ret_result = json_object();
	json_put(*ret_result, "yaml", json_string(text));
	json_put(*ret_result, "left_out", json_integer((int64_t)n_left_out));
	return NULL;
}

void import_method_add(struct server *s, struct query *q)
{
	server_add_method(s, q->db, "ipvl_import", RBAC_ALL, call, q);
}
