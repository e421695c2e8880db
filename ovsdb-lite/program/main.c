/* The program `ovsdb-lite`: makes, serves and shows database files of any .ovsschema.
 * Here are its words: which command is meant, --help, --version, and errors on standard
 * error. What the commands do is in cmd_*.c and serve.c. */
#include "lib/alloc.h"
#include "lib/err.h"
#include "ovsdb-lite/program/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command *const commands[] = {
	&cmd_create, &cmd_server,  &cmd_dump,    &cmd_show_log,
	&cmd_backup, &cmd_compact, &cmd_convert,
};

/* Where a command's summary begins in --help. */
#define SUMMARY_COLUMN 34

static void print_command(const struct command *c)
{
	int width = printf("  %s %s", c->name, c->arguments);

	printf("%*s%s\n", width < SUMMARY_COLUMN ? SUMMARY_COLUMN - width : 1, "",
	       c->summary);
}

static void print_help(void)
{
	puts("ovsdb-lite: an OVSDB (RFC 7047) database server on SQLite\n"
	     "\n"
	     "Usage: ovsdb-lite COMMAND [OPTIONS] [ARGUMENTS]\n"
	     "\n"
	     "Commands:");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		print_command(commands[i]);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (commands[i]->options)
			printf("\nOptions of %s:\n%s", commands[i]->name,
			       commands[i]->options);
	}
	puts("\nOther options:\n"
	     "  -h, --help            this text\n"
	     "  -V, --version         the version\n"
	     "\n"
	     "DB is a SQLite file, SCHEMA an .ovsschema file. Messages go to standard "
	     "error.\n"
	     "Exit status: 0 done, 1 failed.");
}

struct err *cmd_usage(const char *what)
{
	return err_hint(err_new(ERR_INVALID, "%s", what), "see `ovsdb-lite --help`");
}

struct err *cmd_bad_option(char **argv)
{
	return err_hint(err_new(ERR_INVALID, "%s is no option, or lacks its argument",
				argv[optind - 1]),
			"see `ovsdb-lite --help`");
}

static int next_option(int argc, char **argv, const char *letters,
		       const struct option *options)
{
	int c;

	opterr = 0;
	c = getopt_long(argc, argv, letters, options, NULL);
	if (c != 'h' && c != 'V')
		return c;
	if (c == 'h')
		print_help();
	else
		puts("ovsdb-lite " IPVL_VERSION);
	exit(0);
}

int cmd_getopt(int argc, char **argv, const struct option *options)
{
	return next_option(argc, argv, "hV", options);
}

struct err *cmd_arguments(int argc, char **argv, int n, const char *complaint,
			  char ***ret_arguments)
{
	static const struct option options[] = {CMD_COMMON_OPTIONS, {0}};

	if (cmd_getopt(argc, argv, options) != -1)
		return cmd_bad_option(argv);
	if (argc - optind != n)
		return cmd_usage(complaint);
	*ret_arguments = argv + optind;
	return NULL;
}

struct err *cmd_flush_output(void)
{
	if (fflush(stdout) || ferror(stdout))
		return err_sys(errno, "cannot write to standard output");
	return NULL;
}

static struct err *run_command(int argc, char **argv)
{
	static const struct option options[] = {CMD_COMMON_OPTIONS, {0}};
	int first;

	/* "+": what follows the command is its own. */
	if (next_option(argc, argv, "+hV", options) != -1)
		return cmd_bad_option(argv);
	if (optind == argc)
		return cmd_usage("a command is missing");
	first = optind;
	optind = 0; /* getopt(3): begin anew, with another line */
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[first], commands[i]->name))
			return commands[i]->run(argc - first, argv + first);
	return err_hint(err_new(ERR_INVALID, "%s is not a command", argv[first]),
			"see `ovsdb-lite --help`");
}

int main(int argc, char **argv)
{
	struct err *e = run_command(argc, argv);
	CLEANUP(freep) char *text = NULL;

	if (!e)
		return 0;
	text = err_text(e);
	fprintf(stderr, "ovsdb-lite: %s\n", text);
	err_free(e);
	return 1;
}
