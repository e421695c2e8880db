/* Byte streams on libevent's bufferevents: buffered writing, back-pressure, who the peer is.
 * A bufferevent connects, writes, and reads what comes by TLS. What comes by a plain socket is
 * read here, by one system call where a bufferevent takes two and one more to see that there is
 * no more.
 *
 * A handler may free the stream that calls it. So after a call the stream is used only if
 * the flag that stream_free() sets is not set. */
#include "lib/stream_private.h"

#include "lib/alloc.h"
#include "lib/loop_base.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>

/* At most so much is passed to one call of the data handler. */
#define READ_BYTES 65536

/* Above this size, keeping the buffer is cheaper than copying it. */
#define BORROW_BYTES 65536

struct stream {
	struct bufferevent *bev;
	struct event *reading; /* NULL with TLS */
	struct stream_handlers handlers;
	void *aux;
	struct stream_peer peer;
	char *address, *subject;  /* the peer's */
	struct loop_timer *limit; /* NULL once connected */
	bool is_tls;
	bool is_paused;
	bool is_closed;  /* the closed handler was called */
	bool is_half;    /* the peer shut down its side, and may still be reading */
	bool is_in_call; /* the data handler runs: stream_free() leaves the memory to
			    deliver() */
	bool is_freed;
};

static void release(struct stream *s)
{
	free(s->address);
	free(s->subject);
	free(s);
}

static void deliver(struct stream *s)
{
	struct evbuffer *input = bufferevent_get_input(s->bev);

	s->is_in_call = true;
	while (!s->is_freed && !s->is_paused && evbuffer_get_length(input)) {
		char data[READ_BYTES];
		int rc = evbuffer_remove(input, data, sizeof(data));

		if (rc <= 0)
			break;
		s->handlers.data(s->aux, data, (size_t)rc);
	}
	s->is_in_call = false;
	if (s->is_freed)
		release(s);
}

static void on_read(struct bufferevent *bev, void *aux)
{
	struct stream *s = aux;

	(void)bev;
	/* libevent may report data before it reports the connection. */
	if (!s->limit)
		deliver(s);
}

static void on_write(struct bufferevent *bev, void *aux)
{
	struct stream *s = aux;

	/* TLS defers its callbacks: this one may be late. */
	if (evbuffer_get_length(bufferevent_get_output(bev)))
		return;
	if (s->handlers.drained && !s->is_closed)
		s->handlers.drained(s->aux);
}

/* A peer that shut down its side may still be reading: send the replies it waits for. */
static void push_rest(struct stream *s)
{
	struct evbuffer *output = bufferevent_get_output(s->bev);

	if (s->is_tls || !evbuffer_get_length(output))
		return;
	evbuffer_unfreeze(output, 1);
	if (evbuffer_write(output, bufferevent_getfd(s->bev)) < 0)
		return; /* the stream was freed */
}

/* Takes 'e'. */
static void end(struct stream *s, struct err *e)
{
	s->is_closed = true;
	bufferevent_disable(s->bev, EV_READ | EV_WRITE);
	if (s->reading)
		event_del(s->reading);
	loop_timer_free(STEAL(s->limit));
	s->handlers.closed(s->aux, e);
}

static void on_limit(void *aux)
{
	struct stream *s = aux;

	end(s, err_new(ERR_TIMED_OUT, "no connection to %s within %d s", s->address,
		       STREAM_START_MS / 1000));
}

static void set_reading(struct stream *s, bool on)
{
	/* Nothing is read before the stream is connected. */
	bool can = on && !s->limit && !s->is_paused && !s->is_closed;

	if (!s->reading)
		(on ? bufferevent_enable : bufferevent_disable)(s->bev, EV_READ);
	else if (can)
		event_add(s->reading, NULL);
	else
		event_del(s->reading);
}

static void on_connected(struct stream *s)
{
	loop_timer_free(STEAL(s->limit));
	set_reading(s, true);
	if (s->is_tls)
		s->subject = stream_tls_agreed(s->bev);
	s->peer.subject = s->subject;
	if (evbuffer_get_length(bufferevent_get_input(s->bev)))
		bufferevent_trigger(s->bev, EV_READ, BEV_OPT_DEFER_CALLBACKS);
	if (s->handlers.connected)
		s->handlers.connected(s->aux);
}

static struct err *event_error(struct stream *s, int sys_errno)
{
	struct err *e = s->is_tls ? stream_tls_error(s->bev) : NULL;

	if (e)
		return s->limit ? err_wrap(e, "the TLS handshake with %s failed",
					   s->address)
				: e;
	if (!sys_errno)
		sys_errno = ECONNRESET;
	return s->limit ? err_sys(sys_errno, "cannot connect to %s", s->address)
			: err_sys(sys_errno, "the connection broke");
}

static void on_end_of_data(struct stream *s)
{
	push_rest(s);
	s->is_half = true;
	end(s, s->limit ? event_error(s, 0) : NULL);
}

/* What does not fit is read in the next iteration of the loop. */
static void on_readable(evutil_socket_t fd, short what, void *aux)
{
	struct stream *s = aux;
	char data[READ_BYTES];
	ssize_t n = recv(fd, data, sizeof(data), MSG_DONTWAIT);

	(void)what;
	if (n > 0) {
		s->is_in_call = true;
		s->handlers.data(s->aux, data, (size_t)n);
		s->is_in_call = false;
		if (s->is_freed)
			release(s);
	} else if (!n) {
		on_end_of_data(s);
	} else if (errno != EAGAIN && errno != EINTR) {
		end(s, event_error(s, errno));
	}
}

static void on_event(struct bufferevent *bev, short what, void *aux)
{
	struct stream *s = aux;
	int sys_errno = EVUTIL_SOCKET_ERROR();

	(void)bev;
	if (s->is_closed)
		return;
	if (what & BEV_EVENT_CONNECTED) {
		on_connected(s);
	} else if (what & BEV_EVENT_EOF) {
		on_end_of_data(s);
	} else if (what & BEV_EVENT_ERROR) {
		end(s, event_error(s, sys_errno));
	}
}

struct stream *stream_new(struct loop *l, struct bufferevent *bev, char *address,
			  bool stands)
{
	struct stream *s = xcalloc(1, sizeof(*s));
	struct ucred cred;
	socklen_t length = sizeof(cred);

	s->bev = bev;
	s->address = address;
	s->is_tls = stream_tls_is_used(bev);
	s->peer = (struct stream_peer){-1, (uid_t)-1, (gid_t)-1, address, NULL};
	/* A TCP socket has no peer process: pid 0. */
	if (!getsockopt(bufferevent_getfd(bev), SOL_SOCKET, SO_PEERCRED, &cred,
			&length) &&
	    cred.pid) {
		s->peer.pid = cred.pid;
		s->peer.uid = cred.uid;
		s->peer.gid = cred.gid;
	}
	if (!s->is_tls) {
		s->reading = event_new(loop_base(l), bufferevent_getfd(bev),
				       EV_READ | EV_PERSIST, on_readable, s);
	}
	if (!stands) {
		s->limit = loop_timer_new(l, on_limit, s);
		loop_timer_set(s->limit, STREAM_START_MS);
	}
	return s;
}

void stream_set_handlers(struct stream *s, const struct stream_handlers *h, void *aux)
{
	s->handlers = *h;
	s->aux = aux;
	bufferevent_setcb(s->bev, on_read, on_write, on_event, s);
	bufferevent_enable(s->bev, EV_WRITE);
	set_reading(s, true);
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	bufferevent_setcb(s->bev, NULL, NULL, NULL, NULL);
	if (s->reading)
		event_free(STEAL(s->reading));
	if (s->is_tls)
		stream_tls_say_goodbye(s->bev);
	else
		/* libevent closes it in a later iteration of the loop; the peer sees it now. */
		shutdown(bufferevent_getfd(s->bev), SHUT_RDWR);
	bufferevent_free(s->bev);
	loop_timer_free(STEAL(s->limit));
	s->is_freed = true;
	if (!s->is_in_call)
		release(s);
}

/* Straight to the kernel while the buffer is empty: saves two loop iterations for each
 * reply. */
static size_t write_now(struct stream *s, const char *data, size_t n)
{
	ssize_t sent;

	if (s->is_tls || s->limit || evbuffer_get_length(bufferevent_get_output(s->bev)))
		return 0;
	sent = send(bufferevent_getfd(s->bev), data, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	return sent > 0 ? (size_t)sent : 0; /* the loop's write returns the error again */
}

void stream_write(struct stream *s, const char *data, size_t n)
{
	size_t sent;

	if (!n || (s->is_closed && !s->is_half))
		return;
	sent = write_now(s, data, n);
	if (sent < n && !s->is_closed)
		bufferevent_write(s->bev, data + sent, n - sent);
}

static void free_sent(const void *data, size_t n, void *b)
{
	(void)data;
	(void)n;
	free(b);
}

void stream_write_buffer(struct stream *s, struct buffer *b)
{
	size_t sent, n = b->n;
	char *data;

	if (n < BORROW_BYTES || (s->is_closed && !s->is_half)) {
		stream_write(s, b->data, n);
		buffer_clear(b);
		return;
	}
	data = buffer_take(b);
	sent = write_now(s, data, n);
	if (sent == n || s->is_closed ||
	    evbuffer_add_reference(bufferevent_get_output(s->bev), data + sent, n - sent,
				   free_sent, data))
		free(data);
}

size_t stream_unsent_bytes(const struct stream *s)
{
	return evbuffer_get_length(bufferevent_get_output(s->bev));
}

void stream_pause(struct stream *s)
{
	if (s->is_paused)
		return;
	s->is_paused = true;
	set_reading(s, false);
}

void stream_resume(struct stream *s)
{
	if (!s->is_paused || s->is_closed)
		return;
	s->is_paused = false;
	set_reading(s, true);
	/* Data read before the pause is still here, and no event will follow for it. */
	if (evbuffer_get_length(bufferevent_get_input(s->bev)))
		bufferevent_trigger(s->bev, EV_READ, BEV_OPT_DEFER_CALLBACKS);
}

struct stream_peer stream_peer(const struct stream *s)
{
	return s->peer;
}
