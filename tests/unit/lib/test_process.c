/* What is kept of a command line. */
#include "lib/process.h"

#include "lib/alloc.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
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

/* proc(5): field 22 of stat, here the 20th after the name, in ticks. */
static int64_t began_ms(pid_t pid)
{
	char path[64], text[1024];
	long long ticks = 0;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	in = fopen(path, "r");
	assert_non_null(in);
	assert_non_null(fgets(text, sizeof(text), in));
	fclose(in);
	assert_int_equal(sscanf(strrchr(text, ')'),
				") %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
				"%*s %*s %*s %*s %*s %*s %lld",
				&ticks),
			 1);
	return ticks * 1000 / sysconf(_SC_CLK_TCK);
}

/* The kernel rounds down: one that began in the tick of the question is the one meant. */
static void processes_of_the_same_moment(void **state)
{
	const char *const argv[] = {"tool", NULL};
	pid_t pid = start(argv);
	int64_t began = began_ms(pid);
	char *command = process_command(pid, PROCESS_SUBCOMMAND, began);

	(void)state;
	assert_non_null(command);
	assert_string_equal(command, "tool");
	assert_null(process_command(pid, PROCESS_SUBCOMMAND, began - 1));
	free(command);
	stop(pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subcommands),
		cmocka_unit_test(whole_lines),
		cmocka_unit_test(names),
		cmocka_unit_test(processes_that_are_none),
		cmocka_unit_test(processes_of_the_same_moment),
	};

	if (getenv(CHILD)) {
		if (write(STDOUT_FILENO, "", 1) == 1)
			pause();
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
