/* Error values: making, chaining, copying and printing them. */
#include "lib/err.h"

#include "lib/alloc.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const code_names[ERR_N_CODES] = {
	[ERR_INVALID] = "invalid",
	[ERR_NOT_FOUND] = "not found",
	[ERR_EXISTS] = "exists",
	[ERR_BUSY] = "busy",
	[ERR_UNSUPPORTED] = "not supported",
	[ERR_LIMIT] = "limit passed",
	[ERR_SYSTEM] = "system error",
	[ERR_INTERRUPTED] = "interrupted",
	[ERR_CLOSED] = "closed",
	[ERR_PROTOCOL] = "protocol error",
	[ERR_DAMAGED] = "damaged",
	/* RFC 7047 3.1, 4.1.3, 5.2; the rest as ovsdb-server 3.1 spells them. */
	[ERR_SYNTAX] = "syntax error",
	[ERR_UNKNOWN_DATABASE] = "unknown database",
	[ERR_UNKNOWN_COLUMN] = "unknown column",
	[ERR_UNKNOWN_FUNCTION] = "unknown function",
	[ERR_UNKNOWN_MUTATOR] = "unknown mutator",
	[ERR_CONSTRAINT] = "constraint violation",
	[ERR_REFERENTIAL] = "referential integrity violation",
	[ERR_DUPLICATE_UUID] = "duplicate uuid",
	[ERR_DUPLICATE_NAME] = "duplicate uuid-name",
	[ERR_DOMAIN] = "domain error",
	[ERR_RANGE] = "range error",
	[ERR_TIMED_OUT] = "timed out",
	[ERR_ABORTED] = "aborted",
	[ERR_NOT_OWNER] = "not owner",
	[ERR_NOT_ALLOWED] = "not allowed",
	[ERR_PERMISSION] = "permission error",
	[ERR_RESOURCES] = "resources exhausted",
	[ERR_IO] = "I/O error",
	[ERR_CANCELED] = "canceled",
	[ERR_UNKNOWN_METHOD] = "unknown method",
};

static struct err *make(enum err_code code, int sys_errno, char *message)
{
	struct err *e = xcalloc(1, sizeof(*e));

	e->code = code;
	e->sys_errno = sys_errno;
	e->message = message;
	return e;
}

struct err *err_new(enum err_code code, const char *format, ...)
{
	va_list args;
	struct err *e;

	va_start(args, format);
	e = make(code, 0, xvasprintf(format, args));
	va_end(args);
	return e;
}

struct err *err_sys(int sys_errno, const char *format, ...)
{
	va_list args;
	char *what;
	struct err *e;

	assert(sys_errno > 0);
	va_start(args, format);
	what = xvasprintf(format, args);
	va_end(args);
	e = make(ERR_SYSTEM, sys_errno, xasprintf("%s: %s", what, strerror(sys_errno)));
	free(what);
	return e;
}

struct err *err_wrap(struct err *cause, const char *format, ...)
{
	va_list args;
	struct err *e;

	va_start(args, format);
	e = make(cause->code, cause->sys_errno, xvasprintf(format, args));
	va_end(args);
	e->cause = cause;
	return e;
}

static void set(char **part, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

static void set(char **part, const char *format, va_list args)
{
	char *text = xvasprintf(format, args); /* which may use the old part */

	free(*part);
	*part = text;
}

struct err *err_at(struct err *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set(&e->path, format, args);
	va_end(args);
	return e;
}

struct err *err_hint(struct err *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set(&e->hint, format, args);
	va_end(args);
	return e;
}

struct err *err_copy(const struct err *e)
{
	struct err *copy;

	if (!e)
		return NULL;
	copy = make(e->code, e->sys_errno, xstrdup(e->message));
	copy->path = e->path ? xstrdup(e->path) : NULL;
	copy->hint = e->hint ? xstrdup(e->hint) : NULL;
	copy->cause = err_copy(e->cause);
	return copy;
}

void err_free(struct err *e)
{
	while (e) {
		struct err *cause = e->cause;

		free(e->path);
		free(e->message);
		free(e->hint);
		free(e);
		e = cause;
	}
}

void err_freep(struct err **e)
{
	err_free(*e);
	*e = NULL;
}

const char *err_code_name(enum err_code code)
{
	assert(code < ERR_N_CODES);
	return code_names[code];
}

bool err_code_from_name(const char *name, enum err_code *ret_code)
{
	for (unsigned int i = 0; i < ERR_N_CODES; i++) {
		/* What a peer met is not what its client met. */
		bool is_own = i > ERR_SYSTEM && i < ERR_SYNTAX;

		if (!is_own && !strcmp(name, code_names[i])) {
			*ret_code = (enum err_code)i;
			return true;
		}
	}
	return false;
}

const char *err_find_hint(const struct err *e)
{
	const char *hint = NULL;

	for (; e; e = e->cause) {
		if (e->hint)
			hint = e->hint;
	}
	return hint;
}

char *err_append_hint(char *text, const char *hint)
{
	size_t n = strlen(text);
	char *both;

	/* It is one sentence; ovsdb-server's end with a period. */
	if (n && text[n - 1] == '.')
		n--;
	both = xasprintf("%.*s; %s", (int)n, text, hint);
	free(text);
	return both;
}

char *err_text(const struct err *e)
{
	const char *hint = err_find_hint(e);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	for (const struct err *at = e; at; at = at->cause) {
		if (at != e)
			fputs(": ", out);
		if (at->path)
			fprintf(out, "%s: ", at->path);
		fputs(at->message, out);
	}
	if (fclose(out))
		abort();
	return hint ? err_append_hint(text, hint) : text;
}
