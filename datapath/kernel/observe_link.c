/* Questions to the kernel about links, and the links that were found.
 *
 * One socket asks all namespaces by their ids; nothing is entered here. */
#include "datapath/kernel/observe_link.h"

#include "lib/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An ifindex that no link of ours has, in no namespace that we know. */
#define NSID_UNKNOWN INT32_MIN

/* Of one dump, before the whole observation is made again. */
#define MAX_TRIES 3

static struct known_key lower_of(const struct look *l, const struct space *s,
				 const struct nl_link *link)
{
	struct known_key key = {.nsid = s->nsid, .ifindex = link->lower};

	if (link->lower_is_away)
		key.nsid = link->lower_nsid < 0 ? NSID_UNKNOWN
						: kernel_nsid(l->k, link->lower_nsid);
	return key;
}

static struct found_name name_key(const struct space *s, const char *name)
{
	struct found_name key = {.nsid = s->nsid};

	memcpy(key.name, name, strnlen(name, sizeof(key.name) - 1));
	return key;
}

static struct found *note_found(struct look *l, struct space *s,
				const struct nl_link *link)
{
	struct known_key key = {.nsid = s->nsid, .ifindex = link->ifindex};
	struct found *f = look_find(l, key);

	if (f) {
		HASH_DELETE(by_name, l->by_name, f);
	} else {
		f = arena_alloc(l->a, sizeof(*f));
		f->key = key;
		HASH_ADD(by_key, l->by_key, key, sizeof(f->key), f);
		l->list =
			arena_grow(l->a, l->list, l->n, &l->cap, sizeof(struct found *));
		l->list[l->n++] = f;
	}
	f->space = s->same;
	f->link = *link;
	f->lower = lower_of(l, s, link);
	f->name = name_key(s, link->name);
	HASH_ADD(by_name, l->by_name, name, sizeof(f->name), f);
	return f;
}

struct found *look_find(const struct look *l, struct known_key key)
{
	struct found *f;

	HASH_FIND(by_key, l->by_key, &key, sizeof(key), f);
	return f;
}

struct found *look_find_name(const struct look *l, const struct space *s,
			     const char *name)
{
	struct found_name key = name_key(s, name);
	struct found *f;

	/* What is not there has no id, and must not be taken for this namespace. */
	if (s->state != NETNS_LIVE)
		return NULL;
	HASH_FIND(by_name, l->by_name, &key, sizeof(key), f);
	return f;
}

bool look_is_ours(const struct look *l, const struct found *f)
{
	return nl_link_is_ipvlan(&f->link) && f->link.group == l->k->config.mark;
}

bool look_is_on(const struct found *f, const struct master_look *m)
{
	return m->found && nl_link_is_in_port(&f->link) &&
	       f->lower.nsid == m->found->key.nsid &&
	       f->lower.ifindex == m->found->key.ifindex;
}

/* Devices that a module puts into every namespace by itself. */
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

bool look_is_strange(const struct look *l, const struct found *f)
{
	return f->link.group != l->k->config.mark && !is_fallback(&f->link);
}

void look_clear(struct look *l)
{
	HASH_CLEAR(by_key, l->by_key);
	HASH_CLEAR(by_name, l->by_name);
	space_table_clear(&l->spaces);
}

struct asking {
	struct look *look;
	struct question *questions;
	size_t *which; /* message number to question */
};

static void take_answer(void *aux, size_t number, const struct nlmsghdr *h)
{
	struct asking *asking = aux;
	struct question *q = &asking->questions[asking->which[number]];
	struct nl_link link;

	if (nl_link_parse(h, &link))
		q->answer = note_found(asking->look, q->space, &link);
}

/* ENODEV is an answer; EINVAL means that the id is no longer one. */
static struct err *judge(const struct nl_answer *a, const struct question *q)
{
	struct err *e;

	if (!a->sys_errno || a->sys_errno == ENODEV ||
	    (a->sys_errno == EINVAL && q->may_be_gone))
		return NULL;
	e = nl_answer_err(a);
	if (a->sys_errno == EINVAL && q->space->nsid != NSID_HERE)
		e->code = ERR_INTERRUPTED;
	return err_wrap(e, "cannot read the link %s of %s",
			q->name ? q->name : "below a slave",
			*q->space->text ? q->space->text : "this namespace");
}

struct err *look_ask(struct look *l, struct question *questions, size_t n)
{
	struct asking asking = {.look = l, .questions = questions};
	struct nl_batch b = {0};
	struct nl_msg m;
	struct err *e;

	asking.which = arena_array(l->a, n, sizeof(*asking.which));
	for (size_t i = 0; i < n; i++) {
		struct question *q = &questions[i];

		if (q->space->state != NETNS_LIVE ||
		    (q->name && strlen(q->name) >= IFNAMSIZ))
			continue;
		nl_link_msg_get(&m, q->space->nsid, q->name, q->ifindex);
		asking.which[nl_batch_add(&b, &m)] = i;
	}
	e = nl_batch_run(l->k->sock, &b, take_answer, &asking);
	for (size_t i = 0; !e && i < b.n; i++)
		e = judge(&b.answers[i], &questions[asking.which[i]]);
	nl_batch_clear(&b);
	return e;
}

struct dumping {
	struct look *look;
	struct nl_link *links;
	size_t n, cap;
};

static void take_link(void *aux, size_t number, const struct nlmsghdr *h)
{
	struct dumping *d = aux;

	(void)number;
	d->links = arena_grow(d->look->a, d->links, d->n, &d->cap, sizeof(*d->links));
	d->n += nl_link_parse(h, &d->links[d->n]);
}

/* Only a whole dump is noted: one that was interrupted may name what is gone. */
static struct err *dump_once(struct look *l, struct space *s)
{
	struct dumping d = {.look = l};
	struct nl_msg m;
	struct err *e;

	nl_link_msg_dump(&m, s->nsid);
	e = nl_dump(l->k->sock, &m, take_link, &d);
	if (e)
		return e;
	strangers_begin(&l->k->strangers, s->nsid);
	for (size_t i = 0; i < d.n; i++) {
		note_found(l, s->same, &d.links[i]);
		strangers_note(&l->k->strangers,
			       (struct known_key){s->nsid, d.links[i].ifindex},
			       &d.links[i], l->k->config.mark);
	}
	strangers_end(&l->k->strangers, s->nsid);
	return NULL;
}

struct err *look_dump(struct look *l, struct space *s)
{
	struct err *e = dump_once(l, s);

	for (int try = 1; e && e->code == ERR_INTERRUPTED && try < MAX_TRIES; try++) {
		err_free(e);
		e = dump_once(l, s);
	}
	if (!e)
		return NULL;
	if (e->sys_errno == EINVAL && s->nsid != NSID_HERE)
		e->code = ERR_INTERRUPTED;
	return err_wrap(e, "cannot read the links of %s",
			*s->text ? s->text : "this namespace");
}

/* The names below /run/netns, known to us or not. */
static struct err *add_names(struct look *l)
{
	DIR *dir = opendir(NETNS_DIR);
	const struct dirent *entry;

	if (!dir && errno == ENOENT)
		return NULL;
	if (!dir)
		return err_sys(errno, "cannot read %s", NETNS_DIR);
	while ((entry = readdir(dir))) {
		if (*entry->d_name != '.')
			space_add(&l->spaces, arena_strdup(l->a, entry->d_name));
	}
	closedir(dir);
	return NULL;
}

static void add_nsid(void *aux, int32_t nsid)
{
	struct look *l = aux;

	space_of_nsid(&l->spaces, kernel_nsid(l->k, nsid));
}

/* A namespace that goes while we look is no longer of interest, if only its id named it.
 */
static bool is_gone(const struct err *e, const struct space *s)
{
	uint64_t inode;

	return e->code == ERR_INTERRUPTED && e->sys_errno == EINVAL &&
	       netns_look(s->text, &inode) != NETNS_LIVE;
}

/* All that a namespace can be found by: names below /run/netns, ids, the scope's paths.
 */
static struct err *add_all(struct look *l)
{
	struct err *e;

	space_add(&l->spaces, "");
	e = add_names(l);
	if (!e)
		e = space_resolve(&l->spaces);
	return e ? e : space_dump_nsids(l->k, add_nsid, l);
}

static struct err *dump_spaces(struct look *l, bool unread_only)
{
	struct err *e = add_all(l);

	for (size_t i = 0; !e && i < l->spaces.n; i++) {
		struct space *s = l->spaces.list[i];

		if (s->state != NETNS_LIVE || s->same != s ||
		    (unread_only && strangers_is_read(&l->k->strangers, s->nsid)))
			continue;
		e = look_dump(l, s);
		if (e && !strncmp(s->text, NETNS_ID_PREFIX, strlen(NETNS_ID_PREFIX)) &&
		    is_gone(e, s))
			err_free(STEAL(e));
	}
	return e;
}

struct err *look_dump_all(struct look *l)
{
	struct err *e;

	if (l->is_dumped)
		return NULL;
	e = dump_spaces(l, false);
	l->is_dumped = !e;
	return e;
}

struct err *look_dump_unread(struct look *l)
{
	return l->is_dumped ? NULL : dump_spaces(l, true);
}
