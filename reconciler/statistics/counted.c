/* Walks over the rows of masters and their slaves, and copies what a reader in parts needs. */
#include "reconciler/statistics/counted.h"

struct collection {
	const struct ipvl_columns *c;
	struct arena *a;
	struct counted_list *list;
	size_t rows_cap, counters_cap;
};

static struct counted *add(struct collection *c, const struct row *r, const char *netns,
			   const char *name)
{
	struct counted_list *l = c->list;

	l->rows = arena_grow(c->a, l->rows, l->n, &c->rows_cap, sizeof(*l->rows));
	l->counters = arena_grow(c->a, l->counters, l->n, &c->counters_cap,
				 sizeof(*l->counters));
	l->counters[l->n] = (struct datapath_counters){.netns = arena_strdup(c->a, netns),
						       .name = arena_strdup(c->a, name)};
	l->rows[l->n] =
		(struct counted){.uuid = *row_uuid(r), .state = state_of_row(c->c, r)};
	return &l->rows[l->n++];
}

/* A slave without a namespace is in its master's. */
static void add_master(struct collection *c, const struct row *r)
{
	const struct ipvl_columns *columns = c->c;
	const struct datum *slaves = row_get(r, columns->master.slaves);
	const char *netns = datum_text(row_get(r, columns->master.netns));
	struct counted *master =
		add(c, r, netns, datum_text(row_get(r, columns->master.name)));
	const char *name = c->list->counters[c->list->n - 1].name;

	master->master = name;
	for (uint32_t i = 0; i < slaves->n; i++) {
		const struct row *s =
			table_find(columns->slave.table, &datum_keys(slaves)[i].uuid);
		const char *its = s ? datum_text(row_get(s, columns->slave.netns)) : "";
		struct counted *slave;

		if (!s)
			continue;
		slave = add(c, s, *its ? its : netns,
			    datum_text(row_get(s, columns->slave.name)));
		slave->is_slave = true;
		slave->master = name;
	}
}

void counted_collect(const struct ipvl_columns *columns, struct arena *a,
		     struct counted_list *ret_list)
{
	struct collection c = {.c = columns, .a = a, .list = ret_list};

	*ret_list = (struct counted_list){0};
	TABLE_FOR_EACH (r, columns->master.table)
		add_master(&c, r);
}

struct err *counted_read(struct datapath *dp, struct counted_list *l, size_t from,
			 size_t n)
{
	return datapath_count(dp, &l->counters[from], n);
}
