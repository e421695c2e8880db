/* Which masters of ours stay without a row. */
#include "reconciler/lingering.h"

#include <string.h>

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

static bool has_key(const struct pass *p, const char *netns, const char *name)
{
	for (size_t i = 0; i < p->n_keys; i++) {
		const struct key *k = &p->keys[i];

		if (k->kind == KEY_MASTER && !strcmp(k->netns, netns) &&
		    !strcmp(k->name, name))
			return true;
	}
	return false;
}

static bool add_key(void *pass, const char *netns, const char *name)
{
	struct pass *p = pass;
	const struct key key = {.kind = KEY_MASTER,
				.netns = netns,
				.name = name,
				.master_netns = "",
				.master_name = "",
				.causes = KEY_EVENT};
	struct key *keys;

	if (has_key(p, netns, name))
		return true;
	keys = arena_array(p->a, p->n_keys + 1, sizeof(*keys));
	memcpy(keys, p->keys, p->n_keys * sizeof(*keys));
	keys[p->n_keys++] = key_copy(&key, p->a);
	p->keys = keys;
	return true;
}

void lingering_join(struct object_set *lingering, const struct ipvl_columns *c,
		    struct pass *p)
{
	for (size_t i = 0; i < p->n_keys; i++) {
		const struct key *k = &p->keys[i];

		if (k->kind == KEY_MASTER &&
		    !rows_find_master(c, NULL, k->netns, k->name)) {
			object_set_each(lingering, add_key, p);
			return;
		}
	}
}
