/* What is known of a process on this machine: its command, for the history; and of this boot. */
#ifndef LIB_PROCESS_H
#define LIB_PROCESS_H 1

#include "lib/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Bytes of a command that are kept; a longer one ends in "…". */
#define PROCESS_MAX_COMMAND 200

enum process_detail {
	/* "ipvl-ctl": the name that the kernel has. Nothing that the process does can
	 * delay the answer. */
	PROCESS_NAME,
	/* "ipvl-ctl set-slave": the program and its first word, if that can be a
	 * subcommand or a script; neither has its folder. What follows may be secret. */
	PROCESS_SUBCOMMAND,
	PROCESS_ARGUMENTS, /* the whole command line */
};

/* Of CLOCK_BOOTTIME, for process_command(). */
int64_t process_clock_ms(void);

/* When a process began, in clock ticks since the boot (proc(5), stat, field 22): a PID is used
 * again, PID and start are not. False, and 0: there is no such process here. */
bool process_start_ticks(int64_t pid, uint64_t *ret_ticks);

/* The command behind a process on this machine, its words joined by spaces, in valid
 * UTF-8 of one line: what is not is '?'. Owned by the caller. NULL if it cannot be
 * found: no such process, another pid namespace, a kernel thread, or one that began after
 * 'before_ms' and has the number of another that has ended. All but PROCESS_NAME read the
 * memory of the process, which can make that wait (Linux get_mm_cmdline(), mmap_lock). */
char *process_command(int64_t pid, enum process_detail detail, int64_t before_ms)
	__attribute__((warn_unused_result));

/* The id that the kernel draws at each boot, from /proc/sys/kernel/random/boot_id: what is recorded
 * with another one is of processes, devices and namespaces that no longer exist. */
#define PROCESS_BOOT_ID_BYTES 37
struct err *process_boot_id(char ret_id[PROCESS_BOOT_ID_BYTES]) MUST_CHECK;

#endif
