/* Locks: each is a queue of owners, and the first has the lock. Owners are opaque. A lock
 * without a queue does not exist, nor does an owner without a lock. The cost of a request
 * does not grow with the locks of other owners. */
#include "ovsdb-lite/server/lock.h"

#include "ovsdb-lite/json/json_fields.h"

#include "lib/alloc.h"
#include "lib/hash_table.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct waiter {
	struct lock *lock;
	struct owner *owner;
	struct waiter *prev, *next;         /* in the queue of the lock */
	struct waiter *prev_own, *next_own; /* in the list of the owner */
};

struct lock {
	char *name;
	struct waiter *queue; /* never empty; the first one has the lock */
	UT_hash_handle hh;
};

struct owner {
	void *key;
	struct waiter *waiters;
	unsigned int n;
	UT_hash_handle hh;
};

struct lock_table {
	struct lock *locks;
	struct owner *owners;
	lock_notify_fn *notify;
};

struct lock_table *lock_table_new(lock_notify_fn *notify)
{
	struct lock_table *t = xcalloc(1, sizeof(*t));

	t->notify = notify;
	return t;
}

static struct owner *find_owner(const struct lock_table *t, const void *key)
{
	struct owner *o;

	HASH_FIND_PTR(t->owners, &key, o);
	return o;
}

static struct waiter *waiter_new(struct lock_table *t, void *owner, struct lock *l)
{
	struct owner *o = find_owner(t, owner);
	struct waiter *w = xcalloc(1, sizeof(*w));

	if (!o) {
		o = xcalloc(1, sizeof(*o));
		o->key = owner;
		HASH_ADD_PTR(t->owners, key, o);
	}
	w->lock = l;
	w->owner = o;
	DL_APPEND2(o->waiters, w, prev_own, next_own);
	o->n++;
	return w;
}

static void waiter_free(struct lock_table *t, struct waiter *w)
{
	struct owner *o = w->owner;
	struct lock *l = w->lock;

	DL_DELETE2(o->waiters, w, prev_own, next_own);
	if (!--o->n) {
		HASH_DEL(t->owners, o);
		free(o);
	}
	DL_DELETE(l->queue, w);
	if (!l->queue) {
		HASH_DEL(t->locks, l);
		free(l->name);
		free(l);
	}
	free(w);
}

void lock_table_free(struct lock_table *t)
{
	if (!t)
		return;
	while (t->owners)
		waiter_free(t, t->owners->waiters);
	free(t);
}

static struct lock *find(const struct lock_table *t, const char *name)
{
	struct lock *l;

	HASH_FIND_STR(t->locks, name, l);
	return l;
}

static struct waiter *find_waiter(const struct lock_table *t, const struct lock *l,
				  const void *owner)
{
	struct owner *o = find_owner(t, owner);
	struct waiter *w;

	if (!o || !l)
		return NULL;
	DL_FOREACH2 (o->waiters, w, next_own)
		if (w->lock == l)
			return w;
	return NULL;
}

static struct err *check(const struct lock_table *t, const struct lock *l,
			 const void *owner, const char *name)
{
	const struct owner *o = find_owner(t, owner);

	if (strlen(name) > LOCK_MAX_NAME_BYTES)
		return err_new(ERR_RESOURCES, "a lock's name may have at most %d bytes",
			       LOCK_MAX_NAME_BYTES);
	if (!json_is_id(name))
		return err_new(ERR_SYNTAX,
			       "invalid lock name \"%s\": use letters, digits and _",
			       name);
	if (find_waiter(t, l, owner))
		return err_new(ERR_SYNTAX,
			       "lock %s is held or waited for already: \"unlock\" it "
			       "before a new \"lock\"",
			       name);
	if (o && o->n >= LOCK_MAX_PER_OWNER)
		return err_new(ERR_RESOURCES, "a client may have at most %d locks",
			       LOCK_MAX_PER_OWNER);
	return NULL;
}

struct err *lock_take(struct lock_table *t, void *owner, const char *name, bool steal,
		      bool *ret_locked)
{
	struct lock *l = find(t, name);
	struct err *e = check(t, l, owner, name);
	struct waiter *w;

	if (e)
		return e;
	if (!l) {
		l = xcalloc(1, sizeof(*l));
		l->name = xstrdup(name);
		HASH_ADD_KEYPTR(hh, t->locks, l->name, strlen(l->name), l);
	}
	w = waiter_new(t, owner, l);
	if (steal && l->queue) {
		/* RFC 7047 4.1.8: the victim stays in the queue, behind the thief. */
		t->notify(l->queue->owner->key, name, true);
		DL_PREPEND(l->queue, w);
	} else {
		DL_APPEND(l->queue, w);
	}
	*ret_locked = l->queue == w;
	return NULL;
}

static void leave(struct lock_table *t, struct waiter *w)
{
	struct waiter *heir = w->lock->queue == w ? w->next : NULL;

	waiter_free(t, w);
	if (heir)
		t->notify(heir->owner->key, heir->lock->name, false);
}

struct err *lock_release(struct lock_table *t, void *owner, const char *name)
{
	struct waiter *w = find_waiter(t, find(t, name), owner);

	if (!w)
		return err_new(ERR_SYNTAX, "lock %s is neither held nor waited for",
			       name);
	leave(t, w);
	return NULL;
}

void lock_release_all(struct lock_table *t, void *owner)
{
	struct owner *o;

	while ((o = find_owner(t, owner)))
		leave(t, o->waiters);
}

bool lock_is_owned(const struct lock_table *t, const void *owner, const char *name)
{
	const struct lock *l = find(t, name);

	return l && l->queue->owner->key == owner;
}

bool lock_has_any(const struct lock_table *t, const void *owner)
{
	return find_owner(t, owner);
}
