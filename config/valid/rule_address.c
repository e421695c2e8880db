/* What is declared of an address beside it: peers and scopes that the kernel refuses, or with which
 * no packet arrives. */
#include "config/valid/rule_address.h"

#include "datapath/link_type.h"

#include <sys/socket.h>

static const char *text(struct valid_check *v, const struct ip_prefix *p)
{
	char buf[IP_TEXT_BYTES];

	return arena_strdup(v->arena, ip_prefix_format(p, buf));
}

/* Linux ipvlan_addr4_event() enters IFA_ADDRESS, which is the peer, into the port's table
 * (kernel.md 36). */
static struct err *check_peer(struct valid_check *v, const struct model_master *m,
			      const struct model_address_options *o)
{
	char buf[IP_TEXT_BYTES];

	if (o->peer.family != AF_INET ||
	    !link_type_has(link_type_of(m), LINK_HAS_UNIQUE_ADDRESSES))
		return NULL;
	ip_addr_format(&o->peer, buf);
	return err_hint(err_new(ERR_INVALID,
				"%s cannot have the peer %s: an ipvlan receives what is "
				"for the IPv4 peer, and not what is for the address",
				text(v, &o->address), buf),
			"leave out `peer`, and add the route `{to: %s}`", buf);
}

static enum model_route_scope scope_of(const struct model_slave *s,
				       const struct ip_prefix *p)
{
	const struct model_address_options *o = model_find_options(s, p);

	return o ? o->scope : MODEL_SCOPE_DERIVED;
}

/* Linux __inet_insert_ifa(). */
static struct err *check_scope(struct valid_check *v, const struct model_slave *s,
			       const struct model_address_options *o)
{
	struct ip_prefix net = ip_prefix_network(&o->address);

	for (size_t i = 0; o->scope && i < s->n_addresses; i++) {
		const struct ip_prefix *other = &s->addresses[i];
		struct ip_prefix other_net = ip_prefix_network(other);

		if (!ip_prefix_cmp(&net, &other_net) && scope_of(s, other) != o->scope)
			return err_hint(err_new(ERR_INVALID,
						"%s and %s are of one subnet, and the "
						"kernel wants one scope for both",
						text(v, &o->address), text(v, other)),
					"give both the same `scope`");
	}
	return NULL;
}

void rule_address_options(struct valid_check *v, const struct model_master *m,
			  const struct model_slave *s)
{
	for (size_t i = 0; i < s->n_address_options; i++) {
		const struct model_address_options *o = &s->address_options[i];
		struct valid_place at = {.master = m,
					 .slave = s,
					 .field = VALID_ADDRESS_OPTIONS,
					 .index = i};
		struct err *e = check_peer(v, m, o);

		if (!model_has_address(s, &o->address))
			e = err_hint(err_new(ERR_INVALID, "%s is not an address of %s",
					     text(v, &o->address),
					     model_slave_label(v->arena, s)),
				     "take it out of `address_options` too");
		if (!e)
			e = check_scope(v, s, o);
		if (e)
			valid_complaint_add(v, &at, NULL, e);
	}
}
