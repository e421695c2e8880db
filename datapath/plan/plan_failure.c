/* A sentence for each kind of step. It names the device with its namespace, also where
 * that is the master's. */
#include "datapath/plan/plan_failure.h"

#include "datapath/link_type.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *slave_label(struct arena *a, const struct plan_step *s)
{
	const struct model_slave *slave = s->want ? s->want : s->have;

	return *slave->netns || !*s->master->netns
		       ? model_slave_label(a, slave)
		       : arena_printf(a, "%s/%s", s->master->netns, slave->name);
}

/* The device of a step that may be on a master or on a slave. */
static const char *device_label(struct arena *a, const struct plan_step *s)
{
	if (s->netns)
		return *s->netns->name ? s->netns->name : "this host";
	return s->want || s->have ? slave_label(a, s) : model_master_label(a, s->master);
}

static const char *of_address(struct arena *a, const struct plan_step *s,
			      const char *verb, const char *where)
{
	char buf[IP_TEXT_BYTES];

	return arena_printf(a, "cannot %s the address %s %s %s", verb,
			    ip_prefix_format(&s->u.address, buf), where,
			    device_label(a, s));
}

static const char *of_route(struct arena *a, const struct plan_step *s, const char *verb,
			    const char *where)
{
	return arena_printf(a, "cannot %s the route %s %s %s", verb,
			    model_route_text(a, &s->u.route), where, device_label(a, s));
}

static const char *of_rule(struct arena *a, const struct plan_step *s, const char *verb,
			   const char *where)
{
	return arena_printf(a, "cannot %s the rule %s %s %s", verb,
			    model_rule_text(a, &s->u.rule), where, device_label(a, s));
}

static const char *of_altname(struct arena *a, const struct plan_step *s)
{
	bool is_new = s->op == PLAN_OP_ALTNAME_ADD;

	return arena_printf(a, "cannot %s the alternative name %s %s %s",
			    is_new ? "add" : "remove", s->u.altname,
			    is_new ? "to" : "from", slave_label(a, s));
}

static const char *master_name(struct arena *a, const struct plan_step *s)
{
	return s->matched ? model_master_label(a, s->matched) : s->master->name;
}

static const char *of_transfer(struct arena *a, const struct plan_step *s)
{
	bool is_release = s->op == PLAN_OP_LINK_RELEASE ||
			  s->op == PLAN_OP_ROUTE_RELEASE || s->op == PLAN_OP_RULE_RELEASE;
	const char *verb = is_release ? "give up" : "take over";

	if (s->op == PLAN_OP_ROUTE_ADOPT || s->op == PLAN_OP_ROUTE_RELEASE)
		return of_route(a, s, verb, "of");
	if (s->op == PLAN_OP_RULE_ADOPT || s->op == PLAN_OP_RULE_RELEASE)
		return of_rule(a, s, verb, "of");
	return arena_printf(a, "cannot %s %s", verb, device_label(a, s));
}

static const char *of_port(struct arena *a, const struct plan_step *s)
{
	char mode[8], flag[8];

	return arena_printf(a, "cannot set %s to %s %s",
			    s->want ? slave_label(a, s) : master_name(a, s),
			    model_mode_name((uint8_t)s->master->mode, mode),
			    model_flag_name((uint8_t)s->master->flag, flag));
}

static const char *of_new_slave(struct arena *a, const struct plan_step *s)
{
	return arena_printf(a, "cannot make the %s %s on %s",
			    link_type_of(s->master)->kind, slave_label(a, s),
			    master_name(a, s));
}

static const char *of_new_master(struct arena *a, const struct model_master *m)
{
	if (*m->vlan_link)
		return arena_printf(a, "cannot make the VLAN %s on %s", m->name,
				    m->vlan_link);
	return arena_printf(a, "cannot make the %s %s", model_master_made_kind(m),
			    model_master_label(a, m));
}

static const char *of_alias_or_vrf(struct arena *a, const struct plan_step *s)
{
	if (s->op == PLAN_OP_ALIAS_SET)
		return arena_printf(a, "cannot set the alias of %s", slave_label(a, s));
	if (*s->u.vrf)
		return arena_printf(a, "cannot make %s a member of the VRF %s",
				    slave_label(a, s), s->u.vrf);
	return arena_printf(a, "cannot take %s out of the VRF %s", slave_label(a, s),
			    s->u.vrf_was);
}

const char *plan_failure(struct arena *a, const struct plan_step *s)
{
	const struct model_slave *slave = s->want ? s->want : s->have;

	switch (s->op) {
	case PLAN_OP_ADDR_ADD:
		return of_address(a, s, "add", "to");
	case PLAN_OP_ADDR_DEL:
		return of_address(a, s, "remove", "from");
	case PLAN_OP_ROUTE_ADD:
		return of_route(a, s, "add", "to");
	case PLAN_OP_ROUTE_DEL:
		return of_route(a, s, "remove", "from");
	case PLAN_OP_RULE_ADD:
		return of_rule(a, s, "add", "to");
	case PLAN_OP_RULE_DEL:
		return of_rule(a, s, "remove", "from");
	case PLAN_OP_LINK_ADD:
		return of_new_slave(a, s);
	case PLAN_OP_MASTER_ADD:
		return of_new_master(a, s->master);
	case PLAN_OP_PORT_SET:
		return of_port(a, s);
	case PLAN_OP_SYSCTL_SET:
		return arena_printf(a, "cannot set %s of %s to %s", s->u.sysctl.key,
				    device_label(a, s), s->u.sysctl.value);
	case PLAN_OP_ALTNAME_DEL:
	case PLAN_OP_ALTNAME_ADD:
		return of_altname(a, s);
	case PLAN_OP_ALIAS_SET:
	case PLAN_OP_VRF_SET:
		return of_alias_or_vrf(a, s);
	case PLAN_OP_LINK_RENAME:
		return arena_printf(a, "cannot rename %s to %s", s->have->name,
				    s->want->name);
	case PLAN_OP_RESOLV_SET:
		return arena_printf(a, "cannot set the nameservers of %s",
				    s->netns ? s->netns->name : slave->netns);
	case PLAN_OP_NETNS_ADD:
		return arena_printf(a, "cannot make the namespace %s", s->netns->name);
	case PLAN_OP_NETNS_DEL:
		return arena_printf(a, "cannot remove the namespace %s", s->netns->name);
	case PLAN_OP_LINK_DEL:
	case PLAN_OP_MASTER_DEL:
		return arena_printf(a, "cannot delete %s", device_label(a, s));
	case PLAN_OP_LINK_SET:
	case PLAN_OP_MASTER_SET:
		return arena_printf(a, "cannot change %s", device_label(a, s));
	case PLAN_OP_LINK_ADOPT:
	case PLAN_OP_ROUTE_ADOPT:
	case PLAN_OP_RULE_ADOPT:
	case PLAN_OP_LINK_RELEASE:
	case PLAN_OP_ROUTE_RELEASE:
	case PLAN_OP_RULE_RELEASE:
		return of_transfer(a, s);
	case PLAN_OP_N:
		break;
	}
	return "cannot execute a step";
}

const char *plan_failure_hint(const struct plan_step *s, int sys_errno)
{
	/* Linux addrconf_add_dev(), fib6_nh_init(): disable_ipv6 of the device. */
	if ((s->op == PLAN_OP_ADDR_ADD || s->op == PLAN_OP_ROUTE_ADD) &&
	    sys_errno == EACCES)
		return "its sysctl ipv6.disable_ipv6 is 1: set it to 0 there or in the "
		       "row "
		       "of the slave";
	/* The master's has been lowered since it was observed. */
	if ((s->op == PLAN_OP_LINK_ADD || s->op == PLAN_OP_LINK_SET) && s->want &&
	    s->want->mtu && sys_errno == EINVAL &&
	    !link_type_has(link_type_of(s->master), LINK_FOLLOWS_MTU))
		return "its mtu cannot be above that of its master";
	return NULL;
}

struct err *plan_failure_hang(const struct model_sysctl *sysctl, uint32_t mtu)
{
	if (mtu >= MODEL_IPV6_MTU_MIN || strcmp(sysctl->key, "ipv6.disable_ipv6") != 0 ||
	    strtol(sysctl->value, NULL, 0) != 0)
		return NULL;
	return err_hint(err_new(ERR_BUSY,
				"the device has an mtu of %u, with which Linux hangs",
				mtu),
			"set an mtu of %d or more first", MODEL_IPV6_MTU_MIN);
}
