/* What all steps of a trace use: its hops, and who is who in a survey. */
#include "datapath/trace/trace_walk.h"

#include "datapath/link_type.h"
#include "lib/alloc.h"

#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

void trace_say(struct trace_walk *w, const char *place, const char *format, ...)
{
	struct trace *t = w->trace;
	va_list args;

	t->hops = arena_grow(w->a, t->hops, t->n_hops, &w->hops_cap, sizeof(*t->hops));
	va_start(args, format);
	t->hops[t->n_hops++] = (struct trace_hop){
		.place = place,
		.text = arena_vprintf(w->a, format, args),
		.is_reply = w->is_reply,
	};
	va_end(args);
}

void trace_cure(struct trace_walk *w, const char *format, ...)
{
	va_list args;

	if (*w->trace->cure)
		return;
	va_start(args, format);
	w->trace->cure = arena_vprintf(w->a, format, args);
	va_end(args);
}

const char *trace_addr(const struct trace_walk *w, const struct ip_addr *addr)
{
	char buf[IP_TEXT_BYTES];

	return arena_strdup(w->a, ip_addr_format(addr, buf));
}

struct trace_point trace_lost(void)
{
	return (struct trace_point){.place = TRACE_END, .verdict = TRACE_LOST};
}

struct trace_point trace_unknown(void)
{
	return (struct trace_point){.place = TRACE_END, .verdict = TRACE_UNKNOWN};
}

struct trace_point trace_enter(const char *netns, const char *device)
{
	return (struct trace_point){
		.place = TRACE_ENTERS, .netns = netns, .device = device, .vrf = ""};
}

struct trace_point trace_enter_slave(struct trace_walk *w, const struct model_master *m,
				     const struct model_slave *s)
{
	const char *kind = s->seen.kind, *netns = trace_netns_of(m, s);

	/* kernel.md 34 */
	if (!strcmp(kind, "ipvtap") || !strcmp(kind, "macvtap"))
		trace_say(w, m->name,
			  "%s is of kind %s: a program that has /dev/tap%u open gets it, "
			  "in place of %s",
			  trace_label(w, m, s), kind, s->seen.ifindex,
			  trace_netns_label(netns));
	return trace_enter(netns, s->name);
}

const char *trace_netns_label(const char *netns)
{
	return *netns ? netns : "host";
}

const char *trace_netns_of(const struct model_master *m, const struct model_slave *s)
{
	return *s->netns ? s->netns : m->netns;
}

const struct model_slave *trace_find_slave(const struct model_master *m,
					   const char *netns, const char *name)
{
	return model_find_slave(m, strcmp(netns, m->netns) != 0 ? netns : "", name);
}

const char *trace_vrf_of(const struct trace_walk *w, const char *netns, const char *name)
{
	const struct model_slave *s = NULL;

	for (size_t i = 0; !s && i < w->survey->n_masters; i++)
		s = trace_find_slave(&w->survey->masters[i], netns, name);
	return s ? s->vrf : "";
}

const char *trace_label(const struct trace_walk *w, const struct model_master *m,
			const struct model_slave *s)
{
	return model_label(w->a, trace_netns_of(m, s), s->name);
}

const struct model_slave *trace_owner(const struct model_master *m,
				      const struct ip_addr *addr)
{
	for (size_t i = 0; i < m->n_slaves; i++) {
		const struct model_slave *s = &m->slaves[i];

		/* Linux ipvlan_open() enters them into the port. */
		for (size_t j = 0; s->seen.is_up && j < s->n_addresses; j++) {
			if (!ip_addr_cmp(&s->addresses[j].addr, addr))
				return s;
		}
	}
	return NULL;
}

bool trace_is_in_subnet(const struct model_slave *s, const struct ip_addr *addr)
{
	for (size_t i = 0; i < s->n_addresses; i++) {
		if (ip_prefix_contains(&s->addresses[i], addr))
			return true;
	}
	return false;
}

bool trace_is_l2(const struct model_master *m)
{
	return m->seen.mode == MODEL_MODE_L2 || m->seen.mode == MODEL_MODE_PASSTHRU;
}

bool trace_is_macvlan(const struct model_master *m)
{
	return !strcmp(link_type_of(m)->family, "macvlan");
}

const struct model_slave *trace_answering_shim(const struct trace_point *at)
{
	const struct model_master *m = at->master;

	for (size_t i = 0; i < m->n_slaves; i++) {
		const struct model_slave *s = &m->slaves[i];

		if (s != at->slave && at->next.family == AF_INET &&
		    !strcmp(trace_netns_of(m, s), m->netns) && s->seen.is_up)
			return s;
	}
	return NULL;
}

void trace_cure_host_access(struct trace_walk *w, const struct model_master *m)
{
	if (m->seen.mode == MODEL_MODE_PASSTHRU)
		return;
	trace_cure(w, "%s`host-access: %s` on %s%s",
		   m->seen.flag == MODEL_FLAG_BRIDGE ? "" : "`flag: bridge`, and ",
		   trace_is_l2(m) ? "ADDRESS" : "true", m->name,
		   trace_is_l2(m) ? ", with a free address of the slaves' subnet" : "");
}

struct trace_point trace_leave(struct trace_walk *w, const struct trace_point *at)
{
	const struct model_master *m = at->master;
	struct trace_point next = *at;

	if (!m->seen.is_up || !m->seen.has_carrier) {
		trace_say(w, m->name, m->seen.is_up ? "it has no carrier" : "it is down");
		return trace_lost();
	}
	next.place = TRACE_OUTSIDE;
	return next;
}

struct err *trace_ask_by_master(const struct trace_walk *w, const struct model_master *m,
				const struct ip_addr *to,
				struct datapath_lookup *ret_answer)
{
	*ret_answer = (struct datapath_lookup){
		.netns = m->netns, .to = *to, .in = "", .out = m->name};
	return datapath_lookup(w->dp, ret_answer, w->a);
}

struct err *trace_is_hosts(const struct trace_walk *w, const struct model_master *m,
			   const struct ip_addr *addr, bool *ret_is)
{
	struct datapath_lookup l = {.netns = m->netns, .to = *addr, .in = "", .out = ""};
	struct err *e = datapath_lookup(w->dp, &l, w->a);

	*ret_is = !e && l.fate == DATAPATH_DELIVERED;
	return e;
}
