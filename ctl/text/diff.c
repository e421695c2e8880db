/* Describes the rows that a transaction changes. A row that leaves its set counts as
 * removed, whether the transaction deletes it or the server's garbage collection does. */
#include "ctl/text/diff.h"

#include "ctl/text/describe.h"
#include "ctl/text/diff_effect.h"
#include "ctl/session/naming.h"
#include "ctl/output/value.h"
#include "lib/alloc.h"
#include "lib/hash_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A slave or master that left a set, joined one, or was updated. */
struct seen {
	const struct row *key;
	struct row *row;
	struct row *old_parent, *new_parent; /* a slave's masters */
	bool left, came, was_updated;
	struct change change; /* if 'was_updated' */
	UT_hash_handle hh;
};

struct gathering {
	const struct context *ctx;
	struct seen *seen;
	struct diff *changes;
	size_t cap, others_cap;
};

static struct seen *see(struct gathering *g, struct row *r)
{
	struct seen *s;

	HASH_FIND_PTR(g->seen, &r, s);
	if (s)
		return s;
	s = arena_alloc(g->ctx->arena, sizeof(*s));
	s->key = s->row = r;
	HASH_ADD_PTR(g->seen, key, s);
	return s;
}

/* The same row as its table has it: a change has only a const one. */
static struct row *row_of(const struct context *ctx, const struct change *c)
{
	struct row *r = table_find(c->table, row_uuid(c->row));

	return r ? r : txn_find(ctx->txn, c->table, row_uuid(c->row));
}

static struct row *member(const struct context *ctx, const struct table *t,
			  const struct uuid *uuid)
{
	struct row *r = table_find(t, uuid);

	return r ? r : txn_find(ctx->txn, t, uuid);
}

/* Notes the members that left a set of references or joined it; 'old' or 'new' may be
 * NULL. */
static void see_members(struct gathering *g, const struct table *t, struct row *parent,
			const struct datum *old, const struct datum *new)
{
	for (uint32_t i = 0; old && i < old->n; i++) {
		const union atom *key = &datum_keys(old)[i];
		struct row *r = member(g->ctx, t, &key->uuid);

		if (r && (!new || datum_find(new, key, ATOM_UUID) < 0)) {
			see(g, r)->left = true;
			see(g, r)->old_parent = parent;
		}
	}
	for (uint32_t i = 0; new &&i < new->n; i++) {
		const union atom *key = &datum_keys(new)[i];
		struct row *r = member(g->ctx, t, &key->uuid);

		if (r && (!old || datum_find(old, key, ATOM_UUID) < 0)) {
			see(g, r)->came = true;
			see(g, r)->new_parent = parent;
		}
	}
}

static void see_update(struct gathering *g, struct row *r, const struct change *c)
{
	struct seen *s = see(g, r);

	s->was_updated = true;
	s->change = *c;
}

static void see_change(struct gathering *g, const struct change *c)
{
	const struct ipvl_columns *columns = &g->ctx->columns;
	struct row *r = row_of(g->ctx, c);
	const struct column_schema *members = c->table == columns->host.table
						      ? columns->host.masters
						      : columns->master.slaves;
	const struct table *table = c->table == columns->host.table
					    ? columns->master.table
					    : columns->slave.table;

	if (c->table == columns->slave.table || c->table == columns->master.table)
		if (c->kind == CHANGE_UPDATE)
			see_update(g, r, c);
	if ((c->table == columns->host.table || c->table == columns->master.table) &&
	    change_is_changed(c, members))
		see_members(g, table, r, change_old(c, members), change_new(c, members));
}

/* The slaves of a removed master are removed too, whatever its set contains. */
static void see_lost_slaves(struct gathering *g)
{
	const struct ipvl_columns *c = &g->ctx->columns;
	struct seen *s, *next;

	HASH_ITER (hh, g->seen, s, next) {
		if (row_table(s->row) == c->master.table && s->left && !s->came)
			see_members(g, c->slave.table, s->row,
				    row_get(s->row, c->master.slaves), NULL);
	}
}

static const char *update_text(const struct context *ctx, const struct change *c,
			       const struct column_schema *except)
{
	const struct table_schema *ts = table_schema(c->table);
	const char *all = "";

	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *column = &ts->columns[i];

		if (column->ephemeral || column == except ||
		    !change_is_changed(c, column))
			continue;
		all = describe_join(ctx->arena, all,
				    edit_column_text(ctx->arena, column,
						     change_old(c, column),
						     change_new(c, column)));
	}
	return all;
}

/* The addresses of 'old' that are not in 'new', which may be NULL: "10.0.0.2, 10.0.0.3".
 */
static const char *lost_addresses(const struct context *ctx, const struct datum *old,
				  const struct datum *new)
{
	const char *all = "";
	uint32_t n = 0;

	for (uint32_t i = 0; i < old->n; i++) {
		const union atom *key = &datum_keys(old)[i];

		if (new &&datum_find(new, key, ATOM_STRING) >= 0)
			continue;
		n++;
		all = describe_join(ctx->arena, all,
				    arena_printf(ctx->arena, "%.*s",
						 (int)strcspn(key->string, "/"),
						 key->string));
	}
	return n ? arena_printf(ctx->arena, "%s %s away", all, n == 1 ? "goes" : "go")
		 : "";
}

/* True if the slave may have a device. Without a daemon the state is unknown. */
static bool may_run(const struct context *ctx, const struct row *slave)
{
	const struct ipvl_columns *c = &ctx->columns;
	enum row_state state = state_of_row(c, slave);

	return state == STATE_UNKNOWN || state == STATE_READY || state == STATE_PENDING ||
	       (state != STATE_DISABLED && row_get(slave, c->slave.ifindex)->n);
}

static const char *removed_loss(const struct context *ctx, const struct row *slave)
{
	const struct ipvl_columns *c = &ctx->columns;
	const char *lost = lost_addresses(ctx, row_get(slave, c->slave.addresses), NULL);

	if (!may_run(ctx, slave))
		return "";
	return *lost ? lost : "its traffic stops";
}

static void add_transfer(const struct context *ctx, struct diff_object *o)
{
	const struct ipvl_columns *c = &ctx->columns;
	const char *transfer = rows_transfer(c, ctx->txn, o->row);

	o->is_adopted = !strcmp(transfer, ROWS_ADOPT);
	o->is_released = !strcmp(transfer, ROWS_RELEASE);
	if (o->is_released && !o->is_slave)
		o->n_slaves = rows_get(ctx->txn, o->row, c->master.slaves)->n;
}

static void add(struct gathering *g, struct diff_object object)
{
	struct diff *changes = g->changes;

	if (object.edit.kind != EDIT_REMOVED)
		add_transfer(g->ctx, &object);
	changes->objects = arena_grow(g->ctx->arena, changes->objects, changes->n,
				      &g->cap, sizeof(*changes->objects));
	if (!object.loss)
		object.loss = "";
	if (!object.effect)
		object.effect = "";
	changes->objects[changes->n++] = object;
}

static void add_came(struct gathering *g, const struct seen *s, bool is_slave)
{
	const struct context *ctx = g->ctx;
	const char *what =
		is_slave ? describe_addresses(ctx, s->row) : describe_port(ctx, s->row);

	what = describe_join(ctx->arena, what, describe_routes(ctx, s->row));
	if (is_slave)
		what = describe_join(ctx->arena, what, describe_extras(ctx, s->row));
	add(g,
	    (struct diff_object){
		    .edit.kind = EDIT_ADDED,
		    .row = s->row,
		    .is_slave = is_slave,
		    .edit.object = naming_label(ctx, s->row),
		    .master = s->new_parent && is_slave ? naming_label(ctx, s->new_parent)
							: "",
		    .edit.what = what,
	    });
}

static void add_left(struct gathering *g, const struct seen *s, bool is_slave)
{
	const struct context *ctx = g->ctx;
	size_t n = is_slave ? 0 : row_get(s->row, ctx->columns.master.slaves)->n;

	add(g,
	    (struct diff_object){
		    .edit.kind = EDIT_REMOVED,
		    .row = s->row,
		    .is_slave = is_slave,
		    .edit.object = naming_label(ctx, s->row),
		    .master = s->old_parent && is_slave ? naming_label(ctx, s->old_parent)
							: "",
		    .edit.what = n ? arena_printf(ctx->arena, "with %s",
						  describe_count(ctx->arena, n, "slave"))
				   : "",
		    .loss = is_slave ? removed_loss(ctx, s->row) : "",
	    });
}

/* True for another device, or the same one in another namespace. */
static bool is_elsewhere(const struct context *ctx, const struct change *c)
{
	const struct ipvl_columns *columns = &ctx->columns;

	return c->table == columns->slave.table
		       ? change_is_changed(c, columns->slave.name) ||
				 change_is_changed(c, columns->slave.netns)
		       : change_is_changed(c, columns->master.name) ||
				 change_is_changed(c, columns->master.netns);
}

bool diff_touches_declarable(const struct context *ctx, const struct change *c)
{
	const struct ipvl_columns *columns = &ctx->columns;
	const struct table_schema *ts = table_schema(c->table);

	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *column = &ts->columns[i];

		if (!column->ephemeral && change_is_changed(c, column) &&
		    column != columns->master.slaves &&
		    column != columns->master.sources &&
		    column != columns->slave.sources && column != columns->pool.sources &&
		    column != columns->master.repairs &&
		    column != columns->slave.repairs &&
		    column != columns->master.transfer &&
		    column != columns->slave.transfer &&
		    strcmp(column->name, "external_ids"))
			return true;
	}
	return false;
}

static void add_updated(struct gathering *g, const struct seen *s, bool is_slave)
{
	const struct context *ctx = g->ctx;
	const struct ipvl_columns *c = &ctx->columns;
	const char *what =
		s->was_updated ? update_text(ctx, &s->change, c->master.slaves) : "";
	struct row *master = is_slave ? rows_master_of(c, ctx->txn, s->row) : NULL;
	struct diff_object object = {
		.edit.kind = EDIT_CHANGED,
		.row = s->row,
		.is_slave = is_slave,
		.is_declarable =
			s->was_updated && diff_touches_declarable(ctx, &s->change),
		.edit.object = naming_label(ctx, s->row),
		.master = master ? naming_label(ctx, master) : "",
	};

	if (is_slave && s->left && s->old_parent != s->new_parent) {
		what = describe_join(ctx->arena,
				     arena_printf(ctx->arena, "moves from %s to %s",
						  naming_label(ctx, s->old_parent),
						  naming_label(ctx, s->new_parent)),
				     what);
		object.loss = may_run(ctx, s->row) ? "it is recreated" : "";
		object.is_declarable = true;
	} else if (s->was_updated && is_elsewhere(ctx, &s->change)) {
		/* The plan lists the removal of the old name, which is not this line's
		 * object. */
		if (is_slave)
			object.loss = may_run(ctx, s->row) ? "it is recreated" : "";
		else if (row_get(s->row, c->master.slaves)->n)
			object.loss = "its slaves are recreated";
	}
	object.edit.what = what;
	/* With addressing=external the device keeps them. */
	if (s->was_updated && is_slave && !object.loss && may_run(ctx, s->row) &&
	    strcmp(datum_text(change_new(&s->change, c->slave.addressing)), "external") !=
		    0)
		object.loss =
			lost_addresses(ctx, change_old(&s->change, c->slave.addresses),
				       change_new(&s->change, c->slave.addresses));
	if (s->was_updated && !is_slave && *diff_effect_kept(ctx, s->row)) {
		if (diff_effect_remakes_slaves(ctx, &s->change))
			object.loss = "its slaves are recreated";
		else
			object.effect = diff_effect_text(ctx, &s->change);
	}
	if (*what)
		add(g, object);
}

/* A pool has a name, by which slaves ask for it. */
static struct edit pool_edit(struct gathering *g, const struct change *c)
{
	const struct context *ctx = g->ctx;
	const struct ipvl_columns *columns = &ctx->columns;
	bool is_gone = c->kind == CHANGE_DELETE;
	const char *name = datum_text(is_gone ? change_old(c, columns->pool.name)
					      : change_new(c, columns->pool.name));
	struct edit edit = {
		.kind = is_gone                    ? EDIT_REMOVED
			: c->kind == CHANGE_INSERT ? EDIT_ADDED
						   : EDIT_CHANGED,
		.object = arena_printf(ctx->arena, "pool %s", name),
		.what = "",
	};

	if (c->kind == CHANGE_UPDATE)
		edit.what = update_text(ctx, c, NULL);
	else if (c->kind == CHANGE_INSERT)
		edit.what = value_text(ctx->arena, change_new(c, columns->pool.subnets),
				       &columns->pool.subnets->type);
	return edit;
}

static void append_other(struct gathering *g, struct edit edit)
{
	struct diff *changes = g->changes;

	changes->others = arena_grow(g->ctx->arena, changes->others, changes->n_others,
				     &g->others_cap, sizeof(*changes->others));
	changes->others[changes->n_others++] = edit;
}

static void add_other(struct gathering *g, const struct change *c)
{
	const struct ipvl_columns *columns = &g->ctx->columns;
	const char *table = table_schema(c->table)->name, *what = "";

	/* The addresses of a slave say what it has leased. */
	if (c->table == columns->master.table || c->table == columns->slave.table ||
	    c->table == columns->lease.table)
		return;
	if (c->table == columns->pool.table) {
		append_other(g, pool_edit(g, c));
		return;
	}
	if (c->kind == CHANGE_UPDATE)
		what = update_text(g->ctx, c,
				   c->table == columns->host.table ? columns->host.masters
								   : NULL);
	else if (c->table != columns->host.table)
		what = c->kind == CHANGE_INSERT ? "row added" : "row deleted";
	if (!*what)
		return;
	append_other(g,
		     (struct edit){.kind = EDIT_CHANGED, .object = table, .what = what});
}

static int object_cmp(const void *a, const void *b)
{
	const struct diff_object *x = a, *y = b;
	int order = strverscmp(x->is_slave ? x->master : x->edit.object,
			       y->is_slave ? y->master : y->edit.object);

	if (!order)
		order = x->is_slave - y->is_slave;
	if (!order)
		order = strverscmp(x->edit.object, y->edit.object);
	return order ? order : (int)y->edit.kind - (int)x->edit.kind;
}

struct diff *diff_make(const struct context *ctx)
{
	struct gathering g = {.ctx = ctx,
			      .changes = arena_alloc(ctx->arena, sizeof(*g.changes))};
	struct seen *s, *next;

	TXN_FOR_EACH_CHANGE (c, ctx->txn) {
		see_change(&g, &c);
		add_other(&g, &c);
	}
	see_lost_slaves(&g);
	HASH_ITER (hh, g.seen, s, next) {
		bool is_slave = row_table(s->row) == ctx->columns.slave.table;

		if (s->came && !s->left)
			add_came(&g, s, is_slave);
		else if (s->left && !s->came)
			add_left(&g, s, is_slave);
		else
			add_updated(&g, s, is_slave);
	}
	HASH_CLEAR(hh, g.seen);
	if (g.changes->n)
		qsort(g.changes->objects, g.changes->n, sizeof(*g.changes->objects),
		      object_cmp);
	return g.changes;
}
