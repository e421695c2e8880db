/* Loads the routes and rules of an observed model into the simulated kernel. */
#include "datapath/sim/sim_load_inet.h"

#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_route.h"
#include "datapath/sim/twin/twin_rule.h"
#include "datapath/sim/twin/twin_world.h"

/* A foreign route goes with the device that it is by, if the model has that one. */
static struct twin_link *device_of(struct twin_netns *s, struct twin_link *l,
				   const struct model_route *r)
{
	struct twin_link *by =
		r->seen_ifindex ? twin_link_find_index(s, r->seen_ifindex) : NULL;

	if (by)
		return by;
	return l && !r->seen_apart && !r->seen_ifindex ? l : twin_link_find(s, "lo");
}

/* 'l' NULL: the device that has them is absent, and these are foreign ones. */
static void load_routes(const struct twin_world *w, struct twin_link *l,
			struct twin_netns *s, const struct model_route *routes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct model_route *route = &routes[i];
		struct twin_route r = {.route = *route,
				       .link = device_of(s, l, route),
				       .protocol = route->seen_foreign
							   ? TWIN_PROTO_STATIC
							   : w->config.route_protocol,
				       .type = TWIN_ROUTE_UNICAST,
				       .scope = twin_route_scope(route)};
		const struct twin_route *there = twin_route_find(s, route);

		if (model_route_is_reject(route)) {
			r.link = twin_link_find(s, "lo");
			r.type = (uint8_t)route->type;
			r.route.type = MODEL_ROUTE_UNICAST;
		}
		r.route.seen_foreign = r.route.seen_apart = false;
		r.route.seen_ifindex = 0;
		if (r.link && (!there || twin_route_is_automatic(there)))
			twin_route_put(s, &r, true);
	}
}

/* Each slave of the namespace shows all of them. */
static void load_rules(const struct twin_world *w, struct twin_netns *s,
		       const struct model_slave *slave)
{
	for (size_t i = 0; i < slave->n_rules; i++)
		twin_rule_put(s,
			      &(struct twin_rule){.rule = slave->rules[i],
						  .protocol = w->config.route_protocol});
	for (size_t i = 0; i < slave->seen.n_foreign_rules; i++)
		twin_rule_put(s,
			      &(struct twin_rule){
				      .rule = slave->seen.foreign_rules[i].rule,
				      .protocol = slave->seen.foreign_rules[i].protocol});
}

static void load_slave(const struct twin_world *w, const struct model_master *m,
		       const struct model_slave *s)
{
	struct twin_netns *ns =
		s->seen.namespace_missing
			? NULL
			: twin_netns_find_alive(w, *s->netns ? s->netns : m->netns);

	if (!ns)
		return;
	load_routes(w,
		    s->seen.presence != MODEL_ABSENT ? twin_link_find(ns, s->name) : NULL,
		    ns, s->routes, s->n_routes);
	load_rules(w, ns, s);
}

static void load_left(const struct twin_world *w, const struct model_netns *n)
{
	const struct model_slave shared = {.rules = n->seen.rules,
					   .n_rules = n->seen.n_rules};
	struct twin_netns *s = twin_netns_find_alive(w, n->name);

	if (!s)
		return;
	load_routes(w, NULL, s, n->seen.rejects, n->seen.n_rejects);
	load_rules(w, s, &shared);
}

void sim_load_inet(struct twin_world *w, const struct model *have)
{
	for (size_t i = 0; i < have->n_namespaces; i++)
		load_left(w, &have->namespaces[i]);
	for (size_t i = 0; i < have->n_masters; i++) {
		const struct model_master *m = &have->masters[i];
		struct twin_netns *s = twin_netns_find_alive(w, m->netns);
		struct twin_link *l = s && m->seen.presence != MODEL_ABSENT
					      ? twin_link_find(s, model_master_device(m))
					      : NULL;

		for (size_t k = 0; k < m->n_slaves; k++)
			load_slave(w, m, &m->slaves[k]);
		if (l)
			load_routes(w, l, s, m->routes, m->n_routes);
	}
}
