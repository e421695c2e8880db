/* Other plug-ins as child processes. */
#include "engines/cni/cni_exec.h"
#include "lib/alloc.h"
#include "lib/clock.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
// cmocka.h needs those above.
#include <cmocka.h>

#define LONG_MS 60000

static char folder[] = "/tmp/ipvl-cni-XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return !mkdtemp(folder);
}

static int remove_folder(void **state)
{
	char *path = xasprintf("%s/p", folder);

	(void)state;
	unlink(path);
	free(path);
	return rmdir(folder);
}

static const char *script(struct arena *a, const char *text)
{
	const char *path = arena_printf(a, "%s/p", folder);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", text);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0755), 0);
	return path;
}

static void finds(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *path = script(a, ":");

	(void)state;
	assert_string_equal(cni_exec_find(a, arena_printf(a, "/none::%s", folder), "p"),
			    path);
	assert_null(cni_exec_find(a, "", "p"));
	assert_null(cni_exec_find(a, folder, "q"));
}

static void passes_on(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *output = NULL;
	bool ok = false;
	struct err *e;

	(void)state;
	setenv("CNI_COMMAND", "ADD", 1);
	e = cni_exec_run(a, script(a, "echo $CNI_COMMAND; cat"), "DEL", "{}",
			 clock_now_ms() + LONG_MS, &output, &ok);
	assert_null(e);
	assert_true(ok);
	assert_string_equal(output, "DEL\n{}");
}

/* More than a pipe holds, both ways. */
static void much(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	char *input = arena_alloc(a, 300001);
	const char *output = NULL;
	bool ok = false;
	struct err *e;

	(void)state;
	memset(input, 'x', 300000);
	e = cni_exec_run(a, script(a, "cat"), "ADD", input, clock_now_ms() + LONG_MS,
			 &output, &ok);
	assert_null(e);
	assert_string_equal(output, input);
}

static void fails(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *output = NULL;
	bool ok = true;
	struct err *e = cni_exec_run(a, script(a, "echo no; exit 3"), "ADD", "{}",
				     clock_now_ms() + LONG_MS, &output, &ok);

	(void)state;
	assert_null(e);
	assert_false(ok);
	assert_string_equal(output, "no\n");
}

static void does_not_end(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *output = NULL;
	bool ok;
	struct err *e = cni_exec_run(a, script(a, "exec sleep 1000"), "ADD", "{}",
				     clock_now_ms() + 50, &output, &ok);

	(void)state;
	assert_non_null(e);
	assert_int_equal(e->code, ERR_TIMED_OUT);
	err_free(e);
}

static void is_no_program(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *output = NULL;
	bool ok;
	struct err *e = cni_exec_run(a, "/none/program", "ADD", "{}",
				     clock_now_ms() + LONG_MS, &output, &ok);

	(void)state;
	assert_non_null(e);
	assert_int_equal(e->code, ERR_SYSTEM);
	err_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds),        cmocka_unit_test(passes_on),
		cmocka_unit_test(much),         cmocka_unit_test(fails),
		cmocka_unit_test(does_not_end), cmocka_unit_test(is_no_program),
	};

	/* As the program does: a child may end without reading. */
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
