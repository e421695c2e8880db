/* Loads an observed model into the simulated kernel, so that a plan can be tried on it.
 *
 * The inverse of sim_observe.c: observing the same scope afterwards gives the same model.
 * What the model only hints at (a foreign ipvlan, another program's device in a
 * namespace) appears in the simplest form. */
#include "datapath/sim/sim.h"

#include "datapath/sim/sim_addr_notes.h"
#include "datapath/sim/sim_cache.h"
#include "datapath/sim/sim_host.h"
#include "datapath/sim/sim_load_netns.h"
#include "datapath/sim/sim_match.h"
#include "datapath/sim/twin/twin_addr.h"
#include "datapath/sim/twin/twin_event.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_link_place.h"
#include "datapath/sim/twin/twin_sysctl.h"
#include "datapath/sim/twin/twin_world.h"
#include "lib/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A namespace that no model can name, for the devices below ipvlans of unknown
 * masters. */
#define ELSEWHERE "/elsewhere"

#define ATTR_MACVLAN_MODE 1 /* IFLA_MACVLAN_MODE */

static struct twin_netns *hidden_netns(struct twin_world *w)
{
	struct twin_netns *s = sim_load_need_netns(w, ELSEWHERE);

	s->is_hidden = true;
	return s;
}

/* A device as observed. */
static struct twin_link *need_link(struct twin_world *w, struct twin_netns *s,
				   const char *name, const char *kind,
				   struct twin_link *lower)
{
	struct twin_link *l = twin_link_find(s, name);

	/* A row's master may be another program's ipvlan on the master of another row. */
	if (l && lower && !l->lower && l != lower && !strcmp(l->kind, kind))
		twin_link_stack(l, lower);
	if (l)
		return l;
	l = twin_link_new(w, s, name, kind);
	l->has_carrier = true;
	if (lower) {
		twin_link_stack(l, lower);
		l->mtu = lower->mtu;
		memcpy(l->mac, lower->mac, sizeof(l->mac));
	}
	return l;
}

static void load_state(struct twin_link *l, uint32_t ifindex, uint32_t mtu, bool is_up,
		       bool has_carrier, const uint8_t mac[6])
{
	l->ifindex = ifindex;
	l->mtu = mtu;
	l->has_ipv6 = mtu >= MODEL_IPV6_MTU_MIN;
	l->is_up = is_up;
	/* Of a device that is down it is unknown. */
	l->has_carrier = is_up ? has_carrier : !l->lower || l->lower->has_carrier;
	l->is_ipv6_ready = is_up && has_carrier;
	memcpy(l->mac, mac, sizeof(l->mac));
}

static void load_addresses(struct twin_world *w, struct twin_link *l,
			   const struct ip_prefix *addresses, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct twin_addr a = twin_addr_plain(&addresses[i]);

		a.has_no_dad = true;
		/* Its master may have lowered the MTU since (kernel.md 22). */
		l->has_ipv6 |= a.prefix.addr.family == AF_INET6;
		err_free(twin_addr_add(w, l, &a, 0));
	}
}

static struct twin_link *load_master(struct twin_world *w, const struct model_master *m)
{
	struct twin_netns *s = sim_load_need_netns(w, m->netns);
	struct twin_link *lower =
		*m->vlan_link ? need_link(w, s, m->vlan_link, "dummy", NULL) : NULL;
	struct twin_link *l =
		need_link(w, s, model_master_device(m), m->seen.kind, lower);

	if (!l)
		return NULL;
	load_state(l, m->seen.ifindex, m->seen.mtu, m->seen.is_up, m->seen.has_carrier,
		   m->seen.mac);
	l->vlan_id = m->vlan_id;
	load_addresses(w, l, m->seen.addresses, m->seen.n_addresses);
	l->group = m->seen.presence == MODEL_OURS ? w->config.mark : m->seen.group;
	return l;
}

/* Devices without one below first. A VLAN on a VLAN of the model comes after that one. */
static void load_masters(struct twin_world *w, const struct model *have)
{
	for (size_t round = 0; round < 3; round++) {
		for (size_t i = 0; i < have->n_masters; i++) {
			const struct model_master *m = &have->masters[i];
			struct twin_netns *s = twin_netns_find_alive(w, m->netns);
			bool waits = *m->vlan_link && round < 2 &&
				     !(s && twin_link_find(s, m->vlan_link));

			if (m->seen.presence != MODEL_ABSENT && !waits &&
			    !(s && twin_link_find(s, model_master_device(m))))
				load_master(w, m);
		}
	}
}

/* The device below an ipvlan that is not on the master that it is listed under. */
static struct twin_link *make_other_master(struct twin_world *w)
{
	char name[16];

	snprintf(name, sizeof(name), "m%u", w->n_made);
	return need_link(w, hidden_netns(w), name, "dummy", NULL);
}

/* "": there is no such file. Of IPv6 that means that the device has none. */
static void load_sysctl(struct twin_link *l, const struct model_sysctl *s)
{
	if (*s->value)
		twin_sysctl_put(l->ns, l, NULL, s->key, s->value);
	else if (!strncmp(s->key, "ipv6.", 5))
		l->has_ipv6 = false;
}

static void load_names(struct twin_link *l, const struct model_slave *s)
{
	free(l->alias);
	l->alias = xstrdup(s->alias);
	for (size_t i = 0; i < s->n_altnames; i++) {
		l->alt_names = xgrow(l->alt_names, l->n_alt_names, &l->alt_names_cap,
				     sizeof(*l->alt_names));
		l->alt_names[l->n_alt_names++] = xstrdup(s->altnames[i]);
	}
}

static struct twin_link *load_vrf(struct twin_world *w, struct twin_netns *s,
				  const char *name)
{
	struct twin_link *vrf = twin_link_find(s, name);

	if (vrf)
		return vrf;
	vrf = twin_link_new(w, s, name, "vrf");
	vrf->has_carrier = true;
	vrf->vrf_table = MODEL_ROUTE_TABLE_MAIN; /* it is unknown */
	return vrf;
}

/* What it declares, and what it is a member of. */
static void load_vrfs(struct twin_world *w, struct twin_netns *s, struct twin_link *l,
		      const struct model_slave *slave)
{
	if (*slave->seen.vrf_name) {
		struct twin_link *vrf = load_vrf(w, s, slave->seen.vrf_name);

		vrf->ifindex = slave->seen.vrf_ifindex;
		vrf->vrf_table = slave->seen.vrf_table;
		vrf->is_up = slave->seen.vrf_is_up;
	}
	if (l && *slave->vrf)
		l->controller = load_vrf(w, s, slave->vrf);
}

static void load_notes(struct twin_link *l, const struct model_slave *s)
{
	for (size_t i = 0; i < s->seen.n_noted; i++) {
		const struct model_address_seen *seen = &s->seen.noted[i];
		struct twin_addr *a = twin_addr_find(l, &seen->address);

		if (a)
			sim_addr_spoil(l, a, seen);
	}
}

/* Its own, or that of the port that it is in. */
static void load_mode(struct twin_link *l, uint8_t mode, uint8_t flag)
{
	const struct link_type *t = link_type_find_kind(l->kind);
	struct link_attr attrs[LINK_TYPE_MAX_ATTRS];
	struct link_mode m = {.mode = mode, .flag = flag};

	if (twin_link_is_in_port(l)) {
		l->lower->mode = mode;
		l->lower->flag = flag;
	}
	if (!twin_link_is_macvlan(l) || !t || t->refuse(m))
		return;
	for (size_t i = t->encode(m, attrs); i-- > 0;) {
		if (attrs[i].type == ATTR_MACVLAN_MODE)
			l->own_mode = (uint8_t)attrs[i].value;
	}
}

/* One that is in the way stands beside one that is kept. */
static void load_file(struct twin_world *w, const char *netns,
		      const struct model_slave *s)
{
	struct twin_file *f;

	twin_file_set(w, netns, s->seen.resolv_conf, s->seen.resolv_conf_foreign);
	f = twin_file_find(w, netns);
	if (f->is_foreign && !f->kept)
		f->kept = xstrdup("");
}

static void load_slave(struct twin_world *w, const struct model_master *m,
		       struct twin_link *master, const struct model_slave *s)
{
	const char *netns = *s->netns ? s->netns : m->netns;
	struct twin_netns *ns;
	struct twin_link *l = NULL;

	if (*s->seen.resolv_conf || s->seen.resolv_conf_foreign)
		load_file(w, netns, s);
	if (s->seen.namespace_missing ||
	    (*netns == '\0' && s->seen.presence == MODEL_ABSENT && !s->n_routes &&
	     !s->n_rules && !*s->seen.vrf_name))
		return;
	ns = sim_load_need_netns(w, netns);
	if (s->seen.presence != MODEL_ABSENT) {
		bool is_slave = link_type_find_kind(s->seen.kind);
		struct twin_link *lower =
			s->seen.is_on_master ? master : make_other_master(w);

		l = need_link(w, ns, s->name, s->seen.kind, is_slave ? lower : NULL);
		load_mode(l, s->seen.mode, s->seen.flag);
	}
	if (l) {
		load_state(l, s->seen.ifindex, s->seen.mtu, s->seen.is_up,
			   s->seen.has_carrier, s->seen.mac);
		l->is_noarp = s->seen.is_noarp;
		l->group =
			s->seen.presence == MODEL_OURS ? w->config.mark : s->seen.group;
		if (s->seen.can_rename && s->seen.is_up &&
		    w->kernel_version < TWIN_LIVE_RENAME)
			w->kernel_version = TWIN_LIVE_RENAME;
		for (size_t i = 0; i < s->n_sysctls; i++)
			load_sysctl(l, &s->sysctls[i]);
		load_names(l, s);
		load_vrfs(w, ns, l, s);
		load_addresses(w, l, s->addresses, s->n_addresses);
		load_notes(l, s);
	}
	if (!l)
		load_vrfs(w, ns, NULL, s);
}

static struct twin_link *find_master(struct twin_world *w, const struct model_master *m)
{
	struct twin_netns *s = twin_netns_find_alive(w, m->netns);

	return s && m->seen.presence != MODEL_ABSENT
		       ? twin_link_find(s, model_master_device(m))
		       : NULL;
}

static void load_stranger(struct twin_world *w, struct twin_link *master,
			  const struct model_master *m)
{
	const char *label = m->seen.stranger;
	struct twin_link *l;
	const char *slash = strrchr(label, '/');
	char *netns = slash ? xstrndup(label, (size_t)(slash - label)) : xstrdup("");

	l = need_link(w, sim_load_need_netns(w, netns), slash ? slash + 1 : label,
		      link_type_of(m)->family, master);
	load_mode(l, m->seen.stranger_mode, m->seen.stranger_flag);
	free(netns);
}

/* The foreign ipvlans that have addresses of ours. */
static void load_held(struct twin_world *w, struct twin_link *master,
		      const struct model_master *m)
{
	for (size_t i = 0; i < m->seen.n_held; i++) {
		const struct model_held *h = &m->seen.held[i];
		struct twin_link *l = need_link(w, sim_load_need_netns(w, h->netns),
						h->name, "ipvlan", master);

		load_addresses(w, l, &h->address, 1);
	}
}

/* Ours, listed under another master or not at all. */
static void load_members(struct twin_world *w, const struct model_master *m)
{
	struct twin_link *master = find_master(w, m);

	for (size_t i = 0; master && i < m->seen.n_members; i++) {
		const struct model_member *at = &m->seen.members[i];
		struct twin_netns *s =
			sim_load_need_netns(w, *at->netns ? at->netns : m->netns);
		struct twin_link *l = need_link(w, s, at->name, at->kind, master);

		if (!l)
			continue;
		l->group = w->config.mark;
		l->is_up = at->is_up;
	}
}

static bool has_ours(const struct twin_world *w, const struct twin_link *master)
{
	for (const struct twin_link *u = master->uppers; u; u = u->next_upper) {
		if (twin_link_is_slave(u) && twin_link_is_ours(w, u))
			return true;
	}
	return false;
}

/* An ipvlan, foreign or ours, whose name was not observed. */
static void add_hidden_slave(struct twin_world *w, const struct model_master *m,
			     struct twin_link *master, uint32_t group)
{
	char name[MODEL_NAME_MAX_BYTES + 1];
	struct twin_link *l;

	snprintf(name, sizeof(name), "s%u", w->n_made);
	l = need_link(w, hidden_netns(w), name, link_type_of(m)->kind, master);
	if (l)
		l->group = group;
}

static void load_port(struct twin_world *w, const struct model_master *m,
		      struct twin_link *master)
{
	if (m->seen.has_ours && !has_ours(w, master))
		add_hidden_slave(w, m, master, w->config.mark);
	else if (m->seen.has_port && !twin_link_has_port(master))
		add_hidden_slave(w, m, master, 0);
	/* Two rows may have the device, one of them without slaves there. */
	if (m->seen.has_port) {
		master->mode = m->seen.mode;
		master->flag = m->seen.flag;
	}
	if (*m->seen.busy)
		master->held_by = xstrdup(m->seen.busy);
	if (*m->seen.kept_by)
		master->kept_by = xstrdup(m->seen.kept_by);
}

static void load_slaves_on_it(struct twin_world *w, const struct model_master *m)
{
	struct twin_link *master = find_master(w, m);

	for (size_t k = 0; k < m->n_slaves; k++) {
		if (m->slaves[k].seen.is_on_master)
			load_slave(w, m, master, &m->slaves[k]);
	}
}

/* A device that the master has left, unless it stands for something else. */
static void load_left(struct twin_world *w, struct twin_netns *s,
		      const struct model_master *left)
{
	struct twin_link *l = twin_link_find_index(s, left->seen.ifindex);

	if (!l) {
		l = need_link(w, s, left->seen.device, "dummy", NULL);
		l->ifindex = left->seen.ifindex;
		l->is_up = left->seen.is_up;
	}
	for (size_t i = 0; i < left->n_sysctls; i++)
		load_sysctl(l, &left->sysctls[i]);
}

/* Of an absent master: what it will begin with. */
static void load_own_sysctls(struct twin_world *w, const struct model_master *m,
			     struct twin_link *master)
{
	struct twin_netns *s = twin_netns_find_alive(w, m->netns);

	for (size_t i = 0; i < m->n_sysctls; i++) {
		if (master)
			load_sysctl(master, &m->sysctls[i]);
		else if (s)
			twin_sysctl_put(s, NULL, "default", m->sysctls[i].key,
					m->sysctls[i].value);
	}
	for (size_t i = 0; s && i < m->seen.n_left; i++)
		load_left(w, s, &m->seen.left[i]);
}

static void load_on_master(struct twin_world *w, const struct model_master *m)
{
	struct twin_link *master = find_master(w, m);

	for (size_t k = 0; k < m->n_slaves; k++) {
		if (!m->slaves[k].seen.is_on_master)
			load_slave(w, m, master, &m->slaves[k]);
	}
	load_own_sysctls(w, m, master);
	if (!master)
		return;
	load_port(w, m, master);
}

/* Masters that are ipvlans themselves, on devices that no row names: the kernel refuses a VLAN on
 * them. */
static void hide_lower(struct twin_world *w, const struct model_master *m)
{
	struct twin_link *l = find_master(w, m);

	if (l && !l->lower && link_type_find_kind(l->kind))
		twin_link_stack(l, make_other_master(w));
}

/* What was observed had an id. */
static void note_known(struct twin_world *w)
{
	struct twin_netns *s, *next;

	HASH_ITER (hh, w->netns, s, next) {
		if (!s->is_hidden && !s->same && !s->is_dead_file && !s->trouble)
			sim_cache_note_netns(w->cache, s->name, s);
	}
}

void sim_load(struct datapath *dp, const struct model *have)
{
	struct twin_world *w = sim_world(dp);
	struct datapath_config config = w->config;

	sim_cache_clear(&dp->cache);
	twin_world_clear(w);
	sim_new_world(dp, &config);
	sim_load_netns(w, have);
	load_masters(w, have);
	/* Foreign ipvlans first: their place may be one where a slave of another master
	 * was looked for. */
	for (size_t i = 0; i < have->n_masters; i++) {
		struct twin_link *master = find_master(w, &have->masters[i]);

		if (master && *have->masters[i].seen.stranger)
			load_stranger(w, master, &have->masters[i]);
		if (master)
			load_held(w, master, &have->masters[i]);
	}
	/* Two rows may contend for a device, which is then listed under two masters. It
	 * is on one of them. */
	for (size_t i = 0; i < have->n_masters; i++)
		load_slaves_on_it(w, &have->masters[i]);
	for (size_t i = 0; i < have->n_masters; i++)
		load_members(w, &have->masters[i]);
	for (size_t i = 0; i < have->n_masters; i++)
		load_on_master(w, &have->masters[i]);
	for (size_t i = 0; i < have->n_masters; i++) {
		hide_lower(w, &have->masters[i]);
		sim_match_load(w, &have->masters[i]);
	}
	sim_load_inet(w, have);
	note_known(w);
}
