/* The table of routes of the simulated kernel, without the conditions for new routes,
 * which are in sim_inet.c. */
#include "datapath/sim/sim_route.h"

#include "datapath/sim/sim_event.h"
#include "lib/alloc.h"

#include <string.h>
#include <sys/socket.h>

void sim_route_add_freed_events(struct sim_world *w, const struct sim_link *l)
{
	struct sim_link *other, *next;

	HASH_ITER (hh, l->ns->links, other, next) {
		if (other == l || w->is_silent)
			continue;
		sim_event_add(w, DATAPATH_SLAVE_CHANGED, l->ns->name, other->name, "%s",
			      "");
		sim_event_add(w, DATAPATH_MASTER_CHANGED, l->ns->name, other->name, "%s",
			      "");
	}
}

void sim_route_drop(struct sim_world *w, struct sim_link *l,
		    bool (*is_dropped)(const struct sim_link *l,
				       const struct model_route *r))
{
	struct sim_netns *s = l->ns;
	bool is_any_foreign = false;
	size_t kept = 0;

	for (size_t i = 0; i < s->n_routes; i++) {
		const struct sim_route *r = &s->routes[i];

		if (r->link == l && (!is_dropped || is_dropped(l, &r->route)))
			is_any_foreign |= !r->is_ours;
		else
			s->routes[kept++] = *r;
	}
	s->n_routes = kept;
	if (is_any_foreign)
		sim_route_add_freed_events(w, l);
}

struct sim_route *sim_route_find(const struct sim_netns *s, const struct model_route *key)
{
	for (size_t i = 0; i < s->n_routes; i++) {
		if (!model_route_key_cmp(&s->routes[i].route, key))
			return &s->routes[i];
	}
	return NULL;
}

void sim_route_put(struct sim_link *l, const struct model_route *r, bool is_ours)
{
	struct sim_netns *s = l->ns;

	s->routes = xgrow(s->routes, s->n_routes, &s->routes_cap, sizeof(*s->routes));
	s->routes[s->n_routes] =
		(struct sim_route){.route = *r, .link = l, .is_ours = is_ours};
	if (!r->metric && r->to.addr.family == AF_INET6)
		s->routes[s->n_routes].route.metric = MODEL_IPV6_METRIC;
	s->n_routes++;
}
