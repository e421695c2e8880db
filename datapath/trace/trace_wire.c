/* Outside: the link of the master, its switch, the hosts and routers on it. What they do is
 * given (enum trace_outside), or as in a plain network. */
#include "datapath/trace/trace_wire.h"

#include "datapath/trace/trace_macvlan.h"

#include <string.h>

static const char outside[] = "outside";

/* In l2 only a slave answers ARP and neighbour solicitations. */
static struct trace_point ask_own_slave(struct trace_walk *w,
					const struct model_master *m,
					const struct model_slave *owner)
{
	if (trace_is_l2(m) && w->outside & TRACE_HAIRPIN) {
		trace_say(w, m->name,
			  "the switch brings the question for %s's address back: it "
			  "answers, and the packet goes the same way",
			  trace_label(w, m, owner));
		return trace_wire_receive(w, m);
	}
	if (trace_is_l2(m)) {
		trace_say(
			w, m->name,
			"the question for %s's address goes to the wire: its own slaves "
			"do not hear it",
			trace_label(w, m, owner));
	} else {
		trace_say(w, m->name, "%s answers no ARP in this mode",
			  trace_label(w, m, owner));
	}
	trace_cure_host_access(w, m);
	return trace_lost();
}

struct trace_point trace_wire_pass(struct trace_walk *w, const struct trace_point *at)
{
	const struct model_master *m = at->master;
	const struct model_slave *owner = trace_owner(m, &at->next), *all;

	if (at->is_broadcast) {
		trace_say(w, m->name, "to the wire; its own slaves do not hear it");
		return (struct trace_point){
			.place = TRACE_END, .master = m, .verdict = TRACE_ARRIVES};
	}
	if (owner)
		return trace_is_macvlan(m) ? trace_macvlan_from_host(w, m, owner)
					   : ask_own_slave(w, m, owner);
	all = trace_macvlan_passthru(m);
	if (all) {
		trace_say(w, m->name,
			  "in mode passthru %s gets every answer that comes in, and %s "
			  "none",
			  trace_label(w, m, all), trace_netns_label(m->netns));
		return trace_lost();
	}
	return trace_leave(w, at);
}

struct trace_point trace_wire_receive(struct trace_walk *w, const struct model_master *m)
{
	const struct model_slave *owner = trace_owner(m, &w->to);
	struct trace_point next;

	if (!owner)
		return trace_macvlan_to_card(w, m);
	/* kernel.md 11 */
	trace_say(w, m->name, "it comes in%s, and is for %s",
		  m->seen.mode == MODEL_MODE_L3S
			  ? arena_printf(w->a, " through prerouting and input of %s",
					 trace_netns_label(m->netns))
			  : "",
		  trace_label(w, m, owner));
	next = trace_enter_slave(w, m, owner);
	next.master = m;
	next.is_from_wire = true;
	return next;
}

/* Nobody outside finds the slave unless it has a route by an address of the master. */
static struct err *want_route_back(struct trace_walk *w, const struct trace_point *at)
{
	const char *slave = trace_addr(w, &w->to), *next = trace_addr(w, &at->next);
	const char *by = "an address of the master";
	struct datapath_lookup l;
	struct err *e = trace_ask_by_master(w, at->master, &at->next, &l);

	if (e)
		return e;
	if (l.source.family)
		by = trace_addr(w, &l.source);
	trace_say(w, outside,
		  "slaves answer no ARP in this mode, so %s needs a route: `ip route add "
		  "%s via %s`",
		  next, slave, by);
	trace_cure(w, "on %s: `ip route add %s via %s`", next, slave, by);
	return NULL;
}

/* To a slave, by a neighbour that is outside. */
static struct err *to_slave(struct trace_walk *w, const struct trace_point *at,
			    struct trace_point *ret_next)
{
	const struct model_master *m = at->master;

	if (w->outside & TRACE_ROUTE_BACK) {
		trace_say(w, outside, "%s sends it back, by its route to %s",
			  trace_addr(w, &at->next), trace_addr(w, &w->to));
		/* It has the MAC address of the master, which ipvlans share. */
		*ret_next = trace_is_macvlan(m) ? trace_macvlan_to_card(w, m)
						: trace_wire_receive(w, m);
		return NULL;
	}
	if (!trace_is_l2(m)) {
		*ret_next = trace_lost();
		return want_route_back(w, at);
	}
	trace_say(w, outside, "%s sends it to %s, on its own link or by a router",
		  trace_addr(w, &at->next), trace_addr(w, &w->to));
	*ret_next = trace_wire_receive(w, m);
	return NULL;
}

/* Routers that send a packet back to the link that it came from also send a redirect. */
static void warn_of_redirects(struct trace_walk *w, const struct model_master *m)
{
	if (trace_is_l2(m) && m->seen.flag != MODEL_FLAG_BRIDGE)
		trace_say(w, outside,
			  "a router that also sends ICMP redirects stops it after the "
			  "first packets (sysctl send_redirects)");
}

/* That the destination is on the link: a slave in l2 may have any route without a gateway. */
static bool is_doubtful(const struct trace_walk *w, const struct trace_point *at)
{
	return at->is_guessed || (at->slave && trace_is_l2(at->master) &&
				  !trace_is_in_subnet(at->slave, &w->to));
}

/* A gateway has it: for a slave, for the master itself, or for what is behind it. */
static struct err *by_router(struct trace_walk *w, const struct trace_point *at,
			     struct trace_point *ret_next)
{
	const struct model_master *m = at->master;
	bool is_hosts;
	struct err *e;

	if (trace_owner(m, &w->to)) {
		warn_of_redirects(w, m);
		return to_slave(w, at, ret_next);
	}
	e = trace_is_hosts(w, m, &w->to, &is_hosts);
	if (e)
		return e;
	if (!is_hosts) {
		trace_say(w, outside, "%s takes it", trace_addr(w, &at->next));
		return NULL;
	}
	trace_say(w, outside, "%s sends it to %s", trace_addr(w, &at->next),
		  trace_addr(w, &w->to));
	*ret_next = trace_macvlan_to_card(w, m);
	return NULL;
}

struct err *trace_wire_outside(struct trace_walk *w, const struct trace_point *at,
			       struct trace_point *ret_next)
{
	*ret_next = (struct trace_point){.place = TRACE_END,
					 .master = at->master,
					 .next = at->next,
					 .verdict = TRACE_ARRIVES};
	if (ip_addr_cmp(&at->next, &w->to) != 0)
		return by_router(w, at, ret_next);
	if (!is_doubtful(w, at) || w->outside & TRACE_ON_LINK) {
		trace_say(w, outside, "%s is on the link of %s", trace_addr(w, &w->to),
			  at->master->name);
		return NULL;
	}
	if (w->outside & TRACE_PROXY_ARP) {
		trace_say(w, outside, "a router answers for %s", trace_addr(w, &w->to));
		return NULL;
	}
	trace_say(w, outside,
		  "%s must be on this link itself, or a router must answer for it (proxy "
		  "ARP)",
		  trace_addr(w, &w->to));
	trace_cure(w, "a route with `via:`, a router in a subnet of the slave");
	*ret_next = w->outside & TRACE_PLAIN ? trace_lost() : trace_unknown();
	return NULL;
}

struct err *trace_wire_return(struct trace_walk *w, const struct trace_point *at,
			      struct trace_point *ret_next)
{
	const struct model_slave *owner = trace_owner(at->master, &w->to);

	if (owner)
		return to_slave(w, at, ret_next);
	trace_say(w, outside, "%s answers", trace_addr(w, &at->next));
	*ret_next = trace_macvlan_to_card(w, at->master);
	return NULL;
}
