/* Places: a device's namespace and name, and which row has it where several name the same
 * one.
 *
 * One namespace may be named by several texts (a name, a path, two names: ip-netns(8)
 * attach), which only an observation can tell, by the inode. One of the texts then stands
 * for all. Neighbours: plan_decide.c asks who has a place. */
#include "datapath/plan/plan_context.h"

#include <stdlib.h>
#include <string.h>

static bool is_path(const char *netns)
{
	return *netns == '/';
}

/* Names before paths, so that sentences show the shorter text. */
static int text_cmp(const char *a, const char *b)
{
	int c = is_path(a) - is_path(b);

	return c ? c : strcmp(a, b);
}

static int alias_cmp(const void *x, const void *y)
{
	const struct model_netns *const *a = x, *const *b = y;
	uint64_t i = (*a)->seen.inode, k = (*b)->seen.inode;

	return i != k ? (i > k) - (i < k) : text_cmp((*a)->name, (*b)->name);
}

void collect_aliases(struct plan_work *w)
{
	w->aliases = arena_array(w->arena, w->have->n_namespaces,
				 sizeof(struct model_netns *));
	for (size_t i = 0; i < w->have->n_namespaces; i++) {
		const struct model_netns *n = &w->have->namespaces[i];

		if (n->seen.exists && n->seen.inode && !n->seen.is_own)
			w->aliases[w->n_aliases++] = n;
	}
	if (w->n_aliases > 1)
		qsort(w->aliases, w->n_aliases, sizeof(*w->aliases), alias_cmp);
}

static int inode_cmp(const void *x, const void *y)
{
	uint64_t a = (*(const struct model_netns *const *)x)->seen.inode;
	uint64_t b = (*(const struct model_netns *const *)y)->seen.inode;

	return (a > b) - (a < b);
}

const char *place_netns(const struct plan_work *w, const char *netns)
{
	const struct model_netns *n = *netns ? model_find_netns(w->have, netns) : NULL;
	const struct model_netns **first;

	if (!n || !n->seen.exists || !n->seen.inode)
		return netns;
	if (n->seen.is_own)
		return "";
	first = bsearch(&n, w->aliases, w->n_aliases, sizeof(*w->aliases), inode_cmp);
	while (first > w->aliases && !inode_cmp(first - 1, &n))
		first--;
	return (*first)->name;
}

/* How much of what the row wants the device found has: tells whose it is where nobody
 * remembers, after a restart. */
static size_t likeness(const struct slave_work *s)
{
	const struct model_slave *want = s->want, *found = s->found;
	size_t n = 0, i = 0, k = 0;

	if (!found || found->seen.presence != MODEL_OURS)
		return 0;
	while (i < want->n_addresses && k < found->n_addresses) {
		int c = ip_prefix_cmp(&want->addresses[i], &found->addresses[k]);

		n += !c;
		i += c <= 0;
		k += c >= 0;
	}
	return n + found->seen.is_on_master;
}

static int place_key_cmp(const struct place *a, const struct place *b)
{
	int c = strcmp(a->netns, b->netns);

	return c ? c : strcmp(a->name, b->name);
}

static int place_cmp(const void *x, const void *y)
{
	const struct place *a = x, *b = y;
	int c = place_key_cmp(a, b);

	if (!c)
		c = b->is_wanted - a->is_wanted;
	/* Who has it keeps it: to change hands would cost traffic. */
	if (!c)
		c = b->is_incumbent - a->is_incumbent;
	if (!c)
		c = (b->likeness > a->likeness) - (b->likeness < a->likeness);
	if (!c)
		c = text_cmp(a->text, b->text);
	/* Equal in all: want's order, since qsort() alone promises none. */
	return c ? c : (a->owner > b->owner) - (a->owner < b->owner);
}

static void sort_places(struct place *places, size_t n)
{
	if (n > 1)
		qsort(places, n, sizeof(*places), place_cmp);
}

static void collect_slave_places(struct plan_work *w)
{
	w->n_places = w->n_slaves;
	w->places = arena_array(w->arena, w->n_places, sizeof(*w->places));
	for (size_t i = 0; i < w->n_slaves; i++) {
		struct slave_work *s = &w->slaves[i];

		w->places[i] = (struct place){
			.netns = s->place,
			.name = s->want->name,
			.text = s->netns,
			.is_wanted = s->master->is_wanted && !s->trouble &&
				     s->want->intent == MODEL_PRESENT,
			.is_incumbent = s->want->is_incumbent,
			.likeness = likeness(s),
			.owner = s,
		};
	}
	sort_places(w->places, w->n_places);
}

static void collect_master_places(struct plan_work *w)
{
	w->master_places =
		arena_array(w->arena, w->n_wanted_masters, sizeof(*w->master_places));
	for (size_t i = 0; i < w->n_wanted_masters; i++) {
		struct master_work *m = &w->masters[i];

		w->master_places[i] = (struct place){
			.netns = place_netns(w, m->want->netns),
			.name = m->want->name,
			.text = m->want->netns,
			.is_wanted = m->is_wanted && !m->trouble,
			.is_incumbent = m->want->is_incumbent,
			.owner = m,
		};
	}
	sort_places(w->master_places, w->n_wanted_masters);
}

void collect_places(struct plan_work *w)
{
	collect_slave_places(w);
	collect_master_places(w);
}

static int place_find_cmp(const void *x, const void *y)
{
	return place_key_cmp(x, y);
}

static void *find_owner(struct place *places, size_t n, const char *netns,
			const char *name)
{
	struct place key = {.netns = netns, .name = name}, *found = NULL;

	if (n)
		found = bsearch(&key, places, n, sizeof(key), place_find_cmp);
	while (found && found > places && !place_key_cmp(found - 1, &key))
		found--;
	return found ? found->owner : NULL;
}

struct slave_work *find_place(const struct plan_work *w, const char *netns,
			      const char *name)
{
	return find_owner(w->places, w->n_places, place_netns(w, netns), name);
}

struct master_work *find_master_place(const struct plan_work *w, const char *netns,
				      const char *name)
{
	return find_owner(w->master_places, w->n_wanted_masters, place_netns(w, netns),
			  name);
}
