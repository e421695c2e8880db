/* Which device a master is, by properties instead of by its name (netplan's `match`): as values,
 * and the choice among devices. Pure. */
#ifndef DATAPATH_MODEL_MATCH_H
#define DATAPATH_MODEL_MATCH_H 1

#include "lib/arena.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A device fits if it has all that is given: texts are "" where nothing is. */
struct model_match {
	const char *name; /* glob(7) */
	const char *mac;  /* "02:00:00:00:00:01" */
	/* glob(7), of the place on its bus: "0000:02:00.0", or with the bus before it,
	 * "pci-0000:02:00.0", as udev's ID_PATH has it. */
	const char *path;
	/* The device of the default route with the lowest metric in the main table: of IPv4,
	 * or of IPv6 if IPv4 has none. */
	bool default_route;
};
/* "": nothing is given, so that the master is the device of its name. */
struct model_match model_match_none(void);
bool model_match_is_set(const struct model_match *m);
bool model_match_equals(const struct model_match *a, const struct model_match *b);
/* "macaddress: 02:00:00:00:00:01, name: en*"; "" if nothing is given. */
const char *model_match_text(struct arena *a, const struct model_match *m);

/* The keys, in YAML and in the column: "name", "macaddress", "path", "default-route". */
#define MODEL_MATCH_KEYS 4
extern const char *const model_match_keys[MODEL_MATCH_KEYS];
/* The value of a key; "" if it is not given. */
const char *model_match_get(const struct model_match *m, const char *key);
/* Sets one, of its canonical text. False: there is no such key. */
bool model_match_set(struct model_match *m, const char *key, const char *value);

/* A device that can carry ipvlans. */
struct model_match_device {
	const char *name, *kind; /* kind "" of a card */
	uint8_t mac[6];
	bool has_permanent_mac;
	uint8_t permanent_mac[6];
	const char *bus, *parent; /* "pci", "0000:02:00.0"; "" if unknown */
	/* Slaves of the master are on it: how many of those that were observed. */
	size_t n_carried;
	bool is_usable; /* up, with carrier */
	/* It has a default route; of two the lower number is preferred. */
	bool has_route;
	uint64_t route_order;
};
/* As model_match_device.route_order. */
uint64_t model_match_route_order(bool is_ipv6, uint32_t metric);

enum model_match_fit {
	MODEL_MATCH_NOT,
	/* It has the MAC address of another device: that below a VLAN, a port of a bridge. */
	MODEL_MATCH_BORROWED,
	MODEL_MATCH_OWN,
	/* The MAC address is the one that it was made with. */
	MODEL_MATCH_PERMANENT,
};
/* Without regard to routes. */
enum model_match_fit model_match_fit(const struct model_match *m,
				     const struct model_match_device *d);

#define MODEL_MATCH_NO_DEVICE SIZE_MAX

struct model_match_choice {
	size_t device; /* its index, or MODEL_MATCH_NO_DEVICE */
	/* No device is chosen, since several fit equally: "eth1 and eth2"; else "". */
	const char *candidates;
	/* The default route is by another device, and the slaves stay: that one's index. */
	size_t other;
};
/* The device that carries the slaves stays as long as it fits, whatever else fits: with
 * 'default_route' until it is not usable, and the default route is by one that is. Else the one
 * that fits best. */
struct model_match_choice model_match_choose(struct arena *a, const struct model_match *m,
					     const struct model_match_device *devices,
					     size_t n);

#endif
