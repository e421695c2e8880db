/* Runs a plan on a datapath: batches of one op, in the order of the plan, a slice of time
 * after another.
 *
 * It decides nothing: a step is skipped if the step that it depends on failed, and
 * executed otherwise. Nothing is undone; the next plan corrects what is wrong
 * afterwards. */
#include "datapath/apply.h"

#include "lib/alloc.h"
#include "lib/clock.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Small enough that the event loop is not blocked for long, large enough for one message
 * to the kernel. Beyond a few dozen steps a larger batch gains nothing. */
#define BATCH_STEPS 64

struct apply {
	struct datapath *dp;
	const struct plan *plan;
	struct plan_result *results;
	size_t next; /* the first step without a result */
};

struct apply *apply_new(struct datapath *dp, const struct plan *plan)
{
	struct apply *a = xcalloc(1, sizeof(*a));

	a->dp = dp;
	a->plan = plan;
	a->results = xcalloc(plan->n_steps + 1, sizeof(*a->results));
	return a;
}

void apply_free(struct apply *a)
{
	if (!a)
		return;
	plan_results_clear(a->results, a->plan->n_steps);
	free(a->results);
	free(a);
}

const struct plan_result *apply_results(const struct apply *a)
{
	return a->results;
}

static const char *netns_of(const struct plan_step *s)
{
	return s->have ? s->have->netns : "";
}

/* The end of the batch that begins at 'from': another op, a step that depends on one of
 * the batch, or its size. Deletions in one namespace stay together, since they may be
 * deleted as a group. */
static size_t batch_end(const struct plan *p, size_t from)
{
	const struct plan_step *s = p->steps;
	size_t end = from + 1;

	for (; end < p->n_steps && s[end].op == s[from].op; end++) {
		if (s[end].after != PLAN_NO_STEP && s[end].after >= from)
			break;
		if (end - from >= BATCH_STEPS &&
		    (s[end].op != PLAN_OP_LINK_DEL ||
		     strcmp(netns_of(&s[end]), netns_of(&s[end - 1])) != 0))
			break;
	}
	return end;
}

static bool is_blocked(const struct apply *a, const struct plan_step *s)
{
	return s->after != PLAN_NO_STEP && a->results[s->after].kind != PLAN_DONE;
}

static void run_batch(struct apply *a, size_t end)
{
	size_t n = 0, size = end - a->next;
	const struct plan_step **steps = xcalloc(size, sizeof(struct plan_step *));
	struct plan_result *results = xcalloc(size, sizeof(*results));

	for (; a->next < end; a->next++) {
		const struct plan_step *s = &a->plan->steps[a->next];

		if (is_blocked(a, s))
			a->results[s->id].kind = PLAN_SKIPPED;
		else
			steps[n++] = s;
	}
	if (n)
		datapath_apply(a->dp, steps, n, results);
	for (size_t i = 0; i < n; i++) {
		assert(results[i].kind == PLAN_DONE ||
		       (results[i].kind == PLAN_FAILED && results[i].error));
		a->results[steps[i]->id] = results[i];
	}
	free(results);
	free(steps);
}

bool apply_run(struct apply *a, int64_t budget_ms)
{
	int64_t start = clock_now_ms();

	while (a->next < a->plan->n_steps) {
		run_batch(a, batch_end(a->plan, a->next));
		if (budget_ms >= 0 && clock_now_ms() - start >= budget_ms)
			break;
	}
	return a->next == a->plan->n_steps;
}
