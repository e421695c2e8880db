/* Warnings: what keeps traffic from flowing as declared, though every step of the plan
 * succeeds, and is not ours to mend. They stand beside a verdict and change no state.
 *
 * Words are plan_text.c's. */
#include "datapath/plan_work.h"

#include <string.h>

void warnings_add(struct plan_work *w, struct warnings *warnings, const char *text)
{
	for (size_t i = 0; i < warnings->n; i++) {
		if (!strcmp(warnings->texts[i], text))
			return;
	}
	warnings->texts = arena_grow(w->arena, warnings->texts, warnings->n,
				     &warnings->cap, sizeof(*warnings->texts));
	warnings->texts[warnings->n++] = text;
}

/* The kernel accepts it, and the master drops what is longer without an ICMP error
 * (kernel.md 6). */
static void warn_of_mtu(struct plan_work *w, struct slave_work *s)
{
	if (s->master->mtu && s->want->mtu > s->master->mtu)
		warnings_add(w, &s->warnings, text_mtu_above(w, s));
}

void warn_all(struct plan_work *w)
{
	for (size_t i = 0; i < w->n_slaves; i++) {
		struct slave_work *s = &w->slaves[i];

		if (s->want && slave_will_exist(s))
			warn_of_mtu(w, s);
	}
}
