/* Devices with our mark that no row wants.
 *
 * Usually they are what a crash left behind, and a full pass removes them. But where the
 * database is new (the old one was lost, its identity file was not), they are what the
 * lost one wanted: they are reported and left alone, in this run and later ones, until
 * somebody clears the note on the Host row. */
#ifndef RECONCILER_LEFTOVERS_H
#define RECONCILER_LEFTOVERS_H 1

#include "config/rows.h"
#include "datapath/model.h"

#include <stdbool.h>
#include <stddef.h>

/* Host.other_config:leftovers=keep */
bool leftovers_are_kept(const struct ipvl_columns *c);
struct err *leftovers_keep(const struct ipvl_columns *c, struct db *db) MUST_CHECK;

/* Makes them foreign in 'have', so that no plan touches them; logs each. Returns their
 * number. */
size_t leftovers_set_aside(const struct model *want, struct model *have);

#endif
