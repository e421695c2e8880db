/* ipvtap: an ipvlan with a character device, /dev/tapN (N is its ifindex), by which a virtual
 * machine sends and receives. It stands in the port of ipvlans: modes, flags and addresses are
 * theirs (Linux ipvtap_newlink() calls ipvlan_link_new()). */
#include "datapath/link_type.h"

/* IFLA_IPVLAN_MODE, IFLA_IPVLAN_FLAGS (Linux include/uapi/linux/if_link.h): enum model_mode and
 * enum model_flag have their values. */
enum { ATTR_MODE = 1, ATTR_FLAGS = 2 };

static const char *refuse(struct link_mode m)
{
	return m.mode == MODEL_MODE_PASSTHRU
		       ? "that is macvlan's; ipvtap has l2, l3 and l3s"
		       : NULL;
}

static size_t encode(struct link_mode m, struct link_attr *attrs)
{
	attrs[0] = (struct link_attr){ATTR_MODE, 2, m.mode};
	attrs[1] = (struct link_attr){ATTR_FLAGS, 2, m.flag};
	return 2;
}

static void decode(const struct link_attr *attr, struct link_mode *m)
{
	if (attr->type == ATTR_MODE)
		m->mode = (uint8_t)attr->value;
	if (attr->type == ATTR_FLAGS)
		m->flag = (uint8_t)attr->value;
}

static bool is_always(struct link_mode a, struct link_mode b)
{
	(void)a;
	(void)b;
	return true;
}

extern const struct link_type datapath_link_type __attribute__((visibility("default")));

const struct link_type datapath_link_type = {
	.id = {.name = "ipvtap", .abi = LINK_TYPE_ABI, .size = sizeof(struct link_type)},
	.kind = "ipvtap",
	.family = "ipvlan",
	.traits = LINK_HAS_PORT | LINK_HAS_UNIQUE_ADDRESSES | LINK_FOLLOWS_MTU |
		  LINK_HIDES_NETNS,
	.standard = {.mode = MODEL_MODE_L3, .flag = MODEL_FLAG_BRIDGE},
	.refuse = refuse,
	.encode = encode,
	.decode = decode,
	.can_change = is_always,
	.can_share = is_always,
};
