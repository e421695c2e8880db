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

void sim_event_add(struct sim_world *w, enum datapath_event_kind kind, const char *netns,
		   const char *name, const char *format, ...)
{
	va_list args;

	if (w->is_silent)
		return;
	va_start(args, format);
	add_event(w, kind, netns, name, xvasprintf(format, args), "");
	va_end(args);
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

void sim_event_add_link(struct sim_world *w, const struct sim_link *l, const char *format,
			...)
{
	va_list args;
	char *what;

	if (w->is_silent)
		return;
	va_start(args, format);
	what = xvasprintf(format, args);
	va_end(args);
	add_device_events(w, DATAPATH_SLAVE_CHANGED, l, what, "");
	if (sim_link_is_ipvlan(l))
		l = l->lower;
	add_device_events(w, DATAPATH_MASTER_CHANGED, l, "", "");
	free(what);
}

void sim_event_add_new(struct sim_world *w, const struct sim_link *l)
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
