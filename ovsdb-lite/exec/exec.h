/* The operations of a `transact` request (RFC 7047 5.2), one table entry each. */
#ifndef OVSDB_EXEC_H
#define OVSDB_EXEC_H 1

#include "lib/err.h"
#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/exec/rbac.h"

#include <stdbool.h>
#include <stdint.h>

struct json_object;

/* About how many units of ten nanoseconds the searches and changes of a transaction may
 * cost; exec_work.c has what is counted. */
#define EXEC_MAX_WORK 2000000

/* Which locks the requester owns (RFC 7047 5.2.10 assert). */
typedef bool exec_owns_lock_fn(void *aux, const char *lock);

/* Shown a checked transaction (db_commit_check()) that is dropped afterwards: what it would do.
 */
typedef void exec_inspect_fn(void *aux, const struct txn *txn);

/* An operation of the embedding program beside RFC 7047's: a condition of the commit. A
 * server without it answers "syntax error", and nothing is changed. */
struct exec_guard {
	const char *op; /* its name; NULL: there is none */
	/* Called with a transaction that has passed all other checks (db_commit_check()), and
	 * its operation. An error refuses the commit. */
	struct err *(*check)(void *aux, const struct json_object *operation,
			     const struct txn *txn);
	void *aux;
};

struct exec_request {
	struct db *db;
	const struct json_object *params; /* ["db", op, …]; borrowed */
	struct txn_origin origin;
	struct rbac_subject subject;  /* writes that its role forbids get "permission
					 error" */
	bool read_only;               /* writes get "not allowed" */
	exec_owns_lock_fn *owns_lock; /* NULL: it owns none */
	/* If set, it is called in place of the commit, and nothing is written: a dry run.
	 */
	exec_inspect_fn *inspect;
	void *aux;                      /* of both */
	const struct exec_guard *guard; /* may be NULL */
	uint64_t max_work;  /* past it: "resources exhausted"; 0: EXEC_MAX_WORK */
	int64_t elapsed_ms; /* since the request came in: what `wait` timeouts are counted
			       from */
};

struct exec_result {
	struct json_object
		*reply;  /* the result array, owned by the caller; NULL while waiting */
	bool durable;    /* a commit operation asked for it: reply after db_sync() */
	bool changed;    /* something was committed */
	int64_t wait_ms; /* while waiting: run again after that at the latest; -1: no
			    limit */
	uint64_t work;   /* what it has cost, in units of 'max_work'; all of it */
};

/* Runs the whole transaction and commits it, or changes nothing. Errors of operations are
 * in the reply (RFC 7047 4.1.3). If a `wait` does not hold yet, nothing is changed and
 * 'reply' is NULL: run it again after the next commit that changed something. */
void exec_transact(const struct exec_request *request, struct exec_result *ret_result);

#endif
