/* JSON values on json-c, which no other file sees. Beside it: json_scan.c, which says
 * what is JSON and where it ends; jsonrpc.c gives messages their meaning. */
#include "ovsdb-lite/json/json.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json_number.h"
#include "ovsdb-lite/json/json_scan.h"

#include <assert.h>
/* json-c's type is hidden behind ours, so that the compiler keeps the two apart (see
 * null_mark), and so that its typedef does not take the name of our json_object(). */
#define json_object json_c_object
#include <json-c/json.h>
#undef json_object
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* json-c's null is the C NULL pointer, from which a missing member could not be told.
 * This mark stands for a null that is lent or handed out, and never gets into json-c. */
static max_align_t null_mark;

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

/* json-c gives NULL where memory is out (lib/alloc.h). */
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
	return made(json_object_new_array());
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
	struct json_object *pair = made(json_object_new_array_ext(2));

	json_add(pair, a);
	json_add(pair, b);
	return pair;
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

/* Has json-c make the value of a text that was found good. */
static struct json_object *build(const struct json_scan *scan)
{
	size_t n;
	const char *text = json_scan_text(scan, &n);
	/* Its depth counts the scalars inside, too. */
	struct json_tokener *tokener =
		json_tokener_new_ex((int)json_scan_depth(scan) + 2);
	struct json_c_object *value;

	if (!tokener)
		abort();
	/* With the NUL, so that a number at top level ends. */
	value = json_tokener_parse_ex(tokener, text, (int)n + 1);
	assert(json_tokener_get_error(tokener) == json_tokener_success);
	json_tokener_free(tokener);
	return outward(value);
}

/* LINE:COLUMN in bytes, as compilers count. */
static struct err *with_position(struct err *e, const char *text, size_t offset)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < offset; i++) {
		column = text[i] == '\n' ? 1 : column + 1;
		line += text[i] == '\n';
	}
	return err_at(e, "%zu:%zu", line, column);
}

struct err *json_parse(const char *text, size_t n, struct json_object **ret_value)
{
	struct json_scan *scan = json_scan_new(JSON_SCAN_MAX_BYTES);
	size_t used = 0, behind;
	bool is_complete = false;
	struct err *e = json_scan_feed(scan, text, n, &used, &is_complete);

	/* White space ends a number and nothing else. */
	if (!e && !is_complete)
		e = json_scan_feed(scan, "\n", 1, &behind, &is_complete);
	if (!e && !is_complete)
		e = json_scan_ends_early(scan);
	if (!e) {
		while (used < n && text[used] && strchr(" \t\r\n", text[used]))
			used++;
		if (used < n)
			e = err_new(ERR_SYNTAX,
				    "not valid JSON: something follows the value");
	}
	if (e)
		e = with_position(e, text, used);
	else
		*ret_value = build(scan);
	json_scan_free(scan);
	return e;
}

struct json_stream {
	struct json_scan *scan;
	bool is_dead;
};

struct json_stream *json_stream_new(size_t max_message_bytes)
{
	struct json_stream *s = xcalloc(1, sizeof(*s));

	s->scan = json_scan_new(max_message_bytes);
	return s;
}

void json_stream_free(struct json_stream *s)
{
	if (!s)
		return;
	json_scan_free(s->scan);
	free(s);
}

void json_stream_limit_tree(struct json_stream *s, size_t max_tree_bytes)
{
	json_scan_limit_tree(s->scan, max_tree_bytes);
}

size_t json_stream_tree_bytes(const struct json_stream *s)
{
	return json_scan_tree_bytes(s->scan);
}

struct err *json_stream_feed(struct json_stream *s, const char *data, size_t n,
			     size_t *ret_used, struct json_object **ret_value)
{
	bool is_complete;
	struct err *e;
	size_t used;

	assert(!s->is_dead);
	e = json_scan_feed(s->scan, data, n, &used, &is_complete);
	if (e) {
		s->is_dead = true;
		return e;
	}
	*ret_used = used;
	*ret_value = NULL;
	if (is_complete) {
		*ret_value = build(s->scan);
		json_scan_restart(s->scan);
	}
	return NULL;
}
