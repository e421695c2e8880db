/* The name of a device of the simulated kernel, its namespace, and its end (kernel.md 7,
 * 24). */
#include "datapath/sim/twin/twin_link_place.h"

#include "datapath/sim/twin/twin_label.h"
#include "datapath/sim/twin/twin_addr.h"
#include "datapath/sim/twin/twin_event.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_link_state.h"
#include "lib/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool twin_link_can_rename(const struct twin_world *w, const struct twin_link *l)
{
	return !l->is_up || w->kernel_version >= TWIN_LIVE_RENAME;
}

/* Takes 'name'. */
static void put_name(struct twin_world *w, struct twin_link *l, char *name)
{
	twin_link_unlist(l);
	free(l->name);
	l->name = name;
	l->showed_foreign = false;
	twin_link_list(l);
	twin_event_link(w, l);
}

/* Linux dev_change_name(): the folder of its IPv6 sysctls cannot have that name, which is
 * found out when the device has it. Without one of IPv4 the device can be. */
static struct err *rename_in_vain(struct twin_world *w, struct twin_link *l, char *name)
{
	char *old = xstrdup(l->name);

	put_name(w, l, name);
	put_name(w, l, old);
	return twin_kernel_err(EINVAL, NULL);
}

struct err *twin_link_rename(struct twin_world *w, struct twin_link *l, const char *name)
{
	struct err *e;
	char *own;

	if (!twin_link_can_rename(w, l))
		return twin_kernel_err(EBUSY, NULL);
	if (!strcmp(l->name, name))
		return NULL;
	e = twin_link_pick_name(l->ns, name, &own);
	if (e)
		return e;
	if (twin_link_is_sysctl_folder(name) && l->has_ipv6)
		return rename_in_vain(w, l, own);
	put_name(w, l, own);
	twin_label_follow_name(l);
	return NULL;
}

static struct err *pick_moved_name(const struct twin_link *l, const struct twin_netns *to,
				   const char *name, char **ret_name)
{
	struct err *e = twin_link_pick_name(to, l->name, ret_name);

	if (!e || !name)
		return e;
	err_free(e);
	return twin_link_pick_name(to, name, ret_name);
}

struct err *twin_link_move(struct twin_world *w, struct twin_link *l,
			   struct twin_netns *to, const char *name)
{
	uint32_t ifindex = l->ifindex;
	struct err *e;
	char *own;

	if (twin_link_is_lo(l) || !(twin_kind_find(l->kind)->traits & TWIN_KIND_MOVES))
		return twin_kernel_err(EINVAL, NULL);
	if (to == l->ns)
		return NULL;
	e = pick_moved_name(l, to, name, &own);
	for (size_t i = 0; !e && i < l->n_alt_names; i++) {
		if (twin_link_find(to, l->alt_names[i]))
			e = twin_kernel_err(EEXIST, NULL), free(own);
	}
	if (e)
		return e;
	twin_link_down(w, l);
	if (l->controller)
		err_free(twin_link_control(w, l, NULL));
	if (twin_link_find_index(to, l->ifindex))
		ifindex = twin_link_free_index(to);
	twin_addr_drop_all(w, l);
	/* The message in the old namespace has an id of the new one. */
	to->is_known |= !*l->ns->name;
	twin_event_gone(w, l, ifindex);
	twin_link_unlist(l);
	l->ns = to;
	free(l->name);
	l->name = own;
	l->showed_foreign = false;
	l->ifindex = ifindex;
	l->has_ipv6 =
		l->mtu >= MODEL_IPV6_MTU_MIN && !twin_link_is_sysctl_folder(l->name);
	twin_link_list(l);
	twin_event_added(w, l);
	return NULL;
}

static void release_ports(struct twin_world *w, const struct twin_link *controller)
{
	struct twin_link *l, *next;

	HASH_ITER (hh, controller->ns->links, l, next) {
		if (l->controller == controller)
			err_free(twin_link_control(w, l, NULL));
	}
}

void twin_link_del(struct twin_world *w, struct twin_link *l)
{
	struct twin_link *peer = l->peer, *lower = l->lower;

	while (l->uppers)
		/* NOLINT(clang-analyzer-unix.Malloc): it removes itself from the list */
		twin_link_del(w, l->uppers);
	if (l->is_up) {
		l->is_up = false;
		twin_event_link(w, l);
	}
	twin_addr_drop_all(w, l);
	if (twin_link_is_controller(l))
		release_ports(w, l);
	twin_event_gone(w, l, 0);
	if (lower) {
		twin_link_unstack(l);
		twin_event_link(w, lower);
	}
	twin_link_unlist(l);
	twin_link_ports_changed(w, l->controller);
	if (peer) {
		peer->peer = l->peer = NULL;
		twin_link_del(w, peer);
	}
	twin_link_free(l);
}
