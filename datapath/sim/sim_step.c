/* What all steps need: finding their device, sending their requests. */
#include "datapath/sim/sim_step.h"

#include "datapath/sim/sim_cache.h"
#include "datapath/sim/sim_fault.h"
#include "datapath/sim/twin/twin_execute.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_world.h"
#include "datapath/plan/plan_text.h"
#include "lib/alloc.h"

#include <errno.h>
#include <string.h>

struct twin_request sim_step_request(enum twin_request_kind kind,
				     const struct twin_link *l)
{
	return (struct twin_request){
		.kind = kind, .netns = l->ns->name, .ifindex = l->ifindex};
}

struct err *sim_step_send(struct sim_step *d, const struct twin_request *r,
			  struct twin_link **ret_made)
{
	struct err *e = sim_fault_request(&d->dp->faults);

	if (e)
		return e;
	d->dp->n_writes++;
	return twin_execute(d->w, r, ret_made);
}

void sim_step_accuse(struct sim_step *d, const char *what, const char *name)
{
	if (!d->dp->violation)
		d->dp->violation = xasprintf("%s touched %s %s, which is not ours",
					     plan_op_name(d->step->op), what, name);
}

static struct err *foreign_err(const struct twin_link *l)
{
	struct err *e =
		err_new(ERR_EXISTS, "%s is now a device that ipvl did not make", l->name);

	e->sys_errno = EEXIST;
	return e;
}

const char *sim_step_netns_name(const struct plan_step *step, const struct model_slave *s)
{
	if (step->netns)
		return step->netns->name;
	return s && *s->netns ? s->netns : step->master->netns;
}

struct twin_netns *sim_step_netns(const struct sim_step *d, const struct model_slave *s)
{
	const char *netns = sim_step_netns_name(d->step, s);
	struct twin_netns *found = twin_netns_find_alive(d->w, netns);

	if (found)
		sim_cache_note_netns(d->w->cache, netns, found);
	return found;
}

struct err *sim_step_find_slave(struct sim_step *d, const struct model_slave *s,
				struct twin_link **ret_link)
{
	struct twin_netns *ns = sim_step_netns(d, s);
	struct twin_link *l = ns ? twin_link_find(ns, s->name) : NULL;
	bool is_ours;

	if (!l)
		return twin_kernel_err(ENODEV, NULL);
	is_ours = twin_link_is_ours(d->w, l) && !strcmp(l->name, s->name);
	if (!is_ours && l->showed_foreign)
		sim_step_accuse(d, "device", l->name);
	if (!is_ours)
		return foreign_err(l);
	*ret_link = l;
	return NULL;
}

struct err *sim_step_find_master(struct sim_step *d, struct twin_link **ret_link)
{
	struct twin_netns *ns = sim_step_netns(d, NULL);
	struct twin_link *l = NULL;

	if (ns)
		l = d->step->matched
			    ? twin_link_find_index(ns, d->step->matched->seen.ifindex)
			    : twin_link_find(ns, d->step->master->name);
	if (!l)
		return twin_kernel_err(ENODEV, NULL);
	*ret_link = l;
	return NULL;
}

struct err *sim_step_find_device(struct sim_step *d, struct twin_link **ret_link)
{
	const struct model_slave *s = d->step->want ? d->step->want : d->step->have;

	return s ? sim_step_find_slave(d, s, ret_link)
		 : sim_step_find_master(d, ret_link);
}

struct err *sim_step_ignore(struct err *e, int sys_errno)
{
	if (!e || e->sys_errno != sys_errno)
		return e;
	err_free(e);
	return NULL;
}

struct err *sim_step_find_doomed(struct sim_step *d, struct twin_link **ret_link)
{
	struct twin_link *l = NULL;
	struct err *e = d->step->have ? sim_step_find_slave(d, d->step->have, &l)
				      : sim_step_find_master(d, &l);

	*ret_link = l;
	return sim_step_ignore(sim_step_ignore(e, ENODEV), EEXIST);
}
