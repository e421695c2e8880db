/* Formats times. The local zone is TZ's or the machine's (localtime_r(3)). */
#include "ctl/output/times.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

const char *times_ago(struct arena *a, int64_t span_ms)
{
	int64_t s = span_ms / 1000;

	if (s < 2)
		return "just now";
	if (s < 120)
		return arena_printf(a, "%" PRId64 " s ago", s);
	if (s < 2 * 3600)
		return arena_printf(a, "%" PRId64 " min ago", s / 60);
	return arena_printf(a, "%" PRId64 " h ago", s / 3600);
}

const char *times_span(struct arena *a, int64_t span_ms)
{
	if (span_ms < 1000)
		return arena_printf(a, "%" PRId64 " ms", span_ms);
	if (span_ms < 60000)
		return arena_printf(a, "%" PRId64 ".%" PRId64 " s", span_ms / 1000,
				    span_ms % 1000 / 100);
	return arena_printf(a, "%" PRId64 " min", span_ms / 60000);
}

const char *times_date(struct arena *a, int64_t time_ms)
{
	time_t when = time_ms / 1000;
	struct tm then;
	char text[32];

	if (!localtime_r(&when, &then))
		return arena_printf(a, "%" PRId64, time_ms / 1000);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &then);
	return arena_strdup(a, text);
}

const char *times_local(struct arena *a, int64_t time_ms, int64_t now_ms)
{
	const char *then = times_date(a, time_ms), *now = times_date(a, now_ms);
	const char *blank = strchr(then, ' ');

	return blank && !strncmp(then, now, (size_t)(blank - then)) ? blank + 1 : then;
}
