/* Requests on devices: Linux __rtnl_newlink(), do_setlink(), rtnl_dellink() (kernel.md 2, 3,
 * 17). */
#include "datapath/sim/sim_link_request.h"

#include "datapath/sim/sim_addr.h"
#include "datapath/sim/sim_event.h"
#include "datapath/sim/sim_link.h"
#include "datapath/sim/sim_link_make.h"
#include "datapath/sim/sim_link_state.h"
#include "datapath/sim/sim_world.h"
#include "lib/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ALT_NAME_MAX_BYTES 127 /* ALTIFNAMSIZ - 1 */
#define ALIAS_MAX_BYTES    255 /* IFALIASZ - 1 */
#define VLAN_IDS           4095
#define VETH_MTU_MAX       65535 /* ETH_MAX_MTU */

static bool is_long(const char *text, size_t max)
{
	return text && strlen(text) > max;
}

static struct err *check_data(const struct sim_link_request *l)
{
	bool is_vlan = l->kind && !strcmp(l->kind, "vlan");
	bool is_veth = l->kind && !strcmp(l->kind, "veth");
	bool is_port = l->kind && !strncmp(l->kind, "ipv", 3);

	if (is_port && ((l->sent & SIM_LINK_MODE && l->mode > MODEL_MODE_L3S) ||
			(l->sent & SIM_LINK_FLAG && l->flag > MODEL_FLAG_VEPA)))
		return sim_kernel_err(EINVAL, NULL);
	if (is_vlan && !(l->sent & SIM_LINK_VLAN_ID))
		return sim_kernel_err(EINVAL, "8021q: VLAN properties not specified");
	if (is_vlan && l->vlan_id > VLAN_IDS)
		return sim_kernel_err(ERANGE, "8021q: Invalid VLAN id");
	/* Linux veth_validate(): before the name, and without a text. */
	if (is_veth && l->sent & SIM_LINK_MTU &&
	    (l->mtu < MODEL_MTU_MIN || l->mtu > VETH_MTU_MAX))
		return sim_kernel_err(EINVAL, NULL);
	return NULL;
}

struct err *sim_link_request_check(const struct sim_request *r)
{
	const struct sim_link_request *l = &r->u.link;

	if (r->kind != SIM_LINK_NEW && r->kind != SIM_LINK_SET)
		return is_long(r->name, MODEL_NAME_MAX_BYTES)
			       ? sim_kernel_err(ERANGE,
						"Attribute failed policy validation")
			       : NULL;
	if (is_long(r->name, MODEL_NAME_MAX_BYTES) ||
	    is_long(l->new_name, MODEL_NAME_MAX_BYTES) ||
	    is_long(l->alias, ALIAS_MAX_BYTES) ||
	    is_long(l->alt_name, ALT_NAME_MAX_BYTES))
		return sim_kernel_err(ERANGE, "Attribute failed policy validation");
	/* RTM_SETLINK ignores what belongs to a kind (kernel.md 2). */
	return r->kind == SIM_LINK_NEW ? check_data(l) : NULL;
}

/* Linux netdev_state_change(), NETDEV_CHANGE. */
static void change_state(struct sim_world *w, struct sim_link *l)
{
	sim_addr_ready(w, l);
	sim_event_state(w, l);
}

/* RTM_NEWLINKPROP. */
static struct err *add_alt_name(struct sim_call *c, struct sim_link *l, const char *name)
{
	if (sim_link_find(l->ns, name))
		return sim_kernel_err(EEXIST, NULL);
	l->alt_names = xgrow(l->alt_names, l->n_alt_names, &l->alt_names_cap,
			     sizeof(*l->alt_names));
	l->alt_names[l->n_alt_names++] = xstrdup(name);
	change_state(c->w, l);
	return NULL;
}

static struct err *set_controller(struct sim_call *c, struct sim_link *l,
				  const char *name)
{
	struct sim_link *controller = *name ? sim_link_find(l->ns, name) : NULL;

	if (*name && !controller)
		return sim_kernel_err(EINVAL, NULL);
	return sim_link_control(c->w, l, controller);
}

static void set_alias(struct sim_call *c, struct sim_link *l, const char *alias)
{
	free(l->alias);
	l->alias = xstrdup(alias);
	change_state(c->w, l);
}

/* It makes an event also if it is the same. */
static void set_group(struct sim_call *c, struct sim_link *l, uint32_t group)
{
	l->group = group;
	change_state(c->w, l);
}

static struct err *set_carrier(struct sim_call *c, struct sim_link *l, bool has_carrier)
{
	if (!(sim_kind_find(l->kind)->traits & SIM_KIND_CARRIER))
		return sim_kernel_err(EOPNOTSUPP, NULL);
	sim_link_carrier(c->w, l, has_carrier);
	return NULL;
}

static struct err *set_place(struct sim_call *c, struct sim_link *l)
{
	const struct sim_link_request *r = &c->r->u.link;
	struct sim_netns *to =
		sim_netns_find_alive(c->w, r->to_netns ? r->to_netns : r->target);

	return to ? sim_link_move(c->w, l, to,
				  r->new_name && *r->new_name ? r->new_name : NULL)
		  : sim_kernel_err(EINVAL, NULL);
}

/* In the order of Linux do_setlink(): what comes before a failure is done. */
static struct err *set_link(struct sim_call *c, struct sim_link *l)
{
	const struct sim_link_request *r = &c->r->u.link;
	struct err *e = NULL;

	if (r->to_netns || r->target)
		e = set_place(c, l);
	if (!e && r->mac)
		e = sim_link_mac(c->w, l, r->mac);
	if (!e && r->sent & SIM_LINK_MTU)
		e = sim_link_mtu(c->w, l, r->mtu);
	if (!e && r->sent & SIM_LINK_GROUP)
		set_group(c, l, r->group);
	/* An empty name is none. */
	if (!e && r->new_name && *r->new_name)
		e = sim_link_rename(c->w, l, r->new_name);
	if (!e && r->alias)
		set_alias(c, l, r->alias);
	if (!e && r->sent & SIM_LINK_UP && !r->is_up)
		sim_link_down(c->w, l);
	if (!e && r->sent & SIM_LINK_UP && r->is_up)
		e = sim_link_up(c->w, l);
	if (!e && r->controller)
		e = set_controller(c, l, r->controller);
	if (!e && r->sent & SIM_LINK_CARRIER)
		e = set_carrier(c, l, r->has_carrier);
	if (!e && r->sent & SIM_LINK_TXQLEN && l->txqlen != r->txqlen) {
		l->txqlen = r->txqlen;
		sim_event_link(c->w, l);
	}
	return e;
}

/* IFLA_INFO_DATA. */
static bool has_data(const struct sim_link_request *r)
{
	return r->sent & (SIM_LINK_MODE | SIM_LINK_FLAG | SIM_LINK_VLAN_ID);
}

/* Linux rtnl_link_ops.changelink. */
static bool has_changelink(const struct sim_link *l)
{
	return strcmp(l->kind, "dummy") != 0 && strcmp(l->kind, "veth") != 0;
}

static struct err *change(struct sim_call *c, struct sim_link *l)
{
	const struct sim_link_request *r = &c->r->u.link;
	struct err *e = NULL;

	if (c->r->flags & SIM_EXCL)
		return sim_kernel_err(EEXIST, NULL);
	if (c->r->flags & SIM_REPLACE)
		return sim_kernel_err(EOPNOTSUPP, NULL);
	if (has_data(r) &&
	    (!r->kind || strcmp(r->kind, l->kind) != 0 || !has_changelink(l)))
		return sim_kernel_err(EOPNOTSUPP, NULL);
	if (has_data(r) && sim_link_is_in_port(l))
		e = sim_link_port(c->w, l->lower, r->sent & SIM_LINK_MODE ? r->mode : -1,
				  r->sent & SIM_LINK_FLAG ? r->flag : -1);
	if (!e)
		e = set_link(c, l);
	/* kernel.md 15: of the device that the message names, while that is up. */
	if (has_data(r))
		change_state(c->w, l);
	return e;
}

struct err *sim_link_request_new(struct sim_call *c)
{
	const char *kind = c->r->u.link.kind;

	if (c->link)
		return change(c, c->link);
	if (!(c->r->flags & SIM_CREATE))
		return sim_kernel_err(ENODEV, NULL);
	if (c->r->u.link.sent & SIM_LINK_AF_SPEC)
		return sim_kernel_err(EAFNOSUPPORT, NULL);
	if (!kind || !(sim_kind_find(kind)->traits & SIM_KIND_MADE))
		return sim_kernel_err(EOPNOTSUPP, "Unknown device type");
	return sim_link_make(c);
}

struct err *sim_link_request_set(struct sim_call *c)
{
	if (!c->link)
		return sim_kernel_err(ENODEV, NULL);
	if (c->r->u.link.alt_name)
		return add_alt_name(c, c->link, c->r->u.link.alt_name);
	return set_link(c, c->link);
}

static bool may_be_deleted(const struct sim_link *l)
{
	return *l->kind;
}

/* kernel.md 17. */
static struct err *delete_group(struct sim_call *c, uint32_t group)
{
	struct sim_link *l, *next;
	bool is_any = false;

	if (!group)
		return sim_kernel_err(EPERM, NULL);
	HASH_ITER (hh, c->ns->links, l, next) {
		if (l->group == group && !may_be_deleted(l))
			return sim_kernel_err(EOPNOTSUPP, NULL);
		is_any |= l->group == group;
	}
	if (!is_any)
		return sim_kernel_err(ENODEV, NULL);
	do {
		is_any = false;
		HASH_ITER (hh, c->ns->links, l, next) {
			if (l->group != group)
				continue;
			/* With those on it: the list is another one now. */
			sim_link_del(c->w, l);
			is_any = true;
			break;
		}
	} while (is_any);
	return NULL;
}

struct err *sim_link_request_del(struct sim_call *c)
{
	const struct sim_request *r = c->r;

	if (!r->name && !r->ifindex)
		return delete_group(c, r->u.link.group);
	if (!c->link)
		return sim_kernel_err(ENODEV, NULL);
	if (!may_be_deleted(c->link))
		return sim_kernel_err(EOPNOTSUPP, NULL);
	sim_link_del(c->w, c->link);
	return NULL;
}
