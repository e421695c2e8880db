/* Applying the config-dir again: at SIGHUP, and by the JSON-RPC method `ipvl_reload`
 * (docs/methods.md). */
#ifndef RECONCILER_FILES_RELOAD_H
#define RECONCILER_FILES_RELOAD_H 1

#include "ovsdb-lite/server/server.h"
#include "reconciler/files/config_dir.h"
#include "reconciler/systemd/systemd.h"

struct reload;

/* Borrows all; 'd' has been applied. Adds the method. */
struct reload *reload_new(struct server *s, const struct ipvl_columns *c, struct db *db,
			  struct config_dir *d, struct systemd *systemd)
	__attribute__((warn_unused_result));
void reload_free(struct reload *r); /* accepts NULL */

/* Errors of config_dir_apply(); they are in the log already. */
struct err *reload_run(struct reload *r) MUST_CHECK;

#endif
