/* What a transaction would do: its passes, run on a simulator that is loaded with the
 * state of the kernel. Nothing is changed. */
#ifndef RECONCILER_PREVIEW_H
#define RECONCILER_PREVIEW_H 1

#include "config/state.h"
#include "datapath/datapath.h"
#include "lib/arena.h"
#include "lib/err.h"
#include "reconciler/wanted/desired.h"

#include <stdbool.h>
#include <stddef.h>

/* A row as it would be in the end. */
struct preview_row {
	const char *object; /* "eth0", "ns1/ipvl1" */
	bool is_slave;
	/* The transaction removes it. STATE_UNKNOWN then, or STATE_ERROR if its device
	 * could not be removed. */
	bool is_removed;
	/* It asks for a device that is to be taken over, or gives its own up. */
	bool is_transfer;
	/* The transaction does not edit it, and it has that state and message already. */
	bool was_so;
	/* As the columns of the row would be, but for the date of the next try. */
	enum row_state state;
	enum model_drift drift;
	const char *message;
	const char *const *warnings;
	/* Whether each is of the transaction: it edits the row, or had no such warning. */
	const bool *warning_is_new;
	size_t n_warnings;
};

struct preview_step {
	const struct plan_step *step;
	const char *text; /* plan_text_step() */
};

struct preview {
	/* Of all passes, in the order of execution, each once. */
	struct preview_step *steps;
	size_t n_steps;
	/* Every row that the transaction concerns: masters, each with those of its slaves
	 * that the change reaches, then removed rows. */
	struct preview_row *rows;
	size_t n_rows;
};

/* 'source->txn' is the transaction, checked (db_commit_check()). Everything is in 'a'.
 * Reads the kernel; its errors are those of datapath_observe(). What the kernel has and
 * an observation does not show (addresses of foreign devices, for example) is not
 * foreseen. */
struct err *preview_build(const struct desired_source *source, struct datapath *dp,
			  struct arena *a, struct preview **ret_preview) MUST_CHECK;

#endif
