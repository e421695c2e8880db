/* What is left of ours where no slave is, by the rules of
 * datapath/kernel/observe/observe_netns.c. */
#include "datapath/sim/sim_left.h"

#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_world.h"

#include <string.h>

/* The namespace of 'have', for what is left there; added where everything is asked for. */
static struct model_netns *need_netns(struct sim_observation *k, const char *name)
{
	struct model *have = k->have;
	size_t cap = have->n_namespaces;

	for (size_t i = 0; i < have->n_namespaces; i++) {
		if (!strcmp(have->namespaces[i].name, name))
			return have->namespaces[i].is_wanted ? NULL
							     : &have->namespaces[i];
	}
	if (k->depth != DATAPATH_EVERYTHING)
		return NULL;
	have->namespaces = arena_grow(k->a, have->namespaces, have->n_namespaces, &cap,
				      sizeof(*have->namespaces));
	have->namespaces[have->n_namespaces] =
		(struct model_netns){.name = arena_strdup(k->a, name)};
	return &have->namespaces[have->n_namespaces++];
}

/* A slave shows what all of a namespace share. */
static bool has_shown_slave(const struct sim_observation *k, const struct twin_netns *s)
{
	for (size_t i = 0; i < k->have->n_masters; i++) {
		const struct model_master *m = &k->have->masters[i];

		for (size_t n = 0; n < m->n_slaves; n++) {
			const char *netns =
				*m->slaves[n].netns ? m->slaves[n].netns : m->netns;

			if (twin_netns_find_alive(k->w, netns) == s)
				return true;
		}
	}
	return false;
}

static bool has_others_mark(const struct sim_observation *k, const struct twin_netns *s)
{
	struct twin_link *l, *next;

	HASH_ITER (hh, s->links, l, next) {
		if (twin_link_is_slave(l) && l->group && !twin_link_is_ours(k->w, l))
			return true;
	}
	return false;
}

static void show_left_inside(struct sim_observation *k, const struct twin_netns *s)
{
	struct model_rule *rules;
	struct model_route *rejects;
	struct model_netns *out;
	size_t n_rules, n_rejects;

	if (s->is_hidden || s->is_dead_file || s->trouble || s->same || *s->name == '/' ||
	    has_shown_slave(k, s) || has_others_mark(k, s))
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
