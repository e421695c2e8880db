/* What a shell offers after Tab: the hidden command `__complete`. */
#ifndef CTL_COMPLETE_H
#define CTL_COMPLETE_H 1

#include <stddef.h>
#include <stdio.h>

/* The name of the command, which --help does not list. */
#define COMPLETE_COMMAND "__complete"

enum complete_status {
	COMPLETE_DONE = 0,
	COMPLETE_FILES = 3, /* names of files are asked for, which the shell has */
};

/* 'words' are those of the line behind `ipvl-ctl`, the last one ("" if it is not begun) is
 * completed. Writes a candidate on each line, whole words. Without a daemon it is silent about
 * what is in the database. */
enum complete_status complete(char *const *words, size_t n, FILE *out);

#endif
