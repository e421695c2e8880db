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

/* The rule of a step, or one of the same protocol that the kernel takes for it. */
static const struct twin_rule *find_like(const struct sim_step *d,
					 const struct twin_netns *s, uint8_t protocol)
{
	const struct model_rule *want = &d->step->u.rule;
	const struct twin_rule *found = NULL;

	for (size_t i = 0; i < s->n_rules; i++) {
		const struct twin_rule *r = &s->rules[i];

		if (r->protocol != protocol)
			continue;
		if (!model_rule_cmp(&r->rule, want))
			return r;
		if (model_rule_covers(want, &r->rule))
			found = r;
	}
	return found;
}

static struct err *add(struct sim_step *d, const struct twin_netns *s, uint8_t protocol)
{
	const struct twin_rule *there;
	CLEANUP(arena_freep) struct arena *a = NULL;
	struct twin_request r = request_of(d, TWIN_RULE_NEW, s);
	struct err *e;

	r.flags = TWIN_CREATE | TWIN_EXCL;
	r.u.rule.protocol = protocol;
	e = sim_step_send(d, &r, NULL);
	if (!e || e->sys_errno != EEXIST)
		return e;
	there = find_like(d, s, protocol);
	if (there && !model_rule_cmp(&there->rule, &d->step->u.rule))
		return sim_step_ignore(e, EEXIST);
	if (!there)
		return e;
	err_free(e);
	a = arena_new();
	e = err_new(ERR_EXISTS, "the kernel takes it for the rule %s",
		    model_rule_text(a, &there->rule));
	e->sys_errno = EEXIST;
	return e;
}

static const struct twin_netns *netns_of(const struct sim_step *d)
{
	return sim_step_netns(d, d->step->want ? d->step->want : d->step->have);
}

struct err *sim_apply_rule_add(struct sim_step *d)
{
	const struct twin_netns *s = netns_of(d);

	return s ? add(d, s, d->w->config.route_protocol) : twin_kernel_err(ENODEV, NULL);
}

/* The new one is there before the old one goes. */
static struct err *exchange(struct sim_step *d, const struct twin_netns *s, uint8_t old,
			    uint8_t new)
{
	struct twin_request r = request_of(d, TWIN_RULE_DEL, s);
	struct err *e = add(d, s, new);

	if (e)
		return e;
	r.u.rule.protocol = old;
	return sim_step_ignore(sim_step_send(d, &r, NULL), ENOENT);
}

struct err *sim_apply_rule_adopt(struct sim_step *d)
{
	const struct twin_netns *s = netns_of(d);

	return s ? exchange(d, s, d->step->u.rule_protocol, d->w->config.route_protocol)
		 : twin_kernel_err(ENODEV, NULL);
}

struct err *sim_apply_rule_release(struct sim_step *d)
{
	const struct twin_netns *s = netns_of(d);

	return s ? exchange(d, s, d->w->config.route_protocol, TWIN_PROTO_STATIC) : NULL;
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
