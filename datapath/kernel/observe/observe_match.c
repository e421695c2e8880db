/* The devices of masters with `match`, found anew at each observation.
 *
 * Few messages: the device that the slaves are on is asked for first, and where it fits, and no
 * default route decides, it is the one. Else the links of the namespace are dumped; for a default
 * route its routes, and the devices of these are asked for. */
#include "datapath/kernel/observe/observe_match.h"

#include "datapath/kernel/netlink/nl_route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

/* A device that slaves of the master are on. */
struct carrier {
	struct cache_key key;
	size_t n;
};

struct default_route {
	uint32_t ifindex;
	uint64_t order;
};

struct search {
	struct observation *o;
	struct observed_master *m;
	struct carrier *carriers;
	size_t n_carriers, carriers_cap;
	struct default_route *routes;
	size_t n_routes, routes_cap;
};

bool observe_match_is_label(const struct observed_master *m)
{
	return m->scope && model_match_is_set(&m->scope->match);
}

static bool can_be_master(const struct search *s, const struct observed_link *f)
{
	return f->ns == s->m->ns->same && f->link.is_ethernet &&
	       !nl_link_is_in_port(&f->link) && !observe_link_is_our_master(s->o, f);
}

static void add_carrier(struct search *s, struct cache_key key)
{
	for (size_t i = 0; i < s->n_carriers; i++) {
		if (s->carriers[i].key.ifindex != key.ifindex)
			continue;
		s->carriers[i].n++;
		return;
	}
	s->carriers = arena_grow(s->o->a, s->carriers, s->n_carriers, &s->carriers_cap,
				 sizeof(*s->carriers));
	s->carriers[s->n_carriers++] = (struct carrier){.key = key, .n = 1};
}

static void find_carriers(struct search *s)
{
	for (size_t i = 0; i < s->m->n_slaves; i++) {
		const struct observed_link *f = s->m->slaves[i].found;

		if (f && observe_link_is_ours(s->o, f) && f->lower.nsid == s->m->ns->nsid)
			add_carrier(s, f->lower);
	}
}

static void take_route(void *aux, size_t number, const struct nlmsghdr *h)
{
	struct search *s = aux;
	struct nl_route r;
	uint32_t ifindex;

	(void)number;
	if (!nl_route_parse(h, &r) || r.route.to.len || r.type != RTN_UNICAST ||
	    r.route.table != RT_TABLE_MAIN)
		return;
	ifindex = r.ifindex || !r.n_hops ? r.ifindex : r.hop_ifindexes[0];
	if (!ifindex)
		return;
	s->routes = arena_grow(s->o->a, s->routes, s->n_routes, &s->routes_cap,
			       sizeof(*s->routes));
	s->routes[s->n_routes++] = (struct default_route){
		.ifindex = ifindex,
		.order = model_match_route_order(r.route.to.addr.family == AF_INET6,
						 r.route.metric)};
}

static struct err *read_routes(struct search *s)
{
	struct nl_socket *sock;
	struct nl_msg m;
	struct err *e;

	e = netns_ref_open_socket(s->o->k, s->m->ns, &sock);
	if (e)
		return e;
	nl_route_msg_dump(&m, 0, 0);
	e = nl_dump(sock, &m, take_route, s);
	netns_ref_close_socket(s->o->k, sock);
	return e ? err_wrap(e, "cannot read the default routes of %s",
			    *s->m->ns->text ? s->m->ns->text : "this namespace")
		 : NULL;
}

/* The devices below slaves, and those of default routes. */
static struct err *ask(struct search *s)
{
	struct link_query *questions =
		arena_array(s->o->a, s->n_carriers + s->n_routes, sizeof(*questions));
	size_t n = 0;

	for (size_t i = 0; i < s->n_carriers + s->n_routes; i++) {
		struct cache_key key = {.nsid = s->m->ns->nsid};

		key.ifindex = i < s->n_carriers ? s->carriers[i].key.ifindex
						: s->routes[i - s->n_carriers].ifindex;
		if (!observe_link_find(s->o, key))
			questions[n++] = (struct link_query){.ns = s->m->ns,
							     .ifindex = key.ifindex,
							     .may_be_gone = true};
	}
	return observe_link_ask(s->o, questions, n);
}

static struct model_match_device device_of(const struct search *s,
					   const struct observed_link *f)
{
	struct model_match_device d = nl_link_match_device(&f->link);

	for (size_t i = 0; i < s->n_carriers; i++) {
		if (s->carriers[i].key.ifindex == f->key.ifindex)
			d.n_carried = s->carriers[i].n;
	}
	for (size_t i = 0; i < s->n_routes; i++) {
		if (s->routes[i].ifindex != f->key.ifindex ||
		    (d.has_route && d.route_order <= s->routes[i].order))
			continue;
		d.has_route = true;
		d.route_order = s->routes[i].order;
	}
	return d;
}

/* The only device with slaves of the master; NULL if it does not fit, or there are more. */
static struct observed_link *find_only_carrier(const struct search *s)
{
	struct observed_link *f =
		s->n_carriers == 1 ? observe_link_find(s->o, s->carriers->key) : NULL;
	struct model_match_device d;

	if (!f || !can_be_master(s, f))
		return NULL;
	d = nl_link_match_device(&f->link);
	return model_match_fit(&s->m->scope->match, &d) != MODEL_MATCH_NOT ? f : NULL;
}

static void choose(struct search *s)
{
	struct observation *o = s->o;
	struct observed_link **links =
		arena_array(o->a, o->n, sizeof(struct observed_link *));
	struct model_match_device *devices = arena_array(o->a, o->n, sizeof(*devices));
	struct model_match_choice choice;
	size_t n = 0;

	for (size_t i = 0; i < o->n; i++) {
		if (!can_be_master(s, o->list[i]))
			continue;
		devices[n] = device_of(s, o->list[i]);
		links[n++] = o->list[i];
	}
	choice = model_match_choose(o->a, &s->m->scope->match, devices, n);
	s->m->found = choice.device < n ? links[choice.device] : NULL;
	s->m->other = choice.other < n ? links[choice.other] : NULL;
	s->m->candidates = choice.candidates;
}

static void note_first_route(const struct search *s)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < s->n_routes; i++) {
		if (s->routes[i].order >= least)
			continue;
		least = s->routes[i].order;
		s->m->route_ifindex = s->routes[i].ifindex;
	}
}

/* Once for all masters of a namespace. */
static struct err *dump(struct observation *o, struct observed_master *m)
{
	bool is_done = o->is_dumped;

	for (size_t i = 0; i < o->n_masters; i++)
		is_done |=
			o->masters[i].has_dumped && o->masters[i].ns->same == m->ns->same;
	m->has_dumped = true;
	return is_done ? NULL : observe_link_dump(o, m->ns->same);
}

static struct err *find(struct observation *o, struct observed_master *m)
{
	struct search s = {.o = o, .m = m};
	bool is_by_route = m->scope->match.default_route;
	struct err *e;

	find_carriers(&s);
	e = is_by_route ? read_routes(&s) : NULL;
	if (!e)
		e = ask(&s);
	if (e)
		return e;
	note_first_route(&s);
	m->found = is_by_route ? NULL : find_only_carrier(&s);
	if (m->found)
		return NULL;
	if (!is_by_route)
		e = dump(o, m);
	if (!e)
		choose(&s);
	return e;
}

/* As last observed. For the port watch, which only compares; and for a master that no row has
 * any more, whose name was never that of its device. */
static struct err *find_known(struct observation *o, struct observed_master *m)
{
	const struct cache_device *d =
		cache_find_place(&o->k->cache, m->ns->nsid, m->name);
	struct link_query q = {.ns = m->ns, .may_be_gone = true};
	struct err *e;

	if (!d || !d->is_matched)
		return NULL;
	m->found = observe_link_find(o, d->key);
	if (m->found)
		return NULL;
	q.ifindex = d->key.ifindex;
	e = observe_link_ask(o, &q, 1);
	if (!e)
		m->found = q.answer;
	return e;
}

struct err *observe_match_find(struct observation *o)
{
	struct err *e = NULL;

	for (size_t i = 0; !e && i < o->n_masters; i++) {
		struct observed_master *m = &o->masters[i];
		bool is_label = observe_match_is_label(m);

		m->candidates = "";
		if (!m->scope || m->ns->state != NETNS_LIVE)
			continue;
		if (is_label && o->depth != DATAPATH_PORTS)
			e = find(o, m);
		else if (is_label || m->scope->intent == MODEL_GONE)
			e = find_known(o, m);
	}
	return e;
}

static void remember(const struct observation *o, const struct observed_master *m)
{
	struct cache *cache = &o->k->cache;

	watches_note(&o->k->watches, &(struct watch){
					     .nsid = m->ns->nsid,
					     .name = m->name,
					     .match = m->scope->match,
					     .is_open = *m->candidates,
					     .route_ifindex = m->route_ifindex,
				     });
	if (!m->found) {
		cache_clear_place(cache, m->ns->nsid, m->name);
		return;
	}
	cache_set_place(cache, cache_get(cache, m->found->key), m->ns->nsid, m->name);
	cache_get(cache, m->found->key)->is_matched = true;
}

void observe_match_remember(const struct observation *o)
{
	for (size_t i = 0; o->depth != DATAPATH_PORTS && i < o->n_masters; i++) {
		const struct observed_master *m = &o->masters[i];

		if (!m->scope || m->ns->state != NETNS_LIVE)
			continue;
		if (observe_match_is_label(m))
			remember(o, m);
		else
			watches_drop(&o->k->watches, m->ns->nsid, m->name);
	}
}
