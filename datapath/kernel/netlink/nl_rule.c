/* RTM_*RULE: parsing, and the messages that read, add and delete rules. */
#include "datapath/kernel/netlink/nl_rule.h"

#include "datapath/kernel/netlink/nl_addr.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

static uint32_t u32_of(const struct nlattr *attr)
{
	return mnl_attr_get_payload_len(attr) >= 4 ? mnl_attr_get_u32(attr) : 0;
}

static void parse_attr(const struct nlattr *attr, uint8_t family, struct nl_rule *r,
		       uint32_t *ret_mask)
{
	switch (mnl_attr_get_type(attr)) {
	case FRA_SRC:
		r->rule.from.addr = nl_ip_addr(family, attr);
		break;
	case FRA_DST:
		r->rule.to.addr = nl_ip_addr(family, attr);
		break;
	case FRA_PRIORITY:
		r->rule.priority = u32_of(attr);
		break;
	case FRA_FWMARK:
		r->rule.mark = u32_of(attr);
		break;
	case FRA_FWMASK:
		*ret_mask = u32_of(attr);
		break;
	case FRA_TABLE:
		r->rule.table = u32_of(attr);
		break;
	case FRA_PROTOCOL:
		r->protocol = mnl_attr_get_payload_len(attr) ? mnl_attr_get_u8(attr) : 0;
		break;
	case FRA_SUPPRESS_PREFIXLEN:
		if (u32_of(attr) != UINT32_MAX)
			r->extra = "a limit on the prefix";
		break;
	case FRA_PAD:
		break;
	case FRA_IIFNAME:
	case FRA_OIFNAME:
		r->extra = "a device";
		break;
	case FRA_IP_PROTO:
	case FRA_SPORT_RANGE:
	case FRA_DPORT_RANGE:
		r->extra = "a protocol or ports";
		break;
	default:
		r->extra = "a condition that has no key";
		break;
	}
}

/* A prefix of ours has no host bits; the kernel keeps those of others. */
static bool is_network(const struct ip_prefix *p)
{
	struct ip_prefix network = ip_prefix_network(p);

	return !ip_prefix_cmp(&network, p);
}

bool nl_rule_parse(const struct nlmsghdr *h, struct nl_rule *ret_rule)
{
	const struct fib_rule_hdr *head = mnl_nlmsg_get_payload(h);
	uint32_t mask = 0;
	struct nl_rule r = {0};
	const struct nlattr *attr;

	/* Those of multicast routing have families of their own. */
	if (mnl_nlmsg_get_payload_len(h) < sizeof(*head) ||
	    (head->family != AF_INET && head->family != AF_INET6))
		return false;
	r.rule.from =
		(struct ip_prefix){.addr.family = head->family, .len = head->src_len};
	r.rule.to = (struct ip_prefix){.addr.family = head->family, .len = head->dst_len};
	r.rule.tos = head->tos;
	r.rule.table = head->table;
	nl_attr_for_each (attr, h, sizeof(*head))
		parse_attr(attr, head->family, &r, &mask);
	if (head->action != FR_ACT_TO_TBL)
		r.extra = "another action than a table";
	else if (head->flags & FIB_RULE_INVERT)
		r.extra = "`not`";
	else if (mask != (r.rule.mark ? UINT32_MAX : 0))
		r.extra = "a mask for its mark";
	else if (!is_network(&r.rule.from) || !is_network(&r.rule.to))
		r.extra = "a host in place of a network";
	*ret_rule = r;
	return true;
}

bool nl_rule_is_configured(const struct nl_rule *r, uint8_t ours)
{
	return r->protocol == RTPROT_UNSPEC || r->protocol == RTPROT_BOOT ||
	       r->protocol == RTPROT_STATIC || r->protocol == ours;
}

struct err *nl_rule_dump(struct nl_socket *s, nl_reply_fn *fn, void *aux)
{
	struct nl_msg m;
	struct err *e;

	nl_msg_init(&m, RTM_GETRULE, NLM_F_DUMP, sizeof(struct fib_rule_hdr));
	e = nl_dump(s, &m, fn, aux);
	if (!e || e->sys_errno != EOPNOTSUPP)
		return e;
	err_free(e);
	return NULL;
}

static void put_rule(struct nl_msg *m, uint16_t type, uint16_t flags,
		     const struct model_rule *r, uint8_t protocol)
{
	struct fib_rule_hdr *head = nl_msg_init(m, type, flags, sizeof(*head));

	head->family = r->from.addr.family;
	head->src_len = r->from.len;
	head->dst_len = r->to.len;
	head->tos = r->tos;
	head->action = FR_ACT_TO_TBL;
	head->table = r->table < 256 ? (uint8_t)r->table : RT_TABLE_UNSPEC;
	if (r->from.len)
		nl_put(m, FRA_SRC, ip_addr_bytes(&r->from.addr), r->from.addr.bytes);
	if (r->to.len)
		nl_put(m, FRA_DST, ip_addr_bytes(&r->to.addr), r->to.addr.bytes);
	nl_put_u32(m, FRA_PRIORITY, r->priority);
	if (r->mark)
		nl_put_u32(m, FRA_FWMARK, r->mark);
	nl_put_u32(m, FRA_TABLE, r->table);
	nl_put_u8(m, FRA_PROTOCOL, protocol);
}

void nl_rule_msg_add(struct nl_msg *m, const struct model_rule *r, uint8_t protocol)
{
	put_rule(m, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, r, protocol);
}

void nl_rule_msg_del(struct nl_msg *m, const struct model_rule *r, uint8_t protocol)
{
	put_rule(m, RTM_DELRULE, 0, r, protocol);
}
