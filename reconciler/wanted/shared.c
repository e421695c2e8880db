/* The rows of a namespace that declare what it has once for all, by all of its texts. */
#include "reconciler/wanted/shared.h"

#include <string.h>

struct search {
	const struct slave_index *slaves;
	const char *netns;
	slave_index_key_fn *fn;
	void *aux;
};

static void give_if_beside_master(void *search, const struct key *k)
{
	const struct search *s = search;

	if (!strcmp(k->master_netns, s->netns))
		s->fn(s->aux, k);
}

static void give_by_text(void *search, const char *netns)
{
	struct search s = *(const struct search *)search;

	s.netns = netns;
	if (*netns)
		slave_index_each_sharer(s.slaves, netns, s.fn, s.aux);
	/* "": a slave in its master's own namespace. */
	slave_index_each_sharer(s.slaves, "", give_if_beside_master, &s);
}

void shared_each(const struct slave_index *slaves, const struct aliases *aliases,
		 const char *netns, slave_index_key_fn *fn, void *aux)
{
	struct search s = {.slaves = slaves, .fn = fn, .aux = aux};

	aliases_each_text(aliases, netns, give_by_text, &s);
}
