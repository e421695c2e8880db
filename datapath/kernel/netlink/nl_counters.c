/* IFLA_STATS64, which an answer to RTM_GETLINK has (Linux rtnl_fill_stats()). Not part of
 * nl_link.c: links are read all the time, and their counters only for people. */
#include "datapath/kernel/netlink/nl_counters.h"

#include "datapath/kernel/netlink/nl_socket.h"

#include <linux/rtnetlink.h>
#include <string.h>

bool nl_counters_parse(const struct nlmsghdr *h, struct rtnl_link_stats64 *ret_counters)
{
	const struct nlattr *attr;

	if (h->nlmsg_type != RTM_NEWLINK ||
	    mnl_nlmsg_get_payload_len(h) < sizeof(struct ifinfomsg))
		return false;
	nl_attr_for_each (attr, h, sizeof(struct ifinfomsg)) {
		size_t n = mnl_attr_get_payload_len(attr);

		if (mnl_attr_get_type(attr) != IFLA_STATS64)
			continue;
		/* A later kernel appends members, an earlier one has fewer. */
		*ret_counters = (struct rtnl_link_stats64){0};
		memcpy(ret_counters, mnl_attr_get_payload(attr),
		       n < sizeof(*ret_counters) ? n : sizeof(*ret_counters));
		return true;
	}
	return false;
}
