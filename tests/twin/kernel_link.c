/* RTM_NEWLINK, RTM_SETLINK and RTM_DELLINK. */
#include "tests/twin/kernel_private.h"

#include "lib/alloc.h"
#include "lib/fd.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

/* Descriptors and numbers that a message carries. 'to_fd' is the caller's to close. */
struct named {
	int to_fd;
	uint32_t lower;
	int32_t lower_nsid;  /* NSID_HERE: not away */
	int32_t target_nsid; /* NSID_HERE: none */
	uint32_t controller;
};

static uint32_t ifindex_or_none(const char *name)
{
	uint32_t ifindex = kernel_ifindex(name);

	return ifindex ? ifindex : NO_SUCH_IFINDEX;
}

static struct err *find_lower(const struct twin_request *r, struct named *n)
{
	const struct twin_link_request *l = &r->u.link;
	int here CLEANUP(fd_closep) = -1, there CLEANUP(fd_closep) = -1;
	struct err *e;

	if (!l->lower)
		return NULL;
	if (!l->lower_netns) {
		n->lower = ifindex_or_none(l->lower);
		return NULL;
	}
	here = kernel_open_netns(r->netns);
	there = kernel_open_netns(l->lower_netns);
	if (there < 0)
		return kernel_err(ENOENT, NULL);
	e = kernel_give_nsid(there, &n->lower_nsid);
	if (e)
		return e;
	if (!kernel_enter(there))
		return kernel_err(ENOENT, NULL);
	n->lower = ifindex_or_none(l->lower);
	return kernel_enter(here) ? NULL : kernel_err(ENOENT, NULL);
}

static struct err *find_target(const char *netns, int32_t *ret_nsid)
{
	int fd CLEANUP(fd_closep) = netns ? kernel_open_netns(netns) : -1;

	*ret_nsid = NSID_HERE;
	if (!netns)
		return NULL;
	return fd < 0 ? kernel_err(ENOENT, NULL) : kernel_give_nsid(fd, ret_nsid);
}

static struct err *find_named(const struct twin_request *r, struct named *n)
{
	const struct twin_link_request *l = &r->u.link;
	struct err *e = find_lower(r, n);

	if (e)
		return e;
	if (l->controller && *l->controller)
		n->controller = ifindex_or_none(l->controller);
	if (l->to_netns) {
		n->to_fd = kernel_open_netns(l->to_netns);
		if (n->to_fd < 0)
			return kernel_err(ENOENT, NULL);
	}
	return find_target(l->target, &n->target_nsid);
}

static void put_numbers(struct nl_msg *m, const struct twin_link_request *l,
			const struct named *n)
{
	if (l->sent & TWIN_LINK_MTU)
		nl_put_u32(m, IFLA_MTU, l->mtu);
	if (l->sent & TWIN_LINK_GROUP)
		nl_put_u32(m, IFLA_GROUP, l->group);
	if (l->sent & TWIN_LINK_TXQLEN)
		nl_put_u32(m, IFLA_TXQLEN, l->txqlen);
	if (l->sent & TWIN_LINK_CARRIER)
		nl_put_u8(m, IFLA_CARRIER, l->has_carrier);
	if (l->lower)
		nl_put_u32(m, IFLA_LINK, n->lower);
	if (n->lower_nsid != NSID_HERE)
		nl_put_u32(m, IFLA_LINK_NETNSID, (uint32_t)n->lower_nsid);
	if (n->target_nsid != NSID_HERE)
		nl_put_u32(m, IFLA_TARGET_NETNSID, (uint32_t)n->target_nsid);
	if (n->to_fd >= 0)
		nl_put_u32(m, IFLA_NET_NS_FD, (uint32_t)n->to_fd);
	if (l->controller)
		nl_put_u32(m, IFLA_MASTER, n->controller);
}

static void put_texts(struct nl_msg *m, const struct twin_link_request *l)
{
	unsigned int b[6];
	uint8_t mac[6];

	/* `ip` sends an alias without its final zero. */
	if (l->alias)
		nl_put(m, IFLA_IFALIAS, strlen(l->alias), l->alias);
	if (l->alt_name) {
		struct nlattr *list = nl_nest(m, IFLA_PROP_LIST | NLA_F_NESTED);

		nl_put_text(m, IFLA_ALT_IFNAME, l->alt_name);
		nl_nest_end(m, list);
	}
	if (!l->mac || sscanf(l->mac, "%x:%x:%x:%x:%x:%x", &b[0], &b[1], &b[2], &b[3],
			      &b[4], &b[5]) != 6)
		return;
	for (size_t i = 0; i < sizeof(mac); i++)
		mac[i] = (uint8_t)b[i];
	nl_put(m, IFLA_ADDRESS, sizeof(mac), mac);
}

static void put_peer(struct nl_msg *m, const char *peer)
{
	struct nlattr *nest = nl_nest(m, VETH_INFO_PEER);
	struct ifinfomsg info = {0};
	struct nlmsghdr *h = nl_msg_head(m);

	/* The header of the peer's message, without an attribute around it. */
	memcpy((char *)h + h->nlmsg_len, &info, sizeof(info));
	h->nlmsg_len += (uint32_t)sizeof(info);
	nl_put_text(m, IFLA_IFNAME, peer);
	nl_nest_end(m, nest);
}

/* Such as `ip link set addrgenmode eui64` sends. */
static void put_af_spec(struct nl_msg *m)
{
	struct nlattr *spec = nl_nest(m, IFLA_AF_SPEC), *inet6 = nl_nest(m, AF_INET6);

	nl_put_u8(m, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_EUI64);
	nl_nest_end(m, inet6);
	nl_nest_end(m, spec);
}

static void put_info(struct nl_msg *m, const struct twin_link_request *l)
{
	bool is_vlan = l->sent & TWIN_LINK_VLAN_ID;
	bool has_port = l->sent & (TWIN_LINK_MODE | TWIN_LINK_FLAG);
	struct nlattr *info, *data;

	if (!l->kind && !is_vlan && !has_port)
		return;
	info = nl_nest(m, IFLA_LINKINFO);
	if (l->kind)
		nl_put_text(m, IFLA_INFO_KIND, l->kind);
	if (is_vlan || has_port || l->peer || l->sent & TWIN_LINK_VRF_TABLE) {
		data = nl_nest(m, IFLA_INFO_DATA);
		if (is_vlan)
			nl_put_u16(m, IFLA_VLAN_ID, l->vlan_id);
		if (l->sent & TWIN_LINK_VRF_TABLE)
			nl_put_u32(m, IFLA_VRF_TABLE, l->vrf_table);
		if (l->sent & TWIN_LINK_MODE && l->kind && !strcmp(l->kind, "macvlan"))
			nl_put_u32(m, IFLA_MACVLAN_MODE, l->mode);
		else if (l->sent & TWIN_LINK_MODE)
			nl_put_u16(m, IFLA_IPVLAN_MODE, l->mode);
		if (l->sent & TWIN_LINK_FLAG)
			nl_put_u16(m, IFLA_IPVLAN_FLAGS, l->flag);
		if (l->peer)
			put_peer(m, l->peer);
		nl_nest_end(m, data);
	}
	nl_nest_end(m, info);
}

static struct err *send_link(uint16_t type, const struct twin_request *r)
{
	const struct twin_link_request *l = &r->u.link;
	uint32_t ifindex = r->ifindex;
	struct ifinfomsg *head;
	struct named n = {.to_fd = -1, .lower_nsid = NSID_HERE, .target_nsid = NSID_HERE};
	struct nl_msg m;
	int to_fd CLEANUP(fd_closep) = -1;
	struct err *e = find_named(r, &n);

	if (e)
		return e;
	to_fd = n.to_fd;
	/* A rename names its device by index. */
	if (!ifindex && l->new_name)
		ifindex = ifindex_or_none(r->name);
	head = nl_msg_init(&m, type, kernel_flags(r), sizeof(*head));
	head->ifi_index = (int)ifindex;
	if (l->sent & TWIN_LINK_UP) {
		head->ifi_change = IFF_UP;
		head->ifi_flags = l->is_up ? IFF_UP : 0;
	}
	if (l->sent & TWIN_LINK_ARP) {
		head->ifi_change |= IFF_NOARP;
		head->ifi_flags |= l->has_arp ? 0 : IFF_NOARP;
	}
	if (l->new_name)
		nl_put_text(&m, IFLA_IFNAME, l->new_name);
	else if (r->name && (!r->ifindex || type == RTM_NEWLINK))
		nl_put_text(&m, IFLA_IFNAME, r->name);
	put_numbers(&m, l, &n);
	put_texts(&m, l);
	put_info(&m, l);
	if (l->sent & TWIN_LINK_AF_SPEC)
		put_af_spec(&m);
	return kernel_send(&m);
}

struct err *kernel_link_new(const struct twin_request *r)
{
	return send_link(RTM_NEWLINK, r);
}

/* An alternative name has a message of its own. */
static struct err *change_alt_name(const struct twin_request *r)
{
	bool is_added = r->u.link.alt_name;
	uint32_t ifindex = r->ifindex ? r->ifindex : kernel_ifindex(r->name);
	struct ifinfomsg *head;
	struct nlattr *list;
	struct nl_msg m;

	if (!ifindex)
		return kernel_err(ENODEV, NULL);
	head = nl_msg_init(&m, is_added ? RTM_NEWLINKPROP : RTM_DELLINKPROP,
			   is_added ? NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND : 0,
			   sizeof(*head));
	head->ifi_index = (int)ifindex;
	list = nl_nest(&m, IFLA_PROP_LIST | NLA_F_NESTED);
	nl_put_text(&m, IFLA_ALT_IFNAME,
		    is_added ? r->u.link.alt_name : r->u.link.old_alt_name);
	nl_nest_end(&m, list);
	return kernel_send(&m);
}

struct err *kernel_link_set(const struct twin_request *r)
{
	if (r->u.link.alt_name || r->u.link.old_alt_name)
		return change_alt_name(r);
	return send_link(RTM_SETLINK, r);
}

struct err *kernel_link_del(const struct twin_request *r)
{
	struct ifinfomsg *head;
	int32_t target_nsid;
	struct nl_msg m;
	struct err *e = find_target(r->u.link.target, &target_nsid);

	if (e)
		return e;
	head = nl_msg_init(&m, RTM_DELLINK, 0, sizeof(*head));
	head->ifi_index = (int)r->ifindex;
	if (!r->ifindex && r->name)
		nl_put_text(&m, IFLA_IFNAME, r->name);
	if (!r->ifindex && !r->name)
		nl_put_u32(&m, IFLA_GROUP, r->u.link.group);
	if (target_nsid != NSID_HERE)
		nl_put_u32(&m, IFLA_TARGET_NETNSID, (uint32_t)target_nsid);
	return kernel_send(&m);
}
