/* JSON values on json-c, which no other file sees. */
#include "ovsdb-lite/json/json.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json_number.h"

#include <assert.h>
/* json-c's type is hidden behind ours, so that the compiler keeps the two apart (see
 * null_mark), and so that its typedef does not take the name of our json_object(). */
#define json_object json_c_object
#include <json-c/json.h>
#undef json_object
#include <malloc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* json-c's null is the C NULL pointer, the same as a missing member. This mark stands for
 * a null that is lent or handed out; it is never given to json-c. */
static max_align_t null_mark;

/* Most arrays have two elements: ["uuid",…]. json-c would make room for 32. It grows an
 * array already when the last place is filled, so there are three. */
enum { FIRST_ELEMENTS = 3 };

static struct json_object *outward(struct json_c_object *v)
{
	return v ? (struct json_object *)v : (struct json_object *)&null_mark;
}

/* Undoes outward(). Most of json-c's readers take no const. */
static struct json_c_object *inward(const struct json_object *v)
{
	union {
		const struct json_object *ours;
		struct json_c_object *theirs;
	} u = {.ours = v};

	return u.ours == (const struct json_object *)&null_mark ? NULL : u.theirs;
}

/* json-c returns NULL when out of memory (lib/alloc.h). */
static struct json_object *made(struct json_c_object *v)
{
	if (!v)
		abort();
	return outward(v);
}

enum json_kind json_kind(const struct json_object *v)
{
	switch (json_object_get_type(inward(v))) {
	case json_type_boolean:
		return JSON_BOOLEAN;
	case json_type_int:
		return JSON_INTEGER;
	case json_type_double:
		return JSON_REAL;
	case json_type_string:
		return JSON_STRING;
	case json_type_array:
		return JSON_ARRAY;
	case json_type_object:
		return JSON_OBJECT;
	case json_type_null:
		break;
	}
	return JSON_NULL;
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

struct json_object *json_null(void)
{
	return outward(NULL);
}

struct json_object *json_boolean(bool b)
{
	return made(json_object_new_boolean(b));
}

struct json_object *json_integer(int64_t i)
{
	return made(json_object_new_int64(i));
}

struct json_object *json_real(double d)
{
	char text[JSON_NUMBER_BYTES];
	int64_t integer;

	assert(isfinite(d));
	if (json_number_format(d, &integer, text) == JSON_NUMBER_INTEGER)
		return json_integer(integer);
	return made(json_object_new_double_s(d, text));
}

struct json_object *json_real_written(double d, const char *text)
{
	assert(isfinite(d));
	return made(json_object_new_double_s(d, text));
}

struct json_object *json_string(const char *s)
{
	return made(json_object_new_string(s));
}

struct json_object *json_string_n(const char *s, size_t n)
{
	assert(n <= INT32_MAX);
	return made(json_object_new_string_len(s, (int)n));
}

struct json_object *json_array(void)
{
	return made(json_object_new_array_ext(FIRST_ELEMENTS));
}

struct json_object *json_object(void)
{
	return made(json_object_new_object());
}

void json_add(struct json_object *array, struct json_object *element)
{
	if (json_object_array_add(inward(array), inward(element)))
		abort();
}

void json_put(struct json_object *object, const char *name, struct json_object *value)
{
	if (json_object_object_add(inward(object), name, inward(value)))
		abort();
}

struct json_object *json_pair(struct json_object *a, struct json_object *b)
{
	struct json_object *pair = json_array();

	json_add(pair, a);
	json_add(pair, b);
	return pair;
}

void json_trim(struct json_object *container)
{
	if (json_kind(container) == JSON_ARRAY &&
	    json_object_array_shrink(inward(container), 0))
		abort();
}

static size_t block_bytes(void *block)
{
	return block ? malloc_usable_size(block) + sizeof(size_t) : 0;
}

size_t json_own_bytes(const struct json_object *v)
{
	struct json_c_object *theirs = inward(v);
	struct lh_table *table;
	struct array_list *list;

	switch (json_kind(v)) {
	case JSON_OBJECT:
		table = json_object_get_object(theirs);
		return block_bytes(theirs) + block_bytes(table) +
		       block_bytes(table->table);
	case JSON_ARRAY:
		list = json_object_get_array(theirs);
		return block_bytes(theirs) + block_bytes(list) + block_bytes(list->array);
	case JSON_NULL:
	case JSON_BOOLEAN:
	case JSON_INTEGER:
	case JSON_REAL:
	case JSON_STRING:
		break;
	}
	return block_bytes(theirs);
}

struct json_object *json_clone(const struct json_object *v)
{
	return outward(json_object_get(inward(v)));
}

void json_free(struct json_object *v)
{
	json_object_put(inward(v));
}

void json_freep(struct json_object **v)
{
	json_free(*v);
	*v = NULL;
}

bool json_get_boolean(const struct json_object *v)
{
	assert(json_kind(v) == JSON_BOOLEAN);
	return json_object_get_boolean(inward(v));
}

int64_t json_get_integer(const struct json_object *v)
{
	assert(json_kind(v) == JSON_INTEGER);
	return json_object_get_int64(inward(v));
}

double json_get_real(const struct json_object *v)
{
	assert(json_kind(v) == JSON_REAL || json_kind(v) == JSON_INTEGER);
	return json_object_get_double(inward(v));
}

const char *json_get_string(const struct json_object *v)
{
	assert(json_kind(v) == JSON_STRING);
	return json_object_get_string(inward(v));
}

size_t json_get_length(const struct json_object *v)
{
	enum json_kind kind = json_kind(v);

	if (kind == JSON_ARRAY)
		return json_object_array_length(inward(v));
	if (kind == JSON_OBJECT)
		return (size_t)json_object_object_length(inward(v));
	assert(kind == JSON_STRING);
	return (size_t)json_object_get_string_len(inward(v));
}

struct json_object *json_at(const struct json_object *array, size_t i)
{
	assert(json_kind(array) == JSON_ARRAY && i < json_get_length(array));
	return outward(json_object_array_get_idx(inward(array), i));
}

struct json_object *json_member(const struct json_object *object, const char *name)
{
	struct json_c_object *value;

	assert(json_kind(object) == JSON_OBJECT);
	return json_object_object_get_ex(inward(object), name, &value) ? outward(value)
								       : NULL;
}

const char *json_member_text(const struct json_object *v, const char *name)
{
	const struct json_object *its =
		json_kind(v) == JSON_OBJECT ? json_member(v, name) : NULL;

	return its && json_kind(its) == JSON_STRING ? json_get_string(its) : "";
}

struct json_iter json_iter_begin(const struct json_object *object)
{
	assert(json_kind(object) == JSON_OBJECT);
	return (struct json_iter){
		.next = lh_table_head(json_object_get_object(inward(object)))};
}

bool json_iter_next(struct json_iter *i)
{
	struct lh_entry *entry = i->next;

	if (!entry)
		return false;
	i->name = lh_entry_k(entry);
	i->value = outward(lh_entry_v(entry));
	i->next = lh_entry_next(entry);
	return true;
}

bool json_equals(const struct json_object *a, const struct json_object *b)
{
	return json_object_equal(inward(a), inward(b));
}

static char *text_of(const struct json_object *v, int flags, const char *end)
{
	size_t n, n_end = strlen(end);
	const char *lent;
	char *text;

	lent = json_object_to_json_string_length(
		inward(v), flags | JSON_C_TO_STRING_NOSLASHESCAPE, &n);
	if (!lent)
		abort();
	text = xmalloc(n + n_end + 1);
	memcpy(text, lent, n);
	memcpy(text + n, end, n_end + 1);
	return text;
}

char *json_text(const struct json_object *v)
{
	return text_of(v, JSON_C_TO_STRING_PLAIN, "");
}

char *json_text_pretty(const struct json_object *v)
{
	return text_of(v, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED, "\n");
}
