/* The method's params are ["ipvl", {"in": PREFIX}]. Nothing is changed. */
#include "reconciler/who/who_method.h"

#include "lib/alloc.h"
#include "lib/ip.h"
#include "ovsdb-lite/json/json.h"

static struct err *read_params(const struct query *q, const struct json_object *params,
			       struct ip_prefix *ret_prefix)
{
	const struct json_object *o =
		json_get_length(params) == 2 ? json_at(params, 1) : NULL;
	const struct json_object *in =
		o && json_kind(o) == JSON_OBJECT ? json_member(o, "in") : NULL;

	if (!in || json_kind(in) != JSON_STRING || json_get_length(o) != 1)
		return err_new(ERR_INVALID,
			       "the parameters are [\"%s\", {\"in\": PREFIX}]",
			       db_name(q->db));
	return ip_prefix_parse(json_get_string(in), ret_prefix);
}

struct answer {
	const struct ip_prefix *in;
	struct json_object *list;
};

static void add(struct answer *to, const struct ip_prefix *address, const char *netns,
		const char *name, const char *master, const char *what)
{
	struct json_object *o;
	char buf[IP_TEXT_BYTES];

	if (!ip_prefix_contains(to->in, &address->addr))
		return;
	o = json_object();
	json_put(o, "address", json_string(ip_prefix_format(address, buf)));
	json_put(o, "netns", json_string(netns));
	json_put(o, "name", json_string(name));
	json_put(o, "master", json_string(master));
	json_put(o, "what", json_string(what));
	json_add(to->list, o);
}

/* What the masters of rows have for themselves. */
static void add_masters(struct answer *to, const struct model *have)
{
	for (size_t i = 0; i < have->n_masters; i++) {
		const struct model_master *m = &have->masters[i];

		for (size_t k = 0; k < m->seen.n_addresses; k++)
			add(to, &m->seen.addresses[k], m->netns, m->name, "", "master");
	}
}

/* All ipvlans of the host. A slave of a master that is in another namespace is in that one if
 * it names none. */
static void add_slaves(struct answer *to, const struct model *have, struct arena *a)
{
	for (size_t i = 0; i < have->n_masters; i++) {
		const struct model_master *m = &have->masters[i];
		const char *label = *m->name ? model_master_label(a, m) : "";

		for (size_t k = 0; k < m->n_slaves; k++) {
			const struct model_slave *s = &m->slaves[k];

			for (size_t n = 0; n < s->n_addresses; n++)
				add(to, &s->addresses[n], s->netns, s->name, label,
				    s->seen.presence == MODEL_OURS ? "ours" : "foreign");
		}
	}
}

static struct err *call(void *aux, const struct json_object *params,
			const struct txn_origin *caller, struct json_object **ret_result)
{
	const struct query *q = aux;
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct ip_prefix in;
	struct answer to = {.in = &in};
	struct desired *desired;
	struct model *masters, *slaves;
	struct err *e = read_params(q, params, &in);

	(void)caller;
	if (e)
		return e;
	desired = desired_build(&q->source, NULL, 0, true, a);
	e = datapath_observe(q->datapath, desired->want, DATAPATH_SCOPE, a, &masters);
	if (!e)
		e = datapath_survey(q->datapath, desired->want, DATAPATH_FOR_TRACE, a,
				    &slaves);
	if (e)
		return e;
	to.list = json_array();
	add_masters(&to, masters);
	add_slaves(&to, slaves, a);
	*ret_result = json_object();
	json_put(*ret_result, "addresses", to.list);
	return NULL;
}

void who_method_add(struct server *s, struct query *q)
{
	server_add_method(s, q->db, "ipvl_who", RBAC_ALL, call, q);
}
