/* Roles: what a client may do to the rows of a database (ovsdb-server(7) "RBAC").
 *
 * A client without a role may do everything. `read-only` may do nothing but read. Any
 * other role is looked up in the database's own tables: RBAC_Role has its `name`, and
 * `permissions`, a map from a table's name to a row of RBAC_Permission; that one says
 * with `insert_delete` whether rows may be made and removed, with `update` which columns
 * may be written, and with `authorization` whose rows they must be: a column, or
 * COLUMN:KEY of a map, that holds the client's id; "" means anybody's. What no row allows
 * is forbidden: everything to a client without an id, and in a database without these
 * tables. */
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
	RBAC_READ,  /* everybody has it */
	RBAC_WRITE, /* everybody but read-only; rows are judged one by one */
	RBAC_ALL,   /* a client without a role */
};
/* ERR_PERMISSION. 'what' is the method or operation. */
struct err *rbac_check_right(const struct rbac_subject *subject, enum rbac_right right,
			     const char *what) MUST_CHECK;

enum rbac_action { RBAC_INSERT, RBAC_DELETE, RBAC_UPDATE, RBAC_MUTATE };
/* May the subject do that to a row, which is as 't' has it now (an inserted one: with its
 * columns)? 'columns[i]' says of column number i whether it is written; NULL for insert
 * and delete. ERR_PERMISSION. The roles are read as the last commit left them. */
struct err *rbac_check_row(const struct rbac_subject *subject, enum rbac_action action,
			   const struct txn *t, const struct row *r,
			   const bool *columns) MUST_CHECK;

#endif
