/* A text that is edited: between the two runs of a line with `edit` (ctl/run_edit.c). */
#ifndef CTL_CMD_EDIT_H
#define CTL_CMD_EDIT_H 1

#include "config/yaml/document.h"

struct edited {
	/* Written by the first run: the rows as they are. Owned. */
	char *base;
	/* What both texts say, before the second run. Borrowed; NULL in the first one. */
	const struct document *before, *after;
};

#endif
