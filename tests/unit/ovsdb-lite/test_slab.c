/* ovsdb-lite/slab: objects keep what is written into them, and are zeroed when they are
 * handed out, however they come and go. */
#include "lib/alloc.h"
#include "ovsdb-lite/rows/slab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N_OBJECTS 1000

static void check_filled(const unsigned char *object, size_t n, unsigned char with)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(object[i], with);
}

static void live(size_t object_bytes)
{
	struct slab_cache c = {.object_bytes = object_bytes};
	unsigned char *objects[N_OBJECTS] = {0};

	for (int round = 0; round < 10; round++) {
		for (size_t i = 0; i < N_OBJECTS; i++) {
			bool is_wanted = random() % 4 < (round < 5 ? 3 : 1);

			if (objects[i])
				check_filled(objects[i], object_bytes,
					     (unsigned char)(i | 1));
			if (is_wanted && !objects[i]) {
				objects[i] = slab_alloc(&c);
				assert_int_equal((uintptr_t)objects[i] % sizeof(void *),
						 0);
				check_filled(objects[i], object_bytes, 0);
				memset(objects[i], (int)(i | 1), object_bytes);
			} else if (!is_wanted && objects[i]) {
				slab_free(&c, objects[i]);
				objects[i] = NULL;
			}
		}
	}
	for (size_t i = 0; i < N_OBJECTS; i++) {
		if (objects[i])
			slab_free(&c, objects[i]);
	}
	assert_null(c.slabs);
}

static void small_objects(void **state)
{
	(void)state;
	live(8);
	live(288);
}

static void large_objects(void **state)
{
	(void)state;
	live(20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_objects),
		cmocka_unit_test(large_objects),
	};

	srandom(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
