/* The words for each kind of step. What was found is part of a line only where it
 * explains more than the act does: an address that is added was missing. */
#include "datapath/plan/plan_text.h"

#include "datapath/link_type.h"

#include <assert.h>
#include <string.h>

static const char *const op_names[PLAN_OP_N] = {
	[PLAN_OP_RULE_DEL] = "rule_del",           [PLAN_OP_RULE_ADD] = "rule_add",
	[PLAN_OP_ROUTE_DEL] = "route_del",         [PLAN_OP_ADDR_DEL] = "addr_del",
	[PLAN_OP_LINK_DEL] = "link_del",           [PLAN_OP_NETNS_DEL] = "netns_del",
	[PLAN_OP_MASTER_DEL] = "master_del",       [PLAN_OP_NETNS_ADD] = "netns_add",
	[PLAN_OP_MASTER_ADD] = "master_add",       [PLAN_OP_MASTER_SET] = "master_set",
	[PLAN_OP_PORT_SET] = "port_set",           [PLAN_OP_LINK_ADD] = "link_add",
	[PLAN_OP_LINK_RENAME] = "link_rename",     [PLAN_OP_SYSCTL_SET] = "sysctl_set",
	[PLAN_OP_LINK_SET] = "link_set",           [PLAN_OP_ADDR_ADD] = "addr_add",
	[PLAN_OP_ROUTE_ADD] = "route_add",         [PLAN_OP_RESOLV_SET] = "resolv_set",
	[PLAN_OP_ALTNAME_DEL] = "altname_del",     [PLAN_OP_ALTNAME_ADD] = "altname_add",
	[PLAN_OP_ALIAS_SET] = "alias_set",         [PLAN_OP_LINK_ADOPT] = "link_adopt",
	[PLAN_OP_LINK_RELEASE] = "link_release",   [PLAN_OP_ROUTE_ADOPT] = "route_adopt",
	[PLAN_OP_ROUTE_RELEASE] = "route_release", [PLAN_OP_RULE_ADOPT] = "rule_adopt",
	[PLAN_OP_RULE_RELEASE] = "rule_release",   [PLAN_OP_VRF_SET] = "vrf_set",
};
_Static_assert(sizeof(op_names) / sizeof(op_names[0]) == PLAN_OP_N, "a name for each op");

const char *plan_op_name(enum plan_op op)
{
	assert(op < PLAN_OP_N);
	return op_names[op];
}

static const char *master_label(struct arena *a, const struct plan_step *s)
{
	return model_master_label(a, s->matched ? s->matched : s->master);
}

const char *plan_text_object(struct arena *a, const struct plan_step *s)
{
	if (s->netns)
		return *s->netns->name ? s->netns->name : "this host";
	if ((s->op == PLAN_OP_PORT_SET && !s->want) || (!s->want && !s->have))
		return master_label(a, s);
	return model_slave_label(a, s->want ? s->want : s->have);
}

/* ": is not declared"; "" where 'obvious' is the reason. */
static const char *because(struct arena *a, const struct plan_step *s,
			   const char *obvious)
{
	return !*s->why || !strcmp(s->why, obvious) ? ""
						    : arena_printf(a, ": %s", s->why);
}

static const char *port(struct arena *a, uint8_t mode, uint8_t flag)
{
	char m[8], f[8];

	return arena_printf(a, "%s %s", model_mode_name(mode, m),
			    model_flag_name(flag, f));
}

static const char *text_port_set(struct arena *a, const struct plan_step *s)
{
	const struct model_master *m = s->master;
	uint8_t mode = (uint8_t)m->mode, flag = (uint8_t)m->flag;
	const char *object = plan_text_object(a, s);
	char was[8], is[8];

	if (mode != s->u.port.mode && flag != s->u.port.flag)
		return arena_printf(a, "~ set mode and flag of %s: %s -> %s", object,
				    port(a, s->u.port.mode, s->u.port.flag),
				    port(a, mode, flag));
	if (mode != s->u.port.mode)
		return arena_printf(a, "~ set mode of %s: %s -> %s", object,
				    model_mode_name(s->u.port.mode, was),
				    model_mode_name(mode, is));
	return arena_printf(a, "~ set flag of %s: %s -> %s", object,
			    model_flag_name(s->u.port.flag, was),
			    model_flag_name(flag, is));
}

/* "1500 -> 1400"; "1400" if the MTU before is unknown. */
static const char *text_mtu(struct arena *a, const struct plan_step *s)
{
	return s->u.link.mtu_was
		       ? arena_printf(a, "%u -> %u", s->u.link.mtu_was, s->u.link.mtu)
		       : arena_printf(a, "%u", s->u.link.mtu);
}

static const char *text_link_set(struct arena *a, const struct plan_step *s)
{
	const char *object = plan_text_object(a, s);
	const char *arp = s->u.link.has_arp ? "off -> on" : "on -> off";
	const char *text;

	if (!s->u.link.set_up && !s->u.link.mtu)
		return arena_printf(a, "~ set arp of %s: %s", object, arp);
	if (!s->u.link.mtu)
		text = arena_printf(a, "~ set %s up", object);
	else
		text = arena_printf(a,
				    s->u.link.set_up ? "~ set %s up, mtu %s"
						     : "~ set mtu of %s: %s",
				    object, text_mtu(a, s));
	return s->u.link.flips_arp ? arena_printf(a, "%s, arp %s", text, arp) : text;
}

static const char *text_sysctl(struct arena *a, const struct plan_step *s)
{
	/* "" is a file that is not there: IPv6 is off on the device. */
	const char *was = s->u.sysctl_was && *s->u.sysctl_was ? s->u.sysctl_was : NULL;

	return arena_printf(a,
			    was ? "~ set sysctl %s of %s: %s -> %s"
				: "~ set sysctl %s of %s%s to %s",
			    s->u.sysctl.key, plan_text_object(a, s), was ? was : "",
			    s->u.sysctl.value);
}

/* The slaves in a namespace of ours go with it, without steps of their own. */
static const char *text_netns_del(struct arena *a, const struct plan_step *s)
{
	return arena_printf(a, "- delete namespace %s%s%s", s->netns->name,
			    s->loss ? " with its slaves" : "", because(a, s, ""));
}

static const char *text_resolv(struct arena *a, const struct plan_step *s)
{
	const struct model_slave *of = s->want ? s->want : s->have;
	const char *netns = s->netns ? s->netns->name : of->netns;
	const char *act = "~ rewrite";

	if (s->want && s->want->intent == MODEL_RELEASED)
		return arena_printf(a, "~ release /etc/netns/%s/resolv.conf", netns);
	if (!*s->u.resolv_conf)
		act = "- delete";
	else if (!s->have || !*s->have->seen.resolv_conf)
		act = "+ add";
	return arena_printf(a, "%s /etc/netns/%s/resolv.conf", act, netns);
}

static const char *text_add(struct arena *a, const struct plan_step *s)
{
	const struct link_type *t = link_type_of(s->master);
	const char *name = t == &link_type_ipvlan ? "" : t->id.name;

	return arena_printf(a, "+ add slave %s on %s (%s%s%s)", plan_text_object(a, s),
			    master_label(a, s), name, *name ? " " : "",
			    port(a, (uint8_t)s->master->mode, (uint8_t)s->master->flag));
}

static const char *kind_text(const char *kind)
{
	return strcmp(kind, "vlan") != 0 ? kind : "VLAN";
}

static const char *text_device_del(struct arena *a, const struct plan_step *s)
{
	bool is_slave = s->op == PLAN_OP_LINK_DEL;

	return arena_printf(
		a, "- delete %s %s%s", is_slave ? "slave" : kind_text(s->u.kind),
		is_slave ? model_slave_label(a, s->have) : plan_text_object(a, s),
		because(a, s, ""));
}

static const char *text_master_add(struct arena *a, const struct plan_step *s)
{
	const char *object = plan_text_object(a, s);

	if (!*s->master->vlan_link)
		return arena_printf(a, "+ add %s %s", model_master_made_kind(s->master),
				    object);
	return arena_printf(a, "+ add VLAN %s (id %u on %s)", object, s->master->vlan_id,
			    s->master->vlan_link);
}

/* What is found may differ: "~ adopt route default via 10.0.0.1 of ns1/a: was default". */
static const char *text_route_adopt(struct arena *a, const struct plan_step *s)
{
	const struct model_route *was = s->u.route_was;

	return arena_printf(a, "~ adopt route %s of %s%s%s",
			    model_route_text(a, &s->u.route), plan_text_object(a, s),
			    was ? ": was " : "", was ? model_route_text(a, was) : "");
}

/* A device of a kind that ipvl makes is no longer there without its row. */
static const char *text_link_transfer(struct arena *a, const struct plan_step *s,
				      const char *verb)
{
	bool is_slave = s->want || s->have;
	const char *kind =
		is_slave ? "slave" : kind_text(model_master_made_kind(s->master));
	bool is_adoption = s->op == PLAN_OP_LINK_ADOPT;

	return arena_printf(a, "~ %s %s %s%s", verb, kind, plan_text_object(a, s),
			    !is_slave && is_adoption ? ": it will be deleted with its row"
						     : "");
}

static const char *text_transfer(struct arena *a, const struct plan_step *s)
{
	if (s->op == PLAN_OP_LINK_ADOPT)
		return text_link_transfer(a, s, "adopt");
	if (s->op == PLAN_OP_LINK_RELEASE)
		return text_link_transfer(a, s, "release");
	if (s->op == PLAN_OP_ROUTE_ADOPT)
		return text_route_adopt(a, s);
	if (s->op == PLAN_OP_ROUTE_RELEASE)
		return arena_printf(a, "~ release route %s of %s",
				    model_route_text(a, &s->u.route),
				    plan_text_object(a, s));
	return arena_printf(a, "~ %s rule %s of %s",
			    s->op == PLAN_OP_RULE_ADOPT ? "adopt" : "release",
			    model_rule_text(a, &s->u.rule), plan_text_object(a, s));
}

static const char *text_route(struct arena *a, const struct plan_step *s, const char *act,
			      const char *preposition)
{
	return arena_printf(a, "%s route %s %s %s%s", act,
			    model_route_text(a, &s->u.route), preposition,
			    plan_text_object(a, s), because(a, s, "is missing"));
}

static const char *text_rule(struct arena *a, const struct plan_step *s, const char *act,
			     const char *preposition)
{
	return arena_printf(a, "%s rule %s %s %s%s", act, model_rule_text(a, &s->u.rule),
			    preposition, plan_text_object(a, s),
			    because(a, s, "is missing"));
}

static const char *text_address(struct arena *a, const struct plan_step *s,
				const char *act, const char *preposition)
{
	const struct model_address_options *o = s->u.address_options;
	char buf[IP_TEXT_BYTES];

	return arena_printf(a, "%s address %s%s%s %s %s%s", act,
			    ip_prefix_format(&s->u.address, buf), o ? " " : "",
			    o ? model_address_options_text(a, o) : "", preposition,
			    plan_text_object(a, s), because(a, s, "is missing"));
}

/* The address stays while the step corrects what belongs to it. */
static bool is_mended(const struct plan_step *s)
{
	unsigned int notes =
		s->have && model_has_address(s->have, &s->u.address)
			? model_address_notes(s->want, s->have, &s->u.address)
			: 0;

	return notes && !model_address_is_spoilt(&s->u.address, notes);
}

static const char *text_address_add(struct arena *a, const struct plan_step *s)
{
	return is_mended(s) ? text_address(a, s, "~ restore", "of")
			    : text_address(a, s, "+ add", "to");
}

static const char *text_altname(struct arena *a, const struct plan_step *s,
				const char *act, const char *preposition)
{
	return arena_printf(a, "%s alternative name %s %s %s%s", act, s->u.altname,
			    preposition, plan_text_object(a, s),
			    because(a, s, "is missing"));
}

static const char *text_vrf(struct arena *a, const struct plan_step *s)
{
	return arena_printf(a, "~ set VRF of %s: %s", plan_text_object(a, s), s->why);
}

static const char *text_alias(struct arena *a, const struct plan_step *s)
{
	const char *object = plan_text_object(a, s);

	return *s->u.alias ? arena_printf(a, "~ set alias of %s to \"%s\"", object,
					  s->u.alias)
			   : arena_printf(a, "- delete alias of %s", object);
}

const char *plan_text_step(struct arena *a, const struct plan_step *s)
{
	const char *object = plan_text_object(a, s);

	switch (s->op) {
	case PLAN_OP_RULE_DEL:
		return text_rule(a, s, "- delete", "from");
	case PLAN_OP_RULE_ADD:
		return text_rule(a, s, "+ add", "to");
	case PLAN_OP_ROUTE_DEL:
		return text_route(a, s, "- delete", "from");
	case PLAN_OP_ADDR_DEL:
		return text_address(a, s, "- delete", "from");
	case PLAN_OP_LINK_DEL:
	case PLAN_OP_MASTER_DEL:
		return text_device_del(a, s);
	case PLAN_OP_NETNS_DEL:
		return text_netns_del(a, s);
	case PLAN_OP_NETNS_ADD:
		return arena_printf(a, "+ add namespace %s%s", object,
				    because(a, s, "is missing"));
	case PLAN_OP_MASTER_ADD:
		return text_master_add(a, s);
	case PLAN_OP_MASTER_SET:
	case PLAN_OP_LINK_SET:
		return text_link_set(a, s);
	case PLAN_OP_PORT_SET:
		return text_port_set(a, s);
	case PLAN_OP_LINK_ADD:
		return text_add(a, s);
	case PLAN_OP_LINK_RENAME:
		return arena_printf(a, "~ rename slave %s to %s",
				    model_slave_label(a, s->have), s->want->name);
	case PLAN_OP_SYSCTL_SET:
		return text_sysctl(a, s);
	case PLAN_OP_ALTNAME_DEL:
		return text_altname(a, s, "- delete", "of");
	case PLAN_OP_ALTNAME_ADD:
		return text_altname(a, s, "+ add", "to");
	case PLAN_OP_ALIAS_SET:
		return text_alias(a, s);
	case PLAN_OP_VRF_SET:
		return text_vrf(a, s);
	case PLAN_OP_ADDR_ADD:
		return text_address_add(a, s);
	case PLAN_OP_ROUTE_ADD:
		return text_route(a, s, "+ add", "to");
	case PLAN_OP_RESOLV_SET:
		return text_resolv(a, s);
	case PLAN_OP_LINK_ADOPT:
	case PLAN_OP_ROUTE_ADOPT:
	case PLAN_OP_RULE_ADOPT:
	case PLAN_OP_LINK_RELEASE:
	case PLAN_OP_ROUTE_RELEASE:
	case PLAN_OP_RULE_RELEASE:
		return text_transfer(a, s);
	case PLAN_OP_N:
		assert(!"an op");
	}
	return "";
}

const char *plan_text(struct arena *a, const struct plan *plan)
{
	const char *text = "";

	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct plan_step *s = &plan->steps[i];

		text = arena_printf(a, "%s%s%s\n", text, plan_text_step(a, s),
				    s->loss ? " (disruptive)" : "");
	}
	return text;
}
