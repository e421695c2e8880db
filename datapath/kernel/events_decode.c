/* From rtnetlink's messages to events about names, in words that drift is told in.
 *
 * What is known of a device (cache.c) tells what changed; a message about one that is as
 * it was is not passed on, nor are addresses and routes that our own sockets wrote. */
#include "datapath/kernel/events.h"

#include "datapath/kernel/netlink/nl_addr.h"
#include "datapath/kernel/netlink/nl_route.h"
#include "lib/alloc.h"

#include <linux/if_addr.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

/* PID_MAX_LIMIT: a netlink port above is no process id. */
#define MAX_PID (4 * 1024 * 1024)

void say(struct saying *s, const struct datapath_event *e)
{
	char *text = arena_printf(s->a, "%d\n%s\n%s\n%s\n%u\n%s", (int)e->kind, e->netns,
				  e->name, e->what, e->pid, e->by ? e->by : "");
	struct said *said;

	HASH_FIND_STR(s->said, text, said);
	if (said)
		return;
	said = arena_alloc(s->a, sizeof(*said));
	said->text = text;
	HASH_ADD_KEYPTR(hh, s->said, said->text, strlen(said->text), said);
	s->fn(s->aux, e);
}

struct word {
	const char *what;
	uint32_t pid;
	const char *by; /* NULL: unknown */
};

static void say_device(struct saying *s, enum datapath_event_kind kind, int32_t nsid,
		       const char *name, struct word w)
{
	const struct known_text *t;

	for (t = known_texts(&s->k->known, nsid); t; t = t->next)
		say(s, &(struct datapath_event){.kind = kind,
						.netns = t->text,
						.name = name,
						.what = w.what,
						.pid = w.pid,
						.by = w.by});
}

/* A slave in its master's own namespace has no namespace of its own in the model. */
static bool is_beside_master(const struct known_device *d)
{
	return d->lower.ifindex && d->lower.nsid == d->key.nsid &&
	       d->key.nsid != NSID_HERE;
}

static void say_known(struct saying *s, const struct known_device *d, const char *name,
		      struct word w)
{
	if (d->is_master)
		say_device(s, DATAPATH_MASTER_CHANGED, d->key.nsid, name, w);
	else
		say_device(s, DATAPATH_SLAVE_CHANGED, d->key.nsid, name, w);
	if (is_beside_master(d))
		say(s, &(struct datapath_event){.kind = DATAPATH_SLAVE_CHANGED,
						.netns = "",
						.name = name,
						.what = w.what,
						.pid = w.pid,
						.by = w.by});
	/* Its row waits for it under its old name. */
	if (*d->place.name && strcmp(d->place.name, name) != 0 &&
	    d->key.nsid == d->place.nsid)
		say_device(s,
			   d->is_master ? DATAPATH_MASTER_CHANGED
					: DATAPATH_SLAVE_CHANGED,
			   d->key.nsid, d->place.name, w);
}

static uint32_t pid_of(const struct nlmsghdr *h)
{
	return h->nlmsg_pid < MAX_PID ? h->nlmsg_pid : 0;
}

static bool is_own(const struct saying *s, const struct nlmsghdr *h)
{
	return kernel_is_own_port(s->k, h->nlmsg_pid);
}

static const char *join(struct saying *s, const char *list, const char *more)
{
	return *list ? arena_printf(s->a, "%s, %s", list, more) : more;
}

/* "" where nothing that concerns us is different. */
static const char *link_change(struct saying *s, const struct nl_link *old,
			       const struct nl_link *new)
{
	const char *what = "";

	if (strcmp(old->name, new->name))
		what = join(s, what, arena_printf(s->a, "renamed to %s", new->name));
	if ((old->flags ^ new->flags) & IFF_UP)
		what = join(s, what, new->flags &IFF_UP ? "set up" : "set down");
	else if (nl_link_has_carrier(old) != nl_link_has_carrier(new))
		what = join(s, what,
			    nl_link_has_carrier(new) ? "has carrier" : "lost carrier");
	if (old->mtu != new->mtu)
		what = join(s, what, arena_printf(s->a, "mtu %u", new->mtu));
	if (old->group != new->group)
		what = join(s, what, arena_printf(s->a, "group %d", (int)new->group));
	if (old->upper != new->upper)
		what = join(s, what,
			    new->upper ? "has become a port" : "is no port any more");
	if (memcmp(old->mac, new->mac, sizeof(old->mac)) != 0)
		what = join(s, what, "has another MAC address");
	return what;
}

/* The same for what all devices of the port share: a change of it is told for each of
 * them, and is the master's alone. */
static const char *port_change(struct saying *s, const struct nl_link *old,
			       const struct nl_link *new)
{
	const char *what = "";
	char a[8], b[8];

	if (old->mode != new->mode)
		what = join(s, what,
			    arena_printf(s->a, "mode %s -> %s",
					 model_mode_name(old->mode, a),
					 model_mode_name(new->mode, b)));
	if (old->flag != new->flag)
		what = join(s, what,
			    arena_printf(s->a, "flag %s -> %s",
					 model_flag_name(old->flag, a),
					 model_flag_name(new->flag, b)));
	return what;
}

/* The masters that a link message may mean: it names its lower device by an index in a
 * namespace whose id is not one of ours. Those with that index are few; to look at one
 * too many does no harm. 'of': what is known of the device itself, or NULL. */
static void say_masters(struct saying *s, const struct known_device *of,
			const struct nl_link *link, struct word w)
{
	const struct known_device *d = known_find(
		&s->k->known, of ? of->lower : (struct known_key){.ifindex = 0});

	if (d && d->is_master) {
		say_known(s, d, d->link.name, w);
		return;
	}
	for (d = s->k->known.devices; d; d = d->hh.next) {
		if (d->is_master && d->key.ifindex == link->lower)
			say_known(s, d, d->link.name, w);
	}
}

/* "the ipvtap lab7/tap0, which is not ours". */
static const char *stranger_text(struct saying *s, int32_t nsid,
				 const struct nl_link *link)
{
	const struct known_text *t = known_texts(&s->k->known, nsid);

	return arena_printf(s->a, "the %s %s%s%s%s, which is not ours", link->kind,
			    t ? t->text : "", t && *t->text ? "/" : "", link->name,
			    t ? "" : " of another namespace");
}

static void say_strayed(struct saying *s, const char *what)
{
	say(s, &(struct datapath_event){
		       .kind = DATAPATH_STRAYED, .netns = "", .name = "", .what = what});
}

/* A device with our mark came from where we do not look, or somebody else made it. One
 * that we have deleted was forgotten before, and goes down before it goes: its end is
 * among the messages that wait, since the kernel sends it before the answer to the
 * deletion. */
static void note_unseen(struct events *ev, struct known_key key, bool is_gone)
{
	struct unseen *u;

	HASH_FIND(hh, ev->unseen, &key, sizeof(key), u);
	if (u && is_gone) {
		HASH_DELETE(hh, ev->unseen, u);
		free(u);
	} else if (!u && !is_gone) {
		u = xcalloc(1, sizeof(*u));
		u->key = key;
		HASH_ADD(hh, ev->unseen, key, sizeof(u->key), u);
	}
}

void unseen_clear(struct events *ev)
{
	struct unseen *u, *next;

	HASH_ITER (hh, ev->unseen, u, next) {
		HASH_DELETE(hh, ev->unseen, u);
		free(u);
	}
}

void say_unseen(struct saying *s)
{
	if (s->k->events->unseen)
		say_strayed(s, "");
	unseen_clear(s->k->events);
}

static void say_unknown_link(struct saying *s, int32_t nsid, const struct nl_link *link,
			     bool is_gone, uint32_t pid)
{
	struct word w = {.what = is_gone ? "deleted" : "", .pid = pid};

	say_device(s, DATAPATH_SLAVE_CHANGED, nsid, link->name, w);
	if (!nl_link_is_in_port(link)) {
		say_device(s, DATAPATH_MASTER_CHANGED, nsid, link->name, w);
		return;
	}
	if (link->group != s->k->config.mark) {
		const char *stranger = stranger_text(s, nsid, link);

		w.what = arena_printf(s->a, "%s, %s", stranger,
				      is_gone ? "went" : "is on it");
		/* One that has been there for long is told of too when the port changes,
		 * whoever changed it. */
		if (!is_gone && link->has_come)
			w.by = stranger;
	}
	say_masters(s, NULL, link, w);
}

/* What our own LINK_ADD causes: the device is as we asked for. */
static bool is_birth(const struct known_device *d, const struct nl_link *link)
{
	return d->is_new && !strcmp(d->link.name, link->name) &&
	       d->link.group == link->group;
}

static void say_known_link(struct saying *s, struct known_device *d,
			   const struct nl_link *link)
{
	const char *what = link_change(s, &d->link, link);
	const char *port = port_change(s, &d->link, link);

	/* Without a visible change, a master's message means that a device on it came or
	 * went. */
	if (*what || d->is_master)
		say_known(s, d, d->link.name, (struct word){.what = what});
	if (strcmp(d->link.name, link->name) != 0)
		say_known(s, d, link->name, (struct word){.what = ""});
	if ((*what || *port) && nl_link_is_in_port(link))
		say_masters(s, d, link, (struct word){.what = port});
}

/* Routes of some device there may have gone without a word: with its last IPv4 address,
 * or because it was set down or deleted (kernel.md 8). One of them may have been in the
 * way of one of ours. */
static void say_blocked(struct saying *s, int32_t nsid)
{
	bool is_any = false;

	if (!s->k->known.may_meet)
		return;
	for (const struct known_device *d = s->k->known.devices; d; d = d->hh.next) {
		is_any |= d->meets_foreign_route;
		if (d->meets_foreign_route && d->key.nsid == nsid)
			say_known(s, d, d->link.name, (struct word){.what = ""});
	}
	s->k->known.may_meet = is_any;
}

static void take_link_gone(struct saying *s, struct known_device *d, int32_t nsid,
			   const struct nl_link *link, const struct nlmsghdr *h)
{
	struct word w = {.what = link->moved_to ? "moved to another namespace"
						: "deleted",
			 .pid = pid_of(h)};

	if (!d) {
		note_unseen(s->k->events, (struct known_key){nsid, link->ifindex}, true);
		if (!is_own(s, h))
			say_unknown_link(s, nsid, link, true, w.pid);
		return;
	}
	say_known(s, d, d->link.name, w);
	if (nl_link_is_in_port(link))
		say_masters(s, d, link, (struct word){.what = ""});
	/* The next observation looks where it went, unless another was made in its place
	 * before we heard of this. */
	d->moved_to = link->moved_to;
	if (d->moved_to && link->group == s->k->config.mark)
		say_strayed(s, w.what);
	if (!d->moved_to)
		known_forget(&s->k->known, d->key);
}

/* IPv6 of a device: told when it comes up on it, and often besides. */
static void take_ipv6(struct saying *s, int32_t nsid, const struct nlmsghdr *h)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(h);
	struct known_device *d = known_find(
		&s->k->known, (struct known_key){nsid, (uint32_t)info->ifi_index});

	if (!d || !d->lacks_ipv6)
		return;
	d->lacks_ipv6 = false;
	say_known(s, d, d->link.name, (struct word){.what = ""});
}

static void take_link(struct saying *s, int32_t nsid, const struct nlmsghdr *h)
{
	bool is_gone = h->nlmsg_type == RTM_DELLINK;
	struct known_device *d;
	struct nl_link link;

	if (!nl_link_parse(h, &link) || !strcmp(link.name, "lo"))
		return;
	if (is_gone || !(link.flags & IFF_UP))
		say_blocked(s, nsid);
	d = known_find(&s->k->known, (struct known_key){nsid, link.ifindex});
	if (is_gone)
		strangers_drop(&s->k->strangers, (struct known_key){nsid, link.ifindex});
	else
		strangers_note(&s->k->strangers, (struct known_key){nsid, link.ifindex},
			       &link, s->k->config.mark);
	if (is_gone) {
		take_link_gone(s, d, nsid, &link, h);
		return;
	}
	if (!d) {
		if (link.group == s->k->config.mark)
			note_unseen(s->k->events, (struct known_key){nsid, link.ifindex},
				    false);
		else
			say_unknown_link(s, nsid, &link, false, 0);
		return;
	}
	if (is_birth(d, &link)) {
		/* Up is the last thing that happens to it. */
		d->is_new = d->link.flags & IFF_UP && !(link.flags & IFF_UP);
		link.flags |= d->link.flags & IFF_UP;
	} else {
		say_known_link(s, d, &link);
		if (strcmp(d->link.name, link.name) != 0)
			d->renamed_at = time(NULL);
	}
	d->link = link;
	d->moved_to = 0;
}

/* Of an address that no row declares, one that is permanent and nobody's; on a master
 * any, be it from DHCP: a slave may not have what its master has. */
static bool concerns_us(const struct known_device *d, const struct nl_addr *a)
{
	if (d->declared & known_addr_bit(&a->prefix.addr))
		return true;
	if (!d->declares_link_local && ip_addr_is_link_local(&a->prefix.addr))
		return false;
	return d->is_master || (nl_addr_is_static(a) && !nl_addr_is_marked(a));
}

static void take_addr(struct saying *s, int32_t nsid, const struct nlmsghdr *h)
{
	const struct known_device *d;
	const char *what;
	struct nl_addr a;
	char buf[IP_TEXT_BYTES];

	if (!nl_addr_parse(h, &a))
		return;
	if (h->nlmsg_type == RTM_DELADDR)
		say_blocked(s, nsid);
	if (is_own(s, h))
		return;
	d = known_find(&s->k->known, (struct known_key){nsid, a.ifindex});
	if (!d || !concerns_us(d, &a))
		return;
	what = h->nlmsg_type == RTM_DELADDR ? "removed"
	       : nl_addr_has_failed(&a)     ? "is a duplicate"
	       : a.has_lifetime             ? "was given a lifetime"
					    : "added";
	/* The end of duplicate address detection looks like an addition by nobody. */
	if (h->nlmsg_type == RTM_NEWADDR && !h->nlmsg_pid && !nl_addr_has_failed(&a))
		what = "";
	if (*what)
		what = arena_printf(s->a, "address %s %s",
				    ip_prefix_format(&a.prefix, buf), what);
	say_known(s, d, d->link.name, (struct word){.what = what, .pid = pid_of(h)});
}

/* A route of some other device went, or was put in the place of another: it may have been
 * in the way of one of ours, or ours may have been the one replaced. */
static void say_neighbours(struct saying *s, int32_t nsid, struct word w)
{
	const struct known_device *d;

	for (d = s->k->known.devices; d; d = d->hh.next) {
		if (d->key.nsid == nsid && (d->has_routes || d->meets_foreign_route))
			say_known(s, d, d->link.name, w);
	}
}

/* The kernel's own: the route to an address's subnet, its entry in the local table. With
 * the address or the device they go without a sender, and that is told by itself. */
static void take_automatic_route(struct saying *s, int32_t nsid, const struct nlmsghdr *h,
				 const struct nl_route *r)
{
	const struct known_device *d =
		known_find(&s->k->known, (struct known_key){nsid, r->ifindex});
	const char *text = model_route_text(s->a, &r->route);
	struct word w = {.pid = pid_of(h)};

	if (h->nlmsg_type != RTM_DELROUTE || !h->nlmsg_pid || !d || d->is_master ||
	    (r->type != RTN_UNICAST && r->type != RTN_LOCAL))
		return;
	w.what = arena_printf(s->a, "route %s removed%s", text,
			      r->is_local ? " from the local table" : "");
	say_known(s, d, d->link.name, w);
}

static void take_route(struct saying *s, int32_t nsid, const struct nlmsghdr *h)
{
	bool is_gone = h->nlmsg_type == RTM_DELROUTE;
	const struct known_device *d;
	struct nl_route r;
	struct word w = {.by = NULL};

	if (is_own(s, h) || !nl_route_parse_any(h, &r))
		return;
	if (r.is_local || nl_route_is_automatic(&r)) {
		take_automatic_route(s, nsid, h, &r);
		return;
	}
	if (!nl_route_parse(h, &r))
		return;
	w.what = arena_printf(s->a, "route %s %s", model_route_text(s->a, &r.route),
			      is_gone ? "removed" : "added");
	w.pid = pid_of(h);
	d = known_find(&s->k->known, (struct known_key){nsid, r.ifindex});
	/* On a master, which is not ours, only our own routes concern us. */
	if (d && (!d->is_master || r.protocol == s->k->config.route_protocol))
		say_known(s, d, d->link.name, w);
	/* One with our number that leads through no device is not of our making either.
	 */
	if ((!d || r.protocol != s->k->config.route_protocol) &&
	    (is_gone || h->nlmsg_flags & NLM_F_REPLACE))
		say_neighbours(s, nsid, w);
}

static void take_nsid_gone(struct saying *s, const struct nlmsghdr *h)
{
	int32_t nsid = NETNSA_NSID_NOT_ASSIGNED;
	const struct nlattr *attr;
	const struct known_text *t;

	nl_attr_for_each (attr, h, sizeof(struct rtgenmsg)) {
		if (mnl_attr_get_type(attr) == NETNSA_NSID &&
		    mnl_attr_get_payload_len(attr) >= sizeof(nsid))
			nsid = (int32_t)mnl_attr_get_u32(attr);
	}
	if (nsid < 0)
		return;
	for (t = known_texts(&s->k->known, nsid); t; t = t->next)
		say(s, &(struct datapath_event){.kind = DATAPATH_NETNS_CHANGED,
						.netns = t->text,
						.name = "",
						.what = "is gone"});
	known_forget_space(&s->k->known, nsid);
	strangers_forget_space(&s->k->strangers, nsid);
}

/* Every message of rtnetlink's begins with it. */
static int family_of(const struct nlmsghdr *h)
{
	return mnl_nlmsg_get_payload_len(h) >= sizeof(struct ifinfomsg)
		       ? ((const struct ifinfomsg *)mnl_nlmsg_get_payload(h))->ifi_family
		       : AF_UNSPEC;
}

void say_message(struct saying *s, int32_t nsid, const struct nlmsghdr *h)
{
	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		/* A family's message holds a part of the device alone; a bridge sends
		 * such of its ports, also when one leaves it (AF_BRIDGE). */
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
	case RTM_DELNSID:
		/* Ids that other namespaces gave are none of ours. */
		if (nsid == NSID_HERE)
			take_nsid_gone(s, h);
		break;
	default:
		break;
	}
}
