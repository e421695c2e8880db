/* Other programs reach the daemon's own namespace only: the slaves in it, and the routes of
 * masters there, are what they can take. */
#include "reconciler/doctor/doctor_host.h"

#include "lib/ip.h"

#include <inttypes.h>
#include <string.h>

/* A table of conntrack that is fuller than this soon drops packets. */
#define CONNTRACK_FULL_PERCENT 90

/* In the daemon's own namespace. */
static bool is_here(const struct model_master *m, const struct model_slave *s)
{
	return !*s->netns && !*m->netns;
}

/* "shim0;ipvl0", with 'between' between them; "" if there is none. */
static const char *slaves_here(const struct doctor_facts *f, const char *between,
			       struct arena *a)
{
	const char *all = "";

	for (size_t i = 0; i < f->want->n_masters; i++) {
		const struct model_master *m = &f->want->masters[i];

		for (size_t k = 0; k < m->n_slaves; k++) {
			const struct model_slave *s = &m->slaves[k];

			if (is_here(m, s) && s->intent == MODEL_PRESENT)
				all = arena_printf(a, "%s%s%s", all, *all ? between : "",
						   s->name);
		}
	}
	return all;
}

static bool has_routes_here(const struct doctor_facts *f)
{
	for (size_t i = 0; i < f->want->n_masters; i++) {
		if (!*f->want->masters[i].netns && f->want->masters[i].n_routes)
			return true;
	}
	return false;
}

/* NetworkManager.conf(5). */
static void examine_network_manager(const struct doctor_facts *f, struct doctor_report *r)
{
	const char *names = slaves_here(f, ";interface-name:", r->arena);

	if (f->has_network_manager && !f->nm_leaves_devices && *names)
		doctor_add(r, DOCTOR_WARNING, "managers",
			   arena_printf(r->arena,
					"write to /etc/NetworkManager/conf.d/ipvl.conf: "
					"[keyfile] unmanaged-devices=interface-name:%s; "
					"then `nmcli general reload`",
					names),
			   "NetworkManager runs, and may take slaves in the host's "
			   "namespace for its own: %s",
			   slaves_here(f, ", ", r->arena));
}

/* systemd.network(5), networkd.conf(5). */
static void examine_networkd(const struct doctor_facts *f, struct doctor_report *r)
{
	const char *names = slaves_here(f, " ", r->arena);

	if (!f->has_networkd)
		return;
	if (!f->networkd_leaves_devices && *names)
		doctor_add(r, DOCTOR_WARNING, "managers",
			   arena_printf(r->arena,
					"write to /etc/systemd/network/00-ipvl.network: "
					"[Match] Name=%s [Link] Unmanaged=yes; then "
					"`networkctl reload`",
					names),
			   "systemd-networkd runs, and may take slaves in the host's "
			   "namespace for its own: %s",
			   slaves_here(f, ", ", r->arena));
	if (!f->networkd_leaves_routes && (*names || has_routes_here(f)))
		doctor_add(
			r, DOCTOR_WARNING, "managers",
			"write to /etc/systemd/networkd.conf.d/ipvl.conf: [Network] "
			"ManageForeignRoutes=no "
			"ManageForeignRoutingPolicyRules=no; then `systemctl restart "
			"systemd-networkd`",
			"systemd-networkd removes routes and rules that it did not make "
			"from the devices that it manages, also those of ipvl");
}

void doctor_host_examine_managers(const struct doctor_facts *f, struct doctor_report *r)
{
	examine_network_manager(f, r);
	examine_networkd(f, r);
}

/* --- sysctls --- */

/* A slave in the daemon's own namespace has 'addr'. */
static bool is_address_here(const struct model *want, const struct ip_addr *addr)
{
	for (size_t i = 0; i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];

		for (size_t k = 0; k < m->n_slaves; k++) {
			const struct model_slave *s = &m->slaves[k];

			for (size_t n = 0; is_here(m, s) && n < s->n_addresses; n++) {
				if (!ip_addr_cmp(&s->addresses[n].addr, addr))
					return true;
			}
		}
	}
	return false;
}

/* The first slave elsewhere whose route goes by an address of the host. */
static const struct model_slave *find_routed(const struct model *want, unsigned int bits)
{
	for (size_t i = 0; i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];

		for (size_t k = 0; k < m->n_slaves; k++) {
			const struct model_slave *s = &m->slaves[k];

			for (size_t n = 0; !is_here(m, s) && n < s->n_routes; n++) {
				const struct ip_addr *via = &s->routes[n].via;

				if (via->family && ip_addr_bits(via) == bits &&
				    is_address_here(want, via))
					return s;
			}
		}
	}
	return NULL;
}

static void examine_forwarding(const struct doctor_facts *f, struct doctor_report *r)
{
	static const struct {
		unsigned int bits;
		const char *name, *key;
	} families[] = {
		{32, "IPv4", "net.ipv4.ip_forward"},
		{128, "IPv6", "net.ipv6.conf.all.forwarding"},
	};

	for (size_t i = 0; i < 2; i++) {
		const struct model_slave *s = find_routed(f->want, families[i].bits);

		if (s && (i ? f->forwarding_v6 : f->forwarding_v4) == 0)
			doctor_add(
				r, DOCTOR_WARNING, "sysctls",
				arena_printf(r->arena,
					     "sysctl -w %s=1, and a file in "
					     "/etc/sysctl.d for the next boot",
					     families[i].key),
				"%s%s%s has a route by the host, which does not forward "
				"%s",
				s->netns, *s->netns ? "/" : "", s->name,
				families[i].name);
	}
}

/* A slave gives the host access to the others, and them to the host. */
static bool has_host_access(const struct model_master *m)
{
	for (size_t i = 0; i < m->n_slaves; i++) {
		if (m->slaves[i].host_access)
			return true;
	}
	return false;
}

/* What slaves send to the master's own address comes in by the master, and the way back to
 * them is by the host's slave: Linux fib_validate_source() drops it. */
static void examine_host_access(const struct doctor_facts *f, struct doctor_report *r)
{
	for (size_t i = 0; i < f->want->n_masters; i++) {
		const struct model_master *m = &f->want->masters[i];

		if (f->rp_filters[i] == 1 && has_host_access(m))
			doctor_add(
				r, DOCTOR_WARNING, "sysctls",
				arena_printf(
					r->arena,
					"sysctl -w net.ipv4.conf.%s.rp_filter=2, and a "
					"file in /etc/sysctl.d for the next boot",
					m->name),
				"rp_filter of %s is strict: what its slaves send to its "
				"own "
				"IPv4 addresses is dropped, in spite of host access",
				m->name);
	}
}

static bool has_l3s(const struct model *want)
{
	for (size_t i = 0; i < want->n_masters; i++) {
		if (want->masters[i].mode == MODEL_MODE_L3S)
			return true;
	}
	return false;
}

/* What comes in for slaves in l3s passes the host's input (kernel.md 11). */
static void examine_l3s(const struct doctor_facts *f, struct doctor_report *r)
{
	for (size_t i = 0; i < f->want->n_masters; i++) {
		const struct model_master *m = &f->want->masters[i];

		if (m->mode == MODEL_MODE_L3S && f->rp_filters[i] == 1)
			doctor_add(
				r, DOCTOR_NOTE, "sysctls",
				arena_printf(r->arena,
					     "if packets are missing: sysctl -w "
					     "net.ipv4.conf.%s.rp_filter=2",
					     m->name),
				"rp_filter of %s is strict: what comes in for its slaves "
				"from an address that the host reaches by another device "
				"is dropped",
				m->name);
	}
	if (f->conntrack_max > 0 && has_l3s(f->want) &&
	    f->conntrack_count >= f->conntrack_max / 100 * CONNTRACK_FULL_PERCENT)
		doctor_add(
			r, DOCTOR_WARNING, "sysctls",
			arena_printf(r->arena,
				     "sysctl -w net.netfilter.nf_conntrack_max=%" PRId64,
				     f->conntrack_max * 2),
			"the host's conntrack has %" PRId64 " of %" PRId64
			" entries, and those of slaves in l3s count: when it is full, "
			"new connections are dropped",
			f->conntrack_count, f->conntrack_max);
}

void doctor_host_examine_sysctls(const struct doctor_facts *f, struct doctor_report *r)
{
	examine_forwarding(f, r);
	examine_l3s(f, r);
	examine_host_access(f, r);
}
