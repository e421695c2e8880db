/* A random walk: requests of other processes to a small host, most of which make sense,
 * and many of which the kernel refuses. */
#ifndef TESTS_TWIN_WALK_H
#define TESTS_TWIN_WALK_H 1

#include "datapath/model.h"
#include "datapath/sim/sim_request.h"
#include "lib/arena.h"

#include <stddef.h>
#include <stdint.h>

/* The link group of what is ours. */
#define WALK_MARK 7U

/* The same 'n' requests for the same seed. Everything is from 'a'. */
struct sim_request *walk_make(struct arena *a, uint64_t seed, size_t n);

/* A scope that names all masters, slaves and namespaces of the walk. */
struct model *walk_scope(struct arena *a);

#endif
