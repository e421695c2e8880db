/* `pools:` of a file: subnets, ranges, what is excluded, gateways. */
#include "config/yaml/declare.h"

#include "config/pool/pool_check.h"
#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

/* A pool while it is read: in the order of the file, and where each element stands. */
struct reading {
	struct pool p;
	struct pool_places places;
	struct place *items[POOL_N_FIELDS];
	bool is_broken;
};

static void refuse(struct declare *r, struct reading *p, const struct node *at,
		   struct err *e)
{
	p->is_broken = true;
	declare_fail(r, at, e);
}

static void read_name(struct declare *r, const struct node *value, void *object)
{
	struct reading *p = object;
	const char *text = declare_text(r, value, "name");
	struct err *e = text ? pool_check_name(text) : NULL;

	p->places.fields[POOL_NAME] = value->place;
	p->is_broken |= !text;
	if (e)
		refuse(r, p, value, e);
	else if (text)
		p->p.name = text;
}

/* Reads one element into place 'i' of its array. */
typedef struct err *element_fn(struct reading *p, const char *text, size_t i);

static struct err *read_subnet(struct reading *p, const char *text, size_t i)
{
	return pool_parse_subnet(text, &p->p.subnets[i]);
}

static struct err *read_range(struct reading *p, const char *text, size_t i)
{
	return pool_parse_range(text, &p->p.ranges[i]);
}

static struct err *read_exclusion(struct reading *p, const char *text, size_t i)
{
	return pool_parse_range(text, &p->p.excluded[i]);
}

static struct err *read_router(struct reading *p, const char *text, size_t i)
{
	return ip_addr_parse(text, &p->p.gateways[i]);
}

static struct err *twice(const char *text)
{
	return err_hint(err_new(ERR_INVALID, "%s is listed twice", text),
			"leave it out here");
}

/* Returns how many elements; those that cannot be read are left out. */
static size_t read_elements(struct declare *r, struct reading *p,
			    const struct node *const *items, size_t n,
			    enum pool_field field, element_fn *fn)
{
	size_t kept = 0;

	p->items[field] = arena_array(r->d->arena, n, sizeof(struct place));
	for (size_t i = 0; i < n; i++) {
		const char *text = declare_item(r, items[i], pool_field_name(field));
		struct err *e = text ? fn(p, text, kept) : NULL;

		p->is_broken |= !text;
		for (size_t k = 0; k < i && text && !e; k++) {
			if (items[k]->kind == NODE_SCALAR &&
			    !strcmp(items[k]->text, text))
				e = twice(text);
		}
		if (e)
			refuse(r, p, items[i], e);
		if (text && !e)
			p->items[field][kept++] = items[i]->place;
	}
	return kept;
}

static bool read_list(struct declare *r, struct reading *p, const struct node *value,
		      enum pool_field field)
{
	bool is_list = declare_list(r, value, pool_field_name(field));

	p->places.fields[field] = value->place;
	p->is_broken |= !is_list;
	return is_list;
}

static const struct node *const *items_of(const struct node *list)
{
	return (const struct node *const *)list->items;
}

static void read_subnets(struct declare *r, const struct node *value, void *object)
{
	struct reading *p = object;

	if (!read_list(r, p, value, POOL_SUBNETS))
		return;
	p->p.subnets = arena_array(r->d->arena, value->n_items, sizeof(*p->p.subnets));
	p->p.n_subnets = read_elements(r, p, items_of(value), value->n_items,
				       POOL_SUBNETS, read_subnet);
}

static void read_ranges(struct declare *r, const struct node *value, void *object)
{
	struct reading *p = object;

	if (!read_list(r, p, value, POOL_RANGES))
		return;
	p->p.ranges = arena_array(r->d->arena, value->n_items, sizeof(*p->p.ranges));
	p->p.n_ranges = read_elements(r, p, items_of(value), value->n_items, POOL_RANGES,
				      read_range);
}

static void read_excluded(struct declare *r, const struct node *value, void *object)
{
	struct reading *p = object;

	if (!read_list(r, p, value, POOL_EXCLUDED))
		return;
	p->p.excluded = arena_array(r->d->arena, value->n_items, sizeof(*p->p.excluded));
	p->p.n_excluded = read_elements(r, p, items_of(value), value->n_items,
					POOL_EXCLUDED, read_exclusion);
}

/* One, or a list: one for each subnet that has a router. */
static void read_gateway(struct declare *r, const struct node *value, void *object)
{
	struct reading *p = object;
	bool is_one = value->kind == NODE_SCALAR;
	size_t n = is_one ? 1 : value->n_items;

	if (!is_one && !read_list(r, p, value, POOL_GATEWAY))
		return;
	p->places.fields[POOL_GATEWAY] = value->place;
	p->p.gateways = arena_array(r->d->arena, n, sizeof(*p->p.gateways));
	p->p.n_gateways = read_elements(r, p, is_one ? &value : items_of(value), n,
					POOL_GATEWAY, read_router);
}

static bool is_part(const struct pool *sorted, const struct reading *p,
		    enum pool_field field, size_t index, size_t i)
{
	switch (field) {
	case POOL_SUBNETS:
		return !ip_prefix_cmp(&sorted->subnets[index], &p->p.subnets[i]);
	case POOL_RANGES:
		return !memcmp(&sorted->ranges[index], &p->p.ranges[i],
			       sizeof(*p->p.ranges));
	case POOL_EXCLUDED:
		return !memcmp(&sorted->excluded[index], &p->p.excluded[i],
			       sizeof(*p->p.excluded));
	case POOL_GATEWAY:
		return !ip_addr_cmp(&sorted->gateways[index], &p->p.gateways[i]);
	case POOL_OBJECT:
	case POOL_NAME:
	case POOL_N_FIELDS:
		break;
	}
	return false;
}

/* The place of a part of the sorted pool. */
static struct place place_of(const struct pool *sorted, const struct reading *p,
			     enum pool_field field, size_t index)
{
	const size_t n[POOL_N_FIELDS] = {
		[POOL_SUBNETS] = p->p.n_subnets,
		[POOL_RANGES] = p->p.n_ranges,
		[POOL_EXCLUDED] = p->p.n_excluded,
		[POOL_GATEWAY] = p->p.n_gateways,
	};

	for (size_t i = 0; i < n[field]; i++) {
		if (is_part(sorted, p, field, index, i))
			return p->items[field][i];
	}
	return p->places.fields[field].line ? p->places.fields[field] : p->places.object;
}

static void *copy(struct arena *a, const void *array, size_t n, size_t size)
{
	return n ? arena_memdup(a, array, n * size) : NULL;
}

/* Sorted, and checked unless parts are missing after a complaint. */
static struct pool finish(struct declare *r, const struct reading *p)
{
	struct arena *a = r->d->arena;
	struct pool sorted = p->p;
	enum pool_field field;
	size_t index;
	struct err *e;

	sorted.subnets = copy(a, p->p.subnets, p->p.n_subnets, sizeof(*sorted.subnets));
	sorted.ranges = copy(a, p->p.ranges, p->p.n_ranges, sizeof(*sorted.ranges));
	sorted.excluded =
		copy(a, p->p.excluded, p->p.n_excluded, sizeof(*sorted.excluded));
	sorted.gateways =
		copy(a, p->p.gateways, p->p.n_gateways, sizeof(*sorted.gateways));
	pool_sort(&sorted);
	e = p->is_broken ? NULL : pool_check(&sorted, &field, &index);
	if (e)
		document_errors_add(r->errors, r->d, place_of(&sorted, p, field, index),
				    e);
	return sorted;
}

static bool read_pool(struct declare *r, const struct node *node, struct reading *p)
{
	static const struct declare_key keys[] = {
		{.name = "name", .read = read_name},
		{.name = "subnets", .read = read_subnets},
		{.name = "ranges", .read = read_ranges},
		{.name = "excluded", .read = read_excluded},
		{.name = "gateway", .read = read_gateway},
	};
	static const struct declare_stranger strangers[] = {
		{"subnet", "a pool may have several subnets",
		 "write `subnets: [10.0.0.0/24]`"},
		{"routes", "a pool has no routes but the default one by its gateway",
		 "write the others in the slaves that have them"},
		{"exclude", "what is never chosen stands in `excluded`",
		 "write `excluded: [10.0.0.7]`"},
	};
	static const struct declare_kind kind = {
		.what = "a pool",
		.example = "{name: lan, subnets: [10.0.0.0/24], gateway: 10.0.0.1}",
		.keys = keys,
		.n_keys = ARRAY_SIZE(keys),
		.strangers = strangers,
		.n_strangers = ARRAY_SIZE(strangers),
	};

	*p = (struct reading){.p.name = "", .places.object = node->place};
	if (!declare_map(r, node, &kind, p))
		return false;
	if (!p->places.fields[POOL_NAME].line)
		refuse(r, p, node,
		       err_hint(err_new(ERR_INVALID, "this pool has no name"),
				"add `name: NAME`, by which slaves ask for it"));
	p->p = finish(r, p);
	return *p->p.name;
}

static int reading_cmp(const void *a, const void *b)
{
	const struct reading *x = a, *y = b;
	int c = strcmp(x->p.name, y->p.name);

	return c ? c : place_cmp(&x->places.object, &y->places.object);
}

static void declared_twice(struct declare *r, const struct reading *p,
			   const struct pool_places *first)
{
	document_errors_add(
		r->errors, r->d, p->places.fields[POOL_NAME],
		err_hint(err_new(ERR_INVALID,
				 "pool %s is declared twice (the other is on line %zu)",
				 p->p.name, first->object.line),
			 "give one of them another name"));
}

void declare_pools(struct declare *r, const struct node *value)
{
	struct document *d = r->d;
	CLEANUP(freep) struct reading *all = NULL;
	size_t n = 0;

	if (!declare_list(r, value, "pools"))
		return;
	all = xcalloc(value->n_items, sizeof(*all));
	for (size_t i = 0; i < value->n_items; i++)
		n += read_pool(r, value->items[i], &all[n]);
	qsort(all, n, sizeof(*all), reading_cmp);
	d->pools = arena_array(d->arena, n, sizeof(*d->pools));
	d->pool_places = arena_array(d->arena, n, sizeof(*d->pool_places));
	for (size_t i = 0; i < n; i++) {
		if (d->n_pools && !strcmp(d->pools[d->n_pools - 1].name, all[i].p.name)) {
			declared_twice(r, &all[i], &d->pool_places[d->n_pools - 1]);
			continue;
		}
		d->pools[d->n_pools] = all[i].p;
		d->pool_places[d->n_pools++] = all[i].places;
	}
}
