/* The address part of a plan: what is missing on a slave, what is there too much, and
 * what is there and not as it is made.
 *
 * Neighbours: plan_slave.c calls this for a slave that exists or will. Not here: what is
 * peculiar about an address, which the observation finds. */
#include "datapath/plan/plan_context.h"

#include <stdlib.h>
#include <sys/socket.h>

/* What adding the very address again puts right. */
#define MENDABLE                                                                         \
	(MODEL_ADDRESS_LIFETIME | MODEL_ADDRESS_METRIC | MODEL_ADDRESS_NO_SUBNET |       \
	 MODEL_ADDRESS_NO_LOCAL)

static const struct ip_prefix *find_address(const struct model_slave *s,
					    const struct ip_prefix *p)
{
	for (size_t i = 0; i < s->n_addresses; i++) {
		if (!ip_prefix_cmp(&s->addresses[i], p))
			return &s->addresses[i];
	}
	return NULL;
}

static bool is_spoilt(const struct slave_work *s, const struct ip_prefix *p)
{
	const struct model_address_seen *seen = model_find_noted(s->have, p);

	return seen && model_address_is_spoilt(seen);
}

bool slave_has_address(const struct slave_work *s, const struct ip_prefix *address)
{
	return slave_is_kept(s) && find_address(s->have, address) &&
	       !is_spoilt(s, address);
}

/* Link-local addresses are the kernel's or a stranger's, unless a row declares them; so
 * are those that another program has marked as its own. */
static bool is_undeclared(const struct slave_work *s, const struct ip_prefix *p)
{
	const struct model_address_seen *seen = model_find_noted(s->have, p);

	return !ip_addr_is_link_local(&p->addr) && !find_address(s->want, p) &&
	       !(seen && seen->notes & MODEL_ADDRESS_OTHERS);
}

/* True if a step of this plan removes 'p', an address of the device that is kept. */
static bool is_removed(const struct slave_work *s, const struct ip_prefix *p)
{
	return is_undeclared(s, p) || (find_address(s->want, p) && is_spoilt(s, p));
}

void note_freed(struct plan_work *w, const struct ip_addr *addr, struct draft *by)
{
	w->freed = arena_grow(w->arena, w->freed, w->n_freed, &w->freed_cap,
			      sizeof(*w->freed));
	w->freed[w->n_freed++] = (struct freed){.addr = *addr, .by = by};
}

static int freed_find_cmp(const void *x, const void *y)
{
	const struct freed *a = x, *b = y;

	return ip_addr_cmp(&a->addr, &b->addr);
}

/* The step that frees 'addr'. The same address may be freed under two masters: any will
 * do, since it only orders what the phases order anyway. */
static struct draft *find_freed(const struct plan_work *w, const struct ip_addr *addr)
{
	struct freed key = {.addr = *addr}, *found = NULL;

	if (w->n_freed)
		found = bsearch(&key, w->freed, w->n_freed, sizeof(key), freed_find_cmp);
	return found ? found->by : NULL;
}

static const char *why_removed(struct plan_work *w, const struct slave_work *s,
			       const struct ip_prefix *p)
{
	return is_undeclared(s, p) ? text_address(w, p, "is not declared")
				   : text_noted(w, model_find_noted(s->have, p), ~0U);
}

void draft_address_removals(struct plan_work *w, struct slave_work *s)
{
	if (!s->want->addresses_managed)
		return;
	for (size_t i = 0; i < s->have->n_addresses; i++) {
		const struct ip_prefix *p = &s->have->addresses[i];
		const struct model_address_seen *seen;
		struct draft *d;

		if (!is_removed(s, p))
			continue;
		seen = model_find_noted(s->have, p);
		d = draft_new(w, PLAN_OP_ADDR_DEL, s->master, s, why_removed(w, s, p));
		d->step.u.address = *p;
		d->step.u.peer = seen ? seen->peer : (struct ip_addr){0};
		d->step.is_disruptive = true;
		note_freed(w, &p->addr, d);
	}
}

/* promote_secondaries=0: with an IPv4 address go all others of its subnet, if it was the
 * primary one, which nobody tells (kernel.md 8). The first such removal, NULL if 'p' is
 * safe. */
static const struct ip_prefix *find_risk(const struct slave_work *s,
					 const struct ip_prefix *p)
{
	struct ip_prefix net = ip_prefix_network(p);

	for (size_t i = 0; p->addr.family == AF_INET && i < s->have->n_addresses; i++) {
		const struct ip_prefix *other = &s->have->addresses[i];
		struct ip_prefix other_net = ip_prefix_network(other);

		if (is_removed(s, other) && !ip_prefix_cmp(&net, &other_net))
			return other;
	}
	return NULL;
}

bool addresses_take_routes(const struct slave_work *s)
{
	bool removes_any = false;

	if (!slave_is_kept(s) || !s->want->addresses_managed)
		return false;
	for (size_t i = 0; i < s->have->n_addresses; i++) {
		const struct ip_prefix *p = &s->have->addresses[i];

		if (p->addr.family != AF_INET)
			continue;
		if (is_removed(s, p))
			removes_any = true;
		else if (!find_risk(s, p))
			return false;
	}
	return removes_any;
}

static bool is_to_be_mended(const struct slave_work *s, const struct ip_prefix *p)
{
	const struct model_address_seen *seen = model_find_noted(s->have, p);

	return seen && seen->notes & MENDABLE;
}

/* Why a declared address is to be added, NULL if it is not. 'risk': what may take it
 * along.
 */
static const char *why_added(struct plan_work *w, const struct slave_work *s,
			     const struct ip_prefix *p, const struct ip_prefix *risk)
{
	char buf[IP_TEXT_BYTES];

	if (!slave_has_address(s, p))
		return text_address(w, p,
				    slave_is_kept(s) && find_address(s->have, p)
					    ? "is made anew"
					    : "is missing");
	if (is_to_be_mended(s, p))
		return text_noted(w, model_find_noted(s->have, p), MENDABLE);
	if (!risk)
		return NULL;
	return text_address(
		w, p,
		arena_printf(w->arena, "may go with %s", ip_prefix_format(risk, buf)));
}

void draft_address_creations(struct plan_work *w, struct slave_work *s)
{
	s->addr_adds.first = w->ops[PLAN_OP_ADDR_ADD].n;
	for (size_t i = 0; s->want->addresses_managed && i < s->want->n_addresses; i++) {
		const struct ip_prefix *p = &s->want->addresses[i];
		const struct ip_prefix *risk =
			slave_has_address(s, p) ? find_risk(s, p) : NULL;
		const char *why = why_added(w, s, p, risk);
		struct draft *d;

		if (p->addr.family == AF_INET6 && mtu_forbids_ipv6(s))
			continue;
		if (address_is_held(s, p)) {
			set_held(w, s, p);
			continue;
		}
		if (!why)
			continue;
		d = draft_new(w, PLAN_OP_ADDR_ADD, s->master, s, why);
		if (!slave_is_kept(s))
			d->step.have = NULL;
		d->step.is_precaution = risk && !is_to_be_mended(s, p);
		d->step.u.address = *p;
		draft_after(d, s->link, find_freed(w, risk ? &risk->addr : &p->addr),
			    s->up, NULL);
		s->addr_adds.n++;
	}
}

/* The first declared address that was found with one of 'notes', NULL if none was. */
static const struct ip_prefix *find_noted(const struct slave_work *s, unsigned int notes)
{
	for (size_t i = 0; i < s->want->n_addresses; i++) {
		const struct ip_prefix *p = &s->want->addresses[i];
		const struct model_address_seen *seen = model_find_noted(s->have, p);

		if (seen && seen->notes & notes)
			return p;
	}
	return NULL;
}

void find_bad_addresses(struct plan_work *w, struct slave_work *s)
{
	const struct ip_prefix *detour = find_noted(s, MODEL_ADDRESS_DETOUR);
	const struct ip_prefix *duplicate = find_noted(s, MODEL_ADDRESS_DUPLICATE);

	if (s->kind != PLAN_READY)
		return;
	if (detour) {
		/* As with every stranger's route: it is not ours to remove, and adding
		 * another behind it helps nobody. */
		s->kind = PLAN_CONFLICT;
		s->message = text_detour(w, s, detour);
	} else if (duplicate) {
		s->kind = PLAN_ERROR;
		s->message = text_duplicate(w, &duplicate->addr);
	}
}
