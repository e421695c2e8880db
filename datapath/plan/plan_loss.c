/* What each kind of change costs the traffic that flows. A device that is down has none. */
#include "datapath/plan/plan_loss.h"

#include "datapath/plan/plan_holder.h"

#include <string.h>
#include <sys/socket.h>

/* More addresses are not named. */
#define MAX_NAMED 3

static bool is_readded(const struct slave_plan *s, const struct ip_addr *addr)
{
	return s->want && model_slave_has_address(s->want, addr);
}

const char *plan_loss_address(struct plan_context *ctx, const struct slave_plan *s,
			      const struct ip_prefix *p)
{
	const struct model_address_seen *seen = model_find_noted(s->have, p);
	char buf[IP_TEXT_BYTES];

	/* The kernel does not use a duplicate. */
	if (!s->have->seen.is_up || (seen && seen->notes & MODEL_ADDRESS_DUPLICATE))
		return NULL;
	return arena_printf(ctx->arena, "%s goes away%s", ip_addr_format(&p->addr, buf),
			    is_readded(s, &p->addr) ? " for a moment" : "");
}

const char *plan_loss_route(struct plan_context *ctx, const struct model_route *have,
			    const struct model_route *want)
{
	char buf[IP_TEXT_BYTES];
	const char *to = ip_prefix_is_default(&have->to)
				 ? "default route"
				 : arena_printf(ctx->arena, "route to %s",
						ip_prefix_format(&have->to, buf));

	return arena_printf(ctx->arena, want ? "no %s for a moment" : "its %s goes away",
			    to);
}

/* Of a device that goes, the removal of the device is the loss. */
const char *plan_loss_rule(const struct slave_plan *s, bool is_readded)
{
	if (!plan_slave_is_kept(s) || !s->have->seen.is_up)
		return NULL;
	return is_readded ? "what the rule selects takes other routes for a moment"
			  : "what the rule selects takes other routes";
}

/* "10.0.0.2, 10.0.0.3": those that somebody else may use. */
static const char *addresses(struct plan_context *ctx, const struct model_slave *have,
			     size_t *ret_n)
{
	const char *all = "";
	char buf[IP_TEXT_BYTES];
	size_t n = 0;

	for (size_t i = 0; i < have->n_addresses; i++) {
		const struct ip_addr *addr = &have->addresses[i].addr;

		if (ip_addr_is_link_local(addr))
			continue;
		n++;
		if (n <= MAX_NAMED)
			all = arena_printf(ctx->arena, "%s%s%s", all, *all ? ", " : "",
					   ip_addr_format(addr, buf));
	}
	*ret_n = n;
	return n > MAX_NAMED
		       ? arena_printf(ctx->arena, "%s and %zu more", all, n - MAX_NAMED)
		       : all;
}

const char *plan_loss_slave(struct plan_context *ctx, const struct slave_plan *s)
{
	const char *again = plan_slave_is_made(s) ? " for a moment" : "", *all;
	size_t n;

	if (!s->have->seen.is_up)
		return NULL;
	all = addresses(ctx, s->have, &n);
	if (!n)
		return arena_printf(ctx->arena, "its traffic stops%s", again);
	return arena_printf(ctx->arena, "%s %s away%s", all, n == 1 ? "goes" : "go",
			    again);
}

const char *plan_loss_device(const struct master_plan *m)
{
	if (!m->have->seen.is_up)
		return NULL;
	return m->makes_device ? "its traffic stops for a moment" : "its traffic stops";
}

static bool has_siblings(const struct model_master *have)
{
	size_t n = 0;

	for (size_t i = 0; i < have->n_slaves; i++)
		n += have->slaves[i].seen.is_on_master && have->slaves[i].seen.is_up;
	for (size_t i = 0; i < have->seen.n_members; i++)
		n += have->seen.members[i].is_up;
	return n > 1;
}

/* The flag is about traffic between siblings. */
static const char *loss_of_flag(const struct master_plan *m)
{
	bool is_stricter = m->have->seen.flag == MODEL_FLAG_BRIDGE ||
			   m->want->flag == MODEL_FLAG_PRIVATE;

	if (m->have->seen.flag == m->want->flag || !is_stricter || !has_siblings(m->have))
		return NULL;
	return m->want->flag == MODEL_FLAG_PRIVATE
		       ? "its slaves no longer reach each other"
		       : "its slaves reach each other through the switch only";
}

const char *plan_loss_mode(const struct slave_plan *s)
{
	enum model_flag want = s->master->want->flag;
	bool is_stricter =
		s->have->seen.flag == MODEL_FLAG_BRIDGE || want == MODEL_FLAG_PRIVATE;

	if (s->have->seen.flag == want || !is_stricter || !s->have->seen.is_up ||
	    !has_siblings(s->master->have))
		return NULL;
	return want == MODEL_FLAG_PRIVATE
		       ? "it no longer reaches the other slaves"
		       : "it reaches the other slaves through the switch only";
}

/* Neighbours use the ARP entries that they have, and find no new ones; IPv4 and IPv6 leave
 * by the master's own routes. The way back from l3 needs nothing: a slave has the MAC of
 * its master. l3 and l3s are the same to what flows. */
const char *plan_loss_port(struct plan_context *ctx, const struct master_plan *m)
{
	static const char arp[] =
		"ARP and broadcast stop, so the outside needs a route to its slaves";
	bool ends_arp =
		m->have->seen.mode == MODEL_MODE_L2 && m->want->mode != MODEL_MODE_L2;
	const char *flag = loss_of_flag(m);

	if (ends_arp && flag)
		return arena_printf(ctx->arena, "%s; %s", arp, flag);
	return ends_arp ? arp : flag;
}

static bool has_ipv6(const struct model_slave *have)
{
	for (size_t i = 0; i < have->n_addresses; i++) {
		if (have->addresses[i].addr.family == AF_INET6)
			return true;
	}
	return false;
}

/* kernel.md 22 */
static bool ends_ipv6(const struct model_slave *s, uint32_t have, uint32_t want)
{
	return s->seen.is_up && have >= MODEL_IPV6_MTU_MIN && want < MODEL_IPV6_MTU_MIN &&
	       has_ipv6(s);
}

const char *plan_loss_mtu(const struct slave_plan *s, uint32_t have, uint32_t want)
{
	return ends_ipv6(s->have, have, want) ? "its IPv6 stops" : NULL;
}

const char *plan_loss_master_mtu(const struct master_plan *m, uint32_t want)
{
	uint32_t have = m->have->seen.mtu;

	if (!m->have->seen.is_up)
		return NULL;
	for (size_t i = 0; i < m->have->n_slaves; i++) {
		if (ends_ipv6(&m->have->slaves[i], have, want))
			return "IPv6 of its slaves stops";
	}
	/* A device without a kind is hardware. */
	return *m->have->seen.kind ? NULL : "the driver may restart the link";
}

static bool is_turned(const struct model_sysctl *want, const char *have, const char *key,
		      bool is_on)
{
	return !strcmp(want->key, key) && !strcmp(have, "0") == is_on &&
	       !strcmp(want->value, "0") != is_on;
}

const char *plan_loss_own_sysctl(const struct model_master *device,
				 const struct model_sysctl *want, const char *have)
{
	if (!device->seen.is_up)
		return NULL;
	if (is_turned(want, have, "ipv6.disable_ipv6", true))
		return "its IPv6 stops";
	if (is_turned(want, have, "ipv4.forwarding", false) ||
	    is_turned(want, have, "ipv6.forwarding", false))
		return "what arrives by it is not forwarded any more";
	if (is_turned(want, have, "ipv4.proxy_arp", false) ||
	    is_turned(want, have, "ipv6.proxy_ndp", false))
		return "neighbours find nothing behind the host any more";
	return NULL;
}

const char *plan_loss_sysctl(const struct slave_plan *s, const struct model_sysctl *want,
			     const char *have)
{
	bool is_off = !strcmp(want->key, "ipv6.disable_ipv6") && strcmp(want->value, "0");

	return is_off && have && !strcmp(have, "0") && s->have->seen.is_up &&
			       has_ipv6(s->have)
		       ? "its IPv6 stops"
		       : NULL;
}

/* 'now_netns' is "" in the namespace of the master. */
static const char *text_moved(struct plan_context *ctx, const struct slave_plan *s)
{
	const struct model_slave *found = s->found;
	const char *netns =
		*found->seen.now_netns ? found->seen.now_netns : s->master->want->netns;

	if (!*found->seen.now_name)
		return "moved to another namespace";
	if (*netns == '/')
		return arena_printf(ctx->arena, "moved to the namespace %s", netns);
	return *netns ? arena_printf(ctx->arena, "moved to namespace %s", netns)
		      : "moved to the host's namespace";
}

static bool is_replaced(const struct plan_context *ctx, const char *netns)
{
	const struct model_netns *want =
		*netns ? model_find_netns(ctx->want, netns) : NULL;
	const struct model_netns *have =
		*netns ? model_find_netns(ctx->have, netns) : NULL;

	return want && have && want->last_inode && have->seen.exists &&
	       (want->has_changed || have->seen.inode != want->last_inode);
}

const char *plan_loss_cause(struct plan_context *ctx, const struct slave_plan *s)
{
	const struct model_slave *found = s->found;

	if (s->fate == FATE_REMAKE)
		return s->why;
	if (found && found->seen.namespace_missing)
		return arena_printf(ctx->arena, "namespace %s removed", s->netns);
	if (is_replaced(ctx, s->netns))
		return arena_printf(ctx->arena, "namespace %s removed and made again",
				    s->netns);
	if (found && found->seen.has_moved)
		return text_moved(ctx, s);
	if (found && *found->seen.now_name)
		return arena_printf(ctx->arena, "renamed to %s", found->seen.now_name);
	return "deleted";
}
