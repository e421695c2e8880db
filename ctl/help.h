/* Prints --help. */
#ifndef CTL_HELP_H
#define CTL_HELP_H 1

#include "ctl/line/command.h"

#include <stdio.h>

/* All of it, and one command. No line is wider than 80 columns. */
void help_print(FILE *out);
void help_print_command(FILE *out, const struct command *c);

/* The columns of table "Master" or "Slave" that can be set, with examples. Private to
 * help.c and help_columns.c. */
void help_print_columns(FILE *out, const char *table);

#endif
