/* Questions to the kernel about links, and the table of links found.
 *
 * One socket asks all namespaces by their ids; none is entered. */
#include "datapath/kernel/observe/observe_link.h"

#include "datapath/kernel/files/card.h"
#include "lib/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For a lower device in a namespace that has no id in ours. No link has this key. */
#define NSID_UNKNOWN INT32_MIN

/* How often one dump is tried before the whole observation is repeated. */
#define MAX_TRIES 3

static struct cache_key lower_of(const struct observation *o, const struct netns_ref *s,
				 const struct nl_link *link)
{
	struct cache_key key = {.nsid = s->nsid, .ifindex = link->lower};

	if (link->lower_is_away)
		key.nsid = link->lower_nsid < 0 ? NSID_UNKNOWN
						: kernel_nsid(o->k, link->lower_nsid);
	return key;
}

static struct observed_name name_key(const struct netns_ref *s, const char *name)
{
	struct observed_name key = {.nsid = s->nsid};

	memcpy(key.name, name, strnlen(name, sizeof(key.name) - 1));
	return key;
}

static struct observed_link *note_found(struct observation *o, struct netns_ref *s,
					const struct nl_link *link,
					const struct nl_link_texts *texts)
{
	struct cache_key key = {.nsid = s->nsid, .ifindex = link->ifindex};
	struct observed_link *f = observe_link_find(o, key);

	if (f) {
		HASH_DELETE(by_name, o->by_name, f);
	} else {
		f = arena_alloc(o->a, sizeof(*f));
		f->key = key;
		HASH_ADD(by_key, o->by_key, key, sizeof(f->key), f);
		o->list = arena_grow(o->a, o->list, o->n, &o->cap,
				     sizeof(struct observed_link *));
		o->list[o->n++] = f;
	}
	f->ns = s->same;
	f->link = *link;
	card_settle(&f->link, CARD_VIRTIO_DEVICES);
	f->texts = *texts;
	f->lower = lower_of(o, s, link);
	f->name = name_key(s, link->name);
	HASH_ADD(by_name, o->by_name, name, sizeof(f->name), f);
	return f;
}

struct observed_link *observe_link_find(const struct observation *o, struct cache_key key)
{
	struct observed_link *f;

	HASH_FIND(by_key, o->by_key, &key, sizeof(key), f);
	return f;
}

struct observed_link *observe_link_find_name(const struct observation *o,
					     const struct netns_ref *s, const char *name)
{
	struct observed_name key = name_key(s, name);
	struct observed_link *f;

	/* A missing namespace has no id; it must not be taken for our own, whose id has
	 * the same value. */
	if (s->state != NETNS_LIVE)
		return NULL;
	HASH_FIND(by_name, o->by_name, &key, sizeof(key), f);
	return f;
}

bool observe_link_is_ours(const struct observation *o, const struct observed_link *f)
{
	return f->link.type && f->link.group == o->k->config.mark;
}

bool observe_link_is_our_master(const struct observation *o,
				const struct observed_link *f)
{
	return model_kind_is_made(f->link.kind) && f->link.group == o->k->config.mark;
}

/* An ipvtap names a master in another namespace by its number there, as if it were beside it
 * (Linux ipvtap_link_ops has no get_link_net()). It has the MAC address of its master. */
static bool hides_netns(const struct observed_link *f)
{
	const struct link_type *t = f->link.type;

	return t && link_type_has(t, LINK_HIDES_NETNS) && !f->link.lower_is_away;
}

bool observe_link_stands_on(const struct observed_link *f,
			    const struct observed_link *lower)
{
	if (f->lower.ifindex != lower->key.ifindex)
		return false;
	/* Also of one beside it: a device of that number in its own namespace need not be its
	 * master. */
	return hides_netns(f) ? !memcmp(f->link.mac, lower->link.mac, sizeof(f->link.mac))
			      : f->lower.nsid == lower->key.nsid;
}

bool observe_link_is_on(const struct observed_link *f, const struct observed_master *m)
{
	return m->found && nl_link_is_upper(&f->link) &&
	       observe_link_stands_on(f, m->found);
}

const struct link_type *observe_link_type(const struct observed_master *m)
{
	return m->scope ? link_type_of(m->scope) : &link_type_ipvlan;
}

bool observe_link_precedes(const struct observation *o, const struct observed_link *a,
			   const struct observed_link *b)
{
	int order = strcmp(observe_link_netns(o, a), observe_link_netns(o, b));

	return order ? order < 0 : strcmp(a->link.name, b->link.name) < 0;
}

bool observe_link_is_sibling(const struct observed_link *f,
			     const struct observed_master *m)
{
	return observe_link_is_on(f, m) &&
	       link_type_is_sibling(observe_link_type(m), f->link.kind);
}

struct cache_key observe_link_lower(const struct observation *o,
				    const struct observed_link *f)
{
	if (!nl_link_is_upper(&f->link))
		return (struct cache_key){0};
	for (size_t i = 0; hides_netns(f) && i < o->n_masters; i++) {
		if (observe_link_is_on(f, &o->masters[i]))
			return o->masters[i].found->key;
	}
	return f->lower;
}

/* Devices that a module adds to every namespace. */
static bool is_fallback(const struct nl_link *link)
{
	static const char *const names[] = {"lo",      "tunl0",   "gre0",     "gretap0",
					    "erspan0", "ip_vti0", "ip6_vti0", "sit0",
					    "ip6tnl0", "ip6gre0", NULL};

	for (size_t i = 0; names[i]; i++) {
		if (!strcmp(link->name, names[i]))
			return true;
	}
	return false;
}

bool observe_link_is_foreign(const struct observation *o, const struct observed_link *f)
{
	return !observe_link_is_ours(o, f) && !observe_link_is_our_master(o, f) &&
	       !is_fallback(&f->link);
}

const char *observe_link_netns(const struct observation *o, const struct observed_link *f)
{
	const struct cache_text *t =
		nsfs_is_id(f->ns->text) ? cache_texts(&o->k->cache, f->ns->nsid) : NULL;

	return t ? t->text : f->ns->text;
}

void observe_link_show_texts(const struct observation *o, const struct observed_link *f,
			     struct model_slave *have)
{
	const struct observed_link *upper =
		observe_link_find(o, (struct cache_key){f->key.nsid, f->link.upper});

	if (f->link.upper && !strcmp(f->link.upper_kind, "vrf"))
		have->vrf = upper ? arena_strdup(o->a, upper->link.name) : "?";
	have->alias = f->texts.alias;
	have->altnames = f->texts.altnames;
	have->n_altnames = f->texts.n_altnames;
}

uint32_t observe_link_vrf_table(const struct observation *o,
				const struct observed_link *f)
{
	const struct observed_link *upper =
		observe_link_find(o, (struct cache_key){f->key.nsid, f->link.upper});

	return upper ? upper->link.vrf_table : 0;
}

void observe_link_show_vrf(const struct observation *o, const struct observed_link *f,
			   struct model_slave *have)
{
	if (!f || !f->link.vrf_table)
		return;
	have->seen.vrf_name = arena_strdup(o->a, f->link.name);
	have->seen.vrf_ifindex = f->link.ifindex;
	have->seen.vrf_table = f->link.vrf_table;
	have->seen.vrf_is_up = f->link.flags & IFF_UP;
}

void observe_link_clear(struct observation *o)
{
	HASH_CLEAR(by_key, o->by_key);
	HASH_CLEAR(by_name, o->by_name);
	netns_table_clear(&o->netns);
}

struct link_batch {
	struct observation *observation;
	struct link_query *questions;
	size_t *which; /* number of the message to index of the question */
};

static void take_answer(void *aux, size_t number, const struct nlmsghdr *h)
{
	struct link_batch *batched = aux;
	struct link_query *q = &batched->questions[batched->which[number]];
	struct nl_link_texts texts;
	struct nl_link link;

	if (!nl_link_parse(h, &link))
		return;
	nl_link_texts_parse(h, batched->observation->a, &texts);
	q->answer = note_found(batched->observation, q->ns, &link, &texts);
}

/* ENODEV is an answer. EINVAL means that the id is no longer valid. */
static struct err *settle_answer(const struct nl_answer *a, const struct link_query *q)
{
	char which[IFNAMSIZ];
	struct err *e;

	if (!a->sys_errno || a->sys_errno == ENODEV ||
	    (a->sys_errno == EINVAL && q->may_be_gone))
		return NULL;
	e = nl_answer_err(a);
	if (a->sys_errno == EINVAL && q->ns->nsid != NSID_HERE)
		e->code = ERR_INTERRUPTED;
	if (q->name)
		snprintf(which, sizeof(which), "%s", q->name);
	else
		snprintf(which, sizeof(which), "%u", q->ifindex);
	return err_wrap(e, "cannot read the link %s of %s", which,
			*q->ns->text ? q->ns->text : "this namespace");
}

struct err *observe_link_ask(struct observation *o, struct link_query *questions,
			     size_t n)
{
	struct link_batch batched = {.observation = o, .questions = questions};
	struct nl_batch b = {0};
	struct nl_msg m;
	struct err *e;

	batched.which = arena_array(o->a, n, sizeof(*batched.which));
	for (size_t i = 0; i < n; i++) {
		struct link_query *q = &questions[i];

		if (q->ns->state != NETNS_LIVE ||
		    (q->name && strlen(q->name) >= IFNAMSIZ))
			continue;
		nl_link_msg_get(&m, q->ns->nsid, q->name, q->ifindex);
		batched.which[nl_batch_add(&b, &m)] = i;
	}
	e = nl_batch_run(o->k->sock, &b, take_answer, &batched);
	for (size_t i = 0; !e && i < b.n; i++)
		e = settle_answer(&b.answers[i], &questions[batched.which[i]]);
	nl_batch_clear(&b);
	return e;
}

struct link_dump {
	struct observation *observation;
	struct nl_link *links;
	struct nl_link_texts *texts;
	size_t n, cap, texts_cap;
};

static void take_link(void *aux, size_t number, const struct nlmsghdr *h)
{
	struct link_dump *d = aux;

	(void)number;
	d->links =
		arena_grow(d->observation->a, d->links, d->n, &d->cap, sizeof(*d->links));
	d->texts = arena_grow(d->observation->a, d->texts, d->n, &d->texts_cap,
			      sizeof(*d->texts));
	if (!nl_link_parse(h, &d->links[d->n]))
		return;
	nl_link_texts_parse(h, d->observation->a, &d->texts[d->n]);
	d->n++;
}

/* Only a whole dump is used: one that was interrupted may contain what is gone. */
static struct err *dump_once(struct observation *o, struct netns_ref *s)
{
	struct link_dump d = {.observation = o};
	struct nl_msg m;
	struct err *e;

	nl_link_msg_dump(&m, s->nsid);
	e = nl_dump(s->nsid == NSID_HERE ? o->k->sock : o->k->dumps, &m, take_link, &d);
	if (e)
		return e;
	strangers_begin(&o->k->strangers, s->nsid);
	for (size_t i = 0; i < d.n; i++) {
		note_found(o, s->same, &d.links[i], &d.texts[i]);
		strangers_note(&o->k->strangers,
			       (struct cache_key){s->nsid, d.links[i].ifindex},
			       &d.links[i], o->k->config.mark);
	}
	strangers_end(&o->k->strangers, s->nsid);
	return NULL;
}

struct err *observe_link_dump(struct observation *o, struct netns_ref *s)
{
	struct err *e = dump_once(o, s);

	for (int try = 1; e && e->code == ERR_INTERRUPTED && try < MAX_TRIES; try++) {
		err_free(e);
		e = dump_once(o, s);
	}
	if (!e)
		return NULL;
	if (e->sys_errno == EINVAL && s->nsid != NSID_HERE)
		e->code = ERR_INTERRUPTED;
	return err_wrap(e, "cannot read the links of %s",
			*s->text ? s->text : "this namespace");
}

/* The names below /run/netns, whether a row has them or not. */
static struct err *add_names(struct observation *o)
{
	DIR *dir = opendir(NETNS_DIR);
	const struct dirent *entry;

	if (!dir && errno == ENOENT)
		return NULL;
	if (!dir)
		return err_sys(errno, "cannot read %s", NETNS_DIR);
	while ((entry = readdir(dir))) {
		if (*entry->d_name != '.')
			netns_table_add(&o->netns, arena_strdup(o->a, entry->d_name));
	}
	closedir(dir);
	return NULL;
}

static void add_nsid(void *aux, int32_t nsid)
{
	struct observation *o = aux;

	netns_table_get_nsid(&o->netns, kernel_nsid(o->k, nsid));
}

/* A namespace that vanishes meanwhile does not matter if only its id led to it. */
static bool is_gone(const struct err *e, const struct netns_ref *s)
{
	uint64_t inode;

	return e->code == ERR_INTERRUPTED && e->sys_errno == EINVAL &&
	       nsfs_stat(s->text, &inode) != NETNS_LIVE;
}

/* Everything that leads to a namespace: names below /run/netns, ids, paths of the
 * scope. */
static struct err *add_all(struct observation *o)
{
	struct err *e;

	netns_table_add(&o->netns, "");
	e = add_names(o);
	if (!e)
		e = netns_table_resolve(&o->netns);
	return e ? e : nsid_dump_all(o->k, add_nsid, o);
}

static struct err *dump_listed(struct observation *o, bool unread_only)
{
	struct err *e = NULL;

	for (size_t i = 0; !e && i < o->netns.n; i++) {
		struct netns_ref *s = o->netns.list[i];

		if (s->state != NETNS_LIVE || s->same != s ||
		    (unread_only && strangers_is_read(&o->k->strangers, s->nsid)))
			continue;
		e = observe_link_dump(o, s);
		if (e && nsfs_is_id(s->text) && is_gone(e, s))
			err_free(STEAL(e));
	}
	if (!e)
		strangers_clear_names(&o->k->strangers);
	return e;
}

static struct err *dump_netns(struct observation *o, bool unread_only)
{
	struct err *e = add_all(o);

	return e ? e : dump_listed(o, unread_only);
}

struct err *observe_link_dump_all(struct observation *o)
{
	struct err *e;

	if (o->is_dumped)
		return NULL;
	e = dump_netns(o, false);
	o->is_dumped = !e;
	return e;
}

struct err *observe_link_dump_unread(struct observation *o)
{
	return o->is_dumped ? NULL : dump_netns(o, true);
}

struct err *observe_link_dump_named(struct observation *o)
{
	const struct strangers_name *n;
	struct err *e;

	if (o->is_dumped)
		return NULL;
	for (n = o->k->strangers.names; n; n = n->hh.next)
		netns_table_add(&o->netns, arena_strdup(o->a, n->name));
	e = netns_table_resolve(&o->netns);
	return e ? e : dump_listed(o, true);
}

struct observed_master *observe_link_master_at(const struct observation *o,
					       struct cache_key key)
{
	for (size_t i = 0; i < o->n_masters; i++) {
		const struct observed_link *f = o->masters[i].found;

		if (f && f->key.nsid == key.nsid && f->key.ifindex == key.ifindex)
			return &o->masters[i];
	}
	return NULL;
}
