/* JSON-RPC 1.0 messages as OVSDB uses them (RFC 7047 4), without I/O: bytes in, messages
 * out. */
#ifndef OVSDB_JSONRPC_H
#define OVSDB_JSONRPC_H 1

#include "lib/buffer.h"
#include "lib/err.h"

#include <stddef.h>

struct json_object;

enum jsonrpc_kind { JSONRPC_REQUEST, JSONRPC_NOTIFICATION, JSONRPC_REPLY, JSONRPC_ERROR };

struct jsonrpc_message {
	enum jsonrpc_kind kind;
	char *method;               /* request, notification */
	struct json_object *params; /* request, notification: an array */
	struct json_object *result; /* reply */
	struct json_object *error;  /* error: never JSON null */
	struct json_object *id;     /* all but a notification */
};

/* Takes 'json'. ERR_PROTOCOL if it is no message. */
struct err *jsonrpc_from_json(struct json_object *json,
			      struct jsonrpc_message *ret_message) MUST_CHECK;
void jsonrpc_message_clear(struct jsonrpc_message *m);

/* The text of a message; all take their json arguments. Owned by the caller. */
char *jsonrpc_request(const char *method, struct json_object *params,
		      struct json_object *id);
char *jsonrpc_notification(const char *method, struct json_object *params);
char *jsonrpc_reply(struct json_object *result, struct json_object *id);
/* 'result' is JSON text; it is emptied. */
char *jsonrpc_reply_text(struct buffer *result, struct json_object *id);
/* Adds an element to the array in the text of a reply, which is jsonrpc_reply()'s and not
 * empty. Takes both. */
char *jsonrpc_reply_add(char *reply, struct json_object *element);
char *jsonrpc_error(struct json_object *error, struct json_object *id);

#endif
