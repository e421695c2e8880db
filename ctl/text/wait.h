/* The result of a change: waits for the daemon, and reports the states of the changed
 * rows. */
#ifndef CTL_WAIT_H
#define CTL_WAIT_H 1

#include "ctl/session/context.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Waits until Host.cur_cfg has reached 'next_cfg'. ERR_TIMED_OUT names the rows that
 * are still pending. */
struct err *wait_until_applied(struct context *ctx, int64_t next_cfg) MUST_CHECK;

/* Prints a sentence for each state and message that is not `ready`, rows with the same
 * one together. False if a row is in error or conflict. */
bool wait_report(const struct context *ctx, FILE *out) MUST_CHECK;

#endif
