/* The commands of the program `ovsdb-lite`, and their command line. Each has its own
 * options and its own part of --help, in the file that implements it. */
#ifndef OVSDB_TOOL_H
#define OVSDB_TOOL_H 1

#include "lib/err.h"

#include <getopt.h>
#include <stddef.h>

struct command {
	const char *name;
	const char *arguments; /* for --help */
	const char *summary;
	const char *options; /* of --help: whole lines; NULL if it has none */
	/* argv[0] is the command's name. */
	struct err *(*run)(int argc, char **argv);
};

/* Runs the one of 'n' commands that 'argv' names. Returns the exit status. 'table' is
 * borrowed, and is in --help. */
int tool_main(const struct command *const *table, size_t n, int argc, char **argv);

/* The common options, first in every command's table. */
#define TOOL_COMMON_OPTIONS                                                              \
	{"help", no_argument, NULL, 'h'},                                                \
	{                                                                                \
		"version", no_argument, NULL, 'V'                                        \
	}

/* As getopt_long(3) for what follows a command's name. After -1, argv[optind] is the
 * first argument. For '?' and ':', tool_bad_option() makes the error; --help and --version do not
 * return. */
int tool_getopt(int argc, char **argv, const struct option *options);
struct err *tool_bad_option(int result, char **argv,
			    const struct option *options) MUST_CHECK;
/* Of a command without options: its arguments, which must be 'n' in number. 'complaint'
 * is the message if they are not. */
struct err *tool_arguments(int argc, char **argv, int n, const char *complaint,
			   char ***ret_arguments) MUST_CHECK;
/* An invalid command line. */
struct err *tool_usage(const char *what) MUST_CHECK;

/* After the last line: ERR_SYSTEM if one could not be written. */
struct err *tool_flush_output(void) MUST_CHECK;

/* tool_file.c */
extern const struct command tool_backup, tool_compact, tool_convert, tool_create,
	tool_dump;
extern const struct command tool_show_log; /* tool_show_log.c */
extern const struct command tool_server;   /* tool_server.c */

#endif
