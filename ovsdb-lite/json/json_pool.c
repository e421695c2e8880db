/* The memory of all values of one text. The first chunk stands behind the pool itself, and
 * is enough for most messages; each further one is twice as large. */
#include "ovsdb-lite/json/json_pool.h"

#include "lib/alloc.h"

#include <stdlib.h>

#define FIRST_BYTES ((size_t)2032)
/* Small enough for malloc(3) to use the memory again at once. */
#define MAX_BYTES ((size_t)64 << 10)
_Static_assert(FIRST_BYTES > sizeof(struct json_pool) && FIRST_BYTES % 8 == 0, "");

struct json_chunk {
	struct json_chunk *next;
	char data[];
};

struct json_pool *json_pool_new(void)
{
	struct json_pool *p = xmalloc(FIRST_BYTES);

	*p = (struct json_pool){
		.n_owners = 1,
		.at = (char *)(p + 1),
		.end = (char *)p + FIRST_BYTES,
		.n_full = FIRST_BYTES,
		.next_bytes = 2 * FIRST_BYTES,
	};
	return p;
}

void *json_pool_alloc_chunk(struct json_pool *p, size_t n)
{
	size_t size = n > p->next_bytes ? n : p->next_bytes;
	struct json_chunk *c = xmalloc(sizeof(*c) + size);

	c->next = p->chunks;
	p->chunks = c;
	p->at = c->data + n;
	p->end = c->data + size;
	p->n_full += sizeof(*c) + size;
	if (p->next_bytes < MAX_BYTES)
		p->next_bytes *= 2;
	return c->data;
}

void json_pool_free(struct json_pool *p)
{
	struct json_chunk *c, *next;

	free(p->adopted);
	for (c = p->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	free(p);
}

void json_pool_adopt(struct json_pool *p, struct json_object *v)
{
	p->adopted =
		xgrow(p->adopted, p->n_adopted, &p->cap_adopted, sizeof(*p->adopted));
	p->adopted[p->n_adopted++] = v;
}

size_t json_pool_bytes(const struct json_pool *p)
{
	return p->n_full - (size_t)(p->end - p->at);
}
