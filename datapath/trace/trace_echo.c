/* An echo: the way there, and the way of the answer. */
#include "datapath/trace/trace.h"

#include "datapath/trace/trace_netns.h"
#include "datapath/trace/trace_port.h"
#include "datapath/trace/trace_walk.h"
#include "datapath/trace/trace_wire.h"

#include <string.h>

/* A packet that goes round in circles has a TTL in the kernel. */
#define MAX_STEPS 64

static struct err *step(struct trace_walk *w, const struct trace_point *at,
			struct trace_point *ret_next)
{
	switch (at->place) {
	case TRACE_SENT:
	case TRACE_ENTERS:
		return trace_netns_pass(w, at, ret_next);
	case TRACE_LEAVES:
		*ret_next = trace_netns_leave(w, at);
		return NULL;
	case TRACE_PORT:
		return trace_port_pass(w, at, ret_next);
	case TRACE_WIRE:
		*ret_next = trace_wire_pass(w, at);
		return NULL;
	case TRACE_OUTSIDE:
		return trace_wire_outside(w, at, ret_next);
	case TRACE_RETURNS:
		return trace_wire_return(w, at, ret_next);
	case TRACE_END:
		break;
	}
	return NULL;
}

static struct err *walk(struct trace_walk *w, struct trace_point at,
			struct trace_point *ret_end)
{
	for (int i = 0; i < MAX_STEPS && at.place != TRACE_END; i++) {
		struct trace_point next = trace_unknown();
		struct err *e = step(w, &at, &next);

		if (e)
			return e;
		at = next;
	}
	if (at.place != TRACE_END) {
		trace_say(w, trace_netns_label(at.netns ? at.netns : ""),
			  "it goes round in a circle");
		at = trace_lost();
	}
	*ret_end = at;
	return NULL;
}

/* The answer starts where the packet arrived. */
static struct err *walk_back(struct trace_walk *w, const struct trace_point *arrived,
			     struct trace_point *ret_end)
{
	const struct ip_addr to = w->to;
	struct trace_point at = *arrived;

	w->is_reply = true;
	w->to = w->from;
	w->from = to;
	at.place = at.netns ? TRACE_SENT : TRACE_RETURNS;
	return walk(w, at, ret_end);
}

/* The device that was asked for need not be the one that is used. */
static struct err *find_source(const struct model *survey, const struct trace_question *q)
{
	if (!*q->name)
		return NULL;
	for (size_t i = 0; i < survey->n_masters; i++) {
		if (trace_find_slave(&survey->masters[i], q->netns, q->name))
			return NULL;
	}
	return err_new(ERR_NOT_FOUND, "there is no ipvlan %s in %s", q->name,
		       trace_netns_label(q->netns));
}

/* Who has the address that the packet is for, as far as ipvl can see. */
static const char *target_of(const struct trace_walk *w, const struct ip_addr *to)
{
	for (size_t i = 0; i < w->survey->n_masters; i++) {
		const struct model_master *m = &w->survey->masters[i];
		const struct model_slave *owner = trace_owner(m, to);

		if (owner)
			return trace_label(w, m, owner);
	}
	return "";
}

/* A program that is bound to a VRF hears what comes by it. In l3s the kernel finds the VRF by the
 * master, before it finds the slave (Linux ipvlan_l3_rcv(), kernel.md 35). */
static bool is_heard(struct trace_walk *w, const struct trace_point *sent,
		     const struct trace_point *back)
{
	const char *place = trace_netns_label(sent->netns);

	if (!back->netns || strcmp(back->netns, sent->netns) != 0)
		return false;
	/* It sent it to itself. */
	if (!*sent->vrf || !*back->device)
		return true;
	if (strcmp(back->vrf, sent->vrf) != 0) {
		trace_say(w, place,
			  "it came by %s, which is not in the VRF %s: a program that is "
			  "bound to that does not receive it",
			  back->device, sent->vrf);
		return false;
	}
	if (back->is_from_wire && back->master->seen.mode == MODEL_MODE_L3S) {
		trace_say(w, place,
			  "in mode l3s a program that is bound to the VRF %s receives "
			  "nothing from outside",
			  sent->vrf);
		trace_cure(w,
			   "a program that is bound to %s instead of %s, or `mode: l2` "
			   "or `mode: l3` on %s",
			   back->device, sent->vrf, back->master->name);
		return false;
	}
	return true;
}

static struct err *echo(struct trace_walk *w, const struct trace_question *q)
{
	const struct trace_point sent = {
		.place = TRACE_SENT,
		.netns = q->netns,
		.vrf = *q->name ? trace_vrf_of(w, q->netns, q->name) : "",
	};
	struct trace_point there, back;
	struct err *e = walk(w, sent, &there);

	w->trace->vrf = sent.vrf;
	if (e)
		return e;
	w->trace->source = w->from;
	w->trace->verdict = there.verdict;
	if (there.verdict != TRACE_ARRIVES)
		return NULL;
	/* Nobody has to answer a broadcast. */
	if (!there.netns && !there.next.family)
		return NULL;
	e = walk_back(w, &there, &back);
	if (e)
		return e;
	w->trace->verdict = back.verdict;
	if (back.verdict == TRACE_ARRIVES && !is_heard(w, &sent, &back))
		w->trace->verdict = TRACE_LOST;
	return NULL;
}

struct err *trace_run(struct datapath *dp, const struct model *survey,
		      const struct trace_question *question, struct arena *a,
		      struct trace **ret_trace)
{
	struct trace *t = arena_alloc(a, sizeof(*t));
	struct trace_walk w = {
		.dp = dp,
		.survey = survey,
		.a = a,
		.outside = question->outside,
		.to = question->to,
		.trace = t,
	};
	struct err *e = find_source(survey, question);

	t->cure = t->vrf = "";
	if (!e)
		e = echo(&w, question);
	t->target = target_of(&w, &question->to);
	if (!e)
		*ret_trace = t;
	return e;
}
