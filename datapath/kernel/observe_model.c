/* From links found to the model: what each of them is to us. No question is put here. */
#include "datapath/kernel/observe_link.h"

#include <string.h>

static void fill_slave_link(const struct look *l, const struct master_look *m,
			    const struct found *f, struct model_slave *have)
{
	const struct nl_link *link = &f->link;

	have->mtu = link->mtu;
	/* Found by an alternative name: that place is taken, by something else. */
	have->seen.presence = look_is_ours(l, f) && !strcmp(link->name, have->name)
				      ? MODEL_OURS
				      : MODEL_FOREIGN;
	have->seen.kind = arena_strdup(l->a, link->kind);
	have->seen.ifindex = link->ifindex;
	have->seen.is_on_master = nl_link_is_ipvlan(link) && look_is_on(f, m);
	have->seen.mode = link->mode;
	have->seen.flag = link->flag;
	have->seen.is_up = link->flags & IFF_UP;
	have->seen.has_carrier = nl_link_has_carrier(link);
	have->seen.mtu = link->mtu;
	memcpy(have->seen.mac, link->mac, sizeof(link->mac));
}

static struct model_slave *empty_slave(struct model_slave *have, const char *netns,
				       const char *name)
{
	*have = (struct model_slave){
		.netns = netns,
		.name = name,
		.addresses_managed = true,
		.nameservers = "",
		.search = "",
	};
	have->seen.kind = "";
	have->seen.resolv_conf = "";
	have->seen.now_netns = have->seen.now_name = "";
	return have;
}

/* What the model calls the namespace of 'f' in a slave of 'm'. */
static const char *netns_of(const struct master_look *m, const struct found *f)
{
	return f->space == m->space->same ? "" : f->space->text;
}

static void fill_lost_slave(struct look *l, const struct master_look *m,
			    const struct slave_look *s, struct model_slave *have)
{
	const struct found *f = s->renamed;

	have->seen.has_moved = s->moved_to;
	if (!f || !look_is_ours(l, f) || !look_is_on(f, m))
		return;
	have->seen.has_moved = f->space != s->space->same;
	have->seen.now_netns = netns_of(m, f);
	have->seen.now_name = arena_strdup(l->a, f->link.name);
}

static void fill_slave(struct look *l, const struct master_look *m, struct slave_look *s,
		       struct model_slave *have)
{
	empty_slave(have, s->scope->netns, s->scope->name);
	have->seen.namespace_missing = s->space->state != NETNS_LIVE;
	if (netns_is_name(have->netns))
		have->seen.resolv_conf = resolv_read(l->k, l->a, have->netns,
						     &have->seen.resolv_conf_foreign);
	if (!s->found) {
		fill_lost_slave(l, m, s, have);
		return;
	}
	s->found->is_listed = true;
	fill_slave_link(l, m, s->found, have);
}

static void fill_other(struct look *l, const struct master_look *m, struct found *f,
		       struct model_slave *have)
{
	empty_slave(have, netns_of(m, f), arena_strdup(l->a, f->link.name));
	if (netns_is_name(have->netns))
		have->seen.resolv_conf = resolv_read(l->k, l->a, have->netns,
						     &have->seen.resolv_conf_foreign);
	fill_slave_link(l, m, f, have);
}

static bool is_our_vlan(const struct look *l, const struct found *f)
{
	return !strcmp(f->link.kind, "vlan") && f->link.group == l->k->config.mark;
}

static const char *label(struct look *l, const struct found *f)
{
	return *f->space->text ? arena_printf(l->a, "%s/%s", f->space->text, f->link.name)
			       : arena_strdup(l->a, f->link.name);
}

static const char *busy_text(struct look *l, const struct master_look *m)
{
	const struct nl_link *link = &m->found->link;

	/* A VRF takes no packets away from its members. */
	if (link->upper && strcmp(link->upper_kind, "vrf"))
		return arena_printf(l->a, "%s %s", link->upper_kind,
				    m->upper ? m->upper->link.name
					     : "of another namespace");
	if (m->macvlan)
		return arena_printf(l->a, "%s %s", m->macvlan->link.kind,
				    label(l, m->macvlan));
	return "";
}

static void fill_port(struct look *l, const struct master_look *m,
		      struct model_master *have)
{
	const struct found *shown = m->ours ? m->ours : m->stranger;

	have->seen.has_ours = m->ours;
	if (m->stranger) {
		have->seen.stranger = label(l, m->stranger);
		have->seen.stranger_mode = m->stranger->link.mode;
		have->seen.stranger_flag = m->stranger->link.flag;
	}
	if (!shown)
		return;
	have->seen.has_port = true;
	have->seen.mode = shown->link.mode;
	have->seen.flag = shown->link.flag;
	have->mode = (enum model_mode)shown->link.mode;
	have->flag = (enum model_flag)shown->link.flag;
}

static void fill_master_link(struct look *l, const struct master_look *m,
			     struct model_master *have)
{
	const struct nl_link *link = &m->found->link;

	have->mtu = link->mtu;
	/* A VLAN's link that no row of this scope names is only looked at, be it a VLAN
	 * of ours: else a plan would take it for a leftover. */
	have->seen.presence =
		is_our_vlan(l, m->found) && (m->scope || l->depth == DATAPATH_EVERYTHING)
			? MODEL_OURS
			: MODEL_FOREIGN;
	have->seen.kind = arena_strdup(l->a, link->kind);
	have->seen.ifindex = link->ifindex;
	have->seen.is_up = link->flags & IFF_UP;
	have->seen.has_carrier = nl_link_has_carrier(link);
	have->seen.mtu = link->mtu;
	memcpy(have->seen.mac, link->mac, sizeof(link->mac));
	have->seen.busy = busy_text(l, m);
	if (!strcmp(link->kind, "vlan")) {
		have->vlan_id = link->vlan_id;
		have->vlan_link =
			m->vlan_link ? arena_strdup(l->a, m->vlan_link->link.name) : "";
	}
	fill_port(l, m, have);
}

/* The time as text, so that a sentence with it stays the same. */
static const char *time_text(struct arena *a, time_t when)
{
	char text[32];
	struct tm tm;

	if (!localtime_r(&when, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm))
		return "";
	return arena_strdup(a, text);
}

static void fill_lost_master(struct look *l, const struct master_look *m,
			     struct model_master *have)
{
	struct known_device *d = known_find(&l->k->known, m->was);

	have->seen.namespace_missing = m->space->state != NETNS_LIVE;
	if (!m->was.ifindex || !d)
		return;
	have->seen.has_moved = d->moved_to;
	if (!m->renamed || strcmp(m->renamed->link.kind, d->link.kind))
		return;
	/* Where its event is yet to be read. */
	if (!d->renamed_at)
		d->renamed_at = time(NULL);
	have->seen.now_name = arena_strdup(l->a, m->renamed->link.name);
	have->seen.now_ifindex = m->renamed->link.ifindex;
	have->seen.now_since = time_text(l->a, d->renamed_at);
}

static void fill_master(struct look *l, struct master_look *m, struct model_master *have)
{
	*have = (struct model_master){
		.netns = m->scope ? m->scope->netns : m->space->text,
		.name = m->name,
		.vlan_link = "",
	};
	have->seen.kind = have->seen.stranger = have->seen.busy = "";
	have->seen.now_name = have->seen.now_since = "";
	if (m->found)
		fill_master_link(l, m, have);
	else
		fill_lost_master(l, m, have);
	have->n_slaves = m->n_slaves + m->n_others;
	have->slaves = arena_array(l->a, have->n_slaves, sizeof(*have->slaves));
	for (size_t i = 0; i < m->n_slaves; i++)
		fill_slave(l, m, &m->slaves[i], &have->slaves[i]);
	for (size_t i = 0; i < m->n_others; i++)
		fill_other(l, m, m->others[i], &have->slaves[m->n_slaves + i]);
}

static struct master_look *find_master_of(struct look *l, const struct found *f)
{
	for (size_t i = 0; i < l->n_masters; i++) {
		if (look_is_on(f, &l->masters[i]))
			return &l->masters[i];
	}
	return NULL;
}

/* A master that no row names: of an ipvlan of ours, or a VLAN of ours. 'found' NULL: an
 * unknown one. */
static struct master_look *add_found_master(struct look *l, struct found *found)
{
	struct master_look *m;

	for (size_t i = 0; i < l->n_masters; i++) {
		if (l->masters[i].found == found && (found || !*l->masters[i].name))
			return &l->masters[i];
	}
	/* In the arena, so that growing leaves old pointers readable; nobody keeps one
	 * over this. */
	l->masters = arena_grow(l->a, l->masters, l->n_masters, &l->cap_masters,
				sizeof(*l->masters));
	m = &l->masters[l->n_masters++];
	*m = (struct master_look){
		.found = found,
		.name = found ? arena_strdup(l->a, found->link.name) : "",
		.space = found ? found->space : space_of_nsid(&l->spaces, NSID_HERE)};
	if (found && found->link.lower)
		m->vlan_link = look_find(l, found->lower);
	return m;
}

static void add_other(struct look *l, struct master_look *m, struct found *f)
{
	f->is_listed = true;
	m->others = arena_grow(l->a, m->others, m->n_others, &m->cap_others,
			       sizeof(struct found *));
	m->others[m->n_others++] = f;
}

/* What carries our mark, and in which master's list it belongs. */
static void collect_leftovers(struct look *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (is_our_vlan(l, l->list[i]))
			add_found_master(l, l->list[i]);
	}
	for (size_t i = 0; i < l->n; i++) {
		struct found *f = l->list[i];
		struct master_look *m;

		if (f->is_listed || !look_is_ours(l, f))
			continue;
		m = find_master_of(l, f);
		if (!m)
			m = add_found_master(l, look_find(l, f->lower));
		add_other(l, m, f);
	}
}

static void collect_renamed(struct look *l)
{
	for (size_t i = 0; i < l->n_masters; i++) {
		struct master_look *m = &l->masters[i];

		for (size_t k = 0; k < m->n_slaves; k++) {
			struct found *f = m->slaves[k].renamed;

			if (f && !f->is_listed && look_is_ours(l, f) && look_is_on(f, m))
				add_other(l, m, f);
		}
	}
}

/* Who is on the masters, as far as dumps have shown. */
static void collect_ports(struct look *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct found *f = l->list[i];
		struct master_look *m =
			nl_link_is_in_port(&f->link) ? find_master_of(l, f) : NULL;

		if (m && look_is_ours(l, f))
			m->ours = f;
		else if (m && !m->stranger)
			m->stranger = f;
		if (m || !f->lower.ifindex)
			continue;
		for (size_t k = 0; k < l->n_masters; k++) {
			m = &l->masters[k];
			if (!m->found || f->lower.nsid != m->found->key.nsid ||
			    f->lower.ifindex != m->found->key.ifindex)
				continue;
			/* A VLAN does not keep ipvlans off a device, but it does keep a
			 * VLAN of ours. */
			if (!strncmp(f->link.kind, "macv", 4) || is_our_vlan(l, m->found))
				m->macvlan = f;
		}
	}
}

static bool is_occupied(const struct look *l, const struct space *s)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct found *f = l->list[i];

		if (f->space == s->same && look_is_strange(l, f))
			return true;
	}
	return false;
}

static enum model_netns_trouble trouble_of(enum netns_state state)
{
	switch (state) {
	case NETNS_MISSING:
	case NETNS_DEAD:
	case NETNS_LIVE:
		break;
	case NETNS_OTHER:
		return MODEL_NETNS_OTHER;
	case NETNS_DENIED:
		return MODEL_NETNS_DENIED;
	case NETNS_REPLACED:
		return MODEL_NETNS_REPLACED;
	}
	return MODEL_NETNS_FINE;
}

static void fill_namespaces(struct look *l, struct model *have)
{
	have->n_namespaces = l->scope->n_namespaces;
	have->namespaces =
		arena_array(l->a, have->n_namespaces, sizeof(*have->namespaces));
	for (size_t i = 0; i < have->n_namespaces; i++) {
		const struct model_netns *scope = &l->scope->namespaces[i];
		struct space *s = space_add(&l->spaces, scope->name);

		have->namespaces[i] = (struct model_netns){
			.name = scope->name,
			.is_wanted = scope->is_wanted,
			.is_ours = scope->is_ours,
			.inode = scope->inode,
			.cookie = scope->cookie,
			.seen.cookie = s->cookie,
			.bound = scope->bound,
			.seen.exists = s->state == NETNS_LIVE,
			.seen.is_own = s->state == NETNS_LIVE && s->nsid == NSID_HERE,
			.seen.trouble = trouble_of(s->state),
			.seen.what = s->what,
			.seen.process = s->process,
			.seen.is_dead_file = s->state == NETNS_DEAD,
			.seen.is_young =
				s->state == NETNS_DEAD && netns_is_young(s->text),
			.seen.inode = s->state == NETNS_LIVE ? s->inode : 0,
			.seen.is_occupied = s->state == NETNS_LIVE && is_occupied(l, s),
		};
	}
}

void look_fill(struct look *l, struct model *have)
{
	size_t n_scope = l->n_masters;

	for (size_t i = 0; i < n_scope; i++) {
		for (size_t k = 0; k < l->masters[i].n_slaves; k++) {
			struct found *f = l->masters[i].slaves[k].found;

			if (f)
				f->is_listed = true;
		}
	}
	if (l->depth == DATAPATH_EVERYTHING)
		collect_leftovers(l);
	else
		collect_renamed(l);
	collect_ports(l);
	have->n_masters = l->n_masters;
	have->masters = arena_array(l->a, have->n_masters, sizeof(*have->masters));
	for (size_t i = 0; i < l->n_masters; i++)
		fill_master(l, &l->masters[i], &have->masters[i]);
	if (l->depth != DATAPATH_PORTS)
		fill_namespaces(l, have);
}

static struct known_device *remember_slave(struct look *l, const struct found *f)
{
	struct known_device *d = known_get(&l->k->known, f->key);

	d->link = f->link;
	d->lower = nl_link_is_in_port(&f->link) ? f->lower : (struct known_key){0};
	d->is_new = false;
	return d;
}

static struct known_device *remember_master(struct look *l, const struct found *f)
{
	struct known_device *d = known_get(&l->k->known, f->key);

	d->link = f->link;
	d->is_master = true;
	return d;
}

/* 'at_place' is there, or 'elsewhere' was and may come back; of what is neither, nothing
 * is kept. */
static void remember_place(struct look *l, const struct space *s, const char *name,
			   struct known_device *at_place, struct known_device *elsewhere,
			   struct known_key was)
{
	struct known_device *d = at_place ? at_place : elsewhere;

	if (d)
		known_set_place(&l->k->known, d, s->nsid, name);
	else if (was.ifindex)
		known_forget(&l->k->known, was);
}

static void remember_slave_look(struct look *l, const struct slave_look *s)
{
	struct known_device *found = s->found ? remember_slave(l, s->found) : NULL;
	struct known_device *renamed = s->renamed ? remember_slave(l, s->renamed) : NULL;

	/* Found by an alternative name, it is not there. */
	if (found && strcmp(s->found->link.name, s->scope->name))
		return;
	remember_place(l, s->space, s->scope->name, found, renamed, s->was);
}

void look_remember(struct look *l)
{
	for (size_t i = 0; i < l->n_masters; i++) {
		const struct master_look *m = &l->masters[i];
		struct known_device *found =
			m->found ? remember_master(l, m->found) : NULL;
		struct known_device *renamed =
			m->renamed ? remember_master(l, m->renamed) : NULL;

		for (size_t k = 0; k < m->n_slaves; k++)
			remember_slave_look(l, &m->slaves[k]);
		for (size_t k = 0; k < m->n_others; k++)
			remember_slave(l, m->others[k]);
		if (found)
			found->member = m->ours ? m->ours->key : (struct known_key){0};
		if (m->scope)
			remember_place(l, m->space, m->scope->name, found, renamed,
				       m->was);
	}
}
