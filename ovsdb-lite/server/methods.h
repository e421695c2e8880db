/* What the files of methods share: methods.c has the table, and each file some of its
 * functions. */
#ifndef OVSDB_METHODS_H
#define OVSDB_METHODS_H 1

#include "ovsdb-lite/server/session.h"

/* Gives '*ret_result', or leaves it NULL if the reply was or will be sent otherwise. */
typedef struct err *method_fn(struct session *s, const struct jsonrpc_message *m,
			      struct json_object **ret_result);

/* Gives 'e' the params as its path. Returns 'e'. */
struct err *method_at_params(struct err *e, const struct jsonrpc_message *m)
	__attribute__((warn_unused_result, returns_nonnull));
/* ERR_SYNTAX unless there are 'n' of them. 'what' says what they are. */
struct err *method_want_params(const struct jsonrpc_message *m, size_t n,
			       const char *what) MUST_CHECK;
/* params[0] of every method that is about a database. */
struct err *method_find_db(struct session *s, const struct jsonrpc_message *m,
			   struct hosted_db **ret_db) MUST_CHECK;

/* methods_history.c */
method_fn method_get_history, method_undo;

/* methods_monitor.c */
method_fn method_monitor, method_monitor_cond, method_monitor_cond_since,
	method_monitor_cond_change, method_monitor_cancel;
/* methods_convert.c */
method_fn method_convert;

#endif
