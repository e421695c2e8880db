/* What is kept of a command line. */
#include "lib/process.h"

#include "lib/alloc.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* This program again, with another command line: it says that it is there, and waits. */
#define CHILD "IPVL_TEST_PROCESS_CHILD"

static pid_t start(const char *const *argv)
{
	int ends[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		setenv(CHILD, "1", 1);
		execv("/proc/self/exe", (char *const *)(uintptr_t)argv);
		_exit(1);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	return pid;
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

#define EXPECT(detail, want, ...)                                                        \
	do {                                                                             \
		const char *argv_[] = {__VA_ARGS__, NULL};                               \
		pid_t pid_ = start(argv_);                                               \
		char *got_ = process_command(pid_, detail, INT64_MAX);                   \
		stop(pid_);                                                              \
		assert_non_null(got_);                                                   \
		assert_string_equal(got_, want);                                         \
		free(got_);                                                              \
	} while (0)

static void subcommands(void **state)
{
	(void)state;
	EXPECT(PROCESS_SUBCOMMAND, "ipvl-ctl", "/usr/bin/ipvl-ctl");
	EXPECT(PROCESS_SUBCOMMAND, "ipvl-ctl set-slave", "/usr/bin/ipvl-ctl", "set-slave",
	       "ns0/ipvl0", "psk=SECRET");
	EXPECT(PROCESS_SUBCOMMAND, "ipvl-ctl set-slave", "ipvl-ctl", "--db=unix:/s",
	       "--timeout=5", "set-slave", "psk=SECRET");
	EXPECT(PROCESS_SUBCOMMAND, "python3 sync.py", "python3", "/opt/tool/sync.py",
	       "SECRET");
	/* An option's own word may follow, or a secret. */
	EXPECT(PROCESS_SUBCOMMAND, "tool", "tool", "-p", "SECRET");
	EXPECT(PROCESS_SUBCOMMAND, "tool", "tool", "--password", "SECRET");
	EXPECT(PROCESS_SUBCOMMAND, "tool", "tool", "--password=SECRET");
	EXPECT(PROCESS_SUBCOMMAND, "env", "env", "PSK=SECRET", "tool");
	EXPECT(PROCESS_SUBCOMMAND, "sh", "sh", "echo SECRET");
	EXPECT(PROCESS_SUBCOMMAND, "tool", "tool", "");
}

static void whole_lines(void **state)
{
	(void)state;
	EXPECT(PROCESS_ARGUMENTS, "/bin/tool -p a b", "/bin/tool", "-p", "a", "b");
}

static void names(void **state)
{
	(void)state;
	/* The kernel's, of 15 bytes: that of the file, whatever argv says. */
	EXPECT(PROCESS_NAME, "exe", "tool", "set", "SECRET");
}

static void processes_that_are_none(void **state)
{
	const char *const argv[] = {"tool", NULL};
	int64_t before_ms = process_clock_ms();
	pid_t pid;

	(void)state;
	assert_null(process_command(-1, PROCESS_NAME, INT64_MAX));
	assert_null(process_command(0, PROCESS_SUBCOMMAND, INT64_MAX));
	/* It began later than somebody of that number was seen. */
	pid = start(argv);
	assert_null(process_command(pid, PROCESS_SUBCOMMAND, before_ms - 1000));
	assert_null(process_command(pid, PROCESS_NAME, before_ms - 1000));
	stop(pid);
	assert_null(process_command(pid, PROCESS_NAME, INT64_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subcommands),
		cmocka_unit_test(whole_lines),
		cmocka_unit_test(names),
		cmocka_unit_test(processes_that_are_none),
	};

	if (getenv(CHILD)) {
		if (write(STDOUT_FILENO, "", 1) == 1)
			pause();
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
