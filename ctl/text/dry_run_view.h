/* The changes of rows and what is foreseen of them, by object: what the printers of
 * dry_run.h share. */
#ifndef CTL_DRY_RUN_VIEW_H
#define CTL_DRY_RUN_VIEW_H 1

#include "ctl/text/dry_run.h"
#include "lib/hash_table.h"

/* One object: a row, or a namespace that steps make or delete. */
struct view_object {
	const char *name;                 /* hash key */
	const struct diff_object *change; /* NULL: its row does not change */
	const struct dry_run_row *row;    /* NULL: not foreseen */
	/* Of a namespace: the first changed slave in it; NULL if none. */
	struct view_object *tenant;
	const char *loss; /* of its steps, joined by commas */
	/* In the order of execution; NULL at the end. Of a namespace with a tenant they
	 * are the tenant's. */
	struct view_step *steps, **end;
	UT_hash_handle hh;
};

struct view_step {
	const struct dry_run_step *step;
	size_t number; /* in the order of execution, from 1 */
	struct view_step *next;
};

struct view {
	const struct context *ctx;
	const struct diff *changes;
	const struct dry_run *f;     /* NULL: nothing is foreseen */
	bool is_disruptive;          /* some step is */
	struct view_object *objects; /* changed rows, then others, in their order */
};

/* Borrows all; from the attempt's arena, except what view_clear() frees. */
struct view view_make(const struct context *ctx, const struct diff *changes,
		      const struct dry_run *f);
void view_clear(struct view *v);
/* NULL if there is none. */
struct view_object *view_find(const struct view *v, const char *name);

/* "hitless: 2 slaves keep running", "disruptive: 10.0.0.2 goes away"; "" of an object
 * that has no traffic, or if nothing is foreseen. */
const char *view_effect(const struct view *v, const struct view_object *o,
			bool *ret_is_disruptive);
/* True if the master has the same outcome, or warning: it is not repeated. */
bool view_master_has_outcome(const struct view *v, const struct view_object *o);
bool view_master_warns(const struct view *v, const struct view_object *o,
		       const char *warning);

#endif
