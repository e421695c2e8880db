/* Shared by kernel_dump.c and kernel_dump_inet.c: what was read of the namespaces.
 * The format is that of datapath/sim/sim_dump.c. */
#ifndef TESTS_TWIN_KERNEL_DUMP_H
#define TESTS_TWIN_KERNEL_DUMP_H 1

#include "lib/buffer.h"
#include "tests/twin/kernel_private.h"

#include <net/if.h>

struct dump_address {
	uint32_t ifindex, flags, metric;
	uint8_t scope, protocol;
	char label[IFNAMSIZ];
	bool is_limited, has_subnet, has_detour, has_local;
	struct ip_prefix prefix;
	struct ip_addr peer; /* as IFA_ADDRESS */
};

struct dump_route {
	uint32_t ifindex;
	uint8_t protocol, type;
	struct model_route route;
	const char *text;
};

struct dump_rule {
	struct model_rule rule;
	uint8_t protocol;
};

struct dump_device {
	uint32_t ifindex, flags, mtu, group, lower, controller;
	int32_t lower_nsid;
	uint16_t vlan_id;
	uint8_t mode, flag;
	uint8_t mac[6];
	bool has_carrier, has_ipv6, is_ipv6_off, forwards, proxies_arp;
	const char *name, *kind, *alias;
	const char **alt_names;
	size_t n_alt_names, alt_names_cap;
};

struct dump_netns {
	struct arena *a;
	const char *name;
	int fd; /* -1: a file with no namespace on it */
	uint64_t inode;
	const struct dump_netns *same; /* was read under that name */
	struct dump_device *devices;
	size_t n_devices, devices_cap;
	struct dump_address *addresses;
	size_t n_addresses, addresses_cap;
	struct dump_route *routes;
	size_t n_routes, routes_cap;
	struct dump_rule *rules;
	size_t n_rules, rules_cap;
	unsigned int dropped; /* kernel_filtered() */
};

struct dump {
	struct arena *a;
	uint32_t mark;
	struct dump_netns *namespaces;
	size_t n;
	struct buffer text;
};

struct dump_device *dump_find(const struct dump_netns *ns, uint32_t ifindex);
void dump_put(struct dump *d, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Addresses, routes and rules of the calling thread's namespace, which is that of 'ns'. */
void dump_read_inet(struct dump_netns *ns);
/* Of one device, or of none (NULL) or lo. */
void dump_put_addresses(struct dump *dump, const struct dump_netns *ns,
			const struct dump_device *d);
void dump_put_routes(struct dump *dump, const struct dump_netns *ns,
		     const struct dump_device *d);
/* What the device has from a router's advertisement. */
void dump_put_advertised(struct dump *dump, const struct dump_netns *ns,
			 const struct dump_device *d);
/* Of the namespace. */
void dump_put_rules(struct dump *dump, const struct dump_netns *ns);

#endif
