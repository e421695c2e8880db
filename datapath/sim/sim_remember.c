/* What the provider remembers of an observation (datapath/kernel/observe/observe_model.c). */
#include "datapath/sim/sim_remember.h"

#include "datapath/sim/sim_cache.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_route.h"
#include "datapath/sim/twin/twin_world.h"

#include <string.h>

static bool has_routes(const struct twin_world *w, const struct twin_link *l)
{
	for (size_t i = 0; i < l->ns->n_routes; i++) {
		if (l->ns->routes[i].link == l &&
		    twin_route_is_ours(w, &l->ns->routes[i]))
			return true;
	}
	return false;
}

/* A foreign route has the key of one of 'asked'. */
static bool meets_foreign(const struct twin_world *w, const struct twin_netns *s,
			  const struct model_route *asked, size_t n_asked)
{
	for (size_t i = 0; i < s->n_routes; i++) {
		const struct twin_route *r = &s->routes[i];

		if (twin_route_is_visible(r) && r->protocol != w->config.route_protocol &&
		    twin_route_is_asked_for(r, asked, n_asked))
			return true;
	}
	return false;
}

/* By the key of a device that was not moved, while some text leads to its namespace. */
static struct twin_link *find_by_key(const struct twin_world *w, struct sim_key key)
{
	const struct twin_netns *s =
		sim_cache_texts(w->cache, key.ns) ? twin_netns_find_id(w, key.ns) : NULL;

	return s ? twin_link_find_index(s, key.ifindex) : NULL;
}

/* Its number there is all that the kernel reports of the place that a device was moved
 * to. */
static struct twin_link *find_moved(const struct twin_world *w, uint32_t ifindex,
				    const struct twin_link *master)
{
	for (struct twin_link *u = master->uppers; u; u = u->next_upper) {
		if (u->ifindex == ifindex && twin_netns_is_seen(u->ns) &&
		    twin_link_is_slave(u) && twin_link_is_ours(w, u))
			return u;
	}
	return NULL;
}

static struct sim_lost lost_of(const struct twin_world *w, const struct sim_known *was)
{
	if (!was)
		return (struct sim_lost){0};
	return (struct sim_lost){.was = was->key,
				 .moved_to = was->moved_to,
				 .link = was->moved_to ? NULL : find_by_key(w, was->key)};
}

/* Wherever it is: the first observation of a daemon, and each after a move, looks everywhere. */
static struct twin_link *find_handed_over(const struct twin_world *w,
					  const struct model_slave *asked,
					  const struct twin_link *master)
{
	for (struct twin_link *u = master->uppers; u; u = u->next_upper) {
		if (twin_netns_is_seen(u->ns) && twin_link_is_slave(u) &&
		    twin_link_is_ours(w, u) && !strcmp(u->alias, asked->alias))
			return u;
	}
	return NULL;
}

bool sim_remember_has_left(const struct twin_world *w, const struct twin_link *at_place,
			   const struct model_slave *asked)
{
	/* Of a row that is gone it is unknown whether it was handed over. */
	bool may_have_left = asked->is_handed_over || asked->intent == MODEL_GONE;

	return !at_place || (may_have_left && !(twin_link_is_slave(at_place) &&
						twin_link_is_ours(w, at_place)));
}

struct sim_lost sim_remember_lost_slave(const struct twin_world *w,
					const struct twin_netns *s,
					const struct model_slave *asked,
					const struct twin_link *master)
{
	struct sim_lost lost =
		lost_of(w, s ? sim_cache_find_place(w->cache, s->id, asked->name) : NULL);

	if (asked->is_handed_over && master)
		lost.link = find_handed_over(w, asked, master);
	if (lost.link)
		return lost;

	if (lost.moved_to && master)
		lost.link = find_moved(w, lost.moved_to, master);
	return lost;
}

struct sim_lost sim_remember_lost_master(const struct twin_world *w,
					 const struct twin_netns *s, const char *name)
{
	const struct sim_known *was =
		s ? sim_cache_find_place(w->cache, s->id, name) : NULL;

	return lost_of(w, was && was->is_master && !was->is_matched ? was : NULL);
}

/* An observation shows it without its place. */
static bool is_nameless(const struct twin_world *w, struct sim_key key)
{
	return !sim_cache_texts(w->cache, key.ns) && twin_netns_find_id(w, key.ns);
}

static void remember_place(struct twin_world *w, struct sim_known *d,
			   const struct twin_netns *s, const char *name,
			   const struct sim_lost *lost)
{
	if (d)
		sim_cache_set_place(w->cache, d, s->id, name);
	else if (lost->was.ifindex && !is_nameless(w, lost->was))
		sim_cache_forget(w->cache, lost->was.ns, lost->was.ifindex);
}

void sim_remember_slave(struct twin_world *w, struct twin_netns *s,
			const struct model_slave *asked, const struct sim_lost *lost)
{
	struct twin_link *l = s ? twin_link_find(s, asked->name) : NULL;
	struct sim_known *d = l ? sim_cache_remember(w->cache, l) : NULL;

	if (l) {
		sim_cache_declare(d, asked->addresses, asked->n_addresses,
				  asked->n_routes || has_routes(w, l));
		d->meets_foreign_route =
			meets_foreign(w, s, asked->routes, asked->n_routes);
	}
	/* Another program's may be in the place of one that was handed over. */
	if (lost->link)
		d = sim_cache_remember(w->cache, lost->link);
	/* If it was found by an alternative name, it is not at the place. */
	if (s && !(l && !lost->link && strcmp(l->name, asked->name) != 0))
		remember_place(w, d, s, asked->name, lost);
}

void sim_remember_master(struct twin_world *w, const struct model_master *asked,
			 struct twin_link *l, bool is_whole)
{
	struct sim_known *d;

	if (!l)
		return;
	d = sim_cache_remember(w->cache, l);
	d->is_master = true;
	if (!is_whole)
		return;
	sim_cache_declare(d, NULL, 0, asked->n_routes || has_routes(w, l));
	d->meets_foreign_route = meets_foreign(w, l->ns, asked->routes, asked->n_routes);
}

void sim_remember_master_place(struct twin_world *w, const struct twin_netns *s,
			       const struct model_master *asked, struct twin_link *l,
			       const struct sim_lost *lost)
{
	struct twin_link *at = l ? l : lost->link;
	struct sim_known *d = at ? sim_cache_remember(w->cache, at) : NULL;

	if (d)
		d->is_master = true;
	if (s)
		remember_place(w, d, s, asked->name, lost);
}

void sim_remember_other(struct twin_world *w, const struct twin_link *l, bool is_master)
{
	struct sim_known *d = sim_cache_remember(w->cache, l);

	d->is_master |= is_master;
	sim_cache_declare(d, NULL, 0, has_routes(w, l));
	d->meets_foreign_route = false;
}
