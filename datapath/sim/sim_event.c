/* The messages of the simulated kernel, queued until the provider drains them. What they
 * mean to it is in sim_decode.c. */
#include "datapath/sim/sim_event.h"

#include "datapath/sim/sim_cache.h"
#include "datapath/sim/sim_link.h"
#include "datapath/sim/sim_route.h"
#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static struct sim_message *add(struct sim_world *w, enum sim_message_kind kind,
			       uint64_t ns)
{
	struct sim_message *m = xcalloc(1, sizeof(*m));

	m->kind = kind;
	m->ns = ns;
	m->is_own = w->is_own;
	*w->messages_end = m;
	w->messages_end = &m->next;
	return m;
}

static bool is_heard(const struct sim_netns *s)
{
	return s->is_known || !*s->name;
}

static struct sim_message *add_link(struct sim_world *w, const struct sim_link *l,
				    enum sim_message_kind kind)
{
	struct sim_message *m;

	if (!is_heard(l->ns) || sim_link_is_lo(l) || l->is_unborn)
		return NULL;
	m = add(w, kind, l->ns->id);
	m->link = sim_link_view(l);
	m->ifindex = l->ifindex;
	return m;
}

void sim_event_link(struct sim_world *w, const struct sim_link *l)
{
	(void)add_link(w, l, SIM_MSG_LINK);
}

void sim_event_state(struct sim_world *w, const struct sim_link *l)
{
	if (l->is_up)
		sim_event_link(w, l);
}

void sim_event_added(struct sim_world *w, const struct sim_link *l)
{
	struct sim_message *m = add_link(w, l, SIM_MSG_LINK);

	if (m)
		m->link.has_come = true;
}

void sim_event_gone(struct sim_world *w, const struct sim_link *l, uint32_t moved_to)
{
	struct sim_message *m = add_link(w, l, SIM_MSG_LINK_GONE);

	if (m)
		m->link.moved_to = moved_to;
}

void sim_event_ipv6(struct sim_world *w, const struct sim_link *l)
{
	(void)add_link(w, l, SIM_MSG_IPV6);
}

/* In IPv6 no process is named. */
void sim_event_address(struct sim_world *w, const struct sim_link *l,
		       const struct sim_addr *a, bool is_gone)
{
	struct sim_message *m;

	if (!is_heard(l->ns))
		return;
	m = add(w, is_gone ? SIM_MSG_ADDR_GONE : SIM_MSG_ADDR, l->ns->id);
	m->ifindex = l->ifindex;
	m->addr = *a;
	m->is_anybodys = a->prefix.addr.family == AF_INET6;
	m->is_own &= !m->is_anybodys;
}

void sim_event_route(struct sim_world *w, const struct sim_netns *s,
		     const struct sim_route *r, bool is_gone, const struct sim_route *old)
{
	struct sim_message *m;

	if (!is_heard(s))
		return;
	m = add(w, is_gone ? SIM_MSG_ROUTE_GONE : SIM_MSG_ROUTE, s->id);
	m->ifindex = sim_link_is_lo(r->link) ? 0 : r->link->ifindex;
	m->route = r->route;
	m->protocol = r->protocol;
	m->type = r->type;
	m->is_replacement = old;
}

void sim_event_netns(struct sim_world *w, const char *name, const char *what)
{
	struct sim_message *m;

	/* A process starts and ends without an event (kernel.md 20). */
	if (model_netns_pid(name))
		return;
	/* The provider notes its own changes at once. */
	if (w->is_own) {
		sim_cache_drop_text(&w->cache, name);
		return;
	}
	m = add(w, SIM_MSG_NETNS, 0);
	m->text = xstrdup(name);
	m->what = xstrdup(what);
}

void sim_event_file(struct sim_world *w, const char *netns, const char *name)
{
	struct sim_message *m = add(w, SIM_MSG_FILE, 0);

	m->text = xstrdup(netns);
	m->name = xstrdup(name);
}

void sim_event_nsid_gone(struct sim_world *w, const struct sim_netns *s)
{
	if (s->is_known)
		(void)add(w, SIM_MSG_NSID_GONE, s->id);
}

static bool is_of_inotify(const struct sim_message *m)
{
	return m->kind == SIM_MSG_NETNS || m->kind == SIM_MSG_FILE;
}

struct sim_message *sim_event_take(struct sim_world *w, bool of_inotify)
{
	struct sim_message **at = &w->messages, *m;

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

void sim_event_free(struct sim_message *m)
{
	if (!m)
		return;
	free(m->text);
	free(m->what);
	free(m->name);
	free(m);
}

void sim_event_drop_all(struct sim_world *w)
{
	struct sim_message *m;

	while ((m = sim_event_take(w, true)) || (m = sim_event_take(w, false)))
		sim_event_free(m);
}
