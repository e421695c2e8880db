/* Namespaces with a name below /run/netns: those to be made, those of ours that nobody
 * needs any more, and the resolv.conf that ip-netns(8) shows inside them. A namespace
 * given by a path is never ours. */
#include "datapath/plan/plan_context.h"

#include <stdlib.h>
#include <string.h>

bool is_space_name(const char *netns)
{
	return *netns && *netns != '/';
}

static int space_cmp(const void *x, const void *y)
{
	const struct space_work *a = x, *b = y;

	return strcmp(a->name, b->name);
}

struct space_work *find_space(const struct plan_work *w, const char *netns)
{
	struct space_work key = {.name = netns};

	if (!w->n_spaces || !is_space_name(netns))
		return NULL;
	return bsearch(&key, w->spaces, w->n_spaces, sizeof(key), space_cmp);
}

/* What a row's slave says of its namespace, where 'want' does not name it. */
static const struct model_netns *made_up(struct plan_work *w, const char *name)
{
	struct model_netns *n = arena_alloc(w->arena, sizeof(*n));

	n->name = name;
	n->is_wanted = true;
	return n;
}

static void collect_spaces(struct plan_work *w)
{
	size_t n = 0, kept = 0;

	w->spaces = arena_array(w->arena, w->want->n_namespaces + w->n_slaves,
				sizeof(*w->spaces));
	for (size_t i = 0; i < w->want->n_namespaces; i++) {
		if (is_space_name(w->want->namespaces[i].name))
			w->spaces[n++].name = w->want->namespaces[i].name;
	}
	for (size_t i = 0; i < w->n_slaves; i++) {
		if (w->slaves[i].want && is_space_name(w->slaves[i].netns))
			w->spaces[n++].name = w->slaves[i].netns;
	}
	if (n > 1)
		qsort(w->spaces, n, sizeof(*w->spaces), space_cmp);
	for (size_t i = 0; i < n; i++) {
		const char *name = w->spaces[i].name;
		const struct model_netns *want = model_find_netns(w->want, name);

		if (kept && !strcmp(w->spaces[kept - 1].name, name))
			continue;
		w->spaces[kept++] = (struct space_work){
			.name = name,
			.want = want ? want : made_up(w, name),
			.have = model_find_netns(w->have, name),
		};
	}
	w->n_spaces = kept;
}

static void mark_doomed(struct plan_work *w, const struct slave_work *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct space_work *space = find_space(w, s[i].netns);

		if (space && s[i].fate == FATE_REMOVE)
			space->has_doomed = true;
	}
}

static void mark_used(struct plan_work *w)
{
	for (size_t i = 0; i < w->n_slaves; i++) {
		const struct slave_work *s = &w->slaves[i];
		struct space_work *spaces[] = {find_space(w, s->netns),
					       find_space(w, s->place)};

		if (!s->want || s->want->intent != MODEL_PRESENT)
			continue;
		for (size_t k = 0; k < 2; k++) {
			if (spaces[k])
				spaces[k]->is_used = true;
		}
	}
	for (size_t i = 0; i < w->n_wanted_masters; i++) {
		struct space_work *space = find_space(w, w->masters[i].want->netns);

		if (space && w->masters[i].is_wanted)
			space->is_used = true;
	}
}

/* Ours to remove: written down as made by us, wanted by nobody, with nobody else's device
 * in it, and still the namespace that was written down (one of the same name may have
 * been made since). */
static bool is_doomed(const struct space_work *space)
{
	const struct model_netns *want = space->want, *have = space->have;

	if (!want->is_ours || want->is_wanted || space->is_used || !have)
		return false;
	if (!have->seen.exists)
		return have->seen.is_dead_file && !want->inode;
	return !have->seen.is_occupied && !model_netns_is_another(want, have);
}

void decide_spaces(struct plan_work *w)
{
	collect_spaces(w);
	mark_used(w);
	mark_doomed(w, w->slaves, w->n_slaves);
	mark_doomed(w, w->leftovers, w->n_leftovers);
	for (size_t i = 0; i < w->n_spaces; i++)
		w->spaces[i].is_doomed = is_doomed(&w->spaces[i]);
}

void draft_space_removals(struct plan_work *w)
{
	for (size_t i = 0; i < w->n_spaces; i++) {
		struct space_work *space = &w->spaces[i];

		if (!space->is_doomed)
			continue;
		space->del = draft_new(w, PLAN_OP_NETNS_DEL, NULL, NULL,
				       arena_printf(w->arena,
						    "namespace %s is no longer needed",
						    space->name));
		space->del->step.netns = space->want;
		space->del->step.is_disruptive = space->has_doomed;
	}
}

static bool is_missing(const struct space_work *space, const struct slave_work *s)
{
	if (space->have)
		return !space->have->seen.exists;
	return s->found && s->found->seen.namespace_missing;
}

/* A namespace is made for the slave that is made in it, not before: where the master is
 * still missing, nothing is left behind. */
void draft_space_creations(struct plan_work *w)
{
	for (size_t i = 0; i < w->n_slaves; i++) {
		struct slave_work *s = &w->slaves[i];
		struct space_work *space = find_space(w, s->netns);
		bool is_dead = space && space->have && space->have->seen.is_dead_file;

		if (!space || space->add || s->fate != FATE_MAKE || !is_missing(space, s))
			continue;
		space->add = draft_new(w, PLAN_OP_NETNS_ADD, NULL, NULL,
				       arena_printf(w->arena,
						    is_dead ? "the file of namespace %s "
							      "has no namespace behind it"
							    : "namespace %s is missing",
						    space->name));
		space->add->step.netns = space->want;
	}
}

/* Appends those of 'more' (words with blanks between) that 'words' lacks. */
static const char *merge_words(struct plan_work *w, const char *words, const char *more)
{
	while (*more) {
		size_t n = strcspn(more, " ");
		const char *padded = arena_printf(w->arena, " %s ", words);
		const char *word = arena_printf(w->arena, " %.*s ", (int)n, more);

		if (!strstr(padded, word))
			words = arena_printf(w->arena, "%s%s%.*s", words,
					     *words ? " " : "", (int)n, more);
		more += n + strspn(more + n, " ");
	}
	return words;
}

/* All that is known of one namespace's resolv.conf. */
struct resolv {
	struct model_slave
		merged; /* nameservers and search of all its slaves, in order */
	struct slave_work
		*seen; /* one that tells what the file holds; NULL: nobody looked */
	struct slave_work *active; /* the slave that the step is made for */
	bool is_wanted;            /* some row puts a slave there */
};

bool wants_resolv(const struct slave_work *s)
{
	return *s->want->nameservers || *s->want->search;
}

static void add_to_resolv(struct plan_work *w, struct resolv *r, struct slave_work *s)
{
	if (s->found && !r->seen)
		r->seen = s;
	if (!s->want || s->want->intent != MODEL_PRESENT || !s->master->is_wanted)
		return;
	r->is_wanted = true;
	r->merged.nameservers =
		merge_words(w, r->merged.nameservers, s->want->nameservers);
	r->merged.search = merge_words(w, r->merged.search, s->want->search);
	if (slave_will_exist(s) &&
	    (!r->active || (wants_resolv(s) && !wants_resolv(r->active))))
		r->active = s;
}

static void draft_one_resolv(struct plan_work *w, const struct resolv *r,
			     const char *netns)
{
	const char *text = model_resolv_conf(w->arena, &r->merged);
	struct slave_work *s = r->active ? r->active : r->seen;
	struct draft *d;

	/* Where all that is wanted there still waits, the file stays as it is. */
	if (!s || (r->is_wanted && !r->active) ||
	    !strcmp(text, r->seen ? r->seen->found->seen.resolv_conf : ""))
		return;
	d = draft_new(w, PLAN_OP_RESOLV_SET, s->master, s,
		      *text ? arena_printf(w->arena, "resolv.conf of %s differs", netns)
			    : arena_printf(w->arena,
					   "resolv.conf of %s is no longer wanted",
					   netns));
	d->step.have = s->have ? s->have : s->found;
	d->step.u.resolv_conf = text;
}

/* Handles the slaves of one name, 'n' places from 'at' on; they say the same of its file.
 */
static void resolv_of_space(struct plan_work *w, const struct place *at, size_t n)
{
	struct resolv r = {.merged = {.nameservers = "", .search = ""}};

	for (size_t i = 0; i < n; i++)
		add_to_resolv(w, &r, at[i].owner);
	if (!r.seen || !r.seen->found->seen.resolv_conf_foreign) {
		draft_one_resolv(w, &r, at->text);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct slave_work *s = at[i].owner;

		if (!slave_will_exist(s) || s->kind != PLAN_READY || !wants_resolv(s))
			continue;
		s->kind = PLAN_CONFLICT;
		s->message = text_foreign_resolv(w, s->netns);
	}
}

/* By the text of the namespace, which is the folder's name, then by the device's: so are
 * the nameservers of several slaves merged. */
static int resolv_cmp(const void *x, const void *y)
{
	const struct place *a = x, *b = y;
	int c = strcmp(a->text, b->text);

	if (!c)
		c = strcmp(a->name, b->name);
	return c ? c : (a->owner > b->owner) - (a->owner < b->owner);
}

void draft_resolv(struct plan_work *w)
{
	struct place *p =
		arena_memdup(w->arena, w->places, w->n_places * sizeof(*w->places));

	if (w->n_places > 1)
		qsort(p, w->n_places, sizeof(*p), resolv_cmp);
	for (size_t i = 0, end; i < w->n_places; i = end) {
		for (end = i + 1; end < w->n_places && !strcmp(p[end].text, p[i].text);
		     end++)
			;
		if (is_space_name(p[i].text))
			resolv_of_space(w, &p[i], end - i);
	}
}
