/* From the messages of rtnetlink to events with a text, as `ipvl-ctl drift` prints it.
 *
 * The cache shows what changed. A message about a device that is unchanged makes no
 * event, nor do addresses and routes that our own sockets wrote. */
#include "datapath/kernel/events/events_decode.h"

#include "datapath/kernel/events/events_text.h"
#include "datapath/kernel/events/events_unseen.h"
#include "datapath/kernel/events/events_watch.h"
#include "datapath/kernel/files/card.h"
#include "datapath/kernel/netlink/nl_addr.h"
#include "datapath/kernel/netlink/nl_route.h"
#include "datapath/kernel/netlink/nl_rule.h"

#include <linux/if_addr.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* PID_MAX_LIMIT: a netlink port above this is no PID. */
#define MAX_PID (4 * 1024 * 1024)

/* Of an event that another one explains. */
#define NO_WORDS ((struct event_cause){.what = ""})

static uint32_t pid_of(const struct nlmsghdr *h)
{
	return h->nlmsg_pid < MAX_PID ? h->nlmsg_pid : 0;
}

static bool is_own(const struct event_sink *s, const struct nlmsghdr *h)
{
	return kernel_is_own_port(s->k, h->nlmsg_pid);
}

/* The masters that a link message may mean: it names its lower device by an index in a
 * namespace whose id is not one of ours. Few devices have that index, and observing one
 * too many does no harm. 'of': the device itself in the cache, or NULL. */
static void emit_masters(struct event_sink *s, const struct cache_device *of,
			 uint32_t lower, struct event_cause cause)
{
	const struct cache_device *d = cache_find(
		&s->k->cache, of ? of->lower : (struct cache_key){.ifindex = 0});

	if (d && d->is_master) {
		event_emit_cached(s, d, d->link.name, cause);
		return;
	}
	for (d = s->k->cache.devices; d; d = d->hh.next) {
		if (d->is_master && d->key.ifindex == lower)
			event_emit_cached(s, d, d->link.name, cause);
	}
}

/* "the ipvtap lab7/tap0, which is not ours". */
static const char *stranger_text(struct event_sink *s, int32_t nsid,
				 const struct nl_link *link)
{
	const struct cache_text *t = cache_texts(&s->k->cache, nsid);

	return arena_printf(s->a, "the %s %s%s%s%s, which is not ours", link->kind,
			    t ? t->text : "", t && *t->text ? "/" : "", link->name,
			    t ? "" : " of another namespace");
}

/* A device of ours may now have a name that no row has. */
static void take_rename(struct event_sink *s, struct cache_device *d,
			const struct nl_link *link)
{
	d->renamed_at = time(NULL);
	if (link->group == s->k->config.mark)
		event_emit_strayed(s, "renamed");
}

static void emit_unknown_link(struct event_sink *s, int32_t nsid,
			      const struct nl_link *link, bool is_gone, uint32_t pid)
{
	struct event_cause cause = {.what = is_gone ? "deleted" : "", .pid = pid};

	event_emit_device(s, DATAPATH_SLAVE_CHANGED, nsid, link->name, cause);
	if (!nl_link_is_in_port(link)) {
		event_emit_device(s, DATAPATH_MASTER_CHANGED, nsid, link->name, cause);
		/* A macvlan keeps the slaves of other kinds off the device below. */
		if (nl_link_is_upper(link))
			emit_masters(s, NULL, link->lower, NO_WORDS);
		return;
	}
	if (link->group != s->k->config.mark) {
		const char *stranger = stranger_text(s, nsid, link);

		cause.what = arena_printf(s->a, "%s, %s", stranger,
					  is_gone ? "removed" : "is on it");
		/* The kernel also reports an old one when any process changes the port. */
		if (!is_gone && link->has_come)
			cause.by = stranger;
	}
	emit_masters(s, NULL, link->lower, cause);
}

/* Messages that our own LINK_ADD causes: the device is as we asked for. */
static bool is_birth(const struct cache_device *d, const struct nl_link *link)
{
	return d->is_new && !strcmp(d->link.name, link->name) &&
	       d->link.group == link->group;
}

static void emit_cached_link(struct event_sink *s, struct cache_device *d,
			     const struct nl_link *link)
{
	const char *what = events_text_change(s->a, &d->link, link);
	/* The kernel reports it for each device of the port; it belongs to the master
	 * alone. */
	const char *port = model_port_change(s->a, d->link.mode, d->link.flag, link->mode,
					     link->flag);
	/* The port's mode is about to change: the message still has the old one (Linux
	 * ipvlan_set_port_mode()). Or somebody set that flag alone: events_decode_end(). */
	bool has_flipped = (d->link.flags ^ link->flags) & IFF_NOARP;
	bool is_in_port = nl_link_is_in_port(link);

	d->has_flipped |= has_flipped && is_in_port;
	s->k->cache.has_flips |= d->has_flipped;
	/* A message about a master without a visible change means that a device on it was
	 * added or removed. */
	if (*what || (has_flipped && !is_in_port) || link->has_failed_over ||
	    (d->is_master && !cache_take_expected(&s->k->cache, d)))
		event_emit_cached(
			s, d, d->link.name,
			(struct event_cause){.what = what,
					     .reaches_upper = d->link.mtu != link->mtu,
					     .has_failed_over = link->has_failed_over});
	if (strcmp(d->link.name, link->name) != 0)
		event_emit_cached(s, d, link->name, NO_WORDS);
	if ((*what || *port || has_flipped) && is_in_port)
		emit_masters(s, d, link->lower, (struct event_cause){.what = port});
}

/* Routes of some device there may have vanished without a message: with its last IPv4
 * address, or because it was set down or deleted (kernel.md 8). One of them may have
 * blocked a route of ours. */
static void emit_blocked(struct event_sink *s, int32_t nsid)
{
	bool is_any = false;

	if (!s->k->cache.may_meet)
		return;
	for (const struct cache_device *d = s->k->cache.devices; d; d = d->hh.next) {
		is_any |= d->meets_foreign_route;
		if (d->meets_foreign_route && d->key.nsid == nsid)
			event_emit_cached(s, d, d->link.name, NO_WORDS);
	}
	s->k->cache.may_meet = is_any;
}

static void take_link_gone(struct event_sink *s, struct cache_device *d, int32_t nsid,
			   const struct nl_link *link, const struct nlmsghdr *h)
{
	struct event_cause cause = {.what = link->moved_to ? "moved to another namespace"
							   : "deleted",
				    .pid = pid_of(h)};

	if (!d) {
		events_unseen_note(s->k->events, (struct cache_key){nsid, link->ifindex},
				   true);
		if (!is_own(s, h))
			emit_unknown_link(s, nsid, link, true, cause.pid);
		return;
	}
	event_emit_cached(s, d, d->link.name, cause);
	event_emit_place(s, d, cause);
	if (nl_link_is_in_port(link))
		emit_masters(s, d, link->lower, NO_WORDS);
	/* The next observation finds out where it went, unless another device was made in
	 * its place before this message. */
	d->moved_to = link->moved_to;
	if (d->moved_to && link->group == s->k->config.mark)
		event_emit_strayed(s, cause.what);
	if (!d->moved_to)
		cache_forget(&s->k->cache, d->key);
}

/* The kernel sends this when IPv6 is turned on for a device, and on other occasions. */
static void take_ipv6(struct event_sink *s, int32_t nsid, const struct nlmsghdr *h)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(h);
	struct cache_device *d = cache_find(
		&s->k->cache, (struct cache_key){nsid, (uint32_t)info->ifi_index});

	if (!d || !d->lacks_ipv6)
		return;
	d->lacks_ipv6 = false;
	event_emit_cached(s, d, d->link.name, NO_WORDS);
}

static void take_link(struct event_sink *s, int32_t nsid, const struct nlmsghdr *h)
{
	bool is_gone = h->nlmsg_type == RTM_DELLINK;
	struct cache_device *d;
	struct nl_link link;

	if (!nl_link_parse(h, &link) || !strcmp(link.name, "lo"))
		return;
	card_settle(&link, CARD_VIRTIO_DEVICES);
	if (is_gone || !(link.flags & IFF_UP)) {
		emit_blocked(s, nsid);
		events_watch_routes_of(s, nsid, link.ifindex);
	}
	d = cache_find(&s->k->cache, (struct cache_key){nsid, link.ifindex});
	/* One that comes back from another namespace is new here. */
	events_watch_link(s, nsid, d && !d->moved_to ? &d->link : NULL, &link, is_gone);
	if (is_gone)
		strangers_drop(&s->k->strangers, (struct cache_key){nsid, link.ifindex});
	else
		strangers_note(&s->k->strangers, (struct cache_key){nsid, link.ifindex},
			       &link, s->k->config.mark);
	if (is_gone) {
		take_link_gone(s, d, nsid, &link, h);
		return;
	}
	if (!d) {
		if (link.group == s->k->config.mark)
			events_unseen_note(s->k->events,
					   (struct cache_key){nsid, link.ifindex}, false);
		else
			emit_unknown_link(s, nsid, &link, false, pid_of(h));
		return;
	}
	if (is_birth(d, &link)) {
		/* Setting it up is the last step of making it. */
		d->is_new = d->link.flags & IFF_UP && !(link.flags & IFF_UP);
		link.flags |= d->link.flags & IFF_UP;
	} else {
		emit_cached_link(s, d, &link);
		if (strcmp(d->link.name, link.name) != 0)
			take_rename(s, d, &link);
	}
	d->link = link;
	d->moved_to = 0;
}

/* An address that a row declares matters always. Others matter if they are permanent and
 * not marked by another program; on a master all of them, since a slave may not have an
 * address of its master. */
static bool concerns_us(const struct cache_device *d, const struct nl_addr *a)
{
	if (d->declared & cache_addr_bit(&a->prefix.addr))
		return true;
	if (!d->declares_link_local && ip_addr_is_link_local(&a->prefix.addr))
		return false;
	return d->is_master || (nl_addr_is_static(a) && !nl_addr_is_marked(a));
}

/* A foreign ipvlan that kept an address from a slave has lost one. */
static void emit_released(struct event_sink *s, struct cache_key key)
{
	uint32_t lower = strangers_release(&s->k->strangers, key);

	if (lower)
		emit_masters(s, NULL, lower, NO_WORDS);
}

static void take_addr(struct event_sink *s, int32_t nsid, const struct nlmsghdr *h)
{
	const struct cache_device *d;
	const char *what;
	struct nl_addr a;
	char buf[IP_TEXT_BYTES];

	if (!nl_addr_parse(h, &a))
		return;
	if (h->nlmsg_type == RTM_DELADDR) {
		emit_blocked(s, nsid);
		events_watch_routes_of(s, nsid, a.ifindex);
		emit_released(s, (struct cache_key){nsid, a.ifindex});
	}
	if (is_own(s, h))
		return;
	d = cache_find(&s->k->cache, (struct cache_key){nsid, a.ifindex});
	if (!d || !concerns_us(d, &a))
		return;
	what = h->nlmsg_type == RTM_DELADDR ? "removed"
	       : nl_addr_has_failed(&a)     ? "is a duplicate"
	       : a.has_lifetime             ? "got a lifetime"
					    : "added";
	/* At the end of duplicate address detection the kernel sends the same message,
	 * without a sender. */
	if (h->nlmsg_type == RTM_NEWADDR && !h->nlmsg_pid && !nl_addr_has_failed(&a))
		what = "";
	if (*what)
		what = arena_printf(s->a, "address %s %s",
				    ip_prefix_format(&a.prefix, buf), what);
	event_emit_cached(s, d, d->link.name,
			  (struct event_cause){.what = what, .pid = pid_of(h)});
}

/* A route of some other device was removed or replaced: it may have blocked a route of
 * ours, or a route of ours was the one that was replaced. */
static void emit_neighbours(struct event_sink *s, int32_t nsid, struct event_cause cause)
{
	const struct cache_device *d;

	for (d = s->k->cache.devices; d; d = d->hh.next) {
		if (d->key.nsid == nsid && (d->has_routes || d->meets_foreign_route))
			event_emit_cached(s, d, d->link.name, cause);
	}
}

/* Of a rule of ours, or a new route of ours without a device: each slave there shows it. */
static void emit_slaves(struct event_sink *s, int32_t nsid, struct event_cause cause)
{
	const struct cache_device *d;

	for (d = s->k->cache.devices; d; d = d->hh.next) {
		if (d->key.nsid == nsid && !d->is_master)
			event_emit_cached(s, d, d->link.name, cause);
	}
}

/* The kernel's own routes: to the subnet of an address, and its entry in the local table.
 * They vanish without a sender together with the address or the device, which has a
 * message of its own. */
static void take_automatic_route(struct event_sink *s, int32_t nsid,
				 const struct nlmsghdr *h, const struct nl_route *r)
{
	const struct cache_device *d =
		cache_find(&s->k->cache, (struct cache_key){nsid, r->ifindex});
	const char *text = model_route_text(s->a, &r->route);
	struct event_cause cause = {.pid = pid_of(h)};

	if (h->nlmsg_type != RTM_DELROUTE || !h->nlmsg_pid || !d || d->is_master ||
	    (r->type != RTN_UNICAST && r->type != RTN_LOCAL))
		return;
	cause.what = arena_printf(s->a, "route %s removed%s", text,
				  r->is_local ? " from the local table" : "");
	event_emit_cached(s, d, d->link.name, cause);
}

static void take_route(struct event_sink *s, int32_t nsid, const struct nlmsghdr *h)
{
	bool is_gone = h->nlmsg_type == RTM_DELROUTE;
	const struct cache_device *d;
	struct nl_route r;
	struct event_cause cause = {.by = NULL};

	if (is_own(s, h) || !nl_route_parse_any(h, &r))
		return;
	events_watch_route(s, nsid, &r);
	if (r.protocol == RTPROT_RA)
		return;
	if (r.is_local || nl_route_is_automatic(&r)) {
		take_automatic_route(s, nsid, h, &r);
		return;
	}
	if (!nl_route_parse(h, &r))
		return;
	cause.what = arena_printf(s->a, "route %s %s", model_route_text(s->a, &r.route),
				  is_gone ? "removed" : "added");
	cause.pid = pid_of(h);
	d = cache_find(&s->k->cache, (struct cache_key){nsid, r.ifindex});
	/* Of a master, which is not ours, only our own routes matter. */
	if (d && (!d->is_master || r.protocol == s->k->config.route_protocol))
		event_emit_cached(s, d, d->link.name, cause);
	if ((!d || r.protocol != s->k->config.route_protocol) &&
	    (is_gone || h->nlmsg_flags & NLM_F_REPLACE))
		emit_neighbours(s, nsid, cause);
	if (!is_gone && r.protocol == s->k->config.route_protocol &&
	    model_route_is_reject(&r.route))
		emit_slaves(s, nsid, cause);
}

/* Rules of others do not matter: they can be beside ours, and are not ours to judge. */
static void take_rule(struct event_sink *s, int32_t nsid, const struct nlmsghdr *h)
{
	bool is_gone = h->nlmsg_type == RTM_DELRULE;
	struct nl_rule r;

	if (is_own(s, h) || !nl_rule_parse(h, &r) || r.extra ||
	    r.protocol != s->k->config.route_protocol)
		return;
	emit_slaves(
		s, nsid,
		(struct event_cause){.what = arena_printf(s->a, "rule %s %s",
							  model_rule_text(s->a, &r.rule),
							  is_gone ? "removed" : "added"),
				     .pid = pid_of(h)});
}

static void take_nsid_gone(struct event_sink *s, const struct nlmsghdr *h)
{
	int32_t nsid = NETNSA_NSID_NOT_ASSIGNED;
	const struct nlattr *attr;
	const struct cache_text *t;

	nl_attr_for_each (attr, h, sizeof(struct rtgenmsg)) {
		if (mnl_attr_get_type(attr) == NETNSA_NSID &&
		    mnl_attr_get_payload_len(attr) >= sizeof(nsid))
			nsid = (int32_t)mnl_attr_get_u32(attr);
	}
	if (nsid < 0)
		return;
	for (t = cache_texts(&s->k->cache, nsid); t; t = t->next)
		event_emit(s, &(struct datapath_event){.kind = DATAPATH_NETNS_CHANGED,
						       .netns = t->text,
						       .name = "",
						       .what = "is gone"});
	/* No message about a device follows. */
	for (const struct cache_device *d = s->k->cache.devices; d; d = d->hh.next) {
		if (d->key.nsid == nsid)
			event_emit_place(s, d, (struct event_cause){.what = "deleted"});
	}
	cache_forget_netns(&s->k->cache, nsid);
	strangers_forget_netns(&s->k->strangers, nsid);
	watches_forget_netns(&s->k->watches, nsid);
}

/* Every message of rtnetlink begins with the family. */
static int family_of(const struct nlmsghdr *h)
{
	return mnl_nlmsg_get_payload_len(h) >= sizeof(struct ifinfomsg)
		       ? ((const struct ifinfomsg *)mnl_nlmsg_get_payload(h))->ifi_family
		       : AF_UNSPEC;
}

void events_decode(struct event_sink *s, int32_t nsid, const struct nlmsghdr *h)
{
	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		/* The message of a family has a part of the device only. A bridge sends
		 * such messages for its ports, also when one leaves it (AF_BRIDGE). */
		if (family_of(h) == AF_UNSPEC)
			take_link(s, nsid, h);
		else if (family_of(h) == AF_INET6 && h->nlmsg_type == RTM_NEWLINK)
			take_ipv6(s, nsid, h);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		take_addr(s, nsid, h);
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		take_route(s, nsid, h);
		break;
	case RTM_NEWRULE:
	case RTM_DELRULE:
		take_rule(s, nsid, h);
		break;
	case RTM_DELNSID:
		/* An id that another namespace has given means nothing in ours. */
		if (nsid == NSID_HERE)
			take_nsid_gone(s, h);
		break;
	}
}

static struct cache_device *port_of(const struct event_sink *s,
				    const struct cache_device *d)
{
	bool is_slave = d->lower.ifindex && !d->is_master &&
			d->link.group == s->k->config.mark && d->link.flags & IFF_UP;

	return is_slave ? cache_find(&s->k->cache, d->lower) : NULL;
}

/* Those that have flipped, of those that could, counted at their masters. */
static void count_flips(struct event_sink *s)
{
	struct cache_device *d, *m;

	for (d = s->k->cache.devices; d; d = d->hh.next)
		d->n_up = d->n_flipped = 0;
	for (d = s->k->cache.devices; d; d = d->hh.next) {
		m = port_of(s, d);
		if (!m)
			continue;
		m->n_up++;
		m->n_flipped += d->has_flipped;
	}
}

void events_decode_end(struct event_sink *s)
{
	struct cache_device *d, *m;

	if (!s->k->cache.has_flips)
		return;
	s->k->cache.has_flips = false;
	count_flips(s);
	for (d = s->k->cache.devices; d; d = d->hh.next) {
		m = port_of(s, d);
		if (d->has_flipped && !(m && m->n_flipped > 1 && m->n_flipped == m->n_up))
			event_emit_cached(s, d, d->link.name, NO_WORDS);
		d->has_flipped = false;
	}
}
