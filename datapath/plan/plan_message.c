/* The sentences of a plan: why a step is needed, and what a person can do about a
 * conflict. */
#include "datapath/plan/plan_message.h"

#include "datapath/plan/plan_holder.h"
#include "lib/alloc.h"

#include <assert.h>
#include <string.h>

const char *plan_message_port(struct plan_context *ctx, uint8_t mode, uint8_t flag)
{
	char m[8], f[8];

	return arena_printf(ctx->arena, "%s %s", model_mode_name(mode, m),
			    model_flag_name(flag, f));
}

const char *plan_message_waiting_for(struct plan_context *ctx, const char *what)
{
	return arena_printf(ctx->arena, "waiting for %s to appear", what);
}

const char *plan_message_spent(struct plan_context *ctx, const struct slave_plan *s)
{
	return arena_printf(ctx->arena,
			    "its device is in no namespace any more: %s is removed in a "
			    "second",
			    model_slave_label(ctx->arena, s->want));
}

const char *plan_message_awaited(struct plan_context *ctx, const struct model_netns *want)
{
	const struct model_netns *have = model_find_netns(ctx->have, want->name);

	if (have && have->seen.is_dead_file)
		return arena_printf(ctx->arena,
				    "waiting for a namespace on the file /run/netns/%s: "
				    "ipvl makes one if none is mounted soon",
				    want->name);
	return arena_printf(ctx->arena,
			    "waiting for the namespace %s to appear again: ipvl did not "
			    "make it",
			    want->name);
}

const char *plan_message_netns(const char *netns)
{
	return *netns ? netns : "this host";
}

const char *plan_message_article(const char *word)
{
	return *word && strchr("aeio", *word) ? "an" : "a";
}

const char *plan_message_device(struct plan_context *ctx, const char *kind,
				const struct model_master *m)
{
	if (strcmp(kind, "vlan") != 0)
		return arena_printf(ctx->arena, "%s %s", plan_message_article(kind),
				    kind);
	return arena_printf(ctx->arena, "VLAN %u of %s", m->vlan_id,
			    *m->vlan_link ? m->vlan_link : "another device");
}

const char *plan_message_renamed_master(struct plan_context *ctx,
					const struct master_plan *m)
{
	const char *name = model_master_label(ctx->arena, m->want);
	const char *since = m->have->seen.now_since;

	assert(*m->have->seen.now_name);
	return arena_printf(ctx->arena,
			    "%s is called %s%s%s: rename it back, or "
			    "`ipvl-ctl set-master %s name=%s`",
			    name, m->have->seen.now_name, *since ? " since " : "", since,
			    name, m->have->seen.now_name);
}

const char *plan_message_left_master(struct plan_context *ctx,
				     const struct master_plan *m)
{
	const char *name = model_master_label(ctx->arena, m->want);

	return arena_printf(ctx->arena,
			    "%s is not as declared, and is left so (drift: %s): "
			    "`ipvl-ctl repair %s` changes that",
			    name, model_drift_name(m->want->drift), name);
}

const char *plan_message_device_change(struct plan_context *ctx,
				       const struct master_plan *m)
{
	const struct model_master *have = m->have, *want = m->want;
	const char *kind = model_master_made_kind(want);

	if (strcmp(have->seen.kind, kind) != 0)
		return arena_printf(ctx->arena, "%s -> %s", have->seen.kind, kind);
	if (!strcmp(have->vlan_link, want->vlan_link) && have->vlan_id == want->vlan_id)
		return arena_printf(ctx->arena, "%s is made again", want->vlan_link);
	return arena_printf(ctx->arena, "vlan %s %u -> %s %u", have->vlan_link,
			    have->vlan_id, want->vlan_link, want->vlan_id);
}

const char *plan_message_held_device(struct plan_context *ctx,
				     const struct master_plan *m)
{
	return arena_printf(
		ctx->arena,
		"%s is %s and is to be %s, but %s, which ipvl did not make, uses it: "
		"remove that, and ipvl makes it again",
		model_master_label(ctx->arena, m->want),
		plan_message_device(ctx, m->have->seen.kind, m->have),
		plan_message_device(ctx, model_master_made_kind(m->want), m->want),
		plan_device_user(ctx, m->have));
}

const char *plan_message_busy(struct plan_context *ctx, const struct master_plan *m)
{
	assert(*m->have->seen.busy);
	return arena_printf(ctx->arena,
			    "%s is in use by %s, and the kernel allows no %s beside "
			    "that: free it, and "
			    "the slaves are made",
			    model_master_label(ctx->arena, m->have), m->have->seen.busy,
			    link_type_of(m->want)->kind);
}

const char *plan_message_crowded(struct plan_context *ctx, const struct master_plan *m)
{
	return arena_printf(
		ctx->arena,
		"%s carries %s, which ipvl did not make, and in mode passthru "
		"a %s is alone on its master: remove it, or declare another "
		"mode",
		model_master_label(ctx->arena, m->have), m->have->seen.stranger,
		link_type_of(m->want)->kind);
}

const char *plan_message_sibling(struct plan_context *ctx, const struct master_plan *m)
{
	const char *kind = m->have->seen.kind;

	return arena_printf(
		ctx->arena,
		"%s is %s %s itself, and the kernel makes others beside it, on "
		"the device below: declare that as the master",
		model_master_label(ctx->arena, m->have), plan_message_article(kind),
		kind);
}

const char *plan_message_stranger(struct plan_context *ctx, const struct master_plan *m)
{
	const struct model_master *have = m->have;
	const char *stranger = *have->seen.stranger ? have->seen.stranger : "an ipvlan";
	char mode[8], flag[8];

	return arena_printf(ctx->arena,
			    "%s carries %s, which ipvl did not make, as %s, and mode and "
			    "flag are those of the whole master: remove it, or declare "
			    "the same with `ipvl-ctl set-master %s mode=%s flag=%s`",
			    model_master_label(ctx->arena, have), stranger,
			    plan_message_port(ctx, have->seen.mode, have->seen.flag),
			    model_master_label(ctx->arena, m->want),
			    model_mode_name(have->seen.mode, mode),
			    model_flag_name(have->seen.flag, flag));
}

const char *plan_message_command(struct plan_context *ctx, const char *netns,
				 const char *words)
{
	if (!*netns)
		return arena_printf(ctx->arena, "ip %s", words);
	if (*netns == '/')
		return arena_printf(ctx->arena, "nsenter --net=%s ip %s", netns, words);
	return arena_printf(ctx->arena, "ip -n %s %s", netns, words);
}

const char *plan_message_foreign_route(struct plan_context *ctx,
				       const struct master_plan *m,
				       const struct slave_plan *s,
				       const struct model_route *r)
{
	const char *netns = s ? s->netns : m->want->netns;
	const char *route = model_route_text(ctx->arena, r);

	return arena_printf(
		ctx->arena,
		"%s already has a route \"%s\" that ipvl did not make: remove it with "
		"`%s`, and ours takes its place",
		plan_message_netns(netns), route,
		plan_message_command(ctx, netns,
				     arena_printf(ctx->arena, "route del %s", route)));
}

const char *plan_message_foreign_resolv(struct plan_context *ctx, const char *netns)
{
	return arena_printf(ctx->arena,
			    "/etc/netns/%s/resolv.conf was not written by ipvl: remove "
			    "it, or leave out "
			    "`nameservers`",
			    netns);
}

const char *plan_message_same_place(struct plan_context *ctx, const struct slave_plan *s,
				    const struct slave_plan *winner)
{
	assert(winner != s);
	if (strcmp(s->netns, winner->netns) != 0)
		return arena_printf(ctx->arena,
				    "%s is the same namespace as %s, where %s already "
				    "is: remove one of "
				    "the two rows, or give this one another name",
				    plan_message_netns(s->netns),
				    plan_message_netns(winner->netns), s->want->name);
	return arena_printf(ctx->arena, "%s is declared on %s too: remove one of the two",
			    model_slave_label(ctx->arena, s->want),
			    model_master_label(ctx->arena, winner->master->want));
}

const char *plan_message_same_master(struct plan_context *ctx,
				     const struct master_plan *m,
				     const struct master_plan *winner)
{
	assert(winner != m);
	return arena_printf(ctx->arena,
			    "%s is the same namespace as %s, whose %s is a master "
			    "already: put its slaves under that one",
			    plan_message_netns(m->want->netns),
			    plan_message_netns(winner->want->netns), m->want->name);
}

const char *plan_message_detour(struct plan_context *ctx, const struct slave_plan *s,
				const struct ip_prefix *address)
{
	struct ip_prefix net = ip_prefix_network(address);
	char a[IP_TEXT_BYTES], n[IP_TEXT_BYTES];

	return arena_printf(
		ctx->arena,
		"a route to %s through a gateway, which ipvl did not make, is "
		"in place of that to the subnet of %s in %s: `ip route show "
		"%s` shows it; remove it",
		ip_prefix_format(&net, n), ip_prefix_format(address, a),
		plan_message_netns(s->netns), n);
}

const char *plan_message_duplicate(struct plan_context *ctx, const struct ip_addr *addr)
{
	char buf[IP_TEXT_BYTES];

	return arena_printf(ctx->arena,
			    "another host on the network already uses %s (duplicate "
			    "address detection): "
			    "choose another address, or stop that host",
			    ip_addr_format(addr, buf));
}

/* "its slaves", or those of a VLAN above. */
static const char *whose_slaves(struct plan_context *ctx, const struct master_plan *m,
				const struct model_master *root)
{
	if (!strcmp(root->name, m->want->name))
		return "its slaves";
	return arena_printf(ctx->arena, "the slaves of %s",
			    model_master_label(ctx->arena, m->want));
}

const char *plan_message_master_down(struct plan_context *ctx,
				     const struct master_plan *m,
				     const struct model_master *root)
{
	const char *words =
		arena_printf(ctx->arena, "link set %s up", model_master_device(root));

	return arena_printf(
		ctx->arena, "%s is down, so no packet passes through %s: `%s`",
		model_master_label(ctx->arena, root), whose_slaves(ctx, m, root),
		plan_message_command(ctx, root->netns, words));
}

const char *plan_message_no_carrier(struct plan_context *ctx, const struct master_plan *m,
				    const struct model_master *root)
{
	return arena_printf(
		ctx->arena, "%s has no carrier, so no packet passes through %s: %s",
		model_master_label(ctx->arena, root), whose_slaves(ctx, m, root),
		strcmp(root->seen.kind, "bridge") != 0
			? "check its cable and the device at its other end"
			: "one of its ports has to be up, with carrier");
}

/* The command that removes 'addr' from the master. */
static const char *take_off(struct plan_context *ctx, const struct model_master *m,
			    const struct ip_addr *addr)
{
	const struct ip_prefix *its = NULL;
	char buf[IP_TEXT_BYTES];

	for (size_t i = 0; i < m->seen.n_addresses; i++) {
		if (!ip_addr_cmp(&m->seen.addresses[i].addr, addr))
			its = &m->seen.addresses[i];
	}
	assert(its);
	return plan_message_command(ctx, m->netns,
				    arena_printf(ctx->arena, "addr del %s dev %s",
						 ip_prefix_format(its, buf),
						 model_master_device(m)));
}

/* "w0 in namespace old". */
static const char *text_of_holder(struct plan_context *ctx, const struct model_held *h)
{
	if (!*h->netns)
		return h->name;
	if (model_netns_is_nameless(h->netns))
		return arena_printf(ctx->arena, "%s in a namespace without a name",
				    h->name);
	return arena_printf(ctx->arena, "%s in namespace %s", h->name, h->netns);
}

const char *plan_message_strangers_address(struct plan_context *ctx,
					   const struct model_held *h)
{
	char buf[IP_TEXT_BYTES];
	const char *p = ip_prefix_format(&h->address, buf);
	const char *words = arena_printf(ctx->arena, "addr del %s dev %s", p, h->name);
	const char *how = arena_printf(ctx->arena, " (`%s`)",
				       plan_message_command(ctx, h->netns, words));

	return arena_printf(ctx->arena,
			    "%s is in use by %s, an ipvlan that ipvl did not make: "
			    "remove it there%s, and the slave gets it; or choose another",
			    p, text_of_holder(ctx, h),
			    model_netns_is_nameless(h->netns) ? "" : how);
}

const char *plan_message_held_address(struct plan_context *ctx,
				      const struct slave_plan *s,
				      const struct ip_prefix *address)
{
	const struct model_master *m = s->master->have;
	char buf[IP_TEXT_BYTES];

	return arena_printf(ctx->arena,
			    "%s already has %s, and packets for an address on both may "
			    "reach either: remove it from the master (`%s`), and the "
			    "slave gets it; or choose another",
			    model_master_label(ctx->arena, m),
			    ip_addr_format(&address->addr, buf),
			    take_off(ctx, m, &address->addr));
}

const char *plan_message_shared_address(struct plan_context *ctx,
					const struct slave_plan *s,
					const struct ip_prefix *address)
{
	const struct model_master *m = s->master->have;
	char buf[IP_TEXT_BYTES];

	return arena_printf(ctx->arena,
			    "%s is on %s too, and its packets may reach either: remove "
			    "it from the master (`%s`), or choose another",
			    ip_addr_format(&address->addr, buf),
			    model_master_label(ctx->arena, m),
			    take_off(ctx, m, &address->addr));
}

const char *plan_message_no_resolv(struct plan_context *ctx, const struct slave_plan *s)
{
	return arena_printf(ctx->arena,
			    "its nameservers have no effect: they are written to "
			    "/etc/netns/NAME/resolv.conf, and %s has no name: leave them "
			    "out, or put the slave into a namespace with a name",
			    *s->netns ? s->netns : "the namespace of this host");
}

const char *plan_message_low_mtu(struct plan_context *ctx, const struct slave_plan *s,
				 uint32_t mtu)
{
	const char *slave = model_slave_label(ctx->arena, s->want);
	const char *master = model_master_label(ctx->arena, s->master->want);

	assert(mtu < MODEL_IPV6_MTU_MIN);
	if (s->want->mtu)
		return arena_printf(ctx->arena,
				    "mtu %u of %s is below the %u that IPv6 needs, and "
				    "the kernel removes IPv6 from the device: raise it, "
				    "or leave out the IPv6 of %s",
				    mtu, slave, MODEL_IPV6_MTU_MIN, slave);
	return arena_printf(ctx->arena,
			    "waiting for %s to have an mtu of %u or more, without which "
			    "there is no IPv6: it has %u; `ipvl-ctl set-master %s "
			    "mtu=1500` sets it",
			    master, MODEL_IPV6_MTU_MIN, mtu, master);
}

const char *plan_message_mtu_above(struct plan_context *ctx, const struct slave_plan *s)
{
	const struct model_master *m = s->master->want;
	const char *name = model_master_label(ctx->arena, m);

	assert(s->want->mtu > s->master->mtu);
	return arena_printf(
		ctx->arena,
		"mtu %u is above the %u of %s, and longer packets are lost: set "
		"the mtu of %s, or leave out that of the slave",
		s->want->mtu, s->master->mtu, name, name);
}

const char *plan_message_mtu_refused(struct plan_context *ctx, const struct slave_plan *s)
{
	const struct model_master *m = s->master->want;
	const char *name = model_master_label(ctx->arena, m);

	return arena_printf(
		ctx->arena,
		"mtu %u is above the %u of %s, which Linux refuses for a %s: "
		"set the mtu of %s, or leave out that of the slave, which has "
		"%u until then",
		s->want->mtu, s->master->mtu, name, link_type_of(m)->kind, name,
		s->master->mtu);
}

const char *plan_message_no_proxy_arp(struct plan_context *ctx,
				      const struct slave_plan *s,
				      const struct ip_addr *addr)
{
	const struct model_master *m = s->master->want;
	const char *name = model_master_label(ctx->arena, m);
	char buf[IP_TEXT_BYTES];

	ip_addr_format(addr, buf);
	if (m->mode == MODEL_MODE_L3)
		return arena_printf(
			ctx->arena,
			"%s does not answer ARP requests for %s although ipv4.proxy_arp "
			"is set: in mode l3 the kernel gives them to the slave, which "
			"has no ARP: set the mode of %s to l3s, or add a route to %s "
			"outside",
			name, buf, name, buf);
	return arena_printf(
		ctx->arena,
		"%s answers ARP requests for %s only while the host reaches it by "
		"another "
		"device: %sadd a slave to %s in its own namespace, with host access",
		name, buf,
		m->flag == MODEL_FLAG_BRIDGE ? "" : "set its flag to bridge, and ", name);
}

/* Of an address with a lifetime, or without the one that is declared. */
static const char *lifetime(const struct slave_plan *s, const struct ip_prefix *p)
{
	const struct model_address_options *o = model_find_options(s->want, p);

	return o && o->lifetime == MODEL_LIFETIME_DEPRECATED ? "is not deprecated"
							     : "has a lifetime";
}

static const char *labelled(struct plan_context *ctx,
			    const struct model_address_seen *seen)
{
	return seen && *seen->label
		       ? arena_printf(ctx->arena, "has the label %s", seen->label)
		       : "has no label";
}

const char *plan_message_noted(struct plan_context *ctx, const struct slave_plan *s,
			       const struct ip_prefix *p, unsigned int notes)
{
	const struct model_address_seen *seen = model_find_noted(s->have, p);
	static const struct {
		unsigned int note;
		const char *text;
	} texts[] = {
		{MODEL_ADDRESS_SCOPE, "has another scope"},
		{MODEL_ADDRESS_DUPLICATE, "is a duplicate"},
		{MODEL_ADDRESS_NO_LOCAL, "is not in the local table"},
		{MODEL_ADDRESS_NO_SUBNET, "has lost the route to its subnet"},
		{MODEL_ADDRESS_METRIC, "has a metric"},
	};
	char buf[IP_TEXT_BYTES];

	notes &= model_address_notes(s->want, s->have, p);
	if (notes & MODEL_ADDRESS_PEER && !(seen && seen->peer.family))
		return "has no peer";
	if (notes & MODEL_ADDRESS_PEER)
		return arena_printf(ctx->arena, "has the peer %s",
				    ip_addr_format(&seen->peer, buf));
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (notes & texts[i].note)
			return texts[i].text;
	}
	if (notes & MODEL_ADDRESS_LIFETIME)
		return lifetime(s, p);
	return notes & MODEL_ADDRESS_LABEL ? labelled(ctx, seen) : "";
}
