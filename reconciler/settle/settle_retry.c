/* What becomes of an object for which a step failed, or whose address another host has. */
#include "reconciler/settle/settle_private.h"

#include "lib/alloc.h"
#include "reconciler/notices.h"
#include "reconciler/queue.h"
#include "reconciler/settle/retry.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Once the wait for an address in use has become this long, everything is read, once. */
#define STRAY_SUSPECTED_MS (4 * QUEUE_BACKOFF_MIN_MS)
/* The backoff doubles from its minimum: the wait takes this value once. */
_Static_assert(STRAY_SUSPECTED_MS < QUEUE_BACKOFF_MAX_MS, "the wait reaches it");
_Static_assert(SETTLE_DUPLICATE_RETRY_MIN_MS <= SETTLE_DUPLICATE_RETRY_MAX_MS, "a range");

static const char *seconds(const struct settle_work *w, int64_t ms)
{
	return ms < 1000 ? arena_printf(w->a, "%" PRId64 " ms", ms)
			 : arena_printf(w->a, "%" PRId64 " s", ms / 1000);
}

static void add_next_try(struct settle_work *w, int64_t wait_ms)
{
	struct status *s = &w->out->status;

	s->message = arena_printf(w->a, "%s" NOTICES_NEXT_TRY "%s", s->message,
				  seconds(w, wait_ms));
}

void settle_retry_failed(struct settle_work *w)
{
	const struct err *error = w->in->steps->error;
	struct status *s = &w->out->status;
	CLEANUP(freep) char *text = err_text(error);

	s->state = STATE_ERROR;
	s->message = arena_strdup(w->a, text);
	if (retry_can_help(error)) {
		int64_t wait = queue_backoff_ms(w->in->failures + 1);

		w->out->next = SETTLE_FAILED;
		/* Not a namespace that is still being removed, after so long
		 * (kernel.md 7): a device of ours that was moved or renamed without an
		 * event may have the address. */
		w->out->look_everywhere =
			error->sys_errno == EADDRINUSE && wait == STRAY_SUSPECTED_MS;
		add_next_try(w, wait);
	} else {
		w->out->next = SETTLE_GAVE_UP;
	}
	w->out->is_new_failure =
		w->in->state != STATE_ERROR || strcmp(w->in->message, s->message) != 0;
}

bool settle_retry_has_noted(const struct plan_verdict *v, unsigned int notes)
{
	for (size_t i = 0; v->slave && v->have && i < v->slave->n_addresses; i++) {
		const struct model_address_seen *seen =
			model_find_noted(v->have, &v->slave->addresses[i]);

		if (seen && seen->notes & notes)
			return true;
	}
	return false;
}

void settle_retry_duplicate(struct settle_work *w)
{
	int64_t wait = queue_backoff_ms(w->in->failures + 1);

	if (wait < SETTLE_DUPLICATE_RETRY_MIN_MS)
		wait = SETTLE_DUPLICATE_RETRY_MIN_MS;
	if (wait > SETTLE_DUPLICATE_RETRY_MAX_MS)
		wait = SETTLE_DUPLICATE_RETRY_MAX_MS;
	w->out->next = SETTLE_RETRY_SOON;
	add_next_try(w, wait);
}
