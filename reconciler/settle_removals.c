/* From the results of removals to their keys in the queue. */
#include "reconciler/settle_removals.h"

#include "reconciler/retry.h"

static struct key key_of_removal(const struct plan_step *s)
{
	if (s->netns)
		return (struct key){
			.kind = KEY_NETNS, .netns = s->netns->name, .name = ""};
	return (struct key){
		.kind = KEY_SLAVE,
		.netns = s->have->netns,
		.name = s->have->name,
		.master_netns = s->master ? s->master->netns : "",
		.master_name = s->master ? s->master->name : "",
	};
}

struct settle_removal *settle_removals(const struct plan *plan,
				       const struct plan_result *results, struct arena *a,
				       size_t *ret_n)
{
	struct settle_removal *all = arena_array(a, plan->n_steps, sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct plan_step *s = &plan->steps[i];
		const struct err *error = results[i].error;

		/* The slaves that wait for a namespace show that it could not be made. */
		if (results[i].kind == PLAN_DONE || s->want ||
		    s->op == PLAN_OP_NETNS_ADD || (!s->have && !s->netns))
			continue;
		all[n++] = (struct settle_removal){
			.key = key_of_removal(s),
			.next = error && !retry_can_help(error) ? SETTLE_GAVE_UP
								: SETTLE_FAILED,
			.error = error,
		};
	}
	*ret_n = n;
	return all;
}
