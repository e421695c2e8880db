/* The members of an object by name: one after another where they are few, else by a hash
 * of their names with open addressing. */
#include "ovsdb-lite/json/json_private.h"

#include "lib/alloc.h"
#include "lib/hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* With more members than that there are slots, at least twice as many as members. */
#define MAX_FEW 8

static bool has_name(const struct json_object *v, const char *name, size_t n)
{
	return v->n == n && !memcmp(json_string_of(v)->text, name, n);
}

static uint32_t first_slot(const struct json_container *c, const char *name, size_t n)
{
	return (uint32_t)hash_bytes(name, n, 0) & (c->n_slots - 1);
}

/* The slot of the member, or the free one where it would be. A slot has the number of its
 * member, from 1 on; 0: it is free. */
static uint32_t *find_slot(const struct json_container *c, const char *name, size_t n)
{
	uint32_t at = first_slot(c, name, n);

	while (c->slots[at] && !has_name(c->items[2 * (c->slots[at] - 1)], name, n))
		at = (at + 1) & (c->n_slots - 1);
	return &c->slots[at];
}

int64_t json_index_find(const struct json_container *c, const char *name, size_t n)
{
	if (c->slots) {
		uint32_t number = *find_slot(c, name, n);

		return number ? 2 * (int64_t)(number - 1) : -1;
	}
	for (uint32_t i = 0; i < c->base.n; i++) {
		if (has_name(c->items[2 * i], name, n))
			return 2 * (int64_t)i;
	}
	return -1;
}

static void make_slots(struct json_container *c, uint32_t n_members)
{
	uint32_t n = 4 * MAX_FEW;

	while (n < 2 * n_members)
		n *= 2;
	if (c->base.home == JSON_HEAP)
		free(c->slots);
	c->n_slots = n;
	c->slots = c->base.home == JSON_HEAP
			   ? xmalloc(n * sizeof(*c->slots))
			   : json_pool_alloc(c->base.pool, n * sizeof(*c->slots));
	memset(c->slots, 0, n * sizeof(*c->slots));
}

static void fill_slot(struct json_container *c, uint32_t member)
{
	const struct json_string *name = json_string_of(c->items[2 * member]);
	uint32_t *slot = find_slot(c, name->text, name->base.n);

	assert(!*slot);
	*slot = member + 1;
}

void json_index_add(struct json_container *c)
{
	if (c->base.n <= MAX_FEW)
		return;
	if (c->slots && 2 * c->base.n <= c->n_slots) {
		fill_slot(c, c->base.n - 1);
		return;
	}
	make_slots(c, 2 * c->base.n);
	for (uint32_t i = 0; i < c->base.n; i++)
		fill_slot(c, i);
}

void json_index_all(struct json_container *c)
{
	uint32_t n = c->base.n;

	if (n > MAX_FEW)
		make_slots(c, n);
	/* Those before it are different already. */
	c->base.n = 0;
	for (uint32_t i = 0; i < n; i++) {
		const struct json_string *name = json_string_of(c->items[2 * i]);
		int64_t same = json_index_find(c, name->text, name->base.n);

		if (same >= 0) {
			c->items[same + 1] = c->items[2 * i + 1];
			continue;
		}
		c->items[2 * c->base.n] = c->items[2 * i];
		c->items[2 * c->base.n + 1] = c->items[2 * i + 1];
		if (c->slots)
			fill_slot(c, c->base.n);
		c->base.n++;
	}
}
