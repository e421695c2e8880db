/* Lines of the log as entries of systemd's journal, with a field for each key: the native
 * protocol of systemd-journald (https://systemd.io/JOURNAL_NATIVE_PROTOCOL). */
#ifndef LIB_LOG_JOURNAL_H
#define LIB_LOG_JOURNAL_H 1

#include <stdbool.h>

#define LOG_JOURNAL_SOCKET "/run/systemd/journal/socket"

/* True if standard error is the journal: $JOURNAL_STREAM names its device and inode, as
 * systemd.exec(5) has it. */
bool log_journal_is_stderr(void);

/* Another socket, for a test. Borrowed. */
void log_journal_set_socket(const char *path);

/* 'line' is "event=NAME key=value …". Its entry has it as MESSAGE, and IPVL_EVENT=NAME,
 * IPVL_KEY=value…, values without their quotes. Never blocks; false if the journal did not
 * take it. */
bool log_journal_send(int level, const char *line) __attribute__((warn_unused_result));

#endif
