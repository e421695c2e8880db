/* A command of `ipvl-ctl`, and a call of it with its arguments.
 *
 * Handlers read and write only the line's transaction (context.h). They write text to
 * its streams, never to stdout, because a line may run several times. */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H 1

#include "ctl/line/options.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct context;
struct call;
struct edited;

/* Options of single commands; a set of bits. */
enum command_option {
	OPTION_MAY_EXIST = 1 << 0,
	OPTION_IF_EXISTS = 1 << 1,
	OPTION_FILE = 1 << 2, /* -f FILE */
	OPTION_SOURCE = 1 << 3,
	OPTION_CHECK = 1 << 4,
	OPTION_COLUMNS = 1 << 5,
	OPTION_ALL = 1 << 6,
	OPTION_FOREIGN = 1 << 7,
	OPTION_OUTSIDE = 1 << 8,
	OPTION_FOLLOW = 1 << 9,
	OPTION_VERIFY = 1 << 10,
	OPTION_STATS = 1 << 11,
	OPTION_NOT_READY = 1 << 12,
	OPTION_PATCH = 1 << 13,
	OPTION_AT = 1 << 14,
	OPTION_PRUNE = 1 << 15,
	OPTION_UNIFIED = 1 << 16,
	OPTION_ADOPT = 1 << 17,
};

enum command_flag {
	COMMAND_READ_ONLY = 1 << 0, /* does not create a missing database file */
	/* Needs no database. Must be the only command of its line. */
	COMMAND_NO_DB = 1 << 1,
	COMMAND_DRY = 1 << 2, /* shows what would change, without changing it */

	/* What it prints, if it does not print records. Records can have every format. */
	COMMAND_TREE = 1 << 3,  /* table (plain text), json and yaml */
	COMMAND_TEXT = 1 << 4,  /* plain text only */
	COMMAND_DRAWN = 1 << 5, /* every format, dot and svg as well */

	/* The table whose columns its arguments set. */
	COMMAND_SETS_MASTER = 1 << 6,
	COMMAND_SETS_SLAVE = 1 << 7,
	COMMAND_SETS_POOL = 1 << 13,

	/* Acts outside of the transaction. Must be the only command of its line. */
	COMMAND_ALONE = 1 << 8,

	/* Goes on until a signal, as a command with --follow does. Must be the only
	 * command of its line. */
	COMMAND_FOLLOW = 1 << 9,
	/* On a terminal what it shows is drawn again and again. */
	COMMAND_PICTURE = 1 << 10,
	COMMAND_EDITS = 1 << 11, /* starts an editor; alone in its line */
	/* Puts the changes of its line on trial; --timeout is the time for that. */
	COMMAND_TRIAL = 1 << 12,
};

/* The slaves that it reads or writes: no others are fetched from the daemon (scope.c). */
enum command_slaves {
	COMMAND_SLAVES_ALL,
	COMMAND_SLAVES_NONE,
	COMMAND_SLAVES_FIRST,  /* the one that the first argument names */
	COMMAND_SLAVES_SECOND, /* … the second */
	COMMAND_SLAVES_EACH,   /* those that the arguments name */
	COMMAND_SLAVES_RECORD, /* the record of TABLE RECORD …, if it is a slave */
};

#define COMMAND_MANY ((size_t)-1)

typedef struct err *command_fn(struct context *ctx, const struct call *call);

struct command {
	const char *name;
	const char *usage;   /* the arguments, "" if it has none */
	const char *summary; /* one line */
	const char *text;    /* several lines, or "" */
	size_t min_args, max_args;
	unsigned int options; /* of enum command_option */
	unsigned int flags;   /* of enum command_flag */
	enum command_slaves slaves;
	command_fn *run;
};

/* One command with its arguments, as typed. */
struct call {
	const struct command *command;
	char **args; /* borrowed from argv; the array is owned */
	size_t n_args;
	unsigned int options; /* the options given */
	/* With OPTION_FILE: those of -f, then the arguments. Borrowed; the array is owned. */
	const char **files;
	size_t n_files;
	/* NULL if not given */
	const char *source, *columns, *outside, *at;
	struct edited *edited; /* of `edit`: ctl/commands/cmd_edit.h */
	bool is_alone;         /* the only command of its line */
};

/* Frees 'e' and returns true if it is ERR_NOT_FOUND and --if-exists is given. */
bool call_may_ignore(const struct call *call, struct err *e);

/* True for COMMAND_FOLLOW and --follow. */
bool call_follows(const struct call *call);

/* Whether --no-headings and --bare have a meaning for it. */
bool command_prints_records(const struct command *c);
/* The table whose columns its arguments set; NULL: none. */
const char *command_sets(const struct command *c);
/* Whether --strict and --no-disrupt, conditions of a change, have a meaning for it. */
bool command_changes_rows(const struct command *c);

struct option;
/* What is wrong with an option for which getopt_long() returned 'result', as option_err(), and what
 * takes the place of those of other programs. */
struct err *command_option_err(int result, char **argv,
			       const struct option *options) MUST_CHECK;
/* What to use in place of a command that other programs call by this name, which may be one of
 * ours with other arguments. NULL: they have none. */
const char *command_foreign_hint(const char *name);

/* In a table that a NULL name ends. ERR_INVALID with the nearest name. */
struct err *command_find(const struct command *table, const char *name,
			 const struct command **ret_command) MUST_CHECK;
/* ERR_UNSUPPORTED if the output of 'c' cannot have this format. */
struct err *command_check_format(const struct command *c, enum format format) MUST_CHECK;
/* The same for a call, whose options may limit it further. */
struct err *call_check_format(const struct call *call, enum format format) MUST_CHECK;
/* The same for --no-headings and --bare. */
struct err *command_check_terse(const struct command *c,
				const struct options *o) MUST_CHECK;

#endif
