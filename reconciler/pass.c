/* The parts of a pass that need nothing of the reconciler. reconcile.c shows a whole
 * pass. */
#include "reconciler/pass.h"

#include "lib/alloc.h"
#include "lib/hash_table.h"
#include "reconciler/leftovers.h"
#include "reconciler/reach.h"

#include <stdlib.h>
#include <string.h>

struct key_ref {
	char *id; /* hash key: kind, netns, name */
	unsigned int causes;
	UT_hash_handle hh;
};

struct pass *pass_new(void)
{
	struct pass *p = xcalloc(1, sizeof(*p));

	p->a = arena_new();
	return p;
}

void pass_free(struct pass *p)
{
	if (!p)
		return;
	apply_free(p->apply);
	HASH_CLEAR(hh, p->refs);
	arena_free(p->a);
	free(p);
}

/* What is left in the daemon's own namespace, where everything else is too, is found by an
 * observation of everything alone. */
static bool is_everything(const struct key *k)
{
	return k->kind == KEY_NETNS && !*k->netns;
}

void pass_take(struct pass *p, struct queue *q)
{
	queue_take(q, p->started_ms, p->a, &p->keys, &p->n_keys, &p->everything);
	for (size_t i = 0; i < p->n_keys; i++)
		p->everything |= is_everything(&p->keys[i]);
}

static void index_key(struct pass *p, const struct key *k, unsigned int causes)
{
	struct key_ref *ref;
	char *id = key_id_in(p->a, k);

	HASH_FIND_STR(p->refs, id, ref);
	if (!ref) {
		ref = arena_alloc(p->a, sizeof(*ref));
		ref->id = id;
		HASH_ADD_KEYPTR(hh, p->refs, ref->id, strlen(ref->id), ref);
	}
	ref->causes |= causes;
}

/* The edit of a slave is one of its namespace too, whose slaves share a resolv.conf, and rules. */
static void index_keys(struct pass *p)
{
	for (size_t i = 0; i < p->n_keys; i++) {
		const struct key *k = &p->keys[i];
		const struct key netns = {
			.kind = KEY_NETNS, .netns = k->netns, .name = ""};

		index_key(p, k, k->causes);
		if (k->kind == KEY_SLAVE && k->causes & KEY_CONFIG)
			index_key(p, &netns, KEY_CONFIG);
	}
}

unsigned int pass_causes(const struct pass *p, enum key_kind kind, const char *netns,
			 const char *name)
{
	struct key_ref *ref;
	const struct key key = {.kind = kind, .netns = netns, .name = name};
	char *id = key_id_in(p->a, &key);

	HASH_FIND_STR(p->refs, id, ref);
	return ref ? ref->causes : 0;
}

struct err *pass_observe(struct pass *p, const struct desired_source *source,
			 struct datapath *dp)
{
	struct reach r = {.a = p->a,
			  .keys = p->keys,
			  .n_keys = p->n_keys,
			  .keys_cap = p->n_keys,
			  .everything = p->everything};
	struct err *e = reach_observe(&r, source, dp);

	p->keys = r.keys;
	p->n_keys = r.n_keys;
	p->desired = r.desired;
	p->have = r.have;
	return e;
}

void pass_plan(struct pass *p, const struct desired_source *source, struct grace *grace,
	       bool keep_leftovers)
{
	grace_mark_awaited(grace, source->aliases, p->desired->want, p->have,
			   p->started_ms);
	aliases_note(source->aliases, p->desired->want, p->have);
	index_keys(p);
	if (keep_leftovers && p->everything)
		p->n_leftovers = leftovers_set_aside(p->desired->want, p->have);
	plan_build(p->desired->want, p->have, p->a, &p->plan);
}

/* A namespace that may not be read is bound once it may. The daemon's own namespace is
 * never bound. */
static bool must_bind(const struct model_netns *want, const struct model_netns *have)
{
	return have->seen.process.pid && want && want->is_wanted &&
	       want->bound.pid != have->seen.process.pid && !have->seen.trouble &&
	       !have->seen.is_own;
}

struct err *pass_bind(const struct pass *p, struct netns_registry *registry)
{
	struct netns_binding *bindings =
		arena_array(p->a, p->have->n_namespaces, sizeof(*bindings));
	size_t n = 0;

	for (size_t i = 0; i < p->have->n_namespaces; i++) {
		const struct model_netns *have = &p->have->namespaces[i];

		if (must_bind(model_find_netns(p->desired->want, have->name), have))
			bindings[n++] = (struct netns_binding){
				.netns = have->name,
				.process = &have->seen.process,
				.inode = have->seen.exists ? have->seen.inode : 0,
			};
	}
	return n ? netns_registry_bind(registry, bindings, n) : NULL;
}

struct err *pass_reserve_netns(const struct pass *p, struct netns_registry *registry)
{
	const char **names = arena_array(p->a, p->plan->n_steps, sizeof(*names));
	size_t n = 0;

	for (size_t i = 0; i < p->plan->n_steps; i++) {
		const struct plan_step *s = &p->plan->steps[i];

		if (s->op == PLAN_OP_NETNS_ADD)
			names[n++] = s->netns->name;
	}
	return n ? netns_registry_reserve(registry, names, n) : NULL;
}

/* A registered name whose namespace is gone, or is of an earlier boot, and that no row
 * wants. */
static bool is_void(const struct pass *p, const struct model_netns *want)
{
	const struct model_netns *have = model_find_netns(p->have, want->name);

	return !want->is_wanted && have && !have->seen.is_dead_file &&
	       (!want->is_ours || !have->seen.exists ||
		model_netns_is_another(want, have));
}

/* A namespace whose maker ended before its inode was recorded. Unrecorded, one that
 * another process makes in its place later would be taken for it. */
static bool is_unrecorded(const struct model_netns *want, const struct model_netns *have)
{
	return want->is_wanted && want->is_ours && !want->inode && have &&
	       have->seen.exists;
}

struct err *pass_settle_netns(const struct pass *p, struct netns_registry *registry)
{
	const struct plan_result *results = apply_results(p->apply);
	const struct model *want = p->desired->want;
	struct netns_made *entries = arena_array(
		p->a, p->plan->n_steps + want->n_namespaces, sizeof(*entries));
	size_t n = 0;

	for (size_t i = 0; i < p->plan->n_steps; i++) {
		const struct plan_step *s = &p->plan->steps[i];
		bool is_done = results[i].kind == PLAN_DONE;

		/* A namespace that could not be made is not ours: another process may
		 * make it next. */
		if (s->op == PLAN_OP_NETNS_ADD || (s->op == PLAN_OP_NETNS_DEL && is_done))
			entries[n++] = (struct netns_made){
				.name = s->netns->name,
				.inode = s->op == PLAN_OP_NETNS_ADD && is_done
						 ? results[i].inode
						 : 0,
				.cookie = results[i].cookie,
			};
	}
	for (size_t i = 0; i < want->n_namespaces; i++) {
		const struct model_netns *netns = &want->namespaces[i];
		const struct model_netns *have = model_find_netns(p->have, netns->name);

		if (is_void(p, netns) || netns->is_given_up)
			entries[n++] = (struct netns_made){.name = netns->name};
		else if (is_unrecorded(netns, have))
			entries[n++] = (struct netns_made){.name = netns->name,
							   .inode = have->seen.inode,
							   .cookie = have->seen.cookie};
	}
	return n ? netns_registry_settle(registry, entries, n) : NULL;
}

void pass_note_made(const struct pass *p, struct aliases *aliases)
{
	const struct plan_result *results = apply_results(p->apply);

	for (size_t i = 0; i < p->plan->n_steps; i++) {
		const struct plan_step *s = &p->plan->steps[i];

		if (results[i].kind != PLAN_DONE)
			continue;
		if (s->op == PLAN_OP_NETNS_ADD)
			aliases_note_made(aliases, s->netns->name, results[i].inode);
		else if (s->op == PLAN_OP_NETNS_DEL)
			aliases_note_made(aliases, s->netns->name, 0);
	}
}
