/* What changed on a device, as `ipvl-ctl drift` prints it. */
#include "datapath/kernel/events/events_text.h"

#include <string.h>

static const char *join(struct arena *a, const char *list, const char *more)
{
	return *list ? arena_printf(a, "%s, %s", list, more) : more;
}

/* Of a device that has its own. */
static const char *mode_change(struct arena *a, const struct nl_link *old,
			       const struct nl_link *new)
{
	if (!new->type || link_type_has(new->type, LINK_HAS_PORT))
		return "";
	return model_port_change(a, old->mode, old->flag, new->mode, new->flag);
}

const char *events_text_change(struct arena *a, const struct nl_link *old,
			       const struct nl_link *new)
{
	const char *mode = mode_change(a, old, new), *what = "";

	if (strcmp(old->name, new->name))
		what = join(a, what, arena_printf(a, "renamed to %s", new->name));
	if ((old->flags ^ new->flags) & IFF_UP)
		what = join(a, what, new->flags &IFF_UP ? "set up" : "set down");
	else if (nl_link_has_carrier(old) != nl_link_has_carrier(new))
		what = join(a, what,
			    nl_link_has_carrier(new) ? "has carrier" : "lost carrier");
	if (old->mtu != new->mtu)
		what = join(a, what, arena_printf(a, "mtu %u", new->mtu));
	if (old->group != new->group)
		what = join(a, what, arena_printf(a, "group %d", (int)new->group));
	if (old->upper != new->upper)
		what = join(a, what,
			    new->upper ? "is now a port" : "is no longer a port");
	if (memcmp(old->mac, new->mac, sizeof(old->mac)) != 0)
		what = join(a, what, "has another MAC address");
	if (old->texts != new->texts)
		what = join(a, what, "has other names");
	if (*mode)
		what = join(a, what, mode);
	return what;
}
