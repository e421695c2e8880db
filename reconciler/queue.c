/* The dirty keys with their holds. It contains names only: no rows, no models, no
 * state of the kernel. */
#include "reconciler/queue.h"

#include "lib/alloc.h"
#include "lib/hash_table.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	struct key key; /* strings are owned */
	char *id;       /* hash key: kind, netns, name */
	bool is_marked;
	/* Kept for its hold, though it is not marked. */
	bool is_given_up;
	int64_t not_before_ms; /* 0: no hold */
	/* After an event; 0: an event changes nothing. */
	int64_t held_until_ms;
	UT_hash_handle hh;
};

struct queue {
	/* Marked, or with a history of failures. */
	struct entry *entries;
	bool everything;
};

struct queue *queue_new(void)
{
	return xcalloc(1, sizeof(struct queue));
}

static void free_string(const char *s)
{
	free((void *)(uintptr_t)s);
}

static void entry_free(struct queue *q, struct entry *e)
{
	HASH_DEL(q->entries, e);
	free_string(e->key.netns);
	free_string(e->key.name);
	free_string(e->key.master_netns);
	free_string(e->key.master_name);
	free(e->id);
	free(e);
}

void queue_free(struct queue *q)
{
	struct entry *e, *next;

	if (!q)
		return;
	HASH_ITER (hh, q->entries, e, next)
		entry_free(q, e);
	free(q);
}

static struct entry *find(const struct queue *q, const struct key *k)
{
	char *id = key_id(k);
	struct entry *e;

	HASH_FIND_STR(q->entries, id, e);
	free(id);
	return e;
}

static void set_string(const char **where, const char *s)
{
	char *copy = xstrdup(s ? s : "");

	free_string(*where);
	*where = copy;
}

static struct entry *find_or_add(struct queue *q, const struct key *k)
{
	struct entry *e = find(q, k);

	if (!e) {
		e = xcalloc(1, sizeof(*e));
		e->key.kind = k->kind;
		set_string(&e->key.netns, k->netns);
		set_string(&e->key.name, k->name);
		e->id = key_id(k);
		HASH_ADD_KEYPTR(hh, q->entries, e->id, strlen(e->id), e);
	}
	if (!e->key.master_name || k->master_name) {
		set_string(&e->key.master_netns, k->master_netns);
		set_string(&e->key.master_name, k->master_name);
	}
	return e;
}

/* A pass about a slave would also put its master right, which somebody undoes again: a change of
 * mode makes an event of each slave. 0: the master is not held. */
static int64_t held_with_master(const struct queue *q, const struct entry *slave)
{
	struct key key =
		key_of_master(slave->key.master_netns, slave->key.master_name, 0);
	const struct entry *master = find(q, &key);

	return master ? master->held_until_ms : 0;
}

void queue_mark(struct queue *q, const struct key *key, unsigned int causes,
		int64_t now_ms)
{
	struct entry *e = find_or_add(q, key);

	e->is_marked = true;
	e->key.causes |= causes;
	if (causes & KEY_CONFIG || e->not_before_ms <= now_ms)
		e->not_before_ms = 0;
	if (causes & KEY_CONFIG)
		e->held_until_ms = e->key.failures = 0;
	if (causes & KEY_EVENT && e->held_until_ms > e->not_before_ms)
		e->not_before_ms = e->held_until_ms;
	if (e->key.kind == KEY_SLAVE && e->key.causes == KEY_EVENT) {
		int64_t until_ms = held_with_master(q, e);

		if (until_ms > e->not_before_ms)
			e->not_before_ms = until_ms;
	}
}

void queue_mark_all(struct queue *q)
{
	q->everything = true;
}

int64_t queue_wait_ms(const struct queue *q, int64_t now_ms)
{
	int64_t soonest = -1;

	if (q->everything)
		return 0;
	for (const struct entry *e = q->entries; e; e = e->hh.next) {
		int64_t wait = e->not_before_ms > now_ms ? e->not_before_ms - now_ms : 0;

		if (e->is_marked && (soonest < 0 || wait < soonest))
			soonest = wait;
	}
	return soonest;
}

void queue_take(struct queue *q, int64_t now_ms, struct arena *a, struct key **ret_keys,
		size_t *ret_n, bool *ret_everything)
{
	struct entry *e, *next;
	size_t n = 0, cap = 0;
	struct key *keys = NULL;

	HASH_ITER (hh, q->entries, e, next) {
		if (!e->is_marked || e->not_before_ms > now_ms)
			continue;
		keys = arena_grow(a, keys, n, &cap, sizeof(*keys));
		keys[n++] = key_copy(&e->key, a);
		e->is_marked = e->is_given_up = false;
		e->key.causes = 0;
		e->held_until_ms = 0;
		/* Kept only for its count of failures. */
		if (!e->key.failures)
			entry_free(q, e);
	}
	*ret_keys = keys;
	*ret_n = n;
	*ret_everything = q->everything;
	q->everything = false;
}

int64_t queue_backoff_ms(unsigned int times)
{
	int64_t ms = QUEUE_BACKOFF_MIN_MS;

	while (--times > 0 && ms < QUEUE_BACKOFF_MAX_MS)
		ms *= 2;
	return ms < QUEUE_BACKOFF_MAX_MS ? ms : QUEUE_BACKOFF_MAX_MS;
}

static int64_t mark_later(struct entry *e, unsigned int times, int64_t now_ms)
{
	int64_t ms = queue_backoff_ms(times ? times : 1);

	e->is_marked = true;
	e->key.causes |= KEY_LOOK;
	e->not_before_ms = now_ms + ms;
	return ms;
}

unsigned int queue_failures(const struct queue *q, const struct key *key)
{
	const struct entry *e = find(q, key);

	return e ? e->key.failures : 0;
}

int64_t queue_failed(struct queue *q, const struct key *key, int64_t now_ms)
{
	struct entry *e = find_or_add(q, key);

	e->key.failures++;
	return mark_later(e, e->key.failures, now_ms);
}

int64_t queue_retry(struct queue *q, const struct key *key, int64_t min_ms,
		    int64_t max_ms, int64_t now_ms)
{
	int64_t ms = queue_failed(q, key, now_ms);

	if (ms < min_ms)
		ms = min_ms;
	if (ms > max_ms)
		ms = max_ms;
	find(q, key)->not_before_ms = now_ms + ms;
	return ms;
}

void queue_gave_up(struct queue *q, const struct key *key, int64_t now_ms)
{
	struct entry *e = find_or_add(q, key);

	e->key.failures++;
	e->is_given_up = true;
	e->not_before_ms = now_ms + queue_backoff_ms(e->key.failures);
}

int64_t queue_hold(struct queue *q, const struct key *key, unsigned int times,
		   int64_t quiet_ms, int64_t now_ms)
{
	struct entry *e = find_or_add(q, key);
	int64_t ms = mark_later(e, times, now_ms);

	e->held_until_ms = e->not_before_ms;
	if (ms > quiet_ms)
		e->not_before_ms = now_ms + quiet_ms;
	return ms;
}

void queue_look_in(struct queue *q, const struct key *key, int64_t wait_ms,
		   int64_t now_ms)
{
	struct entry *e = find_or_add(q, key);

	if (e->is_marked)
		return;
	e->is_marked = true;
	e->key.causes |= KEY_LOOK;
	e->not_before_ms = now_ms + wait_ms;
}

void queue_succeeded(struct queue *q, const struct key *key)
{
	struct entry *e = find(q, key);

	if (!e)
		return;
	e->key.failures = 0;
	if (!e->is_marked)
		entry_free(q, e);
}

void queue_forget(struct queue *q, const struct key *key)
{
	struct entry *e = find(q, key);

	if (e && !e->is_marked && !e->is_given_up)
		entry_free(q, e);
}
