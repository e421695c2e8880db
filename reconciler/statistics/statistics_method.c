/* The method's params are ["ipvl"]. Nothing is changed. */
#include "reconciler/statistics/statistics_method.h"

#include "config/rows.h"
#include "lib/alloc.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "ovsdb-lite/json/json.h"

/* A row beside its counters. */
struct counted {
	const struct row *row;
	const char *table;
};

struct list {
	struct arena *a;
	struct counted *rows;
	struct datapath_counters *counters;
	size_t n, rows_cap, counters_cap;
};

static void add(struct list *l, const char *table, const struct row *r, const char *netns,
		const char *name)
{
	l->rows = arena_grow(l->a, l->rows, l->n, &l->rows_cap, sizeof(*l->rows));
	l->counters = arena_grow(l->a, l->counters, l->n, &l->counters_cap,
				 sizeof(*l->counters));
	l->rows[l->n] = (struct counted){.row = r, .table = table};
	l->counters[l->n++] = (struct datapath_counters){.netns = netns, .name = name};
}

/* A slave without a namespace is in its master's. */
static void add_master(const struct ipvl_columns *c, struct list *l, const struct row *r)
{
	const struct datum *slaves = row_get(r, c->master.slaves);
	const char *netns = datum_text(row_get(r, c->master.netns));

	add(l, "Master", r, netns, datum_text(row_get(r, c->master.name)));
	for (uint32_t i = 0; i < slaves->n; i++) {
		const struct row *s =
			table_find(c->slave.table, &datum_keys(slaves)[i].uuid);
		const char *its = s ? datum_text(row_get(s, c->slave.netns)) : "";

		if (s)
			add(l, "Slave", s, *its ? its : netns,
			    datum_text(row_get(s, c->slave.name)));
	}
}

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

	json_put(json, "table", json_string(row->table));
	json_put(json, "_uuid", json_string(uuid_format(row_uuid(row->row), uuid)));
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		json_put(json, values[i].name, json_integer((int64_t)values[i].value));
	return json;
}

static struct err *call(void *aux, const struct json_object *params,
			const struct txn_origin *caller, struct json_object **ret_result)
{
	const struct query *q = aux;
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct list l = {.a = a};
	struct json_object *links;
	struct err *e = server_check_no_params(q->db, params);

	(void)caller;
	if (e)
		return e;
	TABLE_FOR_EACH (r, q->source.columns->master.table)
		add_master(q->source.columns, &l, r);
	e = datapath_count(q->datapath, l.counters, l.n);
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
