/* The log: one line for each event, `event=NAME key=value …`, to standard error; where that is
 * systemd's journal, an entry with a field for each key (log_journal.h). Event names are stable:
 * docs/events.md lists them. Libraries log at debug only; lib/README.md names the
 * exceptions. */
#ifndef LIB_LOG_H
#define LIB_LOG_H 1

#include "lib/arena.h"
#include "lib/err.h"

/* The numbers of syslog(3), which the journal reads. */
enum log_level {
	LOG_LEVEL_ERR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

/* The least urgent level that is written; LOG_LEVEL_INFO at start. */
void log_set_level(enum log_level level);

/* 'event' is a stable name such as "slave_create_failed"; the format gives "key=value …".
 * The same line again within a second, and more than LOG_BURST lines of one event within a
 * second, are counted, and the next line that is written carries the count
 * (`suppressed=N`). */
#define LOG_BURST 20
void log_event(enum log_level level, const char *event, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with the error's sentence as error="…". Borrows 'e'. */
void log_err(enum log_level level, const char *event, const struct err *e,
	     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A text that may hold anything, as the value of a key: between quotes, `"` and `\`
 * escaped, control characters as blanks. From the arena. */
const char *log_quote(struct arena *a, const char *text);

#endif
