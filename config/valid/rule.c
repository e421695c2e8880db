/* What the kernel always refuses, a function for each rule: names, MTUs, VLANs; and
 * the messages about two things that exclude each other. */
#include "config/valid/rule.h"

#include "config/canon.h"
#include "config/valid/rule_address.h"
#include "config/valid/rule_handed_over.h"
#include "config/valid/rule_policy.h"
#include "config/valid/rule_route.h"
#include "config/valid/rule_type.h"
#include "datapath/link_type.h"

#include <string.h>
#include <sys/socket.h>

const char *rule_netns(const struct model_master *m, const struct model_slave *s)
{
	return *s->netns ? s->netns : m->netns;
}

static const char *label(struct valid_check *v, const struct valid_place *at)
{
	return at->slave ? model_slave_label(v->arena, at->slave)
			 : model_master_label(v->arena, at->master);
}

/* "the host" for the daemon's own namespace. */
static const char *netns_label(const char *netns)
{
	return *netns ? netns : "the host";
}

/* A complaint about one field if there is an error; takes 'e'. */
static void check(struct valid_check *v, const struct model_master *m,
		  const struct model_slave *s, enum valid_field field, struct err *e)
{
	struct valid_place at = {.master = m, .slave = s, .field = field};

	if (e)
		valid_complaint_add(v, &at, NULL, e);
}

static void rule_vlan(struct valid_check *v, const struct model_master *m)
{
	if (!*m->vlan_link && !m->vlan_id)
		return;
	if (!*m->vlan_link || !m->vlan_id) {
		check(v, m, NULL, VALID_VLAN,
		      err_hint(err_new(ERR_INVALID, "the VLAN of %s has no %s",
				       model_master_label(v->arena, m),
				       *m->vlan_link ? "id" : "link"),
			       "a VLAN needs both: the device below it and its number"));
		return;
	}
	check(v, m, NULL, VALID_VLAN, canon_check_ifname(m->vlan_link));
	if (m->vlan_id > 4094)
		check(v, m, NULL, VALID_VLAN,
		      err_new(ERR_INVALID, "VLAN id %u is outside 1 to 4094",
			      m->vlan_id));
	if (!strcmp(m->vlan_link, m->name))
		check(v, m, NULL, VALID_VLAN,
		      err_hint(err_new(ERR_INVALID, "%s cannot be a VLAN of itself",
				       model_master_label(v->arena, m)),
			       "name the VLAN another way, as in %s.%u", m->vlan_link,
			       m->vlan_id));
}

static void rule_kind(struct valid_check *v, const struct model_master *m)
{
	if (m->kind == MODEL_KIND_NONE || (!*m->vlan_link && !m->vlan_id))
		return;
	check(v, m, NULL, VALID_KIND,
	      err_hint(err_new(ERR_INVALID, "%s cannot be a VLAN and a %s",
			       model_master_label(v->arena, m), model_kind_name(m->kind)),
		       "leave out one of the two"));
}

static void rule_match(struct valid_check *v, const struct model_master *m)
{
	const char *kind = model_master_made_kind(m);

	if (!model_match_is_set(&m->match) || (!*kind && !m->vlan_id))
		return;
	check(v, m, NULL, VALID_MATCH,
	      err_hint(err_new(ERR_INVALID,
			       "%s has a `match`, for a device that exists, and is a %s "
			       "that ipvl makes",
			       model_master_label(v->arena, m),
			       strcmp(kind, "dummy") && strcmp(kind, "bridge") ? "VLAN"
									       : kind),
		       "leave out one of the two"));
}

void rule_vlan_of_match(struct valid_check *v, const struct model_master *vlan)
{
	check(v, vlan, NULL, VALID_VLAN,
	      err_hint(err_new(ERR_INVALID,
			       "the link of %s, %s, is a master with a `match`: its "
			       "name is not that of a device",
			       model_master_label(v->arena, vlan), vlan->vlan_link),
		       "name the device, or give that master its name instead of "
		       "`match`"));
}

static bool has_ipv6(const struct model_slave *s)
{
	for (size_t i = 0; i < s->n_addresses; i++) {
		if (s->addresses[i].addr.family == AF_INET6)
			return true;
	}
	return false;
}

static void rule_slave_mtu(struct valid_check *v, const struct model_master *m,
			   const struct model_slave *s)
{
	const char *who = model_slave_label(v->arena, s);
	uint32_t mtu = s->mtu ? s->mtu : m->mtu;

	/* The kernel accepts it (kernel.md, MAC, MTU), and the master then drops
	 * longer packets. */
	if (s->mtu && m->mtu && s->mtu > m->mtu)
		check(v, m, s, VALID_MTU,
		      err_hint(err_new(ERR_INVALID,
				       "mtu %u of %s is above the %u of its master %s, "
				       "which "
				       "would drop the longer packets",
				       s->mtu, who, m->mtu, m->name),
			       "raise the master's mtu, or leave out the slave's to "
			       "follow it"));
	if (mtu && mtu < VALID_IPV6_MTU_MIN && has_ipv6(s))
		check(v, m, s, VALID_MTU,
		      err_hint(err_new(ERR_INVALID,
				       "mtu %u of %s%s is too small for its IPv6 "
				       "addresses: IPv6 "
				       "needs %u, and below it the kernel takes IPv6 off "
				       "the device",
				       mtu, who, s->mtu ? "" : " (its master's)",
				       VALID_IPV6_MTU_MIN),
			       "raise the mtu, or give %s IPv4 addresses only", s->name));
}

static struct err *check_ipv6_off(struct valid_check *v, const struct model_sysctl *k,
				  const struct model_slave *s)
{
	if (strcmp(k->key, "ipv6.disable_ipv6") != 0 || !strcmp(k->value, "0") ||
	    !has_ipv6(s))
		return NULL;
	return err_hint(err_new(ERR_INVALID,
				"IPv6 is off on %s, which has an IPv6 address",
				model_slave_label(v->arena, s)),
			"leave out the address, or leave IPv6 on");
}

/* 's' NULL: of the master's own device. */
static void rule_sysctls(struct valid_check *v, const struct model_master *m,
			 const struct model_slave *s)
{
	const struct model_sysctl *sysctls = s ? s->sysctls : m->sysctls;
	size_t n = s ? s->n_sysctls : m->n_sysctls;

	for (size_t i = 0; i < n; i++) {
		const struct model_sysctl *k = &sysctls[i];
		struct valid_place at = {
			.master = m, .slave = s, .field = VALID_SYSCTL, .index = i};
		struct err *e = canon_check_sysctl(k->key);

		if (!e)
			e = canon_check_sysctl_value(k->key, k->value);
		if (!e && s)
			e = check_ipv6_off(v, k, s);
		if (e)
			valid_complaint_add(v, &at, NULL, e);
	}
}

void rule_master(struct valid_check *v, const struct model_master *m)
{
	rule_match(v, m);
	check(v, m, NULL, VALID_NAME, canon_check_ifname(m->name));
	check(v, m, NULL, VALID_NETNS, canon_check_netns(m->netns));
	rule_type_mode(v, m);
	rule_vlan(v, m);
	rule_master_routes(v, m);
	rule_kind(v, m);
	rule_route_mtus(v, m, NULL);
	rule_sysctls(v, m, NULL);
}

static void rule_names(struct valid_check *v, const struct model_master *m,
		       const struct model_slave *s)
{
	check(v, m, s, VALID_ALIAS, canon_check_alias(s->alias));
	for (size_t i = 0; i < s->n_altnames; i++) {
		struct valid_place at = {
			.master = m, .slave = s, .field = VALID_ALTNAMES, .index = i};
		struct err *e = canon_check_altname(s->altnames[i]);

		if (!e && !strcmp(s->altnames[i], s->name))
			e = err_hint(err_new(ERR_INVALID,
					     "%s is the name of the slave itself",
					     s->name),
				     "leave it out of its alternative names");
		if (e)
			valid_complaint_add(v, &at, NULL, e);
	}
}

/* ip-netns(8): a resolv.conf is found by the name of its namespace, and ipvl does not
 * write the host's own. */
static void rule_resolver(struct valid_check *v, const struct model_master *m,
			  const struct model_slave *s)
{
	const char *netns = rule_netns(m, s);
	bool is_search = !*s->nameservers && *s->search;
	const char *what = is_search ? "search" : "nameservers";

	if ((!*s->nameservers && !*s->search) || (*netns && *netns != '/'))
		return;
	check(v, m, s, is_search ? VALID_SEARCH : VALID_NAMESERVERS,
	      err_hint(err_new(ERR_INVALID,
			       "%s go to /etc/netns/NAME/resolv.conf, and %s",
			       is_search ? "domains to search" : what,
			       *netns ? arena_printf(v->arena, "%s has no name", netns)
				      : arena_printf(v->arena, "%s has no `netns`",
						     s->name)),
		       "leave out `%s`, or use a named namespace", what));
}

/* Linux ipvlan_xmit_mode_l2(): an answer to an address that no slave has goes to the master's
 * own stack, and so does the one to an ARP request of the host, which then waits for it on the
 * slave in vain. In l3 there is no ARP. */
static void rule_host_access(struct valid_check *v, const struct model_master *m,
			     const struct model_slave *s)
{
	static const char what[] =
		"host access needs a slave in the namespace of its master";
	struct err *e = NULL;
	char buf[8];

	if (!s->host_access)
		return;
	if (*s->netns)
		e = err_hint(err_new(ERR_INVALID, "%s, and %s is in %s", what, s->name,
				     s->netns),
			     "leave out its `netns`");
	else if (m->flag != MODEL_FLAG_BRIDGE)
		e = err_hint(
			err_new(ERR_INVALID,
				"%s gives the host access to the other slaves, and with "
				"flag %s slaves do not reach each other",
				s->name, model_flag_name((uint8_t)m->flag, buf)),
			"set the master's flag to bridge, or leave out host access");
	else if (m->mode == MODEL_MODE_L2 && !s->n_addresses)
		e = err_hint(
			err_new(ERR_INVALID,
				"%s gives the host access in mode l2, and has no address "
				"for the others to answer to",
				s->name),
			"give it a free address of their subnet with its full length, "
			"as in 192.0.2.250/32");
	if (e)
		check(v, m, s, VALID_HOST_ACCESS, e);
}

static void rule_vrf(struct valid_check *v, const struct model_master *m,
		     const struct model_slave *s)
{
	struct err *e = *s->vrf ? canon_check_ifname(s->vrf) : NULL;

	if (!e && *s->vrf && !strcmp(s->vrf, s->name))
		e = err_hint(
			err_new(ERR_INVALID, "%s cannot be a member of itself", s->name),
			"name a VRF of its namespace, which another program makes");
	if (!e && *s->vrf && s->source_routing)
		e = err_hint(err_new(ERR_INVALID,
				     "source routing and a VRF both choose the table of "
				     "what %s sends",
				     s->name),
			     "leave out one of them");
	if (e)
		check(v, m, s, VALID_VRF, e);
}

void rule_slave(struct valid_check *v, const struct model_master *m,
		const struct model_slave *s)
{
	check(v, m, s, VALID_NAME, canon_check_ifname(s->name));
	check(v, m, s, VALID_NETNS, canon_check_netns(s->netns));
	rule_slave_mtu(v, m, s);
	rule_address_options(v, m, s);
	rule_slave_routes(v, m, s);
	rule_route_mtus(v, m, s);
	rule_source_routing(v, m, s);
	rule_host_access(v, m, s);
	rule_handed_over(v, m, s);
	rule_resolver(v, m, s);
	rule_sysctls(v, m, s);
	rule_names(v, m, s);
	rule_vrf(v, m, s);
}

void rule_slave_count(struct valid_check *v, const struct model_master *m,
		      size_t n_slaves)
{
	rule_type_count(v, m, n_slaves);
	if (n_slaves > VALID_SLAVES_MAX)
		check(v, m, NULL, VALID_OBJECT,
		      err_hint(err_new(ERR_INVALID,
				       "%s has %zu slaves, and the kernel takes %zu on "
				       "one master",
				       model_master_label(v->arena, m), n_slaves,
				       VALID_SLAVES_MAX),
			       "put some of them on another master"));
}

void rule_shared_address(struct valid_check *v, const struct valid_place *at,
			 const struct valid_place *other)
{
	const struct ip_prefix *mine = &at->slave->addresses[at->index];
	const struct ip_prefix *theirs = &other->slave->addresses[other->index];
	char buf[IP_TEXT_BYTES];
	struct err *e;

	if (at->slave != other->slave &&
	    !link_type_has(link_type_of(at->master), LINK_HAS_UNIQUE_ADDRESSES))
		return;
	ip_addr_format(&mine->addr, buf);
	if (at->slave != other->slave)
		e = err_hint(err_new(ERR_INVALID,
				     "address %s of %s is also an address of %s, and the "
				     "kernel "
				     "accepts each address once on a master",
				     buf, label(v, at), label(v, other)),
			     "give %s another address", label(v, at));
	else if (mine->len == theirs->len)
		e = err_hint(err_new(ERR_INVALID, "address %s/%u is listed twice on %s",
				     buf, mine->len, label(v, at)),
			     "leave one of them out");
	else
		e = err_hint(
			err_new(ERR_INVALID,
				"address %s is listed twice on %s, as /%u and as /%u, "
				"and the "
				"kernel accepts each address once on a master",
				buf, label(v, at), theirs->len, mine->len),
			"keep the one with the subnet's length");
	valid_complaint_add(v, at, other, e);
}

static const struct model_route *route_at(const struct valid_place *at)
{
	return at->slave ? &at->slave->routes[at->index] : &at->master->routes[at->index];
}

void rule_shared_route(struct valid_check *v, const struct valid_place *at,
		       const struct valid_place *other)
{
	const char *mine = model_route_text(v->arena, route_at(at));
	const char *theirs = model_route_text(v->arena, route_at(other));
	bool same_object = at->slave == other->slave && at->master == other->master;

	/* One without a device is the namespace's: several slaves may declare it. */
	if (!same_object && model_route_is_reject(route_at(at)) &&
	    model_route_equals(route_at(at), route_at(other)))
		return;
	valid_complaint_add(
		v, at, other,
		err_hint(
			err_new(ERR_INVALID,
				"route `%s` of %s collides with %s `%s`: a namespace has "
				"one route for each destination, metric and table",
				mine, label(v, at),
				same_object ? "another one,"
					    : arena_printf(v->arena, "that of %s,",
							   label(v, other)),
				theirs),
			"give one of them another `metric`, or leave it out"));
}

/* One of the two, or both, is an alternative name. */
static void rule_shared_altname(struct valid_check *v, const struct valid_place *at,
				const struct valid_place *other)
{
	const struct valid_place *its = at->field == VALID_ALTNAMES ? at : other;

	/* rule_names() */
	if (at->slave == other->slave)
		return;
	valid_complaint_add(
		v, at, other,
		err_hint(err_new(ERR_INVALID,
				 "%s is a name of %s and of %s, and each name stands for "
				 "one device of a namespace",
				 its->slave->altnames[its->index], label(v, other),
				 label(v, at)),
			 "give one of them another name"));
}

void rule_shared_name(struct valid_check *v, const struct valid_place *at,
		      const struct valid_place *other)
{
	const char *netns =
		at->slave ? rule_netns(at->master, at->slave) : at->master->netns;
	const char *name = at->slave ? at->slave->name : at->master->name;
	struct err *e;

	if (at->field == VALID_ALTNAMES || other->field == VALID_ALTNAMES) {
		rule_shared_altname(v, at, other);
		return;
	}
	if (!at->slave)
		e = err_hint(
			err_new(ERR_INVALID, "master %s is declared twice", label(v, at)),
			"put all of its slaves under one of them");
	else if (other->slave && other->master == at->master)
		e = err_hint(
			err_new(ERR_INVALID, "slave %s is listed twice under %s",
				label(v, at),
				label(v, &(struct valid_place){.master = at->master})),
			"leave one of them out, rename it, or put it into another "
			"namespace");
	else if (other->slave)
		e = err_hint(err_new(ERR_INVALID,
				     "two slaves are called %s in %s, under the masters "
				     "%s and %s",
				     name, netns_label(netns), other->master->name,
				     at->master->name),
			     "rename one of them, or put it into another namespace");
	else if (other->master == at->master)
		e = err_hint(
			err_new(ERR_INVALID,
				"slave %s has the name of its master, which is in the "
				"same namespace",
				label(v, at)),
			"rename the slave, or give it a `netns`");
	else
		e = err_hint(
			err_new(ERR_INVALID,
				"%s is a slave of %s and a master: an ipvlan cannot "
				"carry ipvlans",
				label(v, at),
				label(v, &(struct valid_place){.master = at->master})),
			"add its slaves to %s, or rename it, or give it a `netns`",
			label(v, &(struct valid_place){.master = at->master}));
	valid_complaint_add(v, at, other, e);
}

void rule_ambiguous_name(struct valid_check *v, const struct valid_place *at,
			 const struct valid_place *other)
{
	/* At least one of the two masters is in a namespace with a name. */
	const struct model_master *named =
		*at->master->netns ? at->master : other->master;

	if (!strcmp(at->master->netns, other->master->netns))
		return; /* rule_shared_name() complains already */
	valid_complaint_add(
		v, at, other,
		err_hint(err_new(ERR_INVALID,
				 "slaves of %s and of %s are both called %s and have no "
				 "`netns`: the "
				 "database identifies slaves by netns and name",
				 label(v, &(struct valid_place){.master = other->master}),
				 label(v, &(struct valid_place){.master = at->master}),
				 at->slave->name),
			 "rename one of them, or write `netns: %s` for that of %s",
			 named->netns, label(v, &(struct valid_place){.master = named})));
}

void rule_shared_vlan(struct valid_check *v, const struct valid_place *at,
		      const struct valid_place *other)
{
	valid_complaint_add(
		v, at, other,
		err_hint(err_new(ERR_INVALID,
				 "%s and %s are both VLAN %u of %s, and the kernel "
				 "makes each "
				 "VLAN once",
				 label(v, other), label(v, at), at->master->vlan_id,
				 at->master->vlan_link),
			 "put the slaves of both under one master"));
}
