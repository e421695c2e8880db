/* Which masters of ours stay without a row. */
#include "reconciler/lingering.h"

static bool is_wanted(const struct model *want, const struct model_master *have)
{
	const struct model_master *m = model_find_master(want, have->netns, have->name);

	return m && m->intent != MODEL_GONE;
}

void lingering_note(struct object_set *lingering, const struct model *want,
		    const struct model *have)
{
	for (size_t i = 0; i < have->n_masters; i++) {
		const struct model_master *m = &have->masters[i];

		object_set_put(lingering, m->netns, m->name,
			       m->seen.presence == MODEL_OURS && !is_wanted(want, m));
	}
}
