/* The texts of --help. */
#ifndef CTL_HELP_H
#define CTL_HELP_H 1

#include "ctl/line/command.h"

#include <stdio.h>

/* Of everything, and of one command. No line is wider than 80 columns. */
void help_print(FILE *out);
void help_print_command(FILE *out, const struct command *c);

/* The columns of "Master" or "Slave" that a person sets, with examples. Private to help.c
 * and help_columns.c. */
void help_print_columns(FILE *out, const char *table);

#endif
