/* The memory of all values that were read from one text: taken piece by piece, freed as a
 * whole with its last owner. For json*.c alone. */
#ifndef OVSDB_JSON_POOL_H
#define OVSDB_JSON_POOL_H 1

#include <stddef.h>
#include <stdint.h>

struct json_object;

struct json_pool {
	size_t n_owners;
	char *at, *end;            /* the free part of the last chunk */
	size_t n_full;             /* bytes of the chunks before it */
	struct json_chunk *chunks; /* the last one first; not the one behind this */
	size_t next_bytes;         /* of the next chunk */
	/* Values of others that were put into values of this pool. */
	struct json_object **adopted;
	size_t n_adopted, cap_adopted;
};

/* With one owner. */
struct json_pool *json_pool_new(void)
	__attribute__((warn_unused_result, returns_nonnull));
/* Not what it has adopted. */
void json_pool_free(struct json_pool *p);
/* 'v' is not of this pool, and is freed by json.c before this is. */
void json_pool_adopt(struct json_pool *p, struct json_object *v);
/* Of what was taken, with what was left free between. */
size_t json_pool_bytes(const struct json_pool *p);

void *json_pool_alloc_chunk(struct json_pool *p, size_t n)
	__attribute__((warn_unused_result, returns_nonnull));

/* Not zeroed; aligned for pointers and numbers. */
static inline void *json_pool_alloc(struct json_pool *p, size_t n)
{
	void *block = p->at;

	n = (n + 7) & ~(size_t)7;
	if (n > (size_t)(p->end - p->at))
		return json_pool_alloc_chunk(p, n);
	p->at += n;
	return block;
}

#endif
