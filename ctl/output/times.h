/* Points in time (milliseconds since 1970, as in the database) and durations, for people. */
#ifndef CTL_TIMES_H
#define CTL_TIMES_H 1

#include "lib/arena.h"

#include <stdint.h>

#define TIMES_HOUR_MS ((int64_t)3600 * 1000)

/* "4 min ago", "just now". From the arena. */
const char *times_ago(struct arena *a, int64_t span_ms);
/* Local time "06:54:12", with the date if that is not today. From the arena. */
const char *times_local(struct arena *a, int64_t time_ms, int64_t now_ms);
/* Local time "2026-11-28 06:54:12". From the arena. */
const char *times_date(struct arena *a, int64_t time_ms);
/* "3 ms", "2.1 s", "5 min". From the arena. */
const char *times_span(struct arena *a, int64_t span_ms);

#endif
