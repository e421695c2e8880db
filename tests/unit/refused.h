/* What a function says where the system refuses a call: it runs in a process of its own, with a
 * filter (seccomp(2)) that fails this call. Rights that root alone has are granted to all. */
#ifndef TESTS_UNIT_REFUSED_H
#define TESTS_UNIT_REFUSED_H 1

#include "lib/err.h"
#include "tests/unit/golden.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANY UINT32_MAX

/* Which calls fail: those with these second and third arguments, or ANY. */
struct refused {
	uint32_t call, second, third;
	int sys_errno;
};

/* The lower half of an argument (x86-64, and all others of this byte order). */
static inline uint32_t argument(unsigned int i)
{
	return (uint32_t)(offsetof(struct seccomp_data, args) + 8 * i);
}

static inline int install_filter(const struct refused *r)
{
	const uint32_t verdict = SECCOMP_RET_ERRNO | (uint32_t)r->sys_errno;
	const uint8_t not_second = r->second == ANY ? 0 : 3,
		      not_third = r->third == ANY ? 0 : 1;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, r->call, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(1)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, r->second, 0, not_second),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(2)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, r->third, 0, not_third),
		BPF_STMT(BPF_RET | BPF_K, verdict),
		/* 7: another call */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setsockopt, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(1)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOL_NETLINK, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(2)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NETLINK_LISTEN_ALL_NSID, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO), /* 0: done */
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof(code) / sizeof(*code), .filter = code};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

/* The error of fn(aux) goes to the golden file. False where no filter can be set. */
static inline int refuse(const struct refused *r, struct err *(*fn)(void *aux), void *aux)
{
	char text[4096] = "";
	int ends[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe(ends))
		abort();
	pid = fork();
	if (!pid) {
		struct err *e;
		char *said;

		if (install_filter(r))
			_exit(77);
		e = fn(aux);
		said = e ? err_text(e) : strdup("no error");
		_exit(write(ends[1], said, strlen(said)) < 0);
	}
	close(ends[1]);
	n = read(ends[0], text, sizeof(text) - 1);
	close(ends[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || n < 0)
		abort();
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		return 0;
	golden_add(text);
	return 1;
}

#endif
