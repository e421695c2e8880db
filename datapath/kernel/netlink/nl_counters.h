/* The counters of a link (IFLA_STATS64). */
#ifndef DATAPATH_KERNEL_NETLINK_NL_COUNTERS_H
#define DATAPATH_KERNEL_NETLINK_NL_COUNTERS_H 1

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <stdbool.h>

/* Of an RTM_NEWLINK; false if it has none. */
bool nl_counters_parse(const struct nlmsghdr *h, struct rtnl_link_stats64 *ret_counters);

#endif
