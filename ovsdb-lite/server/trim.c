/* A timer after each peak; many peaks in a row make one trim. */
#include "ovsdb-lite/server/trim.h"

#include "lib/alloc.h"

#include <stdlib.h>

#define PEAK_BYTES ((size_t)4 << 20)
#define DELAY_MS   1000

struct trim {
	struct loop_timer *timer;
};

static void on_timer(void *aux)
{
	(void)aux;
	alloc_trim();
}

struct trim *trim_new(struct loop *loop)
{
	struct trim *t = xcalloc(1, sizeof(*t));

	t->timer = loop_timer_new(loop, on_timer, t);
	loop_timer_set(t->timer, DELAY_MS);
	return t;
}

void trim_free(struct trim *t)
{
	if (!t)
		return;
	loop_timer_free(t->timer);
	free(t);
}

void trim_note_peak(struct trim *t, size_t n_bytes)
{
	if (n_bytes >= PEAK_BYTES)
		loop_timer_set(t->timer, DELAY_MS);
}
