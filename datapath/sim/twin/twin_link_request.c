/* Requests on devices: Linux __rtnl_newlink(), do_setlink(), rtnl_dellink() (kernel.md 2, 3,
 * 17). */
#include "datapath/sim/twin/twin_link_request.h"

#include "datapath/sim/twin/twin_addr.h"
#include "datapath/sim/twin/twin_event.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_link_make.h"
#include "datapath/sim/twin/twin_link_place.h"
#include "datapath/sim/twin/twin_link_state.h"
#include "datapath/sim/twin/twin_world.h"
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

/* Linux macvlan_validate(). */
static struct err *check_macvlan(const struct twin_link_request *l)
{
	uint8_t mac[6];

	if (l->mac && !twin_link_parse_mac(l->mac, mac))
		return twin_kernel_err(EINVAL, NULL);
	if (l->mac && mac[0] & 1)
		return twin_kernel_err(EADDRNOTAVAIL, NULL);
	if (l->sent & TWIN_LINK_FLAG && l->flag & ~TWIN_MACVLAN_FLAGS)
		return twin_kernel_err(EINVAL, NULL);
	if (l->sent & TWIN_LINK_MODE && l->mode != TWIN_MACVLAN_PRIVATE &&
	    l->mode != TWIN_MACVLAN_VEPA && l->mode != TWIN_MACVLAN_BRIDGE &&
	    l->mode != TWIN_MACVLAN_PASSTHRU && l->mode != TWIN_MACVLAN_SOURCE)
		return twin_kernel_err(EINVAL, NULL);
	return NULL;
}

static struct err *check_data(const struct twin_link_request *l)
{
	bool is_vlan = l->kind && !strcmp(l->kind, "vlan");
	bool is_veth = l->kind && !strcmp(l->kind, "veth");
	bool is_port = l->kind && !strncmp(l->kind, "ipv", 3);

	if (is_port && ((l->sent & TWIN_LINK_MODE && l->mode > MODEL_MODE_L3S) ||
			(l->sent & TWIN_LINK_FLAG && l->flag > MODEL_FLAG_VEPA)))
		return twin_kernel_err(EINVAL, NULL);
	if (l->kind && !strcmp(l->kind, "macvlan"))
		return check_macvlan(l);
	if (is_vlan && !(l->sent & TWIN_LINK_VLAN_ID))
		return twin_kernel_err(EINVAL, "8021q: VLAN properties not specified");
	if (is_vlan && l->vlan_id > VLAN_IDS)
		return twin_kernel_err(ERANGE, "8021q: Invalid VLAN id");
	/* Linux vrf_newlink(). */
	if (l->kind && !strcmp(l->kind, "vrf") && !l->vrf_table)
		return twin_kernel_err(EINVAL, l->sent & TWIN_LINK_VRF_TABLE
						       ? "Invalid VRF table id"
						       : "VRF table id is missing");
	/* Linux veth_validate(): before the name, and without a text. */
	if (is_veth && l->sent & TWIN_LINK_MTU &&
	    (l->mtu < MODEL_MTU_MIN || l->mtu > VETH_MTU_MAX))
		return twin_kernel_err(EINVAL, NULL);
	return NULL;
}

struct err *twin_link_request_check(const struct twin_request *r)
{
	const struct twin_link_request *l = &r->u.link;

	if (r->kind != TWIN_LINK_NEW && r->kind != TWIN_LINK_SET)
		return is_long(r->name, MODEL_NAME_MAX_BYTES)
			       ? twin_kernel_err(ERANGE,
						 "Attribute failed policy validation")
			       : NULL;
	if (is_long(r->name, MODEL_NAME_MAX_BYTES) ||
	    is_long(l->new_name, MODEL_NAME_MAX_BYTES) ||
	    is_long(l->alias, ALIAS_MAX_BYTES) ||
	    is_long(l->alt_name, ALT_NAME_MAX_BYTES) ||
	    is_long(l->old_alt_name, ALT_NAME_MAX_BYTES))
		return twin_kernel_err(ERANGE, "Attribute failed policy validation");
	/* RTM_SETLINK ignores what belongs to a kind (kernel.md 2). */
	return r->kind == TWIN_LINK_NEW ? check_data(l) : NULL;
}

/* Linux netdev_state_change(), NETDEV_CHANGE. */
static void change_state(struct twin_world *w, struct twin_link *l)
{
	twin_addr_ready(w, l);
	twin_event_state(w, l);
}

/* RTM_NEWLINKPROP. */
static struct err *add_alt_name(struct twin_call *c, struct twin_link *l,
				const char *name)
{
	if (twin_link_find(l->ns, name))
		return twin_kernel_err(EEXIST, NULL);
	l->alt_names = xgrow(l->alt_names, l->n_alt_names, &l->alt_names_cap,
			     sizeof(*l->alt_names));
	l->alt_names[l->n_alt_names++] = xstrdup(name);
	change_state(c->w, l);
	return NULL;
}

/* RTM_DELLINKPROP: Linux netdev_name_node_alt_destroy(). */
static struct err *del_alt_name(struct twin_call *c, struct twin_link *l,
				const char *name)
{
	const struct twin_link *at = twin_link_find(l->ns, name);
	size_t i = 0;

	if (!at)
		return twin_kernel_err(ENOENT, NULL);
	while (at == l && i < l->n_alt_names && strcmp(l->alt_names[i], name) != 0)
		i++;
	if (at != l || i == l->n_alt_names)
		return twin_kernel_err(EINVAL, NULL);
	free(l->alt_names[i]);
	l->alt_names[i] = l->alt_names[--l->n_alt_names];
	change_state(c->w, l);
	return NULL;
}

static struct err *set_controller(struct twin_call *c, struct twin_link *l,
				  const char *name)
{
	struct twin_link *controller = *name ? twin_link_find(l->ns, name) : NULL;

	if (*name && !controller)
		return twin_kernel_err(EINVAL, NULL);
	return twin_link_control(c->w, l, controller);
}

static void set_alias(struct twin_call *c, struct twin_link *l, const char *alias)
{
	free(l->alias);
	l->alias = xstrdup(alias);
	change_state(c->w, l);
}

/* It makes an event also if it is the same. */
static void set_group(struct twin_call *c, struct twin_link *l, uint32_t group)
{
	l->group = group;
	change_state(c->w, l);
}

static struct err *set_carrier(struct twin_call *c, struct twin_link *l, bool has_carrier)
{
	if (!(twin_kind_find(l->kind)->traits & TWIN_KIND_CARRIER))
		return twin_kernel_err(EOPNOTSUPP, NULL);
	twin_link_carrier(c->w, l, has_carrier);
	return NULL;
}

static struct err *set_place(struct twin_call *c, struct twin_link *l)
{
	const struct twin_link_request *r = &c->r->u.link;
	struct twin_netns *to =
		twin_netns_find_alive(c->w, r->to_netns ? r->to_netns : r->target);

	return to ? twin_link_move(c->w, l, to,
				   r->new_name && *r->new_name ? r->new_name : NULL)
		  : twin_kernel_err(EINVAL, NULL);
}

/* In the order of Linux do_setlink(): what comes before a failure is done. */
static struct err *set_link(struct twin_call *c, struct twin_link *l)
{
	const struct twin_link_request *r = &c->r->u.link;
	struct err *e = NULL;

	if (r->to_netns || r->target)
		e = set_place(c, l);
	if (!e && r->mac)
		e = twin_link_mac(c->w, l, r->mac);
	if (!e && r->sent & TWIN_LINK_MTU)
		e = twin_link_mtu(c->w, l, r->mtu);
	if (!e && r->sent & TWIN_LINK_GROUP)
		set_group(c, l, r->group);
	/* An empty name is none. */
	if (!e && r->new_name && *r->new_name)
		e = twin_link_rename(c->w, l, r->new_name);
	if (!e && r->alias)
		set_alias(c, l, r->alias);
	if (!e && r->sent & TWIN_LINK_FAILED_OVER)
		twin_event_failover(c->w, l);
	if (!e && r->sent & TWIN_LINK_ARP)
		twin_link_noarp(c->w, l, !r->has_arp);
	if (!e && r->sent & TWIN_LINK_UP && !r->is_up)
		twin_link_down(c->w, l);
	if (!e && r->sent & TWIN_LINK_UP && r->is_up)
		e = twin_link_up(c->w, l);
	if (!e && r->controller)
		e = set_controller(c, l, r->controller);
	if (!e && r->sent & TWIN_LINK_CARRIER)
		e = set_carrier(c, l, r->has_carrier);
	if (!e && r->sent & TWIN_LINK_TXQLEN && l->txqlen != r->txqlen) {
		l->txqlen = r->txqlen;
		twin_event_link(c->w, l);
	}
	return e;
}

/* IFLA_INFO_DATA. */
static bool has_data(const struct twin_link_request *r)
{
	return r->sent & (TWIN_LINK_MODE | TWIN_LINK_FLAG | TWIN_LINK_VLAN_ID);
}

/* Linux rtnl_link_ops.changelink. */
static bool has_changelink(const struct twin_link *l)
{
	return strcmp(l->kind, "dummy") != 0 && strcmp(l->kind, "veth") != 0;
}

/* Linux macvlan_changelink(): mode passthru comes and goes with the device alone. */
static struct err *change_macvlan(struct twin_link *l, const struct twin_link_request *r)
{
	if (!(r->sent & TWIN_LINK_MODE))
		return NULL;
	if ((r->mode == TWIN_MACVLAN_PASSTHRU) != twin_link_is_passthru(l))
		return twin_kernel_err(EINVAL, NULL);
	l->own_mode = (uint8_t)r->mode;
	return NULL;
}

static struct err *change(struct twin_call *c, struct twin_link *l)
{
	const struct twin_link_request *r = &c->r->u.link;
	struct err *e = NULL;

	if (c->r->flags & TWIN_EXCL)
		return twin_kernel_err(EEXIST, NULL);
	if (c->r->flags & TWIN_REPLACE)
		return twin_kernel_err(EOPNOTSUPP, NULL);
	if (has_data(r) &&
	    (!r->kind || strcmp(r->kind, l->kind) != 0 || !has_changelink(l)))
		return twin_kernel_err(EOPNOTSUPP, NULL);
	if (has_data(r) && twin_link_is_in_port(l))
		e = twin_link_port(c->w, l->lower,
				   r->sent & TWIN_LINK_MODE ? r->mode : -1,
				   r->sent & TWIN_LINK_FLAG ? r->flag : -1);
	if (has_data(r) && twin_link_is_macvlan(l))
		e = change_macvlan(l, r);
	if (!e)
		e = set_link(c, l);
	/* kernel.md 15: of the device that the message names, while that is up. */
	if (has_data(r))
		change_state(c->w, l);
	return e;
}

struct err *twin_link_request_new(struct twin_call *c)
{
	const char *kind = c->r->u.link.kind;

	if (c->link)
		return change(c, c->link);
	if (!(c->r->flags & TWIN_CREATE))
		return twin_kernel_err(ENODEV, NULL);
	if (c->r->u.link.sent & TWIN_LINK_AF_SPEC)
		return twin_kernel_err(EAFNOSUPPORT, NULL);
	if (!kind || !(twin_kind_find(kind)->traits & TWIN_KIND_MADE))
		return twin_kernel_err(EOPNOTSUPP, "Unknown device type");
	return twin_link_make(c);
}

struct err *twin_link_request_set(struct twin_call *c)
{
	if (!c->link)
		return twin_kernel_err(ENODEV, NULL);
	if (c->r->u.link.alt_name)
		return add_alt_name(c, c->link, c->r->u.link.alt_name);
	if (c->r->u.link.old_alt_name)
		return del_alt_name(c, c->link, c->r->u.link.old_alt_name);
	return set_link(c, c->link);
}

static bool may_be_deleted(const struct twin_link *l)
{
	return *l->kind;
}

/* kernel.md 17. */
static struct err *delete_group(struct twin_call *c, uint32_t group)
{
	struct twin_link *l, *next;
	bool is_any = false;

	if (!group)
		return twin_kernel_err(EPERM, NULL);
	HASH_ITER (hh, c->ns->links, l, next) {
		if (l->group == group && !may_be_deleted(l))
			return twin_kernel_err(EOPNOTSUPP, NULL);
		is_any |= l->group == group;
	}
	if (!is_any)
		return twin_kernel_err(ENODEV, NULL);
	do {
		is_any = false;
		HASH_ITER (hh, c->ns->links, l, next) {
			if (l->group != group)
				continue;
			/* With those on it: the list is another one now. */
			twin_link_del(c->w, l);
			is_any = true;
			break;
		}
	} while (is_any);
	return NULL;
}

struct err *twin_link_request_del(struct twin_call *c)
{
	const struct twin_request *r = c->r;

	if (!r->name && !r->ifindex)
		return delete_group(c, r->u.link.group);
	if (!c->link)
		return twin_kernel_err(ENODEV, NULL);
	if (!may_be_deleted(c->link))
		return twin_kernel_err(EOPNOTSUPP, NULL);
	twin_link_del(c->w, c->link);
	return NULL;
}
