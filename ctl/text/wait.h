/* What became of a change: waiting for the daemon, and telling the states of the rows
 * concerned. */
#ifndef CTL_WAIT_H
#define CTL_WAIT_H 1

#include "ctl/session/context.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Until Host.cur_cfg has reached 'next_cfg'. ERR_TIMED_OUT names the rows that are still
 * pending. */
struct err *wait_until_applied(struct context *ctx, int64_t next_cfg) MUST_CHECK;

/* A sentence for each state and message that is not `ready`, rows of a kind together.
 * False if one is an error or a conflict. */
bool wait_report(const struct context *ctx, FILE *out) MUST_CHECK;

#endif
