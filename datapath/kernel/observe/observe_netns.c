/* What was found of each namespace: those of the scope, and those where a crash has left a file of
 * ours behind. */
#include "datapath/kernel/observe/observe_netns.h"

#include "datapath/kernel/files/resolv.h"

static bool is_occupied(const struct observation *o, const struct netns_ref *s)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct observed_link *f = o->list[i];

		if (f->ns == s->same && observe_link_is_foreign(o, f))
			return true;
	}
	return false;
}

static enum model_netns_trouble trouble_of(enum netns_state state)
{
	switch (state) {
	case NETNS_MISSING:
	case NETNS_DEAD:
	case NETNS_LIVE:
		break;
	case NETNS_OTHER:
		return MODEL_NETNS_OTHER;
	case NETNS_DENIED:
		return MODEL_NETNS_DENIED;
	case NETNS_REPLACED:
		return MODEL_NETNS_REPLACED;
	}
	return MODEL_NETNS_FINE;
}

/* Ours, or "". Rows that want the namespace have slaves there, which show it. */
static const char *resolv_of_netns(const struct observation *o,
				   const struct model_netns *n)
{
	bool is_foreign;

	return n->is_wanted || !nsfs_is_name(n->name)
		       ? ""
		       : resolv_read(&o->k->resolv, o->a, n->name, &is_foreign);
}

static struct model_netns netns_as_found(struct observation *o,
					 const struct model_netns *scope)
{
	struct netns_ref *s = netns_table_add(&o->netns, scope->name);

	return (struct model_netns){
		.name = scope->name,
		.is_wanted = scope->is_wanted,
		.is_ours = scope->is_ours,
		.inode = scope->inode,
		.cookie = scope->cookie,
		.seen.cookie = s->cookie,
		.bound = scope->bound,
		.seen.exists = s->state == NETNS_LIVE,
		.seen.is_own = s->state == NETNS_LIVE && s->nsid == NSID_HERE,
		.seen.trouble = trouble_of(s->state),
		.seen.what = s->what,
		.seen.process = s->process,
		.seen.is_dead_file = s->state == NETNS_DEAD,
		.seen.inode = s->state == NETNS_LIVE ? s->inode : 0,
		.seen.is_occupied = s->state == NETNS_LIVE && is_occupied(o, s),
		.seen.resolv_conf = resolv_of_netns(o, scope),
	};
}

/* Files of ours in namespaces that nobody asked for. */
static void add_leftover_files(struct observation *o, struct model *have)
{
	size_t n, cap = have->n_namespaces;
	const char **names = resolv_list(&o->k->resolv, o->a, &n);

	for (size_t i = 0; i < n; i++) {
		const struct model_netns found = {.name = names[i]};
		struct model_netns *new;

		if (model_find_netns(o->scope, names[i]) || !nsfs_is_name(names[i]))
			continue;
		have->namespaces = arena_grow(o->a, have->namespaces, have->n_namespaces,
					      &cap, sizeof(*have->namespaces));
		new = &have->namespaces[have->n_namespaces++];
		*new = found;
		new->seen.resolv_conf = resolv_of_netns(o, &found);
	}
}

void observe_netns_fill(struct observation *o, struct model *have)
{
	have->n_namespaces = o->scope->n_namespaces;
	have->namespaces =
		arena_array(o->a, have->n_namespaces, sizeof(*have->namespaces));
	for (size_t i = 0; i < have->n_namespaces; i++)
		have->namespaces[i] = netns_as_found(o, &o->scope->namespaces[i]);
	if (o->depth == DATAPATH_EVERYTHING)
		add_leftover_files(o, have);
}
