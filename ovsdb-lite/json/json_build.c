/* Builds the value of a text while it is read. The items of the objects and arrays that are
 * open stand on a stack; those of one that is closed go from there to the pool, which has
 * as much room for them as they need. Memory is counted as it is allocated, so that a limit
 * ends a message before it takes more. */
#include "ovsdb-lite/json/json_build.h"

#include "lib/alloc.h"
#include "lib/buffer.h"
#include "ovsdb-lite/json/json_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* One huge message must not hold its memory for as long as the connection lasts. */
#define KEEP_BYTES 65536

/* An object or array that is not closed yet. */
struct open_value {
	size_t first; /* of its items on the stack */
	bool is_object;
};

struct json_build {
	struct buffer text;     /* the bytes of the value that were appended */
	struct json_pool *pool; /* NULL between two values */
	struct json_object **items;
	size_t n_items, cap_items;
	struct open_value *open;
	size_t depth, cap;
	size_t n_taken; /* bytes of the last value that was taken */
};

struct json_build *json_build_new(void)
{
	return xcalloc(1, sizeof(struct json_build));
}

void json_build_free(struct json_build *b)
{
	if (!b)
		return;
	if (b->pool)
		json_pool_free(b->pool);
	buffer_clear(&b->text);
	free(b->items);
	free(b->open);
	free(b);
}

static struct json_pool *pool_of(struct json_build *b)
{
	if (!b->pool)
		b->pool = json_pool_new();
	return b->pool;
}

void json_build_append(struct json_build *b, const char *data, size_t n)
{
	buffer_put(&b->text, data, n);
}

static void push(struct json_build *b, struct json_object *v)
{
	assert(b->depth || !b->n_items);
	(void)pool_of(b);
	b->items = xgrow(b->items, b->n_items, &b->cap_items, sizeof(*b->items));
	b->items[b->n_items++] = v;
}

static void clear_text(struct json_build *b)
{
	if (b->text.cap > KEEP_BYTES)
		buffer_clear(&b->text);
	b->text.n = 0;
}

/* The bytes that were appended and these. */
static void push_text(struct json_build *b, const char *data, size_t n)
{
	struct json_string *s = json_string_new(pool_of(b), b->text.n + n);

	if (b->text.n)
		memcpy(s->text, b->text.data, b->text.n);
	memcpy(s->text + b->text.n, data, n);
	push(b, &s->base);
	clear_text(b);
}

void json_build_name(struct json_build *b, const char *rest, size_t n)
{
	assert(json_build_is_in_object(b));
	push_text(b, rest, n);
}

void json_build_string(struct json_build *b, const char *rest, size_t n)
{
	push_text(b, rest, n);
}

void json_build_add(struct json_build *b, struct json_object *v)
{
	assert(v->home == JSON_STATIC);
	push(b, v);
}

static void push_real(struct json_build *b, double d)
{
	struct json_real *v;

	/* Without a point it would be read as an integer again. */
	if (!strpbrk(b->text.data, ".eE"))
		buffer_puts(&b->text, ".0");
	v = json_real_new(pool_of(b), b->text.n);
	v->value = d;
	memcpy(v->text, b->text.data, b->text.n);
	push(b, &v->base);
}

enum json_number json_build_number(struct json_build *b)
{
	enum json_number kind;
	int64_t integer;
	double real;

	kind = json_number_read(b->text.data, &integer, &real);
	if (kind == JSON_NUMBER_INTEGER)
		push(b, json_integer_new(pool_of(b), integer));
	else if (kind == JSON_NUMBER_REAL)
		push_real(b, real);
	clear_text(b);
	return kind;
}

void json_build_open(struct json_build *b, bool is_object)
{
	assert(b->depth < JSON_MAX_DEPTH);
	b->open = xgrow(b->open, b->depth, &b->cap, sizeof(*b->open));
	b->open[b->depth++] = (struct open_value){b->n_items, is_object};
	(void)pool_of(b);
}

void json_build_close(struct json_build *b)
{
	const struct open_value *o = &b->open[b->depth - 1];
	size_t n = b->n_items - o->first;
	struct json_container *c =
		json_container_new(pool_of(b), o->is_object ? JSON_OBJECT : JSON_ARRAY);

	assert(b->depth && (!o->is_object || n % 2 == 0) && n < UINT32_MAX);
	if (n) {
		c->items = json_pool_alloc(b->pool, n * sizeof(struct json_object *));
		memcpy(c->items, b->items + o->first, n * sizeof(struct json_object *));
	}
	c->cap = (uint32_t)n;
	c->base.n = (uint32_t)(o->is_object ? n / 2 : n);
	if (o->is_object)
		json_index_all(c);
	b->n_items = o->first;
	b->depth--;
	push(b, &c->base);
}

unsigned int json_build_depth(const struct json_build *b)
{
	return (unsigned int)b->depth;
}

bool json_build_is_in_object(const struct json_build *b)
{
	return b->depth && b->open[b->depth - 1].is_object;
}

struct json_object *json_build_take(struct json_build *b)
{
	struct json_object *root = b->items[0];

	assert(b->n_items == 1 && !b->depth);
	b->n_taken = json_build_bytes(b);
	b->n_items = 0;
	if (b->cap_items * sizeof(struct json_object *) > KEEP_BYTES) {
		free(STEAL(b->items));
		b->cap_items = 0;
	}
	if (root->home == JSON_STATIC)
		json_pool_free(b->pool);
	b->pool = NULL;
	return root;
}

size_t json_build_bytes(const struct json_build *b)
{
	return b->pool ? json_pool_bytes(b->pool) +
				 b->n_items * sizeof(struct json_object *)
		       : b->n_taken;
}

size_t json_build_partial_bytes(const struct json_build *b)
{
	return (b->pool ? json_build_bytes(b) : 0) + b->text.n;
}
