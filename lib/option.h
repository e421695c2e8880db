/* Errors of getopt_long(3), in the words of all programs. */
#ifndef LIB_OPTION_H
#define LIB_OPTION_H 1

#include "lib/err.h"

#include <getopt.h>

/* The error behind getopt_long()'s ':' or '?', with the nearest of 'options' as a hint. Its
 * 'optstring' begins with ":", behind a "+"; 'opterr' is 0. 'program' is for "see `PROGRAM
 * --help`". 'letter_hint' may be NULL: what to do about a letter that is no option, static;
 * NULL: the help. */
struct err *option_err(int result, char **argv, const struct option *options,
		       const char *program,
		       const char *(*letter_hint)(int letter)) MUST_CHECK;

#endif
