/* Roles: what a client may do to the rows of a database (ovsdb-server(7) "RBAC").
 *
 * A client without a role may do everything. The role `read-only` permits reading alone.
 * Any other role is looked up in the database's own tables: RBAC_Role has its `name`, and
 * `permissions`, a map from a table's name to a row of RBAC_Permission. There,
 * `insert_delete` permits to insert and delete rows, `update` lists the columns that may
 * be written, and `authorization` the columns, or COLUMN:KEY for a map, of which one must
 * hold the client's id; "" permits every row. What no row permits is forbidden: everything
 * to a client without an id, and in a database without these tables. */
#ifndef OVSDB_RBAC_H
#define OVSDB_RBAC_H 1

#include "lib/err.h"

#include <stdbool.h>

struct row;
struct txn;

#define RBAC_READ_ONLY "read-only"

/* Borrowed strings; all zero: a client without a role. */
struct rbac_subject {
	const char *role; /* NULL or "": none */
	const char *id;   /* the common name in its certificate; NULL if it has none */
};

/* What a method, or an operation of `transact`, needs. */
enum rbac_right {
	RBAC_READ,  /* every client has it */
	RBAC_WRITE, /* all but read-only; rows are checked one by one */
	RBAC_ALL,   /* a client without a role */
};
/* ERR_PERMISSION. 'what' is the method or operation. */
struct err *rbac_check_right(const struct rbac_subject *subject, enum rbac_right right,
			     const char *what) MUST_CHECK;

enum rbac_action { RBAC_INSERT, RBAC_DELETE, RBAC_UPDATE, RBAC_MUTATE };
/* Whether the subject may do that to a row, by its values in 't' (an inserted row has its
 * columns by then). columns[i] is true if column number i is written; NULL for insert and
 * delete. ERR_PERMISSION. The roles are those of the last commit. */
struct err *rbac_check_row(const struct rbac_subject *subject, enum rbac_action action,
			   const struct txn *t, const struct row *r,
			   const bool *columns) MUST_CHECK;

#endif
