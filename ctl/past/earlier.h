/* The configuration as an earlier transaction left it. */
#ifndef CTL_EARLIER_H
#define CTL_EARLIER_H 1

#include "ctl/session/context.h"

/* Takes all later transactions back in that of the attempt, which must be empty, and must
 * not be committed after it. No row has a state then. 'number' is as typed; '*ret_heading'
 * names the transaction, from the attempt's arena. ERR_INVALID, ERR_NOT_FOUND;
 * ERR_UNSUPPORTED if the history does not have what is in between. */
struct err *earlier_go_to(struct context *ctx, const char *number,
			  const char **ret_heading) MUST_CHECK;

#endif
