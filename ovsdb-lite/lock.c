/* Locks: each a queue of owners, whose first has it. Knows nothing of sessions or
 * messages; methods.c asks, session.c is told. A lock without a queue does not exist. */
#include "ovsdb-lite/lock.h"

#include "ovsdb-lite/json_fields.h"

#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

struct waiter {
	void *owner;
	struct waiter *prev, *next;
};

struct lock {
	char *name;
	struct waiter *queue; /* never empty; the first one has the lock */
	UT_hash_handle hh;
};

struct lock_table {
	struct lock *locks;
	lock_notify_fn *notify;
};

struct lock_table *lock_table_new(lock_notify_fn *notify)
{
	struct lock_table *t = xcalloc(1, sizeof(*t));

	t->notify = notify;
	return t;
}

static void lock_free(struct lock_table *t, struct lock *l)
{
	struct waiter *w, *next;

	DL_FOREACH_SAFE (l->queue, w, next) {
		DL_DELETE(l->queue, w);
		free(w);
	}
	HASH_DEL(t->locks, l);
	free(l->name);
	free(l);
}

void lock_table_free(struct lock_table *t)
{
	struct lock *l, *next;

	if (!t)
		return;
	HASH_ITER (hh, t->locks, l, next)
		lock_free(t, l);
	free(t);
}

static struct lock *find(const struct lock_table *t, const char *name)
{
	struct lock *l;

	HASH_FIND_STR(t->locks, name, l);
	return l;
}

static struct waiter *find_waiter(const struct lock *l, const void *owner)
{
	struct waiter *w;

	DL_FOREACH (l->queue, w)
		if (w->owner == owner)
			return w;
	return NULL;
}

static unsigned int count_of(const struct lock_table *t, const void *owner)
{
	unsigned int n = 0;

	for (struct lock *l = t->locks; l; l = l->hh.next)
		n += find_waiter(l, owner) != NULL;
	return n;
}

static struct err *check(const struct lock_table *t, const struct lock *l,
			 const void *owner, const char *name)
{
	if (!json_is_id(name))
		return err_new(
			ERR_SYNTAX,
			"\"%s\" is not a lock's name: letters, digits and _ make one",
			name);
	if (l && find_waiter(l, owner))
		return err_new(ERR_SYNTAX,
			       "lock %s was asked for already: \"unlock\" it before a "
			       "new \"lock\"",
			       name);
	if (count_of(t, owner) >= LOCK_MAX_PER_OWNER)
		return err_new(ERR_RESOURCES,
			       "a client may have %d locks, and this one has them",
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
	w = xcalloc(1, sizeof(*w));
	w->owner = owner;
	if (steal && l->queue) {
		/* RFC 7047 4.1.8: the victim stays in the queue, behind the thief. */
		t->notify(l->queue->owner, name, true);
		DL_PREPEND(l->queue, w);
	} else {
		DL_APPEND(l->queue, w);
	}
	*ret_locked = l->queue == w;
	return NULL;
}

static void leave(struct lock_table *t, struct lock *l, struct waiter *w)
{
	bool had_it = l->queue == w;

	DL_DELETE(l->queue, w);
	free(w);
	if (!l->queue)
		lock_free(t, l);
	else if (had_it)
		t->notify(l->queue->owner, l->name, false);
}

struct err *lock_release(struct lock_table *t, void *owner, const char *name)
{
	struct lock *l = find(t, name);
	struct waiter *w = l ? find_waiter(l, owner) : NULL;

	if (!w)
		return err_new(ERR_SYNTAX, "lock %s is neither held nor waited for",
			       name);
	leave(t, l, w);
	return NULL;
}

void lock_release_all(struct lock_table *t, void *owner)
{
	struct lock *l, *next;

	HASH_ITER (hh, t->locks, l, next) {
		struct waiter *w = find_waiter(l, owner);

		if (w)
			leave(t, l, w);
	}
}

bool lock_is_owned(const struct lock_table *t, const void *owner, const char *name)
{
	const struct lock *l = find(t, name);

	return l && l->queue->owner == owner;
}

bool lock_has_any(const struct lock_table *t, const void *owner)
{
	return count_of(t, owner) > 0;
}
