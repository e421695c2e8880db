/* The commands of the program `ovsdb-lite`. Each has its own options and its own part of
 * --help, in the file that implements it. */
#ifndef OVSDB_CMD_H
#define OVSDB_CMD_H 1

#include "lib/err.h"

#include <getopt.h>

struct command {
	const char *name;
	const char *arguments; /* for --help */
	const char *summary;
	const char *options; /* of --help: whole lines; NULL if it has none */
	/* argv[0] is the command's name. */
	struct err *(*run)(int argc, char **argv);
};

/* What every command's table of options begins with. */
#define CMD_COMMON_OPTIONS                                                               \
	{"help", no_argument, NULL, 'h'},                                                \
	{                                                                                \
		"version", no_argument, NULL, 'V'                                        \
	}

/* As getopt_long(3) for what follows a command's name. After -1, argv[optind] is the
 * first argument. '?' is an error that cmd_bad_option() words; --help and --version do
 * not return. */
int cmd_getopt(int argc, char **argv, const struct option *options);
struct err *cmd_bad_option(char **argv) MUST_CHECK;
/* Of a command without options: its arguments, which must be 'n' in number. 'complaint'
 * says what it takes. */
struct err *cmd_arguments(int argc, char **argv, int n, const char *complaint,
			  char ***ret_arguments) MUST_CHECK;
/* The error for a command line that makes no sense. */
struct err *cmd_usage(const char *what) MUST_CHECK;

/* After the last line: ERR_SYSTEM if one could not be written. */
struct err *cmd_flush_output(void) MUST_CHECK;

extern const struct command cmd_backup, cmd_compact, cmd_convert, cmd_create, cmd_dump;
extern const struct command cmd_show_log; /* cmd_show_log.c */
extern const struct command cmd_server;   /* serve.c */

#endif
