/* The command line of `ovsdb-lite`: which command is meant, --help, --version, errors on
 * standard error; and what the commands share to read their own options. */
#include "ovsdb-lite/program/tool.h"

#include "lib/alloc.h"
#include "lib/err.h"
#include "lib/option.h"
#include "lib/text.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of --help, which any command may be asked for. */
static const struct command *const *commands;
static size_t n_commands;

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
	for (size_t i = 0; i < n_commands; i++)
		print_command(commands[i]);
	for (size_t i = 0; i < n_commands; i++) {
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

struct err *tool_usage(const char *what)
{
	return err_hint(err_new(ERR_INVALID, "%s", what), "see `ovsdb-lite --help`");
}

struct err *tool_bad_option(int result, char **argv, const struct option *options)
{
	return option_err(result, argv, options, "ovsdb-lite", NULL);
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

int tool_getopt(int argc, char **argv, const struct option *options)
{
	return next_option(argc, argv, ":hV", options);
}

struct err *tool_arguments(int argc, char **argv, int n, const char *complaint,
			   char ***ret_arguments)
{
	static const struct option options[] = {TOOL_COMMON_OPTIONS, {0}};

	int c = tool_getopt(argc, argv, options);

	if (c != -1)
		return tool_bad_option(c, argv, options);
	if (argc - optind != n)
		return tool_usage(complaint);
	*ret_arguments = argv + optind;
	return NULL;
}

struct err *tool_flush_output(void)
{
	if (fflush(stdout) || ferror(stdout))
		return err_sys(errno, "cannot write to standard output");
	return NULL;
}

static struct err *run_command(int argc, char **argv)
{
	static const struct option options[] = {TOOL_COMMON_OPTIONS, {0}};
	const char *names[16], *nearest;
	struct err *e;
	int first, c;

	assert(n_commands < ARRAY_SIZE(names));
	/* "+": what follows the command is its own. */
	c = next_option(argc, argv, "+:hV", options);
	if (c != -1)
		return tool_bad_option(c, argv, options);
	if (optind == argc)
		return tool_usage("no command given");
	first = optind;
	optind = 0; /* getopt(3): scan another argument vector */
	for (size_t i = 0; i < n_commands; i++) {
		if (!strcmp(argv[first], commands[i]->name))
			return commands[i]->run(argc - first, argv + first);
		names[i] = commands[i]->name;
	}
	names[n_commands] = NULL;
	nearest = text_nearest(argv[first], names);
	e = err_new(ERR_INVALID, "unknown command \"%s\"", argv[first]);
	return nearest ? err_hint(e, "did you mean %s?", nearest)
		       : err_hint(e, "see `ovsdb-lite --help`");
}

int tool_main(const struct command *const *table, size_t n, int argc, char **argv)
{
	CLEANUP(freep) char *text = NULL;
	struct err *e;

	commands = table;
	n_commands = n;
	e = run_command(argc, argv);
	if (!e)
		return 0;
	text = err_text(e);
	fprintf(stderr, "ovsdb-lite: %s\n", text);
	err_free(e);
	return 1;
}
