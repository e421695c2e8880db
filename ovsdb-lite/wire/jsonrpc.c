/* JSON-RPC 1.0 messages, from JSON values and as text. No I/O and no state. */
#include "ovsdb-lite/wire/jsonrpc.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_write.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static struct err *malformed(const char *why)
{
	return err_new(ERR_PROTOCOL, "not a JSON-RPC message: %s", why);
}

static struct err *read_call(const struct json_object *json, const struct json_object *id,
			     struct jsonrpc_message *ret)
{
	const struct json_object *method = json_member(json, "method");
	const struct json_object *params = json_member(json, "params");

	if (json_kind(method) != JSON_STRING)
		return malformed("its method is not a string");
	if (json_kind(params) != JSON_ARRAY)
		return malformed("its params are not an array");
	if (json_kind(json_member(json, "result")) != JSON_NULL ||
	    json_kind(json_member(json, "error")) != JSON_NULL)
		return malformed("it has both a method and a result or an error");
	ret->kind = id ? JSONRPC_REQUEST : JSONRPC_NOTIFICATION;
	ret->method = xstrdup(json_get_string(method));
	ret->params = json_clone(params);
	ret->id = id ? json_clone(id) : NULL;
	return NULL;
}

static struct err *read_answer(const struct json_object *json,
			       const struct json_object *id, struct jsonrpc_message *ret)
{
	const struct json_object *result = json_member(json, "result");
	const struct json_object *error = json_member(json, "error");

	if (!id)
		return malformed("it has neither a method nor an id");
	if (!result && !error)
		return malformed("it has neither a method nor a result nor an error");
	if (json_kind(error) != JSON_NULL) {
		if (json_kind(result) != JSON_NULL)
			return malformed("it has both a result and an error");
		ret->kind = JSONRPC_ERROR;
		ret->error = json_clone(error);
	} else {
		ret->kind = JSONRPC_REPLY;
		ret->result = json_clone(result);
	}
	ret->id = json_clone(id);
	return NULL;
}

/* RFC 7047 4: an id of null makes a notification; so does a missing one here. */
struct err *jsonrpc_from_json(struct json_object *json,
			      struct jsonrpc_message *ret_message)
{
	struct jsonrpc_message m = {0};
	const struct json_object *id;
	struct err *e;

	if (json_kind(json) != JSON_OBJECT) {
		json_free(json);
		return malformed("it is not an object");
	}
	id = json_member(json, "id");
	if (json_kind(id) == JSON_NULL)
		id = NULL;
	if (json_member(json, "method"))
		e = read_call(json, id, &m);
	else
		e = read_answer(json, id, &m);
	json_free(json);
	if (!e)
		*ret_message = m;
	return e;
}

void jsonrpc_message_clear(struct jsonrpc_message *m)
{
	free(m->method);
	json_free(m->params);
	json_free(m->result);
	json_free(m->error);
	json_free(m->id);
	*m = (struct jsonrpc_message){0};
}

static char *finish(struct json_object *message)
{
	char *text = json_text(message);

	json_free(message);
	return text;
}

static struct json_object *call(const char *method, struct json_object *params,
				struct json_object *id)
{
	struct json_object *m = json_object();

	json_put(m, "id", id);
	json_put(m, "method", json_string(method));
	json_put(m, "params", params);
	return m;
}

/* Without a tree for the message: most answers are a few words. */
static char *answer(struct json_object *result, struct json_object *error,
		    struct json_object *id)
{
	struct buffer b = {0};

	buffer_puts(&b, "{\"id\":");
	json_write(&b, id);
	buffer_puts(&b, ",\"result\":");
	json_write(&b, result);
	buffer_puts(&b, ",\"error\":");
	json_write(&b, error);
	buffer_putc(&b, '}');
	json_free(id);
	json_free(result);
	json_free(error);
	return buffer_take(&b);
}

char *jsonrpc_request(const char *method, struct json_object *params,
		      struct json_object *id)
{
	return finish(call(method, params, id));
}

char *jsonrpc_notification(const char *method, struct json_object *params)
{
	return finish(call(method, params, json_null()));
}

char *jsonrpc_reply(struct json_object *result, struct json_object *id)
{
	return answer(result, NULL, id);
}

/* A result may be large: it is moved within its buffer, not copied to another. */
char *jsonrpc_reply_text(struct buffer *result, struct json_object *id)
{
	static const char end[] = ",\"error\":null}";
	CLEANUP(buffer_clearp) struct buffer begin = {0};

	buffer_puts(&begin, "{\"id\":");
	json_write(&begin, id);
	buffer_puts(&begin, ",\"result\":");
	buffer_reserve(result, begin.n + strlen(end));
	memmove(result->data + begin.n, result->data, result->n);
	memcpy(result->data, begin.data, begin.n);
	result->n += begin.n;
	buffer_puts(result, end);
	json_free(id);
	return buffer_take(result);
}

char *jsonrpc_reply_add(char *reply, struct json_object *element)
{
	static const char end[] = "],\"error\":null}";
	size_t n = strlen(reply) - strlen(end);
	struct buffer b = {0};

	assert(!strcmp(reply + n, end));
	buffer_put(&b, reply, n);
	buffer_putc(&b, ',');
	json_write(&b, element);
	buffer_puts(&b, end);
	free(reply);
	json_free(element);
	return buffer_take(&b);
}

char *jsonrpc_error(struct json_object *error, struct json_object *id)
{
	return answer(NULL, error, id);
}
