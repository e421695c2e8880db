/* The change that is on trial, in words. */
#ifndef CTL_ON_TRIAL_H
#define CTL_ON_TRIAL_H 1

#include "ctl/session/context.h"

/* Prints a line about it, if there is one. */
void on_trial_note(const struct context *ctx);
/* {"transaction", "who", "seconds_left"}; null if there is none. Owned by the caller. */
struct json_object *on_trial_json(const struct context *ctx);

#endif
