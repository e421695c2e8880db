/* Masters with `match`: their devices, and the messages that are events of theirs, by the rules of
 * datapath/kernel/observe/observe_match.c and datapath/kernel/state/watches.c. */
#include "datapath/sim/sim_match.h"

#include "datapath/sim/sim_cache.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_route.h"
#include "datapath/sim/twin/twin_world.h"

#include <string.h>
#include <sys/socket.h>

/* RT_TABLE_MAIN. */
#define MAIN_TABLE 254

bool sim_match_is_label(const struct model_master *asked)
{
	return model_match_is_set(&asked->match);
}

static bool is_ethernet(const char *kind, const char *name)
{
	return twin_kind_find(kind)->traits & TWIN_KIND_ETHERNET &&
	       strcmp(name, "lo") != 0;
}

static bool can_be_master(const struct twin_world *w, const struct twin_link *l)
{
	return is_ethernet(l->kind, l->name) && !twin_link_is_in_port(l) &&
	       !twin_link_is_ours(w, l);
}

/* How many slaves of the master are on the device. */
static size_t count_carried(const struct sim_observation *k,
			    const struct model_master *asked, const struct twin_link *l)
{
	size_t n = 0;

	for (size_t i = 0; i < asked->n_slaves; i++) {
		const struct model_slave *s = &asked->slaves[i];
		const struct twin_netns *ns =
			twin_netns_find_alive(k->w, *s->netns ? s->netns : asked->netns);
		const struct twin_link *its = ns ? twin_link_find(ns, s->name) : NULL;

		n += its && its->lower == l && twin_link_is_slave(its) &&
		     twin_link_is_ours(k->w, its);
	}
	return n;
}

static bool is_default_route(const struct twin_route *r)
{
	return !r->route.to.len && r->route.table == MAIN_TABLE &&
	       r->type == TWIN_ROUTE_UNICAST && r->link;
}

static uint64_t order_of(const struct twin_route *r)
{
	return model_match_route_order(r->route.to.addr.family == AF_INET6,
				       r->route.metric);
}

static struct model_match_device device_of(const struct sim_observation *k,
					   const struct model_master *asked,
					   const struct twin_link *l)
{
	struct model_match_device d = {.name = l->name,
				       .kind = l->kind,
				       .bus = "",
				       .parent = "",
				       .n_carried = count_carried(k, asked, l),
				       .is_usable = l->is_up && l->has_carrier};

	memcpy(d.mac, l->mac, sizeof(d.mac));
	for (size_t i = 0; asked->match.default_route && i < l->ns->n_routes; i++) {
		const struct twin_route *r = &l->ns->routes[i];

		if (r->link != l || !is_default_route(r) ||
		    (d.has_route && d.route_order <= order_of(r)))
			continue;
		d.has_route = true;
		d.route_order = order_of(r);
	}
	return d;
}

/* Whatever the device is. */
static uint32_t first_route(const struct twin_netns *s)
{
	uint64_t least = UINT64_MAX;
	uint32_t ifindex = 0;

	for (size_t i = 0; i < s->n_routes; i++) {
		const struct twin_route *r = &s->routes[i];

		if (!is_default_route(r) || order_of(r) >= least)
			continue;
		least = order_of(r);
		ifindex = r->link->ifindex;
	}
	return ifindex;
}

static struct sim_match choose(struct sim_observation *k,
			       const struct model_master *asked,
			       const struct twin_netns *s)
{
	size_t most = HASH_COUNT(s->links), n = 0;
	struct twin_link **links = arena_array(k->a, most, sizeof(struct twin_link *));
	struct model_match_device *devices = arena_array(k->a, most, sizeof(*devices));
	struct sim_match found = {.candidates = "", .other_device = ""};
	struct model_match_choice choice;
	struct twin_link *l, *next;

	HASH_ITER (hh, s->links, l, next) {
		if (!can_be_master(k->w, l))
			continue;
		devices[n] = device_of(k, asked, l);
		links[n++] = l;
	}
	choice = model_match_choose(k->a, &asked->match, devices, n);
	found.link = choice.device < n ? links[choice.device] : NULL;
	found.candidates = choice.candidates;
	if (choice.other < n)
		found.other_device = arena_strdup(k->a, links[choice.other]->name);
	if (asked->match.default_route)
		found.route_ifindex = first_route(s);
	return found;
}

/* Of the last observation. */
static struct twin_link *find_known(const struct twin_world *w,
				    const struct twin_netns *s, const char *name)
{
	const struct sim_known *d = sim_cache_find_place(w->cache, s->id, name);

	return d && d->is_matched ? twin_link_find_index(s, d->key.ifindex) : NULL;
}

static struct sim_match of_pin(struct sim_observation *k, const struct twin_netns *s,
			       const struct sim_pin *pin)
{
	return (struct sim_match){
		.link = pin->ifindex ? twin_link_find_index(s, pin->ifindex) : NULL,
		.candidates = arena_strdup(k->a, pin->candidates),
		.other_device = arena_strdup(k->a, pin->other_device)};
}

struct sim_match sim_match_find(struct sim_observation *k,
				const struct model_master *asked, struct twin_netns *s)
{
	struct sim_match none = {.candidates = "", .other_device = ""};
	const struct sim_pin *pin;

	if (!s)
		return none;
	if (!sim_match_is_label(asked)) {
		none.link = twin_link_find(s, asked->name);
		if (asked->intent == MODEL_GONE && find_known(k->w, s, asked->name))
			none.link = find_known(k->w, s, asked->name);
		return none;
	}
	pin = sim_cache_find_pin(k->w->cache, s->id, asked->name);
	if (pin)
		return of_pin(k, s, pin);
	if (k->depth != DATAPATH_PORTS)
		return choose(k, asked, s);
	none.link = find_known(k->w, s, asked->name);
	return none;
}

void sim_match_remember(struct sim_observation *k, const struct model_master *asked,
			const struct twin_netns *s, const struct sim_match *found)
{
	struct sim_cache *cache = k->w->cache;
	struct sim_known *d;

	if (!s || k->depth == DATAPATH_PORTS)
		return;
	sim_cache_drop_watch(cache, s->id, asked->name);
	if (!sim_match_is_label(asked))
		return;
	sim_cache_add_watch(cache,
			    &(struct sim_watch){.ns = s->id,
						.name = asked->name,
						.match = asked->match,
						.is_open = *found->candidates,
						.route_ifindex = found->route_ifindex});
	d = sim_cache_find_place(cache, s->id, asked->name);
	if (d && (!found->link || d->key.ifindex != found->link->ifindex)) {
		d->place[0] = '\0';
		d->is_matched = false;
	}
	if (!found->link)
		return;
	d = sim_cache_find(cache, s->id, found->link->ifindex);
	sim_cache_set_place(cache, d, s->id, asked->name);
	d->is_matched = true;
}

void sim_match_load(struct twin_world *w, const struct model_master *have)
{
	const struct twin_netns *s = twin_netns_find_alive(w, have->netns);

	if (s && !have->seen.is_namesake)
		sim_cache_add_pin(
			w->cache,
			&(struct sim_pin){.ns = s->id,
					  .name = have->name,
					  .ifindex = have->seen.ifindex,
					  .candidates = have->seen.candidates,
					  .other_device = have->seen.other_device});
}

static bool fits(const struct sim_watch *watch, const struct twin_view *v)
{
	struct model_match_device d = {
		.name = v->name, .kind = v->kind, .bus = "", .parent = ""};

	memcpy(d.mac, v->mac, sizeof(d.mac));
	return is_ethernet(v->kind, v->name) &&
	       model_match_fit(&watch->match, &d) != MODEL_MATCH_NOT;
}

static bool concerns_link(const struct sim_watch *watch, const struct twin_view *old,
			  const struct twin_message *m)
{
	const struct twin_view *v = &m->link;
	bool is_gone = m->kind == TWIN_MSG_LINK_GONE;
	bool is_first = watch->match.default_route && v->ifindex == watch->route_ifindex;

	if ((is_gone || !v->is_up) && is_first)
		return true;
	if (v->is_in_port)
		return false;
	if (watch->is_open)
		return true;
	if (old && !is_gone && !strcmp(old->name, v->name) &&
	    !memcmp(old->mac, v->mac, sizeof(v->mac)))
		return false;
	if (watch->match.default_route && !is_first)
		return false;
	return fits(watch, v) || (old && fits(watch, old));
}

bool sim_match_concerns(const struct twin_world *w, const struct sim_watch *watch,
			const struct twin_message *m)
{
	const struct sim_known *d;

	if (watch->ns != m->ns)
		return false;
	switch (m->kind) {
	case TWIN_MSG_LINK:
	case TWIN_MSG_LINK_GONE:
		if (!strcmp(m->link.name, "lo"))
			return false;
		d = sim_cache_find(w->cache, m->ns, m->link.ifindex);
		/* One that comes back from another namespace is new here. */
		return concerns_link(watch, d && !d->moved_to ? &d->view : NULL, m);
	case TWIN_MSG_ADDR_GONE:
		return watch->match.default_route && m->ifindex == watch->route_ifindex;
	case TWIN_MSG_ROUTE:
	case TWIN_MSG_ROUTE_GONE:
		return watch->match.default_route && !m->is_own && !m->route.to.len &&
		       m->route.table == MAIN_TABLE;
	case TWIN_MSG_IPV6:
	case TWIN_MSG_ADDR:
	case TWIN_MSG_RULE:
	case TWIN_MSG_RULE_GONE:
	case TWIN_MSG_NSID_GONE:
	case TWIN_MSG_NETNS:
	case TWIN_MSG_FILE:
		break;
	}
	return false;
}
