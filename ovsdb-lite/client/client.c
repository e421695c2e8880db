/* A client's connection. It does not reconnect: its owner decides what to do when it ends.
 *
 * Callbacks may close the client. So every entry from the stream is between enter() and
 * leave(), and the last leave() frees the memory. */
#include "ovsdb-lite/client/client.h"

#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/hash_table.h"
#include "lib/stream.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/wire/jsonrpc.h"
#include "ovsdb-lite/wire/error_object.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A reply may contain a whole database. */
#define MAX_REPLY_BYTES ((size_t)250 << 20)
_Static_assert(MAX_REPLY_BYTES <= JSON_MAX_BYTES, "json_stream_new() asserts it");

/* As Open vSwitch's clients (ovs-vswitchd.conf.db(5) "inactivity_probe"). */
#define PROBE_MS 5000

struct call {
	int64_t id;          /* key */
	client_reply_fn *fn; /* NULL: the reply is ignored */
	void *aux;
	UT_hash_handle hh;
};

struct client {
	struct loop *loop;
	char *address;
	struct stream *stream; /* NULL once it ended */
	struct json_stream *parser;
	struct client_handlers handlers;
	void *aux;
	struct call *calls;
	int64_t last_id;
	struct err *error;        /* why it ended */
	struct loop_timer *probe; /* set at each input */
	int64_t probe_ms;         /* 0: never */
	bool is_probing;          /* an echo was sent, and nothing was received since */
	unsigned int depth;       /* of entries that need the memory */
	bool is_closed;           /* by its owner */
};

static void destroy(struct client *c)
{
	struct call *call, *next;

	HASH_ITER (hh, c->calls, call, next) {
		HASH_DEL(c->calls, call);
		free(call);
	}
	stream_free(c->stream);
	loop_timer_free(c->probe);
	json_stream_free(c->parser);
	err_free(c->error);
	free(c->address);
	free(c);
}

static void enter(struct client *c)
{
	c->depth++;
}

static void leave(struct client *c)
{
	if (!--c->depth && c->is_closed)
		destroy(c);
}

void client_close(struct client *c)
{
	if (!c)
		return;
	c->is_closed = true;
	stream_free(STEAL(c->stream));
	loop_timer_clear(c->probe);
	if (!c->depth)
		destroy(c);
}

static void finish_call(struct client *c, struct call *call,
			const struct json_object *result, const struct err *e)
{
	HASH_DEL(c->calls, call);
	if (call->fn)
		call->fn(call->aux, result, e);
	free(call);
}

/* Takes 'e'. */
static void end(struct client *c, struct err *e)
{
	stream_free(STEAL(c->stream));
	loop_timer_clear(c->probe);
	c->error = e;
	while (c->calls && !c->is_closed)
		finish_call(c, c->calls, NULL, c->error);
	if (c->handlers.closed && !c->is_closed)
		c->handlers.closed(c->aux, err_copy(c->error));
}

/* An error reply: RFC 7047's object, or a string such as "unknown method". */
static struct err *reply_error(const struct json_object *error)
{
	enum err_code code = ERR_INVALID;
	const char *text;

	if (json_kind(error) != JSON_STRING)
		return error_object_to_err(error);
	text = json_get_string(error);
	if (!err_code_from_name(text, &code))
		return err_new(ERR_INVALID, "%s", text);
	return err_new(code, "%s", text);
}

static void on_answer(struct client *c, const struct jsonrpc_message *m)
{
	CLEANUP(err_freep) struct err *e = NULL;
	struct call *call = NULL;
	int64_t id;

	if (json_kind(m->id) == JSON_INTEGER) {
		id = json_get_integer(m->id);
		HASH_FIND(hh, c->calls, &id, sizeof(id), call);
	}
	if (!call) {
		end(c,
		    err_new(ERR_PROTOCOL, "%s sent a reply to no request", c->address));
		return;
	}
	if (m->kind == JSONRPC_ERROR)
		e = reply_error(m->error);
	finish_call(c, call, m->result, e);
}

static void send_text(struct client *c, char *text)
{
	stream_write(c->stream, text, strlen(text));
	free(text);
}

/* The only request of a server is `echo` (RFC 7047 4.1.11). */
static void on_request(struct client *c, const struct jsonrpc_message *m)
{
	struct json_object *id = json_clone(m->id);

	if (!strcmp(m->method, "echo"))
		send_text(c, jsonrpc_reply(json_clone(m->params), id));
	else
		send_text(c, jsonrpc_error(json_string(err_code_name(ERR_UNKNOWN_METHOD)),
					   id));
}

static void on_message(struct client *c, struct json_object *json)
{
	struct jsonrpc_message m;
	struct err *e = jsonrpc_from_json(json, &m);

	if (e) {
		end(c, err_wrap(e, "%s is not an OVSDB server", c->address));
		return;
	}
	switch (m.kind) {
	case JSONRPC_REQUEST:
		on_request(c, &m);
		break;
	case JSONRPC_NOTIFICATION:
		if (c->handlers.notification)
			c->handlers.notification(c->aux, m.method, m.params);
		break;
	case JSONRPC_REPLY:
	case JSONRPC_ERROR:
		on_answer(c, &m);
		break;
	}
	jsonrpc_message_clear(&m);
}

/* Something was received, or the connection is new. */
static void put_off_probe(struct client *c)
{
	c->is_probing = false;
	if (c->probe_ms && c->stream)
		loop_timer_set(c->probe, c->probe_ms);
}

static void on_silence(void *aux)
{
	struct client *c = aux;

	if (!c->is_probing) {
		client_send(c, "echo", json_array(), NULL, NULL);
		c->is_probing = true;
		loop_timer_set(c->probe, c->probe_ms);
		return;
	}
	enter(c);
	end(c, err_new(ERR_CLOSED, "%s sent nothing for %lld ms", c->address,
		       (long long)c->probe_ms * 2));
	leave(c);
}

static void on_connected(void *aux)
{
	put_off_probe(aux);
}

static void on_data(void *aux, const char *data, size_t n)
{
	struct client *c = aux;

	enter(c);
	put_off_probe(c);
	while (n && c->stream) {
		struct json_object *json;
		struct err *e;
		size_t used;

		e = json_stream_feed(c->parser, data, n, &used, &json);
		if (e) {
			end(c, err_wrap(e, "%s is not an OVSDB server", c->address));
			break;
		}
		if (json)
			on_message(c, json);
		data += used;
		n -= used;
	}
	leave(c);
}

static void on_closed(void *aux, struct err *e)
{
	struct client *c = aux;

	enter(c);
	if (e)
		end(c, err_wrap(e, "lost the connection to %s", c->address));
	else
		end(c, err_new(ERR_CLOSED, "%s closed the connection", c->address));
	leave(c);
}

struct err *client_open(struct loop *loop, const char *address, struct stream_tls *tls,
			const struct client_handlers *h, void *aux,
			struct client **ret_client)
{
	static const struct stream_handlers handlers = {
		.data = on_data, .closed = on_closed, .connected = on_connected};
	struct client *c = xcalloc(1, sizeof(*c));
	struct err *e;

	e = stream_connect(loop, address, tls, &handlers, c, &c->stream);
	if (e) {
		free(c);
		return e;
	}
	c->loop = loop;
	c->address = xstrdup(address);
	c->parser = json_stream_new(MAX_REPLY_BYTES);
	c->probe = loop_timer_new(loop, on_silence, c);
	/* The kernel reports the end of a unix socket's peer in any case. */
	c->probe_ms = strncmp(address, "unix:", strlen("unix:")) ? PROBE_MS : 0;
	if (h)
		c->handlers = *h;
	c->aux = aux;
	*ret_client = c;
	return NULL;
}

void client_set_probe(struct client *c, int64_t interval_ms)
{
	c->probe_ms = interval_ms;
	loop_timer_clear(c->probe);
	put_off_probe(c);
}

void client_send(struct client *c, const char *method, struct json_object *params,
		 client_reply_fn *fn, void *aux)
{
	struct call *call;

	if (!c->stream) {
		json_free(params);
		if (fn)
			fn(aux, NULL, c->error);
		return;
	}
	call = xcalloc(1, sizeof(*call));
	call->id = ++c->last_id;
	call->fn = fn;
	call->aux = aux;
	HASH_ADD(hh, c->calls, id, sizeof(call->id), call);
	send_text(c, jsonrpc_request(method, params, json_integer(call->id)));
}

struct answer {
	bool is_here;
	struct json_object *result;
	struct err *error;
};

static void on_awaited(void *aux, const struct json_object *result, const struct err *e)
{
	struct answer *a = aux;

	a->is_here = true;
	if (e)
		a->error = err_copy(e);
	else
		a->result = json_clone(result);
}

/* The reply may still come: then it is ignored. */
static void give_up(struct client *c, const struct answer *a)
{
	for (struct call *call = c->calls; call; call = call->hh.next)
		if (call->aux == a)
			call->fn = NULL;
}

struct err *client_call(struct client *c, const char *method, struct json_object *params,
			int64_t timeout_ms, struct json_object **ret_result)
{
	int64_t deadline = clock_now_ms() + timeout_ms;
	struct err *e = NULL;
	struct answer a = {0};

	enter(c);
	client_send(c, method, params, on_awaited, &a);
	while (!a.is_here && !e) {
		int64_t left = timeout_ms < 0 ? -1 : deadline - clock_now_ms();

		if (c->is_closed)
			e = err_new(ERR_CLOSED, "the connection to %s was closed",
				    c->address);
		else if (timeout_ms >= 0 && left <= 0)
			e = err_new(ERR_TIMED_OUT,
				    "%s did not answer \"%s\" within %lld ms", c->address,
				    method, (long long)timeout_ms);
		else
			e = loop_run_once(c->loop, left);
	}
	if (a.is_here) {
		err_free(e);
		e = a.error;
	} else {
		give_up(c, &a);
	}
	leave(c);
	if (!e)
		*ret_result = a.result;
	return e;
}

/* With 'where' it failed and the path in the server's error. */
static struct err *result_error(const struct json_object *result, const char *where)
{
	struct err *e = error_object_to_err(result);

	return e->path ? err_at(e, "%s: %s", where, e->path) : err_at(e, "%s", where);
}

/* The first error in a transaction's results, with the operation that failed. */
static struct err *results_error(const struct client *c,
				 const struct json_object *results, size_t n_operations)
{
	if (json_kind(results) != JSON_ARRAY)
		return err_new(ERR_PROTOCOL,
			       "%s sent a reply to \"transact\" that is not an array",
			       c->address);
	for (size_t i = 0; i < json_get_length(results); i++) {
		const struct json_object *result = json_at(results, i);
		char where[32] = "commit";

		if (json_kind(result) != JSON_OBJECT || !json_member(result, "error"))
			continue;
		if (i < n_operations)
			snprintf(where, sizeof(where), "operation %zu", i + 1);
		return result_error(result, where);
	}
	if (json_get_length(results) != n_operations)
		return err_new(ERR_PROTOCOL,
			       "%s sent %zu results of \"transact\" for %zu operations",
			       c->address, json_get_length(results), n_operations);
	return NULL;
}

struct err *client_transact(struct client *c, const char *db,
			    struct json_object *operations, int64_t timeout_ms,
			    struct json_object **ret_results)
{
	CLEANUP(json_freep) struct json_object *results = NULL;
	struct json_object *params = json_array();
	size_t n = json_get_length(operations);
	struct err *e;

	json_add(params, json_string(db));
	for (size_t i = 0; i < n; i++)
		json_add(params, json_clone(json_at(operations, i)));
	json_free(operations);
	e = client_call(c, "transact", params, timeout_ms, &results);
	if (!e)
		e = results_error(c, results, n);
	if (!e && ret_results)
		*ret_results = STEAL(results);
	return e;
}
