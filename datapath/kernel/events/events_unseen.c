/* Devices with our mark that appeared and that no observation has seen: they came from elsewhere,
 * or another program made them.
 *
 * One that we have deleted is not in the cache either, and is set down before it is deleted. Its
 * RTM_DELLINK is among the messages that wait, since the kernel sends it before the answer to the
 * deletion. */
#include "datapath/kernel/events/events_unseen.h"

#include "lib/alloc.h"

#include <stdlib.h>

void events_unseen_note(struct events *ev, struct cache_key key, bool is_gone)
{
	struct unseen_device *u;

	HASH_FIND(hh, ev->unseen, &key, sizeof(key), u);
	if (u && is_gone) {
		HASH_DELETE(hh, ev->unseen, u);
		free(u);
	} else if (!u && !is_gone) {
		u = xcalloc(1, sizeof(*u));
		u->key = key;
		HASH_ADD(hh, ev->unseen, key, sizeof(u->key), u);
	}
}

void events_unseen_clear(struct events *ev)
{
	struct unseen_device *u, *next;

	HASH_ITER (hh, ev->unseen, u, next) {
		HASH_DELETE(hh, ev->unseen, u);
		free(u);
	}
}

void events_unseen_emit(struct event_sink *s)
{
	if (s->k->events->unseen)
		event_emit_strayed(s, "");
	events_unseen_clear(s->k->events);
}
