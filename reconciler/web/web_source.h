/* What the pages are about. */
#ifndef RECONCILER_WEB_WEB_SOURCE_H
#define RECONCILER_WEB_WEB_SOURCE_H 1

#include "reconciler/count/count.h"
#include "reconciler/query/query.h"

#include <stdint.h>

/* What is counted here, since the start. */
struct web_counts {
	/* Transactions of clients, and of the daemon itself. */
	uint64_t transactions[2];
	/* Answers by their first digit. */
	uint64_t answers[6];
};

/* All borrowed. */
struct web_source {
	struct loop *loop;
	const struct query *query;
	const struct server *server;
	const struct counts *counts;
	const char *version;
	/* Set by web.c. */
	const struct web_counts *own;
	int64_t started_wall_ms;
};

#endif
