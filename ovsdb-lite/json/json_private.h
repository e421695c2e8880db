/* The inside of JSON values, for json*.c. */
#ifndef OVSDB_JSON_PRIVATE_H
#define OVSDB_JSON_PRIVATE_H 1

#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_pool.h"

/* Where a value is, and who frees it. */
enum json_home {
	JSON_STATIC, /* null, true and false: nobody does */
	JSON_HEAP,   /* alone: its last owner does, with what is in it */
	JSON_POOLED, /* with all values of a text: the pool's last owner does */
};

/* What all values begin with. */
struct json_object {
	uint8_t kind, home;
	uint32_t n; /* bytes of a string, elements, members */
	union {
		size_t n_owners; /* JSON_HEAP */
		struct json_pool
			*pool; /* JSON_POOLED; its owners are those of the value */
	};
};

struct json_integer {
	struct json_object base;
	int64_t value;
};

struct json_real {
	struct json_object base;
	double value;
	char text[]; /* as it is written; base.n bytes and a NUL */
};

struct json_string {
	struct json_object base;
	char text[]; /* base.n bytes and a NUL */
};

/* An array or an object. 'items' are the elements, or the name (a string) and the value of
 * each member in turn. */
struct json_container {
	struct json_object base;
	struct json_object **items;
	uint32_t *slots;       /* json_index.c; NULL: there are few members */
	uint32_t cap, n_slots; /* of 'items' and 'slots' */
};

static inline struct json_container *json_container_of(const struct json_object *v)
{
	union {
		const struct json_object *is;
		struct json_container *container;
	} u = {.is = v};

	return u.container;
}

static inline const struct json_string *json_string_of(const struct json_object *v)
{
	return (const struct json_string *)(const void *)v;
}

/* On the heap if 'pool' is NULL. Not yet filled in but for their base. */
struct json_string *json_string_new(struct json_pool *pool, size_t n);
struct json_real *json_real_new(struct json_pool *pool, size_t n_text);
struct json_object *json_integer_new(struct json_pool *pool, int64_t i);
struct json_container *json_container_new(struct json_pool *pool, enum json_kind kind);

/* json_index.c: finds members by name. The place of the member in 'items'; -1: there is
 * none. */
int64_t json_index_find(const struct json_container *c, const char *name, size_t n);
/* The last member is new. */
void json_index_add(struct json_container *c);
/* For the members that stand in 'items' as they were read: the last of those with the same
 * name counts, in the place of the first. */
void json_index_all(struct json_container *c);

#endif
