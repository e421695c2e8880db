/* A server of databases over JSON-RPC: listeners, sessions, methods. */
#ifndef OVSDB_SERVER_H
#define OVSDB_SERVER_H 1

#include "lib/err.h"
#include "lib/loop.h"
#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/exec/rbac.h"

#include <stddef.h>
#include <stdint.h>

struct json_object;
struct server;
struct stream_tls_files;

/* What one client may cost. Whoever passes a limit is cut off; the others do not notice.
 */
struct server_limits {
	size_t max_sessions; /* past it a client of the remote that has most makes room,
			      * or the newcomer is refused; one who is root, or of the
			      * server's own user, on a unix socket never is (share.h) */
	size_t max_message_bytes;  /* of one request */
	size_t max_parsed_bytes;   /* of memory that the values of one request take */
	size_t max_kept_bytes;     /* the same of the requests whose waiting transactions
				    * and monitors a client has: past it they are answered
				    * with "resources exhausted" */
	size_t max_kept_sum_bytes; /* of all clients together: the one with the most, of
				    * the remote with the most, gives way */
	uint64_t max_work; /* of a transaction, as exec_request's: past it the operation
			    * is answered with "resources exhausted" */
	size_t max_partial_bytes;    /* of memory that requests take which have not ended
				      * yet, all clients together: the same one is cut
				      * off */
	size_t max_unsent_bytes;     /* of replies that a client does not read */
	size_t max_unsent_sum_bytes; /* of all clients together, as above */
	int64_t send_timeout_ms; /* a client whose requests are held up until it reads replies,
			   * and that reads nothing for so long, is cut off */
};
extern const struct server_limits server_default_limits;

/* 'limits' NULL: server_default_limits. ERR_SYSTEM if there can be no threads: the server
 * has two, one that syncs files and one that checkpoints them. */
struct err *server_new(struct loop *loop, const struct server_limits *limits,
		       struct server **ret_server) MUST_CHECK;
/* Waits for those, then closes sessions and listeners; the databases stay their owner's.
 * Accepts NULL. */
void server_free(struct server *s);

/* Borrows 'db', which must outlive the server. ERR_EXISTS if one of that name is served.
 * While it is served, db_sync() and db_convert() are not for others. */
struct err *server_add_db(struct server *s, struct db *db) MUST_CHECK;
/* For a program that holds pointers into the schema of 'db', which it serves: clients
 * that want to "convert" it are told "not allowed". */
void server_fix_schema(struct server *s, const struct db *db);
/* For `ssl:` and `pssl:`; before the remotes that need it. Errors as stream_tls_new()'s.
 */
struct err *server_set_tls(struct server *s,
			   const struct stream_tls_files *files) MUST_CHECK;
/* A remote (remote_config.h says how it is written): a passive one is listened on, ERR_BUSY
 * if a live server has it; an active one is connected to, again and again, and served
 * like any client. A unix socket has the mode 0660 and the group SERVER_SOCKET_GROUP,
 * where there is one and we may, unless the remote says otherwise. */
struct err *server_add_remote(struct server *s, const char *remote) MUST_CHECK;
#define SERVER_SOCKET_GROUP "ipvl"
/* Where remote number 'i', in the order of adding, listens, with the port that it has
 * got; NULL of an active one. Borrowed. */
const char *server_remote_bound(const struct server *s, size_t i);
/* The history of the databases has whole command lines of who wrote: by default it has
 * the program's name and its subcommand (origin.h), for arguments may be secret. */
void server_keep_arguments(struct server *s);
/* "NAME:ROLE": clients whose certificate has the common name NAME have that role whatever
 * the remote says; none, and thus all rights, if ROLE is empty. ERR_INVALID. */
struct err *server_add_subject_role(struct server *s, const char *text) MUST_CHECK;

/* A method beside RFC 7047's, for the program that embeds the server. Borrows 'params'
 * (an array); gives the result (owned by the server then), or an error. Runs at once and
 * must not block. */
typedef struct err *server_method_fn(void *aux, const struct json_object *params,
				     const struct txn_origin *caller,
				     struct json_object **ret_result);
/* 'right' is what a caller with a role needs. */
void server_add_method(struct server *s, const char *name, enum rbac_right right,
		       server_method_fn *fn, void *aux);

#endif
