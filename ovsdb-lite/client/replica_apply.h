/* What a monitor tells, as transactions on a replica's tables. For replica.c alone. */
#ifndef OVSDB_REPLICA_APPLY_H
#define OVSDB_REPLICA_APPLY_H 1

#include "lib/err.h"
#include "ovsdb-lite/db/db.h"

#include <stdbool.h>

struct json_object;

/* Commits what 'tables' tells: RFC 7047's <table-updates> if 'is_plain', else
 * <table-updates2>. If 'is_whole', that is all that there is: other rows go. Observers
 * see what differs from before, in one transaction. ERR_PROTOCOL and the errors of
 * values, and nothing changed then. */
struct err *replica_apply(struct db *db, const struct json_object *tables, bool is_plain,
			  bool is_whole) MUST_CHECK;

#endif
