/* What the cache keeps of an observation, and what it has of ours on the masters of the next
 * one. */
#include "datapath/kernel/observe/observe_remember.h"

#include "datapath/kernel/observe/observe_match.h"

static struct cache_device *remember_slave(struct observation *o,
					   const struct observed_link *f)
{
	struct cache_device *d = cache_get(&o->k->cache, f->key);

	d->link = f->link;
	d->lower = observe_link_lower(o, f);
	d->is_new = false;
	return d;
}

static struct cache_device *remember_master(struct observation *o,
					    const struct observed_link *f)
{
	struct cache_device *d = cache_get(&o->k->cache, f->key);

	d->link = f->link;
	d->is_master = true;
	return d;
}

/* 'at_place' is there, or 'elsewhere' was and may come back. If there is neither, nothing
 * is kept. */
static void remember_place(struct observation *o, const struct netns_ref *s,
			   const char *name, struct cache_device *at_place,
			   struct cache_device *elsewhere, struct cache_key was)
{
	struct cache_device *d = at_place ? at_place : elsewhere;

	if (d)
		cache_set_place(&o->k->cache, d, s->nsid, name);
	else if (was.ifindex)
		cache_forget(&o->k->cache, was);
}

static void remember_observed_slave(struct observation *o, const struct observed_slave *s)
{
	struct cache_device *found = s->found ? remember_slave(o, s->found) : NULL;
	struct cache_device *renamed = s->renamed ? remember_slave(o, s->renamed) : NULL;

	/* If it was found by an alternative name, it is not at the place. */
	if (found && !renamed && strcmp(s->found->link.name, s->scope->name))
		return;
	/* Another program's may be in the place of one that was handed over. */
	remember_place(o, s->ns, s->scope->name, renamed ? renamed : found, NULL, s->was);
}

static struct cache_key key_of(const struct observed_link *f)
{
	return f ? f->key : (struct cache_key){0};
}

void observe_remember(struct observation *o)
{
	for (size_t i = 0; i < o->n_masters; i++) {
		const struct observed_master *m = &o->masters[i];
		struct cache_device *found =
			m->found ? remember_master(o, m->found) : NULL;
		struct cache_device *renamed =
			m->renamed ? remember_master(o, m->renamed) : NULL;

		for (size_t k = 0; k < m->n_slaves; k++)
			remember_observed_slave(o, &m->slaves[k]);
		for (size_t k = 0; k < m->n_others; k++)
			remember_slave(o, m->others[k]);
		if (found)
			found->member = key_of(m->unlisted ? m->unlisted : m->ours);
		if (m->scope && !observe_match_is_label(m))
			remember_place(o, m->ns, m->scope->name, found, renamed, m->was);
	}
	observe_match_remember(o);
}

static const struct cache_device *cached_master(const struct observation *o,
						const struct observed_master *m)
{
	return m->found ? cache_find(&o->k->cache, m->found->key) : NULL;
}

/* True if the cache has it as ours on a master, and no question has found it yet. */
static bool may_be_member(const struct observation *o, const struct cache_device *d,
			  struct cache_key master)
{
	return d && d->link.group == o->k->config.mark &&
	       d->lower.ifindex == master.ifindex && d->lower.nsid == master.nsid &&
	       master.ifindex && !observe_link_find(o, d->key);
}

void observe_remember_members(const struct observation *o, struct cache_key *ret_members)
{
	const struct cache_device *d;
	size_t n_missing = 0;

	/* Those of the last observation are preferred: to find another, all of the cache
	 * has to be searched. */
	for (size_t i = 0; i < o->n_masters; i++) {
		d = cached_master(o, &o->masters[i]);
		if (!d)
			continue;
		if (may_be_member(o, cache_find(&o->k->cache, d->member), d->key))
			ret_members[i] = d->member;
		else
			n_missing++;
	}
	for (d = o->k->cache.devices; d && n_missing; d = d->hh.next) {
		const struct observed_master *m =
			d->lower.ifindex ? observe_link_master_at(o, d->lower) : NULL;

		if (!m || ret_members[m - o->masters].ifindex ||
		    !may_be_member(o, d, d->lower))
			continue;
		ret_members[m - o->masters] = d->key;
		n_missing--;
	}
}
