/* The method's params are ["ipvl"]. Nothing is changed. */
#include "reconciler/statistics/statistics_method.h"

#include "lib/alloc.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "ovsdb-lite/json/json.h"
#include "reconciler/statistics/counted.h"

static struct json_object *counters_json(const struct counted *row,
					 const struct datapath_counters *c)
{
	const struct {
		const char *name;
		uint64_t value;
	} values[] = {
		{"rx_bytes", c->rx_bytes},   {"rx_packets", c->rx_packets},
		{"rx_errors", c->rx_errors}, {"rx_dropped", c->rx_dropped},
		{"tx_bytes", c->tx_bytes},   {"tx_packets", c->tx_packets},
		{"tx_errors", c->tx_errors}, {"tx_dropped", c->tx_dropped},
	};
	struct json_object *json = json_object();
	char uuid[UUID_TEXT_BYTES];

	json_put(json, "table", json_string(row->is_slave ? "Slave" : "Master"));
	json_put(json, "_uuid", json_string(uuid_format(&row->uuid, uuid)));
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		json_put(json, values[i].name, json_integer((int64_t)values[i].value));
	return json;
}

static struct err *call(void *aux, const struct json_object *params,
			const struct txn_origin *caller, struct json_object **ret_result)
{
	const struct query *q = aux;
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct counted_list l;
	struct json_object *links;
	struct err *e = server_check_no_params(q->db, params);

	(void)caller;
	if (e)
		return e;
	counted_collect(q->source.columns, a, &l);
	e = counted_read(q->datapath, &l, 0, l.n);
	if (e)
		return e;
	links = json_array();
	for (size_t i = 0; i < l.n; i++) {
		if (l.counters[i].is_there)
			json_add(links, counters_json(&l.rows[i], &l.counters[i]));
	}
	*ret_result = json_object();
	json_put(*ret_result, "time", json_integer(clock_now_ms()));
	json_put(*ret_result, "links", links);
	return NULL;
}

void statistics_method_add(struct server *s, struct query *q)
{
	server_add_method(s, q->db, "ipvl_statistics", RBAC_READ, call, q);
}
