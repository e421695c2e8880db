/* `edit`: the line is run once for the text, which goes through an editor, and once with the
 * edited one. While the editor runs there is no connection.
 *
 * A text that is refused, by its reader or by the database, is edited again, with the errors
 * above it. If it is refused again unchanged, it is left in its file, whose name is printed. */
#include "ctl/run_edit.h"

#include "ctl/commands/cmd_edit.h"
#include "ctl/run.h"
#include "lib/alloc.h"
#include "lib/buffer.h"
#include "lib/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char heading[] = "# What you change here is applied when you leave the "
			      "editor. An unchanged text, or an\n"
			      "# empty one, changes nothing.\n";
/* Before a line of an error. */
#define ERROR_MARK "# ! "

struct editing {
	const struct line *line;
	bool colour;
	size_t width;
	struct edited edit;
	char *path;    /* of the file */
	char *refused; /* the text of the last failure; NULL: none */
	bool is_kept;  /* the file stays */
};

/* The text without the comments at its start, which are ours. */
static const char *body_of(const char *text)
{
	while (*text == '#' || *text == '\n') {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return text;
}

/* The heading, the lines of 'errors', and the text. */
static struct err *write_file(const struct editing *d, const char *errors,
			      const char *text)
{
	CLEANUP(freep) char *copy = xstrdup(errors);
	char *rest = copy, *line;
	FILE *f = fopen(d->path, "w");

	if (!f)
		return err_sys(errno, "cannot write %s", d->path);
	fputs(heading, f);
	while ((line = strsep(&rest, "\n"))) {
		if (*line)
			fprintf(f, ERROR_MARK "%s\n", line);
	}
	fputs(text, f);
	return fclose(f) ? err_sys(errno, "cannot write %s", d->path) : NULL;
}

static struct err *read_file(const struct editing *d, char **ret_text)
{
	CLEANUP(buffer_clearp) struct buffer text = {0};
	CLEANUP(fd_closep) int fd = open(d->path, O_RDONLY | O_CLOEXEC);
	/* A text that is too large is refused by its reader. */
	int error = fd < 0 ? errno : fd_read(fd, DOCUMENT_MAX_BYTES + 1, &text);

	*ret_text = buffer_take(&text);
	return error ? err_sys(error, "cannot read %s", d->path) : NULL;
}

/* In a folder that TMPDIR names, readable for this user alone. */
static struct err *make_file(struct editing *d)
{
	const char *folder = getenv("TMPDIR");
	int fd;

	d->path = xasprintf("%s/ipvl-edit-XXXXXX.yaml",
			    folder && *folder ? folder : "/tmp");
	fd = mkstemps(d->path, (int)strlen(".yaml"));
	if (fd < 0)
		return err_sys(errno, "cannot make %s", d->path);
	close(fd);
	return write_file(d, "", d->edit.base);
}

/* VISUAL and EDITOR may have arguments. As for git, the shell splits them. */
static struct err *run_editor(const char *path)
{
	const char *editor = getenv("VISUAL");
	CLEANUP(freep) char *command = NULL;
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
	int status;
	pid_t pid;

	if (!editor || !*editor)
		editor = getenv("EDITOR");
	if (!editor || !*editor)
		editor = "vi";
	command = xasprintf("%s \"$1\"", editor);
	fflush(NULL);
	/* Ctrl-C in the editor is the editor's. */
	sigaction(SIGINT, &ignore, &old);
	pid = fork();
	if (!pid) {
		sigaction(SIGINT, &old, NULL);
		signal(SIGPIPE, SIG_DFL);
		execl("/bin/sh", "sh", "-c", command, "ipvl-ctl", path, (char *)NULL);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &old, NULL);
	if (pid < 0)
		return err_sys(errno, "cannot start the editor");
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return NULL;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return err_hint(err_new(ERR_SYSTEM, "there is no editor `%s`", editor),
				"set EDITOR to one that is installed: EDITOR=nano");
	return err_hint(err_new(ERR_SYSTEM, "the editor `%s` failed", editor),
			"set EDITOR to another one");
}

static size_t n_lines(const char *text)
{
	size_t n = 0;

	for (const char *line = text; *line;
	     line += strcspn(line, "\n"), line += *line == '\n')
		n += *line != '\n';
	return n;
}

/* Reads the text as if 'n_above' lines stood above it, so that errors have the lines of the
 * file. The document, or NULL with the errors as text. */
static struct document *parse(const struct editing *d, const char *body, size_t n_above,
			      char **ret_errors)
{
	struct document_errors errors = {0};
	struct document *document;
	CLEANUP(buffer_clearp) struct buffer text = {0};

	for (size_t i = 0; i < n_above; i++)
		buffer_puts(&text, "#\n");
	buffer_puts(&text, body);
	document = document_parse(d->path, text.data, text.n, &errors);
	if (!document)
		*ret_errors = document_errors_text(&errors);
	document_errors_clear(&errors);
	return document;
}

/* NULL with the errors, whose lines are those that the file will have with them above. */
static struct document *parse_body(const struct editing *d, const char *body,
				   char **ret_errors)
{
	CLEANUP(freep) char *errors = NULL;
	struct document *document = parse(d, body, 0, &errors);

	if (document)
		return document;
	return parse(d, body, n_lines(heading) + n_lines(errors), ret_errors);
}

/* Applies the text. 0 if that is the end, with '*ret_status'; else the errors. */
static char *apply(struct editing *d, const char *body, int *ret_status)
{
	char *errors = NULL;
	struct document *before, *after = parse_body(d, body, &errors);

	if (!after)
		return errors;
	before = document_parse(d->path, d->edit.base, strlen(d->edit.base),
				&(struct document_errors){0});
	d->edit.before = before;
	d->edit.after = after;
	*ret_status = run_line(d->line, d->colour, d->width, &errors);
	d->edit.before = d->edit.after = NULL;
	document_free(before);
	document_free(after);
	return errors;
}

static struct err *round_of(struct editing *d, bool *ret_again, int *ret_status)
{
	CLEANUP(freep) char *text = NULL, *errors = NULL;
	const char *body;
	struct err *e = run_editor(d->path);

	*ret_again = false;
	if (!e)
		e = read_file(d, &text);
	if (e)
		return e;
	body = body_of(text);
	d->is_kept = d->refused && !strcmp(body, d->refused);
	if (d->is_kept)
		return err_new(ERR_INVALID,
			       "the text came back as it was refused: it is kept in %s",
			       d->path);
	if (!*body || !strcmp(body, d->edit.base)) {
		puts("nothing to change");
		*ret_status = 0;
		return NULL;
	}
	errors = apply(d, body, ret_status);
	if (!errors)
		return NULL;
	*ret_again = true;
	fputs(errors, stderr);
	free(d->refused);
	d->refused = xstrdup(body);
	return write_file(d, errors, body);
}

static int fail(struct err *e)
{
	CLEANUP(err_freep) struct err *error = e;
	CLEANUP(freep) char *text = err_text(error);

	fprintf(stderr, "ipvl-ctl: %s\n", text);
	fputs("nothing was changed\n", stderr);
	return 1;
}

/* The first run, whose transaction stays empty. */
static int get_text(struct editing *d)
{
	struct line first = *d->line;

	first.options.dry_run = first.options.strict = first.options.no_disrupt = false;
	return run_line(&first, d->colour, d->width, NULL);
}

static int refuse_company(void)
{
	fputs("ipvl-ctl: edit cannot be combined with other commands\n", stderr);
	return 1;
}

int run_edit(const struct line *l, bool colour, size_t width)
{
	struct editing d = {.line = l, .colour = colour, .width = width};
	struct err *e = NULL;
	bool again = true;
	int status;

	if (l->n_calls > 1)
		return refuse_company();
	l->calls[0].edited = &d.edit;
	status = get_text(&d);
	if (!status)
		e = make_file(&d);
	while (d.path && !e && again)
		e = round_of(&d, &again, &status);
	if (e) {
		d.is_kept = d.is_kept || d.refused;
		status = fail(e);
	}
	if (d.path && !d.is_kept)
		unlink(d.path);
	l->calls[0].edited = NULL;
	free(d.edit.base);
	free(d.path);
	free(d.refused);
	return status;
}
