/* What becomes of an object that somebody keeps undoing. */
#include "reconciler/settle/settle_private.h"

#include "lib/alloc.h"
#include "reconciler/settle/contest.h"

#include <stdlib.h>

void settle_contest_hold(struct settle_work *w)
{
	const struct settle_case *in = w->in;
	const struct contest_side other = contest_side(in->actor, in->verdict, in->steps);

	w->out->hold = contest_hold(&in->contest);
	w->out->status.state = STATE_CONTESTED;
	w->out->status.message = contest_text_held(&in->contest, &other, in->steps->found,
						   in->wall_ms, w->a);
	/* It was undone while it was made, or cannot be made at all. */
	if (in->steps->error) {
		CLEANUP(freep) char *error = err_text(in->steps->error);

		w->out->status.message = arena_printf(w->a, "%s; the last one failed: %s",
						      w->out->status.message, error);
	}
}

void settle_contest_truce(struct settle_work *w)
{
	const struct settle_case *in = w->in;
	const struct drift_contest *c = &in->contest;
	const struct contest_side other = contest_side(in->actor, in->verdict, in->steps);
	struct status *s = &w->out->status;

	if (!c->is_on || s->state != STATE_READY)
		return;
	w->out->ends_contest = !c->wait_ms;
	w->out->look_in_ms = c->wait_ms;
	if (!c->wait_ms)
		return;
	s->state = STATE_CONTESTED;
	s->message = in->state == STATE_CONTESTED
			     ? in->message
			     : contest_text(c, c->times - 1, &other, w->a);
}
