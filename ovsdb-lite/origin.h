/* What is to be found out about who sends a transaction. */
#ifndef OVSDB_ORIGIN_H
#define OVSDB_ORIGIN_H 1

#include <stdint.h>

/* Bytes of a command line that are kept; a longer one ends in "…". */
#define ORIGIN_MAX_COMMAND 200

/* The command line of a process on this machine, its arguments joined by spaces, in valid
 * UTF-8 of one line: what is not is '?'. Owned by the caller; NULL if nobody knows (no
 * such process, another pid namespace, a kernel thread). */
char *origin_command(int64_t pid) __attribute__((warn_unused_result));

#endif
