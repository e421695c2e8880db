/* Look-ups in the tables of routes of a simulated namespace: the local table, those that rules
 * name, then main. A packet here has neither a mark nor a TOS. */
#include "datapath/sim/twin/twin_lookup.h"

#include "datapath/sim/twin/twin_route.h"
#include "datapath/sim/twin/twin_sysctl.h"

#include <errno.h>
#include <sys/socket.h>

struct search {
	const struct twin_netns *ns;
	const struct ip_addr *to, *from; /* 'from' none: not chosen yet */
	const struct twin_link *out;     /* NULL: any */
	const struct twin_link
		*vrf; /* whose table comes before those of rules; NULL: none */
};

/* Of two routes to the destination: the longer one, then the lower metric. */
static bool is_better(const struct twin_route *a, const struct twin_route *b)
{
	if (a->route.to.len != b->route.to.len)
		return a->route.to.len > b->route.to.len;
	return a->route.metric < b->route.metric;
}

static const struct twin_route *find_in(const struct search *s, uint32_t table)
{
	const struct twin_route *best = NULL;

	for (size_t i = 0; i < s->ns->n_routes; i++) {
		const struct twin_route *r = &s->ns->routes[i];

		if (r->route.table == table && ip_prefix_contains(&r->route.to, s->to) &&
		    (!s->out || !r->link || r->link == s->out) &&
		    (!best || is_better(r, best)))
			best = r;
	}
	return best && best->type == MODEL_ROUTE_THROW ? NULL : best;
}

/* Linux fib4_rule_match(), fib6_rule_match(). A source that is not chosen yet is no source. */
static bool selects(const struct model_rule *r, const struct search *s)
{
	return r->from.addr.family == s->to->family && !r->mark && !r->tos &&
	       ip_prefix_contains(&r->to, s->to) &&
	       (!r->from.len ||
		(s->from->family && ip_prefix_contains(&r->from, s->from)));
}

/* In the tables of the rules before or behind that for the main table. */
static const struct twin_route *find_by_rules(const struct search *s, bool is_before_main)
{
	const struct twin_route *r = NULL;

	for (size_t i = 0; i < s->ns->n_rules && !r; i++) {
		const struct model_rule *rule = &s->ns->rules[i].rule;

		if ((rule->priority < TWIN_PRIORITY_MAIN) == is_before_main &&
		    selects(rule, s))
			r = find_in(s, rule->table);
	}
	return r;
}

static const struct twin_route *find(const struct search *s)
{
	const struct twin_route *r = find_in(s, TWIN_TABLE_LOCAL);

	/* Rule 1000 (l3mdev). */
	if (!r && s->vrf)
		r = find_in(s, s->vrf->vrf_table);
	r = r ? r : find_by_rules(s, true);
	r = r ? r : find_in(s, MODEL_ROUTE_TABLE_MAIN);
	return r ? r : find_by_rules(s, false);
}

static bool is_subnet_broadcast(const struct twin_link *l, const struct ip_addr *to)
{
	for (size_t i = 0; i < l->n_addresses; i++) {
		const struct ip_prefix *p = &l->addresses[i].prefix;
		struct ip_addr last = ip_prefix_network(p).addr;

		if (last.family != AF_INET || p->len > 30)
			continue;
		for (unsigned int bit = p->len; bit < 32; bit++)
			last.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
		if (!ip_addr_cmp(&last, to))
			return true;
	}
	return false;
}

static bool is_limited_broadcast(const struct ip_addr *a)
{
	return a->family == AF_INET && a->bytes[0] == 255 && a->bytes[1] == 255 &&
	       a->bytes[2] == 255 && a->bytes[3] == 255;
}

/* The VRF that the device is, or is a member of; NULL: none. */
static const struct twin_link *vrf_of(const struct twin_link *l)
{
	return twin_link_is_vrf(l)                    ? l
	       : l && twin_link_is_vrf(l->controller) ? l->controller
						      : NULL;
}

/* The device of a broadcast or a multicast; NULL if it is neither. */
static const struct twin_link *broadcast_link(const struct search *s)
{
	const struct twin_route *r;

	for (const struct twin_link *l = s->ns->links; l; l = l->hh.next) {
		if (l->is_up && (!s->out || l == s->out) && vrf_of(l) == s->vrf &&
		    is_subnet_broadcast(l, s->to))
			return l;
	}
	if (!ip_addr_is_multicast(s->to) && !is_limited_broadcast(s->to))
		return NULL;
	r = s->vrf ? NULL : find_in(s, MODEL_ROUTE_TABLE_MAIN);
	return s->out ? s->out : r ? r->link : s->vrf;
}

/* One that shares the subnet of the next hop, else the first. */
static struct ip_addr address_on(const struct twin_link *l, const struct ip_addr *next)
{
	struct ip_addr first = {0};

	for (size_t i = 0; i < l->n_addresses; i++) {
		const struct twin_addr *a = &l->addresses[i];

		if (a->prefix.addr.family != next->family || a->is_tentative ||
		    ip_addr_is_link_local(&a->prefix.addr) ||
		    (next->family == AF_INET && a->scope == TWIN_SCOPE_HOST))
			continue;
		if (ip_prefix_contains(&a->prefix, next))
			return a->prefix.addr;
		if (!first.family)
			first = a->prefix.addr;
	}
	return first;
}

/* Linux inet_select_addr(), ipv6_dev_get_saddr(): of another device, if this one has none. */
static struct ip_addr source_on(const struct twin_link *l, const struct ip_addr *next)
{
	struct ip_addr found = address_on(l, next);

	for (const struct twin_link *o = l->ns->links; o && !found.family; o = o->hh.next)
		found = address_on(o, next);
	return found;
}

static int errno_of(uint8_t type)
{
	return type == MODEL_ROUTE_BLACKHOLE  ? EINVAL
	       : type == MODEL_ROUTE_PROHIBIT ? EACCES
					      : EHOSTUNREACH;
}

/* Linux fib_validate_source(): a reply must leave by the device that the packet came by. */
static bool passes_rp_filter(const struct twin_netns *s, const struct twin_link *in,
			     const struct datapath_lookup *l)
{
	const struct twin_route *back;

	if (l->from.family != AF_INET || !twin_sysctl_is_on(in, "ipv4.rp_filter"))
		return true;
	back = find(&(struct search){s, &l->from, &l->to, NULL, vrf_of(in)});
	return back && (back->link == in || (back->link && back->link->controller == in));
}

static bool forwards(const struct twin_netns *s, int family)
{
	const char *value = twin_sysctl_get(
		s, NULL, family == AF_INET ? "ipv4.forwarding" : "ipv6.forwarding");

	return *value && *value != '0';
}

static void refuse(struct datapath_lookup *l, int sys_errno)
{
	l->fate = DATAPATH_REFUSED;
	l->sys_errno = sys_errno;
}

static void answer(const struct twin_netns *s, const struct twin_link *in,
		   const struct twin_route *r, struct datapath_lookup *l)
{
	if (r->type >= TWIN_ROUTE_BLACKHOLE) {
		refuse(l, errno_of(r->type));
		return;
	}
	l->fate = r->type == TWIN_ROUTE_LOCAL ? DATAPATH_DELIVERED : DATAPATH_SENT;
	if (in && l->fate == DATAPATH_SENT && !forwards(s, l->to.family)) {
		refuse(l, EHOSTUNREACH);
		return;
	}
	l->device = l->fate == DATAPATH_DELIVERED ? "lo" : r->link->name;
	l->via = r->route.via;
	l->source = l->from.family ? l->from
		    : r->route.from.family
			    ? r->route.from
			    : source_on(r->link, l->via.family ? &l->via : &l->to);
}

/* Linux ip_route_output_key_hash_rcu(): it is taken to be on the link. */
static void guess(const struct twin_link *out, struct datapath_lookup *l)
{
	l->fate = DATAPATH_SENT;
	l->is_guessed = true;
	l->device = out->name;
	l->source = l->from.family ? l->from : source_on(out, &l->to);
}

void twin_lookup(const struct twin_netns *s, const struct twin_link *in,
		 const struct twin_link *out, struct datapath_lookup *l)
{
	const struct search search = {s, &l->to, &l->from,
				      twin_link_is_vrf(out) ? NULL : out,
				      vrf_of(in ? in : out)};
	const struct twin_link *all = broadcast_link(&search);
	const struct twin_route *r;

	if (in && !passes_rp_filter(s, in, l)) {
		refuse(l, EXDEV);
		return;
	}
	if (twin_link_is_vrf(out) && !out->is_up) {
		refuse(l, ENETUNREACH);
		return;
	}
	if (all) {
		l->fate = DATAPATH_BROADCAST;
		l->device = all->name;
		l->source = l->from.family ? l->from : source_on(all, &l->to);
		return;
	}
	r = find(&search);
	if (r)
		answer(s, in, r, l);
	else if (out && !search.vrf && l->to.family == AF_INET)
		guess(out, l);
	else
		refuse(l, ENETUNREACH);
}
