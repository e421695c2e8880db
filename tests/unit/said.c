/* Sentences that each program of the suite has to meet: those of golden/said.txt below its name. It
 * is linked around the functions of lib/ that make texts. "…" in a line is any text. */
#include "lib/alloc.h"
#include "lib/arena.h"
#include "lib/err.h"
#include "tests/said_line.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_LINES 64

static struct {
	char *lines[MAX_LINES]; /* those that were not met so far */
	size_t n;
	pid_t pid;
} wanted;

static void meet(const char *text)
{
	for (size_t i = 0; i < wanted.n; i++) {
		if (said_line_fits(wanted.lines[i], text)) {
			free(wanted.lines[i]);
			wanted.lines[i--] = wanted.lines[--wanted.n];
		}
	}
}

char *__real_xvasprintf(const char *format, va_list args);
char *__wrap_xvasprintf(const char *format, va_list args)
	__attribute__((format(printf, 1, 0)));
char *__wrap_xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void __real_err_free(struct err *e);
void __wrap_err_free(struct err *e);
void __wrap_err_freep(struct err **e);

char *__wrap_xvasprintf(const char *format, va_list args)
{
	char *text = __real_xvasprintf(format, args);

	meet(text);
	return text;
}

char *__wrap_xasprintf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = __wrap_xvasprintf(format, args);
	va_end(args);
	return text;
}

void __wrap_err_free(struct err *e)
{
	if (e && wanted.n) {
		char *text = err_text(e);

		meet(text);
		free(text);
	}
	__real_err_free(e);
}

void __wrap_err_freep(struct err **e)
{
	__wrap_err_free(*e);
	*e = NULL;
}

__attribute__((constructor)) static void begin(void)
{
	FILE *f = fopen(GOLDEN "/said.txt", "r");
	bool is_mine = false;
	char *line = NULL;
	size_t size = 0;

	wanted.pid = getpid();
	while (f && getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "## ", 3))
			is_mine = !strcmp(line + 3, program_invocation_short_name);
		else if (is_mine && *line && wanted.n < MAX_LINES)
			wanted.lines[wanted.n++] = xstrdup(line);
	}
	free(line);
	if (f)
		fclose(f);
}

__attribute__((destructor)) static void end(void)
{
	if (getpid() != wanted.pid || !wanted.n)
		return;
	for (size_t i = 0; i < wanted.n; i++)
		fprintf(stderr, "golden/said.txt: no test meets: %s\n", wanted.lines[i]);
	_exit(1);
}
