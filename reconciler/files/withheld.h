/* Files of the config-dir whose declarations were on trial and were taken back: the map
 * Host.withheld has a digest of each. Until it changes, such a file is not read: a reload or
 * the next boot would bring back what was taken back. */
#ifndef RECONCILER_FILES_WITHHELD_H
#define RECONCILER_FILES_WITHHELD_H 1

#include "config/rows.h"
#include "config/yaml/folder.h"

/* Adds the files of 'f' that declare, or declared, rows that 't' changes. */
void withheld_note(const struct ipvl_columns *c, struct txn *t, const struct folder *f);

/* True if the file is as it was when it was withheld, which may be: gone. */
bool withheld_is_same(const char *path, const char *digest);
/* "PATH: not read: …; what to do". Owned by the caller. */
char *withheld_sentence(const char *path, const char *digest);

#endif
