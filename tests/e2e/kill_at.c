/* Runs a program, and kills it when it enters its system call number N (from 1).
 *
 * Usage: kill-at N PROGRAM [ARGUMENT…]. Exits with 137 if it was killed, with 77 if this
 * process may not trace another one, else as the program does. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILLED     137
#define NOT_TRACED 77

static void be_child(char **argv)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(NOT_TRACED);
	execv(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

/* Its calls stop it twice: when it enters one, and when it leaves it. */
static int trace(pid_t pid, long n)
{
	long n_stops = 0;
	int status;

	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		int signal_number = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);

		if (!signal_number && ++n_stops == 2 * n) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return KILLED;
		}
		/* It must not outlive this program. */
		if (n_stops == 1)
			(void)ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_EXITKILL);
		if (ptrace(PTRACE_SYSCALL, pid, NULL, signal_number))
			break;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : KILLED;
}

int main(int argc, char **argv)
{
	pid_t pid;

	if (argc < 3) {
		fputs("usage: kill-at N PROGRAM [ARGUMENT…]\n", stderr);
		return 2;
	}
	pid = fork();
	if (pid < 0) {
		perror("fork");
		return NOT_TRACED;
	}
	if (!pid)
		be_child(argv + 2);
	return trace(pid, atol(argv[1]));
}
