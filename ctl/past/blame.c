/* Finds the later transaction that prevents an `undo`, and names its rows as users do.
 * history_revert() reports only the column and the UUID of the row. */
#include "ctl/past/blame.h"

#include "ctl/session/naming.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <inttypes.h>
#include <string.h>

static const struct json_object *member(const struct json_object *o, const char *name)
{
	return json_kind(o) == JSON_OBJECT ? json_member(o, name) : NULL;
}

/* What a transaction did to this row: "insert", "delete" or "modify"; NULL if nothing. */
static const char *kind_of_change(const struct past *p, const struct history_obstacle *o)
{
	static const char *const kinds[] = {"insert", "delete", "modify"};
	char uuid[UUID_TEXT_BYTES];
	const struct json_object *change =
		member(member(p->json, o->table->name), uuid_format(&o->uuid, uuid));

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct json_object *columns = member(change, kinds[i]);

		if (columns && (i < 2 || !o->column || member(columns, o->column->name)))
			return kinds[i];
	}
	return NULL;
}

/* The newest transaction after 'chosen' that changed it. */
static const struct past *find_later(const struct past *past, size_t n,
				     const struct past *chosen,
				     const struct history_obstacle *o)
{
	for (size_t i = 0; i < n && past[i].serial > chosen->serial; i++) {
		if (kind_of_change(&past[i], o))
			return &past[i];
	}
	return NULL;
}

/* For a set of members (masters, slaves): the member that was added or removed. */
static const struct past_change *find_member(const struct context *ctx,
					     const struct past *later,
					     const struct history_obstacle *o)
{
	enum past_table table = PAST_SLAVE;

	if (o->column && o->column == ctx->columns.host.masters)
		table = PAST_MASTER;
	else if (!o->column || o->column != ctx->columns.master.slaves)
		return NULL;
	for (size_t i = 0; i < later->n_changes; i++) {
		if (later->changes[i].table == table &&
		    later->changes[i].edit.kind != EDIT_CHANGED)
			return &later->changes[i];
	}
	return NULL;
}

static const char *obstacle_label(const struct context *ctx, const struct past *past,
				  size_t n, const struct history_obstacle *o)
{
	const struct table *t = db_table(ctx->db, o->table->name);
	char uuid[UUID_TEXT_BYTES];

	return t == ctx->columns.host.table
		       ? "the Host"
		       : past_label(
				 ctx, past, n, t,
				 arena_strdup(ctx->arena, uuid_format(&o->uuid, uuid)));
}

/* "ns1/a was changed". */
static const char *what_happened(const struct context *ctx, const struct past *past,
				 size_t n, const struct past *later,
				 const struct history_obstacle *o)
{
	const struct past_change *c = find_member(ctx, later, o);
	const char *kind = kind_of_change(later, o);

	if (c)
		return arena_printf(ctx->arena, "%s was %s", c->edit.object,
				    edit_verb(c->edit.kind));
	return arena_printf(ctx->arena, "%s was %s", obstacle_label(ctx, past, n, o),
			    !strcmp(kind, "insert")   ? "added"
			    : !strcmp(kind, "delete") ? "removed"
						      : "changed");
}

struct err *blame(const struct context *ctx, const struct past *past, size_t n,
		  const struct past *chosen, const struct history_obstacle *o,
		  struct err *e)
{
	const struct past *later;

	if (e->code != ERR_BUSY)
		goto end;
	later = find_later(past, n, chosen, o);
	if (!later)
		goto end;
	err_free(e);
	e = err_new(ERR_BUSY, "%s by transaction %" PRId64 " since",
		    what_happened(ctx, past, n, later, o), later->serial);
	e = err_hint(e,
		     "`ipvl-ctl undo %" PRId64 "` first, or set the old value yourself",
		     later->serial);
end:
	return err_wrap(e, "transaction %" PRId64 " cannot be undone", chosen->serial);
}
