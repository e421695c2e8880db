/* What a monitor was asked for (RFC 7047 4.1.5 <monitor-requests>), read and checked.
 * Shared by monitor_request.c, which reads it, and monitor.c, which answers it. */
#ifndef OVSDB_MONITOR_REQUEST_H
#define OVSDB_MONITOR_REQUEST_H 1

#include "lib/err.h"
#include "ovsdb-lite/db.h"

#include <stddef.h>
#include <uthash.h>

struct json_object;

enum monitor_select {
	MONITOR_INITIAL = 1 << 0,
	MONITOR_INSERT = 1 << 1,
	MONITOR_DELETE = 1 << 2,
	MONITOR_MODIFY = 1 << 3,
	MONITOR_ALL = MONITOR_INITIAL | MONITOR_INSERT | MONITOR_DELETE | MONITOR_MODIFY,
};

/* The two columns that no schema lists (RFC 7047 3.2). */
enum monitor_pseudo { MONITOR_REAL, MONITOR_UUID, MONITOR_VERSION };

struct monitor_column {
	enum monitor_pseudo pseudo;
	const struct column_schema *schema; /* NULL of a pseudo column */
	unsigned int select;                /* of the request that names it */
};

struct monitor_row; /* monitor.c's: a row with something to tell */

struct monitor_table {
	struct table *table; /* NULL: not monitored */
	unsigned int select; /* of all requests together */
	struct monitor_column *columns;
	size_t n_columns;
	struct monitor_row *rows; /* hash by UUID */
};

/* Fills 'tables', one zeroed element for each table of the schema, in its order. On error
 * they are cleared. ERR_SYNTAX. */
struct err *monitor_request_parse(struct db *db, const struct json_object *requests,
				  struct monitor_table *tables) MUST_CHECK;
/* Frees the columns; the rows are monitor.c's to free. */
void monitor_request_clear(struct db *db, struct monitor_table *tables);

#endif
