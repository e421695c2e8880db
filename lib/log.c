/* One line for each event, rate limited by its name: to the journal, or to standard error. */
#include "lib/log.h"

#include "lib/alloc.h"
#include "lib/hash.h"
#include "lib/hash_table.h"
#include "lib/log_journal.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The same line again within this time is not written. */
#define REPEAT_MS 1000

struct limiter {
	char *event; /* key */
	/* Lines that were written within the last second, or before: the oldest is
	 * replaced by the next one. */
	struct {
		uint64_t hash;
		int64_t ms;
	} written[LOG_BURST];
	unsigned int next, suppressed;
	UT_hash_handle hh;
};

static enum log_level threshold = LOG_LEVEL_INFO;
static struct limiter *limiters;

void log_set_level(enum log_level level)
{
	threshold = level;
}

/* Not that of lib/clock.h, which a test stops. */
static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct limiter *limiter_of(const char *event)
{
	struct limiter *l;

	HASH_FIND_STR(limiters, event, l);
	if (!l) {
		l = xcalloc(1, sizeof(*l));
		l->event = xstrdup(event);
		for (unsigned int i = 0; i < LOG_BURST; i++)
			l->written[i].ms = -REPEAT_MS;
		HASH_ADD_KEYPTR(hh, limiters, l->event, strlen(l->event), l);
	}
	return l;
}

/* True if 'line' of 'event' may be written now; '*ret_suppressed' counts those before it
 * that were not. */
static bool admit(const char *event, const char *line, unsigned int *ret_suppressed)
{
	struct limiter *l = limiter_of(event);
	uint64_t hash = hash_bytes(line, strlen(line), 0);
	int64_t now = now_ms();
	bool is_over = now - l->written[l->next].ms < REPEAT_MS;

	for (unsigned int i = 0; i < LOG_BURST && !is_over; i++)
		is_over =
			l->written[i].hash == hash && now - l->written[i].ms < REPEAT_MS;
	if (is_over) {
		l->suppressed++;
		return false;
	}
	l->written[l->next].hash = hash;
	l->written[l->next].ms = now;
	l->next = (l->next + 1) % LOG_BURST;
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

/* Where standard error is the journal, but its socket does not take entries, it still reads
 * lines with a level (sd-daemon(3)). */
static void put_line(enum log_level level, const char *line)
{
	bool is_journal = log_journal_is_stderr();

	if (is_journal && log_journal_send((int)level, line))
		return;
	if (is_journal)
		fprintf(stderr, "<%d>%s\n", (int)level, line);
	else
		fprintf(stderr, "%s\n", line);
}

/* Owned by the caller; NULL if there is no memory. */
static char *format_line(const char *event, const struct err *e, const char *format,
			 va_list args) __attribute__((format(printf, 3, 0)));

static char *format_line(const char *event, const struct err *e, const char *format,
			 va_list args)
{
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	if (!out)
		return NULL;
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
	if (fclose(out)) {
		free(line);
		return NULL;
	}
	return line;
}

static void write_line(enum log_level level, const char *event, const struct err *e,
		       const char *format, va_list args)
	__attribute__((format(printf, 4, 0)));

static void write_line(enum log_level level, const char *event, const struct err *e,
		       const char *format, va_list args)
{
	CLEANUP(freep) char *line = NULL;
	unsigned int suppressed = 0;

	if (level > threshold)
		return;
	line = format_line(event, e, format, args);
	if (!line || !admit(event, line, &suppressed))
		return;
	if (suppressed) {
		CLEANUP(freep)
		char *longer = xasprintf("%s suppressed=%u", line, suppressed);

		put_line(level, longer);
	} else {
		put_line(level, line);
	}
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
