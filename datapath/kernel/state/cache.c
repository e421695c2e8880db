/* The hash tables that give a name to the numbers in events: devices, and the texts of
 * namespaces. */
#include "datapath/kernel/state/cache.h"

#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

static struct cache_netns *find_netns(const struct cache *k, int32_t nsid)
{
	struct cache_netns *s;

	HASH_FIND(hh, k->netns, &nsid, sizeof(nsid), s);
	return s;
}

static void set_live(struct cache *k, struct cache_text *t, bool is_live)
{
	if (t->is_live == is_live)
		return;
	t->is_live = is_live;
	if (*t->text == '/')
		k->n_dead_paths += is_live ? -1 : 1;
}

static void unlink_text(struct cache *k, struct cache_text *t)
{
	struct cache_netns *s = t->is_live ? find_netns(k, t->nsid) : NULL;
	struct cache_text **at = s ? &s->texts : NULL;

	while (at && *at) {
		if (*at == t)
			*at = t->next;
		else
			at = &(*at)->next;
	}
	t->next = NULL;
	set_live(k, t, false);
	if (s && !s->texts) {
		HASH_DELETE(hh, k->netns, s);
		free(s);
	}
}

static void free_text(struct cache *k, struct cache_text *t)
{
	if (*t->text == '/' && !t->is_live)
		k->n_dead_paths--;
	HASH_DELETE(hh, k->texts, t);
	free(t->text);
	free(t);
}

/* Paths are kept, since a mount may bring them back. Names are found in the folder. */
static void drop_text(struct cache *k, struct cache_text *t)
{
	unlink_text(k, t);
	if (*t->text == '/')
		return;
	free_text(k, t);
}

static void link_text(struct cache *k, struct cache_text *t, int32_t nsid)
{
	struct cache_netns *s = find_netns(k, nsid);

	if (!s) {
		s = xcalloc(1, sizeof(*s));
		s->nsid = nsid;
		HASH_ADD(hh, k->netns, nsid, sizeof(s->nsid), s);
	}
	t->nsid = nsid;
	set_live(k, t, true);
	t->next = s->texts;
	s->texts = t;
}

static struct cache_text *find_text(const struct cache *k, const char *text)
{
	struct cache_text *t;

	HASH_FIND_STR(k->texts, text, t);
	return t;
}

static void forget_oldest_path(struct cache *k)
{
	struct cache_text *t = k->texts;

	while (t && (t->is_live || *t->text != '/'))
		t = t->hh.next;
	if (t)
		free_text(k, t);
}

static struct cache_text *get_text(struct cache *k, const char *text)
{
	struct cache_text *t = find_text(k, text);

	if (t)
		return t;
	if (*text == '/' && k->n_dead_paths >= CACHE_MAX_DEAD_PATHS)
		forget_oldest_path(k);
	t = xcalloc(1, sizeof(*t));
	t->text = xstrdup(text);
	HASH_ADD_KEYPTR(hh, k->texts, t->text, strlen(t->text), t);
	k->n_dead_paths += *text == '/';
	return t;
}

void cache_note_netns(struct cache *k, const char *text, int32_t nsid, uint64_t inode,
		      const struct model_process *process)
{
	struct cache_text *t = get_text(k, text);

	t->inode = inode;
	t->process = process ? *process : (struct model_process){0};
	if (t->is_live && t->nsid == nsid)
		return;
	unlink_text(k, t);
	link_text(k, t, nsid);
}

void cache_note_path(struct cache *k, const char *text)
{
	struct cache_text *t = get_text(k, text);

	unlink_text(k, t);
	/* The path that was asked for last is the last in the table. */
	HASH_DELETE(hh, k->texts, t);
	HASH_ADD_KEYPTR(hh, k->texts, t->text, strlen(t->text), t);
}

void cache_drop_text(struct cache *k, const char *text)
{
	struct cache_text *t = find_text(k, text);

	if (t)
		drop_text(k, t);
}

bool cache_is_process(const struct cache *k, const char *text, uint64_t inode,
		      const struct model_process *process)
{
	const struct cache_text *t = find_text(k, text);

	return t && t->is_live && t->inode == inode && t->process.pid == process->pid &&
	       t->process.start == process->start;
}

const struct cache_text *cache_texts(const struct cache *k, int32_t nsid)
{
	const struct cache_netns *s = find_netns(k, nsid);

	return s ? s->texts : NULL;
}

static void leave_place(struct cache *k, struct cache_device *d)
{
	if (!*d->place.name)
		return;
	HASH_DELETE(by_place, k->places, d);
	d->place = (struct cache_place){0};
	d->is_matched = false;
}

static void forget_device(struct cache *k, struct cache_device *d)
{
	leave_place(k, d);
	HASH_DELETE(hh, k->devices, d);
	free(d);
}

void cache_forget_netns(struct cache *k, int32_t nsid)
{
	struct cache_netns *s = find_netns(k, nsid);
	struct cache_device *d, *next;

	/* The last text frees the namespace. */
	while (s && s->texts) {
		bool is_last = !s->texts->next;

		drop_text(k, s->texts);
		if (is_last)
			break;
	}
	HASH_ITER (hh, k->devices, d, next) {
		if (d->key.nsid == nsid)
			forget_device(k, d);
	}
}

uint64_t cache_addr_bit(const struct ip_addr *addr)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < ip_addr_bytes(addr); i++)
		sum = sum * 31 + addr->bytes[i];
	return 1ULL << sum % 64;
}

void cache_declare(struct cache_device *d, const struct ip_prefix *addresses,
		   size_t n_addresses, bool has_routes)
{
	d->has_routes = has_routes;
	d->declares_link_local = false;
	d->declared = 0;
	for (size_t i = 0; i < n_addresses; i++) {
		d->declares_link_local |= ip_addr_is_link_local(&addresses[i].addr);
		d->declared |= cache_addr_bit(&addresses[i].addr);
	}
}

struct cache_device *cache_find(const struct cache *k, struct cache_key key)
{
	struct cache_device *d;

	HASH_FIND(hh, k->devices, &key, sizeof(key), d);
	return d;
}

struct cache_device *cache_get(struct cache *k, struct cache_key key)
{
	struct cache_device *d = cache_find(k, key);

	if (d)
		return d;
	d = xcalloc(1, sizeof(*d));
	d->key = key;
	HASH_ADD(hh, k->devices, key, sizeof(d->key), d);
	return d;
}

static struct cache_place place_of(int32_t nsid, const char *name)
{
	struct cache_place place = {.nsid = nsid};

	memcpy(place.name, name, strnlen(name, sizeof(place.name) - 1));
	return place;
}

struct cache_device *cache_find_place(const struct cache *k, int32_t nsid,
				      const char *name)
{
	struct cache_place place = place_of(nsid, name);
	struct cache_device *d;

	HASH_FIND(by_place, k->places, &place, sizeof(place), d);
	return d;
}

void cache_set_place(struct cache *k, struct cache_device *d, int32_t nsid,
		     const char *name)
{
	struct cache_device *before = cache_find_place(k, nsid, name);

	if (before == d)
		return;
	leave_place(k, d);
	if (before && before->moved_to)
		forget_device(k, before);
	else if (before)
		leave_place(k, before);
	d->place = place_of(nsid, name);
	HASH_ADD(by_place, k->places, place, sizeof(d->place), d);
}

void cache_clear_place(struct cache *k, int32_t nsid, const char *name)
{
	struct cache_device *d = cache_find_place(k, nsid, name);

	if (d)
		leave_place(k, d);
}

void cache_forget(struct cache *k, struct cache_key key)
{
	struct cache_device *d = cache_find(k, key);

	if (d)
		forget_device(k, d);
}

void cache_expect(struct cache *k, struct cache_key master)
{
	struct cache_device *d = cache_find(k, master);

	if (!d)
		return;
	if (d->expected_in != k->drain)
		d->n_expected = 0;
	d->expected_in = k->drain;
	d->n_expected++;
}

bool cache_take_expected(const struct cache *k, struct cache_device *master)
{
	if (!master->n_expected || master->expected_in != k->drain)
		return false;
	master->n_expected--;
	return true;
}

void cache_end_drain(struct cache *k)
{
	k->drain++;
}

void cache_clear(struct cache *k)
{
	struct cache_device *d, *next;
	struct cache_netns *s, *next_ns;
	struct cache_text *t, *next_text;

	HASH_ITER (hh, k->devices, d, next)
		forget_device(k, d);
	HASH_ITER (hh, k->netns, s, next_ns) {
		HASH_DELETE(hh, k->netns, s);
		free(s);
	}
	HASH_ITER (hh, k->texts, t, next_text)
		free_text(k, t);
}

void cache_invalidate(struct cache *k)
{
	struct cache_device *d, *next;
	struct cache_text *t, *next_text;

	HASH_ITER (hh, k->devices, d, next)
		forget_device(k, d);
	HASH_ITER (hh, k->texts, t, next_text)
		drop_text(k, t);
}
