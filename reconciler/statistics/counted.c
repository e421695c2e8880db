/* First the UUIDs of all rows are noted, which takes no time to speak of; then a few rows at a
 * time are looked up, and the counters of their devices read. */
#include "reconciler/statistics/counted.h"

#include "lib/clock.h"

/* Between two looks at the clock: entering a namespace and reading a device takes a kernel up to
 * a millisecond. */
#define READ_AT_ONCE 4

struct counted_key {
	bool is_slave;
	struct uuid uuid;
};

void counted_begin(struct counted_list *l, const struct ipvl_columns *c, struct arena *a)
{
	size_t n = table_count(c->master.table), i = 0;

	*l = (struct counted_list){.columns = c, .a = a};
	TABLE_FOR_EACH (r, c->master.table)
		n += row_get(r, c->master.slaves)->n;
	l->keys = arena_array(a, n, sizeof(*l->keys));
	l->rows = arena_array(a, n, sizeof(*l->rows));
	l->counters = arena_array(a, n, sizeof(*l->counters));
	l->n_keys = n;
	TABLE_FOR_EACH (r, c->master.table) {
		const struct datum *slaves = row_get(r, c->master.slaves);

		l->keys[i++] = (struct counted_key){false, *row_uuid(r)};
		for (uint32_t s = 0; s < slaves->n; s++)
			l->keys[i++] =
				(struct counted_key){true, datum_keys(slaves)[s].uuid};
	}
}

static void add(struct counted_list *l, const struct row *r, bool is_slave,
		const char *netns, const char *name)
{
	l->counters[l->n] = (struct datapath_counters){.netns = netns, .name = name};
	l->rows[l->n++] = (struct counted){.is_slave = is_slave,
					   .uuid = *row_uuid(r),
					   .master = l->master,
					   .state = state_of_row(l->columns, r)};
}

static const char *text_of(struct counted_list *l, const struct row *r,
			   const struct column_schema *column)
{
	return arena_strdup(l->a, datum_text(row_get(r, column)));
}

static void add_master(struct counted_list *l, const struct uuid *uuid)
{
	const struct ipvl_columns *c = l->columns;
	const struct row *r = table_find(c->master.table, uuid);

	l->master = l->netns = NULL;
	if (!r)
		return;
	l->master = text_of(l, r, c->master.name);
	l->netns = text_of(l, r, c->master.netns);
	add(l, r, false, l->netns, l->master);
}

/* A slave without a namespace is in its master's. */
static void add_slave(struct counted_list *l, const struct uuid *uuid)
{
	const struct ipvl_columns *c = l->columns;
	const struct row *r = l->master ? table_find(c->slave.table, uuid) : NULL;
	const char *netns;

	if (!r)
		return;
	netns = text_of(l, r, c->slave.netns);
	add(l, r, true, *netns ? netns : l->netns, text_of(l, r, c->slave.name));
}

static struct err *read_few(struct counted_list *l, struct datapath *dp)
{
	size_t from = l->n;

	for (size_t i = 0; i < READ_AT_ONCE && !counted_is_over(l); i++) {
		const struct counted_key *key = &l->keys[l->next_key++];

		if (key->is_slave)
			add_slave(l, &key->uuid);
		else
			add_master(l, &key->uuid);
	}
	return datapath_count(dp, &l->counters[from], l->n - from);
}

struct err *counted_go_on(struct counted_list *l, struct datapath *dp, int64_t end_ms)
{
	struct err *e = NULL;

	do {
		e = read_few(l, dp);
	} while (!e && !counted_is_over(l) && clock_now_ms() < end_ms);
	return e;
}

bool counted_is_over(const struct counted_list *l)
{
	return l->next_key == l->n_keys;
}
