/* What there is for `--datapath` and for the column `datapath` of a master: what is built in, and
 * each plug-in, also one that cannot be loaded. */
#include "reconciler/datapaths/datapaths_method.h"

#include "datapath/plugin.h"
#include "datapath/registry.h"
#include "ovsdb-lite/json/json.h"

static void add(struct json_object *list, const char *name, const char *what,
		const char *file, const char *error)
{
	struct json_object *o = json_object();

	json_put(o, "name", json_string(name));
	json_put(o, "what", json_string(what));
	json_put(o, "file", json_string(file));
	json_put(o, "error", json_string(error));
	json_add(list, o);
}

static void add_plugin(struct json_object *list, const struct plugin *p)
{
	if (p->provider)
		add(list, p->name, "provider", p->file, p->error);
	else if (p->type)
		add(list, p->type->id.name, "link type", p->file, p->error);
	else
		add(list, p->name, "", p->file, p->error);
}

static struct err *call(void *aux, const struct json_object *params,
			const struct txn_origin *caller, struct json_object **ret_result)
{
	const struct query *q = aux;
	const struct datapath_provider *built_in;
	struct json_object *list;
	const struct plugin *all;
	struct err *e = server_check_no_params(q->db, params);
	size_t n;

	(void)caller;
	if (e)
		return e;
	list = json_array();
	for (size_t i = 0; (built_in = registry_built_in(i)); i++)
		add(list, built_in->id.name, "provider", "", "");
	add(list, link_type_ipvlan.id.name, "link type", "", "");
	all = plugin_list(&n);
	for (size_t i = 0; i < n; i++)
		add_plugin(list, &all[i]);
	*ret_result = list;
	return NULL;
}

void datapaths_method_add(struct server *s, struct query *q)
{
	server_add_method(s, q->db, "ipvl_datapaths", RBAC_ALL, call, q);
}
