/* Reads a page of the history in pieces, so that other clients do not wait for it. */
#include "ovsdb-lite/server/session_history.h"

#include "lib/alloc.h"
#include "lib/clock.h"
#include "ovsdb-lite/history/history.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/server/session_out.h"
#include "ovsdb-lite/server/session_peer.h"
#include "ovsdb-lite/server/watch.h"
#include "ovsdb-lite/wire/error_object.h"

#include <assert.h>
#include <stdlib.h>
#include <utlist.h>

/* Of a reply, about; and of what one of its entries changed. */
#define PAGE_BYTES        ((size_t)1 << 20)
#define MAX_CHANGES_BYTES ((size_t)4 << 20)
/* How long the reader waits for the client's next page. */
#define KEEP_READER_MS 1000

/* The server's own transactions, without uid and pid, keep their command. */
static void hide_process(struct history_entry *e)
{
	if (e->uid < 0 && e->pid < 0)
		return;
	e->uid = e->pid = -1;
	free(STEAL(e->command));
}

struct session_history {
	struct db *db;
	struct history_reader *reader;
	/* The session whose page was read last; NULL without a reader. While 'forget' is
	 * set it has its reply. */
	struct session *reader_of;
	struct loop_timer *forget;
	struct session_common *common;
	struct session_history *prev, *next; /* of common->histories */
};

struct history_request {
	struct session_task task;
	struct session_history *history;
	struct session_history_page page;
	struct json_object *id;
};

static struct history_request *request_of(const struct session *s)
{
	return (struct history_request *)s->task;
}

void session_history_forget(struct session_history *h)
{
	history_reader_free(STEAL(h->reader));
	h->reader_of = NULL;
	loop_timer_clear(h->forget);
}

static void on_forget(void *aux)
{
	session_history_forget(aux);
}

struct session_history *session_history_new(struct session_common *common, struct db *db)
{
	struct session_history *h = xcalloc(1, sizeof(*h));

	h->common = common;
	h->db = db;
	h->forget = loop_timer_new(common->loop, on_forget, h);
	DL_APPEND(common->histories, h);
	return h;
}

void session_history_free(struct session_history *h)
{
	if (!h)
		return;
	session_history_forget(h);
	DL_DELETE(h->common->histories, h);
	loop_timer_free(h->forget);
	free(h);
}

void session_history_note(struct session_history *h, const struct txn *txn)
{
	if (h->reader)
		history_reader_note(h->reader, txn);
}

/* False while another client has the reader. A privileged client takes it from one that is
 * not, which then has to start again. */
static bool take_reader(struct session *s, struct session_history *h)
{
	const struct session_history_page *w = &request_of(s)->page;
	const struct history_page page = {.before_serial = w->before,
					  .max_entries = (size_t)w->max,
					  .max_bytes = PAGE_BYTES,
					  .max_changes_bytes = MAX_CHANGES_BYTES};

	if (h->reader_of == s && loop_timer_is_set(h->forget)) {
		loop_timer_clear(h->forget);
		if (history_reader_begin_page(h->reader, &page, w->changes))
			return true;
	} else if (h->reader_of == s) {
		return true;
	} else if (h->reader_of && !loop_timer_is_set(h->forget) &&
		   (!s->share.parent->is_privileged ||
		    h->reader_of->share.parent->is_privileged)) {
		return false;
	}
	session_history_forget(h);
	h->reader = history_reader_new(h->db, w->changes);
	h->reader_of = s;
	return history_reader_begin_page(h->reader, &page, w->changes);
}

static struct json_object *take_entries(struct session *s, struct history_reader *r)
{
	struct json_object *result = json_array();
	struct history_entry *entries;
	size_t n;

	history_reader_take(r, &entries, &n);
	for (size_t i = 0; i < n; i++) {
		if (!session_peer_sees_processes(s))
			hide_process(&entries[i]);
		json_add(result, history_entry_to_json(&entries[i]));
	}
	history_entries_free(entries, n);
	return result;
}

static struct json_object *end(struct session *s)
{
	struct history_request *r = request_of(s);
	struct json_object *id = r->id;

	s->task = NULL;
	free(r);
	return id;
}

static void go_on(struct session *s)
{
	struct session_history *h = request_of(s)->history;
	int64_t end_ms = clock_now_ms() + SESSION_ITERATION_MS;
	struct json_object *id;
	bool done = false;
	struct err *e;

	if (!take_reader(s, h))
		return;
	e = history_reader_go_on(h->reader, end_ms, &done);
	/* A long reply is written in another iteration. */
	if (!e && (!done || clock_now_ms() >= end_ms))
		return;
	id = end(s);
	if (e) {
		session_reply_error(s, error_object_new(e), id);
		session_history_forget(h);
		err_free(e);
	} else {
		session_reply(s, take_entries(s, h->reader), id);
		loop_timer_set(h->forget, KEEP_READER_MS);
	}
	watch_send_all_if_able(s);
}

static void drop(struct session *s)
{
	json_free(end(s));
}

void session_history_start(struct session *s, struct session_history *h,
			   const struct session_history_page *page,
			   const struct json_object *id)
{
	struct history_request *r = xcalloc(1, sizeof(*r));

	assert(!s->task);
	*r = (struct history_request){.task = {.go_on = go_on, .drop = drop},
				      .history = h,
				      .page = *page,
				      .id = json_copy(id)};
	s->task = &r->task;
	go_on(s);
	session_resume(s);
}

void session_history_stop(struct session *s)
{
	struct session_history *h;

	DL_FOREACH (s->common->histories, h)
		if (h->reader_of == s)
			session_history_forget(h);
}
