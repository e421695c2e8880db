/* The columns that show the device of a row: as found, and as steps left it. */
#include "reconciler/settle/settle_private.h"

#include "datapath/link_type.h"

#include <string.h>

static const char *netns_of(const struct model_slave *s, const struct model_master *m)
{
	return *s->netns ? s->netns : m->netns;
}

/* The link of such a slave is not shown, for no event about it leads to this row: it is on
 * another master, and is to go; or it was handed over, and the other program has it in another
 * namespace. */
static bool is_out_of_sight(const struct plan_verdict *v)
{
	return !v->have->seen.is_on_master ||
	       (v->slave->is_handed_over &&
		strcmp(netns_of(v->have, v->master), netns_of(v->slave, v->master)) != 0);
}

/* As found before the plan was run. */
void settle_device_found(struct settle_work *w)
{
	const struct plan_verdict *v = w->in->verdict;
	const struct model_slave *slave = v->have;
	const struct model_master *master = v->have_master;
	struct status *s = &w->out->status;

	if (v->slave && slave && slave->seen.presence == MODEL_OURS) {
		s->ifindex = slave->seen.ifindex;
		if (is_out_of_sight(v))
			return;
		s->mac = slave->seen.mac;
		s->mtu = link_type_mtu_after(link_type_of(v->master), slave->seen.mtu,
					     w->in->master_mtu);
		s->link_state =
			status_link_state(slave->seen.is_up, slave->seen.has_carrier);
	} else if (!v->slave && master && master->seen.presence != MODEL_ABSENT) {
		s->device = model_master_device(master);
		s->ifindex = master->seen.ifindex;
		s->mac = master->seen.mac;
		s->mtu = master->seen.mtu;
		s->link_state =
			status_link_state(master->seen.is_up, master->seen.has_carrier);
	}
}

/* It was made, or found. A slave may have steps without a device: those of resolv.conf. */
static bool has_device(const struct settle_case *in)
{
	const struct plan_verdict *v = in->verdict;

	if (in->steps->was_made)
		return true;
	if (v->slave)
		return v->have && v->have->seen.presence == MODEL_OURS;
	return v->have_master && v->have_master->seen.presence != MODEL_ABSENT;
}

void settle_device_done(struct settle_work *w)
{
	const struct plan_verdict *v = w->in->verdict;
	const struct step_summary *o = w->in->steps;
	struct status *s = &w->out->status;

	if (!has_device(w->in))
		return;
	if (o->was_made && v->slave) {
		s->ifindex = o->ifindex;
		s->mac = o->mac;
	}
	if (o->mtu)
		s->mtu = o->mtu;
	/* One that is handed over is the other program's to set up. */
	if (v->slave && v->slave->is_handed_over)
		s->link_state = o->was_made ? "down" : s->link_state;
	else if (!strcmp(s->link_state, "down") || !*s->link_state)
		s->link_state = "up";
}

bool settle_device_was_removed(const struct step_summary *o)
{
	return o && (o->ops & (1U << PLAN_OP_LINK_DEL)) && !o->was_made;
}
