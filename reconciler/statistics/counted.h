/* The devices of the rows, and their counters, read in slices of a few devices. */
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

/* A reading. What it has read of a row stays as it is when the row changes. */
struct counted_list {
	/* The masters, each before its slaves. */
	struct counted *rows;
	struct datapath_counters *counters; /* of each */
	size_t n;
	/* counted.c */
	const struct ipvl_columns *columns;
	struct arena *a;
	struct counted_key *keys; /* of the rows at the beginning */
	size_t n_keys, next_key;
	const char *master, *netns; /* of the last master that was read */
};

/* Begins a reading in 'a'. Borrows both. */
void counted_begin(struct counted_list *l, const struct ipvl_columns *c, struct arena *a);
/* Reads on until 'end_ms' (lib/clock.h), at least a few. Rows that are no longer there are
 * left out. Errors as datapath_count(). */
struct err *counted_go_on(struct counted_list *l, struct datapath *dp,
			  int64_t end_ms) MUST_CHECK;
bool counted_is_over(const struct counted_list *l);

#endif
