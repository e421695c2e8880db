/* New devices of the simulated kernel, kind by kind: what may be on what, what is honoured
 * and what is ignored (kernel.md 1, 4, 5). */
#include "datapath/sim/twin/twin_link_make.h"

#include "datapath/sim/twin/twin_event.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_link_place.h"
#include "datapath/sim/twin/twin_link_state.h"
#include "datapath/sim/twin/twin_world.h"
#include "lib/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A device that is being made. */
struct birth {
	struct twin_call *c;
	const struct twin_link_request *r;
	struct twin_link *l;
	struct twin_netns *home; /* where it is registered */
	const char *name;
};

static struct err *enter(struct birth *b)
{
	return twin_link_register(b->c->w, b->l, b->home, b->name);
}

/* The device of IFLA_LINK: in the namespace of IFLA_LINK_NETNSID, else the socket's. */
static struct twin_link *lower_of(const struct birth *b)
{
	const struct twin_netns *s =
		b->r->lower_netns ? twin_netns_find_alive(b->c->w, b->r->lower_netns)
				  : b->c->ns;

	return s && b->r->lower ? twin_link_find(s, b->r->lower) : NULL;
}

static void put_on(struct birth *b, struct twin_link *lower)
{
	twin_link_stack(b->l, lower);
	b->l->has_carrier = lower->has_carrier;
	twin_event_link(b->c->w, lower);
}

/* An ipvlan on an ipvlan becomes its sibling. */
static struct err *check_master(const struct birth *b, struct twin_link **ret_lower)
{
	struct twin_link *lower = lower_of(b);
	char buf[64];

	if (!b->r->lower)
		return twin_kernel_err(EINVAL, NULL);
	if (!lower)
		return twin_kernel_err(ENODEV, NULL);
	if (twin_link_is_in_port(lower))
		lower = lower->lower;
	if (twin_link_is_lo(lower) ||
	    !(twin_kind_find(lower->kind)->traits & TWIN_KIND_ETHERNET))
		return twin_kernel_err(EINVAL, NULL);
	if (!twin_link_has_port(lower) && *twin_link_busy(lower, buf, sizeof(buf)))
		return twin_kernel_err(EBUSY, NULL);
	*ret_lower = lower;
	return NULL;
}

/* Linux ipvlan_link_new(). Without a mode the whole port becomes l3 (kernel.md 1). */
static struct err *make_ipvlan(struct birth *b)
{
	struct twin_link *lower;
	struct err *e = check_master(b, &lower);
	bool is_first;

	if (e)
		return e;
	if (!(b->r->sent & TWIN_LINK_MTU))
		b->l->mtu = lower->mtu;
	memcpy(b->l->mac, lower->mac, sizeof(lower->mac));
	e = enter(b);
	if (e)
		return e;
	is_first = !twin_link_has_port(lower);
	if (is_first) {
		lower->mode = MODEL_MODE_L3;
		lower->flag = MODEL_FLAG_BRIDGE;
	}
	e = twin_link_port(b->c->w, lower,
			   b->r->sent & TWIN_LINK_MODE ? b->r->mode : MODEL_MODE_L3,
			   b->r->sent & TWIN_LINK_FLAG ? b->r->flag : -1);
	if (e)
		return e;
	put_on(b, lower);
	return NULL;
}

/* One in mode passthru is alone (Linux macvlan_common_newlink()). */
static bool is_alone(const struct twin_link *l, const struct twin_link *lower)
{
	bool is_first = true, is_free = true;

	for (const struct twin_link *u = lower->uppers; u; u = u->next_upper) {
		is_first &= !twin_link_is_macvlan(u);
		is_free &= !twin_link_is_passthru(u);
	}
	return is_free && (is_first || l->own_mode != TWIN_MACVLAN_PASSTHRU);
}

/* It has the address that the request gives; in mode passthru that of the device below. */
static void give_mac(struct birth *b, const struct twin_link *lower)
{
	if (b->l->own_mode == TWIN_MACVLAN_PASSTHRU)
		memcpy(b->l->mac, lower->mac, sizeof(lower->mac));
	else if (b->r->mac)
		(void)twin_link_parse_mac(b->r->mac, b->l->mac);
}

static struct err *make_macvlan(struct birth *b)
{
	struct twin_link *lower = lower_of(b);
	char buf[64];
	struct err *e;

	b->l->own_mode =
		b->r->sent & TWIN_LINK_MODE ? (uint8_t)b->r->mode : TWIN_MACVLAN_VEPA;

	if (!b->r->lower)
		return twin_kernel_err(EINVAL, NULL);
	if (!lower)
		return twin_kernel_err(ENODEV, NULL);
	if (!strcmp(lower->kind, "macvlan") && lower->lower)
		lower = lower->lower;
	if (b->r->sent & TWIN_LINK_MTU && b->l->mtu > lower->mtu)
		return twin_kernel_err(EINVAL, NULL);
	if (twin_link_is_lo(lower) || twin_link_is_in_port(lower))
		return twin_kernel_err(EINVAL, NULL);
	if (twin_link_has_port(lower) ||
	    (!twin_link_has_macvlan(lower) && *twin_link_busy(lower, buf, sizeof(buf))))
		return twin_kernel_err(EBUSY, NULL);
	if (!is_alone(b->l, lower))
		return twin_kernel_err(EINVAL, NULL);
	if (!(b->r->sent & TWIN_LINK_MTU))
		b->l->mtu = lower->mtu;
	give_mac(b, lower);
	e = enter(b);
	if (!e)
		put_on(b, lower);
	return e;
}

static bool has_vlan(const struct twin_link *lower, uint16_t id)
{
	for (const struct twin_link *u = lower->uppers; u; u = u->next_upper) {
		if (twin_link_is_vlan(u) && u->vlan_id == id)
			return true;
	}
	return false;
}

static struct err *make_vlan(struct birth *b)
{
	struct twin_link *lower = lower_of(b);
	struct err *e;

	if (!b->r->lower)
		return twin_kernel_err(EINVAL, "8021q: link not specified");
	if (!lower)
		return twin_kernel_err(ENODEV, "8021q: link does not exist");
	if (twin_link_is_in_port(lower))
		return twin_kernel_err(EOPNOTSUPP,
				       "8021q: VLANs not supported on device");
	if (has_vlan(lower, b->r->vlan_id))
		return twin_kernel_err(EEXIST, "8021q: VLAN device already exists");
	if (b->r->sent & TWIN_LINK_MTU && b->l->mtu > lower->mtu)
		return twin_kernel_err(EINVAL, NULL);
	if (!(b->r->sent & TWIN_LINK_MTU))
		b->l->mtu = lower->mtu;
	b->l->vlan_id = b->r->vlan_id;
	memcpy(b->l->mac, lower->mac, sizeof(lower->mac));
	e = enter(b);
	if (!e)
		put_on(b, lower);
	return e;
}

static struct err *make_veth(struct birth *b)
{
	struct twin_link *peer = twin_link_alloc("veth");
	struct err *e = twin_link_register(b->c->w, peer, b->home,
					   b->r->peer ? b->r->peer : "veth%d");

	if (e) {
		twin_link_free(peer);
		return e;
	}
	e = enter(b);
	if (e) {
		twin_link_unlist(peer);
		twin_link_free(peer);
		return e;
	}
	peer->peer = b->l;
	b->l->peer = peer;
	twin_event_added(b->c->w, peer);
	return NULL;
}

/* A link type that a plug-in brought: by the rules of its family, or with none. */
static struct err *make_other(struct birth *b)
{
	struct twin_link *lower = lower_of(b);
	const char *family = link_type_family(b->l->kind);
	struct err *e;

	if (!strcmp(family, "macvlan"))
		return make_macvlan(b);
	if (!strcmp(family, "ipvlan"))
		return make_ipvlan(b);
	if (!lower)
		return twin_kernel_err(b->r->lower ? ENODEV : EINVAL, NULL);
	b->l->own_mode = b->r->sent & TWIN_LINK_MODE ? (uint8_t)b->r->mode : 0;
	if (!(b->r->sent & TWIN_LINK_MTU))
		b->l->mtu = lower->mtu;
	memcpy(b->l->mac, lower->mac, sizeof(lower->mac));
	give_mac(b, lower);
	e = enter(b);
	if (!e)
		put_on(b, lower);
	return e;
}

static struct err *make_vrf(struct birth *b)
{
	b->l->vrf_table = b->r->vrf_table;
	return enter(b);
}

static struct err *make_plain(struct birth *b)
{
	return enter(b);
}

static struct err *(*maker_of(const char *kind))(struct birth *b)
{
	static const struct {
		const char *kind;
		struct err *(*make)(struct birth *b);
	} makers[] = {
		{"ipvlan", make_ipvlan},   {"ipvtap", make_ipvlan},
		{"macvlan", make_macvlan}, {"vlan", make_vlan},
		{"veth", make_veth},       {"vrf", make_vrf},
	};

	for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
		if (!strcmp(makers[i].kind, kind))
			return makers[i].make;
	}
	return link_type_find_kind(kind) ? make_other : make_plain;
}

static struct err *make(struct birth *b)
{
	struct err *e = NULL;

	b->l->ifindex = b->c->r->ifindex;
	b->l->group = b->r->sent & TWIN_LINK_GROUP ? b->r->group : 0;
	if (b->r->sent & TWIN_LINK_TXQLEN)
		b->l->txqlen = b->r->txqlen;
	if (b->r->sent & TWIN_LINK_MTU) {
		e = twin_link_check_mtu(b->l, b->r->mtu);
		b->l->mtu = b->r->mtu;
	}
	e = e ? e : maker_of(b->l->kind)(b);
	/* Linux dummy_setup(), vlan_dev_init(). */
	if (!e)
		b->l->is_noarp =
			!strcmp(b->l->kind, "dummy") ||
			(twin_link_is_vlan(b->l) && b->l->lower && b->l->lower->is_noarp);
	return e;
}

/* In the order of Linux rtnl_newlink_create(). */
static struct err *finish(struct birth *b, struct twin_netns *target)
{
	struct err *e = NULL;

	if (b->r->mac && twin_kind_find(b->l->kind)->traits & TWIN_KIND_MAC &&
	    !twin_link_is_macvlan(b->l))
		e = twin_link_mac(b->c->w, b->l, b->r->mac);
	if (!e && b->r->sent & TWIN_LINK_UP && b->r->is_up)
		e = twin_link_up(b->c->w, b->l);
	if (e)
		return e;
	b->l->is_unborn = false;
	twin_event_added(b->c->w, b->l);
	if (b->home != target)
		e = twin_link_move(b->c->w, b->l, target, b->name);
	if (!e && b->r->controller && *b->r->controller) {
		struct twin_link *controller = twin_link_find(target, b->r->controller);

		/* The request has the index of one that was there before. */
		e = controller && controller != b->l
			    ? twin_link_control(b->c->w, b->l, controller)
			    : twin_kernel_err(EINVAL, NULL);
	}
	return e;
}

static void abandon(struct birth *b)
{
	if (b->l->ns)
		twin_link_unlist(b->l);
	twin_link_free(b->l);
}

struct err *twin_link_make(struct twin_call *c)
{
	const struct twin_link_request *r = &c->r->u.link;
	struct twin_netns *target =
		r->to_netns ? twin_netns_find_alive(c->w, r->to_netns) : c->ns;
	char *numbered CLEANUP(freep) = xasprintf("%s%%d", r->kind);
	struct birth b = {.c = c,
			  .r = r,
			  .home = target,
			  .name = c->r->name ? c->r->name : numbered};
	struct err *e;

	if (!target)
		return twin_kernel_err(EINVAL, NULL);
	if (r->lower_netns)
		b.home = twin_netns_find_alive(c->w, r->lower_netns);
	if (!b.home)
		return twin_kernel_err(EINVAL, "Unknown network namespace id");
	b.l = twin_link_alloc(r->kind);
	b.l->is_unborn = true;
	e = make(&b);
	if (e) {
		abandon(&b);
		return e;
	}
	e = finish(&b, target);
	if (e)
		twin_link_del(c->w, b.l);
	else
		c->made = b.l;
	return e;
}
