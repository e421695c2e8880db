/* The alias and the alternative names of a slave: it has exactly those that are declared. They
 * cost no traffic. The kernel ignores both in the message that makes the device. */
#include "datapath/plan/plan_name.h"

#include "datapath/plan/plan_draft.h"

#include <assert.h>
#include <string.h>

static bool has_altname(const struct model_slave *s, const char *name)
{
	for (size_t i = 0; i < s->n_altnames; i++) {
		if (!strcmp(s->altnames[i], name))
			return true;
	}
	return false;
}

void plan_draft_name_removals(struct plan_context *ctx, struct slave_plan *s)
{
	assert(plan_slave_is_kept(s));
	for (size_t i = 0; i < s->have->n_altnames; i++) {
		const char *name = s->have->altnames[i];

		if (has_altname(s->want, name))
			continue;
		plan_draft_new(ctx, PLAN_OP_ALTNAME_DEL, s->master, s, "is not declared")
			->step.u.altname = name;
	}
}

static void draft_alias(struct plan_context *ctx, struct slave_plan *s, const char *have)
{
	struct plan_draft *d;

	if (!strcmp(have, s->want->alias))
		return;
	d = plan_draft_new(ctx, PLAN_OP_ALIAS_SET, s->master, s, "differs");
	d->step.u.alias = s->want->alias;
	d->step.u.alias_was = have;
	if (!plan_slave_is_kept(s))
		d->step.have = NULL;
	plan_draft_after(d, s->link, NULL, NULL, NULL);
}

void plan_draft_names(struct plan_context *ctx, struct slave_plan *s)
{
	const struct model_slave *have = plan_slave_is_kept(s) ? s->have : NULL;

	for (size_t i = 0; i < s->want->n_altnames; i++) {
		const char *name = s->want->altnames[i];
		struct plan_draft *d;

		if (have && has_altname(have, name))
			continue;
		d = plan_draft_new(ctx, PLAN_OP_ALTNAME_ADD, s->master, s, "is missing");
		d->step.u.altname = name;
		if (!have)
			d->step.have = NULL;
		plan_draft_after(d, s->link, NULL, NULL, NULL);
	}
	draft_alias(ctx, s, have ? have->alias : "");
}
