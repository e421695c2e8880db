/* RTM_*LINK: parsing, and the messages that read, make, change and delete links. */
#include "datapath/kernel/netlink/nl_link.h"

#include "datapath/model.h"

#include <arpa/inet.h>
#include <assert.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

/* Linux's own if.h clashes with that of the C library. */
#define IFF_LOWER_UP_       0x10000
#define LOWERLAYERDOWN_     3
#define EXT_FILTER_NO_STATS (1 << 3) /* RTEXT_FILTER_SKIP_STATS: shorter answers */

_Static_assert((int)MODEL_MODE_L2 == IPVLAN_MODE_L2 &&
		       (int)MODEL_MODE_L3 == IPVLAN_MODE_L3 &&
		       (int)MODEL_MODE_L3S == IPVLAN_MODE_L3S,
	       "the model has the modes of the kernel");
_Static_assert((int)MODEL_FLAG_PRIVATE == IPVLAN_F_PRIVATE &&
		       (int)MODEL_FLAG_VEPA == IPVLAN_F_VEPA,
	       "the model has the flags of the kernel");
_Static_assert(MODEL_NAME_MAX_BYTES == IFNAMSIZ - 1, "names of the model fit a link");

static bool holds(const struct nlattr *attr, size_t n)
{
	return mnl_attr_get_payload_len(attr) >= n;
}

static uint32_t u32_of(const struct nlattr *attr)
{
	return holds(attr, 4) ? mnl_attr_get_u32(attr) : 0;
}

static void copy_text(char *to, size_t size, const struct nlattr *attr)
{
	size_t n = strnlen(mnl_attr_get_str(attr), mnl_attr_get_payload_len(attr));

	snprintf(to, size, "%.*s", (int)n, mnl_attr_get_str(attr));
}

static struct link_attr attr_of(const struct nlattr *attr)
{
	struct link_attr a = {.type = mnl_attr_get_type(attr)};

	if (holds(attr, 4))
		a = (struct link_attr){a.type, 4, mnl_attr_get_u32(attr)};
	else if (holds(attr, 2))
		a = (struct link_attr){a.type, 2, mnl_attr_get_u16(attr)};
	else if (holds(attr, 1))
		a = (struct link_attr){a.type, 1, mnl_attr_get_u8(attr)};
	return a;
}

/* Mode and flag also of an ipvtap that is no type here: it is in the port of ipvlans. */
static void parse_mode(const struct nlattr *data, struct nl_link *l)
{
	const struct link_type *t = l->type;
	struct link_mode m = {0};
	const struct nlattr *attr;

	if (!t && nl_link_is_in_port(l))
		t = &link_type_ipvlan;
	nl_attr_for_each_nested (attr, data) {
		struct link_attr a = attr_of(attr);

		if (t && a.n_bytes)
			t->decode(&a, &m);
	}
	l->mode = m.mode;
	l->flag = m.flag;
}

static void parse_data(const struct nlattr *data, struct nl_link *l)
{
	const struct nlattr *attr;
	bool is_vlan = !strcmp(l->kind, "vlan");
	bool is_vrf = !strcmp(l->kind, "vrf");

	nl_attr_for_each_nested (attr, data) {
		uint16_t type = mnl_attr_get_type(attr);

		if (!holds(attr, 2))
			continue;
		if (is_vrf && type == IFLA_VRF_TABLE)
			l->vrf_table = u32_of(attr);
		if (is_vlan && type == IFLA_VLAN_ID)
			l->vlan_id = mnl_attr_get_u16(attr);
		if (is_vlan && type == IFLA_VLAN_PROTOCOL)
			l->is_8021ad = mnl_attr_get_u16(attr) != htons(ETH_P_8021Q);
	}
	parse_mode(data, l);
}

static void parse_info(const struct nlattr *info, struct nl_link *l)
{
	const struct nlattr *attr, *data = NULL;

	nl_attr_for_each_nested (attr, info) {
		if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
			copy_text(l->kind, sizeof(l->kind), attr);
		if (mnl_attr_get_type(attr) == IFLA_INFO_SLAVE_KIND)
			copy_text(l->upper_kind, sizeof(l->upper_kind), attr);
		if (mnl_attr_get_type(attr) == IFLA_INFO_DATA)
			data = attr;
	}
	l->type = link_type_find_kind(l->kind);
	if (data)
		parse_data(data, l);
}

/* FNV-1a. The sum does not depend on the order of names. */
static uint32_t digest_of(const struct nlattr *attr)
{
	const char *text = mnl_attr_get_str(attr);
	size_t n = strnlen(text, mnl_attr_get_payload_len(attr));
	uint32_t digest = 0x811c9dc5U;

	for (size_t i = 0; i < n; i++)
		digest = (digest ^ (unsigned char)text[i]) * 0x01000193U;
	return n ? digest ^ mnl_attr_get_type(attr) : 0;
}

static uint32_t digest_of_names(const struct nlattr *list)
{
	const struct nlattr *attr;
	uint32_t sum = 0;

	nl_attr_for_each_nested (attr, list)
		sum += digest_of(attr);
	return sum;
}

static void parse_attr(const struct nlattr *attr, struct nl_link *l)
{
	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		copy_text(l->name, sizeof(l->name), attr);
		break;
	case IFLA_GROUP:
		l->group = u32_of(attr);
		break;
	case IFLA_MTU:
		l->mtu = u32_of(attr);
		break;
	case IFLA_OPERSTATE:
		l->operstate = holds(attr, 1) ? mnl_attr_get_u8(attr) : 0;
		break;
	case IFLA_ADDRESS:
		if (holds(attr, sizeof(l->mac)))
			memcpy(l->mac, mnl_attr_get_payload(attr), sizeof(l->mac));
		break;
	case IFLA_PERM_ADDRESS:
		l->has_permanent_mac = mnl_attr_get_payload_len(attr) == sizeof(l->mac);
		if (l->has_permanent_mac)
			memcpy(l->permanent_mac, mnl_attr_get_payload(attr),
			       sizeof(l->permanent_mac));
		break;
	case IFLA_PARENT_DEV_NAME:
		copy_text(l->parent, sizeof(l->parent), attr);
		break;
	case IFLA_PARENT_DEV_BUS_NAME:
		copy_text(l->bus, sizeof(l->bus), attr);
		break;
	case IFLA_LINK:
		l->lower = u32_of(attr);
		break;
	case IFLA_LINK_NETNSID:
		l->lower_is_away = true;
		l->lower_nsid = (int32_t)u32_of(attr);
		break;
	case IFLA_MASTER:
		l->upper = u32_of(attr);
		break;
	case IFLA_EVENT:
		l->has_failed_over = u32_of(attr) == IFLA_EVENT_NOTIFY_PEERS;
		break;
	case IFLA_NEW_IFINDEX:
		l->moved_to = u32_of(attr);
		break;
	case IFLA_LINKINFO:
		parse_info(attr, l);
		break;
	case IFLA_IFALIAS:
		l->texts += digest_of(attr);
		break;
	case IFLA_PROP_LIST:
		l->texts += digest_of_names(attr);
		break;
	default:
		break;
	}
}

static void add_altname(const struct nlattr *attr, struct arena *a, size_t *cap,
			struct nl_link_texts *texts)
{
	char name[MODEL_ALTNAME_MAX_BYTES + 1];

	copy_text(name, sizeof(name), attr);
	texts->altnames = arena_grow(a, texts->altnames, texts->n_altnames, cap,
				     sizeof(*texts->altnames));
	texts->altnames[texts->n_altnames++] = arena_strdup(a, name);
}

void nl_link_texts_parse(const struct nlmsghdr *h, struct arena *a,
			 struct nl_link_texts *ret_texts)
{
	struct nl_link_texts texts = {.alias = ""};
	char alias[MODEL_ALIAS_MAX_BYTES + 1];
	const struct nlattr *attr, *name;
	size_t cap = 0;

	nl_attr_for_each (attr, h, sizeof(struct ifinfomsg)) {
		if (mnl_attr_get_type(attr) == IFLA_IFALIAS) {
			copy_text(alias, sizeof(alias), attr);
			texts.alias = arena_strdup(a, alias);
		}
		if (mnl_attr_get_type(attr) != IFLA_PROP_LIST)
			continue;
		nl_attr_for_each_nested (name, attr) {
			if (mnl_attr_get_type(name) == IFLA_ALT_IFNAME)
				add_altname(name, a, &cap, &texts);
		}
	}
	*ret_texts = texts;
}

bool nl_link_parse(const struct nlmsghdr *h, struct nl_link *ret_link)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(h);
	struct nl_link l = {0};
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*info))
		return false;
	l.ifindex = (uint32_t)info->ifi_index;
	l.flags = info->ifi_flags;
	l.is_ethernet = info->ifi_type == ARPHRD_ETHER && !(l.flags & IFF_LOOPBACK);
	/* The change mask is full if the device was made, or moved here (Linux
	 * rtnl_configure_link(), dev_change_net_namespace()). */
	l.has_come = info->ifi_change == UINT32_MAX;
	nl_attr_for_each (attr, h, sizeof(*info))
		parse_attr(attr, &l);
	if (!l.ifindex || !*l.name)
		return false;
	*ret_link = l;
	return true;
}

bool nl_link_is_ipvlan(const struct nl_link *l)
{
	return !strcmp(l->kind, "ipvlan");
}

bool nl_link_is_in_port(const struct nl_link *l)
{
	return nl_link_is_ipvlan(l) || !strcmp(l->kind, "ipvtap");
}

bool nl_link_is_upper(const struct nl_link *l)
{
	return l->lower && link_type_family(l->kind);
}

bool nl_link_has_carrier(const struct nl_link *l)
{
	return l->flags & IFF_LOWER_UP_ && l->operstate != LOWERLAYERDOWN_;
}

struct model_match_device nl_link_match_device(const struct nl_link *l)
{
	struct model_match_device d = {
		.name = l->name,
		.kind = l->kind,
		.has_permanent_mac = l->has_permanent_mac,
		.bus = l->bus,
		.parent = l->parent,
		.is_usable = l->flags & IFF_UP && nl_link_has_carrier(l),
	};

	memcpy(d.mac, l->mac, sizeof(d.mac));
	memcpy(d.permanent_mac, l->permanent_mac, sizeof(d.permanent_mac));
	return d;
}

static void put_nsid(struct nl_msg *m, int32_t nsid)
{
	if (nsid != NSID_HERE)
		nl_put_u32(m, IFLA_TARGET_NETNSID, (uint32_t)nsid);
}

void nl_link_msg_get(struct nl_msg *m, int32_t nsid, const char *name, uint32_t ifindex)
{
	struct ifinfomsg *info = nl_msg_init(m, RTM_GETLINK, 0, sizeof(*info));

	put_nsid(m, nsid);
	if (name)
		nl_put_text(m, IFLA_IFNAME, name);
	else
		info->ifi_index = (int)ifindex;
	nl_put_u32(m, IFLA_EXT_MASK, EXT_FILTER_NO_STATS);
}

void nl_link_msg_dump(struct nl_msg *m, int32_t nsid)
{
	nl_msg_init(m, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));
	put_nsid(m, nsid);
	nl_put_u32(m, IFLA_EXT_MASK, EXT_FILTER_NO_STATS);
}

static void put_mode(struct nl_msg *m, const struct link_type *t, struct link_mode mode)
{
	struct link_attr attrs[LINK_TYPE_MAX_ATTRS];
	size_t n = t->encode(mode, attrs);

	assert(n <= LINK_TYPE_MAX_ATTRS);
	for (size_t i = 0; i < n; i++) {
		if (attrs[i].n_bytes == 4)
			nl_put_u32(m, attrs[i].type, attrs[i].value);
		else if (attrs[i].n_bytes == 2)
			nl_put_u16(m, attrs[i].type, (uint16_t)attrs[i].value);
		else
			nl_put_u8(m, attrs[i].type, (uint8_t)attrs[i].value);
	}
}

void nl_link_msg_new(struct nl_msg *m, const struct nl_link_new *l)
{
	struct ifinfomsg *info =
		nl_msg_init(m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(*info));
	struct nlattr *link_info, *data;

	info->ifi_index = (int)l->ifindex;
	if (l->up)
		info->ifi_flags = info->ifi_change = IFF_UP;
	nl_put_text(m, IFLA_IFNAME, l->name);
	if (l->lower)
		nl_put_u32(m, IFLA_LINK, l->lower);
	nl_put_u32(m, IFLA_GROUP, l->group);
	if (l->mtu)
		nl_put_u32(m, IFLA_MTU, l->mtu);
	if (l->mac)
		nl_put(m, IFLA_ADDRESS, 6, l->mac);
	if (l->netns_fd >= 0)
		nl_put_u32(m, IFLA_NET_NS_FD, (uint32_t)l->netns_fd);
	link_info = nl_nest(m, IFLA_LINKINFO);
	nl_put_text(m, IFLA_INFO_KIND, l->kind);
	if (!strcmp(l->kind, "vlan") || l->type) {
		data = nl_nest(m, IFLA_INFO_DATA);
		if (l->type)
			put_mode(m, l->type, l->mode);
		else
			nl_put_u16(m, IFLA_VLAN_ID, l->vlan_id);
		nl_nest_end(m, data);
	}
	nl_nest_end(m, link_info);
}

void nl_link_msg_mode(struct nl_msg *m, uint32_t ifindex, const struct link_type *t,
		      struct link_mode mode)
{
	struct ifinfomsg *info = nl_msg_init(m, RTM_NEWLINK, 0, sizeof(*info));
	struct nlattr *link_info, *data;

	info->ifi_index = (int)ifindex;
	link_info = nl_nest(m, IFLA_LINKINFO);
	nl_put_text(m, IFLA_INFO_KIND, t->kind);
	data = nl_nest(m, IFLA_INFO_DATA);
	put_mode(m, t, mode);
	nl_nest_end(m, data);
	nl_nest_end(m, link_info);
}

void nl_link_msg_set(struct nl_msg *m, uint32_t ifindex, bool up, uint32_t mtu)
{
	struct ifinfomsg *info = nl_msg_init(m, RTM_NEWLINK, 0, sizeof(*info));

	info->ifi_index = (int)ifindex;
	if (up)
		info->ifi_flags = info->ifi_change = IFF_UP;
	if (mtu)
		nl_put_u32(m, IFLA_MTU, mtu);
}

void nl_link_put_noarp(struct nl_msg *m, bool is_noarp)
{
	struct ifinfomsg *info = mnl_nlmsg_get_payload(nl_msg_head(m));

	info->ifi_change |= IFF_NOARP;
	info->ifi_flags |= is_noarp ? IFF_NOARP : 0;
}

void nl_link_msg_group(struct nl_msg *m, uint32_t ifindex, uint32_t group)
{
	struct ifinfomsg *info = nl_msg_init(m, RTM_NEWLINK, 0, sizeof(*info));

	info->ifi_index = (int)ifindex;
	nl_put_u32(m, IFLA_GROUP, group);
}

void nl_link_msg_upper(struct nl_msg *m, uint32_t ifindex, uint32_t upper)
{
	struct ifinfomsg *info = nl_msg_init(m, RTM_NEWLINK, 0, sizeof(*info));

	info->ifi_index = (int)ifindex;
	nl_put_u32(m, IFLA_MASTER, upper);
}

void nl_link_msg_rename(struct nl_msg *m, uint32_t ifindex, const char *name)
{
	struct ifinfomsg *info = nl_msg_init(m, RTM_NEWLINK, 0, sizeof(*info));

	info->ifi_index = (int)ifindex;
	nl_put_text(m, IFLA_IFNAME, name);
}

void nl_link_msg_alias(struct nl_msg *m, uint32_t ifindex, const char *alias)
{
	struct ifinfomsg *info = nl_msg_init(m, RTM_NEWLINK, 0, sizeof(*info));

	info->ifi_index = (int)ifindex;
	nl_put_text(m, IFLA_IFALIAS, alias);
}

void nl_link_msg_altname(struct nl_msg *m, uint32_t ifindex, const char *name,
			 bool is_added)
{
	uint16_t type = is_added ? RTM_NEWLINKPROP : RTM_DELLINKPROP;
	struct ifinfomsg *info = nl_msg_init(
		m, type, is_added ? NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND : 0,
		sizeof(*info));
	struct nlattr *list;

	info->ifi_index = (int)ifindex;
	list = nl_nest(m, IFLA_PROP_LIST);
	nl_put_text(m, IFLA_ALT_IFNAME, name);
	nl_nest_end(m, list);
}

void nl_link_msg_del(struct nl_msg *m, int32_t nsid, uint32_t ifindex)
{
	struct ifinfomsg *info = nl_msg_init(m, RTM_DELLINK, 0, sizeof(*info));

	info->ifi_index = (int)ifindex;
	put_nsid(m, nsid);
}

void nl_link_msg_del_group(struct nl_msg *m, int32_t nsid, uint32_t group)
{
	nl_msg_init(m, RTM_DELLINK, 0, sizeof(struct ifinfomsg));
	nl_put_u32(m, IFLA_GROUP, group);
	put_nsid(m, nsid);
}
