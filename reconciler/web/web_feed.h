/* /events: the rows that the page shows, and their changes (server-sent events). */
#ifndef RECONCILER_WEB_WEB_FEED_H
#define RECONCILER_WEB_WEB_FEED_H 1

#include "lib/http/http.h"
#include "ovsdb-lite/rows/txn.h"
#include "reconciler/web/web_source.h"

/* Pages that follow at one time. */
#define WEB_MAX_FEEDS 16

struct web_feeds;

/* Borrows 's'. */
struct web_feeds *web_feeds_new(const struct web_source *s)
	__attribute__((warn_unused_result));
/* After the last answer has ended. Accepts NULL. */
void web_feeds_free(struct web_feeds *f);

bool web_feeds_are_full(const struct web_feeds *f);
/* The source of an answer without an end to 'r', borrowed: http_answer_in_pieces() must follow. */
struct http_source web_feeds_add(struct web_feeds *f, struct http_request *r);
/* After each commit. */
void web_feeds_note(struct web_feeds *f, const struct txn *txn);

#endif
