/* What is asked for one observation, in which order, until every master, slave and
 * namespace of the scope is found or known to be absent.
 *
 * Few messages: every device that the scope names is asked for by name, all in one batch.
 * Links are dumped only where the answer is about what nobody names: strangers on a
 * master that shows no slave of ours, in namespaces that were never read before, and
 * everything at DATAPATH_EVERYTHING. What it
 * means is observe_model.c's. */
#include "datapath/kernel/observe_link.h"

#include <string.h>

/* With what it is bound to, whatever the depth: nobody looks into a stranger's. */
static struct space *scope_space(struct look *l, const char *netns)
{
	struct space *s = space_add(&l->spaces, netns);
	const struct model_netns *n =
		*netns && !s->bound ? model_find_netns(l->scope, netns) : NULL;

	if (n && n->bound.pid)
		s->bound = n;
	return s;
}

static struct space *slave_space(struct look *l, const struct model_master *m,
				 const struct model_slave *s)
{
	return scope_space(l, *s->netns ? s->netns : m->netns);
}

/* At DATAPATH_PORTS the slaves' namespaces are opened only as far as needed. */
static void add_master(struct look *l, const struct model_master *scope)
{
	struct master_look *m = &l->masters[l->n_masters++];

	*m = (struct master_look){.scope = scope,
				  .name = scope->name,
				  .space = scope_space(l, scope->netns)};
	if (l->depth == DATAPATH_PORTS)
		return;
	m->n_slaves = scope->n_slaves;
	m->slaves = arena_array(l->a, m->n_slaves, sizeof(*m->slaves));
	for (size_t i = 0; i < m->n_slaves; i++) {
		m->slaves[i].scope = &scope->slaves[i];
		m->slaves[i].space = slave_space(l, scope, &scope->slaves[i]);
	}
}

/* The device below a VLAN is looked at as a master: whether it is there decides what
 * becomes of the VLAN. */
static void add_vlan_link(struct look *l, const struct model_master *vlan)
{
	struct space *space = space_add(&l->spaces, vlan->netns);

	for (size_t i = 0; i < l->n_masters; i++) {
		if (l->masters[i].space == space &&
		    !strcmp(l->masters[i].name, vlan->vlan_link))
			return;
	}
	l->masters[l->n_masters++] =
		(struct master_look){.name = vlan->vlan_link, .space = space};
}

static struct err *prepare(struct look *l)
{
	l->cap_masters = 2 * l->scope->n_masters;
	l->masters = arena_array(l->a, l->cap_masters, sizeof(*l->masters));
	for (size_t i = 0; i < l->scope->n_masters; i++)
		add_master(l, &l->scope->masters[i]);
	for (size_t i = 0; l->depth != DATAPATH_PORTS && i < l->scope->n_masters; i++) {
		if (*l->scope->masters[i].vlan_link)
			add_vlan_link(l, &l->scope->masters[i]);
	}
	for (size_t i = 0; l->depth != DATAPATH_PORTS && i < l->scope->n_namespaces; i++)
		scope_space(l, l->scope->namespaces[i].name);
	return space_resolve(&l->spaces);
}

struct asked {
	struct question *questions;
	struct found ***answers; /* where each answer goes */
	size_t n, cap, cap_answers;
};

static void put(struct look *l, struct asked *asked, struct space *s, const char *name,
		uint32_t ifindex, struct found **answer)
{
	asked->questions = arena_grow(l->a, asked->questions, asked->n, &asked->cap,
				      sizeof(*asked->questions));
	asked->answers = arena_grow(l->a, asked->answers, asked->n, &asked->cap_answers,
				    sizeof(*asked->answers));
	asked->questions[asked->n] =
		(struct question){.space = s, .name = name, .ifindex = ifindex};
	asked->answers[asked->n++] = answer;
}

static struct err *ask(struct look *l, struct asked *asked)
{
	struct err *e = look_ask(l, asked->questions, asked->n);

	for (size_t i = 0; !e && i < asked->n; i++)
		*asked->answers[i] = asked->questions[i].answer;
	*asked = (struct asked){0};
	return e;
}

/* Everything that the scope names and no dump has shown. An alternative name is found
 * only so. */
static struct err *ask_named(struct look *l)
{
	struct asked asked = {0};

	for (size_t i = 0; i < l->n_masters; i++) {
		struct master_look *m = &l->masters[i];

		m->found = look_find_name(l, m->space, m->name);
		if (!m->found)
			put(l, &asked, m->space, m->name, 0, &m->found);
		for (size_t k = 0; k < m->n_slaves; k++) {
			struct slave_look *s = &m->slaves[k];

			s->found = look_find_name(l, s->space, s->scope->name);
			if (!s->found)
				put(l, &asked, s->space, s->scope->name, 0, &s->found);
		}
	}
	return ask(l, &asked);
}

static void put_known(struct look *l, struct asked *asked, struct known_key key,
		      struct found **answer)
{
	struct space *s;

	if (!key.ifindex)
		return;
	*answer = look_find(l, key);
	if (*answer)
		return;
	HASH_FIND(by_nsid, l->spaces.by_nsid, &key.nsid, sizeof(key.nsid), s);
	if (s || known_texts(&l->k->known, key.nsid))
		put(l, asked, space_of_nsid(&l->spaces, key.nsid), NULL, key.ifindex,
		    answer);
}

static void note_port(struct look *l, struct master_look *m, struct found *f)
{
	if (!f || !look_is_on(f, m))
		return;
	if (look_is_ours(l, f))
		m->ours = f;
	else
		m->stranger = f;
}

static struct master_look *master_at(struct look *l, struct known_key key)
{
	for (size_t i = 0; i < l->n_masters; i++) {
		const struct found *f = l->masters[i].found;

		if (f && f->key.nsid == key.nsid && f->key.ifindex == key.ifindex)
			return &l->masters[i];
	}
	return NULL;
}

/* Slaves of ours in namespaces whose name is gone, while somebody keeps them alive: they
 * still hold their addresses, and an id is all that leads to them. */
static struct err *ask_nameless(struct look *l)
{
	const struct known_device *d;
	struct asked asked = {0};
	struct found **answers = arena_array(l->a, HASH_COUNT(l->k->known.devices) + 1,
					     sizeof(struct found *));
	size_t n = 0;
	struct err *e;

	for (d = l->k->known.devices; d; d = d->hh.next) {
		if (d->link.group != l->k->config.mark ||
		    known_texts(&l->k->known, d->key.nsid) || !d->lower.ifindex ||
		    !master_at(l, d->lower))
			continue;
		put(l, &asked, space_of_nsid(&l->spaces, d->key.nsid), NULL,
		    d->key.ifindex, &answers[n++]);
		asked.questions[asked.n - 1].may_be_gone = true;
	}
	e = ask(l, &asked);
	for (size_t i = 0; !e && i < n; i++) {
		struct master_look *m =
			answers[i] ? master_at(l, answers[i]->lower) : NULL;

		if (!m || !look_is_ours(l, answers[i]))
			continue;
		m->others = arena_grow(l->a, m->others, m->n_others, &m->cap_others,
				       sizeof(struct found *));
		m->others[m->n_others++] = answers[i];
		answers[i]->is_listed = true;
		m->ours = answers[i];
	}
	return e;
}

static bool is_any_missing(const struct look *l)
{
	for (size_t i = 0; i < l->n_masters; i++) {
		for (size_t k = 0; k < l->masters[i].n_slaves; k++) {
			if (!l->masters[i].slaves[k].found)
				return true;
		}
	}
	return false;
}

/* What was seen last where nothing is now. */
static const struct known_device *known_at(const struct look *l, const struct space *s,
					   const char *name)
{
	return s->state == NETNS_LIVE ? known_find_place(&l->k->known, s->nsid, name)
				      : NULL;
}

static void put_lost_master(struct look *l, struct asked *asked, struct master_look *m)
{
	const struct known_device *d =
		m->found || !m->scope ? NULL : known_at(l, m->space, m->scope->name);

	if (!d || !d->is_master)
		return;
	m->was = d->key;
	if (!d->moved_to)
		put_known(l, asked, d->key, &m->renamed);
}

/* What the first answers name by number: the device below a VLAN, the bridge above; and,
 * where a place is empty, the device that we last saw there, as it may have got another
 * name. */
static struct err *ask_numbered(struct look *l)
{
	struct asked asked = {0};

	for (size_t i = 0; i < l->n_masters; i++) {
		struct master_look *m = &l->masters[i];

		put_lost_master(l, &asked, m);
		if (m->found && m->found->link.upper)
			put(l, &asked, m->space, NULL, m->found->link.upper, &m->upper);
		if (m->found && !strcmp(m->found->link.kind, "vlan") &&
		    !m->found->link.lower_is_away)
			put(l, &asked, m->space, NULL, m->found->link.lower,
			    &m->vlan_link);
		for (size_t k = 0; k < m->n_slaves; k++) {
			struct slave_look *s = &m->slaves[k];
			const struct known_device *d;

			note_port(l, m, s->found);
			d = s->found ? NULL : known_at(l, s->space, s->scope->name);
			if (!d)
				continue;
			s->was = d->key;
			s->moved_to = d->moved_to;
			if (!d->moved_to)
				put_known(l, &asked, d->key, &s->renamed);
		}
	}
	return ask(l, &asked);
}

static const struct known_device *known_master(const struct look *l,
					       const struct master_look *m)
{
	return m->found ? known_find(&l->k->known, m->found->key) : NULL;
}

/* A slave of ours that we knew on the master: with it, no dump is needed to know its
 * port. */
static struct err *ask_members(struct look *l)
{
	struct found **members = arena_array(l->a, l->n_masters, sizeof(struct found *));
	struct asked asked = {0};
	struct err *e;

	for (size_t i = 0; i < l->n_masters; i++) {
		const struct known_device *d = known_master(l, &l->masters[i]);

		if (d && !l->masters[i].ours)
			put_known(l, &asked, d->member, &members[i]);
	}
	e = ask(l, &asked);
	for (size_t i = 0; !e && i < l->n_masters; i++)
		note_port(l, &l->masters[i], members[i]);
	return e;
}

/* The port watch: slave after slave of each master, until one is found on it. */
static struct err *ask_some_slave(struct look *l)
{
	struct found **answers = arena_array(l->a, l->n_masters, sizeof(struct found *));
	bool is_more = true;
	struct err *e = NULL;

	for (size_t round = 0; !e && is_more; round++) {
		struct asked asked = {0};

		is_more = false;
		for (size_t i = 0; i < l->n_masters; i++) {
			struct master_look *m = &l->masters[i];

			answers[i] = NULL;
			if (!m->found || m->ours || m->stranger ||
			    round >= m->scope->n_slaves)
				continue;
			put(l, &asked, slave_space(l, m->scope, &m->scope->slaves[round]),
			    m->scope->slaves[round].name, 0, &answers[i]);
			is_more = true;
		}
		e = space_resolve(&l->spaces);
		if (!e)
			e = ask(l, &asked);
		for (size_t i = 0; !e && i < l->n_masters; i++)
			note_port(l, &l->masters[i], answers[i]);
	}
	return e;
}

static bool is_our_vlan(const struct look *l, const struct found *f)
{
	return !strcmp(f->link.kind, "vlan") && f->link.group == l->k->config.mark;
}

/* Whether strangers matter: before our first slave is made, and before a VLAN of ours is
 * removed. */
static bool needs_strangers(const struct look *l, const struct master_look *m)
{
	if (!m->found || !m->scope)
		return false;
	if (!m->ours)
		return true;
	return is_our_vlan(l, m->found) &&
	       (m->scope->intent != MODEL_PRESENT || !m->vlan_link ||
		strcmp(m->vlan_link->link.name, m->scope->vlan_link) ||
		m->found->link.vlan_id != m->scope->vlan_id);
}

static bool has_moved(const struct master_look *m)
{
	for (size_t i = 0; i < m->n_slaves; i++) {
		if (m->slaves[i].moved_to)
			return true;
	}
	return false;
}

static bool may_be_on(const struct look *l, const struct stranger *d)
{
	for (size_t i = 0; i < l->n_masters; i++) {
		const struct master_look *m = &l->masters[i];

		if (needs_strangers(l, m) && m->found->key.ifindex == d->lower)
			return true;
	}
	return false;
}

/* What is noted is a hint: each is asked for, and says itself what it stands on. */
static struct err *ask_strangers(struct look *l)
{
	const struct stranger *d;
	struct asked asked = {0};
	struct found **answers = arena_array(
		l->a, HASH_COUNT(l->k->strangers.devices) + 1, sizeof(struct found *));
	size_t n = 0;

	for (d = l->k->strangers.devices; d; d = d->hh.next) {
		if (look_find(l, d->key) || !may_be_on(l, d))
			continue;
		put(l, &asked, space_of_nsid(&l->spaces, d->key.nsid), NULL,
		    d->key.ifindex, &answers[n++]);
		asked.questions[asked.n - 1].may_be_gone = true;
	}
	return ask(l, &asked);
}

/* Events that wait to be read may be about strangers, and what is noted is behind them.
 */
static struct err *look_for_strangers(struct look *l)
{
	bool is_needed = false;
	struct err *e;

	for (size_t i = 0; i < l->n_masters; i++) {
		if (has_moved(&l->masters[i]))
			return look_dump_all(l);
		is_needed |= needs_strangers(l, &l->masters[i]);
	}
	if (!is_needed || l->is_dumped)
		return NULL;
	if (events_are_pending(l->k))
		return look_dump_all(l);
	e = look_dump_unread(l);
	return e ? e : ask_strangers(l);
}

/* Somebody took it to another namespace: as with a new name, it is told where it is. */
static void find_moved(struct look *l)
{
	for (size_t i = 0; i < l->n_masters; i++) {
		struct master_look *m = &l->masters[i];

		for (size_t k = 0; k < m->n_slaves; k++) {
			struct slave_look *s = &m->slaves[k];

			for (size_t n = 0; s->moved_to && !s->renamed && n < l->n; n++) {
				struct found *f = l->list[n];

				if (f->key.ifindex == s->moved_to && look_is_ours(l, f) &&
				    look_is_on(f, m))
					s->renamed = f;
			}
		}
	}
}

static struct err *read_cookie(struct look *l, struct space *s)
{
	struct err *e = space_enter(s);

	if (e)
		return e;
	s->cookie = netns_cookie();
	netns_leave(l->k->own_fd);
	return NULL;
}

/* Whether anything of others is in a namespace that is to go, and whether it is the one
 * that we made. */
static struct err *dump_occupied(struct look *l)
{
	struct err *e = NULL;

	for (size_t i = 0; !e && i < l->scope->n_namespaces; i++) {
		const struct model_netns *n = &l->scope->namespaces[i];
		struct space *s = space_add(&l->spaces, n->name);

		if (*n->name == '/' || n->is_wanted || s->state != NETNS_LIVE)
			continue;
		e = l->is_dumped ? NULL : look_dump(l, s);
		if (!e && n->is_ours)
			e = read_cookie(l, s);
	}
	return e;
}

struct err *look_ask_all(struct look *l)
{
	struct err *e = prepare(l);

	if (!e && l->depth == DATAPATH_EVERYTHING)
		e = look_dump_all(l);
	if (!e)
		e = ask_named(l);
	if (!e && l->depth != DATAPATH_PORTS)
		e = ask_numbered(l);
	if (!e && l->depth == DATAPATH_SCOPE && is_any_missing(l))
		e = ask_nameless(l);
	if (!e)
		e = ask_members(l);
	if (!e && l->depth == DATAPATH_PORTS)
		return ask_some_slave(l);
	if (!e)
		e = look_for_strangers(l);
	if (!e)
		find_moved(l);
	if (!e)
		e = dump_occupied(l);
	return e;
}
