/* From the links found to the model. It asks nothing. */
#include "datapath/kernel/observe/observe_model.h"

#include "datapath/kernel/events/events_files.h"
#include "datapath/kernel/files/nsfs.h"
#include "datapath/kernel/files/resolv.h"
#include "datapath/kernel/observe/observe_netns.h"

#include <string.h>

static void fill_slave_link(const struct observation *o, const struct observed_master *m,
			    const struct observed_link *f, struct model_slave *have)
{
	const struct nl_link *link = &f->link;

	have->mtu = link->mtu;
	/* If it was found by an alternative name, another device is in the place. */
	have->seen.presence =
		observe_link_is_ours(o, f) && !strcmp(link->name, have->name)
			? MODEL_OURS
			: MODEL_FOREIGN;
	have->seen.kind = arena_strdup(o->a, link->kind);
	have->seen.group = have->seen.presence == MODEL_OURS ? 0 : link->group;
	have->seen.has_other_name = strcmp(link->name, have->name) != 0;
	have->seen.ifindex = link->ifindex;
	have->seen.is_on_master = link->type && observe_link_is_on(f, m);
	have->seen.mode = link->mode;
	have->seen.flag = link->flag;
	have->seen.is_up = link->flags & IFF_UP;
	have->seen.is_noarp = link->flags & IFF_NOARP;
	have->seen.can_rename = !have->seen.is_up || o->k->renames_up;
	have->seen.has_carrier = nl_link_has_carrier(link);
	have->seen.mtu = link->mtu;
	memcpy(have->seen.mac, link->mac, sizeof(link->mac));
	observe_link_show_texts(o, f, have);
}

static struct model_slave *empty_slave(struct model_slave *have, const char *netns,
				       const char *name)
{
	*have = model_slave_named(netns, name);
	have->addresses_managed = true;
	return have;
}

/* The namespace of 'f' as a slave of 'm' has it in the model. */
static const char *netns_of(const struct observed_master *m,
			    const struct observed_link *f)
{
	return f->ns == m->ns->same ? "" : f->ns->text;
}

static void fill_lost_slave(struct observation *o, const struct observed_master *m,
			    const struct observed_slave *s, struct model_slave *have)
{
	const struct observed_link *f = s->renamed;

	have->seen.has_moved = s->moved_to;
	if (!f || !observe_link_is_ours(o, f) || !observe_link_is_on(f, m))
		return;
	have->seen.has_moved = f->ns != s->ns->same;
	have->seen.now_netns = netns_of(m, f);
	have->seen.now_name = arena_strdup(o->a, f->link.name);
}

static void read_resolv(struct observation *o, struct model_slave *have)
{
	have->seen.resolv_conf = resolv_read_for_ours(&o->k->resolv, o->a, have->netns,
						      &have->seen.resolv_conf_foreign);
}

/* If a file is in the way, its end is an event: read again, once it is watched. */
static void fill_resolv(struct observation *o, const struct model_slave *scope,
			struct model_slave *have)
{
	if (!nsfs_is_name(have->netns))
		return;
	read_resolv(o, have);
	if (!have->seen.resolv_conf_foreign ||
	    !(scope && (*scope->nameservers || *scope->search)))
		return;
	events_files_await(o->k, have->netns, have->name);
	read_resolv(o, have);
}

static void fill_slave(struct observation *o, const struct observed_master *m,
		       struct observed_slave *s, struct model_slave *have)
{
	empty_slave(have, s->scope->netns, s->scope->name);
	have->seen.namespace_missing = s->ns->state != NETNS_LIVE;
	fill_resolv(o, s->scope, have);
	observe_link_show_vrf(o, s->vrf, have);
	if (!s->found) {
		fill_lost_slave(o, m, s, have);
		return;
	}
	fill_slave_link(o, m, s->found, have);
}

static void fill_other(struct observation *o, const struct observed_master *m,
		       struct observed_link *f, struct model_slave *have)
{
	empty_slave(have, netns_of(m, f), arena_strdup(o->a, f->link.name));
	fill_resolv(o, NULL, have);
	fill_slave_link(o, m, f, have);
}

static const char *label(struct observation *o, const struct observed_link *f)
{
	const char *netns = observe_link_netns(o, f);

	return *netns ? arena_printf(o->a, "%s/%s", netns, f->link.name)
		      : arena_strdup(o->a, f->link.name);
}

static const char *busy_text(struct observation *o, const struct observed_master *m)
{
	const struct nl_link *link = &m->found->link;

	/* A VRF does not take the packets of its members. The bridge may have gone since. */
	if (link->upper && strcmp(link->upper_kind, "vrf"))
		return m->upper ? arena_printf(o->a, "%s %s", link->upper_kind,
					       m->upper->link.name)
				: arena_strdup(o->a, link->upper_kind);
	if (m->rival)
		return arena_printf(o->a, "%s %s", m->rival->link.kind,
				    label(o, m->rival));
	return "";
}

static const char *kept_text(struct observation *o, const struct observed_master *m)
{
	const struct observed_link *f = m->keeper;

	return f ? arena_printf(o->a, "%s %s",
				f->link.upper == m->found->link.ifindex ? "port"
									: f->link.kind,
				label(o, f))
		 : "";
}

static struct model_member member_of(const struct observation *o,
				     const struct observed_master *m,
				     const struct observed_link *f)
{
	return (struct model_member){
		.netns = f->ns == m->ns->same
				 ? ""
				 : arena_strdup(o->a, observe_link_netns(o, f)),
		.name = arena_strdup(o->a, f->link.name),
		.kind = arena_strdup(o->a, f->link.kind),
		.is_up = f->link.flags & IFF_UP,
	};
}

static void fill_members(const struct observation *o, const struct observed_master *m,
			 struct model_master *have)
{
	struct model_member *all = arena_array(o->a, m->n_members + 1, sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; i < m->n_members; i++)
		all[n++] = member_of(o, m, m->members[i]);
	if (m->unlisted)
		all[n++] = member_of(o, m, m->unlisted);
	have->seen.members = all;
	have->seen.n_members = n;
}

static void fill_port(struct observation *o, const struct observed_master *m,
		      struct model_master *have)
{
	const struct observed_link *shown =
		m->ours && nl_link_is_in_port(&m->ours->link) ? m->ours : m->stranger;

	have->seen.has_ours = m->ours;
	fill_members(o, m, have);
	if (m->stranger) {
		have->seen.stranger = label(o, m->stranger);
		have->seen.stranger_mode = m->stranger->link.mode;
		have->seen.stranger_flag = m->stranger->link.flag;
	}
	if (!shown || !link_type_has(observe_link_type(m), LINK_HAS_PORT))
		return;
	have->seen.has_port = true;
	have->seen.mode = shown->link.mode;
	have->seen.flag = shown->link.flag;
	have->mode = (enum model_mode)shown->link.mode;
	have->flag = (enum model_flag)shown->link.flag;
}

static void fill_master_link(struct observation *o, const struct observed_master *m,
			     struct model_master *have)
{
	const struct nl_link *link = &m->found->link;

	have->mtu = link->mtu;
	/* The device below a VLAN is only looked at if no row of this scope names it,
	 * even if ipvl made it: the plan would take it for a leftover. */
	have->seen.presence = observe_link_is_our_master(o, m->found) &&
					      (m->scope || have->seen.is_namesake ||
					       o->depth == DATAPATH_EVERYTHING)
				      ? MODEL_OURS
				      : MODEL_FOREIGN;
	have->seen.device = arena_strdup(o->a, link->name);
	if (m->other)
		have->seen.other_device = arena_strdup(o->a, m->other->link.name);
	have->seen.kind = arena_strdup(o->a, link->kind);
	have->seen.group = have->seen.presence == MODEL_OURS ? 0 : link->group;
	have->seen.ifindex = link->ifindex;
	have->seen.is_up = link->flags & IFF_UP;
	have->seen.has_carrier = nl_link_has_carrier(link);
	have->seen.mtu = link->mtu;
	memcpy(have->seen.mac, link->mac, sizeof(link->mac));
	have->seen.busy = busy_text(o, m);
	have->seen.kept_by = kept_text(o, m);
	if (!strcmp(link->kind, "vlan")) {
		have->vlan_id = link->vlan_id;
		have->vlan_link = m->vlan_link && !link->is_8021ad
					  ? arena_strdup(o->a, m->vlan_link->link.name)
					  : "";
	}
	fill_port(o, m, have);
}

/* The time as text, so that a message with it stays the same. */
static const char *time_text(struct arena *a, time_t when)
{
	char text[32];
	struct tm tm;

	if (!localtime_r(&when, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm))
		return "";
	return arena_strdup(a, text);
}

static void fill_lost_master(struct observation *o, const struct observed_master *m,
			     struct model_master *have)
{
	struct cache_device *d = cache_find(&o->k->cache, m->was);

	have->seen.namespace_missing = m->ns->state != NETNS_LIVE;
	have->seen.candidates = m->candidates ? m->candidates : "";
	if (!m->was.ifindex || !d)
		return;
	have->seen.has_moved = d->moved_to;
	if (!m->renamed || strcmp(m->renamed->link.kind, d->link.kind))
		return;
	/* Its event was not read yet. */
	if (!d->renamed_at)
		d->renamed_at = time(NULL);
	have->seen.now_name = arena_strdup(o->a, m->renamed->link.name);
	have->seen.now_ifindex = m->renamed->link.ifindex;
	have->seen.now_since = time_text(o->a, d->renamed_at);
}

static bool has_left(const struct model_master *have, uint32_t ifindex)
{
	for (size_t i = 0; i < have->seen.n_left; i++) {
		if (have->seen.left[i].seen.ifindex == ifindex)
			return true;
	}
	return false;
}

static void fill_left(struct observation *o, const struct observed_master *m,
		      struct model_master *have)
{
	size_t n = m->left ? m->scope->n_saved : 0;

	have->seen.left = arena_array(o->a, n, sizeof(*have->seen.left));
	for (size_t i = 0; i < n; i++) {
		const struct nl_link *link = m->left[i] ? &m->left[i]->link : NULL;
		struct model_master *left = &have->seen.left[have->seen.n_left];

		if (!link || has_left(have, link->ifindex))
			continue;
		*left = model_master_named(have->netns, have->name);
		left->seen.device = arena_strdup(o->a, link->name);
		left->seen.ifindex = link->ifindex;
		left->seen.is_up = link->flags & IFF_UP;
		have->seen.n_left++;
	}
}

static void fill_master(struct observation *o, struct observed_master *m,
			struct model_master *have)
{
	*have = model_master_named(m->scope ? m->scope->netns : m->ns->text, m->name);
	have->type = m->scope ? m->scope->type : NULL;
	have->seen.is_namesake =
		!m->scope && model_has_namesake(o->scope, have->netns, have->name);
	if (m->found)
		fill_master_link(o, m, have);
	else
		fill_lost_master(o, m, have);
	fill_left(o, m, have);
	have->n_slaves = m->n_slaves + m->n_others;
	have->slaves = arena_array(o->a, have->n_slaves, sizeof(*have->slaves));
	for (size_t i = 0; i < m->n_slaves; i++)
		fill_slave(o, m, &m->slaves[i], &have->slaves[i]);
	for (size_t i = 0; i < m->n_others; i++)
		fill_other(o, m, m->others[i], &have->slaves[m->n_slaves + i]);
}

static void list_slave(const struct observation *o, const struct observed_master *m,
		       const struct observed_slave *s)
{
	struct observed_link *f = s->found;

	if (!f)
		return;
	f->is_listed = true;
	f->is_shown |= observe_link_is_ours(o, f) && observe_link_is_on(f, m) &&
		       !strcmp(f->link.name, s->scope->name);
}

static struct observed_master *find_master_of(struct observation *o,
					      const struct observed_link *f)
{
	for (size_t i = 0; i < o->n_masters; i++) {
		if (observe_link_is_on(f, &o->masters[i]))
			return &o->masters[i];
	}
	return NULL;
}

/* A master that no row names: that of an ipvlan of ours, or one that ipvl made. 'found' NULL:
 * unknown. */
static struct observed_master *add_found_master(struct observation *o,
						struct observed_link *found)
{
	struct observed_master *m;

	for (size_t i = 0; i < o->n_masters; i++) {
		if (o->masters[i].found == found && (found || !*o->masters[i].name))
			return &o->masters[i];
	}
	/* The array may move. Nobody holds a pointer into it across this call. */
	o->masters = arena_grow(o->a, o->masters, o->n_masters, &o->cap_masters,
				sizeof(*o->masters));
	m = &o->masters[o->n_masters++];
	*m = (struct observed_master){
		.found = found,
		.name = found ? arena_strdup(o->a, found->link.name) : "",
		.ns = found ? found->ns : netns_table_get_nsid(&o->netns, NSID_HERE)};
	if (found && found->link.lower)
		m->vlan_link = observe_link_find(o, found->lower);
	return m;
}

static void add_other(struct observation *o, struct observed_master *m,
		      struct observed_link *f)
{
	f->is_listed = f->is_shown = true;
	m->others = arena_grow(o->a, m->others, m->n_others, &m->cap_others,
			       sizeof(struct observed_link *));
	m->others[m->n_others++] = f;
}

/* Lists each device with our mark under its master. */
static void collect_leftovers(struct observation *o)
{
	for (size_t i = 0; i < o->n; i++) {
		if (observe_link_is_our_master(o, o->list[i]))
			add_found_master(o, o->list[i]);
	}
	for (size_t i = 0; i < o->n; i++) {
		struct observed_link *f = o->list[i], *below;
		struct observed_master *m;

		if (f->is_listed || !observe_link_is_ours(o, f))
			continue;
		m = find_master_of(o, f);
		below = m ? NULL : observe_link_find(o, f->lower);
		if (!m)
			m = add_found_master(o, below && observe_link_stands_on(f, below)
							? below
							: NULL);
		add_other(o, m, f);
	}
}

/* A device that ipvl made for the row before it had `match`. */
static void collect_namesakes(struct observation *o)
{
	size_t n_scope = o->n_masters;

	for (size_t i = 0; i < n_scope; i++) {
		struct observed_link *f = o->masters[i].namesake;

		if (f && !strcmp(f->link.name, o->masters[i].name) &&
		    observe_link_is_our_master(o, f))
			add_found_master(o, f);
	}
}

static void collect_renamed(struct observation *o)
{
	for (size_t i = 0; i < o->n_masters; i++) {
		struct observed_master *m = &o->masters[i];

		for (size_t k = 0; k < m->n_slaves; k++) {
			struct observed_link *f = m->slaves[k].renamed;

			if (f && !f->is_listed && observe_link_is_ours(o, f) &&
			    observe_link_is_on(f, m))
				add_other(o, m, f);
		}
	}
}

/* Of those that nothing lists, one in a namespace that can be entered is preferred. */
static void note_ours(struct observation *o, struct observed_master *m,
		      struct observed_link *f)
{
	if (!m->ours || !nl_link_is_in_port(&m->ours->link))
		m->ours = f;
	if (f->is_listed && !f->is_shown) {
		m->members = arena_grow(o->a, m->members, m->n_members, &m->cap_members,
					sizeof(struct observed_link *));
		m->members[m->n_members++] = f;
	} else if (!f->is_listed &&
		   (!m->unlisted || nsfs_is_id(observe_link_netns(o, m->unlisted)))) {
		m->unlisted = f;
	}
}

static void note_stranger(const struct observation *o, struct observed_master *m,
			  struct observed_link *f)
{
	struct observed_link **first =
		observe_link_is_sibling(f, m) ? &m->stranger : &m->rival;

	if (!*first || observe_link_precedes(o, f, *first))
		*first = f;
}

/* What could be no slave and stands on the master, or is its port. */
static void note_user(const struct observation *o, struct observed_master *m,
		      struct observed_link *f)
{
	bool is_on = m->found && observe_link_stands_on(f, m->found);
	bool is_port = m->found && f->link.upper == m->found->key.ifindex &&
		       f->ns == m->found->ns;

	if ((is_on || is_port) && observe_link_is_our_master(o, m->found) &&
	    observe_link_is_foreign(o, f) &&
	    (!m->keeper || observe_link_precedes(o, f, m->keeper)))
		m->keeper = f;
}

/* Notes for each master which links are on it, as far as dumps have shown. */
static void collect_ports(struct observation *o)
{
	for (size_t i = 0; i < o->n; i++) {
		struct observed_link *f = o->list[i];
		struct observed_master *m =
			nl_link_is_upper(&f->link) ? find_master_of(o, f) : NULL;

		if (m && observe_link_is_ours(o, f))
			note_ours(o, m, f);
		else if (m)
			note_stranger(o, m, f);
		for (size_t k = 0; !m && k < o->n_masters; k++)
			note_user(o, &o->masters[k], f);
	}
}

void observe_model_fill(struct observation *o, struct model *have)
{
	size_t n_scope = o->n_masters;

	for (size_t i = 0; i < n_scope; i++) {
		for (size_t k = 0; k < o->masters[i].n_slaves; k++)
			list_slave(o, &o->masters[i], &o->masters[i].slaves[k]);
	}
	if (o->depth == DATAPATH_EVERYTHING)
		collect_leftovers(o);
	else
		collect_renamed(o);
	collect_namesakes(o);
	collect_ports(o);
	have->n_masters = o->n_masters;
	have->masters = arena_array(o->a, have->n_masters, sizeof(*have->masters));
	for (size_t i = 0; i < o->n_masters; i++)
		fill_master(o, &o->masters[i], &have->masters[i]);
	if (o->depth != DATAPATH_PORTS)
		observe_netns_fill(o, have);
}
