/* The question whether a change on trial is to be kept. */
#ifndef CTL_PROMPT_H
#define CTL_PROMPT_H 1

#include "ctl/session/context.h"

/* Runs a command, as a line of its own. Returns its exit status. */
typedef int prompt_run_fn(void *aux, const char *command);
/* After the change was applied, with this exit status. On a terminal it asks until the trial
 * ends: Enter keeps, Ctrl-C goes back. Else it says how the trial ends. Returns the exit status
 * of the line: 0 only if the change is kept, or still can be. */
int prompt_conclude(struct context *ctx, int status, prompt_run_fn *run, void *aux);

#endif
