/* The request of a monitor (RFC 7047 4.1.5 <monitor-requests>, ovsdb-server(7) 4.1.12
 * <monitor-cond-requests>), read and checked, constant from then on. For monitor*.c
 * alone. */
#ifndef OVSDB_MONITOR_REQUEST_H
#define OVSDB_MONITOR_REQUEST_H 1

#include "lib/err.h"
#include "ovsdb-lite/db/db.h"

#include <stdbool.h>
#include <stddef.h>

struct condition;
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

struct monitor_table {
	struct table *table; /* NULL: not monitored */
	unsigned int select; /* of all requests together */
	struct monitor_column *columns;
	size_t n_columns;
	/* An array of clauses, any of which must hold, each once; NULL: every row. */
	struct json_object *where;
	struct condition *condition; /* the same; NULL: every row */
	/* The condition needs what a restart of the server loses. */
	bool asks_for_version, asks_for_ephemeral;
};

struct monitor_request {
	struct db *db;
	bool is_plain;                /* <monitor-requests>, without conditions */
	struct monitor_table *tables; /* one for each of the schema's, in its order */
};

/* ERR_SYNTAX, ERR_RESOURCES, and the errors of condition_from_json(). */
struct err *monitor_request_parse(struct db *db, bool is_plain,
				  const struct json_object *requests,
				  struct monitor_request **ret_request) MUST_CHECK;
/* A copy with the conditions that 'changes' (of monitor_cond_change) names. Errors as
 * above. */
struct err *monitor_request_change(const struct monitor_request *r,
				   const struct json_object *changes,
				   struct monitor_request **ret_request) MUST_CHECK;
void monitor_request_free(struct monitor_request *r); /* accepts NULL */

/* condition_n_scanned() of all its conditions. */
size_t monitor_request_n_scanned(const struct monitor_request *r);

/* Equal for requests with the same tables, columns and conditions in the same order.
 * Owned by the caller. */
char *monitor_request_key(const struct monitor_request *r)
	__attribute__((warn_unused_result));

/* "_uuid", "_version" or the schema's name for it. */
const char *monitor_column_name(const struct monitor_column *c);
/* The request includes the committed row. */
bool monitor_table_wants(const struct monitor_table *mt, const struct row *r);

#endif
