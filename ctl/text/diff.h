/* What a transaction changes, row by row: printed by `diff`, --dry-run and `apply`. */
#ifndef CTL_DIFF_H
#define CTL_DIFF_H 1

#include "ctl/session/context.h"
#include "ctl/text/edit.h"

#include <stdbool.h>
#include <stddef.h>

struct diff_object {
	struct edit edit;
	struct row *row;
	bool is_slave;
	bool is_declarable; /* a file can declare what changed */
	bool is_adopted, is_released;
	size_t n_slaves;    /* of a released master: they are released with it */
	const char *master; /* a slave's: its label; the old one of a removed slave */
	const char *loss;   /* what is lost: "10.138.36.3 goes away", "" if nothing */
	/* The effect on the rest: "2 slaves keep running, ARP and broadcast stop" */
	const char *effect;
};

struct diff {
	struct diff_object *objects; /* by master, the master itself first */
	size_t n;
	struct edit *others; /* of rows of other tables */
	size_t n_others;
};

/* Whether a file can declare what changed of the row of a master, a slave or a pool: other
 * columns keep their values at the next apply. */
bool diff_touches_declarable(const struct context *ctx, const struct change *c);

/* Call it before the commit. Everything is from the attempt's arena. */
struct diff *diff_make(const struct context *ctx);

/* Prints "2 slaves added, 1 changed, 1 removed on eth0": one line for each master, or
 * one line for all if they are many; "nothing to change" without changes. */
void diff_print_summary(const struct diff *changes, FILE *out);

#endif
