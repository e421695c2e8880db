/* lib/err and lib/alloc: errors as values, chains, texts, RFC 7047's tags; arrays that
 * grow. */
#include "lib/alloc.h"
#include "lib/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_text(const struct err *e, const char *want)
{
	char *text = err_text(e);

	assert_string_equal(text, want);
	free(text);
}

static void one_sentence(void **state)
{
	struct err *e = err_new(ERR_NOT_FOUND, "no slave %s", "ns1/a");

	(void)state;
	assert_int_equal(e->code, ERR_NOT_FOUND);
	assert_int_equal(e->sys_errno, 0);
	assert_text(e, "no slave ns1/a");
	e = err_at(e, "%s:%d", "lab.yaml", 3);
	assert_text(e, "lab.yaml:3: no slave ns1/a");
	e = err_hint(e, "try %s", "b");
	assert_text(e, "lab.yaml:3: no slave ns1/a; try b");
	err_free(e);
	e = err_hint(err_new(ERR_NOT_FOUND, "It ends so."), "go on");
	assert_text(e, "It ends so; go on");
	err_free(e);
}

static void parts_are_replaced(void **state)
{
	struct err *e = err_at(err_new(ERR_SYNTAX, "m"), "3:5");

	(void)state;
	/* The new part may be built from the old one. */
	e = err_at(e, "file:%s", e->path);
	e = err_hint(e, "a");
	e = err_hint(e, "%sb", e->hint);
	assert_text(e, "file:3:5: m; ab");
	err_free(e);
}

static void system_errors_name_their_reason(void **state)
{
	struct err *e = err_sys(ENOENT, "cannot open %s", "x");

	(void)state;
	assert_int_equal(e->code, ERR_SYSTEM);
	assert_int_equal(e->sys_errno, ENOENT);
	assert_text(e, "cannot open x: No such file or directory");
	err_free(e);
}

static void causes_chain(void **state)
{
	struct err *root = err_hint(err_at(err_sys(EBUSY, "kernel"), "eth0"), "inner");
	struct err *e = err_wrap(root, "slave %d", 1), *copy;
	char want[100];

	(void)state;
	assert_int_equal(e->code, ERR_SYSTEM);
	assert_int_equal(e->sys_errno, EBUSY);
	assert_string_equal(err_find_hint(e), "inner");
	e = err_hint(e, "outer");
	/* Who was nearest knows best what to do. */
	assert_string_equal(err_find_hint(e), "inner");
	/* The C library has the words for an errno. */
	(void)snprintf(want, sizeof(want), "slave 1: eth0: kernel: %s; inner",
		       strerror(EBUSY));
	assert_text(e, want);
	copy = err_copy(e);
	err_free(e);
	assert_text(copy, want);
	assert_int_equal(copy->cause->sys_errno, EBUSY);
	err_freep(&copy);
	assert_null(copy);
	err_free(NULL);
	assert_null(err_copy(NULL));
	assert_null(err_find_hint(NULL));
}

static void tags_and_back(void **state)
{
	enum err_code code = ERR_INVALID;
	bool is_read;

	(void)state;
	for (unsigned int i = 0; i < ERR_N_CODES; i++) {
		const char *name = err_code_name((enum err_code)i);

		assert_non_null(name);
		/* What became of a peer is no error of its client. */
		is_read = i <= ERR_SYSTEM || i >= ERR_SYNTAX;
		assert_int_equal(err_code_from_name(name, &code), is_read);
		if (is_read)
			assert_int_equal(code, i);
	}
	assert_string_equal(err_code_name(ERR_REFERENTIAL),
			    "referential integrity violation");
	assert_false(err_code_from_name("", &code));
}

static void arrays_grow(void **state)
{
	size_t n = 0, cap = 0, moves = 0;
	int *array = NULL;

	(void)state;
	for (; n < 1000; n++) {
		size_t before = cap;

		array = xgrow(array, n, &cap, sizeof(*array));
		moves += cap != before;
		array[n] = (int)n;
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(array[i], i);
	assert_in_range(moves, 1, 10);
	assert_true(cap >= n);
	freep(&array);
	assert_null(array);
}

static void copies_are_whole(void **state)
{
	CLEANUP(freep) char *bytes = xmemdup("a\0b", 4);
	CLEANUP(freep) char *text = xstrdup("text"), *part = xstrndup("text", 2);
	CLEANUP(freep) char *nothing = xmemdup(NULL, 0);

	(void)state;
	assert_memory_equal(bytes, "a\0b", 4);
	assert_string_equal(text, "text");
	assert_string_equal(part, "te");
	assert_non_null(nothing);
}

static void pointers_are_handed_over(void **state)
{
	CLEANUP(freep) char *mine = xasprintf("%d", 42);
	char *yours = STEAL(mine);

	(void)state;
	assert_null(mine);
	assert_string_equal(yours, "42");
	free(yours);
	/* Nothing is NULL, even where nothing was asked for. */
	mine = xcalloc(0, 8);
	assert_non_null(mine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_sentence),
		cmocka_unit_test(parts_are_replaced),
		cmocka_unit_test(system_errors_name_their_reason),
		cmocka_unit_test(causes_chain),
		cmocka_unit_test(tags_and_back),
		cmocka_unit_test(arrays_grow),
		cmocka_unit_test(copies_are_whole),
		cmocka_unit_test(pointers_are_handed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
