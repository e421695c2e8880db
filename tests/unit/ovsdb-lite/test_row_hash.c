/* ovsdb-lite/row_hash: what was added and not removed is found, whatever the hashes. */
#include "lib/alloc.h"
#include "ovsdb-lite/rows/row_hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define N_ITEMS 3000

struct item {
	uint32_t hash;
	bool is_in;
};

static bool is_found(const struct row_hash *x, const struct item *item)
{
	struct row_hash_walk w = row_hash_walk_begin(x, item->hash);
	const struct item *i;
	size_t n = 0;

	while ((i = row_hash_walk_next(&w))) {
		assert_int_equal(i->hash, item->hash);
		n += i == item;
	}
	assert_true(n <= 1);
	return n;
}

static void check(const struct row_hash *x, const struct item *items)
{
	size_t n = 0;

	for (size_t i = 0; i < N_ITEMS; i++) {
		assert_int_equal(is_found(x, &items[i]), items[i].is_in);
		n += items[i].is_in;
	}
	assert_int_equal(x->n, n);
}

static void toggle(struct row_hash *x, struct item *item)
{
	if (item->is_in)
		row_hash_remove(x, item, item->hash);
	else
		row_hash_add(x, item, item->hash);
	item->is_in = !item->is_in;
}

/* Adds and removes at random, more of the one, then more of the other. 'spread': how many
 * hashes there are. */
static void live(uint32_t first, uint32_t spread)
{
	struct item *items = xcalloc(N_ITEMS, sizeof(*items));
	struct row_hash x = {0};

	for (size_t i = 0; i < N_ITEMS; i++)
		items[i].hash = first + (uint32_t)random() % spread;
	check(&x, items);
	for (int round = 0; round < 12; round++) {
		for (size_t i = 0; i < N_ITEMS; i++) {
			bool is_wanted = random() % 8 < (round < 6 ? 5 : 2);

			if (items[i].is_in != is_wanted)
				toggle(&x, &items[i]);
		}
		check(&x, items);
	}
	for (size_t i = 0; i < N_ITEMS; i++) {
		if (items[i].is_in)
			toggle(&x, &items[i]);
	}
	check(&x, items);
	row_hash_clear(&x);
	check(&x, items);
	free(items);
}

static void hashes_that_differ(void **state)
{
	(void)state;
	live(0, UINT32_MAX);
}

static void hashes_in_a_row(void **state)
{
	(void)state;
	live(UINT32_MAX - 500, 1000);
}

static void few_hashes(void **state)
{
	(void)state;
	live(7, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_that_differ),
		cmocka_unit_test(hashes_in_a_row),
		cmocka_unit_test(few_hashes),
	};

	srandom(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
