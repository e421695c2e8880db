/* The passive side of streams: listeners, and TLS handshakes until they are over. TLS
 * requires a certificate that the CA signed; the server decides all other rights. */
#include "lib/stream_private.h"

#include "lib/alloc.h"
#include "lib/loop_base.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utlist.h>

/* How long no connection is accepted after descriptors ran out. Clients wait in the
 * kernel's queue. */
#define ACCEPT_PAUSE_MS 100
/* At most so many connections are accepted in one loop iteration. */
#define ACCEPTS_A_TURN 50
/* Unfinished handshakes of one listener; beyond it the oldest is dropped. */
#define MAX_HANDSHAKES 100

/* A peer whose TLS handshake is not over. */
struct handshake {
	struct stream_listener *listener;
	struct stream *stream;
	struct handshake *prev, *next;
};

struct stream_listener {
	struct loop *loop;
	struct stream_tls *tls;
	enum stream_kind kind;
	struct evconnlistener *listener;
	struct loop_timer *pause; /* set while nothing is accepted */
	unsigned int n_accepted;  /* since the last pause */
	stream_accept_fn *fn;
	void *aux;
	char *address;
	char *path; /* of a unix socket */
	dev_t dev;  /* with 'ino': the file that we made */
	ino_t ino;
	struct handshake *handshakes; /* the oldest first */
	unsigned int n_handshakes;
};

/* --- handshakes --- */

static struct stream *handshake_end(struct handshake *hs)
{
	struct stream *s = hs->stream;

	DL_DELETE(hs->listener->handshakes, hs);
	hs->listener->n_handshakes--;
	free(hs);
	return s;
}

static void on_agreed(void *aux)
{
	struct handshake *hs = aux;
	struct stream_listener *sl = hs->listener;

	sl->fn(sl->aux, handshake_end(hs));
}

/* The peer failed its handshake: close without a message. */
static void on_failed(void *aux, struct err *e)
{
	err_free(e);
	stream_free(handshake_end(aux));
}

static void on_early_data(void *aux, const char *data, size_t n)
{
	(void)data;
	(void)n;
	on_failed(aux, NULL);
}

static void begin_handshake(struct stream_listener *sl, struct stream *s)
{
	static const struct stream_handlers handlers = {
		.data = on_early_data,
		.closed = on_failed,
		.connected = on_agreed,
	};
	struct handshake *hs = xcalloc(1, sizeof(*hs));

	if (sl->n_handshakes >= MAX_HANDSHAKES)
		stream_free(handshake_end(sl->handshakes));
	hs->listener = sl;
	hs->stream = s;
	DL_APPEND(sl->handshakes, hs);
	sl->n_handshakes++;
	stream_set_handlers(s, &handlers, hs);
}

/* --- accepting --- */

static char *peer_address(const struct stream_listener *sl, const struct sockaddr *sa,
			  int length)
{
	struct stream_address a = {.kind = sl->kind, .length = (socklen_t)length};

	if (sl->kind == STREAM_UNIX)
		return xstrdup("unix");
	memcpy(&a.socket, sa, (size_t)length);
	return stream_address_text(&a);
}

static struct err *over_socket(struct stream_listener *sl, int fd,
			       struct bufferevent **ret_bev)
{
	struct event_base *base = loop_base(sl->loop);

	if (sl->kind == STREAM_TLS)
		return stream_tls_bufferevent(sl->tls, base, fd, true, ret_bev);
	*ret_bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	/* Without memory the process ends (docs/decisions/0003). */
	assert(*ret_bev);
	return NULL;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd,
		      struct sockaddr *sa, int length, void *aux)
{
	struct stream_listener *sl = aux;
	struct bufferevent *bev;
	struct stream *s;
	struct err *e;

	/* libevent accepts until no client waits, and clients can come without end. */
	if (++sl->n_accepted >= ACCEPTS_A_TURN) {
		evconnlistener_disable(listener);
		loop_timer_set(sl->pause, 0);
	}
	e = over_socket(sl, fd, &bev);
	if (e) {
		err_free(e);
		close(fd);
		return;
	}
	if (sl->kind != STREAM_UNIX)
		stream_tcp_set_nodelay(fd);
	s = stream_new(sl->loop, bev, peer_address(sl, sa, length),
		       sl->kind != STREAM_TLS);
	if (sl->kind == STREAM_TLS)
		begin_handshake(sl, s);
	else
		sl->fn(sl->aux, s);
}

/* EMFILE and the like last until a descriptor is closed: do not spin until then. */
static void on_accept_error(struct evconnlistener *listener, void *aux)
{
	struct stream_listener *sl = aux;

	evconnlistener_disable(listener);
	loop_timer_set(sl->pause, ACCEPT_PAUSE_MS);
}

static void on_pause_over(void *aux)
{
	struct stream_listener *sl = aux;

	sl->n_accepted = 0;
	evconnlistener_enable(sl->listener);
}

/* --- listening --- */

/* Known only after bind(): the port that the kernel chose, the socket's file. */
static void look_at_socket(struct stream_listener *sl, int fd, struct stream_address *a)
{
	struct stat st = {0};

	if (a->kind == STREAM_UNIX) {
		sl->path = xstrdup(a->socket.sun.sun_path);
		(void)lstat(sl->path, &st);
		sl->dev = st.st_dev;
		sl->ino = st.st_ino;
	} else {
		a->length = sizeof(a->socket);
		(void)getsockname(fd, &a->socket.sa, &a->length);
	}
	sl->address = stream_address_text(a);
}

struct err *stream_listen(struct loop *l, const char *address, struct stream_tls *tls,
			  mode_t mode, stream_accept_fn *fn, void *aux,
			  struct stream_listener **ret_listener)
{
	struct stream_listener *sl;
	struct stream_address a;
	struct err *e;
	int fd;

	e = stream_address_parse_side(address, true, &a);
	if (!e)
		e = stream_tls_check(tls, &a, address);
	if (e)
		return e;
	e = a.kind == STREAM_UNIX ? stream_unix_listen(&a, mode, &fd)
				  : stream_tcp_listen(&a, &fd);
	if (e)
		return e;
	sl = xcalloc(1, sizeof(*sl));
	sl->loop = l;
	sl->tls = tls;
	sl->kind = a.kind;
	sl->fn = fn;
	sl->aux = aux;
	look_at_socket(sl, fd, &a);
	sl->pause = loop_timer_new(l, on_pause_over, sl);
	sl->listener =
		evconnlistener_new(loop_base(l), on_accept, sl,
				   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	evconnlistener_set_error_cb(sl->listener, on_accept_error);
	*ret_listener = sl;
	return NULL;
}

const char *stream_listener_address(const struct stream_listener *sl)
{
	return sl->address;
}

void stream_listener_free(struct stream_listener *sl)
{
	struct stat st;

	if (!sl)
		return;
	while (sl->handshakes)
		stream_free(handshake_end(sl->handshakes));
	/* Only the file that we made: another server may have taken the name since. */
	if (sl->path && !lstat(sl->path, &st) && st.st_dev == sl->dev &&
	    st.st_ino == sl->ino)
		(void)unlink(sl->path);
	loop_timer_free(sl->pause);
	evconnlistener_free(sl->listener);
	free(sl->address);
	free(sl->path);
	free(sl);
}
