/* A monitor's updates as transactions on a replica's tables. */
#ifndef OVSDB_REPLICA_APPLY_H
#define OVSDB_REPLICA_APPLY_H 1

#include "lib/err.h"
#include "ovsdb-lite/db/db.h"

#include <stdbool.h>

struct json_object;

/* Commits 'tables': RFC 7047's <table-updates> if 'is_plain', else <table-updates2>. If
 * 'is_whole', they hold all rows: others are deleted. Observers get the differences, in
 * one transaction. ERR_PROTOCOL and the errors of values; then nothing is changed. */
struct err *replica_apply(struct db *db, const struct json_object *tables, bool is_plain,
			  bool is_whole) MUST_CHECK;

#endif
