/* The table of commands. */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H 1

#include "ctl/line/command.h"

/* A NULL name ends it. */
extern const struct command commands[];

#endif
