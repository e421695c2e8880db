/* One remote of the server: a listener, or a peer that it connects to and, when the
 * connection ends, connects to again (ovsdb(7): a server may call its manager). */
#include "ovsdb-lite/server/remote.h"

#include "lib/alloc.h"
#include "lib/log.h"
#include "lib/stream.h"
#include "ovsdb-lite/server/share.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MIN_BACKOFF_MS 1000
#define MAX_BACKOFF_MS 8000

struct remote {
	struct remote_server server;
	struct remote_config config;
	struct share share;
	/* Of a passive one, as soon as its address exists. */
	struct stream_listener *listener;
	struct stream *stream;    /* of an active one, while it is being connected */
	struct loop_timer *retry; /* while there is neither */
	int64_t backoff_ms;
	bool is_logged; /* that it cannot be reached, or listened on */
};

/* --- listening --- */

static void on_accept(void *aux, struct stream *stream)
{
	struct remote *r = aux;

	(void)r->server.admit(r->server.aux, r, stream);
}

/* Only root and members of a group may give it a file: with the default group, failure is
 * no error. With the group of the remote's own options it is. */
static struct err *give_to_group(const struct remote *r)
{
	const char *path = r->config.address + strlen("punix:");
	const char *name = r->config.group ? r->config.group : REMOTE_SOCKET_GROUP;
	struct err *e = stream_unix_give(path, name);

	if (!e || r->config.group)
		return e ? err_at(e, "%s", r->config.address) : NULL;
	if (e->code != ERR_NOT_FOUND)
		log_event(LOG_LEVEL_DEBUG, "socket_group_failed", "path=%s group=%s",
			  path, name);
	err_free(e);
	return NULL;
}

/* An address that the host does not have yet: the network comes after the daemon. */
static bool is_too_early(const struct remote *r, const struct err *e)
{
	return r->config.kind != STREAM_UNIX && e->sys_errno == EADDRNOTAVAIL;
}

static struct err *start_listening(struct remote *r)
{
	struct err *e = stream_listen(r->server.loop, r->config.address, r->server.tls,
				      r->config.mode, on_accept, r, &r->listener);

	return e || r->config.kind != STREAM_UNIX ? e : give_to_group(r);
}

/* --- trying again --- */

static void retry_later(struct remote *r)
{
	loop_timer_set(r->retry, r->backoff_ms);
	r->backoff_ms *= 2;
	if (r->backoff_ms > MAX_BACKOFF_MS)
		r->backoff_ms = MAX_BACKOFF_MS;
}

/* Takes 'e'. */
static void fail(struct remote *r, struct err *e)
{
	log_err(r->is_logged ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING,
		r->config.is_passive ? "listen_failed" : "remote_unreachable", e,
		"remote=%s", r->config.address);
	r->is_logged = true;
	err_free(e);
	retry_later(r);
}

static void listen_again(void *aux)
{
	struct remote *r = aux;
	struct err *e = start_listening(r);

	if (e)
		fail(r, e);
	else
		log_event(LOG_LEVEL_INFO, "listening", "remote=%s", remote_bound(r));
}

/* --- connecting --- */

static void on_closed(void *aux, struct err *e)
{
	struct remote *r = aux;

	stream_free(STEAL(r->stream));
	fail(r,
	     e ? e : err_new(ERR_CLOSED, "%s closed the connection", r->config.address));
}

static void on_connected(void *aux)
{
	struct remote *r = aux;

	r->is_logged = false;
	r->backoff_ms = MIN_BACKOFF_MS;
	if (!r->server.admit(r->server.aux, r, STEAL(r->stream)))
		retry_later(r);
}

/* The session's handlers are in place before anything is read. */
static void on_early_data(void *aux, const char *data, size_t n)
{
	(void)aux;
	(void)data;
	(void)n;
	abort();
}

static void dial(void *aux)
{
	static const struct stream_handlers handlers = {
		.data = on_early_data,
		.closed = on_closed,
		.connected = on_connected,
	};
	struct remote *r = aux;
	struct err *e = stream_connect(r->server.loop, r->config.address, r->server.tls,
				       &handlers, r, &r->stream);

	if (e)
		fail(r, e);
}

void remote_lost(struct remote *r)
{
	if (!r->config.is_passive)
		retry_later(r);
}

/* --- both --- */

struct err *remote_open(const struct remote_server *server, const char *text,
			struct remote **ret_remote)
{
	struct remote *r = xcalloc(1, sizeof(*r));
	struct err *e = remote_config_parse(text, &r->config);

	r->server = *server;
	r->share.parent = server->all;
	r->backoff_ms = MIN_BACKOFF_MS;
	if (!e && r->config.kind == STREAM_TLS && !server->tls)
		e = err_hint(err_new(ERR_INVALID, "%s: TLS needs a key and certificates",
				     r->config.address),
			     "give --private-key, --certificate and --ca-cert");
	if (!e && r->config.is_passive)
		e = start_listening(r);
	if (e && !is_too_early(r, e)) {
		remote_free(r);
		return e;
	}
	r->retry = loop_timer_new(server->loop,
				  r->config.is_passive ? listen_again : dial, r);
	if (e)
		fail(r, e);
	else if (!r->config.is_passive)
		loop_timer_set(r->retry, 0);
	*ret_remote = r;
	return NULL;
}

void remote_free(struct remote *r)
{
	if (!r)
		return;
	stream_listener_free(r->listener);
	stream_free(r->stream);
	loop_timer_free(r->retry);
	remote_config_clear(&r->config);
	free(r);
}

const struct remote_config *remote_config(const struct remote *r)
{
	return &r->config;
}

struct share *remote_share(struct remote *r)
{
	return &r->share;
}

const char *remote_bound(const struct remote *r)
{
	return r->listener ? stream_listener_address(r->listener) : NULL;
}
