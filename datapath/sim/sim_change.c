/* What changed on a device, and whose it is, as `ipvl-ctl drift` prints it
 * (datapath/kernel/events/events_text.c). */
#include "datapath/sim/sim_change.h"

#include "datapath/link_type.h"

#include <string.h>

static const char *join(struct arena *a, const char *list, const char *more)
{
	return *list ? arena_printf(a, "%s, %s", list, more) : more;
}

/* Of a device that has its own. */
static const char *mode_change(struct arena *a, const struct twin_view *old,
			       const struct twin_view *new)
{
	const struct link_type *t = link_type_find_kind(new->kind);

	if (!t || link_type_has(t, LINK_HAS_PORT))
		return "";
	return model_port_change(a, old->mode, old->flag, new->mode, new->flag);
}

const char *sim_change_text(struct arena *a, const struct twin_view *old,
			    const struct twin_view *new)
{
	const char *mode = mode_change(a, old, new), *what = "";

	if (strcmp(old->name, new->name) != 0)
		what = join(a, what, arena_printf(a, "renamed to %s", new->name));
	if (old->is_up != new->is_up)
		what = join(a, what, new->is_up ? "set up" : "set down");
	else if (old->has_carrier != new->has_carrier)
		what = join(a, what, new->has_carrier ? "has carrier" : "lost carrier");
	if (old->mtu != new->mtu)
		what = join(a, what, arena_printf(a, "mtu %u", new->mtu));
	if (old->group != new->group)
		what = join(a, what, arena_printf(a, "group %d", (int)new->group));
	if (old->has_controller != new->has_controller)
		what = join(a, what,
			    new->has_controller ? "is now a port"
						: "is no longer a port");
	if (memcmp(old->mac, new->mac, sizeof(old->mac)) != 0)
		what = join(a, what, "has another MAC address");
	if (old->texts != new->texts)
		what = join(a, what, "has other names");
	if (*mode)
		what = join(a, what, mode);
	return what;
}

const char *sim_change_stranger(struct arena *a, const struct sim_text *t,
				const struct twin_view *v)
{
	return arena_printf(a, "the %s %s%s%s%s, which is not ours", v->kind,
			    t ? t->text : "", t && *t->text ? "/" : "", v->name,
			    t ? "" : " of another namespace");
}
