/* Steps for a slave's device and sysctls, once its fate is settled. Its addresses are
 * plan_addr.c's. */
#include "datapath/plan/plan_context.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

bool slave_is_kept(const struct slave_work *s)
{
	return s->fate == FATE_KEEP || s->fate == FATE_RENAME;
}

bool slave_will_exist(const struct slave_work *s)
{
	return slave_is_kept(s) || s->fate == FATE_MAKE || s->fate == FATE_REMAKE;
}

/* A namespace that goes takes its devices along, but in the background: whoever needs one
 * of their addresses at once deletes the device first (kernel.md 7). */
static bool goes_with_space(const struct plan_work *w, const struct slave_work *s)
{
	const struct space_work *space = find_space(w, s->netns);

	if (!space || !space->del)
		return false;
	for (size_t i = 0; i < s->have->n_addresses; i++) {
		if (is_claimed(w, &s->have->addresses[i].addr))
			return false;
	}
	return true;
}

static void draft_device_removal(struct plan_work *w, struct slave_work *s)
{
	if (s->master->vlan_del && s->have->seen.is_on_master) {
		s->removal = s->master->vlan_del;
		s->n_steps++;
	} else if (goes_with_space(w, s)) {
		s->removal = find_space(w, s->netns)->del;
		s->n_steps++;
	} else {
		s->removal = draft_new(w, PLAN_OP_LINK_DEL, s->master, s, s->why);
		s->removal->step.is_disruptive = true;
	}
	for (size_t i = 0; i < s->have->n_addresses; i++)
		note_freed(w, &s->have->addresses[i].addr, s->removal);
}

/* Routes of a device under another name, and the strangers' that were seen where it
 * belongs. */
static void join_routes(struct plan_work *w, struct route_set *r,
			const struct slave_work *s)
{
	const struct model_slave *have = s->have, *found = s->found;
	struct model_route *joined;

	joined = arena_array(w->arena, have->n_routes + r->n_have, sizeof(*joined));
	for (size_t i = 0; i < have->n_routes; i++)
		joined[i] = have->routes[i];
	for (size_t i = 0; found && i < found->n_routes; i++)
		joined[have->n_routes + i] = found->routes[i];
	r->have = joined;
	r->n_have += have->n_routes;
}

static struct route_set slave_routes(struct plan_work *w, const struct slave_work *s)
{
	struct route_set r = {.want = s->want->routes, .n_want = s->want->n_routes};

	if (s->found && s->fate != FATE_REMAKE) {
		/* Where the device is missing, these are strangers' with a key that we
		 * want. */
		r.have = s->found->routes;
		r.n_have = s->found->n_routes;
	}
	if (s->fate == FATE_RENAME)
		join_routes(w, &r, s);
	return r;
}

void draft_slave_removals(struct plan_work *w, struct slave_work *s)
{
	if (s->fate == FATE_REMOVE || s->fate == FATE_REMAKE) {
		draft_device_removal(w, s);
	} else if (slave_is_kept(s)) {
		struct route_set routes = slave_routes(w, s);

		draft_route_removals(w, s->master, s, &routes);
		draft_address_removals(w, s);
	}
}

static void draft_link_add(struct plan_work *w, struct slave_work *s)
{
	struct space_work *space = find_space(w, s->netns);
	struct master_work *m = s->master;
	struct draft *up = m->set && m->set->step.u.link.set_up ? m->set : NULL;

	s->link = draft_new(w, PLAN_OP_LINK_ADD, m, s,
			    s->fate == FATE_REMAKE ? s->why : "is missing");
	s->link->step.have = NULL;
	s->link->step.u.lost = text_lost(w, s);
	/* A master that could not be set up must be tried again, so nothing is made on it
	 * until then. */
	draft_after(s->link, up, s->removal, m->vlan_add, space ? space->add : NULL);
}

static void draft_rename(struct plan_work *w, struct slave_work *s)
{
	struct model_slave *renamed = arena_memdup(w->arena, s->have, sizeof(*s->have));

	s->link = draft_new(w, PLAN_OP_LINK_RENAME, s->master, s, s->why);
	/* Later steps find it under the name that it has then. */
	renamed->netns = s->want->netns;
	renamed->name = s->want->name;
	s->have = renamed;
}

static const struct model_sysctl *find_sysctl(const struct model_slave *s,
					      const char *key)
{
	for (size_t i = 0; i < s->n_sysctls; i++) {
		if (!strcmp(s->sysctls[i].key, key))
			return &s->sysctls[i];
	}
	return NULL;
}

/* On a new device they come one after another and before it is up: one that fails keeps
 * it down. */
static struct draft *draft_sysctls(struct plan_work *w, struct slave_work *s)
{
	bool is_new = s->fate == FATE_MAKE || s->fate == FATE_REMAKE;
	struct draft *last = NULL;

	for (size_t i = 0; i < s->want->n_sysctls; i++) {
		const struct model_sysctl *want = &s->want->sysctls[i];
		const struct model_sysctl *have =
			is_new ? NULL : find_sysctl(s->have, want->key);
		struct draft *d;
		const char *why;

		/* A value that nobody looked at is left alone, but for one under another
		 * name. */
		if (have ? !strcmp(have->value, want->value) : s->fate == FATE_KEEP)
			continue;
		if (mtu_forbids_sysctl(s, want))
			continue;
		why = have ? arena_printf(w->arena, "sysctl %s %s -> %s", want->key,
					  have->value, want->value)
			   : arena_printf(w->arena, "sysctl %s=%s is declared", want->key,
					  want->value);
		d = draft_new(w, PLAN_OP_SYSCTL_SET, s->master, s, why);
		if (is_new)
			d->step.have = NULL;
		d->step.is_precaution = !have;
		d->step.u.sysctl = *want;
		draft_after(d, is_new ? last : NULL, s->link, NULL, NULL);
		last = d;
	}
	return last;
}

static void draft_link_set(struct plan_work *w, struct slave_work *s,
			   struct draft *last_sysctl)
{
	bool is_new = s->fate == FATE_MAKE || s->fate == FATE_REMAKE;
	bool set_up = is_new ? s->want->n_sysctls > 0 : !s->have->seen.is_up;
	struct master_work *m = s->master;
	uint32_t want = s->want->mtu ? s->want->mtu : m->mtu, have = want;
	const char *why = !set_up ? "" : is_new ? "is made" : "is down";

	/* A new one is made with its MTU. A master's change overwrites every slave's
	 * (kernel.md 6). */
	if (!is_new)
		have = m->mtu != m->have->seen.mtu ? m->mtu : s->have->seen.mtu;
	if (!want) /* a master whose MTU is not known */
		want = have;
	if (!set_up && want == have)
		return;
	if (want != have)
		why = arena_printf(w->arena, "%s%smtu %u -> %u", why, *why ? ", " : "",
				   have, want);
	s->up = draft_new(w, PLAN_OP_LINK_SET, m, s, why);
	if (is_new)
		s->up->step.have = NULL;
	s->up->step.is_precaution = !set_up && want == s->have->seen.mtu;
	s->up->step.u.link.set_up = set_up;
	s->up->step.u.link.mtu = want != have ? want : 0;
	draft_after(s->up, is_new ? last_sysctl : NULL, s->link, m->set, NULL);
}

void draft_slave_creations(struct plan_work *w, struct slave_work *s)
{
	struct route_set routes;

	if (!slave_will_exist(s))
		return;
	routes = slave_routes(w, s);
	if (s->fate == FATE_RENAME)
		draft_rename(w, s);
	else if (!slave_is_kept(s))
		draft_link_add(w, s);
	draft_link_set(w, s, draft_sysctls(w, s));
	draft_address_creations(w, s);
	draft_route_creations(w, s->master, s, &routes, addresses_take_routes(s));
	judge_mtu(w, s);
	if (slave_is_kept(s))
		find_bad_addresses(w, s);
}
