/* Rules of policy routing as rtnetlink reports them (Linux include/uapi/linux/fib_rules.h), and
 * the messages that read, add and delete them. */
#ifndef DATAPATH_KERNEL_NETLINK_NL_RULE_H
#define DATAPATH_KERNEL_NETLINK_NL_RULE_H 1

#include "datapath/kernel/netlink/nl_socket.h"
#include "datapath/model.h"

struct nl_rule {
	struct model_rule rule;
	uint8_t protocol; /* RTPROT_* */
	/* What it has and 'rule' cannot have: "a device"; NULL: nothing. Static. */
	const char *extra;
};

/* False for a message that is no rule of IPv4 or IPv6. */
bool nl_rule_parse(const struct nlmsghdr *h, struct nl_rule *ret_rule);
/* True for what `ip rule` and ipvl make; not for the kernel's own. */
bool nl_rule_is_configured(const struct nl_rule *r, uint8_t ours);

/* As nl_dump(), of both families. A kernel without policy routing has none. */
struct err *nl_rule_dump(struct nl_socket *s, nl_reply_fn *fn, void *aux) MUST_CHECK;
void nl_rule_msg_add(struct nl_msg *m, const struct model_rule *r, uint8_t protocol);
/* Deletes the first rule with this protocol number that does not differ in anything given
 * (model_rule_covers()). */
void nl_rule_msg_del(struct nl_msg *m, const struct model_rule *r, uint8_t protocol);

#endif
