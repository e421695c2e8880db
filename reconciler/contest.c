/* Texts and holds of contests. drift.c counts, settle.c decides. */
#include "reconciler/contest.h"

#include "reconciler/queue.h"

#include <time.h>

/* A contested object is held back from this doubling of the backoff on, and up to that:
 * for 1 s to 16 s. */
#define FIRST_HOLD 3
#define LAST_HOLD  7

unsigned int contest_hold(const struct drift_contest *c)
{
	return c->rounds < LAST_HOLD - FIRST_HOLD ? FIRST_HOLD + c->rounds : LAST_HOLD;
}

/* "20:14:03". */
static const char *time_of_day(int64_t wall_ms, struct arena *a)
{
	time_t seconds = wall_ms / 1000;
	char text[16];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	return arena_strdup(a, text);
}

const char *contest_text(const struct drift_contest *c, unsigned int times,
			 const char *actor, struct arena *a)
{
	return arena_printf(a, "undone %u times since %s by %s", times,
			    time_of_day(c->since_wall_ms, a),
			    *actor         ? actor
			    : *c->opponent ? c->opponent
					   : "an unknown process");
}

const char *contest_text_held(const struct drift_contest *c, const char *actor,
			      const char *found, int64_t wall_ms, struct arena *a)
{
	int64_t next_ms = wall_ms + queue_backoff_ms(contest_hold(c));

	return arena_printf(a, "%s: %s; next repair at %s",
			    contest_text(c, c->times, actor, a), found,
			    time_of_day(next_ms, a));
}
