/* The method's params are ["ipvl"]. Nothing is changed. */
#include "reconciler/doctor/doctor_method.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "reconciler/doctor/doctor_collect.h"
#include "reconciler/doctor/doctor_rules.h"

#include <string.h>

static struct json_object *report_json(const struct doctor_report *r)
{
	struct json_object *findings = json_array(), *result = json_object();

	for (size_t i = 0; i < r->n; i++) {
		const struct doctor_finding *f = &r->findings[i];
		struct json_object *o = json_object();

		json_put(o, "topic", json_string(f->topic));
		json_put(o, "level", json_string(doctor_level_name(f->level)));
		json_put(o, "text", json_string(f->text));
		json_put(o, "cure", json_string(f->cure));
		json_add(findings, o);
	}
	json_put(result, "findings", findings);
	return result;
}

static struct err *call(void *aux, const struct json_object *params,
			const struct txn_origin *caller, struct json_object **ret_result)
{
	const struct query *q = aux;
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct doctor_place place = {
		.root = "",
		.db = q->db_path,
		.is_kernel = !strcmp(q->datapath_name, "kernel"),
	};
	struct doctor_facts facts;
	struct desired *desired;
	struct model *have;
	struct err *e = server_check_no_params(q->db, params);

	(void)caller;
	if (e)
		return e;
	desired = desired_build(&q->source, NULL, 0, true, a);
	e = datapath_observe(q->datapath, desired->want, DATAPATH_SCOPE, a, &have);
	if (e)
		return e;
	doctor_collect(&place, desired->want, a, &facts);
	facts.have = have;
	*ret_result = report_json(doctor_examine(&facts, a));
	return NULL;
}

void doctor_method_add(struct server *s, struct query *q)
{
	server_add_method(s, q->db, "ipvl_doctor", RBAC_ALL, call, q);
}
