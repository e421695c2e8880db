/* Processes of other programs: each only waits in its namespace, under a PID that the
 * request names. */
#include "tests/twin/kernel_private.h"

#include "lib/alloc.h"
#include "lib/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __GLIBC__ /* it comes with scripts/musl-build */
int close_range(unsigned int first, unsigned int last, int flags);
#endif

/* In the child, which has no memory and no descriptor of its own to speak of. */
static _Noreturn void wait_for_the_end(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* A socket would keep its namespace alive (kernel.md 16). */
	close_range(0, ~0U, 0);
	for (;;)
		pause();
}

/* In the namespace of the thread. Returns when the child has closed everything. */
static struct err *start_here(uint32_t pid)
{
	pid_t set_tid = (pid_t)pid;
	struct clone_args args = {.exit_signal = SIGCHLD,
				  .set_tid = (uintptr_t)&set_tid,
				  .set_tid_size = 1};
	int ends[2];
	char nothing;
	long got;

	if (pipe2(ends, O_CLOEXEC))
		return kernel_err(errno, NULL);
	got = syscall(SYS_clone3, &args, sizeof(args));
	if (!got)
		wait_for_the_end();
	close(ends[1]);
	if (got > 0)
		(void)!read(ends[0], &nothing, 1);
	close(ends[0]);
	return got < 0 ? kernel_err(errno, NULL) : NULL;
}

struct err *kernel_process_start(uint32_t pid, const char *netns)
{
	int fd CLEANUP(fd_closep) = kernel_open_netns(netns);
	struct err *e;

	if (fd < 0 || !kernel_enter(fd))
		return kernel_err(ENOENT, NULL);
	e = start_here(pid);
	kernel_leave();
	return e;
}

struct err *kernel_process_end(uint32_t pid)
{
	if (kill((pid_t)pid, SIGKILL) || waitpid((pid_t)pid, NULL, 0) < 0)
		return kernel_err(ENOENT, NULL);
	return NULL;
}
