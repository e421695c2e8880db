/* The transactions of the past, from the daemon or the file, and what they
 * changed, in words. */
#ifndef CTL_PAST_H
#define CTL_PAST_H 1

#include "ctl/session/context.h"
#include "ctl/output/layout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

/* In the order in which a transaction's changes are shown. */
enum past_kind { PAST_HOST, PAST_MASTER, PAST_SLAVE };

/* One thing that a transaction changed: "+ ns1/ipvl1 10.0.0.2/24", "~ eno2 mode l2 ->
 * l3".
 */
struct past_change {
	enum past_kind kind;
	const char *sign, *object, *what;
	enum style style;
};

struct past {
	int64_t serial, time_ms;
	const char *who;     /* "root", "uid 1000", a certificate's name, "" if unknown */
	const char *command; /* without the path of its program; "" if unknown */
	const char *comment; /* "" if none */
	bool is_undoable;
	/* What it changed, borrowed from 'all' of past_read(); NULL if that is not known.
	 */
	const struct json_object *json;
	/* Of the configuration: what the daemon notes for itself, and next_cfg, are not
	 * in it. */
	struct past_change *changes; /* by kind and name */
	size_t n_changes;
};

/* The newest first, those before 'before_serial' (0: all of them), 'max' at most. From
 * the attempt's arena; '*ret_all' is get_history's result (docs/methods.md), owned by the
 * caller. It may run the loop, so the attempt must not have written anything yet:
 * ERR_INVALID. ERR_UNSUPPORTED where the server keeps no history. */
struct err *past_read(struct context *ctx, int64_t before_serial, size_t max,
		      struct json_object **ret_all, struct past **ret_past,
		      size_t *ret_n) MUST_CHECK;

/* What a row is called now, or was when it went; its UUID if neither is known. From the
 * attempt's arena. */
const char *past_label(const struct context *ctx, const struct past *past, size_t n,
		       const struct table *t, const char *uuid);

#endif
