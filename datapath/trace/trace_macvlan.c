/* macvlans on a master: what a slave sends, and who gets what comes in (Linux
 * macvlan_queue_xmit(), macvlan_handle_frame(); kernel.md 33). Each has a MAC address, so the
 * next hop decides, not the address of the packet. */
#include "datapath/trace/trace_macvlan.h"

#include <string.h>

/* Each has a mode of its own: the flag, in words of ipvl. */
static const char *label(const struct trace_walk *w, const struct model_slave *s)
{
	char flag[8];

	return arena_printf(w->a, "macvlan %s",
			    s->seen.mode == MODEL_MODE_PASSTHRU
				    ? "passthru"
				    : model_flag_name(s->seen.flag, flag));
}

const struct model_slave *trace_macvlan_passthru(const struct model_master *m)
{
	return trace_is_macvlan(m) && m->seen.mode == MODEL_MODE_PASSTHRU &&
			       m->n_slaves && m->slaves[0].seen.is_up
		       ? &m->slaves[0]
		       : NULL;
}

struct trace_point trace_macvlan_to_card(struct trace_walk *w,
					 const struct model_master *m)
{
	const struct model_slave *all = trace_macvlan_passthru(m);

	if (!all)
		return trace_enter(m->netns, m->name);
	trace_say(w, m->name,
		  "%s: %s gets every frame that comes in, unless it is for all",
		  label(w, all), trace_label(w, m, all));
	return trace_enter_slave(w, m, all);
}

static struct trace_point keep_apart(struct trace_walk *w, const struct trace_point *at,
				     const char *answerer)
{
	const struct model_master *m = at->master;

	trace_say(w, m->name,
		  "%s: slaves are kept apart: %s does not hear the question for %s",
		  label(w, at->slave), answerer, trace_addr(w, &at->next));
	return trace_lost();
}

/* A slave of the same master answers for the next hop. */
static struct trace_point to_sibling(struct trace_walk *w, const struct trace_point *at,
				     const struct model_slave *to)
{
	const struct model_master *m = at->master;

	if (at->slave->seen.flag == MODEL_FLAG_PRIVATE) {
		trace_cure(w, "`flag: bridge` on %s", m->name);
		return keep_apart(w, at, trace_label(w, m, to));
	}
	if (at->slave->seen.flag == MODEL_FLAG_VEPA && !(w->outside & TRACE_HAIRPIN)) {
		trace_say(w, m->name,
			  "%s: what slaves send to each other goes to the switch, which "
			  "does not send it back",
			  label(w, at->slave));
		trace_cure(w,
			   "`flag: bridge` on %s, or a switch port in hairpin "
			   "(reflective relay) mode",
			   m->name);
		return trace_lost();
	}
	trace_say(w, m->name, "%s: %s answers for %s, and gets it%s", label(w, at->slave),
		  trace_label(w, m, to), trace_addr(w, &at->next),
		  at->slave->seen.flag == MODEL_FLAG_VEPA ? " by way of the switch" : "");
	return trace_enter_slave(w, m, to);
}

/* The next hop is the master's own address. In a reply, its question for this slave has told the
 * slave where it is. */
static struct trace_point to_host(struct trace_walk *w, const struct trace_point *at)
{
	const struct model_master *m = at->master;
	bool is_known = w->is_reply && !ip_addr_cmp(&at->next, &w->to);

	if (!(w->outside & TRACE_HAIRPIN)) {
		trace_say(w, m->name,
			  "it does not hear its own slaves: nobody answers for %s",
			  trace_addr(w, &at->next));
		trace_cure_host_access(w, m);
		return trace_lost();
	}
	if (at->slave->seen.mode == MODEL_MODE_PASSTHRU ||
	    (at->slave->seen.flag == MODEL_FLAG_PRIVATE && !is_known)) {
		trace_cure_host_access(w, m);
		return keep_apart(w, at, m->name);
	}
	trace_say(w, m->name, "%s: the switch sends it back, to the MAC address of %s",
		  label(w, at->slave), m->name);
	return trace_enter(m->netns, m->name);
}

static struct trace_point pass_broadcast(struct trace_walk *w,
					 const struct trace_point *at)
{
	const struct model_master *m = at->master;

	if (at->slave->seen.mode == MODEL_MODE_L2 &&
	    at->slave->seen.flag == MODEL_FLAG_BRIDGE) {
		trace_say(w, m->name,
			  "%s: to every slave that is up, and to the wire; not to %s",
			  label(w, at->slave), trace_netns_label(m->netns));
		return (struct trace_point){
			.place = TRACE_END, .master = m, .verdict = TRACE_ARRIVES};
	}
	trace_say(w, m->name, "%s: to the wire, not to other slaves",
		  label(w, at->slave));
	if (at->slave->seen.mode == MODEL_MODE_L2)
		trace_cure(w, "`flag: bridge` on %s", m->name);
	return trace_lost();
}

struct err *trace_macvlan_pass(struct trace_walk *w, const struct trace_point *at,
			       struct trace_point *ret_next)
{
	const struct model_master *m = at->master;
	const struct model_slave *owner = trace_owner(m, &at->next);
	bool is_own;
	struct err *e;

	if (at->slave->seen.flag > MODEL_FLAG_VEPA ||
	    (owner && owner->seen.flag != at->slave->seen.flag)) {
		trace_say(w, m->name, "%s: what this does is not known",
			  label(w, at->slave));
		*ret_next = trace_unknown();
		return NULL;
	}
	if (at->is_broadcast) {
		*ret_next = pass_broadcast(w, at);
		return NULL;
	}
	e = trace_is_hosts(w, m, &at->next, &is_own);
	if (e)
		return e;
	if (!owner && is_own)
		owner = trace_answering_shim(at);
	if (owner)
		*ret_next = to_sibling(w, at, owner);
	else if (is_own)
		*ret_next = to_host(w, at);
	else
		*ret_next = trace_leave(w, at);
	return NULL;
}

struct trace_point trace_macvlan_from_host(struct trace_walk *w,
					   const struct model_master *m,
					   const struct model_slave *to)
{
	const char *name = trace_label(w, m, to);

	if (m->seen.mode != MODEL_MODE_PASSTHRU && w->outside & TRACE_HAIRPIN) {
		trace_say(w, m->name,
			  "the switch brings the question for %s's address back: it "
			  "answers, and the packet goes the same way",
			  name);
		return trace_enter_slave(w, m, to);
	}
	trace_say(w, m->name,
		  "the question for %s's address goes to the wire: its own slaves do not "
		  "hear it",
		  name);
	trace_cure_host_access(w, m);
	return trace_lost();
}
