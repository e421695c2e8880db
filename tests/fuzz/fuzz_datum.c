/* Values: datum_from_json(), datum_to_json(), and the algebra of sets and maps.
 *
 * Input: a column's <type>, then values of it. Each is taken alone and with the one
 * before. Laws: strings are UTF-8; JSON and back is the same value, by either writer; a
 * difference applied to the old gives the new; what union and subtraction leave is what
 * sets would have. */
#include "fuzz.h"

#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/json/json_write.h"
#include "ovsdb-lite/values/schema.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>

/* A schema with one column of this type; takes it. NULL if it is none. */
static struct schema *schema_of_type(struct json_object *type)
{
	struct json_object *json = fuzz_json("{'name': 'D', 'version': '1.0.0', "
					     "'tables': {'T': {'columns': {'c': {}}}}}");
	struct json_object *column = json_member(
		json_member(json_member(json_member(json, "tables"), "T"), "columns"),
		"c");
	struct schema *s = NULL;

	json_put(column, "type", type);
	if (!fuzz_ok(schema_from_json(json, &s)))
		s = NULL;
	json_free(json);
	return s;
}

static void check_order(const struct datum *d, const struct column_type *t)
{
	for (uint32_t i = 0; i < d->n; i++) {
		LAW(datum_find(d, &datum_keys(d)[i], t->key.type) == (int64_t)i);
		LAW(!i ||
		    atom_cmp(&datum_keys(d)[i - 1], &datum_keys(d)[i], t->key.type) < 0);
	}
}

static void check_json(const struct datum *d, const struct column_type *t)
{
	struct json_object *json = datum_to_json(d, t), *json_again;
	CLEANUP(freep) char *text = json_text(json);
	CLEANUP(buffer_clearp) struct buffer b = {0};
	struct datum again;

	datum_write(&b, d, t);
	LAW(!strcmp(b.data, text));
	json_free(json);
	fuzz_must(json_parse(text, strlen(text), &json));
	fuzz_must(datum_from_json(&again, t, json, NULL));
	LAW(datum_equals(d, &again, t));
	LAW(datum_cmp(d, &again, t) == 0);
	LAW(datum_hash(d, t, 7) == datum_hash(&again, t, 7));
	json_again = datum_to_json(&again, t);
	LAW(fuzz_same_text(json, json_again));
	json_free(json);
	json_free(json_again);
	datum_clear(&again, t);
}

/* By another reader: glibc's. */
static bool is_utf8(const char *text)
{
	static iconv_t converter;
	size_t n = strlen(text), n_out = 4 * n + 1;
	CLEANUP(freep) char *copy = xstrdup(text), *out = xmalloc(n_out);
	char *from = copy, *to = out;

	if (!converter)
		converter = iconv_open("UTF-32LE", "UTF-8");
	return iconv(converter, &from, &n, &to, &n_out) == 0;
}

static void check_strings(const struct datum *d, const struct column_type *t)
{
	for (uint32_t i = 0; i < d->n; i++) {
		LAW(t->key.type != ATOM_STRING || is_utf8(datum_keys(d)[i].string));
		LAW(!t->is_map || t->value.type != ATOM_STRING ||
		    is_utf8(datum_values(d)[i].string));
	}
}

static void check_one(const struct datum *d, const struct column_type *t)
{
	struct datum copy, empty;

	fuzz_must(datum_check(d, t));
	check_order(d, t);
	check_strings(d, t);
	check_json(d, t);
	datum_copy(&copy, d, t);
	LAW(datum_includes_all(d, &copy, t) && datum_includes_all(&copy, d, t));
	LAW(datum_excludes_all(d, &copy, t) == !d->n);
	datum_union(&copy, d, t);
	LAW(datum_equals(&copy, d, t));
	datum_subtract(&copy, d, t, t->is_map);
	datum_init_empty(&empty);
	LAW(datum_equals(&copy, &empty, t));
	datum_clear(&copy, t);
}

/* Applied to 'old', their difference gives 'new'. */
static void check_difference(const struct datum *old, const struct datum *new,
			     const struct column_type *t)
{
	struct datum diff, d;

	datum_diff(&diff, old, new, t);
	LAW(t->n_max == 1 || (diff.n == 0) == datum_equals(old, new, t));
	datum_copy(&d, old, t);
	fuzz_must(datum_apply_diff(&d, &diff, t));
	LAW(datum_equals(&d, new, t));
	check_order(&d, t);
	datum_clear(&d, t);
	datum_clear(&diff, t);
}

static bool holds_pair(const struct datum *d, const struct datum *from, uint32_t i,
		       const struct column_type *t)
{
	int64_t at = datum_find(d, &datum_keys(from)[i], t->key.type);

	return at >= 0 &&
	       (!t->is_map ||
		atom_equals(&datum_values(d)[at], &datum_values(from)[i], t->value.type));
}

/* Key by key: all of 'a' with its values, and of 'b' the keys that 'a' lacks. */
static void check_union(const struct datum *a, const struct datum *b,
			const struct column_type *t)
{
	uint32_t n_new = 0;
	struct datum d;

	datum_copy(&d, a, t);
	datum_union(&d, b, t);
	check_order(&d, t);
	LAW(datum_includes_all(a, &d, t));
	for (uint32_t i = 0; i < b->n; i++) {
		if (datum_find(a, &datum_keys(b)[i], t->key.type) >= 0)
			continue;
		n_new++;
		LAW(holds_pair(&d, b, i, t));
	}
	LAW(d.n == a->n + n_new);
	datum_clear(&d, t);
}

/* Key by key: of 'a' what 'b' does not name, or names with another value where those
 * count. */
static void check_subtraction(const struct datum *a, const struct datum *b,
			      const struct column_type *t, bool with_values)
{
	uint32_t n_kept = 0;
	struct datum d;

	datum_copy(&d, a, t);
	datum_subtract(&d, b, t, with_values);
	check_order(&d, t);
	for (uint32_t i = 0; i < a->n; i++) {
		bool goes = with_values
				    ? holds_pair(b, a, i, t)
				    : datum_find(b, &datum_keys(a)[i], t->key.type) >= 0;

		LAW(holds_pair(&d, a, i, t) == !goes);
		n_kept += !goes;
	}
	LAW(d.n == n_kept);
	LAW(!with_values || datum_excludes_all(&d, b, t));
	datum_clear(&d, t);
}

static void check_two(const struct datum *a, const struct datum *b,
		      const struct column_type *t)
{
	int order = datum_cmp(a, b, t);

	LAW((order == 0) == datum_equals(a, b, t));
	LAW((order < 0) == (datum_cmp(b, a, t) > 0));
	LAW((order == 0) == (datum_includes_all(a, b, t) && datum_includes_all(b, a, t)));
	LAW(datum_excludes_all(a, b, t) == datum_excludes_all(b, a, t));
	check_difference(a, b, t);
	check_union(a, b, t);
	check_subtraction(a, b, t, t->is_map);
	check_subtraction(a, b, t, false);
}

static void check_values(struct fuzz_input *in, const struct column_type *t)
{
	struct datum before, d;
	struct json_object *json;

	datum_init_default(&before, t);
	if (!fuzz_ok(datum_check(&before, t))) { /* forbidden by a range */
		datum_clear(&before, t);
		json = fuzz_next(in);
		if (!json || !fuzz_ok(datum_from_json(&before, t, json, NULL)))
			datum_init_empty(&before);
		json_free(json);
		if (!before.n)
			return;
	}
	while ((json = fuzz_next(in))) {
		if (fuzz_ok(datum_from_json(&d, t, json, NULL))) {
			check_one(&d, t);
			check_two(&before, &d, t);
			check_two(&d, &before, t);
			datum_swap(&before, &d);
			datum_clear(&d, t);
		}
		json_free(json);
	}
	datum_clear(&before, t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct fuzz_input in = {(const char *)data, n};
	struct json_object *type = fuzz_next(&in);
	struct schema *s = type ? schema_of_type(type) : NULL;

	if (s)
		check_values(&in, &s->tables[0].columns[0].type);
	schema_free(s);
	return 0;
}
