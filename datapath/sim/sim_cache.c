/* What the simulated provider remembers of devices and texts. */
#include "datapath/sim/sim_cache.h"

#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_world.h"
#include "lib/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void forget(struct sim_cache *k, struct sim_known *d)
{
	HASH_DEL(k->devices, d);
	free(d->declared);
	free(d);
}

struct sim_known *sim_cache_find(const struct sim_cache *k, uint64_t ns, uint32_t ifindex)
{
	struct sim_key key = {.ns = ns, .ifindex = ifindex};
	struct sim_known *d;

	HASH_FIND(hh, k->devices, &key, sizeof(key), d);
	return d;
}

void sim_cache_forget(struct sim_cache *k, uint64_t ns, uint32_t ifindex)
{
	struct sim_known *d = sim_cache_find(k, ns, ifindex);

	if (d)
		forget(k, d);
}

static void free_text(struct sim_text *t)
{
	free(t->text);
	free(t);
}

/* Those of a namespace, or one. */
static void drop_texts(struct sim_cache *k, const char *text, uint64_t ns)
{
	struct sim_text **at = &k->texts;

	while (*at) {
		struct sim_text *t = *at;
		bool is_meant = text ? !strcmp(t->text, text) : t->ns == ns;

		if (is_meant && *t->text == '/')
			t->ns = 0;
		if (!is_meant || *t->text == '/') {
			at = &t->next;
			continue;
		}
		*at = t->next;
		free_text(t);
	}
}

static void free_watch(struct sim_watch *w)
{
	freep(&w->name);
	freep(&w->match.name);
	freep(&w->match.mac);
	freep(&w->match.path);
	free(w);
}

/* Those of the namespace; of one name if it is not NULL. */
static void drop_watches(struct sim_cache *k, uint64_t ns, const char *name)
{
	struct sim_watch **at = &k->watches;

	while (*at) {
		struct sim_watch *w = *at;

		if (w->ns != ns || (name && strcmp(w->name, name) != 0)) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		free_watch(w);
	}
}

void sim_cache_add_watch(struct sim_cache *k, const struct sim_watch *watch)
{
	struct sim_watch *w = xcalloc(1, sizeof(*w));

	*w = *watch;
	w->name = xstrdup(watch->name);
	w->match.name = xstrdup(watch->match.name);
	w->match.mac = xstrdup(watch->match.mac);
	w->match.path = xstrdup(watch->match.path);
	w->next = k->watches;
	k->watches = w;
}

void sim_cache_drop_watch(struct sim_cache *k, uint64_t ns, const char *name)
{
	drop_watches(k, ns, name);
}

void sim_cache_add_pin(struct sim_cache *k, const struct sim_pin *pin)
{
	struct sim_pin *p = xcalloc(1, sizeof(*p));

	*p = *pin;
	p->name = xstrdup(pin->name);
	p->candidates = xstrdup(pin->candidates);
	p->other_device = xstrdup(pin->other_device);
	p->next = k->pins;
	k->pins = p;
}

const struct sim_pin *sim_cache_find_pin(const struct sim_cache *k, uint64_t ns,
					 const char *name)
{
	const struct sim_pin *p = k->pins;

	while (p && (p->ns != ns || strcmp(p->name, name) != 0))
		p = p->next;
	return p;
}

static void clear_pins(struct sim_cache *k)
{
	while (k->pins) {
		struct sim_pin *p = k->pins;

		k->pins = p->next;
		freep(&p->name);
		freep(&p->candidates);
		freep(&p->other_device);
		free(p);
	}
}

void sim_cache_forget_netns(struct sim_cache *k, uint64_t ns)
{
	struct sim_known *d, *next;

	drop_watches(k, ns, NULL);

	HASH_ITER (hh, k->devices, d, next) {
		if (d->key.ns == ns)
			forget(k, d);
	}
	drop_texts(k, NULL, ns);
}

void sim_cache_clear(struct sim_cache *k)
{
	struct sim_known *d, *next;

	HASH_ITER (hh, k->devices, d, next)
		forget(k, d); /* NOLINT(clang-analyzer-unix.Malloc): uthash */
	while (k->watches)
		drop_watches(k, k->watches->ns, NULL);
	clear_pins(k);
	while (k->texts) {
		struct sim_text *t = k->texts;

		k->texts = t->next;
		free_text(t);
	}
}

void sim_cache_reset(struct twin_world *w)
{
	sim_cache_clear(w->cache);
	sim_cache_note_netns(w->cache, "", twin_netns_find(w, ""));
}

static struct sim_text *find_text(const struct sim_cache *k, const char *text)
{
	struct sim_text *t = k->texts;

	while (t && strcmp(t->text, text) != 0)
		t = t->next;
	return t;
}

static struct sim_text *need_text(struct sim_cache *k, const char *text)
{
	struct sim_text *t = find_text(k, text);

	if (t)
		return t;
	t = xcalloc(1, sizeof(*t));
	t->text = xstrdup(text);
	t->next = k->texts;
	k->texts = t;
	return t;
}

void sim_cache_note_netns(struct sim_cache *k, const char *text, struct twin_netns *s)
{
	s->is_known = true;
	need_text(k, text)->ns = s->id;
}

void sim_cache_note_path(struct sim_cache *k, const char *text)
{
	(void)need_text(k, text);
}

bool sim_cache_find_text(const struct sim_cache *k, const char *text, uint64_t *ret_ns)
{
	const struct sim_text *t = find_text(k, text);

	if (t)
		*ret_ns = t->ns;
	return t;
}

void sim_cache_drop_text(struct sim_cache *k, const char *text)
{
	char *own CLEANUP(freep) = xstrdup(text);

	drop_texts(k, own, 0);
}

static const struct sim_text *seek(const struct sim_text *t, uint64_t ns)
{
	while (t && t->ns != ns)
		t = t->next;
	return t;
}

const struct sim_text *sim_cache_texts(const struct sim_cache *k, uint64_t ns)
{
	return seek(k->texts, ns);
}

const struct sim_text *sim_cache_next_text(const struct sim_text *t)
{
	return seek(t->next, t->ns);
}

void sim_cache_note_arp(struct sim_cache *k, const struct twin_link *lower)
{
	for (const struct twin_link *u = lower->uppers; u; u = u->next_upper) {
		struct sim_known *d = sim_cache_find(k, u->ns->id, u->ifindex);

		if (d)
			d->view.is_noarp = u->is_noarp;
	}
}

struct sim_known *sim_cache_remember(struct sim_cache *k, const struct twin_link *l)
{
	struct sim_known *d = sim_cache_find(k, l->ns->id, l->ifindex);

	if (!d) {
		d = xcalloc(1, sizeof(*d));
		d->key = (struct sim_key){.ns = l->ns->id, .ifindex = l->ifindex};
		HASH_ADD(hh, k->devices, key, sizeof(d->key), d);
	}
	d->view = twin_link_view(l);
	d->is_new = false;
	return d;
}

struct sim_known *sim_cache_find_place(const struct sim_cache *k, uint64_t ns,
				       const char *name)
{
	struct sim_known *d, *next;

	HASH_ITER (hh, k->devices, d, next) {
		if (d->place_ns == ns && !strcmp(d->place, name))
			return d;
	}
	return NULL;
}

void sim_cache_set_place(struct sim_cache *k, struct sim_known *d, uint64_t ns,
			 const char *name)
{
	struct sim_known *before = sim_cache_find_place(k, ns, name);

	if (before == d)
		return;
	if (before && before->moved_to)
		forget(k, before);
	else if (before)
		before->place[0] = '\0';
	d->is_matched = false;
	d->place_ns = ns;
	snprintf(d->place, sizeof(d->place), "%.15s", name);
}

void sim_cache_declare(struct sim_known *d, const struct ip_prefix *addresses, size_t n,
		       bool has_routes)
{
	free(d->declared);
	d->declared = xcalloc(n + 1, sizeof(*d->declared));
	d->n_declared = n;
	d->has_routes = has_routes;
	d->declares_link_local = false;
	for (size_t i = 0; i < n; i++) {
		d->declared[i] = addresses[i].addr;
		d->declares_link_local |= ip_addr_is_link_local(&addresses[i].addr);
	}
}

bool sim_cache_is_beside_master(const struct sim_known *d, uint64_t ns)
{
	return d->view.is_in_port && d->view.lower_ns == ns && ns != TWIN_OWN_NETNS;
}

static struct sim_known *port_of(const struct twin_world *w, const struct sim_known *d)
{
	bool is_slave = !d->is_master && d->view.group == w->config.mark && d->view.is_up;

	return is_slave ? sim_cache_find(w->cache, d->view.lower_ns, d->view.lower)
			: NULL;
}

bool sim_cache_count_flips(const struct twin_world *w)
{
	struct sim_known *d, *next, *m;
	bool is_any = false;

	HASH_ITER (hh, w->cache->devices, d, next) {
		is_any |= d->has_flipped;
		d->n_up = d->n_flipped = 0;
	}
	if (!is_any)
		return false;
	HASH_ITER (hh, w->cache->devices, d, next) {
		m = port_of(w, d);
		if (!m)
			continue;
		m->n_up++;
		m->n_flipped += d->has_flipped;
	}
	return true;
}

bool sim_cache_port_flips(const struct twin_world *w, const struct sim_known *of)
{
	const struct sim_known *m = port_of(w, of);

	return m && m->n_flipped > 1 && m->n_flipped == m->n_up;
}
