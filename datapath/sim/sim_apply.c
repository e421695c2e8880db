/* Executes one step of a plan on the simulated kernel, as the kernel provider does on the
 * real one.
 *
 * A step that touches something foreign is executed too, as the kernel would, and
 * recorded for sim_violation(). */
#include "datapath/sim/sim_apply.h"

#include "datapath/sim/sim_inet.h"
#include "datapath/sim/sim_link.h"
#include "datapath/sim/sim_route.h"
#include "datapath/sim/sim_world.h"
#include "lib/alloc.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The step that is executed, and where its results go. */
struct step_context {
	struct sim_world *w;
	const struct plan_step *step;
	struct plan_result *result;
	char **violation;
};

static void note_violation(struct step_context *d, const char *what, const char *name)
{
	if (!*d->violation)
		*d->violation = xasprintf("%s touched %s %s, which is not ours",
					  plan_op_name(d->step->op), what, name);
}

static struct sim_netns *netns_of(const struct step_context *d,
				  const struct model_slave *s)
{
	const char *netns = s ? s->netns : "";

	return sim_netns_find_alive(d->w, *netns ? netns : d->step->master->netns);
}

static struct err *find_slave(struct step_context *d, const struct model_slave *s,
			      struct sim_link **ret_link)
{
	struct sim_netns *ns = netns_of(d, s);
	struct sim_link *l = ns ? sim_link_find(ns, s->name) : NULL;

	if (!l)
		return sim_kernel_err(ENODEV, NULL);
	if (!sim_link_is_ours(d->w, l))
		note_violation(d, "device", l->name);
	*ret_link = l;
	return NULL;
}

static struct err *find_master(struct step_context *d, struct sim_link **ret_link)
{
	struct sim_netns *ns = netns_of(d, NULL);
	struct sim_link *l = ns ? sim_link_find(ns, d->step->master->name) : NULL;

	if (!l)
		return sim_kernel_err(ENODEV, NULL);
	*ret_link = l;
	return NULL;
}

/* The device of a step: a slave, or the master itself. */
static struct err *find_device(struct step_context *d, struct sim_link **ret_link)
{
	const struct model_slave *s = d->step->want ? d->step->want : d->step->have;

	return s ? find_slave(d, s, ret_link) : find_master(d, ret_link);
}

/* Drops an error that means that the state asked for holds already. */
static struct err *ignore_errno(struct err *e, int sys_errno)
{
	if (!e || e->sys_errno != sys_errno)
		return e;
	err_free(e);
	return NULL;
}

static struct err *do_link_del(struct step_context *d)
{
	struct sim_link *l;
	struct err *e = find_slave(d, d->step->have, &l);

	if (e)
		return ignore_errno(e, ENODEV);
	sim_link_del(d->w, l);
	return NULL;
}

static bool is_ours_or_lo(const struct sim_world *w, const struct sim_link *l)
{
	return !strcmp(l->name, "lo") || sim_link_is_ours(w, l);
}

static struct err *do_netns_del(struct step_context *d)
{
	struct sim_netns *s = sim_netns_find(d->w, d->step->netns->name);
	struct sim_link *l, *next;

	if (!s)
		return NULL;
	if (!s->is_dead_file && d->step->netns->inode &&
	    s->inode != d->step->netns->inode)
		return sim_kernel_err(ESTALE, NULL);
	HASH_ITER (hh, s->links, l, next) {
		if (!is_ours_or_lo(d->w, l))
			note_violation(d, "device", l->name);
	}
	sim_netns_del(d->w, s);
	return NULL;
}

static struct err *do_netns_add(struct step_context *d)
{
	struct sim_netns *s;
	struct err *e = sim_netns_add(d->w, d->step->netns->name, &s);

	if (!e) {
		d->result->inode = s->inode;
		d->result->cookie = s->start;
	}
	return e;
}

static void note_foreign(struct step_context *d, const struct sim_link *lower,
			 bool only_port)
{
	for (const struct sim_link *u = lower->uppers; u; u = u->next_upper) {
		if (!sim_link_is_ours(d->w, u) && (!only_port || sim_link_is_ipvlan(u)))
			note_violation(d, "device", u->name);
	}
}

static struct err *do_vlan_del(struct step_context *d)
{
	struct sim_link *l;
	struct err *e = find_master(d, &l);

	if (e)
		return ignore_errno(e, ENODEV);
	if (!sim_link_is_ours(d->w, l))
		note_violation(d, "device", l->name);
	note_foreign(d, l, false);
	sim_link_del(d->w, l);
	return NULL;
}

static struct err *do_vlan_add(struct step_context *d)
{
	const struct model_master *m = d->step->master;
	struct sim_netns *ns = netns_of(d, NULL);
	struct sim_link *lower = ns ? sim_link_find(ns, m->vlan_link) : NULL, *l;
	struct err *e;

	if (!lower)
		return sim_kernel_err(ENODEV, NULL);
	e = sim_link_add(d->w, ns, m->name, "vlan", lower, -1, -1, &l);
	if (e)
		return e;
	l->group = d->w->config.mark;
	l->vlan_id = m->vlan_id;
	d->result->ifindex = l->ifindex;
	return NULL;
}

static struct err *do_set(struct step_context *d, struct sim_link *l)
{
	struct err *e = NULL;

	if (d->step->u.link.mtu)
		e = sim_link_mtu(d->w, l, d->step->u.link.mtu);
	if (!e && d->step->u.link.set_up)
		e = sim_link_up(d->w, l);
	return e;
}

static struct err *do_master_set(struct step_context *d)
{
	struct sim_link *l;
	struct err *e = find_master(d, &l);

	return e ? e : do_set(d, l);
}

static struct err *do_link_set(struct step_context *d)
{
	struct sim_link *l;
	struct err *e = find_slave(d, d->step->want, &l);

	return e ? e : do_set(d, l);
}

static struct err *do_port_set(struct step_context *d)
{
	const struct model_master *m = d->step->master;
	struct sim_link *l;
	struct err *e = find_slave(d, d->step->have, &l);

	return e ? e
		 : sim_link_port(d->w, l, (unsigned int)m->mode, (unsigned int)m->flag);
}

static struct err *do_link_add(struct step_context *d)
{
	const struct model_master *m = d->step->master;
	const struct model_slave *s = d->step->want;
	struct sim_netns *ns = netns_of(d, s);
	struct sim_link *lower, *l;
	struct err *e = find_master(d, &lower);

	if (!e && !ns)
		e = sim_kernel_err(ENOENT, NULL);
	if (e)
		return e;
	/* If ours were there first, another mode is drift and may be corrected. */
	if (!lower->showed_ours &&
	    (lower->mode != (uint8_t)m->mode || lower->flag != (uint8_t)m->flag))
		note_foreign(d, lower, true);
	e = sim_link_add(d->w, ns, s->name, "ipvlan", lower, (int)m->mode, (int)m->flag,
			 &l);
	if (e)
		return e;
	l->group = d->w->config.mark;
	sim_link_note_place(l, ns->name, s->name);
	d->result->ifindex = l->ifindex;
	if (s->mtu)
		l->mtu = s->mtu;
	return s->n_sysctls ? NULL : sim_link_up(d->w, l);
}

static struct err *do_rename(struct step_context *d)
{
	struct sim_link *l;
	struct err *e = find_slave(d, d->step->have, &l);

	return e ? e : sim_link_rename(d->w, l, d->step->want->name);
}

static struct err *do_sysctl(struct step_context *d)
{
	struct sim_link *l;
	struct err *e = find_slave(d, d->step->want, &l);

	if (!e)
		sim_link_sysctl(l, d->step->u.sysctl.key, d->step->u.sysctl.value);
	return e;
}

static struct err *do_addr_add(struct step_context *d)
{
	const struct ip_prefix *p = &d->step->u.address;
	struct sim_link *l;
	struct err *e = find_device(d, &l);

	if (e)
		return e;
	return sim_addr_has(l, p) ? sim_addr_mend(d->w, l, p) : sim_addr_add(d->w, l, p);
}

static struct err *do_addr_del(struct step_context *d)
{
	struct sim_link *l;
	struct err *e = find_slave(d, d->step->have, &l);

	if (e)
		return ignore_errno(e, ENODEV);
	if (!sim_addr_has(l, &d->step->u.address))
		return NULL;
	return sim_addr_has_peer(l, &d->step->u.address, &d->step->u.peer)
		       ? sim_addr_del(d->w, l, &d->step->u.address)
		       : sim_kernel_err(EADDRNOTAVAIL, NULL);
}

static struct err *do_route_add(struct step_context *d)
{
	const struct model_route *r = &d->step->u.route;
	struct sim_route *there;
	struct sim_link *l;
	struct err *e = find_device(d, &l);

	if (e)
		return e;
	there = sim_route_find(l->ns, r);
	if (there && there->is_ours && there->link == l &&
	    model_route_equals(&there->route, r))
		return NULL;
	return sim_route_add(d->w, l, r, true);
}

static struct err *do_route_del(struct step_context *d)
{
	struct sim_link *l;
	struct err *e =
		d->step->have ? find_slave(d, d->step->have, &l) : find_master(d, &l);

	return e ? ignore_errno(e, ENODEV)
		 : ignore_errno(sim_route_del(d->w, l, &d->step->u.route, true), ESRCH);
}

static struct err *do_resolv(struct step_context *d)
{
	const struct model_slave *s = d->step->want ? d->step->want : d->step->have;
	const char *netns = *s->netns ? s->netns : d->step->master->netns;
	const struct sim_file *f = sim_file_find(d->w, netns);

	if (f && f->is_foreign)
		note_violation(d, "resolv.conf of", netns);
	sim_file_set(d->w, netns, d->step->u.resolv_conf, false);
	return NULL;
}

typedef struct err *step_fn(struct step_context *d);

static step_fn *const steps[PLAN_OP_N] = {
	[PLAN_OP_ROUTE_DEL] = do_route_del, [PLAN_OP_ADDR_DEL] = do_addr_del,
	[PLAN_OP_LINK_DEL] = do_link_del,   [PLAN_OP_NETNS_DEL] = do_netns_del,
	[PLAN_OP_VLAN_DEL] = do_vlan_del,   [PLAN_OP_NETNS_ADD] = do_netns_add,
	[PLAN_OP_VLAN_ADD] = do_vlan_add,   [PLAN_OP_MASTER_SET] = do_master_set,
	[PLAN_OP_PORT_SET] = do_port_set,   [PLAN_OP_LINK_ADD] = do_link_add,
	[PLAN_OP_LINK_RENAME] = do_rename,  [PLAN_OP_SYSCTL_SET] = do_sysctl,
	[PLAN_OP_LINK_SET] = do_link_set,   [PLAN_OP_ADDR_ADD] = do_addr_add,
	[PLAN_OP_ROUTE_ADD] = do_route_add, [PLAN_OP_RESOLV_SET] = do_resolv,
};

struct err *sim_apply_step(struct sim_world *w, const struct plan_step *s,
			   struct plan_result *result, char **violation)
{
	struct step_context d = {
		.w = w, .step = s, .result = result, .violation = violation};

	assert(s->op < PLAN_OP_N && steps[s->op]);
	return steps[s->op](&d);
}
