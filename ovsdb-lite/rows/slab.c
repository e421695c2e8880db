/* Slabs of some pages. Before each object stands whose it is; those that were freed are
 * linked through themselves. An empty slab goes back to malloc. Beside it: table.c, whose
 * rows are the objects. */
#include "ovsdb-lite/rows/slab.h"

#include "lib/alloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* The sanitizer sees what is used after it was freed if each object is a slab. */
#if defined(__has_feature) /* clang's way to ask, gcc's is the macro */
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
	size_t n_used, n_touched; /* objects; the others were never handed out */
	struct object *free;
	unsigned char objects[];
};

/* What is large has a slab to itself. */
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

	DL_DELETE(c->slabs, s);
	if (!--s->n_used) {
		free(s);
		return;
	}
	o->next = s->free;
	s->free = o;
	DL_PREPEND(c->slabs, s);
}
