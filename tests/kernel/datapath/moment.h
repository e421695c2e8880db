/* What happens between two messages of the provider, or in place of one: what a test cannot do at
 * the right moment, and answers that a kernel gives seldom. */
#ifndef TESTS_KERNEL_DATAPATH_MOMENT_H
#define TESTS_KERNEL_DATAPATH_MOMENT_H 1

#include <stddef.h>
#include <stdint.h>

/* Added to the type of a message: only one that asks for a dump. */
#define MOMENT_DUMP 0x8000

/* After 'skip' messages of that type, each of them is answered by this errno, and the kernel gets
 * none; 0: it is not answered at all. Until moment_over(). */
void moment_refuse(uint16_t type, unsigned int skip, int sys_errno);
/* Right before the next message of that type: the shell command. */
void moment_run(uint16_t type, const char *command);
/* The next read of any netlink socket: ENOBUFS. */
void moment_lose(void);
/* Each look at the process behind a path finds another one. */
void moment_replace_processes(void);
void moment_over(void);

#endif
