/* JSON values: one block each, on the heap or in the pool of the text that they were read
 * from. */
#include "ovsdb-lite/json/json_private.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json_number.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Most arrays have two elements: ["uuid",…]. */
enum { FIRST_ITEMS = 2 };

static struct json_object null_value = {JSON_NULL, JSON_STATIC, 0, {0}};
/* 'n' is their value. */
static struct json_object booleans[] = {
	{JSON_BOOLEAN, JSON_STATIC, 0, {0}},
	{JSON_BOOLEAN, JSON_STATIC, 1, {0}},
};

enum json_kind json_kind(const struct json_object *v)
{
	return v ? (enum json_kind)v->kind : JSON_NULL;
}

const char *json_kind_name(enum json_kind kind)
{
	static const char *const names[] = {
		[JSON_NULL] = "null",       [JSON_BOOLEAN] = "boolean",
		[JSON_INTEGER] = "integer", [JSON_REAL] = "real",
		[JSON_STRING] = "string",   [JSON_ARRAY] = "array",
		[JSON_OBJECT] = "object",
	};

	return names[kind];
}

/* --- makers --- */

static void *value_new(struct json_pool *pool, enum json_kind kind, size_t size)
{
	struct json_object *v = pool ? json_pool_alloc(pool, size) : xmalloc(size);

	v->kind = (uint8_t)kind;
	v->n = 0;
	if (pool) {
		v->home = JSON_POOLED;
		v->pool = pool;
	} else {
		v->home = JSON_HEAP;
		v->n_owners = 1;
	}
	return v;
}

struct json_object *json_integer_new(struct json_pool *pool, int64_t i)
{
	struct json_integer *v = value_new(pool, JSON_INTEGER, sizeof(*v));

	v->value = i;
	return &v->base;
}

struct json_string *json_string_new(struct json_pool *pool, size_t n)
{
	struct json_string *v = value_new(pool, JSON_STRING, sizeof(*v) + n + 1);

	assert(n < UINT32_MAX);
	v->base.n = (uint32_t)n;
	v->text[n] = '\0';
	return v;
}

struct json_real *json_real_new(struct json_pool *pool, size_t n_text)
{
	struct json_real *v = value_new(pool, JSON_REAL, sizeof(*v) + n_text + 1);

	assert(n_text < UINT32_MAX);
	v->base.n = (uint32_t)n_text;
	v->text[n_text] = '\0';
	return v;
}

struct json_container *json_container_new(struct json_pool *pool, enum json_kind kind)
{
	struct json_container *v = value_new(pool, kind, sizeof(*v));

	v->items = NULL;
	v->slots = NULL;
	v->cap = v->n_slots = 0;
	return v;
}

struct json_object *json_null(void)
{
	return &null_value;
}

struct json_object *json_boolean(bool b)
{
	return &booleans[b];
}

struct json_object *json_integer(int64_t i)
{
	return json_integer_new(NULL, i);
}

struct json_object *json_real(double d)
{
	char text[JSON_NUMBER_BYTES];
	struct json_real *v;
	int64_t integer;

	assert(isfinite(d));
	if (json_number_format(d, &integer, text) == JSON_NUMBER_INTEGER)
		return json_integer(integer);
	v = json_real_new(NULL, strlen(text));
	v->value = d;
	memcpy(v->text, text, v->base.n);
	return &v->base;
}

struct json_object *json_string_n(const char *s, size_t n)
{
	struct json_string *v = json_string_new(NULL, n);

	memcpy(v->text, s, n);
	return &v->base;
}

struct json_object *json_string(const char *s)
{
	return json_string_n(s, strlen(s));
}

struct json_object *json_array(void)
{
	return &json_container_new(NULL, JSON_ARRAY)->base;
}

struct json_object *json_object(void)
{
	return &json_container_new(NULL, JSON_OBJECT)->base;
}

/* --- changes --- */

/* One owner less. */
static void release(struct json_pool *p)
{
	assert(p->n_owners);
	if (--p->n_owners)
		return;
	for (size_t i = 0; i < p->n_adopted; i++)
		json_free(p->adopted[i]);
	json_pool_free(p);
}

/* Room for 'n' more items. What an array in a pool had stays there unused. */
static void reserve(struct json_container *c, uint32_t n_used, uint32_t n)
{
	uint32_t cap = c->cap ? 2 * c->cap : FIRST_ITEMS * n;
	struct json_object **items;

	if (n_used + n <= c->cap)
		return;
	assert(n_used < UINT32_MAX / 4);
	if (c->base.home == JSON_HEAP) {
		c->items = xrealloc_array(c->items, cap, sizeof(*items));
	} else {
		items = json_pool_alloc(c->base.pool, cap * sizeof(struct json_object *));
		if (n_used)
			memcpy(items, c->items, n_used * sizeof(struct json_object *));
		c->items = items;
	}
	c->cap = cap;
}

/* Takes 'v', which is put into 'c'. */
static struct json_object *own(struct json_container *c, struct json_object *v)
{
	if (!v)
		return json_null();
	if (c->base.home == JSON_HEAP || v->home == JSON_STATIC)
		return v;
	if (v->home == JSON_POOLED && v->pool == c->base.pool)
		release(v->pool);
	else
		json_pool_adopt(c->base.pool, v);
	return v;
}

void json_add(struct json_object *array, struct json_object *element)
{
	struct json_container *c = json_container_of(array);

	assert(json_kind(array) == JSON_ARRAY);
	reserve(c, c->base.n, 1);
	c->items[c->base.n++] = own(c, element);
}

void json_put(struct json_object *object, const char *name, struct json_object *value)
{
	struct json_container *c = json_container_of(object);
	size_t n = strlen(name);
	int64_t at;

	assert(json_kind(object) == JSON_OBJECT);
	at = json_index_find(c, name, n);
	if (at >= 0) {
		if (c->base.home == JSON_HEAP)
			json_free(c->items[at + 1]);
		c->items[at + 1] = own(c, value);
		return;
	}
	reserve(c, 2 * c->base.n, 2);
	if (c->base.home == JSON_HEAP) {
		c->items[2 * c->base.n] = json_string_n(name, n);
	} else {
		struct json_string *s = json_string_new(c->base.pool, n);

		memcpy(s->text, name, n);
		c->items[2 * c->base.n] = &s->base;
	}
	c->items[2 * c->base.n + 1] = own(c, value);
	c->base.n++;
	json_index_add(c);
}

struct json_object *json_pair(struct json_object *a, struct json_object *b)
{
	struct json_object *pair = json_array();

	json_add(pair, a);
	json_add(pair, b);
	return pair;
}

/* --- owners --- */

struct json_object *json_clone(const struct json_object *v)
{
	union {
		const struct json_object *borrowed;
		struct json_object *owned;
	} u = {.borrowed = v};

	if (!v)
		return json_null();
	if (v->home == JSON_HEAP)
		u.owned->n_owners++;
	else if (v->home == JSON_POOLED)
		v->pool->n_owners++;
	return u.owned;
}

static struct json_object *copy_items(const struct json_object *v)
{
	struct json_object *copy = v->kind == JSON_ARRAY ? json_array() : json_object();

	for (size_t i = 0; v->kind == JSON_ARRAY && i < v->n; i++)
		json_add(copy, json_copy(json_at(v, i)));
	if (v->kind == JSON_ARRAY)
		return copy;
	for (struct json_iter i = json_iter_begin(v); json_iter_next(&i);)
		json_put(copy, i.name, json_copy(i.value));
	return copy;
}

struct json_object *json_copy(const struct json_object *v)
{
	switch (json_kind(v)) {
	case JSON_NULL:
	case JSON_BOOLEAN:
		break;
	case JSON_INTEGER:
		return json_integer(json_get_integer(v));
	case JSON_REAL:
		return json_real(json_get_real(v));
	case JSON_STRING:
		return json_string_n(json_get_string(v), v->n);
	case JSON_ARRAY:
	case JSON_OBJECT:
		return copy_items(v);
	}
	return json_clone(v);
}

static void free_container(struct json_container *c)
{
	size_t n = c->base.kind == JSON_ARRAY ? c->base.n : 2 * (size_t)c->base.n;

	for (size_t i = 0; i < n; i++)
		json_free(c->items[i]);
	free(c->items);
	free(c->slots);
}

void json_free(struct json_object *v)
{
	if (!v || v->home == JSON_STATIC)
		return;
	if (v->home == JSON_POOLED) {
		release(v->pool);
		return;
	}
	assert(v->n_owners);
	if (--v->n_owners)
		return;
	if (v->kind == JSON_ARRAY || v->kind == JSON_OBJECT)
		free_container(json_container_of(v));
	free(v);
}

void json_freep(struct json_object **v)
{
	json_free(*v);
	*v = NULL;
}

/* --- readers --- */

bool json_get_boolean(const struct json_object *v)
{
	assert(json_kind(v) == JSON_BOOLEAN);
	return v->n;
}

int64_t json_get_integer(const struct json_object *v)
{
	assert(json_kind(v) == JSON_INTEGER);
	return ((const struct json_integer *)(const void *)v)->value;
}

double json_get_real(const struct json_object *v)
{
	assert(json_kind(v) == JSON_REAL || json_kind(v) == JSON_INTEGER);
	return v->kind == JSON_INTEGER
		       ? (double)json_get_integer(v)
		       : ((const struct json_real *)(const void *)v)->value;
}

const char *json_get_string(const struct json_object *v)
{
	assert(json_kind(v) == JSON_STRING);
	return json_string_of(v)->text;
}

size_t json_get_length(const struct json_object *v)
{
	assert(json_kind(v) >= JSON_STRING);
	return v->n;
}

struct json_object *json_at(const struct json_object *array, size_t i)
{
	assert(json_kind(array) == JSON_ARRAY && i < array->n);
	return json_container_of(array)->items[i];
}

struct json_object *json_member(const struct json_object *object, const char *name)
{
	const struct json_container *c = json_container_of(object);
	int64_t at;

	assert(json_kind(object) == JSON_OBJECT);
	at = json_index_find(c, name, strlen(name));
	return at < 0 ? NULL : c->items[at + 1];
}

const char *json_member_text(const struct json_object *v, const char *name)
{
	const struct json_object *its =
		json_kind(v) == JSON_OBJECT ? json_member(v, name) : NULL;

	return its && json_kind(its) == JSON_STRING ? json_get_string(its) : "";
}

struct json_iter json_iter_begin(const struct json_object *object)
{
	const struct json_container *c = json_container_of(object);

	assert(json_kind(object) == JSON_OBJECT);
	return (struct json_iter){.next = c->items, .n_left = c->base.n};
}

bool json_iter_next(struct json_iter *i)
{
	if (!i->n_left)
		return false;
	i->name = json_string_of(i->next[0])->text;
	i->value = i->next[1];
	i->next += 2;
	i->n_left--;
	return true;
}

static bool same_real(double a, double b)
{
	return !(a < b) && !(a > b);
}

static bool same_items(const struct json_object *a, const struct json_object *b)
{
	if (a->kind == JSON_ARRAY) {
		for (size_t i = 0; i < a->n; i++) {
			if (!json_equals(json_at(a, i), json_at(b, i)))
				return false;
		}
		return true;
	}
	for (struct json_iter i = json_iter_begin(a); json_iter_next(&i);) {
		const struct json_object *other = json_member(b, i.name);

		if (!other || !json_equals(i.value, other))
			return false;
	}
	return true;
}

bool json_equals(const struct json_object *a, const struct json_object *b)
{
	enum json_kind kind = json_kind(a);

	if (a == b)
		return true;
	if (kind != json_kind(b))
		return false;
	switch (kind) {
	case JSON_NULL:
		return true;
	case JSON_BOOLEAN:
		return a->n == b->n;
	case JSON_INTEGER:
		return json_get_integer(a) == json_get_integer(b);
	case JSON_REAL:
		return same_real(json_get_real(a), json_get_real(b));
	case JSON_STRING:
		return a->n == b->n &&
		       !memcmp(json_get_string(a), json_get_string(b), a->n);
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	return a->n == b->n && same_items(a, b);
}
