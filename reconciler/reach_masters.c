/* What a look at a master must show, so that nothing need be done through a slave. */
#include "reconciler/reach_masters.h"

#include "datapath/link_type.h"

static bool is_port_well(const struct model_master *want, const struct model_master *have)
{
	if (!link_type_has(link_type_of(want), LINK_HAS_PORT))
		return true;
	return have->seen.has_port && have->seen.mode == want->mode &&
	       have->seen.flag == want->flag;
}

/* A slave of ours is on it that nothing need be done about or through. */
static bool is_well(const struct model_master *want, const struct model_master *have)
{
	return want->intent == MODEL_PRESENT && !want->adopts && !*want->vlan_link &&
	       !model_match_is_set(&want->match) && have && have->seen.ifindex &&
	       have->seen.n_members && have->seen.is_up && have->seen.has_carrier &&
	       !*have->seen.busy && !*have->seen.stranger && is_port_well(want, have);
}

bool reach_masters_are_well(const struct model *want, const struct model *have)
{
	for (size_t i = 0; i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];

		if (!is_well(m, model_find_master(have, m->netns, m->name)))
			return false;
	}
	return true;
}
