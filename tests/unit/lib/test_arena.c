/* lib/arena: memory is zeroed, aligned, apart, and all of it goes at once (the sanitizers
 * look). */
#include "lib/alloc.h"
#include "lib/arena.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void zeroed_and_aligned(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t size = 0; size < 5000; size += 37) {
		unsigned char *p = arena_alloc(a, size);

		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
	arena_free(a);
}

static void allocations_do_not_overlap(void **state)
{
	enum { N = 2000 };
	CLEANUP(arena_freep) struct arena *a = arena_new();
	uint32_t *arrays[N];

	(void)state;
	for (uint32_t i = 0; i < N; i++) {
		arrays[i] = arena_array(a, i % 50 + 1, sizeof(uint32_t));
		for (uint32_t k = 0; k <= i % 50; k++)
			arrays[i][k] = i;
	}
	for (uint32_t i = 0; i < N; i++) {
		for (uint32_t k = 0; k <= i % 50; k++)
			assert_int_equal(arrays[i][k], i);
	}
}

static void large_ones_fit(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	enum { BYTES = 5 << 20 };
	char *large = arena_alloc(a, BYTES);
	char *small = arena_alloc(a, 1);

	(void)state;
	memset(large, 1, BYTES);
	assert_int_equal(*small, 0);
}

static void copies(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	char text[] = "text";
	char *copy = arena_strdup(a, text),
	     *printed = arena_printf(a, "%s-%05d", text, 42);
	char *bytes = arena_memdup(a, text, 2);

	(void)state;
	*text = 'x';
	assert_string_equal(copy, "text");
	assert_string_equal(printed, "text-00042");
	assert_memory_equal(bytes, "te", 2);
	assert_non_null(arena_memdup(a, NULL, 0));
}

static void arrays_grow(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	size_t n = 0, cap = 0;
	int *array = NULL;

	(void)state;
	for (; n < 1000; n++) {
		array = arena_grow(a, array, n, &cap, sizeof(*array));
		array[n] = (int)n;
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(array[i], i);
}

/* Runs in a child: the signal that ended it, or 0. */
static int signal_of_array(size_t n, size_t size)
{
	int status = 0;
	pid_t child = fork();

	if (!child) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		signal(SIGABRT, SIG_DFL);
		close(STDERR_FILENO);
		_exit(*(char *)arena_array(arena_new(), n, size));
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void sizes_that_overflow_abort(void **state)
{
	(void)state;
	assert_int_equal(signal_of_array(SIZE_MAX / 2, 3), SIGABRT);
	assert_int_equal(signal_of_array(SIZE_MAX, 1), SIGABRT);
	assert_int_equal(signal_of_array(SIZE_MAX - 4095, 1), SIGABRT);
	assert_int_equal(signal_of_array(10, 10), 0);
}

static void nothing_to_free(void **state)
{
	struct arena *a = NULL;

	(void)state;
	arena_free(NULL);
	arena_freep(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeroed_and_aligned),
		cmocka_unit_test(allocations_do_not_overlap),
		cmocka_unit_test(large_ones_fit),
		cmocka_unit_test(copies),
		cmocka_unit_test(arrays_grow),
		cmocka_unit_test(sizes_that_overflow_abort),
		cmocka_unit_test(nothing_to_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
