/* Brings together, by the names of objects, what the rows and what the daemon show. */
#include "ctl/text/dry_run_view.h"

#include "ctl/text/describe.h"

#include <string.h>

struct view_object *view_find(const struct view *v, const char *name)
{
	struct view_object *o;

	HASH_FIND_STR(v->objects, name, o);
	return o;
}

static struct view_object *need(struct view *v, const char *name)
{
	struct view_object *o = view_find(v, name);

	if (o)
		return o;
	o = arena_alloc(v->ctx->arena, sizeof(*o));
	o->name = name;
	o->loss = "";
	o->end = &o->steps;
	HASH_ADD_KEYPTR(hh, v->objects, o->name, strlen(o->name), o);
	return o;
}

/* A namespace and a master may have one name: the master is the row. */
static void add_tenant(struct view *v, const char *slave)
{
	const char *slash = strrchr(slave, '/');
	struct view_object *netns;

	if (!slash)
		return;
	netns = need(v, arena_printf(v->ctx->arena, "%.*s", (int)(slash - slave), slave));
	if (!netns->tenant)
		netns->tenant = view_find(v, slave);
}

static void add_step(struct view *v, const struct dry_run_step *s, size_t number)
{
	struct view_object *o = need(v, s->object);
	struct view_step *step = arena_alloc(v->ctx->arena, sizeof(*step));

	if (!o->change && !o->row && o->tenant)
		o = o->tenant;
	*step = (struct view_step){.step = s, .number = number};
	*o->end = step;
	o->end = &step->next;
	if (!*s->loss)
		return;
	v->is_disruptive = true;
	if (!strstr(o->loss, s->loss))
		o->loss = describe_join(v->ctx->arena, o->loss, s->loss);
}

struct view view_make(const struct context *ctx, const struct diff *changes,
		      const struct dry_run *f)
{
	struct view v = {.ctx = ctx, .changes = changes, .f = f};

	for (size_t i = 0; i < changes->n; i++) {
		const struct diff_object *o = &changes->objects[i];
		struct view_object *its = need(&v, o->edit.object);

		/* A removed row and a new one may have one name: the new one counts. */
		if (!its->change || o->edit.kind != EDIT_REMOVED)
			its->change = o;
	}
	for (size_t i = 0; f && i < f->n_rows; i++) {
		struct view_object *its = need(&v, f->rows[i].object);

		if (!its->row)
			its->row = &f->rows[i];
	}
	for (size_t i = 0; i < changes->n; i++) {
		if (changes->objects[i].is_slave)
			add_tenant(&v, changes->objects[i].edit.object);
	}
	for (size_t i = 0; f && i < f->n_steps; i++)
		add_step(&v, &f->steps[i], i + 1);
	return v;
}

void view_clear(struct view *v)
{
	HASH_CLEAR(hh, v->objects);
}

const char *view_effect(const struct view *v, const struct view_object *o,
			bool *ret_is_disruptive)
{
	const struct diff_object *c = o->change;
	const char *loss = o->loss;

	*ret_is_disruptive = false;
	/* Only the daemon can see whether traffic flows. An object that will not be
	 * ready has none. */
	if (!v->f || !c || c->edit.kind == EDIT_ADDED ||
	    (c->edit.kind == EDIT_REMOVED && !c->is_slave) ||
	    (o->row && !o->row->is_well))
		return "";
	/* A device that goes with its namespace or its VLAN has no step of its own. */
	if (*c->loss && v->is_disruptive)
		loss = c->loss;
	*ret_is_disruptive = *loss;
	if (*loss)
		return arena_printf(v->ctx->arena, "disruptive: %s", loss);
	return *c->effect ? arena_printf(v->ctx->arena, "hitless: %s", c->effect)
			  : "hitless";
}

static const struct dry_run_row *row_of_master(const struct view *v,
					       const struct view_object *o)
{
	const struct view_object *m =
		o->change && *o->change->master ? view_find(v, o->change->master) : NULL;

	return m ? m->row : NULL;
}

bool view_master_has_outcome(const struct view *v, const struct view_object *o)
{
	const struct dry_run_row *its = row_of_master(v, o);

	return its && !strcmp(its->state, o->row->state) &&
	       !strcmp(its->message, o->row->message);
}

bool view_master_warns(const struct view *v, const struct view_object *o,
		       const char *warning)
{
	const struct dry_run_row *its = row_of_master(v, o);

	for (size_t i = 0; its && i < its->n_warnings; i++) {
		if (!strcmp(its->warnings[i], warning))
			return true;
	}
	return false;
}
