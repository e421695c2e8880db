/* A link type: a kind of device that slaves can be, as a small descriptor. The provider of Linux
 * and the simulator ask it what differs from kind to kind; it calls neither, and sends nothing.
 *
 * "ipvlan" is built in. Another is a plug-in, a shared object NAME.so with the symbol
 * `datapath_link_type` (docs/datapaths.md), or stands in the table of a test. */
#ifndef DATAPATH_LINK_TYPE_H
#define DATAPATH_LINK_TYPE_H 1

#include "datapath/model.h"

#define LINK_TYPE_ABI       1
#define LINK_TYPE_MAX_ATTRS 4
#define LINK_TYPE_NAME_MAX  31

struct link_type_id {
	const char *name; /* the value of `datapath:` */
	uint32_t abi;     /* LINK_TYPE_ABI */
	uint32_t size;    /* sizeof(struct link_type) */
};

/* enum model_mode and enum model_flag, or the kernel's numbers for what has no name there. */
struct link_mode {
	uint8_t mode, flag;
};

/* One attribute of IFLA_INFO_DATA. */
struct link_attr {
	uint16_t type;
	uint8_t n_bytes; /* 1, 2 or 4 */
	uint32_t value;
};

enum link_trait {
	/* Mode and flag are those of a port: all devices on one master have the same. Else each
	 * device has its own. */
	LINK_HAS_PORT = 1 << 0,
	/* The kernel accepts an address once on a master. */
	LINK_HAS_UNIQUE_ADDRESSES = 1 << 1,
	/* It has a MAC address of its own, which is given when it is made; else that of its
	 * master. */
	LINK_HAS_OWN_MAC = 1 << 2,
	/* A change of its master's MTU overwrites its own. Else the MTU is never above that of
	 * its master, and only lowered with it. */
	LINK_FOLLOWS_MTU = 1 << 3,
	/* IFLA_LINK comes without IFLA_LINK_NETNSID, also if its master is in another namespace:
	 * the MAC address, which it shares with its master, tells which device is meant. */
	LINK_HIDES_NETNS = 1 << 4,
};

struct link_type {
	struct link_type_id id;
	const char *kind; /* IFLA_INFO_KIND */
	/* Kinds of one family stand side by side on a master; two families exclude each other
	 * there (EBUSY). "ipvlan": also ipvtap; "macvlan": also macvtap. */
	const char *family;
	unsigned int traits; /* enum link_trait */
	/* Of a master that declares no mode, and its flag. */
	struct link_mode standard;
	/* NULL: it has this mode with this flag. Else why not, as a clause for "macvlan on
	 * eth0: …"; static. */
	const char *(*refuse)(struct link_mode m);
	/* The attributes for a mode that is not refused. At most LINK_TYPE_MAX_ATTRS; returns how
	 * many. */
	size_t (*encode)(struct link_mode m, struct link_attr *attrs);
	/* The inverse, attribute by attribute; 'm' is {0, 0} before the first. Unknown ones are
	 * ignored. */
	void (*decode)(const struct link_attr *attr, struct link_mode *m);
	/* A device keeps running through this change. If not, it is made again. */
	bool (*can_change)(struct link_mode from, struct link_mode to);
	/* Two devices with these can be on one master. Of a type without a port. */
	bool (*can_share)(struct link_mode a, struct link_mode b);
};

extern const struct link_type link_type_ipvlan;

/* That of a master: its own, or ipvlan. */
const struct link_type *link_type_of(const struct model_master *m);
bool link_type_has(const struct link_type *t, enum link_trait trait);
/* A slave of this type cannot have the MTU on a master with that of 'masters'. */
bool link_type_refuses_mtu(const struct link_type *t, uint32_t mtu, uint32_t masters);
/* The MTU of a slave made on this master, whose device had 'found': what the slave declares (0:
 * nothing), or else that of the master, which is the most that some types can have. */
uint32_t link_type_mtu(const struct model_master *m, uint32_t declared, uint32_t found);
/* The MTU of a slave that had 'mtu', once that of its master was set to 'masters'; 0: it was
 * not. */
uint32_t link_type_mtu_after(const struct link_type *t, uint32_t mtu, uint32_t masters);
/* Devices of this type have IFF_NOARP in 'mode'. Those of a port get it from the kernel, when they
 * are set up and when the mode changes (kernel.md 38). False for a mode without a name. */
bool link_type_lacks_arp(const struct link_type *t, uint8_t mode);
/* It has that flag although its mode needs ARP, or the reverse, and finds no neighbours. One of a
 * port that is down will have it right. */
bool link_type_has_wrong_arp(const struct link_type *t, const struct model_slave *have);

/* What a plug-in must have to be added. ERR_UNSUPPORTED: made for another ABI, or incomplete. */
struct err *link_type_check(const struct link_type *t) MUST_CHECK;
/* Adds a type, which must live as long as the process. ERR_UNSUPPORTED: made for another ABI, or
 * incomplete; ERR_EXISTS: there is one of that name or kind. */
struct err *link_type_add(const struct link_type *t) MUST_CHECK;
/* The type of that name; NULL if there is none. The first that is unknown calls the loader. */
const struct link_type *link_type_find(const char *name);
/* The type that makes devices of that kind; NULL if there is none. Never calls the loader. */
const struct link_type *link_type_find_kind(const char *kind);
/* "ipvlan, macvlan": the names, sorted. From the arena. */
const char *link_type_names(struct arena *a);
/* Called once, when a name is looked for that is unknown: it adds what plug-ins there are. */
typedef void link_type_load_fn(void);
void link_type_set_loader(link_type_load_fn *fn);

/* The family of a kind of device, known as a type or not: "ipvlan", "macvlan"; NULL for one that is
 * no such device. */
const char *link_type_family(const char *kind);
/* True if both are of one family. */
bool link_type_is_sibling(const struct link_type *t, const char *kind);

/* True if the slave has a MAC address of its own, not that of its master: locally administered, and
 * always the same for one mark and one name (as its row has it), so that it survives a repair and a
 * reboot. In mode passthru the kernel gives it that of its master. */
bool link_type_own_mac(const struct model_master *m, const struct model_slave *s,
		       uint32_t mark, uint8_t ret_mac[6]);

#endif
