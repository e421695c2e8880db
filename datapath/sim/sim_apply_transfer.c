/* Steps that give our mark to a device, or take it off, by the requests of
 * datapath/kernel/execute/execute_transfer.c. */
#include "datapath/sim/sim_apply_transfer.h"

#include "datapath/sim/sim_cache.h"
#include "datapath/sim/twin/twin_link.h"

#include <errno.h>
#include <string.h>

/* The device that the plan takes over: it must be the one that was observed. */
static bool is_to_adopt(struct sim_step *d, const struct twin_link *l)
{
	const struct model_slave *s = d->step->have;
	const struct model_master *m = d->step->master;
	bool is_kind =
		!strcmp(l->kind, s ? link_type_of(m)->kind : model_master_made_kind(m));

	if (!is_kind && l->showed_foreign)
		sim_step_accuse(d, "device", l->name);
	return is_kind && !l->group &&
	       (!s || (!strcmp(l->name, s->name) && l->ifindex == s->seen.ifindex));
}

static struct err *set_group(struct sim_step *d, const struct twin_link *l,
			     uint32_t group)
{
	struct twin_request r = sim_step_request(TWIN_LINK_SET, l);
	struct sim_known *known;
	struct err *e;

	r.u.link.sent = TWIN_LINK_GROUP;
	r.u.link.group = group;
	e = sim_step_send(d, &r, NULL);
	known = sim_cache_find(d->w->cache, l->ns->id, l->ifindex);
	if (!e && known)
		known->view = twin_link_view(l);
	return e;
}

struct err *sim_apply_link_adopt(struct sim_step *d)
{
	const struct model_slave *s = d->step->have;
	const struct twin_netns *ns = sim_step_netns(d, s);
	const struct twin_link *l =
		ns ? twin_link_find(ns, s ? s->name : d->step->master->name) : NULL;
	struct err *e;

	if (!l)
		return twin_kernel_err(ENODEV, NULL);
	if (twin_link_is_ours(d->w, l))
		return NULL;
	if (is_to_adopt(d, l))
		return set_group(d, l, d->w->config.mark);
	e = err_new(ERR_EXISTS, "%s is another device now", l->name);
	e->sys_errno = EEXIST;
	return e;
}

struct err *sim_apply_link_release(struct sim_step *d)
{
	struct twin_link *l;
	struct err *e = sim_step_find_doomed(d, &l);

	if (e || !l || !twin_link_is_ours(d->w, l))
		return e;
	return set_group(d, l, 0);
}
