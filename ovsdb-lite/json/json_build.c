/* Builds json-c values while their text is read: a stack of the objects and arrays that
 * are open, and the bytes of the string or number that is being read. Memory is counted
 * as it is allocated, so that a limit ends a message before it takes more. */
#include "ovsdb-lite/json/json_build.h"

#include "lib/alloc.h"
#include "lib/buffer.h"
#include "ovsdb-lite/json/json.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* An object or array that is not closed yet. */
struct open_value {
	struct json_object *v; /* borrowed from 'root' */
	size_t own;            /* json_own_bytes() when it was last counted */
};

struct json_build {
	/* A member's name and its NUL, if 'value' is not 0; then the bytes of the value. */
	struct buffer text;
	size_t value;
	struct json_object *root; /* meaningful if 'has_root' */
	bool has_root;
	/* Grows with the depth: most values are flat, and a start reads one for each set. */
	struct open_value *open;
	size_t depth, cap;
	size_t n_bytes;
};

struct json_build *json_build_new(void)
{
	return xcalloc(1, sizeof(struct json_build));
}

void json_build_free(struct json_build *b)
{
	if (!b)
		return;
	if (b->has_root)
		json_free(b->root);
	buffer_clear(&b->text);
	free(b->open);
	free(b);
}

void json_build_append(struct json_build *b, const char *data, size_t n)
{
	buffer_put(&b->text, data, n);
}

void json_build_name(struct json_build *b)
{
	assert(json_build_is_in_object(b) && !b->value);
	buffer_put(&b->text, "", 1);
	b->value = b->text.n;
}

static void clear_text(struct json_build *b)
{
	/* One huge string must not hold its memory for as long as the connection lasts. */
	enum { KEEP_BYTES = 65536 };

	if (b->text.cap > KEEP_BYTES)
		buffer_clear(&b->text);
	b->text.n = 0;
	b->value = 0;
}

/* A container grows by more than its new element. */
static void count_growth(struct json_build *b)
{
	struct open_value *o = &b->open[b->depth - 1];
	size_t own = json_own_bytes(o->v);

	b->n_bytes += own - o->own;
	o->own = own;
}

void json_build_add(struct json_build *b, struct json_object *v)
{
	/* At most, for malloc(3)'s bookkeeping and rounding of the copy of a name. */
	enum { NAME_OVERHEAD_BYTES = 32 };
	size_t own = json_own_bytes(v);

	if (!b->depth) {
		assert(!b->has_root);
		b->root = v;
		b->has_root = true;
		b->n_bytes = own;
	} else {
		if (b->value) {
			json_put(b->open[b->depth - 1].v, b->text.data, v);
			own += b->value + NAME_OVERHEAD_BYTES;
		} else {
			json_add(b->open[b->depth - 1].v, v);
		}
		b->n_bytes += own;
		count_growth(b);
	}
	clear_text(b);
}

void json_build_string(struct json_build *b)
{
	const char *text = b->text.n ? b->text.data + b->value : "";

	json_build_add(b, json_string_n(text, b->text.n - b->value));
}

enum json_number json_build_number(struct json_build *b)
{
	const char *text = b->text.data + b->value;
	enum json_number kind;
	int64_t integer;
	double real;

	kind = json_number_read(text, &integer, &real);
	if (kind == JSON_NUMBER_INTEGER) {
		json_build_add(b, json_integer(integer));
	} else if (kind == JSON_NUMBER_REAL) {
		/* Without a point it would be read as an integer again. */
		if (!strpbrk(text, ".eE")) {
			buffer_puts(&b->text, ".0");
			text = b->text.data + b->value;
		}
		json_build_add(b, json_real_written(real, text));
	}
	return kind;
}

void json_build_open(struct json_build *b, bool is_object)
{
	struct json_object *v = is_object ? json_object() : json_array();

	assert(b->depth < JSON_MAX_DEPTH);
	json_build_add(b, v);
	b->open = xgrow(b->open, b->depth, &b->cap, sizeof(*b->open));
	b->open[b->depth++] = (struct open_value){v, json_own_bytes(v)};
}

void json_build_close(struct json_build *b)
{
	assert(b->depth);
	json_trim(b->open[b->depth - 1].v);
	count_growth(b);
	b->depth--;
}

unsigned int json_build_depth(const struct json_build *b)
{
	return (unsigned int)b->depth;
}

bool json_build_is_in_object(const struct json_build *b)
{
	return b->depth && json_kind(b->open[b->depth - 1].v) == JSON_OBJECT;
}

struct json_object *json_build_take(struct json_build *b)
{
	assert(b->has_root && !b->depth);
	b->has_root = false;
	return b->root;
}

size_t json_build_bytes(const struct json_build *b)
{
	return b->n_bytes;
}

size_t json_build_partial_bytes(const struct json_build *b)
{
	return (b->has_root ? b->n_bytes : 0) + b->text.n;
}
