/* The next command to type, for each kind of trouble. */
#ifndef CTL_ADVICE_H
#define CTL_ADVICE_H 1

#include "ctl/session/context.h"

/* "ipvl-ctl drift ns1/a" and "shows who keeps changing it". */
struct advice {
	const char *command; /* NULL: none */
	const char *text;
};

/* About the state of a master or slave: what helps, or shows more. From the attempt's
 * arena. */
struct advice advice_on_row(const struct context *ctx, const struct row *r);

#endif
