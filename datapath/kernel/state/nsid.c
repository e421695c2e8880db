/* Resolves names and paths to namespace ids. With an id, one socket reads every namespace
 * and receives its events. network_namespaces(7) does not describe them; Linux
 * net_namespace.c rtnl_net_newid() does.
 *
 * Unlike a descriptor, an id does not keep a namespace alive. */
#include "datapath/kernel/state/nsid.h"

#include "datapath/kernel/files/procfs.h"
#include "lib/alloc.h"
#include "lib/text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <unistd.h>

/* How many namespaces are open at a time: far fewer than the usual RLIMIT_NOFILE of
 * 1024. */
#define OPEN_AT_ONCE 64

void netns_table_init(struct netns_table *t, struct kernel *k, struct arena *a)
{
	*t = (struct netns_table){.k = k, .a = a};
}

void netns_table_clear(struct netns_table *t)
{
	HASH_CLEAR(by_text, t->by_text);
	HASH_CLEAR(by_nsid, t->by_nsid);
}

struct netns_ref *netns_table_add(struct netns_table *t, const char *text)
{
	struct netns_ref *s;

	HASH_FIND(by_text, t->by_text, text, strlen(text), s);
	if (s)
		return s;
	s = arena_alloc(t->a, sizeof(*s));
	s->text = text;
	s->same = s;
	s->nsid = NSID_HERE;
	s->what = "";
	HASH_ADD_KEYPTR(by_text, t->by_text, s->text, strlen(s->text), s);
	t->list = arena_grow(t->a, t->list, t->n, &t->cap, sizeof(struct netns_ref *));
	t->list[t->n++] = s;
	return s;
}

static void settle_live(struct netns_table *t, struct netns_ref *s, int32_t nsid)
{
	struct netns_ref *first;

	s->state = NETNS_LIVE;
	s->is_resolved = true;
	s->nsid = nsid;
	HASH_FIND(by_nsid, t->by_nsid, &nsid, sizeof(nsid), first);
	if (first)
		s->same = first;
	else
		HASH_ADD(by_nsid, t->by_nsid, nsid, sizeof(s->nsid), s);
}

/* Takes 'e', an error of nsfs_open(). */
static void settle_absent(struct netns_table *t, struct netns_ref *s, struct err *e)
{
	uint64_t inode;

	s->is_resolved = true;
	if (e->code == ERR_NOT_FOUND) {
		/* If it appeared in between, an event reports it. */
		s->state = nsfs_stat(s->text, &inode);
		if (s->state != NETNS_DEAD)
			s->state = NETNS_MISSING;
	} else {
		s->state = e->code == ERR_INVALID ? NETNS_OTHER : NETNS_DENIED;
		s->what = arena_strdup(t->a, e->message);
	}
	err_free(e);
}

static void msg_get_nsid(struct nl_msg *m, int fd)
{
	nl_msg_init(m, RTM_GETNSID, 0, sizeof(struct rtgenmsg));
	nl_put_u32(m, NETNSA_FD, (uint32_t)fd);
}

static void msg_new_nsid(struct nl_msg *m, int fd)
{
	nl_msg_init(m, RTM_NEWNSID, 0, sizeof(struct rtgenmsg));
	nl_put_u32(m, NETNSA_FD, (uint32_t)fd);
	/* The kernel chooses the id: one chosen by us could collide with another
	 * program's. */
	nl_put_u32(m, NETNSA_NSID, (uint32_t)NETNSA_NSID_NOT_ASSIGNED);
}

static int32_t nsid_in(const struct nlmsghdr *h)
{
	const struct nlattr *attr;

	if (h->nlmsg_type != RTM_NEWNSID)
		return NETNSA_NSID_NOT_ASSIGNED;
	nl_attr_for_each (attr, h, sizeof(struct rtgenmsg)) {
		if (mnl_attr_get_type(attr) == NETNSA_NSID &&
		    mnl_attr_get_payload_len(attr) >= sizeof(int32_t))
			return (int32_t)mnl_attr_get_u32(attr);
	}
	return NETNSA_NSID_NOT_ASSIGNED;
}

struct opened {
	struct netns_ref *ns;
	int fd;
	int32_t nsid;
	bool is_asked; /* in the batch, as number 'at' */
	size_t at;
};

static void note_nsid(void *aux, size_t number, const struct nlmsghdr *h)
{
	struct opened *opened = aux;

	for (size_t i = 0; i < OPEN_AT_ONCE; i++) {
		if (opened[i].is_asked && opened[i].at == number)
			opened[i].nsid = nsid_in(h);
	}
}

/* Asks for the ids that are still unknown; with 'make', assigns them first. */
static struct err *ask_nsids(struct nl_socket *sock, struct opened *opened, size_t n,
			     bool make)
{
	struct nl_batch b = {0};
	struct nl_msg m;
	struct err *e;

	for (size_t i = 0; i < n; i++) {
		opened[i].is_asked = opened[i].nsid == NETNSA_NSID_NOT_ASSIGNED;
		if (!opened[i].is_asked)
			continue;
		if (make) {
			msg_new_nsid(&m, opened[i].fd);
			/* EEXIST: another process was faster. The next message asks for
			 * the id. */
			nl_batch_add(&b, &m);
		}
		msg_get_nsid(&m, opened[i].fd);
		opened[i].at = nl_batch_add(&b, &m);
	}
	e = nl_batch_run(sock, &b, note_nsid, opened);
	nl_batch_clear(&b);
	return e;
}

static struct err *resolve_opened(struct netns_table *t, struct opened *opened, size_t n)
{
	struct err *e = ask_nsids(t->k->sock, opened, n, false);

	if (!e)
		e = ask_nsids(t->k->sock, opened, n, true);
	for (size_t i = 0; !e && i < n; i++) {
		if (opened[i].nsid == NETNSA_NSID_NOT_ASSIGNED)
			return err_new(ERR_SYSTEM,
				       "the kernel gives no id to the namespace %s",
				       opened[i].ns->text);
		settle_live(t, opened[i].ns, kernel_nsid(t->k, opened[i].nsid));
	}
	return e;
}

/* True if the namespace is known without opening a file. */
static bool resolve_at_once(struct netns_table *t, struct netns_ref *s)
{
	const struct held_netns *held = held_find(&t->k->held, s->text);
	uint64_t nsid;

	if (held && held->has_nsid) {
		s->inode = held->inode;
		settle_live(t, s, held->nsid);
		return true;
	}
	if (!*s->text) {
		s->inode = t->k->own_inode;
		settle_live(t, s, NSID_HERE);
		return true;
	}
	if (nsfs_is_id(s->text) &&
	    text_to_uint(s->text + strlen(NETNS_ID_PREFIX), 0, INT32_MAX, &nsid)) {
		settle_live(t, s, kernel_nsid(t->k, (int32_t)nsid));
		return true;
	}
	return false;
}

/* Opens the text. If it leads through a process, that must be the same process before and
 * after. */
static struct err *open_netns(const struct netns_table *t, struct netns_ref *s,
			      int *ret_fd)
{
	const struct held_netns *held = held_find(&t->k->held, s->text);
	struct model_process after;
	struct err *e;

	if (held) {
		s->inode = held->inode;
		*ret_fd = held->fd;
		return NULL;
	}
	s->process = procfs_process_of(s->text);
	e = nsfs_open(s->text, ret_fd, &s->inode);
	if (e || !s->process.pid)
		return e;
	after = procfs_process_of(s->text);
	if (after.pid == s->process.pid && after.start == s->process.start)
		return NULL;
	close(*ret_fd);
	return err_new(ERR_INTERRUPTED, "the process behind %s has ended meanwhile",
		       s->text);
}

static bool is_replaced(const struct netns_table *t, const struct netns_ref *s)
{
	if (!s->process.pid)
		return false;
	if (t->is_observed)
		return !cache_is_process(&t->k->cache, s->text, s->inode, &s->process);
	return s->bound && model_netns_is_replaced(s->bound, &s->process, s->inode);
}

static void close_opened(const struct netns_table *t, const struct opened *o)
{
	const struct held_netns *held = held_find(&t->k->held, o->ns->text);

	if (!held || held->fd != o->fd)
		close(o->fd);
}

/* Keeps it open for the calls that follow, if there is room. */
static bool is_held_now(const struct netns_table *t, const struct opened *o)
{
	struct held *h = &t->k->held;
	struct held_netns *held = held_find(h, o->ns->text);

	if (!held && t->may_hold && nsfs_is_name(o->ns->text) &&
	    held_add(h, o->ns->text, o->ns->inode, o->fd))
		held = held_find(h, o->ns->text);
	if (!held || held->fd != o->fd)
		return false;
	held->nsid = o->ns->nsid;
	held->has_nsid = true;
	return true;
}

static struct err *resolve_some(struct netns_table *t)
{
	struct opened opened[OPEN_AT_ONCE] = {0};
	struct err *e = NULL;
	size_t n = 0;

	while (!e && n < OPEN_AT_ONCE && t->n_resolved < t->n) {
		struct netns_ref *s = t->list[t->n_resolved++];

		if (s->is_resolved || resolve_at_once(t, s))
			continue;
		e = open_netns(t, s, &opened[n].fd);
		if (e && nsfs_is_absent(e)) {
			settle_absent(t, s, STEAL(e));
		} else if (!e && is_replaced(t, s)) {
			close(opened[n].fd);
			s->is_resolved = true;
			s->state = NETNS_REPLACED;
		} else if (!e) {
			opened[n].ns = s;
			opened[n++].nsid = NETNSA_NSID_NOT_ASSIGNED;
		}
	}
	if (!e && n)
		e = resolve_opened(t, opened, n);
	for (size_t i = 0; i < n; i++) {
		if (e || !is_held_now(t, &opened[i]))
			close_opened(t, &opened[i]);
	}
	return e;
}

/* Paths that do not exist yet are kept too: a mount may make them. An id is no text of its
 * namespace: no row has it, and what has no text is looked for by its id. */
static void remember(struct kernel *k, const struct netns_ref *s)
{
	if (nsfs_is_id(s->text))
		return;
	if (s->state == NETNS_LIVE) {
		cache_note_netns(&k->cache, s->text, s->nsid, s->inode, &s->process);
		strangers_note_id(&k->strangers, s->inode, s->nsid);
	} else if (*s->text == '/') {
		cache_note_path(&k->cache, s->text);
	} else {
		cache_drop_text(&k->cache, s->text);
	}
}

struct err *netns_table_resolve(struct netns_table *t)
{
	size_t first = t->n_resolved;
	struct err *e = NULL;

	t->may_hold = held_make_room(&t->k->held, t->n - first);
	while (!e && t->n_resolved < t->n)
		e = resolve_some(t);
	for (size_t i = first; !e && i < t->n; i++)
		remember(t->k, t->list[i]);
	return e;
}

struct netns_ref *netns_table_get_nsid(struct netns_table *t, int32_t nsid)
{
	struct netns_ref *s;

	HASH_FIND(by_nsid, t->by_nsid, &nsid, sizeof(nsid), s);
	if (s)
		return s;
	s = netns_table_add(
		t, nsid == NSID_HERE ? ""
				     : arena_printf(t->a, "%s%d", NETNS_ID_PREFIX, nsid));
	resolve_at_once(t, s);
	return s;
}

static struct err *open_by_text(const struct netns_ref *s, int *ret_fd)
{
	uint64_t inode;
	struct err *e;
	int fd;

	if (nsfs_is_id(s->text))
		return err_new(ERR_UNSUPPORTED,
			       "the namespace %s has no name here to enter it by",
			       s->text);
	e = nsfs_open(s->text, &fd, &inode);
	if (e && nsfs_is_absent(e)) {
		e = err_wrap(e, "the namespace %s is gone", s->text);
		e->code = ERR_INTERRUPTED;
		return e;
	}
	if (e)
		return e;
	if (inode != s->inode) {
		close(fd);
		return err_new(ERR_INTERRUPTED, "the namespace %s was replaced meanwhile",
			       s->text);
	}
	*ret_fd = fd;
	return NULL;
}

static struct held_netns *held_of(const struct kernel *k, const struct netns_ref *s)
{
	struct held_netns *held = held_find(&k->held, s->text);

	return held && held->inode == s->inode ? held : NULL;
}

struct err *netns_ref_open(const struct kernel *k, const struct netns_ref *s, int *ret_fd)
{
	const struct held_netns *held = held_of(k, s);
	int fd = held ? fcntl(held->fd, F_DUPFD_CLOEXEC, 0) : -1;

	if (fd < 0)
		return open_by_text(s, ret_fd);
	*ret_fd = fd;
	return NULL;
}

struct err *netns_ref_enter(const struct kernel *k, const struct netns_ref *s)
{
	const struct held_netns *held = held_of(k, s);
	struct err *e;
	int fd;

	if (held)
		return nsfs_enter(held->fd);
	e = open_by_text(s, &fd);
	if (e)
		return e;
	e = nsfs_enter(fd);
	close(fd);
	return e;
}

struct err *netns_ref_open_socket(struct kernel *k, const struct netns_ref *s,
				  struct nl_socket **ret_socket)
{
	struct held_netns *held = held_of(k, s);
	struct err *e;

	if (s->nsid == NSID_HERE || (held && held->sock)) {
		*ret_socket = s->nsid == NSID_HERE ? k->sock : held->sock;
		return NULL;
	}
	e = netns_ref_enter(k, s);
	if (e)
		return e;
	e = nl_socket_open(k->port, ret_socket);
	nsfs_leave(k->own_fd);
	if (held && !e)
		held->sock = *ret_socket;
	return e;
}

void netns_ref_close_socket(struct kernel *k, struct nl_socket *s)
{
	if (s == k->sock)
		return;
	if (!held_has_socket(&k->held, s))
		nl_socket_close(s);
	else if (nl_socket_is_broken(s))
		held_drop_socket(&k->held, s);
}

struct nsid_dump {
	nsid_fn *fn;
	void *aux;
};

static void take_nsid(void *aux, size_t number, const struct nlmsghdr *h)
{
	const struct nsid_dump *dump = aux;
	int32_t nsid = nsid_in(h);

	(void)number;
	if (nsid != NETNSA_NSID_NOT_ASSIGNED)
		dump->fn(dump->aux, nsid);
}

struct err *nsid_dump_all(struct kernel *k, nsid_fn *fn, void *aux)
{
	struct nsid_dump dump = {.fn = fn, .aux = aux};
	struct nl_msg m;

	nl_msg_init(&m, RTM_GETNSID, NLM_F_DUMP, sizeof(struct rtgenmsg));
	return nl_dump(k->sock, &m, take_nsid, &dump);
}

struct err *nsid_of_fd(struct nl_socket *s, int fd, int32_t *ret_nsid)
{
	struct opened opened[OPEN_AT_ONCE] = {
		{.fd = fd, .nsid = NETNSA_NSID_NOT_ASSIGNED}};
	struct err *e = ask_nsids(s, opened, 1, false);

	if (!e)
		e = ask_nsids(s, opened, 1, true);
	if (!e && opened[0].nsid == NETNSA_NSID_NOT_ASSIGNED)
		e = err_new(ERR_SYSTEM, "the kernel gives no id to a namespace");
	if (!e)
		*ret_nsid = opened[0].nsid;
	return e;
}
