/* A namespace asks its routes: the packet is its own, or leaves by a device. */
#include "datapath/trace/trace_netns.h"

#include <errno.h>
#include <string.h>

/* Of one that the namespace sends itself. */
static const char *why_not_sent(int sys_errno)
{
	switch (sys_errno) {
	case ENETUNREACH:
		return "there is no route";
	case EACCES:
		return "a route or rule prohibits it";
	case EINVAL:
		return "a blackhole route or rule drops it, or the source is no address "
		       "of "
		       "this namespace";
	default:
		return "a route or rule makes it unreachable";
	}
}

/* Of one that came by a device. */
static const char *why_not_taken(int sys_errno)
{
	switch (sys_errno) {
	case EXDEV:
		return "rp_filter drops it: an answer would leave by another device";
	case EINVAL:
		return "it is dropped: by a blackhole route or rule, or because its "
		       "source "
		       "is an address of this namespace";
	case EACCES:
		return "a route or rule prohibits it";
	default:
		return "it has no such address, and does not forward (sysctl "
		       "forwarding), "
		       "or has no route";
	}
}

static void say_refused(struct trace_walk *w, const struct trace_point *at, int sys_errno)
{
	bool is_sent = at->place == TRACE_SENT;

	trace_say(w, trace_netns_label(at->netns), "%s to %s",
		  is_sent ? why_not_sent(sys_errno) : why_not_taken(sys_errno),
		  trace_addr(w, &w->to));
}

static void say_sent(struct trace_walk *w, const struct datapath_lookup *l)
{
	const char *place = trace_netns_label(l->netns);

	if (l->via.family)
		trace_say(w, place, "%s is behind %s by %s, source %s",
			  trace_addr(w, &w->to), trace_addr(w, &l->via), l->device,
			  trace_addr(w, &w->from));
	else
		trace_say(w, place, "%s is on the link of %s, source %s",
			  trace_addr(w, &w->to), l->device, trace_addr(w, &w->from));
}

struct err *trace_netns_pass(struct trace_walk *w, const struct trace_point *at,
			     struct trace_point *ret_next)
{
	struct datapath_lookup l = {
		.netns = at->netns,
		.to = w->to,
		.from = w->from,
		.in = at->place == TRACE_ENTERS ? at->device : "",
		.out = "",
	};
	struct err *e = datapath_lookup(w->dp, &l, w->a);

	if (e)
		return e;
	if (l.fate == DATAPATH_REFUSED) {
		say_refused(w, at, l.sys_errno);
		*ret_next = trace_lost();
		return NULL;
	}
	if (!w->from.family)
		w->from = l.source.family ? l.source : w->to;
	if (l.fate == DATAPATH_DELIVERED) {
		trace_say(w, trace_netns_label(at->netns), "%s is its own address",
			  trace_addr(w, &w->to));
		*ret_next = (struct trace_point){
			.place = TRACE_END, .netns = at->netns, .verdict = TRACE_ARRIVES};
		return NULL;
	}
	say_sent(w, &l);
	*ret_next = (struct trace_point){
		.place = TRACE_LEAVES,
		.netns = at->netns,
		.device = l.device,
		.next = l.via.family ? l.via : l.to,
		.is_broadcast = l.fate == DATAPATH_BROADCAST,
	};
	return NULL;
}

static const struct model_slave *find_slave(const struct model_master *m,
					    const struct trace_point *at)
{
	for (size_t i = 0; i < m->n_slaves; i++) {
		const struct model_slave *s = &m->slaves[i];

		if (!strcmp(s->name, at->device) &&
		    !strcmp(trace_netns_of(m, s), at->netns))
			return s;
	}
	return NULL;
}

struct trace_point trace_netns_leave(struct trace_walk *w, const struct trace_point *at)
{
	struct trace_point next = *at;

	for (size_t i = 0; i < w->survey->n_masters; i++) {
		next.master = &w->survey->masters[i];
		next.slave = find_slave(next.master, at);
		/* A master without a name stands for all that are unknown. */
		if (next.slave && *next.master->name) {
			next.place = TRACE_PORT;
			return next;
		}
		if (!strcmp(next.master->name, at->device) &&
		    !strcmp(next.master->netns, at->netns)) {
			next.place = TRACE_WIRE;
			return next;
		}
	}
	trace_say(w, trace_netns_label(at->netns),
		  "%s is neither an ipvlan nor a device with ipvlans: not followed",
		  at->device);
	return trace_unknown();
}
