/* From the messages of the simulated kernel to events, by the rules of
 * datapath/kernel/events/events_decode.c: what is remembered of a device decides what a message
 * means, and equal events are passed on once. */
#include "datapath/sim/sim_decode.h"

#include "datapath/sim/sim_cache.h"
#include "datapath/sim/sim_change.h"
#include "datapath/sim/sim_match.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_route.h"
#include "datapath/sim/twin/twin_world.h"

#include <string.h>
#include <sys/socket.h>

struct sim_emitted {
	const char *text;
	struct sim_emitted *next;
};

/* A device with our mark that no observation has seen. */
struct sim_unseen {
	struct sim_key key;
	bool is_gone;
	struct sim_unseen *next;
};

struct cause {
	const char *what, *by;
	bool reaches_upper, has_failed_over;
};

static void emit(struct sim_sink *s, enum datapath_event_kind kind, const char *netns,
		 const char *name, struct cause c)
{
	const struct datapath_event e = {.kind = kind,
					 .netns = netns,
					 .name = name,
					 .what = c.what,
					 .reaches_upper = c.reaches_upper,
					 .has_failed_over = c.has_failed_over,
					 .by = c.by};
	const char *text = arena_printf(s->a, "%d\n%s\n%s\n%s\n%d %d\n%s", (int)kind,
					netns, name, c.what, c.reaches_upper,
					c.has_failed_over, c.by ? c.by : "");
	struct sim_emitted *new;

	for (const struct sim_emitted *i = s->emitted; i; i = i->next) {
		if (!strcmp(i->text, text))
			return;
	}
	new = arena_alloc(s->a, sizeof(*new));
	*new = (struct sim_emitted){text, s->emitted};
	s->emitted = new;
	s->fn(s->aux, &e);
	if (s->are_doubled)
		s->fn(s->aux, &e);
}

static void emit_device(struct sim_sink *s, enum datapath_event_kind kind, uint64_t ns,
			const char *name, struct cause c)
{
	const struct sim_text *t = sim_cache_texts(s->w->cache, ns);

	for (; t; t = sim_cache_next_text(t))
		emit(s, kind, t->text, name, c);
}

static void emit_known(struct sim_sink *s, const struct sim_known *d, const char *name,
		       struct cause c)
{
	enum datapath_event_kind kind =
		d->is_master ? DATAPATH_MASTER_CHANGED : DATAPATH_SLAVE_CHANGED;

	emit_device(s, kind, d->key.ns, name, c);
	if (sim_cache_is_beside_master(d, d->key.ns))
		emit(s, DATAPATH_SLAVE_CHANGED, "", name, c);
	/* Its row has the old name. */
	if (*d->place && strcmp(d->place, name) != 0 && d->key.ns == d->place_ns)
		emit_device(s, kind, d->key.ns, d->place, c);
}

/* It is in another namespace by now, if it is. */
static void emit_place(struct sim_sink *s, const struct sim_known *d, struct cause c)
{
	if (!*d->place || d->place_ns == d->key.ns)
		return;
	emit_device(s, DATAPATH_SLAVE_CHANGED, d->place_ns, d->place, c);
	if (sim_cache_is_beside_master(d, d->place_ns))
		emit(s, DATAPATH_SLAVE_CHANGED, "", d->place, c);
}

/* The masters that a message may mean: it names its lower device by an index alone. */
static void emit_masters(struct sim_sink *s, const struct sim_known *of,
			 const struct twin_view *v, struct cause c)
{
	const struct sim_known *d =
		of ? sim_cache_find(s->w->cache, of->view.lower_ns, of->view.lower)
		   : NULL;
	const struct sim_known *next;

	if (d && d->is_master) {
		emit_known(s, d, d->view.name, c);
		return;
	}
	HASH_ITER (hh, s->w->cache->devices, d, next) {
		if (d->is_master && d->key.ifindex == v->lower)
			emit_known(s, d, d->view.name, c);
	}
}

static void note_unseen(struct sim_sink *s, struct sim_key key, bool is_gone)
{
	struct sim_unseen *u = s->unseen;

	while (u && memcmp(&u->key, &key, sizeof(key)) != 0)
		u = u->next;
	if (!u) {
		u = arena_alloc(s->a, sizeof(*u));
		u->key = key;
		u->next = s->unseen;
		s->unseen = u;
	}
	u->is_gone = is_gone;
}

static void emit_unknown(struct sim_sink *s, const struct twin_message *m, bool is_gone)
{
	const struct twin_view *v = &m->link;
	struct cause c = {.what = is_gone ? "deleted" : ""};

	emit_device(s, DATAPATH_SLAVE_CHANGED, m->ns, v->name, c);
	if (!v->is_in_port) {
		emit_device(s, DATAPATH_MASTER_CHANGED, m->ns, v->name, c);
		/* A macvlan keeps the slaves of other kinds off the device below. */
		if (v->lower && link_type_family(v->kind))
			emit_masters(s, NULL, v, (struct cause){.what = ""});
		return;
	}
	if (v->group != s->w->config.mark) {
		const char *stranger =
			sim_change_stranger(s->a, sim_cache_texts(s->w->cache, m->ns), v);

		c.what = arena_printf(s->a, "%s, %s", stranger,
				      is_gone ? "removed" : "is on it");
		if (!is_gone && v->has_come)
			c.by = stranger;
	}
	emit_masters(s, NULL, v, c);
}

/* Routes of some device there may have vanished without a message (kernel.md 8). */
static void emit_blocked(struct sim_sink *s, uint64_t ns)
{
	const struct sim_known *d, *next;

	HASH_ITER (hh, s->w->cache->devices, d, next) {
		if (d->meets_foreign_route && d->key.ns == ns)
			emit_known(s, d, d->view.name, (struct cause){.what = ""});
	}
}

static void take_link_gone(struct sim_sink *s, struct sim_known *d,
			   const struct twin_message *m)
{
	const struct twin_view *v = &m->link;
	struct cause c = {.what = v->moved_to ? "moved to another namespace" : "deleted"};
	struct sim_key key = {.ns = m->ns, .ifindex = v->ifindex};

	if (!d) {
		note_unseen(s, key, true);
		if (!m->is_own)
			emit_unknown(s, m, true);
		return;
	}
	emit_known(s, d, d->view.name, c);
	emit_place(s, d, c);
	if (v->is_in_port)
		emit_masters(s, d, v, (struct cause){.what = ""});
	d->moved_to = v->moved_to;
	if (v->moved_to && v->group == s->w->config.mark)
		emit(s, DATAPATH_STRAYED, "", "", c);
	if (!v->moved_to)
		sim_cache_forget(s->w->cache, key.ns, key.ifindex);
}

static void take_known_link(struct sim_sink *s, struct sim_known *d, struct twin_view v)
{
	bool is_birth =
		d->is_new && !strcmp(d->view.name, v.name) && d->view.group == v.group;
	const char *what = sim_change_text(s->a, &d->view, &v);
	const char *port =
		model_port_change(s->a, d->view.mode, d->view.flag, v.mode, v.flag);
	bool has_flipped = d->view.is_noarp != v.is_noarp;

	if (is_birth) {
		/* Setting it up is the last step of making it. */
		d->is_new = d->view.is_up && !v.is_up;
		v.is_up |= d->view.is_up;
	} else {
		/* A message about a master without a visible change means that a device on
		 * it was added or removed. */
		d->has_flipped |= has_flipped && v.is_in_port;
		if (*what || (has_flipped && !v.is_in_port) || d->is_master)
			emit_known(s, d, d->view.name,
				   (struct cause){.what = what,
						  .reaches_upper = d->view.mtu != v.mtu,
						  .has_failed_over = v.has_failed_over});
		if (strcmp(d->view.name, v.name) != 0)
			emit_known(s, d, v.name, (struct cause){.what = ""});
		/* The port's mode is about to change: the message has the old one. */
		if ((*what || *port || has_flipped) && v.is_in_port)
			emit_masters(s, d, &v, (struct cause){.what = port});
		/* A device of ours may now have a name that no row has. */
		if (strcmp(d->view.name, v.name) != 0 && v.group == s->w->config.mark)
			emit(s, DATAPATH_STRAYED, "", "",
			     (struct cause){.what = "renamed"});
	}
	d->view = v;
	d->moved_to = 0;
}

static void take_link(struct sim_sink *s, const struct twin_message *m)
{
	const struct twin_view *v = &m->link;
	struct sim_known *d;

	if (m->kind == TWIN_MSG_LINK_GONE || !v->is_up)
		emit_blocked(s, m->ns);
	d = sim_cache_find(s->w->cache, m->ns, v->ifindex);
	if (m->kind == TWIN_MSG_LINK_GONE)
		take_link_gone(s, d, m);
	else if (d)
		take_known_link(s, d, *v);
	else if (v->group == s->w->config.mark)
		note_unseen(s, (struct sim_key){.ns = m->ns, .ifindex = v->ifindex},
			    false);
	else
		emit_unknown(s, m, false);
}

static void take_ipv6(struct sim_sink *s, const struct twin_message *m)
{
	struct sim_known *d = sim_cache_find(s->w->cache, m->ns, m->ifindex);

	if (!d || !d->lacks_ipv6)
		return;
	d->lacks_ipv6 = false;
	emit_known(s, d, d->view.name, (struct cause){.what = ""});
}

static bool concerns_us(const struct sim_known *d, const struct twin_addr *a)
{
	for (size_t i = 0; i < d->n_declared; i++) {
		if (!ip_addr_cmp(&d->declared[i], &a->prefix.addr))
			return true;
	}
	if (!d->declares_link_local && ip_addr_is_link_local(&a->prefix.addr))
		return false;
	return d->is_master ||
	       (a->valid_s == UINT32_MAX && a->protocol <= TWIN_ADDR_PROTO_KERNEL);
}

/* A foreign ipvlan that kept an address from a slave has lost one. */
static void emit_released(struct sim_sink *s, const struct twin_message *m)
{
	const struct twin_netns *ns = twin_netns_find_id(s->w, m->ns);
	struct twin_link *l = ns ? twin_link_find_index(ns, m->ifindex) : NULL;
	struct twin_view v;

	if (!l || !l->is_holder)
		return;
	l->is_holder = false;
	v = twin_link_view(l);
	emit_masters(s, NULL, &v, (struct cause){.what = ""});
}

static void take_addr(struct sim_sink *s, const struct twin_message *m)
{
	bool is_gone = m->kind == TWIN_MSG_ADDR_GONE;
	bool has_lifetime =
		m->addr.valid_s != UINT32_MAX || m->addr.preferred_s != UINT32_MAX;
	const struct sim_known *d;
	char buf[IP_TEXT_BYTES];
	const char *what;

	/* The provider's filter: new link-local addresses follow from other events. */
	if (!is_gone && m->addr.prefix.addr.family == AF_INET6 &&
	    ip_addr_is_link_local(&m->addr.prefix.addr))
		return;
	if (is_gone) {
		emit_blocked(s, m->ns);
		emit_released(s, m);
	}
	d = m->is_own ? NULL : sim_cache_find(s->w->cache, m->ns, m->ifindex);
	if (!d || !concerns_us(d, &m->addr))
		return;
	what = is_gone                ? "removed"
	       : m->addr.is_duplicate ? "is a duplicate"
	       : has_lifetime         ? "got a lifetime"
				      : "added";
	if (!is_gone && m->is_anybodys && !m->addr.is_duplicate)
		what = "";
	if (*what)
		what = arena_printf(s->a, "address %s %s",
				    ip_prefix_format(&m->addr.prefix, buf), what);
	emit_known(s, d, d->view.name, (struct cause){.what = what});
}

/* A route of some other device was removed or replaced. */
static void emit_neighbours(struct sim_sink *s, uint64_t ns, struct cause c)
{
	const struct sim_known *d, *next;

	HASH_ITER (hh, s->w->cache->devices, d, next) {
		if (d->key.ns == ns && (d->has_routes || d->meets_foreign_route))
			emit_known(s, d, d->view.name, c);
	}
}

/* Of a rule of ours, or a new route of ours without a device. */
static void emit_slaves(struct sim_sink *s, uint64_t ns, struct cause c)
{
	const struct sim_known *d, *next;

	HASH_ITER (hh, s->w->cache->devices, d, next) {
		if (d->key.ns == ns && !d->is_master)
			emit_known(s, d, d->view.name, c);
	}
}

static bool is_automatic(const struct twin_message *m)
{
	return m->route.table == TWIN_TABLE_LOCAL || m->protocol == TWIN_PROTO_KERNEL ||
	       m->protocol == TWIN_PROTO_RA || m->protocol == TWIN_PROTO_REDIRECT;
}

static void take_route(struct sim_sink *s, const struct twin_message *m)
{
	bool is_gone = m->kind == TWIN_MSG_ROUTE_GONE;
	bool is_ours = m->protocol == s->w->config.route_protocol;
	const struct sim_known *d = sim_cache_find(s->w->cache, m->ns, m->ifindex);
	struct model_route route = twin_route_model(&m->route, m->type);
	const char *text = model_route_text(s->a, &route);
	struct cause c = {.what = arena_printf(s->a, "route %s %s", text,
					       is_gone ? "removed" : "added")};

	if (m->is_own)
		return;
	if (is_automatic(m)) {
		bool is_local = m->route.table == TWIN_TABLE_LOCAL;

		if (is_gone && d && !d->is_master && m->type <= TWIN_ROUTE_LOCAL)
			emit_known(
				s, d, d->view.name,
				(struct cause){.what = arena_printf(
						       s->a, "route %s removed%s", text,
						       is_local ? " from the local table"
								: "")});
		return;
	}
	if (d && (!d->is_master || is_ours))
		emit_known(s, d, d->view.name, c);
	if ((!d || !is_ours) && (is_gone || m->is_replacement))
		emit_neighbours(s, m->ns, c);
	if (!is_gone && is_ours && model_route_is_reject(&route))
		emit_slaves(s, m->ns, c);
}

static void take_rule(struct sim_sink *s, const struct twin_message *m)
{
	const char *what = m->kind == TWIN_MSG_RULE_GONE ? "removed" : "added";

	if (m->is_own || m->protocol != s->w->config.route_protocol)
		return;
	emit_slaves(s, m->ns,
		    (struct cause){.what = arena_printf(s->a, "rule %s %s",
							model_rule_text(s->a, &m->rule),
							what)});
}

/* An observation may have seen it first. A path that none has used is not watched. */
static void take_netns(struct sim_sink *s, const struct twin_message *m)
{
	const struct twin_netns *now = twin_netns_find_alive(s->w, m->text);
	uint64_t known = 0;
	bool is_watched =
		sim_cache_find_text(s->w->cache, m->text, &known) || *m->text != '/';

	if (!is_watched || (now && now->id == known))
		return;
	sim_cache_drop_text(s->w->cache, m->text);
	emit(s, DATAPATH_NETNS_CHANGED, m->text, "", (struct cause){.what = m->what});
}

static void take_file(struct sim_sink *s, const struct twin_message *m)
{
	emit(s, DATAPATH_SLAVE_CHANGED, m->text, m->name,
	     (struct cause){.what = "resolv.conf changed"});
}

static void take_nsid_gone(struct sim_sink *s, const struct twin_message *m)
{
	const struct sim_text *t = sim_cache_texts(s->w->cache, m->ns);
	const struct sim_known *d, *next;

	for (; t; t = sim_cache_next_text(t))
		emit(s, DATAPATH_NETNS_CHANGED, t->text, "",
		     (struct cause){.what = "is gone"});
	/* No message about a device follows. */
	HASH_ITER (hh, s->w->cache->devices, d, next) {
		if (d->key.ns == m->ns)
			emit_place(s, d, (struct cause){.what = "deleted"});
	}
	sim_cache_forget_netns(s->w->cache, m->ns);
}

static void emit_watched(struct sim_sink *s, const struct twin_message *m)
{
	const struct sim_watch *w;

	for (w = s->w->cache->watches; w; w = w->next) {
		if (sim_match_concerns(s->w, w, m))
			emit_device(s, DATAPATH_MASTER_CHANGED, w->ns, w->name,
				    (struct cause){.what = ""});
	}
}

void sim_decode(struct sim_sink *s, const struct twin_message *m)
{
	emit_watched(s, m);
	switch (m->kind) {
	case TWIN_MSG_LINK:
	case TWIN_MSG_LINK_GONE:
		take_link(s, m);
		break;
	case TWIN_MSG_IPV6:
		take_ipv6(s, m);
		break;
	case TWIN_MSG_ADDR:
	case TWIN_MSG_ADDR_GONE:
		take_addr(s, m);
		break;
	case TWIN_MSG_ROUTE:
	case TWIN_MSG_ROUTE_GONE:
		take_route(s, m);
		break;
	case TWIN_MSG_RULE:
	case TWIN_MSG_RULE_GONE:
		take_rule(s, m);
		break;
	case TWIN_MSG_NETNS:
		take_netns(s, m);
		break;
	case TWIN_MSG_FILE:
		take_file(s, m);
		break;
	case TWIN_MSG_NSID_GONE:
		take_nsid_gone(s, m);
		break;
	}
}

static void emit_flips(struct sim_sink *s)
{
	struct sim_known *d, *next;

	if (!sim_cache_count_flips(s->w))
		return;
	HASH_ITER (hh, s->w->cache->devices, d, next) {
		if (d->has_flipped && !sim_cache_port_flips(s->w, d))
			emit_known(s, d, d->view.name, (struct cause){.what = ""});
		d->has_flipped = false;
	}
}

void sim_decode_end(struct sim_sink *s)
{
	bool is_any = false;

	emit_flips(s);

	for (const struct sim_unseen *u = s->unseen; u; u = u->next)
		is_any |= !u->is_gone;
	if (is_any)
		emit(s, DATAPATH_STRAYED, "", "", (struct cause){.what = ""});
}

void sim_decode_loss(struct sim_sink *s)
{
	sim_cache_reset(s->w);
	emit(s, DATAPATH_ALL_CHANGED, "", "", (struct cause){.what = "events were lost"});
}
