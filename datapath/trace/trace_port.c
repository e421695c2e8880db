/* An ipvlan port: what its mode and flag make of a packet that a slave sends (Linux
 * ipvlan_core.c, ipvlan_queue_xmit()). */
#include "datapath/trace/trace_port.h"

#include "datapath/link_type.h"
#include "datapath/trace/trace_macvlan.h"
#include "datapath/trace/trace_wire.h"

#include <string.h>
#include <sys/socket.h>

static const char *port_label(const struct trace_walk *w, const struct model_master *m)
{
	char mode[8], flag[8];

	return arena_printf(w->a, "%s %s", model_mode_name(m->seen.mode, mode),
			    model_flag_name(m->seen.flag, flag));
}

static struct trace_point deliver(struct trace_walk *w, const struct model_master *m,
				  const struct model_slave *owner)
{
	trace_say(w, m->name, "%s: switched to %s", port_label(w, m),
		  trace_label(w, m, owner));
	return trace_enter_slave(w, m, owner);
}

static struct trace_point drop_private(struct trace_walk *w, const struct model_master *m)
{
	trace_say(w, m->name, "%s: slaves are kept apart, and this is dropped",
		  port_label(w, m));
	trace_cure(w, "`flag: bridge` on %s", m->name);
	return trace_lost();
}

/* l2: the frame is for the MAC that the card and all of its slaves have. */
static struct trace_point pass_own_frame(struct trace_walk *w,
					 const struct model_master *m)
{
	const struct model_slave *owner = trace_owner(m, &w->to);

	if (m->seen.flag == MODEL_FLAG_VEPA) {
		trace_say(w, m->name, "%s: it goes to the switch, which sends it back",
			  port_label(w, m));
		return trace_wire_receive(w, m);
	}
	if (owner && m->seen.flag == MODEL_FLAG_PRIVATE)
		return drop_private(w, m);
	if (owner)
		return deliver(w, m, owner);
	trace_say(w, m->name, "%s: no slave has %s, so the device itself gets it",
		  port_label(w, m), trace_addr(w, &w->to));
	return trace_enter(m->netns, m->name);
}

/* A slave of the port answers for the next hop. */
static struct trace_point pass_answered(struct trace_walk *w,
					const struct trace_point *at,
					const struct model_slave *by)
{
	const struct model_master *m = at->master;
	bool comes_back = w->outside & TRACE_HAIRPIN;

	if (m->seen.flag == MODEL_FLAG_PRIVATE) {
		trace_say(w, m->name,
			  "%s: %s answers for %s, and the answer is dropped: slaves are "
			  "kept apart",
			  port_label(w, m), trace_label(w, m, by),
			  trace_addr(w, &at->next));
		trace_cure(w, "`flag: bridge` on %s", m->name);
		return trace_lost();
	}
	if (m->seen.flag == MODEL_FLAG_VEPA && !comes_back) {
		trace_say(w, m->name,
			  "%s: what slaves send to each other goes to the switch, which "
			  "does not send it back",
			  port_label(w, m));
		trace_cure(w,
			   "`flag: bridge` on %s, or a switch port in hairpin "
			   "(reflective relay) mode",
			   m->name);
		return trace_lost();
	}
	trace_say(w, m->name, "%s answers for %s", trace_label(w, m, by),
		  trace_addr(w, &at->next));
	if (!w->is_reply) {
		w->heard_by = by;
		w->heard = w->from;
	}
	return pass_own_frame(w, m);
}

/* The next hop is the master's own address, and no ipvlan answers for it. */
static struct trace_point pass_to_card(struct trace_walk *w, const struct trace_point *at)
{
	const struct model_master *m = at->master;

	if (w->outside & TRACE_HAIRPIN) {
		trace_say(w, m->name, "the switch brings the question for %s back to it",
			  trace_addr(w, &at->next));
		return pass_own_frame(w, m);
	}
	trace_say(w, m->name, "it does not hear its own slaves: nobody answers for %s",
		  trace_addr(w, &at->next));
	trace_cure_host_access(w, m);
	return trace_lost();
}

/* A question of ARP names the source of the packet, and all on the port have one MAC address: the
 * answer goes to the ipvlan that has this source, or to the device itself (Linux
 * ipvlan_addr_lookup()). In IPv6 a question comes from an address of the slave. */
static bool misses_answer(struct trace_walk *w, const struct trace_point *at)
{
	const struct model_master *m = at->master;
	bool is_known = w->is_reply && w->heard_by == at->slave &&
			!ip_addr_cmp(&w->heard, &at->next);

	if (w->from.family != AF_INET || is_known ||
	    model_slave_has_address(at->slave, &w->from))
		return false;
	trace_say(
		w, m->name,
		"%s asks for %s from %s, which is no address of its own: the answer goes "
		"to whoever has that, and it gets none",
		trace_label(w, m, at->slave), trace_addr(w, &at->next),
		trace_addr(w, &w->from));
	return true;
}

static struct err *pass_l2(struct trace_walk *w, const struct trace_point *at,
			   struct trace_point *ret_next)
{
	const struct model_slave *owner = trace_owner(at->master, &at->next);
	bool is_own;
	struct err *e = trace_is_hosts(w, at->master, &at->next, &is_own);

	if (e)
		return e;
	if (misses_answer(w, at)) {
		*ret_next = trace_lost();
		return NULL;
	}
	if (!owner && is_own)
		owner = trace_answering_shim(at);
	if (owner)
		*ret_next = pass_answered(w, at, owner);
	else if (is_own)
		*ret_next = pass_to_card(w, at);
	else
		*ret_next = trace_leave(w, at);
	return NULL;
}

/* l3, l3s: what no slave gets takes the routes of the master's namespace, by the master
 * (Linux ipvlan_process_outbound()). */
static struct err *pass_by_host(struct trace_walk *w, const struct model_master *m,
				struct trace_point *ret_next)
{
	const char *place = trace_netns_label(m->netns);
	struct datapath_lookup l;
	struct err *e = trace_ask_by_master(w, m, &w->to, &l);

	if (e)
		return e;
	if (l.fate == DATAPATH_DELIVERED) {
		*ret_next = trace_enter(m->netns, "lo");
		return NULL;
	}
	if (l.fate != DATAPATH_SENT) {
		trace_say(w, place, "there is no route to %s by %s",
			  trace_addr(w, &w->to), m->name);
		trace_cure(w,
			   "a route to %s by %s in its namespace, such as `routes:` of "
			   "the master",
			   trace_addr(w, &w->to), m->name);
		*ret_next = trace_lost();
		return NULL;
	}
	*ret_next = (struct trace_point){.place = TRACE_WIRE,
					 .netns = m->netns,
					 .device = m->name,
					 .master = m,
					 .next = l.via.family ? l.via : w->to,
					 .is_guessed = l.is_guessed};
	/* kernel.md 11 */
	trace_say(w, place, "%s is %s %s; it passes output and postrouting",
		  trace_addr(w, &w->to),
		  l.via.family   ? "behind"
		  : l.is_guessed ? "in no route, and taken to be on the link of"
				 : "on the link of",
		  l.via.family ? trace_addr(w, &l.via) : m->name);
	return NULL;
}

static struct err *pass_l3(struct trace_walk *w, const struct trace_point *at,
			   struct trace_point *ret_next)
{
	const struct model_master *m = at->master;
	const struct model_slave *owner = trace_owner(m, &w->to);
	bool is_vepa = m->seen.flag == MODEL_FLAG_VEPA;

	if (owner && !is_vepa) {
		*ret_next = m->seen.flag == MODEL_FLAG_PRIVATE ? drop_private(w, m)
							       : deliver(w, m, owner);
		return NULL;
	}
	trace_say(w, m->name, "%s: %s, so the routes of %s decide", port_label(w, m),
		  is_vepa ? "nothing is switched between slaves"
			  : arena_printf(w->a, "no slave has %s", trace_addr(w, &w->to)),
		  trace_netns_label(m->netns));
	return pass_by_host(w, m, ret_next);
}

static struct trace_point pass_broadcast(struct trace_walk *w,
					 const struct trace_point *at)
{
	const struct model_master *m = at->master;

	if (!trace_is_l2(m)) {
		trace_say(w, m->name, "%s: broadcast and multicast are dropped",
			  port_label(w, m));
		trace_cure(w, "`mode: l2` on %s", m->name);
		return trace_lost();
	}
	trace_say(w, m->name, "%s: to every slave that is up, and to the wire; not to %s",
		  port_label(w, m), trace_netns_label(m->netns));
	return (struct trace_point){
		.place = TRACE_END, .master = m, .verdict = TRACE_ARRIVES};
}

/* kernel.md 38. */
static bool lacks_neighbours(const struct trace_point *at)
{
	const struct link_type *t = link_type_find_kind(at->slave->seen.kind);

	return !at->is_broadcast && t && link_type_has_wrong_arp(t, at->slave);
}

static struct trace_point stop_without_neighbours(struct trace_walk *w,
						  const struct trace_point *at)
{
	const struct model_master *m = at->master;
	const char *name = trace_label(w, m, at->slave);
	const char *is = at->slave->seen.is_noarp ? "off" : "on";
	const char *other = at->slave->seen.is_noarp ? "on" : "off";
	char mode[8];

	/* An IPv6 neighbour on the same master still finds it, if it was found before. */
	if (at->next.family == AF_INET6 && trace_owner(m, &at->next) &&
	    at->slave->seen.is_noarp) {
		trace_say(w, m->name, "%s has arp %s: what this does is not known", name,
			  is);
		return trace_unknown();
	}
	trace_say(w, m->name,
		  "%s has arp %s, which mode %s needs %s: it finds no neighbour", name,
		  is, model_mode_name(m->seen.mode, mode), other);
	trace_cure(w, "`ip link set %s arp %s` in its namespace", at->slave->name, other);
	return trace_lost();
}

struct err *trace_port_pass(struct trace_walk *w, const struct trace_point *at,
			    struct trace_point *ret_next)
{
	const struct model_master *m = at->master;

	/* kernel.md 19 */
	if (!at->slave->seen.has_carrier) {
		trace_say(w, m->name, "%s has no carrier, and sends nothing",
			  trace_label(w, m, at->slave));
		*ret_next = trace_lost();
		return NULL;
	}
	if (lacks_neighbours(at)) {
		*ret_next = stop_without_neighbours(w, at);
		return NULL;
	}
	if (trace_is_macvlan(m))
		return trace_macvlan_pass(w, at, ret_next);
	if (!link_type_has(link_type_of(m), LINK_HAS_PORT) ||
	    m->seen.mode > MODEL_MODE_L3S || m->seen.flag > MODEL_FLAG_VEPA) {
		trace_say(w, m->name, "%s %s: what this does is not known",
			  link_type_of(m)->kind, port_label(w, m));
		*ret_next = trace_unknown();
		return NULL;
	}
	if (at->is_broadcast) {
		*ret_next = pass_broadcast(w, at);
		return NULL;
	}
	return trace_is_l2(m) ? pass_l2(w, at, ret_next) : pass_l3(w, at, ret_next);
}
