/* Runs a plan on a datapath: batches of one op, in the order of the plan, a slice of time
 * after another. What is made in namespaces is made in a few of them at a time, so that a
 * provider visits each once.
 *
 * It decides nothing: a step is skipped if the step that it depends on failed, and
 * executed otherwise. Nothing is undone; the next plan corrects what is wrong
 * afterwards. */
#include "datapath/apply.h"

#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/hash_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Small enough that the event loop is not blocked for long, large enough for one message
 * to the kernel. Beyond a few dozen steps a larger batch gains nothing. */
#define BATCH_STEPS 64
/* So many namespaces are finished before the next are begun. Small enough that they fit into
 * a slice. */
#define GROUP_NETNS 8

struct apply {
	struct datapath *dp;
	const struct plan *plan;
	struct plan_result *results; /* by the id of the step */
	/* In the order of execution; the group of each step, by its id. */
	const struct plan_step **steps;
	uint32_t *groups;
	size_t next; /* the first of 'steps' without a result */
};

/* Groups: what removes and changes is done first, and what is made for a master; then what
 * is made in namespaces, a few at a time; and the steps that are last of all. */
#define GROUP_FIRST 0U
#define GROUP_LAST  UINT32_MAX

struct place {
	const char *netns; /* hash key */
	bool has_master;   /* a master there is made or changed */
	uint32_t group;
	UT_hash_handle hh;
};

static const char *netns_of_step(const struct plan_step *s)
{
	const struct model_slave *slave = s->want ? s->want : s->have;

	if (s->netns)
		return s->netns->name;
	return slave && *slave->netns ? slave->netns : s->master->netns;
}

static struct place *find_place(struct place **places, const char *netns)
{
	struct place *p;

	HASH_FIND_STR(*places, netns, p);
	if (p)
		return p;
	p = xcalloc(1, sizeof(*p));
	p->netns = netns;
	HASH_ADD_KEYPTR(hh, *places, p->netns, strlen(p->netns), p);
	return p;
}

static void free_places(struct place *places)
{
	struct place *p, *next;

	HASH_ITER (hh, places, p, next) {
		HASH_DELETE(hh, places, p);
		free(p);
	}
}

static uint32_t group_of(struct place **places, const struct plan_step *s,
			 uint32_t *n_places)
{
	struct place *p;

	if (s->op == PLAN_OP_LINK_RELEASE)
		return GROUP_LAST;
	if (s->op < PLAN_OP_LINK_ADD && s->op != PLAN_OP_NETNS_ADD)
		return GROUP_FIRST;
	p = find_place(places, netns_of_step(s));
	if (p->has_master && s->op == PLAN_OP_NETNS_ADD)
		return GROUP_FIRST;
	if (!p->group)
		p->group = 1 + (*n_places)++ / GROUP_NETNS;
	return p->group;
}

/* False if there is nothing to be divided, or a step would come before the one that it depends
 * on. */
static bool set_groups(struct apply *a)
{
	const struct plan *plan = a->plan;
	struct place *places = NULL;
	uint32_t n_places = 0;
	bool is_possible = true;

	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct plan_step *s = &plan->steps[i];

		if (s->op == PLAN_OP_MASTER_ADD || s->op == PLAN_OP_MASTER_SET ||
		    s->op == PLAN_OP_LINK_ADD)
			find_place(&places, s->master->netns)->has_master = true;
	}
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct plan_step *s = &plan->steps[i];

		a->groups[i] = group_of(&places, s, &n_places);
		is_possible &=
			s->after == PLAN_NO_STEP || a->groups[s->after] <= a->groups[i];
	}
	free_places(places);
	return is_possible && n_places > GROUP_NETNS;
}

static int step_cmp(const void *x, const void *y, void *aux)
{
	const struct plan_step *const *s = x, *const *t = y;
	const uint32_t *groups = aux;
	uint32_t a = groups[(*s)->id], b = groups[(*t)->id];

	return a != b ? (a > b) - (a < b) : ((*s)->id > (*t)->id) - ((*s)->id < (*t)->id);
}

static void put_in_order(struct apply *a)
{
	size_t n = a->plan->n_steps;

	a->steps = xcalloc(n + 1, sizeof(*a->steps));
	a->groups = xcalloc(n + 1, sizeof(*a->groups));
	if (!set_groups(a))
		memset(a->groups, 0, n * sizeof(*a->groups));
	for (size_t i = 0; i < n; i++) {
		a->steps[i] = &a->plan->steps[i];
		assert(a->steps[i]->id == i);
	}
	qsort_r(a->steps, n, sizeof(*a->steps), step_cmp, a->groups);
}

struct apply *apply_new(struct datapath *dp, const struct plan *plan)
{
	struct apply *a = xcalloc(1, sizeof(*a));

	a->dp = dp;
	a->plan = plan;
	a->results = xcalloc(plan->n_steps + 1, sizeof(*a->results));
	put_in_order(a);
	return a;
}

void apply_free(struct apply *a)
{
	if (!a)
		return;
	plan_results_clear(a->results, a->plan->n_steps);
	free(a->results);
	free(a->groups);
	free(a->steps);
	free(a);
}

const struct plan_result *apply_results(const struct apply *a)
{
	return a->results;
}

static const char *netns_of(const struct plan_step *s)
{
	return s->have ? s->have->netns : "";
}

static bool is_in_batch(const struct apply *a, const struct plan_step *s, uint32_t id)
{
	for (size_t i = a->next; a->steps[i] != s; i++) {
		if (a->steps[i]->id == id)
			return true;
	}
	return false;
}

/* The end of the next batch: another op, another group, a step that depends on one of the
 * batch, or its size. Deletions in one namespace stay together, since they may be deleted as a
 * group. */
static size_t batch_end(const struct apply *a)
{
	const struct plan_step *const *s = a->steps;
	size_t from = a->next, end = from + 1;

	for (; end < a->plan->n_steps && s[end]->op == s[from]->op &&
	       a->groups[s[end]->id] == a->groups[s[from]->id];
	     end++) {
		if (s[end]->after != PLAN_NO_STEP && s[end]->after >= s[from]->id &&
		    is_in_batch(a, s[end], s[end]->after))
			break;
		if (end - from >= BATCH_STEPS &&
		    (s[end]->op != PLAN_OP_LINK_DEL ||
		     strcmp(netns_of(s[end]), netns_of(s[end - 1])) != 0))
			break;
	}
	return end;
}

static bool is_blocked(const struct apply *a, const struct plan_step *s)
{
	return s->after != PLAN_NO_STEP && a->results[s->after].kind != PLAN_DONE;
}

static void run_batch(struct apply *a, size_t end)
{
	size_t n = 0, size = end - a->next;
	const struct plan_step **steps = xcalloc(size, sizeof(struct plan_step *));
	struct plan_result *results = xcalloc(size, sizeof(*results));

	for (; a->next < end; a->next++) {
		const struct plan_step *s = a->steps[a->next];

		if (is_blocked(a, s))
			a->results[s->id].kind = PLAN_SKIPPED;
		else
			steps[n++] = s;
	}
	if (n)
		datapath_apply(a->dp, steps, n, results);
	for (size_t i = 0; i < n; i++) {
		assert(results[i].kind == PLAN_DONE ||
		       (results[i].kind == PLAN_FAILED && results[i].error));
		a->results[steps[i]->id] = results[i];
	}
	free(results);
	free(steps);
}

static bool is_at_new_group(const struct apply *a)
{
	return a->groups[a->steps[a->next]->id] != a->groups[a->steps[a->next - 1]->id];
}

bool apply_run(struct apply *a, int64_t budget_ms)
{
	int64_t start = clock_now_ms();

	while (a->next < a->plan->n_steps) {
		int64_t spent;

		run_batch(a, batch_end(a));
		spent = clock_now_ms() - start;
		if (budget_ms < 0 || a->next == a->plan->n_steps)
			continue;
		/* A group is finished rather than begun again in the next slice. */
		if (spent >= 2 * budget_ms || (spent >= budget_ms && is_at_new_group(a)))
			break;
	}
	return a->next == a->plan->n_steps;
}
