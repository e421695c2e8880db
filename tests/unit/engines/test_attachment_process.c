/* Whether the process that made a row still lives. */
#include "engines/attachment/attachment_process.h"
#include "lib/alloc.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
// cmocka.h needs those above.
#include <cmocka.h>

static void own(void **state)
{
	char *text = attachment_process_text();
	uint64_t pid, start, namespace;

	(void)state;
	assert_true(attachment_process_lives(text));
	assert_int_equal(sscanf(text, "%" SCNu64 "/%" SCNu64 "/%" SCNu64, &pid, &start,
				&namespace),
			 3);
	free(text);
	/* The same PID, used again. */
	text = xasprintf("%" PRIu64 "/%" PRIu64 "/%" PRIu64, pid, start + 1, namespace);
	assert_false(attachment_process_lives(text));
	free(text);
	/* Of another pid namespace: young, and old. */
	text = xasprintf("%" PRIu64 "/%" PRIu64 "/%" PRIu64, pid, start, namespace + 1);
	assert_true(attachment_process_lives(text));
	free(text);
	text = xasprintf("%" PRIu64 "/1/%" PRIu64, pid, namespace + 1);
	assert_false(attachment_process_lives(text));
	free(text);
}

static void ended(void **state)
{
	char text[128] = "";
	int fds[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		char *its = attachment_process_text();

		_exit(write(fds[1], its, strlen(its)) < 0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(read(fds[0], text, sizeof(text) - 1) > 0);
	assert_false(attachment_process_lives(text));
	close(fds[0]);
	close(fds[1]);
}

static void nonsense(void **state)
{
	(void)state;
	assert_false(attachment_process_lives(""));
	assert_false(attachment_process_lives("1/2"));
	assert_false(attachment_process_lives("x/y/z"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own),
		cmocka_unit_test(ended),
		cmocka_unit_test(nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
