/* The method's params are ["ipvl"]. Nothing is changed. First all counters are read, then the
 * result is made, both in slices. */
#include "reconciler/statistics/statistics_method.h"

#include "lib/alloc.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "ovsdb-lite/json/json.h"
#include "reconciler/statistics/counted.h"

#include <inttypes.h>
#include <stdlib.h>

/* Links, between two looks at the clock. */
#define ADD_AT_ONCE 16

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

struct statistics_method {
	const struct query *query;
	bool is_reading; /* for a client: the others wait, since it takes memory */
};

struct reading {
	struct statistics_method *method;
	struct arena *a; /* NULL: it waits for another */
	struct counted_list list;
	bool is_read;
	size_t n_added; /* of the list, to the result */
	bool has_links;
};

static struct err *begin(void *aux, const struct json_object *params,
			 const struct txn_origin *caller, void **ret_work)
{
	struct statistics_method *m = aux;
	struct reading *r;
	struct err *e = server_check_no_params(m->query->db, params);

	(void)caller;
	if (e)
		return e;
	r = xcalloc(1, sizeof(*r));
	r->method = m;
	*ret_work = r;
	return NULL;
}

static void start(struct reading *r, struct buffer *result)
{
	CLEANUP(freep)
	char *text = xasprintf("{\"time\":%" PRId64 ",\"links\":[", clock_now_ms());

	r->method->is_reading = true;
	r->a = arena_new();
	counted_begin(&r->list, r->method->query->source.columns, r->a);
	buffer_puts(result, text);
}

static void add_link(struct reading *r, const struct counted *row,
		     const struct datapath_counters *c, struct buffer *result)
{
	struct json_object *json = counters_json(row, c);
	CLEANUP(freep) char *text = json_text(json);

	json_free(json);
	if (r->has_links)
		buffer_putc(result, ',');
	r->has_links = true;
	buffer_puts(result, text);
}

static void add_links(struct reading *r, struct buffer *result)
{
	for (size_t i = 0; i < ADD_AT_ONCE && r->n_added < r->list.n; i++) {
		const struct datapath_counters *c = &r->list.counters[r->n_added];

		if (c->is_there)
			add_link(r, &r->list.rows[r->n_added], c, result);
		r->n_added++;
	}
}

/* Reads also of no rows, which finds out whether the datapath counts. */
static struct err *go_on(void *work, int64_t end_ms, struct buffer *result,
			 bool *ret_is_over)
{
	struct reading *r = work;

	if (!r->a && r->method->is_reading)
		return NULL;
	if (!r->a)
		start(r, result);
	if (!r->is_read) {
		struct err *e =
			counted_go_on(&r->list, r->method->query->datapath, end_ms);

		r->is_read = counted_is_over(&r->list);
		if (e || !r->is_read)
			return e;
	}
	while (r->n_added < r->list.n && clock_now_ms() < end_ms)
		add_links(r, result);
	*ret_is_over = r->n_added == r->list.n;
	if (*ret_is_over)
		buffer_puts(result, "]}");
	return NULL;
}

static void finish(void *work)
{
	struct reading *r = work;

	if (r->a)
		r->method->is_reading = false;
	arena_free(r->a);
	free(r);
}

struct statistics_method *statistics_method_new(struct server *s, const struct query *q)
{
	static const struct method_slices slices = {
		.begin = begin, .go_on = go_on, .free = finish};

	struct statistics_method *m = xcalloc(1, sizeof(*m));

	m->query = q;
	server_add_slices(s, q->db, "ipvl_statistics", RBAC_READ, &slices, m);
	return m;
}

void statistics_method_free(struct statistics_method *m)
{
	free(m);
}
