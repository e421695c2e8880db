/* Methods of ipvld beside those of every OVSDB server (docs/methods.md). */
#ifndef CTL_ASK_H
#define CTL_ASK_H 1

#include "ctl/session/context.h"

/* ERR_UNSUPPORTED if the line works on a file, ERR_CLOSED if the connection is lost.
 * 'command' is for the error. */
struct err *ask_check(const struct context *ctx, const char *command) MUST_CHECK;

/* Calls 'method' with the database's name and 'argument' (taken; NULL: none).
 * ERR_UNSUPPORTED: the server has no such method; 'hint' says what to do then. The result is
 * an object: ERR_PROTOCOL for anything else. */
struct err *ask_daemon(const struct context *ctx, const char *method,
		       struct json_object *argument, const char *hint,
		       struct json_object **ret_result) MUST_CHECK;
/* The same for a method without an argument whose result is an array. */
struct err *ask_daemon_list(const struct context *ctx, const char *method,
			    const char *hint, struct json_object **ret_list) MUST_CHECK;

#endif
