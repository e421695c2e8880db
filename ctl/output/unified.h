/* Two texts as a unified diff, as diff(1) -u prints it, and patch(1) reads it. */
#ifndef CTL_UNIFIED_H
#define CTL_UNIFIED_H 1

#include <stdbool.h>
#include <stdio.h>

/* Prints nothing if the texts are equal. All of their lines end in a newline. The last line
 * before a hunk that begins with 'heading' stands in its first line. */
void unified_print(FILE *out, bool colour, const char *name_a, const char *a,
		   const char *name_b, const char *b, const char *heading);

#endif
