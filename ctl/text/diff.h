/* What a transaction changes, object by object, in words: what `diff`, --dry-run and the
 * summary of `apply` print. */
#ifndef CTL_DIFF_H
#define CTL_DIFF_H 1

#include "ctl/session/context.h"

#include <stdbool.h>
#include <stddef.h>

enum diff_kind { DIFF_ADDED, DIFF_REMOVED, DIFF_CHANGED };

struct diff_object {
	enum diff_kind kind;
	struct row *row;
	bool is_slave;
	bool is_declarable; /* what changed is something that a file declares */
	const char *label;  /* "ns1/ipvl1"; in a removed one as it was */
	const char *master; /* a slave's: its label; the old one of a removed slave */
	const char *what;   /* "mode l2 -> l3", "10.0.0.2/24, default on-link" */
	const char *loss;   /* what goes away: "10.138.36.3 goes away", "" if nothing */
	const char *effect; /* of what stays: "2 slaves keep running, ARP and broadcast
			       stop" */
};

/* Of a row of another table. */
struct diff_other {
	const char *table, *what; /* "Host", "other_config +port-watch=2" */
};

struct diff {
	struct diff_object *objects; /* by master, the master itself first */
	size_t n;
	struct diff_other *others; /* changes that concern no object */
	size_t n_others;
};

/* "mode l2 -> l3", "addresses -10.0.0.2/24 +10.0.0.3/24". From the arena. */
const char *diff_column_text(struct arena *a, const struct column_schema *c,
			     const struct datum *old, const struct datum *new);

/* Before the commit. Everything is from the attempt's arena. */
struct diff *diff_make(const struct context *ctx);

/* "2 slaves added, 1 changed, 1 removed on eth0", a line for each master, or one for all
 * of them where they are many; "nothing to change" if it is so. */
void diff_print_summary(const struct diff *changes, FILE *out);

#endif
