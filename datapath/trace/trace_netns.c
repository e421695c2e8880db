/* A namespace asks its routes: the packet is its own, or leaves by a device. */
#include "datapath/trace/trace_netns.h"

#include <errno.h>
#include <string.h>

/* Of one that the namespace sends itself. */
static void say_not_sent(struct trace_walk *w, const char *place, int sys_errno)
{
	const char *to = trace_addr(w, &w->to);

	if (sys_errno == ENETUNREACH)
		trace_say(w, place, "there is no route to %s", to);
	else if (sys_errno == EACCES)
		trace_say(w, place, "a route or rule prohibits %s", to);
	else if (sys_errno == EINVAL)
		trace_say(w, place,
			  "a blackhole route or rule drops what is for %s, or the source "
			  "is no address of this namespace",
			  to);
	else
		trace_say(w, place, "a route or rule makes %s unreachable", to);
}

/* Of one that came by a device. */
static void say_not_taken(struct trace_walk *w, const char *place, int sys_errno)
{
	const char *to = trace_addr(w, &w->to);

	if (sys_errno == EXDEV)
		trace_say(w, place,
			  "rp_filter drops it: an answer to %s would leave by another "
			  "device",
			  trace_addr(w, &w->from));
	else if (sys_errno == EACCES)
		trace_say(w, place, "a route or rule prohibits %s", to);
	else if (sys_errno == EINVAL)
		trace_say(
			w, place,
			"it is dropped: by a blackhole route or rule for %s, or because "
			"%s is an address of this namespace",
			to, trace_addr(w, &w->from));
	else
		trace_say(w, place,
			  "%s is no address of it, and it does not forward (sysctl "
			  "forwarding), or has no route",
			  to);
}

static void say_sent(struct trace_walk *w, const struct datapath_lookup *l,
		     const char *vrf)
{
	const char *place = trace_netns_label(l->netns), *to = trace_addr(w, &w->to),
		   *from = trace_addr(w, &w->from);

	if (*vrf)
		to = arena_printf(w->a, "by the routes of the VRF %s, %s", vrf, to);
	if (l->via.family)
		trace_say(w, place, "%s is behind %s by %s, source %s", to,
			  trace_addr(w, &l->via), l->device, from);
	else
		trace_say(w, place, "%s is on the link of %s, source %s", to, l->device,
			  from);
}

/* Linux l3mdev_l3_rcv(): what comes by a member of a VRF comes by the VRF. */
static struct datapath_lookup question(const struct trace_walk *w,
				       const struct trace_point *at, const char *vrf)
{
	bool is_sent = at->place == TRACE_SENT;

	return (struct datapath_lookup){
		.netns = at->netns,
		.to = w->to,
		.from = w->from,
		.in = is_sent ? ""
		      : *vrf  ? vrf
			      : at->device,
		.out = is_sent ? vrf : "",
	};
}

static struct trace_point refused(struct trace_walk *w, const struct trace_point *at,
				  int sys_errno)
{
	const char *place = trace_netns_label(at->netns);

	if (at->place == TRACE_SENT)
		say_not_sent(w, place, sys_errno);
	else
		say_not_taken(w, place, sys_errno);
	return trace_lost();
}

static struct trace_point delivered(struct trace_walk *w, const struct trace_point *at,
				    const char *vrf)
{
	trace_say(w, trace_netns_label(at->netns), "%s is its own address",
		  trace_addr(w, &w->to));
	return (struct trace_point){.place = TRACE_END,
				    .netns = at->netns,
				    .device = at->place == TRACE_SENT ? "" : at->device,
				    .vrf = vrf,
				    .master = at->master,
				    .is_from_wire = at->is_from_wire,
				    .verdict = TRACE_ARRIVES};
}

struct err *trace_netns_pass(struct trace_walk *w, const struct trace_point *at,
			     struct trace_point *ret_next)
{
	const char *vrf = at->place == TRACE_SENT
				  ? at->vrf
				  : trace_vrf_of(w, at->netns, at->device);
	struct datapath_lookup l = question(w, at, vrf);
	struct err *e = datapath_lookup(w->dp, &l, w->a);

	if (e)
		return e;
	if (l.fate == DATAPATH_REFUSED) {
		*ret_next = refused(w, at, l.sys_errno);
		return NULL;
	}
	if (!w->from.family)
		w->from = l.source.family ? l.source : w->to;
	if (l.fate == DATAPATH_DELIVERED) {
		*ret_next = delivered(w, at, vrf);
		return NULL;
	}
	say_sent(w, &l, vrf);
	*ret_next = (struct trace_point){
		.place = TRACE_LEAVES,
		.netns = at->netns,
		.device = l.device,
		.vrf = vrf,
		.next = l.via.family ? l.via : l.to,
		.is_broadcast = l.fate == DATAPATH_BROADCAST,
	};
	return NULL;
}

struct trace_point trace_netns_leave(struct trace_walk *w, const struct trace_point *at)
{
	struct trace_point next = *at;

	for (size_t i = 0; i < w->survey->n_masters; i++) {
		next.master = &w->survey->masters[i];
		next.slave = trace_find_slave(next.master, at->netns, at->device);
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
