/* The devices of the rows, and their counters. */
#ifndef RECONCILER_STATISTICS_COUNTED_H
#define RECONCILER_STATISTICS_COUNTED_H 1

#include "config/rows.h"
#include "config/state.h"
#include "datapath/datapath.h"
#include "lib/arena.h"

struct counted {
	bool is_slave;
	struct uuid uuid;
	const char *master; /* its name, or that of the slave's master */
	enum row_state state;
};

/* All in one arena: rows may change while it is in use. */
struct counted_list {
	struct counted *rows;
	struct datapath_counters *counters; /* of each; netns and name are set */
	size_t n;
};

/* The masters, each before its slaves, with no counters yet. */
void counted_collect(const struct ipvl_columns *c, struct arena *a,
		     struct counted_list *ret_list);
/* Reads those of 'n' of them. Errors as datapath_count(). */
struct err *counted_read(struct datapath *dp, struct counted_list *l, size_t from,
			 size_t n) MUST_CHECK;

#endif
