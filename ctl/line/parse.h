/* The command line as options and calls. */
#ifndef CTL_PARSE_H
#define CTL_PARSE_H 1

#include "ctl/line/command.h"
#include "ctl/line/options.h"
#include "lib/err.h"

#include <stddef.h>

enum parse_what { PARSE_RUN, PARSE_HELP, PARSE_VERSION };

struct line {
	struct options options;
	struct call *calls;
	size_t n_calls;
	enum parse_what what;
	const struct command *help_of; /* of PARSE_HELP; NULL: of everything */
};

/* ERR_INVALID in one sentence. line_clear() in any case. Borrows 'argv'. */
struct err *parse_line(int argc, char **argv, struct line *ret_line) MUST_CHECK;
void line_clear(struct line *l);

#endif
