/* RTM_GETROUTE of one destination: the message, and its answer parsed. Not a dump of routes. */
#include "datapath/kernel/netlink/nl_lookup.h"

#include "datapath/kernel/netlink/nl_addr.h"
#include "datapath/kernel/netlink/nl_route.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

bool nl_lookup_parse(const struct nlmsghdr *h, struct nl_lookup *ret_found)
{
	const struct rtmsg *msg = mnl_nlmsg_get_payload(h);
	struct nl_lookup found = {0};
	const struct nlattr *attr;

	if (h->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(h) < sizeof(*msg))
		return false;
	found.type = msg->rtm_type;
	/* Linux inet_rtm_getroute(): the table, or 0 where none had a route. */
	found.is_guessed = msg->rtm_family == AF_INET && msg->rtm_type == RTN_UNICAST &&
			   msg->rtm_table == RT_TABLE_UNSPEC;
	nl_attr_for_each (attr, h, sizeof(*msg)) {
		switch (mnl_attr_get_type(attr)) {
		case RTA_OIF:
			if (mnl_attr_get_payload_len(attr) >= sizeof(uint32_t))
				found.ifindex = mnl_attr_get_u32(attr);
			break;
		case RTA_GATEWAY:
		case RTA_VIA:
			found.via = nl_route_gateway(attr, msg->rtm_family);
			break;
		case RTA_PREFSRC:
			found.source = nl_ip_addr(msg->rtm_family, attr);
			break;
		default:
			break;
		}
	}
	*ret_found = found;
	return true;
}

void nl_lookup_msg(struct nl_msg *m, const struct ip_addr *to, const struct ip_addr *from,
		   uint32_t in, uint32_t out)
{
	struct rtmsg *msg = nl_msg_init(m, RTM_GETROUTE, 0, sizeof(*msg));

	msg->rtm_family = to->family;
	/* IPv6 refuses it (Linux inet6_rtm_valid_getroute_req()). */
	msg->rtm_flags = to->family == AF_INET ? RTM_F_LOOKUP_TABLE : 0;
	msg->rtm_dst_len = (uint8_t)ip_addr_bits(to);
	nl_put(m, RTA_DST, ip_addr_bytes(to), to->bytes);
	if (from->family) {
		msg->rtm_src_len = (uint8_t)ip_addr_bits(from);
		nl_put(m, RTA_SRC, ip_addr_bytes(from), from->bytes);
	}
	if (in)
		nl_put_u32(m, RTA_IIF, in);
	if (out)
		nl_put_u32(m, RTA_OIF, out);
}
