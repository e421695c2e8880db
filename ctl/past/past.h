/* Past transactions, from the daemon or the file, and what they changed. */
#ifndef CTL_PAST_H
#define CTL_PAST_H 1

#include "ctl/session/context.h"
#include "ctl/text/edit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

/* In the order of output. */
enum past_table { PAST_HOST, PAST_POOL, PAST_MASTER, PAST_SLAVE };

/* A row that a transaction changed: "+ ns1/ipvl1 10.0.0.2/24", "~ eno2 mode l2 -> l3". */
struct past_change {
	enum past_table table;
	const char *uuid; /* of the row */
	struct edit edit;
	const struct table *of;
	/* Of a row that was added or removed its columns, of another [old, new] of those that
	 * changed; borrowed as 'json' below */
	const struct json_object *columns;
};

struct past {
	int64_t serial, time_ms;
	const char *who;     /* "root", "uid 1000", a certificate's name, "" if unknown */
	const char *command; /* without the path of its program; "" if unknown */
	const char *comment; /* "" if none */
	bool is_undoable;
	/* the changes as JSON, borrowed from 'all' of past_read(); NULL if they were
	 * not kept */
	const struct json_object *json;
	/* the configuration's changes only: no status, no next_cfg */
	struct past_change *changes; /* by kind and name */
	size_t n_changes;
};

/* Reads at most 'max' transactions before 'before_serial' (0: all of them), newest
 * first. From the attempt's arena; '*ret_all' is the result of get_history
 * (docs/methods.md), owned by the caller. May run the loop, so it must come before the
 * attempt writes: ERR_INVALID. ERR_UNSUPPORTED if the server keeps no history. */
struct err *past_read(struct context *ctx, int64_t before_serial, size_t max,
		      struct json_object **ret_all, struct past **ret_past,
		      size_t *ret_n) MUST_CHECK;

/* Columns that change with other rows, or with every change. */
bool past_is_noise(const struct ipvl_columns *c, const struct column_schema *column);

/* The current name of a row, or its last one; its UUID if neither is known. From the
 * attempt's arena. */
const char *past_label(const struct context *ctx, const struct past *past, size_t n,
		       const struct table *t, const char *uuid);

#endif
