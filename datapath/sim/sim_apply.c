/* Executes one step of a plan on the simulated kernel, by the requests that the kernel
 * provider makes for it (datapath/kernel/execute/execute.c), one after another: between any two
 * of them a fault may come.
 *
 * Like that provider it refuses to touch what is not ours. If the last observation showed
 * that already, the plan is wrong, and the step is recorded for sim_violation(). */
#include "datapath/sim/sim_apply.h"

#include "datapath/plan/plan_failure.h"
#include "datapath/sim/sim_apply_inet.h"
#include "datapath/sim/sim_apply_name.h"
#include "datapath/sim/sim_apply_rule.h"
#include "datapath/sim/sim_apply_transfer.h"
#include "datapath/sim/sim_cache.h"
#include "datapath/sim/sim_fault.h"
#include "datapath/sim/sim_step.h"
#include "datapath/sim/twin/twin_execute.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_world.h"
#include "lib/alloc.h"
#include "lib/mac.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How often another ifindex is tried if one is taken. */
#define MAX_TRIES 8

static struct err *delete_link(struct sim_step *d, const struct twin_link *l)
{
	uint64_t ns = l->ns->id;
	uint32_t ifindex = l->ifindex;
	struct twin_request r = sim_step_request(TWIN_LINK_DEL, l);

	struct err *e = sim_step_ignore(sim_step_send(d, &r, NULL), ENODEV);

	if (!e)
		sim_cache_forget(d->w->cache, ns, ifindex);
	return e;
}

static struct err *do_link_del(struct sim_step *d)
{
	struct twin_link *l;
	struct err *e = sim_step_find_doomed(d, &l);

	return e || !l ? e : delete_link(d, l);
}

/* Another program may have put a device into it since the plan was made. */
static struct err *check_free(struct sim_step *d, const struct twin_netns *s)
{
	const struct twin_link *l, *next;

	HASH_ITER (hh, s->links, l, next) {
		struct err *e;

		if (twin_link_is_lo(l) || twin_link_is_ours(d->w, l))
			continue;
		if (s->showed_occupied)
			sim_step_accuse(d, "device", l->name);
		e = err_new(ERR_BUSY, "it has a device %s, which ipvl did not make",
			    l->name);
		e->sys_errno = EBUSY;
		return e;
	}
	return NULL;
}

/* The slaves whose namespace another process keeps alive (kernel.md 16). */
static struct err *delete_kept(struct sim_step *d, uint64_t id)
{
	const struct plan_step *step = d->step;
	struct twin_netns *ns = twin_netns_find_id(d->w, id);
	struct err *e = NULL;

	for (size_t i = 0; ns && !e && i < step->u.n_going; i++) {
		struct twin_link *l =
			twin_link_find_index(ns, step->u.going[i]->seen.ifindex);

		if (l && twin_link_is_ours(d->w, l))
			e = delete_link(d, l);
	}
	return e;
}

/* umount2(2), then unlink(2). */
static struct err *do_netns_del(struct sim_step *d)
{
	const struct model_netns *n = d->step->netns;
	struct twin_netns *s = twin_netns_find(d->w, n->name);
	struct twin_request r = {.kind = TWIN_NETNS_UNMOUNT, .netns = n->name};
	struct err *e = NULL;
	uint64_t id;

	if (!s)
		return NULL;
	id = s->is_dead_file ? 0 : s->id;
	if (!s->is_dead_file && n->inode && s->inode != n->inode)
		return twin_kernel_err(ESTALE, NULL);
	if (!s->is_dead_file)
		e = check_free(d, s);
	if (!e && !s->is_dead_file)
		e = sim_step_send(d, &r, NULL);
	r.kind = TWIN_NETNS_DEL;
	if (!e) {
		sim_cache_drop_text(d->w->cache, n->name);
		e = sim_step_send(d, &r, NULL);
	}
	if (!e && id)
		e = delete_kept(d, id);
	if (!e && id)
		sim_cache_forget_netns(d->w->cache, id);
	return e;
}

/* A file is made, and the namespace is mounted on it. */
static struct err *do_netns_add(struct sim_step *d)
{
	const char *name = d->step->netns->name;
	struct twin_request up = {.kind = TWIN_LINK_SET,
				  .netns = name,
				  .name = "lo",
				  .u.link = {.sent = TWIN_LINK_UP, .is_up = true}};
	struct twin_netns *s = NULL;
	struct err *e = sim_fault_request(&d->dp->faults);

	if (!e)
		e = twin_netns_put_file(d->w, name);
	if (e)
		return e;
	sim_cache_drop_text(d->w->cache, name);
	e = sim_fault_request(&d->dp->faults);
	if (e && !d->dp->faults.has_crashed)
		err_free(twin_netns_remove(d->w, name));
	if (!e)
		e = twin_netns_add(d->w, name, &s);
	if (!e)
		e = twin_execute(d->w, &up, NULL);
	if (e || !s)
		return e;
	d->dp->n_writes++;
	d->result->inode = s->inode;
	d->result->cookie = s->start;
	return NULL;
}

/* Another program's device on it, perhaps with ours between, or a port of it. */
static const struct twin_link *find_user(const struct sim_step *d,
					 const struct twin_link *l)
{
	const struct twin_link *port, *next, *found = NULL;

	HASH_ITER (hh, l->ns->links, port, next) {
		if (port->controller == l && !twin_link_is_ours(d->w, port))
			return port;
	}
	for (const struct twin_link *u = l->uppers; u && !found; u = u->next_upper)
		found = twin_link_is_ours(d->w, u) ? find_user(d, u) : u;
	return found;
}

static struct err *check_unused(struct sim_step *d, const struct twin_link *l)
{
	const struct twin_link *user = find_user(d, l);
	struct err *e;

	if (!user)
		return NULL;
	if (l->showed_foreign_upper)
		sim_step_accuse(d, "device", user->name);
	e = err_new(ERR_BUSY, "the %s %s, which ipvl did not make, uses it", user->kind,
		    user->name);
	e->sys_errno = EBUSY;
	return e;
}

static struct err *do_master_del(struct sim_step *d)
{
	struct twin_link *l;
	struct err *e = sim_step_find_master(d, &l);

	if (e)
		return sim_step_ignore(e, ENODEV);
	if (!twin_link_is_ours(d->w, l))
		return NULL;
	e = check_unused(d, l);
	return e ? e : delete_link(d, l);
}

static struct err *do_master_add(struct sim_step *d)
{
	const struct model_master *m = d->step->master;
	const struct twin_request r = {
		.kind = TWIN_LINK_NEW,
		.flags = TWIN_CREATE | TWIN_EXCL,
		.netns = m->netns,
		.name = m->name,
		.u.link = {.sent = (*m->vlan_link ? (unsigned int)TWIN_LINK_VLAN_ID : 0) |
				   TWIN_LINK_GROUP |
				   (m->mtu ? (unsigned int)TWIN_LINK_MTU : 0),
			   .kind = model_master_made_kind(m),
			   .lower = *m->vlan_link ? m->vlan_link : NULL,
			   .vlan_id = m->vlan_id,
			   .group = d->w->config.mark,
			   .mtu = m->mtu},
	};
	struct twin_link *l = NULL;
	struct err *e = sim_step_send(d, &r, &l);

	if (!e && l)
		d->result->ifindex = l->ifindex;
	return e;
}

static struct err *set_link(struct sim_step *d, const struct twin_link *l)
{
	struct twin_request r = sim_step_request(TWIN_LINK_SET, l);
	struct sim_known *known;
	struct err *e;

	if (d->step->u.link.mtu) {
		r.u.link.sent |= TWIN_LINK_MTU;
		r.u.link.mtu = d->step->u.link.mtu;
	}
	if (d->step->u.link.set_up) {
		r.u.link.sent |= TWIN_LINK_UP;
		r.u.link.is_up = true;
	}
	if (d->step->u.link.flips_arp) {
		r.u.link.sent |= TWIN_LINK_ARP;
		r.u.link.has_arp = d->step->u.link.has_arp;
	}
	e = sim_step_send(d, &r, NULL);
	known = sim_cache_find(d->w->cache, l->ns->id, l->ifindex);
	if (e || !known)
		return e;
	known->view.is_noarp = l->is_noarp;
	known->view.is_up |= d->step->u.link.set_up;
	if (d->step->u.link.mtu)
		known->view.mtu = d->step->u.link.mtu;
	return NULL;
}

static struct err *do_master_set(struct sim_step *d)
{
	struct twin_link *l;
	struct err *e = sim_step_find_master(d, &l);

	return e ? e : set_link(d, l);
}

static struct err *do_link_set(struct sim_step *d)
{
	struct twin_link *l;
	struct err *e = sim_step_find_slave(d, d->step->want, &l);

	return e ? e : set_link(d, l);
}

/* Mode and flag are attributes 1 and 2 of both families (IFLA_IPVLAN_MODE, IFLA_MACVLAN_MODE). */
enum { ATTR_MODE = 1, ATTR_FLAGS = 2 };

static void put_mode(struct twin_link_request *r, const struct model_master *m)
{
	const struct link_type *t = link_type_of(m);
	struct link_attr attrs[LINK_TYPE_MAX_ATTRS];
	size_t n =
		t->encode((struct link_mode){(uint8_t)m->mode, (uint8_t)m->flag}, attrs);

	for (size_t i = 0; i < n; i++) {
		if (attrs[i].type == ATTR_MODE) {
			r->sent |= TWIN_LINK_MODE;
			r->mode = (uint16_t)attrs[i].value;
		} else if (attrs[i].type == ATTR_FLAGS) {
			r->sent |= TWIN_LINK_FLAG;
			r->flag = (uint16_t)attrs[i].value;
		}
	}
}

static struct err *do_port_set(struct sim_step *d)
{
	const struct model_master *m = d->step->master;
	struct twin_request r;
	struct twin_link *l;
	struct err *e = sim_step_find_slave(d, d->step->have, &l);

	if (e)
		return e;
	r = sim_step_request(TWIN_LINK_NEW, l);
	r.u.link = (struct twin_link_request){.kind = link_type_of(m)->kind};
	put_mode(&r.u.link, m);
	e = sim_step_send(d, &r, NULL);
	if (!e)
		sim_cache_note_arp(d->w->cache, l->lower);
	return e;
}

/* If ours were there first, another mode is drift and may be corrected. A stranger's ipvlan
 * that has come since the observation could not be known. */
static void judge_port(struct sim_step *d, const struct twin_link *lower)
{
	const struct model_master *m = d->step->master;

	if (!link_type_has(link_type_of(m), LINK_HAS_PORT) || lower->showed_ours ||
	    !lower->showed_stranger ||
	    (lower->showed_mode == (uint8_t)m->mode &&
	     lower->showed_flag == (uint8_t)m->flag))
		return;
	for (const struct twin_link *u = lower->uppers; u; u = u->next_upper) {
		if (twin_link_is_in_port(u) && !twin_link_is_ours(d->w, u))
			sim_step_accuse(d, "device", u->name);
	}
}

/* EEXIST: name or ifindex? */
static struct err *try_link_add(struct sim_step *d, struct twin_request *r,
				const struct twin_netns *target,
				struct twin_link **ret_link)
{
	struct err *e = NULL;

	for (int try = 0; try < MAX_TRIES; try++) {
		err_free(e);
		r->ifindex = d->w->next_ifindex++;
		e = sim_step_send(d, r, ret_link);
		if (!e || (e->sys_errno != EEXIST && e->sys_errno != EBUSY) ||
		    twin_link_find(target, r->name))
			return e;
		if (e->sys_errno == EBUSY && !twin_link_find_index(target, r->ifindex))
			return e;
	}
	return e;
}

/* The first messages about it carry nothing new. */
static void remember_new(struct sim_step *d, const struct twin_link *l,
			 const struct twin_link *lower)
{
	const struct model_slave *s = d->step->want;
	struct sim_cache *k = d->w->cache;
	struct sim_known *known = sim_cache_remember(k, l), *master;

	known->is_new = true;
	known->view.is_up = model_slave_begins_up(s);
	sim_cache_declare(known, s->addresses, s->n_addresses, s->n_routes);
	sim_cache_set_place(k, known, l->ns->id, s->name);
	master = sim_cache_find(k, lower->ns->id, lower->ifindex);
	if (!master || !master->is_master)
		master = sim_cache_remember(k, lower);
	master->is_master = true;
}

/* NULL: the kernel chooses it. */
static const char *mac_text(const struct sim_step *d, char buf[MAC_TEXT_BYTES])
{
	const struct model_master *m = d->step->master;
	const struct model_slave *s = d->step->want;
	uint8_t mac[6];

	return link_type_own_mac(m, s, d->w->config.mark, mac) ? mac_format(mac, buf)
							       : NULL;
}

static struct err *do_link_add(struct sim_step *d)
{
	const struct model_master *m = d->step->master;
	const struct model_slave *s = d->step->want;
	struct twin_netns *ns = sim_step_netns(d, s);
	struct twin_link *lower, *l = NULL;
	struct err *e = sim_step_find_master(d, &lower);
	uint32_t mtu = d->step->u.inherits_mtu ? 0 : s->mtu;
	char mac[MAC_TEXT_BYTES];
	struct twin_request r;

	if (!e && !ns)
		e = twin_kernel_err(ENOENT, NULL);
	if (e)
		return e;
	judge_port(d, lower);
	r = (struct twin_request){
		.kind = TWIN_LINK_NEW,
		.flags = TWIN_CREATE | TWIN_EXCL,
		.netns = lower->ns->name,
		.name = s->name,
		.u.link = {.sent = TWIN_LINK_GROUP | TWIN_LINK_UP |
				   (mtu ? (unsigned int)TWIN_LINK_MTU : 0),
			   .kind = link_type_of(m)->kind,
			   .lower = lower->name,
			   .mac = mac_text(d, mac),
			   .group = d->w->config.mark,
			   .mtu = mtu,
			   .is_up = model_slave_begins_up(s),
			   .to_netns = ns->name},
	};
	put_mode(&r.u.link, m);
	e = try_link_add(d, &r, ns, &l);
	if (e || !l)
		return e;
	remember_new(d, l, lower);
	d->result->ifindex = l->ifindex;
	memcpy(d->result->mac, l->mac, sizeof(l->mac));
	d->result->mtu = l->mtu;
	return NULL;
}

static struct err *do_resolv(struct sim_step *d)
{
	const char *netns = sim_step_netns_name(d->step, d->step->want ? d->step->want
								       : d->step->have);
	const struct twin_file *f = twin_file_find(d->w, netns);
	struct err *e = sim_fault_request(&d->dp->faults);

	if (e)
		return e;
	if (f && f->showed_foreign)
		sim_step_accuse(d, "resolv.conf of", netns);
	if (!twin_file_write(d->w, netns, d->step->u.resolv_conf))
		return twin_kernel_err(EEXIST, NULL);
	d->dp->n_writes++;
	return NULL;
}

typedef struct err *step_fn(struct sim_step *d);

static step_fn *const steps[PLAN_OP_N] = {
	[PLAN_OP_RULE_DEL] = sim_apply_rule_del,
	[PLAN_OP_ROUTE_DEL] = sim_apply_route_del,
	[PLAN_OP_ADDR_DEL] = sim_apply_addr_del,
	[PLAN_OP_LINK_DEL] = do_link_del,
	[PLAN_OP_NETNS_DEL] = do_netns_del,
	[PLAN_OP_MASTER_DEL] = do_master_del,
	[PLAN_OP_NETNS_ADD] = do_netns_add,
	[PLAN_OP_MASTER_ADD] = do_master_add,
	[PLAN_OP_MASTER_SET] = do_master_set,
	[PLAN_OP_PORT_SET] = do_port_set,
	[PLAN_OP_LINK_ADD] = do_link_add,
	[PLAN_OP_LINK_RENAME] = sim_apply_rename,
	[PLAN_OP_ALTNAME_DEL] = sim_apply_altname_del,
	[PLAN_OP_ALTNAME_ADD] = sim_apply_altname_add,
	[PLAN_OP_ALIAS_SET] = sim_apply_alias,
	[PLAN_OP_VRF_SET] = sim_apply_vrf,
	[PLAN_OP_SYSCTL_SET] = sim_apply_sysctl,
	[PLAN_OP_LINK_SET] = do_link_set,
	[PLAN_OP_ADDR_ADD] = sim_apply_addr_add,
	[PLAN_OP_ROUTE_ADD] = sim_apply_route_add,
	[PLAN_OP_RULE_ADD] = sim_apply_rule_add,
	[PLAN_OP_RESOLV_SET] = do_resolv,
	[PLAN_OP_LINK_ADOPT] = sim_apply_link_adopt,
	[PLAN_OP_LINK_RELEASE] = sim_apply_link_release,
	[PLAN_OP_ROUTE_ADOPT] = sim_apply_route_adopt,
	[PLAN_OP_ROUTE_RELEASE] = sim_apply_route_release,
	[PLAN_OP_RULE_ADOPT] = sim_apply_rule_adopt,
	[PLAN_OP_RULE_RELEASE] = sim_apply_rule_release,
};

/* As the kernel's provider words it. */
static struct err *step_err(struct err *e, const struct plan_step *s)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *errno_text = e->sys_errno ? strerror(e->sys_errno) : e->message;
	const char *hint = plan_failure_hint(s, e->sys_errno);

	if (e->sys_errno == SIM_CRASH_ERRNO)
		return e;
	if (strcmp(e->message, errno_text) != 0) {
		char *both = xasprintf("%s (%s)", e->message, errno_text);

		free(e->message);
		e->message = both;
	}
	if (hint)
		e = err_hint(e, "%s", hint);
	return err_wrap(e, "%s", plan_failure(a, s));
}

struct err *sim_apply_step(struct datapath *dp, const struct plan_step *s,
			   struct plan_result *result)
{
	struct sim_step d = {.dp = dp, .w = &dp->world, .step = s, .result = result};
	struct err *e = sim_fault_step(&dp->faults);

	assert(s->op < PLAN_OP_N && steps[s->op]);
	if (!e)
		e = steps[s->op](&d);
	return e ? step_err(e, s) : NULL;
}
