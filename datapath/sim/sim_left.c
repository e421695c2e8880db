/* What is left of ours where no slave is, by the rules of
 * datapath/kernel/observe/observe_netns.c. */
#include "datapath/sim/sim_left.h"

#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_world.h"

#include <string.h>

static bool has_others_mark(const struct sim_observation *k, const struct twin_netns *s)
{
	struct twin_link *l, *next;

	HASH_ITER (hh, s->links, l, next) {
		if (twin_link_is_slave(l) && l->group && !twin_link_is_ours(k->w, l))
			return true;
	}
	return false;
}

static struct model_netns *need_netns(struct sim_observation *k, const char *name)
{
	return model_need_left_netns(k->a, k->scope, k->have, name,
				     k->depth == DATAPATH_EVERYTHING);
}

static void show_left_inside(struct sim_observation *k, const struct twin_netns *s)
{
	struct model_rule *rules;
	struct model_route *rejects;
	struct model_netns *out;
	size_t n_rules, n_rejects;

	if (s->is_hidden || s->is_dead_file || s->trouble || s->same || *s->name == '/' ||
	    s->shared_shown_in == k->w->n_observations || has_others_mark(k, s))
		return;
	rules = sim_show_rules(k, s, &n_rules);
	rejects = sim_show_routes(k, s, NULL, NULL, 0, true, false, &n_rejects);
	out = n_rules || n_rejects ? need_netns(k, s->name) : NULL;
	if (!out)
		return;
	out->seen.rules = rules;
	out->seen.n_rules = n_rules;
	out->seen.rejects = rejects;
	out->seen.n_rejects = n_rejects;
}

void sim_left_show(struct sim_observation *k)
{
	struct twin_netns *s, *next;

	for (const struct twin_file *f = k->w->files;
	     f && k->depth == DATAPATH_EVERYTHING; f = f->next) {
		struct model_netns *out = f->is_foreign ? NULL : need_netns(k, f->netns);

		if (out)
			out->seen.resolv_conf = arena_strdup(k->a, f->text);
	}
	HASH_ITER (hh, k->w->netns, s, next)
		show_left_inside(k, s);
}
