/* The list of masters with `match`, and which messages concern one. */
#include "datapath/kernel/state/watches.h"

#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

static void free_watch(struct watch *w)
{
	freep(&w->name);
	freep(&w->match.name);
	freep(&w->match.mac);
	freep(&w->match.path);
	free(w);
}

/* Those of 'nsid', of one name if it is not NULL. */
static void drop(struct watches *all, int32_t nsid, const char *name)
{
	struct watch **at = &all->list;

	while (*at) {
		struct watch *w = *at;

		if (w->nsid != nsid || (name && strcmp(w->name, name) != 0)) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		free_watch(w);
	}
}

void watches_note(struct watches *all, const struct watch *seen)
{
	struct watch *w = xcalloc(1, sizeof(*w));

	*w = *seen;
	w->name = xstrdup(seen->name);
	w->match.name = xstrdup(seen->match.name);
	w->match.mac = xstrdup(seen->match.mac);
	w->match.path = xstrdup(seen->match.path);
	drop(all, w->nsid, w->name);
	w->next = all->list;
	all->list = w;
}

void watches_drop(struct watches *all, int32_t nsid, const char *name)
{
	drop(all, nsid, name);
}

void watches_forget_netns(struct watches *all, int32_t nsid)
{
	drop(all, nsid, NULL);
}

void watches_clear(struct watches *all)
{
	while (all->list) {
		struct watch *w = all->list;

		all->list = w->next;
		free_watch(w);
	}
}

static bool fits(const struct watch *w, const struct nl_link *link)
{
	const struct model_match_device d = nl_link_match_device(link);

	return link->is_ethernet && model_match_fit(&w->match, &d) != MODEL_MATCH_NOT;
}

/* Of what a match is about. */
static bool is_same(const struct nl_link *a, const struct nl_link *b)
{
	return !strcmp(a->name, b->name) && !memcmp(a->mac, b->mac, sizeof(a->mac));
}

bool watch_concerns_link(const struct watch *w, const struct nl_link *old,
			 const struct nl_link *link, bool is_gone)
{
	if (nl_link_is_in_port(link))
		return false;
	if (w->is_open)
		return true;
	if (old && !is_gone && is_same(old, link))
		return false;
	/* Others have no default route yet. */
	if (w->match.default_route && link->ifindex != w->route_ifindex)
		return false;
	return fits(w, link) || (old && fits(w, old));
}

bool watch_concerns_routes_of(const struct watch *w, uint32_t ifindex)
{
	return w->match.default_route && w->route_ifindex == ifindex;
}
