/* Unified diffs: patched into the first text they make the second. */
#include "ctl/output/unified.h"
#include "lib/alloc.h"
#include "lib/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *diff_of(const char *a, const char *b)
{
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	unified_print(out, false, "a", a, "b", b, "# ");
	fclose(out);
	return text;
}

static void expect(const char *a, const char *b, const char *right)
{
	CLEANUP(freep) char *text = diff_of(a, b);

	assert_string_equal(text, right);
}

static void test_examples(void **state)
{
	(void)state;
	expect("a\nb\n", "a\nb\n", "");
	expect("", "a\n", "--- a\n+++ b\n@@ -0,0 +1,1 @@\n+a\n");
	expect("a\n", "", "--- a\n+++ b\n@@ -1,1 +0,0 @@\n-a\n");
	expect("a\nb\nc\n", "a\nx\nc\n",
	       "--- a\n+++ b\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n");
	/* Six common lines join two hunks, seven part them. */
	expect("a\n1\n2\n3\n4\n5\n6\nb\n", "1\n2\n3\n4\n5\n6\n",
	       "--- a\n+++ b\n@@ -1,8 +1,6 @@\n-a\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n");
	expect("a\n# one\n2\n3\n4\n5\n6\n7\nb\n", "# one\n2\n3\n4\n5\n6\n7\n",
	       "--- a\n+++ b\n@@ -1,4 +1,3 @@\n-a\n # one\n 2\n 3\n"
	       "@@ -6,4 +5,3 @@ # one\n 5\n 6\n 7\n-b\n");
}

static const char *line_end(const char *s)
{
	s += strcspn(s, "\n");
	return *s ? s + 1 : s;
}

/* As patch(1), which fails where a common or removed line is another. */
static char *patched(const char *a, const char *diff)
{
	struct buffer out = {0};
	size_t at = 0; /* lines of 'a' that were read */

	if (*diff)
		diff = line_end(line_end(diff));
	for (; *diff; diff = line_end(diff)) {
		size_t n = (size_t)(line_end(diff) - diff);
		size_t start, n_a;

		if (*diff == '@') {
			assert_int_equal(sscanf(diff, "@@ -%zu,%zu", &start, &n_a), 2);
			for (start -= n_a > 0; at < start; at++) {
				buffer_put(&out, a, (size_t)(line_end(a) - a));
				a = line_end(a);
			}
			continue;
		}
		if (*diff != '-')
			buffer_put(&out, diff + 1, n - 1);
		if (*diff == '+')
			continue;
		assert_memory_equal(a, diff + 1, n - 1);
		a = line_end(a);
		at++;
	}
	buffer_puts(&out, a);
	return buffer_take(&out);
}

static uint32_t random_state;

static uint32_t draw(uint32_t below)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % below;
}

static void put_number(struct buffer *out, uint32_t number)
{
	char text[16];

	buffer_put(out, text, (size_t)snprintf(text, sizeof(text), "%u\n", number));
}

/* Lines of few kinds, some of which are left out, added and moved. */
static char *edited(const char *a, uint32_t n_kinds)
{
	struct buffer out = {0};

	for (; *a; a = line_end(a)) {
		if (draw(8))
			buffer_put(&out, a, (size_t)(line_end(a) - a));
		if (!draw(8))
			put_number(&out, draw(n_kinds));
	}
	return buffer_take(&out);
}

static void check(const char *a, const char *b)
{
	CLEANUP(freep) char *diff = diff_of(a, b);
	CLEANUP(freep) char *result = patched(a, diff);

	assert_string_equal(result, b);
}

static char *numbered(uint32_t n, uint32_t n_kinds)
{
	struct buffer out = {0};

	for (uint32_t i = 0; i < n; i++)
		put_number(&out, n_kinds ? draw(n_kinds) : i);
	return buffer_take(&out);
}

static void test_random(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 3000; seed++) {
		uint32_t n_kinds = 1 + seed % 20;
		CLEANUP(freep) char *a = NULL;
		CLEANUP(freep) char *b = NULL;

		random_state = seed;
		a = numbered(draw(40), n_kinds);
		b = edited(a, n_kinds);
		check(a, b);
	}
}

/* Longer than what is compared line by line. */
static void test_large(void **state)
{
	const uint32_t kinds[] = {0, 2, 3000, 30000};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		CLEANUP(freep) char *a = numbered(30000, kinds[i]);
		CLEANUP(freep) char *b = edited(a, 30000);
		CLEANUP(freep) char *other = numbered(3000, 2);

		check(a, b);
		check(a, other);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
