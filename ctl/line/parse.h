/* The command line, parsed into options and calls. */
#ifndef CTL_PARSE_H
#define CTL_PARSE_H 1

#include "ctl/line/command.h"
#include "ctl/line/options.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>

enum parse_what { PARSE_RUN, PARSE_HELP, PARSE_VERSION };

struct line {
	const struct command *commands; /* the table */
	struct options options;
	struct call *calls;
	size_t n_calls;
	enum parse_what what;
	const struct command *help_of; /* with PARSE_HELP; NULL: all commands */
};

/* The options in their order, for completion; false past the last one. 'own' is of
 * enum command_option, 0 if the option is of every line. */
struct parse_option {
	const char *name; /* "format" */
	bool takes_value;
	unsigned int own;
	bool (*fits)(const struct command *c); /* NULL: it fits every command */
};
bool parse_option_at(size_t i, struct parse_option *ret_option);

/* ERR_INVALID in one sentence. line_clear() in any case. Borrows 'commands', which a
 * NULL name ends, and 'argv'. */
struct err *parse_line(const struct command *commands, int argc, char **argv,
		       struct line *ret_line) MUST_CHECK;
void line_clear(struct line *l);

#endif
