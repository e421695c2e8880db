/* Slabs of some pages. In front of each object is a pointer to its slab; freed objects
 * are linked through this pointer. An empty slab is given back to malloc. */
#include "ovsdb-lite/rows/slab.h"

#include "lib/alloc.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* With one object in each slab the sanitizer detects a use after free. */
#if defined(__has_feature) /* clang; gcc has the macro */
#if __has_feature(address_sanitizer)
#define SLAB_BYTES ((size_t)0)
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SLAB_BYTES ((size_t)0)
#endif
#ifndef SLAB_BYTES
#define SLAB_BYTES ((size_t)32 << 10)
#endif

struct object {
	union {
		struct slab *slab;   /* while it is in use */
		struct object *next; /* in slab.free */
	};
	unsigned char data[];
};

struct slab {
	struct slab *prev, *next;
	size_t n_used, n_touched; /* objects in use; objects that were ever in use */
	struct object *free;
	unsigned char objects[];
};

/* At least one: a large object has a slab of its own. */
static size_t capacity(const struct slab_cache *c)
{
	size_t n = SLAB_BYTES / (sizeof(struct object) + c->object_bytes);

	return n ? n : 1;
}

static struct slab *new_slab(const struct slab_cache *c)
{
	struct slab *s = xmalloc(sizeof(*s) +
				 capacity(c) * (sizeof(struct object) + c->object_bytes));

	*s = (struct slab){0};
	return s;
}

static struct object *take(const struct slab_cache *c, struct slab *s)
{
	struct object *o = s->free;
	size_t offset = s->n_touched * (sizeof(*o) + c->object_bytes);

	s->n_used++;
	if (o) {
		s->free = o->next;
	} else {
		assert(s->n_touched < capacity(c));
		o = (struct object *)(void *)(s->objects + offset);
		s->n_touched++;
	}
	o->slab = s;
	return o;
}

void *slab_alloc(struct slab_cache *c)
{
	struct slab *s = c->slabs;
	struct object *o;

	if (!s || s->n_used == capacity(c)) {
		s = new_slab(c);
		DL_PREPEND(c->slabs, s);
	}
	o = take(c, s);
	if (s->n_used == capacity(c)) {
		DL_DELETE(c->slabs, s);
		DL_APPEND(c->slabs, s);
	}
	return memset(o->data, 0, c->object_bytes);
}

void slab_free(struct slab_cache *c, void *object)
{
	struct object *o = (struct object *)(void *)((unsigned char *)object -
						     offsetof(struct object, data));
	struct slab *s = o->slab;

	assert(s->n_used && s->n_used <= capacity(c));
	DL_DELETE(c->slabs, s);
	if (!--s->n_used) {
		free(s);
		return;
	}
	o->next = s->free;
	s->free = o;
	DL_PREPEND(c->slabs, s);
}
