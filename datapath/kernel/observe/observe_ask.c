/* Which questions an observation asks, in which order, until every master, slave and
 * namespace of the scope is found or known to be absent.
 *
 * Few messages: all devices that the scope names are asked for by name, in one batch.
 * Links are dumped only to find what no row names: foreign devices on a master that has
 * no slave of ours, in namespaces that were never read before; and everything at
 * DATAPATH_EVERYTHING. */
#include "datapath/kernel/observe/observe_ask.h"

#include "datapath/kernel/files/nsfs.h"
#include "datapath/kernel/observe/observe_match.h"
#include "datapath/kernel/observe/observe_remember.h"
#include "datapath/kernel/observe/observe_strangers.h"

#include <string.h>

/* The namespace with what its text is bound to, at any depth: another namespace must not
 * be read by that text. */
static struct netns_ref *scope_netns(struct observation *o, const char *netns)
{
	struct netns_ref *s = netns_table_add(&o->netns, netns);
	const struct model_netns *n =
		*netns && !s->bound ? model_find_netns(o->scope, netns) : NULL;

	if (n && n->bound.pid)
		s->bound = n;
	return s;
}

static struct netns_ref *slave_netns(struct observation *o, const struct model_master *m,
				     const struct model_slave *s)
{
	return scope_netns(o, *s->netns ? s->netns : m->netns);
}

/* At DATAPATH_PORTS only as many namespaces of slaves are opened as needed. */
static void add_master(struct observation *o, const struct model_master *scope)
{
	struct observed_master *m = &o->masters[o->n_masters++];

	*m = (struct observed_master){
		.scope = scope, .name = scope->name, .ns = scope_netns(o, scope->netns)};
	m->ns->is_needed |= scope->intent != MODEL_GONE;
	if (o->depth == DATAPATH_PORTS)
		return;
	m->n_slaves = scope->n_slaves;
	m->slaves = arena_array(o->a, m->n_slaves, sizeof(*m->slaves));
	for (size_t i = 0; i < m->n_slaves; i++) {
		m->slaves[i].scope = &scope->slaves[i];
		m->slaves[i].ns = slave_netns(o, scope, &scope->slaves[i]);
		m->slaves[i].ns->is_needed |= scope->slaves[i].intent != MODEL_GONE;
	}
}

/* The device below a VLAN is observed as a master: whether it exists decides whether the
 * VLAN can be made. */
static void add_vlan_link(struct observation *o, const struct model_master *vlan)
{
	struct netns_ref *ns = netns_table_add(&o->netns, vlan->netns);

	for (size_t i = 0; i < o->n_masters; i++) {
		if (o->masters[i].ns == ns &&
		    !strcmp(o->masters[i].name, vlan->vlan_link))
			return;
	}
	o->masters[o->n_masters++] =
		(struct observed_master){.name = vlan->vlan_link, .ns = ns};
}

static struct err *prepare(struct observation *o)
{
	o->cap_masters = 2 * o->scope->n_masters;
	o->masters = arena_array(o->a, o->cap_masters, sizeof(*o->masters));
	for (size_t i = 0; i < o->scope->n_masters; i++)
		add_master(o, &o->scope->masters[i]);
	for (size_t i = 0; o->depth != DATAPATH_PORTS && i < o->scope->n_masters; i++) {
		if (*o->scope->masters[i].vlan_link)
			add_vlan_link(o, &o->scope->masters[i]);
	}
	for (size_t i = 0; o->depth != DATAPATH_PORTS && i < o->scope->n_namespaces; i++)
		scope_netns(o, o->scope->namespaces[i].name);
	return netns_table_resolve(&o->netns);
}

struct asked {
	struct link_query *questions;
	struct observed_link ***answers; /* where each answer goes */
	size_t n, cap, cap_answers;
};

static void put(struct observation *o, struct asked *asked, struct netns_ref *s,
		const char *name, uint32_t ifindex, struct observed_link **answer)
{
	asked->questions = arena_grow(o->a, asked->questions, asked->n, &asked->cap,
				      sizeof(*asked->questions));
	asked->answers = arena_grow(o->a, asked->answers, asked->n, &asked->cap_answers,
				    sizeof(*asked->answers));
	asked->questions[asked->n] =
		(struct link_query){.ns = s, .name = name, .ifindex = ifindex};
	asked->answers[asked->n++] = answer;
}

static struct err *ask(struct observation *o, struct asked *asked)
{
	struct err *e = observe_link_ask(o, asked->questions, asked->n);

	for (size_t i = 0; !e && i < asked->n; i++)
		*asked->answers[i] = asked->questions[i].answer;
	*asked = (struct asked){0};
	return e;
}

static void ask_master(struct observation *o, struct observed_master *m,
		       struct asked *asked)
{
	bool is_label = observe_match_is_label(m);
	struct observed_link **named = is_label ? &m->namesake : &m->found;

	if (is_label && o->depth == DATAPATH_PORTS)
		return;
	*named = observe_link_find_name(o, m->ns, m->name);
	if (!*named)
		put(o, asked, m->ns, m->name, 0, named);
}

/* Everything that the scope names and no dump has shown. Only this finds a device by an
 * alternative name. */
static struct err *ask_named(struct observation *o)
{
	struct asked asked = {0};

	for (size_t i = 0; i < o->n_masters; i++) {
		struct observed_master *m = &o->masters[i];

		ask_master(o, m, &asked);
		for (size_t k = 0; k < m->n_slaves; k++) {
			struct observed_slave *s = &m->slaves[k];

			s->found = observe_link_find_name(o, s->ns, s->scope->name);
			if (!s->found)
				put(o, &asked, s->ns, s->scope->name, 0, &s->found);
			if (*s->scope->vrf)
				s->vrf = observe_link_find_name(o, s->ns, s->scope->vrf);
			if (*s->scope->vrf && !s->vrf)
				put(o, &asked, s->ns, s->scope->vrf, 0, &s->vrf);
		}
	}
	return ask(o, &asked);
}

static void put_cached(struct observation *o, struct asked *asked, struct cache_key key,
		       struct observed_link **answer)
{
	struct netns_ref *s;

	if (!key.ifindex)
		return;
	*answer = observe_link_find(o, key);
	if (*answer)
		return;
	HASH_FIND(by_nsid, o->netns.by_nsid, &key.nsid, sizeof(key.nsid), s);
	if (s || cache_texts(&o->k->cache, key.nsid))
		put(o, asked, netns_table_get_nsid(&o->netns, key.nsid), NULL,
		    key.ifindex, answer);
}

static void note_port(struct observation *o, struct observed_master *m,
		      struct observed_link *f)
{
	if (!f || !observe_link_is_on(f, m))
		return;
	if (observe_link_is_ours(o, f))
		m->ours = f;
	else if (observe_link_is_sibling(f, m))
		m->stranger = f;
	else
		m->rival = f;
}

/* Slaves of ours in namespaces whose name is gone, while a process keeps them alive. They
 * still have their addresses, and only an id leads to them. */
static struct err *ask_nameless(struct observation *o)
{
	const struct cache_device *d;
	struct asked asked = {0};
	struct observed_link **answers =
		arena_array(o->a, HASH_COUNT(o->k->cache.devices) + 1,
			    sizeof(struct observed_link *));
	size_t n = 0;
	struct err *e;

	for (d = o->k->cache.devices; d; d = d->hh.next) {
		if (d->link.group != o->k->config.mark ||
		    cache_texts(&o->k->cache, d->key.nsid) || !d->lower.ifindex ||
		    !observe_link_master_at(o, d->lower))
			continue;
		put(o, &asked, netns_table_get_nsid(&o->netns, d->key.nsid), NULL,
		    d->key.ifindex, &answers[n++]);
		asked.questions[asked.n - 1].may_be_gone = true;
	}
	e = ask(o, &asked);
	for (size_t i = 0; !e && i < n; i++) {
		struct observed_master *m =
			answers[i] ? observe_link_master_at(o, answers[i]->lower) : NULL;

		if (!m || !observe_link_is_ours(o, answers[i]))
			continue;
		m->others = arena_grow(o->a, m->others, m->n_others, &m->cap_others,
				       sizeof(struct observed_link *));
		m->others[m->n_others++] = answers[i];
		answers[i]->is_listed = answers[i]->is_shown = true;
		m->ours = answers[i];
	}
	return e;
}

/* Of a row that is gone it is unknown whether it was handed over. */
static bool has_left(const struct observation *o, const struct observed_slave *s)
{
	bool may_have_left = s->scope->is_handed_over || s->scope->intent == MODEL_GONE;

	return !s->found || (may_have_left && !observe_link_is_ours(o, s->found));
}

static bool is_any_missing(const struct observation *o)
{
	for (size_t i = 0; i < o->n_masters; i++) {
		for (size_t k = 0; k < o->masters[i].n_slaves; k++) {
			if (has_left(o, &o->masters[i].slaves[k]))
				return true;
		}
	}
	return false;
}

/* The device that was last seen at a place that it has left. */
static const struct cache_device *cached_at(const struct observation *o,
					    const struct netns_ref *s, const char *name)
{
	return s->state == NETNS_LIVE ? cache_find_place(&o->k->cache, s->nsid, name)
				      : NULL;
}

static void put_lost_master(struct observation *o, struct asked *asked,
			    struct observed_master *m)
{
	const struct cache_device *d = m->found || !m->scope || observe_match_is_label(m)
					       ? NULL
					       : cached_at(o, m->ns, m->scope->name);

	/* The place of one that matched is a label, which never was its name. */
	if (!d || !d->is_master || d->is_matched)
		return;
	m->was = d->key;
	if (!d->moved_to)
		put_cached(o, asked, d->key, &m->renamed);
}

/* What the records of its sysctls are about, beside the device that it has. */
static void put_left(struct observation *o, struct asked *asked,
		     struct observed_master *m)
{
	size_t n = m->scope && m->ns->state == NETNS_LIVE ? m->scope->n_saved : 0;

	m->left = n ? arena_array(o->a, n, sizeof(struct observed_link *)) : NULL;
	for (size_t i = 0; i < n; i++) {
		uint32_t ifindex = m->scope->saved[i].ifindex;

		if (!ifindex || (m->found && m->found->key.ifindex == ifindex))
			continue;
		put(o, asked, m->ns, NULL, ifindex, &m->left[i]);
		asked->questions[asked->n - 1].may_be_gone = true;
	}
}

/* Devices that the first answers name by number: the one below a VLAN, the bridge above; those
 * of records. And, for an empty place, the device that we last saw there, which may have another
 * name now. */
static struct err *ask_numbered(struct observation *o)
{
	struct asked asked = {0};

	for (size_t i = 0; i < o->n_masters; i++) {
		struct observed_master *m = &o->masters[i];

		put_lost_master(o, &asked, m);
		put_left(o, &asked, m);
		if (m->found && m->found->link.upper)
			put(o, &asked, m->ns, NULL, m->found->link.upper, &m->upper);
		if (m->found && !strcmp(m->found->link.kind, "vlan") &&
		    !m->found->link.lower_is_away)
			put(o, &asked, m->ns, NULL, m->found->link.lower, &m->vlan_link);
		for (size_t k = 0; k < m->n_slaves; k++) {
			struct observed_slave *s = &m->slaves[k];
			const struct cache_device *d;

			note_port(o, m, s->found);
			if (s->found && s->found->link.upper)
				put(o, &asked, s->ns, NULL, s->found->link.upper,
				    &s->upper);
			d = has_left(o, s) ? cached_at(o, s->ns, s->scope->name) : NULL;
			if (!d || (s->found && s->found->key.ifindex == d->key.ifindex &&
				   s->found->key.nsid == d->key.nsid))
				continue;
			s->was = d->key;
			s->moved_to = d->moved_to;
			if (!d->moved_to)
				put_cached(o, &asked, d->key, &s->renamed);
		}
	}
	return ask(o, &asked);
}

/* A slave of ours that the cache has on the master, and that the scope does not name: it shows
 * the port without a dump, and stays on it whatever becomes of the others. */
static struct err *ask_members(struct observation *o)
{
	struct observed_link **members =
		arena_array(o->a, o->n_masters, sizeof(struct observed_link *));
	struct cache_key *keys = arena_array(o->a, o->n_masters, sizeof(*keys));
	struct asked asked = {0};
	struct err *e;

	observe_remember_members(o, keys);
	for (size_t i = 0; i < o->n_masters; i++)
		put_cached(o, &asked, keys[i], &members[i]);
	for (size_t i = 0; i < asked.n; i++)
		asked.questions[i].may_be_gone = true;
	e = ask(o, &asked);
	for (size_t i = 0; !e && i < o->n_masters; i++)
		note_port(o, &o->masters[i], members[i]);
	return e;
}

/* The port watch: asks for one slave of each master after another, until one is on it. */
static struct err *ask_some_slave(struct observation *o)
{
	struct observed_link **answers =
		arena_array(o->a, o->n_masters, sizeof(struct observed_link *));
	bool is_more = true;
	struct err *e = NULL;

	for (size_t round = 0; !e && is_more; round++) {
		struct asked asked = {0};

		is_more = false;
		for (size_t i = 0; i < o->n_masters; i++) {
			struct observed_master *m = &o->masters[i];

			answers[i] = NULL;
			if (!m->found || m->ours || m->stranger ||
			    round >= m->scope->n_slaves)
				continue;
			put(o, &asked, slave_netns(o, m->scope, &m->scope->slaves[round]),
			    m->scope->slaves[round].name, 0, &answers[i]);
			is_more = true;
		}
		e = netns_table_resolve(&o->netns);
		if (!e)
			e = ask(o, &asked);
		for (size_t i = 0; !e && i < o->n_masters; i++)
			note_port(o, &o->masters[i], answers[i]);
	}
	return e;
}

/* Slaves that were handed over, wherever they are: also those that moved before this daemon
 * began. */
static void find_handed_over(struct observation *o)
{
	for (size_t n = 0; n < o->n; n++) {
		struct observed_link *f = o->list[n];
		struct observed_master *m = *f->texts.alias && observe_link_is_ours(o, f)
						    ? observe_link_master_at(o, f->lower)
						    : NULL;
		const struct model_slave *s =
			m && m->scope && observe_link_is_on(f, m)
				? model_find_handed_over(o->a, m->scope, f->texts.alias)
				: NULL;
		struct observed_slave *at = s ? &m->slaves[s - m->scope->slaves] : NULL;

		if (at && has_left(o, at))
			at->renamed = f;
	}
}

/* A slave that another process moved to another namespace: the model shows where it is,
 * as after a new name. */
static void find_moved(struct observation *o)
{
	for (size_t i = 0; i < o->n_masters; i++) {
		struct observed_master *m = &o->masters[i];

		for (size_t k = 0; k < m->n_slaves; k++) {
			struct observed_slave *s = &m->slaves[k];

			for (size_t n = 0; s->moved_to && !s->renamed && n < o->n; n++) {
				struct observed_link *f = o->list[n];

				if (f->key.ifindex == s->moved_to &&
				    observe_link_is_ours(o, f) &&
				    observe_link_is_on(f, m))
					s->renamed = f;
			}
		}
	}
}

static struct err *read_cookie(struct observation *o, struct netns_ref *s)
{
	struct err *e = netns_ref_enter(o->k, s);

	if (e)
		return e;
	s->cookie = nsfs_cookie();
	nsfs_leave(o->k->own_fd);
	return NULL;
}

static void note_occupied(struct observation *o)
{
	for (size_t i = 0; i < o->n; i++)
		o->list[i]->ns->is_occupied |= observe_link_is_foreign(o, o->list[i]);
}

/* With all that is in it: not entered, for a socket there would keep it for a moment after its
 * name is gone (kernel.md 16). */
static void note_going(struct observation *o)
{
	/* By another text. */
	for (size_t i = 0; i < o->netns.n; i++)
		o->netns.list[i]->same->is_needed |= o->netns.list[i]->is_needed;
	for (size_t i = 0; i < o->scope->n_namespaces; i++) {
		const struct model_netns *n = &o->scope->namespaces[i];
		struct netns_ref *s = netns_table_add(&o->netns, n->name);
		const struct model_netns found = {
			.seen = {.inode = s->inode, .cookie = s->cookie}};

		s->is_going = n->is_ours && !n->is_wanted && s->state == NETNS_LIVE &&
			      s->nsid != NSID_HERE && s->same == s && !s->is_needed &&
			      !s->is_occupied && !model_netns_is_another(n, &found);
	}
}

/* For a namespace that may be removed: whether foreign devices are in it, and whether it
 * is the one that we made. */
static struct err *dump_occupied(struct observation *o)
{
	struct err *e = NULL;

	for (size_t i = 0; !e && i < o->scope->n_namespaces; i++) {
		const struct model_netns *n = &o->scope->namespaces[i];
		struct netns_ref *s = netns_table_add(&o->netns, n->name);

		if (*n->name == '/' || n->is_wanted || s->state != NETNS_LIVE)
			continue;
		e = o->is_dumped ? NULL : observe_link_dump(o, s);
		if (!e && n->is_ours)
			e = read_cookie(o, s);
	}
	return e;
}

struct err *observe_ask_all(struct observation *o)
{
	struct err *e = prepare(o);

	if (!e && o->depth == DATAPATH_EVERYTHING)
		e = observe_link_dump_all(o);
	if (!e)
		e = ask_named(o);
	if (!e)
		e = observe_match_find(o);
	if (!e && o->depth != DATAPATH_PORTS)
		e = ask_numbered(o);
	if (!e && o->depth == DATAPATH_SCOPE && is_any_missing(o))
		e = ask_nameless(o);
	if (!e)
		e = ask_members(o);
	if (!e && o->depth == DATAPATH_PORTS)
		return ask_some_slave(o);
	if (!e)
		e = observe_strangers_ask(o);
	if (!e)
		find_handed_over(o);
	if (!e)
		find_moved(o);
	if (!e)
		e = dump_occupied(o);
	note_occupied(o);
	note_going(o);
	return e;
}
