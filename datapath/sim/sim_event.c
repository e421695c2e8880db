/* The events of the simulated kernel: a queue, filled by every change that another
 * process makes, emptied by drain(). */
#include "datapath/sim/sim_event.h"

#include "lib/alloc.h"

#include <stdarg.h>
#include <stdlib.h>

static void add_event(struct sim_world *w, enum datapath_event_kind kind,
		      const char *netns, const char *name, char *what, const char *by)
{
	struct sim_event *e = xcalloc(1, sizeof(*e));

	e->kind = kind;
	e->netns = xstrdup(netns);
	e->name = xstrdup(name);
	e->what = what;
	e->by = xstrdup(by);
	*w->events_end = e;
	w->events_end = &e->next;
}

/* One event for each text of the namespace. */
static void add_device_events(struct sim_world *w, enum datapath_event_kind kind,
			      const struct sim_link *l, const char *what, const char *by)
{
	const struct sim_netns *s, *next;

	HASH_ITER (hh, w->netns, s, next) {
		if (s == l->ns || s->same == l->ns)
			add_event(w, kind, s->name, l->name, xstrdup(what), by);
	}
}

static void add_link_event(struct sim_world *w, const struct sim_link *l,
			   const char *what)
{
	if (w->is_silent)
		return;
	add_device_events(w, DATAPATH_SLAVE_CHANGED, l, what, "");
	if (sim_link_is_ipvlan(l))
		l = l->lower;
	add_device_events(w, DATAPATH_MASTER_CHANGED, l, "", "");
}

void sim_event_link(struct sim_world *w, const struct sim_link *l, const char *what)
{
	char *text = !strcmp(what, "mtu") ? xasprintf("mtu %u", l->mtu) : xstrdup(what);

	add_link_event(w, l, text);
	free(text);
}

void sim_event_port(struct sim_world *w, const struct sim_link *l)
{
	add_link_event(w, l, "mode changed");
}

void sim_event_added(struct sim_world *w, const struct sim_link *l)
{
	const char *ns = l->ns->name;
	char *what, *by;

	if (w->is_silent)
		return;
	what = xasprintf("%s called %s added", *l->kind ? l->kind : "device", l->name);
	add_device_events(w, DATAPATH_SLAVE_CHANGED, l, what, "");
	by = xasprintf("the %s %s%s%s, which is not ours", l->kind, ns, *ns ? "/" : "",
		       l->name);
	if (sim_link_is_ipvlan(l))
		add_device_events(w, DATAPATH_MASTER_CHANGED, l->lower, "", by);
	else
		add_device_events(w, DATAPATH_MASTER_CHANGED, l, "", "");
	free(what);
	free(by);
}

void sim_event_arrived(struct sim_world *w, const struct sim_link *l)
{
	(void)w;
	(void)l;
}

void sim_event_gone(struct sim_world *w, const struct sim_link *l)
{
	add_link_event(w, l, "deleted");
}

void sim_event_moved(struct sim_world *w, const struct sim_link *l)
{
	add_link_event(w, l, "moved to another namespace");
	if (!w->is_silent)
		add_event(w, DATAPATH_STRAYED, "", "",
			  xstrdup("moved to another namespace"), "");
}

void sim_event_renamed(struct sim_world *w, const struct sim_link *l, const char *name)
{
	char *what = xasprintf("renamed to %s", name);

	add_link_event(w, l, what);
	free(what);
	if (!w->is_silent && l->group == w->config.mark)
		add_event(w, DATAPATH_STRAYED, "", "", xstrdup("renamed"), "");
}

void sim_event_master(struct sim_world *w, const struct sim_link *l)
{
	if (!w->is_silent)
		add_device_events(w, DATAPATH_MASTER_CHANGED, l, "", "");
}

void sim_event_ipv6(struct sim_world *w, const struct sim_link *l)
{
	add_link_event(w, l, "");
}

void sim_event_address(struct sim_world *w, const struct sim_link *l,
		       const struct sim_addr *a, const char *what)
{
	char buf[IP_TEXT_BYTES];
	char *text = xasprintf("address %s %s", ip_prefix_format(&a->prefix, buf), what);

	add_link_event(w, l, text);
	free(text);
}

void sim_event_freed(struct sim_world *w, const struct sim_link *l)
{
	struct sim_link *other, *next;

	HASH_ITER (hh, l->ns->links, other, next) {
		if (other == l || w->is_silent)
			continue;
		add_device_events(w, DATAPATH_SLAVE_CHANGED, other, "", "");
		add_device_events(w, DATAPATH_MASTER_CHANGED, other, "", "");
	}
}

void sim_event_route(struct sim_world *w, const struct sim_netns *s,
		     const struct sim_route *r, const char *what)
{
	char *text = xasprintf("route %s", what);

	(void)s;
	if (strcmp(what, "added") != 0 && r->protocol != w->config.route_protocol)
		sim_event_freed(w, r->link);
	add_link_event(w, r->link, text);
	free(text);
}

void sim_event_replaced(struct sim_world *w, const struct sim_netns *s,
			const struct sim_route *old)
{
	(void)s;
	sim_event_freed(w, old->link);
	add_link_event(w, old->link, "route removed");
}

void sim_event_netns(struct sim_world *w, const char *name, const char *what)
{
	if (!w->is_silent)
		add_event(w, DATAPATH_NETNS_CHANGED, name, "", xstrdup(what), "");
}

void sim_event_nsid_gone(struct sim_world *w, const struct sim_netns *s)
{
	(void)w;
	(void)s;
}

struct sim_event *sim_event_take(struct sim_world *w)
{
	struct sim_event *e = w->events;

	if (!e)
		return NULL;
	w->events = e->next;
	if (!e->next)
		w->events_end = &w->events;
	return e;
}

struct sim_event *sim_event_take_netns(struct sim_world *w)
{
	struct sim_event **at = &w->events, *e;

	while (*at && (*at)->kind != DATAPATH_NETNS_CHANGED)
		at = &(*at)->next;
	e = *at;
	if (!e)
		return sim_event_take(w);
	*at = e->next;
	if (!e->next)
		w->events_end = at;
	return e;
}

void sim_event_free(struct sim_event *e)
{
	if (!e)
		return;
	free(e->netns);
	free(e->name);
	free(e->what);
	free(e->by);
	free(e);
}
