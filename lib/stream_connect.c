/* The active side of streams: connecting. */
#include "lib/stream_private.h"

#include "lib/alloc.h"
#include "lib/loop_base.h"

#include <assert.h>
#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <unistd.h>

/* Streams over 'fd', which stays the caller's on error. */
static struct err *over_socket(struct loop *l, const struct stream_address *a,
			       struct stream_tls *tls, int fd,
			       struct bufferevent **ret_bev)
{
	if (a->kind == STREAM_TLS)
		return stream_tls_bufferevent(tls, loop_base(l), fd, false, ret_bev);
	*ret_bev = bufferevent_socket_new(loop_base(l), fd, BEV_OPT_CLOSE_ON_FREE);
	/* Without memory the process ends (docs/decisions/0003). */
	assert(*ret_bev);
	return NULL;
}

/* Begins to connect; the handlers get the result. */
static struct err *begin(struct bufferevent *bev, const struct stream_address *a,
			 const char *address)
{
	if (a->kind == STREAM_UNIX) {
		bufferevent_trigger_event(bev, BEV_EVENT_CONNECTED,
					  BEV_TRIG_DEFER_CALLBACKS);
		return NULL;
	}
	errno = 0;
	if (!bufferevent_socket_connect(bev, &a->socket.sa, (int)a->length))
		return NULL;
	return err_sys(errno ? errno : ECONNABORTED, "cannot connect to %s", address);
}

struct err *stream_connect(struct loop *l, const char *address, struct stream_tls *tls,
			   const struct stream_handlers *h, void *aux,
			   struct stream **ret_stream)
{
	struct bufferevent *bev;
	struct stream_address a;
	struct stream *s;
	struct err *e;
	int fd;

	e = stream_address_parse_side(address, false, &a);
	if (!e)
		e = stream_tls_check(tls, &a, address);
	if (e)
		return e;
	e = a.kind == STREAM_UNIX ? stream_unix_connect(&a, &fd)
				  : stream_tcp_socket(&a, &fd);
	if (e)
		return e;
	e = over_socket(l, &a, tls, fd, &bev);
	if (e) {
		close(fd);
		return e;
	}
	s = stream_new(l, bev, xstrdup(address), false);
	stream_set_handlers(s, h, aux);
	e = begin(bev, &a, address);
	if (e) {
		stream_free(s);
		return e;
	}
	*ret_stream = s;
	return NULL;
}
