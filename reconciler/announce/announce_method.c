/* The method finds the rows, checks them all, and only then adds their addresses to the
 * schedule. */
#include "reconciler/announce/announce_method.h"

#include "config/rows.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <stdlib.h>

struct announce_method {
	const struct ipvl_columns *c;
	struct db *db;
	struct announcer *announcer;
};

struct found {
	struct model_master master;
	struct model_slave slave;
};

static struct err *check_mode(const struct found *f, struct arena *a)
{
	char mode[8];

	if (f->master.mode == MODEL_MODE_L2 || f->master.mode == MODEL_MODE_PASSTHRU)
		return NULL;
	return err_hint(err_new(ERR_INVALID,
				"the addresses of %s cannot be announced: %s is in mode "
				"%s, which has no ARP",
				model_slave_label(a, &f->slave),
				model_master_label(a, &f->master),
				model_mode_name((uint8_t)f->master.mode, mode)),
			"neighbours reach them by a route through this host");
}

/* Of {"netns": …, "name": …}. */
static struct err *find(const struct announce_method *m, const struct json_object *which,
			struct arena *a, struct found *ret_found)
{
	const struct json_object *netns =
		json_kind(which) == JSON_OBJECT ? json_member(which, "netns") : NULL;
	const struct json_object *name = netns ? json_member(which, "name") : NULL;
	const struct row *slave, *master;
	struct err *e;

	if (!name || json_kind(netns) != JSON_STRING || json_kind(name) != JSON_STRING)
		return err_new(ERR_INVALID,
			       "a slave is {\"netns\": NAME, \"name\": NAME}");
	slave = rows_find_slave(m->c, NULL, json_get_string(netns),
				json_get_string(name));
	master = slave ? rows_master_of(m->c, NULL, slave) : NULL;
	if (!master)
		return err_new(
			ERR_NOT_FOUND, "no such slave: %s",
			model_label(a, json_get_string(netns), json_get_string(name)));
	e = rows_read_slave(m->c, NULL, slave, a, &ret_found->slave);
	if (!e)
		e = rows_read_master(m->c, NULL, master, a, &ret_found->master);
	return e ? e : check_mode(ret_found, a);
}

static size_t announce(const struct announce_method *m, const struct found *f)
{
	for (size_t i = 0; i < f->slave.n_addresses; i++)
		announcer_add(m->announcer, &f->master, &f->slave,
			      &f->slave.addresses[i].addr);
	return f->slave.n_addresses;
}

static struct err *call(void *aux, const struct json_object *params,
			const struct txn_origin *caller, struct json_object **ret_result)
{
	const struct announce_method *m = aux;
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct json_object *list =
		json_get_length(params) == 2 ? json_at(params, 1) : NULL;
	struct found *found;
	struct err *e = NULL;
	size_t n, addresses = 0;

	(void)caller;
	if (!list || json_kind(list) != JSON_ARRAY)
		return err_new(ERR_INVALID, "the parameters are [\"%s\", [slave, …]]",
			       db_name(m->db));
	if (!announcer_is_able(m->announcer))
		return err_new(ERR_UNSUPPORTED,
			       "this datapath cannot announce addresses");
	n = json_get_length(list);
	found = arena_array(a, n, sizeof(*found));
	for (size_t i = 0; i < n && !e; i++)
		e = find(m, json_at(list, i), a, &found[i]);
	for (size_t i = 0; i < n && !e; i++)
		addresses += announce(m, &found[i]);
	if (e)
		return e;
	*ret_result = json_object();
	json_put(*ret_result, "addresses", json_integer((int64_t)addresses));
	return NULL;
}

struct announce_method *announce_method_new(struct server *s,
					    const struct ipvl_columns *c, struct db *db,
					    struct announcer *an)
{
	struct announce_method *m = xcalloc(1, sizeof(*m));

	m->c = c;
	m->db = db;
	m->announcer = an;
	server_add_method(s, db, "ipvl_announce", RBAC_ALL, call, m);
	return m;
}

void announce_method_free(struct announce_method *m)
{
	free(m);
}
