/* The namespaces of the simulated kernel, and the files of /etc/netns.
 *
 * As in all files with rules, ownership has no meaning here: it changes any device that
 * it is asked to. */
#include "datapath/sim/twin/twin_world.h"

#include "datapath/sim/twin/twin_event.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_link_place.h"
#include "datapath/sim/twin/twin_sysctl.h"
#include "lib/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_INODE   4026532000ULL /* about where those of the kernel begin */
#define FIRST_IFINDEX (1U << 20)    /* high, where no other program asks for one */
#define LO_MTU        65536
#define NAMELESS      "/nsid/" /* as in the model */

static struct twin_netns *new_netns(struct twin_world *w, const char *name)
{
	struct twin_netns *s = xcalloc(1, sizeof(*s));

	s->name = xstrdup(name);
	s->inode = s->start = ++w->last_inode;
	s->id = ++w->last_netns;
	HASH_ADD_KEYPTR(hh, w->netns, s->name, strlen(s->name), s);
	return s;
}

void twin_world_init(struct twin_world *w, const struct datapath_config *config)
{
	struct twin_link *lo;

	*w = (struct twin_world){.config = *config,
				 .kernel_version = 601,
				 .last_inode = FIRST_INODE,
				 .next_ifindex = FIRST_IFINDEX};
	w->messages_end = &w->messages;
	lo = twin_link_new(w, new_netns(w, ""), "lo", "");
	lo->is_up = true;
	lo->ns->has_local_table = true;
	lo->mtu = LO_MTU;
}

static void free_netns(struct twin_netns *s)
{
	twin_sysctl_drop(&s->sysctls, "");
	free(s->routes);
	free(s->rules);
	free(s->what);
	free(s->name);
	free(s);
}

static void drop_awaiting(struct twin_file *f)
{
	while (f->awaiting) {
		struct twin_awaiting *next = f->awaiting->next;

		free(f->awaiting->name);
		free(f->awaiting);
		f->awaiting = next;
	}
}

void twin_world_clear(struct twin_world *w)
{
	struct twin_netns *s, *next_ns;
	struct twin_link *l, *next_link;

	while (w->holds)
		twin_netns_release(w, w->holds->text);
	twin_world_reap(w);
	HASH_ITER (hh, w->netns, s, next_ns) {
		HASH_ITER (hh, s->links, l, next_link) {
			HASH_DEL(s->links, l);
			twin_link_free(l);
		}
		HASH_DEL(w->netns, s); /* NOLINT(clang-analyzer-unix.Malloc): uthash */
		free_netns(s);
	}
	while (w->files) {
		struct twin_file *next = w->files->next;

		drop_awaiting(w->files);
		free(w->files->netns);
		free(w->files->text);
		free(w->files->kept);
		free(w->files);
		w->files = next;
	}
	twin_event_drop_all(w);
}

struct twin_netns *twin_netns_find(const struct twin_world *w, const char *name)
{
	struct twin_netns *s;

	HASH_FIND_STR(w->netns, name, s);
	return s && s->same ? s->same : s;
}

struct model_process twin_netns_process(const struct twin_world *w, const char *name)
{
	struct model_process p = {.pid = model_netns_pid(name)};
	struct twin_netns *s;

	HASH_FIND_STR(w->netns, name, s);
	if (p.pid && s)
		p.start = s->start;
	return p;
}

struct twin_netns *twin_netns_find_alive(const struct twin_world *w, const char *name)
{
	struct twin_netns *s = twin_netns_find(w, name);

	return s && !s->is_dead_file && !s->trouble ? s : NULL;
}

bool twin_netns_is_nameless(const struct twin_netns *s)
{
	return !strncmp(s->name, NAMELESS, strlen(NAMELESS));
}

bool twin_netns_is_seen(const struct twin_netns *s)
{
	return !s->is_hidden && (*s->name != '/' || s->is_known);
}

struct twin_netns *twin_netns_find_id(const struct twin_world *w, uint64_t id)
{
	struct twin_netns *s, *next;

	HASH_ITER (hh, w->netns, s, next) {
		if (s->id == id && !s->same)
			return s;
	}
	return NULL;
}

struct err *twin_netns_add(struct twin_world *w, const char *name,
			   struct twin_netns **ret_ns)
{
	struct twin_netns *s = twin_netns_find(w, name);

	if (s && !s->is_dead_file)
		return twin_kernel_err(EEXIST, NULL);
	if (!s)
		s = new_netns(w, name);
	s->is_dead_file = false;
	s->inode = s->start = ++w->last_inode;
	s->id = ++w->last_netns;
	twin_link_new(w, s, "lo", "")->mtu = LO_MTU;
	twin_event_netns(w, name, "appeared");
	*ret_ns = s;
	return NULL;
}

struct err *twin_netns_put_file(struct twin_world *w, const char *name)
{
	struct twin_netns *s = twin_netns_find(w, name);

	if (s && !s->is_dead_file)
		return twin_kernel_err(EEXIST, NULL);
	if (!s)
		new_netns(w, name)->is_dead_file = true;
	return NULL;
}

void twin_netns_alias(struct twin_world *w, const char *name, struct twin_netns *same)
{
	new_netns(w, name)->same = same;
	twin_event_netns(w, name, "appeared");
}

void twin_netns_set_trouble(struct twin_world *w, const char *name,
			    enum model_netns_trouble trouble, const char *what)
{
	struct twin_netns *s;

	err_free(twin_netns_remove(w, name));
	if (!trouble)
		return;
	s = new_netns(w, name);
	s->trouble = trouble;
	s->what = xstrdup(what);
	twin_event_netns(w, name, "is no network namespace");
}

static struct twin_netns *find_text(const struct twin_world *w, const char *name)
{
	struct twin_netns *s;

	HASH_FIND_STR(w->netns, name, s);
	return s;
}

static void drop_text(struct twin_world *w, struct twin_netns *s)
{
	HASH_DEL(w->netns, s);
	twin_event_netns(w, s->name, "is gone");
}

static void enter_as(struct twin_world *w, struct twin_netns *s, char *name)
{
	free(s->name);
	s->name = name;
	HASH_ADD_KEYPTR(hh, w->netns, s->name, strlen(s->name), s);
}

/* Another text of the namespace: the first below /run/netns, if there is one. */
static struct twin_netns *find_alias(const struct twin_world *w,
				     const struct twin_netns *s)
{
	struct twin_netns *alias, *next, *found = NULL;

	HASH_ITER (hh, w->netns, alias, next) {
		bool is_better =
			!found || *found->name == '/' ||
			(*alias->name != '/' && strcmp(alias->name, found->name) < 0);

		if (alias->same == s && is_better)
			found = alias;
	}
	return found;
}

/* A path through a process counts as a text, but does not keep the namespace. */
static bool keeps(const struct twin_netns *alias)
{
	return alias && *alias->name != '/';
}

static void drop_aliases(struct twin_world *w, const struct twin_netns *s)
{
	struct twin_netns *alias;

	while ((alias = find_alias(w, s))) {
		drop_text(w, alias);
		free_netns(alias);
	}
}

/* Its last text is gone. */
static void abandon(struct twin_world *w, struct twin_netns *s)
{
	struct twin_netns *alias = find_alias(w, s);

	if (keeps(alias)) {
		char *name = STEAL(alias->name);

		HASH_DEL(w->netns, alias);
		free_netns(alias);
		enter_as(w, s, name);
	} else if (s->n_holds) {
		drop_aliases(w, s);
		enter_as(w, s, xasprintf(NAMELESS "%u", w->last_nameless++));
	} else {
		drop_aliases(w, s);
		twin_event_nsid_gone(w, s);
		s->is_known = false;
		s->next_zombie = w->zombies;
		w->zombies = s;
	}
}

struct err *twin_netns_remove(struct twin_world *w, const char *name)
{
	struct twin_netns *s = *name ? find_text(w, name) : NULL;

	if (!s)
		return twin_kernel_err(ENOENT, NULL);
	drop_text(w, s);
	if (s->same || s->is_dead_file || s->trouble)
		free_netns(s);
	else
		abandon(w, s);
	return NULL;
}

struct err *twin_netns_unmount(struct twin_world *w, const char *name)
{
	struct err *e = twin_netns_remove(w, name);

	if (e)
		return e;
	new_netns(w, name)->is_dead_file = true;
	twin_event_netns(w, name, "is a file without a namespace");
	return NULL;
}

void twin_netns_hold(struct twin_world *w, const char *text, struct twin_netns *s)
{
	struct twin_hold *h = xcalloc(1, sizeof(*h));

	h->text = xstrdup(text);
	h->ns = s;
	h->next = w->holds;
	w->holds = h;
	if (s)
		s->n_holds++;
}

bool twin_netns_release(struct twin_world *w, const char *text)
{
	struct twin_hold **at = &w->holds, *h;

	while (*at && strcmp((*at)->text, text) != 0)
		at = &(*at)->next;
	h = *at;
	if (!h)
		return false;
	*at = h->next;
	if (h->ns)
		h->ns->n_holds--;
	if (h->ns && !h->ns->n_holds && twin_netns_is_nameless(h->ns)) {
		HASH_DEL(w->netns, h->ns);
		abandon(w, h->ns);
	}
	free(h->text);
	free(h);
	return true;
}

/* kernel.md 7, 14: the namespace has no id any more, so that what vanishes in it makes no
 * event; only its master, elsewhere, gets an RTM_NEWLINK. */
void twin_world_reap(struct twin_world *w)
{
	while (w->zombies) {
		struct twin_netns *s = w->zombies;

		while (s->links)
			twin_link_del(w, s->links);
		w->zombies = s->next_zombie;
		free_netns(s);
	}
}

struct twin_file *twin_file_find(const struct twin_world *w, const char *netns)
{
	struct twin_file *f = w->files;

	while (f && strcmp(f->netns, netns) != 0)
		f = f->next;
	return f;
}

void twin_file_set(struct twin_world *w, const char *netns, const char *text,
		   bool is_foreign)
{
	struct twin_file *f = twin_file_find(w, netns);

	if (!f) {
		f = xcalloc(1, sizeof(*f));
		f->netns = xstrdup(netns);
		f->next = w->files;
		w->files = f;
	}
	free(f->text);
	f->text = xstrdup(text);
	f->is_foreign = is_foreign;
	for (const struct twin_awaiting *a = f->awaiting; a; a = a->next)
		twin_event_file(w, netns, a->name);
	drop_awaiting(f);
}

/* datapath/kernel/files/resolv.c. */
bool twin_file_is_in_the_way(const struct twin_file *f)
{
	return f && f->is_foreign && f->kept;
}

bool twin_file_write(struct twin_world *w, const char *netns, const char *text)
{
	bool is_ours =
		!strncmp(text, MODEL_RESOLV_CONF_MARK, strlen(MODEL_RESOLV_CONF_MARK));
	struct twin_file *f = twin_file_find(w, netns);
	char *kept CLEANUP(freep) = NULL;

	if (twin_file_is_in_the_way(f) || (f && f->is_foreign && !*text))
		return false;
	if (f && f->is_foreign)
		f->kept = STEAL(f->text);
	else if (f && !is_ours)
		kept = STEAL(f->kept);
	if (kept && !*text)
		twin_file_set(w, netns, kept, true);
	else
		twin_file_set(w, netns, text, *text && !is_ours);
	return true;
}

void twin_file_await(struct twin_file *f, const char *slave)
{
	struct twin_awaiting *a = f->awaiting;

	while (a && strcmp(a->name, slave) != 0)
		a = a->next;
	if (a)
		return;
	a = xcalloc(1, sizeof(*a));
	a->name = xstrdup(slave);
	a->next = f->awaiting;
	f->awaiting = a;
}
