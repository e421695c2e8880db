/* Returns memory to the system some time after a peak. */
#ifndef OVSDB_TRIM_H
#define OVSDB_TRIM_H 1

#include "lib/loop.h"

#include <stddef.h>

struct trim;

/* The first trim is due soon: the databases of a new server were read just before. */
struct trim *trim_new(struct loop *loop) __attribute__((warn_unused_result));
void trim_free(struct trim *t); /* accepts NULL */

/* A request took 'n_bytes' of memory. */
void trim_note_peak(struct trim *t, size_t n_bytes);

#endif
