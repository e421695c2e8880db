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

/* A list that has each kind of advice once, for the first row that needs it. */
struct advice_list {
	struct advice *all;
	size_t n, cap;
};
void advice_add(const struct context *ctx, struct advice_list *l, struct advice a);
/* What helps with a file of the config-dir that has an error: 'error' is one of
 * Host.config_errors. */
void advice_add_file(const struct context *ctx, struct advice_list *l, const char *error);

#endif
