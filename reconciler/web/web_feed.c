/* What each page has not got yet is a set of rows, not a queue of changes: a page that reads
 * slowly gets the newest values, and a set is never larger than the tables.
 *
 * The stream, in the words of the WHATWG: `event: rows`, data: [[TABLE, UUID, row or
 * null], …]; `event: complete` after the rows that were there at first; comments, so that a
 * page that went away is found. */
#include "reconciler/web/web_feed.h"

#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/hash_table.h"
#include "ovsdb-lite/json/json.h"
#include "reconciler/web/web_rows.h"

#include <stdlib.h>
#include <utlist.h>

/* One call of more() works for so long, or until it has so much text. */
#define SLICE_MS    3
#define PIECE_BYTES 65536
/* Changes within this time are sent together. */
#define GATHER_MS 50
#define BEAT_MS   15000
/* Of Drift, a new page gets the newest. */
#define FIRST_DRIFTS 50

struct unsent {
	struct uuid uuid; /* key */
	enum web_table table;
	UT_hash_handle hh;
};

struct feed {
	struct web_feeds *all;
	struct http_request *request;
	struct unsent *unsent; /* in the order in which they changed */
	bool is_begun, is_complete, beats;
	struct feed *prev, *next;
};

struct web_feeds {
	const struct web_source *source;
	struct feed *first;
	unsigned int n;
	struct loop_timer *gather, *beat;
};

static void add(struct feed *f, enum web_table table, const struct uuid *uuid)
{
	struct unsent *u;

	HASH_FIND(hh, f->unsent, uuid, sizeof(*uuid), u);
	if (u)
		return;
	u = xcalloc(1, sizeof(*u));
	u->uuid = *uuid;
	u->table = table;
	HASH_ADD(hh, f->unsent, uuid, sizeof(u->uuid), u);
}

/* New rows are last in a table. */
static void add_all(struct feed *f)
{
	const struct ipvl_columns *c = f->all->source->query->source.columns;

	for (enum web_table t = WEB_HOST; t < WEB_N_TABLES; t++) {
		const struct table *table = web_table_of(c, t);
		size_t n = table_count(table), skip = 0;

		if (t == WEB_DRIFT && n > FIRST_DRIFTS)
			skip = n - FIRST_DRIFTS;
		TABLE_FOR_EACH (r, table) {
			if (skip)
				skip--;
			else
				add(f, t, row_uuid(r));
		}
	}
}

static void send_event(struct buffer *b, const char *name, const char *data)
{
	buffer_puts(b, "event: ");
	buffer_puts(b, name);
	buffer_puts(b, "\ndata: ");
	buffer_puts(b, data);
	buffer_puts(b, "\n\n");
}

static void send_row(struct feed *f, struct unsent *u, struct buffer *list)
{
	const struct ipvl_columns *c = f->all->source->query->source.columns;
	struct json_object *entry = json_array();
	char uuid[UUID_TEXT_BYTES];
	CLEANUP(freep) char *text = NULL;

	json_add(entry, json_string(web_table_name(u->table)));
	json_add(entry, json_string(uuid_format(&u->uuid, uuid)));
	json_add(entry, web_row_json(c, u->table, &u->uuid));
	text = json_text(entry);
	json_free(entry);
	buffer_puts(list, list->n ? "," : "[");
	buffer_puts(list, text);
	HASH_DEL(f->unsent, u);
	free(u);
}

static enum http_next more(void *aux, struct buffer *b)
{
	struct feed *f = aux;
	CLEANUP(buffer_clearp) struct buffer list = {0};
	int64_t end_ms = clock_now_ms() + SLICE_MS;

	if (!f->is_begun) {
		f->is_begun = true;
		add_all(f);
		buffer_puts(b, "retry: 2000\n\n");
	}
	while (f->unsent && list.n < PIECE_BYTES && clock_now_ms() < end_ms)
		send_row(f, f->unsent, &list);
	if (list.n) {
		buffer_putc(&list, ']');
		send_event(b, "rows", list.data);
	}
	if (f->unsent)
		return HTTP_GO_ON;
	if (!f->is_complete)
		send_event(b, "complete", "");
	else if (f->beats && !b->n)
		buffer_puts(b, ":\n\n");
	f->is_complete = true;
	f->beats = false;
	return HTTP_WAIT;
}

static void gone(void *aux)
{
	struct feed *f = aux;
	struct unsent *u, *next;

	HASH_ITER (hh, f->unsent, u, next) {
		HASH_DEL(f->unsent, u);
		free(u);
	}
	DL_DELETE(f->all->first, f);
	if (!--f->all->n)
		loop_timer_clear(f->all->beat);
	free(f);
}

static void on_gathered(void *aux)
{
	struct web_feeds *all = aux;
	struct feed *f;

	DL_FOREACH (all->first, f) {
		if (f->unsent)
			http_resume(f->request);
	}
}

static void on_beat(void *aux)
{
	struct web_feeds *all = aux;
	struct feed *f;

	DL_FOREACH (all->first, f) {
		f->beats = true;
		http_resume(f->request);
	}
	loop_timer_set(all->beat, BEAT_MS);
}

struct web_feeds *web_feeds_new(const struct web_source *s)
{
	struct web_feeds *f = xcalloc(1, sizeof(*f));

	f->source = s;
	f->gather = loop_timer_new(s->loop, on_gathered, f);
	f->beat = loop_timer_new(s->loop, on_beat, f);
	return f;
}

void web_feeds_free(struct web_feeds *f)
{
	if (!f)
		return;
	loop_timer_free(f->gather);
	loop_timer_free(f->beat);
	free(f);
}

bool web_feeds_are_full(const struct web_feeds *f)
{
	return f->n >= WEB_MAX_FEEDS;
}

struct http_source web_feeds_add(struct web_feeds *all, struct http_request *r)
{
	struct feed *f = xcalloc(1, sizeof(*f));

	f->all = all;
	f->request = r;
	DL_APPEND(all->first, f);
	if (!all->n++)
		loop_timer_set(all->beat, BEAT_MS);
	return (struct http_source){.more = more, .gone = gone, .aux = f};
}

void web_feeds_note(struct web_feeds *all, const struct txn *txn)
{
	const struct ipvl_columns *c = all->source->query->source.columns;
	struct feed *f;

	if (!all->n)
		return;
	TXN_FOR_EACH_CHANGE (change, txn) {
		enum web_table t = web_table_find(c, change.table);

		if (t == WEB_N_TABLES)
			continue;
		/* What has not begun gets all rows then. */
		DL_FOREACH (all->first, f) {
			if (f->is_begun)
				add(f, t, row_uuid(change.row));
		}
	}
	if (!loop_timer_is_set(all->gather))
		loop_timer_set(all->gather, GATHER_MS);
}
