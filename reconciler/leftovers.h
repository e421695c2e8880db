/* Devices with our mark that no row wants.
 *
 * Usually a crash left them behind, and a full pass removes them. But if the database
 * is new and its identity file is not, the old database was lost, and they are what it
 * wanted. They are then reported and kept, in this run and later ones, until somebody
 * removes the setting from the Host row. */
#ifndef RECONCILER_LEFTOVERS_H
#define RECONCILER_LEFTOVERS_H 1

#include "config/rows.h"
#include "datapath/model.h"

#include <stdbool.h>
#include <stddef.h>

/* Host.other_config:leftovers=keep */
bool leftovers_are_kept(const struct ipvl_columns *c);
struct err *leftovers_keep(const struct ipvl_columns *c, struct db *db) MUST_CHECK;

/* Marks them as foreign in 'have', so that no plan changes them; logs each. Returns their
 * number. What they left in namespaces
 * is hidden. */
size_t leftovers_set_aside(const struct model *want, struct model *have);

#endif
