/* The table of foreign devices that are on others: filled by whole dumps and by
 * events. */
#include "datapath/kernel/state/strangers.h"

#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

struct strangers_netns {
	int32_t nsid;
	UT_hash_handle hh;
};

struct strangers_made {
	uint64_t inode;
	UT_hash_handle hh;
};

static struct stranger *find(const struct strangers *s, struct cache_key key)
{
	struct stranger *d;

	HASH_FIND(hh, s->devices, &key, sizeof(key), d);
	return d;
}

static void drop(struct strangers *s, struct stranger *d)
{
	HASH_DELETE(hh, s->devices, d);
	free(d);
}

void strangers_drop(struct strangers *s, struct cache_key key)
{
	struct stranger *d = find(s, key);

	if (d)
		drop(s, d);
}

/* Devices that share a port, that prevent ipvlans on their lower device, or that vanish
 * with it. A veth names its other end in the same attribute. */
static bool stands_on_another(const struct nl_link *link)
{
	return nl_link_is_upper(link) || (link->lower && !strcmp(link->kind, "vlan"));
}

void strangers_note(struct strangers *s, struct cache_key key, const struct nl_link *link,
		    uint32_t mark)
{
	struct stranger *d;

	if (link->group == mark || !stands_on_another(link)) {
		strangers_drop(s, key);
		return;
	}
	d = find(s, key);
	if (!d) {
		d = xcalloc(1, sizeof(*d));
		d->key = key;
		HASH_ADD(hh, s->devices, key, sizeof(d->key), d);
	}
	d->lower = link->lower;
	d->is_seen = true;
}

void strangers_note_holder(struct strangers *s, struct cache_key key)
{
	struct stranger *d = find(s, key);

	if (d)
		d->is_holder = true;
}

uint32_t strangers_release(struct strangers *s, struct cache_key key)
{
	struct stranger *d = find(s, key);

	if (!d || !d->is_holder)
		return 0;
	d->is_holder = false;
	return d->lower;
}

static struct strangers_netns *find_netns(const struct strangers *s, int32_t nsid)
{
	struct strangers_netns *ns;

	HASH_FIND(hh, s->netns, &nsid, sizeof(nsid), ns);
	return ns;
}

void strangers_forget_netns(struct strangers *s, int32_t nsid)
{
	struct strangers_netns *ns = find_netns(s, nsid);
	struct stranger *d, *next;

	HASH_ITER (hh, s->devices, d, next) {
		if (d->key.nsid == nsid)
			drop(s, d);
	}
	if (ns) {
		HASH_DELETE(hh, s->netns, ns);
		free(ns);
	}
}

void strangers_begin(struct strangers *s, int32_t nsid)
{
	for (struct stranger *d = s->devices; d; d = d->hh.next) {
		if (d->key.nsid == nsid)
			d->is_seen = false;
	}
}

void strangers_end(struct strangers *s, int32_t nsid)
{
	struct strangers_netns *ns = find_netns(s, nsid);
	struct stranger *d, *next;

	HASH_ITER (hh, s->devices, d, next) {
		if (d->key.nsid == nsid && !d->is_seen)
			drop(s, d);
	}
	if (ns)
		return;
	ns = xcalloc(1, sizeof(*ns));
	ns->nsid = nsid;
	HASH_ADD(hh, s->netns, nsid, sizeof(ns->nsid), ns);
}

bool strangers_is_read(const struct strangers *s, int32_t nsid)
{
	return find_netns(s, nsid) != NULL;
}

static struct strangers_made *find_made(const struct strangers *s, uint64_t inode)
{
	struct strangers_made *m;

	HASH_FIND(hh, s->made, &inode, sizeof(inode), m);
	return m;
}

void strangers_note_made(struct strangers *s, uint64_t inode)
{
	struct strangers_made *m;

	if (find_made(s, inode))
		return;
	m = xcalloc(1, sizeof(*m));
	m->inode = inode;
	HASH_ADD(hh, s->made, inode, sizeof(m->inode), m);
}

void strangers_note_id(struct strangers *s, uint64_t inode, int32_t nsid)
{
	struct strangers_made *m = find_made(s, inode);

	if (!m)
		return;
	HASH_DELETE(hh, s->made, m);
	free(m);
	strangers_end(s, nsid);
}

static struct strangers_name *find_name(const struct strangers *s, const char *name)
{
	struct strangers_name *n;

	HASH_FIND_STR(s->names, name, n);
	return n;
}

static void free_name(struct strangers *s, struct strangers_name *n)
{
	HASH_DELETE(hh, s->names, n);
	free(n->name);
	free(n);
}

void strangers_note_name(struct strangers *s, const char *name)
{
	struct strangers_name *n;

	if (find_name(s, name))
		return;
	n = xcalloc(1, sizeof(*n));
	n->name = xstrdup(name);
	HASH_ADD_KEYPTR(hh, s->names, n->name, strlen(n->name), n);
}

void strangers_drop_name(struct strangers *s, const char *name)
{
	struct strangers_name *n = find_name(s, name);

	if (n)
		free_name(s, n);
}

void strangers_clear_names(struct strangers *s)
{
	struct strangers_name *n, *next;

	HASH_ITER (hh, s->names, n, next)
		free_name(s, n);
}

void strangers_clear(struct strangers *s)
{
	struct strangers_netns *ns, *next_ns;
	struct strangers_made *m, *next_made;
	struct stranger *d, *next;

	HASH_ITER (hh, s->devices, d, next)
		drop(s, d);
	HASH_ITER (hh, s->netns, ns, next_ns) {
		HASH_DELETE(hh, s->netns, ns);
		free(ns);
	}
	HASH_ITER (hh, s->made, m, next_made) {
		HASH_DELETE(hh, s->made, m);
		free(m);
	}
	strangers_clear_names(s);
}
