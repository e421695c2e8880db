/* The messages of the simulated kernel, queued until the provider drains them. What they
 * mean to it is in sim_decode.c. */
#include "datapath/sim/twin/twin_event.h"

#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_route.h"
#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static struct twin_message *add(struct twin_world *w, enum twin_message_kind kind,
				uint64_t ns)
{
	struct twin_message *m = xcalloc(1, sizeof(*m));

	m->kind = kind;
	m->ns = ns;
	m->is_own = w->is_own;
	*w->messages_end = m;
	w->messages_end = &m->next;
	return m;
}

static bool is_heard(const struct twin_netns *s)
{
	return s->is_known || !*s->name;
}

static struct twin_message *add_link(struct twin_world *w, const struct twin_link *l,
				     enum twin_message_kind kind)
{
	struct twin_message *m;

	if (!is_heard(l->ns) || twin_link_is_lo(l) || l->is_unborn)
		return NULL;
	m = add(w, kind, l->ns->id);
	m->link = twin_link_view(l);
	m->ifindex = l->ifindex;
	return m;
}

void twin_event_link(struct twin_world *w, const struct twin_link *l)
{
	(void)add_link(w, l, TWIN_MSG_LINK);
}

void twin_event_failover(struct twin_world *w, const struct twin_link *l)
{
	struct twin_message *m = add_link(w, l, TWIN_MSG_LINK);

	if (m)
		m->link.has_failed_over = true;
}

void twin_event_state(struct twin_world *w, const struct twin_link *l)
{
	if (l->is_up)
		twin_event_link(w, l);
}

void twin_event_added(struct twin_world *w, const struct twin_link *l)
{
	struct twin_message *m = add_link(w, l, TWIN_MSG_LINK);

	if (m)
		m->link.has_come = true;
}

void twin_event_gone(struct twin_world *w, const struct twin_link *l, uint32_t moved_to)
{
	struct twin_message *m = add_link(w, l, TWIN_MSG_LINK_GONE);

	if (m)
		m->link.moved_to = moved_to;
}

void twin_event_ipv6(struct twin_world *w, const struct twin_link *l)
{
	(void)add_link(w, l, TWIN_MSG_IPV6);
}

/* In IPv6 no process is named. */
void twin_event_address(struct twin_world *w, const struct twin_link *l,
			const struct twin_addr *a, bool is_gone)
{
	struct twin_message *m;

	if (!is_heard(l->ns))
		return;
	m = add(w, is_gone ? TWIN_MSG_ADDR_GONE : TWIN_MSG_ADDR, l->ns->id);
	m->ifindex = l->ifindex;
	m->addr = *a;
	m->is_anybodys = a->prefix.addr.family == AF_INET6;
	m->is_own &= !m->is_anybodys;
}

void twin_event_route(struct twin_world *w, const struct twin_netns *s,
		      const struct twin_route *r, bool is_gone,
		      const struct twin_route *old)
{
	struct twin_message *m;

	if (!is_heard(s))
		return;
	m = add(w, is_gone ? TWIN_MSG_ROUTE_GONE : TWIN_MSG_ROUTE, s->id);
	m->ifindex = twin_link_is_lo(r->link) ? 0 : r->link->ifindex;
	m->route = r->route;
	m->protocol = r->protocol;
	m->type = r->type;
	m->is_replacement = old;
}

void twin_event_rule(struct twin_world *w, const struct twin_netns *s,
		     const struct twin_rule *r, bool is_gone)
{
	struct twin_message *m;

	if (!is_heard(s))
		return;
	m = add(w, is_gone ? TWIN_MSG_RULE_GONE : TWIN_MSG_RULE, s->id);
	m->rule = r->rule;
	m->protocol = r->protocol;
}

void twin_event_routes_gone(struct twin_world *w, const struct twin_link *l)
{
	for (size_t i = 0; i < l->ns->n_routes; i++) {
		const struct twin_route *r = &l->ns->routes[i];

		if (r->link == l && r->route.to.addr.family == AF_INET6 &&
		    !twin_route_is_automatic(r) && !twin_route_is_in_local(r))
			twin_event_route(w, l->ns, r, true, NULL);
	}
}

void twin_event_netns(struct twin_world *w, const char *name, const char *what)
{
	struct twin_message *m;

	/* A process starts and ends without an event (kernel.md 20). */
	if (model_netns_pid(name))
		return;
	/* The provider has noted its own changes (sim_apply.c). */
	if (w->is_own)
		return;
	m = add(w, TWIN_MSG_NETNS, 0);
	m->text = xstrdup(name);
	m->what = xstrdup(what);
}

void twin_event_file(struct twin_world *w, const char *netns, const char *name)
{
	struct twin_message *m = add(w, TWIN_MSG_FILE, 0);

	m->text = xstrdup(netns);
	m->name = xstrdup(name);
}

void twin_event_nsid_gone(struct twin_world *w, const struct twin_netns *s)
{
	if (s->is_known)
		(void)add(w, TWIN_MSG_NSID_GONE, s->id);
}

static bool is_of_inotify(const struct twin_message *m)
{
	return m->kind == TWIN_MSG_NETNS || m->kind == TWIN_MSG_FILE;
}

struct twin_message *twin_event_take(struct twin_world *w, bool of_inotify)
{
	struct twin_message **at = &w->messages, *m;

	while (*at && is_of_inotify(*at) != of_inotify)
		at = &(*at)->next;
	m = *at;
	if (!m)
		return NULL;
	*at = m->next;
	if (!m->next)
		w->messages_end = at;
	return m;
}

void twin_event_free(struct twin_message *m)
{
	if (!m)
		return;
	free(m->text);
	free(m->what);
	free(m->name);
	free(m);
}

void twin_event_drop_all(struct twin_world *w)
{
	struct twin_message *m;

	while ((m = twin_event_take(w, true)) || (m = twin_event_take(w, false)))
		twin_event_free(m);
}
