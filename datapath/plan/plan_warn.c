/* Warnings: what keeps traffic from flowing as declared, though every step of the plan
 * succeeds, and is not ours to mend. They stand beside a verdict and change no state.
 *
 * Words are plan_message.c's. */
#include "datapath/plan/plan_context.h"

#include <string.h>

void warnings_add(struct plan_work *w, struct warnings *warnings, const char *text)
{
	for (size_t i = 0; i < warnings->n; i++) {
		if (!strcmp(warnings->texts[i], text))
			return;
	}
	warnings->texts = arena_grow(w->arena, warnings->texts, warnings->n,
				     &warnings->cap, sizeof(*warnings->texts));
	warnings->texts[warnings->n++] = text;
}

/* The kernel accepts it, and the master drops what is longer without an ICMP error
 * (kernel.md 6). */
static void warn_of_mtu(struct plan_work *w, struct slave_work *s)
{
	if (s->master->mtu && s->want->mtu > s->master->mtu)
		warnings_add(w, &s->warnings, text_mtu_above(w, s));
}

/* The slave had it first, or somebody gave it to the master since. */
static void warn_of_shared_addresses(struct plan_work *w, struct slave_work *s)
{
	for (size_t i = 0; s->want->addresses_managed && i < s->want->n_addresses; i++) {
		const struct ip_prefix *p = &s->want->addresses[i];

		if (slave_has_address(s, p) && master_holds(s, &p->addr))
			warnings_add(w, &s->warnings, text_shared_address(w, s, p));
	}
}

/* VLANs on VLANs that are looked at; a row that goes round in circles ends here. */
#define MAX_VLAN_DEPTH 8

/* The lowest device that is as 'is_ill' finds: what is the matter with it is the matter
 * with each VLAN above it. */
static const struct model_master *find_root(const struct plan_work *w,
					    const struct model_master *m,
					    bool (*is_ill)(const struct model_master *m))
{
	for (int depth = 0; depth < MAX_VLAN_DEPTH && *m->vlan_link; depth++) {
		const struct model_master *link =
			model_find_master(w->have, m->netns, m->vlan_link);

		if (!link || link->seen.presence == MODEL_ABSENT || !is_ill(link))
			break;
		m = link;
	}
	return m;
}

static bool is_down(const struct model_master *m)
{
	return !m->seen.is_up;
}

static bool has_no_carrier(const struct model_master *m)
{
	return m->seen.is_up && !m->seen.has_carrier;
}

/* A slave of ours is on it, or will be. Without one, nobody misses anything. */
static bool is_in_use(const struct master_work *m)
{
	for (size_t i = 0; i < m->n_slaves; i++) {
		if (m->slaves[i].want && slave_will_exist(&m->slaves[i]))
			return true;
	}
	return false;
}

/* Down by hand: it is not ours to set up again (plan_master.c). A device that this plan
 * sets up is looked at again once it is. */
static void warn_of_master(struct plan_work *w, struct master_work *m)
{
	const struct model_master *root;

	if (m->kind == PLAN_CONFLICT || !m->have || m->makes_vlan || !is_in_use(m) ||
	    m->link_set || (m->set && m->set->step.u.link.set_up))
		return;
	if (is_down(m->have)) {
		root = find_root(w, m->have, is_down);
		warnings_add(w, &m->warnings, text_master_down(w, m, root));
	} else if (has_no_carrier(m->have)) {
		root = find_root(w, m->have, has_no_carrier);
		warnings_add(w, &m->warnings, text_no_carrier(w, m, root));
	}
}

void warn_all(struct plan_work *w)
{
	for (size_t i = 0; i < w->n_wanted_masters; i++) {
		struct master_work *m = &w->masters[i];

		if (!m->is_wanted)
			continue;
		warn_of_master(w, m);
		if (m->kind == PLAN_READY)
			warn_of_process(w, &m->warnings, m->want->netns);
	}
	for (size_t i = 0; i < w->n_slaves; i++) {
		struct slave_work *s = &w->slaves[i];

		if (!s->want || !slave_will_exist(s))
			continue;
		for (size_t k = 0; k < s->master->warnings.n; k++)
			warnings_add(w, &s->warnings, s->master->warnings.texts[k]);
		if (wants_resolv(s) && !is_space_name(s->netns))
			warnings_add(w, &s->warnings, text_no_resolv(w, s));
		warn_of_mtu(w, s);
		warn_of_shared_addresses(w, s);
		warn_of_process(w, &s->warnings, s->want->netns);
	}
}
