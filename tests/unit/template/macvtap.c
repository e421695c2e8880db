/* A template for a link type, built outside of the source tree (test_template.py): a macvtap,
 * which is a macvlan with a character device. docs/datapaths.md goes through it. */
#include "datapath/link_type.h"

/* IFLA_MACVLAN_MODE and its values (Linux include/uapi/linux/if_link.h). */
enum { ATTR_MODE = 1 };
enum { KERNEL_PRIVATE = 1, KERNEL_VEPA = 2, KERNEL_BRIDGE = 4, KERNEL_PASSTHRU = 8 };

static const char *refuse(struct link_mode m)
{
	if (m.mode == MODEL_MODE_PASSTHRU)
		return m.flag == MODEL_FLAG_BRIDGE ? NULL
						   : "in mode passthru it has no flag: "
						     "it is alone on its master";
	return m.mode == MODEL_MODE_L2 ? NULL
				       : "a macvlan is a port of a switch and does not "
					 "route, so there is "
					 "l2, with the flag as its mode, and passthru";
}

static size_t encode(struct link_mode m, struct link_attr *attrs)
{
	uint32_t value = m.mode == MODEL_MODE_PASSTHRU  ? KERNEL_PASSTHRU
			 : m.flag == MODEL_FLAG_PRIVATE ? KERNEL_PRIVATE
			 : m.flag == MODEL_FLAG_VEPA    ? KERNEL_VEPA
							: KERNEL_BRIDGE;

	attrs[0] = (struct link_attr){ATTR_MODE, 4, value};
	return 1;
}

/* "source", which has no name here, is a number. */
static void decode(const struct link_attr *attr, struct link_mode *m)
{
	if (attr->type != ATTR_MODE)
		return;
	m->mode = attr->value == KERNEL_PASSTHRU ? MODEL_MODE_PASSTHRU : MODEL_MODE_L2;
	m->flag = attr->value == KERNEL_BRIDGE || attr->value == KERNEL_PASSTHRU
			  ? MODEL_FLAG_BRIDGE
		  : attr->value == KERNEL_PRIVATE ? MODEL_FLAG_PRIVATE
		  : attr->value == KERNEL_VEPA    ? MODEL_FLAG_VEPA
						  : (uint8_t)attr->value;
}

/* Linux macvlan_changelink(). */
static bool can_change(struct link_mode from, struct link_mode to)
{
	return (from.mode == MODEL_MODE_PASSTHRU) == (to.mode == MODEL_MODE_PASSTHRU);
}

/* Linux macvlan_common_newlink(). */
static bool can_share(struct link_mode a, struct link_mode b)
{
	return a.mode != MODEL_MODE_PASSTHRU && b.mode != MODEL_MODE_PASSTHRU;
}

extern const struct link_type datapath_link_type __attribute__((visibility("default")));

const struct link_type datapath_link_type = {
	.id = {.name = "macvtap", .abi = LINK_TYPE_ABI, .size = sizeof(struct link_type)},
	.kind = "macvtap",
	.family = "macvlan",
	.traits = LINK_HAS_OWN_MAC,
	.standard = {.mode = MODEL_MODE_L2, .flag = MODEL_FLAG_BRIDGE},
	.refuse = refuse,
	.encode = encode,
	.decode = decode,
	.can_change = can_change,
	.can_share = can_share,
};
