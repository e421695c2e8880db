/* A line with `edit`: its text in an editor, and back. */
#ifndef CTL_RUN_EDIT_H
#define CTL_RUN_EDIT_H 1

#include "ctl/line/parse.h"

/* As run_line(). */
int run_edit(const struct line *l, bool colour, size_t width);

#endif
