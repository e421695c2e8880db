/* Warns if a file declares the rows that a line changes, since the next apply restores
 * them. It compares rows, not commands: setting the value that is already there
 * changes nothing, and `undo` counts like any command. Slaves that are removed with
 * their master are not named. */
#include "ctl/text/declared.h"

#include "config/rows_source.h"
#include "ctl/text/describe.h"
#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

/* The most rows that one warning names. */
#define NAMES_MAX 5

/* Rows of one source with the same warning. */
struct group {
	const char *source;
	bool is_removed;
	const char *names;
	size_t n;
};

struct groups {
	struct context *ctx;
	struct group *groups;
	size_t n, cap;
};

static struct group *find_group(struct groups *g, const char *source, bool is_removed)
{
	for (size_t i = 0; i < g->n; i++) {
		if (g->groups[i].is_removed == is_removed &&
		    !strcmp(g->groups[i].source, source))
			return &g->groups[i];
	}
	g->groups =
		arena_grow(g->ctx->arena, g->groups, g->n, &g->cap, sizeof(*g->groups));
	g->groups[g->n] =
		(struct group){.source = source, .is_removed = is_removed, .names = ""};
	return &g->groups[g->n++];
}

static void add_name(struct groups *g, const char *name, const struct datum *sources,
		     bool is_removed)
{
	for (uint32_t i = 0; i < sources->n; i++) {
		struct group *group =
			find_group(g, datum_keys(sources)[i].string, is_removed);

		if (group->n++ < NAMES_MAX)
			group->names = describe_join(g->ctx->arena, group->names, name);
	}
}

static void add_object(struct groups *g, const struct diff_object *o)
{
	const struct ipvl_columns *c = &g->ctx->columns;
	const struct column_schema *column =
		o->is_slave ? c->slave.sources : c->master.sources;
	bool is_removed = o->edit.kind == EDIT_REMOVED;

	add_name(g, o->edit.object,
		 is_removed ? row_get(o->row, column)
			    : txn_get(g->ctx->txn, o->row, column),
		 is_removed);
}

static void add_pool(struct groups *g, const struct change *change)
{
	const struct ipvl_columns *c = &g->ctx->columns;
	bool is_removed = change->kind == CHANGE_DELETE;
	const char *name;

	if (change->table != c->pool.table || change->kind == CHANGE_INSERT ||
	    !diff_touches_declarable(g->ctx, change))
		return;
	name = datum_text(is_removed ? change_old(change, c->pool.name)
				     : change_new(change, c->pool.name));
	add_name(g, arena_printf(g->ctx->arena, "pool %s", name),
		 is_removed ? change_old(change, c->pool.sources)
			    : change_new(change, c->pool.sources),
		 is_removed);
}

/* 'master' is the last master before 'o', or NULL. */
static bool is_of_interest(const struct diff_object *o, const struct diff_object *master)
{
	switch (o->edit.kind) {
	case EDIT_ADDED:
		return false;
	case EDIT_CHANGED:
		return o->is_declarable;
	case EDIT_REMOVED:
		break;
	}
	/* Slaves are removed with their master. */
	return !o->is_slave || !master || master->edit.kind != EDIT_REMOVED ||
	       strcmp(master->edit.object, o->master) != 0;
}

static void print_group(const struct group *g, FILE *out)
{
	const char *network = rows_source_network(g->source);

	/* Nobody applies a network again. */
	if (network) {
		if (g->is_removed)
			fprintf(out, "warning: a container of network %s has %s\n",
				network, g->names);
		return;
	}
	fprintf(out, "warning: %s declares %s", g->source, g->names);
	if (g->n > NAMES_MAX)
		fprintf(out, " and %zu more", g->n - NAMES_MAX);
	if (g->is_removed)
		fprintf(out, ": %s", g->n == 1 ? "it returns" : "they return");
	else
		fprintf(out, ": %s values return", g->n == 1 ? "its" : "their");
	fputs(" at the next apply\n", out);
}

void declared_warn(struct context *ctx, const struct diff *changes)
{
	const struct diff_object *master = NULL;
	struct groups g = {.ctx = ctx};

	/* Sorted by master, the master before its slaves. */
	for (size_t i = 0; i < changes->n; i++) {
		const struct diff_object *o = &changes->objects[i];

		if (is_of_interest(o, master))
			add_object(&g, o);
		if (!o->is_slave)
			master = o;
	}
	TXN_FOR_EACH_CHANGE (c, ctx->txn)
		add_pool(&g, &c);
	for (size_t i = 0; i < g.n; i++)
		print_group(&g.groups[i], ctx->warnings);
}
