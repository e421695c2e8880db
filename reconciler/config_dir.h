/* The folder of YAML files that is applied at start (design.md 4): all good files in one
 * transaction, in name order; a file that is gone declares nothing any more; a broken one
 * keeps its last rows. */
#ifndef RECONCILER_CONFIG_DIR_H
#define RECONCILER_CONFIG_DIR_H 1

#include "config/rows.h"
#include "lib/err.h"

/* Leaves what is wrong with the files in Host.config_errors, and logs it. An error only
 * if the database could not be written. A folder that does not exist is an empty one. */
struct err *config_dir_apply(const struct ipvl_columns *c, struct db *db,
			     const char *dir) MUST_CHECK;

#endif
