/* What the provider remembers of an observation (datapath/kernel/observe_model.c). */
#include "datapath/sim/sim_remember.h"

#include "datapath/sim/sim_cache.h"
#include "datapath/sim/sim_link.h"
#include "datapath/sim/sim_route.h"

#include <string.h>

static bool has_routes(const struct sim_world *w, const struct sim_link *l)
{
	for (size_t i = 0; i < l->ns->n_routes; i++) {
		if (l->ns->routes[i].link == l && sim_route_is_ours(w, &l->ns->routes[i]))
			return true;
	}
	return false;
}

/* A foreign route has the key of one of 'asked'. */
static bool meets_foreign(const struct sim_world *w, const struct sim_netns *s,
			  const struct model_route *asked, size_t n_asked)
{
	for (size_t i = 0; i < s->n_routes; i++) {
		const struct sim_route *r = &s->routes[i];

		if (sim_route_is_visible(r) && r->protocol != w->config.route_protocol &&
		    sim_route_is_asked_for(r, asked, n_asked))
			return true;
	}
	return false;
}

/* If the place is empty, what was there last may come back as long as it is in the same
 * namespace under another name; otherwise it is forgotten. */
static void remember_place(struct sim_world *w, struct sim_known *found,
			   const struct sim_netns *s, const char *name)
{
	struct sim_cache *k = &w->cache;
	const struct sim_known *was = sim_cache_find_place(k, s->id, name);
	const struct sim_link *renamed =
		was && !was->moved_to ? sim_link_find_index(s, was->key.ifindex) : NULL;

	if (found)
		sim_cache_set_place(k, found, s->id, name);
	else if (renamed)
		(void)sim_cache_remember(k, renamed);
	else if (was)
		sim_cache_forget(k, was->key.ns, was->key.ifindex);
}

void sim_remember_slave(struct sim_world *w, struct sim_netns *s, const char *netns,
			const struct model_slave *asked)
{
	struct sim_link *l = s ? sim_link_find(s, asked->name) : NULL;
	struct sim_known *d = l ? sim_cache_remember(&w->cache, l) : NULL;

	if (d) {
		sim_cache_declare(d, asked->addresses, asked->n_addresses,
				  asked->n_routes || has_routes(w, l));
		d->meets_foreign_route =
			meets_foreign(w, s, asked->routes, asked->n_routes);
		sim_link_note_place(l, netns, asked->name);
	}
	if (s && !(l && strcmp(l->name, asked->name) != 0))
		remember_place(w, d, s, asked->name);
}

void sim_remember_master(struct sim_world *w, const struct model_master *asked,
			 struct sim_link *l, bool is_whole)
{
	struct sim_known *d = sim_cache_remember(&w->cache, l);

	d->is_master = true;
	sim_link_note_place(l, asked->netns, asked->name);
	sim_cache_set_place(&w->cache, d, l->ns->id, asked->name);
	if (!is_whole)
		return;
	sim_cache_declare(d, NULL, 0, asked->n_routes || has_routes(w, l));
	d->meets_foreign_route = meets_foreign(w, l->ns, asked->routes, asked->n_routes);
}
