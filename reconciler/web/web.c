/* Requests to pages. Every answer, also an error, has the same headers: nothing is stored,
 * nothing is loaded from elsewhere, no other site may embed it. */
#include "reconciler/web/web.h"

#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/http/http.h"
#include "lib/log.h"
#include "lib/stream.h"
#include "reconciler/web/web_address.h"
#include "reconciler/web/web_feed.h"
#include "reconciler/web/web_metrics.h"
#include "reconciler/web/web_slaves.h"

#include <errno.h>
#include <page_files.h> /* made by the build */
#include <stdlib.h>
#include <string.h>

#define SOCKET_MODE 0660
/* As that of the database's socket. */
#define SOCKET_GROUP "ipvl"
#define RETRY_MS     5000
#define MAX_SCRAPES  4

struct listener {
	struct web *web;
	struct web_address address;
	struct http *http;        /* NULL: not yet */
	struct loop_timer *retry; /* set while it is NULL */
	struct listener *next;
};

struct web {
	struct web_source source;
	struct web_counts counts;
	struct db_observer *observer;
	struct listener *listeners;
	unsigned int n_scrapes;
	struct web_feeds *feeds;
};

/* --- answers --- */

static void add_headers(struct http_request *r, const char *type)
{
	static const struct {
		const char *name, *value;
	} headers[] = {
		{"Cache-Control", "no-store"},
		{"Content-Security-Policy",
		 "default-src 'none'; script-src 'self'; style-src 'self'; img-src "
		 "'self'; "
		 "connect-src 'self'; base-uri 'none'; form-action 'none'; "
		 "frame-ancestors 'none'; require-trusted-types-for 'script'"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{"Referrer-Policy", "no-referrer"},
		{"X-Content-Type-Options", "nosniff"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		http_add_header(r, headers[i].name, headers[i].value);
	http_add_header(r, "Content-Type", type);
}

static void answer(struct web *w, struct http_request *r, int code, const char *type,
		   const char *body, size_t n)
{
	w->counts.answers[code / 100]++;
	add_headers(r, type);
	http_answer(r, code, body, n);
}

static void begin(struct web *w, struct http_request *r, const char *type,
		  const struct http_source *source)
{
	w->counts.answers[2]++;
	add_headers(r, type);
	http_answer_in_pieces(r, 200, source);
}

static void refuse(struct web *w, struct http_request *r, int code, const char *text)
{
	answer(w, r, code, "text/plain; charset=utf-8", text, strlen(text));
}

/* --- pages --- */

static void serve_metrics(struct web *w, struct http_request *r)
{
	CLEANUP(buffer_clearp) struct buffer b = {0};
	enum web_format format = web_format_of(http_header(r, "Accept"));

	web_metrics_write(&w->source, format, &b);
	http_add_header(r, "Vary", "Accept");
	answer(w, r, 200, web_format_content_type(format), b.data, b.n);
}

/* The counters of all slaves at once take memory. */
static void serve_slaves(struct web *w, struct http_request *r)
{
	enum web_format format = web_format_of(http_header(r, "Accept"));
	struct http_source source;

	if (w->n_scrapes >= MAX_SCRAPES) {
		http_add_header(r, "Retry-After", "1");
		refuse(w, r, 503, "too many scrapes at the same time\n");
		return;
	}
	source = web_slaves_source(&w->source, format, &w->n_scrapes);
	http_add_header(r, "Vary", "Accept");
	begin(w, r, web_format_content_type(format), &source);
}

static void serve_events(struct web *w, struct http_request *r)
{
	struct http_source source;

	if (web_feeds_are_full(w->feeds)) {
		http_add_header(r, "Retry-After", "10");
		refuse(w, r, 503, "too many pages are open at the same time\n");
		return;
	}
	source = web_feeds_add(w->feeds, r);
	begin(w, r, "text/event-stream", &source);
}

static const struct page {
	const char *path;
	/* NULL: a file. */
	void (*serve)(struct web *w, struct http_request *r);
	const char *type, *body;
	size_t n;
} pages[] = {
	{"/", NULL, "text/html; charset=utf-8", page_index_html,
	 sizeof(page_index_html) - 1},
	{"/page.css", NULL, "text/css; charset=utf-8", page_page_css,
	 sizeof(page_page_css) - 1},
	{"/page.js", NULL, "text/javascript; charset=utf-8", page_page_js,
	 sizeof(page_page_js) - 1},
	{"/icon.svg", NULL, "image/svg+xml", page_icon_svg, sizeof(page_icon_svg) - 1},
	{"/events", serve_events, NULL, NULL, 0},
	{"/metrics", serve_metrics, NULL, NULL, 0},
	{"/metrics/slaves", serve_slaves, NULL, NULL, 0},
};

static void serve(struct web *w, struct http_request *r, const struct page *p)
{
	if (p->serve)
		p->serve(w, r);
	else
		answer(w, r, 200, p->type, p->body, p->n);
}

static void on_request(void *aux, struct http_request *r)
{
	const struct listener *l = aux;
	const char *path = http_path(r);

	if (!web_address_has_host(&l->address, http_header(r, "Host"))) {
		refuse(l->web, r, 421,
		       "ipvld does not answer to this name: use the address, or add the "
		       "name to its option: --http=tcp:IP:PORT,host=NAME\n");
		return;
	}
	if (http_method(r) != HTTP_GET && http_method(r) != HTTP_HEAD) {
		http_add_header(r, "Allow", "GET, HEAD");
		refuse(l->web, r, 405, "everything here can only be read\n");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		if (!strcmp(pages[i].path, path)) {
			serve(l->web, r, &pages[i]);
			return;
		}
	}
	refuse(l->web, r, 404, "no such page: there are / /metrics /metrics/slaves\n");
}

/* --- listening --- */

static struct err *start(struct listener *l)
{
	struct err *e = http_listen(l->web->source.loop, l->address.listen, SOCKET_MODE,
				    on_request, l, &l->http);

	if (e)
		return e;
	/* Only root and members of a group may give it a file. */
	if (l->address.is_unix)
		err_free(stream_unix_give(l->address.listen + strlen("punix:"),
					  SOCKET_GROUP));
	log_event(LOG_LEVEL_INFO, "http_listening", "address=%s", http_address(l->http));
	return NULL;
}

static void on_retry(void *aux)
{
	struct listener *l = aux;
	struct err *e = start(l);

	if (e)
		loop_timer_set(l->retry, RETRY_MS);
	err_free(e);
}

struct err *web_listen(struct web *w, const char *text)
{
	struct listener *l = xcalloc(1, sizeof(*l));
	struct err *e = web_address_parse(text, &l->address);

	l->web = w;
	l->retry = loop_timer_new(w->source.loop, on_retry, l);
	l->next = w->listeners;
	w->listeners = l;
	if (!e)
		e = start(l);
	if (!e || e->sys_errno != EADDRNOTAVAIL)
		return e;
	log_err(LOG_LEVEL_WARNING, "http_not_listening", e, "%s", "");
	err_free(e);
	loop_timer_set(l->retry, RETRY_MS);
	return NULL;
}

/* --- life --- */

static void on_commit(void *aux, const struct txn *txn)
{
	struct web *w = aux;

	w->counts.transactions[txn_origin(txn)->internal]++;
	web_feeds_note(w->feeds, txn);
}

struct web *web_new(const struct web_source *source)
{
	struct web *w = xcalloc(1, sizeof(*w));

	w->source = *source;
	w->source.own = &w->counts;
	w->source.started_wall_ms = clock_wall_ms();
	w->feeds = web_feeds_new(&w->source);
	w->observer = db_observe(source->query->db, on_commit, w);
	return w;
}

void web_free(struct web *w)
{
	struct listener *next;

	if (!w)
		return;
	for (struct listener *l = w->listeners; l; l = next) {
		next = l->next;
		http_free(l->http);
		loop_timer_free(l->retry);
		web_address_clear(&l->address);
		free(l);
	}
	db_unobserve(w->observer);
	web_feeds_free(w->feeds);
	free(w);
}
