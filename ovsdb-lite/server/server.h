/* A server of databases over JSON-RPC: listeners, sessions, methods. */
#ifndef OVSDB_SERVER_H
#define OVSDB_SERVER_H 1

#include "lib/err.h"
#include "lib/loop.h"
#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/exec/exec.h"
#include "ovsdb-lite/exec/rbac.h"
#include "ovsdb-lite/server/method.h"
#include "ovsdb-lite/server/server_limits.h"

#include <stddef.h>

struct server;
struct stream_tls_files;

/* 'limits' NULL: server_limits_default. ERR_SYSTEM if no threads can be started: the
 * server has two, one that syncs files and one that checkpoints them. */
struct err *server_new(struct loop *loop, const struct server_limits *limits,
		       struct server **ret_server) MUST_CHECK;
/* Waits for those, then closes sessions and listeners; the databases stay their owner's.
 * Accepts NULL. */
void server_free(struct server *s);

/* Borrows 'db', which must outlive the server. ERR_EXISTS if one of that name is served.
 * While it is served, nobody else may call db_sync() and db_convert(). */
struct err *server_add_db(struct server *s, struct db *db) MUST_CHECK;
/* For a program that holds pointers into the schema of 'db', which is served: a client's
 * `convert` is answered with "not allowed". */
void server_fix_schema(struct server *s, const struct db *db);
/* For `ssl:` and `pssl:`; before the remotes that need it. An error if one of the files
 * is not given, or missing. Files that are not valid are logged, and peers refused until
 * they are. */
struct err *server_set_tls(struct server *s,
			   const struct stream_tls_files *files) MUST_CHECK;
/* A remote, written as in remote_config.h. The server listens on a passive one, as soon as the
 * host has its address: ERR_BUSY if a live server has its socket. It connects to an active one,
 * again after each failure, and serves the peer like any client. A unix socket gets the mode
 * 0660 and, where possible, the group REMOTE_SOCKET_GROUP, unless the remote has its own. */
struct err *server_add_remote(struct server *s, const char *remote) MUST_CHECK;
/* Where remote number 'i', in the order of adding, listens, with the port that it got;
 * NULL of an active one, and of one whose address is not there yet. Borrowed. */
const char *server_remote_bound(const struct server *s, size_t i);
/* The history of the databases has the whole command line of who wrote. By default it has
 * the program's name and its subcommand (lib/process.h), for arguments may be secret. */
void server_keep_arguments(struct server *s);
/* "NAME:ROLE": clients whose certificate has the common name NAME have that role, not the
 * remote's; no role, and thus all rights, if ROLE is empty. ERR_INVALID. */
struct err *server_add_subject_role(struct server *s, const char *text) MUST_CHECK;

/* Now, and since the start. */
struct server_stats {
	size_t n_sessions, max_sessions, n_monitors;
	size_t unsent_bytes;      /* that clients have not read */
	uint64_t n_sessions_ever; /* accepted since the start */
};
struct server_stats server_stats(const struct server *s);

/* ERR_INVALID if a request has parameters beside the database's name. */
struct err *server_check_no_params(const struct db *db,
				   const struct json_object *params) MUST_CHECK;
/* A method beside RFC 7047's. It is about 'db', which is served: a request whose first
 * parameter is not its name is refused; or about no database if 'db' is NULL. 'right' is
 * what a caller with a role needs. */
void server_add_method(struct server *s, const struct db *db, const char *name,
		       enum rbac_right right, method_embedded_fn *fn, void *aux);
/* The same of one that works in slices. Borrows 'slices'. */
void server_add_slices(struct server *s, const struct db *db, const char *name,
		       enum rbac_right right, const struct method_slices *slices,
		       void *aux);
/* An operation of `transact` beside RFC 7047's, for 'db', which is served: exec.h. Copies
 * the struct. */
void server_add_guard(struct server *s, const struct db *db,
		      const struct exec_guard *guard);

#endif
