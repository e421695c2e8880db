/* Running a line: all of its commands in one transaction, the commit, the wait, and what
 * is printed. */
#ifndef CTL_RUN_H
#define CTL_RUN_H 1

#include "ctl/session/context.h"
#include "ctl/line/parse.h"

/* Prints what there is to print and gives the exit status: 0, 1 or 2. With 'ret_failure' (may be
 * NULL) the text of a failure before the commit is not printed, but '*ret_failure', owned by the
 * caller; it stays as it is if there is none. */
int run_line(const struct line *l, bool colour, size_t width, char **ret_failure);

#endif
