/* Texts and holds of contests. drift.c counts, settle.c decides. */
#include "reconciler/settle/contest.h"

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

struct contest_side contest_side(const char *actor, const struct plan_verdict *v,
				 const struct step_summary *steps)
{
	bool is_port = !v->slave && v->have_master && steps &&
		       steps->ops & (1U << PLAN_OP_PORT_SET);

	return (struct contest_side){
		.actor = actor,
		.stranger = is_port ? v->have_master->seen.stranger : "",
	};
}

/* The kernel names nobody for a change of a port, which any ipvlan on it can make. */
static const char *name_of(const struct drift_contest *c,
			   const struct contest_side *other, struct arena *a)
{
	if (*other->actor)
		return other->actor;
	if (*c->opponent)
		return c->opponent;
	if (!*other->stranger)
		return "an unknown process";
	return arena_printf(a,
			    "an unknown process (the ipvlan %s, which is not ours, is on "
			    "the same master)",
			    other->stranger);
}

const char *contest_text(const struct drift_contest *c, unsigned int times,
			 const struct contest_side *other, struct arena *a)
{
	return arena_printf(a, "undone %u times since %s by %s", times,
			    time_of_day(c->since_wall_ms, a), name_of(c, other, a));
}

const char *contest_text_held(const struct drift_contest *c,
			      const struct contest_side *other, const char *found,
			      int64_t wall_ms, struct arena *a)
{
	int64_t next_ms = wall_ms + queue_backoff_ms(contest_hold(c));

	return arena_printf(a, "%s: %s; next repair at %s",
			    contest_text(c, c->times, other, a), found,
			    time_of_day(next_ms, a));
}
