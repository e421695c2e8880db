/* Places: a place is a namespace and a device name. Several rows may name the same one,
 * and one of them has it.
 *
 * Several texts may name one namespace: a name, a path, a second name (ip-netns(8)
 * attach). Only an observation shows that, by the inode. One of the texts then stands for
 * all. */
#include "datapath/plan/plan_place.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool is_path(const char *netns)
{
	return *netns == '/';
}

/* Names before paths, so that messages show the shorter text. */
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

void plan_collect_aliases(struct plan_context *ctx)
{
	ctx->aliases = arena_array(ctx->arena, ctx->have->n_namespaces,
				   sizeof(struct model_netns *));
	for (size_t i = 0; i < ctx->have->n_namespaces; i++) {
		const struct model_netns *n = &ctx->have->namespaces[i];

		if (n->seen.exists && n->seen.inode && !n->seen.is_own)
			ctx->aliases[ctx->n_aliases++] = n;
	}
	if (ctx->n_aliases > 1)
		qsort(ctx->aliases, ctx->n_aliases, sizeof(*ctx->aliases), alias_cmp);
	assert(ctx->n_aliases <= ctx->have->n_namespaces);
}

static int inode_cmp(const void *x, const void *y)
{
	uint64_t a = (*(const struct model_netns *const *)x)->seen.inode;
	uint64_t b = (*(const struct model_netns *const *)y)->seen.inode;

	return (a > b) - (a < b);
}

const char *plan_place_netns(const struct plan_context *ctx, const char *netns)
{
	const struct model_netns *n = *netns ? model_find_netns(ctx->have, netns) : NULL;
	const struct model_netns **first;

	if (!n || !n->seen.exists || !n->seen.inode)
		return netns;
	if (n->seen.is_own)
		return "";
	first = bsearch(&n, ctx->aliases, ctx->n_aliases, sizeof(*ctx->aliases),
			inode_cmp);
	assert(first);
	while (first > ctx->aliases && !inode_cmp(first - 1, &n))
		first--;
	return (*first)->name;
}

/* How much the device found resembles the row. After a restart this decides whose device
 * it is. */
static size_t likeness(const struct slave_plan *s)
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

static int place_key_cmp(const struct plan_place *a, const struct plan_place *b)
{
	int c = strcmp(a->netns, b->netns);

	return c ? c : strcmp(a->name, b->name);
}

static int place_cmp(const void *x, const void *y)
{
	const struct plan_place *a = x, *b = y;
	int c = place_key_cmp(a, b);

	if (!c)
		c = b->is_wanted - a->is_wanted;
	/* The current owner keeps the place: a change would cost traffic. */
	if (!c)
		c = b->is_incumbent - a->is_incumbent;
	if (!c)
		c = (b->likeness > a->likeness) - (b->likeness < a->likeness);
	if (!c)
		c = text_cmp(a->text, b->text);
	return c ? c : a->order - b->order;
}

static void sort_places(struct plan_place *places, size_t n)
{
	if (n > 1)
		qsort(places, n, sizeof(*places), place_cmp);
}

static void collect_slave_places(struct plan_context *ctx)
{
	ctx->n_places = ctx->n_slaves;
	ctx->places = arena_array(ctx->arena, ctx->n_places, sizeof(*ctx->places));
	for (size_t i = 0; i < ctx->n_slaves; i++) {
		struct slave_plan *s = &ctx->slaves[i];

		assert(s->place && s->netns);
		ctx->places[i] = (struct plan_place){
			.netns = s->place,
			.name = s->want->name,
			.text = s->netns,
			.is_wanted = s->master->is_wanted && !s->trouble &&
				     s->want->intent == MODEL_PRESENT,
			.is_incumbent = s->want->is_incumbent,
			.likeness = likeness(s),
			.order = (int)i,
			.owner = s,
		};
	}
	sort_places(ctx->places, ctx->n_places);
}

static void collect_master_places(struct plan_context *ctx)
{
	ctx->master_places = arena_array(ctx->arena, ctx->n_wanted_masters,
					 sizeof(*ctx->master_places));
	for (size_t i = 0; i < ctx->n_wanted_masters; i++) {
		struct master_plan *m = &ctx->masters[i];

		ctx->master_places[i] = (struct plan_place){
			.netns = plan_place_netns(ctx, m->want->netns),
			.name = m->want->name,
			.text = m->want->netns,
			.is_wanted = m->is_wanted && !m->trouble,
			.is_incumbent = m->want->is_incumbent,
			.order = (int)i,
			.owner = m,
		};
	}
	sort_places(ctx->master_places, ctx->n_wanted_masters);
}

void plan_collect_places(struct plan_context *ctx)
{
	collect_slave_places(ctx);
	collect_master_places(ctx);
}

static int place_find_cmp(const void *x, const void *y)
{
	return place_key_cmp(x, y);
}

static void *find_owner(struct plan_place *places, size_t n, const char *netns,
			const char *name)
{
	struct plan_place key = {.netns = netns, .name = name}, *found = NULL;

	if (n)
		found = bsearch(&key, places, n, sizeof(key), place_find_cmp);
	while (found && found > places && !place_key_cmp(found - 1, &key))
		found--;
	return found ? found->owner : NULL;
}

struct slave_plan *plan_find_place(const struct plan_context *ctx, const char *netns,
				   const char *name)
{
	return find_owner(ctx->places, ctx->n_places, plan_place_netns(ctx, netns), name);
}

struct master_plan *plan_find_master_place(const struct plan_context *ctx,
					   const char *netns, const char *name)
{
	return find_owner(ctx->master_places, ctx->n_wanted_masters,
			  plan_place_netns(ctx, netns), name);
}

bool plan_is_awaited_netns(const struct plan_context *ctx, const struct model_netns *want)
{
	const struct model_netns *have =
		want && want->is_awaited ? model_find_netns(ctx->have, want->name) : NULL;

	return have && !have->seen.exists;
}
