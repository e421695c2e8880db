/* Routes as values: part of datapath/model.h. */
#ifndef DATAPATH_MODEL_ROUTE_H
#define DATAPATH_MODEL_ROUTE_H 1

#include "lib/arena.h"
#include "lib/ip.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_ROUTE_TABLE_MAIN 254U  /* RT_TABLE_MAIN */
#define MODEL_IPV6_METRIC      1024U /* what the kernel uses for metric 0 in IPv6 */

/* What becomes of a packet: the kernel's RTN_*, but for 0, its RTN_UNICAST. All but that are
 * reject routes (Linux RTF_REJECT): they have no device, and belong to their namespace. */
enum model_route_type {
	MODEL_ROUTE_UNICAST = 0,     /* by a device, through a gateway or to its link */
	MODEL_ROUTE_BLACKHOLE = 6,   /* dropped silently */
	MODEL_ROUTE_UNREACHABLE = 7, /* ICMP host unreachable; here EHOSTUNREACH */
	MODEL_ROUTE_PROHIBIT = 8,    /* ICMP administratively prohibited; here EACCES */
	MODEL_ROUTE_THROW = 9,       /* ends the search in its table */
};

/* RT_SCOPE_*: how far the destination is. IPv6 has none. */
enum model_route_scope {
	/* What `ip route` sends: link for IPv4 without a gateway, else global. */
	MODEL_SCOPE_DERIVED,
	MODEL_SCOPE_GLOBAL,
	MODEL_SCOPE_LINK,
	MODEL_SCOPE_HOST,
	/* Observed: one that no route of ours has. */
	MODEL_SCOPE_OTHER,
};
_Static_assert(MODEL_SCOPE_DERIVED == 0, "a route has it unless it declares another");

/* Linux ip_metrics_convert() lowers what is higher. */
#define MODEL_ROUTE_MTU_MAX    65520U
#define MODEL_ROUTE_ADVMSS_MAX 65495U

#define MODEL_ROUTE_HOPS_MAX   8
#define MODEL_ROUTE_WEIGHT_MAX 256U

struct model_hop {
	struct ip_addr via;
	uint16_t weight; /* 1 to MODEL_ROUTE_WEIGHT_MAX */
};

struct model_route {
	enum model_route_type type;
	struct ip_prefix to; /* host bits clear */
	struct ip_addr via;  /* none: on-link */
	/* Of several gateways 'via' is the first, and these are the others, sorted by
	 * address: packets go by one or another, in proportion to the weights. */
	struct model_hop more[MODEL_ROUTE_HOPS_MAX - 1];
	uint8_t n_more;
	uint16_t weight;     /* of 'via'; 0 if it is the only one */
	struct ip_addr from; /* preferred source; none: the kernel chooses */
	uint32_t metric;     /* 0: the kernel's default */
	uint32_t table;      /* never 0 */
	uint32_t mtu;        /* bytes; 0: that of the device */
	uint32_t advmss; /* bytes, announced to peers of TCP; 0: follows from the MTU */
	enum model_route_scope scope;
	/* No gateway need be in a subnet of the device (ip route ... onlink). */
	bool on_link;
	/* Observed: its protocol number is not ours. */
	bool seen_foreign;
	/* Observed, of a foreign one: it is by another device than the one that it is listed
	 * with, or has something that no route of ours can have. */
	bool seen_apart;
	/* Observed, of a foreign one: the device that it is by; 0: none, or several. Of one of
	 * ours: 0, or the device that a master with `match` has left with it. */
	uint32_t seen_ifindex;
};
/* Compares by key, which is unique in a namespace: family, table, destination, metric. */
int model_route_key_cmp(const struct model_route *a, const struct model_route *b);
bool model_route_equals(const struct model_route *a, const struct model_route *b);
/* Those of the main table in another one; all of them as they are if 'table' is 0. Sorted.
 * From the arena, or 'routes' itself. */
const struct model_route *model_routes_in_table(struct arena *a,
						const struct model_route *routes,
						size_t n, uint32_t table);
/* The canonical text, in the syntax of `ip route`, without what is the kernel's default:
 * "default via 10.0.0.1 metric 100", "blackhole 10.9.0.0/16". A default route of IPv6
 * without a gateway is "::/0", since "default" alone means IPv4. From the arena. */
const char *model_route_text(struct arena *a, const struct model_route *r);
/* True if it has no device. */
bool model_route_is_reject(const struct model_route *r);
/* "blackhole"; "" for MODEL_ROUTE_UNICAST. */
const char *model_route_type_name(enum model_route_type type);
/* Also of "unicast". False if there is no type of this name. */
bool model_route_type_from_name(const char *name, enum model_route_type *ret_type);
/* How many gateways: 0 if it is on-link. */
size_t model_route_n_hops(const struct model_route *r);
struct model_hop model_route_hop(const struct model_route *r, size_t i);
/* 'n' hops in any order, none of them twice, at most MODEL_ROUTE_HOPS_MAX. Sorts them. */
void model_route_set_hops(struct model_route *r, struct model_hop *hops, size_t n);
/* DERIVED if it is what the route has without one. */
enum model_route_scope model_route_scope_of(const struct model_route *r,
					    enum model_route_scope scope);
/* "global", "link", "host"; "" for the others. */
const char *model_route_scope_name(enum model_route_scope scope);
/* False if there is no scope of this name. */
bool model_route_scope_from_name(const char *name, enum model_route_scope *ret_scope);

#endif
