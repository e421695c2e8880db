/* Another program of CNI_PATH, executed with the same environment and input. */
#ifndef ENGINES_CNI_EXEC_H
#define ENGINES_CNI_EXEC_H 1

#include "lib/arena.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stdint.h>

/* The path of 'program' in the folders of 'path', which are separated by colons; NULL if no folder
 * has it. */
const char *cni_exec_find(struct arena *a, const char *path, const char *program);

/* Runs it with 'command' as CNI_COMMAND and 'input' on its standard input, and kills it at
 * 'deadline_ms'. '*ret_output' is what it printed, '*ret_ok' whether it exited with 0.
 * ERR_SYSTEM; ERR_TIMED_OUT. SIGPIPE is ignored by this process. */
struct err *cni_exec_run(struct arena *a, const char *file, const char *command,
			 const char *input, int64_t deadline_ms, const char **ret_output,
			 bool *ret_ok) MUST_CHECK;

#endif
