/* Makes and changes devices: slaves, masters, the port's mode and flag, up and MTU, names.
 */

#include "datapath/kernel/execute/execute_link.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* How often another ifindex is tried if one is taken. */
#define MAX_TRIES 8

static uint32_t next_ifindex(struct kernel *k)
{
	if (k->next_ifindex >= INT32_MAX)
		k->next_ifindex = KERNEL_FIRST_IFINDEX;
	return k->next_ifindex++;
}

static struct link_mode mode_of(const struct model_master *m)
{
	return (struct link_mode){.mode = (uint8_t)m->mode, .flag = (uint8_t)m->flag};
}

/* One message makes the slave in its namespace. It has an ifindex chosen by us: the
 * kernel then checks our namespace for that ifindex instead of for the name, which may be
 * in use here (kernel.md 5). Without a mode the kernel would turn the whole port to l3
 * (kernel.md 1), so mode and flag are always given. */
static bool build_link_add(struct batch *batch, struct batch_item *item, struct nl_msg *m)
{
	const struct plan_step *s = item->step;
	const struct link_type *t = link_type_of(s->master);
	uint8_t *mac = item->result->mac;
	bool has_own_mac =
		link_type_own_mac(s->master, s->want, batch->k->config.mark, mac);
	const struct nl_link_new l = {
		.ifindex = item->new_ifindex = next_ifindex(batch->k),
		.name = s->want->name,
		.kind = t->kind,
		.type = t,
		.lower = item->link.ifindex,
		.group = batch->k->config.mark,
		.mtu = s->u.inherits_mtu ? 0 : s->want->mtu,
		.netns_fd = item->target_fd,
		.up = model_slave_begins_up(s->want),
		.mode = mode_of(s->master),
		.mac = has_own_mac ? mac : NULL,
	};

	if (!has_own_mac)
		memcpy(mac, item->link.mac, sizeof(item->link.mac));
	nl_link_msg_new(m, &l);
	return true;
}

static void set_name(struct nl_link *link, const char *name)
{
	memset(link->name, 0, sizeof(link->name));
	memcpy(link->name, name, strnlen(name, sizeof(link->name) - 1));
}

static void remember_new(struct batch *batch, const struct batch_item *item)
{
	struct cache_key key = {.nsid = item->target->nsid, .ifindex = item->new_ifindex};
	struct cache_key lower = {.nsid = item->ns->nsid, .ifindex = item->link.ifindex};
	struct cache_device *d = cache_get(&batch->k->cache, key), *master;
	const struct link_type *t = link_type_of(item->step->master);
	struct link_mode mode = mode_of(item->step->master);

	d->link = (struct nl_link){.type = t, .mode = mode.mode, .flag = mode.flag};
	memcpy(d->link.kind, t->kind, strnlen(t->kind, sizeof(d->link.kind) - 1));
	set_name(&d->link, item->step->want->name);
	d->link.ifindex = item->new_ifindex;
	d->link.group = batch->k->config.mark;
	d->link.lower = item->link.ifindex;
	memcpy(d->link.mac, item->result->mac, sizeof(d->link.mac));
	d->link.flags = model_slave_begins_up(item->step->want) ? IFF_UP : 0;
	d->is_new = true;
	d->made_in_turn = batch->k->held.turn;
	cache_declare(d, item->step->want->addresses, item->step->want->n_addresses,
		      item->step->want->n_routes);
	d->lower = lower;
	cache_set_place(&batch->k->cache, d, key.nsid, item->step->want->name);
	master = cache_get(&batch->k->cache, lower);
	if (!master->is_master)
		master->link = item->link;
	master->is_master = true;
	if (!master->member.ifindex)
		master->member = key;
	cache_expect(&batch->k->cache, lower);
}

/* A hint where the errno alone does not explain the failure. */
static struct err *hint_link_add(struct err *e, const struct nl_answer *a,
				 const struct model_master *m)
{
	const char *kind = link_type_of(m)->kind;
	bool is_ipvlan = !strcmp(link_type_of(m)->family, "ipvlan");

	if (a->sys_errno == EOPNOTSUPP)
		return err_hint(e,
				"this kernel has no %s: `modprobe %s`, or install "
				"another kernel",
				kind, kind);
	if (a->sys_errno == EBUSY)
		return err_hint(e, "%s is in use: a bridge's or bond's port, or below %s",
				m->name, is_ipvlan ? "a macvlan" : "an ipvlan");
	if (a->sys_errno == EINVAL && m->mode == MODEL_MODE_PASSTHRU)
		return err_hint(e, "in mode passthru nothing else may be on %s", m->name);
	if (a->sys_errno == EINVAL && !a->text)
		return err_hint(
			e, "%s needs an Ethernet device below it, which %s may not be",
			kind, m->name);
	return e;
}

/* EEXIST leaves the item unsettled: name or ifindex? */
static void settle_link_add(struct batch *batch, struct batch_item *item,
			    struct nl_socket *sock, const struct nl_answer *a)
{
	struct err *e = nl_answer_err(a);

	(void)sock;
	if (e && a->sys_errno == EEXIST) {
		err_free(e);
		item->new_ifindex = 0;
	} else if (e) {
		e = hint_link_add(e, a, item->step->master);
		batch_item_fail(item, err_wrap(e, "%s", batch_item_message(batch, item)));
	} else {
		item->result->ifindex = item->new_ifindex;
		item->result->mtu = link_type_mtu(item->step->master,
						  item->step->want->mtu, item->link.mtu);
		remember_new(batch, item);
		batch_item_done(item);
	}
}

static void note_link(void *aux, size_t number, const struct nlmsghdr *h)
{
	struct nl_link *link = aux;

	(void)number;
	nl_link_parse(h, link);
}

/* True if the name is in use; settles 'item' then. */
static bool is_name_taken(struct batch *batch, struct batch_item *item)
{
	struct nl_link link = {0};
	struct nl_msg m;
	struct err *e;

	nl_link_msg_get(&m, item->target->nsid, item->step->want->name, 0);
	e = nl_run(batch->k->sock, &m, note_link, &link);
	if (e || !link.ifindex) {
		err_free(e);
		return false;
	}
	e = err_new(ERR_EXISTS, "there is a device of that name already%s%s%s",
		    *link.kind ? " (" : "", link.kind, *link.kind ? ")" : "");
	e->sys_errno = EEXIST;
	batch_item_fail(item, err_wrap(e, "%s", batch_item_message(batch, item)));
	return true;
}

static bool is_open(const struct batch_item *item)
{
	return !item->is_settled;
}

static void open_targets(struct batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		struct batch_item *item = &batch->items[i];
		struct err *e = NULL;

		if (item->is_settled || item->target->same == item->ns->same)
			continue;
		if (item->target->state != NETNS_LIVE)
			e = err_new(ERR_NOT_FOUND, "there is no network namespace %s",
				    item->target->text);
		else
			e = netns_ref_open(batch->k, item->target, &item->target_fd);
		if (e)
			batch_item_fail(
				item, err_wrap(e, "%s", batch_item_message(batch, item)));
	}
}

void execute_link_add(struct batch *batch)
{
	bool is_again = true;

	open_targets(batch);
	for (int try = 0; is_again && try < MAX_TRIES; try++) {
		batch_send(batch, build_link_add, settle_link_add);
		is_again = false;
		for (size_t i = 0; i < batch->n; i++) {
			if (is_open(&batch->items[i]) &&
			    !is_name_taken(batch, &batch->items[i]))
				is_again = true;
		}
	}
	for (size_t i = 0; i < batch->n; i++) {
		struct batch_item *item = &batch->items[i];

		if (item->target_fd >= 0)
			close(item->target_fd);
		if (is_open(item))
			batch_item_fail(
				item,
				err_wrap(err_sys(EEXIST, "no free ifindex was found"),
					 "%s", batch_item_message(batch, item)));
	}
}

static bool build_master_add(struct batch *batch, struct batch_item *item,
			     struct nl_msg *m)
{
	const struct model_master *master = item->step->master;
	const struct nl_link_new l = {
		.name = master->name,
		.kind = model_master_made_kind(master),
		.lower = item->link.ifindex,
		.group = batch->k->config.mark,
		.mtu = master->mtu,
		.netns_fd = -1,
		.vlan_id = master->vlan_id,
	};

	nl_link_msg_new(m, &l);
	return true;
}

static void settle_master_add(struct batch *batch, struct batch_item *item,
			      struct nl_socket *sock, const struct nl_answer *a)
{
	struct err *e = nl_answer_err(a);
	const char *kind;

	if (!e || a->sys_errno != EOPNOTSUPP) {
		err_free(e);
		batch_item_settle(batch, item, sock, a);
		return;
	}
	kind = model_master_made_kind(item->step->master);
	e = err_hint(e, "this kernel has no %s devices: `modprobe %s`", kind,
		     strcmp(kind, "vlan") != 0 ? kind : "8021q");
	batch_item_fail(item, err_wrap(e, "%s", batch_item_message(batch, item)));
}

void execute_master_add(struct batch *batch)
{
	batch_send(batch, build_master_add, settle_master_add);
}

static bool build_link_change(struct batch *batch, struct batch_item *item,
			      struct nl_msg *m)
{
	const struct plan_step *s = item->step;

	if (batch->op == PLAN_OP_LINK_RENAME)
		nl_link_msg_rename(m, item->link.ifindex, s->want->name);
	else
		nl_link_msg_set(m, item->link.ifindex, s->u.link.set_up, s->u.link.mtu);
	if (batch->op == PLAN_OP_LINK_SET && s->u.link.flips_arp)
		nl_link_put_noarp(m, !s->u.link.has_arp);
	return true;
}

/* Of a device that is set up, or of its port: the kernel sets it as the mode needs it, and the
 * message about that carries nothing new. */
static void note_arp(struct cache_device *d, const struct model_master *master)
{
	bool lacks_arp = link_type_lacks_arp(link_type_of(master), (uint8_t)master->mode);

	d->link.flags &= ~(unsigned int)IFF_NOARP;
	d->link.flags |= lacks_arp ? IFF_NOARP : 0;
}

static void settle_link_change(struct batch *batch, struct batch_item *item,
			       struct nl_socket *sock, const struct nl_answer *a)
{
	struct cache_device *d;

	batch_item_settle(batch, item, sock, a);
	d = cache_find(&batch->k->cache,
		       (struct cache_key){item->ns->nsid, item->link.ifindex});
	if (a->sys_errno || !d)
		return;
	if (batch->op == PLAN_OP_LINK_RENAME) {
		set_name(&d->link, item->step->want->name);
		cache_set_place(&batch->k->cache, d, item->ns->nsid,
				item->step->want->name);
	} else if (item->step->u.link.set_up) {
		d->link.flags |= IFF_UP;
	}
	if (batch->op == PLAN_OP_LINK_SET)
		note_arp(d, item->step->master);
	if (item->step->u.link.mtu && batch->op != PLAN_OP_LINK_RENAME)
		d->link.mtu = item->step->u.link.mtu;
}

/* MASTER_SET, LINK_SET and LINK_RENAME. */
void execute_link_change(struct batch *batch)
{
	batch_send(batch, build_link_change, settle_link_change);
}

static bool build_altname(struct batch *batch, struct batch_item *item, struct nl_msg *m)
{
	nl_link_msg_altname(m, item->link.ifindex, item->step->u.altname,
			    batch->op == PLAN_OP_ALTNAME_ADD);
	return true;
}

/* EEXIST: some device there has that name, perhaps this one. */
static void settle_taken_name(struct batch *batch, struct batch_item *item,
			      struct nl_socket *sock, const struct nl_answer *a)
{
	const char *name = item->step->u.altname;
	struct nl_link link = {0};
	struct nl_msg m;
	struct err *e;

	nl_link_msg_get(&m, NSID_HERE, name, 0);
	err_free(nl_run(sock, &m, note_link, &link));
	if (!link.ifindex) {
		batch_item_settle(batch, item, sock, a);
		return;
	}
	if (link.ifindex == item->link.ifindex && strcmp(link.name, name) != 0) {
		batch_item_done(item);
		return;
	}
	e = err_new(ERR_EXISTS, "%s has that name there", link.name);
	batch_item_fail(item, err_wrap(e, "%s", batch_item_message(batch, item)));
}

static void settle_altname(struct batch *batch, struct batch_item *item,
			   struct nl_socket *sock, const struct nl_answer *a)
{
	if (batch->op == PLAN_OP_ALTNAME_DEL && a->sys_errno == ENOENT)
		batch_item_done(item);
	else if (batch->op == PLAN_OP_ALTNAME_ADD && a->sys_errno == EEXIST)
		settle_taken_name(batch, item, sock, a);
	else
		batch_item_settle(batch, item, sock, a);
}

void execute_altname(struct batch *batch)
{
	batch_send(batch, build_altname, settle_altname);
}

static bool build_alias(struct batch *batch, struct batch_item *item, struct nl_msg *m)
{
	(void)batch;
	nl_link_msg_alias(m, item->link.ifindex, item->step->u.alias);
	return true;
}

void execute_alias(struct batch *batch)
{
	batch_send(batch, build_alias, batch_item_settle);
}

static bool build_vrf(struct batch *batch, struct batch_item *item, struct nl_msg *m)
{
	(void)batch;
	nl_link_msg_upper(m, item->link.ifindex, item->step->u.vrf_ifindex);
	return true;
}

void execute_vrf(struct batch *batch)
{
	batch_send(batch, build_vrf, batch_item_settle);
}

static bool build_port_set(struct batch *batch, struct batch_item *item, struct nl_msg *m)
{
	const struct model_master *master = item->step->master;

	(void)batch;
	nl_link_msg_mode(m, item->link.ifindex, link_type_of(master), mode_of(master));
	return true;
}

static void settle_port_set(struct batch *batch, struct batch_item *item,
			    struct nl_socket *sock, const struct nl_answer *a)
{
	const struct model_master *master = item->step->master;
	struct cache *k = &batch->k->cache;
	const struct cache_device *its;

	batch_item_settle(batch, item, sock, a);
	its = cache_find(k, (struct cache_key){item->ns->nsid, item->link.ifindex});
	if (a->sys_errno || !its || !link_type_has(link_type_of(master), LINK_HAS_PORT))
		return;
	for (struct cache_device *d = k->devices; d; d = d->hh.next) {
		if (d->lower.ifindex == its->lower.ifindex &&
		    d->lower.nsid == its->lower.nsid)
			note_arp(d, master);
	}
}

void execute_port_set(struct batch *batch)
{
	batch_send(batch, build_port_set, settle_port_set);
}
