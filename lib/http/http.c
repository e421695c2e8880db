/* evhttp, with what it lacks: a limit of connections, and answers whose pieces are asked for
 * one by one.
 *
 * libevent 2.1 keeps its connections to itself. They are counted by a reference to each
 * connection's bufferevent: evhttp frees it, which takes its callbacks away. */
#include "lib/http/http.h"

#include "lib/alloc.h"
#include "lib/loop_base.h"
#include "lib/stream_private.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utlist.h>

#define MAX_HEADERS_BYTES 8192
/* How long nothing is accepted when there are too many connections or no descriptors. */
#define ACCEPT_PAUSE_MS 100
/* Between two pieces of an answer the process sleeps: one that has used up its share of a busy
 * processor waits much longer when another client needs it. */
#define PIECE_PAUSE_MS 2

struct http {
	struct loop *loop;
	struct evhttp *evhttp;
	struct evconnlistener *listener;
	struct loop_timer *pause; /* set while nothing is accepted */
	http_fn *fn;
	void *aux;
	char *address;
	char *path; /* of a unix socket */
	dev_t dev;  /* with 'ino': the file that we made */
	ino_t ino;
	struct bufferevent *connections[HTTP_MAX_CONNECTIONS];
	unsigned int n_connections;
	struct http_request *requests;
	bool is_ending;
	struct http *next; /* of 'all' */
};

struct http_request {
	struct http *http;
	struct evhttp_request *request;
	const char *path;
	/* Of an answer in pieces. */
	struct http_source source;
	struct loop_timer *timer;
	int code;
	bool is_begun, is_sending, is_waiting;
	struct http_request *prev, *next;
};

/* libevent does not pass on to an error callback of a listener what the caller gave it. */
static struct http *all;

/* --- connections --- */

static bool is_free(struct bufferevent *bev)
{
	bufferevent_data_cb on_read, on_write;
	bufferevent_event_cb on_event;
	void *aux;

	bufferevent_getcb(bev, &on_read, &on_write, &on_event, &aux);
	return !on_read && !on_write && !on_event;
}

static void sweep(struct http *h)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < h->n_connections; i++) {
		if (is_free(h->connections[i]))
			bufferevent_decref(h->connections[i]);
		else
			h->connections[n++] = h->connections[i];
	}
	h->n_connections = n;
}

static void pause_accepting(struct http *h)
{
	evconnlistener_disable(h->listener);
	loop_timer_set(h->pause, ACCEPT_PAUSE_MS);
}

static void on_pause_over(void *aux)
{
	struct http *h = aux;

	sweep(h);
	if (h->n_connections < HTTP_MAX_CONNECTIONS)
		evconnlistener_enable(h->listener);
	else
		loop_timer_set(h->pause, ACCEPT_PAUSE_MS);
}

/* The bufferevent of a connection that was just accepted. Its callbacks are set before the
 * next one comes. */
static struct bufferevent *on_connection(struct event_base *base, void *aux)
{
	struct http *h = aux;
	struct bufferevent *bev = bufferevent_socket_new(base, -1, 0);

	sweep(h);
	bufferevent_incref(bev);
	h->connections[h->n_connections++] = bev;
	if (h->n_connections == HTTP_MAX_CONNECTIONS)
		pause_accepting(h);
	return bev;
}

/* EMFILE and the like last until a descriptor is closed. */
static void on_accept_error(struct evconnlistener *listener, void *aux)
{
	(void)aux;
	for (struct http *h = all; h; h = h->next) {
		if (h->listener == listener)
			pause_accepting(h);
	}
}

/* --- requests --- */

static void request_free(struct http_request *r)
{
	DL_DELETE(r->http->requests, r);
	loop_timer_free(r->timer);
	if (r->source.gone)
		r->source.gone(r->source.aux);
	free(r);
}

/* The client has gone in the middle of an answer. evhttp leaves the request to us, except in
 * evhttp_free(). */
static void on_close(struct evhttp_connection *connection, void *aux)
{
	struct http_request *r = aux;

	(void)connection;
	if (!r->http->is_ending)
		evhttp_request_free(r->request);
	request_free(r);
}

static void on_request(struct evhttp_request *request, void *aux)
{
	struct http *h = aux;
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	struct http_request *r = xcalloc(1, sizeof(*r));

	r->http = h;
	r->request = request;
	r->path = uri ? evhttp_uri_get_path(uri) : NULL;
	DL_APPEND(h->requests, r);
	evhttp_connection_set_closecb(evhttp_request_get_connection(request), on_close,
				      r);
	h->fn(h->aux, r);
}

enum http_method http_method(const struct http_request *r)
{
	switch ((int)evhttp_request_get_command(r->request)) {
	case EVHTTP_REQ_GET:
		return HTTP_GET;
	case EVHTTP_REQ_HEAD:
		return HTTP_HEAD;
	case EVHTTP_REQ_POST:
		return HTTP_POST;
	default:
		return HTTP_OTHER;
	}
}

const char *http_path(const struct http_request *r)
{
	return r->path ? r->path : "";
}

const char *http_body(const struct http_request *r, size_t *ret_n)
{
	struct evbuffer *b = evhttp_request_get_input_buffer(r->request);

	*ret_n = evbuffer_get_length(b);
	return (const char *)evbuffer_pullup(b, -1);
}

const char *http_header(const struct http_request *r, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(r->request), name);
}

void http_add_header(struct http_request *r, const char *name, const char *value)
{
	evhttp_add_header(evhttp_request_get_output_headers(r->request), name, value);
}

/* --- answers --- */

static void forget_connection(struct http_request *r)
{
	evhttp_connection_set_closecb(evhttp_request_get_connection(r->request), NULL,
				      NULL);
}

void http_answer(struct http_request *r, int code, const char *body, size_t n)
{
	struct evbuffer *b = evbuffer_new();

	evbuffer_add(b, body, n);
	forget_connection(r);
	evhttp_send_reply(r->request, code, NULL, b);
	evbuffer_free(b);
	request_free(r);
}

static void on_sent(struct evhttp_connection *connection, void *aux);

static void begin(struct http_request *r)
{
	if (!r->is_begun)
		evhttp_send_reply_start(r->request, r->code, NULL);
	r->is_begun = true;
}

static void send_piece(struct http_request *r, const struct buffer *piece)
{
	struct evbuffer *b = evbuffer_new();

	begin(r);
	evbuffer_add(b, piece->data, piece->n);
	r->is_sending = true;
	evhttp_send_reply_chunk_with_cb(r->request, b, on_sent, r);
	evbuffer_free(b);
}

static void go_on(void *aux)
{
	struct http_request *r = aux;
	CLEANUP(buffer_clearp) struct buffer piece = {0};
	enum http_next next = r->source.more(r->source.aux, &piece);

	if (next == HTTP_FAIL) {
		assert(!r->is_begun);
		http_answer(r, HTTP_SERVUNAVAIL, piece.data, piece.n);
		return;
	}
	r->is_waiting = next == HTTP_WAIT;
	if (piece.n)
		send_piece(r, &piece);
	if (next == HTTP_END) {
		begin(r);
		forget_connection(r);
		evhttp_send_reply_end(r->request);
		request_free(r);
	} else if (next == HTTP_GO_ON && !r->is_sending) {
		loop_timer_set(r->timer, PIECE_PAUSE_MS);
	}
}

static void on_sent(struct evhttp_connection *connection, void *aux)
{
	struct http_request *r = aux;

	(void)connection;
	r->is_sending = false;
	if (!r->is_waiting)
		loop_timer_set(r->timer, PIECE_PAUSE_MS);
}

void http_resume(struct http_request *r)
{
	if (!r->is_waiting)
		return;
	r->is_waiting = false;
	if (!r->is_sending)
		loop_timer_set(r->timer, 0);
}

void http_answer_in_pieces(struct http_request *r, int code,
			   const struct http_source *source)
{
	r->source = *source;
	if (http_method(r) == HTTP_HEAD) {
		http_answer(r, code, "", 0);
		return;
	}
	r->code = code;
	r->timer = loop_timer_new(r->http->loop, go_on, r);
	loop_timer_set(r->timer, 0);
}

/* --- listening --- */

/* libevent ends the process where getnameinfo(3) cannot name a client's address. */
static struct err *check_names(const struct stream_address *a)
{
	struct sockaddr_un client = {.sun_family = AF_UNIX};
	char host[NI_MAXHOST], service[NI_MAXSERV];

	if (a->kind != STREAM_UNIX ||
	    !getnameinfo((struct sockaddr *)&client, sizeof(sa_family_t), host,
			 sizeof(host), service, sizeof(service),
			 NI_NUMERICHOST | NI_NUMERICSERV))
		return NULL;
	return err_hint(err_new(ERR_UNSUPPORTED,
				"this C library cannot serve HTTP on a unix socket"),
			"listen on tcp:127.0.0.1:PORT");
}

/* Known only after bind(): the port that the kernel chose, the socket's file. */
static void note_socket(struct http *h, int fd, struct stream_address *a)
{
	struct stat st = {0};

	if (a->kind == STREAM_UNIX) {
		h->path = xstrdup(a->socket.sun.sun_path);
		(void)lstat(h->path, &st);
		h->dev = st.st_dev;
		h->ino = st.st_ino;
	} else {
		a->length = sizeof(a->socket);
		(void)getsockname(fd, &a->socket.sa, &a->length);
	}
	h->address = stream_address_text(a);
}

static void set_up(struct http *h, int fd)
{
	h->pause = loop_timer_new(h->loop, on_pause_over, h);
	h->evhttp = evhttp_new(loop_base(h->loop));
	evhttp_set_gencb(h->evhttp, on_request, h);
	evhttp_set_bevcb(h->evhttp, on_connection, h);
	evhttp_set_timeout(h->evhttp, HTTP_IDLE_S);
	evhttp_set_max_headers_size(h->evhttp, MAX_HEADERS_BYTES);
	evhttp_set_max_body_size(h->evhttp, 0);
	evhttp_set_default_content_type(h->evhttp, NULL);
	/* All that it knows: the answer to others is ours. */
	evhttp_set_allowed_methods(h->evhttp, UINT16_MAX);
	h->listener =
		evconnlistener_new(loop_base(h->loop), NULL, NULL,
				   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	evhttp_bind_listener(h->evhttp, h->listener);
	evconnlistener_set_error_cb(h->listener, on_accept_error);
	LL_PREPEND(all, h);
}

struct err *http_listen(struct loop *l, const char *address, mode_t mode, http_fn *fn,
			void *aux, struct http **ret_http)
{
	struct stream_address a;
	struct http *h;
	struct err *e = stream_address_parse_side(address, true, &a);
	int fd;

	assert(e || a.kind != STREAM_TLS);
	if (!e)
		e = check_names(&a);
	if (!e)
		e = a.kind == STREAM_UNIX ? stream_unix_listen(&a, mode, &fd)
					  : stream_tcp_listen(&a, &fd);
	if (e)
		return e;
	h = xcalloc(1, sizeof(*h));
	h->loop = l;
	h->fn = fn;
	h->aux = aux;
	note_socket(h, fd, &a);
	set_up(h, fd);
	*ret_http = h;
	return NULL;
}

struct err *http_adopt(struct loop *l, int fd, http_fn *fn, void *aux,
		       struct http **ret_http)
{
	struct stream_address a = {.kind = STREAM_UNIX};
	struct err *e = check_names(&a);
	struct http *h;

	if (e) {
		close(fd);
		return e;
	}
	/* A service manager passes one that blocks, and the loop accepts until nobody waits. */
	(void)evutil_make_socket_nonblocking(fd);
	(void)evutil_make_socket_closeonexec(fd);
	h = xcalloc(1, sizeof(*h));
	h->loop = l;
	h->fn = fn;
	h->aux = aux;
	h->address = xstrdup("");
	set_up(h, fd);
	*ret_http = h;
	return NULL;
}

void http_set_max_body(struct http *h, size_t n)
{
	evhttp_set_max_body_size(h->evhttp, (ev_ssize_t)n);
}

const char *http_address(const struct http *h)
{
	return h->address;
}

void http_free(struct http *h)
{
	struct stat st;

	if (!h)
		return;
	h->is_ending = true;
	LL_DELETE(all, h);
	/* Only the file that we made: another server may have taken the name since. */
	if (h->path && !lstat(h->path, &st) && st.st_dev == h->dev && st.st_ino == h->ino)
		(void)unlink(h->path);
	evhttp_free(h->evhttp);
	sweep(h);
	loop_timer_free(h->pause);
	free(h->address);
	free(h->path);
	free(h);
}
