/* See spy.h. */
#include "tests/twin/spy.h"

#include "datapath/plan/plan_text.h"
#include "lib/alloc.h"
#include "tests/twin/lines.h"

#include <stdlib.h>

struct datapath {
	struct datapath_base base; /* the first member, as the contract requires */
	struct datapath *inner;
	struct spy_accidents accidents;
	bool is_dead;
	uint64_t n_steps, n_observations;
	struct lines steps, events;
	/* Of the drain in progress. */
	datapath_event_fn *fn;
	void *aux;
};

const struct spy_accidents spy_no_accidents = {.death = -1, .failing_observation = -1};

static void note(struct lines *l, const char *line)
{
	if (!lines_have(l, line))
		lines_add(l, line);
}

/* Observations. */

static struct err *observe(struct datapath *spy, const struct model *scope,
			   enum datapath_depth depth, struct arena *a,
			   struct model **ret_have)
{
	int64_t number = -1;

	if (spy->is_dead)
		return err_new(ERR_CLOSED, "the daemon is dead");
	if (depth != DATAPATH_PORTS)
		number = (int64_t)spy->n_observations++;
	if (number >= 0 && number == spy->accidents.failing_observation)
		return err_new(ERR_INTERRUPTED, "the dump was interrupted");
	return datapath_observe(spy->inner, scope, depth, a, ret_have);
}

/* Steps. */

static void record(struct datapath *spy, const struct plan_step *s,
		   const struct plan_result *result)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *line = plan_text_step(a, s);

	if (result->kind == PLAN_FAILED) {
		CLEANUP(freep) char *text = err_text(result->error);

		line = arena_printf(a, "%s ! %s", line, text);
	}
	note(&spy->steps, line);
}

static void apply_one(struct datapath *spy, const struct plan_step *s,
		      struct plan_result *result)
{
	if (spy->is_dead) {
		*result = (struct plan_result){
			.kind = PLAN_FAILED,
			.error = err_new(ERR_CLOSED, "the daemon is dead")};
		return;
	}
	datapath_apply(spy->inner, &s, 1, result);
	record(spy, s, result);
	spy->is_dead = (int64_t)spy->n_steps++ == spy->accidents.death;
}

static void apply(struct datapath *spy, const struct plan_step *const *steps, size_t n,
		  struct plan_result *results)
{
	if (spy->accidents.death >= 0 || spy->is_dead) {
		for (size_t i = 0; i < n; i++)
			apply_one(spy, steps[i], &results[i]);
		return;
	}
	datapath_apply(spy->inner, steps, n, results);
	spy->n_steps += n;
	for (size_t i = 0; i < n; i++)
		record(spy, steps[i], &results[i]);
}

/* Events. */

static const char *name_of_kind(enum datapath_event_kind kind)
{
	switch (kind) {
	case DATAPATH_MASTER_CHANGED:
		return "master";
	case DATAPATH_SLAVE_CHANGED:
		return "slave";
	case DATAPATH_NETNS_CHANGED:
		return "namespace";
	case DATAPATH_STRAYED:
		return "strayed";
	case DATAPATH_ALL_CHANGED:
		return "lost";
	}
	return "";
}

static void record_event(struct datapath *spy, const struct datapath_event *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *netns = e->netns ? e->netns : "", *name = e->name ? e->name : "";
	const char *object = *name ? model_label(a, netns, name) : netns;
	const char *what = e->what ? e->what : "";

	note(&spy->events,
	     arena_printf(a, "%s%s%s%s%s", name_of_kind(e->kind), *object ? " " : "",
			  object, *what ? ": " : "", what));
}

static void on_event(void *aux, const struct datapath_event *e)
{
	struct datapath *spy = aux;

	record_event(spy, e);
	spy->fn(spy->aux, e);
}

static void drain(struct datapath *spy, datapath_event_fn *fn, void *aux)
{
	spy->fn = fn;
	spy->aux = aux;
	datapath_drain(spy->inner, on_event, spy);
}

static void hold(struct datapath *spy, bool on)
{
	datapath_hold(spy->inner, on);
}

void spy_revive(struct datapath *spy)
{
	spy->is_dead = false;
}

bool spy_is_dead(const struct datapath *spy)
{
	return spy->is_dead;
}

uint64_t spy_n_steps(const struct datapath *spy)
{
	return spy->n_steps;
}

uint64_t spy_n_observations(const struct datapath *spy)
{
	return spy->n_observations;
}

const char *spy_steps(const struct datapath *spy, struct arena *a)
{
	return lines_text(a, &spy->steps);
}

void spy_forget_steps(struct datapath *spy)
{
	lines_clear(&spy->steps);
}

const char *spy_events(const struct datapath *spy, struct arena *a)
{
	struct lines events = lines_of(a, lines_text(a, &spy->events));

	lines_sort(&events);
	return lines_text(a, &events);
}

void spy_forget_events(struct datapath *spy)
{
	lines_clear(&spy->events);
}

static const struct datapath_provider spy_provider = {
	.id = {.name = "spy",
	       .abi = DATAPATH_ABI,
	       .size = sizeof(struct datapath_provider)},
	.observe = observe,
	.apply = apply,
	.drain = drain,
	.hold = hold,
};

struct datapath *spy_new(struct datapath *inner, const struct spy_accidents *accidents)
{
	struct datapath *spy = xcalloc(1, sizeof(*spy));

	spy->base.provider = &spy_provider;
	spy->base.event_fd = datapath_event_fd(inner);
	spy->inner = inner;
	spy->accidents = *accidents;
	return spy;
}

void spy_free(struct datapath *spy)
{
	if (!spy)
		return;
	lines_clear(&spy->steps);
	lines_clear(&spy->events);
	free(spy);
}
