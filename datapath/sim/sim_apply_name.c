/* Executes steps on the names of slaves: the name itself, alternative names, the alias. */
#include "datapath/sim/sim_apply_name.h"

#include "datapath/sim/sim_cache.h"
#include "datapath/sim/twin/twin_link.h"

#include <errno.h>

struct err *sim_apply_rename(struct sim_step *d)
{
	struct sim_known *known;
	struct twin_request r;
	struct twin_link *l;
	struct err *e = sim_step_find_slave(d, d->step->have, &l);

	if (e)
		return e;
	r = sim_step_request(TWIN_LINK_SET, l);
	r.u.link.new_name = d->step->want->name;
	e = sim_step_send(d, &r, NULL);
	known = sim_cache_find(d->w->cache, l->ns->id, l->ifindex);
	if (e || !known)
		return e;
	known->view = twin_link_view(l);
	sim_cache_set_place(d->w->cache, known, l->ns->id, l->name);
	return NULL;
}

struct err *sim_apply_altname_del(struct sim_step *d)
{
	struct twin_request r;
	struct twin_link *l;
	struct err *e = sim_step_find_doomed(d, &l);

	if (e || !l)
		return e;
	r = sim_step_request(TWIN_LINK_SET, l);
	r.u.link.old_alt_name = d->step->u.altname;
	return sim_step_ignore(sim_step_send(d, &r, NULL), ENOENT);
}

struct err *sim_apply_altname_add(struct sim_step *d)
{
	const struct twin_link *at;
	struct twin_request r;
	struct twin_link *l;
	struct err *e = sim_step_find_slave(d, d->step->want, &l);

	if (e)
		return e;
	r = sim_step_request(TWIN_LINK_SET, l);
	r.u.link.alt_name = d->step->u.altname;
	e = sim_step_send(d, &r, NULL);
	at = twin_link_find(l->ns, d->step->u.altname);
	if (!e || e->sys_errno != EEXIST || !at)
		return e;
	err_free(e);
	return at == l ? NULL : err_new(ERR_EXISTS, "%s has that name there", at->name);
}

struct err *sim_apply_alias(struct sim_step *d)
{
	struct twin_request r;
	struct twin_link *l;
	struct err *e = sim_step_find_slave(d, d->step->want, &l);

	if (e)
		return e;
	r = sim_step_request(TWIN_LINK_NEW, l);
	r.u.link.alias = d->step->u.alias;
	return sim_step_send(d, &r, NULL);
}
