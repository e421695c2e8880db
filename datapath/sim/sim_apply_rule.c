/* Steps on rules, by the requests of datapath/kernel/execute/execute_inside.c. */
#include "datapath/sim/sim_apply_rule.h"

#include "lib/alloc.h"
#include "lib/arena.h"

#include <errno.h>

static struct twin_request request_of(const struct sim_step *d,
				      enum twin_request_kind kind,
				      const struct twin_netns *s)
{
	struct twin_request r = {.kind = kind, .netns = s->name};

	r.u.rule.rule = d->step->u.rule;
	r.u.rule.has_priority = true;
	r.u.rule.protocol = d->w->config.route_protocol;
	return r;
}

/* The rule of a step, or one of ours that the kernel takes for it. */
static const struct twin_rule *find_like(const struct sim_step *d,
					 const struct twin_netns *s)
{
	const struct model_rule *want = &d->step->u.rule;
	const struct twin_rule *found = NULL;

	for (size_t i = 0; i < s->n_rules; i++) {
		const struct twin_rule *r = &s->rules[i];

		if (r->protocol != d->w->config.route_protocol)
			continue;
		if (!model_rule_cmp(&r->rule, want))
			return r;
		if (model_rule_covers(want, &r->rule))
			found = r;
	}
	return found;
}

struct err *sim_apply_rule_add(struct sim_step *d)
{
	const struct model_slave *slave = d->step->want ? d->step->want : d->step->have;
	const struct twin_netns *s = sim_step_netns(d, slave);
	const struct twin_rule *there;
	CLEANUP(arena_freep) struct arena *a = NULL;
	struct twin_request r;
	struct err *e;

	if (!s)
		return twin_kernel_err(ENODEV, NULL);
	r = request_of(d, TWIN_RULE_NEW, s);
	r.flags = TWIN_CREATE | TWIN_EXCL;
	e = sim_step_send(d, &r, NULL);
	if (!e || e->sys_errno != EEXIST)
		return e;
	there = find_like(d, s);
	if (there && !model_rule_cmp(&there->rule, &d->step->u.rule))
		return sim_step_ignore(e, EEXIST);
	if (!there)
		return e;
	err_free(e);
	a = arena_new();
	e = err_new(ERR_EXISTS, "the kernel takes the rule %s for it",
		    model_rule_text(a, &there->rule));
	e->sys_errno = EEXIST;
	return e;
}

struct err *sim_apply_rule_del(struct sim_step *d)
{
	const struct model_slave *slave = d->step->have ? d->step->have : d->step->want;
	const struct twin_netns *s = sim_step_netns(d, slave);
	struct twin_request r;

	if (!s)
		return NULL;
	r = request_of(d, TWIN_RULE_DEL, s);
	return sim_step_ignore(sim_step_send(d, &r, NULL), ENOENT);
}
