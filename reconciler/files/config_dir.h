/* The folder of YAML files that is applied at start and at each reload: all good files
 * in one transaction, in the order of their names. A file that is gone declares
 * nothing any more. A broken file keeps the rows that it declared last. */
#ifndef RECONCILER_FILES_CONFIG_DIR_H
#define RECONCILER_FILES_CONFIG_DIR_H 1

#include "config/rows.h"
#include "lib/err.h"
#include "lib/loop.h"

struct config_dir;

/* Borrows all. */
struct config_dir *config_dir_new(const struct ipvl_columns *c, struct db *db,
				  const char *dir) __attribute__((warn_unused_result));
void config_dir_free(struct config_dir *d); /* accepts NULL */

/* Reads the folder and applies it. Complaints go to Host.config_errors and to the log.
 * An error only if the folder cannot be read or the database cannot be written. A
 * missing folder is an empty one. While a change is on trial the files are not read, which
 * is a complaint, and is owed. */
struct err *config_dir_apply(struct config_dir *d) MUST_CHECK;

bool config_dir_is_owed(const struct config_dir *d);

/* 't' takes a trial back: notes the files that must not bring it in again (withheld.h). */
void config_dir_withhold(const struct config_dir *d, struct txn *t);
/* After its commit: complains about them. */
struct err *config_dir_note_withheld(struct config_dir *d) MUST_CHECK;

/* From now on the database is served, and its server syncs it. A complaint also ends
 * when a client has applied the corrected file. */
void config_dir_follow(struct config_dir *d, struct loop *loop);

/* As found by the last config_dir_apply(). */
const char *config_dir_path(const struct config_dir *d);
size_t config_dir_n_files(const struct config_dir *d);
size_t config_dir_n_errors(const struct config_dir *d);
/* "FILE:LINE:COLUMN: what; what to do". Borrowed. */
const char *config_dir_error(const struct config_dir *d, size_t i);

#endif
