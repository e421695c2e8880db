/* ovsdb-lite/values/datum: order, set algebra against a naive model, differences, packing. */
#include "datum_text.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void order_equality_and_hash(void **state)
{
	struct datum_text f = datum_text_type(MAP);
	static const char *const in_order[] = {
		"[\"map\",[]]",
		"[\"map\",[[\"a\",\"1\"]]]",
		"[\"map\",[[\"a\",\"1\"],[\"b\",\"1\"]]]",
		"[\"map\",[[\"a\",\"2\"]]]",
		"[\"map\",[[\"b\",\"0\"]]]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(in_order); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(in_order); k++) {
			struct datum a = datum_text_datum(&f, in_order[i]),
				     b = datum_text_datum(&f, in_order[k]);
			int c = datum_cmp(&a, &b, f.type);

			assert_int_equal((c > 0) - (c < 0), (i > k) - (i < k));
			assert_int_equal(datum_equals(&a, &b, f.type), i == k);
			assert_int_equal(datum_hash(&a, f.type, 1) ==
						 datum_hash(&b, f.type, 1),
					 i == k);
			datum_clear(&a, f.type);
			datum_clear(&b, f.type);
		}
	}
	schema_free(f.schema);
	assert_true(atom_equals(&(union atom){.real = -0.0}, &(union atom){.real = 0.0},
				ATOM_REAL));
	assert_int_equal(atom_hash(&(union atom){.real = -0.0}, ATOM_REAL, 3),
			 atom_hash(&(union atom){.real = 0.0}, ATOM_REAL, 3));
}

enum { N_VALUES = 6 }; /* sets over 0..5, bit i for value i */

static struct datum set_of_bits(unsigned int bits)
{
	struct datum d;

	datum_init_empty(&d);
	for (int64_t i = 0; i < N_VALUES; i++) {
		if (bits & 1u << i)
			datum_append(&d, (union atom){.integer = i}, NULL);
	}
	return d;
}

static unsigned int bits_of(const struct datum *d)
{
	unsigned int bits = 0;

	for (uint32_t i = 0; i < d->n; i++) {
		assert_true(!i ||
			    datum_keys(d)[i - 1].integer < datum_keys(d)[i].integer);
		bits |= 1u << datum_keys(d)[i].integer;
	}
	return bits;
}

/* Every pair of sets of six values against the operators of C. */
static void set_algebra(void **state)
{
	struct datum_text f = datum_text_type(SET_OF_INTEGERS);
	const struct column_type *t = f.type;

	(void)state;
	for (unsigned int i = 0; i < 1 << N_VALUES; i++) {
		for (unsigned int k = 0; k < 1 << N_VALUES; k++) {
			struct datum a = set_of_bits(i), b = set_of_bits(k), c, diff;

			datum_copy(&c, &a, t);
			datum_union(&c, &b, t);
			assert_int_equal(bits_of(&c), i | k);
			datum_subtract(&c, &b, t, false);
			assert_int_equal(bits_of(&c), i & ~k);
			datum_clear(&c, t);
			assert_int_equal(datum_includes_all(&a, &b, t), (i & ~k) == 0);
			assert_int_equal(datum_excludes_all(&a, &b, t), (i & k) == 0);
			for (int64_t v = -1; v <= N_VALUES; v++)
				assert_int_equal(datum_find(&a,
							    &(union atom){.integer = v},
							    ATOM_INTEGER) >= 0,
						 v >= 0 && (i & 1u << v));
			datum_diff(&diff, &a, &b, t);
			assert_int_equal(bits_of(&diff), i ^ k);
			assert_null(datum_apply_diff(&a, &diff, t));
			assert_int_equal(bits_of(&a), k);
			datum_clear(&diff, t);
			datum_clear(&a, t);
			datum_clear(&b, t);
		}
	}
	schema_free(f.schema);
}

enum { MAP_DIGITS = 4, N_MAPS = 81 };

/* Number in base 3, a digit for each of the keys a..d: 0 absent, else the value. */
static struct datum map_of_digits(unsigned int number)
{
	struct datum d;

	datum_init_empty(&d);
	for (int i = 0; i < MAP_DIGITS; i++, number /= 3) {
		char key[] = {(char)('a' + i), 0},
		     value[] = {(char)('0' + number % 3), 0};
		union atom v = {.string = number % 3 ? xstrdup(value) : NULL};

		if (number % 3)
			datum_append(&d, (union atom){.string = xstrdup(key)}, &v);
	}
	return d;
}

static int digit_of(const struct datum *d, int i)
{
	char key[] = {(char)('a' + i), 0};
	int64_t at = datum_find(d, &(union atom){.string = key}, ATOM_STRING);

	return at < 0 ? 0 : datum_values(d)[at].string[0] - '0';
}

/* Every pair of maps of four keys and two values, key by key. */
static void map_algebra(void **state)
{
	struct datum_text f = datum_text_type(MAP);
	const struct column_type *t = f.type;

	(void)state;
	for (unsigned int x = 0; x < N_MAPS; x++) {
		for (unsigned int y = 0; y < N_MAPS; y++) {
			struct datum a = map_of_digits(x), b = map_of_digits(y), diff;
			struct datum joined, less_pairs, less_keys;
			bool all = true, none = true;

			datum_copy(&joined, &a, t);
			datum_union(&joined, &b, t);
			datum_copy(&less_pairs, &a, t);
			datum_subtract(&less_pairs, &b, t, true);
			datum_copy(&less_keys, &a, t);
			datum_subtract(&less_keys, &b, t, false);
			datum_diff(&diff, &a, &b, t);
			for (int i = 0; i < MAP_DIGITS; i++) {
				int p = digit_of(&a, i), q = digit_of(&b, i);

				/* Union keeps what is there. */
				assert_int_equal(digit_of(&joined, i), p ? p : q);
				assert_int_equal(digit_of(&less_pairs, i),
						 p == q ? 0 : p);
				assert_int_equal(digit_of(&less_keys, i), q ? 0 : p);
				/* ovsdb-wire.md 4: [k,new] if added or changed, [k,old] if
				 * removed. */
				assert_int_equal(digit_of(&diff, i), p == q ? 0
								     : q    ? q
									    : p);
				all = all && (!p || p == q);
				none = none && (!p || p != q);
			}
			assert_int_equal(datum_includes_all(&a, &b, t), all);
			assert_int_equal(datum_excludes_all(&a, &b, t), none);
			assert_null(datum_apply_diff(&a, &diff, t));
			assert_true(datum_equals(&a, &b, t));
			datum_clear(&joined, t);
			datum_clear(&less_pairs, t);
			datum_clear(&less_keys, t);
			datum_clear(&diff, t);
			datum_clear(&a, t);
			datum_clear(&b, t);
		}
	}
	schema_free(f.schema);
}

/* ovsdb-wire.md 4: columns of at most one element are told whole. */
static void difference_of_one_is_whole(void **state)
{
	static const struct {
		const char *type, *old, *new;
	} cases[] = {
		{"\"integer\"", "1", "2"},
		{"\"string\"", "\"a\"", "\"b\""},
		{"{\"key\":\"string\",\"min\":0}", "\"a\"", "[\"set\",[]]"},
		{"{\"key\":\"string\",\"min\":0}", "[\"set\",[]]", "\"a\""},
		{"{\"key\":\"string\",\"min\":0}", "\"a\"", "\"b\""},
		{"{\"key\":\"string\",\"value\":\"integer\",\"min\":0}",
		 "[\"map\",[[\"a\",1]]]", "[\"map\",[[\"b\",1]]]"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct datum_text f = datum_text_type(cases[i].type);
		struct datum old = datum_text_datum(&f, cases[i].old),
			     new = datum_text_datum(&f, cases[i].new), diff;

		datum_diff(&diff, &old, &new, f.type);
		datum_text_check(&f, &diff, cases[i].new);
		assert_null(datum_apply_diff(&old, &diff, f.type));
		datum_text_check(&f, &old, cases[i].new);
		datum_clear(&old, f.type);
		datum_clear(&new, f.type);
		datum_clear(&diff, f.type);
		schema_free(f.schema);
	}
}

static void a_difference_that_does_not_fit(void **state)
{
	struct datum_text f = datum_text_type("{\"key\":\"integer\",\"max\":2}");
	struct datum d = datum_text_datum(&f, "[\"set\",[1,2]]"),
		     diff = datum_text_datum(&f, "3");
	struct err *e = datum_apply_diff(&d, &diff, f.type);

	(void)state;
	assert_int_equal(e->code, ERR_CONSTRAINT);
	datum_text_check(&f, &d, "[\"set\",[1,2]]"); /* untouched */
	err_free(e);
	datum_clear(&d, f.type);
	datum_clear(&diff, f.type);
	schema_free(f.schema);
}

static void sorting(void **state)
{
	struct datum_text f = datum_text_type(MAP);
	struct datum d;
	struct err *e;

	(void)state;
	datum_init_empty(&d);
	for (const char *key = "dbac"; *key; key++) {
		union atom value = {.string = xasprintf("%c!", *key)};

		datum_append(&d, (union atom){.string = xstrndup(key, 1)}, &value);
	}
	assert_null(datum_sort(&d, f.type));
	datum_text_check(
		&f, &d,
		"[\"map\",[[\"a\",\"a!\"],[\"b\",\"b!\"],[\"c\",\"c!\"],[\"d\",\"d!"
		"\"]]]");
	datum_append(&d, (union atom){.string = xstrdup("a")},
		     &(union atom){.string = xstrdup("x")});
	e = datum_sort(&d, f.type);
	assert_int_equal(e->code, ERR_CONSTRAINT);
	err_free(e);
	datum_clear(&d, f.type);
	schema_free(f.schema);
}

static void setters_and_getters(void **state)
{
	struct datum_text strings = datum_text_type(SET_OF_STRINGS),
			  integer = datum_text_type("\"integer\""),
			  optional = datum_text_type("{\"key\":\"boolean\",\"min\":0}");
	struct datum d;

	(void)state;
	datum_init_empty(&d);
	assert_null(datum_string(&d));
	datum_set_strings(&d, strings.type, (const char *const[]){"b", "a", "b", "b"}, 4);
	datum_text_check(&strings, &d, "[\"set\",[\"a\",\"b\"]]");
	datum_set_strings(&d, strings.type, (const char *const[]){"x", "x"}, 2);
	datum_text_check(&strings, &d, "\"x\"");
	datum_set_string(&d, strings.type, "one");
	assert_string_equal(datum_string(&d), "one");
	datum_set_string(&d, strings.type, NULL);
	datum_text_check(&strings, &d, "[\"set\",[]]");
	datum_clear(&d, strings.type);
	datum_set_integer(&d, integer.type, INT64_MIN);
	assert_true(datum_integer(&d, 0) == INT64_MIN);
	datum_clear(&d, integer.type);
	assert_int_equal(datum_integer(&d, 42), 42);
	assert_true(datum_boolean(&d, true));
	datum_set_boolean(&d, optional.type, false);
	assert_false(datum_boolean(&d, true));
	datum_clear(&d, optional.type);
	schema_free(strings.schema);
	schema_free(integer.schema);
	schema_free(optional.schema);
}

/* 100,000 elements each way: quadratic code would take minutes. */
static void large_sets(void **state)
{
	enum { N = 100000 };
	struct datum_text f = datum_text_type(SET_OF_STRINGS);
	struct datum even, odd, all, diff;

	(void)state;
	datum_init_empty(&even);
	datum_init_empty(&odd);
	for (int i = 0; i < N; i++)
		datum_append(i % 2 ? &odd : &even,
			     (union atom){.string = xasprintf("%d", i)}, NULL);
	assert_null(datum_sort(&even, f.type));
	assert_null(datum_sort(&odd, f.type));
	datum_copy(&all, &even, f.type);
	datum_union(&all, &odd, f.type);
	assert_int_equal(all.n, N);
	assert_true(datum_includes_all(&odd, &all, f.type));
	assert_true(datum_excludes_all(&odd, &even, f.type));
	datum_diff(&diff, &all, &odd, f.type);
	assert_true(datum_equals(&diff, &even, f.type));
	datum_subtract(&all, &even, f.type, false);
	assert_true(datum_equals(&all, &odd, f.type));
	datum_clear(&even, f.type);
	datum_clear(&odd, f.type);
	datum_clear(&all, f.type);
	datum_clear(&diff, f.type);
	schema_free(f.schema);
}

/* Packed it is equal to what it was, a copy is its own master, and only what is small
 * moves. */
static void packed_as(const char *type, const char *text, bool is_packed)
{
	struct datum_text f = datum_text_type(type);
	const struct table_schema *ts = schema_find_table(f.schema, "T");
	struct datum d = datum_text_datum(&f, text), before, other;
	void *block;

	datum_copy(&before, &d, f.type);
	block = datum_pack_row(&d, ts->columns, 1);
	assert_int_equal(!!block, is_packed);
	assert_int_equal(d.is_packed, is_packed);
	assert_true(datum_equals(&d, &before, f.type));
	assert_null(datum_pack_row(&d, ts->columns, is_packed));

	datum_copy(&other, &d, f.type);
	assert_false(other.is_packed);
	datum_clear(&d, f.type);
	free(block);
	assert_true(datum_equals(&other, &before, f.type));
	datum_clear(&other, f.type);
	datum_clear(&before, f.type);
	schema_free(f.schema);
}

static void packing(void **state)
{
	char *large = xasprintf("\"%0300d\"", 0);

	(void)state;
	packed_as("\"string\"", "\"x\"", true);
	packed_as("\"string\"", "\"\"", true);
	packed_as("\"string\"", large, false);
	packed_as("\"integer\"", "5", false);
	packed_as(SET_OF_STRINGS, "[\"set\",[]]", false);
	packed_as(SET_OF_STRINGS, "\"one\"", true);
	packed_as(SET_OF_STRINGS, "[\"set\",[\"a\",\"bc\",\"\"]]", true);
	packed_as(SET_OF_INTEGERS, "[\"set\",[1,2,3]]", true);
	packed_as(MAP, "[\"map\",[[\"k\",\"v\"],[\"l\",\"\"]]]", true);
	packed_as("{\"key\":\"integer\",\"value\":\"string\",\"min\":0}",
		  "[\"map\",[[7,\"v\"]]]", true);
	free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_equality_and_hash),
		cmocka_unit_test(set_algebra),
		cmocka_unit_test(map_algebra),
		cmocka_unit_test(difference_of_one_is_whole),
		cmocka_unit_test(a_difference_that_does_not_fit),
		cmocka_unit_test(sorting),
		cmocka_unit_test(setters_and_getters),
		cmocka_unit_test(large_sets),
		cmocka_unit_test(packing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
