/* The database as it was, in terms of its history. */
#ifndef TESTS_FUZZ_THEN_H
#define TESTS_FUZZ_THEN_H 1

#include "ovsdb-lite/history/history.h"

#include <stdbool.h>

/* All rows as they were under 'view' (NULL: as they are), in the order of their UUIDs,
 * without versions, and without ephemeral columns unless asked for. Owned by the caller.
 */
char *dump_then(const struct db *db, const struct history_view *view,
		bool with_ephemeral);

#endif
