/* Namespaces with a name below /run/netns: those to be made, those of ours that are no
 * longer needed, and the resolv.conf that `ip netns exec` shows inside them. A namespace
 * given by a path is never ours. */
#include "datapath/plan/plan_netns.h"

#include "datapath/plan/plan_draft.h"
#include "datapath/plan/plan_message.h"
#include "datapath/plan/plan_transfer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool plan_is_netns_name(const char *netns)
{
	return *netns && *netns != '/';
}

static int netns_cmp(const void *x, const void *y)
{
	const struct netns_plan *a = x, *b = y;

	return strcmp(a->name, b->name);
}

struct netns_plan *plan_find_netns(const struct plan_context *ctx, const char *netns)
{
	struct netns_plan key = {.name = netns};

	if (!ctx->n_netns || !plan_is_netns_name(netns))
		return NULL;
	return bsearch(&key, ctx->netns, ctx->n_netns, sizeof(key), netns_cmp);
}

/* A namespace that only a slave names: 'want' has no record of it. */
static const struct model_netns *made_up(struct plan_context *ctx, const char *name)
{
	struct model_netns *n = arena_alloc(ctx->arena, sizeof(*n));

	n->name = name;
	n->is_wanted = true;
	return n;
}

static void collect_netns(struct plan_context *ctx)
{
	size_t n = 0, kept = 0;

	ctx->netns = arena_array(ctx->arena, ctx->want->n_namespaces + ctx->n_slaves,
				 sizeof(*ctx->netns));
	for (size_t i = 0; i < ctx->want->n_namespaces; i++) {
		if (plan_is_netns_name(ctx->want->namespaces[i].name))
			ctx->netns[n++].name = ctx->want->namespaces[i].name;
	}
	for (size_t i = 0; i < ctx->n_slaves; i++) {
		if (ctx->slaves[i].want && plan_is_netns_name(ctx->slaves[i].netns))
			ctx->netns[n++].name = ctx->slaves[i].netns;
	}
	if (n > 1)
		qsort(ctx->netns, n, sizeof(*ctx->netns), netns_cmp);
	for (size_t i = 0; i < n; i++) {
		const char *name = ctx->netns[i].name;
		const struct model_netns *want = model_find_netns(ctx->want, name);

		if (kept && !strcmp(ctx->netns[kept - 1].name, name))
			continue;
		ctx->netns[kept++] = (struct netns_plan){
			.name = name,
			.want = want ? want : made_up(ctx, name),
			.have = model_find_netns(ctx->have, name),
		};
	}
	ctx->n_netns = kept;
}

static void mark_used(struct plan_context *ctx)
{
	for (size_t i = 0; i < ctx->n_slaves; i++) {
		const struct slave_plan *s = &ctx->slaves[i];
		struct netns_plan *netns[] = {plan_find_netns(ctx, s->netns),
					      plan_find_netns(ctx, s->place)};

		/* A device that is given up stays where it is. */
		if (!s->want || (s->want->intent != MODEL_PRESENT &&
				 s->want->intent != MODEL_RELEASED))
			continue;
		for (size_t k = 0; k < 2; k++) {
			if (netns[k])
				netns[k]->is_used = true;
		}
	}
	for (size_t i = 0; i < ctx->n_wanted_masters; i++) {
		struct netns_plan *netns =
			plan_find_netns(ctx, ctx->masters[i].want->netns);

		if (netns && (ctx->masters[i].is_wanted ||
			      ctx->masters[i].want->intent == MODEL_RELEASED))
			netns->is_used = true;
	}
}

/* True if ipvl may remove it: it is recorded as made by ipvl, no row wants it, no other
 * program has a device in it, and it is still the recorded namespace (one of the same
 * name may have been made since). */
static bool is_doomed(const struct netns_plan *netns)
{
	const struct model_netns *want = netns->want, *have = netns->have;

	if (!want->is_ours || want->is_wanted || netns->is_used || !have)
		return false;
	/* A file without its namespace: the removal was interrupted, or the creation. */
	if (!have->seen.exists)
		return have->seen.is_dead_file;
	return !have->seen.is_occupied && !model_netns_is_another(want, have);
}

void plan_decide_netns(struct plan_context *ctx)
{
	assert(!ctx->netns);
	collect_netns(ctx);
	mark_used(ctx);
	for (size_t i = 0; i < ctx->n_netns; i++)
		ctx->netns[i].is_doomed = is_doomed(&ctx->netns[i]);
}

void plan_draft_netns_removals(struct plan_context *ctx)
{
	for (size_t i = 0; i < ctx->n_netns; i++) {
		struct netns_plan *netns = &ctx->netns[i];

		if (!netns->is_doomed)
			continue;
		assert(netns->want->is_ours && !netns->is_used);
		netns->del = plan_draft_new(ctx, PLAN_OP_NETNS_DEL, NULL, NULL,
					    "no longer needed");
		netns->del->step.netns = netns->want;
	}
}

static bool is_missing(const struct netns_plan *netns, const struct slave_plan *s)
{
	if (netns->have)
		return !netns->have->seen.exists;
	return s->found && s->found->seen.namespace_missing;
}

/* A namespace is made together with its first slave. While the master is missing, none is
 * made. */
void plan_draft_netns_creations(struct plan_context *ctx)
{
	for (size_t i = 0; i < ctx->n_slaves; i++) {
		struct slave_plan *s = &ctx->slaves[i];
		struct netns_plan *netns = plan_find_netns(ctx, s->netns);
		bool is_dead = netns && netns->have && netns->have->seen.is_dead_file;

		if (!netns || netns->add || s->fate != FATE_MAKE || !is_missing(netns, s))
			continue;
		assert(!netns->is_doomed);
		netns->add = plan_draft_new(
			ctx, PLAN_OP_NETNS_ADD, NULL, NULL,
			is_dead ? "its file has no namespace behind it" : "is missing");
		netns->add->step.netns = netns->want;
	}
}

/* Appends those words of 'more' that 'words' lacks; words are separated by blanks. */
static const char *merge_words(struct plan_context *ctx, const char *words,
			       const char *more)
{
	while (*more) {
		size_t n = strcspn(more, " ");
		const char *padded = arena_printf(ctx->arena, " %s ", words);
		const char *word = arena_printf(ctx->arena, " %.*s ", (int)n, more);

		if (!strstr(padded, word))
			words = arena_printf(ctx->arena, "%s%s%.*s", words,
					     *words ? " " : "", (int)n, more);
		more += n + strspn(more + n, " ");
	}
	return words;
}

/* What is known about the resolv.conf of one namespace. */
struct resolv {
	struct model_slave
		merged; /* Nameservers and search domains of all its slaves, in order. */
	/* A slave that was observed with the content of the file; NULL: not observed. */
	struct slave_plan *seen;
	/* One that sets it and will exist: the step that writes it belongs to it. */
	struct slave_plan *active;
	/* One that is given up. */
	struct slave_plan *released;
	/* Not all of its slaves are held: the difference may come from an edit. */
	bool is_exempt;
};

bool plan_wants_resolv(const struct slave_plan *s)
{
	return *s->want->nameservers || *s->want->search;
}

static void add_to_resolv(struct plan_context *ctx, struct resolv *r,
			  struct slave_plan *s)
{
	if (s->found && !r->seen)
		r->seen = s;
	r->is_exempt |= !s->is_held;
	if (plan_slave_is_released(s) && s->kind == PLAN_READY)
		r->released = s;
	if (!s->want || s->want->intent != MODEL_PRESENT || !s->master->is_wanted)
		return;
	r->merged.nameservers =
		merge_words(ctx, r->merged.nameservers, s->want->nameservers);
	r->merged.search = merge_words(ctx, r->merged.search, s->want->search);
	if (!r->active && plan_wants_resolv(s) && plan_slave_will_exist(s))
		r->active = s;
}

/* Without our mark it is a plain file. */
static void release_resolv(struct plan_context *ctx, const struct resolv *r)
{
	struct slave_plan *s = r->released;
	struct plan_draft *d = plan_draft_release(ctx, PLAN_OP_RESOLV_SET, s->master, s);
	const char *text = strchr(r->seen->found->seen.resolv_conf, '\n');

	d->is_exempt = true;
	d->step.u.resolv_conf = text ? text + 1 : "";
}

static void draft_one_resolv(struct plan_context *ctx, const struct resolv *r)
{
	const char *text = model_resolv_conf(ctx->arena, &r->merged);
	struct slave_plan *s = r->active ? r->active : r->seen;
	struct plan_draft *d;

	if (!*text && r->released && r->seen && *r->seen->found->seen.resolv_conf) {
		release_resolv(ctx, r);
		return;
	}

	/* While every slave that sets it still waits, the file stays as it is. Slaves that do
	 * not set it may not be in the scope. */
	if (!s || (*text && !r->active) ||
	    !strcmp(text, r->seen ? r->seen->found->seen.resolv_conf : ""))
		return;
	d = plan_draft_new(ctx, PLAN_OP_RESOLV_SET, s->master, s,
			   *text ? "resolv.conf differs"
				 : "resolv.conf is no longer wanted");
	d->is_exempt = r->is_exempt;
	d->step.have = s->have ? s->have : s->found;
	d->step.u.resolv_conf = text;
}

/* Handles the slaves of one name, 'n' places from 'at' on. All were observed with the
 * same file. */
static void resolv_of_netns(struct plan_context *ctx, const struct plan_place *at,
			    size_t n)
{
	struct resolv r = {.merged = {.nameservers = "", .search = ""}};

	assert(n > 0 && plan_is_netns_name(at->text));
	for (size_t i = 0; i < n; i++)
		add_to_resolv(ctx, &r, at[i].owner);
	if (!r.seen || !r.seen->found->seen.resolv_conf_foreign) {
		draft_one_resolv(ctx, &r);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct slave_plan *s = at[i].owner;

		if (!plan_slave_will_exist(s) || s->kind != PLAN_READY ||
		    !plan_wants_resolv(s))
			continue;
		s->kind = PLAN_CONFLICT;
		s->message = plan_message_foreign_resolv(ctx, s->netns);
	}
}

/* By the text of the namespace, which names the folder, then by the device: the order in
 * which nameservers of several slaves are merged. */
static int resolv_cmp(const void *x, const void *y)
{
	const struct plan_place *a = x, *b = y;
	int c = strcmp(a->text, b->text);

	if (!c)
		c = strcmp(a->name, b->name);
	return c ? c : a->order - b->order;
}

static bool is_in_use(const struct plan_context *ctx, const struct model_netns *have)
{
	const struct model_netns *want = model_find_netns(ctx->want, have->name);

	for (size_t i = 0; i < ctx->n_places; i++) {
		if (!strcmp(ctx->places[i].text, have->name))
			return true;
	}
	return want && want->is_wanted;
}

static struct plan_draft *draft_leftover(struct plan_context *ctx, enum plan_op op,
					 const struct model_netns *have)
{
	struct plan_draft *d = plan_draft_new(ctx, op, NULL, NULL, "no longer wanted");

	d->step.netns = have;
	return d;
}

/* What a crash left behind: no row and no device of ours leads there. */
static void draft_leftovers(struct plan_context *ctx, const struct model_netns *have)
{
	bool has_file = have->seen.resolv_conf && *have->seen.resolv_conf;

	if ((!has_file && !have->seen.n_rules && !have->seen.n_rejects) ||
	    is_in_use(ctx, have))
		return;
	for (size_t i = 0; i < have->seen.n_rules; i++)
		draft_leftover(ctx, PLAN_OP_RULE_DEL, have)->step.u.rule =
			have->seen.rules[i];
	for (size_t i = 0; i < have->seen.n_rejects; i++)
		draft_leftover(ctx, PLAN_OP_ROUTE_DEL, have)->step.u.route =
			have->seen.rejects[i];
	if (has_file)
		draft_leftover(ctx, PLAN_OP_RESOLV_SET, have)->step.u.resolv_conf = "";
}

void plan_draft_resolv(struct plan_context *ctx)
{
	struct plan_place *p = arena_memdup(ctx->arena, ctx->places,
					    ctx->n_places * sizeof(*ctx->places));

	if (ctx->n_places > 1)
		qsort(p, ctx->n_places, sizeof(*p), resolv_cmp);
	for (size_t i = 0, end; i < ctx->n_places; i = end) {
		for (end = i + 1; end < ctx->n_places && !strcmp(p[end].text, p[i].text);
		     end++)
			;
		if (plan_is_netns_name(p[i].text))
			resolv_of_netns(ctx, &p[i], end - i);
	}
}

void plan_draft_netns_leftovers(struct plan_context *ctx)
{
	for (size_t i = 0; i < ctx->have->n_namespaces; i++)
		draft_leftovers(ctx, &ctx->have->namespaces[i]);
}
