/* A random walk: requests of other processes to a small host, most of which make sense,
 * and many of which the kernel refuses. */
#ifndef TESTS_TWIN_WALK_H
#define TESTS_TWIN_WALK_H 1

#include "datapath/datapath.h"
#include "datapath/sim/twin/twin_request.h"
#include "lib/arena.h"

#include <stddef.h>
#include <stdint.h>

/* The link group of what is ours. */
#define WALK_MARK 7U

struct walk_step {
	struct twin_request request;
	enum datapath_depth depth; /* what is observed afterwards */
};

/* The same 'n' steps for the same seed. Everything is from 'a'. */
struct walk_step *walk_make(struct arena *a, uint64_t seed, size_t n);

/* A step as a line: a command (command.h), and behind a # the depth, if it is not
 * DATAPATH_EVERYTHING. From 'a'. */
const char *walk_text(struct arena *a, const struct walk_step *step);
/* The inverse. Everything in '*ret_step' is from 'a'. */
struct err *walk_parse(struct arena *a, const char *line,
		       struct walk_step *ret_step) MUST_CHECK;

/* A scope that names all masters, slaves and namespaces of the walk, for an observation
 * of this depth. */
struct model *walk_scope(struct arena *a, enum datapath_depth depth);

#endif
