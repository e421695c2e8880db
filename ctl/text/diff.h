/* What a transaction changes, row by row: printed by `diff`, --dry-run and `apply`. */
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
	bool is_declarable; /* a file can declare what changed */
	const char *label;  /* "ns1/ipvl1"; of a removed row its last name */
	const char *master; /* a slave's: its label; the old one of a removed slave */
	const char *what;   /* "mode l2 -> l3", "10.0.0.2/24, default on-link" */
	const char *loss;   /* what is lost: "10.138.36.3 goes away", "" if nothing */
	/* The effect on the rest: "2 slaves keep running, ARP and broadcast stop" */
	const char *effect;
};

/* A change of a row of another table. */
struct diff_other {
	const char *table, *what; /* "Host", "other_config +port-watch=2" */
};

struct diff {
	struct diff_object *objects; /* by master, the master itself first */
	size_t n;
	struct diff_other *others; /* changes of no master or slave */
	size_t n_others;
};

/* "mode l2 -> l3", "addresses -10.0.0.2/24 +10.0.0.3/24". From the arena. */
const char *diff_column_text(struct arena *a, const struct column_schema *c,
			     const struct datum *old, const struct datum *new);

/* Call it before the commit. Everything is from the attempt's arena. */
struct diff *diff_make(const struct context *ctx);

/* Prints "2 slaves added, 1 changed, 1 removed on eth0": one line for each master, or
 * one line for all if they are many; "nothing to change" without changes. */
void diff_print_summary(const struct diff *changes, FILE *out);

#endif
