/* What is to be found out about who sends a transaction. */
#ifndef OVSDB_ORIGIN_H
#define OVSDB_ORIGIN_H 1

#include <stdint.h>

/* Bytes of a command that are kept; a longer one ends in "…". */
#define ORIGIN_MAX_COMMAND 200

enum origin_detail {
	/* "ipvl-ctl": the name that the kernel has. Nothing that the process does can
	 * delay the answer. */
	ORIGIN_NAME,
	/* "ipvl-ctl set-slave": the program and its first word, if that can be a
	 * subcommand or a script; neither has its folder. What follows may be secret. */
	ORIGIN_SUBCOMMAND,
	ORIGIN_ARGUMENTS, /* the whole command line */
};

/* Of CLOCK_BOOTTIME, for origin_command(). */
int64_t origin_clock_ms(void);

/* The command behind a process on this machine, its words joined by spaces, in valid
 * UTF-8 of one line: what is not is '?'. Owned by the caller. NULL if nobody knows: no
 * such process, another pid namespace, a kernel thread, or one that began after
 * 'before_ms' and has the number of another that has ended. All but ORIGIN_NAME read the
 * memory of the process, which can make that wait (Linux get_mm_cmdline(), mmap_lock). */
char *origin_command(int64_t pid, enum origin_detail detail, int64_t before_ms)
	__attribute__((warn_unused_result));

#endif
