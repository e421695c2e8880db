/* One line for each event, rate limited by its name. */
#include "lib/log.h"

#include "lib/alloc.h"
#include "lib/hash_table.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct limiter {
	char *event; /* key */
	time_t second;
	unsigned int written, suppressed;
	UT_hash_handle hh;
};

static enum log_level threshold = LOG_LEVEL_INFO;
static struct limiter *limiters;

void log_set_level(enum log_level level)
{
	threshold = level;
}

static time_t now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static struct limiter *limiter_of(const char *event)
{
	struct limiter *l;

	HASH_FIND_STR(limiters, event, l);
	if (!l) {
		l = xcalloc(1, sizeof(*l));
		l->event = xstrdup(event);
		HASH_ADD_KEYPTR(hh, limiters, l->event, strlen(l->event), l);
	}
	return l;
}

/* True if a line of 'event' may be written now; '*ret_suppressed' counts those before it
 * that were not. */
static bool admit(const char *event, unsigned int *ret_suppressed)
{
	struct limiter *l = limiter_of(event);
	time_t now = now_seconds();

	if (l->second != now) {
		l->second = now;
		l->written = 0;
	}
	if (l->written >= LOG_BURST) {
		l->suppressed++;
		return false;
	}
	l->written++;
	*ret_suppressed = l->suppressed;
	l->suppressed = 0;
	return true;
}

static void put_quoted(FILE *out, const char *s)
{
	fputc('"', out);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', out);
		fputc((unsigned char)*s < ' ' ? ' ' : *s, out);
	}
	fputc('"', out);
}

static void write_line(enum log_level level, const char *event, const struct err *e,
		       const char *format, va_list args)
	__attribute__((format(printf, 4, 0)));

static void write_line(enum log_level level, const char *event, const struct err *e,
		       const char *format, va_list args)
{
	unsigned int suppressed = 0;
	char *line = NULL;
	size_t size;
	FILE *out;

	if (level > threshold || !admit(event, &suppressed))
		return;
	out = open_memstream(&line, &size);
	if (!out)
		return;
	if (getenv("JOURNAL_STREAM"))
		fprintf(out, "<%d>", (int)level);
	fprintf(out, "event=%s", event);
	if (*format) {
		fputc(' ', out);
		vfprintf(out, format, args);
	}
	if (e) {
		char *text = err_text(e);

		fputs(" error=", out);
		put_quoted(out, text);
		free(text);
	}
	if (suppressed)
		fprintf(out, " suppressed=%u", suppressed);
	fputc('\n', out);
	if (!fclose(out))
		fwrite(line, 1, size, stderr);
	free(line);
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(level, event, NULL, format, args);
	va_end(args);
}

void log_err(enum log_level level, const char *event, const struct err *e,
	     const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(level, event, e, format, args);
	va_end(args);
}

const char *log_quote(struct arena *a, const char *text)
{
	const char *quoted;
	char *buf = NULL;
	size_t size;
	FILE *out = open_memstream(&buf, &size);

	if (!out)
		return "\"\"";
	put_quoted(out, text);
	quoted = fclose(out) ? "\"\"" : arena_strdup(a, buf);
	free(buf);
	return quoted;
}
