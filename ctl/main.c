/* `ipvl-ctl`: parses its command line, runs it, exits with its status. */
#include "ctl/commands.h"
#include "ctl/complete.h"
#include "ctl/help.h"
#include "ctl/line/parse.h"
#include "ctl/run.h"
#include "ctl/run_edit.h"
#include "datapath/plugin.h"
#include "lib/alloc.h"
#include "lib/text.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* https://no-color.org: any value but an empty one. */
static bool wants_colour(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no_color && *no_color) && term && *term;
}

/* The terminal's width in columns: COLUMNS, else the terminal's own; 0 if it is none. */
static size_t find_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t width;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (columns && text_to_uint(columns, 1, 10000, &width))
		return (size_t)width;
	return !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col ? size.ws_col : 80;
}

static int fail(struct err *e)
{
	CLEANUP(freep) char *text = err_text(e);

	text_make_plain(text, strlen(text));
	fprintf(stderr, "ipvl-ctl: %s\n", text);
	err_free(e);
	return 1;
}

static int run(const struct line *l)
{
	switch (l->what) {
	case PARSE_HELP:
		if (l->help_of)
			help_print_command(stdout, l->help_of);
		else
			help_print(stdout);
		return 0;
	case PARSE_VERSION:
		puts("ipvl-ctl " IPVL_VERSION);
		return 0;
	case PARSE_RUN:
		break;
	}
	for (size_t i = 0; i < l->n_calls; i++) {
		if (l->calls[i].command->flags & COMMAND_EDITS)
			return run_edit(l, wants_colour(), find_width());
	}
	return run_line(l, wants_colour(), find_width(), NULL);
}

/* poll(2): POLLERR on the writing end of a pipe means that it has no reader any more. */
static bool is_reader_gone(void)
{
	struct pollfd fd = {.fd = STDOUT_FILENO};

	return poll(&fd, 1, 0) == 1 && fd.revents & POLLERR;
}

int main(int argc, char **argv)
{
	struct line l;
	struct err *e;
	int status;

	/* A daemon that exits is an error of the socket, and must not kill this
	 * process. */
	signal(SIGPIPE, SIG_IGN);
	plugin_use(plugin_folder(IPVL_PLUGIN_DIR));
	if (argc > 2 && !strcmp(argv[1], COMPLETE_COMMAND))
		return complete(argv + 2, (size_t)argc - 2, stdout);
	e = parse_line(commands, argc, argv, &l);
	status = e ? fail(e) : run(&l);
	line_clear(&l);
	/* A failed write (a full disk behind a redirection) is an error. A reader that
	 * closed its pipe early (`| head`) is not. */
	if ((fflush(stdout) || ferror(stdout)) && !status && !is_reader_gone()) {
		perror("ipvl-ctl: standard output");
		status = 1;
	}
	return status;
}
