/* Byte streams on libevent's bufferevents: reading, buffered writing, back-pressure, who
 * the peer is. Beside it: stream_unix.c makes the sockets and the listeners. Nothing is
 * known here of messages.
 *
 * A handler may free the stream that calls it, so nothing of it is touched after a call
 * unless the flag that stream_free() raises says that it still lives. */
#include "lib/stream.h"

#include "lib/alloc.h"
#include "lib/loop_base.h"
#include "lib/stream_unix.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>

/* What one call of the data handler gets at most. */
#define READ_BYTES 65536

struct stream {
	struct bufferevent *bev;
	struct stream_handlers handlers;
	void *aux;
	struct stream_peer peer;
	bool is_paused;
	bool is_closed;  /* the closed handler was called */
	bool is_in_call; /* the data handler runs: stream_free() leaves the memory to
			    deliver() */
	bool is_freed;
};

/* libevent reads 4096 bytes at a time, with three system calls; a larger message comes at
 * once this way. An end or an error is left for libevent to find. */
static size_t read_more(struct stream *s, char *data, size_t room)
{
	ssize_t n = recv(bufferevent_getfd(s->bev), data, room, MSG_DONTWAIT);

	return n > 0 ? (size_t)n : 0;
}

static void deliver(struct stream *s)
{
	struct evbuffer *input = bufferevent_get_input(s->bev);

	s->is_in_call = true;
	while (!s->is_freed && !s->is_paused && evbuffer_get_length(input)) {
		char data[READ_BYTES];
		int rc = evbuffer_remove(input, data, sizeof(data));
		size_t n;

		if (rc <= 0)
			break;
		n = (size_t)rc;
		if (!evbuffer_get_length(input))
			n += read_more(s, data + n, sizeof(data) - n);
		s->handlers.data(s->aux, data, n);
	}
	s->is_in_call = false;
	if (s->is_freed)
		free(s);
}

static void on_read(struct bufferevent *bev, void *aux)
{
	(void)bev;
	deliver(aux);
}

static void on_write(struct bufferevent *bev, void *aux)
{
	struct stream *s = aux;

	(void)bev;
	if (s->handlers.drained && !s->is_closed)
		s->handlers.drained(s->aux);
}

/* A peer that shut down its half may still be reading: give it what it asked for just
 * before. */
static void push_rest(struct stream *s)
{
	struct evbuffer *output = bufferevent_get_output(s->bev);

	if (!evbuffer_get_length(output))
		return;
	evbuffer_unfreeze(output, 1);
	if (evbuffer_write(output, bufferevent_getfd(s->bev)) < 0)
		return; /* it is gone, and with it whoever wanted the rest */
}

static void on_event(struct bufferevent *bev, short what, void *aux)
{
	struct stream *s = aux;
	int sys_errno = EVUTIL_SOCKET_ERROR();

	if (s->is_closed || !(what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)))
		return;
	s->is_closed = true;
	bufferevent_disable(bev, EV_READ | EV_WRITE);
	if (what & BEV_EVENT_EOF) {
		push_rest(s);
		s->handlers.closed(s->aux, NULL);
		return;
	}
	s->handlers.closed(s->aux, err_sys(sys_errno ? sys_errno : ECONNRESET,
					   "the connection broke"));
}

struct err *stream_new_from_fd(struct loop *l, int fd, struct stream **ret_stream)
{
	struct ucred cred;
	socklen_t length = sizeof(cred);
	struct bufferevent *bev;
	struct stream *s;

	bev = bufferevent_socket_new(loop_base(l), fd, BEV_OPT_CLOSE_ON_FREE);
	if (!bev)
		return err_new(ERR_SYSTEM, "cannot watch a socket");
	s = xcalloc(1, sizeof(*s));
	s->bev = bev;
	s->peer = (struct stream_peer){-1, (uid_t)-1, (gid_t)-1};
	if (!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &length))
		s->peer = (struct stream_peer){cred.pid, cred.uid, cred.gid};
	*ret_stream = s;
	return NULL;
}

void stream_set_handlers(struct stream *s, const struct stream_handlers *h, void *aux)
{
	s->handlers = *h;
	s->aux = aux;
	bufferevent_setcb(s->bev, on_read, on_write, on_event, s);
	bufferevent_enable(s->bev, EV_READ | EV_WRITE);
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	bufferevent_setcb(s->bev, NULL, NULL, NULL, NULL);
	bufferevent_free(s->bev);
	s->is_freed = true;
	if (!s->is_in_call)
		free(s);
}

/* Straight to the kernel while nothing waits before it: saves two turns of the loop for
 * each reply. */
static size_t write_now(struct stream *s, const char *data, size_t n)
{
	ssize_t sent;

	if (evbuffer_get_length(bufferevent_get_output(s->bev)))
		return 0;
	sent = send(bufferevent_getfd(s->bev), data, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	return sent > 0 ? (size_t)sent
			: 0; /* an error shows again when the loop writes */
}

void stream_write(struct stream *s, const char *data, size_t n)
{
	size_t sent;

	if (s->is_closed || !n)
		return;
	sent = write_now(s, data, n);
	if (sent < n)
		bufferevent_write(s->bev, data + sent, n - sent);
}

size_t stream_unsent_bytes(const struct stream *s)
{
	return evbuffer_get_length(bufferevent_get_output(s->bev));
}

void stream_pause(struct stream *s)
{
	s->is_paused = true;
	bufferevent_disable(s->bev, EV_READ);
}

void stream_resume(struct stream *s)
{
	if (!s->is_paused || s->is_closed)
		return;
	s->is_paused = false;
	bufferevent_enable(s->bev, EV_READ);
	/* What was read before the pause is still here, and no event will tell of it. */
	if (evbuffer_get_length(bufferevent_get_input(s->bev)))
		bufferevent_trigger(s->bev, EV_READ, BEV_OPT_DEFER_CALLBACKS);
}

struct stream_peer stream_peer(const struct stream *s)
{
	return s->peer;
}
