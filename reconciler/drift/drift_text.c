/* A step of a plan as the table Drift describes what made it necessary. */
#include "reconciler/drift/drift_text.h"

#include <string.h>

static const char *port(const struct plan_step *s, struct arena *a)
{
	return model_port_change(a, (uint8_t)s->master->mode, (uint8_t)s->master->flag,
				 s->u.port.mode, s->u.port.flag);
}

/* A master that ipvl did not make is set up for what is made on it. One that is set down later
 * stays down. */
static bool was_set_down(const struct plan_step *s, const struct model_master *found)
{
	return s->u.link.set_up && (s->op == PLAN_OP_LINK_SET ||
				    (found && found->seen.presence == MODEL_OURS));
}

/* MASTER_SET and LINK_SET: what was done to the device. */
static const char *link_state(const struct plan_step *s, const struct model_master *found,
			      struct arena *a)
{
	uint32_t mtu = s->have ? s->have->seen.mtu : 0;
	const char *down = was_set_down(s, found) ? DRIFT_TEXT_SET_DOWN : "";

	if (s->u.link.flips_arp)
		down = arena_printf(a, "%s%sarp %s", down, *down ? ", " : "",
				    s->u.link.has_arp ? "on -> off" : "off -> on");
	if (!s->u.link.mtu)
		return down;
	if (!mtu)
		return arena_printf(a, "%s%smtu changed", down, *down ? ", " : "");
	return arena_printf(a, "%s%smtu %u -> %u", down, *down ? ", " : "", s->u.link.mtu,
			    mtu);
}

const char *drift_text_left(const char *found, enum model_drift drift, const char *object,
			    struct arena *a)
{
	if (drift == MODEL_DRIFT_IGNORE)
		return arena_printf(a, "%s: left as it is (drift: ignore)", found);
	return arena_printf(
		a,
		"%s: left as it is (drift: report); `ipvl-ctl repair %s` puts "
		"it back",
		found, object);
}

/* Up to the first ": ", which an IPv6 address does not contain. */
const char *drift_text_warning(const char *warning, struct arena *a)
{
	char *text = arena_strdup(a, warning), *colon = strstr(text, ": ");

	if (colon)
		*colon = '\0';
	return text;
}

const char *drift_text_lost_netns(const struct model *have, const char *name,
				  struct arena *a)
{
	const struct model_netns *netns = *name ? model_find_netns(have, name) : NULL;

	return netns && !netns->seen.exists
		       ? arena_printf(a, "namespace %s removed", name)
		       : "";
}

const char *drift_text_lost_master(const struct model *model,
				   const struct model_master *want, struct arena *a)
{
	const struct model_master *have =
		model_find_master(model, want->netns, want->name);
	const char *netns = drift_text_lost_netns(model, want->netns, a);

	if (*netns)
		return netns;
	if (have && have->seen.has_moved)
		return "moved to another namespace";
	if (have && *have->seen.now_name)
		return arena_printf(a, "is now called %s (ifindex %u)",
				    have->seen.now_name, have->seen.now_ifindex);
	return model_match_is_set(&want->match) ? "no device fits any more" : "deleted";
}

static bool is_declared(const struct plan_step *s)
{
	return s->want && model_has_address(s->want, &s->u.address);
}

/* How the address that is there differs from what is declared; 0 if it is not there. */
static unsigned int notes_of(const struct plan_step *s)
{
	return s->have && model_has_address(s->have, &s->u.address)
		       ? model_address_notes(s->want, s->have, &s->u.address)
		       : 0;
}

/* An address that is there, but not as ipvl adds it: "address 10.0.0.2/24 has a metric". */
static const char *address(const struct plan_step *s, const char *what, struct arena *a)
{
	char text[IP_TEXT_BYTES];

	return arena_printf(a, "address %s %s", ip_prefix_format(&s->u.address, text),
			    what);
}

/* The step adds it. */
static const char *address_added(const struct plan_step *s, struct arena *a)
{
	unsigned int notes = notes_of(s);

	if (!notes)
		return address(s, "removed", a);
	/* The address is there, but not as declared. */
	return model_address_is_spoilt(&s->u.address, notes) ? "" : address(s, s->why, a);
}

static const char *address_deleted(const struct plan_step *s, struct arena *a)
{
	return address(s, notes_of(s) && is_declared(s) ? s->why : "added", a);
}

static const char *route_deleted(const struct plan_step *s, struct arena *a)
{
	/* The master has another device now, and nobody has added a route. */
	if (s->u.route.seen_ifindex)
		return "";
	return arena_printf(a, "route %s added", model_route_text(a, &s->u.route));
}

const char *drift_text_found(const struct plan_step *s, const struct model_master *found,
			     struct arena *a)
{
	if (s->is_precaution)
		return "";
	switch (s->op) {
	case PLAN_OP_ADDR_ADD:
		return address_added(s, a);
	case PLAN_OP_ADDR_DEL:
		return address_deleted(s, a);
	case PLAN_OP_ROUTE_ADD:
		return arena_printf(a, "route %s removed",
				    model_route_text(a, &s->u.route));
	case PLAN_OP_ROUTE_DEL:
		return route_deleted(s, a);
	case PLAN_OP_RULE_ADD:
		return arena_printf(a, "rule %s removed", model_rule_text(a, &s->u.rule));
	case PLAN_OP_RULE_DEL:
		return arena_printf(a, "rule %s added", model_rule_text(a, &s->u.rule));
	case PLAN_OP_SYSCTL_SET:
		return arena_printf(a, "sysctl %s changed", s->u.sysctl.key);
	case PLAN_OP_ALTNAME_ADD:
		return arena_printf(a, "alternative name %s removed", s->u.altname);
	case PLAN_OP_ALTNAME_DEL:
		return arena_printf(a, "alternative name %s added", s->u.altname);
	case PLAN_OP_ALIAS_SET:
		return *s->u.alias_was ? "alias changed" : "alias removed";
	case PLAN_OP_VRF_SET:
		return *s->u.vrf_was
			       ? arena_printf(a, "put into the VRF %s", s->u.vrf_was)
			       : arena_printf(a, "taken out of the VRF %s", s->u.vrf);
	case PLAN_OP_PORT_SET:
		return port(s, a);
	case PLAN_OP_MASTER_SET:
	case PLAN_OP_LINK_SET:
		return link_state(s, found, a);
	case PLAN_OP_LINK_ADD:
		return s->u.lost;
	case PLAN_OP_MASTER_ADD:
		return "deleted";
	case PLAN_OP_LINK_RENAME:
		return arena_printf(a, "renamed to %s", s->have->name);
	case PLAN_OP_RESOLV_SET:
		return "resolv.conf changed";
	/* A row asks for them, and nothing has changed. */
	case PLAN_OP_LINK_ADOPT:
	case PLAN_OP_ROUTE_ADOPT:
	case PLAN_OP_RULE_ADOPT:
	case PLAN_OP_LINK_RELEASE:
	case PLAN_OP_ROUTE_RELEASE:
	case PLAN_OP_RULE_RELEASE:
		return "";
	case PLAN_OP_LINK_DEL:
	case PLAN_OP_NETNS_DEL:
	case PLAN_OP_NETNS_ADD:
	case PLAN_OP_MASTER_DEL:
	case PLAN_OP_N:
		break;
	}
	return s->why ? s->why : "";
}
