/* Monitors as the server has them: in a session by id, and in a database's list. */
#include "ovsdb-lite/server/watch.h"

#include "lib/alloc.h"
#include "lib/clock.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/server/session_keep.h"
#include "ovsdb-lite/server/session_out.h"
#include "ovsdb-lite/json/json_key.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct watch *watch_find(const struct session *s, const struct json_object *id)
{
	CLEANUP(freep) char *key = json_key(id, SESSION_MAX_ID_BYTES);
	struct watch *w = NULL;

	if (key)
		HASH_FIND(hh, s->watches_by_id, key, strlen(key), w);
	return w;
}

void watch_set_key(struct watch *w)
{
	struct session *s = w->session;

	if (w->key)
		HASH_DEL(s->watches_by_id, w);
	free(w->key);
	w->key = json_key(monitor_id(w->monitor), SESSION_MAX_ID_BYTES);
	HASH_ADD_KEYPTR(hh, s->watches_by_id, w->key, strlen(w->key), w);
}

void watch_add(struct session *s, struct watch_list *list, struct monitor *m,
	       size_t kept_bytes)
{
	struct watch *w = xcalloc(1, sizeof(*w));

	w->session = s;
	w->list = list;
	w->monitor = m;
	w->kept_bytes = kept_bytes;
	w->n_commits = list->n_commits;
	DL_APPEND(s->watches, w);
	watch_set_key(w);
	DL_APPEND2(list->first, w, prev_in_list, next_in_list);
}

void watch_free(struct watch *w)
{
	DL_DELETE(w->session->watches, w);
	HASH_DEL(w->session->watches_by_id, w);
	DL_DELETE2(w->list->first, w, prev_in_list, next_in_list);
	session_release_kept(w->session, w->kept_bytes);
	monitor_free(w->monitor);
	free(w->key);
	free(w);
}

void watch_free_all(struct session *s)
{
	while (s->watches)
		watch_free(s->watches);
}

/* --- updates --- */

void watch_send(struct watch *w)
{
	struct buffer update = {0};

	if (monitor_write_update(w->monitor, &update))
		session_send_text(w->session, buffer_take(&update));
}

void watch_send_all(struct session *s)
{
	struct watch *w;

	DL_FOREACH (s->watches, w)
		watch_send(w);
}

static void send_if_able(struct watch *w)
{
	if (session_keeps_up(w->session))
		watch_send(w);
}

void watch_send_all_if_able(struct session *s)
{
	struct watch *w;

	DL_FOREACH (s->watches, w)
		send_if_able(w);
}

bool watch_list_send(struct watch_list *list)
{
	int64_t end_ms = clock_now_ms() + SESSION_ITERATION_MS;
	struct watch *w;

	while ((w = list->first) && w->n_commits != list->n_commits) {
		if (clock_now_ms() >= end_ms)
			return false;
		w->n_commits = list->n_commits;
		DL_DELETE2(list->first, w, prev_in_list, next_in_list);
		DL_APPEND2(list->first, w, prev_in_list, next_in_list);
		send_if_able(w);
	}
	return true;
}

static void notify_canceled(const struct watch *w)
{
	struct json_object *params = json_array();

	json_add(params, json_clone(monitor_id(w->monitor)));
	session_notify(w->session, "monitor_canceled", params);
}

void watch_list_cancel(struct watch_list *list)
{
	struct watch *w, *next;

	DL_FOREACH_SAFE2 (list->first, w, next, next_in_list) {
		if (w->session->is_change_aware)
			notify_canceled(w);
		watch_free(w);
	}
}
